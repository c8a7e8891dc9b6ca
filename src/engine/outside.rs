//! What an engine has around it besides its database.

use std::sync::Arc;

use tokio::runtime::Handle;

use super::{
    Engine,
    gateway::{Gateway, Gateways},
    port::{Ids, Store, StoreRecord},
    vault::{NoTestKey, Vault},
};
use crate::error::{Code, Error, Result};

/// Gateways, the vault for what they give, and where calls to them run.
pub struct Outside {
    /// Finds a store's gateway.
    pub gateways: Arc<dyn Gateways>,
    /// Keeps payment credentials.
    pub vault: Vault,
    /// A runtime that drives futures, with timers; asked for at its first use.
    pub runtime: Box<dyn Fn() -> Result<Handle> + Send + Sync>,
}

impl Outside {
    /// Nothing: no store has a gateway.
    pub fn nothing() -> Self {
        Self {
            gateways: Arc::new(NoGateways),
            vault: Vault::new(None, NoTestKey),
            runtime: Box::new(|| Err(Error::internal("this engine has no runtime for gateways"))),
        }
    }

    pub(super) fn runtime(&self) -> Result<Handle> {
        (self.runtime)()
    }
}

struct NoGateways;

impl Gateways for NoGateways {
    fn of(&self, _: &StoreRecord, _: &Arc<dyn Store>, _: &Arc<dyn Ids>) -> Option<Arc<dyn Gateway>> {
        None
    }
}

impl Engine {
    /// Where payment credentials are kept.
    pub fn vault(&self) -> &Vault {
        &self.outside.vault
    }

    /// The gateway of a store.
    ///
    /// # Errors
    ///
    /// `gateway_missing`.
    pub(super) fn gateway(&self, store: &StoreRecord) -> Result<Arc<dyn Gateway>> {
        self.outside
            .gateways
            .of(store, &self.database, &self.ids)
            .ok_or_else(|| {
                Error::new(
                    Code::GatewayMissing,
                    format!(
                        "store {} has no payment gateway: use a test store, which has the sandbox gateway",
                        store.id.as_str()
                    ),
                )
            })
    }
}
