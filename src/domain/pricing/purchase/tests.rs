//! What a purchase costs, told as stories: a line for each payment with its
//! total and what it is made of.

mod laws;
mod shop;

use self::shop::*;
use super::*;
use crate::domain::{
    calendar::{Basis, Unit},
    catalog::{
        coupon::{Duration, Off},
        price::{Bundle, Claim, Expiry, FeeWhen, Intro, PriceType, SetupFee, Terms},
    },
    decimal::Percent,
    line::{Line, LineType},
};

/// 31 January 09:00 in Seoul.
const JANUARY_31: &str = "2026-01-31T00:00:00Z";

#[test]
fn a_month_end_survives_short_months() {
    let (shop, terms) = (Shop::new(), monthly(10_000));
    tells(
        &[shop.item(0, &terms)],
        &seoul(),
        JANUARY_31,
        "
        2026-01-31 10000 = price 10000
        2026-02-28 10000 = price 10000
        2026-03-31 10000 = price 10000
        2026-04-30 10000 = price 10000",
    );
}

#[test]
fn what_is_paid_once_is_paid_now_only() {
    let (shop, subscription, piece) = (Shop::new(), monthly(10_000), once(7_000));
    let mut pieces = shop.item(1, &piece);
    pieces.quantity = 3;
    tells(
        &[shop.item(0, &subscription), pieces],
        &seoul(),
        JANUARY_31,
        "
        2026-01-31 31000 = price 10000, price 21000
        2026-02-28 10000 = price 10000",
    );
}

#[test]
fn the_first_purchase_price_is_for_the_first_payment_of_the_first_purchase() {
    let (shop, mut terms) = (Shop::new(), monthly(10_000));
    terms.intro = Some(Intro::Price(1_000));
    let mut item = shop.item(0, &terms);
    item.quantity = 2;
    tells(
        &[item.clone()],
        &seoul(),
        JANUARY_31,
        "
        2026-01-31 2000 = price 20000, discount -18000
        2026-02-28 20000 = price 20000",
    );
    item.is_first_purchase = false;
    tells(
        &[item.clone()],
        &seoul(),
        JANUARY_31,
        "
        2026-01-31 20000 = price 20000
        2026-02-28 20000 = price 20000",
    );
    for (intro, left) in [
        (Intro::AmountOff(2_500), 15_000),
        (Intro::AmountOff(99_000), 0),
        (Intro::PercentOff(Percent::parse("12.5").expect("a percentage")), 17_500),
        // Never dearer than the price itself.
        (Intro::Price(11_000), 20_000),
    ] {
        let mut terms = monthly(10_000);
        terms.intro = Some(intro);
        let mut item = shop.item(0, &terms);
        item.quantity = 2;
        assert_eq!(
            quote(&[item], &seoul(), JANUARY_31, 0).expect("a quote").now.total,
            left,
            "{intro:?}"
        );
    }
}

#[test]
fn a_setup_fee_is_due_once_or_with_every_payment() {
    let shop = Shop::new();
    let with_fee = |when| Terms {
        setup_fee: Some(SetupFee {
            name: "Setup".into(),
            amount: 3_000,
            when,
            claim: None,
        }),
        ..monthly(10_000)
    };
    tells(
        &[shop.item(0, &with_fee(FeeWhen::Initially))],
        &seoul(),
        JANUARY_31,
        "
        2026-01-31 13000 = price 10000, setup_fee 3000
        2026-02-28 10000 = price 10000",
    );
    tells(
        &[shop.item(0, &with_fee(FeeWhen::Periodic))],
        &seoul(),
        JANUARY_31,
        "
        2026-01-31 13000 = price 10000, setup_fee 3000
        2026-02-28 13000 = price 10000, setup_fee 3000",
    );
    let in_arrears = Terms {
        setup_fee: Some(SetupFee {
            name: "Setup".into(),
            amount: 3_000,
            when: FeeWhen::Initially,
            claim: Some(Claim::Arrears),
        }),
        ..monthly(10_000)
    };
    tells(
        &[shop.item(0, &in_arrears)],
        &seoul(),
        JANUARY_31,
        "
        2026-01-31 10000 = price 10000
        2026-02-28 13000 = setup_fee 3000, price 10000
        2026-03-31 10000 = price 10000",
    );
}

