//! What units cost by a price's table (StepPay V1 reference, section 7.5).
//!
//! Units are whole or fractional (seats over time) and are never rounded on
//! the way: an amount is rounded once, by [`due`] or [`usage_lines`]. Nothing
//! here but the lines allocates.
//!
//! - Included units are free, and the first tier begins beyond them.
//! - A tier holds what is above the end of the one before it, up to and with
//!   its own end: 1,000.5 units with tiers that end at 1,000 and 10,000 reach
//!   the second. The first tier holds zero as well and is always reached, so
//!   that its flat amount, its band's price or a package's flat amount is due
//!   in a period without any use.

mod lines;

pub use lines::{Metered, usage_lines};

use crate::domain::{
    Problem,
    catalog::price::{Metering, Tier, TierMode},
    decimal::{Quantity, UnitAmount},
    exact::Exact,
    money::{self, too_large},
};

/// What a period's units cost, exactly, without minimum and maximum.
///
/// `units` are all units of the period, those included in the price too; for
/// a percentage they are the value in the currency's smallest unit.
///
/// # Errors
///
/// A problem when units are negative, no tier holds them (terms that
/// `Terms::check` refuses), or the amount is too large to be counted.
pub fn amount(metering: &Metering, units: impl Into<Exact>) -> Result<Exact, Problem> {
    let charged = charged(metering, units.into())?;
    let tiers = &metering.tiers;
    match metering.mode {
        TierMode::Graduated => graduated(tiers, charged),
        TierMode::Volume => {
            let tier = holding(tiers, charged)?;
            priced(charged, tier)?.plus(Exact::whole(tier.flat_amount))
        }
        TierMode::Band => holding(tiers, charged).map(|tier| Exact::whole(tier.flat_amount)),
        TierMode::Package(size) => {
            let tier = only(tiers)?;
            let packages = Exact::whole(packages(charged, size)?);
            priced(packages, tier)?.plus(Exact::whole(tier.flat_amount))
        }
        TierMode::Percentage(percent) => charged.times(percent.into()),
    }
}

/// What a period's units come to, in the currency's smallest unit: rounded
/// once, halves away from zero, lifted to the minimum and cut to the maximum.
/// The amounts of [`usage_lines`] sum up to it.
///
/// # Errors
///
/// As [`amount`].
pub fn due(metering: &Metering, units: impl Into<Exact>) -> Result<i64, Problem> {
    let amount = amount(metering, units)?.round()?;
    Ok(within_bounds(metering, amount))
}

/// What units cost that come on top of others in the same period: the price
/// of all less the price of those before. Pricing them alone would begin with
/// the first tier, the included units and the minimum again. Steps taken this
/// way sum up to the price of the whole, to the smallest unit. Below zero
/// where the whole becomes cheaper.
///
/// # Errors
///
/// As [`amount`].
pub fn difference(metering: &Metering, before: impl Into<Exact>, after: impl Into<Exact>) -> Result<i64, Problem> {
    let (before, after) = (due(metering, before)?, due(metering, after)?);
    after.checked_sub(before).ok_or_else(too_large)
}

fn within_bounds(metering: &Metering, amount: i64) -> i64 {
    let lifted = metering.minimum.map_or(amount, |minimum| amount.max(minimum));
    metering.maximum.map_or(lifted, |maximum| lifted.min(maximum))
}

/// The units beyond those included.
fn charged(metering: &Metering, units: Exact) -> Result<Exact, Problem> {
    if units.sign().is_lt() {
        return Err(Problem::new("must not be below zero units"));
    }
    if metering.included == Quantity::ZERO {
        return Ok(units);
    }
    let beyond = units.minus(metering.included.into())?;
    Ok(if beyond.sign().is_lt() { Exact::ZERO } else { beyond })
}

fn graduated(tiers: &[Tier], charged: Exact) -> Result<Exact, Problem> {
    match graduated_short(tiers, charged) {
        Some(amount) => Ok(amount),
        None => graduated_wide(tiers, charged),
    }
}

/// Ten times as fast, for what fits 128 bits: everything is counted in parts
/// so small that nothing has to be divided. `None` for all else, problems too.
fn graduated_short(tiers: &[Tier], charged: Exact) -> Option<Exact> {
    let (units, parts) = charged.narrow()?;
    let units = units.checked_mul(Quantity::ONE.scaled().into())?;
    let (mut below, mut amount, mut flat) = (0_i128, 0_i128, 0_i64);
    for tier in tiers {
        let end = match tier.up_to {
            Some(end) => parts.checked_mul(end.scaled().into())?.min(units),
            None => units,
        };
        let cost = end.checked_sub(below)?.checked_mul(tier.unit_amount.scaled())?;
        amount = amount.checked_add(cost)?;
        flat = flat.checked_add(tier.flat_amount)?;
        if end == units {
            let fine = i128::from(Quantity::ONE.scaled()).checked_mul(UnitAmount::ONE.scaled())?;
            let amount = Exact::ratio(amount, parts.checked_mul(fine)?).ok()?;
            return if flat == 0 {
                Some(amount)
            } else {
                amount.plus(Exact::whole(flat)).ok()
            };
        }
        below = end;
    }
    None
}

fn graduated_wide(tiers: &[Tier], charged: Exact) -> Result<Exact, Problem> {
    let (mut amount, mut flat) = (Exact::ZERO, 0_i64);
    for_each_reached(tiers, charged, |tier, units| {
        amount = amount.plus(priced(units, tier)?)?;
        flat = money::add(flat, tier.flat_amount)?;
        Ok(())
    })?;
    amount.plus(Exact::whole(flat))
}

/// Shows `visit` each tier that so many units reach, in order, with the units
/// in it.
fn for_each_reached(
    tiers: &[Tier],
    charged: Exact,
    mut visit: impl FnMut(&Tier, Exact) -> Result<(), Problem>,
) -> Result<(), Problem> {
    let mut below = Exact::ZERO;
    for tier in tiers {
        match tier.up_to.map(Exact::from) {
            Some(end) if charged.compare(end)?.is_gt() => {
                visit(tier, end.minus(below)?)?;
                below = end;
            }
            _ => return visit(tier, charged.minus(below)?),
        }
    }
    Err(no_tier())
}

/// The one tier that holds so many units.
fn holding(tiers: &[Tier], charged: Exact) -> Result<&Tier, Problem> {
    for tier in tiers {
        match tier.up_to {
            Some(end) if charged.compare(end.into())?.is_gt() => {}
            _ => return Ok(tier),
        }
    }
    Err(no_tier())
}

fn only(tiers: &[Tier]) -> Result<&Tier, Problem> {
    tiers.first().ok_or_else(no_tier)
}

fn priced(units: Exact, tier: &Tier) -> Result<Exact, Problem> {
    units.times(tier.unit_amount.into())
}

/// How many packages of a size are started.
fn packages(charged: Exact, size: Quantity) -> Result<i64, Problem> {
    let of_one = Exact::ratio(Quantity::ONE.scaled().into(), size.scaled().into())?;
    charged.times(of_one)?.ceiling()
}

fn no_tier() -> Problem {
    Problem::at(
        "tiers",
        "must end with a tier without end, so that every number has a price",
    )
}

#[cfg(test)]
mod tests;
