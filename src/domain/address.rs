//! Postal addresses, as invoices and deliveries need them.

use serde::{Deserialize, Serialize};

use super::country::Country;

/// A postal address; every part may be missing.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Address {
    /// Street and number.
    pub line1: Option<String>,
    /// Flat, floor, building.
    pub line2: Option<String>,
    /// City or municipality.
    pub city: Option<String>,
    /// State, province, or Korean `시/도`.
    pub state: Option<String>,
    /// Postal code as text: leading zeros count.
    pub postal_code: Option<String>,
    /// ISO 3166-1 country.
    pub country: Option<Country>,
}

/// A delivery address with the person who receives.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Shipping {
    /// The recipient's name.
    pub name: Option<String>,
    /// The recipient's number, E.164.
    pub phone: Option<String>,
    /// Where to.
    pub address: Address,
}
