//! Why an amount is what it is, in words a person can read: the `text` of a
//! line's reason.
//!
//! Amounts stand without a sign in formulas, because the currency is written
//! beside every line; in Korean, won are `원` everywhere. A single amount in a
//! sentence has its currency.

mod english;
mod korean;
mod number;
mod shown;
mod span;

use serde::{Deserialize, Serialize};

pub use self::shown::{day, every, money};
use super::{currency::Currency, line::Line};

/// A language for people.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Locale {
    /// English.
    #[default]
    En,
    /// Korean.
    Ko,
}

/// Says why a line's amount is what it is, in one phrase without a full stop.
/// Names and units are the merchant's own and stay as they are. Nothing is
/// rounded: what is shown can be calculated again.
///
/// ```text
/// 12,000 calls: 1,000 × 0 + 9,000 × 10 + 2,000 × 5
/// 프로 3개 × 9,900원
/// ```
pub fn say(line: &Line, currency: Currency, locale: Locale) -> String {
    match locale {
        Locale::En => english::say(line, currency),
        Locale::Ko => korean::say(line, currency),
    }
}

/// `what: formula`; what was counted alone, when all of it is free.
fn explained(what: String, formula: String) -> String {
    if formula.is_empty() {
        what
    } else {
        format!("{what}: {formula}")
    }
}

#[cfg(test)]
mod tests;
