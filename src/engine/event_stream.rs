//! `events.stream`: events as they come to be, a page at a time, as fast as
//! somebody takes them.

use std::sync::{Arc, Mutex, PoisonError};

use serde_json::Value;

use super::{
    Session,
    port::{EventList, StoreNo, Tx, Watch},
    reply::impossible,
    task::FnTask,
};
use crate::{
    domain::id::EventId,
    error::{Code, Error, Result},
    ops::{
        Op,
        event::{Event, EventStreamParams},
        param::EventPlace,
        read::Input,
    },
};

/// Most events that are fetched at once: bounds what waits to be taken.
const PAGE: usize = 100;

/// Where a stream is.
#[derive(Debug, Clone)]
enum Place {
    /// Behind what there is when it opens.
    Now,
    /// Behind what the caller names.
    Given(EventPlace),
    /// Behind this number: everything before was given or does not fit.
    At(i64),
}

/// Which events, and behind which.
#[derive(Clone)]
struct Wanted {
    store: StoreNo,
    kind: Option<String>,
    subject: Option<String>,
    place: Place,
}

/// Events found, and the place that the stream has with them.
struct Found {
    events: Vec<Event>,
    at: i64,
}

/// Hears once that a stream has given all there is, and its place then.
pub type Dry = Box<dyn FnOnce(i64) + Send>;
type Taken = Box<dyn FnOnce(Result<Vec<Event>>) + Send>;

/// A stream of a store's events. It holds no more than its place: between two
/// pages nothing is fetched and nobody waits.
pub struct EventStream {
    session: Arc<Session>,
    wanted: Mutex<Wanted>,
}

impl Session {
    /// A stream, which begins at its first page or with [`EventStream::open`].
    ///
    /// # Errors
    ///
    /// What is wrong with the parameters.
    pub fn stream_events(self: &Arc<Self>, input: &str) -> Result<Arc<EventStream>> {
        self.permit(Op::EventsStream)?;
        let input: Value = serde_json::from_str(input)
            .map_err(|error| Error::new(Code::ParameterInvalid, format!("the parameters are no JSON: {error}")))?;
        let params = EventStreamParams::read_input(input)?;
        Ok(Arc::new(EventStream {
            session: Arc::clone(self),
            wanted: Mutex::new(Wanted {
                store: self.store.no,
                kind: params.kind.map(|kind| kind.0),
                subject: params.subject_id.map(|id| id.0),
                place: params.after.map_or(Place::Now, Place::Given),
            }),
        }))
    }
}

impl EventStream {
    /// Finds its place; from then on it misses nothing.
    ///
    /// # Errors
    ///
    /// `event_not_found`, and `parameter_invalid` for a number that no event has yet.
    pub fn open(self: &Arc<Self>, watch: Arc<Watch>, done: impl FnOnce(Result<()>) + Send + 'static) {
        self.pull(watch, true, None, Box::new(|outcome| done(outcome.map(drop))));
    }

    /// The next events, at least one of them, once there are any. `dry` hears
    /// when it has to wait. One page at a time.
    pub fn next(self: &Arc<Self>, watch: Arc<Watch>, dry: Dry, done: impl FnOnce(Result<Vec<Event>>) + Send + 'static) {
        self.pull(watch, false, Some(dry), Box::new(done));
    }

    fn pull(self: &Arc<Self>, watch: Arc<Watch>, only_place: bool, dry: Option<Dry>, then: Taken) {
        let id = self.session.engine.relay.new_id();
        let stream = Arc::clone(self);
        let pull = Pull {
            stream,
            watch,
            id,
            only_place,
            dry,
            then: Some(then),
        };
        pull.begin();
    }

