//! Point reads on calling threads.

use std::sync::{Mutex, MutexGuard, PoisonError, TryLockError};

use super::{
    Options,
    connection::{Purpose, open_connection},
    driver::SqliteDriver,
};
use crate::{
    engine::port::Tx,
    error::{Code, Result},
};

/// Connections: as many as a server has threads that answer requests, so that
/// none of them waits for another one's read.
const CONNECTIONS: usize = 2;

enum Slot {
    /// Opened when two threads read at the same moment for the first time.
    Unopened,
    Open(SqliteDriver),
    Closed,
}

pub(super) struct PointReaders {
    options: Options,
    slots: [Mutex<Slot>; CONNECTIONS],
}

impl PointReaders {
    /// Opens the first connection.
    pub(super) fn open(options: &Options) -> Result<Self> {
        let first = connect(options)?;
        let mut slots = [const { Slot::Unopened }; CONNECTIONS];
        slots[0] = Slot::Open(first);
        Ok(Self {
            options: options.clone(),
            slots: slots.map(Mutex::new),
        })
    }

    /// Reads here and now; `None` where that would mean to wait for a lock of
    /// another process, and after `close`.
    pub(super) fn read(&self, read: &mut dyn FnMut(&mut dyn Tx) -> Result<()>) -> Option<Result<()>> {
        let mut slot = self.free();
        if matches!(*slot, Slot::Unopened) {
            match connect(&self.options) {
                Ok(driver) => *slot = Slot::Open(driver),
                Err(_) => return None,
            }
        }
        let Slot::Open(driver) = &mut *slot else { return None };
        match read(driver) {
            // Somebody is recovering or closing the file: not to be waited for here.
            Err(error) if error.code() == Code::DatabaseLocked => None,
            outcome => Some(outcome),
        }
    }

    /// A slot that nobody uses, or the first one as soon as nobody does.
    fn free(&self) -> MutexGuard<'_, Slot> {
        for slot in &self.slots {
            match slot.try_lock() {
                Ok(free) => return free,
                Err(TryLockError::Poisoned(poisoned)) => return poisoned.into_inner(),
                Err(TryLockError::WouldBlock) => {}
            }
        }
        lock(&self.slots[0])
    }

    pub(super) fn close(&self) {
        for slot in &self.slots {
            *lock(slot) = Slot::Closed;
        }
    }
}

fn connect(options: &Options) -> Result<SqliteDriver> {
    open_connection(options, Purpose::PointRead).map(SqliteDriver::new)
}

fn lock(slot: &Mutex<Slot>) -> MutexGuard<'_, Slot> {
    slot.lock().unwrap_or_else(PoisonError::into_inner)
}
