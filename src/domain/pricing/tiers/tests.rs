mod laws;

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
