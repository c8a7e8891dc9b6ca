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
    /// It failed after it wrote, so that the others go on without it.
    left_out: bool,
}

impl Member {
    /// Everybody's tasks, none of which has failed.
    pub(super) fn of_group(group: Vec<Box<dyn Task>>) -> Vec<Self> {
        let fresh = |task| Self {
            task,
            failed: None,
            left_out: false,
        };
        group.into_iter().map(fresh).collect()
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
    for member in members.iter_mut().filter(|member| member.failed.is_none()) {
        if let Some(reason) = member.task.given_up() {
            member.failed = Some(reason);
            continue;
        }
        driver.mark();
        match guarded(|| member.task.run(driver)) {
            Ok(()) => {}
            Err(error) if stops_all(&error) => return Err(error),
            Err(error) => {
                member.failed = Some(error);
                if driver.is_spoiled() {
                    member.left_out = true;
                    return Ok(false);
                }
            }
        }
    }
    Ok(true)
}

/// The group runs again: what a member failed with may have been told by rows
/// of another one, and those are gone.
pub(super) fn forget_failures(members: &mut [Member], also_left_out: bool) {
    for member in members.iter_mut().filter(|member| also_left_out || !member.left_out) {
        member.failed = None;
        member.left_out = false;
    }
}

/// Tells every member how it ended. What a refusal rests on may have been in
/// what was not committed, so it counts only after a commit.
pub(super) fn answer(members: Vec<Member>, outcome: &Result<()>) {
    for Member { task, failed, .. } in members {
        let own = match (outcome, failed) {
            (Ok(()), Some(refused)) => Err(refused),
            (Ok(()), None) => Ok(()),
            (Err(error), _) => Err(task.given_up().unwrap_or_else(|| error.clone())),
        };
        finish(task, own);
    }
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
