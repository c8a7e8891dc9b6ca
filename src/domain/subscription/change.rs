//! Changes of what is subscribed to: another plan, another quantity, one item
//! more or less; at once, with what it costs for the rest of the period, or
//! with the next one (settings `proration`, `upgrade`, `downgrade`,
//! `intervalSwitch`, `downgradeCredit`, `decreaseCredit`).

use super::{
    due::priced,
    edits::Weight,
    state::{Accrued, Cadence, Cycle, Edit, Item, Making, PendingChange, Phase, Purpose, Subscription},
    world::{Decision, NewId, News, Priced, Refusal, World},
};
use crate::domain::{
    Problem,
    calendar::{Interval, Period, remaining},
    decimal::Quantity,
    id::SubscriptionItemId,
    instant::Instant,
    line::LineType,
    money,
    order::OrderType,
    pricing::{
        bill::Draft,
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

impl Subscription {
    /// Decides about a change.
    ///
    /// # Errors
    ///
    /// A refusal: ended, a payment under way, a phase in which nothing can be
    /// changed at once, an item or a price that does not fit.
    pub fn change(self, change: &Change, world: &World<'_>, ids: NewId<'_>) -> Result<Decision, Refusal> {
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
            return self.change_later(&change.edits, world);
        }
        if !matches!(self.phase, Phase::Active | Phase::Trialing) {
            return Err(Refusal::State(
                "only what is active or in its trial changes at once: settle its payment or resume it first, or change it at the period's end",
            ));
        }
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

    fn change_later(mut self, edits: &[Edit], world: &World<'_>) -> Result<Decision, Refusal> {
        let (Some(_), Some(at)) = (self.cycle, self.paid_until()) else {
            return Err(Refusal::State("its first period has not begun: complete it first"));
        };
        let edits = self.with_pending(edits);
        self.check_edits(&edits, world)?;
        let interval = self.weigh(&edits, world)?.interval;
        self.pending = (!edits.is_empty()).then_some(PendingChange { at, edits, interval });
        Ok(Decision::of(self, News::Updated))
    }

    fn change_now(
        self,
        change: &Change,
        weight: &Weight,
        world: &World<'_>,
        ids: NewId<'_>,
    ) -> Result<Decision, Refusal> {
        let pending = match weight.interval {
            Some(_) => None,
            None => self.pending_after(&change.edits),
        };
        if let Some(pending) = &pending {
            self.check_edits(&pending.edits, world)?;
        }
        let running: Vec<Cycle> = match self.phase {
            Phase::Active => self.running(world.now).collect(),
            _ => Vec::new(),
        };
        if running.is_empty() {
            return self.change_unpaid(change, weight.interval, pending, world, ids);
        }
        let restart = match weight.interval {
            Some(interval) => Some(self.switched(interval, world)?),
            None => None,
        };
        let mut making = Making {
            edits: change.edits.clone(),
            made: self.made_by(&change.edits, world.now, restart.is_none(), world, ids)?,
            accrued: Vec::new(),
            pending,
            restart,
        };
        let bills = self.settle_change(&mut making, change, &running, world)?;
        self.collect(bills, making, change, weight, world, ids)
    }

    /// Nothing is paid in a trial, so nothing is settled.
    fn change_unpaid(
        mut self,
        change: &Change,
        interval: Option<Interval>,
        pending: Option<PendingChange>,
        world: &World<'_>,
        ids: NewId<'_>,
    ) -> Result<Decision, Refusal> {
        let made = self.made_by(&change.edits, world.now, false, world, ids)?;
        self.make(&change.edits, made);
        self.pending = pending;
        if let (Some(interval), Some(cycle)) = (interval, self.cycle) {
            self.cadence = Cadence::starting(cycle.period.end(), interval, self.cadence.billing_day);
        }
        Ok(Decision::of(self, News::Updated))
    }

    /// What a change costs and gives back at once: what is owed for time that
    /// is over, and the rest. What falls due later is written down.
    fn settle_change(
        &self,
        making: &mut Making,
        change: &Change,
        running: &[Cycle],
        world: &World<'_>,
    ) -> Result<(Vec<Draft>, Vec<Draft>), Problem> {
        let mut after = self.clone();
        after.make(&making.edits, making.made.clone());
        let is_edited = |id: &SubscriptionItemId| making.edits.iter().any(|edit| edit.item() == Some(id));
        let touched = |item: &&Item| making.restart.is_some() || is_edited(item.parent.as_ref().unwrap_or(&item.id));
        let mut drafts = Vec::new();
        if making.restart.is_none() || change.give_back != Some(GiveBack::None) {
            for item in self.items.iter().filter(touched) {
                drafts.append(&mut self.unused(item, world.now, world)?);
            }
        }
        if let Some((_, cycle)) = making.restart {
            drafts.append(&mut after.beginning(cycle, world)?);
            return Ok((self.owed(self.unbilled(world.now), world)?, drafts));
        }
        for item in making.made.iter().filter(|item| item.parent.is_none()) {
            let is_new = self.item(&item.id).is_none();
            for (index, cycle) in running.iter().enumerate() {
                drafts.append(&mut after.rest_of(item, *cycle, is_new, index == 0, world)?);
            }
        }
        for item in self.top_items().filter(touched) {
            making.accrued.append(&mut self.accrue(item, &after, world)?);
        }
        for item in &mut making.made {
            let has_fee = |accrued: &Accrued| {
                accrued.line.kind == LineType::SetupFee && accrued.line.item.as_ref() == Some(&item.id)
            };
            if making.accrued.iter().any(has_fee) {
                // The fee of its first period is written down.
                item.begun = item.begun.max(2);
            }
        }
        Ok((Vec::new(), drafts))
    }

    /// Makes a change once what it costs is there; at once where that is
    /// nothing.
    fn collect(
        mut self,
        (owed, drafts): (Vec<Draft>, Vec<Draft>),
        making: Making,
        change: &Change,
        weight: &Weight,
        world: &World<'_>,
        ids: NewId<'_>,
    ) -> Result<Decision, Refusal> {
        if owed.is_empty() && drafts.is_empty() {
            self.carry_out(making);
            return Ok(Decision::of(self, News::Updated));
        }
        let policy = change.give_back.unwrap_or(match weight.only_quantities {
            _ if making.restart.is_some() => GiveBack::Credit,
            true => world.settings.decrease_credit,
            false => world.settings.downgrade_credit,
        });
        let billed = self.bill_boundary(world.now, owed, drafts, world)?;
        let total = billed.bill.total;
        let adds = making.edits.iter().any(|edit| matches!(edit, Edit::Add(_)));
        let cheaper = weight.after < weight.before && !adds;
        let settled = match policy {
            _ if making.restart.is_some() => false,
            GiveBack::None => cheaper || total < 0,
            // What is cheaper never costs anything at once.
            GiveBack::Credit | GiveBack::Refund => cheaper && total > 0,
        };
        if settled {
            return Ok(self.change_settled(making));
        }
        let mut charge = self.open_order(
            OrderType::Renewal,
            billed,
            Purpose::Change(Box::new(making)),
            world,
            ids,
        )?;
        let mut refund = 0;
        if total < 0 && policy == GiveBack::Refund {
            refund = money::add(0, -total)?;
            charge.balance = 0;
        }
        let decision = self.charged(charge.due, world)?;
        Ok(Decision {
            charge: Some(charge),
            refund,
            ..decision
        })
    }

    /// Nothing back, and nothing to pay: what is cheaper is so from the next
    /// payment on, and what was paid stays paid.
    fn change_settled(mut self, making: Making) -> Decision {
        let kept: Vec<_> = self
            .items
            .iter()
            .map(|item| (item.id.clone(), item.paid.clone()))
            .collect();
        self.carry_out(making);
        for item in &mut self.items {
            if let Some((_, paid)) = kept.iter().find(|(id, _)| *id == item.id) {
                item.paid.clone_from(paid);
            }
        }
        Decision::of(self, News::Updated)
    }

    /// The rhythm after a switch to another length of periods, with the period
    /// that begins now.
    fn switched(&self, interval: Interval, world: &World<'_>) -> Result<(Cadence, Cycle), Problem> {
        let now = world.now;
        let from = |anchor: Instant| Cadence::starting(anchor, interval, self.cadence.billing_day);
        let running = self.cycle.map(|cycle| cycle.period.start());
        let anchor = [Some(self.cadence.anchor), running, Some(now)];
        let anchor = anchor.into_iter().flatten().find(|anchor| *anchor <= now);
        let (cadence, cycle) = match anchor {
            Some(anchor) if world.settings.interval_switch == IntervalSwitch::KeepAnchor => {
                let cadence = from(anchor);
                (cadence, cadence.holding(self.zone, now)?.from(now))
            }
            _ => {
                let cadence = from(now);
                (cadence, cadence.cycle(self.zone, 0)?)
            }
        };
        let cadence = cadence.after(self.zone, cycle.period.end())?;
        Ok((cadence, self.cut(cycle).unwrap_or(cycle)))
    }

    /// What was paid for an item and is not used from an instant on, as a
    /// credit.
    pub(super) fn unused(&self, item: &Item, at: Instant, world: &World<'_>) -> Result<Vec<Draft>, Problem> {
        let priced = priced(world, item)?;
        let mut drafts = Vec::new();
        for paid in item.paid.iter().filter(|paid| paid.span.end() > at && paid.amount > 0) {
            let left = remaining(paid.span, at, self.zone, world.settings.proration);
            let rest = Rest {
                span: Period::new(at.max(paid.span.start()), paid.span.end())?,
                part: left.part(),
                whole: left.whole(),
                basis: world.settings.proration,
            };
            let lines = proration::change(&[side(&priced, item, paid.amount)?], &[], &rest)?;
            drafts.extend(lines.into_iter().map(|line| Draft::of(line, priced.product)));
        }
        Ok(drafts)
    }

    /// What the rest of a running period costs with an item as it becomes: a
    /// new one with its own fees, a changed one at its new price.
    fn rest_of(
        &self,
        item: &Item,
        cycle: Cycle,
        is_new: bool,
        is_first: bool,
        world: &World<'_>,
    ) -> Result<Vec<Draft>, Problem> {
        let rest = cycle.from(world.now);
        let basis = world.settings.proration;
        let paid = rest.paid(self.zone, basis, is_new && is_first)?;
        if is_new {
            return self.advance(item, paid, world);
        }
        let whole = PaidPeriod {
            period: Some(cycle.whole),
            share: None,
            basis,
            is_first: false,
        };
        let lines = self.advance(item, whole, world)?;
        let counts = |draft: &&Draft| {
            matches!(
                draft.line.kind,
                LineType::Price | LineType::Usage | LineType::Adjustment
            )
        };
        if !lines.iter().any(|draft| counts(&draft)) {
            return Ok(Vec::new());
        }
        let amount = money::sum(lines.iter().filter(counts).map(|draft| draft.line.amount))?;
        let left = match paid.share {
            Some(share) => share,
            None => remaining(cycle.whole, cycle.whole.start(), self.zone, basis),
        };
        let rest = Rest {
            span: rest.period,
            part: left.part(),
            whole: left.whole(),
            basis,
        };
        let priced = priced(world, item)?;
        let lines = proration::change(&[], &[side(&priced, item, amount)?], &rest)?;
        Ok(lines.into_iter().map(|line| Draft::of(line, priced.product)).collect())
    }

    /// What an item that changes owes at the period's end for the time before:
    /// written down now, for the end knows only what it became. What goes on
    /// being counted is not.
    fn accrue(&self, item: &Item, after: &Self, world: &World<'_>) -> Result<Vec<Accrued>, Problem> {
        let Some(ending) = self.unbilled(world.now) else {
            return Ok(Vec::new());
        };
        let removed = after.item(&item.id).is_none();
        let goes_on = |id: &SubscriptionItemId| match (self.item(id), after.item(id)) {
            (Some(before), Some(now)) => before.price == now.price && before.since == now.since,
            _ => false,
        };
        let counts = |draft: &Draft| {
            // A fee of every period is that of what the item becomes.
            let fee = draft.line.kind == LineType::SetupFee;
            let kept = !fee || removed || draft.line.period.is_none();
            kept && draft.line.amount != 0 && !draft.line.item.as_ref().is_some_and(goes_on)
        };
        let owed = self.arrears(item, ending, world)?;
        Ok(owed.iter().filter(|draft| counts(draft)).map(Accrued::from).collect())
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

fn side<'a>(priced: &Priced<'a>, item: &'a Item, amount: i64) -> Result<Side<'a>, Problem> {
    Ok(Side {
        name: priced.name,
        price: priced.price,
        item: Some(&item.id),
        quantity: Quantity::whole(item.quantity)?,
        amount,
    })
}
