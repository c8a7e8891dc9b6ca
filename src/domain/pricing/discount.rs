//! Discount codes: which of them count, what each takes off, and what they
//! leave of every line (SubscriptionKit reference, sections 2.1 and 5;
//! architecture, section 8).
//!
//! Codes lower what is charged for goods: lines of the types `price`, `usage`,
//! `setup_fee` and `proration_charge`, all of them or those of the coupon's
//! products. Delivery, taxes and credits they leave alone.

mod validity;

use std::collections::BTreeSet;

pub use validity::{Invalid, Payment, Uses, check};

use crate::domain::{
    Problem,
    catalog::coupon::{Coupon, Duration, Off},
    currency::Currency,
    decimal::Quantity,
    exact::Exact,
    id::{CouponId, ProductId},
    instant::Instant,
    line::{Line, LineType, Reason},
    money,
};

/// A line, and whose it is.
#[derive(Debug, Clone, Copy)]
pub struct Discountable<'a> {
    /// The line, before any code.
    pub line: &'a Line,
    /// The product that its price belongs to; `None` for what has none, such
    /// as delivery.
    pub product: Option<&'a ProductId>,
}

/// What codes are applied to.
#[derive(Debug, Clone, Copy)]
pub struct Purchase<'a> {
    /// When it happens.
    pub now: Instant,
    /// What all lines are paid in.
    pub currency: Currency,
    /// The lines so far, without taxes and without what a balance pays.
    pub lines: &'a [Discountable<'a>],
}

/// A code of the request, and what is known of it.
#[derive(Debug, Clone, Copy)]
pub struct Given<'a> {
    /// As it was typed.
    pub code: &'a str,
    /// The coupon that has it; a coupon with another code counts as none.
    pub coupon: Option<&'a Coupon>,
    /// How that coupon was used before.
    pub uses: Uses,
}

/// What one code took off.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Applied {
    /// The coupon, whose redemption is counted.
    pub coupon: CouponId,
    /// As it was given, without the space around it.
    pub code: String,
    /// What the coupon says: percent, or an amount.
    pub off: Off,
    /// The coupon's description, or else its name.
    pub description: Option<String>,
    /// Taken off, in the currency's smallest unit; not below zero.
    pub amount: i64,
    /// What was left before this code of the lines that it is for.
    pub before: i64,
}

impl Applied {
    /// The `type` of a discount in answers.
    pub const fn kind(&self) -> &'static str {
        match self.off {
            Off::Percent(_) => "percentage",
            Off::Amount(..) => "fixed_amount",
        }
    }
}

/// A code that counts for nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InvalidDiscount {
    /// As it was given, without the space around it.
    pub code: String,
    /// Why.
    pub reason: Invalid,
}

/// What all codes of a request did.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Discounts {
    /// The codes that count, in the order given.
    pub applied: Vec<Applied>,
    /// The others, in the order given.
    pub invalid: Vec<InvalidDiscount>,
    /// A line of type `discount` for each that counts.
    pub lines: Vec<Line>,
    /// What each line of the purchase comes to in the end: its tax is counted
    /// on this. A line that changes another one (the price of a first
    /// purchase, a minimum or a maximum of usage) is zero here, and the other
    /// one has its amount.
    pub nets: Vec<i64>,
}

impl Discounts {
    /// All that was taken off; not below zero.
    ///
    /// # Errors
    ///
    /// A problem when it is too large.
    pub fn total(&self) -> Result<i64, Problem> {
        money::sum(self.applied.iter().map(|applied| applied.amount))
    }
}

/// Applies codes in the order given, each to what the ones before it left: a
/// percentage of that, rounded once, or a fixed amount once for the whole
/// order and never more than that. What a code takes off is spread over the
/// lines it is for in proportion to what is left of them, without losing a
/// unit.
///
/// A code that finds nothing to take off still counts, with 0, when it may be
/// of use later: in a trial nothing is due yet, and a coupon of several
/// payments lowers the next one. Only where codes before it took everything,
/// and it is for this one payment, is it invalid ([`Invalid::NothingLeft`]), so
/// that it can be used another time.
///
/// ```text
/// 168,300 with SPRING10 (5,000 off): applied { amount: 5,000, before: 168,300 }, 163,300 left
/// ```
///
/// # Errors
///
/// A problem when the lines sum up to more than can be counted. Codes never
/// make it fail.
pub fn apply(purchase: &Purchase<'_>, given: &[Given<'_>]) -> Result<Discounts, Problem> {
    let due = settled(purchase.lines)?;
    let mut result = Discounts {
        nets: due.clone(),
        ..Discounts::default()
    };
    let mut seen = BTreeSet::new();
    for one in given {
        let code = one.code.trim().to_owned();
        let usable = if seen.insert(Coupon::fold(one.code)) {
            usable(one, purchase, &due, &result.nets)
        } else {
            Err(Invalid::Duplicate)
        };
        match usable {
            Ok(coupon) => {
                let applied = take_off(coupon, code, purchase, &mut result.nets)?;
                result.lines.push(discount_line(coupon, &applied));
                result.applied.push(applied);
            }
            Err(reason) => result.invalid.push(InvalidDiscount { code, reason }),
        }
    }
    Ok(result)
}

