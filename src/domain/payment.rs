//! Payments: attempts to take money, and what is known of each.
//!
//! What a gateway says arrives late, twice and in any order. So a payment keeps
//! facts, each of which is only ever added, and its status follows from them:
//! the same facts in any order are the same payment (glossary, transitions 32
//! and 33).

use serde::{Deserialize, Serialize};

use super::{
    currency::Currency,
    id::{ClockId, CustomerId, OrderId, PaymentId, PaymentMethodId, SubscriptionId},
    instant::{Instant, micros},
};

/// What is known of an attempt.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PaymentStatus {
    /// Sent, or about to be; or the gateway will decide later.
    Pending,
    /// The money is there.
    Succeeded,
    /// It will never be.
    Failed,
    /// All of it was given back.
    Refunded,
    /// A part was given back.
    PartiallyRefunded,
    /// The answer was lost: it is being looked up.
    Unknown,
    /// The payer's bank wants it back.
    Disputed,
}

impl PaymentStatus {
    /// All, with their words.
    pub const ALL: [(Self, &'static str); 7] = [
        (Self::Pending, "pending"),
        (Self::Succeeded, "succeeded"),
        (Self::Failed, "failed"),
        (Self::Refunded, "refunded"),
        (Self::PartiallyRefunded, "partially_refunded"),
        (Self::Unknown, "unknown"),
        (Self::Disputed, "disputed"),
    ];

    /// Its word.
    pub fn name(self) -> &'static str {
        Self::ALL[self as usize].1
    }
}

/// Why an attempt failed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Decline {
    /// Our own word, such as `insufficient_funds`.
    pub code: String,
    /// The gateway's word.
    pub gateway_code: Option<String>,
    /// Whether trying again with the same method is of no use.
    pub hard: bool,
}

/// An attempt to take money.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Payment {
    /// `pay_…`
    pub id: PaymentId,
    /// Running number inside the store, for dialects; gaps are allowed.
    pub number: i64,
    /// Counts the changes, from 1.
    pub version: i64,
    /// Under which the gateway knows it, and a receipt is asked for (`idKey`).
    pub key: String,
    /// What it pays.
    pub order: OrderId,
    /// The subscription that the order is a charge of.
    pub subscription: Option<SubscriptionId>,
    /// Who pays.
    pub customer: CustomerId,
    /// With what; `None` where it was paid outside.
    pub method: Option<PaymentMethodId>,
    /// The gateway's name.
    pub gateway: String,
    /// The clock whose time it goes by.
    pub clock: Option<ClockId>,
    /// In the currency's smallest unit; above zero.
    pub amount: i64,
    /// What it is paid in.
    pub currency: Currency,
    /// What is known.
    pub facts: Facts,
    /// How often it was looked up.
    pub look_ups: u32,
    /// When it came to be.
    #[serde(with = "micros")]
    pub created_at: Instant,
    /// When it last changed.
    #[serde(with = "micros")]
    pub updated_at: Instant,
}

/// What is known of a payment. Each fact is only ever added.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Facts {
    /// When the money was taken.
    #[serde(with = "micros::option", default)]
    pub settled_at: Option<Instant>,
    /// Why it was not.
    pub declined: Option<Decline>,
    /// Whether the gateway took it on and will decide later.
    pub waiting: bool,
    /// Whether its answer was lost.
    pub lost: bool,
    /// The gateway's own name for it.
    pub reference: Option<String>,
    /// When it was disputed.
    #[serde(with = "micros::option", default)]
    pub disputed_at: Option<Instant>,
    /// When a dispute was won.
    #[serde(with = "micros::option", default)]
    pub dispute_won_at: Option<Instant>,
    /// What was given back in all.
    pub refunded: i64,
}

/// What a gateway says of a payment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Word {
    /// The money was taken.
    Settled {
        /// The gateway's own name for the payment.
        reference: Option<String>,
    },
    /// It was not, and will not be.
    Declined(Decline),
    /// It will be decided later.
    Waiting {
        /// The gateway's own name for the payment.
        reference: Option<String>,
    },
    /// Nobody knows: the answer was lost.
    Lost,
    /// The payer's bank wants it back.
    Disputed,
    /// The bank was convinced.
    DisputeWon,
    /// So much was given back in all.
    RefundedInAll(i64),
}

