//! Subscriptions: one state, and what follows from time, commands and money
//! (glossary, section 2; architecture, sections 6 and 8).

mod state;

pub use state::*;
