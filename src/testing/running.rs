//! An engine with a session, called as a front would and waited for.

use std::sync::{Arc, mpsc};

use serde_json::Value;
use tokio::runtime::{Builder, Handle, Runtime};

use crate::{
    engine::{
        Answered, Call, Engine, Reply, Session, SessionOptions,
        port::{Clock, Store, Watch},
        system::{SystemClock, SystemIds},
    },
    error::{Error, Result},
    ops::Op,
    start,
    store::{
        self,
        sqlite::{Options, SqliteStore},
    },
};

/// One for all, so that engines on one database read what the others keep.
const ENCRYPTION_KEY: &str = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";

/// A database in use.
pub struct Running {
    session: Arc<Session>,
    _runtime: Runtime,
}

impl Running {
    /// Opens a database as a keyless test store.
    pub fn start(options: &Options) -> Self {
        Self::try_start(options, SessionOptions::default()).expect("the database opens")
    }

    /// Opens whatever database a text names, `postgres://…` too.
    pub fn start_on(database: &str) -> Self {
        Self::try_start_on(database, SessionOptions::default()).expect("the database opens")
    }

    /// Opens whatever database a text names, with whatever key and settings.
    pub fn try_start_on(database: &str, session: SessionOptions) -> Result<Self> {
        Self::try_open(session, |blocking| store::open(database, SystemClock.now(), blocking))
    }

    /// Opens a database with whatever key and settings.
    pub fn try_start(options: &Options, session: SessionOptions) -> Result<Self> {
        Self::try_open(session, |blocking| {
            Ok(Arc::new(SqliteStore::open(options, SystemClock.now(), blocking)?))
        })
    }

    fn try_open(session: SessionOptions, open: impl FnOnce(Handle) -> Result<Arc<dyn Store>>) -> Result<Self> {
        let runtime = Builder::new_current_thread().build().expect("a runtime");
        let blocking = runtime.handle().clone();
        let engine = Engine::new(
            open(blocking.clone())?,
            Arc::new(SystemClock),
            Arc::new(SystemIds::default()),
            blocking,
            start::outside(":memory:", Some(ENCRYPTION_KEY), start::own_runtime)?,
        );
        let (opened, waiting) = mpsc::channel();
        Session::open(&engine, session, move |session| {
            opened.send(session).expect("somebody waits")
        });
        let session = waiting.recv().expect("an answer")?;
        Ok(Self {
            session,
            _runtime: runtime,
        })
    }

    /// The session itself.
    pub fn session(&self) -> &Arc<Session> {
        &self.session
    }

    /// Starts a call; the receiver gets its answer.
    pub fn begin(&self, op: Op, input: &Value, idempotency_key: Option<&str>) -> mpsc::Receiver<Result<Value>> {
        let (send, receive) = mpsc::channel();
        let call = Call {
            op,
            input: input.to_string(),
            idempotency_key: idempotency_key.map(str::to_owned),
            request_id: None,
            watch: Arc::new(Watch::default()),
        };
        let later = send.clone();
        let at_once = self.session.call(
            call,
            Reply::new(move |outcome| drop(later.send(outcome.and_then(parsed)))),
        );
        if let Some(outcome) = at_once {
            send.send(outcome.and_then(parsed)).expect("somebody waits");
        }
        receive
    }

    /// Calls and waits.
    pub fn call(&self, op: Op, input: &Value) -> Result<Value> {
        self.begin(op, input, None).recv().expect("an answer")
    }

    /// Calls with an idempotency key and waits.
    pub fn call_once(&self, op: Op, input: &Value, key: &str) -> Result<Value> {
        self.begin(op, input, Some(key)).recv().expect("an answer")
    }

    /// Finishes what was accepted and closes the file.
    pub fn close(self) {
        let (done, closed) = mpsc::channel();
        self.session
            .engine()
            .close(Box::new(move || done.send(()).expect("somebody waits")));
        closed.recv().expect("the file closes");
    }
}

fn parsed(answer: Answered) -> Result<Value> {
    match answer.json() {
        Some(json) => serde_json::from_str(&json).map_err(|error| Error::internal(error.to_string())),
        None => Err(Error::internal("a file instead of JSON")),
    }
}
