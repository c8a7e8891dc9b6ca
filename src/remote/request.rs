//! From an operation and its input to an HTTP request: method, path, query,
//! body. Pure.

use std::fmt::Write;

use bytes::Bytes;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use reqwest::Method;
use serde_json::{Map, Value};

use super::upload::File;
use crate::{
    domain::{Problem, instant::Instant, text},
    error::{Code, Error, Result},
    import::{Progress, Upload},
    ops::{
        Effect, Op, Output,
        shape::{Field, Shape, Type},
    },
};

/// What stays as it is in a path segment, a parameter's name and its value.
const ESCAPED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');
/// A longer id goes among the parameters, where the server says what is wrong
/// with it; a path of any length would be refused before it is understood.
const SEGMENT_MAX: usize = 255;
/// Longer inputs are checked before they are sent: a server refuses a body for
/// its size, and cannot say which parameter is to blame.
pub(super) const LONG_INPUT: usize = 64 * 1024;

/// One request, as often as it has to be sent.
pub struct Request {
    /// HTTP method.
    pub method: Method,
    /// Path and query below the base address.
    pub target: String,
    /// What it carries.
    pub body: Body,
    /// The same on every try; reads have one too where HTTP does not know them
    /// for reads.
    pub idempotency_key: Option<String>,
    /// Whether it changes anything at the server.
    pub(super) is_write: bool,
    /// Whether a file comes back.
    pub(super) gives_file: bool,
    /// Whether it may be sent again after it may have been carried out.
    pub(super) repeatable: bool,
}

/// What a request carries.
pub enum Body {
    /// Nothing.
    None,
    /// JSON text.
    Json(Bytes),
    /// A file to import, with what hears of its progress.
    File(File),
}

impl Request {
    /// The request of an operation. Reads and deletions carry their parameters
    /// in the query, which forgets types: they are checked here, with the same
    /// errors as by the engine.
    pub fn new(op: Op, input: String, idempotency_key: Option<String>) -> Result<Self> {
        let declared = op.declaration();
        if let Some(key) = &idempotency_key {
            check_key(key)?;
        }
        let method = Method::from_bytes(declared.method.as_bytes())
            .map_err(|_| Error::internal("an operation has a method that HTTP does not know"))?;
        let with_query = matches!(method, Method::GET | Method::DELETE);
        let mut target = String::with_capacity(64);
        let body = if with_query {
            let params = checked(op, &input)?;
            let (id, rest) = named(declared.path, &params);
            write_path(&mut target, declared.path, id);
            write_query(&mut target, declared.input, rest);
            Body::None
        } else {
            if input.len() > LONG_INPUT {
                checked(op, &input)?;
            }
            let id = id_name(declared.path).and_then(|name| find_id(&input, name));
            write_path(&mut target, declared.path, id.as_deref());
            Body::Json(Bytes::from(input))
        };
        let idempotency_key = match method {
            Method::GET => None,
            _ => Some(idempotency_key.map_or_else(new_key, Ok)?),
        };
        Ok(Self {
            method,
            target,
            body,
            idempotency_key,
            is_write: declared.effect == Effect::Write,
            gives_file: matches!(declared.output, Output::File),
            repeatable: true,
        })
    }

    /// The request that sends a file to be imported. It is not sent a second
    /// time once its file may have been read: the report of the repeat would
    /// call everything unchanged.
    pub(super) fn import(input: &str, upload: Upload, progress: Progress) -> Result<Self> {
        let declared = Op::CustomersImport.declaration();
        let params = checked(Op::CustomersImport, input)?;
        let mut target = declared.path.to_owned();
        write_query(&mut target, declared.input, params.iter());
        Ok(Self {
            method: Method::POST,
            target,
            body: Body::File(File::new(upload, progress)),
            idempotency_key: Some(new_key()?),
            is_write: true,
            gives_file: false,
            repeatable: false,
        })
    }
}

/// A key that no other request has: 128 random bits.
fn new_key() -> Result<String> {
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes).map_err(|_| Error::internal("the operating system gives no random bytes"))?;
    Ok(format!("auto_{:032x}", u128::from_be_bytes(bytes)))
}

/// As the engine checks a key: 1 to 255 printable characters.
fn check_key(key: &str) -> Result<()> {
    let refused = |problem: Problem| Error::problem("idempotencyKey", problem);
    let key = text::checked(key, 255).map_err(refused)?;
    if key.chars().any(char::is_control) {
        return Err(refused(Problem::new("must be 1 to 255 printable characters")));
    }
    Ok(())
}

/// The parameters, which the operation accepts.
fn checked(op: Op, input: &str) -> Result<Map<String, Value>> {
    let params: Value = serde_json::from_str(input)
        .map_err(|error| Error::new(Code::ParameterInvalid, format!("the parameters are no JSON: {error}")))?;
    op.check(params.clone())?;
    match params {
        Value::Object(params) => Ok(params),
        _ => Ok(Map::new()),
    }
}

