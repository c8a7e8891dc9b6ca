//! A price's terms: everything that decides what it costs (StepPay V1
//! reference, sections 6 and 7).

use serde::{Deserialize, Serialize};

pub use crate::domain::money::MAX_AMOUNT;
use crate::domain::{
    Problem,
    calendar::{Interval, Unit},
    currency::Currency,
    decimal::{Percent, Quantity, UnitAmount},
    id::PriceId,
};

/// Most tiers of a price.
pub const MAX_TIERS: usize = 100;
/// Most prices in a bundle.
pub const MAX_BUNDLED: usize = 50;

/// How a price works.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PriceType {
    /// Paid once.
    OneTime,
    /// The same every period.
    Flat,
    /// Several prices sold as one.
    Bundle,
    /// By what was used in a period; counts from zero in each.
    Usage,
    /// By how many seats there were, and how long; goes on into the next period.
    Seat,
}

impl PriceType {
    /// All, with their words.
    pub const ALL: [(Self, &'static str); 5] = [
        (Self::OneTime, "one_time"),
        (Self::Flat, "flat"),
        (Self::Bundle, "bundle"),
        (Self::Usage, "usage"),
        (Self::Seat, "seat"),
    ];

    /// Its word.
    pub fn name(self) -> &'static str {
        Self::ALL[self as usize].1
    }

    /// Whether units are counted and paid beside the base price.
    pub fn is_metered(self) -> bool {
        matches!(self, Self::Usage | Self::Seat)
    }
}

/// When a period is paid.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Claim {
    /// At its start.
    Advance,
    /// At its end.
    Arrears,
}

impl Claim {
    /// Its word.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Advance => "advance",
            Self::Arrears => "arrears",
        }
    }
}

/// What the first purchase of a product costs instead; on its base price only
/// (StepPay V1 reference, section 6.5).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Intro {
    /// This much for each piece.
    Price(i64),
    /// So much less for each piece, never below zero.
    AmountOff(i64),
    /// So many percent less.
    PercentOff(Percent),
}

/// How often a fee is due.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FeeWhen {
    /// With the first payment.
    Initially,
    /// With every payment.
    Periodic,
}

impl FeeWhen {
    /// Its word.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Initially => "initially",
            Self::Periodic => "periodic",
        }
    }
}

/// A base, introduction or installation fee.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SetupFee {
    /// What people read.
    pub name: String,
    /// In the currency's smallest unit; not multiplied by the quantity.
    pub amount: i64,
    /// Once or every time.
    pub when: FeeWhen,
    /// At the start or the end of the period; as the base price when left out.
    pub claim: Option<Claim>,
}

/// When subscriptions to a price end by themselves.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Expiry {
    /// At an instant, in microseconds since 1970.
    At(i64),
    /// So long after the start.
    After(Interval),
    /// After so many payments.
    Payments(u32),
}

/// A step of a table of prices.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Tier {
    /// Its last unit; `None` for the last tier, which has no end.
    pub up_to: Option<Quantity>,
    /// What each unit in it costs.
    pub unit_amount: UnitAmount,
    /// What it costs to be in it at all, in the currency's smallest unit.
    pub flat_amount: i64,
}

/// How units become an amount.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TierMode {
    /// Each unit at the price of its tier, and the flat amounts of all tiers reached.
    Graduated,
    /// All units at the price of the tier that holds their number, and its flat amount.
    Volume,
    /// The flat amount of the tier that holds their number.
    Band,
    /// Started packages of so many units, at the price of the only tier.
    Package(Quantity),
    /// A percentage of a value given in the currency's smallest unit; has no tiers.
    Percentage(Percent),
}

impl TierMode {
    /// Its word.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Graduated => "graduated",
            Self::Volume => "volume",
            Self::Band => "band",
            Self::Package(_) => "package",
            Self::Percentage(_) => "percentage",
        }
    }
}

/// What units cost, on usage and seat prices.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Metering {
    /// Ascending; the last has no end. Empty for a percentage.
    pub tiers: Vec<Tier>,
    /// How they apply.
    pub mode: TierMode,
    /// Units a period that cost nothing (`basicServing`): the tiers start beyond them.
    pub included: Quantity,
    /// A period's usage costs at least so much.
    pub minimum: Option<i64>,
    /// A period's usage costs at most so much.
    pub maximum: Option<i64>,
    /// When units are paid: what was used at the end, or what may be used at the start.
    pub claim: Claim,
}

/// Prices sold as one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Bundle {
    /// The prices in it.
    pub price_ids: Vec<PriceId>,
    /// What the first payment costs on top (`onetimeBundlePrice`).
    pub first_payment_extra: i64,
}

