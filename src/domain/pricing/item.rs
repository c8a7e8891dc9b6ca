//! One thing bought, and what is paid for it at each boundary of its periods.

use super::{
    bill::Draft,
    charge,
    policies::Policies,
    rhythm::{PaidPeriod, Rhythm},
};
use crate::domain::{
    Problem,
    calendar::{Basis, Period},
    catalog::price::{Claim, FeeWhen, PriceType, Terms},
    decimal::Quantity,
    exact::Exact,
    id::{PriceId, ProductId, SubscriptionItemId},
    instant::Instant,
    line::{Line, LineType, Reason},
};

/// Something to buy.
#[derive(Debug, Clone)]
pub struct Item<'a> {
    /// The price.
    pub price: &'a PriceId,
    /// The price's product.
    pub product: &'a ProductId,
    /// What people read: the name of the price, or of the product.
    pub name: &'a str,
    /// What is counted, such as `calls`.
    pub unit: &'a str,
    /// What it costs.
    pub terms: &'a Terms,
    /// How many pieces or seats, from 1.
    pub quantity: i64,
    /// What the chosen options cost on top of each piece, in the smallest unit.
    pub option_amount: i64,
    /// When the free time ends; `None` without any.
    pub trial_end: Option<Instant>,
    /// The subscription's item; `None` before there is one.
    pub id: Option<&'a SubscriptionItemId>,
    /// The units of the period that is paid; `None` while nobody knows them.
    pub units: Option<Exact>,
    /// Whether the customer buys the product for the first time.
    pub is_first_purchase: bool,
    /// What a bundle holds.
    pub children: Vec<Item<'a>>,
}

impl Item<'_> {
    /// Checks what the price says about how many may be bought.
    ///
    /// # Errors
    ///
    /// A problem at `quantity`.
    pub fn check(&self) -> Result<(), Problem> {
        if self.quantity < 1 {
            return Err(Problem::at("quantity", "must be at least 1"));
        }
        match self.terms.maximum_quantity {
            Some(most) if self.quantity > most => Err(Problem::at(
                "quantity",
                format!("must be at most {most}: the price is not sold in larger numbers"),
            )),
            _ => Ok(()),
        }
    }

    /// How many pieces, as a quantity.
    ///
    /// # Errors
    ///
    /// A problem at `quantity` when it is too large.
    pub fn pieces(&self) -> Result<Quantity, Problem> {
        Quantity::whole(self.quantity).map_err(|problem| Problem::at("quantity", problem.message))
    }
}

/// An item with the rhythm of its periods.
#[derive(Debug, Clone)]
pub struct Plan<'a> {
    item: &'a Item<'a>,
    now: Instant,
    rhythm: Option<Rhythm>,
    basis: Basis,
}

impl<'a> Plan<'a> {
    /// Lays out the periods of what is bought now. Items that repeat alike
    /// share what was laid out for one of `others`.
    ///
    /// # Errors
    ///
    /// A problem when a date would lie after 2099.
    pub fn new(item: &'a Item<'a>, policies: &Policies, now: Instant, others: &[Self]) -> Result<Self, Problem> {
        let start = item.trial_end.filter(|end| *end > now).unwrap_or(now);
        let alike = |rhythm: &Rhythm| rhythm.fits(item.terms, start);
        let known = others.iter().filter_map(|other| other.rhythm).find(alike);
        let rhythm = match (known, item.terms.recurring) {
            (None, Some(interval)) => Some(Rhythm::new(item.terms, interval, policies, now, start)?),
            (known, _) => known,
        };
        Ok(Self {
            item,
            now,
            rhythm,
            basis: policies.proration,
        })
    }

    /// What is paid at the purchase itself.
    ///
    /// # Errors
    ///
    /// A problem when an amount cannot be counted.
    pub fn due_now(&self) -> Result<Vec<Draft>, Problem> {
        match &self.rhythm {
            None => charge::advance(self.item, PaidPeriod::once(self.basis)),
            Some(rhythm) if rhythm.start() > self.now => {
                Ok(vec![Draft::of(self.trial_line(rhythm.start())?, self.item.product)])
            }
            Some(_) => Ok(self.payment(0)?.map_or_else(Vec::new, |(_, drafts)| drafts)),
        }
    }

    /// The number of the first payment that is not due now.
    pub fn first_upcoming(&self) -> u32 {
        u32::from(self.rhythm.is_none_or(|rhythm| rhythm.start() <= self.now))
    }

    /// What is paid at the `n`-th boundary of periods, and when: the period
    /// that begins there where it is paid in advance, and the one that ends
    /// there where it is paid in arrears. `None` when there is neither.
    ///
    /// # Errors
    ///
    /// A problem when an amount cannot be counted.
    pub fn payment(&self, n: u32) -> Result<Option<(Instant, Vec<Draft>)>, Problem> {
        let Some(rhythm) = &self.rhythm else {
            return Ok(None);
        };
        let begins = rhythm.period(n)?;
        let ends = match n.checked_sub(1) {
            Some(before) => rhythm.period(before)?,
            None => None,
        };
        let mut drafts = Vec::new();
        if let Some(ends) = ends {
            drafts.append(&mut charge::arrears(self.item, ends)?);
        }
        if let Some(begins) = begins {
            drafts.append(&mut charge::advance(self.item, begins)?);
        }
        let starts = begins.and_then(|paid| paid.period).map(Period::start);
        let at = starts.or_else(|| ends.and_then(|paid| paid.period).map(Period::end));
        Ok(at.map(|at| (at, drafts)))
    }

    fn trial_line(&self, until: Instant) -> Result<Line, Problem> {
        Ok(Line {
            kind: LineType::Price,
            price: Some(self.item.price.clone()),
            item: self.item.id.cloned(),
            quantity: self.item.pieces()?,
            amount: 0,
            period: Some(Period::new(self.now, until)?),
            reason: Reason::Trial {
                name: self.item.name.to_owned(),
                until,
            },
        })
    }
}

/// When a price's own fee is due.
pub(super) fn fee_claim(terms: &Terms) -> Option<(FeeWhen, Claim)> {
    let fee = terms.setup_fee.as_ref()?;
    Some((fee.when, fee.claim.unwrap_or(terms.claim)))
}

/// Whether an item in a bundle is paid beside the bundle's price (StepPay V1
/// reference, section 6.4: the children's prices are ignored, but for usage).
pub(super) fn is_paid_apart(child: &Item<'_>) -> bool {
    child.terms.kind == PriceType::Usage
}
