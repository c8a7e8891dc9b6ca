use serde_json::{Value, json};

use super::*;
use crate::domain::{
    calendar::Period,
    checkout::SessionStatus,
    decimal::UnitAmount,
    id::{
        CheckoutSessionId, CouponId, CreditId, CustomerId, OptionId, OrderItemId, PaymentId, PaymentMethodId, PriceId,
        ProductId, SubscriptionId, SubscriptionItemId, UsageId,
    },
    instant::Instant,
    line::{Line, LineType, Reason},
    order::{OrderStatus, OrderType},
    order_item::ItemState,
    payment::{Decline, Facts, Word},
};

fn at(text: &str) -> Instant {
    Instant::parse(text).unwrap()
}

fn won() -> Currency {
    Currency::parse("KRW").unwrap()
}

fn item(id: &str, kind: LineType, price: Option<&str>, amount: i64, reason: Reason) -> order::OrderItem {
    order::OrderItem {
        id: OrderItemId::trusted(id),
        line: Line {
            kind,
            price: price.map(PriceId::trusted),
            item: Some(SubscriptionItemId::trusted("si_1")),
            quantity: Quantity::ONE,
            amount,
            period: Some(Period::new(at("2026-03-01"), at("2026-04-01")).unwrap()),
            reason,
        },
        product: price.map(|_| ProductId::trusted("prod_1")),
        state: ItemState::Paid,
        refunded: 0,
        parent: None,
        note: None,
    }
}

fn an_order() -> order::Order {
    let price = Reason::Price {
        name: "Pro".to_owned(),
        unit_amount: UnitAmount::ONE,
    };
    let off = Reason::Discount {
        code: "WELCOME".to_owned(),
        name: None,
        percent: None,
    };
    order::Order {
        trial: None,
        id: OrderId::trusted("ord_1"),
        number: 12,
        version: 2,
        customer: CustomerId::trusted("cus_1"),
        subscription: None,
        made: vec![SubscriptionId::trusted("sub_1")],
        births: vec![],
        session: Some(CheckoutSessionId::trusted("cs_1")),
        kind: OrderType::Initial,
        status: OrderStatus::PartiallyRefunded,
        clock: None,
        currency: won(),
        cart: vec![order::CartItem {
            price: PriceId::trusted("var_cart"),
            product: ProductId::trusted("prod_cart"),
            quantity: 1,
            minimum: 1,
            maximum: Some(5),
            options: vec![OptionId::trusted("opt_1")],
        }],
        items: vec![
            item("oi_1", LineType::Price, Some("var_cart"), 9900, price.clone()),
            item("oi_2", LineType::Usage, Some("var_calls"), 500, price),
            item("oi_3", LineType::Discount, None, -400, off),
        ],
        total: 10_000,
        subtotal: 10_400,
        discount: 400,
        tax: 0,
        balance: -200,
        refunded: 1000,
        refunds: vec![order::Refund {
            key: "refund_1".to_owned(),
            payment: PaymentId::trusted("pay_1"),
            amount: 1000,
            reason: None,
            item: Some(OrderItemId::trusted("oi_1")),
            done: Some(true),
            at: at("2026-03-02"),
        }],
        codes: vec!["WELCOME".to_owned()],
        redeemed: vec![order::Redeemed {
            coupon: CouponId::trusted("coup_1"),
            code: "WELCOME".to_owned(),
            amount: 400,
        }],
        holds: vec![],
        held_until: None,
        hold_renewed: false,
        deadline: Some(at("2026-03-08")),
        method: Some(PaymentMethodId::trusted("pm_1")),
        payment: Some(PaymentId::trusted("pay_1")),
        attempts: 1,
        charging: false,
        gateway: None,
        paid_at: Some(at("2026-03-01T09:00:00Z")),
        cancel_reason: None,
        created_at: at("2026-03-01"),
        updated_at: at("2026-03-02"),
        metadata: [("cart".to_owned(), "5".to_owned())].into(),
    }
}

