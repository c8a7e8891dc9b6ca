//! One engine per database file and process, however many instances and
//! worker threads use it.

use std::{
    collections::HashMap,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, OnceLock, PoisonError, Weak},
};

use tokio::runtime::{Builder, Handle, Runtime};

use super::{io::io, pages::PageServer, session::closed};
use crate::{
    engine::{Engine, Worker, vault::Keys},
    error::{Error, Result},
    start,
    store::postgres,
};

/// Threads that may wait or compute; started when needed, gone when idle.
const BLOCKING_THREADS: usize = 8;

/// Where everything that may wait or compute for long runs.
pub(super) fn blocking() -> Result<Handle> {
    static RUNTIME: OnceLock<Option<Runtime>> = OnceLock::new();
    let runtime = RUNTIME.get_or_init(|| {
        Builder::new_current_thread()
            .max_blocking_threads(BLOCKING_THREADS)
            .thread_name("proyecta-worker")
            .build()
            .ok()
    });
    runtime
        .as_ref()
        .map(|runtime| runtime.handle().clone())
        .ok_or_else(no_threads)
}

/// A runtime could not be started.
pub(super) fn no_threads() -> Error {
    Error::internal("the operating system gives no more threads")
}

/// An open database. Every client holds one; the last one closes the file.
pub(super) struct Database {
    pub(super) engine: Arc<Engine>,
    /// What renews subscriptions; gone with the last client.
    worker: OnceLock<Worker>,
    /// Pages of test stores, where nobody else serves them.
    pages: Arc<PageServer>,
}

impl Database {
    /// Ends the pages and what renews subscriptions, finishes what was
    /// accepted, closes the file, and then calls `done`.
    pub(super) fn close(self, done: impl FnOnce() + Send + 'static) {
        let Self { engine, worker, pages } = self;
        pages.stop(move || match worker.into_inner() {
            Some(worker) => worker.end(move || engine.close(Box::new(done))),
            None => engine.close(Box::new(done)),
        });
    }

    /// Test stores whose pages nobody else serves get a page server of their
    /// own.
    pub(super) fn serve_own_pages(&self) {
        let pages = Arc::downgrade(&self.pages);
        self.engine.on_first_page(move || match pages.upgrade() {
            Some(pages) => pages.base(),
            None => Err(closed()),
        });
    }

    /// Lets subscriptions renew by themselves in this process, however many
    /// clients ask for it.
    pub(super) fn work(&self) -> Result<()> {
        if self.worker.get().is_none() {
            let _ = self.worker.set(Worker::start(&self.engine)?);
        }
        Ok(())
    }
}

/// Holds the lock while a file is being opened, so that two instances that
/// start together share one engine.
type Slot = Arc<Mutex<Weak<Database>>>;

fn slot(path: PathBuf) -> Slot {
    static SLOTS: OnceLock<Mutex<HashMap<PathBuf, Slot>>> = OnceLock::new();
    let slots = SLOTS.get_or_init(Mutex::default);
    Arc::clone(
        slots
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .entry(path)
            .or_insert_with(|| Arc::new(Mutex::new(Weak::new()))),
    )
}

/// Opens a database, or joins the engine that has it open. Waits for disk and
/// locks.
pub(super) fn open(database: &str, encryption_key: Option<&str>) -> Result<Arc<Database>> {
    if database == ":memory:" {
        return start(database, encryption_key);
    }
    let slot = slot(if postgres::is_url(database) {
        PathBuf::from(database)
    } else {
        canonical(Path::new(database))
    });
    let mut opened = slot.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(database) = opened.upgrade() {
        database
            .engine
            .vault()
            .adopt(encryption_key.map(Keys::parse).transpose()?)?;
        return Ok(database);
    }
    let database = start(database, encryption_key)?;
    *opened = Arc::downgrade(&database);
    Ok(database)
}

fn start(database: &str, encryption_key: Option<&str>) -> Result<Arc<Database>> {
    let engine = start::engine(database, encryption_key, blocking()?, io)?;
    let database = Database {
        pages: PageServer::new(&engine),
        engine,
        worker: OnceLock::new(),
    };
    database.serve_own_pages();
    Ok(Arc::new(database))
}

/// One spelling per file, also when the file is not there yet.
fn canonical(path: &Path) -> PathBuf {
    let absolute = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    match (
        absolute.canonicalize(),
        absolute.parent().map(Path::canonicalize),
        absolute.file_name(),
    ) {
        (Ok(file), ..) => file,
        (_, Some(Ok(folder)), Some(name)) => folder.join(name),
        _ => absolute,
    }
}
