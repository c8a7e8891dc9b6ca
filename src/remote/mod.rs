//! The client of another process' server: the same calls and answers over
//! HTTP.
//!
//! A call becomes a request by its operation's declaration. What comes back
//! goes on as the JSON text it is; errors come out as the record that the
//! engine in this process would have given.

mod answer;
mod client;
mod event_feed;
mod exchange;
mod failure;
mod passing;
mod request;
mod request_id;
mod retry;
mod upload;

use std::{sync::Arc, time::Duration};

use reqwest::{
    Client, Url,
    header::{HeaderName, HeaderValue},
};
use tokio::{runtime::Handle, sync::Semaphore};

pub use self::{client::Proxies, event_feed::EventFeed, failure::Failure};
use self::{exchange::Exchange, request::Request, request_id::RequestIds};
use crate::{
    engine::{Answered, Call, port::Watch},
    error::Result,
    import::{Progress, Upload},
};

/// Longest time that a call may take when nobody says otherwise.
const TIMEOUT: Duration = Duration::from_secs(60);
/// How often a failed request is tried again when nobody says otherwise.
const MAX_RETRIES: u32 = 2;

/// Requests under way at a time; over HTTP/1.1 each has a connection, and a
/// program that makes thousands of calls at once shall not run out of sockets.
const UNDER_WAY: usize = 128;

/// Where the server is, and how to speak with it.
#[derive(Default)]
pub struct Options {
    /// Names the store; goes with every request.
    pub api_key: String,
    /// `http` or `https`, with a path where the API is mounted below one.
    pub base_url: String,
    /// Longest time of a call, all its tries included.
    pub timeout: Option<Duration>,
    /// How often a failed request is tried again.
    pub max_retries: Option<u32>,
    /// Certificates to trust besides the system's, as PEM text.
    pub ca_certificate: Option<String>,
    /// The proxies that the environment names.
    pub proxies: Proxies,
}

/// What one call wants different from the others.
#[derive(Default)]
pub struct CallOptions {
    /// Longest time, all tries included.
    pub timeout: Option<Duration>,
    /// How often a failed request is tried again.
    pub max_retries: Option<u32>,
    /// Further headers, checked by [`headers`].
    pub headers: Vec<(HeaderName, HeaderValue)>,
    /// Gets JSON about each request and each response, without secrets.
    pub observe: Option<Observe>,
}

/// Gets `{"request":{…}}` and `{"response":{…}}`.
pub type Observe = Box<dyn Fn(String) + Send + Sync>;

/// What a call came to.
#[derive(Debug)]
pub struct Answer {
    /// What came back.
    pub outcome: std::result::Result<Answered, Failure>,
    /// How the server names the request; `None` when none was sent.
    pub request_id: Option<String>,
}

/// Gets the answer, on whatever thread it is ready. One that is dropped
/// without an answer says so: nobody waits for ever.
pub struct Reply(Option<Box<dyn FnOnce(Answer) + Send>>);

impl Reply {
    /// A reply that hands the answer to `receive`.
    pub fn new(receive: impl FnOnce(Answer) + Send + 'static) -> Self {
        Self(Some(Box::new(receive)))
    }

    fn send(mut self, answer: Answer) {
        if let Some(receive) = self.0.take() {
            receive(answer);
        }
    }
}

impl Drop for Reply {
    fn drop(&mut self) {
        if let Some(receive) = self.0.take() {
            receive(failure::impossible().into());
        }
    }
}

/// A client of one server under one API key. Connections are kept and used
/// again; the last reference closes them.
pub struct Remote {
    client: Client,
    io: Handle,
    /// Parsed once, for a host's name takes longer to check than a path.
    base: Url,
    /// The path of the base address, without a slash at its end.
    prefix: String,
    /// The base address without its path, for messages.
    origin: String,
    timeout: Duration,
    max_retries: u32,
    /// Imports take as long as they take, unless somebody said otherwise.
    import_timeout: Option<Duration>,
    request_ids: RequestIds,
    slots: Semaphore,
}

impl Remote {
    /// Prepares a client; nothing is connected yet. `io` drives its sockets.
    ///
    /// Errors: `api_key_malformed`, `configuration_invalid`.
    pub fn new(options: &Options, io: Handle) -> Result<Arc<Self>> {
        let base = client::base(&options.base_url)?;
        Ok(Arc::new(Self {
            client: client::build(options, &base)?,
            io,
            prefix: base.path().trim_end_matches('/').to_owned(),
            origin: base.origin().ascii_serialization(),
            base,
            timeout: options.timeout.unwrap_or(TIMEOUT),
            max_retries: options.max_retries.unwrap_or(MAX_RETRIES),
            import_timeout: options.timeout,
            request_ids: RequestIds::new()?,
            slots: Semaphore::new(UNDER_WAY),
        }))
    }

    /// Makes a call; `reply` gets the answer later.
    pub fn call(self: &Arc<Self>, call: Call, options: CallOptions, reply: Reply) {
        if call.input.len() > request::LONG_INPUT {
            // To read it takes a while, which is not the caller's to wait.
            let remote = Arc::clone(self);
            self.io.spawn(async move { remote.begin(call, options, reply) });
        } else {
            self.begin(call, options, reply);
        }
    }

    fn begin(self: &Arc<Self>, call: Call, options: CallOptions, reply: Reply) {
        let watch = Arc::clone(&call.watch);
        let request = match Request::new(call.op, call.input, call.idempotency_key) {
            Ok(request) => request,
            Err(error) => return reply.send(error.into()),
        };
        let timeout = options.timeout.unwrap_or(self.timeout);
        self.start(request, Some(timeout), options, watch, reply);
    }

    /// Sends a file to be imported; `progress` hears how far the server is.
    pub fn import(
        self: &Arc<Self>,
        upload: Upload,
        input: &str,
        options: CallOptions,
        watch: Arc<Watch>,
        progress: Progress,
        reply: Reply,
    ) {
        let request = match Request::import(input, upload, progress) {
            Ok(request) => request,
            Err(error) => return reply.send(error.into()),
        };
        let timeout = options.timeout.or(self.import_timeout);
        self.start(request, timeout, options, watch, reply);
    }

    fn start(
        self: &Arc<Self>,
        request: Request,
        timeout: Option<Duration>,
        options: CallOptions,
        watch: Arc<Watch>,
        reply: Reply,
    ) {
        let (request_id, headers) = self.request_ids.name(options.headers);
        let exchange = Exchange {
            remote: Arc::clone(self),
            request,
            request_id,
            max_retries: options.max_retries.unwrap_or(self.max_retries),
            headers,
            observe: options.observe,
            tries: 0,
            begun: None,
        };
        self.io
            .spawn(async move { reply.send(exchange.run(timeout, &watch).await) });
    }
}

/// Checks a call's further headers: names that HTTP allows and that are not
/// the client's own, values of visible ASCII.
///
/// Errors: `parameter_invalid`.
pub fn headers(given: Vec<(String, String)>) -> Result<Vec<(HeaderName, HeaderValue)>> {
    client::headers(given)
}
