//! Stories of orders with codes.

mod laws;

use super::*;
use crate::domain::{
    decimal::{Percent, UnitAmount},
    id::{PriceId, SubscriptionItemId},
    words::Locale,
};

const USD: &str = "USD";

fn product(name: &str) -> ProductId {
    ProductId::trusted(format!("prod_{name}"))
}

fn percent(text: &str) -> Off {
    Off::Percent(Percent::parse(text).unwrap())
}

fn won(amount: i64) -> Off {
    Off::Amount(amount, Currency::KRW)
}

fn coupon(code: &str, off: Off) -> Coupon {
    Coupon {
        id: CouponId::trusted(format!("coup_{}", Coupon::fold(code))),
        code: code.to_owned(),
        name: None,
        description: None,
        off,
        duration: Duration::Forever,
        max_redemptions: None,
        max_per_customer: None,
        redeem_by: None,
        products: Vec::new(),
        active: true,
    }
}

/// A line of a type for a product; an empty product is none.
fn line(kind: LineType, of: &str, amount: i64) -> (Line, Option<ProductId>) {
    let line = Line {
        kind,
        price: (!of.is_empty()).then(|| PriceId::trusted(format!("var_{of}"))),
        item: None,
        quantity: Quantity::ONE,
        amount,
        period: None,
        reason: Reason::Price {
            name: of.to_owned(),
            unit_amount: UnitAmount::ZERO,
        },
    };
    (line, (!of.is_empty()).then(|| product(of)))
}

fn price(of: &str, amount: i64) -> (Line, Option<ProductId>) {
    line(LineType::Price, of, amount)
}

const NOW: Instant = Instant::from_micros(1_000_000);

fn try_run(lines: &[(Line, Option<ProductId>)], given: &[Given<'_>]) -> Result<Discounts, Problem> {
    let lines: Vec<Discountable<'_>> = lines
        .iter()
        .map(|(line, product)| Discountable {
            line,
            product: product.as_ref(),
        })
        .collect();
    let purchase = Purchase {
        now: NOW,
        currency: Currency::KRW,
        lines: &lines,
    };
    apply(&purchase, given)
}

/// Applies coupons that nobody used yet, each given by its own code.
fn run(lines: &[(Line, Option<ProductId>)], coupons: &[Coupon]) -> Discounts {
    let given: Vec<Given<'_>> = coupons.iter().map(|coupon| given(coupon, Uses::NONE)).collect();
    try_run(lines, &given).unwrap()
}

fn given(coupon: &Coupon, uses: Uses) -> Given<'_> {
    Given {
        code: &coupon.code,
        coupon: Some(coupon),
        uses,
    }
}

/// `amount of before` of each code that counts, and the reasons of the others.
fn told(discounts: &Discounts) -> (Vec<String>, Vec<&'static str>) {
    let applied = |applied: &Applied| format!("{}: {} of {}", applied.code, applied.amount, applied.before);
    (
        discounts.applied.iter().map(applied).collect(),
        discounts.invalid.iter().map(|invalid| invalid.reason.name()).collect(),
    )
}

#[track_caller]
fn check_story(discounts: &Discounts, applied: &[&str], invalid: &[&str], nets: &[i64]) {
    let (told_applied, told_invalid) = told(discounts);
    assert_eq!(told_applied, applied);
    assert_eq!(told_invalid, invalid);
    assert_eq!(discounts.nets, nets);
}

/// SubscriptionKit reference, section 5, rule 1.
#[test]
fn a_fixed_amount_counts_once_for_the_whole_order() {
    let welcome = coupon("WELCOME15", percent("15"));
    let discounts = run(&[price("a", 198_000)], &[welcome, coupon("SPRING10", won(5_000))]);
    check_story(
        &discounts,
        &["WELCOME15: 29700 of 198000", "SPRING10: 5000 of 168300"],
        &[],
        &[163_300],
    );
    let kinds: Vec<&str> = discounts.applied.iter().map(Applied::kind).collect();
    assert_eq!(kinds, ["percentage", "fixed_amount"]);
    assert_eq!(discounts.total(), Ok(34_700));
    let two = run(
        &[price("a", 6_000), price("b", 4_000)],
        &[coupon("SPRING10", won(5_000))],
    );
    check_story(&two, &["SPRING10: 5000 of 10000"], &[], &[3_000, 2_000]);
}

