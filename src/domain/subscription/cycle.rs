//! Periods of a subscription: from the stored rhythm to the n-th of them.

use super::state::{Cadence, Cycle, Subscription};
use crate::domain::{
    Problem,
    calendar::{Basis, Fraction, Interval, Period, Schedule, Unit, remaining},
    instant::Instant,
    pricing::rhythm::PaidPeriod,
    zone::Zone,
};

impl Cadence {
    /// A rhythm whose first period begins at an instant. Days and weeks have no
    /// billing day.
    pub fn starting(anchor: Instant, interval: Interval, billing_day: Option<u8>) -> Self {
        let by_month = matches!(interval.unit(), Unit::Month | Unit::Year);
        Self {
            anchor,
            interval,
            billing_day: billing_day.filter(|_| by_month),
            next: 0,
        }
    }

    /// Its schedule.
    ///
    /// # Errors
    ///
    /// A problem when the billing day does not fit the interval.
    pub fn schedule(&self, zone: Zone) -> Result<Schedule, Problem> {
        match self.billing_day {
            Some(day) => Schedule::aligned(self.anchor, zone, self.interval, day),
            None => Ok(Schedule::new(self.anchor, zone, self.interval)),
        }
    }

    /// The period with a number, without regard to any end.
    ///
    /// # Errors
    ///
    /// A problem when it would reach beyond 2099.
    pub fn cycle(&self, zone: Zone, n: i64) -> Result<Cycle, Problem> {
        let schedule = self.schedule(zone)?;
        let period = schedule.period(n)?;
        let whole = match schedule.stub()?.filter(|_| n == 0) {
            Some(stub) => stub.whole,
            None => period,
        };
        Ok(Cycle { period, whole })
    }

    /// The period that holds an instant.
    ///
    /// # Errors
    ///
    /// A problem before the anchor and after 2099.
    pub fn holding(&self, zone: Zone, at: Instant) -> Result<Cycle, Problem> {
        self.cycle(zone, self.schedule(zone)?.index_at(at)?)
    }

    /// The same rhythm, whose next period is the first that begins at an
    /// instant or after it.
    ///
    /// # Errors
    ///
    /// A problem after 2099.
    pub fn after(&self, zone: Zone, end: Instant) -> Result<Self, Problem> {
        let next = if end <= self.anchor {
            0
        } else {
            let last = Instant::from_micros(end.micros() - 1);
            self.schedule(zone)?.index_at(last)? + 1
        };
        Ok(Self { next, ..*self })
    }
}

impl Cycle {
    /// As it is paid: with its share of a whole period.
    ///
    /// # Errors
    ///
    /// None that a cycle can have.
    pub fn paid(&self, zone: Zone, basis: Basis, is_first: bool) -> Result<PaidPeriod, Problem> {
        Ok(PaidPeriod {
            period: Some(self.period),
            share: share(self.period, self.whole, zone, basis)?,
            basis,
            is_first,
        })
    }

    /// Cut at an instant inside it; as it is where that is not inside, before
    /// it too.
    pub fn until(&self, at: Instant) -> Self {
        match self.period.split_at(at) {
            Some((period, _)) => Self { period, ..*self },
            None => *self,
        }
    }

    /// From an instant inside it; as it is where that is not inside.
    pub fn from(&self, at: Instant) -> Self {
        match self.period.split_at(at) {
            Some((_, period)) => Self { period, ..*self },
            None => *self,
        }
    }
}

/// The share of a whole period that a part of it is; `None` for all of it. A
/// short first period is free without proration, a short last one is paid
/// whole.
fn share(part: Period, whole: Period, zone: Zone, basis: Basis) -> Result<Option<Fraction>, Problem> {
    if part.start() <= whole.start() && part.end() >= whole.end() {
        return Ok(None);
    }
    if part.end() >= whole.end() {
        return Ok(Some(remaining(whole, part.start(), zone, basis)));
    }
    if basis == Basis::None {
        return Ok(None);
    }
    let from = remaining(whole, part.start(), zone, basis);
    let until = remaining(whole, part.end(), zone, basis);
    Fraction::new(from.part().saturating_sub(until.part()), from.whole()).map(Some)
}

impl Subscription {
    /// The period that begins next, cut where it ends by itself; `None` when
    /// none does.
    ///
    /// # Errors
    ///
    /// A problem when the rhythm is none.
    pub fn next_cycle(&self) -> Result<Option<Cycle>, Problem> {
        if self.most_periods.is_some_and(|most| self.periods >= most) {
            return Ok(None);
        }
        // What does not fit is a bug; only the years beyond 2099 end it.
        self.cadence.schedule(self.zone)?;
        // The calendar ends with the year 2099, and every subscription with it.
        let Ok(cycle) = self.cadence.cycle(self.zone, self.cadence.next) else {
            return Ok(None);
        };
        Ok(self.cut(cycle))
    }

    /// What of the running period was not billed yet, up to an instant; `None`
    /// where that is nothing, and in a trial.
    pub(super) fn unbilled(&self, until: Instant) -> Option<Cycle> {
        let cycle = self.cycle.filter(|_| self.periods > 0)?;
        let period = Period::new(self.metered_from, until.min(cycle.period.end())).ok()?;
        Some(Cycle { period, ..cycle })
    }

    /// A period, cut where the subscription ends by itself; `None` beyond.
    pub(super) fn cut(&self, cycle: Cycle) -> Option<Cycle> {
        match self.expires_at {
            Some(end) if end <= cycle.period.start() => None,
            Some(end) => Some(cycle.until(end)),
            None => Some(cycle),
        }
    }
}
