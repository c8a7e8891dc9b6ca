//! Rows as the engine knows them, and what it asks of those who keep them.

use crate::{
    domain::{
        api_key::{Mode, Scope},
        currency::Currency,
        custom_field::Definition,
        customer::{Customer, Status},
        id::{ApiKeyId, ClockId, CustomFieldId, CustomerId, EventId, SettingsId, SignupFormId, StoreId},
        instant::Instant,
        search::Query,
        settings::Settings,
        signup_form::Form,
        zone::Zone,
    },
    error::Result,
    ops::param::Sort,
};

/// The number that stands for a store in every row (`stores.no`).
pub type StoreNo = i64;

/// A store as the engine knows it.
#[derive(Debug, Clone)]
pub struct StoreRecord {
    /// Its number, first column of every key.
    pub no: StoreNo,
    /// Its public id.
    pub id: StoreId,
    /// Test or live.
    pub mode: Mode,
    /// IANA time zone.
    pub timezone: String,
    /// ISO 4217 code.
    pub currency: String,
    /// Key material for cursors and for comparing idempotent bodies.
    pub secret: [u8; 32],
    /// Counts the changes.
    pub version: i64,
    /// When it came to be.
    pub created_at: Instant,
    /// When it last changed.
    pub updated_at: Instant,
}

/// An API key's record: only a hash of the key is kept.
#[derive(Debug, Clone)]
pub struct ApiKeyRecord {
    /// `key_…`
    pub id: ApiKeyId,
    /// SHA-256 of the key: keys are random, so a slow hash adds nothing.
    pub hash: [u8; 32],
    /// The store it belongs to.
    pub store: StoreNo,
    /// What it may do.
    pub scope: Scope,
    /// What its owner calls it.
    pub name: Option<String>,
    /// How the key begins and ends, to tell it from others.
    pub hint: Option<String>,
    /// When it came to be.
    pub created_at: Instant,
    /// When it was last used, give or take a minute.
    pub last_used_at: Option<Instant>,
    /// From then on it opens nothing.
    pub expires_at: Option<Instant>,
    /// When it was revoked.
    pub revoked_at: Option<Instant>,
}

/// A customer, or the mark that there was one.
#[derive(Debug, Clone)]
pub enum Found {
    /// It lives.
    Live(Box<Customer>),
    /// It was deleted; its id is never used again. Its place in the order of
    /// creation is left.
    Deleted(Instant),
}

/// The names under which an app's own identifiers of customers are kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reference {
    /// `key`
    Key,
    /// `username`
    Username,
}

/// Where a page starts: behind the row with this sort key and id.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub enum Position {
    /// By time: microseconds and id.
    Time(i64, String),
    /// By folded text and id.
    Text(String, String),
}

/// A list of customers, ready to be fetched.
#[derive(Debug, Clone)]
pub struct CustomerList {
    /// Part of a name, an address or an id.
    pub query: Option<Query>,
    /// Folded e-mail address.
    pub email: Option<String>,
    /// Status.
    pub status: Option<Status>,
    /// Created at or later than, microseconds.
    pub created_from: Option<i64>,
    /// Created earlier than, microseconds.
    pub created_until: Option<i64>,
    /// Order.
    pub sort: Sort,
    /// Behind this one.
    pub after: Option<Position>,
    /// At most so many.
    pub limit: usize,
}

