//! A shop whose prices every story knows by name.

use super::super::{NewItem, Priced, Prices};
use crate::domain::{
    calendar::{Interval, Unit},
    catalog::{
        coupon::{Coupon, Duration, Off},
        price::{Bundle, Claim, Expiry, FeeWhen, Intro, Metering, PriceType, SetupFee, Terms, Tier, TierMode},
    },
    currency::Currency,
    decimal::{Percent, Quantity, UnitAmount},
    id::{CouponId, PriceId, ProductId},
    instant::Instant,
};

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

fn fee(amount: i64, when: FeeWhen) -> Option<SetupFee> {
    Some(SetupFee {
        name: "fee".into(),
        amount,
        when,
        claim: None,
    })
}

/// One price of the shop.
struct Sold {
    name: &'static str,
    price: PriceId,
    product: ProductId,
    terms: Terms,
}

pub(super) struct Shop {
    sold: Vec<Sold>,
    pub(super) coupons: Vec<Coupon>,
}

impl Prices for Shop {
    fn priced(&self, price: &PriceId) -> Option<Priced<'_>> {
        self.sold.iter().find(|sold| sold.price == *price).map(|sold| Priced {
            price: &sold.price,
            product: &sold.product,
            name: sold.name,
            unit: "calls",
            terms: &sold.terms,
        })
    }
}

impl Shop {
    pub(super) fn open() -> Self {
        let usage = |claim, price| Terms {
            kind: PriceType::Usage,
            metering: Some(per_unit(claim, &[(Some(100), 0), (None, price)])),
            ..monthly(0)
        };
        let seats = |base, claim| Terms {
            kind: PriceType::Seat,
            metering: Some(per_unit(claim, &[(None, 1_000)])),
            ..monthly(base)
        };
        let arrears = |terms| Terms {
            claim: Claim::Arrears,
            ..terms
        };
        let until = |expiry| Terms {
            expiry: Some(expiry),
            ..monthly(10_000)
        };
        let the_end = Instant::parse("2026-03-16T00:00:00Z").expect("a date").micros();
        let sold = [
            ("basic", monthly(10_000)),
            ("pro", monthly(30_000)),
            (
                "max",
                Terms {
                    maximum_quantity: Some(3),
                    ..monthly(50_000)
                },
            ),
            (
                "yearly",
                Terms {
                    recurring: Some(every(Unit::Year, 1)),
                    ..monthly(120_000)
                },
            ),
            (
                "weekly",
                Terms {
                    recurring: Some(every(Unit::Week, 1)),
                    ..monthly(2_500)
                },
            ),
            ("free", monthly(0)),
            (
                "once",
                Terms {
                    kind: PriceType::OneTime,
                    recurring: None,
                    ..monthly(5_000)
                },
            ),
            ("post", arrears(monthly(10_000))),
            ("postpro", arrears(monthly(30_000))),
            (
                "postyear",
                Terms {
                    recurring: Some(every(Unit::Year, 1)),
                    ..arrears(monthly(120_000))
                },
            ),
            (
                "postfee",
                Terms {
                    setup_fee: fee(7_000, FeeWhen::Initially),
                    ..arrears(monthly(10_000))
                },
            ),
            ("calls", usage(Claim::Arrears, 10)),
            ("calls20", usage(Claim::Arrears, 20)),
            ("postcalls", arrears(usage(Claim::Arrears, 10))),
            ("seats", seats(5_000, Claim::Advance)),
            ("postseats", arrears(seats(0, Claim::Arrears))),
            (
                "kit",
                Terms {
                    kind: PriceType::Bundle,
                    bundle: Some(Bundle {
                        price_ids: vec![id("basic"), id("calls")],
                        first_payment_extra: 3_000,
                    }),
                    ..monthly(20_000)
                },
            ),
            (
                "bigkit",
                Terms {
                    kind: PriceType::Bundle,
                    bundle: Some(Bundle {
                        price_ids: vec![id("pro"), id("calls")],
                        first_payment_extra: 0,
                    }),
                    ..monthly(40_000)
                },
            ),
            (
                "intro",
                Terms {
                    intro: Some(Intro::Price(1_000)),
                    ..monthly(10_000)
                },
            ),
            (
                "feeonce",
                Terms {
                    setup_fee: fee(5_000, FeeWhen::Initially),
                    ..monthly(10_000)
                },
            ),
            (
                "feeeach",
                Terms {
                    setup_fee: fee(500, FeeWhen::Periodic),
                    ..monthly(10_000)
                },
            ),
            (
                "first",
                Terms {
                    billing_day: Some(1),
                    ..monthly(31_000)
                },
            ),
            (
                "postfirst",
                Terms {
                    billing_day: Some(1),
                    ..arrears(monthly(31_000))
                },
            ),
            ("three", until(Expiry::Payments(3))),
            ("season", until(Expiry::After(every(Unit::Day, 45)))),
            ("till16", until(Expiry::At(the_end))),
            ("postthree", arrears(until(Expiry::Payments(3)))),
            (
                "fromfifth",
                Terms {
                    service_start_day: Some(5),
                    ..monthly(10_000)
                },
            ),
        ];
        let ten = Off::Percent(Percent::whole(10).expect("a percentage"));
        Self {
            sold: sold
                .into_iter()
                .map(|(name, terms)| {
                    terms.check().expect("terms that fit");
                    Sold {
                        name,
                        price: id(name),
                        product: ProductId::trusted(format!("prod_{name}")),
                        terms,
                    }
                })
                .collect(),
            coupons: vec![
                coupon("TENONCE", ten, Duration::Once),
                coupon("TEN", ten, Duration::Forever),
                coupon("TENTWO", ten, Duration::Repeating { months: 2 }),
                coupon("FIXED", Off::Amount(3_000, Currency::KRW), Duration::Forever),
            ],
        }
    }

    /// One of a price, as it is asked for.
    pub(super) fn new_item(&self, name: &str, quantity: i64) -> NewItem {
        assert!(self.priced(&id(name)).is_some(), "no price is named {name}");
        NewItem {
            price: id(name),
            quantity,
            options: Vec::new(),
            option_amount: 0,
            first_purchase: true,
        }
    }
}

pub(super) fn id(name: &str) -> PriceId {
    PriceId::trusted(format!("var_{name}"))
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
