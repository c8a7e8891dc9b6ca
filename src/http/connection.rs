//! One connection: HTTP/1.1 or HTTP/2 over it, and an eye on the clock.

use std::{
    convert::Infallible,
    net::IpAddr,
    pin::{Pin, pin},
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU32, AtomicU64, Ordering},
    },
    task::{Context, Poll},
    time::{Duration, Instant},
};

use axum::{
    body::{Body, HttpBody},
    http::{
        HeaderValue, Request, Response, StatusCode,
        header::{ALLOW, CONNECTION, CONTENT_TYPE},
    },
};
use bytes::Bytes;
use hyper::{
    body::{Frame, Incoming},
    service::service_fn,
};
use hyper_util::{
    rt::{TokioExecutor, TokioIo, TokioTimer},
    server::conn::auto,
};
use tokio::{net::TcpStream, sync::watch, time::sleep};

use super::{
    App, ServerOptions,
    app::closes,
    limits::{InHand, Taken},
    refused::Step,
    stream::{self, Stream},
};
use crate::error::Error;

/// After asking a connection to end: how long until it is cut off.
const FAREWELL: Duration = Duration::from_secs(2);

/// How far the end of a server has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Phase {
    /// Not begun.
    Serving,
    /// What was accepted is being finished.
    Draining,
    /// Nobody waits any longer.
    Over,
}

/// What a listener is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Purpose {
    Api,
    Metrics,
}

/// What the connections of a listener share.
pub(super) struct Connections {
    app: Arc<App>,
    purpose: Purpose,
    builder: auto::Builder<TokioExecutor>,
    open: InHand,
    head_timeout: Duration,
    idle_timeout: Duration,
}

impl Connections {
    pub(super) fn new(app: Arc<App>, options: &ServerOptions, purpose: Purpose) -> Arc<Self> {
        let mut builder = auto::Builder::new(TokioExecutor::new());
        // The clock is watched here, for all of a connection's life; hyper's
        // own timer would be set and unset with every request.
        builder
            .http1()
            .timer(TokioTimer::new())
            .header_read_timeout(None)
            .max_buf_size(options.max_head.max(8192));
        if options.max_headers != ServerOptions::default().max_headers {
            builder.http1().max_headers(options.max_headers);
        }
        builder
            .http2()
            .timer(TokioTimer::new())
            .max_concurrent_streams(options.max_streams)
            .max_header_list_size(u32::try_from(options.max_head).unwrap_or(u32::MAX));
        Arc::new(Self {
            app,
            purpose,
            builder,
            open: InHand::new(options.max_connections),
            head_timeout: options.head_timeout,
            idle_timeout: options.idle_timeout,
        })
    }

    /// Takes one more connection, or says that there are enough.
    pub(super) fn take(&self) -> Step<Taken> {
        self.open.take()
    }

    /// What a connection is told that cannot be taken.
    pub(super) fn busy(&self, error: &Error) -> Vec<u8> {
        stream::bare_answer(&self.app, error)
    }
}

/// Serves a connection to its end.
pub(super) async fn run(
    connections: Arc<Connections>,
    stream: TcpStream,
    peer: IpAddr,
    mut phase: watch::Receiver<Phase>,
    taken: Taken,
) {
    let app = &connections.app;
    app.metrics.connected();
    let _open = Open { app, _taken: taken };
    let pulse = Arc::new(Pulse::new());
    let service = {
        let (connections, pulse) = (Arc::clone(&connections), Arc::clone(&pulse));
        service_fn(move |request| answer(Arc::clone(&connections), Arc::clone(&pulse), peer, request))
    };
    let io = TokioIo::new(Stream::new(stream, Arc::clone(&pulse), Arc::clone(app)));
    let mut work = pin!(connections.builder.serve_connection(io, service));
    let mut clock = pin!(sleep(connections.head_timeout));
    let mut ending = false;
    let mut told = *phase.borrow();
    if told == Phase::Draining {
        work.as_mut().graceful_shutdown();
    }
    loop {
        tokio::select! {
            biased;
            // How a connection ended is the client's business.
            _ = work.as_mut() => return,
            changed = phase.changed(), if told != Phase::Over => {
                told = if changed.is_ok() { *phase.borrow_and_update() } else { Phase::Over };
                if told == Phase::Over {
                    return;
                }
                work.as_mut().graceful_shutdown();
            }
            () = clock.as_mut() => {
                let wait = match pulse.left(connections.head_timeout, connections.idle_timeout) {
                    Some(left) => left.min(connections.head_timeout),
                    None if ending => return,
                    None => {
                        ending = true;
                        work.as_mut().graceful_shutdown();
                        FAREWELL
                    }
                };
                clock.as_mut().reset(tokio::time::Instant::now() + wait);
            }
        }
    }
}

struct Open<'a> {
    app: &'a App,
    _taken: Taken,
}

