//! Reading an operation's input: every member is checked by the type that
//! will hold it, and what does not belong is refused with the nearest name.

use serde_json::{Map, Value};

use super::shape::{Shape, Type};
use crate::error::{Code, Error, Result};

/// Where in the input we are; shown as `address.postal_code`, `list[2]`.
#[derive(Clone, Copy)]
pub struct Path<'a> {
    parent: Option<&'a Path<'a>>,
    name: &'a str,
    index: Option<usize>,
}

impl<'a> Path<'a> {
    /// The input itself.
    pub const ROOT: Path<'static> = Path {
        parent: None,
        name: "",
        index: None,
    };

    /// A member of what `self` names.
    pub fn member(&'a self, name: &'a str) -> Path<'a> {
        Path {
            parent: Some(self),
            name,
            index: None,
        }
    }

    /// An element of what `self` names.
    pub fn element(&'a self, index: usize) -> Path<'a> {
        Path {
            parent: Some(self),
            name: "",
            index: Some(index),
        }
    }

    /// Says what is wrong here.
    pub fn refuse(&self, message: impl std::fmt::Display) -> Error {
        Error::invalid(self.to_string(), message)
    }
}

impl std::fmt::Display for Path<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if let Some(parent) = self.parent {
            parent.fmt(f)?;
            if let Some(index) = self.index {
                return write!(f, "[{index}]");
            }
            if parent.parent.is_some() {
                f.write_str(".")?;
            }
        }
        f.write_str(self.name)
    }
}

/// A type that a member of an input can have.
pub trait Param: Sized {
    /// How it is described.
    const TYPE: Type;
    /// Must be there.
    const REQUIRED: bool = true;
    /// May be `null`.
    const NULLABLE: bool = false;

    /// Reads a value that is there and is not `null` (unless `NULLABLE`).
    fn read(value: Value, at: &Path<'_>) -> Result<Self>;

    /// What it is when the member is left out; `None` when it must not be.
    fn absent() -> Option<Self> {
        None
    }
}

/// An object with declared members.
pub trait Input: Sized {
    /// How it is described.
    const SHAPE: Shape;

    /// Reads all members, and refuses those that are not declared.
    fn read_members(members: &mut Members<'_>) -> Result<Self>;

    /// Reads an object.
    fn read_object(value: Value, at: &Path<'_>) -> Result<Self> {
        let Value::Object(map) = value else {
            return Err(at.refuse(format!("must be an object, not {}", kind_of(&value))));
        };
        let mut members = Members { map, at };
        members.refuse_unknown(&Self::SHAPE)?;
        Self::read_members(&mut members)
    }

    /// Reads the whole input of an operation.
    fn read_input(value: Value) -> Result<Self> {
        match value {
            Value::Object(_) => Self::read_object(value, &Path::ROOT),
            other => Err(Error::new(
                Code::ParameterInvalid,
                format!("the parameters must be an object, not {}", kind_of(&other)),
            )),
        }
    }
}

/// The members of an object that were not read yet.
pub struct Members<'a> {
    map: Map<String, Value>,
    at: &'a Path<'a>,
}

impl Members<'_> {
    /// Takes one member under its declared name or its snake_case spelling.
    pub fn take<P: Param>(&mut self, name: &'static str, snake: &'static str) -> Result<P> {
        let declared = self.map.remove(name);
        let other = if name == snake {
            self.map.remove(&camel(snake))
        } else {
            self.map.remove(snake)
        };
        let at = self.at.member(name);
        let value = match (declared, other) {
            (Some(_), Some(_)) => return Err(at.refuse("is given twice, in both spellings")),
            (Some(value), None) | (None, Some(value)) => value,
            (None, None) => {
                return P::absent().ok_or_else(|| {
                    Error::new(Code::ParameterMissing, format!("{at} is required")).with_param(at.to_string())
                });
            }
        };
        if value.is_null() && !P::NULLABLE {
            return Err(at.refuse("must not be null"));
        }
        P::read(value, &at)
    }

    /// Before anything else: a mistyped name is the better explanation for
    /// a required member that is missing.
    fn refuse_unknown(&self, shape: &Shape) -> Result<()> {
        let is_known = |key: &str| {
            shape
                .fields
                .iter()
                .any(|field| field.name == key || same_name(field.name, key))
        };
        let Some(unknown) = self.map.keys().find(|key| !is_known(key)) else {
            return Ok(());
        };
        let near = nearest(unknown, shape.fields.iter().map(|field| field.name));
        let hint = match near {
            Some(name) => format!("did you mean {name}?"),
            None if shape.fields.is_empty() => "there are none here".to_owned(),
            None => format!(
                "known are: {}",
                shape
                    .fields
                    .iter()
                    .map(|field| field.name)
                    .collect::<Vec<_>>()
                    .join(", ")
            ),
        };
        let shown: String = unknown.chars().take(64).collect();
        let at = self.at.member(&shown);
        Err(
            Error::new(Code::ParameterUnknown, format!("{at} is not a known parameter; {hint}"))
                .with_param(at.to_string()),
        )
    }
}

