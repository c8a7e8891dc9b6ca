use proptest::prelude::*;

use super::*;
use crate::domain::{
    calendar::{Interval, Unit},
    catalog::price::{Claim, Metering, Terms, Tier, TierMode},
    currency::Currency,
    decimal::UnitAmount,
    id::{PaymentMethodId, PriceId, ProductId, SubscriptionId, UsageId},
    instant::Instant,
    pricing::{
        tax::Tax,
        tiers,
        usage::{Change, Counting, Meter},
    },
    settings::Settings,
    subscription::{Cadence, Cycle, Item, PaidPart, Priced, Prices, Recovery},
    zone::Zone,
};

fn at(text: &str) -> Instant {
    Instant::parse(text).expect(text)
}

/// A shop with one price.
struct Shop {
    price: PriceId,
    product: ProductId,
    terms: Terms,
    settings: Settings,
    tax: Tax,
}

impl Shop {
    fn selling(kind: PriceType, tiers: &[(Option<i64>, i64)]) -> Self {
        let tier = |(up_to, price): &(Option<i64>, i64)| Tier {
            up_to: up_to.map(|up_to| Quantity::whole(up_to).unwrap()),
            unit_amount: UnitAmount::whole(*price).unwrap(),
            flat_amount: 0,
        };
        Self {
            price: PriceId::trusted("var_1"),
            product: ProductId::trusted("prod_1"),
            terms: Terms {
                kind,
                currency: Currency::KRW,
                unit_amount: UnitAmount::ZERO,
                recurring: Some(Interval::new(Unit::Month, 1).unwrap()),
                claim: Claim::Advance,
                intro: None,
                setup_fee: None,
                expiry: None,
                service_start_day: None,
                metering: Some(Metering {
                    tiers: tiers.iter().map(tier).collect(),
                    mode: TierMode::Graduated,
                    included: Quantity::ZERO,
                    minimum: None,
                    maximum: None,
                    claim: Claim::Advance,
                }),
                bundle: None,
                billing_day: None,
                maximum_quantity: None,
            },
            settings: Settings::default(),
            tax: Tax::default(),
        }
    }

    fn world(&self, now: &str, balance: i64) -> World<'_> {
        World {
            now: at(now),
            settings: &self.settings,
            tax: &self.tax,
            prices: self,
            coupons: &[],
            given: &[],
            country: None,
            units: &[],
            balance,
        }
    }

    fn metering(&self) -> &Metering {
        self.terms.metering.as_ref().unwrap()
    }

    /// Two seats, paid for April.
    fn subscription(&self) -> Subscription {
        let april = Period::new(at("2026-04-01"), at("2026-05-01")).unwrap();
        Subscription {
            early: None,
            service_start_day: None,
            id: SubscriptionId::trusted("sub_1"),
            currency: Currency::KRW,
            zone: Zone::default(),
            phase: Phase::Active,
            items: vec![Item {
                id: SubscriptionItemId::trusted("si_1"),
                price: self.price.clone(),
                product: self.product.clone(),
                quantity: 2,
                options: Vec::new(),
                option_amount: 0,
                parent: None,
                first_purchase: true,
                begun: 1,
                since: None,
                paid: vec![PaidPart {
                    amount: 6000,
                    span: april,
                }],
            }],
            started_at: april.start(),
            cadence: Cadence::starting(april.start(), self.terms.recurring.unwrap(), None),
            cycle: Some(Cycle {
                period: april,
                whole: april,
            }),
            trial: None,
            incomplete_until: None,
            expires_at: None,
            most_periods: None,
            periods: 1,
            payments: 1,
            arrears: false,
            method: Some(PaymentMethodId::trusted("pm_1")),
            cancel: None,
            pause_later: None,
            pause: None,
            pending: None,
            metered_from: april.start(),
            accrued: Vec::new(),
            open: None,
            charging: false,
            recovery: None,
            promotions: Vec::new(),
            moved_from: None,
            noticed: None,
            trial_noticed: false,
            paid_at: Some(april.start()),
            ended_at: None,
        }
    }
}

