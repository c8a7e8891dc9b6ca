//! Answers that are recorded together.

use std::time::Duration;

use serde_json::json;

use super::*;
use crate::{domain::id::PaymentId, engine::billing::Said, ops::Op, start, testing::Running};

#[test]
fn an_answer_that_goes_wrong_takes_no_other_along() {
    let running = Running::start_on(":memory:");
    let made = |op, input| running.call(op, &input).unwrap();
    let customer = made(Op::CustomersCreate, json!({ "email": "a@example.com" }));
    let customer = customer["id"].as_str().unwrap();
    let card = json!({ "number": "9876543210987654", "expirationYear": "39", "expirationMonth": "12" });
    made(
        Op::PaymentMethodsCreate,
        json!({ "customerId": customer, "card": card }),
    );
    let month = json!({ "interval": "month" });
    made(
        Op::ProductsCreate,
        json!({
            "name": "Plan",
            "variants": [{ "id": "var_plan", "name": "Monthly", "currency": "KRW", "unitAmount": 9000, "recurring": month }],
        }),
    );
    let engine = Arc::clone(running.session().engine());
    let soon = engine.clock.now().micros() / 1000 + 500;
    let subscription = made(
        Op::SubscriptionsCreate,
        json!({
            "customerId": customer,
            "items": [{ "priceId": "var_plan" }],
            "startAt": soon - 86_400_000,
            "currentPeriodEnd": soon,
        }),
    );
    std::thread::sleep(Duration::from_millis(600));
    let more = start::own_runtime().unwrap().block_on(async {
        let mut claimed = claim(&engine, BATCH).await.unwrap();
        let (store, work) = claimed.work.pop().expect("the renewal is due");
        let said = billing::run(Arc::clone(&engine), store, work).await.unwrap();
        let missing = Said::Nothing(PaymentId::trusted("pay_missing"));
        till::record_of(running.session(), vec![missing, said]).await
    });
    assert_eq!(more.len(), 2, "an entry for each answer");
    let renewed = made(Op::SubscriptionsGet, json!({ "subscriptionId": subscription["id"] }));
    assert_ne!(renewed["currentPeriodEnd"], subscription["currentPeriodEnd"]);
    let payments = made(Op::PaymentsList, json!({ "customerId": customer }));
    assert_eq!(payments["data"][0]["status"], "succeeded");
}
