//! Changes of what is subscribed to: another plan, another quantity, one item
//! more or less; at once, with what it costs for the rest of the period, or
//! with the next one (settings `proration`, `upgrade`, `downgrade`,
//! `intervalSwitch`, `downgradeCredit`, `decreaseCredit`).

use super::{
    due::{pays_in_advance, pays_in_arrears, priced},
    state::{Accrued, Cadence, Cycle, Edit, Item, NewItem, PendingChange, Phase, Purpose, Subscription},
    world::{Decision, NewId, News, Priced, Refusal, Surplus, World},
};
use crate::domain::{
    Problem,
    calendar::{Interval, Period, remaining},
    catalog::price::{Claim, PriceType},
    decimal::Quantity,
    id::{PriceId, SubscriptionItemId},
    instant::Instant,
    line::LineType,
    money,
    order::OrderType,
    pricing::{
        bill::Draft,
        charge,
        proration::{self, Rest, Side},
        rhythm::PaidPeriod,
    },
    settings::{ChangeWhen, GiveBack, IntervalSwitch},
};

/// When a change is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum When {
    /// As the store's settings say.
    Policy,
    /// At once.
    Now,
    /// When the running period ends.
    PeriodEnd,
}

/// A change that is asked for.
#[derive(Debug, Clone, PartialEq)]
pub struct Change {
    /// What.
    pub edits: Vec<Edit>,
    /// When.
    pub when: When,
    /// What a cheaper subscription gives back at once; the setting's where
    /// `None`.
    pub give_back: Option<GiveBack>,
}

/// What a change does to the sum of a period.
struct Weight {
    before: i64,
    after: i64,
    /// Whether only quantities change.
    only_quantities: bool,
    /// Another length of periods, where a price has one.
    interval: Option<Interval>,
}

impl Subscription {
    /// Decides about a change.
    ///
    /// # Errors
    ///
    /// A refusal: ended, a payment under way, a phase in which nothing can be
    /// changed at once, an item or a price that does not fit.
    pub fn change(mut self, change: &Change, world: &World<'_>, ids: NewId<'_>) -> Result<Decision, Refusal> {
        self.refuse_busy()?;
        self.check_edits(&change.edits, world)?;
        let weight = self.weigh(&change.edits, world)?;
        let later = match (change.when, weight.interval.is_some()) {
            (When::Now, _) => false,
            (When::PeriodEnd, _) => true,
            (When::Policy, true) => world.settings.interval_switch == IntervalSwitch::PeriodEnd,
            (When::Policy, false) if weight.after < weight.before => {
                !weight.only_quantities && world.settings.downgrade == ChangeWhen::PeriodEnd
            }
            (When::Policy, false) => !weight.only_quantities && world.settings.upgrade == ChangeWhen::PeriodEnd,
        };
        if later {
            return self.change_later(change.edits.clone(), weight.interval);
        }
        if !matches!(self.phase, Phase::Active | Phase::Trialing) {
            return Err(Refusal::State(
                "only what is active or in its trial changes at once: settle its payment or resume it first, or change it at the period's end",
            ));
        }
        self.pending = None;
        self.change_now(change, &weight, world, ids)
    }

    /// Forgets a change that was to be made later.
    ///
    /// # Errors
    ///
    /// A refusal when there is none.
    pub fn cancel_pending_change(mut self) -> Result<Decision, Refusal> {
        self.refuse_ended()?;
        if self.pending.take().is_none() {
            return Err(Refusal::State("there is no pending change"));
        }
        Ok(Decision::of(self, News::Updated))
    }

    fn change_later(mut self, edits: Vec<Edit>, interval: Option<Interval>) -> Result<Decision, Refusal> {
        let Some(cycle) = self.cycle else {
            return Err(Refusal::State("its first period has not begun: complete it first"));
        };
        let mut all = match self.pending.take() {
            // Other items' changes stay; the same item's are replaced.
            Some(before) => before
                .edits
                .into_iter()
                .filter(|edit| {
                    edits
                        .iter()
                        .all(|new| new.item().is_none() || new.item() != edit.item())
                })
                .collect(),
            None => Vec::new(),
        };
        all.extend(edits);
        self.pending = Some(PendingChange {
            at: cycle.period.end(),
            edits: all,
            interval,
        });
        Ok(Decision::of(self, News::Updated))
    }

