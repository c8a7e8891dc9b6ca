//! Time zones by their IANA names.

use chrono_tz::Tz;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};

use super::Problem;

/// A time zone of the IANA database; UTC by default. What it does with clocks
/// and dates is in [`super::calendar`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Zone(pub(super) Tz);

impl Zone {
    /// From an IANA name such as `Asia/Seoul`.
    pub fn parse(given: &str) -> Result<Self, Problem> {
        let zone: Result<Tz, _> = given.trim().parse();
        zone.map(Self)
            .map_err(|_| Problem::new("must be an IANA time zone such as Asia/Seoul or UTC"))
    }

    /// Its IANA name in the usual spelling.
    pub fn name(self) -> &'static str {
        self.0.name()
    }
}

impl Serialize for Zone {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.name())
    }
}

impl<'de> Deserialize<'de> for Zone {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let name = String::deserialize(deserializer)?;
        Self::parse(&name).map_err(|problem| D::Error::custom(problem.message))
    }
}

/// Checks an IANA name such as `Asia/Seoul` and gives its usual spelling.
pub fn checked(given: &str) -> Result<&'static str, Problem> {
    Zone::parse(given).map(Zone::name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_the_database_only() {
        assert_eq!(checked("Asia/Seoul"), Ok("Asia/Seoul"));
        assert_eq!(checked("UTC"), Ok("UTC"));
        for bad in ["", "KST", "Seoul", "+09:00"] {
            assert!(checked(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_zone_comes_back_from_its_name() {
        for zone in chrono_tz::TZ_VARIANTS.map(Zone) {
            assert_eq!(Zone::parse(zone.name()), Ok(zone));
        }
        assert_eq!(Zone::default().name(), "UTC");
    }
}
