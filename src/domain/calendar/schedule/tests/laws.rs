//! What holds for any schedule in any zone.

use proptest::prelude::*;

use super::*;
use crate::domain::calendar::{add, second};

/// The same schedule by the second calendar: the boundaries' local dates by day
/// arithmetic, the instants by looking at offsets.
#[derive(Debug)]
struct Twin {
    zone: Zone,
    anchor: i64,
    unit: Unit,
    count: i64,
    billing_day: Option<i64>,
}

impl Twin {
    /// The local date-time of boundary `n`, and of the one before the first
    /// whole period for `n = -1`.
    fn local(&self, n: i64) -> i64 {
        let local = second::local(self.zone, self.anchor);
        let (date, time) = (local.div_euclid(DAY), local.rem_euclid(DAY));
        let civil = civil_from_days(date);
        let date = match (self.unit, self.billing_day) {
            (Unit::Day, _) => date + n * self.count,
            (Unit::Week, _) => date + n * self.count * 7,
            (unit, billing_day) => {
                let months = if unit == Unit::Year {
                    self.count * 12
                } else {
                    self.count
                };
                let mut first = civil;
                let mut steps = n;
                if let Some(day) = billing_day {
                    while first.2 != day.min(days_in_month(first.0, first.1)) {
                        first = civil_from_days(days_from_civil(first) + 1);
                    }
                    steps = if first == civil { n } else { n - 1 };
                }
                days_from_civil(add_months(first, steps * months, billing_day.unwrap_or(civil.2)))
            }
        };
        date * DAY + time
    }

    fn boundary(&self, n: i64) -> i64 {
        if n == 0 {
            return self.anchor;
        }
        let at = resolve(self.zone, self.local(n));
        if resolve(self.zone, self.local(n + 1)) == at {
            let before = self.boundary(n - 1);
            return before + (at - before) / 2;
        }
        at
    }
}

fn months() -> impl Strategy<Value = Interval> {
    prop_oneof![
        (Just(Unit::Month), prop_oneof![1..=4_u32, 1..=1000_u32]),
        (Just(Unit::Year), prop_oneof![1..=4_u32, 1..=99_u32]),
    ]
    .prop_map(|(unit, count)| interval(unit, count))
}

fn any_interval() -> impl Strategy<Value = Interval> {
    let days = prop_oneof![
        (Just(Unit::Day), prop_oneof![Just(1), 1..=1000_u32]),
        (Just(Unit::Week), prop_oneof![1..=4_u32, 1..=1000_u32]),
    ];
    prop_oneof![months(), days.prop_map(|(unit, count)| interval(unit, count))]
}

/// A schedule with its twin, with or without a billing day.
fn any_schedule(interval: impl Strategy<Value = Interval>) -> impl Strategy<Value = (Schedule, Twin)> {
    (second::any::place(), interval, proptest::option::of(1..=31_u8)).prop_map(
        |((zone, anchor), interval, billing_day)| {
            let billing_day = billing_day.filter(|_| matches!(interval.step(), Step::Months(_)));
            let start = Instant::from_micros(anchor);
            let schedule = match billing_day {
                Some(day) => Schedule::aligned(start, zone, interval, day).expect("a day of a month"),
                None => Schedule::new(start, zone, interval),
            };
            let twin = Twin {
                zone,
                anchor,
                unit: interval.unit(),
                count: interval.count().into(),
                billing_day: billing_day.map(i64::from),
            };
            (schedule, twin)
        },
    )
}

/// The numbers of a schedule's boundaries, of which the last ones lie in 2100.
fn number(schedule: &Schedule, seed: i64) -> i64 {
    let days = match schedule.interval.step() {
        Step::Days(days) => days,
        Step::Months(months) => months * 30,
    };
    seed % ((END - schedule.anchor().micros()) / (days * DAY) + 2)
}

