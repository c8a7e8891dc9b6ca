//! `proyecta.handler`: the HTTP API for requests that somebody else's server
//! received.
//!
//! A request comes with its head and either all of its body or none of it yet;
//! the rest is fetched from JavaScript piece by piece as it is read (`WANT`,
//! then `feed`), so that an upload is never in memory as a whole. An answer of
//! known, moderate size goes back in one piece, any other one in chunks, each
//! when it is asked for (`pull`).

use std::{
    collections::HashMap,
    convert::Infallible,
    net::IpAddr,
    pin::Pin,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    task::{Context, Poll},
};

use axum::{
    body::Body,
    http::{HeaderName, HeaderValue, Method, Request, Response, Uri},
};
use bytes::Bytes;
use http_body_util::BodyExt;
use hyper::body::{Body as _, Frame};
use napi::bindgen_prelude::Buffer;
use napi_derive::napi;
use serde::{Deserialize, Serialize};
use tokio::sync::{Notify, mpsc};

use super::{
    io::io,
    session::{Inner, Session},
};
use crate::{
    engine::{
        Engine,
        port::{GiveUp, Watch},
    },
    error::{Code, Error, Result},
    http::{App, Options, is_endless, refusal},
};

/// Answers up to this size, in bytes, go back in one piece.
const ONE_PIECE: u64 = 1024 * 1024;
/// Mount paths that an `App` of their own is kept for; one with a parameter in
/// it brings along any number.
const APPS: usize = 16;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Head {
    method: String,
    /// Path and query, as the caller sent them.
    url: String,
    /// The path under which the API is mounted, or empty.
    base_path: String,
    /// Name, value, name, value; one character for each byte.
    headers: Vec<String>,
    /// The address that the request came from, where that is known.
    peer: Option<String>,
}

#[derive(Serialize)]
struct AnswerHead<'a> {
    status: u16,
    headers: Vec<(&'a str, String)>,
    /// Whether the body follows in chunks.
    more: bool,
}

/// What is known of requests that are being answered.
#[derive(Default)]
pub(super) struct Exchanges {
    open: Mutex<HashMap<u32, Exchange>>,
    apps: Mutex<HashMap<String, Arc<App>>>,
}

struct Exchange {
    /// Told when the client is gone.
    gone: Arc<Notify>,
    /// Told when an answer that has no end of its own is to end.
    over: Arc<Notify>,
    /// Told when JavaScript takes a further chunk of the answer.
    pulled: Arc<Notify>,
    /// Where the rest of the body goes.
    body: Option<mpsc::UnboundedSender<Bytes>>,
}

#[napi]
impl Session {
    /// Answers an HTTP request, described by JSON of `{ method, url, basePath,
    /// headers, peer }`. With `more`, the body is asked for through `drain`.
    #[napi]
    pub fn handle(&self, ticket: u32, head: String, body: Option<Buffer>, more: bool) {
        let body = body.map(|body| Bytes::copy_from_slice(&body)).unwrap_or_default();
        Inner::handle(self.inner(), ticket, &head, body, more);
    }

    /// Asks for a further chunk of an answer.
    #[napi]
    pub fn pull(&self, ticket: u32) {
        if let Some(exchange) = self.inner().exchanges().open().get(&ticket) {
            exchange.pulled.notify_one();
        }
    }

    /// The next piece of a request's body; `null` ends it.
    #[napi]
    pub fn feed(&self, ticket: u32, piece: Option<Buffer>) {
        let piece = piece.map(|piece| Bytes::copy_from_slice(&piece));
        self.inner().exchanges().feed(ticket, piece);
    }
}

impl Inner {
    fn handle(self: &Arc<Self>, ticket: u32, head: &str, body: Bytes, more: bool) {
        let watch = Arc::<Watch>::default();
        let (gone, over, pulled) = <(Arc<Notify>, Arc<Notify>, Arc<Notify>)>::default();
        let (sender, body) = if more {
            // Unbounded, but each piece was asked for.
            let (sender, pieces) = mpsc::unbounded_channel();
            let pulled = Pulled {
                inner: Arc::clone(self),
                ticket,
                pieces,
                asked: false,
            };
            (Some(sender), Body::new(pulled))
        } else {
            (None, Body::from(body))
        };
        self.exchanges().open().insert(
            ticket,
            Exchange {
                gone: Arc::clone(&gone),
                over: Arc::clone(&over),
                pulled: Arc::clone(&pulled),
                body: sender,
            },
        );
        let prepared = request(head, body);
        let inner = Arc::clone(self);
        self.when_engine(ticket, watch, move |engine| {
            let started = engine.and_then(|engine| {
                let (mut request, base_path, peer) = prepared?;
                let app = inner.exchanges().app(&engine, &base_path, &mut request);
                Ok((io()?, app, request, peer))
            });
            match started {
                Ok((io, app, request, peer)) => drop(io.spawn(async move {
                    tokio::select! {
                        () = gone.notified() => inner.break_off(ticket),
                        () = inner.answer(ticket, app, request, peer, &over, &pulled) => {}
                    }
                })),
                Err(error) => inner.refuse(ticket, error),
            }
        });
    }

