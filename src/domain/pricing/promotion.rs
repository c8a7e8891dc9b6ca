//! The discount codes of a purchase, over all its payments.

use super::{
    bill::Draft,
    discount::{self, Applied, Discountable, Discounts, Given, InvalidDiscount, Payment},
};
use crate::domain::{
    Problem,
    calendar::{Interval, Schedule, Unit},
    catalog::coupon::Duration,
    currency::Currency,
    instant::Instant,
    zone::Zone,
};

/// Codes on their way through the payments of a purchase.
pub struct Promotions<'a> {
    given: Vec<Given<'a>>,
    /// Whether each of them has taken something off; only the codes that
    /// count are there once the first payment is done.
    used: Vec<bool>,
    currency: Currency,
    redeemed_at: Instant,
    months: Schedule,
    is_first: bool,
    invalid: Vec<InvalidDiscount>,
}

impl<'a> Promotions<'a> {
    /// Codes in the order they were given, redeemed at an instant.
    ///
    /// # Errors
    ///
    /// None; months are counted in every zone.
    pub fn begin(given: &[Given<'a>], currency: Currency, at: Instant, zone: Zone) -> Result<Self, Problem> {
        Ok(Self {
            given: given.to_vec(),
            used: vec![false; given.len()],
            currency,
            redeemed_at: at,
            months: Schedule::new(at, zone, Interval::new(Unit::Month, 1)?),
            is_first: true,
            invalid: Vec::new(),
        })
    }

    /// Applies what counts for a payment. The first payment decides which
    /// codes count at all.
    ///
    /// # Errors
    ///
    /// A problem when an amount cannot be counted.
    pub fn apply(&mut self, at: Instant, drafts: &[Draft]) -> Result<Discounts, Problem> {
        let lines: Vec<Discountable<'_>> = drafts
            .iter()
            .map(|draft| Discountable {
                line: &draft.line,
                product: Some(&draft.product),
            })
            .collect();
        let purchase = discount::Purchase {
            // Whether a code may be redeemed was decided when it was.
            now: self.redeemed_at,
            currency: self.currency,
            lines: &lines,
        };
        let mut discounts = discount::apply(&purchase, &self.counting_at(at)?)?;
        if std::mem::take(&mut self.is_first) {
            self.invalid = std::mem::take(&mut discounts.invalid);
            let counts = |code: &str| discounts.applied.iter().any(|applied| applied.code == code.trim());
            self.given.retain(|one| counts(one.code));
            self.used = vec![false; self.given.len()];
        }
        self.note_used(&discounts.applied);
        Ok(discounts)
    }

    /// The codes that do not count, with the reason.
    pub fn into_invalid(self) -> Vec<InvalidDiscount> {
        self.invalid
    }

    /// A code for one payment waits for the first that has something to take
    /// off: nothing is due at the start of a trial.
    fn counting_at(&self, at: Instant) -> Result<Vec<Given<'a>>, Problem> {
        if self.is_first {
            return Ok(self.given.clone());
        }
        let months = u32::try_from(self.months.index_at(at)?).unwrap_or(u32::MAX);
        let later = |(one, used): (&Given<'a>, &bool)| {
            let once = one.coupon.is_some_and(|coupon| coupon.duration == Duration::Once);
            let mut one = *one;
            if !once || *used {
                one.uses.payment = Payment::Later { months };
            }
            one
        };
        Ok(self.given.iter().zip(&self.used).map(later).collect())
    }

    fn note_used(&mut self, applied: &[Applied]) {
        for (one, used) in self.given.iter().zip(&mut self.used) {
            *used |= applied
                .iter()
                .any(|applied| applied.code == one.code.trim() && applied.amount > 0);
        }
    }
}
