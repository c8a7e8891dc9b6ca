//! Currencies by their ISO 4217 codes.

use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};

use super::Problem;

/// A currency of ISO 4217. Amounts are counted in its smallest unit: won for
/// KRW (no decimals), cents for USD (two), fils for KWD (three).
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Currency(iso_currency::Currency);

impl Currency {
    /// The Korean won.
    pub const KRW: Self = Self(iso_currency::Currency::KRW);

    /// Reads a three-letter code in either case.
    pub fn parse(given: &str) -> Result<Self, Problem> {
        let code = given.trim().to_ascii_uppercase();
        iso_currency::Currency::from_code(&code)
            // Gold, test codes and the like have no smallest unit to count in.
            .filter(|currency| currency.exponent().is_some())
            .map(Self)
            .ok_or_else(|| Problem::new("must be a three-letter currency code of ISO 4217 such as KRW or USD"))
    }

    /// The upper-case code.
    pub fn code(self) -> &'static str {
        self.0.code()
    }

    /// How many decimals an amount is written with: 0 for KRW, 2 for USD, 3
    /// for KWD.
    pub fn exponent(self) -> u32 {
        self.0.exponent().map_or(0, u32::from)
    }
}

impl std::fmt::Debug for Currency {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.code())
    }
}

impl Serialize for Currency {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.code())
    }
}

/// Checks a three-letter code in either case and gives it in upper case.
pub fn checked(given: &str) -> Result<String, Problem> {
    Currency::parse(given).map(|currency| currency.code().to_owned())
}

impl<'de> Deserialize<'de> for Currency {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let code = String::deserialize(deserializer)?;
        Self::parse(&code).map_err(|problem| D::Error::custom(problem.message))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_of_the_standard_only() {
        assert_eq!(checked("krw").as_deref(), Ok("KRW"));
        for bad in ["", "WON", "US", "dollar", "XAU", "XXX"] {
            assert!(checked(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn each_currency_has_its_own_decimals() {
        for (code, exponent) in [
            ("KRW", 0),
            ("JPY", 0),
            ("ISK", 0),
            ("USD", 2),
            ("KWD", 3),
            ("CLF", 4),
            ("UYW", 4),
        ] {
            assert_eq!(Currency::parse(code).expect(code).exponent(), exponent, "{code}");
        }
    }
}
