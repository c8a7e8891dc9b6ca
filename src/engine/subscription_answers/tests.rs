use serde_json::{Value, json};

use super::*;
use crate::domain::{
    calendar::{Interval, Period, Unit},
    decimal::{Quantity, UnitAmount},
    id::{ClockId, CouponId, CustomerId, OrderId, PaymentMethodId, PriceId, ProductId, SubscriptionId},
    line::{Line, LineType, Reason},
    settings::{GiveBack, PausePolicy},
    subscription::{Cadence, Cancellation, Cycle, Item, Open, Pause, PendingChange as Pending, Promotion, Purpose},
    zone::Zone,
};

fn at(text: &str) -> Instant {
    Instant::parse(text).unwrap()
}

fn period(from: &str, to: &str) -> Period {
    Period::new(at(from), at(to)).unwrap()
}

fn item(id: &str, parent: Option<&str>) -> Item {
    Item {
        id: SubscriptionItemId::trusted(id),
        price: PriceId::trusted("var_monthly"),
        product: ProductId::trusted("prod_pro"),
        quantity: 2,
        options: vec![],
        option_amount: 0,
        parent: parent.map(SubscriptionItemId::trusted),
        first_purchase: false,
        begun: 2,
        since: None,
        paid: Vec::new(),
    }
}

fn state() -> domain::Subscription {
    let march = period("2026-03-01", "2026-04-01");
    domain::Subscription {
        early: None,
        service_start_day: None,
        id: SubscriptionId::trusted("sub_1"),
        currency: Currency::parse("KRW").unwrap(),
        zone: Zone::default(),
        phase: Phase::Active,
        items: vec![item("si_1", None), item("si_2", Some("si_1"))],
        started_at: at("2026-02-01"),
        cadence: Cadence {
            anchor: at("2026-02-01"),
            interval: Interval::new(Unit::Month, 1).unwrap(),
            billing_day: None,
            next: 2,
        },
        cycle: Some(Cycle {
            period: march,
            whole: march,
        }),
        trial: None,
        incomplete_until: None,
        expires_at: None,
        most_periods: None,
        periods: 2,
        payments: 2,
        arrears: false,
        method: Some(PaymentMethodId::trusted("pm_1")),
        cancel: None,
        pause_later: None,
        pause: None,
        pending: None,
        metered_from: at("2026-03-01"),
        accrued: vec![],
        open: None,
        charging: false,
        recovery: None,
        promotions: vec![],
        moved_from: None,
        noticed: None,
        trial_noticed: false,
        paid_at: Some(at("2026-03-01")),
        ended_at: None,
    }
}

fn record(state: domain::Subscription) -> SubscriptionRecord {
    SubscriptionRecord {
        state,
        number: 7,
        version: 3,
        customer: CustomerId::trusted("cus_1"),
        order: Some(OrderId::trusted("ord_1")),
        clock: Some(ClockId::trusted("clk_1")),
        created_at: at("2026-02-01"),
        updated_at: at("2026-03-01"),
        metadata: [("plan".to_owned(), "pro".to_owned())].into(),
    }
}

fn shown(state: domain::Subscription) -> Value {
    serde_json::to_value(Subscription::from(record(state))).unwrap()
}

#[test]
fn a_subscription_in_full() {
    assert_eq!(
        shown(state()),
        json!({
            "id": "sub_1",
            "object": "subscription",
            "customerId": "cus_1",
            "status": "active",
            "charging": false,
            "items": [
                { "id": "si_1", "priceId": "var_monthly", "productId": "prod_pro", "quantity": 2, "optionIds": [],
                  "parentItemId": null },
                { "id": "si_2", "priceId": "var_monthly", "productId": "prod_pro", "quantity": 2, "optionIds": [],
                  "parentItemId": "si_1" },
            ],
            "currency": "KRW",
            "interval": "month",
            "intervalCount": 1,
            "startedAt": "2026-02-01T00:00:00.000Z",
            "currentPeriodStart": "2026-03-01T00:00:00.000Z",
            "currentPeriodEnd": "2026-04-01T00:00:00.000Z",
            "trialStart": null,
            "trialEnd": null,
            "nextChargeAt": "2026-04-01T00:00:00.000Z",
            "cancelAt": null,
            "pauseAt": null,
            "resumeAt": null,
            "expireAt": null,
            "pausedAt": null,
            "canceledAt": null,
            "endedAt": null,
            "pendingChange": null,
            "discounts": [],
            "paymentMethodId": "pm_1",
            "orderId": "ord_1",
            "openOrderId": null,
            "paymentsCount": 2,
            "lastPaymentAt": "2026-03-01T00:00:00.000Z",
            "originNextPaymentAt": null,
            "testClock": "clk_1",
            "metadata": { "plan": "pro" },
            "version": 3,
            "createdAt": "2026-02-01T00:00:00.000Z",
            "updatedAt": "2026-03-01T00:00:00.000Z",
        })
    );
}

