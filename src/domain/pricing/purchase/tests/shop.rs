//! A shop with a product for each price, and stories of what is bought there.

use super::super::*;
use crate::domain::{
    calendar::{Interval, Unit},
    catalog::{
        coupon::{Coupon, Duration, Off},
        price::{Claim, Metering, PriceType, Terms, Tier, TierMode},
    },
    decimal::{Quantity, UnitAmount},
    id::{CouponId, PriceId, ProductId},
    pricing::discount::Uses,
    zone::Zone,
};

pub(super) fn at(text: &str) -> Instant {
    Instant::parse(text).expect("a date")
}

pub(super) fn every(unit: Unit, count: u32) -> Interval {
    Interval::new(unit, count).expect("an interval")
}

pub(super) fn monthly(amount: i64) -> Terms {
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

pub(super) fn once(amount: i64) -> Terms {
    Terms {
        kind: PriceType::OneTime,
        recurring: None,
        ..monthly(amount)
    }
}

pub(super) fn per_unit(claim: Claim, tiers: &[(Option<i64>, i64)]) -> Metering {
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
pub(super) struct Shop {
    pub(super) ids: Vec<(PriceId, ProductId)>,
}

impl Shop {
    pub(super) fn new() -> Self {
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

    pub(super) fn item<'a>(&'a self, place: usize, terms: &'a Terms) -> Item<'a> {
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
            id: None,
            units: None,
            is_first_purchase: true,
            children: Vec::new(),
        }
    }
}

pub(super) fn seoul() -> Policies {
    Policies {
        zone: Zone::parse("Asia/Seoul").expect("a zone"),
        ..Policies::default()
    }
}

pub(super) fn quote(items: &[Item<'_>], policies: &Policies, now: &str, periods: usize) -> Result<Quote, Problem> {
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
pub(super) fn story(items: &[Item<'_>], policies: &Policies, now: &str, periods: usize) -> String {
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

pub(super) fn tells(items: &[Item<'_>], policies: &Policies, now: &str, expected: &str) {
    let expected: Vec<&str> = expected
        .lines()
        .map(str::trim)
        .filter(|line| !line.is_empty())
        .collect();
    assert_eq!(story(items, policies, now, expected.len() - 1), expected.join("\n"));
}

pub(super) fn coupon(code: &str, off: Off, duration: Duration) -> Coupon {
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

pub(super) fn given(coupon: &Coupon) -> Given<'_> {
    Given {
        code: &coupon.code,
        coupon: Some(coupon),
        uses: Uses::NONE,
    }
}
