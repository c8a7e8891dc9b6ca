//! From a declared type to its JSON Schema (2020-12, as OpenAPI 3.1 has it).

use serde_json::{Map, Value, json};

use crate::{
    domain::{country::Country, email, key_value, phone},
    ops::shape::{Field, Shape, Type, paragraph},
};

/// Texts without NUL, which no database keeps.
const NO_NUL: &str = "^[^\\u0000]*$";
/// The same, and more than space.
const NOT_BLANK: &str = "^[^\\u0000]*[^\\s\\u0000][^\\u0000]*$";
/// The years that instants may lie in.
const YEARS: &str = "^(19[7-9][0-9]|20[0-9][0-9])-";
/// The last millisecond of these years.
const LAST_MILLISECOND: i64 = 4_102_444_799_999;
/// How instants are shown.
const SHOWN_INSTANT: &str = "^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\\.[0-9]{3}Z$";

/// Where a value stands: what fits differs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::http) enum Place {
    /// In a request's body.
    Body,
    /// In the path or the query string, where everything is text.
    Query,
    /// In an answer.
    Answer,
}

/// The schema of a type; shapes are referred to by name, but for those of
/// query strings, which have no schema of their own.
pub(in crate::http) fn of_type(kind: &Type, place: Place) -> Value {
    match kind {
        Type::Text(max) | Type::Loose(_, max) if place == Place::Answer => text(None, *max, None),
        Type::Text(max) => text(Some(1), *max, Some(NOT_BLANK)),
        Type::Loose(min, max) => text(Some(*min).filter(|min| *min > 0), *max, Some(NO_NUL)),
        Type::Email => json!({ "type": "string", "format": "idn-email", "maxLength": email::MAX_CHARACTERS }),
        Type::Phone => phone(),
        Type::Country => reference("CountryCode"),
        Type::Currency if place == Place::Answer => json!({ "type": "string", "pattern": "^[A-Z]{3}$" }),
        Type::Currency => json!({ "type": "string", "pattern": "^[A-Za-z]{3}$" }),
        Type::Uuid => json!({ "type": "string", "format": "uuid", "minLength": 36, "maxLength": 36 }),
        Type::Id(prefix) => json!({ "type": "string", "pattern": format!("^{prefix}[A-Za-z0-9_-]{{1,60}}$") }),
        Type::Instant if place == Place::Answer => {
            json!({ "type": "string", "format": "date-time", "pattern": SHOWN_INSTANT })
        }
        Type::Instant => reference("InstantInput"),
        Type::Boolean => json!({ "type": "boolean" }),
        Type::Integer(min, max) => integer(*min, *max),
        Type::Decimal(decimals) => decimal(*decimals, false, place),
        Type::SignedDecimal(decimals) => decimal(*decimals, true, place),
        Type::Pattern(pattern) if pattern.secret => {
            json!({ "type": "string", "pattern": pattern.regex, "writeOnly": true })
        }
        Type::Pattern(pattern) => json!({ "type": "string", "pattern": pattern.regex }),
        Type::Limit => json!({ "type": "integer", "minimum": 1, "maximum": 100, "default": 20 }),
        Type::Enum([word]) if place == Place::Answer => json!({ "type": "string", "const": word }),
        Type::Enum(words) => json!({ "type": "string", "enum": words }),
        Type::List(of, max) => list(of, *max, place),
        Type::Shape(shape) if place == Place::Query => of_shape(shape, place, &[]),
        Type::Shape(shape) => reference(shape.name),
        Type::Either(one, other) => json!({ "anyOf": [of_type(one, place), of_type(other, place)] }),
        Type::Map if place == Place::Answer => {
            json!({ "type": "object", "additionalProperties": { "type": "string" } })
        }
        Type::Map => keyed(json!({
            "type": ["string", "null"],
            "maxLength": key_value::MAX_METADATA_CHARACTERS,
            "pattern": NO_NUL,
        })),
        Type::Attributes if place == Place::Answer => json!({ "type": "object" }),
        Type::Attributes => keyed(reference("AttributeValue")),
        Type::Json => json!({}),
    }
}

/// The schema of an object, without the members named in `left_out`.
pub(in crate::http) fn of_shape(shape: &Shape, place: Place, left_out: &[&str]) -> Value {
    let fields = || shape.fields.iter().filter(|field| !left_out.contains(&field.name));
    let properties: Map<String, Value> = fields()
        .map(|field| (field.name.to_owned(), of_field(field, place)))
        .collect();
    let required: Vec<&str> = fields()
        .filter(|field| field.required)
        .map(|field| field.name)
        .collect();
    let mut schema = json!({
        "type": "object",
        "description": paragraph(shape.doc),
        "properties": properties,
        "additionalProperties": false,
    });
    if !required.is_empty() {
        schema["required"] = json!(required);
    }
    schema
}

/// The schema of a member, with what it is for.
fn of_field(field: &Field, place: Place) -> Value {
    let mut schema = of_type(&field.kind, place);
    if field.nullable && place != Place::Query {
        schema = or_null(schema);
    }
    schema["description"] = paragraph(field.doc).into();
    schema
}