fn a_payment(words: &[Word]) -> payment::Payment {
    let mut facts = Facts::default();
    words
        .iter()
        .for_each(|word| facts.add(word.clone(), at("2026-03-01T09:00:00Z")));
    payment::Payment {
        id: PaymentId::trusted("pay_1"),
        number: 3,
        version: 2,
        key: "key_1".to_owned(),
        order: OrderId::trusted("ord_1"),
        subscription: None,
        customer: CustomerId::trusted("cus_1"),
        method: Some(PaymentMethodId::trusted("pm_1")),
        gateway: "sandbox".to_owned(),
        clock: Some(ClockId::trusted("clk_1")),
        amount: 100,
        currency: won(),
        facts,
        look_ups: 0,
        created_at: at("2026-03-01"),
        updated_at: at("2026-03-02"),
    }
}

fn json_of<T: serde::Serialize>(answer: T) -> Value {
    serde_json::to_value(answer).unwrap()
}

#[test]
fn an_order_in_full() {
    let shown = json_of(order(an_order(), Locale::En).unwrap());
    let first = &shown["items"][0];
    assert_eq!(first["reason"]["code"], "price");
    assert!(
        first["reason"]["text"]
            .as_str()
            .is_some_and(|text| text.contains("Pro"))
    );
    let mut rest = shown.clone();
    rest.as_object_mut().unwrap().remove("items");
    assert_eq!(
        rest,
        json!({
            "id": "ord_1",
            "object": "order",
            "number": 12,
            "type": "initial",
            "status": "partially_refunded",
            "customerId": "cus_1",
            "subscriptionId": null,
            "subscriptionIds": ["sub_1"],
            "checkoutSessionId": "cs_1",
            "lineItems": [{ "priceId": "var_cart", "productId": "prod_cart", "optionIds": ["opt_1"], "quantity": 1,
                            "minQuantity": 1, "maxQuantity": 5 }],
            "subtotal": 10_400,
            "discount": 400,
            "tax": 0,
            "total": 10_000,
            "refundedAmount": 1000,
            "refunds": [{ "key": "refund_1", "paymentId": "pay_1", "amount": 1000, "reason": null, "itemId": "oi_1",
                          "status": "succeeded", "at": "2026-03-02T00:00:00.000Z" }],
            "creditBalanceChange": -200,
            "currency": "KRW",
            "discountCodes": ["WELCOME"],
            "discounts": [{ "couponId": "coup_1", "code": "WELCOME", "amount": 400 }],
            "paymentMethodId": "pm_1",
            "paymentId": "pay_1",
            "attempts": 1,
            "charging": false,
            "gateway": null,
            "paidAt": "2026-03-01T09:00:00.000Z",
            "cancelReason": null,
            "purchaseDeadline": "2026-03-08T00:00:00.000Z",
            "stockHeldUntil": null,
            "testClock": null,
            "metadata": { "cart": "5" },
            "version": 2,
            "createdAt": "2026-03-01T00:00:00.000Z",
            "updatedAt": "2026-03-02T00:00:00.000Z",
        })
    );
    let mut plain = first.clone();
    plain.as_object_mut().unwrap().remove("reason");
    assert_eq!(
        plain,
        json!({
            "id": "oi_1",
            "type": "sku",
            "lineType": "price",
            "priceId": "var_cart",
            "productId": "prod_1",
            "subscriptionItemId": "si_1",
            "quantity": 1,
            "amount": 9900,
            "refundedAmount": 0,
            "currency": "KRW",
            "state": "paid",
            "periodStart": "2026-03-01T00:00:00.000Z",
            "periodEnd": "2026-04-01T00:00:00.000Z",
            "parentItemId": null,
            "stateReason": null,
        })
    );
}

#[test]
fn items_say_what_they_are_and_refunds_what_became_of_them() {
    let mut with_refunds = an_order();
    let [refund] = &with_refunds.refunds[..] else {
        unreachable!()
    };
    let become_of = |done| order::Refund { done, ..refund.clone() };
    with_refunds.refunds = [None, Some(true), Some(false)].map(become_of).into();
    let shown = json_of(order(with_refunds, Locale::Ko).unwrap());
    let types: Vec<_> = (0..3).map(|index| &shown["items"][index]["type"]).collect();
    assert_eq!(types, ["sku", "sku", "discount"]);
    assert_eq!(shown["items"][2]["productId"], Value::Null);
    let refunds: Vec<_> = (0..3).map(|index| &shown["refunds"][index]["status"]).collect();
    assert_eq!(refunds, ["pending", "succeeded", "failed"]);
}

