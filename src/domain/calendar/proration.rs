//! Which share of a period is left at an instant, as an exact fraction.
//! (Architecture, section 8 "proration".)

use serde::{Deserialize, Serialize};

use crate::domain::{Problem, calendar::Period, instant::Instant, zone::Zone};

/// What is counted when a period is used in part: a store's setting.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Basis {
    /// Whole local days; the day of a change belongs to what comes after it.
    #[default]
    Day,
    /// The time itself, to the microsecond.
    Second,
    /// Nothing: a period that has begun is used up.
    None,
}

impl Basis {
    /// All bases with the words of the setting.
    pub const NAMES: [(&'static str, Self); 3] = [("day", Self::Day), ("second", Self::Second), ("none", Self::None)];

    /// The word of the setting.
    pub fn name(self) -> &'static str {
        match self {
            Self::Day => "day",
            Self::Second => "second",
            Self::None => "none",
        }
    }

    /// From the word of the setting.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::NAMES
            .iter()
            .find(|(known, _)| *known == name)
            .map(|(_, basis)| *basis)
    }
}

/// A share `part / whole` between nothing and everything, not reduced: the two
/// numbers are what was counted (days, microseconds), so that a line can say
/// "12 of 31 days".
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Fraction {
    part: u64,
    whole: u64,
}

impl Fraction {
    /// Refused where `whole` is zero or `part` exceeds it.
    pub fn new(part: u64, whole: u64) -> Result<Self, Problem> {
        if whole > 0 && part <= whole {
            Ok(Self { part, whole })
        } else {
            Err(Problem::new("must be a part of a whole that is not zero"))
        }
    }

    /// How much of `whole`; never more.
    pub fn part(self) -> u64 {
        self.part
    }

    /// What it is a part of; never zero.
    pub fn whole(self) -> u64 {
        self.whole
    }

    /// What this share leaves of the whole.
    pub fn rest(self) -> Self {
        Self {
            part: self.whole.saturating_sub(self.part),
            whole: self.whole,
        }
    }
}

/// The share of a period that is left at `at`: what a new plan pays and an old
/// one is credited when they change then; [`Fraction::rest`] is what was used.
///
/// - By [`Basis::Day`], days from the one of `at`, which counts as left, to the one
///   of the end, which counts as the next period's, of the days from start to
///   end. Days are local ([`Zone::day`]); a period inside one local day is one
///   day, left until it ends.
/// - By [`Basis::Second`], microseconds.
/// - By [`Basis::None`], nothing, at any instant.
///
/// By day and by second everything is left until the start, nothing from the
/// end on.
pub fn remaining(period: Period, at: Instant, zone: Zone, basis: Basis) -> Fraction {
    // From here on nothing can lie outside, and no count can be negative.
    let at = at.clamp(period.start(), period.end());
    let (part, whole) = match basis {
        Basis::Day => days(period, at, zone),
        Basis::Second => (
            count(period.end().micros(), at.micros()),
            count(period.end().micros(), period.start().micros()),
        ),
        Basis::None => (0, 1),
    };
    Fraction { part, whole }
}

fn days(period: Period, at: Instant, zone: Zone) -> (u64, u64) {
    let end = zone.day(period.end());
    let until_end = |at: Instant| end.signed_duration_since(zone.day(at)).num_days().unsigned_abs();
    match until_end(period.start()) {
        0 => (u64::from(at < period.end()), 1),
        whole => (until_end(at), whole),
    }
}

/// `end - start`, where `start` is not after `end`.
fn count(end: i64, start: i64) -> u64 {
    end.abs_diff(start)
}

#[cfg(test)]
mod tests;
