//! What every request gets, whatever it asks: a name, an answer even after a
//! panic, the headers that every answer has, a line in the log, a count.

use std::{
    future::poll_fn,
    net::IpAddr,
    panic::{AssertUnwindSafe, catch_unwind},
    pin::pin,
    sync::{Arc, OnceLock},
    task::Poll,
    time::Instant,
};

use axum::{
    body::{Body, HttpBody},
    http::{
        HeaderMap, HeaderName, HeaderValue, Method, Request, Response,
        header::{
            CACHE_CONTROL, CONTENT_LENGTH, CONTENT_SECURITY_POLICY, CONTENT_TYPE, Entry, REFERRER_POLICY,
            X_CONTENT_TYPE_OPTIONS,
        },
    },
};
use bytes::Bytes;

use super::{
    Options,
    cors::Cors,
    keys::Keys,
    limits::{InHand, Requests, WrongKeys},
    metrics::Metrics,
    refused::{CloseAfter, Refused, Step, envelope},
    request_id::{REQUEST_ID, RequestIds, text},
    routes::Routes,
};
use crate::{
    engine::{Engine, Session},
    error::{Code, Error},
};

const TRACEPARENT: HeaderName = HeaderName::from_static("traceparent");

/// The API: an engine with what a door needs. Cheap to share.
pub struct App {
    pub(super) engine: Arc<Engine>,
    pub(super) options: Options,
    pub(super) routes: Routes,
    pub(super) keys: Arc<Keys>,
    pub(super) cors: Cors,
    pub(super) hand: InHand,
    pub(super) imports: InHand,
    pub(super) event_streams: InHand,
    pub(super) wrong_keys: WrongKeys,
    pub(super) requests: Option<Requests>,
    pub(super) metrics: Arc<Metrics>,
    pub(super) openapi: OnceLock<Bytes>,
    ids: RequestIds,
}

/// What is known about a request when its answer goes out.
pub(super) struct Notes {
    /// The route's template.
    pub(super) route: &'static str,
    /// The operation's name.
    pub(super) operation: &'static str,
    /// Whose request it is.
    pub(super) session: Option<Arc<Session>>,
    /// Something that machines ask all day.
    pub(super) quiet: bool,
}

impl App {
    /// An API on an engine.
    pub fn new(engine: Arc<Engine>, options: Options) -> Arc<Self> {
        let hand = InHand::new(options.max_in_flight);
        Arc::new(Self {
            routes: Routes::new(&options.base_path, options.only_pages),
            keys: Keys::new(Arc::clone(&engine)),
            cors: Cors::new(&options.cors_origins),
            metrics: Metrics::new(hand.clone()),
            hand,
            imports: InHand::new(options.max_imports),
            event_streams: InHand::event_streams(options.max_event_streams),
            wrong_keys: WrongKeys::new(options.wrong_keys),
            requests: options.rate_limit.map(Requests::new),
            ids: RequestIds::new(engine.unique()),
            openapi: OnceLock::new(),
            engine,
            options,
        })
    }

    /// Answers one request. `peer` is the other end of its connection, where
    /// it is known. Dropped half-way, a read gives up and a write goes on.
    pub async fn answer(self: &Arc<Self>, request: Request<Body>, peer: Option<IpAddr>) -> Response<Body> {
        let name = self.ids.name(request.headers());
        let origin = self.cors.allowed(request.headers());
        let mut record = Record {
            app: self,
            started: Instant::now(),
            method: request.method().clone(),
            name,
            traceparent: request.headers().get(TRACEPARENT).cloned(),
            notes: Notes {
                route: "none",
                operation: "none",
                session: None,
                quiet: false,
            },
            status: None,
        };
        let outcome = {
            let name = record.name.clone();
            let mut work = pin!(self.serve(request, peer, &name, origin.is_some(), &mut record.notes));
            poll_fn(|cx| {
                let polled = catch_unwind(AssertUnwindSafe(|| work.as_mut().poll(cx)));
                polled.unwrap_or_else(|_| Poll::Ready(Err(panicked())))
            })
            .await
        };
        let mut response = outcome.unwrap_or_else(|refused| {
            record.complain(refused.error());
            refused.response(text(&record.name))
        });
        dress(response.headers_mut(), &record.name);
        self.cors.mark(origin, response.headers_mut());
        if record.method == Method::HEAD {
            response = without_body(response);
        }
        record.status = Some(response.status().as_u16());
        response
    }

