use super::*;
use crate::domain::calendar::{Unit, second::*};

mod laws;

fn interval(unit: Unit, count: u32) -> Interval {
    Interval::new(unit, count).expect("within the limits")
}

/// What the zone's clocks show at the first boundaries.
fn shown(schedule: &Schedule, count: i64) -> Vec<String> {
    (0..count)
        .map(|n| {
            let at = schedule.boundary(n).expect("before 2100");
            assert_eq!(schedule.index_at(at), Ok(n));
            schedule.zone().local(at).to_string()
        })
        .collect()
}

fn dates(schedule: &Schedule, count: i64) -> Vec<String> {
    let day = |text: String| text.split(' ').next().unwrap_or_default().to_owned();
    shown(schedule, count).into_iter().map(day).collect()
}

fn plain(name: &str, anchor: &str, unit: Unit, count: u32) -> Schedule {
    Schedule::new(at(anchor), zone(name), interval(unit, count))
}

fn aligned(name: &str, start: &str, unit: Unit, count: u32, day: u8) -> Schedule {
    Schedule::aligned(at(start), zone(name), interval(unit, count), day).expect(start)
}

#[test]
fn the_31st_survives_short_months() {
    let schedule = plain("Asia/Seoul", "2026-01-31T00:00:00Z", Unit::Month, 1);
    assert_eq!(
        shown(&schedule, 5),
        [
            "2026-01-31 09:00:00",
            "2026-02-28 09:00:00",
            "2026-03-31 09:00:00",
            "2026-04-30 09:00:00",
            "2026-05-31 09:00:00"
        ]
    );
    // Its date in Seoul counts, not the one in UTC.
    let schedule = plain("Asia/Seoul", "2026-01-30T15:00:00Z", Unit::Month, 1);
    assert_eq!(dates(&schedule, 3), ["2026-01-31", "2026-02-28", "2026-03-31"]);
}

#[test]
fn leap_days() {
    let monthly = plain("UTC", "2028-01-31", Unit::Month, 1);
    assert_eq!(dates(&monthly, 3), ["2028-01-31", "2028-02-29", "2028-03-31"]);
    let yearly = plain("UTC", "2028-02-29", Unit::Year, 1);
    assert_eq!(
        dates(&yearly, 5),
        ["2028-02-29", "2029-02-28", "2030-02-28", "2031-02-28", "2032-02-29"]
    );
    let daily = plain("UTC", "2028-02-28", Unit::Day, 1);
    assert_eq!(dates(&daily, 3), ["2028-02-28", "2028-02-29", "2028-03-01"]);
}

#[test]
fn clocks_that_change_move_one_boundary_and_no_other() {
    let gap = plain("America/New_York", "2026-03-07T07:30:00Z", Unit::Day, 1);
    assert_eq!(
        shown(&gap, 3),
        ["2026-03-07 02:30:00", "2026-03-08 03:00:00", "2026-03-09 02:30:00"]
    );
    let monthly = plain("America/New_York", "2026-02-08T07:30:00Z", Unit::Month, 1);
    assert_eq!(
        shown(&monthly, 3),
        ["2026-02-08 02:30:00", "2026-03-08 03:00:00", "2026-04-08 02:30:00"]
    );
    let fold = plain("Europe/Paris", "2026-10-24T00:15:00Z", Unit::Day, 1);
    let hours: Vec<i64> = fold
        .periods()
        .take(3)
        .map(|period| period.expect("before 2100"))
        .map(|period| (period.end().micros() - period.start().micros()) / HOUR)
        .collect();
    assert_eq!(hours, [24, 25, 24]);
    let midnight = plain("America/Sao_Paulo", "2018-10-04T03:00:00Z", Unit::Month, 1);
    assert_eq!(
        shown(&midnight, 3),
        ["2018-10-04 00:00:00", "2018-11-04 01:00:00", "2018-12-04 00:00:00"]
    );
    let lord_howe = plain("Australia/Lord_Howe", "2026-10-02T15:40:00Z", Unit::Day, 1);
    assert_eq!(
        shown(&lord_howe, 3),
        ["2026-10-03 02:10:00", "2026-10-04 02:30:00", "2026-10-05 02:10:00"]
    );
    let seoul = plain("Asia/Seoul", "1988-04-07T17:30:00Z", Unit::Month, 1);
    assert_eq!(
        shown(&seoul, 3),
        ["1988-04-08 02:30:00", "1988-05-08 03:00:00", "1988-06-08 02:30:00"]
    );
}

