//! Money: a whole number of the currency's smallest unit, and the currency,
//! always together.

use super::{Problem, currency::Currency, exact::Exact};

/// An amount of money. It may be negative: credits and discounts are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Money {
    /// In the currency's smallest unit.
    pub amount: i64,
    /// The currency.
    pub currency: Currency,
}

impl Money {
    /// So much of it.
    pub const fn new(amount: i64, currency: Currency) -> Self {
        Self { amount, currency }
    }

    /// None of it.
    pub const fn zero(currency: Currency) -> Self {
        Self::new(0, currency)
    }

    /// An exact amount, rounded to the smallest unit, halves away from zero.
    ///
    /// # Errors
    ///
    /// A problem when it is too large.
    pub fn rounded(exact: Exact, currency: Currency) -> Result<Self, Problem> {
        exact.round().map(|amount| Self::new(amount, currency))
    }

    /// The sum.
    ///
    /// # Errors
    ///
    /// A problem when the currencies differ, or the sum is too large.
    pub fn plus(self, other: Self) -> Result<Self, Problem> {
        if self.currency != other.currency {
            return Err(mixed(self.currency, other.currency));
        }
        Ok(Self::new(add(self.amount, other.amount)?, self.currency))
    }

    /// The same with the other sign.
    ///
    /// # Errors
    ///
    /// A problem for the one amount that has none.
    pub fn negated(self) -> Result<Self, Problem> {
        let amount = self.amount.checked_neg().ok_or_else(too_large)?;
        Ok(Self::new(amount, self.currency))
    }
}

/// Why an amount, or a sum of anything that is counted, was refused.
pub fn too_large() -> Problem {
    Problem::new("makes an amount that is too large to be counted")
}

/// Why two amounts do not go together.
pub fn mixed(one: Currency, other: Currency) -> Problem {
    Problem::new(format!(
        "must all be in one currency: {} and {} cannot be paid together",
        one.code(),
        other.code()
    ))
}

/// The sum of two amounts of one currency.
///
/// # Errors
///
/// A problem when it is too large.
pub fn add(one: i64, other: i64) -> Result<i64, Problem> {
    one.checked_add(other).ok_or_else(too_large)
}

/// The largest amount that goes out: every program can count to it, those in
/// JavaScript too.
pub const MAX_AMOUNT: i64 = (1 << 53) - 1;

/// Refuses an amount that not every program can count to.
///
/// # Errors
///
/// A problem when it is above [`MAX_AMOUNT`], or as far below zero.
pub fn countable(amount: i64) -> Result<i64, Problem> {
    if amount.unsigned_abs() <= MAX_AMOUNT.unsigned_abs() {
        Ok(amount)
    } else {
        Err(too_large())
    }
}

/// The sum of many amounts of one currency.
///
/// # Errors
///
/// A problem when it is too large.
pub fn sum(amounts: impl IntoIterator<Item = i64>) -> Result<i64, Problem> {
    amounts.into_iter().try_fold(0, add)
}

/// Splits an amount in proportion to weights without losing a unit: the parts
/// sum up to it, each is within one unit of its exact share, and none is more
/// than its weight where the amount is not more than all weights. Without any
/// weight everything goes to the first.
///
/// # Errors
///
/// A problem when the weights are too large.
pub fn allocate(amount: i64, weights: &[u64]) -> Result<Vec<i64>, Problem> {
    let whole: u128 = weights.iter().map(|weight| u128::from(*weight)).sum();
    let whole = i128::try_from(whole).map_err(|_| too_large())?;
    if whole == 0 {
        let first = |(index, _)| if index == 0 { amount } else { 0 };
        return Ok(weights.iter().enumerate().map(first).collect());
    }
    // Rounding the running sum instead of each part loses nothing.
    let mut passed: i128 = 0;
    let mut given: i64 = 0;
    let share = |weight: &u64| {
        passed += i128::from(*weight);
        let until = Exact::whole(amount).times(Exact::ratio(passed, whole)?)?.round()?;
        let part = until - given;
        given = until;
        Ok(part)
    };
    weights.iter().map(share).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn currencies_never_mix_and_nothing_wraps() {
        let usd = Currency::parse("USD").unwrap();
        assert!(Money::new(1, usd).plus(Money::new(1, Currency::KRW)).is_err());
        assert!(Money::new(i64::MAX, usd).plus(Money::new(1, usd)).is_err());
        assert!(Money::new(i64::MIN, usd).negated().is_err());
        assert_eq!(Money::new(1, usd).plus(Money::new(2, usd)), Ok(Money::new(3, usd)));
        assert!(sum([i64::MAX, 1]).is_err());
    }

    #[test]
    fn splits_by_hand() {
        assert_eq!(allocate(100, &[1, 1, 1]), Ok(vec![33, 34, 33]));
        assert_eq!(allocate(-100, &[1, 1, 1]), Ok(vec![-33, -34, -33]));
        assert_eq!(allocate(5, &[0, 0]), Ok(vec![5, 0]));
        assert_eq!(allocate(5, &[]), Ok(vec![]));
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(20_000))]

        #[test]
        fn splitting_loses_nothing(amount in any::<i64>(), weights in prop::collection::vec(0..u64::MAX, 1..12)) {
            let parts = allocate(amount, &weights).unwrap();
            prop_assert_eq!(parts.iter().map(|part| i128::from(*part)).sum::<i128>(), i128::from(amount));
            prop_assert!(parts.iter().all(|part| part.signum() * amount.signum() >= 0));
        }

        #[test]
        fn no_part_is_more_than_its_weight(weights in prop::collection::vec(0..1_000_u64, 1..12), off in 0..1_000_u64) {
            let whole: u64 = weights.iter().sum();
            let amount = whole.saturating_sub(off);
            prop_assume!(whole > 0);
            let parts = allocate(amount as i64, &weights).unwrap();
            prop_assert!(parts.iter().zip(&weights).all(|(part, weight)| *part <= *weight as i64));
        }
    }
}
