//! What holds for any table of prices and any number of units.

use proptest::prelude::*;

use super::*;

/// Tables that `Terms::check` lets pass: ascending ends, the last without.
fn any_tiers() -> impl Strategy<Value = Vec<Tier>> {
    let step = (1..60_i64, 0..2_000_i64, 0..50_i64);
    (prop::collection::vec(step, 1..8), 0_u32..3).prop_map(|(steps, decimals)| {
        let mut end = 0;
        let last = steps.len() - 1;
        let tier = |(index, (width, hundredths, flat_amount)): (usize, (i64, i64, i64))| {
            end += width;
            let one = UnitAmount::ONE.scaled() / 10_i128.pow(decimals);
            Tier {
                up_to: (index < last).then(|| Quantity::whole(end).unwrap()),
                unit_amount: UnitAmount::from_scaled(i128::from(hundredths) * one),
                flat_amount,
            }
        };
        steps.into_iter().enumerate().map(tier).collect()
    })
}

fn any_mode() -> impl Strategy<Value = TierMode> {
    prop_oneof![
        Just(TierMode::Graduated),
        Just(TierMode::Volume),
        Just(TierMode::Band),
        (1..40_000_000_i64).prop_map(|size| TierMode::Package(Quantity::from_scaled(size))),
        (1..=Percent::HUNDRED.scaled()).prop_map(|percent| TierMode::Percentage(Percent::from_scaled(percent))),
    ]
}

fn any_metering() -> impl Strategy<Value = Metering> {
    let bounds = (
        0..500_i64,
        prop::option::of(0..900_i64),
        prop::option::of(0..90_000_i64),
    );
    (any_tiers(), any_mode(), bounds).prop_map(|(tiers, mode, (included, minimum, above))| Metering {
        tiers,
        mode,
        included: Quantity::from_scaled(included * 100_000),
        minimum,
        maximum: above.map(|above| minimum.unwrap_or(0) + above),
        claim: Claim::Arrears,
    })
}

/// Whole and fractional, also such that no decimal number says.
fn any_units() -> impl Strategy<Value = Exact> {
    prop_oneof![
        (0..600_i64).prop_map(Exact::whole),
        (0..600_000_000_i64).prop_map(|scaled| Exact::from(Quantity::from_scaled(scaled))),
        (0..2_592_000_000_000_i128, 1..2_592_000_000_000_i128).prop_map(|(part, whole)| Exact::ratio(
            part % (whole * 600),
            whole
        )
        .unwrap()),
    ]
}

fn bare(tiers: Vec<Tier>, mode: TierMode) -> Metering {
    Metering {
        tiers,
        ..metering(mode, &[])
    }
}

/// The tier of the `n`-th whole unit, from 1, looked for in plain numbers.
fn tier_of(tiers: &[Tier], unit: i64) -> usize {
    let holds = |tier: &Tier| tier.up_to.is_none_or(|end| unit * 1_000_000 <= end.scaled());
    tiers.iter().position(holds).unwrap()
}

