//! Orders, payments, subscriptions and what makes them move, as the engine
//! knows them, and what it asks of those who keep them.

use super::port::{Position, StoreNo};
use crate::{
    domain::{
        checkout::CheckoutSession,
        currency::Currency,
        decimal::Quantity,
        id::{
            CheckoutSessionId, ClockId, CouponId, CreditId, CustomerId, OrderId, PaymentId, ProductId, SubscriptionId,
            SubscriptionItemId, UsageId,
        },
        instant::Instant,
        key_value::Metadata,
        order::{Order, OrderStatus, OrderType},
        payment::{Payment, PaymentStatus},
        subscription::{Phase, Subscription},
    },
    error::Result,
};

/// A subscription with what every object has.
#[derive(Debug, Clone, PartialEq)]
pub struct SubscriptionRecord {
    /// What it is.
    pub state: Subscription,
    /// Running number inside the store, for dialects; gaps are allowed.
    pub number: i64,
    /// Counts the changes, from 1.
    pub version: i64,
    /// Whose it is.
    pub customer: CustomerId,
    /// The order that made it; `None` for one that was imported.
    pub order: Option<OrderId>,
    /// The clock whose time it goes by.
    pub clock: Option<ClockId>,
    /// When it came to be.
    pub created_at: Instant,
    /// When it last changed.
    pub updated_at: Instant,
    /// The app's own notes.
    pub metadata: Metadata,
}

/// Which page of a list, newest first.
#[derive(Debug, Clone, Default)]
pub struct Paging {
    /// Behind this one.
    pub after: Option<Position>,
    /// At most so many.
    pub limit: usize,
}

/// Which subscriptions. Members that are `None` do not matter.
#[derive(Debug, Clone, Default)]
pub struct SubscriptionFilter {
    /// Whose.
    pub customer: Option<CustomerId>,
    /// In these phases; any when empty.
    pub phases: Vec<Phase>,
}

/// Which orders. Members that are `None` do not matter.
#[derive(Debug, Clone, Default)]
pub struct OrderFilter {
    /// Whose.
    pub customer: Option<CustomerId>,
    /// Further charges of this subscription, and the order that made it.
    pub subscription: Option<SubscriptionId>,
    /// Of this type.
    pub kind: Option<OrderType>,
    /// With this status.
    pub status: Option<OrderStatus>,
}

/// Which payments. Members that are `None` do not matter.
#[derive(Debug, Clone, Default)]
pub struct PaymentFilter {
    /// Whose.
    pub customer: Option<CustomerId>,
    /// Attempts to pay this order.
    pub order: Option<OrderId>,
    /// Of charges of this subscription.
    pub subscription: Option<SubscriptionId>,
    /// With this status.
    pub status: Option<PaymentStatus>,
}

/// Rows of subscriptions.
pub trait SubscriptionRows {
    /// By id. `lock` holds the row until the end of the transaction.
    fn subscription(&mut self, store: StoreNo, id: &SubscriptionId, lock: bool) -> Result<Option<SubscriptionRecord>>;
    /// The one that an item belongs to, items that were removed as well.
    fn subscription_of_item(&mut self, store: StoreNo, item: &SubscriptionItemId) -> Result<Option<SubscriptionId>>;
    /// Adds one.
    fn insert_subscription(&mut self, store: StoreNo, record: &SubscriptionRecord) -> Result<()>;
    /// Replaces one; `before` tells which items are new.
    fn update_subscription(
        &mut self,
        store: StoreNo,
        before: &SubscriptionRecord,
        after: &SubscriptionRecord,
    ) -> Result<()>;
    /// One page, newest first.
    fn list_subscriptions(
        &mut self,
        store: StoreNo,
        filter: &SubscriptionFilter,
        paging: &Paging,
    ) -> Result<Vec<SubscriptionRecord>>;
    /// All of a customer that are not ended, oldest first.
    fn live_subscriptions(&mut self, store: StoreNo, customer: &CustomerId) -> Result<Vec<SubscriptionRecord>>;
}

