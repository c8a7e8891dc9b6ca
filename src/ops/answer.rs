//! The types that members of answers have.

use serde::{Serialize, Serializer};
use serde_json::value::RawValue;

use super::shape::Type;
use crate::domain::{
    currency::Currency,
    id::{
        CheckoutSessionId, ClockId, CouponId, CreditId, CustomFieldId, CustomerId, EventId, FeatureId, OptionId,
        OrderId, OrderItemId, PaymentId, PaymentMethodId, PriceId, ProductId, SettingsId, SignupFormId, StoreId,
        SubscriptionId, SubscriptionItemId, UsageId,
    },
    instant::Instant,
    key_value::{Attributes, Metadata},
};

/// A type that a member of an answer can have.
pub trait Answer {
    /// How it is described.
    const TYPE: Type;
    /// May be `null`.
    const NULLABLE: bool = false;
}

impl<T: Answer> Answer for Option<T> {
    const TYPE: Type = T::TYPE;
    const NULLABLE: bool = true;
}

impl<T: Answer + 'static> Answer for Vec<T> {
    const TYPE: Type = Type::List(&T::TYPE, usize::MAX);
}

macro_rules! answers {
    ($($type:ty => $kind:expr;)*) => {$(
        impl Answer for $type {
            const TYPE: Type = $kind;
        }
    )*};
}

answers! {
    String => Type::Text(usize::MAX);
    bool => Type::Boolean;
    i64 => Type::Integer(i64::MIN, i64::MAX);
    Instant => Type::Instant;
    CustomerId => Type::Id(CustomerId::PREFIX);
    CustomFieldId => Type::Id(CustomFieldId::PREFIX);
    SignupFormId => Type::Id(SignupFormId::PREFIX);
    SettingsId => Type::Id(SettingsId::PREFIX);
    EventId => Type::Id(EventId::PREFIX);
    ClockId => Type::Id(ClockId::PREFIX);
    StoreId => Type::Id(StoreId::PREFIX);
    ProductId => Type::Id(ProductId::PREFIX);
    PriceId => Type::Id(PriceId::PREFIX);
    FeatureId => Type::Id(FeatureId::PREFIX);
    CouponId => Type::Id(CouponId::PREFIX);
    OptionId => Type::Id(OptionId::PREFIX);
    SubscriptionItemId => Type::Id(SubscriptionItemId::PREFIX);
    SubscriptionId => Type::Id(SubscriptionId::PREFIX);
    OrderId => Type::Id(OrderId::PREFIX);
    OrderItemId => Type::Id(OrderItemId::PREFIX);
    PaymentId => Type::Id(PaymentId::PREFIX);
    PaymentMethodId => Type::Id(PaymentMethodId::PREFIX);
    CheckoutSessionId => Type::Id(CheckoutSessionId::PREFIX);
    UsageId => Type::Id(UsageId::PREFIX);
    CreditId => Type::Id(CreditId::PREFIX);
    Currency => Type::Currency;
}

/// JSON that is stored as text and goes out as it is.
#[derive(Debug, Clone, Default)]
pub struct Stored(Box<RawValue>);

impl Stored {
    /// Takes a stored text; one that is no JSON (a damaged row) becomes `null`.
    pub fn new(json: &str) -> Self {
        let raw = RawValue::from_string(json.to_owned()).or_else(|_| RawValue::from_string("null".to_owned()));
        Self(raw.unwrap_or_default())
    }
}

impl Serialize for Stored {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.serialize(serializer)
    }
}