#[test]
fn a_schedule_born_in_a_repeated_hour_starts_when_it_was_born() {
    // The second 01:30 of that night.
    let schedule = plain("America/New_York", "2026-11-01T06:30:00Z", Unit::Day, 1);
    assert_eq!(schedule.boundary(0), Ok(at("2026-11-01T06:30:00Z")));
    assert_eq!(schedule.boundary(1), Ok(at("2026-11-02T06:30:00Z")));
    assert!(schedule.index_at(at("2026-11-01T05:30:00Z")).is_err());
}

#[test]
fn a_day_left_out_makes_no_period_empty() {
    // Samoa had no 30 December 2011.
    let noon = plain("Pacific/Apia", "2011-12-28T22:00:00Z", Unit::Day, 1);
    assert_eq!(
        shown(&noon, 4),
        [
            "2011-12-28 12:00:00",
            "2011-12-29 12:00:00",
            "2011-12-31 00:00:00",
            "2011-12-31 12:00:00"
        ]
    );
    let midnight = plain("Pacific/Apia", "2011-12-28T10:00:00Z", Unit::Day, 1);
    assert_eq!(
        shown(&midnight, 5),
        [
            "2011-12-28 00:00:00",
            "2011-12-29 00:00:00",
            "2011-12-29 12:00:00",
            "2011-12-31 00:00:00",
            "2012-01-01 00:00:00"
        ]
    );
    let born_before = plain("Pacific/Apia", "2011-12-29T10:00:00Z", Unit::Day, 1);
    assert_eq!(
        shown(&born_before, 3),
        ["2011-12-29 00:00:00", "2011-12-29 12:00:00", "2011-12-31 00:00:00"]
    );
    let monthly = plain("Pacific/Apia", "2011-11-30T10:00:00Z", Unit::Month, 1);
    assert_eq!(
        shown(&monthly, 3),
        ["2011-11-30 00:00:00", "2011-12-31 00:00:00", "2012-01-30 00:00:00"]
    );
}

#[test]
fn a_billing_day_cuts_the_first_period() {
    let schedule = aligned("Asia/Seoul", "2026-03-20T06:00:00Z", Unit::Month, 1, 5);
    assert_eq!(
        shown(&schedule, 3),
        ["2026-03-20 15:00:00", "2026-04-05 15:00:00", "2026-05-05 15:00:00"]
    );
    let stub = schedule.stub().expect("inside of the years").expect("a stub");
    assert_eq!(stub.period, schedule.period(0).expect("the first"));
    assert_eq!(stub.whole.start(), at("2026-03-05T06:00:00Z"));
    assert_eq!(stub.whole.end(), stub.period.end());
    let share = crate::domain::calendar::remaining(
        stub.whole,
        stub.period.start(),
        schedule.zone(),
        crate::domain::calendar::Basis::Day,
    );
    assert_eq!((share.part(), share.whole()), (16, 31));
}

#[test]
fn a_start_on_the_billing_day_needs_no_stub() {
    for (start, day, expected) in [
        ("2026-03-05", 5, ["2026-03-05", "2026-04-05", "2026-05-05"]),
        ("2027-02-28", 31, ["2027-02-28", "2027-03-31", "2027-04-30"]),
        ("2027-04-30", 31, ["2027-04-30", "2027-05-31", "2027-06-30"]),
    ] {
        let schedule = aligned("UTC", start, Unit::Month, 1, day);
        assert_eq!(dates(&schedule, 3), expected);
        assert_eq!(schedule.stub(), Ok(None));
    }
}

