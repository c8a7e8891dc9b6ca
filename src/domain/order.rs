//! Orders: what gets paid (StepPay V1 reference, section 8).

use serde::{Deserialize, Serialize};

use super::{
    currency::Currency,
    id::{
        CheckoutSessionId, ClockId, CouponId, CustomerId, OptionId, OrderId, OrderItemId, PaymentId, PaymentMethodId,
        PriceId, ProductId, SubscriptionId,
    },
    instant::{Instant, micros},
    line::Line,
};

/// What an order is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OrderType {
    /// A single charge.
    OneTime,
    /// The first order of subscriptions.
    Initial,
    /// A further charge of a subscription: a period, a change, the last bill.
    Renewal,
    /// Another payment method for a subscription; nothing is charged.
    MethodChange,
    /// More quota in a period that is paid in advance.
    QuotaTopup,
}

impl OrderType {
    /// All, with their words.
    pub const ALL: [(Self, &'static str); 5] = [
        (Self::OneTime, "one_time"),
        (Self::Initial, "initial"),
        (Self::Renewal, "renewal"),
        (Self::MethodChange, "method_change"),
        (Self::QuotaTopup, "quota_topup"),
    ];

    /// Its word.
    pub fn name(self) -> &'static str {
        Self::ALL[self as usize].1
    }
}

/// Where an order stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OrderStatus {
    /// Not paid yet.
    Open,
    /// Paid, or there was nothing to pay.
    Paid,
    /// A part was given back.
    PartiallyRefunded,
    /// All of it was given back.
    Refunded,
    /// Nobody may pay it any more.
    Canceled,
    /// Nobody paid it in time.
    Expired,
    /// Its one charge was declined, and what it was for was not done.
    Failed,
}

impl OrderStatus {
    /// All, with their words.
    pub const ALL: [(Self, &'static str); 7] = [
        (Self::Open, "open"),
        (Self::Paid, "paid"),
        (Self::PartiallyRefunded, "partially_refunded"),
        (Self::Refunded, "refunded"),
        (Self::Canceled, "canceled"),
        (Self::Expired, "expired"),
        (Self::Failed, "failed"),
    ];

    /// Its word.
    pub fn name(self) -> &'static str {
        Self::ALL[self as usize].1
    }
}

/// A thing that was chosen, before anybody pays: the cart of an order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CartItem {
    /// The price.
    pub price: PriceId,
    /// Whose price it is.
    pub product: ProductId,
    /// Pieces or seats; what the payer has chosen so far.
    pub quantity: i64,
    /// Fewest that the payer may choose.
    pub minimum: i64,
    /// Most that the payer may choose; `None` without a limit of its own.
    pub maximum: Option<i64>,
    /// The chosen option values.
    pub options: Vec<OptionId>,
}

/// One line of an order with its own life: it is delivered, sent back,
/// refunded.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OrderItem {
    /// `oi_…`
    pub id: OrderItemId,
    /// What it is, and what it comes to.
    pub line: Line,
    /// The product that it is for.
    pub product: Option<ProductId>,
    /// Where it stands.
    pub state: super::order_item::ItemState,
    /// How much of it was given back.
    pub refunded: i64,
    /// The bundle's item that it belongs to.
    pub parent: Option<OrderItemId>,
    /// Why somebody moved it to where it stands, in their words.
    #[serde(default)]
    pub note: Option<String>,
}

/// Pieces that are kept for a payer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Hold {
    /// The product.
    pub product: ProductId,
    /// The combination of options whose stock it is; the product's own when empty.
    pub options: Vec<OptionId>,
    /// So many.
    pub pieces: i64,
}

/// A code that an order was given.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Redeemed {
    /// The coupon.
    pub coupon: CouponId,
    /// As it was given.
    pub code: String,
    /// What it took off.
    pub amount: i64,
}

/// A trial that was asked for, in place of the products' own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Trial {
    /// None at all.
    None,
    /// So long.
    Length(super::calendar::Interval),
    /// Until an instant.
    Until(#[serde(with = "micros")] Instant),
}

