//! A real server over a file, and a client that can misbehave.

use std::{
    io::{Read, Write},
    net::{SocketAddr, TcpStream},
    sync::{Arc, mpsc},
    time::{Duration, Instant},
};

use proyecta::start;
use proyecta::{
    domain::{
        api_key::{Mode, Scope},
        id::{ApiKeyId, StoreId},
        instant::Instant as Moment,
    },
    engine::{
        Engine, Session, SessionOptions,
        port::{ApiKeyRecord, Clock, StoreRecord, Task, Tx},
        system::{SystemClock, SystemIds},
    },
    error::Result,
    http::{App, Options, Server, ServerOptions},
    store::sqlite::{Options as SqliteOptions, SqliteStore},
};
use serde_json::Value;
use sha2::{Digest, Sha256};
use tempfile::TempDir;
use tokio::runtime::{Builder, Runtime};

/// The key that every server here is born with.
pub const KEY: &str = "sk_test_the_first_key_of_the_store";
/// Longer than anything here takes; a test that waits so long has failed.
const PATIENCE: Duration = Duration::from_secs(30);

/// A server with its database.
pub struct Api {
    pub address: SocketAddr,
    pub metrics: Option<SocketAddr>,
    pub engine: Arc<Engine>,
    pub app: Arc<App>,
    server: Option<Server>,
    runtime: Runtime,
    pub folder: TempDir,
}

impl Api {
    pub fn start() -> Self {
        Self::with(Options::default(), ServerOptions::default())
    }

    pub fn with(options: Options, server: ServerOptions) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let runtime = Builder::new_multi_thread()
            .worker_threads(2)
            .enable_all()
            .build()
            .unwrap();
        let blocking = runtime.handle().clone();
        let file = SqliteOptions::file(folder.path().join("a.db"));
        let store = SqliteStore::open(&file, SystemClock.now(), blocking.clone()).unwrap();
        let ids = Arc::new(SystemIds::default());
        let handle = blocking.clone();
        let outside = start::outside(":memory:", None, move || Ok(handle.clone())).unwrap();
        let engine = Engine::new(Arc::new(store), Arc::new(SystemClock), ids, blocking, outside);
        let (opened, session) = mpsc::channel();
        let asked = SessionOptions {
            api_key: Some(KEY.to_owned()),
            ..SessionOptions::default()
        };
        Session::open(&engine, asked, move |session| opened.send(session).unwrap());
        session.recv().unwrap().unwrap();
        let app = App::new(Arc::clone(&engine), options);
        let server = runtime.block_on(Server::start(Arc::clone(&app), server)).unwrap();
        Self {
            address: server.address(),
            metrics: server.metrics_address(),
            engine,
            app,
            server: Some(server),
            runtime,
            folder,
        }
    }

    /// Sends bytes as they are on a connection of their own; the one answer.
    pub fn raw(&self, bytes: impl AsRef<[u8]>) -> Answer {
        let mut connection = self.connect();
        connection.send(bytes);
        connection.answer()
    }

    pub fn connect(&self) -> Connection {
        Connection::to(self.address)
    }

    /// A request with the first key.
    pub fn request(&self, method: &str, path: &str, headers: &[(&str, &str)], body: &[u8]) -> Answer {
        self.request_as(KEY, method, path, headers, body)
    }

    pub fn request_as(&self, key: &str, method: &str, path: &str, headers: &[(&str, &str)], body: &[u8]) -> Answer {
        let authorization = format!("Bearer {key}");
        let mut all = vec![("authorization", authorization.as_str()), ("connection", "close")];
        all.extend(headers);
        self.raw(message(method, path, &all, body))
    }

    pub fn get(&self, path: &str) -> Answer {
        self.request("GET", path, &[], b"")
    }

    pub fn post(&self, path: &str, body: &Value) -> Answer {
        self.request("POST", path, &[JSON], body.to_string().as_bytes())
    }

    /// A customer's id.
    pub fn customer(&self, email: &str) -> String {
        let made = self.post("/v1/customers", &serde_json::json!({ "email": email, "name": "Kim" }));
        assert!(matches!(made.status, 200 | 201), "{made:?}");
        made.json()["id"].as_str().unwrap().to_owned()
    }

    /// Runs something in a transaction.
    pub fn within<T: Send + 'static>(&self, run: impl FnMut(&mut dyn Tx) -> Result<T> + Send + 'static) -> T {
        let (send, receive) = mpsc::channel();
        let task = Within { run, value: None, send };
        self.engine.database().write(Box::new(task));
        receive.recv().unwrap().unwrap()
    }

    /// Adds a key to the first store, or to one of its own.
    pub fn add_key(&self, key: &str, scope: Scope, expires_at: Option<Moment>, own_store: bool) {
        let hash: [u8; 32] = Sha256::digest(key.as_bytes()).into();
        let bits = u128::from_le_bytes(hash[..16].try_into().unwrap());
        self.within(move |tx| {
            let now = SystemClock.now();
            let mut store = 1;
            if own_store {
                store = 2;
                tx.insert_store(&StoreRecord {
                    no: 2,
                    id: StoreId::from_bits(bits),
                    mode: Mode::Test,
                    timezone: "UTC".into(),
                    currency: "KRW".into(),
                    secret: hash,
                    version: 1,
                    created_at: now,
                    updated_at: now,
                })?;
            }
            tx.insert_api_key(&ApiKeyRecord {
                id: ApiKeyId::from_bits(bits),
                hash,
                store,
                scope,
                name: None,
                hint: None,
                created_at: now,
                last_used_at: None,
                expires_at,
                revoked_at: None,
            })
        });
    }

    /// Stops the server as an operator would.
    pub fn stop(&mut self, grace: Duration) {
        if let Some(server) = self.server.take() {
            self.runtime.block_on(server.stop(grace));
        }
    }

    /// Stops the server on another thread; tells when it has.
    pub fn begin_stop(&mut self, grace: Duration) -> mpsc::Receiver<()> {
        let server = self.server.take().unwrap();
        let (done, stopped) = mpsc::channel();
        self.runtime.spawn(async move {
            server.stop(grace).await;
            let _ = done.send(());
        });
        stopped
    }
}

