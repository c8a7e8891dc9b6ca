//! How an operation's input and output look, as data: validation, the
//! TypeScript types and the OpenAPI document are made from it.

use serde_json::{Value, json};

use super::read::same_name;

/// One object's members.
#[derive(Debug)]
pub struct Shape {
    /// The interface's name in TypeScript.
    pub name: &'static str,
    /// What it is for.
    pub doc: &'static [&'static str],
    /// Its members in order.
    pub fields: &'static [Field],
}

/// One member.
#[derive(Debug)]
pub struct Field {
    /// camelCase, but for the members of an address.
    pub name: &'static str,
    /// What it is for, with shape and unit.
    pub doc: &'static [&'static str],
    /// What it holds.
    pub kind: Type,
    /// Must be there.
    pub required: bool,
    /// May be `null`.
    pub nullable: bool,
}

/// What a member holds.
#[derive(Debug)]
pub enum Type {
    /// Text of at most so many characters, and more than space.
    Text(usize),
    /// Text of at least and at most so many characters, taken as it is.
    Loose(usize, usize),
    /// An e-mail address.
    Email,
    /// A phone number, E.164 or Korean.
    Phone,
    /// ISO 3166-1, two letters.
    Country,
    /// ISO 4217, three letters.
    Currency,
    /// A UUID with its hyphens.
    Uuid,
    /// An id with its prefix.
    Id(&'static str),
    /// A point in time.
    Instant,
    /// `true` or `false`.
    Boolean,
    /// A whole number from, to.
    Integer(i64, i64),
    /// A number that is not negative, with at most so many decimals: a number or a decimal text, in answers a
    /// number when it is whole.
    Decimal(u32),
    /// The same, and it may be below zero.
    SignedDecimal(u32),
    /// Text of a form of its own.
    Pattern(&'static Pattern),
    /// A page size: 1 to 100, as number or numeric text.
    Limit,
    /// One of these, lower case.
    Enum(&'static [&'static str]),
    /// A list of at most so many.
    List(&'static Type, usize),
    /// An object of its own.
    Shape(&'static Shape),
    /// One or the other: a text alone, or an object that says more.
    Either(&'static Type, &'static Type),
    /// Text by key.
    Map,
    /// JSON by key.
    Attributes,
    /// Any JSON.
    Json,
}

/// The form of a text.
#[derive(Debug)]
pub struct Pattern {
    /// A regular expression that fits the whole text.
    pub regex: &'static str,
    /// A text of this form that is nobody's.
    pub example: &'static str,
    /// Such texts are never stored, logged or compared with later ones.
    pub secret: bool,
}

impl Type {
    /// Whether texts of this type are secrets.
    pub const fn is_secret(&self) -> bool {
        matches!(self, Self::Pattern(Pattern { secret: true, .. }))
    }

    /// As the manifest describes it; collects the shapes it refers to.
    pub fn describe(&'static self, shapes: &mut Vec<&'static Shape>) -> Value {
        match self {
            Self::Text(max) | Self::Loose(_, max) => json!({ "kind": "text", "max": max }),
            Self::Email => json!({ "kind": "email" }),
            Self::Phone => json!({ "kind": "phone" }),
            Self::Country => json!({ "kind": "country" }),
            Self::Currency => json!({ "kind": "currency" }),
            Self::Uuid => json!({ "kind": "uuid" }),
            Self::Id(prefix) => json!({ "kind": "id", "prefix": prefix }),
            Self::Instant => json!({ "kind": "instant" }),
            Self::Boolean => json!({ "kind": "boolean" }),
            Self::Integer(min, max) => json!({ "kind": "integer", "min": min, "max": max }),
            Self::Decimal(decimals) | Self::SignedDecimal(decimals) => {
                json!({ "kind": "decimal", "decimals": decimals })
            }
            Self::Pattern(pattern) => json!({ "kind": "pattern", "regex": pattern.regex }),
            Self::Limit => json!({ "kind": "limit" }),
            Self::Enum(values) => json!({ "kind": "enum", "values": values }),
            Self::List(of, max) => json!({ "kind": "list", "of": of.describe(shapes), "max": max }),
            Self::Shape(shape) => {
                shape.collect(shapes);
                json!({ "kind": "shape", "name": shape.name })
            }
            Self::Either(one, other) => {
                json!({ "kind": "either", "of": [one.describe(shapes), other.describe(shapes)] })
            }
            Self::Map => json!({ "kind": "map" }),
            Self::Attributes => json!({ "kind": "attributes" }),
            Self::Json => json!({ "kind": "json" }),
        }
    }
}

impl Shape {
    /// Whether any of its members, or theirs, is a secret.
    pub const fn has_secrets(&self) -> bool {
        let mut at = 0;
        while at < self.fields.len() {
            let secret = match self.fields[at].kind {
                Type::Shape(shape) => shape.has_secrets(),
                ref kind => kind.is_secret(),
            };
            if secret {
                return true;
            }
            at += 1;
        }
        false
    }

    /// A copy of an input for comparing it with another: what holds secrets
    /// is left out, and only the fact that it was there is kept.
    pub fn without_secrets(&self, input: &Value) -> Value {
        let Value::Object(members) = input else {
            return Value::Null;
        };
        let shown = members.iter().map(|(name, value)| {
            let field = self
                .fields
                .iter()
                .find(|field| field.name == name || same_name(field.name, name));
            let secret = field.is_none_or(|field| match field.kind {
                Type::Shape(shape) => shape.has_secrets(),
                ref kind => kind.is_secret(),
            });
            (name.clone(), if secret { Value::Bool(true) } else { value.clone() })
        });
        Value::Object(shown.collect())
    }

    /// Adds this shape and those it refers to, each once.
    pub fn collect(&'static self, shapes: &mut Vec<&'static Shape>) {
        if shapes.iter().any(|known| known.name == self.name) {
            return;
        }
        shapes.push(self);
        for field in self.fields {
            field.kind.describe(shapes);
        }
    }

    /// As the manifest describes it.
    pub fn describe(&'static self) -> Value {
        let mut ignored = Vec::new();
        let fields: Vec<Value> = self
            .fields
            .iter()
            .map(|field| {
                json!({
                    "name": field.name,
                    "doc": paragraph(field.doc),
                    "required": field.required,
                    "nullable": field.nullable,
                    "type": field.kind.describe(&mut ignored),
                })
            })
            .collect();
        json!({ "doc": paragraph(self.doc), "fields": fields })
    }
}

/// Doc comment lines as one text.
pub fn paragraph(lines: &[&str]) -> String {
    lines
        .iter()
        .map(|line| line.strip_prefix(' ').unwrap_or(line))
        .collect::<Vec<_>>()
        .join("\n")
}
