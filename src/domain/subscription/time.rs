//! What time does to a subscription: one thing at a time, in order, so that a
//! jump over years is the same as many small steps.

use super::{
    state::{Cadence, Cycle, Pause, Phase, Purpose, Subscription, Until},
    world::{Decision, NewId, News, Refusal, World},
};
use crate::domain::{
    Problem,
    calendar::{Interval, Unit, add},
    instant::Instant,
    order::OrderType,
    settings::{GiveBack, PausePolicy, RecoveryEnd, RetryEnd, Settings, TrialEnd},
};

/// Microseconds of a day of 24 hours.
const DAY: i64 = 86_400_000_000;
/// How long before its end a trial is announced.
const TRIAL_NOTICE_DAYS: i64 = 3;

/// What falls due. Of things due at one instant the first in this order
/// happens first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Due {
    /// A notice before the end of the trial.
    TrialNotice,
    /// A notice before a payment.
    PaymentNotice,
    /// It was never completed.
    GiveUp,
    /// A cancellation that was set.
    Cancel,
    /// A pause that was set.
    Pause,
    /// A pause is over.
    Resume,
    /// A recovery is over.
    EndRecovery,
    /// A declined charge is tried again.
    Retry,
    /// It ends by itself while nothing is paid.
    Expire,
    /// A period, or the trial, ends.
    PeriodEnd,
}

impl Subscription {
    /// What falls due next, and when; `None` while a payment is under way, and
    /// for ever once nothing more can happen by time alone.
    ///
    /// # Errors
    ///
    /// A problem when a date would lie after 2099.
    pub fn next_due(&self, settings: &Settings) -> Result<Option<(Instant, Due)>, Problem> {
        if self.charging {
            return Ok(None);
        }
        let mut due: Vec<(Instant, Due)> = Vec::with_capacity(6);
        if !self.phase.is_final() {
            due.extend(self.cancel.map(|cancel| (cancel.at, Due::Cancel)));
        }
        match self.phase {
            Phase::Incomplete => due.extend(self.incomplete_until.map(|at| (at, Due::GiveUp))),
            Phase::Trialing | Phase::Active => {
                due.extend(self.pause_later.map(|pause| (pause.at, Due::Pause)));
                if let Some(cycle) = self.cycle {
                    let end = self
                        .expires_at
                        .map_or(cycle.period.end(), |at| at.min(cycle.period.end()));
                    due.push((end, Due::PeriodEnd));
                    due.extend(self.notices(end, settings));
                }
            }
            Phase::Paused => {
                due.extend(self.pause.and_then(|pause| pause.until).map(|at| (at, Due::Resume)));
                due.extend(self.expires_at.map(|at| (at, Due::Expire)));
            }
            Phase::PastDue => {
                due.extend(self.expires_at.map(|at| (at, Due::Expire)));
                due.extend(self.next_try(settings)?);
            }
            Phase::Unpaid => due.extend(self.expires_at.map(|at| (at, Due::Expire))),
            // The last bill of something that ended is still tried again.
            Phase::Canceled | Phase::Expired => due.extend(self.next_try(settings)?),
            Phase::IncompleteExpired => {}
        }
        Ok(due.into_iter().min())
    }

    /// Notices that are still to be given before an end.
    fn notices(&self, end: Instant, settings: &Settings) -> impl Iterator<Item = (Instant, Due)> {
        let before = |days: i64| Instant::from_micros(end.micros().saturating_sub(days.saturating_mul(DAY)));
        let ends =
            self.cancel.is_some_and(|cancel| cancel.at <= end) || self.pause_later.is_some_and(|pause| pause.at <= end);
        let start = self.cycle.map_or(self.started_at, |cycle| cycle.period.start());
        let days = i64::from(settings.notice_before_payment_days);
        let trial = self.phase == Phase::Trialing && !self.trial_noticed && before(TRIAL_NOTICE_DAYS) > start;
        let payment = days > 0
            && self.phase == Phase::Active
            && self.noticed != Some(end)
            && !ends
            && before(days) > start
            && self.expires_at != Some(end);
        [
            trial.then(|| (before(TRIAL_NOTICE_DAYS), Due::TrialNotice)),
            payment.then(|| (before(days), Due::PaymentNotice)),
        ]
        .into_iter()
        .flatten()
    }

