//! The sandbox gateway's books: whatever is asked, however often and in
//! whatever order, a key charges once and gives back once.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, mpsc},
};

use proptest::prelude::*;
use proyecta::{
    domain::{
        card::{Card, Parts},
        currency::Currency,
        decline::DeclineCode,
        instant::Instant,
        money::Money,
        sandbox::GatewayEventKind,
        secret::Secret,
    },
    engine::{
        gateway::{
            ChargeOutcome, ChargeRequest, ChargeResult, Credential, Found, RefundOutcome, RefundRequest, Registration,
        },
        port::{SandboxCharge, SandboxOutcome, Task, Tx},
    },
    error::Result,
    gateway::sandbox,
    store::sqlite::Options,
    testing::Running,
};

use super::place::on_each;

const STORE: i64 = 1;
const HOUR: i64 = 3600 * 1_000_000;
const START: Instant = Instant::from_micros(1_790_000_000_000_000);

type Work<T> = Box<dyn FnMut(&mut dyn Tx) -> Result<T> + Send>;

struct Job<T> {
    work: Work<T>,
    value: Option<T>,
    send: mpsc::Sender<Result<T>>,
}

impl<T: Send> Task for Job<T> {
    fn run(&mut self, tx: &mut dyn Tx) -> Result<()> {
        self.value = Some((self.work)(tx)?);
        Ok(())
    }

    fn done(self: Box<Self>, outcome: Result<()>) {
        let Self { value, send, .. } = *self;
        send.send(outcome.map(|()| value.unwrap())).unwrap();
    }
}

/// Starts a transaction; the receiver gets its value.
fn begin<T: Send + 'static>(
    running: &Running,
    work: impl FnMut(&mut dyn Tx) -> Result<T> + Send + 'static,
) -> mpsc::Receiver<Result<T>> {
    let (send, receive) = mpsc::channel();
    running.session().engine().database().write(Box::new(Job {
        work: Box::new(work),
        value: None,
        send,
    }));
    receive
}

fn write<T: Send + 'static>(running: &Running, work: impl FnMut(&mut dyn Tx) -> Result<T> + Send + 'static) -> T {
    begin(running, work).recv().unwrap().unwrap()
}

fn card(number: &str) -> Credential {
    let parts = Parts {
        number: Secret::new(number.to_owned()),
        expiration_year: "30".to_owned(),
        expiration_month: "12".to_owned(),
        password: None,
        is_corporate: false,
        personal_id: None,
        corporate_id: None,
    };
    Credential::Card(Card::new(parts).unwrap())
}

fn registered(running: &Running, number: &str, bits: u128) -> Secret {
    let card = card(number);
    match write(running, move |tx| sandbox::register(tx, STORE, &card, bits)) {
        Registration::Registered(registered) => registered.billing_key,
        other => panic!("{other:?}"),
    }
}

fn won(amount: i64) -> Money {
    Money::new(amount, Currency::KRW)
}

fn request(key: &str, billing_key: &Secret, amount: i64, at: Instant) -> ChargeRequest {
    ChargeRequest {
        key: key.to_owned(),
        billing_key: billing_key.clone(),
        amount: won(amount),
        order_name: "An order".to_owned(),
        customer: "cus_1".to_owned(),
        at,
    }
}

fn charge(running: &Running, request: &ChargeRequest) -> ChargeOutcome {
    let request = request.clone();
    write(running, move |tx| sandbox::charge(tx, STORE, &request))
}

fn look_up(running: &Running, key: &str, at: Instant) -> Found {
    let key = key.to_owned();
    write(running, move |tx| sandbox::look_up(tx, STORE, &key, at))
}

fn refund(running: &Running, key: &str, reference: &str, amount: Money, at: Instant) -> RefundOutcome {
    let request = RefundRequest {
        key: key.to_owned(),
        reference: reference.to_owned(),
        amount,
        at,
    };
    write(running, move |tx| sandbox::refund(tx, STORE, &request))
}

fn ledger(running: &Running) -> Vec<SandboxCharge> {
    write(running, |tx| tx.sandbox_charges(STORE, "", 10_000))
}

fn hours(hours: i64) -> Instant {
    Instant::from_micros(START.micros() + hours * HOUR)
}

#[test]
fn a_lost_answer_is_found_and_never_charged_again() {
    let running = Running::start(&Options::memory());
    for (number, approved) in [("4000000000030000", true), ("4000000000030001", false)] {
        let card = registered(&running, number, u128::from(approved));
        let asked = request(&format!("lost-{approved}"), &card, 9900, START);
        assert_eq!(look_up(&running, &asked.key, START), Found::NeverSeen);
        assert_eq!(charge(&running, &asked), ChargeResult::Unknown.into());
        let Found::Seen(found) = look_up(&running, &asked.key, hours(1)) else {
            panic!("the charge was seen");
        };
        match &found.result {
            ChargeResult::Approved { at, .. } => assert!(approved && *at == START),
            ChargeResult::Declined(decline) => assert!(!approved && decline.code == DeclineCode::Generic),
            other => panic!("{other:?}"),
        }
        assert_eq!(charge(&running, &asked), found, "a repeat is told what was decided");
    }
    assert_eq!(ledger(&running).len(), 2);
}

