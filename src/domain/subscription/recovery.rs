//! What runs after a declined charge, and how it ends (settings `retryDays`,
//! `retryEnd`, `recovery`, `trialEndWithoutMethod`).

use super::{
    state::{Open, Pause, Phase, Purpose, Recovery, Subscription},
    time::Due,
    world::{Charge, Decision, NewId, News, Refusal, World},
};
use crate::domain::{
    Problem,
    calendar::{Interval, Unit, add},
    id::OrderId,
    instant::Instant,
    order::OrderType,
    pricing::bill::Draft,
    settings::{PausePolicy, RecoveryEnd, RetryEnd, Settings, TrialEnd},
};

impl Subscription {
    /// When a declined charge is tried again, or its recovery ends.
    pub(super) fn next_try(&self, settings: &Settings) -> Result<Option<(Instant, Due)>, Problem> {
        let (Some(recovery), true) = (self.recovery, self.open.is_some()) else {
            return Ok(None);
        };
        let end = self.recovery_end(recovery, settings)?;
        let days = usize::try_from(recovery.retries)
            .ok()
            .and_then(|retries| settings.retry_days.get(retries))
            .filter(|_| !recovery.hard);
        let Some(days) = days else {
            return Ok(Some((end, Due::EndRecovery)));
        };
        let retry = self.days_after(recovery.since, *days)?;
        // The end of StepCover's scenario wins over later retries.
        let over = settings.recovery.enabled && retry >= end;
        Ok(Some(if over {
            (end, Due::EndRecovery)
        } else {
            (retry, Due::Retry)
        }))
    }

    fn recovery_end(&self, recovery: Recovery, settings: &Settings) -> Result<Instant, Problem> {
        let last = settings.retry_days.last().copied().unwrap_or(0);
        let days = match settings.recovery.enabled {
            true => settings.recovery.end_day,
            false => last,
        };
        self.days_after(recovery.since, days)
    }

    fn days_after(&self, at: Instant, days: u32) -> Result<Instant, Problem> {
        match days {
            0 => Ok(at),
            days => add(at, Interval::new(Unit::Day, days)?, self.zone),
        }
    }

    /// Counts the retries whose day has come as made.
    pub(super) fn pass_retries(&mut self, now: Instant, settings: &Settings) -> Result<(), Problem> {
        let Some(recovery) = self.recovery else {
            return Ok(());
        };
        let mut passed = 0;
        for days in &settings.retry_days {
            passed += u32::from(self.days_after(recovery.since, *days)? <= now);
        }
        if let Some(recovery) = &mut self.recovery {
            recovery.retries = recovery.retries.max(passed);
        }
        Ok(())
    }

    /// A declined charge is tried again, once for all days that were missed;
    /// without anything to charge only the days go by.
    pub(super) fn retry(mut self, world: &World<'_>) -> Result<Decision, Refusal> {
        self.pass_retries(world.now, world.settings)?;
        let retry = self.open.as_ref().map(|open| open.order.clone());
        let retry = retry.filter(|_| self.method.is_some());
        self.charging = retry.is_some();
        Ok(Decision {
            retry,
            ..Decision::quiet(self)
        })
    }

    /// What becomes of it when nobody paid to the end (glossary, transition 11).
    pub(super) fn end_recovery(mut self, at: Instant, world: &World<'_>, ids: NewId<'_>) -> Result<Decision, Refusal> {
        let settings = world.settings;
        let end = match (settings.recovery.enabled, settings.recovery.end, settings.retry_end) {
            (true, RecoveryEnd::Pause, _) => RetryEnd::Paused,
            (true, RecoveryEnd::Cancel, _) => RetryEnd::Canceled,
            (false, _, end) => end,
        };
        self.recovery = None;
        if self.phase.is_final() {
            // Its last order stays open, for whoever pays it by hand.
            return Ok(Decision::quiet(self));
        }
        if end == RetryEnd::Unpaid {
            self.phase = Phase::Unpaid;
            return Ok(Decision::of(self, News::Updated));
        }
        let (close, owed) = self.give_up_order();
        let charge = self.last_order(owed, false, world, ids)?;
        let news = match end {
            RetryEnd::Canceled => {
                self.finish(at, Phase::Canceled);
                News::Canceled
            }
            RetryEnd::Paused => {
                // What is owed is paid by hand; going on makes an order of its own.
                self.open = None;
                self.stop(at, false);
                News::Paused
            }
            _ => {
                self.finish(at, Phase::Expired);
                News::Expired
            }
        };
        Ok(Decision {
            close,
            charge,
            ..Decision::of(self, news)
        })
    }

    /// Pauses it until somebody resumes it.
    fn stop(&mut self, at: Instant, from_trial: bool) {
        self.phase = Phase::Paused;
        self.pause_later = None;
        self.pause = Some(Pause {
            since: at,
            until: None,
            days: PausePolicy::Extend,
            from_trial,
        });
    }

    /// Takes leave of an order whose period is not going to begin: gives the
    /// order that is closed, and what of it is owed all the same. An order
    /// that has nothing else stays open as the last one.
    pub(super) fn give_up_order(&mut self) -> (Option<OrderId>, Vec<Draft>) {
        let Some(open) = self.open.take() else {
            return (None, Vec::new());
        };
        if open.owed.is_empty() {
            return (Some(open.order), Vec::new());
        }
        if open.begins {
            return (Some(open.order), open.owed.iter().map(Draft::from).collect());
        }
        self.open = Some(Open {
            purpose: Purpose::Last,
            ..open
        });
        (None, Vec::new())
    }

    /// Opens the last order of something, if there is anything to pay.
    pub(super) fn last_order(
        &mut self,
        drafts: Vec<Draft>,
        charged: bool,
        world: &World<'_>,
        ids: NewId<'_>,
    ) -> Result<Option<Charge>, Problem> {
        if drafts.iter().all(|draft| draft.line.amount == 0) {
            return Ok(None);
        }
        let billed = self.bill_boundary(world.now, drafts, Vec::new(), world)?;
        let charge = self.open_order(OrderType::Renewal, billed, Purpose::Last, world, ids)?;
        if charge.due == 0 {
            *self = self.clone().paid(world.now, world.settings)?.after;
        } else {
            self.charging = charged && self.method.is_some();
        }
        Ok(Some(charge))
    }

    /// Something is due, and there is nothing to charge (setting
    /// `trialEndWithoutMethod`; a renewal is past due at once).
    pub(super) fn without_method(
        mut self,
        at: Instant,
        trial_ended: bool,
        world: &World<'_>,
    ) -> Result<Decision, Problem> {
        let policy = world.settings.trial_end_without_method;
        if !trial_ended || policy == TrialEnd::PastDue {
            return self.declined(world.now, false, world.settings);
        }
        // Nothing was used in a trial, so nothing is owed.
        let close = self.open.take().map(|open| open.order);
        let news = match policy {
            TrialEnd::Pause => {
                self.stop(at, true);
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
}
