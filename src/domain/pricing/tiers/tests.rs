use proptest::prelude::*;

use super::*;
use crate::domain::{
    catalog::price::Claim,
    decimal::Percent,
    line::{LineType, Part, Reason},
    pricing::allocations,
};

fn units(text: &str) -> Quantity {
    Quantity::parse(text).unwrap()
}

fn price(text: &str) -> UnitAmount {
    UnitAmount::parse(text).unwrap()
}

/// A tier from its end (`""` for none), the price of a unit and a flat amount.
fn tier((up_to, unit_amount, flat_amount): (&str, &str, i64)) -> Tier {
    Tier {
        up_to: (!up_to.is_empty()).then(|| units(up_to)),
        unit_amount: price(unit_amount),
        flat_amount,
    }
}

fn metering(mode: TierMode, tiers: &[(&str, &str, i64)]) -> Metering {
    Metering {
        tiers: tiers.iter().copied().map(tier).collect(),
        mode,
        included: Quantity::ZERO,
        minimum: None,
        maximum: None,
        claim: Claim::Arrears,
    }
}

/// The table of StepPay V1 reference, section 7.5, priced by the unit.
fn guide() -> Metering {
    metering(
        TierMode::Graduated,
        &[
            ("1000", "0", 0),
            ("10000", "10", 0),
            ("50000", "5", 0),
            ("100000", "2", 0),
            ("", "1", 0),
        ],
    )
}

/// The same bands with fixed prices.
fn guide_bands() -> Metering {
    metering(
        TierMode::Band,
        &[
            ("1000", "0", 0),
            ("10000", "0", 20_000),
            ("50000", "0", 40_000),
            ("100000", "0", 60_000),
            ("", "0", 80_000),
        ],
    )
}

/// Checks what numbers of units come to.
fn check(metering: &Metering, expected: &[(&str, i64)]) {
    for (given, amount) in expected {
        assert_eq!(due(metering, units(given)), Ok(*amount), "{given} units");
        let lines = usage_lines(metering, units(given), &CALLS).unwrap();
        let sum: i64 = lines.iter().map(|line| line.amount).sum();
        assert_eq!(sum, *amount, "lines of {given} units");
    }
}

const CALLS: Metered<'_> = Metered {
    unit: "calls",
    price: None,
    item: None,
    period: None,
};

#[test]
fn the_guides_table_of_bands() {
    check(
        &guide_bands(),
        &[
            ("0", 0),
            ("1000", 0),
            ("1001", 20_000),
            ("1500", 20_000),
            ("10000", 20_000),
            ("12000", 40_000),
            ("50001", 60_000),
            ("100000", 60_000),
            ("150000", 80_000),
        ],
    );
}

#[test]
fn zero_units_pay_the_first_bands_price() {
    let bands = [("1000", "0", 20_000), ("", "0", 30_000)];
    check(
        &metering(TierMode::Band, &bands),
        &[("0", 20_000), ("1000.000001", 30_000)],
    );
}

#[test]
fn the_guides_table_by_the_unit() {
    check(
        &guide(),
        &[
            ("0", 0),
            ("1000", 0),
            ("1001", 10),
            ("1500", 5_000),
            ("12000", 100_000),
            ("150000", 440_000),
        ],
    );
}

#[test]
fn a_line_can_be_followed_by_hand() {
    let lines = usage_lines(&guide(), units("12000"), &CALLS).unwrap();
    let part = |count, each| Part {
        units: units(count),
        unit_amount: price(each),
        flat_amount: 0,
    };
    assert_eq!(lines.len(), 1);
    assert_eq!((lines[0].kind, lines[0].amount), (LineType::Usage, 100_000));
    assert_eq!(lines[0].quantity, units("12000"));
    assert_eq!(
        lines[0].reason,
        Reason::UsageGraduated {
            unit: "calls".into(),
            units: units("12000"),
            included: Quantity::ZERO,
            parts: vec![part("1000", "0"), part("9000", "10"), part("2000", "5")],
        }
    );
}

#[test]
fn included_units_are_free_and_tiers_begin_beyond_them() {
    let mut metering = guide();
    metering.included = units("500");
    check(
        &metering,
        &[("0", 0), ("500", 0), ("1500", 0), ("1501", 10), ("12500", 100_000)],
    );
    let mut bands = guide_bands();
    bands.included = units("500");
    check(&bands, &[("1500", 0), ("1500.5", 20_000)]);
}

#[test]
fn minimum_and_maximum_are_lines_of_their_own() {
    let mut metering = guide();
    (metering.minimum, metering.maximum) = (Some(3_000), Some(90_000));
    check(
        &metering,
        &[
            ("0", 3_000),
            ("1299", 3_000),
            ("1300", 3_000),
            ("1500", 5_000),
            ("12000", 90_000),
        ],
    );
    for (given, kinds, reason) in [
        (
            "0",
            vec![(LineType::Usage, 0), (LineType::Adjustment, 3_000)],
            Some(Reason::Minimum { minimum: 3_000 }),
        ),
        ("1300", vec![(LineType::Usage, 3_000)], None),
        (
            "12000",
            vec![(LineType::Usage, 100_000), (LineType::Adjustment, -10_000)],
            Some(Reason::Maximum { maximum: 90_000 }),
        ),
    ] {
        let lines = usage_lines(&metering, units(given), &CALLS).unwrap();
        let seen: Vec<_> = lines.iter().map(|line| (line.kind, line.amount)).collect();
        assert_eq!(seen, kinds, "{given}");
        assert_eq!(lines.get(1).map(|line| line.reason.clone()), reason, "{given}");
    }
}