macro_rules! stored {
    ($($(#[$doc:meta])* $name:ident($inner:ty) => $kind:expr;)*) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, Default, Serialize)]
        pub struct $name(pub $inner);

        impl Answer for $name {
            const TYPE: Type = $kind;
        }
    )*};
}

stored! {
    /// Text by key.
    MetadataJson(Metadata) => Type::Map;
    /// JSON by key.
    AttributesJson(Attributes) => Type::Attributes;
    /// Any JSON.
    AnyJson(Stored) => Type::Json;
}

/// A word out of a few.
macro_rules! word_answer {
    ($($(#[$doc:meta])* $name:ident => $($word:literal)+;)*) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, serde::Serialize)]
        pub struct $name(pub &'static str);

        impl $crate::ops::answer::Answer for $name {
            const TYPE: $crate::ops::shape::Type = $crate::ops::shape::Type::Enum(&[$($word),+]);
        }
    )*};
}

word_answer! {
    /// A customer's status.
    StatusWord => "normal" "dormant";
    /// `'customer'`.
    CustomerWord => "customer";
    /// `'custom_field'`.
    CustomFieldWord => "custom_field";
    /// `'signup_form'`.
    SignupFormWord => "signup_form";
    /// `'event'`.
    EventWord => "event";
    /// `'store'`.
    StoreWord => "store";
    /// Test or live.
    ModeWord => "test" "live";
    /// What people sign in with.
    AccountWord => "id" "email";
    /// A custom field's type.
    FieldTypeWord => "text" "email" "password" "phone" "checkbox" "dropdown" "calendar" "number" "comment";
    /// `'customer_import'`.
    ImportWord => "customer_import";
    /// `'product'`.
    ProductWord => "product";
    /// `'price'`.
    PriceWord => "price";
    /// `'feature'`.
    FeatureWord => "feature";
    /// `'coupon'`.
    CouponWord => "coupon";
    /// What kind of thing a product is.
    ProductKindWord => "box" "software" "bundle" "invoice" "draft";
    /// Whether a product can be bought.
    ProductStatusWord => "sale" "out_of_stock" "unsold" "waiting_approval" "rejected";
    /// How people choose a value of an option.
    OptionTypeWord => "select" "color" "product";
    /// Whether a combination can be chosen.
    OptionStatusWord => "sale" "out_of_stock" "hidden";
    /// What having a feature means.
    FeatureTypeWord => "boolean" "metered" "limit" "credits";
    /// When an amount starts anew.
    ResetWord => "day" "week" "month" "billing_period" "lifetime";
    /// Whether more than a limit may be used.
    OverageWord => "deny" "allow";
    /// How a price works.
    PriceTypeWord => "one_time" "flat" "bundle" "usage" "seat";
    /// At the start or the end of a period.
    ClaimWord => "advance" "arrears";
    /// How often a fee is due.
    FeeWhenWord => "initially" "periodic";
    /// How units become an amount.
    TierModeWord => "graduated" "volume" "band" "package" "percentage";
    /// `'payment_method'`.
    PaymentMethodWord => "payment_method";
    /// What a payment method is.
    PaymentMethodTypeWord => "card";
    /// Whether a payment method can be charged.
    PaymentMethodStatusWord => "active" "expired";
    /// From which payments a coupon takes something off.
    DurationName => "once" "repeating" "forever";
}

word_answer! {
    /// `'checkout_session'`.
    CheckoutSessionWord => "checkout_session";
    /// `'order'`.
    OrderWord => "order";
    /// `'payment'`.
    PaymentWord => "payment";
    /// `'receipt'`.
    ReceiptWord => "receipt";
    /// `'subscription'`.
    SubscriptionWord => "subscription";
    /// `'subscription_preview'`.
    SubscriptionPreviewWord => "subscription_preview";
    /// `'credit_balance'`.
    CreditBalanceWord => "credit_balance";
    /// `'credit_entry'`.
    CreditEntryWord => "credit_entry";
    /// `'usage'`.
    UsageWord => "usage";
    /// `'usage_calculation'`.
    UsageCalculationWord => "usage_calculation";
    /// `'test_clock'`.
    TestClockWord => "test_clock";
    /// `'forecast'`.
    ForecastWord => "forecast";
    /// `'pay_link'`.
    PayLinkWord => "pay_link";
}

pub(super) use word_answer;

/// Always `true`.
#[derive(Debug, Clone, Copy, Serialize)]
pub struct True(pub bool);

impl Answer for True {
    const TYPE: Type = Type::Boolean;
}
