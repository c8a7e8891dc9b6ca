//! The page for people.

use std::borrow::Cow;

/// What lies under `/docs`: `path` is what follows that, empty for the page
/// itself. Gives the content type and the bytes.
pub fn page(path: &str) -> Option<(&'static str, Cow<'static, [u8]>)> {
    matches!(path, "" | "/").then_some(("text/html; charset=utf-8", Cow::Borrowed(b"<!doctype html>".as_slice())))
}
