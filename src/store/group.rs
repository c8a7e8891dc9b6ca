//! Tasks that share a transaction, whatever the database.
//!
//! A task that fails after it wrote spoils the transaction. A savepoint for
//! each would cost half of what groups gain, so the group rolls back instead
//! and runs again without the one that failed.

use std::panic::{AssertUnwindSafe, catch_unwind};

use super::driver::Driver;
use crate::{
    engine::port::Task,
    error::{Error, Result},
};

/// A driver that knows whether its transaction is still as it was.
pub(super) trait Transaction: Driver + Sized {
    /// From here on what is written counts.
    fn mark(&mut self);

    /// Whether anything was written since the mark, or the transaction ended.
    fn is_spoiled(&self) -> bool;
}

/// A task that did not fail (yet), or how it ended.
pub(super) struct Member {
    pub(super) task: Box<dyn Task>,
    pub(super) failed: Option<Error>,
    part: Part,
}

/// What a member has to do with the others' transaction.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Part {
    /// It runs in it.
    In,
    /// It failed after it wrote, on nothing but what was committed, so that
    /// the others go on without it.
    LeftOut,
    /// The same, but what it failed on may be what others had just written
    /// and will not write when they run again: it has its turn after them.
    PutOff,
}

impl Member {
    /// Everybody's tasks, none of which has failed.
    pub(super) fn of_group(group: Vec<Box<dyn Task>>) -> Vec<Self> {
        let fresh = |task| Self {
            task,
            failed: None,
            part: Part::In,
        };
        group.into_iter().map(fresh).collect()
    }

    fn runs(&self) -> bool {
        self.failed.is_none() && self.part == Part::In
    }

    /// Whether nothing of it is in the transaction.
    #[cfg(feature = "postgres")]
    pub(super) fn is_out(&self) -> bool {
        !self.runs()
    }
}

/// Runs every member that has not failed; `false` when one failed after it
/// wrote, so that all must run again without it. An error that `stops_all` is
/// the whole group's.
pub(super) fn run_members<D: Transaction>(
    driver: &mut D,
    members: &mut [Member],
    stops_all: impl Fn(&Error) -> bool,
) -> Result<bool> {
    let mut others_wrote = false;
    for member in members.iter_mut().filter(|member| member.runs()) {
        if let Some(reason) = member.task.given_up() {
            member.failed = Some(reason);
            continue;
        }
        driver.mark();
        match guarded(|| member.task.run(driver)) {
            Ok(()) => others_wrote |= driver.is_spoiled(),
            Err(error) if stops_all(&error) => return Err(error),
            Err(error) if !driver.is_spoiled() => member.failed = Some(error),
            Err(_) if others_wrote => {
                member.part = Part::PutOff;
                return Ok(false);
            }
            Err(error) => {
                member.failed = Some(error);
                member.part = Part::LeftOut;
                return Ok(false);
            }
        }
    }
    Ok(true)
}

/// The group runs again: what a member failed with may have been told by rows
/// of another one, and those are gone.
pub(super) fn forget_failures(members: &mut [Member], also_left_out: bool) {
    for member in members
        .iter_mut()
        .filter(|member| also_left_out || member.part == Part::In)
    {
        member.failed = None;
        member.part = Part::In;
    }
}

/// Tells every member how it ended, and gives back those that have their turn
/// now. What a refusal rests on may have been in what was not committed, so it
/// counts only after a commit.
#[must_use]
pub(super) fn answer(members: Vec<Member>, outcome: &Result<()>) -> Vec<Box<dyn Task>> {
    let mut put_off = Vec::new();
    for Member { task, failed, part } in members {
        if part == Part::PutOff && outcome.is_ok() {
            put_off.push(task);
            continue;
        }
        let own = match (outcome, failed) {
            (Ok(()), Some(refused)) => Err(refused),
            (Ok(()), None) => Ok(()),
            (Err(error), _) => Err(task.given_up().unwrap_or_else(|| error.clone())),
        };
        finish(task, own);
    }
    put_off
}

/// Tells one task how it ended.
pub(super) fn finish(task: Box<dyn Task>, outcome: Result<()>) {
    let _ = guarded(|| {
        task.done(outcome);
        Ok(())
    });
}

/// Turns a panic into an error: nothing of ours may take Node down.
pub(super) fn guarded(work: impl FnOnce() -> Result<()>) -> Result<()> {
    catch_unwind(AssertUnwindSafe(work)).unwrap_or_else(|_| {
        Err(Error::internal(
            "the engine came upon a state that it holds impossible; nothing was changed",
        ))
    })
}