fn seed() -> impl Strategy<Value = i64> {
    prop_oneof![0..40_i64, 0..50_000_i64]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(20_000))]

    #[test]
    fn both_calendars_agree((schedule, twin) in any_schedule(any_interval()), seed in seed()) {
        let n = number(&schedule, seed);
        let expected = twin.boundary(n);
        match schedule.boundary(n) {
            Ok(found) => prop_assert_eq!(found.micros(), expected),
            Err(_) => prop_assert!(expected >= END, "{} was refused", expected),
        }
    }

    #[test]
    fn periods_neither_overlap_nor_leave_gaps((schedule, _) in any_schedule(any_interval())) {
        let mut end = schedule.anchor();
        for (n, period) in (0..40).zip(schedule.periods()) {
            let Ok(period) = period else {
                prop_assert!(schedule.boundary(n + 1).is_err());
                break;
            };
            prop_assert_eq!(period.start(), end);
            prop_assert!(period.end() > end);
            prop_assert_eq!(schedule.period(n), Ok(period));
            end = period.end();
        }
    }

    #[test]
    fn each_instant_is_found_in_its_period((schedule, _) in any_schedule(any_interval()), seed in seed(), part in 0..=1000_i64) {
        let n = number(&schedule, seed);
        let Ok(period) = schedule.period(n) else {
            return Ok(());
        };
        let (start, end) = (period.start().micros(), period.end().micros());
        for inside in [start, start + (end - 1 - start) / 1000 * part, end - 1] {
            prop_assert_eq!(schedule.index_at(Instant::from_micros(inside)), Ok(n));
        }
        prop_assert_eq!(schedule.index_at(period.end()), Ok(n + 1));
        let before = schedule.index_at(Instant::from_micros(start - 1));
        prop_assert_eq!(before.ok(), (n > 0).then_some(n - 1));
    }

    #[test]
    fn any_instant_from_the_anchor_on_is_found((schedule, _) in any_schedule(any_interval()), share in 0..=1_000_000_i64) {
        let anchor = schedule.anchor().micros();
        let at = Instant::from_micros(anchor + (END - 1 - anchor) / 1_000_000 * share);
        let n = schedule.index_at(at).expect("inside of the years");
        prop_assert!(schedule.boundary(n).expect("it has begun") <= at);
        prop_assert!(schedule.boundary(n + 1).map_or(true, |end| at < end));
    }

    /// The day of the month is the anchor's own or the month's last, or that of
    /// the first instant after it where the clocks skipped the time.
    #[test]
    fn the_anchor_day_survives((schedule, twin) in any_schedule(months()), seed in seed()) {
        let Ok(found) = schedule.boundary(number(&schedule, seed).max(1)) else {
            return Ok(());
        };
        let (zone, shown) = (twin.zone, second::local(twin.zone, found.micros()));
        let (year, month, day) = civil_from_days(shown.div_euclid(DAY));
        let anchor = second::local(zone, twin.anchor);
        let wanted = twin.billing_day.unwrap_or(civil_from_days(anchor.div_euclid(DAY)).2);
        let kept = day == wanted.min(days_in_month(year, month));
        let skipped = second::local(zone, found.micros() - 1) + 1 < shown;
        prop_assert!(skipped || (kept && (shown - anchor).rem_euclid(DAY) == 0));
    }

    #[test]
    fn one_jump_is_many_steps((zone, anchor) in second::any::place(), interval in any_interval(), n in 1..60_u32) {
        let anchor = Instant::from_micros(anchor);
        let Ok(jump) = Interval::new(interval.unit(), interval.count() * n) else {
            return Ok(());
        };
        let schedule = Schedule::new(anchor, zone, interval);
        let there = add(anchor, jump, zone);
        let stepped = schedule.boundary(n.into());
        if there.as_ref().is_ok_and(|there| schedule.boundary(i64::from(n) + 1).as_ref() == Ok(there)) {
            // Daily at midnight, and the date was left out: see the law below.
            prop_assert!(stepped.ok() < there.ok());
        } else {
            prop_assert_eq!(stepped.ok(), there.ok());
        }
    }

    #[test]
    fn a_stub_is_the_end_of_a_whole_period((schedule, twin) in any_schedule(any_interval())) {
        let Ok(Some(stub)) = schedule.stub() else {
            return Ok(());
        };
        prop_assert_eq!(Ok(stub.period), schedule.period(0));
        prop_assert!(stub.whole.start() <= stub.period.start());
        prop_assert_eq!(stub.whole.end(), stub.period.end());
        // No billing day passes before its end.
        let shown = |at: Instant| second::local(twin.zone, at.micros()).div_euclid(DAY);
        let days = shown(stub.period.start()) + 1..twin.local(1).div_euclid(DAY);
        let billing_day = twin.billing_day.expect("only a billing day makes a stub");
        for day in days {
            let (year, month, day) = civil_from_days(day);
            prop_assert_ne!(day, billing_day.min(days_in_month(year, month)));
        }
    }
}

/// Boundaries could only meet where a clock jumps by a day or more. Each zone
/// is looked at around each such jump, and where clocks change at all, daily,
/// from anchors at the times of day that the change is about.
#[test]
fn boundaries_strictly_increase_in_every_zone() {
    let daily = interval(Unit::Day, 1);
    let mut days_left_out = 0;
    for (zone, changes) in all_changes() {
        for (change, by) in changes
            .iter()
            .filter(|(change, _)| (5 * DAY..END - 5 * DAY).contains(change))
        {
            assert!(by.abs() <= DAY, "{} jumps by more than a day", zone.name());
            days_left_out += u32::from(*by == DAY);
            for shift in [0, *by, by / 2, -1] {
                let schedule = Schedule::new(Instant::from_micros(change - 3 * DAY + shift), *zone, daily);
                for n in 0..6 {
                    let period = schedule.period(n).expect("never empty");
                    assert_eq!(schedule.index_at(period.start()), Ok(n), "{} {period:?}", zone.name());
                    let last = Instant::from_micros(period.end().micros() - 1);
                    assert_eq!(schedule.index_at(last), Ok(n), "{} {period:?}", zone.name());
                }
            }
        }
    }
    assert!(days_left_out >= 3, "Samoa, Tokelau and Kiritimati");
}
