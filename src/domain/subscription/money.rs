//! What follows when an order of a subscription is paid, and when its charge
//! is declined. Only a decline moves the phase: an answer that is lost, or a
//! gateway that is down, leaves everything as it is (architecture, section 5).

use super::{
    state::{Cadence, Cycle, Open, PaidPart, Phase, Purpose, Recovery, Subscription},
    world::{Decision, News},
};
use crate::domain::{
    Problem,
    id::{OrderId, SubscriptionItemId},
    instant::Instant,
    settings::{RecoveredPeriod, Settings},
};

impl Subscription {
    /// Whether an order is the one that it waits for.
    pub fn waits_for(&self, order: &OrderId) -> bool {
        self.open.as_ref().is_some_and(|open| open.order == *order)
    }

    /// The order that it waits for is paid (glossary, transitions 3, 5, 8, 10,
    /// 12 and 30).
    ///
    /// # Errors
    ///
    /// A problem when a date would lie after 2099.
    pub fn paid(mut self, now: Instant, settings: &Settings) -> Result<Decision, Problem> {
        self.charging = false;
        let Some(Open {
            purpose, paid, used, ..
        }) = self.open.take()
        else {
            return Ok(Decision::quiet(self));
        };
        for held in &mut self.promotions {
            held.used |= used.contains(&held.coupon);
        }
        let news = match purpose {
            Purpose::Begin(cycle) | Purpose::Renew(cycle) => {
                let recovered = matches!(self.phase, Phase::PastDue | Phase::Unpaid);
                self.begin(cycle, paid, recovered, now, settings)?;
                match recovered {
                    true => vec![News::Recovered, News::Renewed],
                    false => vec![News::Renewed],
                }
            }
            Purpose::Change { edits, made, restart } => {
                self.make(&edits, made);
                if let Some((cadence, cycle)) = restart {
                    self.restart(cadence, cycle);
                }
                self.set_paid(paid);
                vec![News::Updated]
            }
            Purpose::Extend(extension) => {
                self.move_end(extension.cycle, extension.cadence);
                vec![News::Updated]
            }
            Purpose::Last => {
                self.recovery = None;
                self.paid_at = Some(now);
                vec![News::Updated]
            }
        };
        Ok(Decision {
            news,
            ..Decision::quiet(self)
        })
    }

    /// The charge of the order that it waits for was declined (glossary,
    /// transitions 6, 9, 11 and 30). A change is not made then.
    ///
    /// # Errors
    ///
    /// None; dates are looked at when they fall due.
    pub fn declined(mut self, now: Instant, hard: bool, _settings: &Settings) -> Result<Decision, Problem> {
        self.charging = false;
        let Some(open) = &self.open else {
            return Ok(Decision::quiet(self));
        };
        match open.purpose {
            Purpose::Change { .. } | Purpose::Extend(_) => {
                let close = self.open.take().map(|open| open.order);
                return Ok(Decision {
                    close,
                    ..Decision::quiet(self)
                });
            }
            Purpose::Begin(_) | Purpose::Renew(_) | Purpose::Last => {}
        }
        if matches!(self.phase, Phase::Incomplete | Phase::Unpaid) {
            return Ok(Decision::quiet(self));
        }
        let first = self.recovery.is_none();
        let recovery = self.recovery.get_or_insert(Recovery {
            since: now,
            retries: 0,
            hard,
        });
        // What another card did does not make the first one better, nor this one worse.
        recovery.hard = hard;
        if self.phase.is_final() {
            return Ok(Decision::quiet(self));
        }
        self.phase = Phase::PastDue;
        Ok(match first {
            true => Decision::of(self, News::PastDue),
            false => Decision::quiet(self),
        })
    }

