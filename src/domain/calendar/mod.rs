//! Dates, periods and shares of periods in a time zone.
//!
//! Every boundary is computed from the stored anchor, never from the boundary
//! before it: the 31st survives February, and the nth period is found without
//! walking to it. Local times that a zone leaves out or repeats follow one rule,
//! [`Zone::instant`](super::zone::Zone::instant). (Architecture, sections 3
//! "Time" and 8; glossary, section 4.)

pub mod interval;
pub mod period;
pub mod proration;
pub mod schedule;
mod zone;

pub use interval::{Interval, Unit, add};
pub use period::Period;
pub use proration::{Basis, Fraction, remaining};
pub use schedule::{Periods, Schedule, Stub};

#[cfg(test)]
mod second;
