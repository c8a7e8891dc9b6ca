//! What clocks on the wall of a zone show, and when.

use chrono::{DateTime, FixedOffset, LocalResult, NaiveDate, NaiveDateTime, NaiveTime, Offset, TimeZone};
use chrono_tz::GapInfo;

use crate::domain::{
    Problem,
    instant::{END, Instant},
    zone::Zone,
};

impl Zone {
    /// What a clock in the zone shows at an instant, to the microsecond.
    ///
    /// An instant outside of the years 1970 to 2099, which only a damaged row
    /// can hold, counts as the nearest inside.
    pub fn local(self, at: Instant) -> NaiveDateTime {
        let utc = DateTime::from_timestamp_micros(at.micros().clamp(0, END - 1)).unwrap_or_default();
        let east = self.0.offset_from_utc_datetime(&utc.naive_utc()).fix();
        utc.with_timezone(&east).naive_local()
    }

    /// When a clock in the zone shows a local time for the first time; where the
    /// clock jumps over it, the first instant after the jump.
    ///
    /// So of a repeated hour it is the earlier one, a midnight that was left out
    /// is the start of its day, and a time on a day that was left out altogether
    /// (Pacific/Apia, 2011-12-30) is the start of the next. A later local time
    /// never gives an earlier instant. (Architecture, section 3 "Time".)
    ///
    /// Refused outside of the years 1970 to 2099 (UTC).
    pub fn instant(self, local: NaiveDateTime) -> Result<Instant, Problem> {
        Instant::in_range(self.micros(local).unwrap_or(i64::MAX))
    }

    /// The first instant of a local date; of a date that was left out, the
    /// first instant of the next. Refused as in [`Zone::instant`].
    pub fn start_of_day(self, date: NaiveDate) -> Result<Instant, Problem> {
        self.instant(date.and_time(NaiveTime::MIN))
    }

    /// The latest local date that has begun at an instant.
    ///
    /// This is the date on the clock, but where a clock is set back over
    /// midnight (America/St_Johns until 2011, at 00:01) the day that has begun
    /// stays begun: the days of instants in order are in order.
    pub fn day(self, at: Instant) -> NaiveDate {
        let date = self.local(at).date();
        let begun = |next: &NaiveDate| {
            self.micros(next.and_time(NaiveTime::MIN))
                .is_some_and(|start| start <= at.micros())
        };
        date.succ_opt().filter(begun).unwrap_or(date)
    }

    /// As [`Zone::instant`], in microseconds since 1970 of any year that chrono
    /// knows; `None` beyond.
    pub(super) fn micros(self, local: NaiveDateTime) -> Option<i64> {
        match self.0.offset_from_local_datetime(&local) {
            LocalResult::Single(east) | LocalResult::Ambiguous(east, _) => micros(local, east.fix()),
            LocalResult::None => {
                // The jump happens when the old offset shows the gap's begin.
                let (begin, east) = GapInfo::new(&local, &self.0)?.begin?;
                micros(begin, east.fix())
            }
        }
    }
}

/// Microseconds since 1970 of a local time, a number of seconds east of UTC.
fn micros(local: NaiveDateTime, east: FixedOffset) -> Option<i64> {
    let east = i64::from(east.local_minus_utc()) * 1_000_000;
    local.and_utc().timestamp_micros().checked_sub(east)
}

#[cfg(test)]
mod tests;
