//! The names of requests. The client makes them, so that an error has one even
//! when no answer came: the server's log knows the request by the same name.

use std::sync::atomic::{AtomicU64, Ordering};

use reqwest::header::{HeaderName, HeaderValue};

use crate::{
    domain::id,
    error::{Error, Result},
};

/// The header, in and out.
pub(super) const REQUEST_ID: HeaderName = HeaderName::from_static("request-id");

/// Makes names from a start that no other client has.
pub(super) struct RequestIds {
    start: u128,
    made: AtomicU64,
}

impl RequestIds {
    pub(super) fn new() -> Result<Self> {
        let mut start = [0; 16];
        getrandom::fill(&mut start).map_err(|_| Error::internal("the operating system gives no random bytes"))?;
        Ok(Self {
            start: u128::from_be_bytes(start),
            made: AtomicU64::new(0),
        })
    }

    /// The name that the caller's headers give the request, or a new one; and
    /// the other headers.
    pub(super) fn name(&self, mut headers: Vec<(HeaderName, HeaderValue)>) -> (String, Vec<(HeaderName, HeaderValue)>) {
        let own = headers.iter().position(|(name, _)| *name == REQUEST_ID);
        let own = own.map(|at| headers.swap_remove(at).1);
        let own = own.and_then(|value| value.to_str().ok().map(str::to_owned));
        (own.unwrap_or_else(|| self.fresh()), headers)
    }

    fn fresh(&self) -> String {
        format!(
            "req_{}",
            id::encode(id::nth(self.start, self.made.fetch_add(1, Ordering::Relaxed)))
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_request_has_a_name_and_the_callers_own_is_kept() {
        let ids = RequestIds::new().unwrap();
        let (first, second) = (ids.name(Vec::new()).0, ids.name(Vec::new()).0);
        assert_ne!(first, second);
        assert_eq!((first.len(), &first[..4]), (30, "req_"));
        let other = (HeaderName::from_static("x-a"), HeaderValue::from_static("b"));
        let own = (REQUEST_ID, HeaderValue::from_static("mine"));
        assert_eq!(ids.name(vec![own, other.clone()]), ("mine".to_owned(), vec![other]));
    }
}
