//! Payment gateways: the built-in sandbox. They implement the engine's port,
//! and know no front and no database driver.

pub mod sandbox;

use std::{sync::Arc, time::Duration};

use crate::{
    domain::api_key::Mode,
    engine::{
        gateway::{Gateway, Gateways},
        port::{Ids, Store, StoreRecord},
    },
};
use sandbox::Sandbox;

/// The gateways that this version knows: a test store has the sandbox, and
/// a live store none.
#[derive(Debug, Clone, Copy, Default)]
pub struct BuiltIn {
    /// How long the sandbox takes over an answer.
    pub sandbox_latency: Duration,
}

impl Gateways for BuiltIn {
    fn of(&self, store: &StoreRecord, database: &Arc<dyn Store>, ids: &Arc<dyn Ids>) -> Option<Arc<dyn Gateway>> {
        match store.mode {
            Mode::Live => None,
            Mode::Test => Some(Arc::new(Sandbox {
                database: Arc::clone(database),
                ids: Arc::clone(ids),
                store: store.no,
                latency: self.sandbox_latency,
            })),
        }
    }
}
