//! Slow clients, many clients, and the end of the server.

use std::{
    net::TcpStream,
    sync::{Arc, mpsc},
    time::Duration,
};

use proyecta::{
    engine::{
        Engine, Outside,
        port::{Store, Task, Tx},
        system::{SystemClock, SystemIds},
    },
    error::Result,
    http::{App, Options, ServerOptions},
};
use serde_json::json;

use super::support::{Api, Connection, JSON, KEY, message, until};

const SHORT: Duration = Duration::from_millis(200);

/// A request whose body is not there yet: the server has it in hand.
fn half_a_request(api: &Api, body: &str) -> (Connection, String) {
    let mut connection = api.connect();
    let head = format!(
        "POST /v1/customers HTTP/1.1\r\nhost: a\r\nauthorization: Bearer {KEY}\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n",
        body.len()
    );
    connection.send(head);
    let (first, rest) = body.split_at(body.len() / 2);
    connection.send(first);
    (connection, rest.to_owned())
}

fn in_hand(api: &Api) -> bool {
    api.app.metrics().contains("proyecta_http_requests_in_flight 1")
}

#[test]
fn more_requests_than_the_server_takes_are_told_to_come_back() {
    let options = Options {
        max_in_flight: 1,
        ..Options::default()
    };
    let api = Api::with(options, ServerOptions::default());
    let (mut first, rest) = half_a_request(&api, r#"{"email":"kim@example.com"}"#);
    until("the first one is in hand", || in_hand(&api));
    let refused = api.get("/v1/store");
    assert_eq!((refused.status, refused.code().as_str()), (503, "server_busy"));
    assert_eq!(api.get("/healthz").status, 200, "a probe is answered all the same");
    first.send(rest);
    assert_eq!(first.answer().status, 201);
    assert_eq!(api.get("/v1/store").status, 200);
}

#[test]
fn more_connections_than_the_server_takes_are_told_to_come_back() {
    let server = ServerOptions {
        max_connections: 2,
        ..ServerOptions::default()
    };
    let api = Api::with(Options::default(), server);
    let mut kept: Vec<Connection> = (0..2).map(|_| api.connect()).collect();
    for connection in &mut kept {
        assert_eq!(connection.request("GET", "/v1/store", &[], b"").status, 200);
    }
    let refused = api.connect().answer();
    assert_eq!((refused.status, refused.code().as_str()), (503, "server_busy"));
    drop(kept.pop());
    until("there is room again", || {
        api.connect().request("GET", "/healthz", &[], b"").status == 200
    });
}

#[test]
fn whoever_is_slow_is_let_go() {
    let server = ServerOptions {
        head_timeout: SHORT,
        ..ServerOptions::default()
    };
    let options = Options {
        body_pause: SHORT,
        ..Options::default()
    };
    let api = Api::with(options, server);
    let mut head = api.connect();
    head.send("GET /v1/store HTTP/1.1\r\nhost: a\r\nx-slow: ");
    // A byte now and then does not help.
    until("the connection ends", || {
        std::thread::sleep(SHORT / 10);
        !head.try_send(b"a")
    });
    let (mut body, _) = half_a_request(&api, r#"{"email":"kim@example.com"}"#);
    let refused = body.answer();
    assert_eq!((refused.status, refused.code().as_str()), (400, "body_invalid"));
    assert_eq!(body.drain(), 0, "and the connection ends");
}

#[test]
fn a_connection_without_requests_ends() {
    let server = ServerOptions {
        head_timeout: SHORT,
        idle_timeout: SHORT,
        ..ServerOptions::default()
    };
    let api = Api::with(Options::default(), server);
    assert_eq!(api.connect().drain(), 0, "one that never asked");
    let mut asked = api.connect();
    assert_eq!(asked.request("GET", "/v1/store", &[], b"").status, 200);
    assert_eq!(asked.drain(), 0, "one that asked once");
}

#[test]
fn what_was_accepted_is_finished() {
    let mut api = Api::start();
    let (mut running, rest) = half_a_request(&api, r#"{"email":"kim@example.com"}"#);
    let mut idle = api.connect();
    assert_eq!(idle.request("GET", "/v1/store", &[], b"").status, 200);
    until("it is in hand", || in_hand(&api));
    let stopped = api.begin_stop(Duration::from_secs(30));
    assert_eq!(idle.drain(), 0, "whoever asked nothing is let go");
    until("nobody else is let in", || TcpStream::connect(api.address).is_err());
    assert!(stopped.try_recv().is_err(), "it waits");
    running.send(rest);
    assert_eq!(running.answer().status, 201);
    stopped.recv_timeout(Duration::from_secs(30)).unwrap();
}

#[test]
fn an_end_does_not_wait_for_ever() {
    let mut api = Api::start();
    let (mut stuck, _) = half_a_request(&api, r#"{"email":"kim@example.com"}"#);
    until("it is in hand", || in_hand(&api));
    api.stop(SHORT);
    assert_eq!(stuck.drain(), 0);
}

/// Holds the database's lock as another process would.
fn locked(api: &Api) -> rusqlite::Connection {
    let other = rusqlite::Connection::open(api.folder.path().join("a.db")).unwrap();
    other.execute_batch("begin immediate").unwrap();
    other
}

#[test]
fn a_request_that_takes_too_long_is_answered_and_changes_nothing() {
    let options = Options {
        request_timeout: SHORT,
        ..Options::default()
    };
    let api = Api::with(options, ServerOptions::default());
    assert_eq!(api.get("/v1/store").status, 200);
    let lock = locked(&api);
    let late = api.post("/v1/customers", &json!({ "email": "kim@example.com" }));
    // The store knows why there was no time left.
    assert_eq!((late.status, late.code().as_str()), (503, "database_locked"));
    lock.execute_batch("rollback").unwrap();
    until("the engine has given up", || !in_hand(&api));
    assert_eq!(api.get("/v1/customers?expand=total").json()["total"], 0);
}

#[test]
fn a_write_goes_on_when_its_client_has_gone() {
    let api = Api::start();
    assert_eq!(api.get("/v1/store").status, 200);
    let lock = locked(&api);
    let mut client = api.connect();
    let authorization = format!("Bearer {KEY}");
    let headers = [("authorization", authorization.as_str()), JSON];
    client.send(message(
        "POST",
        "/v1/customers",
        &headers,
        br#"{"email":"kim@example.com"}"#,
    ));
    until("it is in hand", || in_hand(&api));
    drop(client);
    until("the server has seen it", || {
        api.app.metrics().contains("status=\"499\"} 1")
    });
    lock.execute_batch("rollback").unwrap();
    until("the customer is there", || {
        api.get("/v1/customers?expand=total").json()["total"] == 1
    });
}

/// A database that breaks an assertion of its own.
struct Broken;

impl Store for Broken {
    fn write(&self, _: Box<dyn Task>) {
        panic!("broken")
    }

    fn read(&self, _: Box<dyn Task>) {
        panic!("broken")
    }

    fn read_here(&self, _: &mut dyn FnMut(&mut dyn Tx) -> Result<()>) -> Option<Result<()>> {
        panic!("broken")
    }

    fn close(&self, done: Box<dyn FnOnce() + Send>) {
        done();
    }
}

#[test]
fn a_panic_is_an_answer() {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let engine = Engine::new(
        Arc::new(Broken),
        Arc::new(SystemClock),
        Arc::new(SystemIds::default()),
        runtime.handle().clone(),
        Outside::nothing(),
    );
    let app = App::new(engine, Options::default());
    for path in ["/readyz", "/v1/store"] {
        let request = axum::http::Request::get(path)
            .header("authorization", format!("Bearer {KEY}"))
            .header("request-id", "mine")
            .body(axum::body::Body::empty())
            .unwrap();
        let (status, body) = runtime.block_on(async {
            let answer = app.answer(request, None).await;
            let status = answer.status().as_u16();
            (status, axum::body::to_bytes(answer.into_body(), 10_000).await.unwrap())
        });
        let body: serde_json::Value = serde_json::from_slice(&body).unwrap();
        assert_eq!(
            (status, &body["error"]["code"], &body["error"]["requestId"]),
            (500, &json!("internal"), &json!("mine"))
        );
    }
}

/// Bytes of this process that are in memory.
#[cfg(target_os = "linux")]
fn resident() -> usize {
    let text = std::fs::read_to_string("/proc/self/statm").unwrap();
    text.split(' ').nth(1).unwrap().parse::<usize>().unwrap() * 4096
}

/// Bytes that this process has allocated, as its allocator counts them.
#[cfg(all(target_os = "linux", target_env = "gnu"))]
fn allocated() -> usize {
    #[repr(C)]
    struct Counts {
        arena: usize,
        ordblks: usize,
        smblks: usize,
        hblks: usize,
        hblkhd: usize,
        usmblks: usize,
        fsmblks: usize,
        uordblks: usize,
        fordblks: usize,
        keepcost: usize,
    }
    unsafe extern "C" {
        fn mallinfo2() -> Counts;
    }
    // Takes nothing and gives numbers.
    let counts = unsafe { mallinfo2() };
    counts.uordblks + counts.hblkhd
}

#[cfg(all(target_os = "linux", target_env = "gnu"))]
#[test]
fn idle_connections_cost_little() {
    const CONNECTIONS: usize = 2_000;
    /// 150 MB for 10,000, and some of it is the operating system's.
    const EACH: usize = 8_000;
    let api = Api::start();
    let id = api.customer("kim@example.com");
    let path = format!("/v1/customers/{id}");
    let before = allocated();
    let mut kept: Vec<Connection> = (0..CONNECTIONS).map(|_| api.connect()).collect();
    for connection in &mut kept {
        assert_eq!(connection.request("GET", &path, &[], b"").status, 200);
    }
    until("quiet connections hold little", || {
        allocated().saturating_sub(before) / CONNECTIONS < EACH
    });
    for connection in &mut kept {
        let answer = connection.request("GET", &path, &[], b"");
        assert_eq!((answer.status, answer.header("connection")), (200, None), "and go on");
    }
}

#[cfg(target_os = "linux")]
#[test]
fn bodies_without_end_do_not_fill_the_memory() {
    const MOST: usize = 64 * 1024 * 1024;
    let uploads = tempfile::tempdir().unwrap();
    let options = Options {
        upload_limit: 8 * 1024 * 1024,
        upload_folder: uploads.path().to_owned(),
        ..Options::default()
    };
    let api = Api::with(options, ServerOptions::default());
    let (send, refused) = mpsc::channel();
    let before = resident();
    std::thread::scope(|scope| {
        for (path, kind) in [
            ("/v1/customers", "application/json"),
            ("/v1/customers/import", "text/csv"),
        ] {
            let head =
                format!("POST {path} HTTP/1.1\r\nhost: a\r\nauthorization: Bearer {KEY}\r\ncontent-type: {kind}\r\n");
            let mut announced = api.connect();
            announced.send(format!("{head}content-length: 2147483648\r\n\r\n"));
            let answer = announced.answer();
            assert_eq!(
                (answer.status, answer.code().as_str()),
                (413, "body_too_large"),
                "{path}"
            );
            let mut streamed = api.connect();
            let send = send.clone();
            scope.spawn(move || {
                streamed.send(format!("{head}transfer-encoding: chunked\r\n\r\n"));
                let mut chunk = format!("{:x}\r\n", 1 << 20).into_bytes();
                chunk.resize(chunk.len() + (1 << 20), b' ');
                chunk.extend_from_slice(b"\r\n");
                // Two gigabytes, or until nobody takes them any more.
                (0..2048).all(|_| streamed.try_send(&chunk));
                send.send(streamed).unwrap();
            });
        }
        drop(send);
        let mut most = 0;
        let mut ended = 0;
        while ended < 2 {
            most = most.max(resident().saturating_sub(before));
            ended += refused.try_iter().count();
            std::thread::yield_now();
        }
        assert!(most < MOST, "{most} bytes");
    });
    let text = api.app.metrics();
    for operation in ["customers.create", "customers.import"] {
        let line = format!("operation=\"{operation}\",status=\"413\"}} 2");
        assert!(text.contains(&line), "{line} in {text}");
    }
    let left = std::fs::read_dir(uploads.path()).unwrap().count();
    assert_eq!(left, 0, "and no file is left");
}
