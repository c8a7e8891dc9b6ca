//! `cargo bench`: what deciding an amount costs, without any database.

#![expect(clippy::expect_used, reason = "a benchmark that cannot be set up has to stop")]

use std::hint::black_box;

use criterion::{Criterion, criterion_group, criterion_main};
use proyecta::domain::{
    calendar::{Interval, Schedule, Unit},
    catalog::{
        coupon::{Coupon, Duration, Off},
        price::{Claim, Intro, Metering, PriceType, Terms, Tier, TierMode},
    },
    currency::Currency,
    decimal::{Percent, Quantity, UnitAmount},
    id::{CouponId, PriceId, ProductId},
    instant::Instant,
    pricing::{
        discount::{Given, Uses},
        item::Item,
        policies::Policies,
        purchase::Purchase,
        tax::{Tax, TaxRate},
        tiers,
    },
    zone::Zone,
};

fn quantity(units: i64) -> Quantity {
    Quantity::whole(units).expect("a quantity")
}

fn ten_tiers() -> Metering {
    let tier = |n: i64| Tier {
        up_to: (n < 10).then(|| quantity(n * 1000)),
        unit_amount: UnitAmount::whole(20 - n).expect("an amount"),
        flat_amount: n,
    };
    Metering {
        tiers: (1..=10).map(tier).collect(),
        mode: TierMode::Graduated,
        included: quantity(100),
        minimum: None,
        maximum: None,
        claim: Claim::Arrears,
    }
}

fn graduated(bench: &mut Criterion) {
    let metering = ten_tiers();
    let units = quantity(12_345);
    bench.bench_function("a graduated line of 10 tiers", |run| {
        run.iter(|| {
            tiers::amount(black_box(&metering), black_box(units))
                .expect("an amount")
                .round()
        });
    });
}

fn terms(n: i64) -> Terms {
    Terms {
        kind: PriceType::Flat,
        currency: Currency::KRW,
        unit_amount: UnitAmount::whole(9_900 + n).expect("an amount"),
        recurring: Interval::new(Unit::Month, 1).ok(),
        claim: Claim::Advance,
        intro: (n % 4 == 0).then_some(Intro::Price(5_000)),
        setup_fee: None,
        expiry: None,
        service_start_day: None,
        metering: None,
        bundle: None,
        // A first period in part: every line is prorated.
        billing_day: Some(1),
        maximum_quantity: None,
    }
}

fn coupon(code: &str, off: Off) -> Coupon {
    Coupon {
        id: CouponId::trusted(format!("coup_{code}")),
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

/// 20 lines: 13 prices, of which 4 have a first-purchase discount, two codes and a tax.
fn order(bench: &mut Criterion) {
    const PRICES: i64 = 13;
    let names: Vec<(PriceId, ProductId)> = (0..PRICES)
        .map(|n| {
            (
                PriceId::trusted(format!("var_{n}")),
                ProductId::trusted(format!("prod_{n}")),
            )
        })
        .collect();
    let terms: Vec<Terms> = (0..PRICES).map(terms).collect();
    let items: Vec<Item<'_>> = names
        .iter()
        .zip(&terms)
        .map(|((price, product), terms)| Item {
            price,
            product,
            name: "Plan",
            unit: "pieces",
            terms,
            quantity: 3,
            option_amount: 0,
            trial_end: None,
            id: None,
            units: None,
            is_first_purchase: true,
            children: Vec::new(),
        })
        .collect();
    let percent = |text: &str| Percent::parse(text).expect("a percentage");
    let coupons = [
        coupon("TEN", Off::Percent(percent("10"))),
        coupon("FIXED", Off::Amount(5_000, Currency::KRW)),
    ];
    let codes: Vec<Given<'_>> = coupons
        .iter()
        .map(|coupon| Given {
            code: &coupon.code,
            coupon: Some(coupon),
            uses: Uses::NONE,
        })
        .collect();
    let vat = TaxRate {
        name: "VAT".into(),
        percent: percent("10"),
        country: None,
        product: None,
    };
    let policies = Policies {
        zone: Zone::parse("Asia/Seoul").expect("a zone"),
        tax: Tax {
            inclusive: false,
            rates: vec![vat],
        },
        ..Policies::default()
    };
    let purchase = Purchase {
        items: &items,
        codes: &codes,
        policies: &policies,
        country: None,
        now: Instant::parse("2026-01-21").expect("a date"),
    };
    let lines = purchase.quote(0).expect("a quote").now.lines.len();
    bench.bench_function(
        &format!("an order of {lines} lines with discounts, tax and parts of a month"),
        |run| {
            run.iter(|| black_box(&purchase).quote(0).expect("a quote"));
        },
    );
}

fn months(bench: &mut Criterion) {
    let zone = Zone::parse("America/New_York").expect("a zone");
    let monthly = Interval::new(Unit::Month, 1).expect("an interval");
    let anchor = Instant::parse("1995-01-31T07:30:00Z").expect("a date");
    bench.bench_function("1,200 monthly periods in America/New_York", |run| {
        run.iter(|| {
            let schedule = Schedule::new(black_box(anchor), zone, monthly);
            schedule.periods().take(1200).filter(Result::is_ok).count()
        });
    });
}

criterion_group!(pricing, graduated, order, months);
criterion_main!(pricing);