/// Rows of orders and payments.
pub trait OrderRows {
    /// By id. `lock` holds the row until the end of the transaction.
    fn order(&mut self, store: StoreNo, id: &OrderId, lock: bool) -> Result<Option<Order>>;
    /// By its number.
    fn order_by_number(&mut self, store: StoreNo, number: i64) -> Result<Option<Order>>;
    /// Adds one.
    fn insert_order(&mut self, store: StoreNo, order: &Order) -> Result<()>;
    /// Replaces one.
    fn update_order(&mut self, store: StoreNo, order: &Order) -> Result<()>;
    /// One page, newest first.
    fn list_orders(&mut self, store: StoreNo, filter: &OrderFilter, paging: &Paging) -> Result<Vec<Order>>;
    /// By id. `lock` holds the row until the end of the transaction.
    fn payment(&mut self, store: StoreNo, id: &PaymentId, lock: bool) -> Result<Option<Payment>>;
    /// By its key.
    fn payment_by_key(&mut self, store: StoreNo, key: &str) -> Result<Option<PaymentId>>;
    /// Adds one.
    fn insert_payment(&mut self, store: StoreNo, payment: &Payment) -> Result<()>;
    /// Replaces one.
    fn update_payment(&mut self, store: StoreNo, payment: &Payment) -> Result<()>;
    /// One page, newest first.
    fn list_payments(&mut self, store: StoreNo, filter: &PaymentFilter, paging: &Paging) -> Result<Vec<Payment>>;
}

/// Rows of checkout sessions.
pub trait CheckoutRows {
    /// By id. `lock` holds the row until the end of the transaction.
    fn session(&mut self, store: StoreNo, id: &CheckoutSessionId, lock: bool) -> Result<Option<CheckoutSession>>;
    /// The store and the session that a page's token opens.
    fn session_by_token(&mut self, token: &str) -> Result<Option<(StoreNo, CheckoutSessionId)>>;
    /// Adds one; its token opens it.
    fn insert_session(&mut self, store: StoreNo, session: &CheckoutSession) -> Result<()>;
    /// Replaces one.
    fn update_session(&mut self, store: StoreNo, session: &CheckoutSession) -> Result<()>;
    /// One page of all, or of a customer's, newest first.
    fn list_sessions(
        &mut self,
        store: StoreNo,
        customer: Option<&CustomerId>,
        paging: &Paging,
    ) -> Result<Vec<CheckoutSession>>;
}

/// Something that falls due: at most one for each subject.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Job {
    /// The object's id.
    pub subject: String,
    /// What is to be done, such as `subscription`.
    pub kind: String,
    /// When.
    pub due_at: Instant,
    /// The clock that says when; the system's when `None`.
    pub clock: Option<ClockId>,
    /// How often it went wrong in a row.
    pub failures: u32,
}

/// A job of any store.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DueJob {
    /// Whose.
    pub store: StoreNo,
    /// What.
    pub job: Job,
}

/// Rows of jobs.
pub trait JobRows {
    /// Sets the one job of a subject.
    fn put_job(&mut self, store: StoreNo, job: &Job) -> Result<()>;
    /// Removes the job of a subject, if there is one.
    fn remove_job(&mut self, store: StoreNo, subject: &str) -> Result<()>;
    /// The job of a subject. `lock` holds the row.
    fn job(&mut self, store: StoreNo, subject: &str, lock: bool) -> Result<Option<Job>>;
    /// Jobs of the system's clock in all stores that are due, earliest first.
    /// They are held until the transaction ends; what others hold is left out.
    /// Other tasks may share the transaction: whoever takes a job moves or
    /// removes it at once, and comes last by [`super::port::Task::order`], so
    /// that nothing is waited for while jobs are held.
    fn due_jobs(&mut self, now: Instant, limit: usize) -> Result<Vec<DueJob>>;
    /// When the next job of the system's clock is due.
    fn next_job(&mut self) -> Result<Option<Instant>>;
    /// The earliest jobs of a test clock that are due by an instant, all with
    /// the same `due_at`, by subject; held until the transaction ends. What
    /// others hold is left out, but nothing later is given in its place:
    /// [`Self::next_job_of_clock`] tells whether all is done.
    fn due_jobs_of_clock(&mut self, store: StoreNo, clock: &ClockId, until: Instant, limit: usize) -> Result<Vec<Job>>;
    /// When the next job of a test clock is due.
    fn next_job_of_clock(&mut self, store: StoreNo, clock: &ClockId) -> Result<Option<Instant>>;
}

