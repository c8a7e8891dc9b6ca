//! A payment gateway somewhere else: it has books of its own, and everything
//! that can go wrong between it and us goes wrong.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, MutexGuard},
};

use proyecta::{
    domain::{decline::DeclineCode, instant::Instant, secret::Secret},
    engine::{
        gateway::{
            ChargeOutcome, ChargeRequest, ChargeResult, Credential, Decline, Forgotten, Found, Gateway, Gateways,
            Later, RefundOutcome, RefundRequest, Registered, Registration,
        },
        port::{Ids, Store, StoreRecord},
    },
};
use tokio::sync::{Notify, oneshot};

use super::{dice::Dice, process::SimClock};

const MINUTE: i64 = 60_000_000;
/// After so long an adapter gives up waiting (the port's contract).
const PATIENCE: i64 = 2 * MINUTE;

/// What the gateway has decided about a charge.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    Approved,
    Declined {
        code: DeclineCode,
    },
    NeedsAuthentication,
    /// Decided at an instant.
    Pending {
        until: i64,
        approved: bool,
    },
}

/// A charge in the gateway's books.
#[derive(Debug, Clone)]
pub struct Entry {
    pub amount: i64,
    pub verdict: Verdict,
    pub at: i64,
    /// What was given back, by key.
    pub refunds: BTreeMap<String, i64>,
    /// Whether somebody gave it back at the gateway itself.
    pub outside: bool,
    pub disputed: bool,
}

impl Entry {
    /// Whether the money is taken.
    pub fn is_charged(&self, now: i64) -> bool {
        match self.verdict {
            Verdict::Approved => true,
            Verdict::Pending { until, approved } => approved && until <= now,
            _ => false,
        }
    }

    pub fn refunded(&self) -> i64 {
        self.refunds.values().sum()
    }
}

/// What is wrong with the line to the gateway.
#[derive(Debug, Clone, Copy, Default)]
pub struct Weather {
    /// So many requests in a hundred go wrong.
    pub faults: u64,
    /// Until when nobody reaches it.
    pub down_until: i64,
    /// Whether the next charge takes its time: before it is made, or after.
    pub hold: Option<Moment>,
}

/// Where a charge waits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Moment {
    Before,
    After,
}

#[derive(Default)]
struct Books {
    cards: BTreeMap<String, (u64, u32)>,
    entries: BTreeMap<String, Entry>,
    waiting: Vec<oneshot::Sender<()>>,
    wrong: Vec<String>,
    registered: u64,
    /// The latest time that there was: clocks of its own never go back.
    latest: i64,
}

/// The gateway.
pub struct Till {
    seed: u64,
    clock: Arc<SimClock>,
    books: Mutex<Books>,
    weather: Mutex<(Weather, Dice)>,
    holds: Notify,
}

/// What goes wrong with a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Trouble {
    None,
    /// It never arrives, and that is known.
    Unreachable,
    /// It never arrives, and nobody knows.
    LostBefore,
    /// It arrives, and its answer does not, or is garbage.
    LostAfter,
}

impl Till {
    pub fn new(seed: u64, clock: &Arc<SimClock>) -> Arc<Self> {
        Arc::new(Self {
            seed,
            clock: Arc::clone(clock),
            books: Mutex::default(),
            weather: Mutex::new((Weather::default(), Dice::of_parts(seed, &[5]))),
            holds: Notify::new(),
        })
    }

    /// The same books for a world that goes its own way from here on.
    pub fn fork(&self, clock: &Arc<SimClock>) -> Arc<Self> {
        let twin = Self::new(self.seed, clock);
        let books = self.books();
        *twin.books() = Books {
            cards: books.cards.clone(),
            entries: books.entries.clone(),
            registered: books.registered,
            latest: books.latest,
            ..Books::default()
        };
        drop(books);
        twin
    }

