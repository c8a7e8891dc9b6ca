//! `commerce.events`: what happened, in order.

use super::{
    answer::{AnyJson, EventWord},
    param::{EventPlace, Limit, Loose, Text},
    read::{answer, input},
};
use crate::domain::{
    id::{ClockId, EventId},
    instant::Instant,
};

input! {
    /// Which events to list.
    pub struct EventListParams {
        /// Only events of this type, such as `customer.created`.
        "type" kind: Option<Text<64>>,
        /// Only events about the object with this id.
        "subjectId" subject_id: Option<Text<80>>,
        /// Only events after this one: the `id` or the `seq` of the last event you saw.
        "after" after: Option<EventPlace>,
        /// Events a page.
        "limit" limit: Limit,
        /// `nextCursor` of the page before.
        "cursor" cursor: Option<Loose<2000>>,
    }
}

input! {
    /// Which events to stream.
    pub struct EventStreamParams {
        /// Only events of this type, such as `customer.created`.
        "type" kind: Option<Text<64>>,
        /// Only events about the object with this id.
        "subjectId" subject_id: Option<Text<80>>,
        /// Begin after this event: the `id` or the `seq` of the last one you saw, 0 for the first there is. Left
        /// out: only what happens from now on.
        "after" after: Option<EventPlace>,
    }
}

answer! {
    /// Something that happened. `seq` counts a store's events without gaps.
    pub struct Event {
        /// `evt_…`
        "id" id: EventId,
        /// Always `'event'`.
        "object" object: EventWord,
        /// Place in the store's sequence, from 1, without gaps.
        "seq" seq: i64,
        /// What happened, such as `customer.created`.
        "type" kind: String,
        /// The object's id.
        "subjectId" subject_id: String,
        /// The object's version after it happened.
        "subjectVersion" subject_version: i64,
        /// The object as it was then, and what changed: `{ object, before }`. After erasure both are `null`.
        "data" data: AnyJson,
        /// Who did it: `api_key`, `system`, or `payer` for whoever pays on a page.
        "actorKind" actor_kind: String,
        /// The key's record, where a key did it; the checkout session of a payer.
        "actorId" actor_id: Option<String>,
        /// The request that did it.
        "requestId" request_id: Option<String>,
        /// The test clock by which it happened, where the object belongs to one: `clk_…`.
        "clockId" clock_id: Option<ClockId>,
        /// When.
        "createdAt" created_at: Instant,
    }
}
