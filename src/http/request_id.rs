//! The name of a request, in its answer, in logs and in events.

use std::sync::atomic::{AtomicU64, Ordering};

use axum::http::{HeaderMap, HeaderName, HeaderValue};

use crate::domain::id;

/// The header, in and out.
pub(super) const REQUEST_ID: HeaderName = HeaderName::from_static("request-id");

/// Makes names: a start that no other process has, and steps that never meet.
pub(super) struct RequestIds {
    start: u128,
    made: AtomicU64,
}

impl RequestIds {
    pub(super) fn new(start: u128) -> Self {
        Self {
            start,
            made: AtomicU64::new(0),
        }
    }

    /// The caller's own name for its request, when it is a decent one, or a new one.
    pub(super) fn name(&self, headers: &HeaderMap) -> HeaderValue {
        match headers.get(&REQUEST_ID) {
            Some(given) if is_decent(given.as_bytes()) => given.clone(),
            _ => self.fresh(),
        }
    }

    /// A new name.
    pub(super) fn fresh(&self) -> HeaderValue {
        let mut name = String::with_capacity(30);
        name.push_str("req_");
        name.push_str(&id::encode(id::nth(
            self.start,
            self.made.fetch_add(1, Ordering::Relaxed),
        )));
        HeaderValue::try_from(name).unwrap_or(HeaderValue::from_static("req_0"))
    }
}

/// 1 to 128 characters that need no quoting anywhere.
fn is_decent(name: &[u8]) -> bool {
    let fits = |b: &u8| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'_' | b':' | b'-');
    (1..=128).contains(&name.len()) && name.iter().all(fits)
}

/// A name as text; it has printable characters only.
pub(super) fn text(name: &HeaderValue) -> &str {
    name.to_str().unwrap_or("req_0")
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn names_are_never_used_twice_and_a_callers_own_is_kept() {
        let ids = RequestIds::new(u128::MAX - 5);
        let made: HashSet<HeaderValue> = (0..10_000).map(|_| ids.fresh()).collect();
        assert_eq!(made.len(), 10_000);
        assert!(made.iter().all(|name| name.len() == 30));
        let mut headers = HeaderMap::new();
        headers.insert(REQUEST_ID, HeaderValue::from_static("order-17:a.b_c"));
        assert_eq!(ids.name(&headers), "order-17:a.b_c");
        headers.insert(REQUEST_ID, HeaderValue::from_static("two words"));
        assert!(text(&ids.name(&headers)).starts_with("req_"));
    }
}
