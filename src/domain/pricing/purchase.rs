//! What a purchase costs now, and what its next periods will cost: the one
//! calculation behind previews and charges.

use super::{
    bill::{Bill, Draft, total},
    discount::{Applied, Given, InvalidDiscount},
    item::{Item, Plan},
    policies::Policies,
    promotion::Promotions,
};
use crate::domain::{Problem, country::Country, currency::Currency, instant::Instant, money};

/// Most things bought at once.
pub const MAX_ITEMS: usize = 100;
/// Most coming payments shown.
pub const MAX_UPCOMING: usize = 120;

/// What was asked: things to buy, discount codes, and how far to look ahead.
pub struct Purchase<'a> {
    /// What is bought.
    pub items: &'a [Item<'a>],
    /// Discount codes in the order they were given.
    pub codes: &'a [Given<'a>],
    /// The store's policies.
    pub policies: &'a Policies,
    /// The customer's country, for taxes.
    pub country: Option<Country>,
    /// When.
    pub now: Instant,
}

/// What it costs.
#[derive(Debug, Clone, PartialEq)]
pub struct Quote {
    /// The currency of all amounts.
    pub currency: Currency,
    /// What is due now; it may be nothing.
    pub now: Bill,
    /// The codes that apply, with what each takes off now.
    pub applied: Vec<Applied>,
    /// The codes that do not, with the reason.
    pub invalid: Vec<InvalidDiscount>,
    /// What falls due later, in order.
    pub upcoming: Vec<Bill>,
}

impl Purchase<'_> {
    /// The currency that all items have.
    ///
    /// # Errors
    ///
    /// A problem at `lineItems[…]` when they differ, or there is none.
    pub fn currency(&self) -> Result<Currency, Problem> {
        let first = self
            .items
            .first()
            .ok_or_else(|| Problem::at("lineItems", "must have at least 1 element"))?;
        let currency = first.terms.currency;
        match self.items.iter().position(|item| item.terms.currency != currency) {
            Some(index) => Err(Problem::at(
                format!("lineItems[{index}]"),
                money::mixed(currency, self.items[index].terms.currency).message,
            )),
            None => Ok(currency),
        }
    }

    /// Works it out, with at most `periods` coming payments.
    ///
    /// # Errors
    ///
    /// A problem at `lineItems[…]` when something cannot be bought like that,
    /// or an amount cannot be counted.
    pub fn quote(&self, periods: usize) -> Result<Quote, Problem> {
        let currency = self.currency()?;
        let mut plans = Vec::with_capacity(self.items.len());
        let mut due = Vec::new();
        for (index, item) in self.items.iter().enumerate() {
            let at_item = |problem: Problem| within(index, problem);
            item.check().map_err(at_item)?;
            let plan = Plan::new(item, self.policies, self.now, &plans).map_err(at_item)?;
            due.extend(plan.due_now().and_then(countable).map_err(at_item)?);
            plans.push(plan);
        }
        let mut promotions = Promotions::begin(self.codes, currency, self.now, self.policies.zone)?;
        let (now, applied) = self.bill(self.now, due, &mut promotions)?;
        let mut upcoming = Vec::new();
        let mut ahead: Vec<Ahead<'_>> = plans.iter().map(Ahead::of).collect::<Result<_, _>>()?;
        while upcoming.len() < periods.min(MAX_UPCOMING) {
            let Some(at) = ahead.iter().filter_map(Ahead::at).min() else {
                break;
            };
            let mut drafts = Vec::new();
            for item in &mut ahead {
                if item.at() == Some(at) {
                    drafts.append(&mut countable(item.take()?)?);
                }
            }
            upcoming.push(self.bill(at, drafts, &mut promotions)?.0);
        }
        Ok(Quote {
            currency,
            now,
            applied,
            invalid: promotions.into_invalid(),
            upcoming,
        })
    }

    fn bill(
        &self,
        at: Instant,
        drafts: Vec<Draft>,
        promotions: &mut Promotions<'_>,
    ) -> Result<(Bill, Vec<Applied>), Problem> {
        total(at, drafts, promotions, &self.policies.tax, self.country)
    }
}

/// Refuses lines that not every program can count to.
fn countable(drafts: Vec<Draft>) -> Result<Vec<Draft>, Problem> {
    drafts
        .iter()
        .try_for_each(|draft| money::countable(draft.line.amount).map(drop))?;
    Ok(drafts)
}

/// Says which of the things to buy a problem is about.
fn within(index: usize, problem: Problem) -> Problem {
    let member = if problem.at.is_empty() {
        format!("lineItems[{index}]")
    } else {
        format!("lineItems[{index}].{}", problem.at)
    };
    Problem::at(member, problem.message)
}

/// The next payment of an item.
struct Ahead<'a> {
    plan: &'a Plan<'a>,
    payment: u32,
    next: Option<(Instant, Vec<Draft>)>,
}

impl<'a> Ahead<'a> {
    fn of(plan: &'a Plan<'a>) -> Result<Self, Problem> {
        let mut ahead = Self {
            plan,
            payment: plan.first_upcoming(),
            next: None,
        };
        ahead.advance()?;
        Ok(ahead)
    }

    fn at(&self) -> Option<Instant> {
        self.next.as_ref().map(|(at, _)| *at)
    }

    fn take(&mut self) -> Result<Vec<Draft>, Problem> {
        let drafts = self.next.take().map_or_else(Vec::new, |(_, drafts)| drafts);
        self.advance()?;
        Ok(drafts)
    }

    /// Looks for the next payment that has something to pay for.
    fn advance(&mut self) -> Result<(), Problem> {
        loop {
            let payment = self.plan.payment(self.payment)?;
            self.payment += 1;
            match payment {
                Some((_, drafts)) if drafts.is_empty() => {}
                next => {
                    self.next = next;
                    return Ok(());
                }
            }
        }
    }
}

#[cfg(test)]
mod tests;
