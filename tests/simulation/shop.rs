//! What a store sells and by which rules, from a seed.

use serde_json::{Value, json};

use super::dice::Dice;

/// What is known of a price.
#[derive(Debug, Clone)]
pub struct Offer {
    pub id: String,
    /// Whether usage of it is recorded.
    pub metered: bool,
}

/// Zones with and without DST, with whole and with odd changes.
const ZONES: [&str; 5] = [
    "UTC",
    "Asia/Seoul",
    "America/New_York",
    "Europe/Paris",
    "Australia/Lord_Howe",
];

pub fn zone(dice: &mut Dice) -> &'static str {
    dice.of(&ZONES)
}

/// The policies of a store.
pub fn settings(dice: &mut Dice) -> Value {
    let give_back = ["none", "credit", "refund"];
    let when = ["immediate", "period_end"];
    let mut all = json!({
        "proration": dice.of(&["day", "day", "second", "none"]),
        "upgrade": dice.of(&when),
        "downgrade": dice.of(&when),
        "intervalSwitch": dice.of(&["restart", "keep_anchor", "period_end"]),
        "cancelDefault": dice.of(&["period_end", "now"]),
        "cancelCredit": dice.of(&give_back),
        "downgradeCredit": dice.of(&give_back),
        "decreaseCredit": dice.of(&give_back),
        "recoveredPeriod": dice.of(&["keep_anchor", "restart_at_payment"]),
        "trialEndWithoutMethod": dice.of(&["cancel", "pause", "past_due"]),
        "retryEnd": dice.of(&["expired", "unpaid", "paused", "canceled"]),
        "retryDays": dice.of(&[json!([1, 3, 5, 10, 14]), json!([2]), json!([1, 2, 30])]),
        "pastDueGraceDays": dice.of(&[0, 7]),
        "pause": dice.of(&["extend", "credit", "none"]),
        "terminationDay": dice.of(&["unused", "used"]),
        "noticeBeforePaymentDays": dice.of(&[0, 7]),
        "eventRetentionDays": 3650,
    });
    if dice.percent(25) {
        all["firstPeriod"] = json!("aligned");
        all["billingDay"] = json!(dice.of(&[1, 15, 31]));
    }
    if dice.percent(40) {
        let rates = json!([{ "name": "VAT", "percent": dice.of(&["10", "8.25"]) }]);
        all["tax"] = json!({ "inclusive": dice.percent(50), "rates": rates });
    }
    all
}

/// Products with one price each, and the id that each price has.
pub fn products(dice: &mut Dice) -> Vec<(Value, Offer)> {
    let mut all = Vec::new();
    let mut add = |name: &'static str, mut price: Value, trial: Option<i64>| {
        let id = format!("var_{name}");
        let offer = Offer {
            id: id.clone(),
            metered: price["type"] == "usage" || price["type"] == "seat",
        };
        price["id"] = json!(id);
        price["name"] = json!(name);
        price["currency"] = json!("KRW");
        let mut product = json!({ "id": format!("prod_{name}"), "name": name, "variants": [price] });
        if let Some(days) = trial {
            product["trial"] = json!({ "interval": "day", "count": days });
        }
        all.push((product, offer));
    };
    let month = json!({ "interval": "month" });
    let amount = |dice: &mut Dice| dice.between(10, 300) * 100 + dice.between(0, 3) * 33;
    add("basic", json!({ "unitAmount": amount(dice), "recurring": month }), None);
    add(
        "pro",
        json!({ "unitAmount": amount(dice), "recurring": month }),
        Some(14),
    );
    let fee = json!({ "name": "Setup", "amount": 3000, "when": dice.of(&["initially", "periodic"]) });
    add(
        "fee",
        json!({ "unitAmount": amount(dice), "recurring": month, "setupFee": fee }),
        None,
    );
    add(
        "intro",
        json!({ "unitAmount": 9900, "recurring": month, "introDiscount": { "percentOff": "50" } }),
        None,
    );
    add(
        "yearly",
        json!({ "unitAmount": amount(dice) * 10, "recurring": { "interval": "year" } }),
        None,
    );
    add(
        "weekly",
        json!({ "unitAmount": amount(dice), "recurring": { "interval": "week" } }),
        None,
    );
    add(
        "two_months",
        json!({ "unitAmount": amount(dice), "recurring": { "interval": "month", "intervalCount": 2 } }),
        None,
    );
    add(
        "day31",
        json!({ "unitAmount": amount(dice), "recurring": month, "billingDay": dice.of(&[1, 29, 31]) }),
        None,
    );
    add(
        "post",
        json!({ "unitAmount": amount(dice), "recurring": month, "claim": "arrears" }),
        None,
    );
    add(
        "twelve",
        json!({ "unitAmount": amount(dice), "recurring": month, "expiry": { "payments": 12 } }),
        None,
    );
    add("free", json!({ "unitAmount": 0, "recurring": month }), None);
    let tiers = json!([{ "upTo": 100, "unitAmount": 0 }, { "upTo": null, "unitAmountDecimal": "7.35" }]);
    let mode = dice.of(&["graduated", "volume"]);
    add(
        "calls",
        json!({ "type": "usage", "recurring": month, "usageClaim": "arrears", "tiers": tiers, "tierMode": mode }),
        None,
    );
    let seat = json!([{ "upTo": 3, "unitAmount": 3000 }, { "upTo": null, "unitAmount": 2500 }]);
    add(
        "seats",
        json!({ "type": "seat", "recurring": month, "usageClaim": "advance", "tiers": seat }),
        None,
    );
    all
}

/// Discount codes.
pub fn coupons() -> Vec<Value> {
    vec![
        json!({ "code": "HALF", "percentOff": "50", "duration": "once" }),
        json!({ "code": "TEN", "percentOff": "10", "duration": "forever" }),
        json!({ "code": "SIX", "percentOff": "33.3", "duration": "repeating", "durationInMonths": 6 }),
        json!({ "code": "FIX", "amountOff": 2500, "currency": "KRW", "duration": "repeating", "durationInMonths": 3 }),
        json!({ "code": "FEW", "percentOff": "20", "duration": "once", "maxRedemptions": 3 }),
    ]
}
