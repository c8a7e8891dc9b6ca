//! A customer: whoever is charged. A person, an organisation or a project.

use super::{
    address::{Address, Shipping},
    country::Country,
    email::Email,
    id::{ClockId, CustomerId},
    instant::Instant,
    key_value::{Attributes, Metadata},
    phone::Phone,
};

/// Longest name, in characters.
pub const MAX_NAME_CHARACTERS: usize = 255;
/// Longest key, user name or recipient, in characters.
pub const MAX_KEY_CHARACTERS: usize = 255;
/// Most further recipients.
pub const MAX_RECIPIENTS: usize = 20;

/// Where a customer is in life.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Status {
    /// As usual.
    Normal,
    /// No order and no login for a year (StepPay V1 reference, section 4.5).
    Dormant,
}

impl Status {
    /// `normal` or `dormant`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Normal => "normal",
            Self::Dormant => "dormant",
        }
    }

    /// From the stored name.
    pub fn from_name(name: &str) -> Self {
        if name == "dormant" { Self::Dormant } else { Self::Normal }
    }
}

/// Consent to marketing messages, per channel.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Marketing {
    /// By SMS.
    pub sms: bool,
    /// By e-mail.
    pub email: bool,
    /// By KakaoTalk.
    pub kakao: bool,
}

/// What an app tells us about a customer.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Profile {
    /// The natural key; missing only for customers that a dialect made by key.
    pub email: Option<Email>,
    /// Full name.
    pub name: Option<String>,
    /// Phone number.
    pub phone: Option<Phone>,
    /// Postal address.
    pub address: Option<Address>,
    /// Delivery address with its recipient.
    pub shipping: Option<Shipping>,
    /// Further e-mail addresses that get mail.
    pub additional_recipients: Vec<String>,
    /// Country of residence, where it differs from the address.
    pub country_code: Option<Country>,
    /// Login id.
    pub username: Option<String>,
    /// The app's own identifier, unique in the store.
    pub key: Option<String>,
    /// Consent.
    pub marketing: Marketing,
    /// Custom fields.
    pub attributes: Attributes,
    /// The app's own notes.
    pub metadata: Metadata,
}

/// A stored customer.
#[derive(Debug, Clone, PartialEq)]
pub struct Customer {
    /// `cus_…`.
    pub id: CustomerId,
    /// Running number inside the store, for dialects; gaps are allowed.
    pub number: i64,
    /// Counts the changes, from 1.
    pub version: i64,
    /// When it came to be.
    pub created_at: Instant,
    /// When it last changed.
    pub updated_at: Instant,
    /// Normal or dormant.
    pub status: Status,
    /// Since when it is dormant.
    pub dormant_at: Option<Instant>,
    /// Last login that the app told us of.
    pub last_login_at: Option<Instant>,
    /// Whether it holds its e-mail address as the natural key.
    pub holds_email: bool,
    /// The clock whose time it goes by; the system's when `None`.
    pub clock: Option<ClockId>,
    /// When to look whether it has become dormant; `None` for no such time.
    pub dormancy_at: Option<Instant>,
    /// When the notice was given that it is going to be dormant.
    pub dormancy_noticed_at: Option<Instant>,
    /// What the app told us.
    pub profile: Profile,
}

impl Customer {
    /// The customer logged in: a dormant one wakes up (StepPay V1 reference,
    /// section 4.5).
    pub fn log_in(&mut self, at: Instant) {
        self.last_login_at = Some(at);
        self.wake_up();
    }

    /// Whoever is dormant is not any more.
    pub fn wake_up(&mut self) {
        self.status = Status::Normal;
        self.dormant_at = None;
    }
}

/// A change of one optional property.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Patch<T> {
    /// Not mentioned: stays.
    #[default]
    Absent,
    /// `null`: cleared.
    Clear,
    /// Replaced.
    Set(T),
}

impl<T> Patch<T> {
    /// Converts the value that is set.
    pub fn map<U>(self, convert: impl FnOnce(T) -> U) -> Patch<U> {
        match self {
            Self::Absent => Patch::Absent,
            Self::Clear => Patch::Clear,
            Self::Set(value) => Patch::Set(convert(value)),
        }
    }

    /// Applies the change to the stored value.
    pub fn apply_to(self, stored: &mut Option<T>) {
        match self {
            Self::Absent => {}
            Self::Clear => *stored = None,
            Self::Set(value) => *stored = Some(value),
        }
    }
}
