//! The database as one process sees it: commits that fail, commits whose
//! answer is lost, and the death of the process on either side of one.

use std::sync::{
    Arc, Mutex,
    atomic::{AtomicBool, Ordering},
};

use proyecta::{
    engine::port::{Store, Task, Tx, Watch},
    error::{Code, Error, Result},
    store::sqlite::inline::InlineStore,
};
use tokio::sync::Notify;

/// What happens at a write.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// The process dies; nothing is written.
    CrashBefore,
    /// It is written, and the process dies.
    CrashAfter,
    /// Nothing is written, and the process is told so.
    Refused,
    /// It is written, and the process is told that it was not.
    Lost,
}

impl Fault {
    pub const ALL: [Self; 4] = [Self::CrashBefore, Self::CrashAfter, Self::Refused, Self::Lost];
}

/// The way from one process to the database that all share.
pub struct Port {
    inner: Arc<InlineStore>,
    /// After so many more writes it happens.
    next: Mutex<Option<(u32, Fault)>>,
    dead: AtomicBool,
    died: Notify,
    /// Tasks that nobody will ever answer.
    grave: Arc<Mutex<Vec<Box<dyn Task>>>>,
}

impl Port {
    pub fn new(inner: Arc<InlineStore>) -> Arc<Self> {
        Arc::new(Self {
            inner,
            next: Mutex::new(None),
            dead: AtomicBool::new(false),
            died: Notify::new(),
            grave: Arc::default(),
        })
    }

    /// Lets something happen after so many more writes.
    pub fn arm(&self, fault: Option<(u32, Fault)>) {
        *self.next.lock().unwrap() = fault;
    }

    /// What was to happen does not happen yet.
    pub fn disarm(&self) -> Option<(u32, Fault)> {
        self.next.lock().unwrap().take()
    }

    pub fn is_dead(&self) -> bool {
        self.dead.load(Ordering::Acquire)
    }

    /// Waits for the death of the process.
    pub async fn died(&self) {
        self.died.notified().await;
    }

    fn die(&self) {
        self.dead.store(true, Ordering::Release);
        self.died.notify_one();
    }

    /// Lets go of tasks that nobody will answer: they hold what holds this.
    pub fn exhume(&self) {
        let tasks = std::mem::take(&mut *self.grave.lock().unwrap());
        drop(tasks);
    }

    fn bury(&self, task: Box<dyn Task>) {
        self.grave.lock().unwrap().push(task);
    }

    fn fault(&self) -> Option<Fault> {
        let mut next = self.next.lock().unwrap();
        match &mut *next {
            Some((0, fault)) => {
                let fault = *fault;
                *next = None;
                Some(fault)
            }
            Some((left, _)) => {
                *left -= 1;
                None
            }
            None => None,
        }
    }
}

impl Store for Port {
    fn write(&self, task: Box<dyn Task>) {
        if self.is_dead() {
            return self.bury(task);
        }
        let through = |task, end| {
            let grave = Arc::clone(&self.grave);
            self.inner.write(Box::new(Through { task, end, grave }));
        };
        match self.fault() {
            None => self.inner.write(task),
            Some(Fault::Refused) => through(task, End::Refused),
            Some(Fault::Lost) => through(task, End::Lost),
            Some(Fault::CrashBefore) => {
                self.die();
                self.bury(task);
            }
            Some(Fault::CrashAfter) => {
                self.die();
                through(task, End::Silent);
            }
        }
    }

    fn read(&self, task: Box<dyn Task>) {
        match self.is_dead() {
            true => self.bury(task),
            false => self.inner.read(task),
        }
    }

    fn read_here(&self, _: &mut dyn FnMut(&mut dyn Tx) -> Result<()>) -> Option<Result<()>> {
        None
    }

    fn close(&self, done: Box<dyn FnOnce() + Send>) {
        done();
    }
}

/// How a task ends that does not end well.
#[derive(Clone, Copy, PartialEq, Eq)]
enum End {
    Refused,
    Lost,
    Silent,
}

struct Through {
    task: Box<dyn Task>,
    end: End,
    grave: Arc<Mutex<Vec<Box<dyn Task>>>>,
}

fn unavailable() -> Error {
    Error::new(Code::DatabaseError, "the simulated disk failed")
}

impl Task for Through {
    fn run(&mut self, tx: &mut dyn Tx) -> Result<()> {
        self.task.run(tx)?;
        match self.end {
            End::Refused => Err(unavailable()),
            End::Lost | End::Silent => Ok(()),
        }
    }

    fn watch(&self) -> Option<&Arc<Watch>> {
        self.task.watch()
    }

    fn done(self: Box<Self>, outcome: Result<()>) {
        let Self { task, end, grave } = *self;
        match end {
            End::Silent => grave.lock().unwrap().push(task),
            End::Refused => task.done(outcome),
            End::Lost => task.done(outcome.and_then(|()| Err(unavailable()))),
        }
    }
}
