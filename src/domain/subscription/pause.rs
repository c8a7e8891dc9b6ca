//! Pauses, and what becomes of the paused days (setting `pause`).

use chrono::TimeDelta;

use super::{
    command::At,
    state::{Accrued, Cadence, Cycle, Item, PaidPart, Pause, PauseLater, Phase, Purpose, Subscription, Until},
    world::{Decision, NewId, News, Refusal, World},
};
use crate::domain::{
    Problem,
    calendar::{Period, remaining},
    instant::Instant,
    line::LineType,
    order::OrderType,
    pricing::{bill::Draft, proration},
    settings::{GiveBack, PausePolicy},
};

impl Subscription {
    /// Pauses it, now or when the period ends (transitions 13, 14 and 25).
    ///
    /// # Errors
    ///
    /// A refusal when it is neither active nor in its trial, is going to be
    /// cancelled when the pause would begin later, or a time is not to come.
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
            At::PeriodEnd => self.paid_until().unwrap_or(world.now).max(world.now),
            At::Date(at) => at,
        };
        if at < world.now {
            return Err(Problem::at("when", "must not lie in the past").into());
        }
        if matches!(until, Some(Until::At(end)) if end <= at) {
            return Err(Problem::at("until", "must lie after the pause begins").into());
        }
        if at > world.now {
            if self.cancel.is_some() {
                return Err(Refusal::State("it is going to be cancelled: undo that first"));
            }
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
        if matches!(until, Some(Until::At(end)) if end <= at) {
            // The period's end that it waited for was moved beyond its own.
            self.pause_later = None;
            return Ok(Decision::of(self, News::Updated));
        }
        let days = world.settings.pause;
        let from_trial = self.phase == Phase::Trialing;
        let mut drafts = Vec::new();
        if days == PausePolicy::Credit && !from_trial {
            for item in &self.items {
                drafts.append(&mut self.unused(item, at, world)?);
            }
            for item in &mut self.items {
                item.paid.clear();
            }
            // What was paid ahead is given back too.
            self.early = None;
        }
        self.pause_later = None;
        self.pause = Some(Pause {
            since: at,
            until: self.until(at, until)?,
            days,
            from_trial,
        });
        self.phase = Phase::Paused;
        if drafts.iter().all(|draft| draft.line.amount == 0) {
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
    /// A refusal when there is neither, or the trial is over and there is
    /// nothing to charge.
    pub fn resume(mut self, world: &World<'_>, ids: NewId<'_>) -> Result<Decision, Refusal> {
        self.refuse_busy()?;
        if self.phase == Phase::Paused {
            let decision = self.resume_at(world.now, world, ids)?;
            return match decision.after.phase {
                Phase::Paused => Err(Refusal::State(
                    "its trial is over and it has no payment method: give it one with subscriptions.updatePaymentMethod()",
                )),
                _ => Ok(decision),
            };
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
        self.phase = match pause.from_trial {
            true => Phase::Trialing,
            false => Phase::Active,
        };
        let decision = if pause.days == PausePolicy::Extend || pause.from_trial {
            self.extended(cycle, pause, at, world, ids)?
        } else if pause.days == PausePolicy::None && cycle.period.end() > at {
            Decision::quiet(self)
        } else {
            self.resume_in_rhythm(cycle, pause, at, world, ids)?
        };
        let mut news = vec![News::Resumed];
        news.extend(decision.news);
        Ok(Decision { news, ..decision })
    }

    /// The anchor stays: the rest of the period that holds this instant is paid.
    fn resume_in_rhythm(
        mut self,
        cycle: Cycle,
        pause: Pause,
        at: Instant,
        world: &World<'_>,
        ids: NewId<'_>,
    ) -> Result<Decision, Refusal> {
        let ending = self.unbilled(match pause.days {
            PausePolicy::None => at,
            _ => pause.since,
        });
        let holding = if cycle.period.contains(at) {
            // It is the same period, and counts once.
            self.most_periods = self.most_periods.map(|most| most.saturating_add(1));
            cycle
        } else {
            if let Some(boundary) = self.pending.as_ref().map(|pending| pending.at) {
                self.take_rhythm(at, boundary);
            }
            match self.cadence.holding(self.zone, at) {
                // Before the anchor: what was paid ahead begins now.
                Err(_) if cycle.period.start() > at => Cycle {
                    period: Period::new(at, cycle.period.end())?,
                    ..cycle
                },
                holding => holding?,
            }
        };
        match self.cut(holding.from(at)) {
            Some(rest) => self.begin_period(ending, rest, world, ids),
            None => self.end(at, Phase::Expired, GiveBack::None, world, ids),
        }
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
        let since = pause.since;
        if cycle.period.end() <= since {
            // Nothing of it was left: the next begins now.
            self.cadence = Cadence::starting(at, self.cadence.interval, self.cadence.billing_day);
            let ending = self.unbilled(since);
            return match self.next_after_pending(at)? {
                Some(next) => self.begin_period(ending, next, world, ids),
                None => self.end(at, Phase::Expired, GiveBack::None, world, ids),
            };
        }
        // On the wall's clocks: five days are five days, whatever clocks do.
        let by = (self.zone.local(at) - self.zone.local(since)).max(TimeDelta::zero());
        let shift = |instant: Instant| self.zone.instant(self.zone.local(instant) + by);
        let later = |instant: Instant| match instant > since {
            true => shift(instant),
            false => Ok(instant),
        };
        let longer = |span: Period| Period::new(later(span.start())?, later(span.end())?);
        let accrued = self.accrue_before(since, world)?;
        self.accrued.extend(accrued);
        for item in &mut self.items {
            for part in &mut item.paid {
                *part = match part.span.split_at(since) {
                    Some((_, rest)) => {
                        let unused = remaining(part.span, since, self.zone, world.settings.proration);
                        PaidPart {
                            amount: proration::split(part.amount, unused.part(), unused.whole())?.unused,
                            span: Period::new(at, later(rest.end())?)?,
                        }
                    }
                    None => PaidPart {
                        span: longer(part.span)?,
                        ..*part
                    },
                };
            }
            if item.since.is_some() {
                item.since = Some(at);
            }
        }
        // A whole period is as long as it was, and ends when this one does.
        let moved = |cycle: Cycle| -> Result<Cycle, Problem> {
            Ok(Cycle {
                period: longer(cycle.period)?,
                whole: Period::new(shift(cycle.whole.start())?, shift(cycle.whole.end())?)?,
            })
        };
        self.early = match self.early.filter(|early| early.period.end() > since) {
            Some(early) => Some(moved(early)?),
            None => None,
        };
        let cycle = moved(cycle)?;
        let cadence = self.moved_cadence(shift(self.cadence.anchor)?, cycle.period.end());
        let before = self.moved_from;
        self.move_end(cycle, cadence);
        // Nobody asked for another payment date.
        self.moved_from = before;
        Ok(Decision::quiet(self))
    }

    /// The rhythm with its anchor later by a pause; from the period's end where
    /// months of other lengths would bring it to another date.
    fn moved_cadence(&self, anchor: Instant, end: Instant) -> Cadence {
        let moved = Cadence { anchor, ..self.cadence };
        let boundary = moved
            .schedule(self.zone)
            .and_then(|schedule| schedule.boundary(moved.next));
        if moved.billing_day.is_none() && boundary == Ok(end) {
            return moved;
        }
        Cadence::starting(end, self.cadence.interval, self.cadence.billing_day)
    }

    /// What items that changed in this period owe for the time before a pause:
    /// written down, for their days are counted from the resume on.
    fn accrue_before(&self, since: Instant, world: &World<'_>) -> Result<Vec<Accrued>, Problem> {
        let Some(ending) = self.unbilled(since) else {
            return Ok(Vec::new());
        };
        let changed = |item: &&Item| item.since.is_some();
        let mut owed: Vec<Draft> = Vec::new();
        for item in self.top_items().filter(changed) {
            owed.append(&mut self.arrears(item, ending, world)?);
        }
        let counts = |draft: &&Draft| draft.line.amount != 0 && draft.line.kind != LineType::SetupFee;
        Ok(owed.iter().filter(counts).map(Accrued::from).collect())
    }
}