#[test]
fn each_code_works_on_what_the_one_before_left() {
    let (half, fixed) = (coupon("HALF", percent("50")), coupon("FIXED", won(1_000)));
    check_story(
        &run(&[price("a", 10_000)], &[half.clone(), fixed.clone()]),
        &["HALF: 5000 of 10000", "FIXED: 1000 of 5000"],
        &[],
        &[4_000],
    );
    check_story(
        &run(&[price("a", 10_000)], &[fixed, half]),
        &["FIXED: 1000 of 10000", "HALF: 4500 of 9000"],
        &[],
        &[4_500],
    );
}

#[test]
fn a_discount_line_says_what_was_taken_off_and_why() {
    let mut spring = coupon("SPRING", percent("10"));
    spring.name = Some("Spring sale".to_owned());
    spring.description = Some("For everybody".to_owned());
    let discounts = run(&[price("a", 1_000)], &[spring]);
    assert_eq!(discounts.applied[0].description.as_deref(), Some("For everybody"));
    let line = &discounts.lines[0];
    assert_eq!((line.kind, line.amount), (LineType::Discount, -100));
    let reason = Reason::Discount {
        code: "SPRING".to_owned(),
        name: Some("Spring sale".to_owned()),
        percent: Some(Percent::parse("10").unwrap()),
    };
    assert_eq!(line.reason, reason);
}

#[test]
fn codes_lower_goods_and_nothing_else() {
    let kinds = [
        (LineType::Price, true),
        (LineType::Usage, true),
        (LineType::SetupFee, true),
        (LineType::ProrationCharge, true),
        (LineType::Shipping, false),
        (LineType::ProrationCredit, false),
        (LineType::Tax, false),
        (LineType::Credit, false),
    ];
    for (kind, lowered) in kinds {
        let discounts = run(&[line(kind, "a", 1_000)], &[coupon("ALL", percent("100"))]);
        assert_eq!(discounts.nets == [0], lowered, "{}", kind.name());
        assert_eq!(discounts.invalid.is_empty(), lowered, "{}", kind.name());
    }
}

#[test]
fn a_code_for_a_product_leaves_the_others_alone() {
    let mut only_a = coupon("ONLYA", percent("50"));
    only_a.products = vec![product("a")];
    let order = [
        price("a", 1_000),
        price("b", 1_000),
        line(LineType::Usage, "a", 500),
        line(LineType::Shipping, "", 300),
    ];
    check_story(
        &run(&order, &[only_a]),
        &["ONLYA: 750 of 1500"],
        &[],
        &[500, 1_000, 250, 300],
    );
}

/// The price of a first purchase, and the bounds of usage, are lines that
/// lower or lift another one: everything off must mean nothing due.
#[test]
fn lines_that_change_others_are_counted_with_them() {
    let intro = [price("a", 9_900), line(LineType::Discount, "a", -4_900)];
    check_story(
        &run(&intro, &[coupon("HALF", percent("50"))]),
        &["HALF: 2500 of 5000"],
        &[],
        &[2_500, 0],
    );
    let bounded = [
        price("a", 1_000),
        line(LineType::Usage, "a", 100_000),
        line(LineType::Adjustment, "a", -20_000),
        line(LineType::Usage, "b", 100),
        line(LineType::Adjustment, "b", 400),
    ];
    check_story(
        &run(&bounded, &[coupon("ALL", percent("100"))]),
        &["ALL: 81500 of 81500"],
        &[],
        &[0; 5],
    );
    // Two items of one price: each keeps its own.
    let mut items = vec![
        price("a", 1_000),
        price("a", 2_000),
        line(LineType::Discount, "a", -100),
    ];
    for (index, item) in [(0, "si_1"), (1, "si_2"), (2, "si_1")] {
        items[index].0.item = Some(SubscriptionItemId::trusted(item));
    }
    assert_eq!(run(&items, &[]).nets, [900, 2_000, 0]);
}

