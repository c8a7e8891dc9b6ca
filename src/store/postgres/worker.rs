//! Threads with a connection each, started when there is work and gone when
//! there is none. Writers commit in groups, as on SQLite.
//!
//! Transactions that share rows lock them in one order, because a group runs
//! its tasks in the order of their names; what still collides (another process
//! made the same address first) runs again, and sees it then.

use std::{
    collections::VecDeque,
    sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use super::{
    driver::{PostgresDriver, Purpose},
    options::Options,
};
use crate::{
    engine::port::Task,
    error::{Code, Error, Kind, Result},
    store::{
        group::{Member, answer, finish, forget_failures, guarded, run_members},
        happened::Hearer,
    },
};

/// Most tasks in one transaction: bounds how long rows stay locked.
const GROUP: usize = 64;
/// Most tasks that may wait: bounds memory.
const QUEUE: usize = 262_144;
/// A connection without work is closed after so long.
const IDLE: Duration = Duration::from_secs(60);
/// So long a server that does not answer is tried again.
const PATIENCE: Duration = Duration::from_secs(10);
/// How often a group runs again before its tasks run alone, and those then.
const TRIES_TOGETHER: u32 = 3;
const TRIES_ALONE: u32 = 20;
/// Groups that are written at once.
const WRITERS: usize = 4;

struct State {
    writes: VecDeque<Box<dyn Task>>,
    reads: VecDeque<Box<dyn Task>>,
    on_close: Vec<Box<dyn FnOnce() + Send>>,
    threads: usize,
    idle: usize,
    writing: usize,
    closed: bool,
}

struct Shared {
    options: Arc<Options>,
    state: Mutex<State>,
    wake: Condvar,
    events: Hearer,
}

/// The threads of one database.
pub(super) struct Workers(Arc<Shared>);

enum Work {
    Write(Vec<Box<dyn Task>>),
    Read(Box<dyn Task>),
}

impl Workers {
    /// The first connection, made to migrate, serves on.
    pub(super) fn start(options: Arc<Options>, first: PostgresDriver) -> Self {
        let workers = Self(Arc::new(Shared {
            options,
            state: Mutex::new(State {
                writes: VecDeque::new(),
                reads: VecDeque::new(),
                on_close: Vec::new(),
                threads: 0,
                idle: 0,
                writing: 0,
                closed: false,
            }),
            wake: Condvar::new(),
            events: Hearer::default(),
        }));
        workers.0.lock().threads = 1;
        workers.spawn(Some(first));
        workers
    }

    pub(super) fn write(&self, task: Box<dyn Task>) {
        self.queue(task, |state| &mut state.writes);
    }

    pub(super) fn read(&self, task: Box<dyn Task>) {
        self.queue(task, |state| &mut state.reads);
    }

    fn queue(&self, task: Box<dyn Task>, queue: impl FnOnce(&mut State) -> &mut VecDeque<Box<dyn Task>>) {
        let mut state = self.0.lock();
        let refused = if state.closed {
            Some(Error::new(Code::Closed, "the database was closed"))
        } else if state.writes.len() + state.reads.len() >= QUEUE {
            Some(Error::new(
                Code::QueueFull,
                format!("{QUEUE} calls are waiting: wait for some of them before making more"),
            ))
        } else {
            None
        };
        if let Some(error) = refused {
            drop(state);
            return task.done(Err(error));
        }
        queue(&mut state).push_back(task);
        // More threads only while those there are all at work.
        let more = state.idle == 0 && state.threads < self.0.options.pool_size;
        if more {
            state.threads += 1;
        }
        drop(state);
        if more {
            self.spawn(None);
        } else {
            self.0.wake.notify_one();
        }
    }

    fn spawn(&self, driver: Option<PostgresDriver>) {
        let shared = Arc::clone(&self.0);
        let started = std::thread::Builder::new()
            .name("proyecta-postgres".into())
            .spawn(move || run(&shared, driver));
        if started.is_err() {
            let mut state = self.0.lock();
            state.threads -= 1;
            if state.threads == 0 {
                let tasks: Vec<_> = state.take_all();
                drop(state);
                for task in tasks {
                    task.done(Err(Error::internal("the operating system gives no more threads")));
                }
            }
        }
    }

    /// Who hears of events.
    pub(super) fn events(&self) -> &Hearer {
        &self.0.events
    }

    pub(super) fn close(&self, done: Box<dyn FnOnce() + Send>) {
        let mut state = self.0.lock();
        state.closed = true;
        if state.threads == 0 {
            drop(state);
            return done();
        }
        state.on_close.push(done);
        drop(state);
        self.0.wake.notify_all();
    }
}

impl Drop for Workers {
    fn drop(&mut self) {
        self.0.lock().closed = true;
        self.0.wake.notify_all();
    }
}

impl State {
    fn take_all(&mut self) -> Vec<Box<dyn Task>> {
        self.writes.drain(..).chain(self.reads.drain(..)).collect()
    }

    /// The next piece of work. Writes are shared out among a few groups.
    fn next(&mut self, pool_size: usize) -> Option<Work> {
        let writers = WRITERS.min(pool_size);
        if !self.writes.is_empty() && self.writing < writers {
            let share = self.writes.len().div_ceil(writers - self.writing);
            self.writing += 1;
            return Some(Work::Write(self.writes.drain(..share.min(GROUP)).collect()));
        }
        self.reads.pop_front().map(Work::Read)
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits for work; `None` once there was none for a while, or closed and
    /// everything accepted is taken.
    fn next(&self) -> Option<Work> {
        let mut state = self.lock();
        loop {
            if let Some(work) = state.next(self.options.pool_size) {
                return Some(work);
            }
            if state.closed && state.writes.is_empty() {
                return None;
            }
            state.idle += 1;
            let (next, waited) = self
                .wake
                .wait_timeout(state, IDLE)
                .unwrap_or_else(PoisonError::into_inner);
            state = next;
            state.idle -= 1;
            if waited.timed_out() && state.writes.is_empty() && state.reads.is_empty() {
                return None;
            }
        }
    }

    fn wrote(&self) {
        let mut state = self.lock();
        state.writing -= 1;
        let more = !state.writes.is_empty() || state.closed;
        drop(state);
        if more {
            self.wake.notify_one();
        }
    }
}

fn run(shared: &Shared, driver: Option<PostgresDriver>) {
    let mut worker = Worker {
        options: Arc::clone(&shared.options),
        events: shared.events.clone(),
        driver,
    };
    while let Some(work) = shared.next() {
        match work {
            Work::Write(group) => {
                worker.write(group);
                shared.wrote();
            }
            Work::Read(task) => worker.read(task),
        }
    }
    drop(worker);
    let mut state = shared.lock();
    state.threads -= 1;
    let waiting = if state.threads == 0 {
        std::mem::take(&mut state.on_close)
    } else {
        Vec::new()
    };
    drop(state);
    shared.wake.notify_all();
    for done in waiting {
        done();
    }
}

/// Why a group did not commit.
enum Setback {
    /// It may run again on the connection that is there.
    Again(Error),
    /// The connection is gone and nothing was committed.
    Lost(Error),
    /// One of its tasks came upon what the others need not: a row that
    /// somebody keeps locked. Nothing was committed.
    Stopped(Error),
    /// It is over, for all of them.
    Final(Error),
}

/// A group that could not be committed.
struct Failure {
    error: Error,
    /// Nothing was committed, and its tasks may fare better alone.
    apart: bool,
}

struct Worker {
    options: Arc<Options>,
    events: Hearer,
    driver: Option<PostgresDriver>,
}

impl Worker {
    fn driver(&mut self) -> Result<&mut PostgresDriver> {
        if self.driver.as_ref().is_none_or(PostgresDriver::is_closed) {
            self.driver = None;
            self.driver = Some(PostgresDriver::connect(&self.options)?);
        }
        self.driver
            .as_mut()
            .ok_or_else(|| Error::internal("a connection was made and is not there"))
    }

    fn read(&mut self, mut task: Box<dyn Task>) {
        let started = Instant::now();
        let mut pause = Duration::from_millis(10);
        let outcome = loop {
            if let Some(reason) = task.given_up() {
                break Err(reason);
            }
            match self.try_read(&mut *task) {
                Err(error) if is_passing(&error) && started.elapsed() < PATIENCE => {
                    rest(&mut pause);
                }
                outcome => break outcome,
            }
        };
        finish(task, outcome);
    }

    fn try_read(&mut self, task: &mut dyn Task) -> Result<()> {
        let watch = task.watch().cloned();
        let driver = self.driver()?;
        driver.watch = watch;
        driver.begin(Purpose::Read);
        let outcome = guarded(|| task.run(driver));
        driver.watch = None;
        match outcome {
            // Nothing was changed: a commit is only the shorter way out.
            Ok(()) => driver.commit(),
            Err(error) => {
                driver.rollback();
                Err(if driver.is_closed() { lost(error) } else { error })
            }
        }
    }

    fn write(&mut self, mut group: Vec<Box<dyn Task>>) {
        group.sort_by(|one, other| one.order().cmp(other.order()));
        while !group.is_empty() {
            group = self.write_group(group);
        }
    }

    /// Gives back the tasks that another group has to run.
    fn write_group(&mut self, group: Vec<Box<dyn Task>>) -> Vec<Box<dyn Task>> {
        let mut members = Member::of_group(group);
        match self.commit(&mut members, TRIES_TOGETHER) {
            Err(failure) if failure.apart && members.len() > 1 => {
                forget_failures(&mut members, true);
                for member in members {
                    self.write_alone(member);
                }
                Vec::new()
            }
            outcome => answer(members, &outcome.map_err(|failure| failure.error)),
        }
    }

    fn write_alone(&mut self, member: Member) {
        let mut alone = vec![member];
        let outcome = self.commit(&mut alone, TRIES_ALONE);
        // Nobody's writes stand before its own, so it is never put off.
        drop(answer(alone, &outcome.map_err(|failure| failure.error)));
    }

    /// Runs a group until it is committed or cannot be.
    fn commit(&mut self, members: &mut [Member], tries: u32) -> std::result::Result<(), Failure> {
        let failed = |error, apart| Err(Failure { error, apart });
        let started = Instant::now();
        let mut pause = Duration::from_millis(1);
        let mut tried = 0;
        loop {
            match self.try_commit(members) {
                Ok(()) => return Ok(()),
                Err(Setback::Final(error)) => return failed(error, false),
                Err(Setback::Stopped(error)) => return failed(error, true),
                Err(Setback::Lost(error)) if started.elapsed() > PATIENCE => return failed(error, false),
                Err(Setback::Lost(_)) => {
                    if members.iter().all(|member| member.task.given_up().is_some()) {
                        mark_given_up(members);
                        return Ok(());
                    }
                    forget_failures(members, true);
                    pause = pause.max(Duration::from_millis(10));
                }
                Err(Setback::Again(error)) => {
                    forget_failures(members, true);
                    tried += 1;
                    if tried >= tries {
                        return failed(error, true);
                    }
                }
            }
            rest(&mut pause);
        }
    }

    fn try_commit(&mut self, members: &mut [Member]) -> std::result::Result<(), Setback> {
        let events = self.events.clone();
        let driver = self.driver().map_err(|error| {
            if is_passing(&error) {
                Setback::Lost(error)
            } else {
                Setback::Final(error)
            }
        })?;
        loop {
            driver.begin(Purpose::Write);
            match run_members(driver, members, stops_all) {
                Ok(true) => break,
                Ok(false) => {
                    driver.rollback();
                    forget_failures(members, false);
                }
                Err(error) => {
                    driver.rollback();
                    return Err(setback(driver, error));
                }
            }
        }
        if members.iter().all(Member::is_out) {
            driver.rollback();
            return Ok(());
        }
        driver.commit().map_err(|error| {
            // A lost commit may have happened; every other error means that
            // the server rolled back.
            if error.code() == Code::WriteConflict {
                Setback::Again(error)
            } else {
                Setback::Final(error)
            }
        })?;
        events.tell(&mut driver.happened);
        Ok(())
    }
}

fn setback(driver: &PostgresDriver, error: Error) -> Setback {
    if driver.is_closed() || error.code() == Code::DatabaseUnreachable {
        Setback::Lost(lost(error))
    } else if error.code() == Code::WriteConflict {
        Setback::Again(error)
    } else {
        Setback::Stopped(error)
    }
}

/// What the database cannot serve fails, or repeats, the whole group.
fn stops_all(error: &Error) -> bool {
    matches!(error.code().kind(), Kind::Unavailable | Kind::Timeout)
}

fn mark_given_up(members: &mut [Member]) {
    for member in members.iter_mut() {
        member.failed = member.failed.take().or_else(|| member.task.given_up());
    }
}

/// Errors after which a read may simply be made again.
fn is_passing(error: &Error) -> bool {
    matches!(error.code(), Code::DatabaseUnreachable | Code::WriteConflict)
}

fn lost(error: Error) -> Error {
    if error.code() == Code::DatabaseUnreachable {
        error
    } else {
        super::connection::unreachable_server()
    }
}

/// Waits a little, longer each time, and not as long as others who wait.
fn rest(pause: &mut Duration) {
    let nanos = std::time::SystemTime::now()
        .duration_since(std::time::UNIX_EPOCH)
        .map_or(0, |now| now.subsec_nanos());
    std::thread::sleep(*pause + pause.mul_f64(f64::from(nanos % 1000) / 1000.0));
    *pause = (*pause * 2).min(Duration::from_millis(200));
}
