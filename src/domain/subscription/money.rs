//! What follows when an order of a subscription is paid, and when its charge
//! is declined. Only a decline moves the phase: an answer that is lost, or a
//! gateway that is down, leaves everything as it is (architecture, section 5).

use super::{
    state::{Ahead, Cadence, Cycle, Making, Open, PaidPart, Phase, Promotion, Purpose, Recovery, Subscription},
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
            purpose,
            paid,
            promotions,
            ..
        }) = self.open.take()
        else {
            return Ok(Decision::quiet(self));
        };
        self.hold(promotions);
        let news = match purpose {
            Purpose::Begin(cycle) | Purpose::Renew(cycle) => {
                let recovered = matches!(self.phase, Phase::PastDue | Phase::Unpaid);
                self.begin(cycle, &paid, now, settings)?;
                match recovered {
                    true => vec![News::Recovered, News::Renewed],
                    false => vec![News::Renewed],
                }
            }
            Purpose::Ahead(ahead) => {
                self.begin_ahead(&ahead, &paid)?;
                vec![News::Renewed]
            }
            Purpose::Change(making) => {
                self.carry_out(*making);
                self.set_paid(&paid);
                vec![News::Updated]
            }
            Purpose::Quota(topup) => return self.count(*topup, &paid),
            Purpose::Extend(ahead) => {
                let before = self.cycle;
                self.move_end(ahead.cycle, ahead.cadence);
                self.early = before;
                self.set_paid(&paid);
                vec![News::Updated]
            }
            Purpose::Last => {
                self.recovery = None;
                vec![News::Updated]
            }
        };
        self.paid_at = Some(now);
        Ok(Decision {
            news,
            ..Decision::quiet(self)
        })
    }

    /// The charge of the order that it waits for was declined (glossary,
    /// transitions 6, 9, 11 and 30). What was asked for before its time, a
    /// change or a renewal, is not done then, and its order closed.
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
            Purpose::Change(_) | Purpose::Extend(_) | Purpose::Ahead(_) | Purpose::Quota(_) => {
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
        // The last answer counts: it is that of the card which is tried next.
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
        let change = |open: &Open| {
            matches!(
                open.purpose,
                Purpose::Change(_) | Purpose::Extend(_) | Purpose::Ahead(_) | Purpose::Quota(_)
            )
        };
        let close = self.open.take_if(|open| change(open)).map(|open| open.order);
        Ok(Decision {
            close,
            ..Decision::quiet(self)
        })
    }

    /// Notes what codes have done, and holds those that are new.
    fn hold(&mut self, promotions: Vec<Promotion>) {
        for one in promotions {
            match self.promotions.iter_mut().find(|held| held.coupon == one.coupon) {
                Some(held) => held.used |= one.used,
                None => self.promotions.push(one),
            }
        }
    }

    /// A period begins that is paid, or costs nothing.
    pub(super) fn begin(
        &mut self,
        due: Cycle,
        paid: &[(SubscriptionItemId, PaidPart)],
        now: Instant,
        settings: &Settings,
    ) -> Result<(), Problem> {
        let recovered = matches!(self.phase, Phase::PastDue | Phase::Unpaid);
        let cycle = match self.phase {
            _ if recovered => self.recovered_cycle(due, now, settings)?,
            // The first period begins with its payment.
            Phase::Incomplete => self.beginning_at(now)?,
            _ => due,
        };
        self.cadence = self.cadence.after(self.zone, cycle.period.end())?;
        self.metered_from = cycle.period.start();
        self.early = None;
        for item in &mut self.items {
            item.paid.clear();
        }
        if cycle != due {
            self.follow(due.period.end(), cycle.period.end());
        }
        if recovered && let Some(pause) = &mut self.pause_later {
            // It did not begin while nothing was paid.
            pause.at = pause.at.max(now);
        }
        self.begun(cycle);
        let moved = |(id, part): &(SubscriptionItemId, PaidPart)| {
            let span = if cycle == due { part.span } else { cycle.period };
            (id.clone(), PaidPart { span, ..*part })
        };
        self.set_paid(&paid.iter().map(moved).collect::<Vec<_>>());
        Ok(())
    }

    /// The next period is paid before its time. What is paid in advance goes
    /// on to the end of the running one; what is paid in arrears begins now.
    pub(super) fn begin_ahead(
        &mut self,
        ahead: &Ahead,
        paid: &[(SubscriptionItemId, PaidPart)],
    ) -> Result<(), Problem> {
        let Ahead { at, cycle, cadence } = *ahead;
        self.early = self
            .cycle
            .filter(|before| before.period.end() == cycle.period.start() && before.period.end() > at);
        self.cadence = cadence.after(self.zone, cycle.period.end())?;
        self.metered_from = at;
        self.accrued.clear();
        for item in &mut self.items {
            item.paid.retain(|part| part.span.end() > at);
        }
        self.begun(cycle);
        self.set_paid(paid);
        Ok(())
    }

    /// What is so whenever a period begins.
    fn begun(&mut self, cycle: Cycle) {
        let first = self.periods == 0;
        self.cycle = Some(cycle);
        self.phase = Phase::Active;
        self.recovery = None;
        self.incomplete_until = None;
        self.periods += 1;
        // A postpaid period is paid at its end: the first payment comes with the second.
        self.payments += u32::from(!self.arrears || !first);
        self.moved_from = None;
        self.noticed = None;
        for item in &mut self.items {
            item.begun = item.begun.saturating_add(1);
            item.since = None;
        }
    }

    /// The period that a late payment pays for: the one that was due, or, when
    /// that is over already, the one that runs; or one that begins with the
    /// payment (setting `recoveredPeriod`).
    fn recovered_cycle(&mut self, due: Cycle, now: Instant, settings: &Settings) -> Result<Cycle, Problem> {
        if settings.recovered_period == RecoveredPeriod::RestartAtPayment {
            return self.beginning_at(now);
        }
        if due.period.end() > now {
            return Ok(due);
        }
        let cycle = self.cadence.holding(self.zone, now)?;
        Ok(self.cut(cycle).unwrap_or(cycle))
    }

    /// A rhythm that begins at an instant, and its first period.
    fn beginning_at(&mut self, at: Instant) -> Result<Cycle, Problem> {
        self.cadence = Cadence::starting(at, self.cadence.interval, self.cadence.billing_day);
        let cycle = self.cadence.cycle(self.zone, 0)?;
        Ok(self.cut(cycle).unwrap_or(cycle))
    }

    /// Makes a change; a new rhythm begins with it.
    pub(super) fn carry_out(&mut self, making: Making) {
        self.make(&making.edits, making.made);
        self.pending = making.pending;
        match making.restart {
            Some((cadence, cycle)) => {
                self.accrued.clear();
                self.early = None;
                self.cadence = cadence;
                self.metered_from = cycle.period.start();
                for item in &mut self.items {
                    item.paid.clear();
                }
                let before = self.cycle;
                self.begun(cycle);
                if let Some(before) = before {
                    self.follow(before.period.end(), cycle.period.end());
                }
            }
            None => self.accrued.extend(making.accrued),
        }
    }

    /// Another end of the running period.
    pub(super) fn move_end(&mut self, cycle: Cycle, cadence: Cadence) {
        if let Some(before) = self.cycle.map(|before| before.period.end()) {
            self.moved_from = self.moved_from.or(Some(before));
            self.follow(before, cycle.period.end());
        }
        if self.phase == Phase::Trialing {
            self.trial = Some(cycle.period);
        }
        self.cycle = Some(cycle);
        self.cadence = cadence;
        self.noticed = None;
    }

    /// What was set for the end of a period goes where that end goes.
    pub(super) fn follow(&mut self, before: Instant, end: Instant) {
        let moved = |at: &mut Instant| {
            if *at == before {
                *at = end;
            }
        };
        self.cancel.iter_mut().for_each(|cancel| moved(&mut cancel.at));
        self.pause_later.iter_mut().for_each(|pause| moved(&mut pause.at));
        self.pending.iter_mut().for_each(|pending| moved(&mut pending.at));
    }

    pub(super) fn set_paid(&mut self, paid: &[(SubscriptionItemId, PaidPart)]) {
        for (id, part) in paid {
            if let Some(item) = self.items.iter_mut().find(|item| item.id == *id) {
                item.paid.push(*part);
            }
        }
    }
}
