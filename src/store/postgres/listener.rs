//! Hearing of what other processes changed, by LISTEN and NOTIFY.
//!
//! A convenience only: behind a pooler in transaction mode, or on a database
//! without it, nothing is ever heard. Whoever remembers something looks again
//! by itself in any case, only later.

use std::{
    future::poll_fn,
    sync::{Arc, Mutex, PoisonError, mpsc},
    time::Duration,
};

use tokio::sync::Notify;
use tokio_postgres::AsyncMessage;

use super::{connection, options::Options};

type Heard = Arc<dyn Fn() + Send + Sync>;

/// After a connection broke.
const PAUSE: Duration = Duration::from_secs(1);

/// A connection that only listens; made when somebody wants to hear.
pub(super) struct Listener {
    options: Arc<Options>,
    shared: Arc<Shared>,
    started: Mutex<bool>,
}

#[derive(Default)]
struct Shared {
    heard: Mutex<Vec<Heard>>,
    stop: Notify,
    stopped: Mutex<bool>,
}

impl Shared {
    fn tell(&self) {
        let all = self.heard.lock().unwrap_or_else(PoisonError::into_inner).clone();
        for heard in all {
            heard();
        }
    }

    fn is_stopped(&self) -> bool {
        *self.stopped.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The name of the channel, which is the schema's own.
pub(super) fn channel(schema: &str) -> String {
    format!("proyecta_{schema}").chars().take(63).collect()
}

impl Listener {
    pub(super) fn new(options: Arc<Options>) -> Self {
        Self {
            options,
            shared: Arc::default(),
            started: Mutex::new(false),
        }
    }

    /// Calls `heard` after every change that was announced, and whenever some
    /// may have been missed. Returns once the server listens, or does not.
    pub(super) fn listen(&self, heard: Heard) {
        self.shared
            .heard
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push(heard);
        let mut started = self.started.lock().unwrap_or_else(PoisonError::into_inner);
        if std::mem::replace(&mut *started, true) {
            return;
        }
        let (options, shared) = (Arc::clone(&self.options), Arc::clone(&self.shared));
        let (ready, waiting) = mpsc::channel();
        // Without a thread nothing is heard.
        let thread = std::thread::Builder::new()
            .name("proyecta-listener".into())
            .spawn(move || run(&options, &shared, &ready));
        if thread.is_ok() {
            let _ = waiting.recv();
        }
    }

    pub(super) fn stop(&self) {
        *self.shared.stopped.lock().unwrap_or_else(PoisonError::into_inner) = true;
        self.shared.stop.notify_one();
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        self.stop();
    }
}

fn run(options: &Options, shared: &Shared, ready: &mpsc::Sender<()>) {
    while !shared.is_stopped() {
        let _ = hear(options, shared, ready);
        let _ = ready.send(());
        let mut rested = Duration::ZERO;
        while rested < PAUSE && !shared.is_stopped() {
            std::thread::sleep(PAUSE / 20);
            rested += PAUSE / 20;
        }
    }
}

/// Listens until the connection breaks or nobody wants to hear any more.
fn hear(options: &Options, shared: &Shared, ready: &mpsc::Sender<()>) -> crate::error::Result<()> {
    let (runtime, client, mut messages) = connection::connect_raw(options)?;
    runtime.block_on(async {
        let text = format!("listen {}", channel(&options.schema));
        let mut begun = std::pin::pin!(client.batch_execute(&text));
        let mut listening = false;
        loop {
            tokio::select! {
                () = shared.stop.notified() => return Ok(()),
                outcome = &mut begun, if !listening => {
                    outcome.map_err(|error| connection::translate(&error))?;
                    listening = true;
                    // What was announced before is not told again.
                    shared.tell();
                    let _ = ready.send(());
                }
                message = poll_fn(|cx| messages.poll_message(cx)) => match message {
                    Some(Ok(AsyncMessage::Notification(_))) => shared.tell(),
                    Some(Ok(_)) => {}
                    Some(Err(error)) => return Err(connection::translate(&error)),
                    None => return Ok(()),
                },
            }
        }
    })
}
