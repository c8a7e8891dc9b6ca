//! A running sum over time, and the area under it.

use crate::domain::{Problem, calendar::Period, decimal::Quantity, exact::Exact, instant::Instant, money::too_large};

/// A signed change of a running sum.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Change {
    /// From when it counts.
    pub at: Instant,
    /// How much comes on top, or goes.
    pub amount: Quantity,
}

/// The running sum from an instant on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Step {
    /// From when.
    pub at: Instant,
    /// The sum with all changes up to then.
    pub sum: Quantity,
}

/// A running sum that starts from what it takes over and steps up and down.
/// Changes at one instant make one step, so their order leaves no trace.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Series {
    carried: Quantity,
    /// Ascending, one for each instant.
    steps: Vec<Step>,
}

impl Series {
    /// One without changes so far.
    pub const fn carrying(sum: Quantity) -> Self {
        Self {
            carried: sum,
            steps: Vec::new(),
        }
    }

    /// One with changes, in any order. Changes by nothing leave no step.
    ///
    /// # Errors
    ///
    /// A problem when a sum is too large.
    pub fn of(carried: Quantity, changes: impl IntoIterator<Item = Change>) -> Result<Self, Problem> {
        let changed = |change: &Change| change.amount != Quantity::ZERO;
        let mut changes: Vec<Change> = changes.into_iter().filter(changed).collect();
        changes.sort_unstable_by_key(|change| change.at);
        let mut series = Self::carrying(carried);
        // In 128 bits no sum of 64-bit numbers that fits a memory is too
        // large, so that the order within an instant cannot matter here either.
        let mut sum = i128::from(carried.scaled());
        for together in changes.chunk_by(|one, next| one.at == next.at) {
            sum += together
                .iter()
                .map(|change| i128::from(change.amount.scaled()))
                .sum::<i128>();
            let scaled = i64::try_from(sum).map_err(|_| too_large())?;
            series.steps.extend(together.first().map(|change| Step {
                at: change.at,
                sum: Quantity::from_scaled(scaled),
            }));
        }
        Ok(series)
    }

    /// Adds a change. One that is not the latest lifts all sums after it.
    ///
    /// # Errors
    ///
    /// A problem when a sum is too large; nothing is changed then.
    pub fn add(&mut self, change: Change) -> Result<(), Problem> {
        if change.amount == Quantity::ZERO {
            return Ok(());
        }
        let at = self.steps.partition_point(|step| step.at < change.at);
        let known = self.steps.get(at).is_some_and(|step| step.at == change.at);
        let first = self.sum_at(change.at).plus(change.amount)?;
        for step in &self.steps[at..] {
            step.sum.plus(change.amount)?;
        }
        for step in &mut self.steps[at..] {
            step.sum = step.sum.plus(change.amount)?;
        }
        if !known {
            let step = Step {
                at: change.at,
                sum: first,
            };
            self.steps.insert(at, step);
        }
        Ok(())
    }

    /// The sums, ascending by instant.
    pub fn steps(&self) -> &[Step] {
        &self.steps
    }

    /// The sum with all changes.
    pub fn sum(&self) -> Quantity {
        self.steps.last().map_or(self.carried, |step| step.sum)
    }

    /// The sum with all changes up to an instant and at it.
    pub fn sum_at(&self, at: Instant) -> Quantity {
        self.sum_of(self.steps.partition_point(|step| step.at <= at))
    }

    /// The sum with all changes before an instant.
    pub fn sum_before(&self, at: Instant) -> Quantity {
        self.sum_of(self.steps.partition_point(|step| step.at < at))
    }

    fn sum_of(&self, steps: usize) -> Quantity {
        let last = steps.checked_sub(1).and_then(|index| self.steps.get(index));
        last.map_or(self.carried, |step| step.sum)
    }

    /// The steps after an instant.
    pub(super) fn after(&self, at: Instant) -> &[Step] {
        &self.steps[self.steps.partition_point(|step| step.at <= at)..]
    }

    /// The lowest sum at an instant or later.
    pub(super) fn lowest_from(&self, at: Instant) -> Quantity {
        let later = self.after(at).iter().map(|step| step.sum);
        later.fold(self.sum_at(at), Ord::min)
    }

    /// The area under the curve in a part of a cycle, as a share of the whole:
    /// one for the whole cycle is 1, one for a third of it 1/3, exactly. Areas
    /// of parts that make up the cycle sum up to that of the cycle.
    ///
    /// # Errors
    ///
    /// A problem when the cycle has no length, the part ends before it starts,
    /// or the area is too large.
    pub fn area(&self, part: Period, cycle: Period) -> Result<Exact, Problem> {
        if part.end() < part.start() {
            return Err(backwards());
        }
        let mut area: i128 = 0;
        let (mut from, mut level) = (part.start(), self.sum_at(part.start()));
        let mut cover = |from: Instant, until: Instant, level: Quantity| {
            let time = i128::from(until.micros()) - i128::from(from.micros());
            let covered = time.checked_mul(level.scaled().into()).ok_or_else(too_large)?;
            area = area.checked_add(covered).ok_or_else(too_large)?;
            Ok(())
        };
        for step in self.after(part.start()).iter().take_while(|step| step.at < part.end()) {
            cover(from, step.at, level)?;
            (from, level) = (step.at, step.sum);
        }
        cover(from, part.end(), level)?;
        let (whole, one) = (i128::from(length(cycle)?), i128::from(Quantity::ONE.scaled()));
        // Whole seats stay short, which keeps their tiers quick.
        if area % one == 0 {
            return Exact::ratio(area / one, whole);
        }
        Exact::ratio(area, whole * one)
    }
}

/// A period's microseconds, above zero.
pub(super) fn length(period: Period) -> Result<i64, Problem> {
    let length = period.end().micros().checked_sub(period.start().micros());
    length.filter(|length| *length > 0).ok_or_else(backwards)
}

fn backwards() -> Problem {
    Problem::new("must end after it starts")
}
