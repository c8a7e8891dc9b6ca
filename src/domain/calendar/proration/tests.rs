use proptest::prelude::*;

use super::*;
use crate::domain::calendar::second::*;

const ALL: [Basis; 3] = [Basis::Day, Basis::Second, Basis::None];

fn shares(basis: Basis, name: &str, period: (&str, &str), table: &[(&str, u64, u64)]) {
    let period = Period::new(at(period.0), at(period.1)).expect("in order");
    for (instant, part, whole) in table {
        let found = remaining(period, at(instant), zone(name), basis);
        assert_eq!((found.part(), found.whole()), (*part, *whole), "{instant}");
        assert_eq!((found.rest().part(), found.rest().whole()), (whole - part, *whole));
    }
}

#[test]
fn bases_go_by_the_words_of_the_setting() {
    for (name, basis) in Basis::NAMES {
        assert_eq!(basis.name(), name);
        assert_eq!(Basis::from_name(name), Some(basis));
    }
    assert_eq!(Basis::from_name("hour"), None);
}

#[test]
fn a_fraction_is_a_part_of_something() {
    assert!(Fraction::new(0, 1).is_ok() && Fraction::new(7, 7).is_ok());
    assert!(Fraction::new(0, 0).is_err() && Fraction::new(8, 7).is_err());
}

#[test]
fn by_day_the_day_of_a_change_belongs_to_the_new_plan() {
    // 15:00 in Seoul to 15:00 a month later.
    shares(
        Basis::Day,
        "Asia/Seoul",
        ("2026-03-01T06:00:00Z", "2026-04-01T06:00:00Z"),
        &[
            ("2026-02-20T00:00:00Z", 31, 31),
            ("2026-03-01T06:00:00Z", 31, 31),
            ("2026-03-01T14:59:59Z", 31, 31),
            ("2026-03-01T15:00:00Z", 30, 31),
            ("2026-03-20T12:00:00Z", 12, 31),
            ("2026-03-31T14:59:59Z", 1, 31),
            ("2026-03-31T15:00:00Z", 0, 31),
            ("2026-04-01T06:00:00Z", 0, 31),
            ("2030-01-01T00:00:00Z", 0, 31),
        ],
    );
}

#[test]
fn a_period_inside_one_day_is_one_day_until_it_ends() {
    shares(
        Basis::Day,
        "UTC",
        ("2026-03-01T06:00:00Z", "2026-03-01T08:00:00Z"),
        &[
            ("2026-03-01T05:00:00Z", 1, 1),
            ("2026-03-01T07:59:59Z", 1, 1),
            ("2026-03-01T08:00:00Z", 0, 1),
        ],
    );
}

#[test]
fn days_are_days_where_clocks_change() {
    // 23 hours, and 47 in two days.
    shares(
        Basis::Day,
        "America/New_York",
        ("2026-03-08T05:00:00Z", "2026-03-10T04:00:00Z"),
        &[("2026-03-09T03:59:59Z", 2, 2), ("2026-03-09T04:00:00Z", 1, 2)],
    );
}

#[test]
fn a_clock_set_back_over_midnight_gives_no_day_back() {
    // At 00:01 of the 7th clocks went back to 23:01 of the 6th.
    shares(
        Basis::Day,
        "America/St_Johns",
        ("2010-11-01T12:00:00Z", "2010-11-11T12:00:00Z"),
        &[
            ("2010-11-07T02:29:59Z", 5, 10),
            ("2010-11-07T02:30:00Z", 4, 10),
            ("2010-11-07T02:31:00Z", 4, 10),
            ("2010-11-07T03:31:00Z", 4, 10),
        ],
    );
}

#[test]
fn by_second_every_microsecond_counts() {
    shares(
        Basis::Second,
        "America/New_York",
        ("2026-03-08T05:00:00Z", "2026-03-09T04:00:00Z"),
        &[
            ("2026-03-08T04:59:59Z", 82_800_000_000, 82_800_000_000),
            ("2026-03-08T05:00:00.000001Z", 82_799_999_999, 82_800_000_000),
            ("2026-03-09T03:59:59.999999Z", 1, 82_800_000_000),
            ("2026-03-09T04:00:00Z", 0, 82_800_000_000),
        ],
    );
}

#[test]
fn without_proration_nothing_is_left() {
    let table = [("2026-02-01", 0, 1), ("2026-03-05", 0, 1), ("2026-05-01", 0, 1)];
    shares(Basis::None, "UTC", ("2026-03-01", "2026-04-01"), &table);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(20_000))]

    /// Whoever changes plans any number of times pays for the whole period, once.
    #[test]
    fn the_shares_between_changes_add_up(
        (zone, start) in any::place(),
        length in prop_oneof![1..3 * DAY, 1..400 * DAY],
        mut changes in proptest::collection::vec(-DAY..401 * DAY, 0..6),
    ) {
        let instant = |micros: i64| Instant::from_micros(micros.clamp(0, END - 1));
        prop_assume!(start + length < END);
        let period = Period::new(instant(start), instant(start + length)).expect("in order");
        changes.sort_unstable();
        for basis in ALL {
            let left = |at| remaining(period, at, zone, basis);
            let all = left(period.start());
            prop_assert_eq!(all.part(), if basis == Basis::None { 0 } else { all.whole() });
            prop_assert_eq!(left(period.end()).part(), 0);
            let (mut before, mut used) = (all, 0);
            for change in &changes {
                let now = left(instant(start + change));
                prop_assert_eq!(now.whole(), all.whole());
                prop_assert_eq!(now.part() + now.rest().part(), now.whole());
                prop_assert!(now.part() <= before.part(), "what is left never grows");
                used += before.part() - now.part();
                before = now;
            }
            prop_assert_eq!(used + before.part(), all.part());
        }
    }

    /// Cut at the starts of days, a period's days are those of its pieces.
    #[test]
    fn the_days_of_pieces_are_the_days_of_the_period(
        (zone, start) in any::place(),
        mut cuts in proptest::collection::vec(1..400_i64, 2..6),
    ) {
        prop_assume!(start + 402 * DAY < END);
        let first = local(zone, start).div_euclid(DAY);
        let midnight = |days: i64| zone.start_of_day(date(first + days)).expect("inside of the years");
        cuts.sort_unstable();
        let cuts: Vec<Instant> = cuts.into_iter().map(midnight).collect();
        let days = |start, end| Period::new(start, end).map_or(0, |period| remaining(period, start, zone, Basis::Day).whole());
        let pieces: u64 = cuts.windows(2).map(|pair| days(pair[0], pair[1])).sum();
        prop_assert_eq!(pieces, days(cuts[0], cuts[cuts.len() - 1]));
    }
}