struct Within<T, R> {
    run: R,
    value: Option<T>,
    send: mpsc::Sender<Result<T>>,
}

impl<T: Send, R: FnMut(&mut dyn Tx) -> Result<T> + Send> Task for Within<T, R> {
    fn run(&mut self, tx: &mut dyn Tx) -> Result<()> {
        self.value = Some((self.run)(tx)?);
        Ok(())
    }

    fn done(self: Box<Self>, outcome: Result<()>) {
        let Self { value, send, .. } = *self;
        send.send(outcome.map(|()| value.unwrap())).unwrap();
    }
}

pub const JSON: (&str, &str) = ("content-type", "application/json");

/// A request's bytes.
pub fn message(method: &str, path: &str, headers: &[(&str, &str)], body: &[u8]) -> Vec<u8> {
    let mut text = format!("{method} {path} HTTP/1.1\r\nhost: localhost\r\n");
    for (name, value) in headers {
        text.push_str(&format!("{name}: {value}\r\n"));
    }
    if !body.is_empty() {
        text.push_str(&format!("content-length: {}\r\n", body.len()));
    }
    text.push_str("\r\n");
    let mut bytes = text.into_bytes();
    bytes.extend_from_slice(body);
    bytes
}

/// A connection that is fed by hand.
pub struct Connection {
    stream: TcpStream,
    read: Vec<u8>,
}

impl Connection {
    pub fn to(address: SocketAddr) -> Self {
        let stream = TcpStream::connect(address).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        stream.set_write_timeout(Some(PATIENCE)).unwrap();
        stream.set_nodelay(true).unwrap();
        Self {
            stream,
            read: Vec::new(),
        }
    }

    pub fn send(&mut self, bytes: impl AsRef<[u8]>) {
        self.stream.write_all(bytes.as_ref()).unwrap();
    }

    /// Sends; says whether the other end still takes it.
    pub fn try_send(&mut self, bytes: &[u8]) -> bool {
        self.stream.write_all(bytes).is_ok()
    }

    /// Says that nothing more will be sent.
    pub fn finish_sending(&self) {
        self.stream.shutdown(std::net::Shutdown::Write).unwrap();
    }

    /// A request with the first key.
    pub fn request(&mut self, method: &str, path: &str, headers: &[(&str, &str)], body: &[u8]) -> Answer {
        let authorization = format!("Bearer {KEY}");
        let mut all = vec![("authorization", authorization.as_str())];
        all.extend(headers);
        self.send(message(method, path, &all, body));
        if method == "HEAD" { self.head() } else { self.answer() }
    }

