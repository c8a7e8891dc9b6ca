//! PostgreSQL, for many machines: the same statements as on SQLite, over a
//! pool of connections.
//!
//! Nothing is kept in a session (unnamed statements, `set local`, names with
//! their schema), so that a pooler in transaction mode may stand between.

mod connection;
mod driver;
mod listener;
mod options;
mod sql;
mod worker;

use std::{sync::Arc, time::Duration};

pub use self::options::{Options, Tls};
use self::{
    driver::{PostgresDriver, Purpose},
    listener::Listener,
    sql::PostgresDialect,
    worker::Workers,
};
use super::{driver::Driver, migration};
use crate::{
    domain::instant::Instant,
    engine::port::{HeardEvents, Store, Task, Tx},
    error::{Code, Error, Result},
};

/// Whether a text names a PostgreSQL server.
pub fn is_url(database: &str) -> bool {
    database.starts_with("postgres://") || database.starts_with("postgresql://")
}

/// A store on PostgreSQL.
pub struct PostgresStore {
    workers: Workers,
    listener: Listener,
}

/// How often a migration is tried when others migrate at the same moment.
const MIGRATION_TRIES: u32 = 20;

impl PostgresStore {
    /// Connects and applies missing migrations. Waits for the network: not
    /// for a thread that must not.
    ///
    /// # Errors
    ///
    /// `database_unreachable`, `database_newer`, `database_read_only` without
    /// the permission to make tables, `configuration_invalid`.
    pub fn open(options: &Options, now: Instant) -> Result<Self> {
        let options = Arc::new(options.clone());
        let mut driver = PostgresDriver::connect(&options)?;
        let mut tries = 0;
        loop {
            match prepare(&mut driver, &options, now) {
                Ok(()) => break,
                // Many start at once: whoever was second looks again.
                Err(error) if may_pass(&error) && tries < MIGRATION_TRIES => {
                    tries += 1;
                    std::thread::sleep(Duration::from_millis(10 * u64::from(tries)));
                    if driver.is_closed() {
                        driver = PostgresDriver::connect(&options)?;
                    }
                }
                Err(error) => return Err(error),
            }
        }
        Ok(Self {
            listener: Listener::new(Arc::clone(&options)),
            workers: Workers::start(options, driver),
        })
    }
}

/// Names that appear while they are being made collide with codes of many
/// kinds; only what stays wrong is reported.
fn may_pass(error: &Error) -> bool {
    matches!(
        error.code(),
        Code::WriteConflict | Code::DatabaseError | Code::DatabaseLocked
    )
}

fn prepare(driver: &mut PostgresDriver, options: &Options, now: Instant) -> Result<()> {
    if transact(driver, Purpose::Read, migration::is_current)? {
        return Ok(());
    }
    transact(driver, Purpose::Write, |driver| {
        if !has_schema(driver, &options.schema)? {
            driver.execute(&format!("create schema if not exists {}", options.schema), &[])?;
        }
        migration::prepare(driver, &PostgresDialect)
    })?;
    transact(driver, Purpose::Write, |driver| {
        migration::migrate(driver, &PostgresDialect, now)
    })
}

fn has_schema(driver: &mut PostgresDriver, schema: &str) -> Result<bool> {
    let mut found = false;
    driver.query("select to_regnamespace(?1) is not null", &[schema.into()], &mut |row| {
        found = row.boolean(0)?;
        Ok(())
    })?;
    Ok(found)
}

fn transact<T>(
    driver: &mut PostgresDriver,
    purpose: Purpose,
    work: impl FnOnce(&mut PostgresDriver) -> Result<T>,
) -> Result<T> {
    driver.begin(purpose);
    match work(driver).and_then(|value| driver.commit().map(|()| value)) {
        Ok(value) => Ok(value),
        Err(error) => {
            driver.rollback();
            Err(error)
        }
    }
}

impl Store for PostgresStore {
    fn write(&self, task: Box<dyn Task>) {
        self.workers.write(task);
    }

    fn read(&self, task: Box<dyn Task>) {
        self.workers.read(task);
    }

    fn read_here(&self, _: &mut dyn FnMut(&mut dyn Tx) -> Result<()>) -> Option<Result<()>> {
        // Every read waits for the network.
        None
    }

    fn reserves_numbers_apart(&self) -> bool {
        true
    }

    fn listen(&self, heard: Arc<dyn Fn() + Send + Sync>) {
        self.listener.listen(heard);
    }

    fn on_events(&self, heard: HeardEvents) {
        self.workers.events().set(heard);
    }

    fn close(&self, done: Box<dyn FnOnce() + Send>) {
        self.listener.stop();
        self.workers.close(done);
    }
}
