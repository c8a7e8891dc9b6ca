//! All SQL, once: statements and row mapping by resource over [`driver::Driver`],
//! and a driver per database.

pub mod customer_list;
pub mod customers;
pub mod driver;
pub mod events;
pub mod forms;
pub mod idempotency;
pub mod migration;
pub mod sqlite;
pub mod stores;
