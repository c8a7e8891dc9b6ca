//! What holds whatever is bought.

use proptest::prelude::*;

use super::*;

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