/// Rows of customers.
pub trait CustomerRows {
    /// By id. `lock` holds the row until the end of the transaction.
    fn customer(&mut self, store: StoreNo, id: &CustomerId, lock: bool) -> Result<Option<Found>>;
    /// By the folded e-mail address that it holds as its natural key.
    fn customer_by_email(&mut self, store: StoreNo, key: &str) -> Result<Option<Customer>>;
    /// By one of the app's own identifiers.
    fn customer_by_reference(&mut self, store: StoreNo, reference: Reference, value: &str) -> Result<Option<Customer>>;
    /// The id of whoever has this identifier.
    fn reference_holder(&mut self, store: StoreNo, reference: Reference, value: &str) -> Result<Option<CustomerId>>;
    /// Adds a customer.
    fn insert_customer(&mut self, store: StoreNo, customer: &Customer) -> Result<()>;
    /// Replaces a customer's values.
    fn update_customer(&mut self, store: StoreNo, before: &Customer, after: &Customer) -> Result<()>;
    /// Erases the personal data of a customer and marks it deleted.
    fn erase_customer(&mut self, store: StoreNo, customer: &Customer, at: Instant) -> Result<()>;
    /// One page.
    fn list_customers(&mut self, store: StoreNo, list: &CustomerList) -> Result<Vec<Customer>>;
    /// How many there are over all pages.
    fn count_customers(&mut self, store: StoreNo, list: &CustomerList) -> Result<i64>;
    /// Keeps the hash of a password under the field's key (`password` for the sign-up form's own).
    fn set_password(
        &mut self,
        store: StoreNo,
        id: &CustomerId,
        field: &str,
        hash: Option<&str>,
        at: Instant,
    ) -> Result<()>;
    /// The hash kept under the field's key.
    fn password(&mut self, store: StoreNo, id: &CustomerId, field: &str) -> Result<Option<String>>;
    /// Customers in all stores that go by the system's clock and whose time to
    /// look at their dormancy has come, earliest first.
    fn due_dormant(&mut self, now: Instant, limit: usize) -> Result<Vec<(StoreNo, CustomerId)>>;
    /// When somebody has to look at a customer of status `normal` next; `None`
    /// for everybody else.
    fn dormancy_look(&mut self, store: StoreNo, id: &CustomerId) -> Result<Option<Instant>>;
    /// When the next such time comes by the system's clock.
    fn next_dormant(&mut self) -> Result<Option<Instant>>;
    /// The same by a test clock, with when each time came.
    fn due_dormant_of_clock(
        &mut self,
        store: StoreNo,
        clock: &ClockId,
        until: Instant,
        limit: usize,
    ) -> Result<Vec<(Instant, CustomerId)>>;
    /// When the next such time comes by a test clock.
    fn next_dormant_of_clock(&mut self, store: StoreNo, clock: &ClockId) -> Result<Option<Instant>>;
}

/// A custom field with what every object has.
#[derive(Debug, Clone, PartialEq)]
pub struct CustomFieldRecord {
    /// `fld_…`
    pub id: CustomFieldId,
    /// Its definition.
    pub definition: Definition,
    /// Counts the changes.
    pub version: i64,
    /// When it came to be.
    pub created_at: Instant,
    /// When it last changed.
    pub updated_at: Instant,
}

/// A sign-up form with what every object has.
#[derive(Debug, Clone, PartialEq)]
pub struct SignupFormRecord {
    /// `form_…`
    pub id: SignupFormId,
    /// Its settings.
    pub form: Form,
    /// Counts the changes.
    pub version: i64,
    /// When it came to be.
    pub created_at: Instant,
    /// When it last changed.
    pub updated_at: Instant,
}

/// Rows of custom fields and sign-up forms.
pub trait FormRows {
    /// All fields of the store in the form's order.
    fn custom_fields(&mut self, store: StoreNo) -> Result<Vec<CustomFieldRecord>>;
    /// One field by key or id.
    fn custom_field(&mut self, store: StoreNo, key_or_id: &str, lock: bool) -> Result<Option<CustomFieldRecord>>;
    /// Adds a field.
    fn insert_custom_field(&mut self, store: StoreNo, field: &CustomFieldRecord) -> Result<()>;
    /// Replaces a field's definition.
    fn update_custom_field(&mut self, store: StoreNo, field: &CustomFieldRecord) -> Result<()>;
    /// Removes a field and the hashes kept under it.
    fn delete_custom_field(&mut self, store: StoreNo, field: &CustomFieldRecord) -> Result<()>;
    /// The form, when it was ever changed.
    fn signup_form(&mut self, store: StoreNo, lock: bool) -> Result<Option<SignupFormRecord>>;
    /// Adds or replaces the form.
    fn save_signup_form(&mut self, store: StoreNo, form: &SignupFormRecord) -> Result<()>;
}

/// Settings that a store saved.
#[derive(Debug, Clone, PartialEq)]
pub struct SettingsRecord {
    /// `set_…`
    pub id: SettingsId,
    /// What they say.
    pub settings: Settings,
    /// Counts the changes.
    pub version: i64,
    /// When the store came to be.
    pub created_at: Instant,
    /// When they last changed.
    pub updated_at: Instant,
}

