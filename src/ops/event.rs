//! `commerce.events`: what happened, in order.

use super::{
    answer::{AnyJson, EventWord},
    param::{Limit, Loose, Text, Whole},
    read::{answer, input},
};
use crate::domain::{id::EventId, instant::Instant};

input! {
    /// Which events to list.
    pub struct EventListParams {
        /// Only events of this type, such as `customer.created`.
        "type" kind: Option<Text<64>>,
        /// Only events about the object with this id.
        "subjectId" subject_id: Option<Text<80>>,
        /// Only events after this sequence number (`seq` of the last event you saw).
        "after" after: Option<Whole<0, 9007199254740991>>,
        /// Events a page.
        "limit" limit: Limit,
        /// `nextCursor` of the page before.
        "cursor" cursor: Option<Loose<2000>>,
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
        /// Who did it: `api_key` or `system`.
        "actorKind" actor_kind: String,
        /// The key's record, where a key did it.
        "actorId" actor_id: Option<String>,
        /// The request that did it.
        "requestId" request_id: Option<String>,
        /// When.
        "createdAt" created_at: Instant,
    }
}
