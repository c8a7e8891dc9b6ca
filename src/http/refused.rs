//! Errors on their way out: envelope, status, and the headers that go with it.

use axum::{
    body::Body,
    http::{
        HeaderName, HeaderValue, Response, StatusCode,
        header::{ALLOW, RETRY_AFTER, WWW_AUTHENTICATE},
    },
};
use serde_json::{Value, json};

use crate::error::{Code, Error, Kind};

/// Seconds after which it is worth while to ask an unavailable store again.
const RETRY_SECONDS: u64 = 1;

/// Marks an answer after which nothing more can be read from the connection.
#[derive(Clone, Copy)]
pub(super) struct CloseAfter;

/// Why a request got no answer of its own.
#[derive(Debug)]
pub(super) struct Refused {
    error: Error,
    retry_after: Option<u64>,
    allow: Option<HeaderValue>,
    close: bool,
}

/// What a step towards an answer gives.
pub(super) type Step<T> = Result<T, Refused>;

impl From<Error> for Refused {
    fn from(error: Error) -> Self {
        let retry = matches!(error.code().kind(), Kind::Unavailable | Kind::RateLimited);
        Self {
            error,
            retry_after: retry.then_some(RETRY_SECONDS),
            allow: None,
            close: false,
        }
    }
}

impl Refused {
    pub(super) fn new(code: Code, message: impl Into<String>) -> Self {
        Error::new(code, message).into()
    }

    /// Says after how many seconds to try again.
    pub(super) fn retry_after(self, seconds: u64) -> Self {
        Self {
            retry_after: Some(seconds.max(1)),
            ..self
        }
    }

    /// Says which methods there are.
    pub(super) fn allow(self, methods: HeaderValue) -> Self {
        Self {
            allow: Some(methods),
            ..self
        }
    }

    /// The body was not read to its end, so that the connection is of no use.
    pub(super) fn close(self) -> Self {
        Self { close: true, ..self }
    }

    /// Whether the connection is of no use after the answer.
    pub(super) fn closes(&self) -> bool {
        self.close
    }

    pub(super) fn error(&self) -> &Error {
        &self.error
    }

    /// The answer, without what every answer has.
    pub(super) fn response(self, request_id: &str) -> Response<Body> {
        let mut response = Response::new(Body::from(envelope(&self.error, request_id)));
        let status = StatusCode::from_u16(self.error.code().status());
        *response.status_mut() = status.unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let mut set = |name: HeaderName, value: HeaderValue| response.headers_mut().insert(name, value);
        if let Some(seconds) = self.retry_after {
            set(RETRY_AFTER, HeaderValue::from(seconds));
        }
        if let Some(methods) = self.allow {
            set(ALLOW, methods);
        }
        if self.error.code().kind() == Kind::Authentication {
            set(WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        if self.close {
            response.extensions_mut().insert(CloseAfter);
        }
        response
    }
}

/// The error body of the native API.
pub(super) fn envelope(error: &Error, request_id: &str) -> String {
    let mut body = json!({
        "type": error.code().kind().name(),
        "code": error.code().name(),
        "message": error.message(),
        "param": error.param(),
        "requestId": request_id,
    });
    if let Value::Object(body) = &mut body {
        if let Some(details) = error.details() {
            body.insert("details".to_owned(), Value::Object(details.clone()));
        }
        body.extend(error.decline_members().map(|(name, value)| (name.to_owned(), value)));
    }
    json!({ "error": body }).to_string()
}
