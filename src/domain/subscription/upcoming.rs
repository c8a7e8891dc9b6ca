//! What is going to be charged: the same decisions as those of the days to
//! come, with every charge approved.

use super::{
    state::{Phase, Subscription},
    world::{Refusal, World},
};
use crate::domain::{instant::Instant, pricing::bill::Bill};

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
        let mut made = 0_u128;
        let mut ids = || {
            made += 1;
            made
        };
        for step in 0..MOST_STEPS {
            if bills.len() >= most || state.phase == Phase::Incomplete {
                break;
            }
            if state.charging {
                state = state.paid(world.now, world.settings)?.after;
            }
            let Some((at, _)) = state.next_due(world.settings)?.filter(|(at, _)| *at <= until) else {
                break;
            };
            let ahead = World {
                now: at.max(world.now),
                // What is known of use is of the running period.
                units: if state.periods == self.periods {
                    world.units
                } else {
                    &[]
                },
                given: if step == 0 { world.given } else { &[] },
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
}
