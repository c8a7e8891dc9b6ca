//! The periods of something that repeats.

use chrono::{Datelike, NaiveDateTime};

use super::{Interval, Period, interval::Step};
use crate::domain::{Problem, instant::Instant, zone::Zone};

/// Periods without end, one after another, numbered from 0.
///
/// Its anchor is where the first one starts. Each boundary lies a multiple of
/// the interval from the anchor, at the anchor's time on the zone's clocks to the
/// microsecond; a day that a month lacks is the month's last (31 January, 28
/// February, 31 March), and a time that the zone's clocks skip is the first instant
/// after the jump ([`Zone::instant`]). Boundaries strictly increase.
///
/// Only anchor, zone, interval and anchor day need to be stored: the rest
/// follows from them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Schedule {
    anchor: Instant,
    zone: Zone,
    interval: Interval,
    anchor_day: Option<u8>,
    /// What clocks show at the first boundary of a whole period.
    first: NaiveDateTime,
    /// The day of the month that boundaries go back to, 1 to 31.
    day: u32,
    /// Whether period 0 is a shorter one, before `first`.
    stub: bool,
}

/// A first period that is shorter than the others, because a billing day comes
/// before it could be whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stub {
    /// From the start to the first billing day.
    pub period: Period,
    /// The period of full length with the same end: what `period` is a share of.
    pub whole: Period,
}

impl Schedule {
    /// Periods from an anchor on, on its own day of the month (anniversary).
    pub fn new(anchor: Instant, zone: Zone, interval: Interval) -> Self {
        let first = zone.local(anchor);
        Self {
            anchor,
            zone,
            interval,
            anchor_day: None,
            first,
            day: first.day(),
            stub: false,
        }
    }

    /// Periods that change on a billing day, 1 to 31, clamped in short months.
    ///
    /// If the start's local date is a billing day, the first period is whole:
    /// so begins a schedule for day 31 on 28 February and goes on to 31 March.
    /// Otherwise the first period is a [`Stub`] to the next billing day, even
    /// where the interval is several months or years, and whole periods follow.
    /// Boundaries keep the start's time of day, as those of an anniversary do, so
    /// that one rule serves both; counted by days, a stub is the same share of the
    /// whole as it would be with boundaries at midnight.
    ///
    /// Refused for a day outside of 1 to 31 and for intervals in days or weeks.
    /// (Architecture, section 8 "first period"; StepPay V1 reference, section 6.5
    /// "Fixed billing day".)
    pub fn aligned(start: Instant, zone: Zone, interval: Interval, billing_day: u8) -> Result<Self, Problem> {
        if !(1..=31).contains(&billing_day) {
            return Err(Problem::new("must be a day of the month, 1 to 31"));
        }
        if matches!(interval.step(), Step::Days(_)) {
            return Err(Problem::new("needs an interval in months or years"));
        }
        let local = zone.local(start);
        let day = u32::from(billing_day);
        let month = Step::Months(1);
        let first = [0, 1]
            .into_iter()
            .filter_map(|months| month.from(local.date(), months, day))
            .find(|date| *date >= local.date())
            .ok_or_else(too_late)?;
        Ok(Self {
            anchor: start,
            zone,
            interval,
            anchor_day: Some(billing_day),
            first: first.and_time(local.time()),
            day,
            stub: first != local.date(),
        })
    }

    /// Where period 0 starts.
    pub fn anchor(&self) -> Instant {
        self.anchor
    }

    /// The zone whose clocks count.
    pub fn zone(&self) -> Zone {
        self.zone
    }

    /// The length of a whole period.
    pub fn interval(&self) -> Interval {
        self.interval
    }

    /// The billing day, 1 to 31; `None` if the anchor's own day counts.
    pub fn anchor_day(&self) -> Option<u8> {
        self.anchor_day
    }

    /// Where period `n` starts and the one before it ends.
    ///
    /// Refused for `n` below zero, and after 2099.
    pub fn boundary(&self, n: i64) -> Result<Instant, Problem> {
        if n < 0 {
            return Err(Problem::new("must not be negative: the first period is number 0"));
        }
        let at = self.micros(n).ok_or_else(too_late)?;
        Instant::in_range(at).map_err(|_| too_late())
    }