#[test]
fn each_invalid_code_has_its_reason_and_never_fails_the_call() {
    let order = [price("a", 1_000)];
    let base = || coupon("C", percent("10"));
    let with = |change: fn(&mut Coupon)| {
        let mut coupon = base();
        change(&mut coupon);
        coupon
    };
    let uses = |total, by_customer| Uses {
        total,
        by_customer,
        payment: Payment::First,
    };
    let later = |months| Uses {
        payment: Payment::Later { months },
        ..uses(9, 9)
    };
    let dollars = Off::Amount(5, Currency::parse(USD).unwrap());
    let limited = with(|coupon| {
        coupon.max_redemptions = Some(3);
        coupon.max_per_customer = Some(1);
    });
    let ended = |at| {
        let mut coupon = base();
        coupon.redeem_by = Some(Instant::from_micros(at));
        coupon
    };
    let three_months = with(|coupon| coupon.duration = Duration::Repeating { months: 3 });
    let once = with(|coupon| coupon.duration = Duration::Once);
    for (coupon, uses, reason) in [
        (base(), Uses::NONE, None),
        (
            with(|coupon| coupon.active = false),
            Uses::NONE,
            Some(Invalid::Inactive),
        ),
        (ended(1_000_001), Uses::NONE, None),
        (ended(1_000_000), Uses::NONE, Some(Invalid::Expired)),
        (limited.clone(), uses(2, 0), None),
        (limited.clone(), uses(3, 0), Some(Invalid::MaxRedemptions)),
        (limited.clone(), uses(2, 1), Some(Invalid::AlreadyRedeemed)),
        (coupon("C", dollars), Uses::NONE, Some(Invalid::OtherCurrency)),
        (
            with(|coupon| coupon.products = vec![product("b")]),
            Uses::NONE,
            Some(Invalid::NotApplicable),
        ),
        // What was redeemed stays for as long as it was promised.
        (limited, later(1), None),
        (with(|coupon| coupon.active = false), later(40), None),
        (ended(1), later(40), None),
        (three_months.clone(), later(2), None),
        (three_months, later(3), Some(Invalid::DurationOver)),
        (once.clone(), Uses::NONE, None),
        (once, later(0), Some(Invalid::DurationOver)),
    ] {
        let discounts = try_run(&order, &[given(&coupon, uses)]).unwrap();
        assert_eq!(
            discounts.invalid.first().map(|invalid| invalid.reason),
            reason,
            "{coupon:?}"
        );
        assert_eq!(discounts.applied.len(), usize::from(reason.is_none()));
        assert_eq!(discounts.nets, [if reason.is_none() { 900 } else { 1_000 }]);
    }
}

#[test]
fn codes_are_the_same_in_any_case_and_only_those_given_are_answered() {
    let spring = coupon("Spring10", percent("10"));
    let typed = |code, coupon| Given {
        code,
        coupon,
        uses: Uses::NONE,
    };
    let discounts = try_run(
        &[price("a", 1_000)],
        &[
            typed(" sPRING10 ", Some(&spring)),
            typed("SPRING10", Some(&spring)),
            typed("NOPE", None),
            typed("nope", None),
            typed("other", Some(&spring)),
        ],
    )
    .unwrap();
    check_story(
        &discounts,
        &["sPRING10: 100 of 1000"],
        &["duplicate", "not_found", "duplicate", "not_found"],
        &[900],
    );
    let codes: Vec<&str> = discounts.invalid.iter().map(|invalid| invalid.code.as_str()).collect();
    assert_eq!(codes, ["SPRING10", "NOPE", "nope", "other"]);
}

#[test]
fn a_code_that_finds_nothing_is_kept_for_when_it_is_of_use() {
    let all = coupon("ALL", percent("100"));
    let forever = coupon("TEN", percent("10"));
    let mut once = coupon("ONCE", won(500));
    once.duration = Duration::Once;
    // A free trial: nothing is due yet.
    check_story(&run(&[price("a", 0)], &[once.clone()]), &["ONCE: 0 of 0"], &[], &[0]);
    // Everything is off already: only a code for later payments may still be of use.
    check_story(
        &run(&[price("a", 900)], &[all, once, forever]),
        &["ALL: 900 of 900", "TEN: 0 of 0"],
        &["nothing_left"],
        &[0],
    );
}

#[test]
fn every_reason_has_its_code_and_its_words() {
    for (index, (invalid, name, en, ko)) in Invalid::ALL.into_iter().enumerate() {
        assert_eq!(invalid as usize, index, "{name}");
        assert_eq!(serde_json::to_value(invalid).unwrap(), name);
        assert_eq!(invalid.name(), name);
        assert_eq!((invalid.message(Locale::En), invalid.message(Locale::Ko)), (en, ko));
        assert!(en.is_ascii() && !ko.is_ascii(), "{name}");
    }
}

#[test]
fn what_cannot_be_counted_is_an_error() {
    let order = [price("a", i64::MAX), price("b", 1)];
    assert!(try_run(&order, &[]).is_err());
    let most = run(&[price("a", i64::MAX)], &[coupon("HALF", percent("50"))]);
    assert_eq!(most.nets, [i64::MAX / 2]);
}