    fn change_now(
        mut self,
        change: &Change,
        weight: &Weight,
        world: &World<'_>,
        ids: NewId<'_>,
    ) -> Result<Decision, Refusal> {
        let now = world.now;
        let begins = self.phase == Phase::Active;
        let made = self.made_by(&change.edits, now, begins, world, ids)?;
        let running = match self.cycle {
            Some(cycle) if self.phase == Phase::Active && cycle.period.end() > now => cycle,
            // Nothing is paid in a trial, so nothing is settled.
            _ => {
                self.make(&change.edits, made);
                if let Some(interval) = weight.interval {
                    self.cadence.interval = interval;
                }
                return Ok(Decision::of(self, News::Updated));
            }
        };
        let restart = match weight.interval {
            Some(interval) => Some(self.switched(interval, world)?),
            None => None,
        };
        let mut after = self.clone();
        after.make(&change.edits, made.clone());
        let mut drafts = Vec::new();
        let touched = |item: &&Item| restart.is_some() || change.edits.iter().any(|edit| edit.item() == Some(&item.id));
        let mut accrued = Vec::new();
        for item in self.top_items().filter(touched) {
            drafts.append(&mut self.unused(item, now, world)?);
            accrued.append(&mut self.accrue(item, running, &after, world)?);
        }
        self.accrued.append(&mut accrued);
        match restart {
            Some((_, cycle)) => {
                for item in after.top_items() {
                    drafts.append(&mut after.advance(
                        item,
                        cycle.paid(self.zone, world.settings.proration, false)?,
                        world,
                    )?);
                }
            }
            None => {
                for item in &made {
                    drafts.append(&mut after.rest_of(item, running, &self, world)?);
                }
            }
        }
        if weight.after < weight.before && restart.is_none() {
            let policy = change.give_back.unwrap_or(match weight.only_quantities {
                true => world.settings.decrease_credit,
                false => world.settings.downgrade_credit,
            });
            let Some(surplus) = Surplus::of(policy) else {
                // Nothing back, and nothing to pay: it is cheaper from the next payment on.
                let kept: Vec<_> = self.items.iter().map(|item| (item.id.clone(), item.paid)).collect();
                self.make(&change.edits, made);
                for item in &mut self.items {
                    if let Some((_, paid)) = kept.iter().find(|(id, _)| *id == item.id) {
                        item.paid = *paid;
                    }
                }
                return Ok(Decision::of(self, News::Updated));
            };
            return self.collect(drafts, change, made, restart, surplus, world, ids);
        }
        self.collect(drafts, change, made, restart, Surplus::Credit, world, ids)
    }

    /// Makes a change once what it costs is there; at once where that is
    /// nothing.
    #[expect(clippy::too_many_arguments, reason = "all of it is one change")]
    fn collect(
        mut self,
        drafts: Vec<Draft>,
        change: &Change,
        made: Vec<Item>,
        restart: Option<(Cadence, Cycle)>,
        surplus: Surplus,
        world: &World<'_>,
        ids: NewId<'_>,
    ) -> Result<Decision, Refusal> {
        if drafts.is_empty() {
            self.make(&change.edits, made);
            if let Some((cadence, cycle)) = restart {
                self.restart(cadence, cycle);
            }
            return Ok(Decision::of(self, News::Updated));
        }
        let purpose = Purpose::Change {
            edits: change.edits.clone(),
            made,
            restart,
        };
        let billed = self.bill(world.now, drafts, world)?;
        let mut charge = self.open_order(OrderType::Renewal, billed, purpose, world, ids)?;
        let mut refund = 0;
        if charge.bill.total < 0 && surplus == Surplus::Refund {
            refund = money::add(0, -charge.bill.total)?;
            charge.balance = 0;
        }
        let decision = if charge.due == 0 {
            self.paid(world.now, world.settings)?
        } else {
            self.charging = true;
            Decision::quiet(self)
        };
        Ok(Decision {
            charge: Some(charge),
            refund,
            ..decision
        })
    }