#[test]
fn every_phase_has_its_word() {
    for (phase, word) in Phase::ALL {
        assert_eq!(shown(domain::Subscription { phase, ..state() })["status"], word);
    }
}

#[test]
fn a_subscription_shows_what_it_waits_for_and_what_goes_on() {
    let shown = shown(domain::Subscription {
        trial: Some(period("2026-02-01", "2026-03-01")),
        moved_from: Some(at("2026-03-15")),
        charging: true,
        open: Some(Open {
            order: OrderId::trusted("ord_2"),
            purpose: Purpose::Last,
            paid: vec![],
            owed: vec![],
            begins: true,
            promotions: vec![],
        }),
        promotions: vec![Promotion {
            coupon: CouponId::trusted("coup_1"),
            code: "WELCOME".to_owned(),
            redeemed_at: at("2026-02-01"),
            used: true,
        }],
        ..state()
    });
    assert_eq!(shown["trialStart"], "2026-02-01T00:00:00.000Z");
    assert_eq!(shown["trialEnd"], "2026-03-01T00:00:00.000Z");
    assert_eq!(shown["originNextPaymentAt"], "2026-03-15T00:00:00.000Z");
    assert_eq!(
        (&shown["charging"], &shown["openOrderId"]),
        (&json!(true), &json!("ord_2"))
    );
    assert_eq!(
        shown["discounts"],
        json!([{ "couponId": "coup_1", "code": "WELCOME", "redeemedAt": "2026-02-01T00:00:00.000Z" }])
    );
}

#[test]
fn the_next_charge_is_at_the_periods_end_unless_it_is_over_by_then() {
    let end = Some(at("2026-04-01"));
    let cancel_at = |text: &str| {
        Some(Cancellation {
            at: at(text),
            credit: GiveBack::None,
        })
    };
    let pause_at = |text: &str| {
        Some(PauseLater {
            at: at(text),
            until: None,
        })
    };
    let none = state;
    let postpaid = || domain::Subscription {
        arrears: true,
        ..state()
    };
    for (case, expected) in [
        (none(), end),
        (
            domain::Subscription {
                early: None,
                service_start_day: None,
                cancel: cancel_at("2026-04-01"),
                ..none()
            },
            None,
        ),
        (
            domain::Subscription {
                early: None,
                service_start_day: None,
                cancel: cancel_at("2026-03-20"),
                ..none()
            },
            None,
        ),
        (
            domain::Subscription {
                early: None,
                service_start_day: None,
                cancel: cancel_at("2026-05-01"),
                ..none()
            },
            end,
        ),
        (
            domain::Subscription {
                early: None,
                service_start_day: None,
                expires_at: end,
                ..none()
            },
            None,
        ),
        (
            domain::Subscription {
                early: None,
                service_start_day: None,
                expires_at: Some(at("2027-01-01")),
                ..none()
            },
            end,
        ),
        (
            domain::Subscription {
                early: None,
                service_start_day: None,
                most_periods: Some(2),
                ..none()
            },
            None,
        ),
        (
            domain::Subscription {
                early: None,
                service_start_day: None,
                most_periods: Some(3),
                ..none()
            },
            end,
        ),
        (
            domain::Subscription {
                early: None,
                service_start_day: None,
                pause_later: pause_at("2026-04-01"),
                ..none()
            },
            None,
        ),
        (
            domain::Subscription {
                early: None,
                service_start_day: None,
                pause_later: pause_at("2026-04-02"),
                ..none()
            },
            end,
        ),
        (
            domain::Subscription {
                early: None,
                service_start_day: None,
                cancel: cancel_at("2026-03-20"),
                ..postpaid()
            },
            Some(at("2026-03-20")),
        ),
        (
            domain::Subscription {
                early: None,
                service_start_day: None,
                most_periods: Some(2),
                ..postpaid()
            },
            end,
        ),
        (
            domain::Subscription {
                early: None,
                service_start_day: None,
                phase: Phase::Trialing,
                ..none()
            },
            end,
        ),
        (
            domain::Subscription {
                early: None,
                service_start_day: None,
                phase: Phase::Trialing,
                cancel: cancel_at("2026-04-01"),
                ..postpaid()
            },
            None,
        ),
        (
            domain::Subscription {
                early: None,
                service_start_day: None,
                phase: Phase::PastDue,
                ..none()
            },
            None,
        ),
        (
            domain::Subscription {
                early: None,
                service_start_day: None,
                phase: Phase::Paused,
                ..none()
            },
            None,
        ),
        (
            domain::Subscription {
                early: None,
                service_start_day: None,
                phase: Phase::Canceled,
                ..none()
            },
            None,
        ),
        (domain::Subscription { cycle: None, ..none() }, None),
    ] {
        assert_eq!(next_charge_at(&case), expected, "{case:?}");
    }
}

