//! The types that members of inputs have, over the domain's own.

use std::collections::BTreeMap;

use serde_json::Value;

use super::{
    read::{Param, Path, kind_of},
    shape::Type,
};
use crate::{
    domain::{
        country::Country,
        custom_field::FieldType,
        customer::{Patch, Status},
        email::{self, Email},
        id::{CustomFieldId, CustomerId, EventId},
        instant::Instant,
        key_value,
        phone::Phone,
        signup_form::Account,
        text,
    },
    error::{Error, Result},
};

pub(super) fn string(value: Value, at: &Path<'_>) -> Result<String> {
    match value {
        Value::String(text) => Ok(text),
        other => Err(at.refuse(format!("must be a text, not {}", kind_of(&other)))),
    }
}

pub(super) fn checked<T>(at: &Path<'_>, outcome: std::result::Result<T, crate::domain::Problem>) -> Result<T> {
    outcome.map_err(|problem| Error::problem(&at.to_string(), problem))
}

/// Text of 1 to `MAX` characters, trimmed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Text<const MAX: usize>(pub String);

impl<const MAX: usize> Param for Text<MAX> {
    const TYPE: Type = Type::Text(MAX);
    fn read(value: Value, at: &Path<'_>) -> Result<Self> {
        checked(at, text::checked(&string(value, at)?, MAX)).map(Self)
    }
}

/// Text of `MIN` to `MAX` characters that is taken as it is; it may be empty
/// unless `MIN` says otherwise.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Loose<const MAX: usize, const MIN: usize = 0>(pub String);

impl<const MAX: usize, const MIN: usize> Param for Loose<MAX, MIN> {
    const TYPE: Type = Type::Loose(MIN, MAX);
    fn read(value: Value, at: &Path<'_>) -> Result<Self> {
        let text = string(value, at)?;
        if text.chars().take(MIN).count() < MIN {
            return Err(at.refuse(format!("must have at least {MIN} characters")));
        }
        checked(at, text::within(&text, MAX))?;
        Ok(Self(text))
    }
}

impl<T: Param> Param for Option<T> {
    const TYPE: Type = T::TYPE;
    const REQUIRED: bool = false;
    const NULLABLE: bool = true;
    fn read(value: Value, at: &Path<'_>) -> Result<Self> {
        if value.is_null() {
            Ok(None)
        } else {
            T::read(value, at).map(Some)
        }
    }
    fn absent() -> Option<Self> {
        Some(None)
    }
}

impl<T: Param> Param for Patch<T> {
    const TYPE: Type = T::TYPE;
    const REQUIRED: bool = false;
    const NULLABLE: bool = true;
    fn read(value: Value, at: &Path<'_>) -> Result<Self> {
        if value.is_null() {
            Ok(Self::Clear)
        } else {
            T::read(value, at).map(Self::Set)
        }
    }
    fn absent() -> Option<Self> {
        Some(Self::Absent)
    }
}

/// A member that may be left out, but is never `null`.
#[derive(Debug, Clone, PartialEq)]
pub struct Maybe<T>(pub Option<T>);

impl<T: Param> Param for Maybe<T> {
    const TYPE: Type = T::TYPE;
    const REQUIRED: bool = false;
    fn read(value: Value, at: &Path<'_>) -> Result<Self> {
        T::read(value, at).map(|value| Self(Some(value)))
    }
    fn absent() -> Option<Self> {
        Some(Self(None))
    }
}

/// A list of at most `MAX`.
#[derive(Debug, Clone, PartialEq)]
pub struct Items<T, const MAX: usize>(pub Vec<T>);

impl<T: Param + 'static, const MAX: usize> Items<T, MAX> {
    const ELEMENT: &'static Type = &T::TYPE;
}

impl<T: Param + 'static, const MAX: usize> Param for Items<T, MAX> {
    const TYPE: Type = Type::List(Self::ELEMENT, MAX);
    fn read(value: Value, at: &Path<'_>) -> Result<Self> {
        let Value::Array(items) = value else {
            return Err(at.refuse(format!("must be a list, not {}", kind_of(&value))));
        };
        if items.len() > MAX {
            return Err(at.refuse(format!("must have at most {MAX} elements")));
        }
        let mut read = Vec::with_capacity(items.len());
        for (index, item) in items.into_iter().enumerate() {
            read.push(T::read(item, &at.element(index))?);
        }
        Ok(Self(read))
    }
}

/// Declares members that are texts with a form of their own.
macro_rules! text_param {
    ($($type:ty => $kind:expr, $parse:expr;)*) => {$(
        impl $crate::ops::read::Param for $type {
            const TYPE: $crate::ops::shape::Type = $kind;
            fn read(value: serde_json::Value, at: &$crate::ops::read::Path<'_>) -> $crate::error::Result<Self> {
                let text = $crate::ops::param::string(value, at)?;
                $crate::ops::param::checked(at, $parse(&text))
            }
        }
    )*};
}