/// The parameter whose value is a segment of the path.
fn id_name(path: &str) -> Option<&str> {
    let begin = path.find('{')? + 1;
    let end = begin + path.get(begin..)?.find('}')?;
    path.get(begin..end)
}

/// The id that goes into the path, and the parameters that do not.
fn named<'a>(
    path: &str,
    params: &'a Map<String, Value>,
) -> (Option<&'a str>, impl Iterator<Item = (&'a String, &'a Value)>) {
    let found = id_name(path).and_then(|name| params.iter().find(|(given, _)| same_name(name, given)));
    let id = found.and_then(|(name, value)| Some((name, value.as_str().filter(|text| fits_segment(text))?)));
    let in_path = id.map(|(name, _)| name);
    let rest = params.iter().filter(move |(name, _)| Some(*name) != in_path);
    (id.map(|(_, text)| text), rest)
}

/// The id in an input that is sent as it is. Anything but one usable text
/// stays there alone, and the server says what is wrong.
fn find_id(input: &str, name: &str) -> Option<String> {
    let params: Map<String, Value> = serde_json::from_str(input).ok()?;
    let mut found = params.iter().filter(|(given, _)| same_name(name, given));
    let (Some((_, Value::String(id))), None) = (found.next(), found.next()) else {
        return None;
    };
    fits_segment(id).then(|| id.clone())
}

/// `-` means that the other parameters name the object, and what means the
/// folder itself or the one above it would vanish on the way.
fn fits_segment(id: &str) -> bool {
    !matches!(id, "" | "-" | "." | "..") && id.len() <= SEGMENT_MAX
}

fn write_path(target: &mut String, path: &str, id: Option<&str>) {
    let Some((before, rest)) = path.split_once('{') else {
        return target.push_str(path);
    };
    target.push_str(before);
    match id {
        Some(id) => target.extend(utf8_percent_encode(id, ESCAPED)),
        None => target.push('-'),
    }
    target.push_str(rest.split_once('}').map_or("", |(_, after)| after));
}

fn write_query<'a>(target: &mut String, shape: &Shape, params: impl Iterator<Item = (&'a String, &'a Value)>) {
    let mut query = Query { target, begun: false };
    for (name, value) in params {
        let field = field_of(shape, name);
        query.write(
            field.map_or(name, |field| field.name),
            value,
            field.map(|field| &field.kind),
        );
    }
}

struct Query<'a> {
    target: &'a mut String,
    begun: bool,
}

impl Query<'_> {
    /// One parameter: lists repeat its name, members of objects are named in
    /// brackets, and `null`, which is the same as absent here, is left out.
    fn write(&mut self, name: &str, value: &Value, kind: Option<&Type>) {
        match value {
            Value::Null => {}
            Value::Array(items) => items.iter().for_each(|item| self.write(name, item, None)),
            Value::Object(members) => {
                let shape = match kind {
                    Some(Type::Shape(shape)) => Some(shape),
                    _ => None,
                };
                for (member, value) in members {
                    let field = shape.and_then(|shape| field_of(shape, member));
                    let member = field.map_or(member.as_str(), |field| field.name);
                    self.write(&format!("{name}[{member}]"), value, field.map(|field| &field.kind));
                }
            }
            Value::String(text) => self.pair(name, text),
            // Milliseconds would be digits among digits.
            Value::Number(number) if matches!(kind, Some(Type::Instant)) => {
                let at = number.as_i64().and_then(|millis| Instant::from_millis(millis).ok());
                self.pair(name, &at.map_or_else(|| number.to_string(), |at| at.to_string()));
            }
            Value::Bool(_) | Value::Number(_) => self.pair(name, &value.to_string()),
        }
    }

    fn pair(&mut self, name: &str, value: &str) {
        let mark = if std::mem::replace(&mut self.begun, true) {
            '&'
        } else {
            '?'
        };
        let (name, value) = (utf8_percent_encode(name, ESCAPED), utf8_percent_encode(value, ESCAPED));
        // Writing to a text cannot fail.
        let _ = write!(self.target, "{mark}{name}={value}");
    }
}

fn field_of<'a>(shape: &'a Shape, name: &str) -> Option<&'a Field> {
    shape.fields.iter().find(|field| same_name(field.name, name))
}