#[test]
fn a_session_shows_what_its_order_comes_to() {
    let session = checkout::CheckoutSession {
        id: CheckoutSessionId::trusted("cs_1"),
        version: 1,
        customer: CustomerId::trusted("cus_1"),
        order: OrderId::trusted("ord_1"),
        status: SessionStatus::Open,
        token: "a secret".to_owned(),
        success_url: "https://example.com/thanks".to_owned(),
        cancel_url: None,
        error_url: None,
        pay_link: false,
        locale: Some(Locale::Ko),
        expires_at: at("2026-03-02"),
        clock: None,
        completed_at: None,
        created_at: at("2026-03-01"),
        updated_at: at("2026-03-01"),
        metadata: [].into(),
    };
    let shown = json_of(checkout_session(
        session,
        &an_order(),
        "https://pay.example.com/c/1".to_owned(),
    ));
    assert_eq!(
        shown,
        json!({
            "id": "cs_1",
            "object": "checkout_session",
            "url": "https://pay.example.com/c/1",
            "status": "open",
            "customerId": "cus_1",
            "orderId": "ord_1",
            "lineItems": [{ "priceId": "var_cart", "productId": "prod_cart", "optionIds": ["opt_1"], "quantity": 1,
                            "minQuantity": 1, "maxQuantity": 5 }],
            "subtotal": 10_400,
            "discount": 400,
            "tax": 0,
            "total": 10_000,
            "currency": "KRW",
            "discountCodes": ["WELCOME"],
            "successUrl": "https://example.com/thanks",
            "cancelUrl": null,
            "errorUrl": null,
            "locale": "ko",
            "expiresAt": "2026-03-02T00:00:00.000Z",
            "completedAt": null,
            "testClock": null,
            "metadata": {},
            "version": 1,
            "createdAt": "2026-03-01T00:00:00.000Z",
            "updatedAt": "2026-03-01T00:00:00.000Z",
        })
    );
}

fn declined(hard: bool) -> Word {
    Word::Declined(Decline {
        code: "insufficient_funds".to_owned(),
        gateway_code: Some("51".to_owned()),
        hard,
    })
}

fn settled() -> Word {
    Word::Settled {
        reference: Some("ref_1".to_owned()),
    }
}

#[test]
fn a_payment_in_full() {
    assert_eq!(
        json_of(Payment::from(a_payment(&[settled(), Word::RefundedInAll(40)]))),
        json!({
            "id": "pay_1",
            "object": "payment",
            "key": "key_1",
            "orderId": "ord_1",
            "subscriptionId": null,
            "customerId": "cus_1",
            "paymentMethodId": "pm_1",
            "gateway": "sandbox",
            "reference": "ref_1",
            "amount": 100,
            "refundedAmount": 40,
            "currency": "KRW",
            "status": "partially_refunded",
            "declineCode": null,
            "gatewayCode": null,
            "retryable": null,
            "paidAt": "2026-03-01T09:00:00.000Z",
            "disputedAt": null,
            "disputeWonAt": null,
            "testClock": "clk_1",
            "metadata": {},
            "version": 2,
            "createdAt": "2026-03-01T00:00:00.000Z",
            "updatedAt": "2026-03-02T00:00:00.000Z",
        })
    );
}

#[test]
fn a_decline_shows_while_it_is_what_became_of_a_payment() {
    let soft = json_of(Payment::from(a_payment(&[declined(false)])));
    let of = |shown: &Value| ["status", "declineCode", "gatewayCode", "retryable"].map(|name| shown[name].clone());
    assert_eq!(
        of(&soft),
        [json!("failed"), json!("insufficient_funds"), json!("51"), json!(true)]
    );
    let hard = json_of(Payment::from(a_payment(&[declined(true)])));
    assert_eq!(hard["retryable"], false);
    let late = json_of(Payment::from(a_payment(&[declined(true), settled()])));
    assert_eq!(of(&late), [json!("succeeded"), Value::Null, Value::Null, Value::Null]);
}