text_param! {
    Email => Type::Email, Email::parse;
    Phone => Type::Phone, Phone::parse;
    Country => Type::Country, Country::parse;
    CustomerId => Type::Id(CustomerId::PREFIX), CustomerId::parse;
    CustomFieldId => Type::Id(CustomFieldId::PREFIX), CustomFieldId::parse;
    EventId => Type::Id(EventId::PREFIX), EventId::parse;
}

/// A text that is compared with e-mail addresses; it need not be one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EmailKey(pub String);

impl Param for EmailKey {
    const TYPE: Type = Type::Loose(0, email::MAX_CHARACTERS);
    fn read(value: Value, at: &Path<'_>) -> Result<Self> {
        let given = string(value, at)?;
        checked(at, text::within(&given, email::MAX_CHARACTERS))?;
        Ok(Self(email::key(&given)))
    }
}

impl Param for bool {
    const TYPE: Type = Type::Boolean;
    fn read(value: Value, at: &Path<'_>) -> Result<Self> {
        value
            .as_bool()
            .ok_or_else(|| at.refuse(format!("must be true or false, not {}", kind_of(&value))))
    }
}

/// A whole number from `MIN` to `MAX`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Whole<const MIN: i64, const MAX: i64>(pub i64);

impl<const MIN: i64, const MAX: i64> Param for Whole<MIN, MAX> {
    const TYPE: Type = Type::Integer(MIN, MAX);
    fn read(value: Value, at: &Path<'_>) -> Result<Self> {
        match whole(&value) {
            Some(number) if (MIN..=MAX).contains(&number) => Ok(Self(number)),
            _ => Err(at.refuse(format!("must be a whole number from {MIN} to {MAX}"))),
        }
    }
}

/// The largest number up to which every whole one is exact as a float: 2⁵³ − 1.
const LARGEST_WHOLE: f64 = 9_007_199_254_740_991.0;

/// A whole number, also when it was written as `5.0`.
fn whole(value: &Value) -> Option<i64> {
    value.as_i64().or_else(|| {
        value
            .as_f64()
            .filter(|f| f.fract() == 0.0 && f.abs() <= LARGEST_WHOLE)
            .map(|f| f as i64)
    })
}

/// A place in a store's sequence of events: that of the event with this id, or
/// with this number.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum EventPlace {
    /// An event's id.
    Id(EventId),
    /// A sequence number; 0 is before the first event.
    Seq(i64),
}

impl EventPlace {
    /// The highest number that JavaScript holds exactly.
    pub const SEQ_MAX: i64 = 9_007_199_254_740_991;
}

impl Param for EventPlace {
    const TYPE: Type = Type::Either(&Type::Id(EventId::PREFIX), &Type::Integer(0, Self::SEQ_MAX));
    fn read(value: Value, at: &Path<'_>) -> Result<Self> {
        if let Value::String(text) = &value {
            return EventId::parse(text)
                .map(Self::Id)
                .map_err(|_| at.refuse("must be an event's id such as evt_01h5…, or a sequence number"));
        }
        match whole(&value) {
            Some(number) if (0..=Self::SEQ_MAX).contains(&number) => Ok(Self::Seq(number)),
            _ => Err(at.refuse(format!(
                "must be an event's id such as evt_01h5…, or a whole number from 0 to {}",
                Self::SEQ_MAX
            ))),
        }
    }
}

/// A page size: 1 to 100, as number or numeric text; 20 when left out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limit(pub usize);

impl Param for Limit {
    const TYPE: Type = Type::Limit;
    const REQUIRED: bool = false;
    const NULLABLE: bool = true;
    fn read(value: Value, at: &Path<'_>) -> Result<Self> {
        let number = match &value {
            Value::Null => return Ok(Self(20)),
            Value::String(text) => text.trim().parse::<i64>().ok(),
            other => whole(other),
        };
        match number {
            Some(number @ 1..=100) => Ok(Self(number as usize)),
            _ => Err(at.refuse("must be a whole number from 1 to 100")),
        }
    }
    fn absent() -> Option<Self> {
        Some(Self(20))
    }
}

impl Param for Instant {
    const TYPE: Type = Type::Instant;
    fn read(value: Value, at: &Path<'_>) -> Result<Self> {
        match &value {
            Value::String(text) => checked(at, Instant::parse(text)),
            other => match whole(other) {
                Some(millis) => checked(at, Instant::from_millis(millis)),
                None => {
                    Err(at.refuse("must be a time such as 2026-03-01T09:00:00Z, a Date, or milliseconds since 1970"))
                }
            },
        }
    }
}

/// Changes of `metadata`: text by key, `null` removes a key.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct MetadataChange(pub BTreeMap<String, Option<String>>);

