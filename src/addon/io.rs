//! The runtime that drives sockets; started at their first use.

use std::sync::OnceLock;

use tokio::runtime::{Builder, Handle, Runtime};

use super::database::no_threads;
use crate::error::Result;

/// Threads that drive sockets.
const THREADS: usize = 2;

/// Where servers and clients run.
pub(super) fn io() -> Result<Handle> {
    static RUNTIME: OnceLock<Option<Runtime>> = OnceLock::new();
    let runtime = RUNTIME.get_or_init(|| {
        Builder::new_multi_thread()
            .worker_threads(THREADS)
            .max_blocking_threads(8)
            .thread_name("proyecta-io")
            .enable_all()
            .build()
            .ok()
    });
    runtime
        .as_ref()
        .map(|runtime| runtime.handle().clone())
        .ok_or_else(no_threads)
}
