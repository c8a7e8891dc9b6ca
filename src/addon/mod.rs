//! What Node loads: handles, and texts across the border. No rule lives here.
//!
//! A call carries a ticket. What can be answered on the calling thread is the
//! call's return value; everything else comes back through `drain`, many
//! answers per wake-up of the event loop: one hop costs more than a read.

mod cli;
mod completions;
mod config;
mod database;
mod handler;
mod import;
mod io;
mod openapi;
mod pages;
mod remote_io;
mod server;
mod session;
mod streams;

use napi_derive::napi;

/// The version of the engine.
#[napi]
pub fn version() -> String {
    env!("CARGO_PKG_VERSION").to_owned()
}

/// Every operation, shape and error code as JSON; the TypeScript surface and
/// the documentation are made from it.
#[napi]
pub fn manifest() -> String {
    crate::ops::manifest()
}