impl Param for MetadataChange {
    const TYPE: Type = Type::Map;
    const REQUIRED: bool = false;
    fn read(value: Value, at: &Path<'_>) -> Result<Self> {
        let mut changes = BTreeMap::new();
        for (key, value) in keyed(value, at)? {
            let here = at.member(&key);
            let text = match value {
                Value::Null => None,
                Value::String(text) => {
                    checked(&here, text::within(&text, key_value::MAX_METADATA_CHARACTERS))?;
                    Some(text)
                }
                other => return Err(here.refuse(format!("must be a text, not {}", kind_of(&other)))),
            };
            changes.insert(key, text);
        }
        Ok(Self(changes))
    }
    fn absent() -> Option<Self> {
        Some(Self::default())
    }
}

/// Changes of `attributes`: JSON by key, `null` removes a key.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct AttributesChange(pub BTreeMap<String, Option<Value>>);

impl Param for AttributesChange {
    const TYPE: Type = Type::Attributes;
    const REQUIRED: bool = false;
    fn read(value: Value, at: &Path<'_>) -> Result<Self> {
        let mut changes = BTreeMap::new();
        for (key, value) in keyed(value, at)? {
            checked(&at.member(&key), key_value::check_attribute(&value))?;
            changes.insert(key, Some(value).filter(|value| !value.is_null()));
        }
        Ok(Self(changes))
    }
    fn absent() -> Option<Self> {
        Some(Self::default())
    }
}

fn keyed(value: Value, at: &Path<'_>) -> Result<serde_json::Map<String, Value>> {
    let Value::Object(map) = value else {
        return Err(at.refuse(format!("must be an object, not {}", kind_of(&value))));
    };
    if map.len() > key_value::MAX_KEYS {
        return Err(at.refuse(format!("must have at most {} keys", key_value::MAX_KEYS)));
    }
    for key in map.keys() {
        checked(at, key_value::check_key(key))?;
    }
    Ok(map)
}

/// Declares a member that is one of a few words.
macro_rules! words {
    ($($type:ty { $($word:literal => $value:expr),+ $(,)? })*) => {$(
        impl $crate::ops::read::Param for $type {
            const TYPE: $crate::ops::shape::Type = $crate::ops::shape::Type::Enum(&[$($word),+]);
            fn read(value: serde_json::Value, at: &$crate::ops::read::Path<'_>) -> $crate::error::Result<Self> {
                let given = $crate::ops::param::string(value, at)?;
                match given.to_ascii_lowercase().as_str() {
                    $($word => Ok($value),)+
                    _ => Err(at.refuse(concat!("must be one of:" $(, " ", $word)+))),
                }
            }
        }
    )*};
}

/// The order of a list of customers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SortKey {
    /// By time of creation.
    Created,
    /// By folded name.
    Name,
    /// By folded e-mail address.
    Email,
}

/// A sort key with its direction.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sort {
    /// By what.
    pub key: SortKey,
    /// Largest, or newest, first.
    pub descending: bool,
}

const fn sort(key: SortKey, descending: bool) -> Sort {
    Sort { key, descending }
}

/// What a list adds to its answer when asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Expand {
    /// How many objects fit the filters, over all pages.
    Total,
}

/// What an import does with a customer that is there already.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OnExisting {
    /// Leaves it as it is.
    Skip,
    /// Gives it the file's values.
    Update,
}

words! {
    Status { "normal" => Status::Normal, "dormant" => Status::Dormant }
    Sort {
        "created" => sort(SortKey::Created, false), "-created" => sort(SortKey::Created, true),
        "name" => sort(SortKey::Name, false), "-name" => sort(SortKey::Name, true),
        "email" => sort(SortKey::Email, false), "-email" => sort(SortKey::Email, true),
    }
    Expand { "total" => Expand::Total }
    OnExisting { "skip" => OnExisting::Skip, "update" => OnExisting::Update }
    Account { "id" => Account::Id, "email" => Account::Email }
    FieldType {
        "text" => FieldType::Text, "email" => FieldType::Email, "password" => FieldType::Password,
        "phone" => FieldType::Phone, "checkbox" => FieldType::Checkbox, "dropdown" => FieldType::Dropdown,
        "calendar" => FieldType::Calendar, "number" => FieldType::Number, "comment" => FieldType::Comment,
    }
}

pub(super) use {text_param, words};

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_whole_number_may_be_written_with_a_point_up_to_the_last_that_is_exact() {
        for (given, read) in [
            (json!(5), Some(5)),
            (json!(5.0), Some(5)),
            (json!(9_007_199_254_740_991.0), Some(9_007_199_254_740_991)),
            (json!(-9_007_199_254_740_991.0), Some(-9_007_199_254_740_991)),
            (json!(9_007_199_254_740_992.0), None),
            (json!(5.5), None),
            (json!("5"), None),
        ] {
            assert_eq!(whole(&given), read, "{given}");
        }
    }
}