#[test]
fn a_pending_charge_settles_in_an_hour() {
    let running = Running::start(&Options::memory());
    let card = registered(&running, "4000000000030002", 1);
    let outcome = charge(&running, &request("pending", &card, 500, START));
    let ChargeResult::Pending { reference } = &outcome.result else {
        panic!("{outcome:?}");
    };
    assert_eq!(outcome.later, [(hours(1), GatewayEventKind::Settled)]);
    let early = Instant::from_micros(hours(1).micros() - 1);
    assert_eq!(look_up(&running, "pending", early), Found::Seen(outcome.clone()));
    let refused = refund(&running, "early", reference, won(500), early);
    assert!(matches!(refused, RefundOutcome::Refused { .. }));
    let settled = ChargeResult::Approved {
        reference: reference.clone(),
        at: hours(1),
    };
    let outcome = ChargeOutcome {
        result: settled,
        later: outcome.later,
    };
    assert_eq!(look_up(&running, "pending", hours(1)), Found::Seen(outcome));
    assert!(matches!(
        refund(&running, "late", reference, won(500), hours(1)),
        RefundOutcome::Refunded { .. }
    ));
}

#[test]
fn refunds_never_exceed_the_charge() {
    let running = Running::start(&Options::memory());
    let card = registered(&running, "4242424242424242", 1);
    let ChargeResult::Approved { reference, .. } = charge(&running, &request("paid", &card, 1000, START)).result else {
        panic!("approved");
    };
    let ask = |key: &str, amount| {
        matches!(
            refund(&running, key, &reference, amount, START),
            RefundOutcome::Refunded { .. }
        )
    };
    assert!(ask("one", won(400)));
    assert!(ask("one", won(400)), "a repeat is told the same");
    assert!(!ask("two", won(601)));
    assert!(!ask("three", won(0)));
    assert!(!ask("four", won(-5)));
    assert!(!ask("five", Money::new(5, Currency::parse("USD").unwrap())));
    assert!(ask("six", won(600)));
    assert!(!ask("seven", won(1)));
    assert!(!matches!(
        refund(&running, "eight", "sbx_pay_none", won(1), START),
        RefundOutcome::Refunded { .. }
    ));
    let given: i64 = ledger(&running)[0].refunds.iter().map(|refund| refund.amount).sum();
    assert_eq!(given, 1000);
}

#[test]
fn a_forgotten_card_is_declined_for_good() {
    let running = Running::start(&Options::memory());
    let card = registered(&running, "4242424242424242", 1);
    let first = charge(&running, &request("before", &card, 5, START));
    for _ in 0..2 {
        let card = card.clone();
        write(&running, move |tx| sandbox::forget(tx, STORE, card.expose()));
    }
    let ChargeResult::Declined(decline) = charge(&running, &request("after", &card, 5, START)).result else {
        panic!("declined");
    };
    assert!(decline.hard && decline.code == DeclineCode::InvalidCard);
    assert_eq!(charge(&running, &request("before", &card, 5, START)), first);
}

#[test]
fn one_key_charges_once_from_many_engines() {
    on_each(|place| {
        let engines = place.start_many(3);
        let card = registered(&engines[0], "4000000000010005", 7);
        for round in 0..10 {
            let waiting: Vec<_> = (0..9)
                .map(|n| {
                    let request = request(&format!("round-{round}"), &card, 100, START);
                    begin(&engines[n % 3], move |tx| sandbox::charge(tx, STORE, &request))
                })
                .collect();
            let outcomes: Vec<ChargeOutcome> = waiting.into_iter().map(|one| one.recv().unwrap().unwrap()).collect();
            assert!(outcomes.iter().all(|outcome| *outcome == outcomes[0]), "{outcomes:?}");
            let approved = matches!(outcomes[0].result, ChargeResult::Approved { .. });
            assert_eq!(approved, round < 5, "round {round}");
        }
        let ledger = ledger(&engines[0]);
        let mut numbers: Vec<u32> = ledger.iter().map(|charge| charge.n).collect();
        numbers.sort_unstable();
        assert_eq!(numbers, (0..10).collect::<Vec<u32>>());
    });
}

