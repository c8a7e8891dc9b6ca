//! Subscriptions: one state, and what follows from time, commands and money
//! (glossary, section 2; architecture, sections 6 and 8).
//!
//! Every function takes the state and what it needs to know of the world, and
//! gives a [`Decision`]: the state that follows, and what is to be collected,
//! given back and told. Nothing happens in here; a preview is a decision that
//! nobody carries out.

mod birth;
mod change;
mod command;
mod cycle;
mod due;
mod edits;
mod end;
mod money;
mod pause;
mod quota;
mod recovery;
mod renewal;
mod state;
mod time;
mod upcoming;
mod world;

pub use birth::{Bought, Receipt, born};
pub use change::{Change, When};
pub use command::At;
pub use due::settle_with_balance;
pub use state::*;
pub use time::Due;
pub use world::{Charge, Decision, NewId, News, Priced, Prices, Refusal, World};

#[cfg(test)]
mod tests;