    /// When a declined charge is tried again, or its recovery ends.
    fn next_try(&self, settings: &Settings) -> Result<Option<(Instant, Due)>, Problem> {
        let (Some(recovery), true) = (self.recovery, self.open.is_some()) else {
            return Ok(None);
        };
        let at = |days: u32| self.days_after(recovery.since, days);
        let last = settings.retry_days.last().copied().unwrap_or(0);
        let end = at(if settings.recovery.enabled {
            settings.recovery.end_day
        } else {
            last
        })?;
        let retry = usize::try_from(recovery.retries)
            .ok()
            .and_then(|retries| settings.retry_days.get(retries))
            .filter(|_| !recovery.hard);
        Ok(Some(match retry {
            // The end of StepCover's scenario wins over later retries.
            Some(days) => {
                let retry = at(*days)?;
                if retry < end || retry == end && !settings.recovery.enabled {
                    (retry, Due::Retry)
                } else {
                    (end, Due::EndRecovery)
                }
            }
            None => (end, Due::EndRecovery),
        }))
    }

    fn days_after(&self, at: Instant, days: u32) -> Result<Instant, Problem> {
        match days {
            0 => Ok(at),
            days => add(at, Interval::new(Unit::Day, days)?, self.zone),
        }
    }

    /// Does the one thing that is due first, if it is due by now. At `at`, its
    /// own instant, it is as if nobody had been late; money moves now.
    ///
    /// # Errors
    ///
    /// A problem when an amount cannot be counted.
    pub fn tick(&self, world: &World<'_>, ids: NewId<'_>) -> Result<Option<Decision>, Refusal> {
        let Some((at, due)) = self.next_due(world.settings)?.filter(|(at, _)| *at <= world.now) else {
            return Ok(None);
        };
        let mut after = self.clone();
        let decision = match due {
            Due::TrialNotice => {
                after.trial_noticed = true;
                Decision::of(after, News::TrialWillEnd)
            }
            Due::PaymentNotice => {
                after.noticed = after.cycle.map(|cycle| cycle.period.end());
                Decision::of(after, News::PaymentDue)
            }
            Due::GiveUp => {
                after.phase = Phase::IncompleteExpired;
                after.ended_at = Some(at);
                let close = after.open.take().map(|open| open.order);
                Decision {
                    close,
                    ..Decision::of(after, News::Expired)
                }
            }
            Due::Cancel => {
                let credit = after
                    .cancel
                    .map(|cancel| cancel.credit)
                    .unwrap_or(world.settings.cancel_credit);
                return after.end(at, Phase::Canceled, credit, world, ids).map(Some);
            }
            Due::Pause => {
                let until = after.pause_later.take().and_then(|pause| pause.until);
                return after.pause_at(at, until, world, ids).map(Some);
            }
            Due::Resume => return after.resume_at(at, world, ids).map(Some),
            Due::Expire => {
                return after.end(at, Phase::Expired, GiveBack::None, world, ids).map(Some);
            }
            Due::Retry => {
                let retry = after.open.as_ref().map(|open| open.order.clone());
                if let Some(recovery) = &mut after.recovery {
                    recovery.retries += 1;
                }
                after.charging = true;
                Decision {
                    retry,
                    ..Decision::quiet(after)
                }
            }
            Due::EndRecovery => return Ok(Some(after.end_recovery(at, world.settings))),
            Due::PeriodEnd => return after.period_ends(at, world, ids).map(Some),
        };
        Ok(Some(decision))
    }