    /// The rhythm after a switch to another length of periods, with the period
    /// that begins now.
    fn switched(&self, interval: Interval, world: &World<'_>) -> Result<(Cadence, Cycle), Problem> {
        let (cadence, cycle) = if world.settings.interval_switch == IntervalSwitch::KeepAnchor {
            Cadence::starting(self.cadence.anchor, interval, self.cadence.billing_day).rest_at(self.zone, world.now)?
        } else {
            let cadence = Cadence::starting(world.now, interval, self.cadence.billing_day);
            let cycle = cadence.cycle(self.zone, 0)?;
            (Cadence { next: 1, ..cadence }, cycle)
        };
        Ok((cadence, self.cut(cycle).unwrap_or(cycle)))
    }

    /// What was paid for an item and is not used from an instant on, as a
    /// credit.
    pub(super) fn unused(&self, item: &Item, at: Instant, world: &World<'_>) -> Result<Vec<Draft>, Problem> {
        let Some(paid) = item.paid.filter(|paid| paid.span.end() > at && paid.amount > 0) else {
            return Ok(Vec::new());
        };
        let priced = priced(world, item)?;
        let left = remaining(paid.span, at, self.zone, world.settings.proration);
        let span = Period::new(at.max(paid.span.start()), paid.span.end())?;
        let rest = Rest {
            span,
            part: left.part(),
            whole: left.whole(),
            basis: world.settings.proration,
        };
        let lines = proration::change(&[side(&priced, item, paid.amount)?], &[], &rest)?;
        Ok(lines.into_iter().map(|line| Draft::of(line, priced.product)).collect())
    }

    /// What the rest of the running period costs with an item as it becomes: a
    /// new one with its own fees, a changed one at its new price.
    fn rest_of(&self, item: &Item, running: Cycle, before: &Self, world: &World<'_>) -> Result<Vec<Draft>, Problem> {
        let priced = priced(world, item)?;
        if !pays_in_advance(&priced) || item.parent.is_some() {
            return Ok(Vec::new());
        }
        let rest = running.from(world.now);
        if before.item(&item.id).is_none() {
            let paid = rest.paid(self.zone, world.settings.proration, true)?;
            return self.advance(item, paid, world);
        }
        let whole = PaidPeriod {
            period: Some(running.whole),
            share: None,
            basis: world.settings.proration,
            is_first: false,
        };
        let lines = self.advance(item, whole, world)?;
        let counts = |draft: &&Draft| {
            matches!(
                draft.line.kind,
                LineType::Price | LineType::Usage | LineType::Adjustment
            )
        };
        let amount = money::sum(lines.iter().filter(counts).map(|draft| draft.line.amount))?;
        let left = remaining(running.whole, world.now, self.zone, world.settings.proration);
        let rest = Rest {
            span: rest.period,
            part: left.part(),
            whole: left.whole(),
            basis: world.settings.proration,
        };
        let lines = proration::change(&[], &[side(&priced, item, amount)?], &rest)?;
        Ok(lines.into_iter().map(|line| Draft::of(line, priced.product)).collect())
    }

    /// What an item that changes owes at the period's end for the time before:
    /// written down now, for the end knows only what it became.
    fn accrue(&self, item: &Item, running: Cycle, after: &Self, world: &World<'_>) -> Result<Vec<Accrued>, Problem> {
        let old = priced(world, item)?;
        let new = after.item(&item.id);
        // Seats are counted over time: another number of them is one more step.
        let same_seats = old.terms.kind == PriceType::Seat && new.is_some_and(|new| new.price == item.price);
        if !pays_in_arrears(&old) || same_seats || world.now <= running.period.start() {
            return Ok(Vec::new());
        }
        let drafts = self.arrears(item, running.until(world.now), world)?;
        let owed = drafts.into_iter().filter(|draft| draft.line.kind != LineType::SetupFee);
        Ok(owed.map(|Draft { line, product }| Accrued { line, product }).collect())
    }

    /// Makes edits, with the items that [`Subscription::made_by`] prepared.
    pub(super) fn make(&mut self, edits: &[Edit], made: Vec<Item>) {
        for edit in edits {
            if let Some(id) = edit.item() {
                self.items.retain(|item| item.parent.as_ref() != Some(id));
            }
            if let Edit::Remove(id) = edit {
                self.items.retain(|item| item.id != *id);
            }
        }
        for item in made {
            match self.items.iter_mut().find(|known| known.id == item.id) {
                Some(known) => *known = item,
                None => self.items.push(item),
            }
        }
    }

