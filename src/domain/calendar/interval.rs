//! How long a period is: a number of days, weeks, months or years.

use chrono::{Datelike, NaiveDate, TimeDelta};
use serde::{Deserialize, Serialize};

use crate::domain::{Problem, instant::Instant, zone::Zone};

/// What an interval counts, on the calendar of a zone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Unit {
    /// Dates; 23 to 25 hours where clocks change.
    Day,
    /// Seven dates.
    Week,
    /// To the same day of a month, or its last day.
    Month,
    /// Twelve months.
    Year,
}

impl Unit {
    /// All units with their names.
    pub const NAMES: [(&'static str, Self); 4] = [
        ("day", Self::Day),
        ("week", Self::Week),
        ("month", Self::Month),
        ("year", Self::Year),
    ];

    /// The lower-case name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Day => "day",
            Self::Week => "week",
            Self::Month => "month",
            Self::Year => "year",
        }
    }

    /// From its lower-case name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::NAMES
            .iter()
            .find(|(known, _)| *known == name)
            .map(|(_, unit)| *unit)
    }
}

/// Most days, weeks or months in one interval.
pub const MAX_COUNT: u16 = 1000;
/// Most years in one interval, so that no period reaches 100 years.
pub const MAX_YEARS: u16 = 99;

/// A number of units: 1 to 1000, of years 1 to 99.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "Written")]
pub struct Interval {
    unit: Unit,
    count: u16,
}

/// An interval that was not checked yet.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    unit: Unit,
    count: u32,
}

impl TryFrom<Written> for Interval {
    type Error = String;

    fn try_from(written: Written) -> Result<Self, String> {
        Self::new(written.unit, written.count).map_err(|problem| problem.message)
    }
}

impl Interval {
    /// Checks the count: from 1 to 1000 days, weeks or months, or to 99 years.
    pub fn new(unit: Unit, count: u32) -> Result<Self, Problem> {
        let most = if unit == Unit::Year { MAX_YEARS } else { MAX_COUNT };
        match u16::try_from(count) {
            Ok(count) if (1..=most).contains(&count) => Ok(Self { unit, count }),
            _ => Err(Problem::new(format!(
                "must be between 1 and {most} for an interval in {}s",
                unit.name()
            ))),
        }
    }

    /// What is counted.
    pub fn unit(self) -> Unit {
        self.unit
    }

    /// How many of them.
    pub fn count(self) -> u32 {
        self.count.into()
    }

    pub(super) fn step(self) -> Step {
        let count = i64::from(self.count);
        match self.unit {
            Unit::Day => Step::Days(count),
            Unit::Week => Step::Days(count * 7),
            Unit::Month => Step::Months(count),
            Unit::Year => Step::Months(count * 12),
        }
    }
}

/// An interval as the calendar sees it. Never zero.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Step {
    Days(i64),
    Months(i64),
}

impl Step {
    /// The date `times` steps from another. Steps in months go to `day` (1 to
    /// 31) or the month's last one. `None` beyond the years that chrono knows.
    pub(super) fn from(self, date: NaiveDate, times: i64, day: u32) -> Option<NaiveDate> {
        match self {
            Self::Days(days) => date.checked_add_signed(TimeDelta::try_days(days.checked_mul(times)?)?),
            Self::Months(months) => {
                let month = months_of(date).checked_add(months.checked_mul(times)?)?;
                let year = i32::try_from(month.div_euclid(12)).ok()?;
                in_month(year, u32::try_from(month.rem_euclid(12)).ok()? + 1, day)
            }
        }
    }

    /// How many whole steps lie between the dates, leaving the day of the month
    /// aside.
    pub(super) fn between(self, from: NaiveDate, to: NaiveDate) -> i64 {
        match self {
            Self::Days(days) => to.signed_duration_since(from).num_days().div_euclid(days),
            Self::Months(months) => (months_of(to) - months_of(from)).div_euclid(months),
        }
    }
}

/// Months since January of year 0.
fn months_of(date: NaiveDate) -> i64 {
    i64::from(date.year()) * 12 + i64::from(date.month0())
}

/// A day of a month (1 to 12), or the month's last one if it is shorter.
fn in_month(year: i32, month: u32, day: u32) -> Option<NaiveDate> {
    NaiveDate::from_ymd_opt(year, month, day).or_else(|| {
        (28..day)
            .rev()
            .find_map(|last| NaiveDate::from_ymd_opt(year, month, last))
    })
}

/// The instant one interval later, at the same time on the zone's clocks: for
/// what happens once, such as the end of a trial. What repeats needs a
/// [`Schedule`](super::Schedule), since a clamped day would not come back.
///
/// Refused where it would lie after 2099.
pub fn add(at: Instant, interval: Interval, zone: Zone) -> Result<Instant, Problem> {
    let local = zone.local(at);
    let later = interval.step().from(local.date(), 1, local.day());
    later.map_or_else(
        || Instant::in_range(i64::MAX),
        |date| zone.instant(date.and_time(local.time())),
    )
}

#[cfg(test)]
mod tests;