impl Facts {
    /// Adds what a gateway says at an instant. Nothing said before is lost, and
    /// nothing counts twice: said in any order, it is the same in the end.
    pub fn add(&mut self, word: Word, at: Instant) {
        let earliest = |known: Option<Instant>| Some(known.map_or(at, |known| known.min(at)));
        match word {
            Word::Settled { reference } => {
                self.settled_at = earliest(self.settled_at);
                self.reference = self.reference.take().or(reference);
            }
            Word::Declined(decline) => self.declined = self.declined.take().or(Some(decline)),
            Word::Waiting { reference } => {
                self.waiting = true;
                self.reference = self.reference.take().or(reference);
            }
            Word::Lost => self.lost = true,
            Word::Disputed => self.disputed_at = earliest(self.disputed_at),
            Word::DisputeWon => self.dispute_won_at = earliest(self.dispute_won_at),
            Word::RefundedInAll(amount) => self.refunded = self.refunded.max(amount),
        }
    }

    /// Whether the money was taken, given back or not: whoever disputes or is
    /// refunded has paid.
    pub fn is_settled(&self) -> bool {
        self.settled_at.is_some() || self.disputed_at.is_some() || self.dispute_won_at.is_some() || self.refunded > 0
    }

    /// Whether the gateway has decided.
    pub fn is_decided(&self) -> bool {
        self.is_settled() || self.declined.is_some()
    }

    /// What it all comes to for an amount. Money that was taken counts for more
    /// than a decline that was heard of as well.
    pub fn status(&self, amount: i64) -> PaymentStatus {
        if self.is_settled() {
            return match self.refunded {
                refunded if refunded >= amount => PaymentStatus::Refunded,
                _ if self.disputed_at.is_some() && self.dispute_won_at.is_none() => PaymentStatus::Disputed,
                0 => PaymentStatus::Succeeded,
                _ => PaymentStatus::PartiallyRefunded,
            };
        }
        match (&self.declined, self.lost && !self.waiting) {
            (Some(_), _) => PaymentStatus::Failed,
            (None, true) => PaymentStatus::Unknown,
            (None, false) => PaymentStatus::Pending,
        }
    }
}

impl Payment {
    /// What is known of it.
    pub fn status(&self) -> PaymentStatus {
        self.facts.status(self.amount)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn word() -> impl Strategy<Value = Word> {
        prop_oneof![
            Just(Word::Settled {
                reference: Some("r".to_owned())
            }),
            Just(Word::Declined(Decline {
                code: "generic".to_owned(),
                gateway_code: None,
                hard: false
            })),
            Just(Word::Waiting {
                reference: Some("r".to_owned())
            }),
            Just(Word::Lost),
            Just(Word::Disputed),
            Just(Word::DisputeWon),
            (1..=100_i64).prop_map(Word::RefundedInAll),
        ]
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(10_000))]

        #[test]
        fn what_is_said_in_any_order_and_twice_is_the_same(
            said in prop::collection::vec((word(), 1..50_i64), 0..8),
            seed in any::<u64>(),
        ) {
            let add_all = |words: &[(Word, i64)]| {
                let mut facts = Facts::default();
                words.iter().for_each(|(word, at)| facts.add(word.clone(), Instant::from_micros(*at)));
                facts
            };
            let mut shuffled = said.clone();
            shuffled.extend(said.iter().cloned());
            let mut state = seed | 1;
            for index in (1..shuffled.len()).rev() {
                state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
                shuffled.swap(index, (state >> 33) as usize % (index + 1));
            }
            prop_assert_eq!(add_all(&said), add_all(&shuffled));
        }
    }

    #[test]
    fn the_status_follows_from_the_facts() {
        let of = |words: &[Word]| {
            let mut facts = Facts::default();
            words
                .iter()
                .for_each(|word| facts.add(word.clone(), Instant::from_micros(1)));
            facts.status(100).name()
        };
        let declined = Word::Declined(Decline {
            code: "generic".to_owned(),
            gateway_code: None,
            hard: true,
        });
        let settled = Word::Settled { reference: None };
        assert_eq!(of(&[]), "pending");
        let waiting = Word::Waiting { reference: None };
        assert_eq!(of(std::slice::from_ref(&waiting)), "pending");
        assert_eq!(of(&[Word::Lost]), "unknown");
        assert_eq!(of(&[Word::Lost, waiting]), "pending");
        assert_eq!(of(&[Word::Lost, declined.clone()]), "failed");
        assert_eq!(of(&[declined, settled.clone()]), "succeeded");
        assert_eq!(of(&[Word::Disputed]), "disputed");
        assert_eq!(of(&[Word::DisputeWon, Word::Disputed]), "succeeded");
        assert_eq!(of(&[settled.clone(), Word::RefundedInAll(40)]), "partially_refunded");
        assert_eq!(of(&[Word::RefundedInAll(100), Word::Disputed]), "refunded");
        assert_eq!(of(&[settled, Word::RefundedInAll(40), Word::Disputed]), "disputed");
    }
}
