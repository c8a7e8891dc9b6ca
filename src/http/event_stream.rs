//! `GET /v1/events/stream`: events as server-sent events.
//!
//! Each has its id, so that a client which lost its connection says with
//! `Last-Event-ID` where it was; where there is nothing more to tell, a block
//! with an id alone says how far the stream has looked.

use std::{
    convert::Infallible,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
    time::Duration,
};

use axum::{
    body::{Body, HttpBody},
    http::{HeaderMap, HeaderName, HeaderValue, Response, header::CONTENT_TYPE},
};
use bytes::Bytes;
use hyper::body::Frame;
use serde_json::{Map, Value};
use tokio::{
    sync::{mpsc, oneshot},
    time::{Instant, sleep_until},
};

use super::{limits::Taken, refused::Step};
use crate::{
    engine::{
        EventStream, Session,
        port::{GiveUp, Watch},
    },
    error::{Error, Kind, Result},
    ops::event::Event,
};

/// What the answer is.
pub(super) const EVENT_STREAM: &str = "text/event-stream";
const LAST_EVENT_ID: HeaderName = HeaderName::from_static("last-event-id");
/// Keeps proxies of nginx's kind from collecting the answer.
const X_ACCEL_BUFFERING: HeaderName = HeaderName::from_static("x-accel-buffering");
/// A client comes back so many milliseconds after its connection broke.
const RETRY: &str = "retry: 1000\n\n";
/// Says that the stream lives.
const HEARTBEAT: &str = ":\n\n";

/// Marks an answer that has no end of its own.
#[derive(Clone, Copy)]
struct Endless;

/// Whether an answer goes on until somebody ends it.
pub fn is_endless(response: &Response<Body>) -> bool {
    response.extensions().get::<Endless>().is_some()
}

/// The input with the place that the client names as its last; it stands for
/// `after`, which a client that comes back still has in its address.
pub(super) fn resumed(input: String, headers: &HeaderMap) -> Result<String> {
    let given = headers
        .get(LAST_EVENT_ID)
        .and_then(|value| value.to_str().ok())
        .filter(|text| !text.is_empty());
    let Some(given) = given else { return Ok(input) };
    let mut members: Map<String, Value> =
        serde_json::from_str(&input).map_err(|error| Error::internal(format!("the query: {error}")))?;
    let place = given.parse::<i64>().map_or_else(|_| given.into(), Value::from);
    members.insert("after".to_owned(), place);
    Ok(Value::Object(members).to_string())
}

/// Finds the stream's place and begins its answer. `taken` is held until its
/// end.
pub(super) async fn start(
    stream: Arc<EventStream>,
    session: Arc<Session>,
    heartbeat: Duration,
    taken: Taken,
) -> Step<Response<Body>> {
    let (send, opened) = oneshot::channel();
    let watch = GivesUp::new();
    stream.open(Arc::clone(&watch.0), move |outcome| drop(send.send(outcome)));
    opened.await.unwrap_or_else(|_| Err(lost()))?;
    // One page waits for the client while the next is fetched.
    let (told, texts) = mpsc::channel(1);
    tokio::spawn(async move {
        let _taken = taken;
        let _ = tell(&stream, &session, heartbeat, &told).await;
    });
    let mut response = Response::new(Body::new(Texts(texts)));
    response.extensions_mut().insert(Endless);
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(EVENT_STREAM));
    headers.insert(X_ACCEL_BUFFERING, HeaderValue::from_static("no"));
    Ok(response)
}

/// Nobody reads any more.
struct Gone;

/// What comes of asking for a page.
enum Told {
    /// There is none yet; the stream is here.
    Dry(i64),
    Page(Result<Vec<Event>>),
}

/// Tells what happens until the client is gone, or may not read any more, or
/// the database does not answer: it comes back then, and is told more.
async fn tell(
    stream: &Arc<EventStream>,
    session: &Arc<Session>,
    heartbeat: Duration,
    told: &mpsc::Sender<String>,
) -> std::result::Result<(), Gone> {
    let send = async |text: String| told.send(text).await.map_err(|_| Gone);
    send(RETRY.to_owned()).await?;
    let mut checked = Instant::now();
    loop {
        let watch = GivesUp::new();
        let (say, mut said) = mpsc::unbounded_channel();
        let dry = say.clone();
        stream.next(
            Arc::clone(&watch.0),
            Box::new(move |at| drop(dry.send(Told::Dry(at)))),
            move |page| drop(say.send(Told::Page(page))),
        );
        let mut silent = Instant::now() + heartbeat;
        let events = loop {
            tokio::select! {
                () = told.closed() => return Err(Gone),
                step = said.recv() => match step {
                    Some(Told::Page(page)) => break page.map_err(|_| Gone)?,
                    // How a client learns where it is, also one that has seen nothing yet.
                    Some(Told::Dry(at)) => send(format!("id: {at}\n\n")).await?,
                    None => return Err(Gone),
                },
                () = sleep_until(silent) => {
                    send(HEARTBEAT.to_owned()).await?;
                    silent = Instant::now() + heartbeat;
                }
            }
            if checked.elapsed() >= heartbeat {
                checked = Instant::now();
                may_go_on(session).await?;
            }
        };
        if checked.elapsed() >= heartbeat {
            checked = Instant::now();
            may_go_on(session).await?;
        }
        send(written(&events)?).await?;
    }
}

/// A stream ends with the key that opened it.
async fn may_go_on(session: &Arc<Session>) -> std::result::Result<(), Gone> {
    let (send, checked) = oneshot::channel();
    session.recheck(move |outcome| drop(send.send(outcome)));
    match checked.await {
        Ok(Err(error)) if error.code().kind() == Kind::Authentication => Err(Gone),
        _ => Ok(()),
    }
}

/// Events as the protocol has them. JSON has no line breaks of its own.
fn written(events: &[Event]) -> std::result::Result<String, Gone> {
    let mut text = String::with_capacity(events.len() * 512);
    for event in events {
        let data = serde_json::to_string(event).map_err(|_| Gone)?;
        let (id, kind) = (event.id.as_str(), &event.kind);
        for part in ["id: ", id, "\nevent: ", kind, "\ndata: ", &data, "\n\n"] {
            text.push_str(part);
        }
    }
    Ok(text)
}

fn lost() -> Error {
    Error::internal("a stream was never answered")
}

/// Ends with whoever waits.
struct GivesUp(Arc<Watch>);

impl GivesUp {
    fn new() -> Self {
        Self(Arc::default())
    }
}

impl Drop for GivesUp {
    fn drop(&mut self) {
        self.0.give_up(GiveUp::Aborted);
    }
}

/// A body of texts as they come.
struct Texts(mpsc::Receiver<String>);

impl HttpBody for Texts {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<std::result::Result<Frame<Bytes>, Infallible>>> {
        let text = self.0.poll_recv(cx);
        text.map(|text| text.map(|text| Ok(Frame::data(Bytes::from(text)))))
    }
}

/// A body without an end, which ends all the same once `over` is.
pub(super) struct Lasting {
    body: Body,
    over: Pin<Box<dyn Future<Output = ()> + Send>>,
}

impl Lasting {
    pub(super) fn new(body: Body, over: impl Future<Output = ()> + Send + 'static) -> Self {
        Self {
            body,
            over: Box::pin(over),
        }
    }
}

impl HttpBody for Lasting {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<std::result::Result<Frame<Bytes>, axum::Error>>> {
        if self.over.as_mut().poll(cx).is_ready() {
            return Poll::Ready(None);
        }
        Pin::new(&mut self.body).poll_frame(cx)
    }
}
