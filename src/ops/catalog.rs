//! Members that several inputs and answers of the catalogue share.

use serde::{Serialize, Serializer};
use serde_json::Value;

use super::{
    answer::Answer,
    param::{Whole, checked, text_param, words},
    read::{Param, Path, answer, input, kind_of},
    shape::Type,
};
use crate::{
    domain::{
        Problem,
        calendar::{Interval, Unit},
        catalog::{
            draft::TierModeName,
            feature::{FeatureType, Reset},
            price::{Claim, FeeWhen, MAX_AMOUNT, PriceType},
            product::{OptionStatus, OptionType, ProductKind, ProductStatus},
        },
        currency::Currency,
        decimal::{Percent, Quantity, UnitAmount},
        id::{CouponId, FeatureId, OptionId, PriceId, ProductId},
        uuid::Uuid,
        zone::Zone,
    },
    error::Result,
};

/// An amount in a currency's smallest unit.
pub type Amount = Whole<0, MAX_AMOUNT>;
/// A count of things.
pub type Count = Whole<1, MAX_AMOUNT>;
/// An object's version.
pub type Version = Option<Whole<1, MAX_AMOUNT>>;
/// A place among others.
pub type Order = Whole<0, 1000000>;

text_param! {
    ProductId => Type::Id(ProductId::PREFIX), ProductId::parse;
    PriceId => Type::Id(PriceId::PREFIX), PriceId::parse;
    FeatureId => Type::Id(FeatureId::PREFIX), FeatureId::parse;
    CouponId => Type::Id(CouponId::PREFIX), CouponId::parse;
    OptionId => Type::Id(OptionId::PREFIX), OptionId::parse;
    Uuid => Type::Uuid, Uuid::parse;
    Currency => Type::Currency, Currency::parse;
    Timezone => Type::Text(64), Timezone::parse;
}

/// An IANA time zone in its usual spelling.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Timezone(pub Zone);

impl Timezone {
    fn parse(given: &str) -> std::result::Result<Self, Problem> {
        Zone::parse(given).map(Self)
    }
}

/// Whether more than a limit may be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Overage {
    /// It may not.
    Deny,
    /// It may, and is paid.
    Allow,
}

/// How long a coupon takes something off.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DurationWord {
    /// From the first payment.
    Once,
    /// For some months.
    Repeating,
    /// From every payment.
    Forever,
}

/// The order of a list of products.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ProductSortKey {
    /// By time of creation.
    Created,
    /// By folded name.
    Name,
    /// By the merchant's order.
    Order,
}

/// A sort key with its direction.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ProductSort {
    /// By what.
    pub key: ProductSortKey,
    /// Largest, or newest, first.
    pub descending: bool,
}

const fn sort(key: ProductSortKey, descending: bool) -> ProductSort {
    ProductSort { key, descending }
}

words! {
    ProductKind {
        "box" => ProductKind::Box, "software" => ProductKind::Software, "bundle" => ProductKind::Bundle,
        "invoice" => ProductKind::Invoice, "draft" => ProductKind::Draft,
    }
    ProductStatus {
        "sale" => ProductStatus::Sale, "out_of_stock" => ProductStatus::OutOfStock, "unsold" => ProductStatus::Unsold,
        "waiting_approval" => ProductStatus::WaitingApproval, "rejected" => ProductStatus::Rejected,
    }
    OptionType { "select" => OptionType::Select, "color" => OptionType::Color, "product" => OptionType::Product }
    OptionStatus {
        "sale" => OptionStatus::Sale, "out_of_stock" => OptionStatus::OutOfStock, "hidden" => OptionStatus::Hidden,
    }
    FeatureType {
        "boolean" => FeatureType::Boolean, "metered" => FeatureType::Metered, "limit" => FeatureType::Limit,
        "credits" => FeatureType::Credits,
    }
    Reset {
        "day" => Reset::Day, "week" => Reset::Week, "month" => Reset::Month, "billing_period" => Reset::BillingPeriod,
        "lifetime" => Reset::Lifetime,
    }
    Overage { "deny" => Overage::Deny, "allow" => Overage::Allow }
    PriceType {
        "one_time" => PriceType::OneTime, "flat" => PriceType::Flat, "bundle" => PriceType::Bundle,
        "usage" => PriceType::Usage, "seat" => PriceType::Seat,
    }
    Claim { "advance" => Claim::Advance, "arrears" => Claim::Arrears }
    FeeWhen { "initially" => FeeWhen::Initially, "periodic" => FeeWhen::Periodic }
    TierModeName {
        "graduated" => TierModeName::Graduated, "volume" => TierModeName::Volume, "band" => TierModeName::Band,
        "package" => TierModeName::Package, "percentage" => TierModeName::Percentage,
    }
    Unit { "day" => Unit::Day, "week" => Unit::Week, "month" => Unit::Month, "year" => Unit::Year }
    DurationWord {
        "once" => DurationWord::Once, "repeating" => DurationWord::Repeating, "forever" => DurationWord::Forever,
    }
    ProductSort {
        "created" => sort(ProductSortKey::Created, false), "-created" => sort(ProductSortKey::Created, true),
        "name" => sort(ProductSortKey::Name, false), "-name" => sort(ProductSortKey::Name, true),
        "order" => sort(ProductSortKey::Order, false), "-order" => sort(ProductSortKey::Order, true),
    }
}

