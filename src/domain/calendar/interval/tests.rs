use super::*;
use crate::domain::calendar::second::*;

fn interval(unit: Unit, count: u32) -> Interval {
    Interval::new(unit, count).expect("within the limits")
}

#[test]
fn units_go_by_their_lower_case_names() {
    for (name, unit) in Unit::NAMES {
        assert_eq!(unit.name(), name);
        assert_eq!(Unit::from_name(name), Some(unit));
    }
    for bad in ["", "Month", "months", "MONTH", " day"] {
        assert_eq!(Unit::from_name(bad), None, "{bad}");
    }
}

#[test]
fn an_interval_has_a_length_and_an_end() {
    for (unit, most) in [
        (Unit::Day, 1000),
        (Unit::Week, 1000),
        (Unit::Month, 1000),
        (Unit::Year, 99),
    ] {
        for good in [1, 2, most] {
            assert_eq!(interval(unit, good).count(), good);
        }
        for bad in [0, most + 1, 65_537, u32::MAX] {
            assert!(Interval::new(unit, bad).is_err(), "{bad} {unit:?}");
        }
    }
    let refused = Interval::new(Unit::Year, 100).expect_err("a century");
    assert_eq!(refused.message, "must be between 1 and 99 for an interval in years");
}

#[test]
fn one_step_keeps_the_time_on_the_wall() {
    for (from, unit, count, to) in [
        (
            "2026-01-31T15:04:05.678901Z",
            Unit::Month,
            1,
            "2026-02-28T15:04:05.678901Z",
        ),
        ("2028-02-29T12:00:00Z", Unit::Year, 1, "2029-02-28T12:00:00Z"),
        ("2028-02-29T12:00:00Z", Unit::Year, 4, "2032-02-29T12:00:00Z"),
        // 23 hours, 25 hours, and a time that does not exist.
        ("2026-03-07T17:00:00Z", Unit::Day, 1, "2026-03-08T16:00:00Z"),
        ("2026-10-31T16:00:00Z", Unit::Day, 1, "2026-11-01T17:00:00Z"),
        ("2026-03-01T07:30:00Z", Unit::Week, 1, "2026-03-08T07:00:00Z"),
        // From the second of two equal times on the wall.
        ("2026-11-01T06:30:00Z", Unit::Day, 1, "2026-11-02T06:30:00Z"),
    ] {
        let found = add(at(from), interval(unit, count), zone("America/New_York")).expect(from);
        assert_eq!(found, at(to), "{from} gives {found}");
    }
}

#[test]
fn no_step_leads_beyond_2099() {
    let utc = zone("UTC");
    assert!(add(at("2099-11-30T23:59:59Z"), interval(Unit::Month, 1), utc).is_ok());
    assert!(add(at("2099-12-01"), interval(Unit::Month, 1), utc).is_err());
    assert!(add(at("2098-12-31"), interval(Unit::Year, 99), utc).is_err());
    assert!(add(Instant::from_micros(i64::MAX), interval(Unit::Day, 1), utc).is_err());
}
