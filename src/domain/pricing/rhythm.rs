//! When the paid periods of something that repeats begin and end.

use super::policies::Policies;
use crate::domain::{
    Problem,
    calendar::{Basis, Fraction, Interval, Period, Schedule, add, remaining},
    catalog::price::{Expiry, Terms},
    instant::Instant,
    zone::Zone,
};

/// A period with the share of a whole one that is paid.
#[derive(Debug, Clone, Copy)]
pub struct PaidPeriod {
    /// From when to when; `None` for what is paid once.
    pub period: Option<Period>,
    /// The share of a whole period; `None` for all of it.
    pub share: Option<Fraction>,
    /// How the share was counted.
    pub basis: Basis,
    /// Whether it is the first that is paid.
    pub is_first: bool,
}

impl PaidPeriod {
    /// What is paid once.
    pub const fn once(basis: Basis) -> Self {
        Self {
            period: None,
            share: None,
            basis,
            is_first: true,
        }
    }
}

/// The periods of one item, from the first that is paid to its expiry.
#[derive(Debug, Clone, Copy)]
pub struct Rhythm {
    /// What it follows from, so that items which agree in it share it.
    follows: (Interval, Option<u8>, Option<Expiry>),
    /// When the first paid period begins.
    start: Instant,
    basis: Basis,
    schedule: Schedule,
    /// What the first period is a part of, where it is shorter.
    first_whole: Option<Period>,
    first: Option<PaidPeriod>,
    expires_at: Option<Instant>,
    most_payments: Option<u32>,
}

impl Rhythm {
    /// Lays out periods from `start` on for what is bought `now`; between the
    /// two lies a trial.
    ///
    /// # Errors
    ///
    /// A problem when the price has expired, or a date would lie after 2099.
    pub fn new(
        terms: &Terms,
        interval: Interval,
        policies: &Policies,
        now: Instant,
        start: Instant,
    ) -> Result<Self, Problem> {
        let schedule = schedule(terms, interval, policies, start)?;
        let (expires_at, most_payments) = match terms.expiry {
            Some(Expiry::At(micros)) => (Some(Instant::from_micros(micros)), None),
            Some(Expiry::After(length)) => (Some(add(now, length, policies.zone)?), None),
            Some(Expiry::Payments(most)) => (None, Some(most)),
            None => (None, None),
        };
        if let Some(end) = expires_at.filter(|end| *end <= now) {
            return Err(Problem::new(format!(
                "is of a price that expired at {end}: sell another one"
            )));
        }
        let mut rhythm = Self {
            follows: (interval, terms.billing_day, terms.expiry),
            start,
            basis: policies.proration,
            schedule,
            first_whole: schedule.stub()?.map(|stub| stub.whole),
            first: None,
            expires_at,
            most_payments,
        };
        rhythm.first = rhythm.lay_out(0)?;
        Ok(rhythm)
    }

    /// Whether terms follow the same rhythm from the same start.
    pub fn fits(&self, terms: &Terms, start: Instant) -> bool {
        terms
            .recurring
            .is_some_and(|interval| self.follows == (interval, terms.billing_day, terms.expiry) && self.start == start)
    }

    /// When the first paid period begins.
    pub fn start(&self) -> Instant {
        self.start
    }

    /// The `n`-th period; `None` once the item has expired. The last one is
    /// shorter where the item expires in the middle of it.
    ///
    /// # Errors
    ///
    /// A problem when a share cannot be counted.
    pub fn period(&self, n: u32) -> Result<Option<PaidPeriod>, Problem> {
        if n == 0 { Ok(self.first) } else { self.lay_out(n) }
    }

    fn lay_out(&self, n: u32) -> Result<Option<PaidPeriod>, Problem> {
        if self.most_payments.is_some_and(|most| n >= most) {
            return Ok(None);
        }
        // The calendar ends with the year 2099, and every plan with it.
        let Ok(whole) = self.schedule.period(n.into()) else {
            return Ok(None);
        };
        let start = whole.start();
        if self.expires_at.is_some_and(|end| end <= start) {
            return Ok(None);
        }
        let end = self.expires_at.filter(|end| *end < whole.end());
        let period = end.map_or(Ok(whole), |end| Period::new(start, end))?;
        let stub = self.first_whole.filter(|_| n == 0);
        let share = match (stub, end) {
            // A short first period is free without proration; a short last one is paid whole.
            (Some(of), None) => Some(remaining(of, start, self.schedule.zone(), self.basis)),
            (of, Some(_)) => used(of.unwrap_or(whole), period, self.basis, self.schedule.zone())?,
            (None, None) => None,
        };
        Ok(Some(PaidPeriod {
            period: Some(period),
            share,
            basis: self.basis,
            is_first: n == 0,
        }))
    }
}

/// Periods start with the subscription, or on the price's billing day, or on
/// that of the store; the last two are for months and years.
fn schedule(terms: &Terms, interval: Interval, policies: &Policies, start: Instant) -> Result<Schedule, Problem> {
    if let Some(day) = terms.billing_day {
        return Schedule::aligned(start, policies.zone, interval, day);
    }
    let aligned = policies
        .aligned_to
        .and_then(|day| Schedule::aligned(start, policies.zone, interval, day).ok());
    Ok(aligned.unwrap_or_else(|| Schedule::new(start, policies.zone, interval)))
}

/// The share of a whole period that lies in a part of it; all of it where
/// nothing is prorated.
fn used(whole: Period, part: Period, basis: Basis, zone: Zone) -> Result<Option<Fraction>, Problem> {
    if basis == Basis::None {
        return Ok(None);
    }
    let from = remaining(whole, part.start(), zone, basis);
    let until = remaining(whole, part.end(), zone, basis);
    Fraction::new(from.part().saturating_sub(until.part()), from.whole()).map(Some)
}
