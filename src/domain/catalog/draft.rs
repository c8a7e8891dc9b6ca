//! From what a caller says about a price to its terms: defaults, and what
//! belongs together.

use super::price::{Bundle, Claim, Expiry, Intro, Metering, PriceType, SetupFee, Terms, Tier, TierMode};
use crate::domain::{
    Problem,
    calendar::Interval,
    currency::Currency,
    decimal::{Percent, Quantity, UnitAmount},
};

/// The word of a tier mode; the number that some modes need stands beside it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TierModeName {
    /// Each unit at the price of its tier.
    Graduated,
    /// All units at the price of one tier.
    Volume,
    /// A flat amount by the number.
    Band,
    /// Started packages.
    Package,
    /// A percentage of a value.
    Percentage,
}

/// What is said about a price so far. Members are as in [`Terms`] and
/// [`Metering`].
#[derive(Debug, Clone, Default)]
pub struct Draft {
    /// How it works; `flat` with `recurring`, else `one_time`, when left out.
    pub kind: Option<PriceType>,
    /// What it is paid in.
    pub currency: Option<Currency>,
    /// The base price; nothing by itself for usage and seat prices.
    pub unit_amount: Option<UnitAmount>,
    /// How long a period is.
    pub recurring: Option<Interval>,
    /// When the base price is paid; in advance when left out.
    pub claim: Option<Claim>,
    /// When units are paid; at the end of the period when left out.
    pub usage_claim: Option<Claim>,
    /// What the first purchase costs instead.
    pub intro: Option<Intro>,
    /// A fee beside it.
    pub setup_fee: Option<SetupFee>,
    /// When subscriptions end by themselves.
    pub expiry: Option<Expiry>,
    /// From which day of a period service is given.
    pub service_start_day: Option<u8>,
    /// What units cost.
    pub tiers: Option<Vec<Tier>>,
    /// How tiers apply; graduated when left out.
    pub tier_mode: Option<TierModeName>,
    /// Units of a package.
    pub package_size: Option<Quantity>,
    /// The percentage.
    pub percent: Option<Percent>,
    /// A period's usage costs at least so much.
    pub minimum: Option<i64>,
    /// A period's usage costs at most so much.
    pub maximum: Option<i64>,
    /// Units that cost nothing.
    pub included: Option<Quantity>,
    /// What it bundles.
    pub bundle: Option<Bundle>,
    /// The day of the month on which periods start.
    pub billing_day: Option<u8>,
    /// Most pieces of one purchase.
    pub maximum_quantity: Option<i64>,
}

impl Draft {
    /// What made these terms.
    pub fn of(terms: &Terms) -> Self {
        let metering = terms.metering.as_ref();
        let (tier_mode, package_size, percent) = match metering.map(|metering| metering.mode) {
            None => (None, None, None),
            Some(TierMode::Graduated) => (Some(TierModeName::Graduated), None, None),
            Some(TierMode::Volume) => (Some(TierModeName::Volume), None, None),
            Some(TierMode::Band) => (Some(TierModeName::Band), None, None),
            Some(TierMode::Package(size)) => (Some(TierModeName::Package), Some(size), None),
            Some(TierMode::Percentage(percent)) => (Some(TierModeName::Percentage), None, Some(percent)),
        };
        Self {
            kind: Some(terms.kind),
            currency: Some(terms.currency),
            unit_amount: Some(terms.unit_amount),
            recurring: terms.recurring,
            claim: Some(terms.claim),
            usage_claim: metering.map(|metering| metering.claim),
            intro: terms.intro,
            setup_fee: terms.setup_fee.clone(),
            expiry: terms.expiry,
            service_start_day: terms.service_start_day,
            tiers: metering
                .filter(|metering| !metering.tiers.is_empty())
                .map(|metering| metering.tiers.clone()),
            tier_mode,
            package_size,
            percent,
            minimum: metering.and_then(|metering| metering.minimum),
            maximum: metering.and_then(|metering| metering.maximum),
            included: metering.map(|metering| metering.included),
            bundle: terms.bundle.clone(),
            billing_day: terms.billing_day,
            maximum_quantity: terms.maximum_quantity,
        }
    }

