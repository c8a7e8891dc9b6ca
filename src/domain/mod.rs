//! Rules about customers, money, time and state as pure functions and types.
//!
//! Nothing in here reads a clock, makes up an id, or knows of SQL, HTTP or
//! Node: whatever comes from the world is an argument.

pub mod address;
pub mod api_key;
pub mod calendar;
pub mod card;
pub mod catalog;
pub mod checkout;
pub mod country;
pub mod currency;
pub mod custom_field;
pub mod customer;
pub mod decimal;
pub mod decline;
pub mod dormancy;
pub mod email;
pub mod exact;
pub mod id;
pub mod instant;
pub mod key_value;
pub mod line;
pub mod money;
pub mod order;
pub mod order_item;
pub mod payment;
pub mod phone;
pub mod pricing;
pub mod sandbox;
pub mod search;
pub mod secret;
pub mod settings;
pub mod signup_form;
pub mod subscription;
pub mod text;
pub mod url;
pub mod uuid;
pub mod words;
pub mod zone;

/// Why a value was refused: one sentence for the caller that says what is
/// wrong and what would be right. It never quotes the refused value, which
/// may be personal data.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// Where inside the value, as a path such as `color` or `[2]`; empty for
    /// the value itself.
    pub at: String,
    /// The sentence, without the name of the parameter in front.
    pub message: String,
}

impl Problem {
    /// A problem with the value as a whole.
    pub fn new(message: impl Into<String>) -> Self {
        Self {
            at: String::new(),
            message: message.into(),
        }
    }

    /// A problem with one member of the value.
    pub fn at(member: impl Into<String>, message: impl Into<String>) -> Self {
        Self {
            at: member.into(),
            message: message.into(),
        }
    }
}
