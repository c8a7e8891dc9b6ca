//! Customers who neither order nor log in: a notice first, then they are
//! dormant, until they order or log in again (StepPay V1 reference, section
//! 4.5; settings `dormancyNoticeMonths`, `dormancyMonths`).

use super::{billing::Desk, port::Tx};
use crate::{domain::id::CustomerId, error::Result};

/// Does what is due for a customer who has been silent.
pub(super) fn run(_desk: &mut Desk<'_>, _tx: &mut dyn Tx, _customer: &CustomerId) -> Result<()> {
    Ok(())
}

/// An order is activity: it counts from now, and whoever is dormant wakes up.
pub(super) fn note_order(_desk: &Desk<'_>, _tx: &mut dyn Tx, _customer: &CustomerId) -> Result<()> {
    Ok(())
}