/// What somebody asks of the gateway.
#[derive(Debug, Clone)]
enum Step {
    Charge { key: u8, card: usize, amount: i64 },
    LookUp { key: u8 },
    Refund { key: u8, of: u8, amount: i64 },
    Wait,
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        4 => (0_u8..8, 0_usize..6, 1_i64..1000).prop_map(|(key, card, amount)| Step::Charge { key, card, amount }),
        2 => (0_u8..8).prop_map(|key| Step::LookUp { key }),
        2 => (0_u8..5, 0_u8..8, 1_i64..800).prop_map(|(key, of, amount)| Step::Refund { key, of, amount }),
        1 => Just(Step::Wait),
    ]
}

const CARDS: [&str; 6] = [
    "4242424242424242",
    "4000000000010002",
    "4000000000020001",
    "4000000000030000",
    "4000000000030002",
    "4000000000000341",
];

/// The result without what only time changes.
fn settled(result: ChargeResult) -> ChargeResult {
    match result {
        ChargeResult::Pending { reference } => ChargeResult::Approved { reference, at: START },
        ChargeResult::Approved { reference, .. } => ChargeResult::Approved { reference, at: START },
        other => other,
    }
}

fn keep_to_the_books(steps: Vec<Step>) -> std::result::Result<(), TestCaseError> {
    let running = Running::start(&Options::memory());
    let cards: Vec<Secret> = (0..)
        .zip(CARDS)
        .map(|(bits, number)| registered(&running, number, bits))
        .collect();
    let mut known: HashMap<u8, ChargeResult> = HashMap::new();
    let mut refunds: HashMap<(u8, u8), RefundOutcome> = HashMap::new();
    let mut now = START;
    for step in steps {
        match step {
            Step::Wait => now = Instant::from_micros(now.micros() + HOUR),
            Step::Charge { key, card, amount } => {
                let seen = known.contains_key(&key);
                let outcome = charge(&running, &request(&format!("key-{key}"), &cards[card], amount, now));
                let result = match outcome.result {
                    ChargeResult::Unknown => {
                        prop_assert!(!seen, "only the first answer is lost");
                        match look_up(&running, &format!("key-{key}"), now) {
                            Found::Seen(found) => found.result,
                            other => panic!("{other:?}"),
                        }
                    }
                    result => result,
                };
                let first = known.entry(key).or_insert_with(|| settled(result.clone()));
                prop_assert_eq!(&settled(result), first);
            }
            Step::LookUp { key } => match (look_up(&running, &format!("key-{key}"), now), known.get(&key)) {
                (Found::NeverSeen, None) => {}
                (Found::Seen(found), Some(first)) => prop_assert_eq!(&settled(found.result), first),
                other => panic!("{other:?}"),
            },
            Step::Refund { key, of, amount } => {
                let outcome = refund(
                    &running,
                    &format!("refund-{key}"),
                    &format!("sbx_pay_key-{of}"),
                    won(amount),
                    now,
                );
                if let Some(first) = refunds.get(&(key, of)) {
                    prop_assert_eq!(&outcome, first);
                } else if matches!(outcome, RefundOutcome::Refunded { .. }) {
                    refunds.insert((key, of), outcome);
                }
            }
        }
    }
    let ledger = ledger(&running);
    prop_assert_eq!(ledger.len(), known.len());
    for charge in &ledger {
        let given: i64 = charge.refunds.iter().map(|refund| refund.amount).sum();
        prop_assert!(given <= charge.amount.amount);
        let charged = matches!(charge.outcome, SandboxOutcome::Approved | SandboxOutcome::Pending(_));
        prop_assert!(given == 0 || charged);
    }
    for card in &cards {
        let mut numbers: Vec<u32> = ledger
            .iter()
            .filter(|one| one.card == card.expose())
            .map(|one| one.n)
            .collect();
        numbers.sort_unstable();
        prop_assert_eq!(numbers.clone(), (0..).take(numbers.len()).collect::<Vec<u32>>());
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(100))]

    #[test]
    fn the_books_hold_whatever_is_asked(steps in prop::collection::vec(step(), 1..60)) {
        keep_to_the_books(steps)?;
    }
}

/// The books are written by many at once, and read as one.
#[test]
fn no_charge_is_lost_among_many() {
    let running = Arc::new(Running::start(&Options::memory()));
    let card = registered(&running, "4242424242424242", 1);
    let total = Arc::new(Mutex::new(0));
    std::thread::scope(|scope| {
        for thread in 0..4 {
            let (running, card, total) = (Arc::clone(&running), card.clone(), Arc::clone(&total));
            scope.spawn(move || {
                for n in 0..50 {
                    let outcome = charge(
                        &running,
                        &request(&format!("many-{thread}-{}", n / 2), &card, 10, START),
                    );
                    assert!(matches!(outcome.result, ChargeResult::Approved { .. }));
                    *total.lock().unwrap() += 1;
                }
            });
        }
    });
    assert_eq!(*total.lock().unwrap(), 200);
    assert_eq!(ledger(&running).len(), 100);
}
