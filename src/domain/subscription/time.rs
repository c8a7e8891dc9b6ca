//! What time does to a subscription: one thing at a time, in order, so that a
//! jump over years is the same as many small steps.

use super::{
    state::{Phase, Subscription, Until},
    world::{Decision, NewId, News, Refusal, World, passing_ids},
};
use crate::domain::{
    Problem,
    calendar::add,
    instant::Instant,
    settings::{GiveBack, Settings},
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
    /// It ends by itself while nothing is paid.
    Expire,
    /// A pause that was set.
    Pause,
    /// A pause is over.
    Resume,
    /// A recovery is over.
    EndRecovery,
    /// A declined charge is tried again.
    Retry,
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
                if let Some(end) = self.period_end() {
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

    /// When the running period ends, or the subscription in the middle of it.
    fn period_end(&self) -> Option<Instant> {
        let end = self.cycle?.period.end();
        Some(self.expires_at.map_or(end, |at| at.min(end)))
    }

    /// Whether anything is to pay at the end of the period, as far as that is
    /// known.
    fn pays_at(&self, end: Instant, world: &World<'_>) -> Result<bool, Refusal> {
        let ahead = World { balance: 0, ..*world };
        let decision = self.clone().period_ends(end, &ahead, &mut passing_ids())?;
        Ok(decision.charge.is_some_and(|charge| charge.due > 0))
    }

    /// Notices that are still to be given before an end.
    fn notices(&self, end: Instant, settings: &Settings) -> impl Iterator<Item = (Instant, Due)> {
        let before = |days: i64| Instant::from_micros(end.micros().saturating_sub(days.saturating_mul(DAY)));
        let ends =
            self.cancel.is_some_and(|cancel| cancel.at <= end) || self.pause_later.is_some_and(|pause| pause.at <= end);
        let start = self.cycle.map_or(self.started_at, |cycle| cycle.period.start());
        let days = i64::from(settings.notice_before_payment_days);
        let trial = self.phase == Phase::Trialing && !self.trial_noticed && !ends && before(TRIAL_NOTICE_DAYS) > start;
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
                let end = after.period_end();
                after.noticed = end;
                match after.pays_at(end.unwrap_or(at), world)? {
                    true => Decision::of(after, News::PaymentDue),
                    false => Decision::quiet(after),
                }
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
            Due::Retry => return after.retry(world).map(Some),
            Due::EndRecovery => return after.end_recovery(at, world, ids).map(Some),
            Due::PeriodEnd => return after.period_ends(at, world, ids).map(Some),
        };
        Ok(Some(decision))
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