    /// Its charge could not be sent, and nobody will send it: as before, but for
    /// a change, which is not made.
    ///
    /// # Errors
    ///
    /// None.
    pub fn given_up(mut self) -> Result<Decision, Problem> {
        self.charging = false;
        let change = |open: &Open| matches!(open.purpose, Purpose::Change { .. } | Purpose::Extend(_));
        let close = self.open.take_if(|open| change(open)).map(|open| open.order);
        Ok(Decision {
            close,
            ..Decision::quiet(self)
        })
    }

    /// A period begins that is paid, or costs nothing.
    fn begin(
        &mut self,
        cycle: Cycle,
        paid: Vec<(SubscriptionItemId, PaidPart)>,
        recovered: bool,
        now: Instant,
        settings: &Settings,
    ) -> Result<(), Problem> {
        let first = self.periods == 0;
        // A period that is renewed early begins later than its units count.
        self.metered_from = cycle.period.start().min(now);
        let cycle = match recovered {
            true => self.recovered_cycle(cycle, now, settings)?,
            false => {
                self.cadence.next += 1;
                cycle
            }
        };
        self.cycle = Some(cycle);
        self.phase = Phase::Active;
        self.recovery = None;
        self.incomplete_until = None;
        self.periods += 1;
        // A postpaid period is paid at its end: the first payment comes with the second.
        self.payments += u32::from(!self.arrears || !first);
        self.paid_at = Some(now);
        self.moved_from = None;
        self.noticed = None;
        for item in &mut self.items {
            item.begun = item.begun.saturating_add(1);
            item.since = None;
            item.paid = None;
        }
        self.set_paid(paid);
        Ok(())
    }

    /// The period that a late payment pays for: the one that was due, or, when
    /// that is over already, the one that runs; or one that begins with the
    /// payment (setting `recoveredPeriod`).
    fn recovered_cycle(&mut self, due: Cycle, now: Instant, settings: &Settings) -> Result<Cycle, Problem> {
        if settings.recovered_period == RecoveredPeriod::RestartAtPayment {
            self.cadence = Cadence::starting(now, self.cadence.interval, self.cadence.billing_day);
            let cycle = self.cadence.cycle(self.zone, 0)?;
            self.cadence.next = 1;
            return Ok(self.cut(cycle).unwrap_or(cycle));
        }
        if due.period.end() > now {
            self.cadence.next += 1;
            return Ok(due);
        }
        let n = self.cadence.schedule(self.zone)?.index_at(now)?;
        let cycle = self.cadence.cycle(self.zone, n)?;
        self.cadence.next = n + 1;
        Ok(self.cut(cycle).unwrap_or(cycle))
    }

    /// Another rhythm, with the period that it begins with.
    pub(super) fn restart(&mut self, cadence: Cadence, cycle: Cycle) {
        self.cadence = cadence;
        self.metered_from = cycle.period.start();
        self.cycle = Some(cycle);
        self.noticed = None;
        self.periods += 1;
        for item in &mut self.items {
            item.since = None;
        }
    }

    /// Another end of the running period.
    pub(super) fn move_end(&mut self, cycle: Cycle, cadence: Cadence) {
        let before = self.cycle.map(|before| before.period.end());
        self.moved_from = self.moved_from.or(before);
        if self.phase == Phase::Trialing {
            self.trial = Some(cycle.period);
        }
        let moved = |at: &mut Instant| {
            if Some(*at) == before {
                *at = cycle.period.end();
            }
        };
        self.cancel.iter_mut().for_each(|cancel| moved(&mut cancel.at));
        self.pause_later.iter_mut().for_each(|pause| moved(&mut pause.at));
        self.pending.iter_mut().for_each(|pending| moved(&mut pending.at));
        self.cycle = Some(cycle);
        self.cadence = cadence;
        self.noticed = None;
    }

    pub(super) fn set_paid(&mut self, paid: Vec<(SubscriptionItemId, PaidPart)>) {
        for (id, part) in paid {
            if let Some(item) = self.items.iter_mut().find(|item| item.id == id) {
                item.paid = Some(part);
            }
        }
    }
}
