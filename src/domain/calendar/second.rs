//! A second calendar that shares nothing with the first but the table of
//! offsets: dates by arithmetic on day numbers, local times by looking at which
//! offsets are in force around them. Slow, for tests only.

use chrono::{DateTime, NaiveDate, NaiveDateTime, Offset, TimeZone};
use chrono_tz::TZ_VARIANTS;

use crate::domain::{instant::Instant, zone::Zone};

pub const SECOND: i64 = 1_000_000;
pub const HOUR: i64 = 3_600 * SECOND;
pub const DAY: i64 = 24 * HOUR;
/// First microsecond of 2100.
pub const END: i64 = 4_102_444_800 * SECOND;

/// A date as year, month 1 to 12 and day.
pub type Civil = (i64, i64, i64);

/// Days since 1970-01-01, counted in years that start on 1 March.
pub fn days_from_civil((year, month, day): Civil) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let of_era = year - era * 400;
    let of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468
}

/// The date a number of days after 1970-01-01.
pub fn civil_from_days(days: i64) -> Civil {
    let days = days + 719_468;
    let era = days.div_euclid(146_097);
    let of_era = days - era * 146_097;
    let year = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year + year / 4 - year / 100);
    let month = (5 * of_year + 2) / 153;
    let day = of_year - (153 * month + 2) / 5 + 1;
    let month = if month < 10 { month + 3 } else { month - 9 };
    (year + era * 400 + i64::from(month <= 2), month, day)
}

pub fn days_in_month(year: i64, month: i64) -> i64 {
    let leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    match month {
        2 if leap => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// The date a number of months later, on a day or the month's last.
pub fn add_months((year, month, _): Civil, months: i64, day: i64) -> Civil {
    let (mut year, mut month) = (year + months / 12, month + months % 12);
    if month > 12 {
        (year, month) = (year + 1, month - 12);
    }
    (year, month, day.min(days_in_month(year, month)))
}

/// Microseconds that clocks are ahead of UTC at an instant.
pub fn offset(zone: Zone, at: i64) -> i64 {
    let utc = DateTime::from_timestamp_micros(at).expect("a year near ours");
    let east = zone.0.offset_from_utc_datetime(&utc.naive_utc()).fix();
    i64::from(east.local_minus_utc()) * SECOND
}

/// Microseconds on the zone's clocks since they showed 1970-01-01T00:00.
pub fn local(zone: Zone, at: i64) -> i64 {
    at + offset(zone, at)
}

/// Instants at which a zone's offset changes, each with the change.
pub type Changes = Vec<(i64, i64)>;

/// The instants from `from` to `to` at which the offset changes, looked for in steps of `step`.
pub fn changes(zone: Zone, from: i64, to: i64, step: i64) -> Changes {
    let mut found = Vec::new();
    let mut low = from;
    while low < to {
        let high = (low + step).min(to);
        let (old, new) = (offset(zone, low), offset(zone, high));
        if old != new {
            let (mut before, mut after) = (low, high);
            while after - before > 1 {
                let middle = before + (after - before) / 2;
                if offset(zone, middle) == old {
                    before = middle;
                } else {
                    after = middle;
                }
            }
            found.push((after, new - old));
        }
        low = high;
    }
    found
}

/// The first instant at which the zone's clocks show `wanted` or more.
pub fn resolve(zone: Zone, wanted: i64) -> i64 {
    let (from, to) = (wanted - 30 * HOUR, wanted + 30 * HOUR);
    let mut starts = vec![from];
    starts.extend(changes(zone, from, to, HOUR).iter().map(|(at, _)| *at));
    for (index, start) in starts.iter().enumerate() {
        let end = starts.get(index + 1).copied().unwrap_or(to);
        let at = (wanted - offset(zone, *start)).max(*start);
        if at < end {
            return at;
        }
    }
    panic!("no clock is a day off");
}

/// The first calendar's local time in the second's count.
pub fn counted(local: NaiveDateTime) -> i64 {
    local.and_utc().timestamp_micros()
}

/// The second calendar's local time as the first takes it.
pub fn clock(local: i64) -> NaiveDateTime {
    DateTime::from_timestamp_micros(local)
        .expect("a year near ours")
        .naive_utc()
}

pub fn date(days: i64) -> NaiveDate {
    clock(days * DAY).date()
}

/// Every zone whose rules differ from those before it in the list, with all
/// changes of its clocks from 1970 to 2099.
pub fn all_changes() -> &'static [(Zone, Changes)] {
    static ALL: std::sync::LazyLock<Vec<(Zone, Changes)>> = std::sync::LazyLock::new(|| {
        let mut all: Vec<(Zone, Changes)> = Vec::new();
        for zone in TZ_VARIANTS.map(Zone) {
            let found = changes(zone, 0, END - 1, 8 * DAY);
            let known = |(other, changes): &(Zone, Changes)| offset(*other, 0) == offset(zone, 0) && *changes == found;
            if !all.iter().any(known) {
                all.push((zone, found));
            }
        }
        all
    });
    &ALL
}

pub fn zone(name: &str) -> Zone {
    Zone::parse(name).expect(name)
}

pub fn at(text: &str) -> Instant {
    Instant::parse(text).expect(text)
}

/// A local time such as `2026-03-08T02:30:00`.
pub fn wall(text: &str) -> NaiveDateTime {
    text.parse().expect(text)
}

/// Generators for property tests.
pub mod any {
    use proptest::prelude::*;

    use super::*;

    /// Any zone of the list, each by each of its names.
    pub fn zone() -> impl Strategy<Value = Zone> {
        (0..TZ_VARIANTS.len()).prop_map(|index: usize| Zone(TZ_VARIANTS[index]))
    }

    /// A zone and an instant in it: half of them near a change of its clocks, and
    /// most on a full or half local hour, since that is where rules meet.
    pub fn place() -> impl Strategy<Value = (Zone, i64)> {
        let near = prop_oneof![Just(0), -2 * DAY..2 * DAY, -2 * HOUR..2 * HOUR];
        let round = prop_oneof![Just(1), Just(HOUR), Just(1800 * SECOND)];
        (zone(), 0..END, any::<bool>(), near, round).prop_map(|(zone, at, change, near, round)| {
            let at = if change {
                let found = changes(zone, at, (at + 200 * DAY).min(END - 1), 8 * DAY);
                found.first().map_or(at, |(change, _)| *change) + near
            } else {
                at
            };
            (zone, (at - local(zone, at).rem_euclid(round)).clamp(0, END - 1))
        })
    }
}