#[test]
fn a_pause_says_when_it_ends() {
    let later = |until| domain::Subscription {
        pause_later: Some(PauseLater {
            at: at("2026-01-31"),
            until,
        }),
        ..state()
    };
    let month = Interval::new(Unit::Month, 1).unwrap();
    let shown_later = shown(later(Some(Until::After(month))));
    assert_eq!(shown_later["pauseAt"], "2026-01-31T00:00:00.000Z");
    assert_eq!(shown_later["resumeAt"], "2026-02-28T00:00:00.000Z");
    assert_eq!(
        resume_at(&later(Some(Until::At(at("2026-06-01"))))),
        Some(at("2026-06-01"))
    );
    assert_eq!(resume_at(&later(None)), None);
    let paused = shown(domain::Subscription {
        phase: Phase::Paused,
        pause: Some(Pause {
            since: at("2026-03-10"),
            until: Some(at("2026-03-20")),
            days: PausePolicy::Extend,
            from_trial: false,
        }),
        ..state()
    });
    assert_eq!(paused["pausedAt"], "2026-03-10T00:00:00.000Z");
    assert_eq!(paused["resumeAt"], "2026-03-20T00:00:00.000Z");
    assert_eq!(paused["nextChargeAt"], Value::Null);
}

#[test]
fn only_a_cancelled_one_was_cancelled() {
    let ended = |phase| {
        shown(domain::Subscription {
            phase,
            ended_at: Some(at("2026-04-01")),
            ..state()
        })
    };
    let canceled = ended(Phase::Canceled);
    assert_eq!(canceled["canceledAt"], "2026-04-01T00:00:00.000Z");
    assert_eq!(canceled["endedAt"], "2026-04-01T00:00:00.000Z");
    let expired = ended(Phase::Expired);
    assert_eq!(expired["canceledAt"], Value::Null);
    assert_eq!(expired["endedAt"], "2026-04-01T00:00:00.000Z");
}

#[test]
fn a_pending_change_shows_all_items_as_they_will_be() {
    let new = |price: &str, quantity| NewItem {
        price: PriceId::trusted(price),
        quantity,
        options: vec![],
        option_amount: 0,
        first_purchase: false,
    };
    let mut with_three = state();
    with_three.items.push(item("si_3", None));
    with_three.pending = Some(Pending {
        at: at("2026-04-01"),
        edits: vec![
            Edit::Replace {
                item: SubscriptionItemId::trusted("si_1"),
                by: new("var_yearly", 1),
            },
            Edit::Remove(SubscriptionItemId::trusted("si_3")),
            Edit::Add(new("var_seats", 5)),
        ],
        interval: Some(Interval::new(Unit::Year, 1).unwrap()),
    });
    assert_eq!(
        shown(with_three)["pendingChange"],
        json!({
            "at": "2026-04-01T00:00:00.000Z",
            "items": [
                { "id": "si_1", "priceId": "var_yearly", "quantity": 1, "optionIds": [] },
                { "id": null, "priceId": "var_seats", "quantity": 5, "optionIds": [] },
            ],
            "interval": "year",
            "intervalCount": 1,
        })
    );
}

#[test]
fn a_preview_shows_what_is_due_now_and_next() {
    let line = |kind, amount| Line {
        kind,
        price: None,
        item: Some(SubscriptionItemId::trusted("si_1")),
        quantity: Quantity::ONE,
        amount,
        period: None,
        reason: Reason::Price {
            name: "Pro".to_owned(),
            unit_amount: UnitAmount::ONE,
        },
    };
    let bill = |day: &str, lines, total| Bill {
        nets: Vec::new(),
        at: at(day),
        lines,
        subtotal: total,
        discount: 0,
        tax: 0,
        total,
    };
    let lines = vec![line(LineType::ProrationCredit, -3000), line(LineType::Price, 1000)];
    let (due, next) = (bill("2026-03-10", lines, -2000), bill("2026-04-01", vec![], 9900));
    let currency = Currency::parse("KRW").unwrap();
    let preview = |due, next| {
        let preview = subscription_preview(due, currency, at("2026-03-10"), next, Locale::En);
        serde_json::to_value(preview.unwrap()).unwrap()
    };
    let shown = preview(Some(&due), Some(&next));
    assert_eq!(shown["object"], "subscription_preview");
    assert_eq!(shown["total"], -2000);
    assert_eq!(shown["lines"][0]["type"], "proration_credit");
    assert_eq!(shown["effectiveAt"], "2026-03-10T00:00:00.000Z");
    assert_eq!(
        shown["nextCharge"],
        json!({ "at": "2026-04-01T00:00:00.000Z", "total": 9900, "currency": "KRW" })
    );
    let nothing = preview(None, None);
    assert_eq!((&nothing["lines"], &nothing["total"]), (&json!([]), &json!(0)));
    assert_eq!(nothing["nextCharge"], Value::Null);
}
