//! Where a payer goes from a page: only to what the merchant has named.

use crate::{domain::url, engine::checkout_page::PageView};

/// How it went, for the place that the payer comes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Outcome {
    /// It is paid.
    Success,
    /// It could not be paid.
    Error,
    /// The payer left.
    Cancel,
}

impl Outcome {
    fn name(self) -> &'static str {
        match self {
            Self::Success => "success",
            Self::Error => "error",
            Self::Cancel => "cancel",
        }
    }
}

/// The address that the merchant has named for an outcome, with `order_code`,
/// `order_id` and `status` appended; `None` where there is none.
pub(super) fn address(view: &PageView, outcome: Outcome) -> Option<String> {
    let named = match outcome {
        Outcome::Success => view.success_url.as_deref(),
        Outcome::Error => view.error_url.as_deref(),
        Outcome::Cancel => view.cancel_url.as_deref(),
    };
    let named = named.and_then(opened)?;
    // Ids and words of ours have nothing that would need encoding.
    let told = format!(
        "order_code={}&order_id={}&status={}",
        view.order_number,
        view.order_id.as_str(),
        outcome.name()
    );
    Some(with_query(named, &told))
}

/// An address that a browser may be sent to.
pub(super) fn opened(address: &str) -> Option<&str> {
    url::checked(address).is_ok().then_some(address)
}

/// An address with a further query, before its fragment.
fn with_query(address: &str, query: &str) -> String {
    let (page, fragment) = match address.split_once('#') {
        Some((page, fragment)) => (page, Some(fragment)),
        None => (address, None),
    };
    let between = match page.split_once('?') {
        None => "?",
        Some((_, before)) if before.is_empty() || before.ends_with('&') => "",
        Some(_) => "&",
    };
    let fragment = fragment.map(|fragment| format!("#{fragment}")).unwrap_or_default();
    format!("{page}{between}{query}{fragment}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_told_goes_into_the_query() {
        for (address, full) in [
            ("https://a.example", "https://a.example?x=1"),
            ("https://a.example/thanks", "https://a.example/thanks?x=1"),
            ("https://a.example/?a=b", "https://a.example/?a=b&x=1"),
            ("https://a.example/?", "https://a.example/?x=1"),
            ("https://a.example/?a&", "https://a.example/?a&x=1"),
            ("https://a.example/#/done?b", "https://a.example/?x=1#/done?b"),
            ("https://a.example/?a=b#top", "https://a.example/?a=b&x=1#top"),
        ] {
            assert_eq!(with_query(address, "x=1"), full);
        }
    }

    #[test]
    fn only_pages_are_opened() {
        assert!(opened("https://a.example/x").is_some());
        for bad in ["javascript:alert(1)", "http://a.example", "/x", "data:text/html,x"] {
            assert!(opened(bad).is_none(), "{bad}");
        }
    }
}