/// A test clock.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClockRecord {
    /// `clk_…`
    pub id: ClockId,
    /// Counts the changes, from 1.
    pub version: i64,
    /// What people call it.
    pub name: Option<String>,
    /// Whether the whole store goes by it, or customers that name it.
    pub whole_store: bool,
    /// What it shows.
    pub now: Instant,
    /// Where it is being moved to; `None` at rest.
    pub advancing_to: Option<Instant>,
    /// When it came to be, by the system's clock.
    pub created_at: Instant,
    /// When it last changed, by the system's clock.
    pub updated_at: Instant,
}

/// Rows of test clocks.
pub trait ClockRows {
    /// By id. `lock` holds the row until the end of the transaction.
    fn clock(&mut self, store: StoreNo, id: &ClockId, lock: bool) -> Result<Option<ClockRecord>>;
    /// The clock that the whole store goes by.
    fn store_clock(&mut self, store: StoreNo) -> Result<Option<ClockRecord>>;
    /// All of a store, newest first.
    fn clocks(&mut self, store: StoreNo) -> Result<Vec<ClockRecord>>;
    /// Adds one.
    fn insert_clock(&mut self, store: StoreNo, clock: &ClockRecord) -> Result<()>;
    /// Replaces one.
    fn update_clock(&mut self, store: StoreNo, clock: &ClockRecord) -> Result<()>;
    /// Removes one, with the jobs that go by it.
    fn delete_clock(&mut self, store: StoreNo, id: &ClockId) -> Result<()>;
}

/// An entry of a customer's credit balance; it is never changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CreditEntry {
    /// `crd_…`
    pub id: CreditId,
    /// Whose.
    pub customer: CustomerId,
    /// In which currency.
    pub currency: Currency,
    /// What came, or went when below zero.
    pub amount: i64,
    /// The balance after it.
    pub balance: i64,
    /// Why, in a word of ours or the merchant's text.
    pub reason: String,
    /// The order that it comes from, or was spent on.
    pub order: Option<OrderId>,
    /// When.
    pub created_at: Instant,
}

/// Rows of credit balances.
pub trait CreditRows {
    /// A customer's balance, in the smallest unit; 0 when there is none. `lock` holds it.
    fn credit_balance(&mut self, store: StoreNo, customer: &CustomerId, currency: Currency, lock: bool) -> Result<i64>;
    /// All balances of a customer.
    fn credit_balances(&mut self, store: StoreNo, customer: &CustomerId) -> Result<Vec<(Currency, i64)>>;
    /// Adds an entry and sets the balance to what it says.
    ///
    /// # Errors
    ///
    /// `write_conflict` when the balance before was another: somebody else was faster.
    fn insert_credit(&mut self, store: StoreNo, entry: &CreditEntry) -> Result<()>;
    /// One page of a customer's entries, newest first, in one currency or all.
    fn list_credits(
        &mut self,
        store: StoreNo,
        customer: &CustomerId,
        currency: Option<Currency>,
        paging: &Paging,
    ) -> Result<Vec<CreditEntry>>;
}

