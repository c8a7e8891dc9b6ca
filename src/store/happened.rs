//! Which stores got events in a transaction, and who is told after its commit.

use std::sync::{Arc, OnceLock};

use crate::engine::port::{HeardEvents, StoreNo};

/// The stores of the transaction at hand.
#[derive(Default)]
pub(super) struct Happened(Vec<StoreNo>);

impl Happened {
    /// An event was written.
    pub(super) fn note(&mut self, store: StoreNo) {
        if !self.0.contains(&store) {
            self.0.push(store);
        }
    }

    /// Nothing was: a transaction begins.
    pub(super) fn forget(&mut self) {
        self.0.clear();
    }
}

/// Who wants to hear of events, if anybody does.
#[derive(Clone, Default)]
pub(super) struct Hearer(Arc<OnceLock<HeardEvents>>);

impl Hearer {
    /// Only the first one hears.
    pub(super) fn set(&self, heard: HeardEvents) {
        let _ = self.0.set(heard);
    }

    /// The transaction was committed.
    pub(super) fn tell(&self, happened: &mut Happened) {
        if let Some(heard) = self.0.get()
            && !happened.0.is_empty()
        {
            heard(&happened.0);
        }
        happened.forget();
    }
}