/// Whether two spellings, camelCase or snake_case, are of one name.
fn same_name(declared: &str, given: &str) -> bool {
    let letters = |text: &'_ str| -> Vec<u8> {
        text.bytes()
            .filter(|byte| *byte != b'_')
            .map(|byte| byte.to_ascii_lowercase())
            .collect()
    };
    declared == given || letters(declared) == letters(given)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn target(op: Op, input: &str) -> String {
        Request::new(op, input.to_owned(), None).unwrap().target
    }

    #[test]
    fn ids_stand_in_the_path_and_nowhere_else() {
        let get = |input| target(Op::CustomersGet, input);
        assert_eq!(get(r#"{"customerId":"cus_1"}"#), "/v1/customers/cus_1");
        assert_eq!(get(r#"{"customer_id":"cus_1"}"#), "/v1/customers/cus_1");
        assert_eq!(get(r#"{"key":"a/b c"}"#), "/v1/customers/-?key=a%2Fb%20c");
        let record = |input| target(Op::CustomersRecordLogin, input);
        assert_eq!(record(r#"{"customerId":"cus_1"}"#), "/v1/customers/cus_1/record-login");
        assert_eq!(
            record(r#"{"customerId":"a/../b"}"#),
            "/v1/customers/a%2F..%2Fb/record-login"
        );
    }

    #[test]
    fn an_id_that_cannot_be_a_segment_is_left_to_the_server() {
        let long = format!(r#"{{"key":"{}"}}"#, "x".repeat(SEGMENT_MAX + 1));
        let odd = [
            r#"{"key":""}"#,
            r#"{"key":"."}"#,
            r#"{"key":".."}"#,
            r#"{"key":"-"}"#,
            &long,
            "{}",
            "5",
        ];
        for input in odd {
            assert_eq!(target(Op::CustomFieldsUpdate, input), "/v1/custom-fields/-", "{input}");
        }
        for input in [r#"{"customerId":5}"#, r#"{"customerId":"a","customer_id":"a"}"#] {
            assert_eq!(target(Op::CustomersUpdate, input), "/v1/customers/-", "{input}");
        }
    }

    #[test]
    fn a_change_is_sent_as_it_was_written() {
        let input = r#"{"customerId":"cus_1","name":"김","metadata":{"a":null}}"#;
        let request = Request::new(Op::CustomersUpdate, input.to_owned(), Some("mine".to_owned())).unwrap();
        let Body::Json(body) = &request.body else {
            panic!("no JSON");
        };
        assert_eq!(body, input);
        assert_eq!(request.idempotency_key.as_deref(), Some("mine"));
        assert_eq!(request.method, Method::PATCH);
    }

    #[test]
    fn parameters_of_reads_keep_their_meaning() {
        let input = r#"{"query":"a&b=c#","created":{"gte":0,"lt":"2026-01-01"},"created_after":1767225600000,"expand":["total"],"email":null,"limit":5}"#;
        assert_eq!(
            target(Op::CustomersList, input),
            "/v1/customers?created%5Bgte%5D=1970-01-01T00%3A00%3A00.000Z&created%5Blt%5D=2026-01-01&createdAfter=2026-01-01T00%3A00%3A00.000Z&expand=total&limit=5&query=a%26b%3Dc%23"
        );
        assert_eq!(
            target(Op::CustomersDelete, r#"{"customerId":"cus_1","ifVersion":3}"#),
            "/v1/customers/cus_1?ifVersion=3"
        );
    }

    #[test]
    fn what_is_too_long_for_a_body_is_named() {
        let name = "x".repeat(LONG_INPUT);
        let input = format!(r#"{{"email":"ada@example.com","name":"{name}"}}"#);
        let error = Request::new(Op::CustomersCreate, input, None).err().unwrap();
        assert_eq!((error.code(), error.param()), (Code::ParameterInvalid, Some("name")));
        for key in ["", "a\nb", &"x".repeat(256)] {
            let error = Request::new(Op::CustomersCreate, "{}".to_owned(), Some(key.to_owned())).err();
            assert_eq!(error.unwrap().param(), Some("idempotencyKey"), "{key}");
        }
    }

    #[test]
    fn types_that_a_query_forgets_are_checked_before() {
        for input in [r#"{"limit":true}"#, r#"{"query":5}"#, r#"{"querry":"a"}"#, "[]"] {
            assert!(
                Request::new(Op::CustomersList, input.to_owned(), None).is_err(),
                "{input}"
            );
        }
    }

    #[test]
    fn every_operation_that_has_no_file_becomes_a_request() {
        for op in Op::ALL.iter().filter(|op| !op.declaration().upload) {
            let declared = op.declaration();
            let id = declared
                .input
                .fields
                .iter()
                .find(|field| Some(field.name) == declared.id_param);
            let required = declared.input.fields.iter().filter(|field| field.required);
            let members = id.into_iter().chain(required).map(|field| {
                let value = match field.kind {
                    Type::Id(prefix) => format!("{prefix}1"),
                    Type::Currency => "KRW".to_owned(),
                    _ => "cus_1".to_owned(),
                };
                (field.name.to_owned(), Value::String(value))
            });
            let input = Value::Object(members.collect()).to_string();
            let request = Request::new(*op, input, None).unwrap();
            assert!(!request.target.contains('{'), "{}", request.target);
            assert_eq!(request.idempotency_key.is_none(), request.method == Method::GET);
        }
    }
}
