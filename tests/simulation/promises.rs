//! What the simulation found broken once, as it would be told.

use proyecta::{error::Result, ops::Op};
use serde_json::{Value, json};

use super::{
    gateway::Moment,
    world::{DAY, HOUR, World},
};

/// A store in which nothing goes wrong, and a subscription to one price.
fn subscribed(price: &str) -> (World, Value) {
    let mut world = World::new(1, false).unwrap();
    world.furnish(0, &json!({})).unwrap();
    let customer = world
        .must(Op::CustomersCreate, json!({ "email": "payer@example.com" }))
        .unwrap();
    let card = json!({ "number": "4242000000000000", "expirationYear": "40", "expirationMonth": "12" });
    let method = json!({ "customerId": customer["id"], "card": card, "makeDefault": true });
    world.must(Op::PaymentMethodsCreate, method).unwrap();
    let input = json!({ "customerId": customer["id"], "items": [{ "priceId": price, "quantity": 3 }], "trial": false });
    let subscription = world.must(Op::SubscriptionsCreate, input).unwrap();
    (world, subscription)
}

/// A store whose gateway has made a charge, and nobody has heard of it yet; the
/// payment.
fn charged_unheard() -> (World, String) {
    let (mut world, subscription) = subscribed("var_basic");
    world.till.weather(|weather| weather.hold = Some(Moment::After));
    let input = json!({ "subscriptionId": subscription["id"] });
    let answer = world.call(0, Op::SubscriptionsRenewNow, &input, None).unwrap();
    assert!(answer.is_none());
    let payment = world.till.keys().pop().unwrap();
    (world, payment)
}

fn days(world: &mut World, days: i64) {
    for _ in 0..days {
        world.jump(DAY);
        world.drain().unwrap();
        world.check().unwrap();
    }
}

fn change(world: &mut World, subscription: &Value, price: &str) -> Option<Result<Value>> {
    let input = json!({ "subscriptionId": subscription["id"], "priceId": price, "when": "now" });
    world.laws.asked(subscription["id"].as_str().unwrap());
    world.call(0, Op::SubscriptionsChangePlan, &input, None).unwrap()
}

fn record(world: &mut World, subscription: &Value, entry: &Value) -> Result<Value> {
    let mut input = entry.clone();
    input["subscriptionItemId"] = subscription["items"][0]["id"].clone();
    world.call(0, Op::UsagesRecord, &input, None).unwrap().unwrap()
}

#[test]
fn a_plan_by_use_that_becomes_one_by_seats_goes_on_and_counts_its_seats_alone() {
    let (mut world, subscription) = subscribed("var_calls");
    record(&mut world, &subscription, &json!({ "record": 352 })).unwrap();
    change(&mut world, &subscription, "var_seats").unwrap().unwrap();
    let more = record(&mut world, &subscription, &json!({ "quota": 1 })).unwrap();
    assert_eq!(
        (&more["accumulatedRecord"], &more["accumulatedQuota"]),
        (&json!(0), &json!(4))
    );
    days(&mut world, 62);
    let now = world
        .must(Op::SubscriptionsGet, json!({ "subscriptionId": subscription["id"] }))
        .unwrap();
    assert_eq!(
        (&now["status"], &now["items"][0]["quantity"]),
        (&json!("active"), &json!(4))
    );
}

#[test]
fn what_is_given_back_at_the_gateway_while_a_change_is_charged_ends_the_subscription() {
    let (mut world, subscription) = subscribed("var_basic");
    let payment = world.till.keys().remove(0);
    world.till.weather(|weather| weather.hold = Some(Moment::After));
    assert!(
        change(&mut world, &subscription, "var_yearly").is_none(),
        "it waits for the gateway"
    );
    world.till.entry(&payment, |entry| {
        entry.refunds.insert("outside".to_owned(), entry.amount);
    });
    let refunded = json!({ "paymentId": payment, "event": "refunded" });
    world.must(Op::SandboxEmit, refunded).unwrap();
    world.release().unwrap();
    world.jump(HOUR);
    world.drain().unwrap();
    let now = world
        .must(Op::SubscriptionsGet, json!({ "subscriptionId": subscription["id"] }))
        .unwrap();
    assert_eq!(now["status"], "canceled");
}

#[test]
fn money_given_back_at_the_gateway_counts_though_its_charge_is_heard_of_later() {
    let (mut world, payment) = charged_unheard();
    world.till.entry(&payment, |entry| {
        entry.refunds.insert("outside".to_owned(), entry.amount);
    });
    let refunded = json!({ "paymentId": payment, "event": "refunded" });
    world.must(Op::SandboxEmit, refunded).unwrap();
    world.release().unwrap();
    let payment = world.must(Op::PaymentsGet, json!({ "paymentId": payment })).unwrap();
    let order = world
        .must(Op::OrdersGet, json!({ "orderId": payment["orderId"] }))
        .unwrap();
    assert_eq!(
        (&payment["status"], &order["status"]),
        (&json!("refunded"), &json!("refunded"))
    );
    assert_eq!(order["refundedAmount"], order["total"]);
}

#[test]
fn a_payment_that_only_an_event_told_of_can_be_given_back() {
    let (mut world, payment) = charged_unheard();
    world
        .must(Op::SandboxEmit, json!({ "paymentId": payment, "event": "settled" }))
        .unwrap();
    // By then nobody waits for the answer any more.
    world.jump(HOUR);
    world.release().unwrap();
    world.jump(HOUR);
    world.drain().unwrap();
    let payment = world.must(Op::PaymentsGet, json!({ "paymentId": payment })).unwrap();
    world
        .must(Op::OrdersRefund, json!({ "orderId": payment["orderId"] }))
        .unwrap();
}
