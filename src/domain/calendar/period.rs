//! Half-open spans of time.

use serde::{Deserialize, Serialize};

use crate::domain::{
    Problem,
    instant::{Instant, micros},
};

/// From `start`, which belongs to it, to `end`, which does not. Never empty.
/// Stored as two counts of microseconds since 1970.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "Written")]
pub struct Period {
    #[serde(with = "micros")]
    start: Instant,
    #[serde(with = "micros")]
    end: Instant,
}

/// A period that was not checked yet.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    #[serde(with = "micros")]
    start: Instant,
    #[serde(with = "micros")]
    end: Instant,
}

impl TryFrom<Written> for Period {
    type Error = String;

    fn try_from(written: Written) -> Result<Self, String> {
        Self::new(written.start, written.end).map_err(|problem| problem.message)
    }
}

impl Period {
    /// Refused unless `start` lies before `end`.
    pub fn new(start: Instant, end: Instant) -> Result<Self, Problem> {
        if start < end {
            Ok(Self { start, end })
        } else {
            Err(Problem::new("must end after it starts"))
        }
    }

    /// Its first instant.
    pub fn start(self) -> Instant {
        self.start
    }

    /// The first instant after it.
    pub fn end(self) -> Instant {
        self.end
    }

    /// Whether an instant lies in it.
    pub fn contains(self, at: Instant) -> bool {
        self.start <= at && at < self.end
    }

    /// Whether the two have an instant in common.
    pub fn overlaps(self, other: Self) -> bool {
        self.start < other.end && other.start < self.end
    }

    /// The parts before `at` and from it on; `None` unless both have an instant.
    pub fn split_at(self, at: Instant) -> Option<(Self, Self)> {
        let before = Self::new(self.start, at).ok()?;
        let after = Self::new(at, self.end).ok()?;
        Some((before, after))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn period(start: i64, end: i64) -> Period {
        Period::new(Instant::from_micros(start), Instant::from_micros(end)).expect("in order")
    }

    #[test]
    fn an_empty_or_reversed_period_is_refused() {
        for (start, end) in [(5, 5), (6, 5)] {
            assert!(Period::new(Instant::from_micros(start), Instant::from_micros(end)).is_err());
        }
    }

    #[test]
    fn the_end_belongs_to_the_next_period() {
        let held: Vec<i64> = (0..=6)
            .filter(|at| period(2, 5).contains(Instant::from_micros(*at)))
            .collect();
        assert_eq!(held, [2, 3, 4]);
    }

    #[test]
    fn neighbours_do_not_overlap() {
        for (other, expected) in [
            ((0, 2), false),
            ((0, 3), true),
            ((3, 4), true),
            ((0, 9), true),
            ((4, 9), true),
            ((5, 9), false),
        ] {
            let other = period(other.0, other.1);
            assert_eq!(period(2, 5).overlaps(other), expected, "{other:?}");
            assert_eq!(other.overlaps(period(2, 5)), expected, "{other:?}");
        }
    }

    #[test]
    fn a_split_leaves_nothing_out() {
        let split = |at| period(2, 5).split_at(Instant::from_micros(at));
        assert_eq!(split(4), Some((period(2, 4), period(4, 5))));
        for outside in [1, 2, 5, 6] {
            assert_eq!(split(outside), None);
        }
    }
}
