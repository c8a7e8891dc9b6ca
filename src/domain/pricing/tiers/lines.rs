//! The lines of a period's units, with what people need to follow them.

use super::{amount, charged, for_each_reached, holding, only, packages, within_bounds};
use crate::domain::{
    Problem,
    calendar::Period,
    catalog::price::{Metering, Tier, TierMode},
    decimal::Quantity,
    exact::Exact,
    id::{PriceId, SubscriptionItemId},
    line::{Line, LineType, Part, Reason},
    money::too_large,
};

/// What units are of.
#[derive(Debug, Clone, Copy)]
pub struct Metered<'a> {
    /// What is counted, in the words of the catalogue, such as `calls`.
    pub unit: &'a str,
    /// The price whose table applies.
    pub price: Option<&'a PriceId>,
    /// The subscription's item; `None` before there is one.
    pub item: Option<&'a SubscriptionItemId>,
    /// The span in which units were counted.
    pub period: Option<Period>,
}

/// A period's units as lines: one of their amount, which may be zero, and one
/// more where the price's minimum lifts it or its maximum cuts it. Together
/// they come to [`super::due`].
///
/// Units in the lines are rounded to a millionth; amounts follow from the
/// exact ones.
///
/// # Errors
///
/// As [`amount`].
pub fn usage_lines(metering: &Metering, units: impl Into<Exact>, of: &Metered<'_>) -> Result<Vec<Line>, Problem> {
    let units = units.into();
    let line = |kind, quantity, amount, reason| Line {
        kind,
        price: of.price.cloned(),
        item: of.item.cloned(),
        quantity,
        amount,
        period: of.period,
        reason,
    };
    let used = amount(metering, units)?.round()?;
    let shown = Quantity::nearest(units)?;
    let mut lines = vec![line(LineType::Usage, shown, used, reason(metering, units, of.unit)?)];
    let agreed = within_bounds(metering, used);
    if agreed != used {
        let reason = if agreed > used {
            Reason::Minimum { minimum: agreed }
        } else {
            Reason::Maximum { maximum: agreed }
        };
        let adjustment = agreed.checked_sub(used).ok_or_else(too_large)?;
        lines.push(line(LineType::Adjustment, Quantity::ONE, adjustment, reason));
    }
    Ok(lines)
}

fn reason(metering: &Metering, units: Exact, unit: &str) -> Result<Reason, Problem> {
    let (unit, included) = (unit.to_owned(), metering.included);
    let (charged, units) = (charged(metering, units)?, Quantity::nearest(units)?);
    Ok(match metering.mode {
        TierMode::Graduated => Reason::UsageGraduated {
            unit,
            units,
            included,
            parts: graduated_parts(&metering.tiers, charged)?,
        },
        TierMode::Volume => Reason::UsageVolume {
            unit,
            units,
            included,
            parts: vec![part(holding(&metering.tiers, charged)?, charged)?],
        },
        TierMode::Band => {
            let band = holding(&metering.tiers, charged)?;
            Reason::UsageBand {
                unit,
                units,
                included,
                up_to: band.up_to,
                flat_amount: band.flat_amount,
            }
        }
        TierMode::Package(size) => {
            let tier = only(&metering.tiers)?;
            Reason::UsagePackage {
                unit,
                units,
                included,
                size,
                packages: packages(charged, size)?,
                unit_amount: tier.unit_amount,
                flat_amount: tier.flat_amount,
            }
        }
        TierMode::Percentage(percent) => Reason::UsagePercentage {
            unit,
            units,
            included,
            percent,
        },
    })
}

fn graduated_parts(tiers: &[Tier], charged: Exact) -> Result<Vec<Part>, Problem> {
    let mut parts = Vec::new();
    for_each_reached(tiers, charged, |tier, units| {
        parts.push(part(tier, units)?);
        Ok(())
    })?;
    Ok(parts)
}

fn part(tier: &Tier, units: Exact) -> Result<Part, Problem> {
    Ok(Part {
        units: Quantity::nearest(units)?,
        unit_amount: tier.unit_amount,
        flat_amount: tier.flat_amount,
    })
}
