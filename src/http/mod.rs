//! The same engine over HTTP.

pub mod docs;
pub mod openapi;
