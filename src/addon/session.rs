//! A JavaScript client's handle on a session.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use napi::bindgen_prelude::{Function, Uint8Array};
use napi_derive::napi;

use super::{
    completions::{Completions, Part},
    config::{self, Config},
    database::{self, Database},
    handler::Exchanges,
    import,
    remote_io::remote_io,
    streams::Streams,
};
use crate::{
    engine::{
        self, Answered, Call, Engine, Reply,
        port::{GiveUp, Watch},
    },
    error::{Code, Error, Result},
    import::Upload,
    ops::Op,
    remote::{self, Remote},
};

/// Who answers calls.
#[derive(Clone)]
pub(super) enum Backend {
    /// The engine in this process.
    Local(Arc<engine::Session>),
    /// Another process' server.
    Remote(Arc<Remote>),
}

pub(super) type Opened = Result<Backend>;
type Waiter = (u32, Box<dyn FnOnce(Opened) + Send>);

enum State {
    /// Not asked for yet, or the last attempt failed.
    Idle,
    Opening(Vec<Waiter>),
    Open(Backend),
    Closed,
}

pub(super) struct Inner {
    config: Config,
    completions: Completions,
    database: Mutex<Option<Arc<Database>>>,
    state: Mutex<State>,
    calls: Mutex<Calls>,
    exchanges: Exchanges,
    streams: Streams,
}

#[derive(Default)]
struct Calls {
    /// Calls that wait for their answer.
    pending: HashMap<u32, Arc<Watch>>,
    /// The ticket that wants to know when all have theirs.
    closing: Option<u32>,
}

/// A client of one database, or of one server, under one API key.
#[napi]
pub struct Session {
    inner: Arc<Inner>,
}

#[napi]
impl Session {
    /// `config`: JSON of `{ apiKey?, database?, timezone?, currency?, encryptionKey?, publicUrl?, basePath?, mode?, remote? }`,
    /// `remote` of `{ baseUrl, timeout?, maxRetries?, caCertificate?, httpProxy?, httpsProxy?, noProxy?, observed? }`.
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
            exchanges: Exchanges::default(),
            streams: Streams::default(),
        };
        Ok(Self { inner: Arc::new(inner) })
    }

    /// Calls operation number `op` of the manifest. The answer's JSON, or
    /// `null` when it comes later.
    #[napi]
    pub fn call(&self, op: u32, ticket: u32, input: String, options: Option<String>) -> Option<String> {
        let outcome =
            config::read_call(op, input, options).map(|(call, options)| self.inner.call(ticket, call, options));
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
        options: Option<String>,
    ) -> Option<String> {
        let upload = import::upload(path, bytes.map(|bytes| bytes.to_vec()), remove_after);
        let outcome = upload.and_then(|upload| {
            let options = config::read_import(options)?;
            Ok(self.inner.import(ticket, upload, input, options))
        });
        immediate(outcome.unwrap_or_else(|error| Some(Err(error))))
    }

    /// Asks a call to stop: 0 aborted, 1 timed out. Its answer still comes.
    #[napi]
    pub fn cancel(&self, ticket: u32, reason: u32) {
        let watch = self.inner.calls().pending.get(&ticket).cloned();
        if let Some(watch) = watch {
            watch.give_up(if reason == 0 { GiveUp::Aborted } else { GiveUp::TimedOut });
            self.inner.exchanges.abandon(ticket);
            self.inner.stop_waiting_for_open(ticket, &watch);
        }
    }

    /// What has been answered since the last time: ticket, kind (0 answer, 1
    /// progress, 2 file, 3 the request id of the answer that follows, 4 what
    /// hooks hear, 5 to 7 of requests over HTTP), text or bytes, and again.
    #[napi]
    pub fn drain(&self) -> Vec<Part> {
        self.inner.completions.drain()
    }

    /// Finishes what was accepted, closes the database when nobody else has
    /// it open, or the connections, and answers the ticket with `{}`.
    #[napi]
    pub fn close(&self, ticket: u32) {
        let mut calls = self.inner.calls();
        let idle = calls.pending.is_empty();
        calls.closing = Some(ticket);
        drop(calls);
        self.inner.exchanges.end_lasting();
        if idle {
            Inner::finish_closing(&self.inner, ticket);
        }
    }
}

