//! Everything that is tested through the crate's public face, in one binary.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]

mod suite {
    mod admin;
    mod billing;
    mod catalogue;
    mod engine;
    mod events;
    mod groups;
    mod http {
        mod bad_input;
        mod door;
        mod event_stream;
        mod files;
        mod limits;
        mod routes;
        mod support;
    }
    mod lists;
    mod many_engines;
    mod otlp;
    mod place;
    mod postgres;
    mod power_cut;
    mod sandbox;
    mod tidy;
}
