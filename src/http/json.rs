//! A body's JSON, looked through once without building anything: what a
//! lenient reader would let pass is refused, and the few members that may
//! also stand elsewhere in the request are noted.

use std::{borrow::Cow, collections::HashSet, fmt};

use serde::de::{DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};

use crate::error::{Code, Error, Result};

/// Deeper than anything that an operation takes.
const MAX_DEPTH: usize = 64;
/// Up to so many names are compared one by one.
const FEW: usize = 16;

/// A member's value, as far as it matters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Seen {
    /// A text.
    Text(String),
    /// A whole number.
    Number(i64),
    /// Something else.
    Other,
}

/// Checks that `text` is one JSON object and nothing else; gives those of its
/// members that `wanted` names.
///
/// # Errors
///
/// `body_invalid`: no object, broken off, followed by something, nested too
/// deep, or with a member given twice.
pub(super) fn check(text: &str, wanted: impl Fn(&str) -> bool) -> Result<Vec<(String, Seen)>> {
    let mut noted = Vec::new();
    let mut reader = serde_json::Deserializer::from_str(text);
    let whole = Object {
        noted: &mut noted,
        wanted: &wanted,
    };
    reader
        .deserialize_map(whole)
        .and_then(|()| reader.end())
        .map_err(|error| {
            Error::new(
                Code::BodyInvalid,
                format!("the body must be one JSON object in UTF-8: {error}"),
            )
        })?;
    Ok(noted)
}

struct Object<'a, F> {
    noted: &'a mut Vec<(String, Seen)>,
    wanted: &'a F,
}

impl<'de, F: Fn(&str) -> bool> Visitor<'de> for Object<'_, F> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> std::result::Result<(), A::Error> {
        let mut names = Names::default();
        while let Some(name) = map.next_key_seed(Name)? {
            let keep = (self.wanted)(&name);
            let seen = map.next_value_seed(Any { depth: 1, keep })?;
            if keep {
                self.noted.push((name.clone().into_owned(), seen));
            }
            names.add(name)?;
        }
        Ok(())
    }
}

/// The names of one object.
#[derive(Default)]
struct Names<'de> {
    few: Vec<Cow<'de, str>>,
    many: HashSet<Cow<'de, str>>,
}

impl<'de> Names<'de> {
    fn add<E: serde::de::Error>(&mut self, name: Cow<'de, str>) -> std::result::Result<(), E> {
        let fresh = if self.few.len() < FEW {
            let fresh = !self.few.contains(&name);
            self.few.push(name);
            fresh
        } else {
            if self.many.is_empty() {
                self.many.extend(self.few.iter().cloned());
            }
            self.many.insert(name)
        };
        if fresh {
            Ok(())
        } else {
            Err(E::custom("an object has the same member twice"))
        }
    }
}

/// A member's name, borrowed where it needs no decoding.
struct Name;

impl<'de> DeserializeSeed<'de> for Name {
    type Value = Cow<'de, str>;

    fn deserialize<D: Deserializer<'de>>(self, reader: D) -> std::result::Result<Self::Value, D::Error> {
        reader.deserialize_str(self)
    }
}

impl<'de> Visitor<'de> for Name {
    type Value = Cow<'de, str>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a name")
    }

    fn visit_borrowed_str<E>(self, name: &'de str) -> std::result::Result<Self::Value, E> {
        Ok(Cow::Borrowed(name))
    }

    fn visit_str<E>(self, name: &str) -> std::result::Result<Self::Value, E> {
        Ok(Cow::Owned(name.to_owned()))
    }
}

/// Any value, at some depth.
#[derive(Clone, Copy)]
struct Any {
    depth: usize,
    keep: bool,
}

impl Any {
    fn deeper<E: serde::de::Error>(self) -> std::result::Result<Self, E> {
        if self.depth >= MAX_DEPTH {
            return Err(E::custom(format_args!("it is nested deeper than {MAX_DEPTH}")));
        }
        Ok(Self {
            depth: self.depth + 1,
            keep: false,
        })
    }
}

