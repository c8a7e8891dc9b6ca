//! Who waits for events, and who wakes them.
//!
//! A commit of this process tells at once. What other processes commit is
//! looked for every so often while somebody waits, and not otherwise.

use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError, Weak,
        atomic::{AtomicU64, Ordering},
    },
    thread,
    time::Duration,
};

use super::{
    events::RELAY_BATCH,
    port::{Store, StoreNo, Watch},
    task::FnTask,
};
use crate::error::{Code, Error, Kind, Result};

/// How often other processes' commits are looked for.
const LOOK_EVERY: Duration = Duration::from_millis(400);
/// So many times nobody waits before the thread that looks ends.
const IDLE_LOOKS: u32 = 10;

/// Called once: with the number of commits that its next page will show, or
/// with why there is none.
pub(super) type Woken = Box<dyn FnOnce(Result<u64>) + Send>;
type Then = Box<dyn FnOnce(Result<()>) + Send>;

struct Waiter {
    id: u64,
    after: i64,
    woken: Woken,
}

/// What is known of one store.
#[derive(Default)]
struct Known {
    /// Counts the commits of this process that wrote events of it, as long as
    /// it is known.
    commits: u64,
    waiting: Vec<Waiter>,
    looking: bool,
    /// Events are being given their places.
    numbering: bool,
    /// Those for whom that began too early.
    next: Vec<Then>,
}

#[derive(Default)]
struct State {
    stores: HashMap<StoreNo, Known>,
    /// Whether the thread that looks is there.
    looks: bool,
    closed: bool,
}

/// The streams of a database that wait.
pub(super) struct Relay {
    database: Arc<dyn Store>,
    ids: AtomicU64,
    state: Mutex<State>,
}