    async fn answer(
        self: &Arc<Self>,
        ticket: u32,
        app: Arc<App>,
        request: Request<Body>,
        peer: Option<IpAddr>,
        over: &Notify,
        pulled: &Notify,
    ) {
        let response = app.answer(request, peer).await;
        if !is_endless(&response) {
            return self.send(ticket, response, pulled).await;
        }
        // In this order: its head goes out in any case.
        let ended = tokio::select! {
            biased;
            () = self.send(ticket, response, pulled) => false,
            () = over.notified() => true,
        };
        if ended {
            self.completions().chunk(ticket, Vec::new());
            self.exchanged(ticket);
        }
    }

    /// Hands an answer to JavaScript.
    async fn send(self: &Arc<Self>, ticket: u32, response: Response<Body>, pulled: &Notify) {
        let (parts, mut body) = response.into_parts();
        let in_one_piece = body.size_hint().exact().is_some_and(|size| size <= ONE_PIECE);
        let head = AnswerHead {
            status: parts.status.as_u16(),
            headers: parts
                .headers
                .iter()
                .map(|(name, value)| (name.as_str(), latin1(value)))
                .collect(),
            more: !in_one_piece,
        };
        if in_one_piece {
            match body.collect().await {
                Ok(body) => self.completions().respond(ticket, framed(&head, &body.to_bytes())),
                Err(_) => self.completions().answer(ticket, Err(broken_off())),
            }
            return self.exchanged(ticket);
        }
        self.completions().respond(ticket, framed(&head, &[]));
        loop {
            pulled.notified().await;
            match body.frame().await {
                Some(Ok(frame)) => match frame.into_data() {
                    Ok(data) if !data.is_empty() => self.completions().chunk(ticket, data.to_vec()),
                    _ => {}
                },
                Some(Err(_)) => {
                    self.completions().answer(ticket, Err(broken_off()));
                    break;
                }
                None => {
                    self.completions().chunk(ticket, Vec::new());
                    break;
                }
            }
        }
        self.exchanged(ticket);
    }

    /// Nobody waits for the answer any more.
    fn break_off(self: &Arc<Self>, ticket: u32) {
        let watch = Watch::default();
        watch.give_up(GiveUp::Aborted);
        let error = watch.reason().unwrap_or_else(broken_off);
        self.completions().answer(ticket, Err(error));
        self.exchanged(ticket);
    }

    /// What goes wrong before the API sees the request is its answer as well.
    fn refuse(self: &Arc<Self>, ticket: u32, error: Error) {
        if matches!(error.code(), Code::Aborted) {
            return self.break_off(ticket);
        }
        // Its body is there already; the runtime is the one that would have answered.
        let inner = Arc::clone(self);
        match io() {
            Ok(io) => drop(io.spawn(async move { inner.send(ticket, refusal(error), &Notify::new()).await })),
            Err(error) => {
                self.completions().answer(ticket, Err(error));
                self.exchanged(ticket);
            }
        }
    }

    fn exchanged(self: &Arc<Self>, ticket: u32) {
        self.exchanges().open().remove(&ticket);
        self.settle(ticket);
    }
}

impl Exchanges {
    fn open(&self) -> MutexGuard<'_, HashMap<u32, Exchange>> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The API below a mount path. Once there are very many of those, the one at
    /// the root, and the request loses the path.
    fn app(&self, engine: &Arc<Engine>, base_path: &str, request: &mut Request<Body>) -> Arc<App> {
        let mut apps = self.apps.lock().unwrap_or_else(PoisonError::into_inner);
        let path = if apps.len() < APPS || apps.contains_key(base_path) {
            base_path
        } else {
            *request.uri_mut() = below(request.uri(), base_path);
            ""
        };
        let app = apps.entry(path.to_owned()).or_insert_with(|| {
            let options = Options {
                base_path: path.to_owned(),
                ..Options::default()
            };
            App::new(Arc::clone(engine), options)
        });
        Arc::clone(app)
    }

