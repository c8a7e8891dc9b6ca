//! Payment methods and the sandbox gateway's ledger as the engine knows them,
//! and what it asks of those who keep them.

use serde::{Deserialize, Serialize};

use super::port::{Entry, Position, StoreNo};
use crate::{
    domain::{
        decline::DeclineCode,
        id::{CustomerId, PaymentMethodId},
        instant::Instant,
        key_value::Metadata,
        money::Money,
        sandbox::Behaviour,
    },
    error::Result,
};

/// Whether a payment method can be charged.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MethodStatus {
    /// It can.
    Active,
    /// It was replaced, or its gateway refused it for good.
    Expired,
}

impl MethodStatus {
    /// The word.
    pub fn name(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Expired => "expired",
        }
    }
}

/// What a payment method is beyond what is searched for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MethodBody {
    /// The gateway that knows it.
    pub gateway: String,
    /// Who issued the card.
    pub issuer: Option<String>,
    /// The last four digits of the card's number.
    pub last4: String,
    /// Two digits.
    pub expiration_year: String,
    /// Two digits.
    pub expiration_month: String,
    /// Whether a company holds the card.
    pub is_corporate: bool,
    /// Whether it can be charged.
    pub status: MethodStatus,
    /// The app's own notes.
    pub metadata: Metadata,
}

/// A payment method.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PaymentMethodRecord {
    /// `pm_…`
    pub id: PaymentMethodId,
    /// Running number inside the store, for dialects; gaps are allowed.
    pub number: i64,
    /// Counts the changes, from 1.
    pub version: i64,
    /// When it came to be.
    pub created_at: Instant,
    /// When it last changed.
    pub updated_at: Instant,
    /// Whose it is.
    pub customer: CustomerId,
    /// Whether it is charged where nothing else is said.
    pub is_default: bool,
    /// Everything else.
    pub body: MethodBody,
    /// The billing key, sealed by the vault.
    pub secret: Vec<u8>,
}

/// Rows of payment methods.
pub trait PaymentMethodRows {
    /// By id. `lock` holds the row until the end of the transaction.
    fn payment_method(
        &mut self,
        store: StoreNo,
        id: &PaymentMethodId,
        lock: bool,
    ) -> Result<Option<Entry<PaymentMethodRecord>>>;
    /// The one that a customer is charged with where nothing else is said.
    fn default_payment_method(&mut self, store: StoreNo, customer: &CustomerId) -> Result<Option<PaymentMethodRecord>>;
    /// A customer's, newest first, behind a position; at most `limit`.
    fn payment_methods_of(
        &mut self,
        store: StoreNo,
        customer: &CustomerId,
        after: Option<&Position>,
        limit: usize,
    ) -> Result<Vec<PaymentMethodRecord>>;
    /// Adds one.
    fn insert_payment_method(&mut self, store: StoreNo, method: &PaymentMethodRecord) -> Result<()>;
    /// Replaces the values of one.
    fn update_payment_method(&mut self, store: StoreNo, method: &PaymentMethodRecord) -> Result<()>;
    /// Marks one deleted, and erases all that it held.
    fn delete_payment_method(&mut self, store: StoreNo, id: &PaymentMethodId, at: Instant) -> Result<()>;
    /// The ids of all that a customer ever had, deleted ones too.
    fn every_payment_method(&mut self, store: StoreNo, customer: &CustomerId) -> Result<Vec<PaymentMethodId>>;
}

/// A card that the sandbox gateway knows: never its number.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SandboxCard {
    /// The billing key.
    pub billing_key: String,
    /// What becomes of its charges.
    pub behaviour: Behaviour,
    /// How many charges there were.
    pub charges: u32,
    /// The last four digits of its number.
    pub last4: String,
    /// Whether it was forgotten.
    pub forgotten: bool,
}

/// What the sandbox decided about a charge.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum SandboxOutcome {
    /// Charged.
    Approved,
    /// Not charged; our word for why.
    Declined(String),
    /// Not charged: the payer has to confirm.
    NeedsAuthentication,
    /// Charged from this instant on, microseconds.
    Pending(i64),
}

impl SandboxOutcome {
    /// A decline.
    pub fn declined(code: DeclineCode) -> Self {
        Self::Declined(code.name().to_owned())
    }
}

/// Money that the sandbox gave back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SandboxRefund {
    /// The refund's key.
    pub key: String,
    /// How much, in the smallest unit of the charge's currency.
    pub amount: i64,
    /// When, microseconds.
    pub at: i64,
}

/// A charge in the sandbox's ledger.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SandboxCharge {
    /// The attempt's key.
    pub key: String,
    /// The billing key of the card.
    pub card: String,
    /// Which charge of the card it was, from 0.
    pub n: u32,
    /// How much.
    pub amount: Money,
    /// What was decided.
    pub outcome: SandboxOutcome,
    /// When.
    pub at: Instant,
    /// What was given back of it.
    pub refunds: Vec<SandboxRefund>,
}

/// Rows of the sandbox gateway, which keeps its books in the same database as
/// a gateway elsewhere would keep them in its own.
pub trait SandboxRows {
    /// A card by its billing key; the row is held until the end of the transaction.
    fn sandbox_card(&mut self, store: StoreNo, billing_key: &str) -> Result<Option<SandboxCard>>;
    /// Adds a card.
    fn insert_sandbox_card(&mut self, store: StoreNo, card: &SandboxCard) -> Result<()>;
    /// Replaces what is known of a card.
    fn update_sandbox_card(&mut self, store: StoreNo, card: &SandboxCard) -> Result<()>;
    /// A charge by its key; with `lock` the row is held until the end of the transaction.
    fn sandbox_charge(&mut self, store: StoreNo, key: &str, lock: bool) -> Result<Option<SandboxCharge>>;
    /// Writes a charge down.
    fn insert_sandbox_charge(&mut self, store: StoreNo, charge: &SandboxCharge) -> Result<()>;
    /// Writes down what was given back of a charge.
    fn update_sandbox_refunds(&mut self, store: StoreNo, charge: &SandboxCharge) -> Result<()>;
    /// The ledger in the order of keys behind `after`, at most `limit`.
    fn sandbox_charges(&mut self, store: StoreNo, after: &str, limit: usize) -> Result<Vec<SandboxCharge>>;
}
