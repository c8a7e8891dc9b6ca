//! What was used and what may be used in a cycle: records and quotas, the
//! rule between them, and the units that are paid (StepPay V1 reference,
//! sections 7.1 to 7.3).
//!
//! A record says what was used, a quota what may be used; both are signed
//! changes of a running sum. Prices by usage pay the sum reached in the cycle,
//! seat prices the area under its curve: a change counts for the part of the
//! cycle that is left. Paid in advance, the quota is what costs; in arrears,
//! the records are.

mod series;

pub use series::{Change, Series, Step};

use super::tiers;
use crate::domain::{
    Problem,
    calendar::Period,
    catalog::price::{Claim, Metering, PriceType},
    decimal::Quantity,
    exact::Exact,
    instant::Instant,
    money::too_large,
};

/// How running sums become units.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Counting {
    /// What came together in the cycle; the next starts from zero.
    Sum,
    /// How much there was, and for how long: one for the whole cycle is one
    /// unit. The next cycle goes on from the last sum.
    Seats,
}

impl Counting {
    /// That of a price; `None` for prices without units.
    pub const fn of(kind: PriceType) -> Option<Self> {
        match kind {
            PriceType::Usage => Some(Self::Sum),
            PriceType::Seat => Some(Self::Seats),
            PriceType::OneTime | PriceType::Flat | PriceType::Bundle => None,
        }
    }
}

/// What a changed quota does to the units of the whole cycle.
#[derive(Debug, Clone, Copy)]
pub struct Effect {
    /// The cycle's units without the change.
    pub before: Exact,
    /// The cycle's units with it, if nothing else happens until the end.
    pub after: Exact,
    /// Microseconds left of the cycle (for `restDays`).
    pub rest: i64,
}

/// What a changed quota costs, in the currency's smallest unit; one of the two
/// is zero.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Settlement {
    /// To be charged at once (`amountForQuota`).
    pub charge: i64,
    /// What a refund by hand would give back. It is reported and not paid.
    pub expected_refund: i64,
}

impl Effect {
    /// The units that come on top; below zero when the quota was lowered.
    ///
    /// # Errors
    ///
    /// A problem when they cannot be counted.
    pub fn added(&self) -> Result<Exact, Problem> {
        self.after.minus(self.before)
    }

    /// What that costs: the price of all units less the price of those before
    /// ([`tiers::difference`]), so that the cycle's first charge and all
    /// settlements come to the price of the whole, whatever the table.
    ///
    /// # Errors
    ///
    /// As [`tiers::amount`].
    pub fn settle(&self, metering: &Metering) -> Result<Settlement, Problem> {
        let net = tiers::difference(metering, self.before, self.after)?;
        Ok(Settlement {
            charge: net.max(0),
            expected_refund: net.min(0).checked_neg().ok_or_else(too_large)?,
        })
    }
}

/// The records and quotas of one subscription item in one cycle. Whatever is
/// done with it, what is recorded never exceeds the quota where there is one,
/// and is never below zero.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Meter {
    cycle: Period,
    counting: Counting,
    claim: Claim,
    records: Series,
    quotas: Series,
    /// Whether a quota was in force when the cycle began.
    limited: bool,
}

impl Meter {
    /// A cycle as it begins: with the sum of records and the quota that it
    /// takes over. `None` for a quota that was never given: nothing may be
    /// used where it is paid in advance, and anything where records are paid
    /// afterwards.
    ///
    /// A caller that keeps running sums of usage may give those as they are in
    /// the middle of a cycle; for seats it must be the sums at its start.
    ///
    /// # Errors
    ///
    /// A problem when the cycle has no length, or records exceed the quota.
    pub fn open(
        cycle: Period,
        counting: Counting,
        claim: Claim,
        records: Quantity,
        quota: Option<Quantity>,
    ) -> Result<Self, Problem> {
        let meter = Self::carrying(cycle, counting, claim, records, quota)?;
        meter.check()?;
        Ok(meter)
    }

    /// A cycle as it begins with what was written down before; see
    /// [`Meter::stored`].
    ///
    /// # Errors
    ///
    /// A problem when the cycle has no length.
    pub fn carrying(
        cycle: Period,
        counting: Counting,
        claim: Claim,
        records: Quantity,
        quota: Option<Quantity>,
    ) -> Result<Self, Problem> {
        series::length(cycle)?;
        Ok(Self {
            cycle,
            counting,
            claim,
            records: Series::carrying(records),
            quotas: Series::carrying(quota.unwrap_or(Quantity::ZERO)),
            limited: quota.is_some() || claim == Claim::Advance,
        })
    }