fn equal(one: Exact, other: Exact) -> bool {
    one.compare(other).unwrap().is_eq()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(10_000))]

    #[test]
    fn graduated_is_what_counting_unit_by_unit_gives(tiers in any_tiers(), used in 0..400_i64) {
        let mut scaled: i128 = 0;
        let mut reached = 0;
        for unit in 1..=used {
            reached = tier_of(&tiers, unit);
            scaled += tiers[reached].unit_amount.scaled();
        }
        let flat: i64 = tiers[..=reached].iter().map(|tier| tier.flat_amount).sum();
        scaled += i128::from(flat) * UnitAmount::ONE.scaled();
        let naive = Exact::ratio(scaled, UnitAmount::ONE.scaled()).unwrap();
        let exact = amount(&bare(tiers, TierMode::Graduated), Exact::whole(used)).unwrap();
        prop_assert!(equal(exact, naive));
    }

    #[test]
    fn volume_and_band_pick_exactly_one_tier(tiers in any_tiers(), used in 0..400_i64) {
        let tier = tiers[tier_of(&tiers, used)];
        let scaled = tier.unit_amount.scaled() * i128::from(used) + i128::from(tier.flat_amount) * UnitAmount::ONE.scaled();
        let whole = Quantity::whole(used).unwrap();
        let volume = amount(&bare(tiers.clone(), TierMode::Volume), whole).unwrap();
        prop_assert!(equal(volume, Exact::ratio(scaled, UnitAmount::ONE.scaled()).unwrap()));
        prop_assert_eq!(due(&bare(tiers, TierMode::Band), whole), Ok(tier.flat_amount));
    }

    #[test]
    fn one_endless_tier_is_units_times_price(each in 0..10_000_000_i64, used in any_units()) {
        let tier = Tier { up_to: None, unit_amount: UnitAmount::from_scaled(i128::from(each) * 1_000_000_007), flat_amount: 0 };
        let product = used.times(tier.unit_amount.into()).unwrap();
        for mode in [TierMode::Graduated, TierMode::Volume] {
            prop_assert!(equal(amount(&bare(vec![tier], mode), used).unwrap(), product));
        }
    }

    #[test]
    fn more_units_never_cost_less(mut metering in any_metering(), one in any_units(), other in any_units()) {
        // Cheaper tiers for large volumes, and cheaper bands, are allowed to.
        if matches!(metering.mode, TierMode::Volume | TierMode::Band) {
            metering.mode = TierMode::Graduated;
        }
        let fewer = one.least(other).unwrap();
        let more = if equal(fewer, one) { other } else { one };
        prop_assert!(due(&metering, fewer).unwrap() <= due(&metering, more).unwrap());
    }

    #[test]
    fn a_tier_cut_in_two_of_one_price_costs_the_same(tiers in any_tiers(), at in any::<prop::sample::Index>(), used in any_units()) {
        let index = at.index(tiers.len());
        let below = index.checked_sub(1).map_or(0, |before| tiers[before].up_to.unwrap().scaled());
        let end = tiers[index].up_to.map_or(below + 77_000_000, Quantity::scaled);
        let mut cut = tiers.clone();
        // The flat amount is due once: it stays with the lower part.
        cut[index].flat_amount = 0;
        cut.insert(index, Tier { up_to: Some(Quantity::from_scaled(below + (end - below) / 3)), ..tiers[index] });
        let whole = amount(&bare(tiers, TierMode::Graduated), used).unwrap();
        prop_assert!(equal(amount(&bare(cut, TierMode::Graduated), used).unwrap(), whole));
    }

    #[test]
    fn steps_sum_up_to_the_whole_and_a_credit_mirrors_its_charge(
        metering in any_metering(),
        stops in prop::collection::vec(any_units(), 2..6),
    ) {
        let mut sum = due(&metering, stops[0]).unwrap();
        for pair in stops.windows(2) {
            let charge = difference(&metering, pair[0], pair[1]).unwrap();
            prop_assert_eq!(difference(&metering, pair[1], pair[0]), Ok(-charge));
            sum += charge;
        }
        prop_assert_eq!(Ok(sum), due(&metering, stops[stops.len() - 1]));
        let exact = amount(&metering, stops[0]).unwrap();
        prop_assert_eq!(exact.negated().round(), exact.round().map(|amount| -amount));
    }

    #[test]
    fn lines_sum_up_to_what_is_due(metering in any_metering(), used in any_units()) {
        let lines = usage_lines(&metering, used, &CALLS).unwrap();
        let sum: i64 = lines.iter().map(|line| line.amount).sum();
        prop_assert_eq!(Ok(sum), due(&metering, used));
        prop_assert!(metering.minimum.is_none_or(|minimum| sum >= minimum));
        prop_assert!(metering.maximum.is_none_or(|maximum| sum <= maximum));
    }

    #[test]
    fn the_parts_in_words_are_the_units_that_are_charged(mut metering in any_metering(), scaled in 0..600_000_000_i64) {
        metering.mode = TierMode::Graduated;
        let used = Quantity::from_scaled(scaled);
        let lines = usage_lines(&metering, used, &CALLS).unwrap();
        let Reason::UsageGraduated { parts, .. } = &lines[0].reason else { panic!("no table") };
        let mut sum = Exact::ZERO;
        let mut shown = 0;
        for part in parts {
            shown += part.units.scaled();
            let cost = Exact::from(part.units).times(part.unit_amount.into()).unwrap();
            sum = sum.plus(cost).unwrap().plus(Exact::whole(part.flat_amount)).unwrap();
        }
        prop_assert_eq!(shown, used.beyond(metering.included).scaled());
        prop_assert_eq!(sum.round(), Ok(lines[0].amount));
    }

    #[test]
    fn the_short_way_gives_what_the_wide_one_gives(
        tiers in any_tiers(),
        used in any_units(),
        factor in 1..=i64::MAX,
        shift in 0_u32..126,
    ) {
        // As it is, larger, and the same in ever smaller parts.
        let large = used.times(Exact::whole(factor)).unwrap();
        let fine = used.times(Exact::ratio(1 << shift, 1 << shift).unwrap()).unwrap();
        for used in [used, large, fine] {
            if let Some(short) = graduated_short(&tiers, used) {
                let wide = graduated_wide(&tiers, used).unwrap();
                prop_assert_eq!(short.round(), wide.round());
            }
        }
        // Whole numbers of an ordinary size always take it.
        prop_assert!(graduated_short(&tiers, Exact::whole(600)).is_some());
    }

    #[test]
    fn nothing_wraps(mut metering in any_metering(), factor in 1..=i64::MAX, used in any::<i64>()) {
        for tier in &mut metering.tiers {
            tier.unit_amount = UnitAmount::from_scaled(tier.unit_amount.scaled().saturating_mul(i128::from(factor).pow(2)));
        }
        if let Ok(exact) = amount(&metering, Quantity::from_scaled(used)) {
            prop_assert!(used >= 0);
            prop_assert!(!exact.sign().is_lt());
        }
    }
}
