//! The thread on which clients of other processes' servers run; started at
//! their first use.

use std::{future::pending, sync::OnceLock, thread};

use tokio::runtime::{Builder, Handle};

use super::database::no_threads;
use crate::error::Result;

/// Where remote clients run: one thread for all of them. A call crosses to it
/// and back. On a runtime of several threads its request and its connection
/// would wake each other across them as well, which costs more than the work
/// (measured, one call at a time: seven times the futex calls).
pub(super) fn remote_io() -> Result<Handle> {
    static HANDLE: OnceLock<Option<Handle>> = OnceLock::new();
    HANDLE.get_or_init(start).clone().ok_or_else(no_threads)
}

fn start() -> Option<Handle> {
    let runtime = Builder::new_current_thread()
        .enable_all()
        .max_blocking_threads(8)
        .thread_name("proyecta-worker")
        .build()
        .ok()?;
    let handle = runtime.handle().clone();
    thread::Builder::new()
        .name("proyecta-remote".to_owned())
        .spawn(move || runtime.block_on(pending::<()>()))
        .ok()?;
    Some(handle)
}
