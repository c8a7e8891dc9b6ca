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

use crate::{engine::Answered, error::Result};

/// Wakes the event loop without keeping it alive.
pub(super) type Notify = ThreadsafeFunction<(), (), (), Status, false, true>;

/// One element of the flat list that `drain` gives.
pub(super) type Part = Either3<u32, String, Buffer>;

const FINAL: u32 = 0;
const PROGRESS: u32 = 1;
const FILE: u32 = 2;

enum Payload {
    Text(u32, String),
    File(Vec<u8>),
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
        self.push(
            ticket,
            match outcome {
                Ok(Answered::File(bytes)) => Payload::File(bytes),
                Ok(answered) => Payload::Text(FINAL, answered.json().unwrap_or_default()),
                Err(error) => Payload::Text(FINAL, error.to_json()),
            },
        );
    }

    /// Tells a call how far it is.
    pub(super) fn progress(&self, ticket: u32, json: String) {
        self.push(ticket, Payload::Text(PROGRESS, json));
    }

    fn push(&self, ticket: u32, payload: Payload) {
        self.ready
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push((ticket, payload));
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
                Payload::File(bytes) => {
                    parts.push(Either3::A(FILE));
                    parts.push(Either3::C(bytes.into()));
                }
            }
        }
        parts
    }
}
