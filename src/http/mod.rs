//! The same engine over HTTP: parse, authorise, call one operation, translate
//! the answer. No rule about customers lives here.
//!
//! [`App`] answers one request from wherever it comes; [`Server`] brings it
//! those of its connections.

mod app;
mod body;
mod client;
mod connection;
mod cors;
pub mod docs;
mod event_stream;
mod input;
mod json;
mod keys;
mod limits;
mod metrics;
pub mod openapi;
mod pages;
mod query;
mod refusal;
mod refused;
mod request_id;
mod routes;
mod serve;
mod server;
mod stream;
mod upload;

use std::{num::NonZeroU32, path::PathBuf, time::Duration};

use ipnet::IpNet;

pub use app::App;
pub use event_stream::is_endless;
pub use refusal::refusal;
pub use server::{Server, ServerOptions};

/// How the API answers, whoever brings the requests.
#[derive(Debug, Clone)]
pub struct Options {
    /// What stands before every path, such as `/api/billing`; empty at the root.
    pub base_path: String,
    /// Whether there are hosted pages only, and no API.
    pub only_pages: bool,
    /// Largest JSON body, in bytes.
    pub body_limit: usize,
    /// Largest file of an import, in bytes.
    pub upload_limit: u64,
    /// Where the files of imports lie while they are read.
    pub upload_folder: PathBuf,
    /// Imports at a time.
    pub max_imports: usize,
    /// Origins that may use the API from a browser; `*` is every one.
    pub cors_origins: Vec<String>,
    /// Networks whose `X-Forwarded-For` is believed.
    pub trusted_proxies: Vec<IpNet>,
    /// How long a request may be worked on.
    pub request_timeout: Duration,
    /// How long a body may pause.
    pub body_pause: Duration,
    /// How long the file of an import may take to come.
    pub upload_timeout: Duration,
    /// Requests that are worked on at a time.
    pub max_in_flight: usize,
    /// Event streams that are open at a time, over all of the process.
    pub max_event_streams: usize,
    /// How long an event stream may be silent before it says that it lives.
    pub heartbeat: Duration,
    /// Requests a second that a key may make; `None` is no limit.
    pub rate_limit: Option<NonZeroU32>,
    /// Wrong API keys a minute that may come from one address.
    pub wrong_keys: NonZeroU32,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            base_path: String::new(),
            only_pages: false,
            body_limit: 1024 * 1024,
            upload_limit: 256 * 1024 * 1024,
            upload_folder: std::env::temp_dir(),
            max_imports: 8,
            cors_origins: Vec::new(),
            trusted_proxies: Vec::new(),
            request_timeout: Duration::from_secs(30),
            body_pause: Duration::from_secs(10),
            upload_timeout: Duration::from_secs(15 * 60),
            max_in_flight: 1024,
            max_event_streams: 1024,
            heartbeat: Duration::from_secs(15),
            rate_limit: None,
            wrong_keys: NonZeroU32::MIN.saturating_add(29),
        }
    }
}