/// Parts that several schemas use, by name.
pub(super) fn common() -> [(&'static str, Value); 4] {
    [
        (
            "CountryCode",
            json!({
                "type": "string",
                "description": "Two-letter country code of ISO 3166-1.",
                "enum": Country::CODES,
            }),
        ),
        (
            "InstantInput",
            json!({
                "description": "A point in time of the years 1970 to 2099: ISO 8601 with its zone, a date alone (its first instant in UTC), or milliseconds since 1970.",
                "anyOf": [
                    { "type": "string", "format": "date-time", "pattern": YEARS },
                    { "type": "string", "format": "date", "pattern": YEARS },
                    { "type": "integer", "minimum": 0, "maximum": LAST_MILLISECOND },
                ],
            }),
        ),
        (
            "AttributeValue",
            json!({
                "description": format!(
                    "Plain JSON, texts and nested values of at most {} characters; `null` removes the key. A custom field of that key decides what fits; without one the value is kept as text.",
                    key_value::MAX_ATTRIBUTE_CHARACTERS,
                ),
                "anyOf": any_json(json!({
                    "type": "string",
                    "maxLength": key_value::MAX_ATTRIBUTE_CHARACTERS,
                    "pattern": NO_NUL,
                })),
            }),
        ),
        (
            "PlainValue",
            json!({
                "description": "Any JSON whose texts hold no NUL.",
                "anyOf": any_json(json!({ "type": "string", "pattern": NO_NUL })),
            }),
        ),
    ]
}

/// What JSON can be, with its own rule for texts; what lies deeper holds no NUL.
fn any_json(text: Value) -> Value {
    json!([
        text,
        { "type": ["boolean", "number", "null"] },
        { "type": "array", "items": reference("PlainValue") },
        {
            "type": "object",
            "propertyNames": { "pattern": NO_NUL },
            "additionalProperties": reference("PlainValue"),
        },
    ])
}

/// A page of objects.
pub(super) fn page(of: &Shape, counted: bool) -> Value {
    let mut schema = json!({
        "type": "object",
        "description": "One page of a list.",
        "properties": {
            "data": { "type": "array", "maxItems": 100, "items": reference(of.name), "description": "The rows, in the list's order." },
            "hasMore": { "type": "boolean", "description": "Whether another page follows." },
            "nextCursor": { "type": ["string", "null"], "description": "The `cursor` of the next page; `null` on the last one." },
        },
        "required": ["data", "hasMore", "nextCursor"],
        "additionalProperties": false,
    });
    if counted {
        schema["properties"]["total"] = json!({
            "type": "integer",
            "minimum": 0,
            "description": "Rows over all pages; only there with `expand=total`.",
        });
    }
    schema
}

/// A reference to a schema of the document.
pub(super) fn reference(name: &str) -> Value {
    json!({ "$ref": format!("#/components/schemas/{name}") })
}

/// The same schema, with `null` fitting too.
pub(super) fn or_null(mut schema: Value) -> Value {
    if let Some(Value::Array(words)) = schema.get_mut("enum") {
        words.push(Value::Null);
    }
    match schema.get("type").and_then(Value::as_str).map(str::to_owned) {
        Some(kind) => {
            schema["type"] = json!([kind, "null"]);
            schema
        }
        None => json!({ "anyOf": [schema, { "type": "null" }] }),
    }
}

fn text(min: Option<usize>, max: usize, pattern: Option<&str>) -> Value {
    let mut schema = json!({ "type": "string" });
    if let Some(min) = min {
        schema["minLength"] = min.into();
    }
    if max < usize::MAX {
        schema["maxLength"] = max.into();
    }
    if let Some(pattern) = pattern {
        schema["pattern"] = pattern.into();
    }
    schema
}

fn phone() -> Value {
    let punctuation: String = phone::PUNCTUATION.chars().map(|c| format!("\\{c}")).collect();
    json!({
        "type": "string",
        "format": "phone",
        "minLength": 1,
        "maxLength": phone::MAX_CHARACTERS,
        "pattern": format!("^[0-9{}]+$", punctuation.replace("\\ ", " ")),
    })
}

fn integer(min: i64, max: i64) -> Value {
    let mut schema = json!({ "type": "integer", "format": "int64" });
    if min > i64::MIN {
        schema["minimum"] = min.into();
    }
    if max < i64::MAX {
        schema["maximum"] = max.into();
    }
    schema
}

/// A number or a decimal text; an answer is a text only where it is not whole.
fn decimal(decimals: u32, signed: bool, place: Place) -> Value {
    let number = if place == Place::Answer { "integer" } else { "number" };
    let sign = if signed { "-?" } else { "" };
    let mut number = json!({ "type": number });
    if !signed {
        number["minimum"] = 0.into();
    }
    json!({
        "anyOf": [
            number,
            { "type": "string", "pattern": format!("^{sign}[0-9]+(\\.[0-9]{{1,{decimals}}})?$") },
        ],
    })
}

fn list(of: &Type, max: usize, place: Place) -> Value {
    let mut schema = json!({ "type": "array", "items": of_type(of, place) });
    if max < usize::MAX {
        schema["maxItems"] = max.into();
    }
    schema
}

/// `metadata` or `attributes` as they are given.
fn keyed(value: Value) -> Value {
    json!({
        "type": "object",
        "maxProperties": key_value::MAX_KEYS,
        "propertyNames": {
            "minLength": 1,
            "maxLength": key_value::MAX_KEY_CHARACTERS,
            "pattern": NO_NUL,
            "not": { "enum": key_value::REFUSED_KEYS },
        },
        "additionalProperties": value,
    })
}