    /// The terms, checked as far as one price can say.
    ///
    /// # Errors
    ///
    /// A problem at the member that is wrong or missing, such as `tiers`.
    pub fn terms(self) -> Result<Terms, Problem> {
        let kind = self.kind.unwrap_or(match self.recurring {
            Some(_) => PriceType::Flat,
            None => PriceType::OneTime,
        });
        let currency = self.currency.ok_or_else(|| Problem::at("currency", "is required"))?;
        let unit_amount = match self.unit_amount {
            Some(amount) => amount,
            None if kind.is_metered() => UnitAmount::ZERO,
            None => {
                let message = format!("is required for a {} price (or unitAmountDecimal)", kind.name());
                return Err(Problem::at("unitAmount", message));
            }
        };
        let metering = self.metering(kind)?;
        if self.maximum_quantity.is_some_and(|most| most < 1) {
            return Err(Problem::at("maximumQuantity", "must be at least 1"));
        }
        let terms = Terms {
            kind,
            currency,
            unit_amount,
            recurring: self.recurring,
            claim: self.claim.unwrap_or(Claim::Advance),
            intro: self.intro,
            setup_fee: self.setup_fee,
            expiry: self.expiry,
            service_start_day: self.service_start_day,
            metering,
            bundle: self.bundle,
            billing_day: self.billing_day,
            maximum_quantity: self.maximum_quantity,
        };
        terms.check()?;
        Ok(terms)
    }

    fn metering(&self, kind: PriceType) -> Result<Option<Metering>, Problem> {
        if !kind.is_metered() {
            return self.no_metering(kind).map(|()| None);
        }
        let mode = self.mode()?;
        let tiers = match (&self.tiers, mode) {
            (Some(tiers), _) => tiers.clone(),
            (None, TierMode::Percentage(_)) => Vec::new(),
            (None, _) => {
                return Err(Problem::at("tiers", format!("is required for a {} price", kind.name())));
            }
        };
        Ok(Some(Metering {
            tiers,
            mode,
            included: self.included.unwrap_or(Quantity::ZERO),
            minimum: self.minimum,
            maximum: self.maximum,
            claim: self.usage_claim.unwrap_or(Claim::Arrears),
        }))
    }

    /// What units cost belongs to usage and seat prices only.
    fn no_metering(&self, kind: PriceType) -> Result<(), Problem> {
        let given = [
            ("tiers", self.tiers.is_some()),
            ("tierMode", self.tier_mode.is_some()),
            ("packageSize", self.package_size.is_some()),
            ("percent", self.percent.is_some()),
            ("minimumAmount", self.minimum.is_some()),
            ("maximumAmount", self.maximum.is_some()),
            ("includedUnits", self.included.is_some()),
            ("usageClaim", self.usage_claim.is_some()),
        ];
        match given.iter().find(|(_, given)| *given) {
            None => Ok(()),
            Some((member, _)) => {
                let message = format!("belongs to usage and seat prices, not to a {} price", kind.name());
                Err(Problem::at(*member, message))
            }
        }
    }

    fn mode(&self) -> Result<TierMode, Problem> {
        let name = self.tier_mode.unwrap_or(TierModeName::Graduated);
        let belongs = |member: &str, mode: &str| Err(Problem::at(member, format!("belongs to tierMode {mode}")));
        if self.package_size.is_some() && name != TierModeName::Package {
            return belongs("packageSize", "package");
        }
        if self.percent.is_some() && name != TierModeName::Percentage {
            return belongs("percent", "percentage");
        }
        let missing = |member: &str, mode: &str| Problem::at(member, format!("is required with tierMode {mode}"));
        Ok(match name {
            TierModeName::Graduated => TierMode::Graduated,
            TierModeName::Volume => TierMode::Volume,
            TierModeName::Band => TierMode::Band,
            TierModeName::Package => {
                TierMode::Package(self.package_size.ok_or_else(|| missing("packageSize", "package"))?)
            }
            TierModeName::Percentage => {
                TierMode::Percentage(self.percent.ok_or_else(|| missing("percent", "percentage"))?)
            }
        })
    }
}

#[cfg(test)]
mod tests;