    /// The client of a request is gone; nothing happens for other tickets.
    pub(super) fn abandon(&self, ticket: u32) {
        if let Some(exchange) = self.open().get(&ticket) {
            exchange.gone.notify_one();
        }
    }

    /// Ends what has no end of its own.
    pub(super) fn end_lasting(&self) {
        for exchange in self.open().values() {
            exchange.over.notify_one();
        }
    }

    fn feed(&self, ticket: u32, piece: Option<Bytes>) {
        let mut open = self.open();
        let Some(exchange) = open.get_mut(&ticket) else { return };
        match piece {
            Some(piece) => {
                if let Some(body) = &exchange.body {
                    // Fails when the rest is not wanted.
                    let _ = body.send(piece);
                }
            }
            None => exchange.body = None,
        }
    }
}

/// A body that comes from JavaScript as it is read.
struct Pulled {
    inner: Arc<Inner>,
    ticket: u32,
    pieces: mpsc::UnboundedReceiver<Bytes>,
    /// Whether a piece is on its way.
    asked: bool,
}

impl hyper::body::Body for Pulled {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<std::result::Result<Frame<Bytes>, Infallible>>> {
        let next = self.pieces.poll_recv(context);
        match next {
            Poll::Ready(Some(piece)) => {
                self.asked = false;
                Poll::Ready(Some(Ok(Frame::data(piece))))
            }
            Poll::Ready(None) => Poll::Ready(None),
            Poll::Pending => {
                if !self.asked {
                    self.asked = true;
                    self.inner.completions().want(self.ticket);
                }
                Poll::Pending
            }
        }
    }
}

/// The same without the mount path.
fn below(uri: &Uri, base_path: &str) -> Uri {
    let path = uri.path_and_query().map_or("/", |path| path.as_str());
    let rest = path.strip_prefix(base_path).unwrap_or(path);
    rest.parse().unwrap_or_default()
}

type Described = (Request<Body>, String, Option<IpAddr>);

/// The request that a head describes, its mount path, and where it came from.
fn request(head: &str, body: Body) -> Result<Described> {
    let head: Head =
        serde_json::from_str(head).map_err(|error| Error::internal(format!("the request's head: {error}")))?;
    let invalid = |what: &str| Error::new(Code::BodyInvalid, format!("the request's {what} is not one of HTTP"));
    let mut request = Request::new(body);
    *request.method_mut() = Method::from_bytes(head.method.as_bytes()).map_err(|_| invalid("method"))?;
    *request.uri_mut() = head.url.parse::<Uri>().map_err(|_| invalid("URL"))?;
    for pair in head.headers.chunks_exact(2) {
        let (name, value) = (&pair[0], &pair[1]);
        let name = HeaderName::from_bytes(name.as_bytes()).map_err(|_| invalid("header"))?;
        let value = bytes_of(value).and_then(|bytes| HeaderValue::from_bytes(&bytes).ok());
        request
            .headers_mut()
            .append(name, value.ok_or_else(|| invalid("header"))?);
    }
    let peer = head.peer.and_then(|peer| peer.parse().ok());
    Ok((request, head.base_path, peer))
}

/// A header's text as JavaScript has it: one character for each byte.
fn latin1(value: &HeaderValue) -> String {
    value.as_bytes().iter().map(|&byte| char::from(byte)).collect()
}

fn bytes_of(text: &str) -> Option<Vec<u8>> {
    text.chars()
        .map(|letter| u8::try_from(u32::from(letter)).ok())
        .collect()
}

/// The head's length in four bytes, little endian, the head, and the body.
fn framed(head: &AnswerHead<'_>, body: &[u8]) -> Vec<u8> {
    // Texts and numbers: cannot fail.
    let head = serde_json::to_vec(head).unwrap_or_default();
    let length = u32::try_from(head.len()).unwrap_or_default();
    let mut bytes = Vec::with_capacity(4 + head.len() + body.len());
    bytes.extend_from_slice(&length.to_le_bytes());
    bytes.extend_from_slice(&head);
    bytes.extend_from_slice(body);
    bytes
}

fn broken_off() -> Error {
    Error::internal("the answer broke off")
}