impl Drop for Open<'_> {
    fn drop(&mut self) {
        self.app.metrics.disconnected();
    }
}

async fn answer(
    connections: Arc<Connections>,
    pulse: Arc<Pulse>,
    peer: IpAddr,
    request: Request<Incoming>,
) -> Result<Response<Body>, Infallible> {
    let busy = pulse.begin();
    let (parts, body) = request.into_parts();
    let has_body = !body.is_end_stream();
    let body = if has_body { Body::new(body) } else { Body::empty() };
    let request = Request::from_parts(parts, body);
    let mut response = match connections.purpose {
        Purpose::Api => connections.app.answer(request, Some(peer)).await,
        Purpose::Metrics => metrics(&connections.app, &request),
    };
    if closes(&response) {
        response
            .headers_mut()
            .insert(CONNECTION, HeaderValue::from_static("close"));
    }
    busy.0
        .linger
        .store(has_body && response.status().as_u16() >= 400, Ordering::Relaxed);
    if response.body().size_hint().exact().is_none() {
        return Ok(response.map(|body| Body::new(Held { body, _busy: busy })));
    }
    Ok(response)
}

/// `GET /metrics`, and nothing else.
fn metrics(app: &App, request: &Request<Body>) -> Response<Body> {
    let mut response = Response::new(Body::empty());
    let headers = response.headers_mut();
    match (request.uri().path(), request.method().as_str()) {
        ("/metrics", "GET" | "HEAD") => {
            headers.insert(
                CONTENT_TYPE,
                HeaderValue::from_static("application/openmetrics-text; version=1.0.0; charset=utf-8"),
            );
            *response.body_mut() = Body::from(app.metrics());
        }
        ("/metrics", _) => {
            headers.insert(ALLOW, HeaderValue::from_static("GET, HEAD"));
            *response.status_mut() = StatusCode::METHOD_NOT_ALLOWED;
        }
        _ => *response.status_mut() = StatusCode::NOT_FOUND,
    }
    response
}

/// What happens on a connection, as far as the clock is concerned. Times are
/// milliseconds since it was opened, plus one; 0 is never.
pub(super) struct Pulse {
    opened: Instant,
    /// Requests that are being answered.
    busy: AtomicU32,
    /// When bytes last went out, or the last request ended.
    moved: AtomicU64,
    /// When the first byte of a head came that is not complete.
    head: AtomicU64,
    /// Bytes come between requests without meaning anything.
    pub(super) http2: AtomicBool,
    /// The client may still be sending when the connection ends.
    pub(super) linger: AtomicBool,
}

impl Pulse {
    fn new() -> Self {
        Self {
            opened: Instant::now(),
            busy: AtomicU32::new(0),
            moved: AtomicU64::new(1),
            head: AtomicU64::new(0),
            http2: AtomicBool::new(false),
            linger: AtomicBool::new(false),
        }
    }

    fn now(&self) -> u64 {
        u64::try_from(self.opened.elapsed().as_millis()).unwrap_or(u64::MAX - 1) + 1
    }

    fn begin(self: &Arc<Self>) -> Busy {
        self.busy.fetch_add(1, Ordering::Relaxed);
        self.head.store(0, Ordering::Relaxed);
        Busy(Arc::clone(self))
    }

    /// Bytes came in.
    pub(super) fn read(&self) {
        if self.busy.load(Ordering::Relaxed) == 0 && self.head.load(Ordering::Relaxed) == 0 {
            self.head.store(self.now(), Ordering::Relaxed);
        }
    }

    /// Bytes went out.
    pub(super) fn wrote(&self) {
        self.moved.store(self.now(), Ordering::Relaxed);
    }

    /// How long the connection may go on as it is; `None` when it may not.
    fn left(&self, head_timeout: Duration, idle_timeout: Duration) -> Option<Duration> {
        if self.busy.load(Ordering::Relaxed) > 0 {
            return Some(idle_timeout);
        }
        let head = self.head.load(Ordering::Relaxed);
        let (since, most) = if head > 0 && !self.http2.load(Ordering::Relaxed) {
            (head, head_timeout)
        } else {
            (self.moved.load(Ordering::Relaxed), idle_timeout)
        };
        let gone = Duration::from_millis(self.now().saturating_sub(since));
        most.checked_sub(gone).filter(|left| !left.is_zero())
    }
}

/// A request that is being answered.
struct Busy(Arc<Pulse>);

impl Drop for Busy {
    fn drop(&mut self) {
        self.0.wrote();
        self.0.busy.fetch_sub(1, Ordering::Relaxed);
    }
}

/// A body that comes little by little: its request is answered at its end.
struct Held {
    body: Body,
    _busy: Busy,
}

impl HttpBody for Held {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        Pin::new(&mut self.body).poll_frame(cx)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }
}
