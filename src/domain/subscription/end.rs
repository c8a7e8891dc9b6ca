//! Ends: cancellations, and what is settled with them.

use super::{
    command::At,
    state::{Cancellation, Phase, Purpose, Subscription},
    world::{Decision, NewId, News, Refusal, World},
};
use crate::domain::{
    Problem,
    calendar::{Basis, Interval, Unit, add},
    instant::Instant,
    money,
    settings::{CancelDefault, GiveBack, PausePolicy, TerminationDay},
};

impl Subscription {
    /// Cancels it (glossary, transitions 17, 18, 24 and 28); without `when` as
    /// the setting `cancelDefault` says. A pause that was set for later is
    /// forgotten: only one of the two can be set.
    ///
    /// # Errors
    ///
    /// A refusal when it has ended, the date is not to come, or a payment of
    /// anything but a period is under way.
    pub fn cancel(
        mut self,
        when: Option<At>,
        credit: Option<GiveBack>,
        world: &World<'_>,
        ids: NewId<'_>,
    ) -> Result<Decision, Refusal> {
        self.refuse_ended()?;
        let credit = credit.unwrap_or(world.settings.cancel_credit);
        let when = when.unwrap_or(match world.settings.cancel_default {
            CancelDefault::Now => At::Now,
            CancelDefault::PeriodEnd => At::PeriodEnd,
        });
        let at = match when {
            At::Now => None,
            At::Date(at) if at <= world.now => {
                return Err(Problem::at("when", "must lie in the future, or be 'now'").into());
            }
            At::Date(at) => Some(at),
            At::PeriodEnd => self.paid_until().filter(|end| *end > world.now),
        };
        match at.filter(|_| self.phase != Phase::Incomplete) {
            Some(at) => {
                let period = |open: &super::state::Open| matches!(open.purpose, Purpose::Begin(_) | Purpose::Renew(_));
                if self.charging && !self.open.as_ref().is_some_and(period) {
                    return Err(Refusal::Charging);
                }
                self.cancel = Some(Cancellation { at, credit });
                self.pause_later = None;
                Ok(Decision::of(self, News::Updated))
            }
            None => {
                self.refuse_busy()?;
                self.end(world.now, Phase::Canceled, credit, world, ids)
            }
        }
    }

    /// Ends it as soon as the payment that is being made is settled, whatever
    /// that is for; nothing is given back.
    ///
    /// # Errors
    ///
    /// A refusal when it has ended.
    pub fn cancel_once_settled(mut self, at: Instant) -> Result<Decision, Refusal> {
        self.refuse_ended()?;
        self.cancel = Some(Cancellation {
            at,
            credit: GiveBack::None,
        });
        self.pause_later = None;
        Ok(Decision::of(self, News::Updated))
    }

    /// Until when it is paid, or would be once its open order is.
    pub(super) fn paid_until(&self) -> Option<Instant> {
        let open = self.open.as_ref().and_then(|open| match &open.purpose {
            Purpose::Begin(cycle) | Purpose::Renew(cycle) => Some(cycle.period.end()),
            _ => None,
        });
        open.or(self.cycle.map(|cycle| cycle.period.end()))
    }

    /// Undoes a cancellation that was set for later (transition 20).
    ///
    /// # Errors
    ///
    /// A refusal when none was.
    pub fn uncancel(mut self) -> Result<Decision, Refusal> {
        self.refuse_ended()?;
        if self.cancel.take().is_none() {
            return Err(Refusal::State("it is not going to be cancelled"));
        }
        Ok(Decision::of(self, News::Updated))
    }

    /// Ends it for good: what was paid and is not used goes where `credit`
    /// says, and what is paid in arrears is billed a last time.
    pub(super) fn end(
        mut self,
        at: Instant,
        phase: Phase,
        credit: GiveBack,
        world: &World<'_>,
        ids: NewId<'_>,
    ) -> Result<Decision, Refusal> {
        let was = self.phase;
        let (close, mut drafts) = self.give_up_order();
        // An order that stays is tried again as before; one that nobody tried
        // any more, or whose card is of no use, waits for somebody to pay it.
        let tried = match was {
            Phase::Active | Phase::Paused => true,
            _ => self.recovery.is_some_and(|recovery| !recovery.hard),
        };
        if self.open.is_none() && drafts.is_empty() {
            self.recovery = None;
        }
        if matches!(was, Phase::Active | Phase::Paused) {
            drafts.append(&mut self.owed(self.unbilled(self.used_until(at, world)?), world)?);
            if credit != GiveBack::None {
                let from = self.unused_from(at, world)?;
                for item in &self.items {
                    drafts.append(&mut self.unused(item, from, world)?);
                }
            }
        }
        self.accrued.clear();
        self.finish(at, phase);
        let mut charge = self.last_order(drafts, tried, world, ids)?;
        let mut refund = 0;
        if let Some(charge) = &mut charge
            && charge.bill.total < 0
            && credit == GiveBack::Refund
        {
            refund = money::add(0, -charge.bill.total)?;
            charge.balance = 0;
        }
        let news = match phase {
            Phase::Expired => News::Expired,
            _ => News::Canceled,
        };
        Ok(Decision {
            charge,
            close,
            refund,
            ..Decision::of(self, news)
        })
    }

    /// Until when it was used when it ends at an instant: what is paid in
    /// arrears is owed up to there.
    fn used_until(&self, at: Instant, world: &World<'_>) -> Result<Instant, Problem> {
        match self.pause {
            Some(pause) if pause.days != PausePolicy::None => Ok(pause.since.min(at)),
            _ => self.after_termination(at, world),
        }
    }

    /// From when on what was paid is not used when it ends at an instant. A
    /// pause that makes the period longer has used nothing.
    fn unused_from(&self, at: Instant, world: &World<'_>) -> Result<Instant, Problem> {
        match self.pause {
            Some(pause) if pause.days == PausePolicy::Extend => Ok(pause.since.min(at)),
            _ => self.after_termination(at, world),
        }
    }

    /// The day of a termination is still used, or not (setting `terminationDay`).
    fn after_termination(&self, at: Instant, world: &World<'_>) -> Result<Instant, Problem> {
        match (world.settings.termination_day, world.settings.proration) {
            (TerminationDay::Used, Basis::Day) => add(at, Interval::new(Unit::Day, 1)?, self.zone),
            _ => Ok(at),
        }
    }

    /// Ends it for good; nothing that was set for later happens.
    pub(super) fn finish(&mut self, at: Instant, phase: Phase) {
        self.phase = phase;
        self.ended_at = Some(at);
        self.cancel = None;
        self.pause_later = None;
        self.pending = None;
        self.pause = None;
        self.charging = false;
    }
}
