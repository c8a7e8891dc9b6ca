//! Point reads where the caller stands. One connection serves them all while
//! callers come one by one; where several threads read at once each finds one
//! of its own, for waiting for another's read costs more than the read.

use std::sync::{
    Mutex, MutexGuard, PoisonError, TryLockError,
    atomic::{AtomicBool, Ordering},
};

use super::{
    Options,
    connection::{Purpose, open_connection},
    driver::SqliteDriver,
};
use crate::error::Result;

/// Reads at a time; further ones wait.
const MOST: usize = 4;

type Slot = Mutex<Option<SqliteDriver>>;

/// The connections for point reads.
pub(super) struct PointReaders {
    options: Options,
    slots: [Slot; MOST],
    closed: AtomicBool,
}

impl PointReaders {
    /// Opens the first connection.
    pub(super) fn open(options: &Options) -> Result<Self> {
        let first = connect(options)?;
        let readers = Self {
            options: options.clone(),
            slots: Default::default(),
            closed: AtomicBool::new(false),
        };
        if let Some(slot) = readers.slots.first() {
            *wait(slot) = Some(first);
        }
        Ok(readers)
    }

    /// Reads on a connection that nobody else uses; `None` once closed.
    pub(super) fn with<T>(&self, read: impl FnOnce(&mut SqliteDriver) -> T) -> Option<T> {
        for slot in &self.slots {
            let mut held = match slot.try_lock() {
                Ok(held) => held,
                Err(TryLockError::Poisoned(held)) => held.into_inner(),
                Err(TryLockError::WouldBlock) => continue,
            };
            if self.closed.load(Ordering::Acquire) {
                return None;
            }
            if held.is_none() {
                // Without a further connection the first one is waited for.
                *held = connect(&self.options).ok();
            }
            if let Some(driver) = &mut *held {
                return Some(read(driver));
            }
        }
        let mut held = wait(self.slots.first()?);
        held.as_mut().map(read)
    }

    pub(super) fn close(&self) {
        self.closed.store(true, Ordering::Release);
        for slot in &self.slots {
            wait(slot).take();
        }
    }
}

fn connect(options: &Options) -> Result<SqliteDriver> {
    open_connection(options, Purpose::PointRead).map(SqliteDriver::new)
}

fn wait(slot: &Slot) -> MutexGuard<'_, Option<SqliteDriver>> {
    slot.lock().unwrap_or_else(PoisonError::into_inner)
}
