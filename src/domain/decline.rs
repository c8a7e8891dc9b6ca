//! Why a card was declined, in our words.

/// Our word for a gateway's refusal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum DeclineCode {
    /// The gateway says no more.
    Generic,
    /// There is not enough on the account.
    InsufficientFunds,
    /// Something went wrong between gateway and issuer.
    ProcessingError,
    /// More than the card may be charged in one go or a time.
    LimitExceeded,
    /// The card's time is over.
    ExpiredCard,
    /// The card was reported lost.
    LostCard,
    /// The card was reported stolen.
    StolenCard,
    /// The PIN digits, or what identifies the holder, are wrong.
    IncorrectPassword,
    /// The issuer wants the payer to confirm, which nobody can do for them.
    AuthenticationRequired,
    /// No such card, or its registration is over.
    InvalidCard,
    /// The card cannot be used for this kind of payment.
    NotPermitted,
}

impl DeclineCode {
    /// All of them.
    pub const ALL: [Self; 11] = [
        Self::Generic,
        Self::InsufficientFunds,
        Self::ProcessingError,
        Self::LimitExceeded,
        Self::ExpiredCard,
        Self::LostCard,
        Self::StolenCard,
        Self::IncorrectPassword,
        Self::AuthenticationRequired,
        Self::InvalidCard,
        Self::NotPermitted,
    ];

    /// The word, as errors and payments show it and as it is stored.
    pub fn name(self) -> &'static str {
        match self {
            Self::Generic => "generic",
            Self::InsufficientFunds => "insufficient_funds",
            Self::ProcessingError => "processing_error",
            Self::LimitExceeded => "limit_exceeded",
            Self::ExpiredCard => "expired_card",
            Self::LostCard => "lost_card",
            Self::StolenCard => "stolen_card",
            Self::IncorrectPassword => "incorrect_password",
            Self::AuthenticationRequired => "authentication_required",
            Self::InvalidCard => "invalid_card",
            Self::NotPermitted => "not_permitted",
        }
    }

    /// From its word.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|code| code.name() == name)
    }

    /// Whether the same card will be declined again until somebody does
    /// something about it: such a decline is not retried.
    pub fn is_hard(self) -> bool {
        match self {
            Self::Generic | Self::InsufficientFunds | Self::ProcessingError | Self::LimitExceeded => false,
            Self::ExpiredCard
            | Self::LostCard
            | Self::StolenCard
            | Self::IncorrectPassword
            | Self::AuthenticationRequired
            | Self::InvalidCard
            | Self::NotPermitted => true,
        }
    }

    /// What to tell whoever integrates: what was wrong and what to do.
    pub fn text(self) -> &'static str {
        match self {
            Self::Generic => "the card was declined: try again later, or use another card",
            Self::InsufficientFunds => "the card has insufficient funds: try again later, or use another card",
            Self::ProcessingError => "the card could not be processed: try again",
            Self::LimitExceeded => "the card's limit is exceeded: try again later, or use another card",
            Self::ExpiredCard => "the card has expired: use another card",
            Self::LostCard => "the card was declined by its issuer: use another card",
            Self::StolenCard => "the card was declined by its issuer: use another card",
            Self::IncorrectPassword => {
                "the card's password or the holder's number is wrong: correct it, or use another card"
            }
            Self::AuthenticationRequired => {
                "the card's issuer wants the payer to confirm: have them pay in person, or use another card"
            }
            Self::InvalidCard => "the gateway knows no such card: check it, or use another card",
            Self::NotPermitted => "the card cannot be used for this payment: use another card",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_has_a_word_of_its_own() {
        for code in DeclineCode::ALL {
            assert_eq!(DeclineCode::from_name(code.name()), Some(code));
            assert!(!code.text().is_empty());
        }
        assert_eq!(DeclineCode::from_name("Generic"), None);
        assert!(!DeclineCode::InsufficientFunds.is_hard());
        assert!(DeclineCode::LostCard.is_hard());
    }
}