/// What a store decides for itself.
#[derive(Debug, Clone, PartialEq)]
pub struct SettingsRow {
    /// The store's zone.
    pub zone: Zone,
    /// The store's currency.
    pub currency: Currency,
    /// The rest, when it was ever changed.
    pub saved: Option<SettingsRecord>,
}

/// Rows of settings.
pub trait SettingsRows {
    /// The settings of a store. `lock` holds the store's row until the end of
    /// the transaction.
    fn settings(&mut self, store: StoreNo, lock: bool) -> Result<Option<SettingsRow>>;
    /// Adds or replaces the settings.
    fn save_settings(&mut self, store: StoreNo, settings: &SettingsRecord) -> Result<()>;
    /// Changes the store's own row.
    fn set_zone_and_currency(&mut self, store: StoreNo, zone: Zone, currency: Currency, at: Instant) -> Result<()>;
}

/// Something that happened, to be written with the change itself.
#[derive(Debug, Clone)]
pub struct NewEvent<'a> {
    /// `evt_…`
    pub id: EventId,
    /// Such as `customer.created`.
    pub kind: &'static str,
    /// The object's id.
    pub subject: &'a str,
    /// The object's version after it happened.
    pub version: i64,
    /// The object as it is now, JSON. Erased with the customer.
    pub snapshot: Option<&'a str>,
    /// The changed members as they were, JSON. Erased with the customer.
    pub before: Option<&'a str>,
    /// Who did it: kind.
    pub actor_kind: &'static str,
    /// Who did it: id.
    pub actor_id: Option<&'a str>,
    /// The request that did it.
    pub request_id: Option<&'a str>,
    /// The test clock by which it happened.
    pub clock: Option<&'a ClockId>,
    /// When.
    pub at: Instant,
}

/// An event with its place in the sequence.
#[derive(Debug, Clone)]
pub struct EventRecord {
    /// `evt_…`
    pub id: EventId,
    /// Place in the store's sequence.
    pub seq: i64,
    /// Such as `customer.created`.
    pub kind: String,
    /// The object's id.
    pub subject: String,
    /// The object's version.
    pub version: i64,
    /// The object then, JSON, unless erased.
    pub snapshot: Option<String>,
    /// What changed, JSON, unless erased.
    pub before: Option<String>,
    /// Who did it: kind.
    pub actor_kind: String,
    /// Who did it: id.
    pub actor_id: Option<String>,
    /// The request.
    pub request_id: Option<String>,
    /// The test clock by which it happened.
    pub clock: Option<ClockId>,
    /// When.
    pub at: Instant,
}

/// Which events.
#[derive(Debug, Clone)]
pub struct EventList<'a> {
    /// Of this type.
    pub kind: Option<&'a str>,
    /// About this object.
    pub subject: Option<&'a str>,
    /// Behind this place.
    pub after: i64,
    /// At most so many.
    pub limit: usize,
}

