//! An engine for as long as a command takes.

use std::{
    path::Path,
    sync::{Arc, mpsc},
};

use tokio::runtime::{Builder, Runtime};

use super::{args::Access, failure::Outcome, place::Place};
use crate::{
    domain::api_key::Mode,
    engine::{Engine, Session, SessionOptions},
    error::{Code, Error, Result},
    start,
};

/// Threads for what waits; a command has few things to wait for.
const BLOCKING_THREADS: usize = 4;

/// Whether a command may make the database.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Missing {
    /// Yes.
    Make,
    /// No: there is nothing to list or copy.
    Refuse,
}

/// An open database.
pub struct Database {
    /// Its engine.
    pub engine: Arc<Engine>,
    /// The threads of its reads; they end with the command.
    _runtime: Runtime,
}

impl Database {
    /// Opens the database, applying missing migrations.
    pub fn open(place: &Place, missing: Missing) -> Result<Self> {
        if place.database == ":memory:" {
            return Err(Error::new(
                Code::ConfigurationInvalid,
                "a database in memory ends with the command: name a file or a server",
            )
            .with_param("database"));
        }
        if missing == Missing::Refuse {
            refuse_missing(place)?;
        } else {
            place.prepare()?;
        }
        let runtime = Builder::new_current_thread()
            .max_blocking_threads(BLOCKING_THREADS)
            .thread_name("proyecta-worker")
            .build()
            .map_err(|_| Error::internal("the operating system gives no threads"))?;
        let blocking = runtime.handle().clone();
        let key = variable("PROYECTA_ENCRYPTION_KEY");
        let engine = start::engine(&place.database, key.as_deref(), blocking, start::own_runtime)?;
        Ok(Self {
            engine,
            _runtime: runtime,
        })
    }

    /// The store that the key or the id given belongs to.
    pub fn session(&self, access: &Access) -> Result<Arc<Session>> {
        if let Some(store) = &access.store {
            return wait(|done| Session::administer(&self.engine, store, done));
        }
        let options = SessionOptions {
            api_key: access.api_key.clone().filter(|key| !key.is_empty()),
            mode: mode()?,
            timezone: variable("PROYECTA_TIMEZONE"),
            currency: variable("PROYECTA_CURRENCY"),
        };
        wait(|done| Session::open(&self.engine, options, done))
    }

    /// Finishes what was accepted and closes the file.
    pub fn close(self) {
        let (send, closed) = mpsc::channel();
        self.engine.close(Box::new(move || {
            let _ = send.send(());
        }));
        let _ = closed.recv();
    }

    /// Opens the database, does something with it, and closes it whatever
    /// came of that.
    pub fn with<T>(place: &Place, missing: Missing, work: impl FnOnce(&Self) -> Outcome<T>) -> Outcome<T> {
        let database = Self::open(place, missing)?;
        let outcome = work(&database);
        database.close();
        outcome
    }
}

/// Refuses a file that is not there.
pub fn refuse_missing(place: &Place) -> Result<()> {
    match place.file().map(Path::exists) {
        Some(false) => Err(Error::new(
            Code::DatabaseNotFound,
            format!(
                "there is no database at {} ({}): name another one with --database, or make it with `proyecta stores create`",
                place.shown(),
                place.named_by
            ),
        )
        .with_param("database")),
        _ => Ok(()),
    }
}

/// Waits for an answer that comes on another thread.
pub fn wait<T: Send + 'static>(start: impl FnOnce(Box<dyn FnOnce(Result<T>) + Send>)) -> Result<T> {
    let (send, receive) = mpsc::channel();
    start(Box::new(move |outcome| drop(send.send(outcome))));
    receive
        .recv()
        .map_err(|_| Error::internal("the engine never answered"))?
}

/// An environment variable; an empty one counts as unset, as shells and .env
/// files leave them.
pub fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}

/// What a key that does not say its mode itself stands for.
pub fn mode() -> Result<Mode> {
    match variable("PROYECTA_MODE") {
        None => Ok(Mode::Test),
        Some(name) => Mode::from_name(&name)
            .ok_or_else(|| Error::new(Code::ConfigurationInvalid, "PROYECTA_MODE must be test or live")),
    }
}
