//! Exact amounts between the money that is stored: what unit prices, parts of
//! a period and percentages give before they are rounded, once per line.

use std::cmp::Ordering;

use ethnum::I256;

use super::Problem;

/// A fraction of the currency's smallest unit, kept exactly. It has no
/// currency: what it becomes when it is rounded has.
#[derive(Debug, Clone, Copy)]
pub struct Exact {
    numerator: I256,
    /// Above zero.
    denominator: I256,
}

fn overflow() -> Problem {
    Problem::new("makes an amount that is too large to be counted")
}

/// The product. Nearly all of them fit the processor's own numbers, where it
/// takes a tenth of the time.
fn product(one: I256, other: I256) -> Result<I256, Problem> {
    if other == I256::ONE {
        return Ok(one);
    }
    if let (Some(small), Some(factor)) = (narrow(one), narrow(other))
        && let Some(product) = small.checked_mul(factor)
    {
        return Ok(I256::from(product));
    }
    one.checked_mul(other).ok_or_else(overflow)
}

/// Quotient, towards zero, and rest; the divisor is above zero.
fn divided(dividend: I256, divisor: I256) -> (I256, I256) {
    if let (Some(small), Some(by)) = (narrow(dividend), narrow(divisor)) {
        return (I256::from(small / by), I256::from(small % by));
    }
    (dividend / divisor, dividend % divisor)
}

/// The same number in 128 bits, where it fits.
fn narrow(number: I256) -> Option<i128> {
    let (high, low) = number.into_words();
    (high == low >> 127).then_some(low)
}

impl Exact {
    /// Nothing.
    pub const ZERO: Self = Self {
        numerator: I256::ZERO,
        denominator: I256::ONE,
    };

    /// A whole number.
    pub fn whole(number: i64) -> Self {
        Self {
            numerator: I256::from(number),
            denominator: I256::ONE,
        }
    }

    /// `numerator / denominator`.
    ///
    /// # Errors
    ///
    /// A problem when the denominator is not above zero.
    pub fn ratio(numerator: i128, denominator: i128) -> Result<Self, Problem> {
        if denominator <= 0 {
            return Err(overflow());
        }
        Ok(Self {
            numerator: I256::from(numerator),
            denominator: I256::from(denominator),
        })
    }

    /// Numerator and denominator, where both fit 128 bits; the denominator is
    /// above zero.
    pub fn narrow(self) -> Option<(i128, i128)> {
        narrow(self.numerator).zip(narrow(self.denominator))
    }

    /// The product.
    ///
    /// # Errors
    ///
    /// A problem when it cannot be counted.
    pub fn times(self, other: Self) -> Result<Self, Problem> {
        Ok(Self {
            numerator: product(self.numerator, other.numerator)?,
            denominator: product(self.denominator, other.denominator)?,
        })
    }

    /// The sum.
    ///
    /// # Errors
    ///
    /// A problem when it cannot be counted.
    pub fn plus(self, other: Self) -> Result<Self, Problem> {
        if self.denominator == other.denominator {
            let numerator = self.numerator.checked_add(other.numerator).ok_or_else(overflow)?;
            return Ok(Self { numerator, ..self });
        }
        // Most often one denominator is a part of the other: years of sums
        // would outgrow any number if each of them multiplied both.
        let (coarse, fine) = if self.denominator < other.denominator {
            (self, other)
        } else {
            (other, self)
        };
        let (factor, rest) = divided(fine.denominator, coarse.denominator);
        let scaled = |exact: Self, by: I256| product(exact.numerator, by);
        if rest == I256::ZERO {
            let numerator = scaled(coarse, factor)?
                .checked_add(fine.numerator)
                .ok_or_else(overflow)?;
            return Ok(Self { numerator, ..fine });
        }
        let (left, right) = (scaled(coarse, fine.denominator)?, scaled(fine, coarse.denominator)?);
        Ok(Self {
            numerator: left.checked_add(right).ok_or_else(overflow)?,
            denominator: product(coarse.denominator, fine.denominator)?,
        })
    }

    /// The same with the other sign.
    pub fn negated(self) -> Self {
        Self {
            // The smallest number of all is out of reach: every factor fits
            // 128 bits.
            numerator: self.numerator.wrapping_neg(),
            ..self
        }
    }

    /// The difference.
    ///
    /// # Errors
    ///
    /// A problem when it cannot be counted.
    pub fn minus(self, other: Self) -> Result<Self, Problem> {
        self.plus(other.negated())
    }

    /// Whether it is above, at or below zero.
    pub fn sign(self) -> Ordering {
        self.numerator.cmp(&I256::ZERO)
    }

    /// Which is larger.
    ///
    /// # Errors
    ///
    /// A problem when they cannot be compared without overflow.
    pub fn compare(self, other: Self) -> Result<Ordering, Problem> {
        self.minus(other).map(Self::sign)
    }

    /// The smaller of two.
    ///
    /// # Errors
    ///
    /// As [`Exact::compare`].
    pub fn least(self, other: Self) -> Result<Self, Problem> {
        Ok(if self.compare(other)?.is_gt() { other } else { self })
    }

