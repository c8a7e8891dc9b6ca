//! The page for people.

use std::borrow::Cow;

/// What lies under `/docs`: `path` is what follows it, empty for the page
/// itself. Content type and bytes.
pub fn page(path: &str) -> Option<(&'static str, Cow<'static, [u8]>)> {
    path.is_empty()
        .then_some(("text/html; charset=utf-8", Cow::Borrowed(b"<!doctype html>".as_slice())))
}
