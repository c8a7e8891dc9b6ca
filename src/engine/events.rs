//! Use cases about events.

use super::{
    Context,
    event_stream::after,
    page::{self, Page},
    port::{EventList, EventRecord, Tx},
    to_json,
};
use crate::{
    error::Result,
    ops::event::{Event, EventListParams},
};

/// How many events a relay numbers in one transaction.
pub const RELAY_BATCH: usize = 1000;

/// `events.list`, in the order of the gapless sequence.
pub fn list(cx: &Context<'_>, tx: &mut dyn Tx, params: &EventListParams) -> Result<String> {
    let (kind, subject) = (
        params.kind.as_ref().map(|kind| kind.0.as_str()),
        params.subject_id.as_ref().map(|id| id.0.as_str()),
    );
    let query = format!("events.list {kind:?} {subject:?}");
    let begin = match &params.cursor {
        Some(cursor) => page::open(cx.store, &query, &cursor.0)?,
        None => match &params.after {
            Some(place) => after(tx, cx.store.no, place)?,
            None => 0,
        },
    };
    let events = tx.list_events(
        cx.store.no,
        &EventList {
            kind,
            subject,
            after: begin,
            limit: params.limit.0 + 1,
        },
    )?;
    let cursor = |last: &EventRecord| page::seal(cx.store, &query, &last.seq);
    to_json(&Page::new(events, params.limit.0, None, cursor, Event::from)?)
}
