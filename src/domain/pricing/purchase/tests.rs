//! What a purchase costs, told as stories: a line for each payment with its
//! total and what it is made of.

use proptest::prelude::*;

use super::*;
use crate::domain::{
    calendar::{Basis, Interval, Unit},
    catalog::{
        coupon::{Coupon, Duration, Off},
        price::{Bundle, Claim, Expiry, FeeWhen, Intro, Metering, PriceType, SetupFee, Terms, Tier, TierMode},
    },
    decimal::{Percent, Quantity, UnitAmount},
    id::{CouponId, PriceId, ProductId},
    line::{Line, LineType},
    pricing::discount::Uses,
    zone::Zone,
};

fn at(text: &str) -> Instant {
    Instant::parse(text).expect("a date")
}

fn every(unit: Unit, count: u32) -> Interval {
    Interval::new(unit, count).expect("an interval")
}

fn monthly(amount: i64) -> Terms {
    Terms {
        kind: PriceType::Flat,
        currency: Currency::KRW,
        unit_amount: UnitAmount::whole(amount).expect("an amount"),
        recurring: Some(every(Unit::Month, 1)),
        claim: Claim::Advance,
        intro: None,
        setup_fee: None,
        expiry: None,
        service_start_day: None,
        metering: None,
        bundle: None,
        billing_day: None,
        maximum_quantity: None,
    }
}

fn once(amount: i64) -> Terms {
    Terms {
        kind: PriceType::OneTime,
        recurring: None,
        ..monthly(amount)
    }
}

fn per_unit(claim: Claim, tiers: &[(Option<i64>, i64)]) -> Metering {
    let tier = |(up_to, price): &(Option<i64>, i64)| Tier {
        up_to: up_to.map(|up_to| Quantity::whole(up_to).expect("a quantity")),
        unit_amount: UnitAmount::whole(*price).expect("an amount"),
        flat_amount: 0,
    };
    Metering {
        tiers: tiers.iter().map(tier).collect(),
        mode: TierMode::Graduated,
        included: Quantity::ZERO,
        minimum: None,
        maximum: None,
        claim,
    }
}

/// A shop with one product for each price.
struct Shop {
    ids: Vec<(PriceId, ProductId)>,
}

impl Shop {
    fn new() -> Self {
        let ids = |n: usize| {
            (
                PriceId::trusted(format!("var_{n}")),
                ProductId::trusted(format!("prod_{n}")),
            )
        };
        Self {
            ids: (0..10).map(ids).collect(),
        }
    }

    fn item<'a>(&'a self, place: usize, terms: &'a Terms) -> Item<'a> {
        let (price, product) = &self.ids[place];
        Item {
            price,
            product,
            name: "Plan",
            unit: "calls",
            terms,
            quantity: 1,
            option_amount: 0,
            trial_end: None,
            is_first_purchase: true,
            children: Vec::new(),
        }
    }
}

fn seoul() -> Policies {
    Policies {
        zone: Zone::parse("Asia/Seoul").expect("a zone"),
        ..Policies::default()
    }
}

