//! One connection: HTTP/1.1 or HTTP/2 over it, and an eye on the clock.

use std::{
    convert::Infallible,
    future::poll_fn,
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
        HeaderValue, Request, Response,
        header::{CONNECTION, CONTENT_TYPE},
    },
};
use bytes::Bytes;
use hyper::{
    body::{Frame, Incoming},
    server::conn::{http1, http2},
};
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use tokio::{
    io::AsyncWrite,
    net::TcpStream,
    sync::watch,
    time::{Sleep, sleep},
};

use super::{
    App, ServerOptions,
    app::closes,
    event_stream::{Lasting, is_endless},
    limits::{InHand, Taken},
    refused::{Refused, Step},
    stream::{self, Stream},
};
use crate::error::{Code, Error};

/// After asking a connection to end: how long until it is cut off.
const FAREWELL: Duration = Duration::from_secs(2);

/// After so long without a request a connection gives its buffers back.
const QUIET: Duration = Duration::from_millis(500);

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
    http1: http1::Builder,
    http2: http2::Builder<TokioExecutor>,
    open: InHand,
    head_timeout: Duration,
    idle_timeout: Duration,
}

impl Connections {
    pub(super) fn new(app: Arc<App>, options: &ServerOptions, purpose: Purpose) -> Arc<Self> {
        // The clock is watched here, for all of a connection's life; hyper's
        // own timer would be set and unset with every request.
        let mut http1 = http1::Builder::new();
        http1
            .timer(TokioTimer::new())
            .header_read_timeout(None)
            .max_buf_size(options.max_head.max(8192));
        if options.max_headers != ServerOptions::default().max_headers {
            http1.max_headers(options.max_headers);
        }
        let mut http2 = http2::Builder::new(TokioExecutor::new());
        http2
            .timer(TokioTimer::new())
            .max_concurrent_streams(options.max_streams)
            .max_header_list_size(u32::try_from(options.max_head).unwrap_or(u32::MAX));
        Arc::new(Self {
            app,
            purpose,
            http1,
            http2,
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
    socket: TcpStream,
    peer: IpAddr,
    mut phase: watch::Receiver<Phase>,
    taken: Taken,
) {
    let app = &connections.app;
    app.metrics.connected();
    let _open = Open { app, _taken: taken };
    let pulse = Arc::new(Pulse::new());
    let mut stream = Stream::new(socket, Arc::clone(&pulse), Arc::clone(app));
    let mut first = true;
    // While nobody asks anything nothing is held but the socket: the buffers
    // of thousands of open connections would be most of what a server needs.
    while awakes(&stream, &pulse, connections.idle_timeout, &mut phase).await {
        let service = Service {
            connections: Arc::clone(&connections),
            pulse: Arc::clone(&pulse),
            peer,
            phase: phase.clone(),
        };
        if std::mem::take(&mut first) && stream.speaks_http2(connections.head_timeout).await {
            pulse.http2.store(true, Ordering::Relaxed);
            return Box::pin(http2(&connections, stream, service, &mut phase)).await;
        }
        match Box::pin(http1(&connections, stream, service, &mut phase)).await {
            Some(idle) => stream = idle,
            None => return,
        }
    }
}

/// Waits until something comes; `false` when the connection is to end.
async fn awakes(stream: &Stream, pulse: &Pulse, idle_timeout: Duration, phase: &mut watch::Receiver<Phase>) -> bool {
    if *phase.borrow_and_update() != Phase::Serving {
        return false;
    }
    let Some(left) = pulse.left(idle_timeout, idle_timeout) else {
        return false;
    };
    tokio::select! {
        biased;
        readable = stream.readable() => readable.is_ok(),
        _ = phase.changed() => false,
        () = sleep(left) => false,
    }
}

/// Serves HTTP/1.1 until the connection ends, or until nothing has come for a
/// while: then the connection is given back.
async fn http1(
    connections: &Connections,
    stream: Stream,
    service: Service,
    phase: &mut watch::Receiver<Phase>,
) -> Option<Stream> {
    let pulse = Arc::clone(&service.pulse);
    let mut work = connections.http1.serve_connection(TokioIo::new(stream), service);
    let mut watcher = Watcher::new(connections, phase);
    let mut asleep = false;
    loop {
        let next = watcher
            .next(&pulse, |cx| work.poll_without_shutdown(cx).map(drop))
            .await;
        match next {
            Next::Done => break,
            Next::CutOff => return None,
            Next::End => Pin::new(&mut work).graceful_shutdown(),
            Next::Quiet => {
                // Nothing was read that is not answered, and nothing can be
                // before this is polled again.
                asleep = true;
                Pin::new(&mut work).graceful_shutdown();
            }
        }
    }
    let parts = work.into_parts();
    let mut stream = parts.io.into_inner();
    if asleep && parts.read_buf.is_empty() {
        return Some(stream);
    }
    let _ = poll_fn(|cx| Pin::new(&mut stream).poll_shutdown(cx)).await;
    None
}

async fn http2(connections: &Connections, stream: Stream, service: Service, phase: &mut watch::Receiver<Phase>) {
    let pulse = Arc::clone(&service.pulse);
    let mut work = pin!(connections.http2.serve_connection(TokioIo::new(stream), service));
    let mut watcher = Watcher::new(connections, phase);
    loop {
        match watcher.next(&pulse, |cx| work.as_mut().poll(cx).map(drop)).await {
            Next::Done | Next::CutOff => return,
            Next::End => work.as_mut().graceful_shutdown(),
            Next::Quiet => {}
        }
    }
}

/// What is to be done about a connection.
enum Next {
    /// It has ended.
    Done,
    /// It is to end after what it is at.
    End,
    /// It is to end now.
    CutOff,
    /// Nothing has come for a while.
    Quiet,
}

/// Looks at the clock and at the phase while a connection goes on.
struct Watcher<'a> {
    connections: &'a Connections,
    phase: &'a mut watch::Receiver<Phase>,
    clock: Pin<Box<Sleep>>,
    told: Phase,
    ending: bool,
}

impl<'a> Watcher<'a> {
    fn new(connections: &'a Connections, phase: &'a mut watch::Receiver<Phase>) -> Self {
        Self {
            connections,
            phase,
            clock: Box::pin(sleep(QUIET)),
            told: Phase::Serving,
            ending: false,
        }
    }

    async fn next(&mut self, pulse: &Pulse, mut work: impl FnMut(&mut Context<'_>) -> Poll<()>) -> Next {
        loop {
            tokio::select! {
                biased;
                // How a connection ended is the client's business.
                () = poll_fn(&mut work) => return Next::Done,
                changed = self.phase.changed(), if self.told != Phase::Over => {
                    self.told = if changed.is_ok() { *self.phase.borrow_and_update() } else { Phase::Over };
                    match self.told {
                        Phase::Serving => {}
                        Phase::Draining => return Next::End,
                        Phase::Over => return Next::CutOff,
                    }
                }
                () = self.clock.as_mut() => {
                    let next = self.tick(pulse);
                    if let Some(next) = next {
                        return next;
                    }
                }
            }
        }
    }

    fn tick(&mut self, pulse: &Pulse) -> Option<Next> {
        let left = pulse.left(self.connections.head_timeout, self.connections.idle_timeout);
        let (wait, next) = match left {
            Some(left) => {
                let quiet = !self.ending && self.told == Phase::Serving && pulse.is_quiet();
                (left.min(QUIET), quiet.then_some(Next::Quiet))
            }
            None if self.ending => (FAREWELL, Some(Next::CutOff)),
            None => {
                self.ending = true;
                (FAREWELL, Some(Next::End))
            }
        };
        self.clock.as_mut().reset(tokio::time::Instant::now() + wait);
        next
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

/// Answers the requests of a connection.
struct Service {
    connections: Arc<Connections>,
    pulse: Arc<Pulse>,
    peer: IpAddr,
    phase: watch::Receiver<Phase>,
}

impl hyper::service::Service<Request<Incoming>> for Service {
    type Response = Response<Body>;
    type Error = Infallible;
    type Future = Pin<Box<dyn Future<Output = Result<Response<Body>, Infallible>> + Send>>;

    fn call(&self, request: Request<Incoming>) -> Self::Future {
        let busy = self.pulse.begin();
        let connections = Arc::clone(&self.connections);
        let peer = self.peer;
        let phase = self.phase.clone();
        Box::pin(async move { Ok(answer(&connections, busy, peer, phase, request).await) })
    }
}

async fn answer(
    connections: &Connections,
    busy: Busy,
    peer: IpAddr,
    phase: watch::Receiver<Phase>,
    request: Request<Incoming>,
) -> Response<Body> {
    let has_body = !request.body().is_end_stream();
    let request = request.map(|body| if has_body { Body::new(body) } else { Body::empty() });
    let mut response = match connections.purpose {
        Purpose::Api => connections.app.answer(request, Some(peer)).await,
        Purpose::Metrics => metrics(&connections.app, &request),
    };
    if closes(&response) {
        let close = HeaderValue::from_static("close");
        response.headers_mut().insert(CONNECTION, close);
    }
    if is_endless(&response) {
        response = response.map(|body| Body::new(Lasting::new(body, drained(phase))));
    }
    let unread = has_body && response.status().as_u16() >= 400;
    busy.0.linger.store(unread, Ordering::Relaxed);
    if response.body().size_hint().exact().is_none() {
        return response.map(|body| Body::new(Held { body, _busy: busy }));
    }
    response
}

/// Waits until the server is to end.
async fn drained(mut phase: watch::Receiver<Phase>) {
    let _ = phase.wait_for(|phase| *phase != Phase::Serving).await;
}

/// `GET /metrics`, and nothing else.
fn metrics(app: &App, request: &Request<Body>) -> Response<Body> {
    let found = match (request.uri().path(), request.method().as_str()) {
        ("/metrics", "GET" | "HEAD") => Ok(app.metrics()),
        ("/metrics", _) => Err(Refused::new(Code::MethodNotAllowed, "metrics are read with GET")
            .allow(HeaderValue::from_static("GET, HEAD"))),
        _ => Err(Refused::new(Code::RouteNotFound, "there is nothing here but /metrics")),
    };
    app.named(found.map(|text| {
        let mut response = Response::new(Body::from(text));
        let openmetrics = HeaderValue::from_static("application/openmetrics-text; version=1.0.0; charset=utf-8");
        response.headers_mut().insert(CONTENT_TYPE, openmetrics);
        response
    }))
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

    /// Whether nothing has moved for a while, and nothing waits to be answered.
    fn is_quiet(&self) -> bool {
        let gone = self.now().saturating_sub(self.moved.load(Ordering::Relaxed));
        self.busy.load(Ordering::Relaxed) == 0
            && self.head.load(Ordering::Relaxed) == 0
            && Duration::from_millis(gone) >= QUIET
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