#[test]
fn a_schedule_begun_on_a_clamped_day_returns_to_its_own() {
    let schedule = aligned("UTC", "2026-01-30", Unit::Month, 1, 31);
    assert_eq!(
        dates(&schedule, 4),
        ["2026-01-30", "2026-01-31", "2026-02-28", "2026-03-31"]
    );
    let schedule = aligned("UTC", "2026-02-10", Unit::Month, 1, 31);
    assert_eq!(
        dates(&schedule, 4),
        ["2026-02-10", "2026-02-28", "2026-03-31", "2026-04-30"]
    );
}

#[test]
fn a_long_interval_waits_for_the_next_billing_day_only() {
    for (unit, count, expected, whole) in [
        (Unit::Month, 3, ["2026-03-20", "2026-04-05", "2026-07-05"], "2026-01-05"),
        (Unit::Year, 1, ["2026-03-20", "2026-04-05", "2027-04-05"], "2025-04-05"),
    ] {
        let schedule = aligned("UTC", "2026-03-20", unit, count, 5);
        assert_eq!(dates(&schedule, 3), expected);
        let stub = schedule.stub().expect("inside of the years").expect("a stub");
        assert_eq!((stub.whole.start(), stub.whole.end()), (at(whole), at("2026-04-05")));
    }
}

#[test]
fn a_billing_day_keeps_the_time_of_day_that_a_gap_hides_once() {
    let schedule = aligned("America/New_York", "2026-03-01T07:30:00Z", Unit::Month, 1, 8);
    assert_eq!(
        shown(&schedule, 3),
        ["2026-03-01 02:30:00", "2026-03-08 03:00:00", "2026-04-08 02:30:00"]
    );
}

#[test]
fn alignment_needs_a_day_of_a_month() {
    let align = |unit, day| Schedule::aligned(at("2026-03-20"), zone("UTC"), interval(unit, 1), day);
    for day in [0, 32, 255] {
        assert!(align(Unit::Month, day).is_err(), "{day}");
    }
    for unit in [Unit::Day, Unit::Week] {
        assert!(align(unit, 5).is_err(), "{unit:?}");
    }
}

#[test]
fn nothing_reaches_beyond_2099_or_before_the_start() {
    let schedule = plain("UTC", "2099-10-15", Unit::Month, 1);
    assert!(schedule.period(1).is_ok());
    let refused = schedule.period(2).expect_err("it would end in 2100");
    assert!(refused.message.contains("2099"), "{}", refused.message);
    assert_eq!(schedule.index_at(at("2099-12-31")), Ok(2));
    for n in [i64::MIN, -1, 3, 1_000_000_000, i64::MAX - 1, i64::MAX] {
        assert!(schedule.boundary(n).is_err(), "{n}");
        assert!(schedule.period(n).is_err(), "{n}");
        assert!(schedule.periods_from(n).all(|period| period.is_err()), "{n}");
    }
    let found: Vec<bool> = schedule.periods().map(|period| period.is_ok()).collect();
    assert_eq!(found, [true, true, false]);
    assert!(schedule.index_at(at("2099-10-14T23:59:59Z")).is_err());
    for damaged in [i64::MIN, END, i64::MAX] {
        let at = Instant::from_micros(damaged);
        assert!(schedule.index_at(at).is_err());
        let broken = Schedule::new(at, zone("Asia/Seoul"), interval(Unit::Day, 1));
        assert!(broken.boundary(0).is_err());
        assert!(broken.period(0).is_err());
    }
    // A whole period from before 1970 cannot be told.
    let early = aligned("UTC", "1970-01-03", Unit::Month, 1, 5);
    assert!(early.period(0).is_ok() && early.stub().is_err());
}

#[test]
fn numbering_goes_on_from_any_period() {
    let schedule = aligned("Asia/Seoul", "2026-03-20T06:00:00Z", Unit::Month, 1, 31);
    let all: Vec<_> = schedule.periods().take(6).collect();
    let some: Vec<_> = schedule.periods_from(2).take(4).collect();
    assert_eq!(all[2..], some);
}
