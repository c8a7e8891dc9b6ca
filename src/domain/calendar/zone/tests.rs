use chrono::NaiveDate;
use proptest::prelude::*;

use crate::domain::calendar::second::{self, *};
use crate::domain::{instant::Instant, zone::Zone};

/// Local times and the instants they must be, in UTC.
fn check(name: &str, table: &[(&str, &str)]) {
    for (local, expected) in table {
        let found = zone(name).instant(wall(local)).expect(local);
        assert_eq!(found, at(expected), "{name} {local} is {found}");
    }
}

#[test]
fn a_skipped_time_is_the_first_instant_after_and_a_repeated_one_the_earlier() {
    check(
        "America/New_York",
        &[
            ("2026-03-08T01:59:59", "2026-03-08T06:59:59Z"),
            ("2026-03-08T02:00:00", "2026-03-08T07:00:00Z"),
            ("2026-03-08T02:30:00", "2026-03-08T07:00:00Z"),
            ("2026-03-08T03:00:00", "2026-03-08T07:00:00Z"),
            ("2026-03-08T03:00:01", "2026-03-08T07:00:01Z"),
            ("2026-11-01T01:30:00", "2026-11-01T05:30:00Z"),
            ("2026-11-01T02:00:00", "2026-11-01T07:00:00Z"),
            // The rule of today goes on to the last year.
            ("2099-03-08T02:30:00", "2099-03-08T07:00:00Z"),
        ],
    );
    check(
        "Europe/Paris",
        &[
            ("2026-03-29T02:15:00.000001", "2026-03-29T01:00:00Z"),
            ("2026-10-25T02:15:00.000001", "2026-10-25T00:15:00.000001Z"),
            ("2026-10-25T03:00:00", "2026-10-25T02:00:00Z"),
        ],
    );
    check(
        "Australia/Lord_Howe",
        &[
            ("2026-10-04T02:15:00", "2026-10-03T15:30:00Z"),
            ("2026-10-04T02:30:00", "2026-10-03T15:30:00Z"),
            ("2026-04-05T01:45:00", "2026-04-04T14:45:00Z"),
            ("2026-04-05T02:00:00", "2026-04-04T15:30:00Z"),
        ],
    );
    check(
        "Asia/Seoul",
        &[
            ("1988-05-08T02:30:00", "1988-05-07T17:00:00Z"),
            ("2026-03-01T00:00:00", "2026-02-28T15:00:00Z"),
        ],
    );
}

#[test]
fn a_day_without_midnight_starts_when_its_clocks_do() {
    for (name, date, expected) in [
        ("America/Sao_Paulo", "2018-11-04", "2018-11-04T03:00:00Z"),
        ("America/Sao_Paulo", "2019-11-03", "2019-11-03T03:00:00Z"),
        ("Asia/Beirut", "2026-03-29", "2026-03-28T22:00:00Z"),
        // Midnight comes twice, or the day before goes on for a while after it.
        ("America/Sao_Paulo", "2018-02-18", "2018-02-18T03:00:00Z"),
        ("America/St_Johns", "2010-11-07", "2010-11-07T02:30:00Z"),
        // The day that Samoa left out.
        ("Pacific/Apia", "2011-12-29", "2011-12-29T10:00:00Z"),
        ("Pacific/Apia", "2011-12-30", "2011-12-30T10:00:00Z"),
        ("Pacific/Apia", "2011-12-31", "2011-12-30T10:00:00Z"),
    ] {
        let date: NaiveDate = date.parse().expect(date);
        let found = zone(name).start_of_day(date).expect(name);
        assert_eq!(found, at(expected), "{name} {date} starts {found}");
    }
}