/// Money that goes back, or went.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Refund {
    /// Under which the gateway knows it.
    pub key: String,
    /// The payment that it is of.
    pub payment: PaymentId,
    /// In the smallest unit; above zero.
    pub amount: i64,
    /// Why, in the merchant's words.
    pub reason: Option<String>,
    /// The one item that it is for.
    pub item: Option<OrderItemId>,
    /// Whether the gateway has done it; `None` while nobody knows.
    pub done: Option<bool>,
    /// When it was asked for.
    #[serde(with = "micros")]
    pub at: Instant,
}

/// An order.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Order {
    /// `ord_…`
    pub id: OrderId,
    /// Running number inside the store, for dialects; gaps are allowed.
    pub number: i64,
    /// Counts the changes, from 1.
    pub version: i64,
    /// Who pays.
    pub customer: CustomerId,
    /// The subscription that it is a further charge of.
    pub subscription: Option<SubscriptionId>,
    /// The subscriptions that paying it made.
    pub made: Vec<SubscriptionId>,
    /// The subscriptions that paying it makes, as they will be born.
    pub births: Vec<super::subscription::Subscription>,
    /// The checkout session that it belongs to.
    pub session: Option<CheckoutSessionId>,
    /// What it is for.
    pub kind: OrderType,
    /// Where it stands.
    pub status: OrderStatus,
    /// The clock whose time it goes by.
    pub clock: Option<ClockId>,
    /// What it is paid in.
    pub currency: Currency,
    /// What was chosen; empty where the items say it all.
    pub cart: Vec<CartItem>,
    /// The trial that was asked for; `None` for those of the products.
    pub trial: Option<Trial>,
    /// Its lines.
    pub items: Vec<OrderItem>,
    /// The sum of its lines, in the smallest unit.
    pub total: i64,
    /// Before discounts and taxes on top.
    pub subtotal: i64,
    /// What is taken off; not below zero.
    pub discount: i64,
    /// Taxes, on top or contained.
    pub tax: i64,
    /// What the customer's credit balance changed by: spent below zero, gained
    /// above.
    pub balance: i64,
    /// What was given back.
    pub refunded: i64,
    /// What was asked to be given back.
    pub refunds: Vec<Refund>,
    /// Codes in the order they were given.
    pub codes: Vec<String>,
    /// Codes that count, once it is settled.
    pub redeemed: Vec<Redeemed>,
    /// What is kept for the payer.
    pub holds: Vec<Hold>,
    /// Until when it is kept.
    #[serde(with = "micros::option", default)]
    pub held_until: Option<Instant>,
    /// Whether the hold was renewed.
    pub hold_renewed: bool,
    /// Until when it can be paid.
    #[serde(with = "micros::option", default)]
    pub deadline: Option<Instant>,
    /// What is going to pay, or has paid.
    pub method: Option<PaymentMethodId>,
    /// The latest attempt to pay it.
    pub payment: Option<PaymentId>,
    /// How many attempts there were.
    pub attempts: u32,
    /// Whether an attempt is under way.
    pub charging: bool,
    /// Whether it may be paid with another gateway than this one.
    pub gateway: Option<String>,
    /// When it was paid.
    #[serde(with = "micros::option", default)]
    pub paid_at: Option<Instant>,
    /// Why it was given up, in the merchant's words.
    #[serde(default)]
    pub cancel_reason: Option<String>,
    /// When it came to be.
    #[serde(with = "micros")]
    pub created_at: Instant,
    /// When it last changed.
    #[serde(with = "micros")]
    pub updated_at: Instant,
    /// The app's own notes.
    pub metadata: super::key_value::Metadata,
}

impl Order {
    /// What is left of what was paid, and nobody has asked for yet.
    pub fn refundable(&self) -> i64 {
        match self.status {
            OrderStatus::Paid | OrderStatus::PartiallyRefunded => {
                let asked = self.refunds.iter().filter(|refund| refund.done.is_none());
                let asked: i64 = asked.map(|refund| refund.amount).sum();
                (self.total - self.refunded - asked).max(0)
            }
            _ => 0,
        }
    }
}