    /// What becomes of it when nobody paid to the end (glossary, transition 11).
    pub(super) fn end_recovery(mut self, at: Instant, settings: &Settings) -> Decision {
        let end = match (settings.recovery.enabled, settings.recovery.end, settings.retry_end) {
            (true, RecoveryEnd::Pause, _) => RetryEnd::Paused,
            (true, RecoveryEnd::Cancel, _) => RetryEnd::Canceled,
            (false, _, end) => end,
        };
        self.recovery = None;
        if self.phase.is_final() {
            // Its last order stays open, for whoever pays it by hand.
            return Decision::quiet(self);
        }
        let close = |after: &mut Self| after.open.take().map(|open| open.order);
        let (news, close) = match end {
            RetryEnd::Unpaid => {
                self.phase = Phase::Unpaid;
                (News::Updated, None)
            }
            RetryEnd::Paused => {
                self.phase = Phase::Paused;
                self.pause = Some(Pause {
                    since: at,
                    until: None,
                    days: PausePolicy::Extend,
                    from_trial: false,
                });
                (News::Paused, close(&mut self))
            }
            RetryEnd::Canceled => {
                self.finish(at, Phase::Canceled);
                (News::Canceled, close(&mut self))
            }
            RetryEnd::Expired => {
                self.finish(at, Phase::Expired);
                (News::Expired, close(&mut self))
            }
        };
        Decision {
            close,
            ..Decision::of(self, news)
        }
    }

    /// A period, or the trial, is over: it ends by itself, or the next begins.
    fn period_ends(mut self, at: Instant, world: &World<'_>, ids: NewId<'_>) -> Result<Decision, Refusal> {
        let trial = self.phase == Phase::Trialing;
        if trial {
            self.trial_noticed = true;
        }
        let ending = self.cycle.filter(|_| !trial);
        let expires = self.expires_at.is_some_and(|end| end <= at);
        let beginning = if expires { None } else { self.next_after_pending(at)? };
        let Some(beginning) = beginning else {
            return self.end(at, Phase::Expired, GiveBack::None, world, ids);
        };
        self.begin_period(ending, beginning, world, ids)
    }

    /// Makes the change that waited for this boundary; the period that begins
    /// then.
    fn next_after_pending(&mut self, at: Instant) -> Result<Option<Cycle>, Problem> {
        let pending = self.pending.as_ref().filter(|pending| pending.at <= at);
        if let Some(interval) = pending.and_then(|pending| pending.interval) {
            self.cadence = Cadence::starting(at, interval, self.cadence.billing_day);
        }
        self.next_cycle()
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
        let mut drafts = self.due(ending, None, world)?;
        let pending = self.pending.take_if(|pending| pending.at <= at);
        let changed = pending.is_some();
        if let Some(pending) = pending {
            self.apply(&pending.edits, world, ids)?;
        }
        self.accrued.clear();
        drafts.append(&mut self.due(None, Some(beginning), world)?);
        let billed = self.bill(at, drafts, world)?;
        let first = self.periods == 0;
        let purpose = if first {
            Purpose::Begin(beginning)
        } else {
            Purpose::Renew(beginning)
        };
        let charge = self.open_order(OrderType::Renewal, billed, purpose, world, ids)?;
        let mut decision = if charge.due == 0 {
            self.paid(world.now, world.settings)?
        } else if self.method.is_some() {
            self.charging = true;
            Decision::quiet(self)
        } else {
            self.without_method(at, first, world)?
        };
        if changed {
            decision.news.insert(0, News::Updated);
        }
        decision.charge = decision.close.is_none().then_some(charge);
        decision.close = None;
        Ok(decision)
    }

    /// Something is due, and there is nothing to charge (setting
    /// `trialEndWithoutMethod`; a renewal is past due at once).
    fn without_method(mut self, at: Instant, trial_ended: bool, world: &World<'_>) -> Result<Decision, Problem> {
        let policy = world.settings.trial_end_without_method;
        if !trial_ended || policy == TrialEnd::PastDue {
            return self.declined(world.now, false, world.settings);
        }
        let close = self.open.take().map(|open| open.order);
        let news = match policy {
            TrialEnd::Pause => {
                self.phase = Phase::Paused;
                self.pause = Some(Pause {
                    since: at,
                    until: None,
                    days: PausePolicy::Extend,
                    from_trial: true,
                });
                News::Paused
            }
            _ => {
                self.finish(at, Phase::Canceled);
                News::Canceled
            }
        };
        Ok(Decision {
            close,
            ..Decision::of(self, news)
        })
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

    /// When a pause that begins at an instant is over.
    pub(super) fn until(&self, since: Instant, until: Option<Until>) -> Result<Option<Instant>, Problem> {
        match until {
            None => Ok(None),
            Some(Until::At(at)) => Ok(Some(at)),
            Some(Until::After(length)) => add(since, length, self.zone).map(Some),
        }
    }
}
