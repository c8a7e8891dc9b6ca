//! Errors as the record that every front answers with.

use reqwest::StatusCode;
use serde_json::{Map, Value, json};

use super::Answer;
use crate::{
    engine::port::GiveUp,
    error::{Code, Error},
};

/// A call's error: ours, or the server's in its own words. A server that is
/// newer than this client may have codes that it does not know.
#[derive(Debug, Clone)]
pub struct Failure(Map<String, Value>);

impl Failure {
    /// An error that a server answered with; `None` when the body is none.
    pub(super) fn from_body(body: &[u8], status: StatusCode, request_id: &str) -> Option<Self> {
        let mut body: Map<String, Value> = serde_json::from_slice(body).ok()?;
        let Some(Value::Object(mut record)) = body.remove("error") else {
            return None;
        };
        let is_text = |name: &str| record.get(name).is_some_and(Value::is_string);
        if !["type", "code", "message"].into_iter().all(is_text) {
            return None;
        }
        record.insert("statusCode".into(), status.as_u16().into());
        if !record.get("requestId").is_some_and(Value::is_string) {
            record.insert("requestId".into(), request_id.into());
        }
        Some(Self(record))
    }

    /// The error's code.
    pub fn code(&self) -> &str {
        self.0.get("code").and_then(Value::as_str).unwrap_or_default()
    }

    /// Adds a fact that a program may use.
    pub(super) fn with_detail(mut self, name: &str, value: impl Into<Value>) -> Self {
        let details = self.0.entry("details").or_insert_with(|| json!({}));
        if let Value::Object(details) = details {
            details.insert(name.to_owned(), value.into());
        }
        self
    }

    /// The status that its code has, where the answer's own said nothing.
    pub(super) fn with_own_status(self) -> Self {
        let known = Code::ALL.iter().find(|code| code.name() == self.code());
        let status = known.map_or(500, |code| code.status());
        self.with("statusCode", status)
    }

    /// Names the request that was sent.
    pub(super) fn with_request_id(self, request_id: &str) -> Self {
        self.with("requestId", request_id)
    }

    fn with(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.0.insert(name.to_owned(), value.into());
        self
    }

    /// `{"error":{…}}`.
    pub fn to_json(&self) -> String {
        json!({ "error": self.0 }).to_string()
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        let mut body: Map<String, Value> = serde_json::from_str(&error.to_json()).unwrap_or_default();
        match body.remove("error") {
            Some(Value::Object(record)) => Self(record),
            _ => Self(Map::new()),
        }
    }
}

impl From<Failure> for Answer {
    fn from(failure: Failure) -> Self {
        Self {
            outcome: Err(failure),
            request_id: None,
        }
    }
}

impl From<Error> for Answer {
    fn from(error: Error) -> Self {
        Failure::from(error).into()
    }
}

/// What a caller is told after a panic.
pub(super) fn impossible() -> Error {
    Error::internal("the client came upon a state that it holds impossible")
}

/// There was no answer.
pub(super) fn connection_failed(message: String) -> Failure {
    // 502 is for who passes it on; there was no status here.
    Failure::from(Error::new(Code::ConnectionFailed, message)).with("statusCode", Value::Null)
}

/// There was an answer, and it is not of a Proyecta server.
pub(super) fn answer_invalid(message: String, status: StatusCode, request_id: &str) -> Failure {
    Failure::from(Error::new(Code::AnswerInvalid, message))
        .with("statusCode", status.as_u16())
        .with_request_id(request_id)
}

/// The caller gave up, or its time ran out.
pub(super) fn given_up(reason: GiveUp, is_write: bool) -> Failure {
    let (code, happened) = match reason {
        GiveUp::Aborted => (Code::Aborted, "the call was aborted"),
        GiveUp::TimedOut => (Code::Timeout, "the call took longer than its timeout"),
    };
    let after = if is_write {
        "; the server may have carried it out nevertheless"
    } else {
        ""
    };
    Error::new(code, format!("{happened}{after}")).into()
}