impl Prices for Shop {
    fn priced(&self, price: &PriceId) -> Option<Priced<'_>> {
        (*price == self.price).then_some(Priced {
            price: &self.price,
            product: &self.product,
            name: "Plan",
            unit: "seats",
            terms: &self.terms,
        })
    }
}

fn topup(quota: i64, seats: i64, when: &str) -> Topup {
    Topup {
        usage: UsageId::trusted("use_1"),
        item: SubscriptionItemId::trusted("si_1"),
        quota: Quantity::whole(quota).unwrap(),
        record: Quantity::ZERO,
        seats,
        at: at(when),
        via: "api".to_owned(),
        payload: None,
    }
}

fn ids() -> impl FnMut() -> u128 {
    let mut made = 0;
    move || {
        made += 1;
        made
    }
}

/// What two seats and more of them come to.
fn effect(more: i64, when: &str) -> Effect {
    let april = Period::new(at("2026-04-01"), at("2026-05-01")).unwrap();
    let two = Some(Quantity::whole(2).unwrap());
    let mut meter = Meter::open(april, Counting::Seats, Claim::Advance, Quantity::ZERO, two).unwrap();
    let change = Change {
        at: at(when),
        amount: Quantity::whole(more).unwrap(),
    };
    meter.quota(change).unwrap()
}

/// Three more seats from 11 April on, which is twenty days of thirty.
fn three_more(shop: &Shop, state: Subscription, balance: i64) -> Result<Decision, Refusal> {
    let when = "2026-04-11";
    let (effect, topup) = (effect(3, when), topup(3, 3, when));
    state.meter(
        topup,
        Some(&effect),
        &shop.world("2026-04-11T15:00:00Z", balance),
        &mut ids(),
    )
}

#[test]
fn seats_count_once_they_are_paid() {
    let shop = Shop::selling(PriceType::Seat, &[(None, 3000)]);
    let before = shop.subscription();
    let asked = three_more(&shop, before.clone(), 0).unwrap();
    let charge = asked.charge.as_ref().unwrap();
    assert_eq!(
        (charge.kind, charge.due, charge.bill.total),
        (OrderType::QuotaTopup, 6000, 6000)
    );
    assert_eq!(charge.bill.lines[0].quantity, Quantity::whole(2).unwrap());
    assert!(asked.after.charging && asked.usage.is_none() && asked.after.items == before.items);
    let now = at("2026-04-11T15:00:01Z");
    let paid = asked.after.clone().paid(now, &shop.settings).unwrap();
    assert_eq!(paid.usage, Some(topup(3, 3, "2026-04-11")));
    assert_eq!(paid.news, [News::Updated]);
    let item = &paid.after.items[0];
    assert_eq!(item.quantity, 5);
    let part = |amount, from| PaidPart {
        amount,
        span: Period::new(at(from), at("2026-05-01")).unwrap(),
    };
    assert_eq!(item.paid, [part(6000, "2026-04-01"), part(6000, "2026-04-11")]);
    assert!(!paid.after.charging && paid.after.open.is_none());
}

#[test]
fn a_decline_leaves_everything_as_it_was() {
    let shop = Shop::selling(PriceType::Seat, &[(None, 3000)]);
    let before = shop.subscription();
    let asked = three_more(&shop, before.clone(), 0).unwrap();
    let order = asked.charge.as_ref().unwrap().order.clone();
    let now = at("2026-04-11T15:00:01Z");
    for hard in [false, true] {
        let declined = asked.after.clone().declined(now, hard, &shop.settings).unwrap();
        assert_eq!((declined.after, declined.close), (before.clone(), Some(order.clone())));
        assert!(declined.usage.is_none() && declined.news.is_empty());
    }
    let unsent = asked.after.given_up().unwrap();
    assert_eq!((unsent.after, unsent.close), (before, Some(order)));
}

