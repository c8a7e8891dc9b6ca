//! Query strings: names and values, and what they mean to an operation.

use percent_encoding::percent_decode_str;
use serde_json::{Map, Value};

use crate::{
    error::{Code, Error, Result},
    ops::{
        read::same_name,
        shape::{Field, Shape, Type},
    },
};

/// How deep a name such as `created[gte]` may go.
const MAX_DEPTH: usize = 4;

/// Whether an API key stands in the query string, under a name that says so
/// or as what looks like one.
pub(super) fn holds_key(query: &str) -> bool {
    let text = |part: &str| {
        percent_decode_str(&part.replace('+', " "))
            .decode_utf8_lossy()
            .trim()
            .to_ascii_lowercase()
    };
    query.split('&').any(|pair| {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        let (name, value) = (text(name), text(value));
        matches!(name.as_str(), "api_key" | "apikey" | "access_token" | "authorization")
            || value.starts_with("sk_test_")
            || value.starts_with("sk_live_")
    })
}

/// Decodes what a part of a URL says.
///
/// # Errors
///
/// `parameter_invalid` for a `%` without two digits behind it and for what is
/// no UTF-8.
pub(super) fn decode(part: &str) -> Result<String> {
    let bytes = part.as_bytes();
    let broken = bytes.iter().enumerate().any(|(at, byte)| {
        *byte == b'%'
            && !bytes
                .get(at + 1..at + 3)
                .is_some_and(|two| two.iter().all(u8::is_ascii_hexdigit))
    });
    if broken {
        return Err(malformed("a % that is not followed by two hexadecimal digits"));
    }
    percent_decode_str(part)
        .decode_utf8()
        .map(std::borrow::Cow::into_owned)
        .map_err(|_| malformed("bytes that are no UTF-8"))
}

fn malformed(what: &str) -> Error {
    Error::new(
        Code::ParameterInvalid,
        format!("the address of the request holds {what}"),
    )
}

/// Reads a query string as the members of an operation's input.
///
/// # Errors
///
/// `parameter_invalid` for what cannot be decoded and for a value that is
/// given twice.
pub(super) fn members(query: &str, shape: &'static Shape) -> Result<Map<String, Value>> {
    let mut members = Map::new();
    for pair in query.split('&').filter(|pair| !pair.is_empty()) {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        let name = decode(&name.replace('+', " "))?;
        let value = decode(&value.replace('+', " "))?;
        let path = segments(&name);
        let Some((first, rest)) = path.split_first() else {
            continue;
        };
        let kind = field(Some(shape), first).map(|field| &field.kind);
        put(members.entry(*first), kind, rest, value).map_err(|()| {
            let shown: String = name.chars().take(64).collect();
            Error::invalid(shown, "is given twice, or as a value and as an object")
        })?;
    }
    Ok(members)
}

/// `created[gte]` in its parts; what is no such name stays whole.
fn segments(name: &str) -> Vec<&str> {
    let Some((first, rest)) = name.split_once('[').filter(|(first, _)| !first.is_empty()) else {
        return vec![name];
    };
    let Some(rest) = rest.strip_suffix(']') else {
        return vec![name];
    };
    let mut parts = vec![first];
    parts.extend(rest.split("]["));
    let plain = parts.iter().all(|part| !part.contains(['[', ']']));
    if plain && parts.len() <= MAX_DEPTH {
        parts
    } else {
        vec![name]
    }
}

