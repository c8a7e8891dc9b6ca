//! Members that several inputs and answers about orders, payments and
//! subscriptions share.

use serde::{Serialize, Serializer};
use serde_json::Value;

use super::{
    answer::Answer,
    catalog::{Decimal, TrialInput, decimal, interval},
    param::{Items, Whole, checked, string, text_param, words},
    read::{Input, Param, Path, input},
    shape::Type,
};
use crate::{
    domain::{
        Problem,
        calendar::{Interval, Unit},
        catalog::price::MAX_AMOUNT,
        checkout::SessionStatus,
        decimal::Quantity,
        id::{
            CheckoutSessionId, ClockId, OrderId, OrderItemId, PaymentId, PaymentMethodId, SubscriptionId,
            SubscriptionItemId,
        },
        instant::Instant,
        order::{OrderStatus, OrderType},
        order_item::ItemState,
        payment::PaymentStatus,
        settings::GiveBack,
        subscription::{At, Phase, Until, When},
        url,
        words::Locale,
    },
    error::Result,
};

/// An amount in a currency's smallest unit that may be below zero.
pub type SignedAmount = Whole<{ -MAX_AMOUNT }, MAX_AMOUNT>;
/// Pieces or seats.
pub type Pieces = Whole<1, 1_000_000_000>;

text_param! {
    SubscriptionId => Type::Id(SubscriptionId::PREFIX), SubscriptionId::parse;
    SubscriptionItemId => Type::Id(SubscriptionItemId::PREFIX), SubscriptionItemId::parse;
    OrderId => Type::Id(OrderId::PREFIX), OrderId::parse;
    OrderItemId => Type::Id(OrderItemId::PREFIX), OrderItemId::parse;
    PaymentId => Type::Id(PaymentId::PREFIX), PaymentId::parse;
    PaymentMethodId => Type::Id(PaymentMethodId::PREFIX), PaymentMethodId::parse;
    CheckoutSessionId => Type::Id(CheckoutSessionId::PREFIX), CheckoutSessionId::parse;
    ClockId => Type::Id(ClockId::PREFIX), ClockId::parse;
    PageUrl => Type::Loose(1, url::MAX_CHARACTERS), PageUrl::parse;
}

/// Declares enums of the domain, which know their words, as members of inputs
/// and answers.
macro_rules! named {
    ($($type:ty => $all:expr;)*) => {$(
        const _: () = {
            const ALL: &[($type, &str)] = $all;
            const WORDS: [&str; ALL.len()] = {
                let mut words = [""; ALL.len()];
                let mut at = 0;
                while at < ALL.len() {
                    words[at] = ALL[at].1;
                    at += 1;
                }
                words
            };

            impl Param for $type {
                const TYPE: Type = Type::Enum(&WORDS);
                fn read(value: Value, at: &Path<'_>) -> Result<Self> {
                    let given = string(value, at)?.to_ascii_lowercase();
                    let found = ALL.iter().find(|(_, word)| *word == given);
                    found
                        .map(|(named, _)| *named)
                        .ok_or_else(|| at.refuse(one_of(&WORDS)))
                }
            }

            impl Answer for $type {
                const TYPE: Type = Type::Enum(&WORDS);
            }
        };
    )*};
}

/// What a word has to be; of very many the first ones have to do.
fn one_of(words: &[&str]) -> String {
    const SHOWN: usize = 12;
    let (shown, left) = words.split_at(words.len().min(SHOWN));
    let more = if left.is_empty() {
        String::new()
    } else {
        format!(", or one of the {} others that the types list", left.len())
    };
    format!("must be one of: {}{more}", shown.join(" "))
}

named! {
    OrderType => &OrderType::ALL;
    OrderStatus => &OrderStatus::ALL;
    PaymentStatus => &PaymentStatus::ALL;
    Phase => &Phase::ALL;
    SessionStatus => &SessionStatus::ALL;
    ItemState => ItemState::ALL;
}

impl Answer for Locale {
    const TYPE: Type = Type::Enum(&["en", "ko"]);
}

/// When a pause begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PauseWhen {
    /// At once.
    Now,
    /// When the running period ends.
    PeriodEnd,
}

impl From<PauseWhen> for At {
    fn from(when: PauseWhen) -> Self {
        match when {
            PauseWhen::Now => Self::Now,
            PauseWhen::PeriodEnd => Self::PeriodEnd,
        }
    }
}

/// When a quantity changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct EffectiveDate(pub When);

/// What becomes of the time between two payment dates.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Gap {
    /// It costs nothing.
    None,
    /// It is charged.
    Charge,
}

/// When a change is made: left out, the store's settings say.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ChangeWhen(pub When);

/// A [`ChangeWhen`] in words.
struct ChangeWord(When);

words! {
    PauseWhen { "now" => PauseWhen::Now, "period_end" => PauseWhen::PeriodEnd }
    ChangeWord { "now" => ChangeWord(When::Now), "period_end" => ChangeWord(When::PeriodEnd) }
    EffectiveDate { "immediate" => EffectiveDate(When::Now), "next_billing" => EffectiveDate(When::PeriodEnd) }
    Gap { "none" => Gap::None, "charge" => Gap::Charge }
}

impl Param for ChangeWhen {
    const TYPE: Type = ChangeWord::TYPE;
    const REQUIRED: bool = false;
    const NULLABLE: bool = true;
    fn read(value: Value, at: &Path<'_>) -> Result<Self> {
        let word = Option::<ChangeWord>::read(value, at)?;
        Ok(Self(word.map_or(When::Policy, |word| word.0)))
    }
    fn absent() -> Option<Self> {
        Some(Self(When::Policy))
    }
}

/// What becomes of money that is not used; `true` is `'credit'`, `false`
/// `'none'`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct GiveBackChoice(pub GiveBack);

