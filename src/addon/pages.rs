//! The page server of test stores: it listens on this machine, from the first
//! page that is wanted to the end of its database, and has no API.

use std::{
    net::{Ipv4Addr, TcpListener},
    sync::{Arc, Mutex, PoisonError, Weak},
    time::Duration,
};

use super::{io::io, session::closed};
use crate::{
    engine::Engine,
    error::{Error, Result},
    http::{App, Options, Server, ServerOptions},
};

/// How long its end waits for requests that were accepted.
const GRACE: Duration = Duration::from_secs(10);

enum State {
    Idle,
    Running(Server),
    Stopped,
}

/// A server that starts when it is wanted.
pub(super) struct PageServer {
    /// Not held: a database lives as long as its clients.
    engine: Weak<Engine>,
    state: Mutex<State>,
}

impl PageServer {
    /// One that does not run yet.
    pub(super) fn new(engine: &Arc<Engine>) -> Arc<Self> {
        Arc::new(Self {
            engine: Arc::downgrade(engine),
            state: Mutex::new(State::Idle),
        })
    }

    /// The address of its pages. Starts it at the first call, and waits for
    /// nothing: this may be JavaScript's thread, or one that drives sockets.
    ///
    /// # Errors
    ///
    /// `closed`, and `internal` when the machine gives no socket.
    pub(super) fn base(&self) -> Result<String> {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        match &*state {
            State::Running(server) => return Ok(server.page_base("")),
            State::Stopped => return Err(closed()),
            State::Idle => {}
        }
        let engine = self.engine.upgrade().ok_or_else(closed)?;
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))
            .map_err(|error| Error::internal(format!("no socket for the pages: {error}")))?;
        let options = Options {
            only_pages: true,
            ..Options::default()
        };
        let io = io()?;
        let _inside = io.enter();
        let server = Server::start_on(App::new(engine, options), &ServerOptions::default(), listener)?;
        let base = server.page_base("");
        *state = State::Running(server);
        Ok(base)
    }

    /// Finishes what was accepted, never runs again, and then calls `done`.
    pub(super) fn stop(&self, done: impl FnOnce() + Send + 'static) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let before = std::mem::replace(&mut *state, State::Stopped);
        drop(state);
        match (before, io()) {
            (State::Running(server), Ok(io)) => drop(io.spawn(async move {
                server.stop(GRACE).await;
                done();
            })),
            _ => done(),
        }
    }
}