impl<'de> DeserializeSeed<'de> for Any {
    type Value = Seen;

    fn deserialize<D: Deserializer<'de>>(self, reader: D) -> std::result::Result<Seen, D::Error> {
        reader.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Any {
    type Value = Seen;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value")
    }

    fn visit_unit<E>(self) -> std::result::Result<Seen, E> {
        Ok(Seen::Other)
    }

    fn visit_bool<E>(self, _: bool) -> std::result::Result<Seen, E> {
        Ok(Seen::Other)
    }

    fn visit_i64<E>(self, number: i64) -> std::result::Result<Seen, E> {
        Ok(Seen::Number(number))
    }

    fn visit_u64<E>(self, number: u64) -> std::result::Result<Seen, E> {
        Ok(i64::try_from(number).map_or(Seen::Other, Seen::Number))
    }

    fn visit_f64<E>(self, _: f64) -> std::result::Result<Seen, E> {
        Ok(Seen::Other)
    }

    fn visit_str<E>(self, text: &str) -> std::result::Result<Seen, E> {
        Ok(if self.keep {
            Seen::Text(text.to_owned())
        } else {
            Seen::Other
        })
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> std::result::Result<Seen, A::Error> {
        let inner = self.deeper()?;
        while list.next_element_seed(inner)?.is_some() {}
        Ok(Seen::Other)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> std::result::Result<Seen, A::Error> {
        let inner = self.deeper::<A::Error>()?;
        let mut names = Names::default();
        while let Some(name) = map.next_key_seed(Name)? {
            names.add::<A::Error>(name)?;
            map.next_value_seed(inner)?;
        }
        Ok(Seen::Other)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn nested(depth: usize) -> String {
        format!("{{\"a\":{}{}}}", "[".repeat(depth - 1), "]".repeat(depth - 1))
    }

    #[test]
    fn one_object_passes_and_tells_what_was_asked_for() {
        let wanted = |name: &str| matches!(name, "id" | "n" | "deep");
        let text = r#" { "id": "x\u0041", "a": [1, 2.5, null, {"id": 1}], "n": -3, "deep": {"id": 2} } "#;
        assert_eq!(
            check(text, wanted).unwrap(),
            [
                ("id".to_owned(), Seen::Text("xA".to_owned())),
                ("n".to_owned(), Seen::Number(-3)),
                ("deep".to_owned(), Seen::Other),
            ]
        );
        assert!(check(&nested(MAX_DEPTH), wanted).is_ok());
        let wide: Vec<String> = (0..5000).map(|n| format!("\"k{n}\":{n}")).collect();
        assert!(check(&format!("{{{}}}", wide.join(",")), wanted).is_ok());
    }

    #[test]
    fn what_a_lenient_reader_lets_pass_is_refused() {
        let wide: Vec<String> = (0..100).map(|n| format!("\"k{}\":0", n % 99)).collect();
        for text in [
            "",
            "null",
            "[]",
            "1",
            "\"a\"",
            "{",
            "{}x",
            "{} {}",
            "{'a':1}",
            "{\"a\":1,}",
            "{\"a\":NaN}",
            "{\"a\":1e999}",
            "{\"a\":01}",
            "{\"a\":\"\\ud800\"}",
            "{\"a\":\"\u{1}\"}",
            "{\"a\":1,\"a\":2}",
            "{\"a\":1,\"\\u0061\":2}",
            "{\"m\":{\"a\":1,\"b\":2,\"a\":1}}",
            "\u{feff}{}",
            &format!("{{{}}}", wide.join(",")),
            &nested(MAX_DEPTH + 1),
            &"[".repeat(1_000_000),
            &nested(100_000),
        ] {
            let refused = check(text, |_| false).unwrap_err();
            assert_eq!(refused.code(), Code::BodyInvalid);
        }
    }
}
