//! `events.stream` of another process' server: server-sent events, over as
//! many connections as it takes.
//!
//! A connection is read as fast as somebody takes events, so that what piles up
//! does so in the database. One that breaks is made anew behind the last event
//! that came whole, which gives each of them once.

use std::{
    collections::VecDeque,
    sync::Arc,
    time::{Duration, Instant},
};

use reqwest::{
    Response, StatusCode,
    header::{ACCEPT, CONTENT_TYPE, HeaderName, HeaderValue},
};
use tokio::{
    sync::{Mutex, Notify},
    time::{sleep, timeout},
};

use super::{
    Answer, CallOptions, Observe, Remote, Reply,
    answer::media_type,
    exchange::{Exchange, Sent, Tried, luck},
    failure::{self, Failure},
    request::Request,
    retry::{Policy, Trouble},
};
use crate::{
    engine::{
        Answered,
        port::{GiveUp, Watch},
    },
    error::Result,
    ops::Op,
};

const LAST_EVENT_ID: HeaderName = HeaderName::from_static("last-event-id");
const EVENT_STREAM: &str = "text/event-stream";
/// Most events that are handed over at once.
const PAGE: usize = 100;
/// A server says every 15 seconds that it lives; one that is silent for so
/// long does not.
const SILENCE: Duration = Duration::from_secs(45);
/// A longer event is none of ours.
const LENGTH_MAX: usize = 64 * 1024 * 1024;

/// Hears once that everything there is has come.
pub type Dry = Box<dyn FnOnce() + Send>;

/// A stream of a server's events.
pub struct EventFeed {
    remote: Arc<Remote>,
    input: String,
    /// Whether the caller says behind which event it begins.
    placed: bool,
    headers: Vec<(HeaderName, HeaderValue)>,
    max_retries: u32,
    timeout: Duration,
    observe: Option<Arc<Observe>>,
    state: Mutex<State>,
}

/// How far a stream has come.
#[derive(Default)]
struct State {
    connection: Option<Response>,
    reader: Reader,
    /// Whether there was ever a connection: from then on it is made anew for
    /// as long as it takes.
    began: bool,
    /// Connections in a row that gave nothing.
    failures: u32,
}

impl EventFeed {
    /// A stream; nothing is sent yet.
    ///
    /// Errors: what is wrong with the parameters.
    pub fn new(remote: &Arc<Remote>, input: String, options: CallOptions) -> Result<Arc<Self>> {
        let target = Request::new(Op::EventsStream, input.clone(), None)?.target;
        Ok(Arc::new(Self {
            placed: target.contains("after="),
            input,
            headers: options.headers,
            max_retries: options.max_retries.unwrap_or(remote.max_retries),
            timeout: options.timeout.unwrap_or(remote.timeout),
            observe: options.observe.map(Arc::new),
            state: Mutex::default(),
            remote: Arc::clone(remote),
        }))
    }

    /// Finds its place: from then on it misses nothing. No connection is held
    /// for somebody who has not begun to read.
    pub fn open(self: &Arc<Self>, watch: Arc<Watch>, reply: Reply) {
        let feed = Arc::clone(self);
        self.remote.io.spawn(async move {
            let work = async { feed.place(&mut *feed.state.lock().await).await };
            unless_given_up(work, &watch, reply).await;
        });
    }

    /// The next events, at least one of them, as `{"data":[…]}`, once there are
    /// any. `dry` hears when they have to be waited for.
    pub fn next(self: &Arc<Self>, watch: Arc<Watch>, dry: Dry, reply: Reply) {
        let feed = Arc::clone(self);
        self.remote.io.spawn(async move {
            let work = async { feed.page(&mut *feed.state.lock().await, dry).await };
            unless_given_up(work, &watch, reply).await;
        });
    }

    async fn place(&self, state: &mut State) -> std::result::Result<String, Answer> {
        if !self.placed {
            while state.reader.last.is_none() {
                self.read(state).await?;
            }
            state.connection = None;
            state.reader.forget_the_rest();
        }
        Ok("{}".to_owned())
    }

    async fn page(&self, state: &mut State, dry: Dry) -> std::result::Result<String, Answer> {
        let mut dry = Some(dry);
        while state.reader.ready.is_empty() {
            if state.connection.is_some()
                && state.reader.is_dry
                && let Some(dry) = dry.take()
            {
                dry();
            }
            self.read(state).await?;
        }
        let count = state.reader.ready.len().min(PAGE);
        let events: Vec<String> = state.reader.ready.drain(..count).collect();
        Ok(format!("{{\"data\":[{}]}}", events.join(",")))
    }

