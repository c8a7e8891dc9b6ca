//! What falls due at one instant: lines, and what they come to.

use super::{
    discount::Applied,
    promotion::Promotions,
    tax::{Tax, Taxable, tax},
};
use crate::domain::{
    Problem,
    country::Country,
    id::ProductId,
    instant::Instant,
    line::{Line, LineType},
    money,
};

/// A line, and the product that decides its discounts and taxes.
#[derive(Debug, Clone)]
pub struct Draft {
    /// The line.
    pub line: Line,
    /// The product that it is for.
    pub product: ProductId,
}

impl Draft {
    /// A line for a product.
    pub fn of(line: Line, product: &ProductId) -> Self {
        Self {
            line,
            product: product.clone(),
        }
    }
}

/// What falls due at one instant.
#[derive(Debug, Clone, PartialEq)]
pub struct Bill {
    /// When.
    pub at: Instant,
    /// What it is made of; their amounts sum up to the total.
    pub lines: Vec<Line>,
    /// What each of the lines before discounts and taxes comes to after
    /// discounts, in their order.
    pub nets: Vec<i64>,
    /// Before discounts and taxes that come on top.
    pub subtotal: i64,
    /// What is taken off; not below zero.
    pub discount: i64,
    /// Taxes: on top, or contained where prices include them.
    pub tax: i64,
    /// What is to pay.
    pub total: i64,
}

/// Takes discounts off, puts taxes on, and sums up.
///
/// # Errors
///
/// A problem when an amount cannot be counted.
pub fn total(
    at: Instant,
    drafts: Vec<Draft>,
    promotions: &mut Promotions<'_>,
    taxes: &Tax,
    country: Option<Country>,
) -> Result<(Bill, Vec<Applied>), Problem> {
    let discounts = promotions.apply(at, &drafts)?;
    let nets = drafts.iter().zip(&discounts.nets).map(|(draft, net)| Taxable {
        product: Some(&draft.product),
        net: *net,
    });
    let taxed = tax(taxes, country, &nets.collect::<Vec<_>>())?;
    let mut lines: Vec<Line> = drafts.into_iter().map(|draft| draft.line).collect();
    lines.extend(discounts.lines);
    let (off, charged): (Vec<&Line>, Vec<&Line>) = lines.iter().partition(|line| line.kind == LineType::Discount);
    let subtotal = money::sum(charged.iter().map(|line| line.amount))?;
    let discount = money::sum(off.iter().map(|line| line.amount))?;
    let tax = taxed.total()?;
    lines.extend(taxed.lines);
    let total = money::countable(money::sum(lines.iter().map(|line| line.amount))?)?;
    let bill = Bill {
        at,
        lines,
        nets: discounts.nets,
        subtotal,
        discount: money::add(0, -discount)?,
        tax,
        total,
    };
    Ok((bill, discounts.applied))
}
