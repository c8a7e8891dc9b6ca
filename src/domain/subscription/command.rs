//! What people ask of a subscription, but for changes of its items.

use super::{
    state::{Cadence, Cancellation, Cycle, Extension, Pause, PauseLater, Phase, Purpose, Subscription, Until},
    world::{Decision, NewId, News, Refusal, World},
};
use crate::domain::{
    Problem,
    calendar::{Basis, Fraction, Interval, Period, Unit, add, remaining},
    id::PaymentMethodId,
    instant::Instant,
    money,
    order::OrderType,
    pricing::{proration, rhythm::PaidPeriod},
    settings::{CancelDefault, GiveBack, PausePolicy, TerminationDay},
};

/// When something ends or stops.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum At {
    /// At once.
    Now,
    /// When the running period ends.
    PeriodEnd,
    /// At an instant to come.
    Date(Instant),
}

impl Subscription {
    /// Cancels it (glossary, transitions 17, 18, 24 and 28); without `when` as
    /// the setting `cancelDefault` says.
    ///
    /// # Errors
    ///
    /// A refusal when it has ended, or the date is not to come.
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
                self.cancel = Some(Cancellation { at, credit });
                Ok(Decision::of(self, News::Updated))
            }
            None => {
                self.refuse_busy()?;
                self.end(world.now, Phase::Canceled, credit, world, ids)
            }
        }
    }

    /// Until when it is paid, or would be once its open order is.
    fn paid_until(&self) -> Option<Instant> {
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
        let news = if phase == Phase::Expired {
            News::Expired
        } else {
            News::Canceled
        };
        let was = self.phase;
        // What was used before is owed all the same.
        let owed = self.arrears && self.recovery.is_some();
        let close = if owed {
            self.open.iter_mut().for_each(|open| open.purpose = Purpose::Last);
            None
        } else {
            self.recovery = None;
            self.open.take().map(|open| open.order)
        };
        let mut drafts = Vec::new();
        let running = self
            .cycle
            .filter(|_| !matches!(was, Phase::Trialing | Phase::Incomplete));
        if let Some(cycle) = running {
            let stopped = self.pause.map_or(at, |pause| pause.since.min(at));
            // A period whose renewal is open, or was paid, is settled already.
            if was == Phase::Active || was == Phase::Paused {
                drafts = self.due(Some(cycle.until(stopped)), None, world)?;
            }
            if credit != GiveBack::None && was == Phase::Active && !owed {
                let from = self.unused_from(at, world)?;
                for item in self.top_items() {
                    drafts.append(&mut self.unused(item, from, world)?);
                }
            }
        }
        self.accrued.clear();
        self.finish(at, phase);
        let mut decision = Decision {
            close,
            ..Decision::of(self, news)
        };
        if drafts.iter().all(|draft| draft.line.amount == 0) {
            return Ok(decision);
        }
        let mut after = decision.after;
        let billed = after.bill(world.now, drafts, world)?;
        let mut charge = after.open_order(OrderType::Renewal, billed, Purpose::Last, world, ids)?;
        if charge.bill.total < 0 && credit == GiveBack::Refund {
            decision.refund = money::add(0, -charge.bill.total)?;
            charge.balance = 0;
        }
        decision.after = if charge.due == 0 {
            after.paid(world.now, world.settings)?.after
        } else if after.method.is_some() {
            after.charging = true;
            after
        } else {
            after
        };
        decision.charge = Some(charge);
        Ok(decision)
    }

    /// From when on days are unused when it ends at an instant (setting
    /// `terminationDay`).
    fn unused_from(&self, at: Instant, world: &World<'_>) -> Result<Instant, Problem> {
        match (world.settings.termination_day, world.settings.proration) {
            (TerminationDay::Used, Basis::Day) => add(at, Interval::new(Unit::Day, 1)?, self.zone),
            _ => Ok(at),
        }
    }

    /// Pauses it, now or when the period ends (transitions 13, 14 and 25).
    ///
    /// # Errors
    ///
    /// A refusal when it is neither active nor in its trial, or `until` is not
    /// to come.
    pub fn pause(
        mut self,
        at: At,
        until: Option<Until>,
        world: &World<'_>,
        ids: NewId<'_>,
    ) -> Result<Decision, Refusal> {
        self.refuse_busy()?;
        if !matches!(self.phase, Phase::Active | Phase::Trialing) {
            return Err(Refusal::State("only what is active or in its trial can be paused"));
        }
        let at = match at {
            At::Now => world.now,
            At::PeriodEnd => self.paid_until().unwrap_or(world.now),
            At::Date(at) => at,
        };
        if at < world.now {
            return Err(Problem::at("when", "must not lie in the past").into());
        }
        if matches!(until, Some(Until::At(end)) if end <= at) {
            return Err(Problem::at("until", "must lie after the pause begins").into());
        }
        if at > world.now {
            self.pause_later = Some(PauseLater { at, until });
            return Ok(Decision::of(self, News::Updated));
        }
        self.pause_at(at, until, world, ids)
    }

    /// Begins a pause (transitions 13, 15 and 25).
    pub(super) fn pause_at(
        mut self,
        at: Instant,
        until: Option<Until>,
        world: &World<'_>,
        ids: NewId<'_>,
    ) -> Result<Decision, Refusal> {
        let days = world.settings.pause;
        let from_trial = self.phase == Phase::Trialing;
        let mut drafts = Vec::new();
        if days == PausePolicy::Credit && !from_trial {
            for item in self.top_items() {
                drafts.append(&mut self.unused(item, at, world)?);
            }
            for item in &mut self.items {
                item.paid = None;
            }
        }
        self.pause_later = None;
        self.pause = Some(Pause {
            since: at,
            until: self.until(at, until)?,
            days,
            from_trial,
        });
        self.phase = Phase::Paused;
        if drafts.is_empty() {
            return Ok(Decision::of(self, News::Paused));
        }
        let billed = self.bill(world.now, drafts, world)?;
        let charge = self.open_order(OrderType::Renewal, billed, Purpose::Last, world, ids)?;
        self.open = None;
        Ok(Decision {
            charge: Some(charge),
            ..Decision::of(self, News::Paused)
        })
    }

    /// Ends a pause, or undoes one that was set for later (transitions 16 and 26).
    ///
    /// # Errors
    ///
    /// A refusal when there is neither.
    pub fn resume(mut self, world: &World<'_>, ids: NewId<'_>) -> Result<Decision, Refusal> {
        self.refuse_busy()?;
        if self.phase == Phase::Paused {
            return self.resume_at(world.now, world, ids);
        }
        if self.pause_later.take().is_none() {
            return Err(Refusal::State("it is not paused, nor going to be"));
        }
        Ok(Decision::of(self, News::Updated))
    }

    /// Goes on from an instant; what the paused days become was decided when
    /// the pause began.
    pub(super) fn resume_at(mut self, at: Instant, world: &World<'_>, ids: NewId<'_>) -> Result<Decision, Refusal> {
        let (Some(pause), Some(cycle)) = (self.pause.take(), self.cycle) else {
            return Err(Refusal::State("it is not paused"));
        };
        self.phase = if pause.from_trial {
            Phase::Trialing
        } else {
            Phase::Active
        };
        let extend = pause.days == PausePolicy::Extend || pause.from_trial;
        let decision = if extend {
            self.extended(cycle, pause, at, world, ids)?
        } else if pause.days == PausePolicy::None && cycle.period.end() > at {
            Decision::quiet(self)
        } else {
            // The anchor stays: the rest of the period that holds this instant is paid.
            let (cadence, rest) = self.cadence.rest_at(self.zone, at.max(self.cadence.anchor))?;
            let ending = (cycle.period.end() > pause.since || self.arrears).then_some(cycle.until(pause.since));
            self.cadence = Cadence {
                next: cadence.next - 1,
                ..cadence
            };
            match self.cut(rest) {
                Some(rest) => self.begin_period(ending, rest, world, ids)?,
                None => return self.end(at, Phase::Expired, GiveBack::None, world, ids),
            }
        };
        let mut news = vec![News::Resumed];
        news.extend(decision.news);
        Ok(Decision { news, ..decision })
    }

    /// The period is longer by the pause, and so are all that follow it.
    fn extended(
        mut self,
        cycle: Cycle,
        pause: Pause,
        at: Instant,
        world: &World<'_>,
        ids: NewId<'_>,
    ) -> Result<Decision, Refusal> {
        let paused = at.micros().saturating_sub(pause.since.micros()).max(0);
        let shifted = |instant: Instant| Instant::in_range(instant.micros().saturating_add(paused));
        let left = cycle.period.end().micros().saturating_sub(pause.since.micros());
        if left <= 0 {
            // Nothing of it was left: the next begins now.
            self.cadence = Cadence::starting(at, self.cadence.interval, self.cadence.billing_day);
            let ending = (self.arrears && !pause.from_trial && cycle.period.end() == pause.since).then_some(cycle);
            return match self.next_cycle()? {
                Some(next) => self.begin_period(ending, next, world, ids),
                None => self.end(at, Phase::Expired, GiveBack::None, world, ids),
            };
        }
        let end = shifted(cycle.period.end())?;
        for item in &mut self.items {
            if let Some(paid) = &mut item.paid
                && let Some((_, rest)) = paid.span.split_at(pause.since)
            {
                let unused = remaining(paid.span, pause.since, self.zone, world.settings.proration);
                let part = proration::split(paid.amount, unused.part(), unused.whole())?;
                paid.amount = part.unused;
                paid.span = Period::new(at, shifted(rest.end())?)?;
            }
        }
        let period = Period::new(cycle.period.start(), end)?;
        let whole = Period::new(shifted(cycle.whole.start())?, shifted(cycle.whole.end())?)?;
        if pause.from_trial {
            self.trial = Some(period);
        }
        self.cycle = Some(Cycle { period, whole });
        self.cadence = Cadence::starting(end, self.cadence.interval, self.cadence.billing_day);
        self.pending.iter_mut().for_each(|pending| pending.at = end);
        Ok(Decision::quiet(self))
    }

    /// Moves the end of the running period; with `charge_gap` the days that it
    /// is longer by are paid now, otherwise nobody pays or gets anything.
    ///
    /// # Errors
    ///
    /// A refusal when it is neither active nor in its trial, or the date is
    /// not to come.
    pub fn change_payment_date(
        mut self,
        at: Instant,
        charge_gap: bool,
        world: &World<'_>,
        ids: NewId<'_>,
    ) -> Result<Decision, Refusal> {
        self.refuse_busy()?;
        let (Phase::Active | Phase::Trialing, Some(cycle)) = (self.phase, self.cycle) else {
            return Err(Refusal::State(
                "only what is active or in its trial has a payment date to move",
            ));
        };
        if at <= world.now || at <= cycle.period.start() {
            return Err(Problem::at("at", "must lie in the future").into());
        }
        let cadence = Cadence::starting(at, self.cadence.interval, None);
        let end = cycle.period.end();
        let moved = Cycle {
            period: Period::new(cycle.period.start(), at)?,
            whole: cycle.whole,
        };
        if self.phase == Phase::Trialing || !charge_gap || at <= end || self.arrears {
            self.move_end(moved, cadence);
            return Ok(Decision::of(self, News::Updated));
        }
        let gap = Period::new(end, at)?;
        let whole = Cadence::starting(end, self.cadence.interval, None)
            .cycle(self.zone, 0)?
            .period;
        let part = remaining(whole, at, self.zone, world.settings.proration);
        let share = Fraction::new(part.whole().saturating_sub(part.part()), part.whole())?;
        if gap.end() > whole.end() {
            return Err(Problem::at(
                "at",
                "must lie at most one period after the present payment date when the gap is charged",
            )
            .into());
        }
        let paid = PaidPeriod {
            period: Some(gap),
            share: (gap != whole).then_some(share),
            basis: world.settings.proration,
            is_first: false,
        };
        let mut drafts = Vec::new();
        for item in self.top_items() {
            drafts.append(&mut self.advance(item, paid, world)?);
        }
        let billed = self.bill(world.now, drafts, world)?;
        let purpose = Purpose::Extend(Box::new(Extension { cycle: moved, cadence }));
        let charge = self.open_order(OrderType::Renewal, billed, purpose, world, ids)?;
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

    /// Charges the next period now: its start and end move by one period.
    /// What is paid in arrears is billed up to now, and a period begins now.
    ///
    /// # Errors
    ///
    /// A refusal when it is not active, or ends with the running period.
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
        let ending = if self.arrears {
            self.cadence = Cadence::starting(world.now, self.cadence.interval, None);
            Some(cycle.until(world.now))
        } else {
            Some(cycle)
        };
        match self.next_cycle()? {
            Some(next) => self.begin_period(ending, next, world, ids),
            None => Err(Refusal::State("it ends by itself with this period")),
        }
    }

    /// Pays with another method from now on; with `retry` an open order is
    /// charged with it at once (transitions 10 and 12).
    ///
    /// # Errors
    ///
    /// A refusal when it has ended, or a payment is under way.
    pub fn set_method(mut self, method: PaymentMethodId, retry: bool) -> Result<Decision, Refusal> {
        self.refuse_busy()?;
        self.method = Some(method);
        let open = self.open.as_ref().map(|open| open.order.clone());
        let owing = matches!(self.phase, Phase::PastDue | Phase::Unpaid | Phase::Incomplete);
        let retry = open.filter(|_| retry && owing);
        self.charging = retry.is_some();
        Ok(Decision {
            retry,
            ..Decision::of(self, News::Updated)
        })
    }

    /// Somebody pays its open order: nothing else may be done meanwhile.
    ///
    /// # Errors
    ///
    /// A refusal when a payment is under way already.
    pub fn charge_open(mut self) -> Result<Self, Refusal> {
        if self.charging {
            return Err(Refusal::Charging);
        }
        self.charging = self.open.is_some();
        Ok(self)
    }
}
