//! Promises of the engine on PostgreSQL, on every server that the suite has.

mod catalogue;
mod pooler;
mod search;
mod server;
mod tls;