/// Everything that decides what a price costs. It never changes once somebody
/// bought it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Terms {
    /// How it works.
    pub kind: PriceType,
    /// What it is paid in.
    pub currency: Currency,
    /// The base price of a piece or a period.
    pub unit_amount: UnitAmount,
    /// How long a period is; `None` for what is paid once.
    pub recurring: Option<Interval>,
    /// When the base price is paid.
    pub claim: Claim,
    /// What the first purchase costs instead.
    pub intro: Option<Intro>,
    /// A fee beside it.
    pub setup_fee: Option<SetupFee>,
    /// When subscriptions end by themselves.
    pub expiry: Option<Expiry>,
    /// The day of a period from which service is given, from 1.
    pub service_start_day: Option<u8>,
    /// What units cost.
    pub metering: Option<Metering>,
    /// What it bundles.
    pub bundle: Option<Bundle>,
    /// The day of the month on which periods start, from 1.
    pub billing_day: Option<u8>,
    /// Most pieces of one purchase.
    pub maximum_quantity: Option<i64>,
}

impl Terms {
    /// Checks what one price can say about itself.
    ///
    /// # Errors
    ///
    /// A problem at the member that is wrong, such as `tiers[1].upTo`.
    pub fn check(&self) -> Result<(), Problem> {
        self.check_type()?;
        check_unit_amount("unitAmount", self.unit_amount)?;
        self.check_calendar()?;
        if let Some(intro) = self.intro {
            check_intro(intro)?;
        }
        if let Some(fee) = &self.setup_fee {
            not_negative("setupFee.amount", fee.amount.into())?;
            if fee.when == FeeWhen::Periodic && self.recurring.is_none() {
                return Err(Problem::at(
                    "setupFee.when",
                    "must be initially for a price without recurring",
                ));
            }
        }
        if let Some(bundle) = &self.bundle {
            check_bundle(bundle)?;
        }
        self.metering.as_ref().map_or(Ok(()), check_metering)
    }

    fn check_type(&self) -> Result<(), Problem> {
        let name = self.kind.name();
        match (self.kind, self.recurring) {
            (PriceType::OneTime, Some(_)) => {
                let message = "must be left out for a one_time price: it is paid once";
                return Err(Problem::at("recurring", message));
            }
            (PriceType::OneTime, None) | (_, Some(_)) => {}
            (_, None) => {
                let message = format!("is required for a {name} price, such as {{ interval: 'month' }}");
                return Err(Problem::at("recurring", message));
            }
        }
        let belongs = |member: &'static str, there: bool, wanted: bool, kinds: &str| match (there, wanted) {
            (true, false) => Err(Problem::at(
                member,
                format!("belongs to {kinds} prices, not to a {name} price"),
            )),
            (false, true) => Err(Problem::at(member, format!("is required for a {name} price"))),
            _ => Ok(()),
        };
        belongs(
            "bundle",
            self.bundle.is_some(),
            self.kind == PriceType::Bundle,
            "bundle",
        )?;
        belongs(
            "tiers",
            self.metering.is_some(),
            self.kind.is_metered(),
            "usage and seat",
        )
    }

    fn check_calendar(&self) -> Result<(), Problem> {
        for (member, day) in [
            ("billingDay", self.billing_day),
            ("serviceStartDay", self.service_start_day),
        ] {
            if day.is_some() && self.recurring.is_none() {
                return Err(Problem::at(member, "belongs to prices with recurring"));
            }
            if day.is_some_and(|day| !(1..=31).contains(&day)) {
                return Err(Problem::at(member, "must be a day from 1 to 31"));
            }
        }
        let by_month = self
            .recurring
            .is_none_or(|every| matches!(every.unit(), Unit::Month | Unit::Year));
        if self.billing_day.is_some() && !by_month {
            return Err(Problem::at("billingDay", "belongs to prices by the month or the year"));
        }
        if self.recurring.is_none() && self.claim == Claim::Arrears {
            return Err(Problem::at("claim", "must be advance for a price without recurring"));
        }
        match self.expiry {
            Some(_) if self.recurring.is_none() => Err(Problem::at("expiry", "belongs to prices with recurring")),
            Some(Expiry::Payments(0)) => Err(Problem::at("expiry.payments", "must be at least 1")),
            _ => Ok(()),
        }
    }

    /// Checks a bundle against the prices in it.
    ///
    /// # Errors
    ///
    /// A problem at `bundle.priceIds[…]`: itself, another bundle, another
    /// currency, or usage in another rhythm.
    pub fn check_bundled(&self, own: &PriceId, children: &[(PriceId, &Self)]) -> Result<(), Problem> {
        for (index, (id, child)) in children.iter().enumerate() {
            let refused = |message: &str| Err(Problem::at(format!("bundle.priceIds[{index}]"), message));
            if id == own {
                return refused("must not be the bundle itself");
            }
            if child.kind == PriceType::Bundle {
                return refused("must not be a bundle: list what is in it instead");
            }
            if child.currency != self.currency {
                return refused("must be in the bundle's currency");
            }
            if child.kind == PriceType::Usage && child.recurring != self.recurring {
                return refused("is paid by usage, so it must have the bundle's recurring");
            }
        }
        Ok(())
    }
}