    fn wanted(&self) -> Wanted {
        self.wanted.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

/// One page on its way; dropped without an answer, because something panicked,
/// it says so.
struct Pull {
    stream: Arc<EventStream>,
    watch: Arc<Watch>,
    id: u64,
    only_place: bool,
    dry: Option<Dry>,
    then: Option<Taken>,
}

impl Pull {
    /// Events have their places before they are read, so that a reader sees
    /// everything that was committed.
    fn begin(self) {
        let engine = Arc::clone(&self.stream.session.engine);
        let store = self.stream.session.store.no;
        let seen = engine.relay.commits(store);
        engine.relay.number(
            store,
            Box::new(move |outcome| match outcome {
                Ok(()) => self.read(seen),
                Err(error) => self.answer(Err(error)),
            }),
        );
    }

    fn read(self, seen: u64) {
        let database = Arc::clone(&self.stream.session.engine.database);
        let (wanted, only_place) = (self.stream.wanted(), self.only_place);
        database.read(FnTask::boxed(
            Some(Arc::clone(&self.watch)),
            move |tx| page(tx, &wanted, only_place),
            move |found: Result<Found>| match found {
                Ok(found) => self.found(found, seen),
                Err(error) => self.answer(Err(error)),
            },
        ));
    }

    fn found(mut self, Found { events, at }: Found, seen: u64) {
        let mut wanted = self.stream.wanted.lock().unwrap_or_else(PoisonError::into_inner);
        wanted.place = Place::At(at);
        let store = wanted.store;
        drop(wanted);
        if self.only_place || !events.is_empty() {
            return self.answer(Ok(events));
        }
        if let Some(dry) = self.dry.take() {
            dry(at);
        }
        let relay = Arc::clone(&self.stream.session.engine.relay);
        let (id, watch) = (self.id, Arc::clone(&self.watch));
        let woken = move |outcome| match outcome {
            Ok(seen) => self.read(seen),
            Err(error) => self.answer(Err(error)),
        };
        relay.wait(store, id, at, seen, &watch, Box::new(woken));
    }

    fn answer(mut self, outcome: Result<Vec<Event>>) {
        if let Some(then) = self.then.take() {
            then(outcome);
        }
    }
}

impl Drop for Pull {
    fn drop(&mut self) {
        if let Some(then) = self.then.take() {
            then(Err(impossible()));
        }
    }
}

/// The next page, or with `only_place` nothing but where it would begin.
fn page(tx: &mut dyn Tx, wanted: &Wanted, only_place: bool) -> Result<Found> {
    // Read first: what the list does not show up to here does not fit.
    let last = tx.last_event_seq(wanted.store)?;
    let after = match &wanted.place {
        Place::Now => last,
        Place::Given(EventPlace::Seq(seq)) if *seq > last => return Err(beyond(*seq, last)),
        Place::Given(place) => after(tx, wanted.store, place)?,
        Place::At(seq) => *seq,
    };
    if only_place || matches!(wanted.place, Place::Now) {
        return Ok(Found {
            events: Vec::new(),
            at: after,
        });
    }
    let events = tx.list_events(
        wanted.store,
        &EventList {
            kind: wanted.kind.as_deref(),
            subject: wanted.subject.as_deref(),
            after,
            limit: PAGE,
        },
    )?;
    let given = events.last().map_or(after, |event| event.seq);
    let at = if events.len() < PAGE { last.max(given) } else { given };
    Ok(Found {
        events: events.into_iter().map(Event::from).collect(),
        at,
    })
}

/// The number that a place stands for.
///
/// # Errors
///
/// `event_not_found`.
pub(super) fn after(tx: &mut dyn Tx, store: StoreNo, place: &EventPlace) -> Result<i64> {
    match place {
        EventPlace::Seq(seq) => Ok(*seq),
        EventPlace::Id(id) => tx.event_seq(store, id)?.ok_or_else(|| unknown(id)),
    }
}

fn unknown(id: &EventId) -> Error {
    Error::new(
        Code::EventNotFound,
        format!(
            "no event of this store has the id {}: it is another store's, or older than the store keeps events; begin after 0 for the oldest there is",
            id.as_str()
        ),
    )
    .with_param("after")
}

fn beyond(seq: i64, last: i64) -> Error {
    Error::invalid(
        "after",
        format!(
            "is {seq}, and the newest event of this store is number {last}: begin there, or leave it out for what happens from now on"
        ),
    )
}