    /// Makes edits of something for which nothing is to be settled.
    pub(super) fn apply(&mut self, edits: &[Edit], world: &World<'_>, ids: NewId<'_>) -> Result<(), Problem> {
        let made = self.made_by(edits, world.now, false, world, ids)?;
        self.make(edits, made);
        for item in &mut self.items {
            item.since = None;
        }
        Ok(())
    }

    /// The items that edits make, the children of bundles with them.
    ///
    /// `begins` says whether what is added begins in the running period.
    fn made_by(
        &self,
        edits: &[Edit],
        now: Instant,
        begins: bool,
        world: &World<'_>,
        ids: NewId<'_>,
    ) -> Result<Vec<Item>, Problem> {
        let mut made = Vec::new();
        for edit in edits {
            let (before, by) = match edit {
                Edit::Remove(_) => continue,
                Edit::Add(by) => (None, by),
                Edit::Replace { item, by } => (self.item(item), by),
            };
            let priced = by_id(world, &by.price)?;
            let same_price = before.is_some_and(|before| before.price == by.price);
            let id = match before {
                Some(before) => before.id.clone(),
                None => SubscriptionItemId::from_bits(ids()),
            };
            let item = Item {
                id: id.clone(),
                price: by.price.clone(),
                product: priced.product.clone(),
                quantity: by.quantity,
                options: by.options.clone(),
                option_amount: by.option_amount,
                parent: None,
                first_purchase: match before {
                    Some(before) => before.first_purchase && same_price,
                    None => by.first_purchase,
                },
                begun: before.map_or(u32::from(begins), |before| before.begun),
                since: (self.periods > 0).then_some(now),
                paid: None,
            };
            let children = priced.terms.bundle.iter().flat_map(|bundle| &bundle.price_ids);
            let mut of_bundle = Vec::new();
            for child in children {
                let known = self
                    .items
                    .iter()
                    .find(|old| old.parent.as_ref() == Some(&id) && old.price == *child);
                of_bundle.push(Item {
                    id: known.map_or_else(|| SubscriptionItemId::from_bits(ids()), |known| known.id.clone()),
                    price: child.clone(),
                    product: by_id(world, child)?.product.clone(),
                    options: Vec::new(),
                    option_amount: 0,
                    parent: Some(id.clone()),
                    first_purchase: false,
                    ..item.clone()
                });
            }
            made.push(item);
            made.append(&mut of_bundle);
        }
        Ok(made)
    }

    /// What a period costs before and after, at list prices.
    fn weigh(&self, edits: &[Edit], world: &World<'_>) -> Result<Weight, Problem> {
        let mut interval = None;
        let mut only_quantities = true;
        for edit in edits {
            let (Edit::Replace { by, .. } | Edit::Add(by)) = edit else {
                continue;
            };
            let terms = by_id(world, &by.price)?.terms;
            let before = edit.item().and_then(|id| self.item(id));
            only_quantities &= before.is_some_and(|before| before.price == by.price && before.options == by.options);
            if terms.recurring != Some(self.cadence.interval) {
                interval = terms.recurring;
            }
        }
        let mut after = self.clone();
        let mut count = 0_u128;
        let mut ids = || {
            count += 1;
            count
        };
        let made = self.made_by(edits, world.now, false, world, &mut ids)?;
        after.make(edits, made);
        Ok(Weight {
            before: self.list_amount(world)?,
            after: after.list_amount(world)?,
            only_quantities,
            interval,
        })
    }

    /// What a whole period costs at list prices: in advance, and the base in arrears.
    fn list_amount(&self, world: &World<'_>) -> Result<i64, Problem> {
        let whole = PaidPeriod {
            period: None,
            share: None,
            basis: world.settings.proration,
            is_first: false,
        };
        let mut sum = 0;
        for item in self.top_items() {
            let priceable = self.priceable(item, world, &|_| None)?;
            let advance = charge::advance(&priceable, whole)?;
            let arrears = charge::arrears(&priceable, whole)?;
            sum = money::add(
                sum,
                money::sum(advance.iter().chain(&arrears).map(|draft| draft.line.amount))?,
            )?;
        }
        Ok(sum)
    }