/// The text of a decimal number. A number is taken by the shortest text that
/// means it, which is the one that the caller wrote.
pub(super) fn decimal(value: Value, at: &Path<'_>) -> Result<String> {
    match value {
        Value::Number(number) => Ok(number.to_string()),
        Value::String(text) => Ok(text),
        other => {
            let message = format!("must be a number or a decimal text, not {}", kind_of(&other));
            Err(at.refuse(message))
        }
    }
}

fn not_negative(text: String, at: &Path<'_>) -> Result<String> {
    if text.trim_start().starts_with('-') {
        return Err(at.refuse("must not be negative"));
    }
    Ok(text)
}

macro_rules! decimals {
    ($($type:ident)*) => {$(
        impl Param for $type {
            const TYPE: Type = Type::Decimal(Self::DECIMALS);
            fn read(value: Value, at: &Path<'_>) -> Result<Self> {
                checked(at, Self::parse(&not_negative(decimal(value, at)?, at)?))
            }
        }
    )*};
}

decimals! { Quantity UnitAmount Percent }

/// A decimal number in an answer: a number when it is whole and JavaScript
/// can count to it, else a text.
#[derive(Debug, Clone)]
pub struct Decimal(String);

impl Decimal {
    /// Of anything that shows itself as a decimal number.
    pub fn of(value: impl std::fmt::Display) -> Self {
        Self(value.to_string())
    }
}

impl Serialize for Decimal {
    fn serialize<S: Serializer>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error> {
        match self.0.parse::<i64>() {
            Ok(whole) if whole.abs() <= MAX_AMOUNT => serializer.serialize_i64(whole),
            _ => serializer.serialize_str(&self.0),
        }
    }
}

impl Answer for Decimal {
    const TYPE: Type = Type::Decimal(Quantity::DECIMALS);
}

/// A text alone, or an object that says more.
#[derive(Debug, Clone)]
pub enum Either<A, B> {
    /// The text.
    Short(A),
    /// The object.
    Long(B),
}

impl<A: Param + 'static, B: Param + 'static> Either<A, B> {
    const SHORT: &'static Type = &A::TYPE;
    const LONG: &'static Type = &B::TYPE;
}

impl<A: Param + 'static, B: Param + 'static> Param for Either<A, B> {
    const TYPE: Type = Type::Either(Self::SHORT, Self::LONG);
    fn read(value: Value, at: &Path<'_>) -> Result<Self> {
        match value {
            Value::String(_) => A::read(value, at).map(Self::Short),
            Value::Object(_) => B::read(value, at).map(Self::Long),
            other => {
                let message = format!("must be a text or an object, not {}", kind_of(&other));
                Err(at.refuse(message))
            }
        }
    }
}

input! {
    /// How long a period is.
    pub struct RecurringInput {
        /// What is counted.
        "interval" interval: Unit,
        /// How many of them; 1 by default, at most 1000, of years 99.
        "intervalCount" interval_count: Option<Whole<1, 1000>>,
    }
}

input! {
    /// How long something lasts.
    pub struct TrialInput {
        /// What is counted.
        "interval" interval: Unit,
        /// How many of them: 1 to 1000, of years 99.
        "count" count: Whole<1, 1000>,
    }
}

answer! {
    /// How long a period is.
    pub struct Recurring {
        /// What is counted.
        "interval" interval: UnitWord,
        /// How many of them.
        "intervalCount" interval_count: i64,
    }
}

answer! {
    /// How long something lasts.
    pub struct Trial {
        /// What is counted.
        "interval" interval: UnitWord,
        /// How many of them.
        "count" count: i64,
    }
}

super::answer::word_answer! {
    /// A unit of time.
    UnitWord => "day" "week" "month" "year";
}

/// An interval out of its two members.
///
/// # Errors
///
/// A problem at `member` when there are too many of them.
pub fn interval(member: &str, unit: Unit, count: i64) -> std::result::Result<Interval, Problem> {
    let refused = |message: String| Problem::at(member, message);
    let count = u32::try_from(count).map_err(|_| refused("is too large".to_owned()))?;
    Interval::new(unit, count).map_err(|problem| refused(problem.message))
}

impl RecurringInput {
    /// The interval.
    ///
    /// # Errors
    ///
    /// A problem at `intervalCount` inside `at`.
    pub fn interval(&self, at: &str) -> std::result::Result<Interval, Problem> {
        let count = self.interval_count.map_or(1, |count| count.0);
        interval(&format!("{at}.intervalCount"), self.interval, count)
    }
}

impl From<Interval> for Recurring {
    fn from(interval: Interval) -> Self {
        Self {
            interval: UnitWord(interval.unit().name()),
            interval_count: interval.count().into(),
        }
    }
}

impl From<Interval> for Trial {
    fn from(interval: Interval) -> Self {
        Self {
            interval: UnitWord(interval.unit().name()),
            count: interval.count().into(),
        }
    }
}
