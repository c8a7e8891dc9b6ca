//! The same engine over HTTP.