/// Whether one is camelCase and the other snake_case of the same name.
pub fn same_name(declared: &str, given: &str) -> bool {
    declared.len().abs_diff(given.len()) <= 4 && (camel(given) == declared || camel(declared) == given)
}

/// `postal_code` → `postalCode`; the members of an address are declared in
/// snake_case and taken in either.
fn camel(snake: &str) -> String {
    let mut out = String::with_capacity(snake.len());
    let mut upper = false;
    for character in snake.chars() {
        if character == '_' {
            upper = true;
        } else if std::mem::take(&mut upper) {
            out.extend(character.to_uppercase());
        } else {
            out.push(character);
        }
    }
    out
}

/// The known name that a mistyped one most likely meant.
pub fn nearest<'a>(typed: &str, known: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let typed: String = typed
        .chars()
        .take(64)
        .filter(|c| *c != '_')
        .collect::<String>()
        .to_lowercase();
    known
        .map(|name| {
            (
                strsim::damerau_levenshtein(&typed, &name.replace('_', "").to_lowercase()),
                name,
            )
        })
        .filter(|(distance, name)| *distance <= 1 + name.len() / 4)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, name)| name)
}

/// What a value is, for messages.
pub fn kind_of(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "a boolean",
        Value::Number(_) => "a number",
        Value::String(_) => "a text",
        Value::Array(_) => "a list",
        Value::Object(_) => "an object",
    }
}

/// Declares an input: the struct, its shape, and how it is read, from one
/// list of members. Doc comments reach the TypeScript types.
macro_rules! input {
    ($(#[doc = $doc:literal])+ $visibility:vis struct $name:ident { $($(#[doc = $field_doc:literal])+ $json:literal $field:ident: $type:ty,)* }) => {
        $(#[doc = $doc])+
        #[derive(Debug, Clone)]
        $visibility struct $name { $($(#[doc = $field_doc])+ pub $field: $type,)* }

        impl $crate::ops::read::Input for $name {
            const SHAPE: $crate::ops::shape::Shape = $crate::ops::shape::Shape {
                name: stringify!($name),
                doc: &[$($doc),+],
                fields: &[$($crate::ops::shape::Field {
                    name: $json,
                    doc: &[$($field_doc),+],
                    kind: <$type as $crate::ops::read::Param>::TYPE,
                    required: <$type as $crate::ops::read::Param>::REQUIRED,
                    nullable: <$type as $crate::ops::read::Param>::NULLABLE,
                }),*],
            };

            fn read_members(members: &mut $crate::ops::read::Members<'_>) -> $crate::error::Result<Self> {
                let _ = &members;
                Ok(Self { $($field: members.take($json, stringify!($field))?,)* })
            }
        }

        impl $crate::ops::read::Param for $name {
            const TYPE: $crate::ops::shape::Type = $crate::ops::shape::Type::Shape(&<Self as $crate::ops::read::Input>::SHAPE);

            fn read(value: serde_json::Value, at: &$crate::ops::read::Path<'_>) -> $crate::error::Result<Self> {
                <Self as $crate::ops::read::Input>::read_object(value, at)
            }
        }
    };
}

/// Declares an answer: the struct that is serialised, and its shape.
macro_rules! answer {
    ($(#[doc = $doc:literal])+ $visibility:vis struct $name:ident { $($(#[doc = $field_doc:literal])+ $json:literal $field:ident: $type:ty,)* }) => {
        $(#[doc = $doc])+
        #[derive(Debug, Clone, serde::Serialize)]
        $visibility struct $name { $($(#[doc = $field_doc])+ #[serde(rename = $json)] pub $field: $type,)* }

        impl $crate::ops::answer::Answer for $name {
            const TYPE: $crate::ops::shape::Type = $crate::ops::shape::Type::Shape(&Self::SHAPE);
        }

        impl $name {
            /// How it is described.
            pub const SHAPE: $crate::ops::shape::Shape = $crate::ops::shape::Shape {
                name: stringify!($name),
                doc: &[$($doc),+],
                fields: &[$($crate::ops::shape::Field {
                    name: $json,
                    doc: &[$($field_doc),+],
                    kind: <$type as $crate::ops::answer::Answer>::TYPE,
                    required: true,
                    nullable: <$type as $crate::ops::answer::Answer>::NULLABLE,
                }),*],
            };
        }
    };
}

pub(crate) use {answer, input};
