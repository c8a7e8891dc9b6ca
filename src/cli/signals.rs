//! Who asks a server to end.

use std::sync::atomic::{AtomicBool, Ordering};

use tokio::sync::Notify;

use crate::error::{Error, Result};

/// What the command line runs in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Host {
    /// A process of its own: signals are its.
    Process,
    /// Node, which has handlers of its own that end the process and cannot be
    /// chained: it listens, and tells.
    Node,
}

/// Whether a server wants to be told.
static LISTENING: AtomicBool = AtomicBool::new(false);
static TOLD: Notify = Notify::const_new();

/// Node got a signal to end; false when nobody here does something about it.
pub fn tell() -> bool {
    let listening = LISTENING.load(Ordering::Acquire);
    if listening {
        TOLD.notify_one();
    }
    listening
}

/// The signals to end, one after the other.
pub(super) enum Signals {
    #[cfg(unix)]
    System {
        terminate: tokio::signal::unix::Signal,
        interrupt: tokio::signal::unix::Signal,
    },
    #[cfg(not(unix))]
    System,
    Told,
}

impl Signals {
    pub(super) fn new(host: Host) -> Result<Self> {
        match host {
            Host::Node => {
                LISTENING.store(true, Ordering::Release);
                Ok(Self::Told)
            }
            Host::Process => Self::system()
                .map_err(|error| Error::internal(format!("the signals of the process cannot be caught: {error}"))),
        }
    }

    #[cfg(unix)]
    fn system() -> std::io::Result<Self> {
        use tokio::signal::unix::{SignalKind, signal};
        Ok(Self::System {
            terminate: signal(SignalKind::terminate())?,
            interrupt: signal(SignalKind::interrupt())?,
        })
    }

    #[cfg(not(unix))]
    fn system() -> std::io::Result<Self> {
        Ok(Self::System)
    }

    pub(super) async fn next(&mut self) {
        match self {
            #[cfg(unix)]
            Self::System { terminate, interrupt } => {
                tokio::select! {
                    _ = terminate.recv() => {}
                    _ = interrupt.recv() => {}
                }
            }
            #[cfg(not(unix))]
            Self::System => drop(tokio::signal::ctrl_c().await),
            Self::Told => TOLD.notified().await,
        }
    }
}

impl Drop for Signals {
    fn drop(&mut self) {
        if matches!(self, Self::Told) {
            LISTENING.store(false, Ordering::Release);
        }
    }
}
