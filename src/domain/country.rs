//! Country codes of ISO 3166-1, two letters.

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use super::Problem;

/// An assigned two-letter code in upper case.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Country(&'static str);

impl Country {
    /// Every code, upper case.
    pub const CODES: &[&str] = rust_iso3166::ALL_ALPHA2;

    /// Accepts either case; only codes that ISO 3166-1 assigns.
    pub fn parse(given: &str) -> Result<Self, Problem> {
        let code = given.trim().to_ascii_uppercase();
        match rust_iso3166::from_alpha2(&code) {
            Some(country) => Ok(Self(country.alpha2)),
            None => Err(Problem::new(
                "must be a two-letter country code of ISO 3166-1 such as KR or US",
            )),
        }
    }

    /// The code in upper case.
    pub fn as_str(&self) -> &'static str {
        self.0
    }
}

impl Serialize for Country {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.0)
    }
}

impl<'de> Deserialize<'de> for Country {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let code = String::deserialize(deserializer)?;
        Self::parse(&code).map_err(|problem| de::Error::custom(problem.message))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_assigned_codes() {
        assert_eq!(Country::parse("kr").map(|c| c.as_str()), Ok("KR"));
        for bad in ["", "K", "KOR", "XX", "ZZ", "대한"] {
            assert!(Country::parse(bad).is_err(), "{bad}");
        }
    }
}
