//! A change inside a period that is paid already: the unused rest of the old
//! price comes back, the rest at the new one is charged, and the sum of both
//! is what the change costs (settings `proration`, `intervalSwitch`).

use crate::domain::{
    Problem,
    calendar::{Basis, Period},
    decimal::Quantity,
    exact::Exact,
    id::{PriceId, SubscriptionItemId},
    line::{Line, LineType, Reason},
    money,
};

/// How much of the period is left at the change.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rest {
    /// From the change to the end of the period.
    pub span: Period,
    /// Days, or microseconds, that are left; 0 when changes are not prorated.
    pub part: u64,
    /// Out of so many.
    pub whole: u64,
    /// What is counted.
    pub basis: Basis,
}

/// One side of a change: so many pieces of a price, for a whole period.
#[derive(Debug, Clone, Copy)]
pub struct Side<'a> {
    /// The price's name.
    pub name: &'a str,
    /// The price.
    pub price: &'a PriceId,
    /// The subscription's item; `None` before there is one.
    pub item: Option<&'a SubscriptionItemId>,
    /// How many pieces.
    pub quantity: Quantity,
    /// All of them for a whole period, in the currency's smallest unit. On the
    /// old side what was really paid after discounts, so that nobody gets back
    /// more than that; on the new side what a whole period will cost, rounded
    /// as on its own line, so that both sides of one price are alike.
    pub amount: i64,
}

/// A paid amount, cut at a change.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Split {
    /// For the time before it.
    pub used: i64,
    /// For the rest.
    pub unused: i64,
}

/// Cuts an amount in two that sum up to it. The rest is rounded, halves away
/// from zero; the time before has what is left.
///
/// # Errors
///
/// A problem when `part` of `whole` is no part of a period.
pub fn split(amount: i64, part: u64, whole: u64) -> Result<Split, Problem> {
    if whole == 0 || part > whole {
        return Err(Problem::new("must be a part of a period: from 0 to the whole of it"));
    }
    let share = Exact::ratio(part.into(), whole.into())?;
    let unused = Exact::whole(amount).times(share)?.round()?;
    Ok(Split {
        // It lies between zero and the amount.
        used: amount - unused,
        unused,
    })
}

/// The lines of a change inside a period that goes on: a credit for every old
/// side, then a charge for every new one. A changed quantity is the old one
/// given back and the new one charged; an item that is added has no old side,
/// one that is removed no new one.
///
/// Without lines when nothing is left of the period, or `basis` is `none`.
///
/// # Errors
///
/// A problem when an amount is negative, or the rest is no part of a period.
pub fn change(old: &[Side<'_>], new: &[Side<'_>], rest: &Rest) -> Result<Vec<Line>, Problem> {
    if rest.part == 0 || rest.basis == Basis::None {
        return Ok(Vec::new());
    }
    let credits = old.iter().map(|side| credit(side, rest));
    let charges = new.iter().map(|side| charge(side, rest));
    credits.chain(charges).collect()
}

/// The lines of a change that starts a new period now, such as from a month to
/// a year: a credit for the rest of every old side, then `charged`, the lines
/// of the whole new period, as they are. With `basis` `none` only those.
///
/// # Errors
///
/// As [`change`].
pub fn restart(old: &[Side<'_>], rest: &Rest, charged: Vec<Line>) -> Result<Vec<Line>, Problem> {
    let mut lines = change(old, &[], rest)?;
    lines.extend(charged);
    Ok(lines)
}

/// What a change costs; below zero when it gives money back.
///
/// # Errors
///
/// A problem when it is too large.
pub fn net(lines: &[Line]) -> Result<i64, Problem> {
    money::sum(lines.iter().map(|line| line.amount))
}

fn credit(side: &Side<'_>, rest: &Rest) -> Result<Line, Problem> {
    let reason = Reason::Unused {
        name: side.name.to_owned(),
        part: rest.part,
        whole: rest.whole,
        basis: rest.basis,
    };
    let amount = -rest_of(side, rest)?;
    Ok(line(LineType::ProrationCredit, amount, side, rest, reason))
}

fn charge(side: &Side<'_>, rest: &Rest) -> Result<Line, Problem> {
    let reason = Reason::Remaining {
        name: side.name.to_owned(),
        part: rest.part,
        whole: rest.whole,
        basis: rest.basis,
    };
    let amount = rest_of(side, rest)?;
    Ok(line(LineType::ProrationCharge, amount, side, rest, reason))
}

/// Not below zero.
fn rest_of(side: &Side<'_>, rest: &Rest) -> Result<i64, Problem> {
    if side.amount < 0 {
        return Err(Problem::new("must not be negative"));
    }
    split(side.amount, rest.part, rest.whole).map(|split| split.unused)
}

fn line(kind: LineType, amount: i64, side: &Side<'_>, rest: &Rest, reason: Reason) -> Line {
    Line {
        kind,
        price: Some(side.price.clone()),
        item: side.item.cloned(),
        quantity: side.quantity,
        amount,
        period: Some(rest.span),
        reason,
    }
}

#[cfg(test)]
mod tests;
