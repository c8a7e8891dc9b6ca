use std::sync::{
    atomic::{AtomicU32, Ordering},
    mpsc,
};

use serde_json::json;
use tokio::sync::Notify;

use super::*;
use crate::{domain::decline::DeclineCode, testing::Running};

/// How many of an errand's phases were gone through, and what lets its call go on.
#[derive(Default)]
struct Seen {
    calls: AtomicU32,
    undone: AtomicU32,
    gate: Notify,
}

/// An errand that does as told.
struct Scripted {
    seen: Arc<Seen>,
    then: Then,
}

#[derive(Clone, Copy, PartialEq)]
enum Then {
    AnswerAtOnce,
    Answer,
    AnswerAfterGate,
    Decline,
    RefuseAtBegin,
    RefuseAtEnd,
}

fn answer(json: String) -> Outcome {
    Outcome {
        json,
        subject: "cus_1".to_owned(),
        created: false,
    }
}

impl Errand for Scripted {
    type Work = u32;
    type Found = u32;

    fn begin(&mut self, _: &Context<'_>, _: &mut dyn Tx, _: &Numbering) -> Result<Begun<u32>> {
        match self.then {
            Then::AnswerAtOnce => Ok(Begun::Answered(answer("{\"at\":\"once\"}".to_owned()))),
            Then::RefuseAtBegin => Err(Error::invalid("a", "is wrong")),
            _ => Ok(Begun::Work(1)),
        }
    }

    fn call(&mut self, work: u32) -> Later<u32> {
        let (seen, then) = (Arc::clone(&self.seen), self.then);
        Box::pin(async move {
            let calls = seen.calls.fetch_add(work, Ordering::SeqCst) + work;
            if then == Then::AnswerAfterGate {
                seen.gate.notified().await;
            }
            calls
        })
    }

    fn end(&mut self, _: &Context<'_>, _: &mut dyn Tx, _: &Numbering, calls: &u32) -> Result<Ended> {
        match self.then {
            Then::Decline => Ok(Ended::Refused {
                error: Error::card_declined(DeclineCode::InsufficientFunds, false, "NO_FUNDS"),
                subject: "cus_1".to_owned(),
            }),
            Then::RefuseAtEnd => Err(Error::invalid("b", "has become wrong")),
            _ => Ok(Ended::Answered(answer(format!("{{\"calls\":{calls}}}")))),
        }
    }

    fn undo(&mut self, _: u32) -> Option<Later<()>> {
        let seen = Arc::clone(&self.seen);
        Some(Box::pin(async move {
            seen.undone.fetch_add(1, Ordering::SeqCst);
        }))
    }
}

struct Desk {
    running: Running,
    seen: Arc<Seen>,
}

impl Desk {
    fn open() -> Self {
        Self {
            running: Running::start_on(":memory:"),
            seen: Arc::default(),
        }
    }

    fn begin(&self, key: Option<&str>, body: &str, then: Then) -> mpsc::Receiver<Result<Answered>> {
        let session = Arc::clone(self.running.session());
        let key = key.map(|key| idempotency::Key::new(key, &json!(body), &session.store.secret).unwrap());
        let header = Header {
            session,
            operation: "errands.run",
            request_id: None,
            key,
            watch: Arc::default(),
            order: String::new(),
        };
        let (send, receive) = mpsc::channel();
        let reply = Reply::new(move |outcome| drop(send.send(outcome)));
        let seen = Arc::clone(&self.seen);
        run(header, reply, Scripted { seen, then });
        receive
    }

    fn run(&self, key: Option<&str>, then: Then) -> std::result::Result<String, String> {
        told(self.begin(key, "body", then))
    }

    fn calls(&self) -> u32 {
        self.seen.calls.load(Ordering::SeqCst)
    }
}

/// The answer, or the error's code.
fn told(receive: mpsc::Receiver<Result<Answered>>) -> std::result::Result<String, String> {
    match receive.recv().unwrap() {
        Ok(answered) => Ok(answered.json().unwrap()),
        Err(error) => Err(error.code().name().to_owned()),
    }
}

