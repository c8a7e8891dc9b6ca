//! The same engine over HTTP.

pub mod openapi;