fn not_negative(member: &str, value: i128) -> Result<(), Problem> {
    if value < 0 {
        return Err(Problem::at(member, "must not be negative"));
    }
    Ok(())
}

fn check_unit_amount(member: &str, amount: UnitAmount) -> Result<(), Problem> {
    not_negative(member, amount.scaled())?;
    if amount.scaled() > i128::from(MAX_AMOUNT) * UnitAmount::ONE.scaled() {
        return Err(Problem::at(member, format!("must be at most {MAX_AMOUNT}")));
    }
    Ok(())
}

fn check_intro(intro: Intro) -> Result<(), Problem> {
    match intro {
        Intro::Price(price) => not_negative("introDiscount.price", price.into()),
        Intro::AmountOff(off) if off < 1 => Err(Problem::at("introDiscount.amountOff", "must be at least 1")),
        Intro::PercentOff(percent) => check_percent("introDiscount.percentOff", percent),
        Intro::AmountOff(_) => Ok(()),
    }
}

/// Checks that something is above 0 % and at most 100 %.
///
/// # Errors
///
/// A problem at the member.
pub fn check_percent(member: &str, percent: Percent) -> Result<(), Problem> {
    if percent > Percent::ZERO && percent <= Percent::HUNDRED {
        return Ok(());
    }
    Err(Problem::at(member, "must be above 0 and at most 100"))
}

fn check_bundle(bundle: &Bundle) -> Result<(), Problem> {
    not_negative("bundle.firstPaymentExtra", bundle.first_payment_extra.into())?;
    if bundle.price_ids.is_empty() || bundle.price_ids.len() > MAX_BUNDLED {
        return Err(Problem::at(
            "bundle.priceIds",
            format!("must have 1 to {MAX_BUNDLED} elements"),
        ));
    }
    for (index, id) in bundle.price_ids.iter().enumerate() {
        if bundle.price_ids[..index].contains(id) {
            return Err(Problem::at(format!("bundle.priceIds[{index}]"), "is there twice"));
        }
    }
    Ok(())
}

fn check_metering(metering: &Metering) -> Result<(), Problem> {
    not_negative("includedUnits", metering.included.scaled().into())?;
    not_negative("minimumAmount", metering.minimum.unwrap_or(0).into())?;
    not_negative("maximumAmount", metering.maximum.unwrap_or(0).into())?;
    if let (Some(minimum), Some(maximum)) = (metering.minimum, metering.maximum)
        && minimum > maximum
    {
        return Err(Problem::at("maximumAmount", "must not be below minimumAmount"));
    }
    match metering.mode {
        TierMode::Percentage(percent) => {
            if !metering.tiers.is_empty() {
                return Err(Problem::at(
                    "tiers",
                    "must be left out with tierMode percentage: percent says it all",
                ));
            }
            return check_percent("percent", percent);
        }
        TierMode::Package(size) if size <= Quantity::ZERO => {
            return Err(Problem::at("packageSize", "must be above 0"));
        }
        TierMode::Package(_) if metering.tiers.len() > 1 => {
            return Err(Problem::at(
                "tiers",
                "must be one tier with tierMode package: the price of a package",
            ));
        }
        _ => {}
    }
    check_tiers(&metering.tiers, metering.mode)
}

fn check_tiers(tiers: &[Tier], mode: TierMode) -> Result<(), Problem> {
    if tiers.is_empty() || tiers.len() > MAX_TIERS {
        return Err(Problem::at("tiers", format!("must have 1 to {MAX_TIERS} elements")));
    }
    let mut below = Quantity::ZERO;
    for (index, tier) in tiers.iter().enumerate() {
        let at = |member: &str| format!("tiers[{index}].{member}");
        let last = index + 1 == tiers.len();
        match tier.up_to {
            None if !last => {
                return Err(Problem::at(
                    at("upTo"),
                    "must be a number: only the last tier has no end",
                ));
            }
            Some(_) if last => {
                return Err(Problem::at(
                    at("upTo"),
                    "must be null: the last tier has no end, so that every number has a price",
                ));
            }
            Some(up_to) if up_to <= below => {
                return Err(Problem::at(
                    at("upTo"),
                    "must be above the tier before: tiers ascend and never overlap",
                ));
            }
            Some(up_to) => below = up_to,
            None => {}
        }
        check_unit_amount(&at("unitAmount"), tier.unit_amount)?;
        not_negative(&at("flatAmount"), tier.flat_amount.into())?;
        if mode == TierMode::Band && tier.unit_amount != UnitAmount::ZERO {
            return Err(Problem::at(
                at("unitAmount"),
                "must be left out with tierMode band: flatAmount is the band's price",
            ));
        }
    }
    Ok(())
}