    /// Reads until the other end closes; how many bytes came.
    pub fn drain(&mut self) -> usize {
        let mut rest = Vec::new();
        // A reset is an end as well.
        let _ = self.stream.read_to_end(&mut rest);
        self.read.len() + rest.len()
    }

    fn more(&mut self) {
        let mut buffer = [0; 16 * 1024];
        let read = self.stream.read(&mut buffer).expect("the server answers in time");
        assert!(
            read > 0,
            "the connection ended in the middle of: {:?}",
            String::from_utf8_lossy(&self.read)
        );
        self.read.extend_from_slice(&buffer[..read]);
    }

    fn until(&mut self, end: &[u8]) -> Vec<u8> {
        loop {
            if let Some(at) = self.read.windows(end.len()).position(|part| part == end) {
                return self.read.drain(..at + end.len()).collect();
            }
            self.more();
        }
    }

    fn exactly(&mut self, length: usize) -> Vec<u8> {
        while self.read.len() < length {
            self.more();
        }
        self.read.drain(..length).collect()
    }

    /// An answer without a body, such as the one to `HEAD`.
    pub fn head(&mut self) -> Answer {
        let head = String::from_utf8(self.until(b"\r\n\r\n")).unwrap();
        let mut lines = head.lines();
        let status = lines.next().unwrap().split(' ').nth(1).unwrap().parse().unwrap();
        let headers = lines
            .filter_map(|line| line.split_once(": "))
            .map(|(name, value)| (name.to_ascii_lowercase(), value.to_owned()))
            .collect();
        Answer {
            status,
            headers,
            body: Vec::new(),
        }
    }

    /// The next answer.
    pub fn answer(&mut self) -> Answer {
        let mut answer = self.head();
        if answer.status == 100 {
            answer = self.head();
        }
        if let Some(length) = answer.header("content-length") {
            answer.body = self.exactly(length.parse().unwrap());
        } else if answer.header("transfer-encoding") == Some("chunked") {
            loop {
                let chunk = self.chunk();
                answer.body.extend_from_slice(&chunk);
                if chunk.is_empty() {
                    break;
                }
            }
        }
        answer
    }

    /// The next chunk of a body that comes in chunks; empty at its end.
    pub fn chunk(&mut self) -> Vec<u8> {
        let size = String::from_utf8(self.until(b"\r\n")).unwrap();
        let size = usize::from_str_radix(size.trim(), 16).unwrap();
        let mut chunk = self.exactly(size + 2);
        chunk.truncate(size);
        chunk
    }
}

/// What came back.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

impl Answer {
    pub fn header(&self, name: &str) -> Option<&str> {
        let found = self.headers.iter().find(|(of, _)| of == name);
        found.map(|(_, value)| value.as_str())
    }

    pub fn text(&self) -> String {
        String::from_utf8(self.body.clone()).unwrap()
    }

    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }

    /// Holds an error to the envelope that every error has; gives its code.
    pub fn code(&self) -> String {
        let body = self.json();
        let error = body["error"].as_object().unwrap_or_else(|| panic!("{self:?}"));
        assert_eq!(body.as_object().unwrap().len(), 1);
        for name in ["type", "code", "message", "requestId"] {
            assert!(error[name].is_string(), "{name} in {self:?}");
        }
        assert!(error["param"].is_string() || error["param"].is_null(), "{self:?}");
        assert_eq!(
            error["requestId"].as_str(),
            self.header("request-id"),
            "the body names the request as the header does"
        );
        assert_eq!(self.header("content-type"), Some("application/json"));
        assert_eq!(self.header("x-content-type-options"), Some("nosniff"));
        if matches!(self.status, 429 | 503) {
            let seconds: u64 = self.header("retry-after").unwrap().parse().unwrap();
            assert!(seconds >= 1);
        }
        error["code"].as_str().unwrap().to_owned()
    }
}

/// Waits until something is so.
pub fn until(what: &str, mut is_so: impl FnMut() -> bool) {
    let begun = Instant::now();
    while !is_so() {
        assert!(begun.elapsed() < PATIENCE, "{what}");
        std::thread::yield_now();
    }
}