#[test]
fn without_a_key_every_call_is_one() {
    let desk = Desk::open();
    assert_eq!(desk.run(None, Then::Answer), Ok("{\"calls\":1}".to_owned()));
    assert_eq!(desk.run(None, Then::Answer), Ok("{\"calls\":2}".to_owned()));
    assert_eq!(desk.run(None, Then::AnswerAtOnce), Ok("{\"at\":\"once\"}".to_owned()));
    assert_eq!(desk.calls(), 2);
}

#[test]
fn a_repeat_is_told_the_first_answer_declines_included() {
    let desk = Desk::open();
    for (key, then, answer) in [
        ("a", Then::Answer, Ok("{\"calls\":1}".to_owned())),
        ("b", Then::Decline, Err("card_declined".to_owned())),
        ("c", Then::AnswerAtOnce, Ok("{\"at\":\"once\"}".to_owned())),
    ] {
        assert_eq!(desk.run(Some(key), then), answer);
        // Whatever it would come to now.
        assert_eq!(desk.run(Some(key), Then::RefuseAtEnd), answer);
    }
    assert_eq!(desk.calls(), 2);
    let declined = desk.begin(Some("b"), "body", Then::Answer).recv().unwrap().unwrap_err();
    let first = Error::card_declined(DeclineCode::InsufficientFunds, false, "NO_FUNDS");
    assert_eq!(declined.to_json(), first.to_json());
    let other = told(desk.begin(Some("a"), "another body", Then::Answer));
    assert_eq!(other, Err("idempotency_key_reused".to_owned()));
}

#[test]
fn a_refusal_leaves_the_key_free_and_is_taken_back() {
    let desk = Desk::open();
    assert_eq!(
        desk.run(Some("a"), Then::RefuseAtBegin),
        Err("parameter_invalid".to_owned())
    );
    assert_eq!(desk.seen.undone.load(Ordering::SeqCst), 0, "nobody was asked");
    assert_eq!(
        desk.run(Some("a"), Then::RefuseAtEnd),
        Err("parameter_invalid".to_owned())
    );
    assert_eq!(desk.seen.undone.load(Ordering::SeqCst), 1);
    assert_eq!(desk.run(Some("a"), Then::Answer), Ok("{\"calls\":2}".to_owned()));
}

#[test]
fn a_repeat_waits_while_the_first_is_under_way() {
    let desk = Desk::open();
    let first = desk.begin(Some("a"), "body", Then::AnswerAfterGate);
    while desk.calls() == 0 {
        std::thread::yield_now();
    }
    let repeats: Vec<_> = (0..5).map(|_| desk.begin(Some("a"), "body", Then::Answer)).collect();
    let other = told(desk.begin(Some("a"), "another body", Then::Answer));
    assert_eq!(other, Err("idempotency_key_reused".to_owned()), "nobody waits for that");
    assert!(repeats.iter().all(|repeat| repeat.try_recv().is_err()));
    desk.seen.gate.notify_one();
    assert_eq!(told(first), Ok("{\"calls\":1}".to_owned()));
    for repeat in repeats {
        assert_eq!(told(repeat), Ok("{\"calls\":1}".to_owned()));
    }
    assert_eq!(desk.calls(), 1);
}

#[test]
fn whoever_waits_may_give_up() {
    let desk = Desk::open();
    let first = desk.begin(Some("a"), "body", Then::AnswerAfterGate);
    while desk.calls() == 0 {
        std::thread::yield_now();
    }
    let session = Arc::clone(desk.running.session());
    let key = idempotency::Key::new("a", &json!("body"), &session.store.secret).unwrap();
    let watch = Arc::<Watch>::default();
    let header = Header {
        session,
        operation: "errands.run",
        request_id: None,
        key: Some(key),
        watch: Arc::clone(&watch),
        order: String::new(),
    };
    let (send, receive) = mpsc::channel();
    let seen = Arc::clone(&desk.seen);
    let then = Then::Answer;
    run(
        header,
        Reply::new(move |outcome| drop(send.send(outcome))),
        Scripted { seen, then },
    );
    watch.give_up(crate::engine::port::GiveUp::TimedOut);
    assert_eq!(told(receive), Err("timeout".to_owned()));
    desk.seen.gate.notify_one();
    assert!(told(first).is_ok());
}
