//! Numbers of new objects, from blocks that a process reserves ahead.
//!
//! A counter row touched by every create would make them wait in line
//! (measured: ten times slower on PostgreSQL), so a block is reserved now and
//! then and handed out from memory. What a process did not use when it ends,
//! or what a refused create took, is a gap.

use std::{
    collections::HashMap,
    ops::Range,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use super::port::{StoreNo, Tx};
use crate::error::Result;

/// How many numbers a process reserves at once.
const BLOCK: i64 = 1000;

type Key = (StoreNo, &'static str);

/// The blocks of a process.
#[derive(Clone, Default)]
pub(super) struct Numbers(Arc<Mutex<HashMap<Key, Vec<Range<i64>>>>>);

impl Numbers {
    fn blocks(&self) -> MutexGuard<'_, HashMap<Key, Vec<Range<i64>>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn take(&self, key: Key) -> Option<i64> {
        let mut blocks = self.blocks();
        let free = blocks.get_mut(&key)?;
        while let Some(block) = free.last_mut() {
            if let Some(number) = block.next() {
                return Some(number);
            }
            free.pop();
        }
        None
    }

    /// Numbers for one command.
    pub(super) fn source(&self, key: Key) -> NumberSource {
        NumberSource {
            numbers: self.clone(),
            key,
            reserved: Arc::default(),
        }
    }
}

/// Gives a command its number while its transaction runs.
#[derive(Clone)]
pub struct NumberSource {
    numbers: Numbers,
    key: Key,
    /// A block that the transaction reserved: others may have it only once
    /// that is committed.
    reserved: Arc<Mutex<Option<Range<i64>>>>,
}

impl NumberSource {
    /// The next number, from memory or from a block reserved in `tx`.
    pub fn next(&self, tx: &mut dyn Tx) -> Result<i64> {
        if let Some(number) = self.numbers.take(self.key) {
            return Ok(number);
        }
        let first = tx.reserve_numbers(self.key.0, self.key.1, BLOCK)?;
        *self.reserved.lock().unwrap_or_else(PoisonError::into_inner) = Some(first + 1..first + BLOCK);
        Ok(first)
    }

    /// The transaction is committed: the rest of its block is everybody's.
    pub(super) fn committed(&self) {
        let block = self.reserved.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(block) = block {
            self.numbers.blocks().entry(self.key).or_default().push(block);
        }
    }
}
