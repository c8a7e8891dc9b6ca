//! What is going to be charged: the same decisions as those of the days to
//! come, with every charge approved.

use super::{
    due::priced,
    state::{Phase, Subscription},
    world::{Refusal, World, passing_ids},
};
use crate::domain::{
    Problem, catalog::price::PriceType, exact::Exact, id::SubscriptionItemId, instant::Instant, pricing::bill::Bill,
};

/// Most things that may happen while looking ahead: bounds the work.
const MOST_STEPS: usize = 10_000;

impl Subscription {
    /// The next charges, at most `most` of them and none after `until`.
    /// Usage that nobody knows yet counts as none; seats are those there are.
    /// The credit balance is spent in order.
    ///
    /// # Errors
    ///
    /// A refusal when an amount cannot be counted.
    pub fn upcoming(&self, most: usize, until: Instant, world: &World<'_>) -> Result<Vec<Bill>, Refusal> {
        let mut state = self.clone();
        let mut bills = Vec::new();
        let mut balance = world.balance;
        let mut ids = passing_ids();
        for _ in 0..MOST_STEPS {
            if bills.len() >= most || state.phase == Phase::Incomplete {
                break;
            }
            if state.charging {
                state = state.paid(world.now, world.settings)?.after;
            }
            let Some((at, _)) = state.next_due(world.settings)?.filter(|(at, _)| *at <= until) else {
                break;
            };
            let now = at.max(world.now);
            let units = state.units_by(now, self, world)?;
            let ahead = World {
                now,
                units: &units,
                given: if bills.is_empty() { world.given } else { &[] },
                balance,
                ..*world
            };
            let Some(decision) = state.tick(&ahead, &mut ids)? else {
                break;
            };
            state = decision.after;
            if decision.retry.is_some() || state.charging {
                state = state.paid(ahead.now, world.settings)?.after;
            } else if state.method.is_none() && state.phase == Phase::PastDue {
                // Somebody will have to bring a card: it is shown as if they did.
                state = state.paid(ahead.now, world.settings)?.after;
            }
            if let Some(charge) = decision.charge {
                balance = balance.saturating_add(charge.balance);
                bills.push(charge.bill);
            }
        }
        Ok(bills)
    }

    /// Units until an instant to come: what is known of the period that runs
    /// now, and seats for as long as they will have been there.
    fn units_by(
        &self,
        at: Instant,
        now: &Self,
        world: &World<'_>,
    ) -> Result<Vec<(SubscriptionItemId, Exact)>, Problem> {
        let Some(cycle) = self.cycle else {
            return Ok(Vec::new());
        };
        let runs = self.metered_from == now.metered_from;
        let length = |from: Instant, to: Instant| i128::from(to.micros().saturating_sub(from.micros()).max(0));
        let whole = length(self.metered_from, cycle.period.end()).max(1);
        // A pause to come makes the period longer, and what was counted a smaller part of it.
        let counted = now
            .cycle
            .map_or(0, |cycle| length(now.metered_from, cycle.period.end()));
        let part = Exact::ratio(counted, whole)?;
        // A pause may last beyond the period's end, up to which was counted.
        let until = now.cycle.map_or(world.now, |cycle| world.now.min(cycle.period.end()));
        let mut units = Vec::new();
        for item in &self.items {
            let same = runs && now.item(&item.id).is_some_and(|now| now.since == item.since);
            let known = world.units.iter().find(|(known, _)| same && *known == item.id);
            let mut sum = known.map_or(Exact::ZERO, |(_, units)| *units);
            if priced(world, item)?.terms.kind == PriceType::Seat {
                let start = item.since.unwrap_or(self.metered_from);
                let from = known.map_or(start, |_| start.max(until));
                let there = length(from, at.min(cycle.period.end()));
                sum = sum
                    .times(part)?
                    .plus(Exact::whole(item.quantity).times(Exact::ratio(there, whole)?)?)?;
            }
            units.push((item.id.clone(), sum));
        }
        Ok(units)
    }
}