fn field(shape: Option<&'static Shape>, name: &str) -> Option<&'static Field> {
    shape?
        .fields
        .iter()
        .find(|field| field.name == name || same_name(field.name, name))
}

fn put(
    entry: serde_json::map::Entry<'_>,
    kind: Option<&'static Type>,
    path: &[&str],
    text: String,
) -> std::result::Result<(), ()> {
    let of = kind.and_then(element);
    match path {
        [] | [""] if of.is_some() || !path.is_empty() => {
            let list = entry.or_insert_with(|| Value::Array(Vec::new()));
            list.as_array_mut().ok_or(())?.push(coerced(of, text));
            Ok(())
        }
        [] => match entry {
            serde_json::map::Entry::Occupied(_) => Err(()),
            serde_json::map::Entry::Vacant(free) => {
                free.insert(coerced(kind, text));
                Ok(())
            }
        },
        [name, rest @ ..] => {
            let shape = match kind {
                Some(Type::Shape(shape)) => Some(*shape),
                _ => None,
            };
            let object = entry.or_insert_with(|| Value::Object(Map::new()));
            let object = object.as_object_mut().ok_or(())?;
            let kind = field(shape, name).map(|field| &field.kind);
            put(object.entry(*name), kind, rest, text)
        }
    }
}

/// What a list holds, also where one value alone would do.
fn element(kind: &'static Type) -> Option<&'static Type> {
    match kind {
        Type::List(of, _) | Type::Either(_, Type::List(of, _)) => Some(of),
        _ => None,
    }
}

/// A text as the value that its place in the input asks for; one that does
/// not fit stays a text, so that the operation says what it wants.
fn coerced(kind: Option<&'static Type>, text: String) -> Value {
    match kind {
        Some(Type::Boolean) if text == "true" => true.into(),
        Some(Type::Boolean) if text == "false" => false.into(),
        Some(Type::Integer(..) | Type::Instant) => match text.parse::<i64>() {
            Ok(number) => number.into(),
            Err(_) => text.into(),
        },
        // Digits are a number to whoever takes a number or something else.
        Some(Type::Either(_, Type::Integer(..))) => match text.parse::<i64>() {
            Ok(number) => number.into(),
            Err(_) => text.into(),
        },
        _ => text.into(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::ops::Op;

    fn read(query: &str) -> Result<Value> {
        members(query, Op::CustomersList.declaration().input).map(Value::Object)
    }

    #[test]
    fn texts_become_what_the_operation_takes() {
        let read_well = |query| read(query).unwrap();
        assert_eq!(read_well(""), json!({}));
        assert_eq!(
            read_well("limit=5&query=a+b%26c&created%5Bgte%5D=2026-01-01T00:00:00Z&created[lt]=1767225600000"),
            json!({
                "limit": "5",
                "query": "a b&c",
                "created": { "gte": "2026-01-01T00:00:00Z", "lt": 1_767_225_600_000_i64 },
            })
        );
        assert_eq!(
            read_well("expand=total&expand[]=total"),
            json!({ "expand": ["total", "total"] })
        );
        assert_eq!(
            read_well("created_after=1&nonsense=&query"),
            json!({ "created_after": 1, "nonsense": "", "query": "" })
        );
        assert_eq!(
            read_well("created[gte=1&a[b]c]=2"),
            json!({ "created[gte": "1", "a[b]c]": "2" })
        );
        let phases = members("status=active&status=paused", Op::SubscriptionsList.declaration().input).unwrap();
        assert_eq!(Value::Object(phases), json!({ "status": ["active", "paused"] }));
        let events = |query| {
            members(query, Op::EventsList.declaration().input)
                .map(Value::Object)
                .unwrap()
        };
        assert_eq!(events("after=12"), json!({ "after": 12 }));
        assert_eq!(events("after=evt_12"), json!({ "after": "evt_12" }));
        let import = members("dry_run=true", Op::CustomersImport.declaration().input).unwrap();
        assert_eq!(Value::Object(import), json!({ "dry_run": true }));
    }

    #[test]
    fn what_is_given_twice_or_cannot_be_decoded_is_refused() {
        for query in [
            "limit=1&limit=2",
            "created=1&created[gte]=2",
            "query=%",
            "query=%4",
            "query=%zz",
            "query=%ff",
            "%ff=1",
        ] {
            assert_eq!(read(query).unwrap_err().code(), Code::ParameterInvalid, "{query}");
        }
    }

    #[test]
    fn keys_are_seen_wherever_they_stand() {
        for query in [
            "api_key=x",
            "apiKey=x",
            "a=1&ACCESS_TOKEN=x",
            "key=sk_test_1",
            "email=%73k_live_1",
            "authorization=Bearer",
        ] {
            assert!(holds_key(query), "{query}");
        }
        for query in ["key=abc", "query=sk", "limit=1", ""] {
            assert!(!holds_key(query), "{query}");
        }
    }
}
