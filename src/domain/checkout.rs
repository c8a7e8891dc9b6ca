//! Checkout sessions: an order on its way to be paid on a page.

use serde::{Deserialize, Serialize};

use super::{
    id::{CheckoutSessionId, ClockId, CustomerId, OrderId},
    instant::{Instant, micros},
    key_value::Metadata,
    words::Locale,
};

/// Where a session stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SessionStatus {
    /// It can be paid.
    Open,
    /// It was paid.
    Complete,
    /// Nobody paid it in time, or it was closed.
    Expired,
}

impl SessionStatus {
    /// All, with their words.
    pub const ALL: [(Self, &'static str); 3] = [
        (Self::Open, "open"),
        (Self::Complete, "complete"),
        (Self::Expired, "expired"),
    ];

    /// Its word.
    pub fn name(self) -> &'static str {
        Self::ALL[self as usize].1
    }
}

/// A checkout session.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CheckoutSession {
    /// `cs_…`
    pub id: CheckoutSessionId,
    /// Counts the changes, from 1.
    pub version: i64,
    /// Who pays.
    pub customer: CustomerId,
    /// What is paid.
    pub order: OrderId,
    /// Where it stands.
    pub status: SessionStatus,
    /// What opens its page; whoever has it may pay.
    pub token: String,
    /// Where the payer comes out after paying; the page itself says so when empty.
    pub success_url: String,
    /// Where the payer comes out without having paid.
    pub cancel_url: Option<String>,
    /// Where the payer comes out when paying failed; the page itself says so when `None`.
    #[serde(default)]
    pub error_url: Option<String>,
    /// Whether it is a link to an order that was there before, and goes on
    /// without it.
    #[serde(default)]
    pub pay_link: bool,
    /// The page's language; that of the browser when `None`.
    pub locale: Option<Locale>,
    /// Until when it can be paid.
    #[serde(with = "micros")]
    pub expires_at: Instant,
    /// The clock whose time it goes by.
    pub clock: Option<ClockId>,
    /// When it was paid.
    #[serde(with = "micros::option", default)]
    pub completed_at: Option<Instant>,
    /// When it came to be.
    #[serde(with = "micros")]
    pub created_at: Instant,
    /// When it last changed.
    #[serde(with = "micros")]
    pub updated_at: Instant,
    /// The app's own notes.
    pub metadata: Metadata,
}