    /// The cycle with all that happened in it. The order does not matter:
    /// changes at one instant count together, so that a quota which is raised
    /// in the same instant is there for the records.
    ///
    /// # Errors
    ///
    /// A problem when a change lies outside the cycle, a sum is too large or
    /// below zero, or records exceed the quota at any time.
    pub fn with(
        self,
        records: impl IntoIterator<Item = Change>,
        quotas: impl IntoIterator<Item = Change>,
    ) -> Result<Self, Problem> {
        let meter = self.stored(records, quotas)?;
        meter.check()?;
        Ok(meter)
    }

    /// The cycle with all that was written down in it, which was checked then.
    /// It is not again: since then the item may have become one that counts
    /// something else, which what was recorded before knows nothing of.
    ///
    /// # Errors
    ///
    /// A problem when a change lies outside the cycle, or a sum is too large.
    pub fn stored(
        mut self,
        records: impl IntoIterator<Item = Change>,
        quotas: impl IntoIterator<Item = Change>,
    ) -> Result<Self, Problem> {
        self.records = Series::of(self.records.sum(), records)?;
        self.quotas = Series::of(self.quotas.sum(), quotas)?;
        let steps = self.records.steps().iter().chain(self.quotas.steps());
        for step in steps {
            self.check_in_cycle(step.at)?;
        }
        Ok(self)
    }

    /// The cycle that follows. Seats and their quota go on. Usage starts from
    /// zero; so does a quota of usage that is paid in advance, for it was
    /// bought for its cycle, while one that only limits records stays in force.
    ///
    /// # Errors
    ///
    /// A problem when the cycle has no length or begins before this one ends.
    pub fn next(&self, cycle: Period) -> Result<Self, Problem> {
        if cycle.start() < self.cycle.end() {
            return Err(Problem::new("must not begin before the cycle before it ends"));
        }
        let limit = self.limit_at(&self.quotas, self.cycle.end());
        let (records, quota) = match (self.counting, self.claim) {
            (Counting::Seats, _) => (self.records.sum(), limit),
            (Counting::Sum, Claim::Advance) => (Quantity::ZERO, None),
            (Counting::Sum, Claim::Arrears) => (Quantity::ZERO, limit),
        };
        Self::open(cycle, self.counting, self.claim, records, quota)
    }

    /// The cycle that it counts in.
    pub const fn cycle(&self) -> Period {
        self.cycle
    }

    /// What was recorded.
    pub const fn records(&self) -> &Series {
        &self.records
    }

    /// What may be recorded, where [`Meter::room`] is not endless.
    pub const fn quotas(&self) -> &Series {
        &self.quotas
    }

    /// The units to be paid for the cycle, if nothing else happens in it: of
    /// quotas when they are paid in advance, else of records.
    ///
    /// # Errors
    ///
    /// A problem when they cannot be counted.
    pub fn units(&self) -> Result<Exact, Problem> {
        self.units_in(self.cycle)
    }

    /// The units that came in a part of the cycle. Those of parts that make up
    /// the cycle sum up to [`Meter::units`], exactly; what the cycle took over
    /// counts in the part that begins with it.
    ///
    /// # Errors
    ///
    /// A problem when they cannot be counted, or the part does not lie in the
    /// cycle.
    pub fn units_in(&self, part: Period) -> Result<Exact, Problem> {
        if part.start() < self.cycle.start() || part.end() > self.cycle.end() {
            return Err(Problem::new("must lie in the running cycle"));
        }
        self.units_of(self.counted(), part)
    }

    fn counted(&self) -> &Series {
        match self.claim {
            Claim::Advance => &self.quotas,
            Claim::Arrears => &self.records,
        }
    }

    fn units_of(&self, series: &Series, part: Period) -> Result<Exact, Problem> {
        match self.counting {
            Counting::Seats => series.area(part, self.cycle),
            Counting::Sum => {
                let until = Exact::from(series.sum_before(part.end()));
                if part.start() <= self.cycle.start() {
                    return Ok(until);
                }
                until.minus(series.sum_before(part.start()).into())
            }
        }
    }

