//! A database in memory whose tasks run where the caller stands: the same
//! statements in the same transactions without the writer's thread, so that
//! whoever calls decides what comes after what. For simulations.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use rusqlite::{Connection, types::ValueRef};

use super::{Options, connection::Purpose, connection::open_connection, connection::translate, driver};
use crate::{
    domain::instant::Instant,
    engine::port::{HeardEvents, Store, Task, Tx},
    error::Result,
    store::{
        group::{Member, answer, run_members},
        migration,
    },
};

/// A database in memory without threads.
pub struct InlineStore {
    driver: Mutex<driver::SqliteDriver>,
}

impl InlineStore {
    /// An empty database.
    ///
    /// # Errors
    ///
    /// What SQLite has to say.
    pub fn open(now: Instant) -> Result<Arc<Self>> {
        let mut write = driver::SqliteDriver::new(open_connection(&Options::memory(), Purpose::Write)?);
        write.exclusively(|driver| {
            migration::prepare(driver, &driver::SqliteDialect)?;
            migration::migrate(driver, &driver::SqliteDialect, now)
        })?;
        Ok(Self::of(write))
    }

    /// Another one with the same rows, which goes its own way from here on.
    ///
    /// # Errors
    ///
    /// What SQLite has to say.
    pub fn fork(&self) -> Result<Arc<Self>> {
        let mut copy = open_connection(&Options::memory(), Purpose::Write)?;
        copied(&self.lock().connection, &mut copy).map_err(translate)?;
        Ok(Self::of(driver::SqliteDriver::new(copy)))
    }

    fn of(driver: driver::SqliteDriver) -> Arc<Self> {
        // What is lost with the process needs no journal.
        let _ = driver.connection.pragma_update(None, "synchronous", "off");
        Arc::new(Self {
            driver: Mutex::new(driver),
        })
    }

    fn lock(&self) -> MutexGuard<'_, driver::SqliteDriver> {
        self.driver.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// How many rows were ever written.
    pub fn changes(&self) -> u64 {
        self.lock().connection.total_changes()
    }

    /// Looks at rows as the engine does.
    ///
    /// # Errors
    ///
    /// What `look` has to say.
    pub fn look<T>(&self, look: impl FnOnce(&mut dyn Tx) -> Result<T>) -> Result<T> {
        let mut driver = self.lock();
        look(&mut *driver)
    }

    /// The rows of a query, each value as text.
    ///
    /// # Errors
    ///
    /// What SQLite has to say.
    pub fn rows(&self, sql: &str) -> Result<Vec<Vec<String>>> {
        let driver = self.lock();
        let mut statement = driver.connection.prepare_cached(sql).map_err(translate)?;
        let columns = statement.column_count();
        let mut rows = statement.query([]).map_err(translate)?;
        let mut all = Vec::new();
        while let Some(row) = rows.next().map_err(translate)? {
            let value = |column| row.get_ref(column).map(written);
            let values: rusqlite::Result<Vec<String>> = (0..columns).map(value).collect();
            all.push(values.map_err(translate)?);
        }
        Ok(all)
    }

    fn run(&self, task: Box<dyn Task>) {
        let mut group = vec![task];
        while !group.is_empty() {
            let mut driver = self.lock();
            let mut members = Member::of_group(group);
            let outcome = driver.begin().map_err(translate).and_then(|()| {
                match run_members(&mut *driver, &mut members, |_| false)? {
                    true => driver.commit().map_err(translate),
                    // One task alone, which failed after it wrote.
                    false => {
                        driver.rollback();
                        Ok(())
                    }
                }
            });
            if outcome.is_err() {
                driver.rollback();
            }
            driver.happened.forget();
            drop(driver);
            group = answer(members, &outcome);
        }
    }
}

fn copied(from: &Connection, to: &mut Connection) -> rusqlite::Result<()> {
    let backup = rusqlite::backup::Backup::new(from, to)?;
    backup.step(-1).map(drop)
}

fn written(value: ValueRef<'_>) -> String {
    match value {
        ValueRef::Null => String::new(),
        ValueRef::Integer(integer) => integer.to_string(),
        ValueRef::Real(real) => real.to_string(),
        ValueRef::Text(text) => String::from_utf8_lossy(text).into_owned(),
        ValueRef::Blob(bytes) => format!("{} bytes", bytes.len()),
    }
}

impl Store for InlineStore {
    fn write(&self, task: Box<dyn Task>) {
        self.run(task);
    }

    fn read(&self, task: Box<dyn Task>) {
        self.run(task);
    }

    fn read_here(&self, _: &mut dyn FnMut(&mut dyn Tx) -> Result<()>) -> Option<Result<()>> {
        None
    }

    fn on_events(&self, _: HeardEvents) {}

    fn close(&self, done: Box<dyn FnOnce() + Send>) {
        done();
    }
}