    fn books(&self) -> MutexGuard<'_, Books> {
        self.books.lock().unwrap()
    }

    /// Changes what is wrong with the line.
    pub fn weather<T>(&self, change: impl FnOnce(&mut Weather) -> T) -> T {
        change(&mut self.weather.lock().unwrap().0)
    }

    /// Waits until a charge takes its time.
    pub async fn holds(&self) {
        self.holds.notified().await;
    }

    /// Lets every charge that takes its time go on.
    pub fn release(&self) {
        for waiting in std::mem::take(&mut self.books().waiting) {
            let _ = waiting.send(());
        }
    }

    /// Looks at the books.
    pub fn read<T>(&self, look: impl FnOnce(&BTreeMap<String, Entry>) -> T) -> T {
        look(&self.books().entries)
    }

    /// The keys of all charges, oldest first.
    pub fn keys(&self) -> Vec<String> {
        self.read(|entries| entries.keys().cloned().collect())
    }

    /// Looks at one charge, and may change it.
    pub fn entry<T>(&self, key: &str, change: impl FnOnce(&mut Entry) -> T) -> Option<T> {
        self.books().entries.get_mut(key).map(change)
    }

    /// What nobody may ask of a gateway and somebody did.
    pub fn wrong(&self) -> Option<String> {
        self.books().wrong.first().cloned()
    }

    fn trouble(&self) -> Trouble {
        let now = self.clock.micros();
        let mut books = self.books();
        books.latest = books.latest.max(now);
        drop(books);
        let (weather, dice) = &mut *self.weather.lock().unwrap();
        let down = now < weather.down_until;
        if !down && !dice.percent(weather.faults) {
            return Trouble::None;
        }
        match dice.below(3) {
            0 => Trouble::Unreachable,
            1 => Trouble::LostBefore,
            _ if down => Trouble::LostBefore,
            _ => Trouble::LostAfter,
        }
    }

    /// Decides about a charge; one that it has seen it does not make again.
    fn decide(&self, request: &ChargeRequest, now: i64) -> Verdict {
        let mut books = self.books();
        if let Some(known) = books.entries.get(&request.key) {
            let (amount, verdict) = (known.amount, known.verdict.clone());
            if amount != request.amount.amount {
                let wrong = format!("{} was sent again with another amount", request.key);
                books.wrong.push(wrong);
            }
            return verdict;
        }
        if request.amount.amount <= 0 {
            books.wrong.push(format!("{} charges nothing", request.key));
        }
        let verdict = match books.cards.get_mut(request.billing_key.expose()) {
            None => Verdict::Declined {
                code: DeclineCode::InvalidCard,
            },
            Some((card, count)) => {
                *count += 1;
                verdict(
                    &mut Dice::of_parts(self.seed, &[*card, u64::from(*count)]),
                    *card,
                    *count,
                    now,
                )
            }
        };
        books.entries.insert(
            request.key.clone(),
            Entry {
                amount: request.amount.amount,
                verdict: verdict.clone(),
                at: now,
                refunds: BTreeMap::new(),
                outside: false,
                disputed: false,
            },
        );
        verdict
    }

    fn refund(&self, request: &RefundRequest) -> RefundOutcome {
        let mut books = self.books();
        let now = request.at.micros().max(books.latest);
        let refused = |code: &str| RefundOutcome::Refused {
            gateway_code: code.to_owned(),
        };
        let key = request.reference.trim_start_matches("ref_").to_owned();
        let Some(entry) = books.entries.get_mut(&key).filter(|entry| entry.is_charged(now)) else {
            books
                .wrong
                .push(format!("{} gives back what was never charged", request.key));
            return refused("not_charged");
        };
        if !entry.refunds.contains_key(&request.key) {
            if entry.refunded() + request.amount.amount > entry.amount {
                let outside = entry.outside;
                if !outside {
                    books
                        .wrong
                        .push(format!("{} gives back more than was charged", request.key));
                }
                return refused("amount_not_left");
            }
            entry.refunds.insert(request.key.clone(), request.amount.amount);
        }
        RefundOutcome::Refunded {
            reference: format!("back_{}", request.key),
            at: request.at,
        }
    }
}

/// What a card does with its n-th charge. What it is like follows from its
/// number: most are good, others are now and then or from some time on not.
fn verdict(dice: &mut Dice, card: u64, count: u32, now: i64) -> Verdict {
    let soft = Verdict::Declined {
        code: DeclineCode::InsufficientFunds,
    };
    let hard = Verdict::Declined {
        code: DeclineCode::StolenCard,
    };
    let often = |dice: &mut Dice, percent, otherwise| match dice.percent(percent) {
        true => otherwise,
        false => Verdict::Approved,
    };
    match card % 10 {
        0..=3 => Verdict::Approved,
        4 => often(dice, 35, soft),
        5 => often(dice, 85, soft),
        6 if u64::from(count) > card / 10 % 12 => hard,
        7 => {
            let until = now + dice.between(1, 200) * 10 * MINUTE;
            let approved = dice.percent(75);
            often(dice, 60, Verdict::Pending { until, approved })
        }
        8 => often(dice, 20, Verdict::NeedsAuthentication),
        _ => often(dice, 8, soft),
    }
}

