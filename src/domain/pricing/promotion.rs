//! The discount codes of a purchase, over all its payments.

use super::{
    bill::Draft,
    discount::{self, Applied, Discountable, Discounts, Given, InvalidDiscount, Payment, Uses},
};
use crate::domain::{
    Problem,
    calendar::{Interval, Schedule, Unit},
    catalog::coupon::{Coupon, Duration},
    currency::Currency,
    id::CouponId,
    instant::Instant,
    zone::Zone,
};

/// A code that was redeemed, and goes on with what was bought.
#[derive(Debug, Clone, Copy)]
pub struct Running<'a> {
    /// As it was given.
    pub code: &'a str,
    /// Its coupon.
    pub coupon: &'a Coupon,
    /// When it was redeemed.
    pub redeemed_at: Instant,
    /// Whether it has taken something off.
    pub used: bool,
}

/// A code on its way, with what it counts from.
#[derive(Debug, Clone, Copy)]
struct Held<'a> {
    given: Given<'a>,
    redeemed_at: Instant,
    used: bool,
    /// Whether it was redeemed with an earlier payment.
    redeemed: bool,
}

/// Codes on their way through the payments of a purchase.
pub struct Promotions<'a> {
    held: Vec<Held<'a>>,
    currency: Currency,
    zone: Zone,
    now: Instant,
    invalid: Vec<InvalidDiscount>,
}

impl<'a> Promotions<'a> {
    /// Codes in the order they were given, redeemed at an instant.
    ///
    /// # Errors
    ///
    /// None; months are counted in every zone.
    pub fn begin(given: &[Given<'a>], currency: Currency, at: Instant, zone: Zone) -> Result<Self, Problem> {
        Self::running(&[], given, currency, at, zone)
    }

    /// Codes that go on, and then such that are given now.
    ///
    /// # Errors
    ///
    /// As [`Promotions::begin`].
    pub fn running(
        running: &[Running<'a>],
        given: &[Given<'a>],
        currency: Currency,
        at: Instant,
        zone: Zone,
    ) -> Result<Self, Problem> {
        let earlier = running.iter().map(|one| Held {
            given: Given {
                code: one.code,
                coupon: Some(one.coupon),
                uses: Uses::NONE,
            },
            redeemed_at: one.redeemed_at,
            used: one.used,
            redeemed: true,
        });
        let new = given.iter().map(|given| Held {
            given: *given,
            redeemed_at: at,
            used: false,
            redeemed: false,
        });
        Ok(Self {
            held: earlier.chain(new).collect(),
            currency,
            zone,
            now: at,
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
            now: self.now,
            currency: self.currency,
            lines: &lines,
        };
        let given = self.counting_at(at)?;
        let mut discounts = discount::apply(&purchase, &given)?;
        self.settle(&mut discounts);
        Ok(discounts)
    }

    /// The codes that do not count, with the reason.
    pub fn into_invalid(self) -> Vec<InvalidDiscount> {
        self.invalid
    }

    /// The codes that go on: the coupon, the code, when it was redeemed, and
    /// whether it has taken something off.
    pub fn going_on(&self) -> impl Iterator<Item = (&CouponId, &str, Instant, bool)> {
        self.held.iter().filter_map(|held| {
            let coupon = held.given.coupon?;
            Some((&coupon.id, held.given.code, held.redeemed_at, held.used))
        })
    }

    /// A code for one payment waits for the first that has something to take
    /// off: nothing is due at the start of a trial.
    fn counting_at(&self, at: Instant) -> Result<Vec<Given<'a>>, Problem> {
        self.held
            .iter()
            .map(|held| {
                let mut given = held.given;
                if held.redeemed {
                    let once = given.coupon.is_some_and(|coupon| coupon.duration == Duration::Once);
                    given.uses.payment = match once && !held.used {
                        true => Payment::Waiting,
                        false => Payment::Later {
                            months: self.months(held.redeemed_at, at)?,
                        },
                    };
                }
                Ok(given)
            })
            .collect()
    }

    /// Whole months since a code was redeemed.
    fn months(&self, redeemed_at: Instant, at: Instant) -> Result<u32, Problem> {
        let months = Schedule::new(redeemed_at, self.zone, Interval::new(Unit::Month, 1)?);
        Ok(u32::try_from(months.index_at(at)?).unwrap_or(u32::MAX))
    }

    /// Notes what was used, and drops what was refused at its first payment.
    fn settle(&mut self, discounts: &mut Discounts) {
        let applied = |code: &str| discounts.applied.iter().find(|applied| applied.code == code.trim());
        for held in &mut self.held {
            held.used |= applied(held.given.code).is_some_and(|applied: &Applied| applied.amount > 0);
        }
        let is_new = self.held.iter().any(|held| !held.redeemed);
        self.held
            .retain(|held| held.redeemed || applied(held.given.code).is_some());
        for held in &mut self.held {
            held.redeemed = true;
        }
        if is_new {
            self.invalid.append(&mut discounts.invalid);
        }
    }
}
