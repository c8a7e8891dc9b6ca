//! What a payer is told about what just happened. In an address it is a word
//! out of a few, so that nobody can make a page say anything else.

use crate::{
    domain::decline::DeclineCode,
    error::{Code, Error},
};

/// A field of the page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Field {
    Number,
    Expiry,
    Identity,
    Password,
    Code,
    /// Of the cart's items, this one.
    Quantity(usize),
}

/// What happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Notice {
    /// The card was declined.
    Declined(DeclineCode),
    /// It comes to something else than was shown.
    Total,
    /// A code does not apply any more and was left out.
    CodeDropped,
    /// There are not so many.
    Stock,
    /// It cannot be bought at the moment.
    Unsold,
    /// The customer has a subscription to it.
    Subscribed,
    /// The gateway cannot be reached.
    Gateway,
    /// A field is wrong.
    Fields,
}

const WORDS: [(Notice, &str); 7] = [
    (Notice::Total, "total"),
    (Notice::CodeDropped, "code"),
    (Notice::Stock, "stock"),
    (Notice::Unsold, "unsold"),
    (Notice::Subscribed, "subscribed"),
    (Notice::Gateway, "gateway"),
    (Notice::Fields, "fields"),
];

impl Notice {
    /// Its word in an address.
    pub(super) fn word(self) -> &'static str {
        if let Self::Declined(code) = self {
            return code.name();
        }
        let found = WORDS.iter().find(|(notice, _)| *notice == self);
        found.map_or("", |(_, word)| word)
    }

    /// From its word.
    pub(super) fn from_word(word: &str) -> Option<Self> {
        let found = WORDS.iter().find(|(_, known)| *known == word);
        let declined = || DeclineCode::from_name(word).map(Self::Declined);
        found.map(|(notice, _)| *notice).or_else(declined)
    }

    /// What an error means to whoever pays; `None` for one that is no matter of
    /// theirs.
    pub(super) fn of(error: &Error) -> Option<Self> {
        Some(match error.code() {
            Code::CardDeclined => Self::Declined(declined(error)),
            Code::TotalDiffers => Self::Total,
            Code::DiscountCodeInvalid => Self::CodeDropped,
            Code::OutOfStock => Self::Stock,
            Code::AlreadySubscribed => Self::Subscribed,
            Code::GatewayUnavailable | Code::GatewayMissing | Code::EncryptionKeyMissing => Self::Gateway,
            Code::ParameterInvalid | Code::ParameterMissing => Self::Fields,
            Code::PriceArchived
            | Code::ProductUnavailable
            | Code::PriceNotFound
            | Code::ProductNotFound
            | Code::CustomerDeleted
            | Code::CurrencyDiffers => Self::Unsold,
            _ => return None,
        })
    }

    /// The field that it is about.
    pub(super) fn field(self) -> Option<Field> {
        match self {
            Self::Declined(DeclineCode::ExpiredCard) => Some(Field::Expiry),
            Self::Declined(DeclineCode::IncorrectPassword) => Some(Field::Password),
            Self::Declined(_) => Some(Field::Number),
            Self::CodeDropped => Some(Field::Code),
            _ => None,
        }
    }
}

fn declined(error: &Error) -> DeclineCode {
    let members = error.decline_members();
    let mut codes = members.filter(|(name, _)| *name == "declineCode");
    let code = codes
        .next()
        .and_then(|(_, code)| DeclineCode::from_name(code.as_str()?));
    code.unwrap_or(DeclineCode::Generic)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_notice_has_a_word_of_its_own() {
        let declined = DeclineCode::ALL.map(Notice::Declined);
        for notice in WORDS.iter().map(|(notice, _)| *notice).chain(declined) {
            assert_eq!(Notice::from_word(notice.word()), Some(notice));
        }
        assert_eq!(Notice::from_word("<script>"), None);
    }

    #[test]
    fn a_decline_says_why() {
        let error = Error::card_declined(DeclineCode::ExpiredCard, true, "E");
        assert_eq!(Notice::of(&error), Some(Notice::Declined(DeclineCode::ExpiredCard)));
        assert_eq!(Notice::of(&Error::internal("x")), None);
    }
}
