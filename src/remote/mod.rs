//! The client of another process’ HTTP server.
