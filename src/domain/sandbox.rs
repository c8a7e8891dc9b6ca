//! The cards of the built-in sandbox gateway: a card's number decides what
//! becomes of its charges (docs/sandbox.md).

use super::{decline::DeclineCode, instant::Instant};

const HOUR: i64 = 3600 * 1_000_000;
const DAY: i64 = 24 * HOUR;

/// How long a pending charge takes to settle.
const SETTLES_AFTER: i64 = HOUR;
/// How long after a charge its payer disputes it.
const DISPUTED_AFTER: i64 = 3 * DAY;
/// How long after that the dispute is won.
const WON_AFTER: i64 = 10 * DAY;

/// What a gateway tells about a charge after its answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum GatewayEventKind {
    /// A pending charge was approved.
    Settled,
    /// A pending charge was declined.
    Failed,
    /// The payer disputes the charge: the money is taken back for now.
    Disputed,
    /// The dispute was decided for the merchant.
    DisputeWon,
    /// The charge was refunded at the gateway.
    Refunded,
}

impl GatewayEventKind {
    /// All of them.
    pub const ALL: [Self; 5] = [
        Self::Settled,
        Self::Failed,
        Self::Disputed,
        Self::DisputeWon,
        Self::Refunded,
    ];

    /// The word.
    pub fn name(self) -> &'static str {
        match self {
            Self::Settled => "settled",
            Self::Failed => "failed",
            Self::Disputed => "disputed",
            Self::DisputeWon => "dispute_won",
            Self::Refunded => "refunded",
        }
    }

    /// From its word.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }
}

/// What becomes of a card's charges. It is all that the sandbox keeps of
/// a number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Behaviour {
    /// Every charge is approved.
    Approves,
    /// The registration is declined, and every charge would be.
    Declines(DeclineCode),
    /// It registers, and every charge is declined.
    DeclinesCharges,
    /// The first so many charges are approved, all later ones declined.
    ApprovesFirst(u32, DeclineCode),
    /// Only the charge after so many is declined.
    DeclinesOnce(u32),
    /// Every charge needs the payer.
    NeedsAuthentication,
    /// The answer to a charge is lost; the look-up finds it approved, or not.
    LosesAnswer {
        /// What the look-up finds.
        approved: bool,
    },
    /// Charges are pending at first, and approved later.
    Pends,
    /// Charges are approved, and disputed later.
    Disputes {
        /// Whether the dispute is won later still.
        won: bool,
    },
}

/// The gateway's answer to a charge.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// Charged.
    Approved,
    /// Not charged.
    Declined {
        /// Why.
        code: DeclineCode,
        /// Whether the card will be declined again.
        hard: bool,
    },
    /// Not charged: the payer has to confirm.
    NeedsAuthentication,
    /// The gateway decided, and its answer never arrives.
    Lost {
        /// What it decided.
        approved: bool,
    },
    /// Decided later.
    Pending {
        /// From then on it is approved.
        settles_at: Instant,
    },
}

/// What a charge does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Charge {
    /// The answer.
    pub outcome: Outcome,
    /// What the gateway tells afterwards, in the order of time.
    pub later: Vec<(Instant, GatewayEventKind)>,
}

impl Behaviour {
    /// Of a card's number: 16 digits without spaces.
    pub fn of(number: &str) -> Self {
        use DeclineCode::*;
        let Some(special) = number.strip_prefix("40000000000") else {
            return Self::Approves;
        };
        let count = || special.get(3..).and_then(|digits| digits.parse().ok());
        match (special, special.get(..3), count()) {
            ("00002", ..) => Self::Declines(Generic),
            ("09995", ..) => Self::Declines(InsufficientFunds),
            ("00119", ..) => Self::Declines(ProcessingError),
            ("00069", ..) => Self::Declines(ExpiredCard),
            ("09987", ..) => Self::Declines(LostCard),
            ("09979", ..) => Self::Declines(StolenCard),
            ("00127", ..) => Self::Declines(IncorrectPassword),
            ("00341", ..) => Self::DeclinesCharges,
            ("03220", ..) => Self::NeedsAuthentication,
            ("30000", ..) => Self::LosesAnswer { approved: true },
            ("30001", ..) => Self::LosesAnswer { approved: false },
            ("30002", ..) => Self::Pends,
            ("30003", ..) => Self::Disputes { won: false },
            ("30004", ..) => Self::Disputes { won: true },
            (_, Some("100"), Some(count)) => Self::ApprovesFirst(count, InsufficientFunds),
            (_, Some("200"), Some(count)) => Self::DeclinesOnce(count),
            (_, Some("400"), Some(count)) => Self::ApprovesFirst(count, LostCard),
            _ => Self::Approves,
        }
    }

