//! Points in time: UTC, microseconds, shown with exactly three fraction digits.

use chrono::{DateTime, NaiveDate, SecondsFormat, Utc};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};

use super::Problem;

/// Microseconds since 1970-01-01T00:00:00Z. Years 1970 to 2099.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Instant(i64);

/// First microsecond of the year 2100: later dates are refused.
pub(super) const END: i64 = 4_102_444_800_000_000;

impl Instant {
    /// From microseconds since 1970, as stored.
    pub const fn from_micros(micros: i64) -> Self {
        Self(micros)
    }

    /// Microseconds since 1970.
    pub const fn micros(self) -> i64 {
        self.0
    }

    /// From milliseconds since 1970, as JavaScript counts.
    pub fn from_millis(millis: i64) -> Result<Self, Problem> {
        millis
            .checked_mul(1000)
            .map_or_else(|| Err(out_of_range()), Self::in_range)
    }

    /// From ISO 8601 with a zone (`2026-03-01T09:00:00+09:00`, `…Z`), or a date
    /// alone, which means its first instant in UTC.
    pub fn parse(text: &str) -> Result<Self, Problem> {
        let text = text.trim();
        if let Ok(at) = DateTime::parse_from_rfc3339(text) {
            return Self::in_range(at.timestamp_micros());
        }
        if let Ok(date) = NaiveDate::parse_from_str(text, "%Y-%m-%d")
            && let Some(at) = date.and_hms_opt(0, 0, 0)
        {
            return Self::in_range(at.and_utc().timestamp_micros());
        }
        Err(Problem::new(
            "must be a time with its zone such as 2026-03-01T09:00:00Z, a date such as 2026-03-01, or milliseconds since 1970",
        ))
    }

    /// From microseconds since 1970, refused outside of the years 1970 to 2099.
    pub(super) fn in_range(micros: i64) -> Result<Self, Problem> {
        if (0..END).contains(&micros) {
            Ok(Self(micros))
        } else {
            Err(out_of_range())
        }
    }
}

fn out_of_range() -> Problem {
    Problem::new("must lie in the years 1970 to 2099")
}

impl std::fmt::Display for Instant {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let at: DateTime<Utc> = DateTime::from_timestamp_micros(self.0).unwrap_or_default();
        f.write_str(&at.to_rfc3339_opts(SecondsFormat::Millis, true))
    }
}

impl Serialize for Instant {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// From what goes out: to the millisecond.
impl<'de> Deserialize<'de> for Instant {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::parse(&text).map_err(|problem| D::Error::custom(problem.message))
    }
}

/// How instants are stored inside JSON: microseconds since 1970, for what goes
/// out is cut to the millisecond. For `#[serde(with = "micros")]`.
pub mod micros {
    use serde::{Deserialize, Deserializer, Serializer};

    use super::Instant;

    /// Writes microseconds.
    pub fn serialize<S: Serializer>(at: &Instant, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_i64(at.micros())
    }

    /// Reads microseconds.
    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Instant, D::Error> {
        i64::deserialize(deserializer).map(Instant::from_micros)
    }

    /// The same for an instant that may be missing.
    pub mod option {
        use serde::{Deserialize, Deserializer, Serializer};

        use super::Instant;

        /// Writes microseconds, or nothing.
        pub fn serialize<S: Serializer>(at: &Option<Instant>, serializer: S) -> Result<S::Ok, S::Error> {
            match at {
                Some(at) => serializer.serialize_some(&at.micros()),
                None => serializer.serialize_none(),
            }
        }

        /// Reads microseconds, or nothing.
        pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Instant>, D::Error> {
            Ok(Option::<i64>::deserialize(deserializer)?.map(Instant::from_micros))
        }
    }
}

/// Checks a calendar date `YYYY-MM-DD` of the years 1900 to 2099.
pub fn check_date(text: &str) -> Result<(), Problem> {
    let refused = || Problem::new("must be a date such as 2026-03-01");
    let date = NaiveDate::parse_from_str(text, "%Y-%m-%d").map_err(|_| refused())?;
    let year = chrono::Datelike::year(&date);
    if text.len() == 10 && (1900..2100).contains(&year) {
        Ok(())
    } else {
        Err(refused())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_what_people_send_and_shows_milliseconds() {
        for (given, shown) in [
            ("2026-03-01T09:00:00+09:00", "2026-03-01T00:00:00.000Z"),
            ("2026-03-01T00:00:00.123456Z", "2026-03-01T00:00:00.123Z"),
            ("2026-03-01", "2026-03-01T00:00:00.000Z"),
        ] {
            assert_eq!(Instant::parse(given).expect(given).to_string(), shown);
        }
        for bad in [
            "",
            "yesterday",
            "2026-03-01T00:00:00",
            "2100-01-01",
            "1969-12-31",
            "2026-02-30",
        ] {
            assert!(Instant::parse(bad).is_err(), "{bad}");
        }
        assert!(Instant::from_millis(i64::MAX).is_err());
    }

    #[test]
    fn dates_of_the_calendar() {
        assert!(check_date("2024-02-29").is_ok());
        for bad in ["2026-02-29", "2026-2-1", "20260201", "2100-01-01"] {
            assert!(check_date(bad).is_err(), "{bad}");
        }
    }
}
