//! A JavaScript client's handle on a session.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use napi::bindgen_prelude::{Function, Uint8Array};
use napi_derive::napi;
use serde::Deserialize;

use super::{
    completions::{Completions, Part},
    database::{self, Database},
    import,
};
use crate::{
    domain::api_key::Mode,
    engine::{
        self, Answered, Call, Reply, SessionOptions,
        port::{GiveUp, Watch},
    },
    error::{Code, Error, Result},
    import::Upload,
    ops::Op,
};

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Config {
    api_key: Option<String>,
    database: String,
    timezone: Option<String>,
    currency: Option<String>,
    mode: Option<String>,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase")]
struct CallOptions {
    idempotency_key: Option<String>,
    request_id: Option<String>,
}

type Opened = Result<Arc<engine::Session>>;
type Waiter = (u32, Box<dyn FnOnce(Opened) + Send>);

enum State {
    /// Not asked for yet, or the last attempt failed.
    Idle,
    Opening(Vec<Waiter>),
    Open(Arc<engine::Session>),
    Closed,
}

struct Inner {
    config: Config,
    completions: Completions,
    database: Mutex<Option<Arc<Database>>>,
    state: Mutex<State>,
    calls: Mutex<Calls>,
}

#[derive(Default)]
struct Calls {
    /// Calls that wait for their answer.
    pending: HashMap<u32, Arc<Watch>>,
    /// The ticket that wants to know when all have theirs.
    closing: Option<u32>,
}

/// A client of one database under one API key.
#[napi]
pub struct Session {
    inner: Arc<Inner>,
}

#[napi]
impl Session {
    /// `config`: JSON of `{ apiKey?, database, timezone?, currency?, mode? }`.
    /// `notify` is called when `drain` has something. Nothing is opened yet.
    #[napi(constructor)]
    pub fn new(config: String, notify: Function<'_, (), ()>) -> napi::Result<Self> {
        let config =
            serde_json::from_str(&config).map_err(|error| napi::Error::from_reason(format!("config: {error}")))?;
        let notify = notify.build_threadsafe_function::<()>().weak::<true>().build()?;
        let inner = Inner {
            config,
            completions: Completions::new(notify),
            database: Mutex::default(),
            state: Mutex::new(State::Idle),
            calls: Mutex::default(),
        };
        Ok(Self { inner: Arc::new(inner) })
    }

    /// Calls operation number `op` of the manifest. The answer's JSON, or
    /// `null` when it comes later.
    #[napi]
    pub fn call(&self, op: u32, ticket: u32, input: String, options: Option<String>) -> Option<String> {
        let outcome = prepare(op, input, options).map(|call| self.inner.call(ticket, call));
        immediate(outcome.unwrap_or_else(|error| Some(Err(error))))
    }

    /// `customers.import` of a file at `path`, or of `bytes`.
    #[napi]
    pub fn import_file(
        &self,
        ticket: u32,
        path: Option<String>,
        bytes: Option<Uint8Array>,
        remove_after: bool,
        input: String,
    ) -> Option<String> {
        let upload = import::upload(path, bytes.map(|bytes| bytes.to_vec()), remove_after);
        let outcome = upload.map(|upload| self.inner.import(ticket, upload, input));
        immediate(outcome.unwrap_or_else(|error| Some(Err(error))))
    }

    /// Asks a call to stop: 0 aborted, 1 timed out. Its answer still comes.
    #[napi]
    pub fn cancel(&self, ticket: u32, reason: u32) {
        let watch = self.inner.calls().pending.get(&ticket).cloned();
        if let Some(watch) = watch {
            watch.give_up(if reason == 0 { GiveUp::Aborted } else { GiveUp::TimedOut });
            self.inner.stop_waiting_for_open(ticket, &watch);
        }
    }

    /// What has been answered since the last time: ticket, kind (0 answer, 1
    /// progress, 2 file), text or bytes, and again.
    #[napi]
    pub fn drain(&self) -> Vec<Part> {
        self.inner.completions.drain()
    }

    /// Finishes what was accepted, closes the database when nobody else has
    /// it open, and answers the ticket with `{}`.
    #[napi]
    pub fn close(&self, ticket: u32) {
        let mut calls = self.inner.calls();
        let idle = calls.pending.is_empty();
        calls.closing = Some(ticket);
        drop(calls);
        if idle {
            Inner::finish_closing(&self.inner, ticket);
        }
    }
}

fn immediate(outcome: Option<Result<Answered>>) -> Option<String> {
    Some(match outcome? {
        Ok(answered) => answered
            .json()
            .unwrap_or_else(|| Error::internal("a file was answered at once").to_json()),
        Err(error) => error.to_json(),
    })
}

fn prepare(op: u32, input: String, options: Option<String>) -> Result<Call> {
    let op = Op::ALL
        .get(op as usize)
        .copied()
        .ok_or_else(|| Error::internal("no such operation"))?;
    let options: CallOptions = match options {
        None => CallOptions::default(),
        Some(json) => serde_json::from_str(&json).map_err(|error| Error::internal(format!("call options: {error}")))?,
    };
    Ok(Call {
        op,
        input,
        idempotency_key: options.idempotency_key,
        request_id: options.request_id,
        watch: Arc::default(),
    })
}

/// Files go through the import layer, everything else through the engine.
fn start(session: &Arc<engine::Session>, call: Call, reply: Reply) -> Option<Result<Answered>> {
    if call.op == Op::CustomersImportTemplate {
        crate::import::template(session, &call.input, reply);
        return None;
    }
    session.call(call, reply)
}

fn closed() -> Error {
    Error::new(
        Code::Closed,
        "this Proyecta was closed: make a new one, or close it later",
    )
}

impl Inner {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn calls(&self) -> MutexGuard<'_, Calls> {
        self.calls.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn call(self: &Arc<Self>, ticket: u32, call: Call) -> Option<Result<Answered>> {
        if self.calls().closing.is_some() {
            return Some(Err(closed()));
        }
        let watch = Arc::clone(&call.watch);
        let open = match &*self.state() {
            State::Open(session) => Some(Arc::clone(session)),
            _ => None,
        };
        let Some(session) = open else {
            self.expect(ticket, watch);
            let inner = Arc::clone(self);
            self.when_open(ticket, move |session| inner.call_and_finish(ticket, session, call));
            return None;
        };
        // Registered before it starts, because it may end on another thread
        // before `call` returns; taken back when it is answered here.
        self.expect(ticket, watch);
        let inner = Arc::clone(self);
        let answered = start(&session, call, Reply::new(move |outcome| inner.finish(ticket, outcome)));
        if answered.is_some() {
            self.calls().pending.remove(&ticket);
        }
        answered
    }

    fn call_and_finish(self: &Arc<Self>, ticket: u32, session: Opened, call: Call) {
        let inner = Arc::clone(self);
        let answered = match session {
            Ok(session) => start(&session, call, Reply::new(move |outcome| inner.finish(ticket, outcome))),
            Err(error) => Some(Err(error)),
        };
        if let Some(outcome) = answered {
            self.finish(ticket, outcome);
        }
    }

    fn import(self: &Arc<Self>, ticket: u32, upload: Upload, input: String) -> Option<Result<Answered>> {
        if self.calls().closing.is_some() {
            return Some(Err(closed()));
        }
        let watch = Arc::<Watch>::default();
        self.expect(ticket, Arc::clone(&watch));
        let inner = Arc::clone(self);
        self.when_open(ticket, move |session| {
            let (for_progress, for_answer) = (Arc::clone(&inner), Arc::clone(&inner));
            let progress = Box::new(move |json| for_progress.completions.progress(ticket, json));
            let reply = Reply::new(move |outcome| for_answer.finish(ticket, outcome));
            match session {
                Ok(session) => crate::import::import(&session, upload, &input, watch, progress, reply),
                Err(error) => inner.finish(ticket, Err(error)),
            }
        });
        None
    }

    fn expect(&self, ticket: u32, watch: Arc<Watch>) {
        self.calls().pending.insert(ticket, watch);
    }

    /// Answers a ticket; the last one lets a waiting `close` go on.
    fn finish(self: &Arc<Self>, ticket: u32, outcome: Result<Answered>) {
        self.completions.answer(ticket, outcome);
        let mut calls = self.calls();
        calls.pending.remove(&ticket);
        let closing = calls.closing.filter(|_| calls.pending.is_empty());
        drop(calls);
        if let Some(ticket) = closing {
            Self::finish_closing(self, ticket);
        }
    }

    /// Opens the database on another thread, unless it is open or being opened.
    fn when_open(self: &Arc<Self>, ticket: u32, then: impl FnOnce(Opened) + Send + 'static) {
        let mut state = self.state();
        match &mut *state {
            State::Open(session) => {
                let session = Arc::clone(session);
                drop(state);
                return then(Ok(session));
            }
            State::Closed => {
                drop(state);
                return then(Err(closed()));
            }
            State::Opening(waiting) => return waiting.push((ticket, Box::new(then))),
            State::Idle => *state = State::Opening(vec![(ticket, Box::new(then))]),
        }
        drop(state);
        let inner = Arc::clone(self);
        match database::blocking() {
            Ok(blocking) => drop(blocking.spawn_blocking(move || inner.open())),
            Err(error) => self.opened(Err(error)),
        }
    }

    /// A call that waits for the database to open need not wait any longer.
    fn stop_waiting_for_open(&self, ticket: u32, watch: &Watch) {
        let waiter = match &mut *self.state() {
            State::Opening(waiting) => {
                let at = waiting.iter().position(|(of, _)| *of == ticket);
                at.map(|at| waiting.swap_remove(at))
            }
            _ => None,
        };
        let (Some((_, waiter)), Some(reason)) = (waiter, watch.reason()) else {
            return;
        };
        waiter(Err(reason));
    }

    fn open(self: Arc<Self>) {
        let mode = self
            .config
            .mode
            .as_deref()
            .and_then(Mode::from_name)
            .unwrap_or(Mode::Test);
        let options = SessionOptions {
            api_key: self.config.api_key.clone(),
            mode,
            timezone: self.config.timezone.clone(),
            currency: self.config.currency.clone(),
        };
        match database::open(&self.config.database) {
            Ok(database) => {
                let engine = Arc::clone(&database.engine);
                *self.database.lock().unwrap_or_else(PoisonError::into_inner) = Some(database);
                engine::Session::open(&engine, options, move |session| self.opened(session));
            }
            Err(error) => self.opened(Err(error)),
        }
    }

    /// After a failure the next call tries again: the cause may be gone.
    fn opened(&self, session: Opened) {
        let next = session
            .as_ref()
            .map_or(State::Idle, |session| State::Open(Arc::clone(session)));
        let before = std::mem::replace(&mut *self.state(), next);
        if let State::Opening(waiting) = before {
            for (_, waiter) in waiting {
                waiter(session.clone());
            }
        }
    }

    fn finish_closing(self: &Arc<Self>, ticket: u32) {
        *self.state() = State::Closed;
        let inner = Arc::clone(self);
        let done = move || inner.completions.answer(ticket, Ok(Answered::Json("{}".to_owned())));
        let database = self.database.lock().unwrap_or_else(PoisonError::into_inner).take();
        // The last client closes the file; the others go on with theirs.
        match database.and_then(Arc::into_inner) {
            Some(last) => last.engine.close(Box::new(done)),
            None => done(),
        }
    }
}