#[test]
fn a_subscription_ends_after_so_many_payments_or_at_a_date() {
    let shop = Shop::new();
    let expiring = |expiry| Terms {
        expiry: Some(expiry),
        ..monthly(31_000)
    };
    let counted = expiring(Expiry::Payments(2));
    assert_eq!(
        story(&[shop.item(0, &counted)], &seoul(), "2026-01-01", 9),
        "2026-01-01 31000 = price 31000\n2026-02-01 31000 = price 31000"
    );
    let after = expiring(Expiry::After(every(Unit::Month, 2)));
    assert_eq!(
        story(&[shop.item(0, &after)], &seoul(), "2026-01-01", 9),
        "2026-01-01 31000 = price 31000\n2026-02-01 31000 = price 31000"
    );
    // 7 of February's 28 days are left to pay for.
    let at_date = expiring(Expiry::At(at("2026-02-08").micros()));
    assert_eq!(
        story(&[shop.item(0, &at_date)], &seoul(), "2026-01-01", 9),
        "2026-01-01 31000 = price 31000\n2026-02-01 7750 = price 7750"
    );
    let mut whole = seoul();
    whole.proration = Basis::None;
    assert_eq!(
        story(&[shop.item(0, &at_date)], &whole, "2026-01-01", 9),
        "2026-01-01 31000 = price 31000\n2026-02-01 31000 = price 31000"
    );
}

#[test]
fn in_arrears_each_period_is_paid_at_its_end() {
    let (shop, mut terms) = (Shop::new(), monthly(10_000));
    terms.claim = Claim::Arrears;
    terms.expiry = Some(Expiry::Payments(2));
    assert_eq!(
        story(&[shop.item(0, &terms)], &seoul(), JANUARY_31, 9),
        "2026-01-31 0 = \n2026-02-28 10000 = price 10000\n2026-03-31 10000 = price 10000"
    );
}

#[test]
fn a_trial_puts_off_the_first_payment_and_all_that_comes_with_it() {
    let (shop, mut terms) = (Shop::new(), monthly(10_000));
    terms.setup_fee = Some(SetupFee {
        name: "Setup".into(),
        amount: 3_000,
        when: FeeWhen::Initially,
        claim: None,
    });
    terms.intro = Some(Intro::Price(5_000));
    let mut item = shop.item(0, &terms);
    item.trial_end = Some(at("2026-02-14T00:00:00Z"));
    tells(
        &[item],
        &seoul(),
        JANUARY_31,
        "
        2026-01-31 0 = price 0
        2026-02-14 8000 = price 10000, discount -5000, setup_fee 3000
        2026-03-14 10000 = price 10000",
    );
}

#[test]
fn a_trial_of_one_thing_leaves_the_other_alone() {
    let (shop, terms) = (Shop::new(), monthly(10_000));
    let mut tried = shop.item(0, &terms);
    tried.trial_end = Some(at("2026-02-14T00:00:00Z"));
    tells(
        &[tried, shop.item(1, &terms)],
        &seoul(),
        JANUARY_31,
        "
        2026-01-31 10000 = price 0, price 10000
        2026-02-14 10000 = price 10000
        2026-02-28 10000 = price 10000
        2026-03-14 10000 = price 10000",
    );
}

#[test]
fn codes_last_as_long_as_they_say_and_wait_for_a_trial() {
    let (shop, terms, policies) = (Shop::new(), monthly(10_000), seoul());
    let five = Off::Amount(5_000, Currency::KRW);
    let totals = |duration, trial_end| {
        let item = Item {
            trial_end,
            ..shop.item(0, &terms)
        };
        let coupon = coupon("FIVE", five, duration);
        let purchase = Purchase {
            items: &[item],
            codes: &[given(&coupon)],
            policies: &policies,
            country: None,
            now: at(JANUARY_31),
        };
        let quote = purchase.quote(4).expect("a quote");
        let bills = std::iter::once(&quote.now).chain(&quote.upcoming);
        bills.map(|bill| (bill.total, bill.discount)).collect::<Vec<_>>()
    };
    let (less, full, free) = ((5_000, 5_000), (10_000, 0), (0, 0));
    let trial = Some(at("2026-02-28T00:00:00Z"));
    assert_eq!(totals(Duration::Once, None), [less, full, full, full, full]);
    assert_eq!(totals(Duration::Once, trial), [free, less, full, full, full]);
    assert_eq!(totals(Duration::Forever, trial), [free, less, less, less, less]);
    let months = Duration::Repeating { months: 2 };
    assert_eq!(totals(months, None), [less, less, full, full, full]);
    // From the redemption on, not from the first payment: 28 March is within two months.
    assert_eq!(totals(months, trial), [free, less, less, full, full]);
}