fn usable<'a>(one: &Given<'a>, purchase: &Purchase<'_>, due: &[i64], nets: &[i64]) -> Result<&'a Coupon, Invalid> {
    let folded = Coupon::fold(one.code);
    let coupon = one
        .coupon
        .filter(|coupon| Coupon::fold(&coupon.code) == folded)
        .ok_or(Invalid::NotFound)?;
    check(coupon, one.uses, purchase)?;
    let any = |nets: &[i64]| left(coupon, purchase.lines, nets).iter().any(|amount| *amount > 0);
    if coupon.duration == Duration::Once && any(due) && !any(nets) {
        return Err(Invalid::NothingLeft);
    }
    Ok(coupon)
}

fn take_off(coupon: &Coupon, code: String, purchase: &Purchase<'_>, nets: &mut [i64]) -> Result<Applied, Problem> {
    let left = left(coupon, purchase.lines, nets);
    let before = money::sum(left.iter().copied())?;
    let amount = match coupon.off {
        Off::Percent(percent) => Exact::whole(before).times(percent.into())?.round()?,
        Off::Amount(amount, _) => amount,
    }
    .clamp(0, before);
    let weights: Vec<u64> = left.iter().map(|amount| amount.unsigned_abs()).collect();
    for (net, part) in nets.iter_mut().zip(money::allocate(amount, &weights)?) {
        *net -= part;
    }
    Ok(Applied {
        coupon: coupon.id.clone(),
        code,
        off: coupon.off,
        description: coupon.description.clone().or_else(|| coupon.name.clone()),
        amount,
        before,
    })
}

fn discount_line(coupon: &Coupon, applied: &Applied) -> Line {
    let percent = match coupon.off {
        Off::Percent(percent) => Some(percent),
        Off::Amount(..) => None,
    };
    Line {
        kind: LineType::Discount,
        price: None,
        item: None,
        quantity: Quantity::ONE,
        amount: -applied.amount,
        period: None,
        reason: Reason::Discount {
            code: applied.code.clone(),
            name: coupon.name.clone(),
            percent,
        },
    }
}

/// Whether a coupon may lower a line.
fn eligible(coupon: &Coupon, line: &Discountable<'_>) -> bool {
    let goods = match line.line.kind {
        LineType::Price | LineType::Usage | LineType::SetupFee | LineType::ProrationCharge => true,
        LineType::Shipping
        | LineType::Discount
        | LineType::Tax
        | LineType::ProrationCredit
        | LineType::Credit
        | LineType::Adjustment => false,
    };
    let named = || line.product.is_some_and(|product| coupon.products.contains(product));
    goods && (coupon.products.is_empty() || named())
}

/// What is left of each line for a coupon, not below zero: nothing of those it
/// is not for.
fn left(coupon: &Coupon, lines: &[Discountable<'_>], nets: &[i64]) -> Vec<i64> {
    let of = |(line, net): (&Discountable<'_>, &i64)| if eligible(coupon, line) { (*net).max(0) } else { 0 };
    lines.iter().zip(nets).map(of).collect()
}

/// What each line comes to before any code. The price of a first purchase and
/// the bounds of usage are lines of their own that change a line before them:
/// left apart, a code would take off what is not charged at all.
fn settled(lines: &[Discountable<'_>]) -> Result<Vec<i64>, Problem> {
    let mut nets: Vec<i64> = Vec::with_capacity(lines.len());
    for (index, Discountable { line, .. }) in lines.iter().enumerate() {
        let changes = match line.kind {
            LineType::Discount => Some(LineType::Price),
            LineType::Adjustment => Some(LineType::Usage),
            _ => None,
        };
        let is_of = |other: &Discountable<'_>| {
            Some(other.line.kind) == changes && other.line.price == line.price && other.line.item == line.item
        };
        nets.push(line.amount);
        if let Some(other) = lines[..index].iter().rposition(is_of) {
            nets[other] = money::add(nets[other], line.amount)?;
            nets[index] = 0;
        }
    }
    money::sum(nets.iter().copied())?;
    Ok(nets)
}

#[cfg(test)]
mod tests;
