//! Reads that may take long, each with a connection of its own.

use std::{
    collections::VecDeque,
    sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError},
    thread::available_parallelism,
    time::Duration,
};

use tokio::runtime::Handle;

use super::{
    Options,
    connection::{Purpose, open_connection},
    driver::SqliteDriver,
};
use crate::{
    engine::port::Task,
    error::Result,
    store::group::{finish, guarded},
};

/// How many instructions of SQLite's machine pass between two looks at
/// whether the caller gave up: about a millisecond.
const LOOK_EVERY: std::ffi::c_int = 20_000;
/// Fewest and most reads at a time. Two for each core keep the cores busy;
/// more would only take turns, at the price of a switch each.
const READS_MIN: usize = 4;
const READS_MAX: usize = 16;
/// How long the file stays open for reads that do not end.
const LAST_WAIT: Duration = Duration::from_secs(10);

struct State {
    waiting: VecDeque<Box<dyn Task>>,
    idle: Vec<SqliteDriver>,
    reading: usize,
    closed: bool,
}

/// Reads that wait, and connections that do; the threads are the runtime's.
pub(super) struct ReaderPool {
    options: Options,
    blocking: Handle,
    most: usize,
    state: Mutex<State>,
    /// Told when nothing reads any more.
    idle: Condvar,
}

impl ReaderPool {
    pub(super) fn new(options: Options, blocking: Handle) -> Self {
        let cores = available_parallelism().map_or(1, usize::from);
        Self {
            options,
            blocking,
            most: (2 * cores).clamp(READS_MIN, READS_MAX),
            state: Mutex::new(State {
                waiting: VecDeque::new(),
                idle: Vec::new(),
                reading: 0,
                closed: false,
            }),
            idle: Condvar::new(),
        }
    }

    /// Runs a task on a thread that may wait.
    pub(super) fn run(self: &Arc<Self>, task: Box<dyn Task>) {
        let mut state = self.lock();
        state.waiting.push_back(task);
        if state.reading == self.most {
            return;
        }
        state.reading += 1;
        drop(state);
        let pool = Arc::clone(self);
        self.blocking.spawn_blocking(move || pool.read());
    }

    /// Reads until nothing waits.
    fn read(&self) {
        let mut kept = None;
        while let Some((mut task, idle)) = self.next(kept.take()) {
            let outcome = match task.given_up() {
                Some(reason) => {
                    kept = idle;
                    Err(reason)
                }
                None => self.with_connection(idle, &mut kept, &mut *task),
            };
            finish(task, outcome);
        }
    }

    /// The next task, with a connection where one is at hand. Without a task
    /// the connection goes back; after `close` it closes.
    fn next(&self, mut kept: Option<SqliteDriver>) -> Option<(Box<dyn Task>, Option<SqliteDriver>)> {
        let mut state = self.lock();
        if state.closed && state.waiting.is_empty() {
            // Closing takes a while, and whoever waits for this thread waits
            // for its connection.
            drop(state);
            kept = None;
            state = self.lock();
        }
        if let Some(task) = state.waiting.pop_front() {
            let connection = kept.or_else(|| state.idle.pop());
            return Some((task, connection));
        }
        state.reading -= 1;
        if state.closed {
            self.idle.notify_all();
        } else {
            state.idle.extend(kept);
        }
        None
    }

    fn with_connection(
        &self,
        idle: Option<SqliteDriver>,
        kept: &mut Option<SqliteDriver>,
        task: &mut dyn Task,
    ) -> Result<()> {
        let driver = match idle {
            Some(driver) => driver,
            None => SqliteDriver::new(open_connection(&self.options, Purpose::Read)?),
        };
        run_stoppable(kept.insert(driver), task)
    }

    /// Closes the connections, and waits for the reads that are under way: the
    /// last connection of all must be one that may write, or the file's log
    /// stays behind.
    pub(super) fn close(&self) {
        let mut state = self.lock();
        state.closed = true;
        let idle = std::mem::take(&mut state.idle);
        drop(state);
        drop(idle);
        let reads = |state: &mut State| state.reading > 0;
        let _ = self.idle.wait_timeout_while(self.lock(), LAST_WAIT, reads);
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
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