    /// Why the card cannot even be registered.
    pub fn refuses_registration(self) -> Option<DeclineCode> {
        match self {
            Self::Declines(code) => Some(code),
            _ => None,
        }
    }

    /// What becomes of charge number `n` of the card, counted from 0, at
    /// a given time.
    pub fn charge(self, n: u32, at: Instant) -> Charge {
        let mut later = Vec::new();
        let outcome = match self {
            Self::Approves => Outcome::Approved,
            Self::Declines(code) => declined(code),
            Self::DeclinesCharges => declined(DeclineCode::Generic),
            Self::ApprovesFirst(count, _) if n < count => Outcome::Approved,
            Self::ApprovesFirst(_, code) => declined(code),
            Self::DeclinesOnce(count) if n == count => declined(DeclineCode::Generic),
            Self::DeclinesOnce(_) => Outcome::Approved,
            Self::NeedsAuthentication => Outcome::NeedsAuthentication,
            Self::LosesAnswer { approved } => Outcome::Lost { approved },
            Self::Pends => {
                let settles_at = after(at, SETTLES_AFTER);
                later.push((settles_at, GatewayEventKind::Settled));
                Outcome::Pending { settles_at }
            }
            Self::Disputes { won } => {
                let disputed = after(at, DISPUTED_AFTER);
                later.push((disputed, GatewayEventKind::Disputed));
                if won {
                    later.push((after(disputed, WON_AFTER), GatewayEventKind::DisputeWon));
                }
                Outcome::Approved
            }
        };
        Charge { outcome, later }
    }

    /// The text it is stored as.
    pub fn word(self) -> String {
        match self {
            Self::Approves => "approves".to_owned(),
            Self::Declines(code) => format!("declines {}", code.name()),
            Self::DeclinesCharges => "declines_charges".to_owned(),
            Self::ApprovesFirst(count, code) => format!("approves_first {count} {}", code.name()),
            Self::DeclinesOnce(count) => format!("declines_once {count}"),
            Self::NeedsAuthentication => "needs_authentication".to_owned(),
            Self::LosesAnswer { approved } => format!("loses_answer {}", yes_or_no(approved)),
            Self::Pends => "pends".to_owned(),
            Self::Disputes { won } => format!("disputes {}", yes_or_no(won)),
        }
    }

    /// From the text it is stored as.
    pub fn from_word(word: &str) -> Option<Self> {
        let words: Vec<&str> = word.split(' ').collect();
        Some(match words.as_slice() {
            ["approves"] => Self::Approves,
            ["declines", code] => Self::Declines(DeclineCode::from_name(code)?),
            ["declines_charges"] => Self::DeclinesCharges,
            ["approves_first", count, code] => Self::ApprovesFirst(count.parse().ok()?, DeclineCode::from_name(code)?),
            ["declines_once", count] => Self::DeclinesOnce(count.parse().ok()?),
            ["needs_authentication"] => Self::NeedsAuthentication,
            ["loses_answer", approved] => Self::LosesAnswer {
                approved: is_yes(approved)?,
            },
            ["pends"] => Self::Pends,
            ["disputes", won] => Self::Disputes { won: is_yes(won)? },
            _ => return None,
        })
    }
}

fn declined(code: DeclineCode) -> Outcome {
    Outcome::Declined {
        code,
        hard: code.is_hard(),
    }
}

fn after(at: Instant, micros: i64) -> Instant {
    Instant::from_micros(at.micros().saturating_add(micros))
}

fn yes_or_no(yes: bool) -> &'static str {
    if yes { "yes" } else { "no" }
}

fn is_yes(word: &str) -> Option<bool> {
    match word {
        "yes" => Some(true),
        "no" => Some(false),
        _ => None,
    }
}

/// Who issued a card, by its number; the sandbox makes them up.
pub fn issuer(number: &str) -> &'static str {
    if number.starts_with("987654") {
        return "신한카드";
    }
    if number.starts_with("123456") {
        return "KB국민카드";
    }
    match number.bytes().next() {
        Some(b'2' | b'5') => "Mastercard",
        Some(b'3') => "JCB",
        Some(b'4') => "Visa",
        Some(b'6') => "UnionPay",
        Some(b'9') => "BC카드",
        _ => "Sandbox",
    }
}

#[cfg(test)]
mod tests;
