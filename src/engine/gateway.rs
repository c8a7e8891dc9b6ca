//! What the engine needs of a payment gateway: the port that the sandbox and
//! every real gateway implement.
//!
//! The engine writes an attempt with a key of its own before it asks, and
//! records what came of it afterwards. So an answer here never says less than
//! what the engine may conclude from it: a decline says that nothing was
//! charged, and whatever is not known for sure is [`ChargeResult::Unknown`].

use std::{pin::Pin, sync::Arc};

use super::port::{Ids, Store, StoreRecord};
use crate::domain::{
    card::{Card, Kept},
    decline::DeclineCode,
    instant::Instant,
    money::Money,
    sandbox::GatewayEventKind,
    secret::Secret,
};

/// An answer that takes a while.
pub type Later<T> = Pin<Box<dyn Future<Output = T> + Send>>;

/// A store's account at a payment gateway. Methods give up by themselves
/// within two minutes, and answer what they then know.
pub trait Gateway: Send + Sync {
    /// What payment methods and payments call it, such as `sandbox`.
    fn name(&self) -> &'static str;

    /// Registers a card for later charges.
    fn register(&self, credential: Credential, at: Instant) -> Later<Registration>;

    /// Charges a registered card. A request with a key that the gateway has
    /// seen charges nothing: it gets the first one's result.
    fn charge(&self, request: ChargeRequest) -> Later<ChargeOutcome>;

    /// What became of the charge with a key.
    fn look_up(&self, key: &str, at: Instant) -> Later<Found>;

    /// Gives money of a charge back. A request with a key that the gateway has
    /// seen gives nothing back: it gets the first one's outcome.
    fn refund(&self, request: RefundRequest) -> Later<RefundOutcome>;

    /// Forgets a registered card; one that it does not know is forgotten.
    fn forget(&self, billing_key: Secret) -> Later<Forgotten>;
}

/// Finds a store's gateway.
pub trait Gateways: Send + Sync {
    /// `None` for a store that has none.
    fn of(&self, store: &StoreRecord, database: &Arc<dyn Store>, ids: &Arc<dyn Ids>) -> Option<Arc<dyn Gateway>>;
}

/// What a card is registered by.
#[derive(Debug, Clone)]
pub enum Credential {
    /// The card itself.
    Card(Card),
    /// What the gateway's own page gave for it.
    AuthKey(Secret),
}

/// What came of a registration.
#[derive(Debug, Clone)]
pub enum Registration {
    /// The card can be charged.
    Registered(Registered),
    /// It cannot; trying again with the same card is of use only when the
    /// decline is soft.
    Declined(Decline),
    /// The gateway does not take such a credential; why, behind `authKey `.
    Unsupported(&'static str),
    /// The gateway did not answer, or with something that nobody understands.
    /// Nothing was charged; it may know a card that nobody will use.
    Unavailable,
}

/// A card that can be charged.
#[derive(Debug, Clone)]
pub struct Registered {
    /// What it is charged by.
    pub billing_key: Secret,
    /// Who issued it, when the gateway says so.
    pub issuer: Option<String>,
    /// What may be kept of it.
    pub kept: Kept,
}

/// Why a gateway refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decline {
    /// The gateway's own word, for support.
    pub gateway_code: String,
    /// Our word for it.
    pub code: DeclineCode,
    /// Whether the card will be declined again: it is not tried by itself.
    pub hard: bool,
}

impl Decline {
    /// A decline that is as hard as its code usually is.
    pub fn new(code: DeclineCode, gateway_code: impl Into<String>) -> Self {
        Self {
            gateway_code: gateway_code.into(),
            code,
            hard: code.is_hard(),
        }
    }
}

/// A charge to be made.
#[derive(Debug, Clone)]
pub struct ChargeRequest {
    /// The attempt's own key: `[A-Za-z0-9_-]`, 6 to 64 characters, never used
    /// for another attempt.
    pub key: String,
    /// The registered card.
    pub billing_key: Secret,
    /// How much; more than nothing.
    pub amount: Money,
    /// What the payer reads on their statement, at most 100 characters.
    pub order_name: String,
    /// Whose card it is: the customer's id.
    pub customer: String,
    /// When it is asked for, by the clock of whoever asks.
    pub at: Instant,
}

/// What came of a charge.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChargeOutcome {
    /// The result.
    pub result: ChargeResult,
    /// What the gateway will tell afterwards, in the order of time. Real
    /// gateways send it by themselves, and this is empty; who asked the sandbox
    /// sees to it.
    pub later: Vec<(Instant, GatewayEventKind)>,
}

impl From<ChargeResult> for ChargeOutcome {
    fn from(result: ChargeResult) -> Self {
        Self {
            result,
            later: Vec::new(),
        }
    }
}

/// The result of a charge.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ChargeResult {
    /// The money is charged. The order is paid.
    Approved {
        /// The payment at the gateway, for refunds and receipts.
        reference: String,
        /// When, as the gateway says.
        at: Instant,
    },
    /// Nothing is charged, nor will be under this key. The one result that
    /// moves a subscription's phase.
    Declined(Decline),
    /// Nothing is charged, and nothing can be before the payer has confirmed;
    /// like a hard decline for whoever charges without the payer.
    NeedsAuthentication,
    /// The gateway accepted the charge and decides later: ask it again, or
    /// wait for its event. Nothing may be charged for the same order meanwhile.
    Pending {
        /// The payment at the gateway.
        reference: String,
    },
    /// Nobody knows: the answer was lost, late, or garbage. The money may be
    /// charged. Only a look-up under the same key tells; a charge under another
    /// key could be a second one.
    Unknown,
    /// The request surely never had an effect, such as when no connection
    /// could be made. It may be sent again, under the same key.
    Unavailable,
}

/// What a look-up finds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Found {
    /// The charge, as it stands now.
    Seen(ChargeOutcome),
    /// The gateway never saw the key: nothing was charged, and the charge may
    /// be sent under it.
    NeverSeen,
    /// The gateway did not answer: nothing new is known.
    Unavailable,
}

/// Money to be given back.
#[derive(Debug, Clone)]
pub struct RefundRequest {
    /// The refund's own key; the form is that of charges.
    pub key: String,
    /// The payment at the gateway.
    pub reference: String,
    /// How much; more than nothing.
    pub amount: Money,
    /// When it is asked for.
    pub at: Instant,
}

/// What came of a refund.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RefundOutcome {
    /// The money is given back.
    Refunded {
        /// The refund at the gateway.
        reference: String,
        /// When, as the gateway says.
        at: Instant,
    },
    /// Nothing is given back, nor will be under this key.
    Refused {
        /// The gateway's own word, for support.
        gateway_code: String,
    },
    /// Nobody knows. Asking again under the same key is safe, and tells.
    Unknown,
    /// The request surely never had an effect; it may be sent again.
    Unavailable,
}

/// Whether a card was forgotten.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Forgotten {
    /// It was, or never was known.
    Done,
    /// The gateway did not answer; ask again.
    Unavailable,
}
