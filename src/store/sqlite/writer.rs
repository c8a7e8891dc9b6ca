//! The one thread that writes. It runs what is queued in one transaction,
//! commits once, and then answers all: durable writes cost a group one sync
//! instead of one each.
//!
//! A task that fails after it wrote spoils the transaction. A savepoint for
//! each would cost half of what groups gain, so the group rolls back instead
//! and runs again without the one that failed.

use std::{
    collections::VecDeque,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{Arc, Condvar, Mutex, PoisonError},
    time::{Duration, Instant},
};

use super::{
    connection::{LOCK_WAIT, is_busy, locked, translate},
    driver::SqliteDriver,
};
use crate::{
    engine::port::Task,
    error::{Code, Error, Kind, Result},
};

/// Most tasks in one transaction: bounds how long the first one waits.
const GROUP: usize = 512;
/// Most tasks that may wait: bounds memory.
const QUEUE: usize = 262_144;

struct Queue {
    tasks: VecDeque<Box<dyn Task>>,
    on_close: Vec<Box<dyn FnOnce() + Send>>,
    /// No more work is accepted.
    closed: bool,
    /// The thread has ended and the file is closed.
    finished: bool,
}

struct Shared {
    queue: Mutex<Queue>,
    wake: Condvar,
}

pub(super) struct Writer {
    shared: Arc<Shared>,
}

impl Writer {
    pub(super) fn start(driver: SqliteDriver) -> Self {
        let queue = Queue {
            tasks: VecDeque::new(),
            on_close: Vec::new(),
            closed: false,
            finished: false,
        };
        let shared = Arc::new(Shared {
            queue: Mutex::new(queue),
            wake: Condvar::new(),
        });
        let thread = Arc::clone(&shared);
        let started = std::thread::Builder::new()
            .name("proyecta-writer".into())
            .spawn(move || run(&thread, driver));
        if started.is_err() {
            let mut queue = shared.lock();
            queue.closed = true;
            queue.finished = true;
        }
        Self { shared }
    }

    pub(super) fn queue(&self, task: Box<dyn Task>) {
        let mut queue = self.shared.lock();
        let refused = if queue.closed {
            Some(Error::new(Code::Closed, "the database was closed"))
        } else if queue.tasks.len() >= QUEUE {
            Some(Error::new(
                Code::QueueFull,
                format!("{QUEUE} writes are waiting: wait for some of them before making more"),
            ))
        } else {
            None
        };
        if let Some(error) = refused {
            drop(queue);
            return task.done(Err(error));
        }
        queue.tasks.push_back(task);
        drop(queue);
        self.shared.wake.notify_one();
    }

    pub(super) fn close(&self, done: Box<dyn FnOnce() + Send>) {
        let mut queue = self.shared.lock();
        if queue.finished {
            drop(queue);
            return done();
        }
        queue.closed = true;
        queue.on_close.push(done);
        drop(queue);
        self.shared.wake.notify_one();
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        self.shared.lock().closed = true;
        self.shared.wake.notify_one();
    }
}

impl Shared {
    fn lock(&self) -> std::sync::MutexGuard<'_, Queue> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Answers those in the queue who gave up while a group waits for the lock.
    fn answer_given_up(&self) {
        let mut queue = self.lock();
        let mut late = Vec::new();
        for task in std::mem::take(&mut queue.tasks) {
            match task.given_up() {
                Some(reason) => late.push((task, reason)),
                None => queue.tasks.push_back(task),
            }
        }
        drop(queue);
        for (task, reason) in late {
            answer_late(task, reason);
        }
    }

    /// Waits for work; `None` once closed and everything accepted is done.
    fn next_group(&self) -> Option<Vec<Box<dyn Task>>> {
        let mut queue = self.lock();
        loop {
            if !queue.tasks.is_empty() {
                let count = queue.tasks.len().min(GROUP);
                return Some(queue.tasks.drain(..count).collect());
            }
            if queue.closed {
                return None;
            }
            queue = self.wake.wait(queue).unwrap_or_else(PoisonError::into_inner);
        }
    }
}

fn run(shared: &Shared, mut driver: SqliteDriver) {
    while let Some(group) = shared.next_group() {
        commit_group(shared, &mut driver, group);
    }
    drop(driver);
    let mut queue = shared.lock();
    queue.finished = true;
    let waiting = std::mem::take(&mut queue.on_close);
    drop(queue);
    for done in waiting {
        done();
    }
}

