//! Proyecta: billing that lives inside an app.
//!
//! The map, from the inside out; a layer sees only those above it in this list
//! (docs/ARCHITECTURE.md):
//!
//! - [`domain`]: rules and types, pure;
//! - [`error`]: the one error, its codes and their kinds;
//! - [`ops`]: every operation declared once, with input and output;
//! - `engine`: use cases over the ports it owns (store, clock, ids);
//! - `gateway`: payment gateways behind the engine's port;
//! - `spreadsheet`: tables in files;
//! - `import`: from tables to the engine's batches;
//! - `export`: the way back, from customers to a table;
//! - `store`: SQL, once, and a driver per database;
//! - `start`: an engine with all that it has around it;
//! - `remote`: the same calls to another process' server;
//! - `cli`: the command line;
//! - `addon`: what Node loads;
//! - `testing`: engines and failing disks for tests.

#![warn(missing_docs)]

pub mod domain;
pub mod error;
pub mod ops;

#[cfg(feature = "cli")]
pub mod cli;
#[cfg(feature = "engine")]
pub mod engine;
#[cfg(feature = "spreadsheet")]
pub mod export;
#[cfg(feature = "engine")]
pub mod gateway;
#[cfg(feature = "http")]
pub mod http;
#[cfg(feature = "spreadsheet")]
pub mod import;
#[cfg(feature = "remote")]
pub mod remote;
#[cfg(feature = "spreadsheet")]
pub mod spreadsheet;
#[cfg(all(feature = "sqlite", feature = "postgres"))]
pub mod start;
#[cfg(any(feature = "sqlite", feature = "postgres"))]
pub mod store;

#[cfg(feature = "testing")]
pub mod testing;

// Unit tests run without Node: what it calls would be dead code there.
#[cfg(all(feature = "addon", not(test)))]
mod addon;
