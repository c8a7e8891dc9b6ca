//! Taxes on what is due, on top of the prices or contained in them (settings
//! `tax`).

use serde::{Deserialize, Serialize};

use crate::domain::{
    Problem,
    catalog::price::check_percent,
    country::Country,
    decimal::{Percent, Quantity},
    exact::Exact,
    id::ProductId,
    line::{Line, LineType, Reason},
    money,
};

/// Most rates of a store.
pub const MAX_RATES: usize = 100;

/// A rate, and what it is for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TaxRate {
    /// What people read, such as `VAT`.
    pub name: String,
    /// Above 0 and at most 100.
    pub percent: Percent,
    /// Only customers in this country; all, when left out.
    #[serde(default)]
    pub country: Option<Country>,
    /// Only this product; all, when left out.
    #[serde(default, rename = "productId")]
    pub product: Option<ProductId>,
}

/// How a store taxes.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Tax {
    /// Whether prices contain their taxes; otherwise these come on top.
    pub inclusive: bool,
    /// The rates; those that apply to a line apply to its net, not to each other.
    pub rates: Vec<TaxRate>,
}

impl Tax {
    /// Checks what the setting says.
    ///
    /// # Errors
    ///
    /// A problem at the member, such as `rates[1].percent`.
    pub fn check(&self) -> Result<(), Problem> {
        if self.rates.len() > MAX_RATES {
            return Err(Problem::at("rates", format!("must have at most {MAX_RATES} elements")));
        }
        self.check_rates()
    }

    /// Checks each rate; of how many there are, products add their own to the
    /// setting's.
    fn check_rates(&self) -> Result<(), Problem> {
        for (index, rate) in self.rates.iter().enumerate() {
            if rate.name.trim().is_empty() {
                return Err(Problem::at(
                    format!("rates[{index}].name"),
                    "must be what people read, such as VAT",
                ));
            }
            check_percent(&format!("rates[{index}].percent"), rate.percent)?;
        }
        Ok(())
    }
}

/// What a line comes to after all discounts.
#[derive(Debug, Clone, Copy)]
pub struct Taxable<'a> {
    /// The product that it is for; `None` for delivery and the like, which
    /// only rates for everything tax.
    pub product: Option<&'a ProductId>,
    /// In the currency's smallest unit; a credit's is negative and gives its
    /// tax back.
    pub net: i64,
}

/// What one rate comes to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct TaxAmount {
    /// The rate's name.
    pub name: String,
    /// The rate.
    pub percent: Percent,
    /// Signed, in the currency's smallest unit.
    pub amount: i64,
}

/// What all rates come to.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Taxed {
    /// Every rate that applies to a line at all, in the order of the setting.
    pub amounts: Vec<TaxAmount>,
    /// A line of type `tax` for each of them; none when prices contain them.
    pub lines: Vec<Line>,
}

impl Taxed {
    /// All taxes, on top or contained.
    ///
    /// # Errors
    ///
    /// A problem when they are too large.
    pub fn total(&self) -> Result<i64, Problem> {
        money::sum(self.amounts.iter().map(|tax| tax.amount))
    }

    /// What comes on top of the lines that were taxed.
    ///
    /// # Errors
    ///
    /// A problem when it is too large.
    pub fn added(&self) -> Result<i64, Problem> {
        money::sum(self.lines.iter().map(|line| line.amount))
    }
}

/// Taxes lines. On top: `net × percent` for each line and rate, rounded there.
/// Contained: `net × p / (100 + p)` for each line, `p` being the sum of its
/// rates, rounded there and shared among the rates in proportion without
/// losing a unit. Halves go away from zero, so that a credit gives back what
/// its charge paid.
///
/// `country` is the customer's; without one only rates for all countries
/// apply.
///
/// # Errors
///
/// A problem when a rate is out of its bounds, or an amount too large.
pub fn tax(setting: &Tax, country: Option<Country>, lines: &[Taxable<'_>]) -> Result<Taxed, Problem> {
    setting.check_rates()?;
    let here = |rate: &&TaxRate| rate.country.is_none_or(|only| Some(only) == country);
    let rates: Vec<&TaxRate> = setting.rates.iter().filter(here).collect();
    let mut sums: Vec<Option<i64>> = vec![None; rates.len()];
    for line in lines {
        let percent_of = |rate: &&TaxRate| applies(rate, line).then_some(rate.percent);
        let percents: Vec<Option<Percent>> = rates.iter().map(percent_of).collect();
        let parts = if setting.inclusive {
            contained(line.net, &percents)?
        } else {
            on_top(line.net, &percents)?
        };
        for ((sum, percent), part) in sums.iter_mut().zip(&percents).zip(parts) {
            if percent.is_some() {
                *sum = Some(money::add(sum.unwrap_or(0), part)?);
            }
        }
    }
    let mut taxed = Taxed::default();
    for (rate, amount) in rates.iter().zip(sums) {
        let Some(amount) = amount else { continue };
        taxed.amounts.push(TaxAmount {
            name: rate.name.clone(),
            percent: rate.percent,
            amount,
        });
        if !setting.inclusive {
            taxed.lines.push(tax_line(rate, amount));
        }
    }
    Ok(taxed)
}

fn applies(rate: &TaxRate, line: &Taxable<'_>) -> bool {
    rate.product.as_ref().is_none_or(|only| Some(only) == line.product)
}

fn on_top(net: i64, percents: &[Option<Percent>]) -> Result<Vec<i64>, Problem> {
    let part = |percent: &Option<Percent>| match percent {
        Some(percent) => Exact::whole(net).times((*percent).into())?.round(),
        None => Ok(0),
    };
    percents.iter().map(part).collect()
}

fn contained(net: i64, percents: &[Option<Percent>]) -> Result<Vec<i64>, Problem> {
    let weight = |percent: &Option<Percent>| percent.map_or(0, |percent| percent.scaled().unsigned_abs());
    let weights: Vec<u64> = percents.iter().map(weight).collect();
    let all: i128 = weights.iter().map(|weight| i128::from(*weight)).sum();
    let gross = i128::from(Percent::HUNDRED.scaled()) + all;
    let whole = Exact::whole(net).times(Exact::ratio(all, gross)?)?.round()?;
    money::allocate(whole, &weights)
}

fn tax_line(rate: &TaxRate, amount: i64) -> Line {
    Line {
        kind: LineType::Tax,
        price: None,
        item: None,
        quantity: Quantity::ONE,
        amount,
        period: None,
        reason: Reason::Tax {
            name: rate.name.clone(),
            percent: rate.percent,
        },
    }
}

#[cfg(test)]
mod tests;