impl Relay {
    pub(super) fn new(database: &Arc<dyn Store>) -> Arc<Self> {
        let relay = Arc::new(Self {
            database: Arc::clone(database),
            ids: AtomicU64::new(0),
            state: Mutex::default(),
        });
        let weak = Arc::downgrade(&relay);
        database.on_events(Arc::new(move |stores| {
            if let Some(relay) = weak.upgrade() {
                stores.iter().for_each(|store| relay.wake(*store, true));
            }
        }));
        relay
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// How many commits of this process wrote events of the store since it is
    /// known. Of one that is not there is nothing to be missed: whoever asks
    /// has its events numbered next.
    pub(super) fn commits(&self, store: StoreNo) -> u64 {
        self.lock().stores.get(&store).map_or(0, |known| known.commits)
    }

    /// A name for somebody who will wait.
    pub(super) fn new_id(&self) -> u64 {
        self.ids.fetch_add(1, Ordering::Relaxed)
    }

    /// Calls `woken` once there may be events behind `after`; at once when
    /// there were commits since `seen` was counted.
    pub(super) fn wait(
        self: &Arc<Self>,
        store: StoreNo,
        id: u64,
        after: i64,
        seen: u64,
        watch: &Arc<Watch>,
        woken: Woken,
    ) {
        let mut state = self.lock();
        if state.closed {
            drop(state);
            return woken(Err(closed()));
        }
        let known = state.stores.entry(store).or_default();
        if known.commits != seen {
            let seen = known.commits;
            drop(state);
            return self.number(store, Box::new(move |outcome| woken(outcome.map(|()| seen))));
        }
        known.waiting.push(Waiter { id, after, woken });
        let begins = !std::mem::replace(&mut state.looks, true);
        drop(state);
        if begins {
            self.look_on();
        }
        let weak = Arc::downgrade(self);
        watch.on_give_up({
            let watch = Arc::downgrade(watch);
            move || give_up(&weak, store, id, watch.upgrade().as_deref())
        });
        // The listener of an earlier wait hears of what comes, not of what was.
        if watch.given_up().is_some() {
            give_up(&Arc::downgrade(self), store, id, Some(watch));
        }
    }

    /// Gives all committed events of the store their places, unless they have
    /// them. Only one does so at a time: whoever comes meanwhile is served by
    /// the next one, for this one may not see what was committed since.
    pub(super) fn number(self: &Arc<Self>, store: StoreNo, then: Then) {
        let mut state = self.lock();
        let known = state.stores.entry(store).or_default();
        if std::mem::replace(&mut known.numbering, true) {
            return known.next.push(then);
        }
        drop(state);
        self.number_for(store, vec![then]);
    }

    fn number_for(self: &Arc<Self>, store: StoreNo, those: Vec<Then>) {
        let relay = Arc::clone(self);
        self.database.read(FnTask::boxed(
            None,
            move |tx| tx.has_unnumbered_events(store),
            move |waiting: Result<bool>| match waiting {
                Ok(true) => relay.number_batch(store, those),
                Ok(false) => relay.numbered(store, those, &Ok(())),
                Err(error) => relay.numbered(store, those, &Err(error)),
            },
        ));
    }

    fn number_batch(self: &Arc<Self>, store: StoreNo, those: Vec<Then>) {
        let relay = Arc::clone(self);
        self.database.write(FnTask::boxed(
            None,
            move |tx| tx.number_events(store, RELAY_BATCH),
            move |numbered: Result<usize>| match numbered {
                Ok(RELAY_BATCH) => relay.number_batch(store, those),
                Ok(_) => relay.numbered(store, those, &Ok(())),
                Err(error) => relay.numbered(store, those, &Err(error)),
            },
        ));
    }

    fn numbered(self: &Arc<Self>, store: StoreNo, those: Vec<Then>, outcome: &Result<()>) {
        let mut state = self.lock();
        let known = state.stores.entry(store).or_default();
        let next = std::mem::take(&mut known.next);
        known.numbering = !next.is_empty();
        drop(state);
        for then in those {
            then(outcome.clone());
        }
        if !next.is_empty() {
            self.number_for(store, next);
        }
    }

    /// There are new events of the store; `committed` by this process just now.
    fn wake(self: &Arc<Self>, store: StoreNo, committed: bool) {
        let mut state = self.lock();
        let Some(known) = state.stores.get_mut(&store) else {
            return;
        };
        known.commits += u64::from(committed);
        let seen = known.commits;
        let waiting = std::mem::take(&mut known.waiting);
        drop(state);
        if waiting.is_empty() {
            return;
        }
        let relay = Arc::clone(self);
        let then = move |outcome: Result<()>| match outcome {
            // The next look finds them again.
            Err(error) if passes(&error) => relay.put_back(store, waiting),
            outcome => {
                for waiter in waiting {
                    (waiter.woken)(outcome.clone().map(|()| seen));
                }
            }
        };
        self.number(store, Box::new(then));
    }

    fn put_back(&self, store: StoreNo, waiting: Vec<Waiter>) {
        let mut state = self.lock();
        if !state.closed {
            return state.stores.entry(store).or_default().waiting.extend(waiting);
        }
        drop(state);
        for waiter in waiting {
            (waiter.woken)(Err(closed()));
        }
    }

    /// Looks every so often, on a thread of its own, until nobody has waited
    /// for a while.
    fn look_on(self: &Arc<Self>) {
        let weak = Arc::downgrade(self);
        let started = thread::Builder::new()
            .name("proyecta-relay".into())
            .spawn(move || look_on(&weak));
        if started.is_err() {
            // Commits of this process are still told.
            self.lock().looks = false;
        }
    }

    /// Begins a look at every store that somebody waits for; whether anybody
    /// does.
    fn look(self: &Arc<Self>) -> bool {
        let mut state = self.lock();
        let waited = |known: &Known| !known.waiting.is_empty();
        let any = state.stores.values().any(waited);
        let mut due = Vec::new();
        for (store, known) in &mut state.stores {
            if waited(known) && !std::mem::replace(&mut known.looking, true) {
                due.push((*store, known.commits));
            }
        }
        drop(state);
        for (store, seen) in due {
            let relay = Arc::clone(self);
            self.database.read(FnTask::boxed(
                None,
                move |tx| Ok((tx.has_unnumbered_events(store)?, tx.last_event_seq(store)?)),
                move |found| relay.looked(store, seen, found),
            ));
        }
        any
    }

    fn looked(self: &Arc<Self>, store: StoreNo, seen: u64, found: Result<(bool, i64)>) {
        let mut state = self.lock();
        let known = state.stores.entry(store).or_default();
        known.looking = false;
        let last = match found {
            Ok((true, _)) => {
                drop(state);
                return self.wake(store, false);
            }
            Ok((false, last)) => last,
            Err(_) => return,
        };
        let (woken, waiting) = std::mem::take(&mut known.waiting)
            .into_iter()
            .partition(|waiter: &Waiter| waiter.after < last);
        known.waiting = waiting;
        drop(state);
        for waiter in woken {
            (waiter.woken)(Ok(seen));
        }
    }

    /// Nobody waits any longer.
    pub(super) fn close(&self) {
        let mut state = self.lock();
        state.closed = true;
        let waiting: Vec<Waiter> = state
            .stores
            .values_mut()
            .flat_map(|known| std::mem::take(&mut known.waiting))
            .collect();
        drop(state);
        for waiter in waiting {
            (waiter.woken)(Err(closed()));
        }
    }
}

fn look_on(relay: &Weak<Relay>) {
    let mut idle = 0;
    loop {
        thread::sleep(LOOK_EVERY);
        let Some(relay) = relay.upgrade() else { return };
        idle = if relay.look() { 0 } else { idle + 1 };
        if idle < IDLE_LOOKS {
            continue;
        }
        let mut state = relay.lock();
        if state.stores.values().all(|known| known.waiting.is_empty()) {
            state.looks = false;
            return;
        }
        idle = 0;
    }
}

fn give_up(relay: &Weak<Relay>, store: StoreNo, id: u64, watch: Option<&Watch>) {
    let (Some(relay), Some(watch)) = (relay.upgrade(), watch) else {
        return;
    };
    let mut state = relay.lock();
    let waiting = state.stores.get_mut(&store).map(|known| &mut known.waiting);
    let found = waiting.and_then(|waiting| {
        let at = waiting.iter().position(|waiter| waiter.id == id)?;
        Some(waiting.swap_remove(at))
    });
    drop(state);
    if let (Some(waiter), Some(reason)) = (found, watch.reason()) {
        (waiter.woken)(Err(reason));
    }
}

/// What may be over at the next look.
fn passes(error: &Error) -> bool {
    error.code().kind() == Kind::Unavailable && error.code() != Code::DatabaseCorrupt
}

fn closed() -> Error {
    Error::new(Code::Closed, "the database was closed")
}