    /// Reads a little more, from a new connection where there is none.
    async fn read(&self, state: &mut State) -> std::result::Result<(), Answer> {
        if state.connection.is_none() {
            state.reader.forget_the_rest();
            state.connection = Some(self.connect(state).await?);
            state.began = true;
        }
        let Some(connection) = &mut state.connection else {
            return Ok(());
        };
        // An end, an error and silence are all the same: it is over.
        let chunk = timeout(SILENCE, connection.chunk()).await;
        let Ok(Ok(Some(chunk))) = chunk else {
            state.connection = None;
            state.failures += 1;
            return Ok(());
        };
        if state.reader.take(&chunk) {
            state.failures = 0;
        }
        if state.reader.rest.len() > LENGTH_MAX {
            state.connection = None;
            return Err(foreign("an event has no end").into());
        }
        Ok(())
    }

    async fn connect(&self, state: &mut State) -> std::result::Result<Response, Answer> {
        let policy = Policy {
            max_retries: if state.began { u32::MAX } else { self.max_retries },
            repeatable: true,
            time_left: None,
        };
        if state.failures > 0
            && let Some(pause) = policy.pause(state.failures, &Trouble::Broken, luck())
        {
            sleep(pause).await;
        }
        let mut tries = state.failures;
        loop {
            tries = tries.saturating_add(1);
            let mut exchange = self.exchange(state.reader.last.as_deref(), tries)?;
            let tried = match timeout(self.timeout, exchange.send()).await {
                Ok(Ok(Sent::Answered(response))) if is_stream(&response) => {
                    exchange.tell_of_response(&succeeded(&exchange.request_id), None);
                    return Ok(response);
                }
                Ok(Ok(Sent::Answered(response))) if response.status().is_success() => {
                    return Err(foreign("it gives no stream of events").into());
                }
                Ok(Ok(Sent::Answered(response))) => exchange.read(response).await,
                Ok(Ok(Sent::Failed(tried))) => tried,
                Ok(Err(error)) => return Err(error.into()),
                Err(_) => Tried {
                    answer: failure::given_up(GiveUp::TimedOut, false).into(),
                    status: None,
                    trouble: Some(Trouble::Broken),
                },
            };
            let pause = tried
                .trouble
                .as_ref()
                .and_then(|trouble| policy.pause(tries, trouble, luck()));
            exchange.tell_of_response(&tried, pause);
            match pause {
                Some(pause) => sleep(pause).await,
                None => return Err(tried.answer),
            }
        }
    }

    fn exchange(&self, last: Option<&str>, tries: u32) -> std::result::Result<Exchange, Answer> {
        let request = Request::new(Op::EventsStream, self.input.clone(), None)?;
        let (request_id, mut headers) = self.remote.request_ids.name(self.headers.clone());
        headers.push((ACCEPT, HeaderValue::from_static(EVENT_STREAM)));
        if let Some(last) = last.and_then(|last| HeaderValue::from_str(last).ok()) {
            headers.push((LAST_EVENT_ID, last));
        }
        let observe = self.observe.clone();
        Ok(Exchange {
            remote: Arc::clone(&self.remote),
            request,
            request_id,
            max_retries: self.max_retries,
            headers,
            observe: observe.map(|observe| -> Observe { Box::new(move |json| observe(json)) }),
            tries,
            begun: Some(Instant::now()),
        })
    }
}

/// Answers with what comes of `work`, or with why nobody waits for it.
async fn unless_given_up(
    work: impl Future<Output = std::result::Result<String, Answer>>,
    watch: &Arc<Watch>,
    reply: Reply,
) {
    let gave_up = Arc::new(Notify::new());
    let told = Arc::clone(&gave_up);
    watch.on_give_up(move || told.notify_one());
    let answer = tokio::select! {
        biased;
        () = gave_up.notified() => failure::given_up(watch.given_up().unwrap_or(GiveUp::Aborted), false).into(),
        outcome = work => outcome.map_or_else(|answer| answer, |json| Answer {
            outcome: Ok(Answered::Json(json)),
            request_id: None,
        }),
    };
    reply.send(answer);
}