#[test]
fn a_receipt_is_complete_failed_or_open() {
    let status = |words: &[Word]| json_of(Receipt::from(a_payment(words)))["paymentStatus"].clone();
    assert_eq!(status(&[]), Value::Null);
    assert_eq!(status(&[Word::Lost]), Value::Null);
    assert_eq!(status(&[Word::Waiting { reference: None }]), Value::Null);
    assert_eq!(status(&[declined(false)]), "failed");
    assert_eq!(status(&[settled()]), "complete");
    assert_eq!(status(&[settled(), Word::RefundedInAll(100)]), "complete");
    assert_eq!(status(&[settled(), Word::Disputed]), "complete");
    assert_eq!(
        json_of(Receipt::from(a_payment(&[settled()]))),
        json!({
            "object": "receipt",
            "key": "key_1",
            "paymentStatus": "complete",
            "paymentDate": "2026-03-01T09:00:00.000Z",
            "amount": 100,
            "refundedAmount": 0,
            "currency": "KRW",
            "paymentId": "pay_1",
            "orderId": "ord_1",
            "customerId": "cus_1",
            "gateway": "sandbox",
        })
    );
}

#[test]
fn a_clock_stands_or_moves() {
    let clock = |whole_store, advancing_to| ClockRecord {
        id: ClockId::trusted("clk_1"),
        version: 1,
        name: None,
        whole_store,
        now: at("2026-03-01"),
        advancing_to,
        created_at: at("2026-02-01"),
        updated_at: at("2026-02-01"),
    };
    let rests = json_of(TestClock::from(clock(false, None)));
    assert_eq!(
        (&rests["scope"], &rests["status"], &rests["advancingTo"]),
        (&json!("customers"), &json!("ready"), &Value::Null)
    );
    let moves = json_of(TestClock::from(clock(true, Some(at("2027-03-01")))));
    assert_eq!(
        (&moves["scope"], &moves["status"], &moves["advancingTo"]),
        (&json!("store"), &json!("advancing"), &json!("2027-03-01T00:00:00.000Z"))
    );
}

#[test]
fn a_credit_entry_in_full() {
    let entry = CreditEntry {
        id: CreditId::trusted("crd_1"),
        customer: CustomerId::trusted("cus_1"),
        currency: won(),
        amount: -300,
        balance: 700,
        reason: "spent".to_owned(),
        order: Some(OrderId::trusted("ord_1")),
        created_at: at("2026-03-01"),
    };
    assert_eq!(
        json_of(credit::CreditEntry::from(entry)),
        json!({
            "id": "crd_1",
            "object": "credit_entry",
            "customerId": "cus_1",
            "amount": -300,
            "balance": 700,
            "currency": "KRW",
            "reason": "spent",
            "orderId": "ord_1",
            "createdAt": "2026-03-01T00:00:00.000Z",
        })
    );
}

#[test]
fn usage_shows_what_came_and_what_there_is_in_all() {
    let entry = UsageEntry {
        id: UsageId::trusted("use_1"),
        item: SubscriptionItemId::trusted("si_1"),
        subscription: SubscriptionId::trusted("sub_1"),
        record: Quantity::parse("-0.5").unwrap(),
        quota: Quantity::ZERO,
        at: at("2026-03-01"),
        via: "api".to_owned(),
        payload: None,
        created_at: at("2026-03-02"),
    };
    let listed = json_of(Usage::from(entry.clone()));
    assert_eq!((&listed["record"], &listed["quota"]), (&json!("-0.5"), &json!(0)));
    let unlimited = Accumulated {
        record: Quantity::parse("2").unwrap(),
        quota: None,
        amount_for_quota: 0,
        currency: won(),
        order: None,
        rest_days: 12,
        clock: None,
    };
    let made = json_of(recorded_usage(entry.clone(), unlimited.clone()));
    assert_eq!(made["accumulatedRecord"], 2);
    assert_eq!(made["accumulatedQuota"], Value::Null);
    assert_eq!((&made["restDays"], &made["currency"]), (&json!(12), &json!("KRW")));
    for (name, value) in listed.as_object().unwrap() {
        assert_eq!(&made[name], value, "{name}");
    }
    let limited = Accumulated {
        quota: Some(Quantity::parse("5").unwrap()),
        ..unlimited
    };
    assert_eq!(json_of(recorded_usage(entry.clone(), limited))["accumulatedQuota"], 5);
    for (stored, shown) in [
        ("manager", "manager"),
        ("customer", "customer"),
        ("system", "system"),
        ("?", "system"),
    ] {
        let entry = UsageEntry {
            via: stored.to_owned(),
            ..entry.clone()
        };
        assert_eq!(json_of(Usage::from(entry))["via"], shown);
    }
}