/// Rows of events.
pub trait EventRows {
    /// Writes an event; it has no place in the sequence yet.
    fn insert_event(&mut self, store: StoreNo, event: &NewEvent<'_>) -> Result<()>;
    /// Whether committed events wait for their place.
    fn has_unnumbered_events(&mut self, store: StoreNo) -> Result<bool>;
    /// Gives at most `limit` committed events their places, without gaps; says how many got one.
    fn number_events(&mut self, store: StoreNo, limit: usize) -> Result<usize>;
    /// The place of the event with this id; `None` where the store has none of it, or it has no place yet.
    fn event_seq(&mut self, store: StoreNo, id: &EventId) -> Result<Option<i64>>;
    /// The place of the newest event that has one, 0 without any.
    fn last_event_seq(&mut self, store: StoreNo) -> Result<i64>;
    /// Events in their order.
    fn list_events(&mut self, store: StoreNo, list: &EventList<'_>) -> Result<Vec<EventRecord>>;
    /// Erases what events say about an object.
    fn erase_events(&mut self, store: StoreNo, subject: &str) -> Result<()>;
    /// Removes at most `limit` of the oldest events, as long as they happened before `before`; says how many. Only
    /// what has its place goes, and from the front, so that what stays has no gaps.
    fn remove_old_events(&mut self, store: StoreNo, before: Instant, limit: usize) -> Result<usize>;
}

/// An idempotency key in use, with its first answer.
#[derive(Debug, Clone, Copy)]
pub struct KeptAnswer<'a> {
    /// The operation that it belongs to.
    pub operation: &'a str,
    /// The caller's key.
    pub key: &'a str,
    /// HMAC of the body it came with.
    pub body: &'a [u8],
    /// What was answered.
    pub answer: &'a str,
    /// The object it is about.
    pub subject: &'a str,
    /// When.
    pub at: Instant,
    /// From then on the key is free again.
    pub expires: Instant,
}

/// The first answer to an idempotency key.
#[derive(Debug, Clone)]
pub struct FirstAnswer {
    /// HMAC of the body it came with.
    pub body: Vec<u8>,
    /// What was answered; `None` once erased, and empty while the first call
    /// is under way.
    pub answer: Option<String>,
}

/// Rows of idempotency keys.
pub trait IdempotencyRows {
    /// The first answer to a key that has not expired.
    fn first_answer(&mut self, store: StoreNo, operation: &str, key: &str, now: Instant)
    -> Result<Option<FirstAnswer>>;
    /// Keeps the first answer; replaces one that expired. An empty one says
    /// that the call is under way.
    fn keep_answer(&mut self, store: StoreNo, kept: &KeptAnswer<'_>) -> Result<()>;
    /// Puts the first answer in the place of an empty one; when that has
    /// expired and is gone, nothing is kept.
    fn settle_answer(&mut self, store: StoreNo, kept: &KeptAnswer<'_>) -> Result<()>;
    /// Forgets a call that was under way: the key is free again.
    fn release_answer(&mut self, store: StoreNo, operation: &str, key: &str) -> Result<()>;
    /// Erases the answers about an object; the keys stay used.
    fn erase_answers(&mut self, store: StoreNo, subject: &str) -> Result<()>;
    /// Removes a few answers that expired.
    fn remove_expired_answers(&mut self, store: StoreNo, now: Instant) -> Result<()>;
}

/// What a database says about itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Health {
    /// What it is, such as `SQLite 3.50.2`.
    pub version: String,
    /// The number of the last migration that was applied.
    pub schema: i64,
}

/// How far a copy of a database has come, in pages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BackupProgress {
    /// Copied.
    pub done: u64,
    /// Of so many.
    pub total: u64,
}

/// The size of a database before and after it was rewritten, in bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Compacted {
    /// Before.
    pub before: u64,
    /// After.
    pub after: u64,
}

/// Rows that belong to no store, or are one.
pub trait StoreRows {
    /// All stores of a small database; the first ones of a large one.
    fn stores(&mut self) -> Result<Vec<StoreRecord>>;
    /// The store with this id.
    fn store_by_id(&mut self, id: &StoreId) -> Result<Option<StoreRecord>>;
    /// The number for a new store; nobody else gets it before the transaction
    /// ends, once there is a store.
    fn next_store_no(&mut self) -> Result<StoreNo>;
    /// The store with this number.
    fn store(&mut self, no: StoreNo) -> Result<Option<StoreRecord>>;
    /// The key with this hash, whatever became of it.
    fn api_key(&mut self, hash: &[u8; 32]) -> Result<Option<ApiKeyRecord>>;
    /// The key with this id, whatever became of it.
    fn api_key_by_id(&mut self, id: &ApiKeyId) -> Result<Option<ApiKeyRecord>>;
    /// The keys of a store, or of all stores: oldest first, at most 1,000.
    fn api_keys(&mut self, store: Option<StoreNo>) -> Result<Vec<ApiKeyRecord>>;
    /// Whether the store has any key.
    fn has_api_key(&mut self, store: StoreNo) -> Result<bool>;
    /// Adds a store.
    fn insert_store(&mut self, store: &StoreRecord) -> Result<()>;
    /// Adds a key.
    fn insert_api_key(&mut self, key: &ApiKeyRecord) -> Result<()>;
    /// Revokes a key for good.
    fn revoke_api_key(&mut self, hash: &[u8; 32], at: Instant) -> Result<()>;
    /// Notes that a key was used.
    fn touch_api_key(&mut self, hash: &[u8; 32], at: Instant) -> Result<()>;
    /// What the database says about itself; fails where it cannot be written.
    fn health(&mut self) -> Result<Health>;
    /// Reserves so many numbers for new objects of a kind; gives the first.
    fn reserve_numbers(&mut self, store: StoreNo, kind: &str, count: i64) -> Result<i64>;
}
