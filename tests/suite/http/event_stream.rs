//! Events as server-sent events.

use std::{
    sync::{Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use proyecta::{
    domain::{api_key::Scope, instant::Instant as Moment},
    engine::{port::Clock, system::SystemClock},
    http::{Options, ServerOptions},
};
use serde_json::Value;
use sha2::{Digest, Sha256};

use super::support::{Api, Connection, KEY, message, until};

/// Open streams are counted for the whole process, and so are those of tests
/// that run beside.
fn alone() -> MutexGuard<'static, ()> {
    static ONE: Mutex<()> = Mutex::new(());
    ONE.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A client of a stream.
struct Stream {
    connection: Connection,
    text: String,
    /// Whether the server has ended it.
    over: bool,
}

impl Stream {
    fn open(api: &Api, query: &str, headers: &[(&str, &str)]) -> Self {
        Self::open_as(api, KEY, query, headers)
    }

    fn open_as(api: &Api, key: &str, query: &str, headers: &[(&str, &str)]) -> Self {
        let mut connection = api.connect();
        let bearer = format!("Bearer {key}");
        let mut all = vec![("authorization", bearer.as_str())];
        all.extend(headers);
        connection.send(message("GET", &format!("/v1/events/stream{query}"), &all, b""));
        let head = connection.head();
        assert_eq!(head.status, 200);
        assert_eq!(head.header("content-type"), Some("text/event-stream"));
        assert_eq!(head.header("cache-control"), Some("no-store"));
        assert_eq!(head.header("x-accel-buffering"), Some("no"));
        Self {
            connection,
            text: String::new(),
            over: false,
        }
    }

    /// The next block; `None` at the end.
    fn block(&mut self) -> Option<String> {
        loop {
            if let Some((block, rest)) = self.text.split_once("\n\n") {
                let (block, rest) = (block.to_owned(), rest.to_owned());
                self.text = rest;
                return Some(block);
            }
            if self.over {
                assert_eq!(self.text, "", "it ends between blocks");
                return None;
            }
            let chunk = self.connection.chunk();
            self.over = chunk.is_empty();
            self.text.push_str(&String::from_utf8(chunk).unwrap());
        }
    }

    /// The next block that has an id.
    fn told(&mut self) -> Option<String> {
        loop {
            let block = self.block()?;
            if block.starts_with("id: ") {
                return Some(block);
            }
        }
    }

    /// The next event, with its id, its type and its data.
    fn event(&mut self) -> (String, String, Value) {
        loop {
            let block = self.told().expect("it goes on");
            let Some((id, rest)) = block.split_once("\nevent: ") else {
                continue;
            };
            let (kind, data) = rest.split_once("\ndata: ").unwrap();
            return (
                id["id: ".len()..].to_owned(),
                kind.to_owned(),
                serde_json::from_str(data).unwrap(),
            );
        }
    }
}

#[test]
fn events_come_as_they_happen_and_look_as_in_the_list() {
    let _alone = alone();
    let api = Api::start();
    let mut stream = Stream::open(&api, "", &[]);
    assert_eq!(stream.block().as_deref(), Some("retry: 1000"));
    assert_eq!(stream.block().as_deref(), Some("id: 0"), "nothing has happened yet");
    let begun = Instant::now();
    api.customer("kim@example.com");
    let (id, kind, data) = stream.event();
    assert!(begun.elapsed() < Duration::from_secs(5));
    assert_eq!(kind, "customer.created");
    assert_eq!(data["id"], *id);
    assert_eq!(data, api.get("/v1/events").json()["data"][0]);
    assert_eq!(stream.block().as_deref(), Some("id: 1"), "there is no more");
}

#[test]
fn a_client_says_where_it_was() {
    let _alone = alone();
    let api = Api::start();
    for n in 1..=150 {
        api.customer(&format!("u{n}@example.com"));
    }
    let all = api.get("/v1/events?limit=100&after=0").json()["data"].clone();
    let fifth = all[4]["id"].as_str().unwrap();
    let ways: [(&str, &[(&str, &str)]); 6] = [
        (&format!("?after={fifth}"), &[]),
        ("?after=5", &[]),
        ("", &[("last-event-id", fifth)]),
        ("?after=1", &[("last-event-id", fifth)]),
        ("?after=evt_nobody", &[("last-event-id", "5")]),
        ("?after=5", &[("last-event-id", "")]),
    ];
    for (query, headers) in ways {
        let mut stream = Stream::open(&api, query, headers);
        for seq in 6..=150 {
            assert_eq!(stream.event().2["seq"], seq, "{query} {headers:?}");
        }
    }
    let mut narrow = Stream::open(&api, "?after=0&type=customer.deleted", &[]);
    assert_eq!(narrow.told().as_deref(), Some("id: 150"), "so far it has looked");
}

#[test]
fn what_does_not_fit_is_refused_before_it_begins() {
    let _alone = alone();
    let api = Api::start();
    for (query, header, status, code) in [
        ("?after=evt_nobody", "", 404, "event_not_found"),
        ("", "evt_nobody", 404, "event_not_found"),
        ("?after=1", "", 400, "parameter_invalid"),
        ("?after=-1", "", 400, "parameter_invalid"),
        ("", "nonsense", 400, "parameter_invalid"),
        ("?limit=1", "", 400, "parameter_unknown"),
    ] {
        let refused = api.request(
            "GET",
            &format!("/v1/events/stream{query}"),
            &[("last-event-id", header)],
            b"",
        );
        assert_eq!(
            (refused.status, refused.code().as_str()),
            (status, code),
            "{query} {header}"
        );
    }
    let none = api.raw(message("GET", "/v1/events/stream", &[], b""));
    assert_eq!((none.status, none.code().as_str()), (401, "api_key_missing"));
    assert_eq!(api.post("/v1/events/stream", &Value::Null).status, 405);
    let head = api.connect().request("HEAD", "/v1/events/stream", &[], b"");
    assert_eq!(head.header("content-type"), Some("text/event-stream"));
}

#[test]
fn a_silent_stream_says_that_it_lives_and_ends_with_its_key() {
    let _alone = alone();
    let options = Options {
        heartbeat: Duration::from_millis(50),
        ..Options::default()
    };
    let api = Api::with(options, ServerOptions::default());
    let reader = "sk_test_it_reads_and_is_revoked";
    api.add_key(reader, Scope::ReadOnly, None, false);
    let mut stream = Stream::open_as(&api, reader, "", &[]);
    for expected in ["retry: 1000", "id: 0", ":", ":", ":"] {
        assert_eq!(stream.block().as_deref(), Some(expected));
    }
    let hash: [u8; 32] = Sha256::digest(reader.as_bytes()).into();
    let now: Moment = SystemClock.now();
    api.within(move |tx| tx.revoke_api_key(&hash, now));
    while stream.block().is_some() {}
}

#[test]
fn there_are_as_many_as_the_server_takes() {
    let _alone = alone();
    let options = Options {
        max_event_streams: 2,
        ..Options::default()
    };
    let api = Api::with(options, ServerOptions::default());
    // Streams of tests before this one may still be ending.
    until("there is room", || api.get("/v1/events/stream?after=9").status == 400);
    let first = Stream::open(&api, "", &[]);
    let _second = Stream::open(&api, "", &[]);
    let refused = api.get("/v1/events/stream");
    assert_eq!((refused.status, refused.code().as_str()), (503, "server_busy"));
    assert_eq!(api.get("/v1/events").status, 200, "they are no requests in hand");
    drop(first);
    until("there is room", || api.get("/v1/events/stream?after=9").status == 400);
    Stream::open(&api, "", &[]);
}

#[test]
fn a_server_that_stops_ends_its_streams_well() {
    let _alone = alone();
    let mut api = Api::start();
    let mut streams = [Stream::open(&api, "", &[]), Stream::open(&api, "?after=0", &[])];
    for stream in &mut streams {
        assert_eq!(stream.told().as_deref(), Some("id: 0"));
    }
    let begun = Instant::now();
    api.stop(Duration::from_secs(20));
    assert!(begun.elapsed() < Duration::from_secs(10));
    for mut stream in streams {
        while stream.block().is_some() {}
    }
}
