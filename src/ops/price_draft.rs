//! From the members of an input about a price to the domain's draft of it.

use super::price::{BundleInput, ExpiryInput, IntroDiscountInput, PriceMembers, SetupFeeInput, TierInput};
use crate::domain::{
    Problem,
    catalog::{
        draft::Draft,
        price::{Bundle, Expiry, Intro, SetupFee, Tier},
    },
    customer::Patch,
    decimal::UnitAmount,
};

impl PriceMembers {
    /// Says the given members over what the draft holds.
    ///
    /// # Errors
    ///
    /// A problem at the member that is wrong in itself, such as
    /// `introDiscount` with two of its members.
    pub fn apply_to(self, draft: &mut Draft) -> Result<(), Problem> {
        apply_unit_amount(&self.unit_amount, &self.unit_amount_decimal, draft)?;
        tried(self.recurring, |recurring| recurring.interval("recurring"))?.apply_to(&mut draft.recurring);
        self.claim.apply_to(&mut draft.claim);
        self.usage_claim.apply_to(&mut draft.usage_claim);
        tried(self.intro_discount, |intro| intro.intro())?.apply_to(&mut draft.intro);
        self.setup_fee.map(SetupFee::from).apply_to(&mut draft.setup_fee);
        tried(self.expiry, |expiry| expiry.expiry())?.apply_to(&mut draft.expiry);
        self.service_start_day
            .map(|day| day.0 as u8)
            .apply_to(&mut draft.service_start_day);
        let tiers = tried(self.tiers, |tiers| {
            let tiers = tiers.0.iter().enumerate();
            tiers
                .map(|(index, tier)| tier.tier(index))
                .collect::<Result<Vec<_>, _>>()
        })?;
        tiers.apply_to(&mut draft.tiers);
        self.tier_mode.apply_to(&mut draft.tier_mode);
        self.package_size.apply_to(&mut draft.package_size);
        self.percent.apply_to(&mut draft.percent);
        self.minimum_amount.map(|amount| amount.0).apply_to(&mut draft.minimum);
        self.maximum_amount.map(|amount| amount.0).apply_to(&mut draft.maximum);
        self.included_units.apply_to(&mut draft.included);
        self.bundle.map(Bundle::from).apply_to(&mut draft.bundle);
        self.billing_day.map(|day| day.0 as u8).apply_to(&mut draft.billing_day);
        self.maximum_quantity
            .map(|most| most.0)
            .apply_to(&mut draft.maximum_quantity);
        Ok(())
    }
}

/// Converts the value that is set, which may not fit.
fn tried<T, U>(patch: Patch<T>, convert: impl FnOnce(T) -> Result<U, Problem>) -> Result<Patch<U>, Problem> {
    Ok(match patch {
        Patch::Absent => Patch::Absent,
        Patch::Clear => Patch::Clear,
        Patch::Set(value) => Patch::Set(convert(value)?),
    })
}

/// The amount is given in one of two spellings; whichever it is replaces the
/// other.
fn apply_unit_amount(
    whole: &Patch<super::catalog::Amount>,
    decimal: &Patch<UnitAmount>,
    draft: &mut Draft,
) -> Result<(), Problem> {
    match (whole, decimal) {
        (Patch::Set(_), Patch::Set(_)) => {
            let message = "and unitAmount are given together: give one of them";
            return Err(Problem::at("unitAmountDecimal", message));
        }
        (Patch::Set(amount), _) => {
            let amount = UnitAmount::whole(amount.0).map_err(|problem| Problem::at("unitAmount", problem.message))?;
            draft.unit_amount = Some(amount);
        }
        (_, Patch::Set(amount)) => draft.unit_amount = Some(*amount),
        (Patch::Clear, _) | (_, Patch::Clear) => draft.unit_amount = None,
        (Patch::Absent, Patch::Absent) => {}
    }
    Ok(())
}

impl IntroDiscountInput {
    fn intro(&self) -> Result<Intro, Problem> {
        match (self.price, self.amount_off, self.percent_off) {
            (Some(price), None, None) => Ok(Intro::Price(price.0)),
            (None, Some(off), None) => Ok(Intro::AmountOff(off.0)),
            (None, None, Some(percent)) => Ok(Intro::PercentOff(percent)),
            _ => Err(Problem::at(
                "introDiscount",
                "must have exactly one of price, amountOff and percentOff",
            )),
        }
    }
}

impl From<SetupFeeInput> for SetupFee {
    fn from(input: SetupFeeInput) -> Self {
        Self {
            name: input.name.0,
            amount: input.amount.0,
            when: input.when,
            claim: input.claim,
        }
    }
}

impl ExpiryInput {
    fn expiry(&self) -> Result<Expiry, Problem> {
        match (self.at, &self.after, self.payments) {
            (Some(at), None, None) => Ok(Expiry::At(at.micros())),
            (None, Some(after), None) => Ok(Expiry::After(after.interval("expiry.after")?)),
            (None, None, Some(payments)) => u32::try_from(payments.0)
                .map(Expiry::Payments)
                .map_err(|_| Problem::at("expiry.payments", "is too large")),
            _ => Err(Problem::at("expiry", "must have exactly one of at, after and payments")),
        }
    }
}

impl TierInput {
    fn tier(&self, index: usize) -> Result<Tier, Problem> {
        let at = |member: &str| format!("tiers[{index}].{member}");
        let unit_amount = match (self.unit_amount, self.unit_amount_decimal) {
            (Some(_), Some(_)) => {
                let message = "and unitAmount are given together: give one of them";
                return Err(Problem::at(at("unitAmountDecimal"), message));
            }
            (Some(amount), None) => {
                UnitAmount::whole(amount.0).map_err(|problem| Problem::at(at("unitAmount"), problem.message))?
            }
            (None, decimal) => decimal.unwrap_or(UnitAmount::ZERO),
        };
        Ok(Tier {
            up_to: self.up_to,
            unit_amount,
            flat_amount: self.flat_amount.map_or(0, |amount| amount.0),
        })
    }
}

impl From<BundleInput> for Bundle {
    fn from(input: BundleInput) -> Self {
        Self {
            price_ids: input.price_ids.0,
            first_payment_extra: input.first_payment_extra.map_or(0, |extra| extra.0),
        }
    }
}