fn is_stream(response: &Response) -> bool {
    response.status() == StatusCode::OK && media_type(response.headers().get(CONTENT_TYPE)) == Some(EVENT_STREAM)
}

fn succeeded(request_id: &str) -> Tried {
    Tried {
        answer: Answer {
            outcome: Ok(Answered::Json(String::new())),
            request_id: Some(request_id.to_owned()),
        },
        status: Some(StatusCode::OK.as_u16()),
        trouble: None,
    }
}

fn foreign(what: &str) -> Failure {
    let message = format!("what answered is no Proyecta server ({what}): check baseUrl, and what stands between");
    failure::answer_invalid(message, StatusCode::OK, "")
}

/// From bytes to events: the part of the protocol that our servers use. Pure.
#[derive(Default)]
struct Reader {
    /// Events that nobody has taken, as JSON.
    ready: VecDeque<String>,
    /// The id of the last block that came whole.
    last: Option<String>,
    /// Whether that block said that there is no more for now.
    is_dry: bool,
    /// The beginning of a line.
    rest: Vec<u8>,
    /// The block's id and data so far.
    id: Option<String>,
    data: String,
}

impl Reader {
    /// What a broken connection left half done.
    fn forget_the_rest(&mut self) {
        self.rest.clear();
        self.id = None;
        self.data.clear();
        self.is_dry = false;
    }

    /// Takes what came; whether any block ended with it.
    fn take(&mut self, bytes: &[u8]) -> bool {
        let mut ended = false;
        for piece in bytes.split_inclusive(|byte| *byte == b'\n') {
            self.rest.extend_from_slice(piece);
            if self.rest.ends_with(b"\n") {
                let line = std::mem::take(&mut self.rest);
                ended |= self.line(String::from_utf8_lossy(&line).trim_end_matches(['\r', '\n']));
            }
        }
        ended
    }

    /// Whether the line ended a block that said something.
    fn line(&mut self, line: &str) -> bool {
        if line.is_empty() {
            return self.end();
        }
        let (name, value) = line.split_once(':').unwrap_or((line, ""));
        let value = value.strip_prefix(' ').unwrap_or(value);
        match name {
            "id" => self.id = Some(value.to_owned()),
            "data" => {
                if !self.data.is_empty() {
                    self.data.push('\n');
                }
                self.data.push_str(value);
            }
            _ => {}
        }
        false
    }

    fn end(&mut self) -> bool {
        let data = std::mem::take(&mut self.data);
        let id = self.id.take();
        let said = id.is_some() || !data.is_empty();
        if said {
            self.is_dry = data.is_empty();
        }
        if !data.is_empty() {
            self.ready.push_back(data);
        }
        if id.is_some() {
            self.last = id;
        }
        said
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(pieces: &[&str]) -> Reader {
        let mut reader = Reader::default();
        for piece in pieces {
            reader.take(piece.as_bytes());
        }
        reader
    }

    #[test]
    fn events_are_read_however_they_are_cut() {
        let whole =
            "retry: 1000\n\nid: evt_1\nevent: a\ndata: {\"n\":\"김\"}\n\n:\n\nid: evt_2\r\ndata: {}\r\n\r\nid: 7\n\n";
        for size in 1..=whole.len() {
            let mut reader = Reader::default();
            for piece in whole.as_bytes().chunks(size) {
                reader.take(piece);
            }
            assert_eq!(reader.ready, ["{\"n\":\"김\"}", "{}"], "{size}");
            assert_eq!((reader.last.as_deref(), reader.is_dry), (Some("7"), true));
        }
    }

    #[test]
    fn only_a_whole_event_counts() {
        let mut reader = read(&["id: evt_1\ndata: {}\n\n", "id: evt_2\ndata: {\"half"]);
        assert_eq!(reader.last.as_deref(), Some("evt_1"));
        reader.forget_the_rest();
        reader.take(b"id: evt_2\ndata: {}\n\n");
        assert_eq!((reader.last.as_deref(), reader.ready.len()), (Some("evt_2"), 2));
    }

    #[test]
    fn a_comment_says_nothing() {
        let mut reader = read(&["id: 3\n\n"]);
        assert!(reader.is_dry);
        assert!(!reader.take(b":\n\n"));
        assert!(reader.is_dry);
        assert!(reader.take(b"id: evt_1\ndata: {}\n\n"));
        assert!(!reader.is_dry);
    }
}
