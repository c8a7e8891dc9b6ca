//! More, or less, that may be used in the running period, and seats that come
//! or go by it. What is paid in advance counts once it is paid (StepPay V1
//! reference, section 7.2).

use super::{
    due::priced,
    state::{Phase, Purpose, Subscription, Topup},
    world::{Decision, NewId, News, Paid, Refusal, World},
};
use crate::domain::{
    Problem,
    calendar::{Basis, Period},
    catalog::price::PriceType,
    decimal::Quantity,
    exact::Exact,
    id::SubscriptionItemId,
    line::{Line, LineType, Reason},
    money,
    order::OrderType,
    pricing::{bill::Draft, usage::Effect},
};

impl Subscription {
    /// Takes an entry of usage. With an `effect` it changes a quota that is
    /// paid in advance: what that costs is charged at once, and the entry
    /// counts when it is paid. In a trial nothing is.
    ///
    /// # Errors
    ///
    /// A refusal when something is to be charged and cannot be now.
    pub fn meter(
        mut self,
        topup: Topup,
        effect: Option<&Effect>,
        world: &World<'_>,
        ids: NewId<'_>,
    ) -> Result<Decision, Refusal> {
        self.refuse_ended()?;
        let draft = match effect {
            Some(effect) => {
                self.refuse_busy()?;
                if !matches!(self.phase, Phase::Active | Phase::Trialing) || self.open.is_some() {
                    return Err(Refusal::State(
                        "its quota changes while it is active or in its trial: settle its payment or resume it first",
                    ));
                }
                self.priced_topup(&topup, effect, world)?
            }
            None => None,
        };
        let Some(draft) = draft.filter(|_| self.phase == Phase::Active) else {
            return Ok(self.count(topup, &Vec::new())?);
        };
        let billed = self.bill(world.now, vec![draft], world)?;
        let purpose = Purpose::Quota(Box::new(topup));
        let charge = self.open_order(OrderType::QuotaTopup, billed, purpose, world, ids)?;
        let decision = if charge.due == 0 {
            self.paid(world.now, world.settings)?
        } else {
            self.charging = true;
            Decision::quiet(self)
        };
        Ok(Decision {
            charge: Some(charge),
            ..decision
        })
    }

    /// What a change of a quota does to the units that are paid: those of a
    /// part of a period are the same part of a whole one's.
    ///
    /// # Errors
    ///
    /// A problem when they cannot be counted.
    pub fn paid_units(&self, item: &SubscriptionItemId, effect: &Effect, world: &World<'_>) -> Result<Effect, Problem> {
        let seats = match self.item(item) {
            Some(item) => priced(world, item)?.terms.kind == PriceType::Seat,
            None => false,
        };
        let (true, Some(cycle)) = (seats, self.cycle) else {
            return Ok(*effect);
        };
        let basis = world.settings.proration;
        if basis == Basis::None {
            // A period that has begun is used up: more seats cost from the next one on.
            return Ok(Effect {
                after: effect.before,
                ..*effect
            });
        }
        let share = match cycle.paid(self.zone, basis, false)?.share {
            Some(share) => Exact::ratio(share.part().into(), share.whole().into())?,
            None => Exact::whole(1),
        };
        Ok(Effect {
            before: effect.before.times(share)?,
            after: effect.after.times(share)?,
            ..*effect
        })
    }

    /// The line of a quota that costs something; `None` for one that does not.
    fn priced_topup(&self, topup: &Topup, effect: &Effect, world: &World<'_>) -> Result<Option<Draft>, Problem> {
        let Some((item, cycle)) = self.item(&topup.item).zip(self.cycle) else {
            return Ok(None);
        };
        let price = priced(world, item)?;
        let Some(metering) = &price.terms.metering else {
            return Ok(None);
        };
        let effect = self.paid_units(&topup.item, effect, world)?;
        let amount = effect.settle(metering)?.charge;
        if amount == 0 {
            return Ok(None);
        }
        let line = Line {
            kind: LineType::Usage,
            price: Some(item.price.clone()),
            item: Some(item.id.clone()),
            quantity: Quantity::nearest(effect.added()?)?,
            amount,
            period: Some(Period::new(topup.at, cycle.period.end())?),
            reason: Reason::QuotaAdded {
                unit: price.unit.to_owned(),
                before: Quantity::nearest(effect.before)?,
                after: Quantity::nearest(effect.after)?,
            },
        };
        Ok(Some(Draft::of(line, price.product)))
    }

    /// An entry counts from now on, with what was paid for it.
    pub(super) fn count(mut self, topup: Topup, paid: &Paid) -> Result<Decision, Problem> {
        let mut news = Vec::new();
        if topup.seats != 0
            && let Some(item) = self.items.iter_mut().find(|item| item.id == topup.item)
        {
            item.quantity = money::add(item.quantity, topup.seats)?;
            self.set_paid(paid);
            news.push(News::Updated);
        }
        Ok(Decision {
            usage: Some(topup),
            news,
            ..Decision::quiet(self)
        })
    }
}

#[cfg(test)]
mod tests;
