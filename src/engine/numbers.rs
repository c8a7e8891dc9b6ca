//! Numbers of new objects, from blocks that a process reserves ahead.
//!
//! A counter row touched by every create would make them wait in line
//! (measured: ten times slower on PostgreSQL), so a block is reserved now and
//! then and handed out from memory. What a process did not use when it ends,
//! or what a refused create took, is a gap.

use std::{
    collections::HashMap,
    ops::Range,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
};

use super::{
    port::{Store, StoreNo, Tx},
    task::FnTask,
};
use crate::error::{Error, Result};

/// How many numbers a process reserves at once.
const BLOCK: i64 = 1000;

type Key = (StoreNo, &'static str);
type Waiter = Box<dyn FnOnce(Result<NumberSource>) + Send>;

/// What is free of one kind, and who waits for more.
#[derive(Default)]
struct Kept {
    free: Vec<Range<i64>>,
    waiting: Vec<Waiter>,
    reserving: bool,
}

impl Kept {
    fn take(&mut self) -> Option<i64> {
        while let Some(block) = self.free.last_mut() {
            if let Some(number) = block.next() {
                return Some(number);
            }
            self.free.pop();
        }
        None
    }
}

/// The blocks of a process.
#[derive(Clone, Default)]
pub(super) struct Numbers(Arc<Mutex<HashMap<Key, Kept>>>);

impl Numbers {
    fn kept(&self) -> MutexGuard<'_, HashMap<Key, Kept>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn take(&self, key: Key) -> Option<i64> {
        self.kept().get_mut(&key)?.take()
    }

    fn give_back(&self, key: Key, numbers: Range<i64>) {
        self.kept().entry(key).or_default().free.push(numbers);
    }

    /// Numbers for one command.
    pub(super) fn source(&self, key: Key) -> NumberSource {
        NumberSource {
            numbers: self.clone(),
            key,
            reserved: Arc::default(),
            ahead: None,
        }
    }

    /// A number for one command before its transaction begins; a block is
    /// reserved in a transaction of its own when none is left.
    pub(super) fn ahead(
        &self,
        database: &Arc<dyn Store>,
        key: Key,
        then: impl FnOnce(Result<NumberSource>) + Send + 'static,
    ) {
        let mut kept = self.kept();
        let of_kind = kept.entry(key).or_default();
        if let Some(number) = of_kind.take() {
            drop(kept);
            return then(Ok(self.with(key, number)));
        }
        of_kind.waiting.push(Box::new(then));
        let first = !std::mem::replace(&mut of_kind.reserving, true);
        drop(kept);
        if first {
            self.reserve(database, key);
        }
    }

    fn with(&self, key: Key, number: i64) -> NumberSource {
        NumberSource {
            ahead: Some(Arc::new(Ahead {
                numbers: self.clone(),
                key,
                number,
                used: AtomicBool::new(false),
            })),
            ..self.source(key)
        }
    }

    fn reserve(&self, database: &Arc<dyn Store>, key: Key) {
        let numbers = self.clone();
        let again = Arc::clone(database);
        database.write(FnTask::boxed(
            None,
            move |tx| tx.reserve_numbers(key.0, key.1, BLOCK),
            move |first: Result<i64>| numbers.hand_out(&again, key, first),
        ));
    }

    fn hand_out(&self, database: &Arc<dyn Store>, key: Key, first: Result<i64>) {
        let mut kept = self.kept();
        let of_kind = kept.entry(key).or_default();
        let mut ready: Vec<(Waiter, Result<NumberSource>)> = Vec::new();
        match first {
            Ok(first) => {
                of_kind.free.push(first..first + BLOCK);
                while let Some(waiter) = of_kind.waiting.pop() {
                    let Some(number) = of_kind.take() else {
                        of_kind.waiting.push(waiter);
                        break;
                    };
                    ready.push((waiter, Ok(self.with(key, number))));
                }
            }
            Err(error) => {
                let waiting = std::mem::take(&mut of_kind.waiting);
                ready.extend(waiting.into_iter().map(|waiter| (waiter, Err(error.clone()))));
            }
        }
        of_kind.reserving = !of_kind.waiting.is_empty();
        let more = of_kind.reserving;
        drop(kept);
        for (waiter, outcome) in ready {
            waiter(outcome);
        }
        if more {
            self.reserve(database, key);
        }
    }
}

/// A number that a command was given; free again unless it was used.
struct Ahead {
    numbers: Numbers,
    key: Key,
    number: i64,
    used: AtomicBool,
}

impl Drop for Ahead {
    fn drop(&mut self) {
        if !self.used.load(Ordering::Acquire) {
            self.numbers.give_back(self.key, self.number..self.number + 1);
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
    ahead: Option<Arc<Ahead>>,
}

impl NumberSource {
    /// The transaction begins, perhaps once more: what an earlier try reserved
    /// was rolled back with it.
    pub(super) fn begin(&self) {
        self.reserved.lock().unwrap_or_else(PoisonError::into_inner).take();
    }

    /// The next number, from memory or from a block reserved in `tx`.
    pub fn next(&self, tx: &mut dyn Tx) -> Result<i64> {
        if let Some(ahead) = &self.ahead {
            ahead.used.store(true, Ordering::Release);
            return Ok(ahead.number);
        }
        let own = self
            .reserved
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .as_mut()
            .and_then(Iterator::next);
        if let Some(number) = own.or_else(|| self.numbers.take(self.key)) {
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
            self.numbers.give_back(self.key, block);
        }
    }
}

/// Gives a command numbers of several kinds while its transaction runs. What
/// a store sells is made rarely beside its customers: a block that is missing
/// is reserved in the transaction itself.
pub struct Numbering(Vec<(&'static str, NumberSource)>);

impl Numbering {
    pub(super) fn new(numbers: &Numbers, store: StoreNo, kinds: &[&'static str]) -> Self {
        Self(
            kinds
                .iter()
                .map(|kind| (*kind, numbers.source((store, kind))))
                .collect(),
        )
    }

    /// For what makes nothing that has a number.
    pub(super) fn none() -> Self {
        Self(Vec::new())
    }

    pub(super) fn begin(&self) {
        self.0.iter().for_each(|(_, source)| source.begin());
    }

    /// The next number of a kind.
    pub(super) fn next(&self, kind: &'static str, tx: &mut dyn Tx) -> Result<i64> {
        let source = self.0.iter().find(|(known, _)| *known == kind);
        let (_, source) =
            source.ok_or_else(|| Error::internal("a command asks for numbers that it did not announce"))?;
        source.next(tx)
    }

    pub(super) fn committed(&self) {
        self.0.iter().for_each(|(_, source)| source.committed());
    }
}
