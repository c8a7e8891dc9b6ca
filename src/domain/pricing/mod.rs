//! From prices to what is due: each step takes lines and gives lines.

pub mod bill;
pub mod charge;
pub mod discount;
pub mod item;
pub mod policies;
pub mod promotion;
pub mod proration;
pub mod purchase;
pub mod rhythm;
pub mod tax;
pub mod tiers;
pub mod usage;

#[cfg(test)]
mod allocations;