fn told(verdict: &Verdict, key: &str, at: i64, now: i64) -> ChargeResult {
    let approved = |at| ChargeResult::Approved {
        reference: format!("ref_{key}"),
        at: Instant::from_micros(at),
    };
    let declined = |code| ChargeResult::Declined(Decline::new(code, "sim"));
    match verdict {
        Verdict::Approved => approved(at),
        Verdict::Declined { code } => declined(*code),
        Verdict::NeedsAuthentication => ChargeResult::NeedsAuthentication,
        Verdict::Pending { until, .. } if *until > now => ChargeResult::Pending {
            reference: format!("ref_{key}"),
        },
        Verdict::Pending { until, approved: true } => approved(*until),
        Verdict::Pending { .. } => declined(DeclineCode::Generic),
    }
}

/// The gateway as an engine finds it.
pub struct Desk(pub Arc<Till>);

impl Gateways for Desk {
    fn of(&self, _: &StoreRecord, _: &Arc<dyn Store>, _: &Arc<dyn Ids>) -> Option<Arc<dyn Gateway>> {
        Some(Arc::new(Self(Arc::clone(&self.0))))
    }
}

impl Gateway for Desk {
    fn name(&self) -> &'static str {
        "sandbox"
    }

    fn register(&self, credential: Credential, _: Instant) -> Later<Registration> {
        let registration = match (&credential, self.0.trouble()) {
            (Credential::AuthKey(_), _) => Registration::Unsupported("is nothing for simulated cards"),
            (Credential::Card(card), Trouble::None) => {
                let number: u64 = card.number().parse().unwrap_or(0);
                let mut books = self.0.books();
                books.registered += 1;
                let billing_key = format!("sim_{}", books.registered);
                books.cards.insert(billing_key.clone(), (number % 10_000, 0));
                Registration::Registered(Registered {
                    billing_key: Secret::new(billing_key),
                    issuer: None,
                    kept: card.kept(),
                })
            }
            _ => Registration::Unavailable,
        };
        Box::pin(async move { registration })
    }

    fn charge(&self, request: ChargeRequest) -> Later<ChargeOutcome> {
        let till = Arc::clone(&self.0);
        Box::pin(async move {
            let asked = till.clock.micros();
            let hold = till.weather(|weather| weather.hold.take());
            let trouble = till.trouble();
            let wait = |till: &Arc<Till>| {
                let (send, receive) = oneshot::channel();
                till.books().waiting.push(send);
                till.holds.notify_one();
                receive
            };
            if hold == Some(Moment::Before) {
                let _ = wait(&till).await;
            }
            match trouble {
                Trouble::Unreachable if hold.is_none() => return ChargeResult::Unavailable.into(),
                Trouble::Unreachable | Trouble::LostBefore => return ChargeResult::Unknown.into(),
                Trouble::None | Trouble::LostAfter => {}
            }
            let verdict = till.decide(&request, request.at.micros());
            if hold == Some(Moment::After) {
                let _ = wait(&till).await;
            }
            let late = (till.clock.micros() - asked).abs() > PATIENCE;
            if late || trouble == Trouble::LostAfter {
                return ChargeResult::Unknown.into();
            }
            told(&verdict, &request.key, request.at.micros(), request.at.micros()).into()
        })
    }

    fn look_up(&self, key: &str, at: Instant) -> Later<Found> {
        let found = match self.0.trouble() {
            Trouble::None => {
                let now = at.micros();
                let books = self.0.books();
                let entry = books.entries.get(key);
                entry.map_or(Found::NeverSeen, |entry| {
                    Found::Seen(told(&entry.verdict, key, entry.at, now).into())
                })
            }
            _ => Found::Unavailable,
        };
        Box::pin(async move { found })
    }

    fn refund(&self, request: RefundRequest) -> Later<RefundOutcome> {
        let outcome = match self.0.trouble() {
            Trouble::None => self.0.refund(&request),
            Trouble::Unreachable => RefundOutcome::Unavailable,
            Trouble::LostBefore => RefundOutcome::Unknown,
            Trouble::LostAfter => {
                self.0.refund(&request);
                RefundOutcome::Unknown
            }
        };
        Box::pin(async move { outcome })
    }

    fn forget(&self, billing_key: Secret) -> Later<Forgotten> {
        self.0.books().cards.remove(billing_key.expose());
        Box::pin(async move { Forgotten::Done })
    }
}
