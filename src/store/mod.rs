//! All SQL, once: statements and row mapping by resource over [`driver::Driver`],
//! and a driver per database.

pub mod catalog_list;
pub mod checkouts;
pub mod coupons;
pub mod credits;
pub mod customer_list;
pub mod customers;
mod documents;
pub mod driver;
pub mod events;
pub mod features;
pub mod forms;
mod group;
mod happened;
pub mod idempotency;
pub mod jobs;
pub mod migration;
pub mod orders;
pub mod payment_methods;
#[cfg(feature = "postgres")]
pub mod postgres;
pub mod prices;
pub mod products;
pub mod purchases;
pub mod sandbox;
pub mod settings;
#[cfg(feature = "sqlite")]
pub mod sqlite;
mod statement;
pub mod stores;
pub mod subscriptions;
pub mod usages;

#[cfg(all(feature = "sqlite", feature = "postgres"))]
use std::sync::Arc;

#[cfg(all(feature = "sqlite", feature = "postgres"))]
use crate::{domain::instant::Instant, engine::port::Store, error::Result};

/// Opens a database by what names it: `postgres://…`, `:memory:`, or the path
/// of a file. Applies missing migrations. Waits for disk, network and locks.
///
/// # Errors
///
/// `configuration_invalid` for a URL that does not fit, and whatever the
/// database has to say, such as `database_newer` or `database_unreachable`.
#[cfg(all(feature = "sqlite", feature = "postgres"))]
pub fn open(database: &str, now: Instant, blocking: tokio::runtime::Handle) -> Result<Arc<dyn Store>> {
    if postgres::is_url(database) {
        return Ok(Arc::new(postgres::PostgresStore::open(
            &postgres::Options::parse(database)?,
            now,
        )?));
    }
    let options = match database {
        ":memory:" => sqlite::Options::memory(),
        path => sqlite::Options::file(path),
    };
    Ok(Arc::new(sqlite::SqliteStore::open(&options, now, blocking)?))
}
