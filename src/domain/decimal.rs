//! Decimal numbers with a fixed number of decimals: quantities, prices of a
//! unit and percentages. They are read from and shown as text, so that no
//! digit is lost on the way.

use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};

use super::{Problem, exact::Exact};

/// Reads a decimal number such as `12`, `0.5` or `-3.25` as a count of the
/// `decimals`-th decimal.
///
/// # Errors
///
/// A problem when it is no decimal number, has more decimals, or is too large.
fn parse(text: &str, decimals: u32) -> Result<i128, Problem> {
    let refused = || {
        Problem::new(format!(
            "must be a decimal number with at most {decimals} decimals such as 12.5"
        ))
    };
    let text = text.trim();
    let (negative, digits) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text),
    };
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, "0"));
    let fraction = if fraction.len() > 1 {
        fraction.trim_end_matches('0')
    } else {
        fraction
    };
    let all_digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    if whole.is_empty() || digits.ends_with('.') || !all_digits(whole) || !all_digits(fraction) {
        return Err(refused());
    }
    if fraction.len() > decimals as usize && fraction != "0" {
        return Err(refused());
    }
    let too_large = || Problem::new("is too large");
    let mut scaled: i128 = 0;
    let padding = std::iter::repeat_n(b'0', decimals as usize);
    let decimals_of = fraction.bytes().chain(padding).take(decimals as usize);
    for digit in whole.bytes().chain(decimals_of) {
        scaled = scaled
            .checked_mul(10)
            .and_then(|scaled| scaled.checked_add(i128::from(digit - b'0')))
            .ok_or_else(too_large)?;
    }
    Ok(if negative { -scaled } else { scaled })
}

/// Writes a count of the `decimals`-th decimal without trailing zeros.
fn write(f: &mut std::fmt::Formatter<'_>, scaled: i128, decimals: u32) -> std::fmt::Result {
    let one = 10_u128.pow(decimals);
    let (whole, fraction) = (scaled.unsigned_abs() / one, scaled.unsigned_abs() % one);
    if scaled < 0 {
        f.write_str("-")?;
    }
    write!(f, "{whole}")?;
    if fraction > 0 {
        let digits = format!("{fraction:0width$}", width = decimals as usize);
        write!(f, ".{}", digits.trim_end_matches('0'))?;
    }
    Ok(())
}

macro_rules! decimal {
    ($(#[$doc:meta])* $name:ident($inner:ty), $decimals:literal) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
        pub struct $name($inner);

        impl $name {
            /// Nothing.
            pub const ZERO: Self = Self(0);
            /// One, as it is counted.
            pub const ONE: Self = Self((10 as $inner).pow($decimals));
            /// How many decimals it has.
            pub const DECIMALS: u32 = $decimals;

            /// From a count of its smallest part.
            pub const fn from_scaled(scaled: $inner) -> Self {
                Self(scaled)
            }

            /// The count of its smallest part.
            pub const fn scaled(self) -> $inner {
                self.0
            }

            /// From a whole number.
            ///
            /// # Errors
            ///
            /// A problem when it is too large.
            pub fn whole(number: i64) -> Result<Self, Problem> {
                (number as $inner)
                    .checked_mul(Self::ONE.0)
                    .map(Self)
                    .ok_or_else(|| Problem::new("is too large"))
            }

            /// From text such as `12` or `0.5`.
            ///
            /// # Errors
            ///
            /// A problem when it is no decimal number, has too many decimals,
            /// or is too large.
            pub fn parse(text: &str) -> Result<Self, Problem> {
                let scaled = parse(text, $decimals)?;
                <$inner>::try_from(scaled).map(Self).map_err(|_| Problem::new("is too large"))
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                write(f, i128::from(self.0), $decimals)
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = String::deserialize(deserializer)?;
                Self::parse(&text).map_err(|problem| D::Error::custom(problem.message))
            }
        }
    };
    ($name:ident is text) => {
        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }
    };
}

decimal!(
    /// How much of something: seats, calls, gigabytes; millionths.
    Quantity(i64), 6
);
decimal!(
    /// What one unit costs, in the currency's smallest unit; finer than it, to
    /// a trillionth.
    UnitAmount(i128), 12
);
decimal!(
    /// Percent, to a millionth of one.
    Percent(i64), 6
);

decimal!(UnitAmount is text);
decimal!(Percent is text);
decimal!(Quantity is text);

impl Quantity {
    /// The sum.
    ///
    /// # Errors
    ///
    /// A problem when it is too large.
    pub fn plus(self, other: Self) -> Result<Self, Problem> {
        self.0
            .checked_add(other.0)
            .map(Self)
            .ok_or_else(|| Problem::new("is too large"))
    }

    /// The nearest that can be counted, halves away from zero; for showing
    /// what was computed exactly.
    ///
    /// # Errors
    ///
    /// A problem when it is too large.
    pub fn nearest(exact: Exact) -> Result<Self, Problem> {
        exact.times(Exact::whole(Self::ONE.0))?.round().map(Self)
    }

    /// What is left beyond `included`; never below zero.
    pub fn beyond(self, included: Self) -> Self {
        Self(self.0.saturating_sub(included.0).max(0))
    }
}

impl Percent {
    /// Everything.
    pub const HUNDRED: Self = Self(100 * Self::ONE.0);
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn reads_decimals_and_refuses_what_is_none() {
        for (given, shown) in [
            ("12", "12"),
            ("0.5", "0.5"),
            ("-3.250", "-3.25"),
            ("007", "7"),
            ("1.000000000", "1"),
            ("0.0", "0"),
        ] {
            assert_eq!(Quantity::parse(given).expect(given).to_string(), shown);
        }
        for bad in [
            "",
            ".",
            "1.",
            ".5",
            "1e3",
            "+1",
            "1,000",
            "0x1",
            "1.2.3",
            "--1",
            "½",
            "1 2",
            "0.0000001",
        ] {
            assert!(Quantity::parse(bad).is_err(), "{bad}");
        }
        assert!(Quantity::parse("9223372036854.775807").is_ok());
        assert!(Quantity::parse("9223372036854.775808").is_err());
        assert!(UnitAmount::parse(&"9".repeat(60)).is_err());
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(20_000))]

        #[test]
        fn no_digit_is_lost(scaled in any::<i64>(), fine in any::<i64>()) {
            let quantity = Quantity::from_scaled(scaled);
            prop_assert_eq!(Quantity::parse(&quantity.to_string()), Ok(quantity));
            let price = UnitAmount::from_scaled(i128::from(fine) * 977);
            prop_assert_eq!(UnitAmount::parse(&price.to_string()), Ok(price));
        }
    }
}