#[test]
fn a_billing_day_makes_a_first_period_in_part() {
    let (shop, mut terms) = (Shop::new(), monthly(31_000));
    terms.billing_day = Some(1);
    // 11 of January's 31 days.
    tells(
        &[shop.item(0, &terms)],
        &seoul(),
        "2026-01-21",
        "
        2026-01-21 11000 = price 11000
        2026-02-01 31000 = price 31000
        2026-03-01 31000 = price 31000",
    );
    let aligned = Policies {
        aligned_to: Some(1),
        ..seoul()
    };
    terms.billing_day = None;
    tells(
        &[shop.item(0, &terms)],
        &aligned,
        "2026-01-21",
        "
        2026-01-21 11000 = price 11000
        2026-02-01 31000 = price 31000",
    );
    let free = Policies {
        proration: Basis::None,
        ..aligned
    };
    tells(
        &[shop.item(0, &terms)],
        &free,
        "2026-01-21",
        "
        2026-01-21 0 = price 0
        2026-02-01 31000 = price 31000",
    );
}

#[test]
fn seats_are_paid_ahead_or_at_the_end() {
    let shop = Shop::new();
    let seats = |claim| Terms {
        kind: PriceType::Seat,
        metering: Some(per_unit(claim, &[(Some(2), 1_000), (None, 500)])),
        ..monthly(10_000)
    };
    let (ahead, behind) = (seats(Claim::Advance), seats(Claim::Arrears));
    let five = |terms| Item {
        quantity: 5,
        ..shop.item(0, terms)
    };
    tells(
        &[five(&ahead)],
        &seoul(),
        JANUARY_31,
        "
        2026-01-31 13500 = price 10000, usage 3500
        2026-02-28 13500 = price 10000, usage 3500",
    );
    tells(
        &[five(&behind)],
        &seoul(),
        JANUARY_31,
        "
        2026-01-31 10000 = price 10000
        2026-02-28 13500 = usage 3500, price 10000",
    );
}

#[test]
fn a_bundle_lists_its_children_and_pays_their_usage_alone() {
    let (shop, child) = (Shop::new(), monthly(99_000));
    let mut bundle = monthly(20_000);
    bundle.kind = PriceType::Bundle;
    bundle.bundle = Some(Bundle {
        price_ids: vec![shop.ids[1].0.clone(), shop.ids[2].0.clone()],
        first_payment_extra: 5_000,
    });
    let mut usage = monthly(700);
    usage.kind = PriceType::Usage;
    usage.metering = Some(per_unit(Claim::Arrears, &[(None, 10)]));
    let mut item = shop.item(0, &bundle);
    item.children = vec![shop.item(1, &child), shop.item(2, &usage)];
    tells(
        &[item],
        &seoul(),
        JANUARY_31,
        "
        2026-01-31 25700 = price 20000, price 5000, price 0, price 700
        2026-02-28 20700 = usage 0, price 20000, price 0, price 700",
    );
}

#[test]
fn bad_purchases_say_where_they_are_wrong() {
    let (shop, terms, mut dollars) = (Shop::new(), monthly(1), monthly(1));
    dollars.currency = Currency::parse("USD").expect("a currency");
    let few = Terms {
        maximum_quantity: Some(2),
        ..monthly(1)
    };
    let over = Terms {
        expiry: Some(Expiry::At(at(JANUARY_31).micros())),
        ..monthly(1)
    };
    let huge = monthly(i64::MAX / 1000);
    let with = |place: usize, terms, quantity| Item {
        quantity,
        ..shop.item(place, terms)
    };
    for (items, place) in [
        (vec![], "lineItems"),
        (vec![with(0, &terms, 1), with(1, &dollars, 1)], "lineItems[1]"),
        (vec![with(0, &terms, 0)], "lineItems[0].quantity"),
        (vec![with(0, &terms, 1), with(1, &few, 3)], "lineItems[1].quantity"),
        (vec![with(0, &huge, 10_000)], "lineItems[0]"),
        (vec![with(0, &terms, 1), with(1, &over, 1)], "lineItems[1]"),
    ] {
        let problem = quote(&items, &seoul(), JANUARY_31, 1).expect_err(place);
        assert_eq!(problem.at, place, "{}", problem.message);
    }
}