    /// Period `n`. Refused as [`Schedule::boundary`], for its end too.
    pub fn period(&self, n: i64) -> Result<Period, Problem> {
        let end = n.checked_add(1).ok_or_else(too_late)?;
        Period::new(self.boundary(n)?, self.boundary(end)?)
    }

    /// The number of the period that an instant lies in, without a walk.
    ///
    /// Refused for an instant before the anchor or after 2099.
    pub fn index_at(&self, at: Instant) -> Result<i64, Problem> {
        let at = Instant::in_range(at.micros())?;
        if at < self.anchor {
            return Err(Problem::new("must not lie before the first period"));
        }
        // The dates alone tell the number to within one: less because the day of
        // the month and the time of day are left aside, more because a clock set
        // back over midnight, or a day left out, puts a boundary on the date before.
        let local = self.zone.local(at);
        let near = self.interval.step().between(self.first.date(), local.date()) + i64::from(self.stub);
        (near.saturating_sub(1)..=near.saturating_add(1))
            .rev()
            .find(|n| *n >= 0 && self.micros(*n).is_some_and(|start| start <= at.micros()))
            .ok_or_else(too_late)
    }

    /// All periods in order. The one that would end after 2099 is the last item,
    /// as an error.
    pub fn periods(&self) -> Periods<'_> {
        self.periods_from(0)
    }

    /// The periods from number `n` on, as [`Schedule::periods`].
    pub fn periods_from(&self, n: i64) -> Periods<'_> {
        Periods {
            schedule: self,
            next: Some(n),
            start: None,
        }
    }

    /// The shorter first period, if there is one: with an interval of a year and
    /// 20 days to the billing day, 20 days of the year that ends then.
    ///
    /// Refused where the whole period would start before 1970 or end after 2099.
    pub fn stub(&self) -> Result<Option<Stub>, Problem> {
        if !self.stub {
            return Ok(None);
        }
        let start = self.regular(-1).ok_or_else(too_late)?;
        let end = self.boundary(1)?;
        Ok(Some(Stub {
            period: Period::new(self.anchor, end)?,
            whole: Period::new(Instant::in_range(start)?, end)?,
        }))
    }

    /// Boundary `n`, not below 0, in microseconds since 1970; `None` far outside
    /// of what an instant can hold.
    fn micros(&self, n: i64) -> Option<i64> {
        if n == 0 {
            // Not by way of its local time, which may be that of an earlier
            // instant as well.
            Some(self.anchor.micros())
        } else {
            self.regular(n - i64::from(self.stub))
        }
    }

    /// The start of the whole period `k` intervals from `first`.
    fn regular(&self, k: i64) -> Option<i64> {
        let step = self.interval.step();
        let at = |k| {
            let date = step.from(self.first.date(), k, self.day)?;
            self.zone.micros(date.and_time(self.first.time()))
        };
        let boundary = at(k)?;
        if step == Step::Days(1) && k > 0 && at(k.checked_add(1)?) == Some(boundary) {
            // Midnight of a date that the zone left out is that of the next date
            // too. Daily periods are counted by dates, so two share the one day
            // before, half each.
            let before = at(k - 1)?;
            return Some(before + (boundary - before) / 2);
        }
        Some(boundary)
    }
}

/// The periods of a schedule in order; see [`Schedule::periods`].
#[derive(Debug, Clone)]
pub struct Periods<'a> {
    schedule: &'a Schedule,
    next: Option<i64>,
    /// The boundary that the last period ended with.
    start: Option<Instant>,
}

impl Periods<'_> {
    fn step(&mut self, n: i64) -> Result<Period, Problem> {
        let start = match self.start {
            Some(start) => start,
            None => self.schedule.boundary(n)?,
        };
        let next = n.checked_add(1).ok_or_else(too_late)?;
        let end = self.schedule.boundary(next)?;
        self.next = Some(next);
        self.start = Some(end);
        Period::new(start, end)
    }
}

impl Iterator for Periods<'_> {
    type Item = Result<Period, Problem>;

    fn next(&mut self) -> Option<Self::Item> {
        let n = self.next.take()?;
        Some(self.step(n))
    }
}

impl std::iter::FusedIterator for Periods<'_> {}

fn too_late() -> Problem {
    Problem::new("would reach beyond the year 2099, the last that dates may lie in")
}

#[cfg(test)]
mod tests;
