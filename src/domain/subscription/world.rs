//! What a decision needs to know, and what it is.

use super::state::{PaidPart, Subscription, Topup};
use crate::domain::{
    Problem,
    catalog::{coupon::Coupon, price::Terms},
    country::Country,
    exact::Exact,
    id::{OrderId, PriceId, ProductId, SubscriptionItemId},
    instant::Instant,
    order::OrderType,
    pricing::{bill::Bill, discount::Given, tax::Tax},
    settings::Settings,
};

/// A price with what is said about it on lines.
#[derive(Debug, Clone, Copy)]
pub struct Priced<'a> {
    /// The price.
    pub price: &'a PriceId,
    /// Whose price it is.
    pub product: &'a ProductId,
    /// What people read.
    pub name: &'a str,
    /// What is counted.
    pub unit: &'a str,
    /// What it costs.
    pub terms: &'a Terms,
}

/// Where prices come from.
pub trait Prices {
    /// The price with this id; those of all items and of what is asked for are
    /// there.
    fn priced(&self, price: &PriceId) -> Option<Priced<'_>>;
}

/// Where new ids come from: 128 bits each.
pub type NewId<'a> = &'a mut dyn FnMut() -> u128;

/// Ids for what is only looked at: none that anything has.
pub(super) fn passing_ids() -> impl FnMut() -> u128 {
    let mut last = u128::MAX;
    move || {
        last -= 1;
        last
    }
}

/// What a decision needs to know besides the subscription itself.
pub struct World<'a> {
    /// Now.
    pub now: Instant,
    /// The store's policies.
    pub settings: &'a Settings,
    /// Taxes, those of the products' countries included.
    pub tax: &'a Tax,
    /// Where prices come from.
    pub prices: &'a dyn Prices,
    /// The coupons of codes that go on.
    pub coupons: &'a [Coupon],
    /// Codes that are given now.
    pub given: &'a [Given<'a>],
    /// The customer's country.
    pub country: Option<Country>,
    /// Units that are not billed yet, of items that are metered: since the
    /// item is what it is ([`super::Item::since`]), or else from
    /// [`Subscription::metered_from`], to the end of the running period or to
    /// now, whichever is earlier. A seat that is there
    /// from [`Subscription::metered_from`] to the end of the running period is
    /// one unit, however long that is.
    pub units: &'a [(SubscriptionItemId, Exact)],
    /// The customer's credit balance in the subscription's currency.
    pub balance: i64,
}

/// What is to be collected.
#[derive(Debug, Clone, PartialEq)]
pub struct Charge {
    /// The order's id.
    pub order: OrderId,
    /// What the order is for.
    pub kind: OrderType,
    /// Its lines; the sum may be below zero, then it goes to the balance.
    pub bill: Bill,
    /// What the balance changes by: spent below zero, gained above.
    pub balance: i64,
    /// What the payment method has to pay; nothing when 0.
    pub due: i64,
}

/// Something that people should hear of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum News {
    /// It was changed.
    Updated,
    /// Its trial ends soon.
    TrialWillEnd,
    /// A new period began.
    Renewed,
    /// A renewal was declined.
    PastDue,
    /// It is paid up again.
    Recovered,
    /// It was paused.
    Paused,
    /// It goes on.
    Resumed,
    /// It was cancelled.
    Canceled,
    /// It ended by itself.
    Expired,
    /// A payment is near.
    PaymentDue,
}

impl News {
    /// The type of its event.
    pub const fn event(self) -> &'static str {
        match self {
            Self::Updated => "subscription.updated",
            Self::TrialWillEnd => "subscription.trial_will_end",
            Self::Renewed => "subscription.renewed",
            Self::PastDue => "subscription.past_due",
            Self::Recovered => "subscription.recovered",
            Self::Paused => "subscription.paused",
            Self::Resumed => "subscription.resumed",
            Self::Canceled => "subscription.canceled",
            Self::Expired => "subscription.expired",
            Self::PaymentDue => "subscription.payment_due",
        }
    }
}

/// What follows. Nothing has happened yet: whoever asked saves it all together,
/// or shows it and forgets it.
#[derive(Debug, Clone, PartialEq)]
pub struct Decision {
    /// What the subscription becomes.
    pub after: Subscription,
    /// What is to be collected, or given to the balance.
    pub charge: Option<Charge>,
    /// An order that is open already and is to be charged again.
    pub retry: Option<OrderId>,
    /// An open order that nobody is to pay any more.
    pub close: Option<OrderId>,
    /// What goes back to the payment method.
    pub refund: i64,
    /// An entry of usage that counts from now on.
    pub usage: Option<Topup>,
    /// What people should hear of, in order.
    pub news: Vec<News>,
}

impl Decision {
    /// One that only changes the subscription.
    pub(super) fn of(after: Subscription, news: News) -> Self {
        Self {
            news: vec![news],
            ..Self::quiet(after)
        }
    }

    /// One that nobody hears of.
    pub(super) fn quiet(after: Subscription) -> Self {
        Self {
            after,
            charge: None,
            retry: None,
            close: None,
            refund: 0,
            usage: None,
            news: Vec::new(),
        }
    }
}

/// Why a command was refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refusal {
    /// It has ended: nothing ever follows (glossary, transition 23).
    Ended,
    /// A payment of it is under way.
    Charging,
    /// It cannot be done in its phase; the sentence says what can.
    State(&'static str),
    /// Something that was asked for is wrong.
    Problem(Problem),
}

impl From<Problem> for Refusal {
    fn from(problem: Problem) -> Self {
        Self::Problem(problem)
    }
}

/// What items will have paid once an order is paid.
pub(super) type Paid = Vec<(SubscriptionItemId, PaidPart)>;