    fn check_edits(&self, edits: &[Edit], world: &World<'_>) -> Result<(), Refusal> {
        let mut left: Vec<&SubscriptionItemId> = self.top_items().map(|item| &item.id).collect();
        let mut added = 0;
        let top = left.len();
        for edit in edits {
            if let Some(id) = edit.item() {
                let item = self.item(id).ok_or_else(|| {
                    Problem::at(
                        "itemId",
                        "names no item of this subscription: subscriptions.get() shows its items",
                    )
                })?;
                if item.parent.is_some() {
                    return Err(Problem::at("itemId", "belongs to a bundle: change the bundle's own item").into());
                }
                if matches!(edit, Edit::Remove(_)) {
                    left.retain(|known| *known != id);
                }
            }
            let (Edit::Replace { by, .. } | Edit::Add(by)) = edit else {
                continue;
            };
            added += usize::from(matches!(edit, Edit::Add(_)));
            self.check_fits(by, world, top == 1 && matches!(edit, Edit::Replace { .. }))?;
        }
        if left.is_empty() && added == 0 {
            return Err(Problem::at("itemId", "is the last item: cancel the subscription instead").into());
        }
        Ok(())
    }

    /// Whether a price fits the others: one currency, one rhythm, one claim.
    fn check_fits(&self, by: &NewItem, world: &World<'_>, alone: bool) -> Result<(), Problem> {
        let terms = by_id(world, &by.price)?.terms;
        let at = |message: &str| Err(Problem::at("priceId", message));
        if by.quantity < 1 {
            return Err(Problem::at("quantity", "must be at least 1: remove the item instead"));
        }
        if terms.maximum_quantity.is_some_and(|most| by.quantity > most) {
            return Err(Problem::at("quantity", "is more than the price's maximumQuantity"));
        }
        if terms.currency != self.currency {
            return Err(Problem::at(
                "priceId",
                money::mixed(self.currency, terms.currency).message,
            ));
        }
        let Some(interval) = terms.recurring else {
            return at("is paid once: sell it with commerce.checkout()");
        };
        if interval != self.cadence.interval && !alone {
            return at(
                "has periods of another length than the other items: start a subscription of its own with commerce.checkout()",
            );
        }
        if (terms.claim == Claim::Arrears) != self.arrears {
            return at("is paid at the other end of the period than the other items: start a subscription of its own");
        }
        Ok(())
    }

    /// Refuses what has ended.
    pub(super) fn refuse_ended(&self) -> Result<(), Refusal> {
        if self.phase.is_final() {
            Err(Refusal::Ended)
        } else {
            Ok(())
        }
    }

    /// Refuses what has ended, or waits for a payment that is under way.
    pub(super) fn refuse_busy(&self) -> Result<(), Refusal> {
        self.refuse_ended()?;
        if self.charging { Err(Refusal::Charging) } else { Ok(()) }
    }
}

impl Edit {
    /// The item that it changes.
    pub fn item(&self) -> Option<&SubscriptionItemId> {
        match self {
            Self::Replace { item, .. } | Self::Remove(item) => Some(item),
            Self::Add(_) => None,
        }
    }

    /// The price that it brings.
    pub fn price(&self) -> Option<&PriceId> {
        match self {
            Self::Replace { by, .. } | Self::Add(by) => Some(&by.price),
            Self::Remove(_) => None,
        }
    }
}

fn by_id<'a>(world: &'a World<'_>, price: &PriceId) -> Result<Priced<'a>, Problem> {
    world.prices.priced(price).ok_or_else(|| {
        Problem::at(
            "priceId",
            "names no price of this store: prices.list() shows what there is",
        )
    })
}

fn side<'a>(priced: &Priced<'a>, item: &'a Item, amount: i64) -> Result<Side<'a>, Problem> {
    Ok(Side {
        name: priced.name,
        price: priced.price,
        item: Some(&item.id),
        quantity: Quantity::whole(item.quantity)?,
        amount,
    })
}