impl Session {
    pub(super) fn inner(&self) -> &Arc<Inner> {
        &self.inner
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

/// Files go through the import layer, everything else through the engine.
fn start(session: &Arc<engine::Session>, call: Call, reply: Reply) -> Option<Result<Answered>> {
    if call.op == Op::CustomersImportTemplate {
        crate::import::template(session, &call.input, reply);
        return None;
    }
    session.call(call, reply)
}

pub(super) fn closed() -> Error {
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

    fn call(self: &Arc<Self>, ticket: u32, call: Call, options: remote::CallOptions) -> Option<Result<Answered>> {
        if self.is_closing() {
            return Some(Err(closed()));
        }
        let watch = Arc::clone(&call.watch);
        let open = match &*self.state() {
            State::Open(backend) => Some(backend.clone()),
            _ => None,
        };
        let Some(backend) = open else {
            self.expect(ticket, watch);
            let inner = Arc::clone(self);
            self.when_open(ticket, move |backend| {
                let answered = match backend {
                    Ok(backend) => inner.start(ticket, &backend, call, options),
                    Err(error) => Some(Err(error)),
                };
                if let Some(outcome) = answered {
                    inner.finish(ticket, outcome);
                }
            });
            return None;
        };
        // Registered before it starts, because it may end on another thread
        // before `call` returns; taken back when it is answered here.
        self.expect(ticket, watch);
        let answered = self.start(ticket, &backend, call, options);
        if answered.is_some() {
            self.calls().pending.remove(&ticket);
        }
        answered
    }

    fn start(
        self: &Arc<Self>,
        ticket: u32,
        backend: &Backend,
        call: Call,
        options: remote::CallOptions,
    ) -> Option<Result<Answered>> {
        match backend {
            Backend::Local(session) => {
                let inner = Arc::clone(self);
                start(session, call, Reply::new(move |outcome| inner.finish(ticket, outcome)))
            }
            Backend::Remote(remote) => {
                remote.call(call, self.observed(ticket, options), self.remote_reply(ticket));
                None
            }
        }
    }

    fn import(
        self: &Arc<Self>,
        ticket: u32,
        upload: Upload,
        input: String,
        options: remote::CallOptions,
    ) -> Option<Result<Answered>> {
        if self.is_closing() {
            return Some(Err(closed()));
        }
        let watch = Arc::<Watch>::default();
        self.expect(ticket, Arc::clone(&watch));
        let inner = Arc::clone(self);
        self.when_open(ticket, move |backend| {
            let for_progress = Arc::clone(&inner);
            let progress = Box::new(move |json| for_progress.completions.progress(ticket, json));
            match backend {
                Ok(Backend::Local(session)) => {
                    let reply = Reply::new(move |outcome| inner.finish(ticket, outcome));
                    crate::import::import(&session, upload, &input, watch, progress, reply);
                }
                Ok(Backend::Remote(remote)) => {
                    let options = inner.observed(ticket, options);
                    remote.import(upload, &input, options, watch, progress, inner.remote_reply(ticket));
                }
                Err(error) => inner.finish(ticket, Err(error)),
            }
        });
        None
    }

    pub(super) fn remote_reply(self: &Arc<Self>, ticket: u32) -> remote::Reply {
        let inner = Arc::clone(self);
        remote::Reply::new(move |answer| {
            inner.completions.answer_from_remote(ticket, answer);
            inner.settle(ticket);
        })
    }

    /// The options of a call whose hooks, if there are any, hear of it.
    pub(super) fn observed(self: &Arc<Self>, ticket: u32, mut options: remote::CallOptions) -> remote::CallOptions {
        if self.config.remote.as_ref().is_some_and(|remote| remote.observed) {
            let inner = Arc::clone(self);
            options.observe = Some(Box::new(move |json| inner.completions.passing(ticket, json)));
        }
        options
    }

    pub(super) fn expect(&self, ticket: u32, watch: Arc<Watch>) {
        self.calls().pending.insert(ticket, watch);
    }

    pub(super) fn completions(&self) -> &Completions {
        &self.completions
    }

    pub(super) fn streams(&self) -> &Streams {
        &self.streams
    }

    /// Whether nothing new is accepted any more.
    pub(super) fn is_closing(&self) -> bool {
        self.calls().closing.is_some()
    }

    pub(super) fn exchanges(&self) -> &Exchanges {
        &self.exchanges
    }

    /// Hands on the engine of this process once its database is open; until
    /// `settle`, the ticket counts as pending.
    pub(super) fn when_engine(
        self: &Arc<Self>,
        ticket: u32,
        watch: Arc<Watch>,
        then: impl FnOnce(Result<Arc<Engine>>) + Send + 'static,
    ) {
        let closing = self.is_closing();
        self.expect(ticket, watch);
        if closing {
            return then(Err(closed()));
        }
        self.when_open(ticket, move |backend| {
            then(backend.and_then(|backend| match backend {
                Backend::Local(session) => Ok(Arc::clone(session.engine())),
                Backend::Remote(_) => Err(Error::internal("a request came to a client of another process")),
            }));
        });
    }

    pub(super) fn finish(self: &Arc<Self>, ticket: u32, outcome: Result<Answered>) {
        self.completions.answer(ticket, outcome);
        self.settle(ticket);
    }

    /// Forgets a ticket that was answered; the last one lets a waiting `close`
    /// go on.
    pub(super) fn settle(self: &Arc<Self>, ticket: u32) {
        let mut calls = self.calls();
        calls.pending.remove(&ticket);
        let closing = calls.closing.filter(|_| calls.pending.is_empty());
        drop(calls);
        if let Some(ticket) = closing {
            Self::finish_closing(self, ticket);
        }
    }

    /// Opens the database on another thread, unless it is open or being opened.
    pub(super) fn when_open(self: &Arc<Self>, ticket: u32, then: impl FnOnce(Opened) + Send + 'static) {
        let mut state = self.state();
        match &mut *state {
            State::Open(backend) => {
                let backend = backend.clone();
                drop(state);
                return then(Ok(backend));
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
        if let Some(config) = &self.config.remote {
            let options = self.config.remote_options(config);
            let remote = remote_io().and_then(|io| Remote::new(&options, io));
            return self.opened(remote.map(Backend::Remote));
        }
        let options = self.config.session_options();
        match database::open(self.config.database(), self.config.encryption_key()) {
            Ok(database) => {
                if self.config.works()
                    && let Err(error) = database.work()
                {
                    return self.opened(Err(error));
                }
                let engine = Arc::clone(&database.engine);
                let placed = self.config.place_pages(&engine);
                *self.database.lock().unwrap_or_else(PoisonError::into_inner) = Some(database);
                match placed {
                    Ok(()) => engine::Session::open(&engine, options, move |session| {
                        self.opened(session.map(Backend::Local))
                    }),
                    Err(error) => self.opened(Err(error)),
                }
            }
            Err(error) => self.opened(Err(error)),
        }
    }

    /// After a failure the next call tries again: the cause may be gone.
    fn opened(&self, backend: Opened) {
        let next = backend
            .as_ref()
            .map_or(State::Idle, |backend| State::Open(backend.clone()));
        let before = std::mem::replace(&mut *self.state(), next);
        if let State::Opening(waiting) = before {
            for (_, waiter) in waiting {
                waiter(backend.clone());
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
            Some(last) => last.close(done),
            None => done(),
        }
    }
}