/// An entry of what was used, or may be used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UsageEntry {
    /// `use_…`
    pub id: UsageId,
    /// The item that it counts for.
    pub item: SubscriptionItemId,
    /// Its subscription.
    pub subscription: SubscriptionId,
    /// What was used on top, or taken back.
    pub record: Quantity,
    /// What may be used on top, or less.
    pub quota: Quantity,
    /// From when it counts.
    pub at: Instant,
    /// `api`, `manager`, `system` or `customer`.
    pub via: String,
    /// Free text.
    pub payload: Option<String>,
    /// When it was written down.
    pub created_at: Instant,
}

/// Rows of usage.
pub trait UsageRows {
    /// Adds an entry.
    fn insert_usage(&mut self, store: StoreNo, entry: &UsageEntry) -> Result<()>;
    /// The entries of an item from an instant on and before another, by `at`.
    fn usage_of(
        &mut self,
        store: StoreNo,
        item: &SubscriptionItemId,
        from: Instant,
        until: Instant,
    ) -> Result<Vec<UsageEntry>>;
    /// The sums of records and quotas of an item before an instant.
    fn usage_sums(
        &mut self,
        store: StoreNo,
        item: &SubscriptionItemId,
        before: Instant,
    ) -> Result<(Quantity, Quantity)>;
    /// Erases the free texts of a customer's entries.
    fn erase_usage_texts(&mut self, store: StoreNo, customer: &CustomerId) -> Result<()>;
    /// One page of an item's entries, newest first.
    fn list_usage(&mut self, store: StoreNo, item: &SubscriptionItemId, paging: &Paging) -> Result<Vec<UsageEntry>>;
}

/// What a customer had of a product before.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Purchased {
    /// When it was first bought; `None` while that is only being tried.
    pub bought_at: Option<Instant>,
    /// When a trial of it began.
    pub trial_at: Option<Instant>,
}

/// Rows of what was bought and redeemed.
pub trait PurchaseRows {
    /// What a customer had of a product before. `lock` keeps others from
    /// buying it for the same customer until the transaction ends.
    fn purchased(
        &mut self,
        store: StoreNo,
        customer: &CustomerId,
        product: &ProductId,
        lock: bool,
    ) -> Result<Purchased>;
    /// Notes a purchase or a trial; what was noted before stays.
    fn note_purchase(
        &mut self,
        store: StoreNo,
        customer: &CustomerId,
        product: &ProductId,
        purchased: Purchased,
    ) -> Result<()>;
    /// How often a coupon counts as redeemed at an instant: by everybody and by
    /// a customer; redemptions that are only held count until then, and those of
    /// `except` do not.
    fn redemptions(
        &mut self,
        store: StoreNo,
        coupon: &CouponId,
        customer: Option<&CustomerId>,
        except: Option<&OrderId>,
        now: Instant,
    ) -> Result<(i64, i64)>;
    /// Holds a redemption for an order until an instant, or for good (`None`).
    fn put_redemption(
        &mut self,
        store: StoreNo,
        coupon: &CouponId,
        order: &OrderId,
        customer: &CustomerId,
        held_until: Option<Instant>,
    ) -> Result<()>;
    /// Gives a redemption back.
    fn remove_redemption(&mut self, store: StoreNo, coupon: &CouponId, order: &OrderId) -> Result<()>;
    /// Notes that a gateway's event was taken; `false` when it was before.
    fn note_gateway_event(&mut self, store: StoreNo, gateway: &str, event: &str, at: Instant) -> Result<bool>;
}

/// Rows of everything that is billed.
pub trait BillingRows:
    SubscriptionRows + OrderRows + CheckoutRows + JobRows + ClockRows + CreditRows + UsageRows + PurchaseRows
{
}

impl<T: SubscriptionRows + OrderRows + CheckoutRows + JobRows + ClockRows + CreditRows + UsageRows + PurchaseRows>
    BillingRows for T
{
}
