//! A store's choices about amounts and periods (architecture, section 8).

use super::tax::Tax;
use crate::domain::{calendar::Basis, zone::Zone};

/// What the choices are; the defaults are those of architecture, section 8.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Policies {
    /// The zone in which days begin and end.
    pub zone: Zone,
    /// How parts of a period are paid.
    pub proration: Basis,
    /// The day of the month to which first periods are aligned; `None` for
    /// periods that start when the subscription does.
    pub aligned_to: Option<u8>,
    /// Taxes.
    pub tax: Tax,
}
