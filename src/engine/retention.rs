//! Events are kept for so many days (setting `eventRetentionDays`).

use super::{
    Context,
    port::{Job, StoreRecord, Tx},
    settings,
};
use crate::{domain::instant::Instant, error::Result};

/// The kind of the job; its subject is the store.
pub(super) const RETENTION_JOB: &str = "event_retention";

/// Most events that one transaction removes.
const BATCH: usize = 1000;
/// Microseconds of a day of 24 hours.
const DAY: i64 = 86_400_000_000;

/// Sees to it that the stores of a database have their jobs; of a large one,
/// those that nothing else falls due for may be left out.
///
/// # Errors
///
/// What the database has to say.
pub(super) fn ensure_all(tx: &mut dyn Tx, now: Instant) -> Result<()> {
    let stores = tx.stores()?;
    stores.iter().try_for_each(|store| ensure(store, tx, now))
}

/// Sees to it that a store has its job.
///
/// # Errors
///
/// What the database has to say.
pub(super) fn ensure(store: &StoreRecord, tx: &mut dyn Tx, now: Instant) -> Result<()> {
    match tx.job(store.no, store.id.as_str(), false)? {
        Some(_) => Ok(()),
        None => put(store, tx, now),
    }
}

/// Removes events that are too old, and sets when to do it again: tomorrow, or
/// at once where more are left. Days are those of the system's clock, whatever
/// a test clock shows: events in years that it ran through are new.
///
/// # Errors
///
/// What the database has to say.
pub(super) fn run(cx: &Context<'_>, tx: &mut dyn Tx) -> Result<()> {
    let days = settings::of(cx, tx)?.settings.event_retention_days;
    let kept = i64::from(days).saturating_mul(DAY);
    let before = Instant::from_micros(cx.wall.micros().saturating_sub(kept));
    let removed = tx.remove_old_events(cx.store.no, before, BATCH)?;
    let again = if removed < BATCH { DAY } else { 0 };
    put(
        cx.store,
        tx,
        Instant::from_micros(cx.wall.micros().saturating_add(again)),
    )
}

fn put(store: &StoreRecord, tx: &mut dyn Tx, due_at: Instant) -> Result<()> {
    tx.put_job(
        store.no,
        &Job {
            subject: store.id.as_str().to_owned(),
            kind: RETENTION_JOB.to_owned(),
            due_at,
            clock: None,
            failures: 0,
        },
    )
}