impl Param for GiveBackChoice {
    const TYPE: Type = Type::Either(&Type::Enum(GiveBack::WORDS), &Type::Boolean);
    fn read(value: Value, at: &Path<'_>) -> Result<Self> {
        let known = match &value {
            Value::Bool(true) => Some(GiveBack::Credit),
            Value::Bool(false) => Some(GiveBack::None),
            Value::String(word) => GiveBack::from_name(&word.to_ascii_lowercase()),
            _ => None,
        };
        known
            .map(Self)
            .ok_or_else(|| at.refuse("must be one of: none credit refund, or true or false"))
    }
}

/// When a subscription ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CancelWhen(pub At);

impl Param for CancelWhen {
    const TYPE: Type = Type::Either(
        &Type::Enum(&["now", "period_end", "at_billing_period_end"]),
        &Type::Instant,
    );
    fn read(value: Value, at: &Path<'_>) -> Result<Self> {
        let word = value.as_str().map(str::to_ascii_lowercase);
        match word.as_deref() {
            Some("now") => Ok(Self(At::Now)),
            Some("period_end" | "at_billing_period_end") => Ok(Self(At::PeriodEnd)),
            // What begins with a letter is no date.
            Some(word) if word.starts_with(|first: char| first.is_ascii_alphabetic()) => Err(at.refuse(
                "must be one of: now period_end at_billing_period_end, or a time such as 2026-03-01T09:00:00Z",
            )),
            _ => Instant::read(value, at).map(|date| Self(At::Date(date))),
        }
    }
}

/// How a pause ends by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PauseUntil(pub Until);

impl Param for PauseUntil {
    const TYPE: Type = Type::Either(&Type::Instant, &TrialInput::TYPE);
    fn read(value: Value, at: &Path<'_>) -> Result<Self> {
        if value.is_object() {
            let TrialInput { interval: unit, count } = TrialInput::read_object(value, at)?;
            return span(at, unit, count.0).map(|interval| Self(Until::After(interval)));
        }
        Instant::read(value, at).map(|instant| Self(Until::At(instant)))
    }
}

fn span(at: &Path<'_>, unit: Unit, count: i64) -> Result<Interval> {
    let member = at.member("count");
    interval("", unit, count).map_err(|problem| member.refuse(problem.message))
}

input! {
    /// How long a trial lasts: `interval` and `count`, or `end`.
    pub struct TrialChoiceInput {
        /// What is counted.
        "interval" interval: Option<Unit>,
        /// How many of them: 1 to 1000, of years 99.
        "count" count: Option<Whole<1, 1000>>,
        /// When it ends.
        "end" end: Option<Instant>,
    }
}

/// Whether something begins with a trial, and which.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TrialChoice {
    /// As the product says.
    Own,
    /// It does not.
    None,
    /// It lasts so long.
    For(Interval),
    /// Until then.
    Until(Instant),
}

impl Param for TrialChoice {
    const TYPE: Type = Type::Either(&Type::Boolean, &TrialChoiceInput::TYPE);
    const REQUIRED: bool = false;
    const NULLABLE: bool = true;
    fn read(value: Value, at: &Path<'_>) -> Result<Self> {
        match value {
            Value::Null | Value::Bool(false) => Ok(Self::None),
            Value::Bool(true) => Ok(Self::Own),
            Value::Object(_) => match TrialChoiceInput::read_object(value, at)? {
                TrialChoiceInput {
                    interval: Some(unit),
                    count: Some(count),
                    end: None,
                } => span(at, unit, count.0).map(Self::For),
                TrialChoiceInput {
                    interval: None,
                    count: None,
                    end: Some(end),
                } => Ok(Self::Until(end)),
                _ => Err(at.refuse("must have interval and count, or end alone")),
            },
            _ => Err(at.refuse("must be { interval, count }, { end }, or false for no trial")),
        }
    }
    fn absent() -> Option<Self> {
        Some(Self::Own)
    }
}

/// One, or a list of at most `MAX`.
#[derive(Debug, Clone, PartialEq)]
pub struct OneOrMany<T, const MAX: usize>(pub Vec<T>);

impl<T: Param + 'static, const MAX: usize> OneOrMany<T, MAX> {
    const ONE: &'static Type = &T::TYPE;
    const MANY: &'static Type = &Items::<T, MAX>::TYPE;
}

impl<T: Param + 'static, const MAX: usize> Param for OneOrMany<T, MAX> {
    const TYPE: Type = Type::Either(Self::ONE, Self::MANY);
    fn read(value: Value, at: &Path<'_>) -> Result<Self> {
        match value {
            Value::Array(_) => Items::<T, MAX>::read(value, at).map(|items| Self(items.0)),
            one => T::read(one, at).map(|one| Self(vec![one])),
        }
    }
}

/// A quantity that may be below zero: something added or taken back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SignedQuantity(pub Quantity);

impl Param for SignedQuantity {
    const TYPE: Type = Type::SignedDecimal(Quantity::DECIMALS);
    fn read(value: Value, at: &Path<'_>) -> Result<Self> {
        checked(at, Quantity::parse(&decimal(value, at)?)).map(Self)
    }
}

impl Answer for SignedQuantity {
    const TYPE: Type = Type::SignedDecimal(Quantity::DECIMALS);
}

impl Serialize for SignedQuantity {
    fn serialize<S: Serializer>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error> {
        Decimal::of(self.0).serialize(serializer)
    }
}

/// The address of a page that a browser is sent to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PageUrl(pub String);

impl PageUrl {
    fn parse(given: &str) -> std::result::Result<Self, Problem> {
        url::checked(given).map(Self)
    }
}

#[cfg(test)]
mod tests;
