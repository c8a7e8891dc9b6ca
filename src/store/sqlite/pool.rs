//! Reads that may take long, each with a connection of its own.

use std::sync::{Arc, Mutex, PoisonError};

use tokio::runtime::Handle;

use super::{
    Options,
    connection::{Purpose, open_connection},
    driver::SqliteDriver,
    writer::guarded,
};
use crate::{engine::port::Task, error::Result};

/// How many instructions of SQLite's machine pass between two looks at
/// whether the caller gave up: about a millisecond.
const LOOK_EVERY: std::ffi::c_int = 20_000;

/// Connections that wait for work; the threads are the runtime's.
pub(super) struct ReaderPool {
    options: Options,
    blocking: Handle,
    idle: Mutex<Option<Vec<SqliteDriver>>>,
}

impl ReaderPool {
    pub(super) fn new(options: Options, blocking: Handle) -> Self {
        Self {
            options,
            blocking,
            idle: Mutex::new(Some(Vec::new())),
        }
    }

    /// Runs a task on a thread that may wait.
    pub(super) fn run(self: &Arc<Self>, mut task: Box<dyn Task>) {
        let pool = Arc::clone(self);
        self.blocking.spawn_blocking(move || {
            let outcome = pool.with_connection(&mut *task);
            task.done(outcome);
        });
    }

    fn with_connection(&self, task: &mut dyn Task) -> Result<()> {
        if let Some(reason) = task.given_up() {
            return Err(reason);
        }
        let idle = self
            .idle
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .as_mut()
            .and_then(Vec::pop);
        let mut driver = match idle {
            Some(driver) => driver,
            None => SqliteDriver::new(open_connection(&self.options, Purpose::Read)?),
        };
        let outcome = run_stoppable(&mut driver, task);
        // After `close` there is no list to go back to: the connection closes.
        if let Some(idle) = self.idle.lock().unwrap_or_else(PoisonError::into_inner).as_mut() {
            idle.push(driver);
        }
        outcome
    }

    pub(super) fn close(&self) {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner).take();
    }
}

/// Runs a task whose statements stop when the caller gives up.
fn run_stoppable(driver: &mut SqliteDriver, task: &mut dyn Task) -> Result<()> {
    let watched = task.watch().cloned();
    let stoppable = watched.is_some();
    if let Some(watch) = watched {
        let _ = driver
            .connection
            .progress_handler(LOOK_EVERY, Some(move || watch.reason().is_some()));
    }
    let outcome = guarded(|| task.run(driver));
    if stoppable {
        let _ = driver.connection.progress_handler(0, None::<fn() -> bool>);
    }
    match (outcome, task.given_up()) {
        (Err(_), Some(reason)) => Err(reason),
        (outcome, _) => outcome,
    }
}