fn quote(items: &[Item<'_>], policies: &Policies, now: &str, periods: usize) -> Result<Quote, Problem> {
    let purchase = Purchase {
        items,
        codes: &[],
        policies,
        country: None,
        now: at(now),
    };
    purchase.quote(periods)
}

/// `2026-01-31 10000 = price 12000, discount -2000`, in the store's days.
fn story(items: &[Item<'_>], policies: &Policies, now: &str, periods: usize) -> String {
    let quote = quote(items, policies, now, periods).expect("a quote");
    let told = |bill: &Bill| {
        let day = policies.zone.day(bill.at);
        let lines = bill
            .lines
            .iter()
            .map(|line| format!("{} {}", line.kind.name(), line.amount));
        format!("{day} {} = {}", bill.total, lines.collect::<Vec<_>>().join(", "))
    };
    let bills = std::iter::once(&quote.now).chain(&quote.upcoming).map(told);
    bills.collect::<Vec<_>>().join("\n")
}

fn tells(items: &[Item<'_>], policies: &Policies, now: &str, expected: &str) {
    let expected: Vec<&str> = expected
        .lines()
        .map(str::trim)
        .filter(|line| !line.is_empty())
        .collect();
    assert_eq!(story(items, policies, now, expected.len() - 1), expected.join("\n"));
}

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

fn coupon(code: &str, off: Off, duration: Duration) -> Coupon {
    Coupon {
        id: CouponId::trusted(format!("coup_{code}")),
        code: code.to_owned(),
        name: None,
        description: None,
        off,
        duration,
        max_redemptions: None,
        max_per_customer: None,
        redeem_by: None,
        products: Vec::new(),
        active: true,
    }
}

fn given(coupon: &Coupon) -> Given<'_> {
    Given {
        code: &coupon.code,
        coupon: Some(coupon),
        uses: Uses::NONE,
    }
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
    ] {
        let problem = quote(&items, &seoul(), JANUARY_31, 1).expect_err(place);
        assert_eq!(problem.at, place, "{}", problem.message);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    /// Whatever is bought: lines sum up, nothing is below zero, and what is
    /// shown for a while is the beginning of what is shown for longer.
    #[test]
    fn every_bill_adds_up(
        amounts in prop::collection::vec((0..10_000_000_i64, 1..50_i64, 0..4_u8, any::<bool>()), 1..6),
        day in prop::option::of(1..=31_u8),
        offset in 0..2_000_i64,
    ) {
        let shop = Shop::new();
        let ten = coupon("TEN", Off::Percent(Percent::whole(10).expect("a percentage")), Duration::Forever);
        let fixed = coupon("FIXED", Off::Amount(1_234, Currency::KRW), Duration::Once);
        let terms: Vec<Terms> = amounts.iter().map(|(amount, _, kind, fee)| Terms {
            billing_day: day,
            intro: fee.then_some(Intro::Price(amount / 2)),
            setup_fee: fee.then(|| SetupFee { name: "Setup".into(), amount: amount / 3, when: FeeWhen::Periodic, claim: None }),
            ..match kind {
                0 => Terms { claim: Claim::Arrears, ..monthly(*amount) },
                1 => Terms { kind: PriceType::Seat, metering: Some(per_unit(Claim::Advance, &[(Some(3), 7), (None, 3)])), ..monthly(*amount) },
                2 => Terms { recurring: Some(every(Unit::Year, 1)), ..monthly(*amount) },
                _ => monthly(*amount),
            }
        }).collect();
        let items: Vec<Item<'_>> = terms.iter().zip(&amounts).enumerate()
            .map(|(place, (terms, (_, quantity, ..)))| Item { quantity: *quantity, ..shop.item(place, terms) })
            .collect();
        let now = Instant::from_micros(at("2026-01-01").micros() + offset * 3_600_000_000);
        let purchase = Purchase { items: &items, codes: &[given(&ten), given(&fixed)], policies: &seoul(), country: None, now };
        let long = purchase.quote(14).expect("a quote");
        for bill in std::iter::once(&long.now).chain(&long.upcoming) {
            prop_assert_eq!(bill.lines.iter().map(|line| line.amount).sum::<i64>(), bill.total);
            prop_assert_eq!(bill.subtotal - bill.discount + bill.tax, bill.total);
            let is_off = |line: &Line| line.kind == LineType::Discount;
            prop_assert!(bill.lines.iter().all(|line| (line.amount <= 0 || !is_off(line)) && (line.amount >= 0 || is_off(line))));
            prop_assert_eq!(bill.lines.iter().filter(|line| is_off(line)).map(|line| -line.amount).sum::<i64>(), bill.discount);
            prop_assert!(bill.total >= 0);
        }
        prop_assert!(long.upcoming.windows(2).all(|two| two[0].at < two[1].at));
        let short = purchase.quote(5).expect("a quote");
        prop_assert_eq!(&short.upcoming[..], &long.upcoming[..short.upcoming.len()]);
    }

    /// Periods of an item neither overlap nor leave a gap, whatever day it is
    /// bought and aligned to.
    #[test]
    fn paid_periods_touch(day in prop::option::of(1..=31_u8), offset in 0..20_000_i64) {
        let (shop, mut terms) = (Shop::new(), monthly(1_000));
        terms.billing_day = day;
        let now = Instant::from_micros(at("2026-01-01").micros() + offset * 3_600_000_000);
        let items = [shop.item(0, &terms)];
        let purchase = Purchase { items: &items, codes: &[], policies: &seoul(), country: None, now };
        let quote = purchase.quote(30).expect("a quote");
        let periods: Vec<_> = std::iter::once(&quote.now).chain(&quote.upcoming)
            .flat_map(|bill| bill.lines.iter().filter_map(|line| line.period)).collect();
        prop_assert_eq!(periods[0].start(), now);
        prop_assert!(periods.windows(2).all(|two| two[0].end() == two[1].start()));
    }
}
