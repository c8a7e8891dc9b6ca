//! One period ends, and the next begins.

use super::{
    state::{Ahead, Cadence, Cycle, Phase, Purpose, Subscription},
    world::{Decision, NewId, News, Refusal, World},
};
use crate::domain::{Problem, instant::Instant, order::OrderType, settings::GiveBack};

impl Subscription {
    /// A period, or the trial, is over: it ends by itself, or the next begins.
    pub(super) fn period_ends(mut self, at: Instant, world: &World<'_>, ids: NewId<'_>) -> Result<Decision, Refusal> {
        if self.phase == Phase::Trialing {
            self.trial_noticed = true;
        }
        let ending = self.unbilled(at);
        let expires = self.expires_at.is_some_and(|end| end <= at);
        let beginning = if expires { None } else { self.next_after_pending(at)? };
        let Some(beginning) = beginning else {
            return self.end(at, Phase::Expired, GiveBack::None, world, ids);
        };
        self.begin_period(ending, beginning, world, ids)
    }

    /// Takes the rhythm of the change that waited for this boundary; the period
    /// that begins then.
    pub(super) fn next_after_pending(&mut self, at: Instant) -> Result<Option<Cycle>, Problem> {
        self.take_rhythm(at, at);
        self.next_cycle()
    }

    /// Takes the rhythm of a change that has waited long enough at an instant;
    /// its periods count from `anchor`.
    pub(super) fn take_rhythm(&mut self, at: Instant, anchor: Instant) {
        let pending = self.pending.as_ref().filter(|pending| pending.at <= at);
        if let Some(interval) = pending.and_then(|pending| pending.interval) {
            self.cadence = Cadence::starting(anchor, interval, self.cadence.billing_day);
        }
    }

    /// Opens the order of the next period and charges it; without anything to
    /// pay, the period begins at once.
    pub(super) fn begin_period(
        mut self,
        ending: Option<Cycle>,
        beginning: Cycle,
        world: &World<'_>,
        ids: NewId<'_>,
    ) -> Result<Decision, Refusal> {
        let at = beginning.period.start();
        let owed = self.owed(ending, world)?;
        let pending = self.pending.take_if(|pending| pending.at <= at);
        let changed = pending.is_some();
        if let Some(pending) = pending {
            self.apply(&pending.edits, world, ids)?;
        }
        self.accrued.clear();
        self.metered_from = at;
        let begins = self.beginning(beginning, world)?;
        let mut decision = if owed.is_empty() && begins.is_empty() {
            self.begin(beginning, &[], world.now, world.settings)?;
            Decision::of(self, News::Renewed)
        } else {
            let first = self.periods == 0;
            let purpose = match first {
                true => Purpose::Begin(beginning),
                false => Purpose::Renew(beginning),
            };
            let billed = self.bill_boundary(at, owed, begins, world)?;
            let charge = self.open_order(OrderType::Renewal, billed, purpose, world, ids)?;
            let decision = if charge.due == 0 {
                self.paid(world.now, world.settings)?
            } else if self.method.is_some() {
                self.charging = true;
                Decision::quiet(self)
            } else {
                self.without_method(at, first, world)?
            };
            // An order that would be closed at once is not made.
            let charge = decision.close.is_none().then_some(charge);
            Decision {
                charge,
                close: None,
                ..decision
            }
        };
        if changed {
            decision.news.insert(0, News::Updated);
        }
        Ok(decision)
    }

    /// Charges the next period now. What is paid in advance goes on to the end
    /// of the running period, and then to that of the one that is paid now;
    /// what is paid in arrears is billed up to now, and a period begins now.
    ///
    /// # Errors
    ///
    /// A refusal when it is not active, has nothing to charge, is paid ahead
    /// already, waits for a change, or ends with the running period.
    pub fn renew_now(mut self, world: &World<'_>, ids: NewId<'_>) -> Result<Decision, Refusal> {
        self.refuse_busy()?;
        let (Phase::Active, Some(cycle)) = (self.phase, self.cycle) else {
            return Err(Refusal::State(
                "only what is active can be renewed: pay its open order, or resume it",
            ));
        };
        if self.cancel.is_some_and(|cancel| cancel.at <= cycle.period.end()) {
            return Err(Refusal::State(
                "it is going to be cancelled with this period: undo that first",
            ));
        }
        if self.pending.is_some() {
            return Err(Refusal::State(
                "a change waits for the end of its period: make that at once, or cancel it first",
            ));
        }
        if cycle.period.start() > world.now {
            return Err(Refusal::State("its next period is paid already"));
        }
        let cadence = match self.arrears {
            true => Cadence::starting(world.now, self.cadence.interval, self.cadence.billing_day),
            false => self.cadence,
        };
        let next = Self {
            cadence,
            ..self.clone()
        }
        .next_cycle()?;
        let Some(cycle) = next else {
            return Err(Refusal::State("it ends by itself with this period"));
        };
        let owed = self.owed(self.unbilled(world.now), world)?;
        let begins = self.beginning(cycle, world)?;
        let ahead = Ahead {
            at: world.now,
            cycle,
            cadence,
        };
        if owed.is_empty() && begins.is_empty() {
            self.begin_ahead(&ahead, &[])?;
            return Ok(Decision::of(self, News::Renewed));
        }
        let billed = self.bill_boundary(world.now, owed, begins, world)?;
        let charge = self.open_order(OrderType::Renewal, billed, Purpose::Ahead(Box::new(ahead)), world, ids)?;
        let decision = self.charged(charge.due, world)?;
        Ok(Decision {
            charge: Some(charge),
            ..decision
        })
    }

    /// Charges the order that was opened for something that is done once it is
    /// paid; it is done at once where nothing is due.
    pub(super) fn charged(mut self, due: i64, world: &World<'_>) -> Result<Decision, Refusal> {
        if due == 0 {
            return Ok(self.paid(world.now, world.settings)?);
        }
        if self.method.is_none() {
            return Err(Refusal::State(
                "it has no payment method to charge: give it one with subscriptions.updatePaymentMethod()",
            ));
        }
        self.charging = true;
        Ok(Decision::quiet(self))
    }
}
