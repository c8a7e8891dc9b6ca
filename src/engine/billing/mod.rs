//! Billing: orders, payments, subscriptions, and the clockwork that moves them.
//!
//! The domain decides; here a decision is carried out. Everything that it says
//! (the subscription, an order, a payment to be attempted, what the balance
//! changes by, the next job, the events) is saved in one transaction. What has
//! to be asked of a gateway comes out as [`Work`], is done between two
//! transactions, and [`till::record`] takes what came of it.

mod carry;
mod cart;
mod desk;
mod jobs;
mod orders;
mod paid;
mod refunds;
mod scene;
mod sessions;
mod stock;
mod till;
mod undo;
mod usage;
mod work;

pub(super) use carry::{carry_out, refused, save_subscription};
pub(super) use cart::{Buyer, Cart, Quoted, currency_of};
pub(super) use desk::Desk;
pub(super) use jobs::{MOST_STEPS, SESSION_JOB, catch_up, run_job};
pub(super) use orders::move_items;
pub(super) use scene::{Scene, meter, meter_of};
pub(super) use till::{How, event, record, word_of};
pub(super) use work::{Attempt, Said, Work, run};

/// The kinds of objects that billing makes, for their numbers.
pub(super) const NUMBERS: &[&str] = &["order", "payment", "payment_method", "subscription"];
