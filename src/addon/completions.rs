//! Answers on their way back to the event loop.

use std::sync::{
    Mutex, PoisonError,
    atomic::{AtomicBool, Ordering},
};

use napi::{
    Status,
    bindgen_prelude::{Buffer, Either3},
    threadsafe_function::{ThreadsafeFunction, ThreadsafeFunctionCallMode},
};

use crate::{engine::Answered, error::Result, remote};

/// Wakes the event loop without keeping it alive.
pub(super) type Notify = ThreadsafeFunction<(), (), (), Status, false, true>;

/// One element of the flat list that `drain` gives.
pub(super) type Part = Either3<u32, String, Buffer>;

const FINAL: u32 = 0;
const PROGRESS: u32 = 1;
const FILE: u32 = 2;
/// How the server names the request whose answer comes next.
const REQUEST_ID: u32 = 3;
/// A request or a response that passes by, for hooks.
const PASSING: u32 = 4;
/// The head of an answer over HTTP, and its body or the first of it.
const RESPONSE: u32 = 5;
/// More of such a body; an empty chunk ends it.
const CHUNK: u32 = 6;
/// The next piece of a request's body is wanted.
const WANT: u32 = 7;

enum Payload {
    Text(u32, String),
    Bytes(u32, Vec<u8>),
}

impl From<Answered> for Payload {
    fn from(answered: Answered) -> Self {
        match answered {
            Answered::File(bytes) => Self::Bytes(FILE, bytes),
            answered => Self::Text(FINAL, answered.json().unwrap_or_default()),
        }
    }
}

/// Finished calls that JavaScript has not fetched yet.
pub(super) struct Completions {
    ready: Mutex<Vec<(u32, Payload)>>,
    /// Whether a wake-up is on its way: one is enough for any number.
    woken: AtomicBool,
    notify: Notify,
}

impl Completions {
    pub(super) fn new(notify: Notify) -> Self {
        Self {
            ready: Mutex::new(Vec::new()),
            woken: AtomicBool::new(false),
            notify,
        }
    }

    /// Hands a call its answer.
    pub(super) fn answer(&self, ticket: u32, outcome: Result<Answered>) {
        let payload = outcome.map_or_else(|error| Payload::Text(FINAL, error.to_json()), Payload::from);
        self.push([(ticket, payload)]);
    }

    /// Hands a call the answer of another process' server.
    pub(super) fn answer_from_remote(&self, ticket: u32, answer: remote::Answer) {
        let payload = match answer.outcome {
            Ok(answered) => Payload::from(answered),
            // It names its request itself.
            Err(failure) => return self.push([(ticket, Payload::Text(FINAL, failure.to_json()))]),
        };
        match answer.request_id {
            Some(id) => self.push([(ticket, Payload::Text(REQUEST_ID, id)), (ticket, payload)]),
            None => self.push([(ticket, payload)]),
        }
    }

    /// Tells a call how far it is.
    pub(super) fn progress(&self, ticket: u32, json: String) {
        self.push([(ticket, Payload::Text(PROGRESS, json))]);
    }

    /// Tells a call's hooks what passes by.
    pub(super) fn passing(&self, ticket: u32, json: String) {
        self.push([(ticket, Payload::Text(PASSING, json))]);
    }

    /// Hands a request its answer, or the beginning of it.
    pub(super) fn respond(&self, ticket: u32, framed: Vec<u8>) {
        self.push([(ticket, Payload::Bytes(RESPONSE, framed))]);
    }

    /// Hands a request more of its answer; an empty chunk ends it.
    pub(super) fn chunk(&self, ticket: u32, bytes: Vec<u8>) {
        self.push([(ticket, Payload::Bytes(CHUNK, bytes))]);
    }

    /// Asks for more of a request's body.
    pub(super) fn want(&self, ticket: u32) {
        self.push([(ticket, Payload::Text(WANT, String::new()))]);
    }

    fn push(&self, payloads: impl IntoIterator<Item = (u32, Payload)>) {
        self.ready
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .extend(payloads);
        if !self.woken.swap(true, Ordering::AcqRel) {
            // Fails only when the environment is going away, and with it
            // everybody who waits.
            self.notify.call((), ThreadsafeFunctionCallMode::NonBlocking);
        }
    }

    /// Everything that is ready, flat: ticket, kind, text or bytes.
    pub(super) fn drain(&self) -> Vec<Part> {
        self.woken.store(false, Ordering::Release);
        let ready = std::mem::take(&mut *self.ready.lock().unwrap_or_else(PoisonError::into_inner));
        let mut parts = Vec::with_capacity(ready.len() * 3);
        for (ticket, payload) in ready {
            parts.push(Either3::A(ticket));
            match payload {
                Payload::Text(kind, text) => {
                    parts.push(Either3::A(kind));
                    parts.push(Either3::B(text));
                }
                Payload::Bytes(kind, bytes) => {
                    parts.push(Either3::A(kind));
                    parts.push(Either3::C(bytes.into()));
                }
            }
        }
        parts
    }
}
