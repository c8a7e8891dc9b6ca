//! What hooks hear of requests and responses: no key, no personal data.

use std::{fmt::Write, time::Duration};

use reqwest::header::{HeaderMap, HeaderName};
use serde_json::{Map, Value, json};

/// A request that is about to be sent.
pub(super) fn request(method: &str, url: &str, headers: &HeaderMap, attempt: u32) -> String {
    let mut shown = Map::new();
    for (name, value) in headers {
        let text = match value.to_str() {
            Ok(text) if !is_secret(name) => text,
            _ => "***",
        };
        shown.insert(name.as_str().to_owned(), text.into());
    }
    // The key is the client's and no request's own, so it is not among them.
    shown.insert("authorization".to_owned(), "Bearer ***".into());
    json!({ "request": { "method": method, "url": without_values(url), "headers": shown, "attempt": attempt } })
        .to_string()
}

/// What came of a request.
pub(super) struct Response<'a> {
    pub(super) method: &'a str,
    pub(super) url: &'a str,
    pub(super) attempt: u32,
    /// `None` when there was no answer.
    pub(super) status: Option<u16>,
    pub(super) request_id: Option<&'a str>,
    /// The error's code.
    pub(super) code: Option<&'a str>,
    pub(super) duration: Duration,
    /// How long until the next try, when there is one.
    pub(super) pause: Option<Duration>,
}

impl Response<'_> {
    pub(super) fn to_json(&self) -> String {
        let millis = |duration: Duration| (duration.as_secs_f64() * 1e6).round() / 1e3;
        let mut shown = Map::from_iter([
            ("method".to_owned(), Value::from(self.method)),
            ("url".to_owned(), without_values(self.url).into()),
            ("attempt".to_owned(), self.attempt.into()),
            ("status".to_owned(), self.status.into()),
            ("requestId".to_owned(), self.request_id.into()),
            ("durationMs".to_owned(), millis(self.duration).into()),
        ]);
        if let Some(code) = self.code {
            shown.insert("code".to_owned(), code.into());
        }
        if let Some(pause) = self.pause {
            shown.insert("retryInMs".to_owned(), millis(pause).into());
        }
        json!({ "response": shown }).to_string()
    }
}

/// Values in a query are searched names and addresses; their names stay.
fn without_values(url: &str) -> String {
    let Some((path, query)) = url.split_once('?') else {
        return url.to_owned();
    };
    let mut shown = path.to_owned();
    for (index, pair) in query.split('&').enumerate() {
        let name = pair.split_once('=').map_or(pair, |(name, _)| name);
        let _ = write!(shown, "{}{name}=*", if index == 0 { '?' } else { '&' });
    }
    shown
}

fn is_secret(name: &HeaderName) -> bool {
    ["authorization", "cookie", "token", "secret", "key"]
        .into_iter()
        .any(|word| name.as_str().contains(word))
        && name != "idempotency-key"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_names_are_left_of_a_query() {
        assert_eq!(without_values("http://h/v1/customers"), "http://h/v1/customers");
        assert_eq!(
            without_values("http://h/v1/customers?email=ada%40example.com&created%5Bgte%5D=1&odd"),
            "http://h/v1/customers?email=*&created%5Bgte%5D=*&odd=*"
        );
    }
}
