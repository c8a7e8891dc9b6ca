use serde_json::json;

use super::*;
use crate::ops::Op;

fn stored() -> Stored {
    Stored {
        features: vec![json!({ "id": "feat_a", "name": "A", "type": "boolean", "version": 1 })],
        products: vec![json!({
            "id": "prod_a", "name": "A", "version": 1,
            "variants": [
                { "id": "var_a", "productId": "prod_a", "name": "A", "currency": "KRW", "isDefault": true },
                { "id": "var_b", "productId": "prod_a", "name": "B", "currency": "KRW", "isDefault": false },
            ],
        })],
        coupons: vec![
            json!({ "id": "coup_1", "code": "TEN", "percentOff": 10, "duration": "once", "active": true }),
            json!({ "id": "coup_2", "code": "OVER", "percentOff": "12.5", "duration": "once", "active": false }),
        ],
    }
}

fn plan(file: Value, prune: bool) -> Result<Plan> {
    Plan::new(&File::of(file)?, &stored(), prune)
}

/// The steps as `operation object (what else)`.
fn steps(file: Value, prune: bool) -> Vec<String> {
    let plan = plan(file, prune).expect("a plan");
    let told = |step: &Step| {
        let Step { op, label, .. } = step;
        let Label { name, note, .. } = label;
        let mut text = format!("{} {name}{note}", op.declaration().name);
        if let Deed::Create(with) = &step.deed {
            with.iter()
                .for_each(|(label, at)| text.push_str(&format!(" + {} {at}", label.name)));
        }
        text
    };
    plan.steps.iter().map(told).collect()
}

#[test]
fn what_the_store_has_is_changed_and_the_rest_is_made() {
    let file = json!({
        "coupons": [{ "code": "ten", "name": "Ten" }, { "code": "NEW", "percentOff": 5, "duration": "once" }],
        "products": [
            { "id": "prod_a", "name": "A", "variants": [{ "id": "var_c", "name": "C", "currency": "KRW" }] },
            { "id": "prod_b", "name": "B", "variants": [{ "id": "var_d", "name": "D", "currency": "KRW" }] },
        ],
        "features": [{ "id": "feat_b", "name": "B" }, { "id": "feat_a", "name": "A" }],
    });
    assert_eq!(
        steps(file, false),
        [
            "features.create feat_b",
            "features.update feat_a",
            "products.update prod_a",
            "prices.create var_c of prod_a",
            "products.create prod_b + var_d products[1].variants[0]",
            "coupons.update ten",
            "coupons.create NEW",
        ]
    );
}

#[test]
fn a_new_price_takes_the_place_of_one_that_is_there() {
    let file = json!({ "products": [{ "id": "prod_a", "name": "A", "variants": [
        { "id": "var_a", "name": "A" },
        { "id": "var_c", "replaces": "var_b", "unitAmount": 5 },
        { "id": "var_d", "replaces": "var_gone", "name": "D", "currency": "KRW" },
    ] }] });
    let plan = plan(file, true).expect("a plan");
    let [_, _, replace, create] = plan.steps.as_slice() else {
        panic!("{:?}", plan.steps)
    };
    assert_eq!(replace.op, Op::PricesReplace);
    assert_eq!(
        replace.input,
        json!({ "priceId": "var_b", "id": "var_c", "unitAmount": 5 })
    );
    assert_eq!(replace.label.note, " of prod_a, replaces var_b");
    assert_eq!(create.op, Op::PricesCreate);
    assert_eq!(plan.left, [], "a replaced price is archived by its replacement");
}

#[test]
fn a_bundle_waits_for_the_prices_in_it() {
    let file = json!({ "products": [
        { "id": "prod_b", "name": "B", "variants": [
            { "id": "var_all", "type": "bundle", "bundle": { "priceIds": ["var_a", "var_late"] } },
            { "id": "var_old", "type": "bundle", "bundle": { "priceIds": ["var_a"] } },
        ] },
        { "id": "prod_c", "name": "C", "variants": [{ "id": "var_late" }] },
    ] });
    assert_eq!(
        steps(file, false),
        [
            "products.create prod_b + var_old products[0].variants[1]",
            "products.create prod_c + var_late products[1].variants[0]",
            "prices.create var_all of prod_b",
        ]
    );
}