#[test]
fn packages_are_paid_when_started() {
    let mut packages = metering(TierMode::Package(units("100")), &[("", "7", 0)]);
    check(
        &packages,
        &[
            ("0", 0),
            ("0.000001", 7),
            ("1", 7),
            ("100", 7),
            ("100.5", 14),
            ("101", 14),
            ("1000", 70),
        ],
    );
    packages.included = units("50");
    check(&packages, &[("50", 0), ("51", 7), ("150", 7), ("151", 14)]);
    packages.tiers[0].flat_amount = 3;
    check(&packages, &[("0", 3), ("51", 10)]);
}

#[test]
fn a_percentage_of_a_value() {
    let mut fee = metering(TierMode::Percentage(Percent::parse("2.5").unwrap()), &[]);
    // 2.5 % of 100, of 60 (1.5) and of 59 (1.475).
    check(&fee, &[("0", 0), ("100", 3), ("60", 2), ("59", 1)]);
    fee.included = units("1000");
    check(&fee, &[("1000", 0), ("2000", 25)]);
}

#[test]
fn flat_amounts_of_the_tiers_that_are_reached() {
    let table = [("10", "1", 100), ("20", "2", 200), ("", "3", 400)];
    let graduated = metering(TierMode::Graduated, &table);
    check(
        &graduated,
        &[("0", 100), ("10", 110), ("10.5", 311), ("20", 330), ("21", 733)],
    );
    let volume = metering(TierMode::Volume, &table);
    check(
        &volume,
        &[("0", 100), ("10", 110), ("11", 222), ("20", 240), ("21", 463)],
    );
}

#[test]
fn an_amount_is_rounded_once() {
    // Each half won alone would round up to a whole one.
    let half = metering(TierMode::Graduated, &[("1", "0.5", 0), ("2", "0.5", 0), ("", "0.5", 0)]);
    check(&half, &[("1", 1), ("2", 1), ("3", 2), ("4", 2)]);
    let fine = metering(TierMode::Volume, &[("", "0.000000000001", 0)]);
    check(&fine, &[("1000000", 0), ("9000000000000", 9)]);
}

#[test]
fn units_between_two_tiers_belong_to_the_upper_one() {
    // A third of a seat has no decimal form: 1000 + 1/3 units.
    let over = Exact::ratio(3001, 3).unwrap();
    assert_eq!(due(&guide(), over), Ok(3));
    assert_eq!(due(&guide_bands(), over), Ok(20_000));
    let lines = usage_lines(&guide(), over, &CALLS).unwrap();
    let Reason::UsageGraduated {
        units: shown, parts, ..
    } = &lines[0].reason
    else {
        panic!("{:?}", lines[0].reason);
    };
    assert_eq!((*shown, parts[1].units), (units("1000.333333"), units("0.333333")));
}

#[test]
fn what_cannot_be_counted_is_a_problem() {
    let dear = metering(TierMode::Graduated, &[("", "9223372036854775807", 0)]);
    assert!(due(&dear, Quantity::ONE).is_ok());
    assert!(due(&dear, units("2")).is_err());
    assert!(usage_lines(&dear, units("2"), &CALLS).is_err());
    let dearest = metering(TierMode::Volume, &[("", "99999999999999999999999999", 0)]);
    assert!(due(&dearest, Quantity::from_scaled(i64::MAX)).is_err());
    let flat = metering(TierMode::Graduated, &[("1", "0", i64::MAX), ("", "0", 1)]);
    assert!(due(&flat, Quantity::ONE).is_ok());
    assert!(due(&flat, units("2")).is_err());
    assert!(due(&guide(), Exact::ratio(i128::MAX, 1).unwrap()).is_err());
    assert!(due(&guide(), Exact::ratio(-1, 3).unwrap()).is_err());
    for mode in [
        TierMode::Graduated,
        TierMode::Volume,
        TierMode::Band,
        TierMode::Package(Quantity::ONE),
    ] {
        assert!(due(&metering(mode, &[]), Quantity::ONE).is_err(), "{mode:?}");
    }
    let endless = metering(TierMode::Graduated, &[("5", "1", 0)]);
    assert_eq!(due(&endless, units("5")), Ok(5));
    assert!(due(&endless, units("6")).is_err());
}

#[test]
fn one_unit_in_tiny_parts_costs_what_one_unit_costs() {
    // The first tier ends at 2^62 millionths, which are 2^128 in such parts.
    let one = Exact::ratio(1 << 66, 1 << 66).unwrap();
    let table = metering(TierMode::Graduated, &[("4611686018427.387904", "7", 0), ("", "0", 0)]);
    assert_eq!(due(&table, one), Ok(7));
}

#[test]
fn arithmetic_allocates_nothing() {
    let tables = [
        guide(),
        guide_bands(),
        metering(TierMode::Volume, &[("10", "0.5", 1), ("", "0.25", 2)]),
        metering(TierMode::Package(units("3")), &[("", "0.5", 1)]),
        metering(TierMode::Percentage(Percent::ONE), &[]),
    ];
    let seats = Exact::ratio(123_456_789_012_345, 2_592_000_000_000).unwrap();
    for table in tables {
        let count = allocations::during(|| {
            assert!(due(&table, units("150000.5")).is_ok());
            assert!(due(&table, seats).is_ok());
            assert!(difference(&table, Quantity::ONE, seats).is_ok());
        });
        assert_eq!(count, 0, "{:?}", table.mode);
    }
}

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
