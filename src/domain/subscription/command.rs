//! What people ask of a subscription, but for changes of its items, pauses and
//! its end.

use super::{
    state::{Accrued, Ahead, Cadence, Cycle, Phase, Purpose, Subscription},
    world::{Decision, NewId, News, Refusal, World},
};
use crate::domain::{
    Problem,
    calendar::Period,
    id::PaymentMethodId,
    instant::Instant,
    line::LineType,
    order::OrderType,
    pricing::{bill::Draft, charge, rhythm::PaidPeriod},
    settings::Settings,
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
    /// Moves the end of the running period; with `charge_gap` the days that it
    /// is longer by are paid, otherwise nobody pays or gets anything. What is
    /// paid in arrears pays for them at the period's end.
    ///
    /// # Errors
    ///
    /// A refusal when it is neither active nor in its trial, or the date is
    /// not to come, or beyond its end.
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
        if self.expires_at.is_some_and(|end| end <= at) {
            return Err(Problem::at("at", "must lie before the day on which the subscription ends by itself").into());
        }
        let trial = self.phase == Phase::Trialing;
        let billing_day = self.cadence.billing_day.filter(|_| trial);
        let cadence = Cadence::starting(at, self.cadence.interval, billing_day);
        let end = cycle.period.end();
        let moved = Cycle {
            period: Period::new(cycle.period.start(), at)?,
            whole: Period::new(cycle.whole.start().min(cycle.period.start()), at)?,
        };
        if trial || !charge_gap || at <= end {
            self.stretch_paid(end, at)?;
            self.move_end(moved, cadence);
            return Ok(Decision::of(self, News::Updated));
        }
        let gap = self.gap(end, at)?;
        let paid = gap.paid(self.zone, world.settings.proration, false)?;
        if self.arrears {
            let owed = self.gap_in_arrears(paid, world)?;
            self.accrued.extend(owed.iter().map(Accrued::from));
            self.move_end(moved, cadence);
            return Ok(Decision::of(self, News::Updated));
        }
        let mut drafts = Vec::new();
        for item in self.top_items() {
            drafts.append(&mut self.advance(item, paid, world)?);
        }
        let billed = self.bill(world.now, drafts, world)?;
        let ahead = Ahead {
            at: world.now,
            cycle: gap,
            cadence,
        };
        let charge = self.open_order(OrderType::Renewal, billed, Purpose::Extend(Box::new(ahead)), world, ids)?;
        let decision = self.charged(charge.due, world)?;
        Ok(Decision {
            charge: Some(charge),
            ..decision
        })
    }

    /// The days between a payment date and a later one, as a part of the period
    /// that would have begun there.
    fn gap(&self, end: Instant, at: Instant) -> Result<Cycle, Problem> {
        let whole = Cadence::starting(end, self.cadence.interval, None)
            .cycle(self.zone, 0)?
            .period;
        if at > whole.end() {
            return Err(Problem::at(
                "at",
                "must lie at most one period after the present payment date when the gap is charged",
            ));
        }
        Ok(Cycle {
            period: Period::new(end, at)?,
            whole,
        })
    }

    /// What the base prices of a gap come to where they are paid in arrears.
    fn gap_in_arrears(&self, paid: PaidPeriod, world: &World<'_>) -> Result<Vec<Draft>, Problem> {
        let mut drafts = Vec::new();
        for item in self.top_items() {
            let lines = charge::arrears(&self.priceable(item, world, &|_| None)?, paid)?;
            drafts.extend(lines.into_iter().filter(|draft| draft.line.kind == LineType::Price));
        }
        Ok(drafts)
    }

    /// What was paid for a period pays for it with its new end.
    fn stretch_paid(&mut self, end: Instant, at: Instant) -> Result<(), Problem> {
        for part in self.items.iter_mut().flat_map(|item| &mut item.paid) {
            if part.span.end() == end && part.span.start() < at {
                part.span = Period::new(part.span.start(), at)?;
            }
        }
        Ok(())
    }

    /// Pays with another method from now on; with `retry` an open order is
    /// charged with it at once (transitions 10 and 12), otherwise on the next
    /// day on which it would have been tried again.
    ///
    /// # Errors
    ///
    /// A refusal when it has ended, or a payment is under way.
    pub fn set_method(
        mut self,
        method: PaymentMethodId,
        retry: bool,
        now: Instant,
        settings: &Settings,
    ) -> Result<Decision, Refusal> {
        self.refuse_busy()?;
        self.method = Some(method);
        // Whatever was wrong with the old card: this is another one.
        self.pass_retries(now, settings)?;
        if let Some(recovery) = &mut self.recovery {
            recovery.hard = false;
        }
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