#[test]
fn a_day_that_has_begun_stays_begun() {
    // At 00:01 clocks went back to 23:01 of the day before.
    let zone = zone("America/St_Johns");
    for (instant, shown, day) in [
        ("2010-11-07T02:29:59Z", 6, 6),
        ("2010-11-07T02:30:59Z", 7, 7),
        ("2010-11-07T02:31:00Z", 6, 7),
        ("2010-11-07T03:31:00Z", 7, 7),
    ] {
        let date = |day| NaiveDate::from_ymd_opt(2010, 11, day).expect("a date");
        assert_eq!(zone.local(at(instant)).date(), date(shown), "{instant}");
        assert_eq!(zone.day(at(instant)), date(day), "{instant}");
    }
}

#[test]
fn what_an_instant_cannot_hold_is_refused() {
    let seoul = zone("Asia/Seoul");
    assert!(seoul.instant(wall("2100-01-01T08:59:59.999999")).is_ok());
    assert!(seoul.instant(wall("2100-01-01T09:00:00")).is_err());
    assert!(seoul.instant(wall("1970-01-01T08:59:59")).is_err());
    for date in [NaiveDate::MIN, NaiveDate::MAX] {
        assert!(seoul.start_of_day(date).is_err());
    }
    for damaged in [i64::MIN, -1, END, i64::MAX] {
        let nearest = if damaged < 0 { 0 } else { END - 1 };
        assert_eq!(
            seoul.local(Instant::from_micros(damaged)),
            seoul.local(Instant::from_micros(nearest))
        );
    }
}

/// Every change of every zone's clocks in the years that an instant can hold.
#[test]
fn both_calendars_agree_around_every_change_of_clocks() {
    let mut checked = 0_u64;
    for (zone, changes) in all_changes() {
        for (change, by) in changes.iter().filter(|(change, _)| (DAY..END - DAY).contains(change)) {
            let old = local(*zone, change - 1) + 1;
            let mut around = vec![old, old - 1, old + by, old + by - 1, old + by / 2, old - by / 2];
            around.extend([old.min(old + by) - DAY, old.max(old + by) + DAY]);
            for wanted in around {
                let found = zone.instant(clock(wanted)).expect("inside of the years");
                assert_eq!(
                    found.micros(),
                    resolve(*zone, wanted),
                    "{} {}",
                    zone.name(),
                    clock(wanted)
                );
                checked += 1;
            }
        }
    }
    assert!(checked > 100_000, "{checked}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(20_000))]

    #[test]
    fn both_calendars_agree_anywhere((zone, instant) in any::place()) {
        let shown = zone.local(Instant::from_micros(instant));
        prop_assert_eq!(counted(shown), local(zone, instant));
        let back = resolve(zone, counted(shown));
        prop_assert_eq!(zone.micros(shown), Some(back));
        // The same instant again, unless its local time came twice.
        prop_assert!(back <= instant && instant - back < DAY);
        prop_assert_eq!(local(zone, back), counted(shown));
    }

    #[test]
    fn later_local_times_are_never_earlier((zone, instant) in any::place(), by in 0..3 * DAY) {
        let shown = local(zone, instant);
        prop_assert!(zone.micros(clock(shown)) <= zone.micros(clock(shown + by)));
    }

    #[test]
    fn a_day_holds_its_instants((zone, instant) in any::place(), by in 0..3 * DAY) {
        let day = |at: i64| zone.day(Instant::from_micros(at));
        let today = day(instant);
        prop_assert!(today <= day((instant + by).min(END - 1)));
        // It begins with the first instant whose clocks show it or a later one.
        let number = today.signed_duration_since(second::date(0)).num_days();
        prop_assert!(resolve(zone, number * DAY) <= instant);
        prop_assert!(resolve(zone, (number + 1) * DAY) > instant);
    }
}

#[test]
fn the_second_calendar_knows_its_dates() {
    assert_eq!(civil_from_days(0), (1970, 1, 1));
    for days in -40_000..60_000 {
        let civil = civil_from_days(days);
        assert_eq!(days_from_civil(civil), days);
        assert_eq!(
            date(days).to_string(),
            format!("{:04}-{:02}-{:02}", civil.0, civil.1, civil.2)
        );
    }
    assert!(all_changes().len() > 200);
    assert_eq!(Zone::default().name(), "UTC");
}
