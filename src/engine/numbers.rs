//! Numbers of new objects, from blocks that a process reserves ahead.
//!
//! A counter row touched by every create would make them wait in line
//! (measured: ten times slower on PostgreSQL), so a block is reserved in a
//! short transaction of its own and handed out from memory. What a process
//! did not use when it ends is a gap.

use std::{
    collections::HashMap,
    ops::Range,
    sync::{Arc, Mutex, PoisonError},
};

use super::{
    port::{Store, StoreNo},
    task::FnTask,
};
use crate::error::Result;

/// How many numbers a process reserves at once.
const BLOCK: i64 = 1000;

type Waiter = Box<dyn FnOnce(Result<i64>) + Send>;

#[derive(Default)]
struct Block {
    free: Range<i64>,
    waiting: Vec<Waiter>,
}

type Key = (StoreNo, &'static str);

/// The blocks of a process.
#[derive(Clone, Default)]
pub(super) struct Numbers(Arc<Mutex<HashMap<Key, Block>>>);

impl Numbers {
    /// Hands a number to `then`: at once from the block, or after a new block
    /// was reserved.
    pub(super) fn take(&self, database: &Arc<dyn Store>, key: Key, then: impl FnOnce(Result<i64>) + Send + 'static) {
        let mut blocks = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let block = blocks.entry(key).or_default();
        if let Some(number) = block.free.next() {
            drop(blocks);
            return then(Ok(number));
        }
        block.waiting.push(Box::new(then));
        let first = block.waiting.len() == 1;
        drop(blocks);
        if first {
            self.reserve(database, key, BLOCK);
        }
    }

    fn reserve(&self, database: &Arc<dyn Store>, key: Key, count: i64) {
        let (numbers, store) = (self.clone(), Arc::clone(database));
        database.write(FnTask::boxed(
            None,
            move |tx| tx.reserve_numbers(key.0, key.1, count),
            move |first| numbers.reserved(&store, key, first.map(|first| first..first + count)),
        ));
    }

    fn reserved(&self, database: &Arc<dyn Store>, key: Key, block: Result<Range<i64>>) {
        let mut blocks = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let entry = blocks.entry(key).or_default();
        let waiting = std::mem::take(&mut entry.waiting);
        let mut outcomes = Vec::with_capacity(waiting.len());
        match block {
            Ok(block) => {
                entry.free = block;
                for waiter in waiting {
                    match entry.free.next() {
                        Some(number) => outcomes.push((waiter, Ok(number))),
                        None => entry.waiting.push(waiter),
                    }
                }
            }
            Err(error) => outcomes.extend(waiting.into_iter().map(|waiter| (waiter, Err(error.clone())))),
        }
        let count = entry.waiting.len() as i64;
        drop(blocks);
        for (waiter, outcome) in outcomes {
            waiter(outcome);
        }
        if count > 0 {
            self.reserve(database, key, count + BLOCK);
        }
    }
}
