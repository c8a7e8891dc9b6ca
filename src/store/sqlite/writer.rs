//! The one thread that writes. It runs what is queued in one transaction,
//! commits once, and then answers all: durable writes cost a group one sync
//! instead of one each.

use std::{
    collections::VecDeque,
    sync::{Arc, Condvar, Mutex, PoisonError},
    time::{Duration, Instant},
};

use super::{
    connection::{LOCK_WAIT, is_busy, locked, translate},
    driver::SqliteDriver,
    pool::ReaderPool,
};
use crate::{
    engine::port::Task,
    error::{Code, Error, Kind, Result},
    store::{
        group::{Member, answer, finish, forget_failures, run_members},
        happened::Hearer,
    },
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
    events: Hearer,
}

pub(super) struct Writer {
    shared: Arc<Shared>,
}

impl Writer {
    /// Starts the thread. Once closed it closes `readers`, and the file last.
    pub(super) fn start(driver: SqliteDriver, readers: Option<Arc<ReaderPool>>) -> Self {
        let queue = Queue {
            tasks: VecDeque::new(),
            on_close: Vec::new(),
            closed: false,
            finished: false,
        };
        let shared = Arc::new(Shared {
            queue: Mutex::new(queue),
            wake: Condvar::new(),
            events: Hearer::default(),
        });
        let thread = Arc::clone(&shared);
        let started = std::thread::Builder::new()
            .name("proyecta-writer".into())
            .spawn(move || run(&thread, driver, readers.as_deref()));
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

    /// Who hears of events.
    pub(super) fn events(&self) -> &Hearer {
        &self.shared.events
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

fn run(shared: &Shared, mut driver: SqliteDriver, readers: Option<&ReaderPool>) {
    while let Some(mut group) = shared.next_group() {
        while !group.is_empty() {
            group = commit_group(shared, &mut driver, group);
        }
    }
    if let Some(readers) = readers {
        readers.close();
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

/// Gives back the tasks that another group has to run.
fn commit_group(shared: &Shared, driver: &mut SqliteDriver, group: Vec<Box<dyn Task>>) -> Vec<Box<dyn Task>> {
    let mut members = Member::of_group(group);
    let outcome = begin(shared, driver, &mut members).and_then(|()| {
        while !run_members(driver, &mut members, stops_all)? {
            driver.rollback();
            forget_failures(&mut members, false);
            begin(shared, driver, &mut members)?;
        }
        driver.commit().map_err(translate)
    });
    match &outcome {
        Ok(()) => shared.events.tell(&mut driver.happened),
        Err(_) => driver.rollback(),
    }
    answer(members, &outcome)
}

/// A database that cannot serve (disk full, I/O error) fails the whole group;
/// a damaged page only those who need it.
fn stops_all(error: &Error) -> bool {
    error.code().kind() == Kind::Unavailable && error.code() != Code::DatabaseCorrupt
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
    finish(task, Err(reason));
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
