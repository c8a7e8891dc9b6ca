//! PostgreSQL, for many machines.

use crate::{
    domain::instant::Instant,
    engine::port::{Store, Task, Tx},
    error::{Error, Result},
};

/// Whether a text names a PostgreSQL server.
pub fn is_url(database: &str) -> bool {
    database.starts_with("postgres://") || database.starts_with("postgresql://")
}

/// How a server is reached.
#[derive(Debug, Clone)]
pub struct Options {}

impl Options {
    /// From a URL.
    pub fn parse(_url: &str) -> Result<Self> {
        Err(Error::internal("not there yet"))
    }
}

/// A store on PostgreSQL.
pub struct PostgresStore {}

impl PostgresStore {
    /// Connects, and applies missing migrations.
    pub fn open(_options: &Options, _now: Instant) -> Result<Self> {
        Err(Error::internal("not there yet"))
    }
}

impl Store for PostgresStore {
    fn write(&self, task: Box<dyn Task>) {
        task.done(Err(Error::internal("not there yet")));
    }

    fn read(&self, task: Box<dyn Task>) {
        task.done(Err(Error::internal("not there yet")));
    }

    fn read_here(&self, _read: &mut dyn FnMut(&mut dyn Tx) -> Result<()>) -> Option<Result<()>> {
        None
    }

    fn close(&self, done: Box<dyn FnOnce() + Send>) {
        done();
    }
}