#[test]
fn what_the_balance_pays_counts_at_once() {
    let shop = Shop::selling(PriceType::Seat, &[(None, 3000)]);
    let decided = three_more(&shop, shop.subscription(), 10_000).unwrap();
    let charge = decided.charge.unwrap();
    assert_eq!((charge.due, charge.balance), (0, -6000));
    assert_eq!(decided.after.items[0].quantity, 5);
    assert!(decided.usage.is_some() && !decided.after.charging);
}

#[test]
fn where_parts_of_periods_are_free_more_seats_are() {
    let mut shop = Shop::selling(PriceType::Seat, &[(None, 3000)]);
    shop.settings.proration = Basis::None;
    let decided = three_more(&shop, shop.subscription(), 0).unwrap();
    assert!(decided.charge.is_none());
    assert_eq!(decided.after.items[0].quantity, 5);
}

#[test]
fn a_part_of_a_period_is_that_part_of_a_unit() {
    let shop = Shop::selling(PriceType::Seat, &[(None, 3000)]);
    let mut state = shop.subscription();
    // The last thirty days of sixty.
    let whole = Period::new(at("2026-03-02"), at("2026-05-01")).unwrap();
    state.cycle = state.cycle.map(|cycle| Cycle { whole, ..cycle });
    let decided = three_more(&shop, state, 0).unwrap();
    assert_eq!(decided.charge.unwrap().due, 3000);
}

#[test]
fn a_trial_costs_nothing_and_a_debt_comes_first() {
    let shop = Shop::selling(PriceType::Seat, &[(None, 3000)]);
    let in_trial = Subscription {
        phase: Phase::Trialing,
        ..shop.subscription()
    };
    let decided = three_more(&shop, in_trial, 0).unwrap();
    assert!(decided.charge.is_none() && decided.usage.is_some());
    let owing = Subscription {
        phase: Phase::PastDue,
        recovery: Some(Recovery {
            since: at("2026-04-02"),
            retries: 0,
            hard: false,
        }),
        ..shop.subscription()
    };
    assert!(matches!(three_more(&shop, owing, 0), Err(Refusal::State(_))));
    let busy = Subscription {
        charging: true,
        ..shop.subscription()
    };
    assert_eq!(three_more(&shop, busy, 0), Err(Refusal::Charging));
    let over = Subscription {
        phase: Phase::Expired,
        ..shop.subscription()
    };
    assert_eq!(three_more(&shop, over, 0), Err(Refusal::Ended));
}

proptest! {
    /// However a quota grows, all that was charged is the price of the whole.
    #[test]
    fn steps_come_to_the_price_of_the_whole(
        raises in prop::collection::vec(1_i64..500, 1..12),
        ends in (1_i64..300, 300_i64..900),
        prices in (0_i64..50, 0_i64..50, 0_i64..50),
    ) {
        let tiers = [(Some(ends.0), prices.0), (Some(ends.1), prices.1), (None, prices.2)];
        let shop = Shop::selling(PriceType::Usage, &tiers);
        let april = Period::new(at("2026-04-01"), at("2026-05-01")).unwrap();
        let mut meter = Meter::open(april, Counting::Sum, Claim::Advance, Quantity::ZERO, None).unwrap();
        let (mut state, mut charged, mut sum) = (shop.subscription(), 0, 0);
        for (day, raise) in raises.iter().enumerate() {
            let when = format!("2026-04-{:02}", day + 1);
            let change = Change { at: at(&when), amount: Quantity::whole(*raise).unwrap() };
            let effect = meter.quota(change).unwrap();
            let decided = state.clone().meter(topup(*raise, 0, &when), Some(&effect), &shop.world(&when, 0), &mut ids()).unwrap();
            charged += decided.charge.as_ref().map_or(0, |charge| charge.due);
            state = match decided.after.charging {
                true => decided.after.paid(at(&when), &shop.settings).unwrap().after,
                false => decided.after,
            };
            sum += raise;
        }
        let whole = tiers::due(shop.metering(), Quantity::whole(sum).unwrap()).unwrap();
        prop_assert_eq!(charged, whole);
        prop_assert_eq!(&state, &shop.subscription());
    }
}
