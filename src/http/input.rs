//! From the parts of a request to an operation's input as JSON text.

use serde_json::{Value, json};

use super::{
    json::{self, Seen},
    query,
};
use crate::{
    error::{Code, Error, Result},
    ops::{Effect, Operation, read::same_name},
};

/// Stands in a path for an id that the other parameters give.
const UNNAMED: &str = "-";
const IF_VERSION: &str = "ifVersion";

/// What a request says outside its query string and body.
#[derive(Debug, Default)]
pub(super) struct Outside {
    id: Option<String>,
    if_version: Option<i64>,
}

impl Outside {
    /// Decodes the id in the path and reads `If-Match`.
    pub(super) fn read(declared: &Operation, id: Option<&str>, if_match: Option<&[u8]>) -> Result<Self> {
        let id = match id {
            Some(UNNAMED) | None => None,
            Some(id) => Some(query::decode(id)?),
        };
        let if_version = match if_match {
            Some(b"*") | None => None,
            Some(given) => version(declared, given)?,
        };
        Ok(Self { id, if_version })
    }

    /// The input of an operation that takes its parameters from the query string.
    pub(super) fn with_query(self, declared: &'static Operation, given: Option<&str>) -> Result<String> {
        let given = given.filter(|query| !query.is_empty());
        if given.is_none() && self.if_version.is_none() {
            // Most requests by far: a read by id.
            return Ok(match (declared.id_param, self.id) {
                (Some(name), Some(id)) => format!("{{\"{name}\":{}}}", json!(id)),
                _ => "{}".to_owned(),
            });
        }
        let mut members = match given {
            Some(given) => query::members(given, declared.input)?,
            None => serde_json::Map::new(),
        };
        for (name, value) in self.members(declared) {
            let there = members.iter().find(|(key, _)| same_name(name, key));
            match there {
                Some((_, there)) if *there != value => return Err(differs(name)),
                Some(_) => {}
                None => {
                    members.insert(name.to_owned(), value);
                }
            }
        }
        Ok(Value::Object(members).to_string())
    }

    /// The input of an operation that takes its parameters from a JSON body.
    pub(super) fn with_body(self, declared: &'static Operation, body: &str) -> Result<String> {
        let members = self.members(declared);
        let noted = json::check(body, |name| members.iter().any(|(of, _)| same_name(of, name)))?;
        let mut added = String::new();
        for (name, value) in members {
            match noted.iter().find(|(there, _)| same_name(name, there)) {
                Some((_, there)) if !equal(there, &value) => return Err(differs(name)),
                Some(_) => {}
                None => {
                    added.push_str(&format!("\"{name}\":{value},"));
                }
            }
        }
        if added.is_empty() {
            return Ok(body.to_owned());
        }
        // The check has seen that it is an object: behind its brace the
        // members from elsewhere come first.
        let inside = body.trim_ascii_start().strip_prefix('{').unwrap_or_default();
        if inside.trim_ascii_start().starts_with('}') {
            added.pop();
        }
        Ok(format!("{{{added}{inside}"))
    }

    fn members(self, declared: &Operation) -> Vec<(&'static str, Value)> {
        let id = declared.id_param.zip(self.id).map(|(name, id)| (name, json!(id)));
        let version = self.if_version.map(|version| (IF_VERSION, json!(version)));
        id.into_iter().chain(version).collect()
    }
}

/// `If-Match: "3"` or `3`. Reads have no use for it.
fn version(declared: &Operation, given: &[u8]) -> Result<Option<i64>> {
    if declared.effect == Effect::Read {
        return Ok(None);
    }
    if !declared.input.fields.iter().any(|field| field.name == IF_VERSION) {
        return Err(Error::new(
            Code::ParameterInvalid,
            format!("If-Match has no meaning for {}: leave it out", declared.name),
        )
        .with_param(IF_VERSION));
    }
    let text = std::str::from_utf8(given).unwrap_or_default().trim();
    let bare = text.strip_prefix('"').and_then(|rest| rest.strip_suffix('"'));
    bare.unwrap_or(text)
        .parse()
        .map(Some)
        .map_err(|_| Error::invalid(IF_VERSION, "in If-Match must be the object's version, such as \"3\""))
}

fn equal(seen: &Seen, value: &Value) -> bool {
    match seen {
        Seen::Text(text) => value.as_str() == Some(text),
        Seen::Number(number) => value.as_i64() == Some(*number),
        Seen::Other => false,
    }
}

fn differs(name: &'static str) -> Error {
    let elsewhere = if name == IF_VERSION { "If-Match" } else { "the path" };
    Error::invalid(
        name,
        format!("differs from the one in {elsewhere}: leave one of them out"),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ops::Op;

    fn body(id: &str, if_match: Option<&str>, body: &str) -> std::result::Result<Value, Code> {
        let declared = Op::CustomersUpdate.declaration();
        Outside::read(declared, Some(id), if_match.map(str::as_bytes))
            .and_then(|outside| outside.with_body(declared, body))
            .map(|input| serde_json::from_str(&input).unwrap())
            .map_err(|error| error.code())
    }

    #[test]
    fn path_header_and_body_come_together() {
        for text in ["{}", " \n{ }", "{\"name\":\"A\"}", "{ \"customer_id\" : \"cus_1\" }"] {
            let input = body("cus_1", Some("\"3\""), text).unwrap();
            assert_eq!(input["ifVersion"], 3);
            assert!(input["customerId"] == "cus_1" || input["customer_id"] == "cus_1");
        }
        assert_eq!(body("cus%5F1", Some("*"), "{}"), Ok(json!({ "customerId": "cus_1" })));
        assert_eq!(
            body("-", None, "{\"customerId\":\"cus_2\"}"),
            Ok(json!({ "customerId": "cus_2" }))
        );
        assert_eq!(
            body("cus_1", Some("3"), "{\"ifVersion\":3,\"customerId\":\"cus_1\"}").unwrap()["ifVersion"],
            3
        );
    }

    #[test]
    fn what_contradicts_itself_is_refused() {
        for (id, if_match, text) in [
            ("cus_1", None, "{\"customerId\":\"cus_2\"}"),
            ("cus_1", None, "{\"customer_id\":null}"),
            ("cus_1", Some("3"), "{\"if_version\":4}"),
            ("cus_1", Some("W/\"3\""), "{}"),
            ("cus_1", Some("three"), "{}"),
            ("cus_%f", None, "{}"),
        ] {
            assert_eq!(
                body(id, if_match, text),
                Err(Code::ParameterInvalid),
                "{id} {if_match:?} {text}"
            );
        }
    }
}
