//! Streams of events: a page for each ticket, from this process' engine or
//! from another one's server.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use napi_derive::napi;
use serde::Serialize;

use super::{
    config,
    session::{Backend, Inner, Session, closed},
};
use crate::{
    engine::{Answered, EventStream, port::Watch},
    error::{Error, Result},
    ops::event::Event,
    remote::{self, EventFeed},
};

/// What a ticket is told when its page has to be waited for.
const DRY: &str = "{}";

#[derive(Clone)]
enum Stream {
    Local(Arc<EventStream>),
    Remote(Arc<EventFeed>),
}

/// The streams of a client, by the numbers that JavaScript gives them.
#[derive(Default)]
pub(super) struct Streams(Mutex<HashMap<u32, Stream>>);

impl Streams {
    fn lock(&self) -> MutexGuard<'_, HashMap<u32, Stream>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[derive(Serialize)]
struct Page {
    data: Vec<Event>,
}

#[napi]
impl Session {
    /// Makes stream number `stream` and finds its place; the ticket is
    /// answered with `{}`.
    #[napi]
    pub fn open_stream(&self, ticket: u32, stream: u32, input: String, options: Option<String>) {
        let inner = Arc::clone(self.inner());
        match config::read_import(options) {
            Ok(options) => inner.open_stream(ticket, stream, input, options),
            Err(error) => inner.completions().answer(ticket, Err(error)),
        }
    }

    /// The next events of a stream, `{ data }` with one at least, once there
    /// are any; a message of kind 1 says that they have to be waited for.
    #[napi]
    pub fn next_events(&self, ticket: u32, stream: u32) {
        Inner::next_events(self.inner(), ticket, stream);
    }

    /// Forgets a stream.
    #[napi]
    pub fn end_stream(&self, stream: u32) {
        self.inner().streams().lock().remove(&stream);
    }
}

impl Inner {
    fn open_stream(self: Arc<Self>, ticket: u32, stream: u32, input: String, options: remote::CallOptions) {
        if self.is_closing() {
            return self.completions().answer(ticket, Err(closed()));
        }
        let watch = Arc::<Watch>::default();
        self.expect(ticket, Arc::clone(&watch));
        let inner = Arc::clone(&self);
        self.when_open(ticket, move |backend| {
            let made = backend.and_then(|backend| inner.made(ticket, &backend, input, options));
            let made = match made {
                Ok(made) => made,
                Err(error) => return inner.finish(ticket, Err(error)),
            };
            inner.streams().lock().insert(stream, made.clone());
            match made {
                Stream::Local(stream) => stream.open(watch, move |outcome| {
                    inner.finish(ticket, outcome.map(|()| Answered::Json("{}".to_owned())));
                }),
                Stream::Remote(feed) => feed.open(watch, inner.remote_reply(ticket)),
            }
        });
    }

    fn made(
        self: &Arc<Self>,
        ticket: u32,
        backend: &Backend,
        input: String,
        options: remote::CallOptions,
    ) -> Result<Stream> {
        match backend {
            Backend::Local(session) => session.stream_events(&input).map(Stream::Local),
            Backend::Remote(remote) => {
                EventFeed::new(remote, input, self.observed(ticket, options)).map(Stream::Remote)
            }
        }
    }

    fn next_events(self: &Arc<Self>, ticket: u32, stream: u32) {
        let found = self.streams().lock().get(&stream).cloned();
        let found = match found {
            _ if self.is_closing() => Err(closed()),
            Some(stream) => Ok(stream),
            None => Err(Error::internal("no such stream")),
        };
        let stream = match found {
            Ok(stream) => stream,
            Err(error) => return self.completions().answer(ticket, Err(error)),
        };
        let watch = Arc::<Watch>::default();
        self.expect(ticket, Arc::clone(&watch));
        let (inner, told) = (Arc::clone(self), Arc::clone(self));
        let dry = move || told.completions().progress(ticket, DRY.to_owned());
        match stream {
            Stream::Local(stream) => stream.next(watch, Box::new(move |_| dry()), move |page| {
                let json = page.and_then(|data| crate::engine::to_json(&Page { data }));
                inner.finish(ticket, json.map(Answered::Json));
            }),
            Stream::Remote(feed) => feed.next(watch, Box::new(dry), inner.remote_reply(ticket)),
        }
    }
}
