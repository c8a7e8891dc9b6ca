//! What the engine needs of the world, as traits that the stores, the clock
//! and the source of ids implement.

use std::{path::Path, sync::Arc};

pub use super::{
    billing_rows::*,
    catalog_rows::*,
    payment_rows::*,
    rows::*,
    watch::{GiveUp, Watch},
};
use crate::{
    domain::instant::Instant,
    error::{Code, Error, Result},
};

/// The time.
pub trait Clock: Send + Sync {
    /// Now.
    fn now(&self) -> Instant;
}

/// Randomness and what is made of it.
pub trait Ids: Send + Sync {
    /// The 128 bits of a UUIDv7 for the given time.
    fn uuid(&self, at: Instant) -> u128;

    /// Fills a buffer with unpredictable bytes.
    fn fill(&self, bytes: &mut [u8]);
}

/// One transaction: everything in it happens, or nothing does.
pub trait Tx:
    CustomerRows
    + FormRows
    + CatalogRows
    + BillingRows
    + EventRows
    + IdempotencyRows
    + SettingsRows
    + StoreRows
    + PaymentMethodRows
    + SandboxRows
{
}

impl<T> Tx for T where
    T: CustomerRows
        + FormRows
        + CatalogRows
        + BillingRows
        + EventRows
        + IdempotencyRows
        + SettingsRows
        + StoreRows
        + PaymentMethodRows
        + SandboxRows
{
}

/// Work for one transaction. It may be run more than once, so it keeps its
/// result inside and replaces it on every run. It does not wait for anything.
pub trait Task: Send {
    /// Runs inside the transaction.
    fn run(&mut self, tx: &mut dyn Tx) -> Result<()>;

    /// Tells whether the caller gave up; looked at before and, for reads,
    /// during `run`.
    fn watch(&self) -> Option<&Arc<Watch>> {
        None
    }

    /// Where it stands among the tasks of one transaction: those that touch the
    /// same rows have one name, so that transactions lock them in one order.
    fn order(&self) -> &str {
        ""
    }

    /// Called once: after the commit, or with why there was none.
    fn done(self: Box<Self>, outcome: Result<()>);
}

impl dyn Task + '_ {
    /// The error for a caller who gave up.
    pub fn given_up(&self) -> Option<Error> {
        self.watch().and_then(|watch| watch.reason())
    }
}

/// Gets the stores that a committed transaction wrote events of.
pub type HeardEvents = Arc<dyn Fn(&[StoreNo]) + Send + Sync>;

/// A database. Methods return at once; a task's `done` tells the outcome.
pub trait Store: Send + Sync {
    /// Queues a task that may write.
    fn write(&self, task: Box<dyn Task>);

    /// Runs a task that only reads, on another thread.
    fn read(&self, task: Box<dyn Task>);

    /// Runs a point read by primary or unique key on the calling thread;
    /// `None` where the store has no such way.
    fn read_here(&self, read: &mut dyn FnMut(&mut dyn Tx) -> Result<()>) -> Option<Result<()>>;

    /// Calls `heard` soon after another process changed what callers may
    /// remember, such as API keys, and whenever such a change may have been
    /// missed. A store that cannot never calls: callers look again by
    /// themselves in any case. May wait for the network.
    fn listen(&self, heard: Arc<dyn Fn() + Send + Sync>) {
        drop(heard);
    }

    /// Calls `heard` right after each commit of this process that wrote
    /// events, on the thread that committed; it must not wait. Only the first
    /// one is called.
    fn on_events(&self, heard: HeardEvents) {
        drop(heard);
    }

    /// Whether blocks of numbers are reserved in transactions of their own,
    /// because others would wait for the counter's row until the commit.
    fn reserves_numbers_apart(&self) -> bool {
        false
    }

    /// Finishes what is queued, closes the files, then calls `done`.
    fn close(&self, done: Box<dyn FnOnce() + Send>);

    /// Copies the database as it is at one moment to a new file while others
    /// go on writing. Waits.
    ///
    /// # Errors
    ///
    /// `configuration_invalid` where the database has tools of its own for
    /// this, and what the disk has to say.
    fn backup(&self, _target: &Path, _progress: &mut dyn FnMut(BackupProgress)) -> Result<()> {
        Err(Error::new(
            Code::ConfigurationInvalid,
            "a PostgreSQL database is backed up with tools of its own: use pg_dump, or its continuous archiving",
        )
        .with_param("database"))
    }

    /// Rewrites the database, so that nothing erased is left in unused parts
    /// of it. Waits.
    ///
    /// # Errors
    ///
    /// `configuration_invalid` where the database does so by itself, and
    /// `database_locked` while others use it.
    fn compact(&self) -> Result<Compacted> {
        Err(Error::new(
            Code::ConfigurationInvalid,
            "a PostgreSQL database is tidied by its autovacuum: there is nothing to do",
        )
        .with_param("database"))
    }
}