#[test]
fn a_default_is_given_before_it_is_taken() {
    let file = json!({ "products": [{ "id": "prod_a", "variants": [
        { "id": "var_a", "isDefault": false }, { "id": "var_b", "isDefault": true },
    ] }] });
    assert_eq!(
        steps(file, false),
        [
            "products.update prod_a",
            "prices.update var_b of prod_a",
            "prices.update var_a of prod_a",
        ]
    );
}

#[test]
fn what_only_the_store_has_goes_only_when_pruning_and_only_from_lists_that_are_there() {
    let left = |file: Value, prune| -> Vec<String> {
        let plan = plan(file, prune).expect("a plan");
        plan.left
            .iter()
            .map(|label| format!("{} {}", label.kind.name(), label.name))
            .collect()
    };
    assert_eq!(left(json!({}), false), Vec::<String>::new());
    assert_eq!(
        left(json!({ "products": [{ "id": "prod_a" }] }), false),
        Vec::<String>::new()
    );
    let everything = json!({ "features": [], "products": [], "coupons": [] });
    assert_eq!(
        left(everything.clone(), false),
        ["coupon TEN", "product prod_a", "feature feat_a"]
    );
    assert_eq!(left(everything.clone(), true), Vec::<String>::new());
    assert_eq!(
        steps(everything, true),
        [
            "coupons.update TEN",
            "products.archive prod_a",
            "features.archive feat_a"
        ]
    );
    let fewer_prices = json!({ "products": [{ "id": "prod_a", "variants": [{ "id": "var_a" }] }] });
    assert_eq!(left(fewer_prices.clone(), false), ["price var_b"]);
    assert_eq!(
        steps(fewer_prices, true).last().map(String::as_str),
        Some("prices.archive var_b of prod_a")
    );
}

#[test]
fn what_no_update_takes_has_to_be_as_it_is() {
    let same = json!({ "coupons": [
        { "code": "TEN", "percentOff": "10.0", "duration": "ONCE" }, { "code": "over", "percent_off": 12.5 },
    ] });
    let plan = plan(same, false).expect("a plan");
    assert_eq!(plan.steps[0].input, json!({ "couponId": "coup_1" }));
    for (file, said) in [
        (
            json!({ "coupons": [{ "code": "TEN", "percentOff": 20 }] }),
            "coupons[0].percentOff never changes, and is 10 in the store",
        ),
        (
            json!({ "coupons": [{ "code": "TEN", "amountOff": 20 }] }),
            "coupons[0].amountOff never changes, and is null in the store",
        ),
        (
            json!({ "features": [{ "id": "feat_a", "type": "metered" }] }),
            "features[0].type never changes, and is \"boolean\" in the store",
        ),
        (
            json!({ "products": [{ "id": "prod_b", "variants": [{ "id": "var_a" }] }] }),
            "products[0].variants[0].id names a price of prod_a in the store",
        ),
        (
            json!({ "products": [{ "id": "prod_b", "variants": [{ "id": "var_c", "replaces": "var_a" }] }] }),
            "products[0].variants[0].replaces names a price of prod_a in the store",
        ),
    ] {
        let error = super::Plan::new(&File::of(file).expect("a file"), &stored(), false).expect_err(said);
        assert!(error.message().starts_with(said), "{}", error.message());
    }
}

#[test]
fn steps_that_would_answer_the_same_are_left_out() {
    let file = json!({ "features": [{ "id": "feat_a", "name": "A" }, { "id": "feat_b", "name": "B" }], "coupons": [{ "code": "TEN", "name": "Ten" }] });
    let mut ten = stored().coupons[0].clone();
    ten["name"] = json!("Ten");
    ten["version"] = json!(2);
    let mut same = stored().features[0].clone();
    same["version"] = json!(7);
    let (steps, lines) = plan(file, false)
        .expect("a plan")
        .told(&[same, json!({ "id": "feat_b" }), ten]);
    let lines: Vec<String> = lines.iter().map(|line| line.text(false)).collect();
    assert_eq!(lines, ["+ feature feat_b", "~ coupon TEN\n    name: null → \"Ten\""]);
    assert_eq!(steps.len(), 2);
}
