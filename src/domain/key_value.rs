//! `metadata` and `attributes`: what an app keeps beside an object.

use std::collections::BTreeMap;

use serde_json::Value;

use super::{Problem, text};

/// Most keys that `metadata` or `attributes` may have.
pub const MAX_KEYS: usize = 50;
/// Longest key, in characters.
pub const MAX_KEY_CHARACTERS: usize = 40;
/// Longest `metadata` value, in characters.
pub const MAX_METADATA_CHARACTERS: usize = 500;
/// Longest text value of an attribute, in characters.
pub const MAX_ATTRIBUTE_CHARACTERS: usize = 5000;

/// Text by key; ordered, so that equal maps are equal texts.
pub type Metadata = BTreeMap<String, String>;
/// Plain JSON by key.
pub type Attributes = BTreeMap<String, Value>;

/// Names that mean something to JavaScript objects; as data keys they would
/// reach into the prototype of whoever copies them carelessly.
pub const REFUSED_KEYS: [&str; 3] = ["__proto__", "constructor", "prototype"];

/// Checks one key.
pub fn check_key(key: &str) -> Result<(), Problem> {
    if key.is_empty() {
        return Err(Problem::new("must not have an empty key"));
    }
    if REFUSED_KEYS.contains(&key) {
        return Err(Problem::at(key, "is a reserved name and cannot be a key"));
    }
    text::within(key, MAX_KEY_CHARACTERS).map_err(|problem| Problem::new(format!("has a key that {}", problem.message)))
}

/// Applies changes key by key: a value replaces, `None` removes.
pub fn merge<V: Clone>(
    stored: &BTreeMap<String, V>,
    changes: &BTreeMap<String, Option<V>>,
) -> Result<BTreeMap<String, V>, Problem> {
    let mut merged = stored.clone();
    for (key, value) in changes {
        match value {
            Some(value) => merged.insert(key.clone(), value.clone()),
            None => merged.remove(key),
        };
    }
    if merged.len() > MAX_KEYS {
        return Err(Problem::new(format!("must have at most {MAX_KEYS} keys")));
    }
    Ok(merged)
}

/// Checks an attribute's value for size; nested values count as their JSON.
pub fn check_attribute(value: &Value) -> Result<(), Problem> {
    match value {
        Value::String(string) => text::within(string, MAX_ATTRIBUTE_CHARACTERS),
        Value::Array(_) | Value::Object(_) => {
            if holds_nul(value) {
                return Err(Problem::new("must not contain the NUL character"));
            }
            text::within(&value.to_string(), MAX_ATTRIBUTE_CHARACTERS)
        }
        _ => Ok(()),
    }
}

fn holds_nul(value: &Value) -> bool {
    match value {
        Value::String(text) => text.contains('\0'),
        Value::Array(items) => items.iter().any(holds_nul),
        Value::Object(members) => members
            .iter()
            .any(|(key, value)| key.contains('\0') || holds_nul(value)),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn null_removes_and_the_limit_counts_what_is_left() {
        let stored: Metadata = (0..50).map(|i| (format!("k{i}"), "v".to_owned())).collect();
        let swap = BTreeMap::from([("k0".to_owned(), None), ("new".to_owned(), Some("v".to_owned()))]);
        assert_eq!(merge(&stored, &swap).map(|m| m.len()), Ok(50));
        let more = BTreeMap::from([("new".to_owned(), Some("v".to_owned()))]);
        assert!(merge(&stored, &more).is_err());
    }

    #[test]
    fn keys_that_pollute_prototypes_are_refused() {
        for bad in ["__proto__", "constructor", "prototype", ""] {
            assert!(check_key(bad).is_err(), "{bad}");
        }
        assert!(check_key(&"k".repeat(40)).is_ok());
        assert!(check_key(&"k".repeat(41)).is_err());
    }
}