    /// The counters as Prometheus reads them.
    pub fn metrics(&self) -> String {
        self.metrics.text()
    }

    /// An answer that is not the API's, with what every answer has.
    pub(super) fn named(&self, answer: Step<Response<Body>>) -> Response<Body> {
        let name = self.ids.fresh();
        let mut response = answer.unwrap_or_else(|refused| refused.response(text(&name)));
        dress(response.headers_mut(), &name);
        response
    }

    /// An answer to what is no request: its head, and its body.
    pub(super) fn refuse(&self, error: &Error) -> (HeaderMap, String) {
        let name = self.ids.fresh();
        let mut headers = HeaderMap::new();
        dress(&mut headers, &name);
        self.metrics
            .answered("none", error.code().status(), std::time::Duration::ZERO);
        (headers, envelope(error, text(&name)))
    }
}

/// Whether the connection is of no use after this answer.
pub(super) fn closes(response: &Response<Body>) -> bool {
    response.extensions().get::<CloseAfter>().is_some()
}

fn panicked() -> Refused {
    Refused::new(
        Code::Internal,
        "the server came upon a state that it holds impossible: please report it with the request's id",
    )
}

/// The headers of every answer.
pub(super) fn dress(headers: &mut HeaderMap, name: &HeaderValue) {
    if let Entry::Vacant(free) = headers.entry(CONTENT_TYPE) {
        free.insert(HeaderValue::from_static("application/json"));
    }
    if let Entry::Vacant(free) = headers.entry(CONTENT_SECURITY_POLICY) {
        free.insert(HeaderValue::from_static("default-src 'none'; frame-ancestors 'none'"));
    }
    headers.insert(REQUEST_ID, name.clone());
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
}

/// The same answer as `HEAD` gets it.
fn without_body(response: Response<Body>) -> Response<Body> {
    let (mut parts, body) = response.into_parts();
    if let Some(length) = body.size_hint().exact() {
        parts.headers.insert(CONTENT_LENGTH, HeaderValue::from(length));
    }
    Response::from_parts(parts, Body::empty())
}

/// Nothing but what the standard allows gets into the log.
fn is_traceparent(text: &str) -> bool {
    text.len() == 55 && text.bytes().all(|byte| byte.is_ascii_hexdigit() || byte == b'-')
}

/// A request from its head to its answer; dropped without one, its client
/// has gone.
struct Record<'a> {
    app: &'a App,
    started: Instant,
    method: Method,
    name: HeaderValue,
    /// The caller's own span (W3C Trace Context), for whoever traces.
    traceparent: Option<HeaderValue>,
    notes: Notes,
    status: Option<u16>,
}

impl Record<'_> {
    /// Our own mistakes leave a trace; everybody else's are theirs to read.
    fn complain(&self, error: &Error) {
        if error.code() == Code::Internal {
            let (request_id, operation) = (text(&self.name), self.notes.operation);
            tracing::error!(target: "proyecta::http", request_id, operation, message = error.message());
        }
    }
}

impl Drop for Record<'_> {
    fn drop(&mut self) {
        let took = self.started.elapsed();
        let status = self.status.unwrap_or_else(|| Code::Aborted.status());
        let notes = &self.notes;
        self.app.metrics.answered(notes.operation, status, took);
        let method = match self.method.as_str() {
            known @ ("GET" | "HEAD" | "POST" | "PATCH" | "DELETE" | "OPTIONS" | "PUT") => known,
            _ => "other",
        };
        let duration_ms = took.as_secs_f64() * 1000.0;
        let key = notes.session.as_ref().and_then(|session| session.key_id());
        let request_id = text(&self.name);
        let route = notes.route;
        let traceparent = self.traceparent.as_ref().map(text).filter(|text| is_traceparent(text));
        if notes.quiet {
            tracing::debug!(target: "proyecta::http", method, route, status, duration_ms, request_id, "request");
        } else {
            tracing::info!(target: "proyecta::http", method, route, status, duration_ms, request_id, key, traceparent, "request");
        }
    }
}
