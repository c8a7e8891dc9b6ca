//! What tests need: an engine to call, and a disk whose power fails.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]

pub mod power_cut;
mod running;

pub use running::Running;