    /// How much may still be recorded at an instant, so that no quota is
    /// exceeded then or later; `None` when there is no end to it.
    pub fn room(&self, at: Instant) -> Option<Quantity> {
        let spare = self.spare(&self.quotas, at)?;
        // Never negative here, and a difference of two sums that are not fits.
        Some(Quantity::from_scaled(i64::try_from(spare).unwrap_or(0)))
    }

    /// Records what was used, or takes back what was recorded too much. The
    /// meter stays as it was when that is refused.
    ///
    /// # Errors
    ///
    /// A problem at `record` when the quota does not allow it, more is taken
    /// back than was recorded, or a sum is too large; at `at` outside the cycle.
    pub fn record(&mut self, change: Change) -> Result<(), Problem> {
        self.check_in_cycle(change.at)?;
        if let Some(room) = self.room(change.at)
            && change.amount > room
        {
            let message = format!("must be at most {room}, which is what the quota leaves: raise the quota first");
            return Err(Problem::at("record", message));
        }
        let lowest = self.records.lowest_from(change.at);
        if i128::from(lowest.scaled()) + i128::from(change.amount.scaled()) < 0 {
            let message = format!("must take back at most {lowest}, which is what was recorded");
            return Err(Problem::at("record", message));
        }
        self.records
            .add(change)
            .map_err(|problem| Problem::at("record", problem.message))
    }

    /// Raises or lowers the quota, and tells what that does to the cycle's
    /// units: nothing where records are paid. The meter stays as it was when
    /// it is refused.
    ///
    /// Time counts to the microsecond. Where it counts by whole days, give the
    /// first instant of the day.
    ///
    /// # Errors
    ///
    /// A problem at `quota` when less would be left than is recorded, or a sum
    /// is too large; at `at` outside the cycle.
    pub fn quota(&mut self, change: Change) -> Result<Effect, Problem> {
        self.check_in_cycle(change.at)?;
        let mut quotas = self.quotas.clone();
        quotas
            .add(change)
            .map_err(|problem| Problem::at("quota", problem.message))?;
        if let Some(spare) = self.spare(&quotas, change.at)
            && spare < 0
        {
            let message =
                "must leave the quota at or above what is recorded: lower it less, or correct the records first";
            return Err(Problem::at("quota", message));
        }
        let before = self.units()?;
        let after = match self.claim {
            Claim::Advance => self.units_of(&quotas, self.cycle)?,
            Claim::Arrears => before,
        };
        self.quotas = quotas;
        Ok(Effect {
            before,
            after,
            rest: series::length(Period::new(change.at, self.cycle.end())?)?,
        })
    }

    /// How far such quotas are above the records where they come closest, at
    /// an instant or later, in millionths; `None` without a quota.
    fn spare(&self, quotas: &Series, at: Instant) -> Option<i128> {
        let instants = self
            .records
            .after(at)
            .iter()
            .chain(quotas.after(at))
            .map(|step| step.at);
        let spare_at = |at| {
            let limit = self.limit_at(quotas, at)?;
            Some(i128::from(limit.scaled()) - i128::from(self.records.sum_at(at).scaled()))
        };
        std::iter::once(at).chain(instants).filter_map(spare_at).min()
    }

    /// What such quotas allow at an instant. Where none was in force at the
    /// start, the first one holds from when it is given.
    fn limit_at(&self, quotas: &Series, at: Instant) -> Option<Quantity> {
        let given = quotas.steps().first().is_some_and(|first| first.at <= at);
        (self.limited || given).then(|| quotas.sum_at(at))
    }

    fn check_in_cycle(&self, at: Instant) -> Result<(), Problem> {
        if self.cycle.contains(at) {
            return Ok(());
        }
        let (start, end) = (self.cycle.start(), self.cycle.end());
        let message = format!("must lie in the running period, which begins at {start} and ends before {end}");
        Err(Problem::at("at", message))
    }

    fn check(&self) -> Result<(), Problem> {
        let start = self.cycle.start();
        if self.records.lowest_from(start) < Quantity::ZERO {
            return Err(Problem::at("record", "must never take back more than was recorded"));
        }
        if self.spare(&self.quotas, start).is_some_and(|spare| spare < 0) {
            return Err(Problem::at(
                "record",
                "must never exceed the quota: raise the quota first",
            ));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests;