/// A task that did not fail (yet), or how it ended.
struct Member {
    task: Box<dyn Task>,
    failed: Option<Error>,
    /// It failed after it wrote, so that the others go on without it.
    left_out: bool,
}

fn commit_group(shared: &Shared, driver: &mut SqliteDriver, group: Vec<Box<dyn Task>>) {
    let mut members: Vec<Member> = group
        .into_iter()
        .map(|task| Member {
            task,
            failed: None,
            left_out: false,
        })
        .collect();
    let outcome = begin(shared, driver, &mut members).and_then(|()| {
        while !run_members(driver, &mut members)? {
            driver.rollback();
            forget_failures(&mut members);
            begin(shared, driver, &mut members)?;
        }
        driver.commit().map_err(translate)
    });
    if outcome.is_err() {
        driver.rollback();
    }
    for member in members {
        // What a refusal rests on may have been in what was not committed.
        let own = match (&outcome, member.failed) {
            (Ok(()), Some(refused)) => Err(refused),
            (Ok(()), None) => Ok(()),
            (Err(error), _) => Err(member.task.given_up().unwrap_or_else(|| error.clone())),
        };
        let _ = guarded(|| {
            member.task.done(own);
            Ok(())
        });
    }
}

/// The group runs again: what a member failed with may have been told by rows
/// of another one, and those are gone.
fn forget_failures(members: &mut [Member]) {
    for member in members.iter_mut().filter(|member| !member.left_out) {
        member.failed = None;
    }
}

/// Takes the write lock, answering those who gave up or ran out of time while
/// another process holds it.
fn begin(shared: &Shared, driver: &mut SqliteDriver, members: &mut Vec<Member>) -> Result<()> {
    let started = Instant::now();
    let mut pause = Duration::from_micros(200);
    loop {
        match driver.begin() {
            Ok(()) => return Ok(()),
            Err(error) if is_busy(&error) && started.elapsed() < LOCK_WAIT => {
                answer_given_up(members);
                shared.answer_given_up();
                if members.is_empty() {
                    return Err(locked());
                }
                std::thread::sleep(pause);
                pause = (pause * 2).min(Duration::from_millis(5));
            }
            Err(error) => return Err(translate(error)),
        }
    }
}

/// Time that ran out while another process held the lock is its fault.
fn answer_late(task: Box<dyn Task>, reason: Error) {
    let reason = if reason.code() == Code::Timeout {
        locked()
    } else {
        reason
    };
    let _ = guarded(|| {
        task.done(Err(reason));
        Ok(())
    });
}

fn answer_given_up(members: &mut Vec<Member>) {
    let mut kept = Vec::with_capacity(members.len());
    for member in members.drain(..) {
        match member.task.given_up() {
            Some(reason) => answer_late(member.task, reason),
            None => kept.push(member),
        }
    }
    *members = kept;
}

/// Runs every member that has not failed; `false` when one failed after it
/// wrote, so that all must run again without it. A database that cannot serve
/// (disk full, I/O error) fails the whole group; a damaged page only those who
/// need it.
fn run_members(driver: &mut SqliteDriver, members: &mut [Member]) -> Result<bool> {
    for member in members.iter_mut().filter(|member| member.failed.is_none()) {
        if let Some(reason) = member.task.given_up() {
            member.failed = Some(reason);
            continue;
        }
        driver.wrote = false;
        match guarded(|| member.task.run(driver)) {
            Ok(()) => {}
            Err(error) if error.code().kind() == Kind::Unavailable && error.code() != Code::DatabaseCorrupt => {
                return Err(error);
            }
            Err(error) => {
                member.failed = Some(error);
                if driver.wrote || driver.connection.is_autocommit() {
                    member.left_out = true;
                    return Ok(false);
                }
            }
        }
    }
    Ok(true)
}

/// Turns a panic into an error: nothing of ours may take Node down.
pub(super) fn guarded(work: impl FnOnce() -> Result<()>) -> Result<()> {
    catch_unwind(AssertUnwindSafe(work)).unwrap_or_else(|_| {
        Err(Error::internal(
            "the engine came upon a state that it holds impossible; nothing was changed",
        ))
    })
}