    /// The nearest whole number, halves away from zero, so that a credit
    /// mirrors its charge (architecture, section 3).
    ///
    /// # Errors
    ///
    /// A problem when it is no 64-bit number.
    pub fn round(self) -> Result<i64, Problem> {
        // Nearly every amount fits the processor's own division.
        if let (Ok(numerator), Ok(denominator)) = (i64::try_from(self.numerator), i64::try_from(self.denominator)) {
            let (quotient, rest) = (numerator / denominator, numerator % denominator);
            let up = rest.unsigned_abs() >= denominator.unsigned_abs().div_ceil(2);
            return quotient
                .checked_add(if up { numerator.signum() } else { 0 })
                .ok_or_else(overflow);
        }
        let (quotient, rest) = divided(self.numerator, self.denominator);
        let up = rest.unsigned_abs() >= (self.denominator.unsigned_abs() + 1) / 2;
        let rounded = if up {
            quotient + self.numerator.signum()
        } else {
            quotient
        };
        i64::try_from(rounded).map_err(|_| overflow())
    }

    /// The smallest whole number that is not below it.
    ///
    /// # Errors
    ///
    /// A problem when it is no 64-bit number.
    pub fn ceiling(self) -> Result<i64, Problem> {
        let (quotient, rest) = divided(self.numerator, self.denominator);
        let up = rest > I256::ZERO;
        i64::try_from(if up { quotient + I256::ONE } else { quotient }).map_err(|_| overflow())
    }
}

/// A count of the parts of which `one` make a whole. Whole numbers stay small,
/// which keeps everything after them quick.
fn decimal(scaled: i128, one: i64) -> Exact {
    let wide = i128::from(one);
    // 128-bit division is a function call, a 64-bit one an instruction.
    let (whole, rest) = i64::try_from(scaled).map_or_else(
        |_| (scaled / wide, scaled % wide),
        |scaled| (i128::from(scaled / one), i128::from(scaled % one)),
    );
    let (numerator, denominator) = if rest == 0 { (whole, 1) } else { (scaled, wide) };
    Exact {
        numerator: I256::from(numerator),
        denominator: I256::from(denominator),
    }
}

impl From<super::decimal::Quantity> for Exact {
    fn from(quantity: super::decimal::Quantity) -> Self {
        decimal(quantity.scaled().into(), super::decimal::Quantity::ONE.scaled())
    }
}

impl From<super::decimal::UnitAmount> for Exact {
    fn from(amount: super::decimal::UnitAmount) -> Self {
        decimal(amount.scaled(), 10_i64.pow(super::decimal::UnitAmount::DECIMALS))
    }
}

impl From<super::decimal::Percent> for Exact {
    fn from(percent: super::decimal::Percent) -> Self {
        Self {
            numerator: I256::from(percent.scaled()),
            denominator: I256::from(super::decimal::Percent::HUNDRED.scaled()),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn halves_go_away_from_zero() {
        for (numerator, denominator, rounded) in [
            (1, 2, 1),
            (-1, 2, -1),
            (3, 2, 2),
            (-3, 2, -2),
            (1, 3, 0),
            (2, 3, 1),
            (-2, 3, -1),
            (5, 1, 5),
        ] {
            assert_eq!(
                Exact::ratio(numerator, denominator).unwrap().round(),
                Ok(rounded),
                "{numerator}/{denominator}"
            );
        }
        assert!(Exact::ratio(i128::from(i64::MAX) * 2 + 1, 2).unwrap().round().is_err());
        assert!(Exact::ratio(1, 0).is_err());
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(20_000))]

        #[test]
        fn rounding_mirrors_and_is_the_nearest(numerator in any::<i64>(), denominator in 1_i64..=i64::MAX) {
            let exact = Exact::ratio(i128::from(numerator), i128::from(denominator)).unwrap();
            let rounded = exact.round().unwrap();
            if numerator != i64::MIN {
                prop_assert_eq!(exact.negated().round(), Ok(-rounded));
            }
            let off = (i128::from(numerator) - i128::from(rounded) * i128::from(denominator)).abs();
            prop_assert!(off * 2 <= i128::from(denominator));
            prop_assert!(exact.ceiling().unwrap() >= rounded);
            prop_assert!(exact.ceiling().unwrap() - rounded <= 1);
            // Both ways to divide agree.
            let wide = Exact { numerator: exact.numerator * I256::from(1_i128 << 70), denominator: exact.denominator * I256::from(1_i128 << 70) };
            prop_assert_eq!(wide.round(), Ok(rounded));
            prop_assert_eq!(wide.ceiling(), exact.ceiling());
        }

        #[test]
        fn short_ways_give_what_wide_numbers_give(one in any::<i128>(), other in any::<i128>(), shift in 0_u32..127) {
            for (a, b) in [(one, other >> shift), (one >> shift, other), (one >> 64, other >> 64)] {
                let (a, b) = (I256::from(a), I256::from(b));
                prop_assert_eq!(product(a, b).ok(), a.checked_mul(b));
                prop_assert_eq!(product(product(a, b).unwrap(), a).ok(), (a * b).checked_mul(a));
                let above = b.unsigned_abs().as_i256() + I256::ONE;
                prop_assert_eq!(divided(a, above), (a / above, a % above));
                prop_assert_eq!(divided(a * above, above), (a, I256::ZERO));
            }
        }
    }
}
