//! SQLite in the process: one writer thread that commits in groups, readers
//! on other threads, point reads where the caller stands.

mod connection;
mod driver;
#[cfg(feature = "testing")]
pub mod inline;
mod maintenance;
#[cfg(test)]
mod plans;
mod point;
mod pool;
mod writer;

use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

use tokio::runtime::Handle;

use self::{
    connection::{Purpose, open_connection},
    driver::SqliteDriver,
    point::PointReaders,
    pool::ReaderPool,
    writer::Writer,
};
use super::{driver::Driver as _, migration};
use crate::{
    domain::instant::Instant,
    engine::port::{BackupProgress, Compacted, HeardEvents, Store, Task, Tx},
    error::{Code, Result},
};

/// Where a database lies.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Location {
    /// In a file; its folder must exist.
    File(PathBuf),
    /// In memory, private to this store and gone with it.
    Memory,
}

/// How a database is opened.
#[derive(Debug, Clone)]
pub struct Options {
    /// Where it lies.
    pub location: Location,
    /// Name of an SQLite VFS, for tests that cut the power.
    pub vfs: Option<String>,
}

impl Options {
    /// The file at this path.
    pub fn file(path: impl AsRef<Path>) -> Self {
        Self {
            location: Location::File(path.as_ref().to_owned()),
            vfs: None,
        }
    }

    /// A database in memory.
    pub fn memory() -> Self {
        Self {
            location: Location::Memory,
            vfs: None,
        }
    }
}

/// The number of the last migration that a file has, without applying any;
/// `None` for a file that is no database of ours yet.
///
/// # Errors
///
/// `database_not_found` for a file that is not there or cannot be opened, and
/// `database_corrupt`.
pub fn schema(options: &Options) -> Result<Option<i64>> {
    let mut driver = SqliteDriver::new(open_connection(options, Purpose::Read)?);
    match driver.has_table("schema_migrations")? {
        true => migration::applied(&mut driver).map(Some),
        false => Ok(None),
    }
}

/// A store on SQLite.
pub struct SqliteStore {
    /// For point reads on calling threads. `None` in memory, where the one
    /// connection is the writer's.
    point: Option<PointReaders>,
    options: Options,
    readers: Option<Arc<ReaderPool>>,
    /// Its connection is the last one to close, which tidies the file up.
    writer: Writer,
}

impl SqliteStore {
    /// Opens a database, makes it when it is not there, and applies missing
    /// migrations. Waits for disk and locks: not for a thread that must not.
    pub fn open(options: &Options, now: Instant, blocking: Handle) -> Result<Self> {
        let mut write = SqliteDriver::new(open_connection(options, Purpose::Write)?);
        // Nothing to migrate, no lock: who only reads may start while another
        // process writes.
        if !migration::is_current(&mut write)? {
            write.exclusively(|driver| {
                migration::prepare(driver, &driver::SqliteDialect)?;
                migration::migrate(driver, &driver::SqliteDialect, now)
            })?;
        }
        let in_memory = options.location == Location::Memory;
        let point = if in_memory {
            None
        } else {
            Some(PointReaders::open(options)?)
        };
        let readers = if in_memory {
            None
        } else {
            Some(Arc::new(ReaderPool::new(options.clone(), blocking)))
        };
        Ok(Self {
            writer: Writer::start(write, readers.clone()),
            readers,
            point,
            options: options.clone(),
        })
    }
}

impl Store for SqliteStore {
    fn write(&self, task: Box<dyn Task>) {
        self.writer.queue(task);
    }

    fn read(&self, task: Box<dyn Task>) {
        match &self.readers {
            Some(readers) => readers.run(task),
            None => self.writer.queue(task),
        }
    }

    fn read_here(&self, read: &mut dyn FnMut(&mut dyn Tx) -> Result<()>) -> Option<Result<()>> {
        match self.point.as_ref()?.with(|driver| read(driver))? {
            // Somebody is recovering or closing the file: not to be waited for here.
            Err(error) if error.code() == Code::DatabaseLocked => None,
            outcome => Some(outcome),
        }
    }

    fn on_events(&self, heard: HeardEvents) {
        self.writer.events().set(heard);
    }

    fn close(&self, done: Box<dyn FnOnce() + Send>) {
        if let Some(point) = &self.point {
            point.close();
        }
        self.writer.close(done);
    }

    fn backup(&self, target: &Path, progress: &mut dyn FnMut(BackupProgress)) -> Result<()> {
        maintenance::backup(&self.options, target, progress)
    }

    fn compact(&self) -> Result<Compacted> {
        maintenance::compact(&self.options)
    }
}
