//! `createServer`: the HTTP server inside a Node process.

use std::{
    net::{IpAddr, SocketAddr},
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use ipnet::IpNet;
use napi::bindgen_prelude::Function;
use napi_derive::napi;
use serde::Deserialize;
use serde_json::json;
use tokio::sync::oneshot;

use super::{
    completions::{Completions, Part},
    database::{self, Database},
    io::io,
};
use crate::{
    engine::{self, Answered, SessionOptions},
    error::{Code, Error, Result},
    http::{self, App, Options, ServerOptions},
};

/// How long `close` waits for requests that were accepted.
const GRACE: Duration = Duration::from_secs(10);

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Config {
    api_key: Option<String>,
    database: String,
    timezone: Option<String>,
    currency: Option<String>,
    encryption_key: Option<String>,
    /// Whether subscriptions renew in this process; they do by default.
    worker: Option<bool>,
    public_url: Option<String>,
    /// Host and port.
    listen: String,
    metrics_listen: Option<String>,
    base_path: Option<String>,
    /// Bytes.
    body_limit: Option<u64>,
    /// Bytes.
    upload_limit: Option<u64>,
    cors: Option<Vec<String>>,
    trusted_proxies: Option<Vec<String>>,
    /// Milliseconds.
    request_timeout: Option<u64>,
    max_connections: Option<usize>,
}

/// A server that listens, and what it works on.
struct Running {
    server: http::Server,
    database: Arc<Database>,
}

enum State {
    Idle,
    Starting,
    Running(Box<Running>),
    /// Closed; while it was starting, with the ticket that waits for its end.
    Closed(Option<u32>),
}

struct Inner {
    completions: Completions,
    state: Mutex<State>,
}

/// The HTTP API of one database on an address of its own.
#[napi]
pub struct Server {
    inner: Arc<Inner>,
}

#[napi]
impl Server {
    /// `notify` is called when `drain` has something.
    #[napi(constructor)]
    pub fn new(notify: Function<'_, (), ()>) -> napi::Result<Self> {
        let notify = notify.build_threadsafe_function::<()>().weak::<true>().build()?;
        let inner = Inner {
            completions: Completions::new(notify),
            state: Mutex::new(State::Idle),
        };
        Ok(Self { inner: Arc::new(inner) })
    }

    /// Opens the database and listens; `config` is JSON. The ticket is
    /// answered with `{ address, metricsAddress }`.
    #[napi]
    pub fn start(&self, ticket: u32, config: String) {
        self.inner.set(State::Starting);
        let inner = Arc::clone(&self.inner);
        let spawned = io().map(|io| {
            io.spawn(async move {
                let outcome = run(&config).await;
                inner.started(ticket, outcome).await;
            })
        });
        if let Err(error) = spawned {
            self.inner.completions.answer(ticket, Err(error));
        }
    }

    /// Finishes what was accepted, stops listening, lets go of the database,
    /// and answers the ticket with `{}`.
    #[napi]
    pub fn close(&self, ticket: u32) {
        let inner = Arc::clone(&self.inner);
        match inner.take(Some(ticket)) {
            State::Running(running) => spawn(async move {
                running.stop(GRACE).await;
                inner.closed(ticket);
            }),
            // `started` will answer.
            State::Starting => {}
            State::Idle | State::Closed(_) => inner.closed(ticket),
        }
    }

    /// What has been answered since the last time.
    #[napi]
    pub fn drain(&self) -> Vec<Part> {
        self.inner.completions.drain()
    }
}

/// The environment goes away, and nobody can reach the server to close it.
impl Drop for Server {
    fn drop(&mut self) {
        if let State::Running(running) = self.inner.take(None) {
            spawn(running.stop(Duration::ZERO));
        }
    }
}

impl Inner {
    fn set(&self, state: State) -> State {
        std::mem::replace(&mut *self.state.lock().unwrap_or_else(PoisonError::into_inner), state)
    }

    fn take(&self, ticket: Option<u32>) -> State {
        self.set(State::Closed(ticket))
    }

    fn closed(&self, ticket: u32) {
        self.completions.answer(ticket, Ok(Answered::Json("{}".to_owned())));
    }

    async fn started(&self, ticket: u32, outcome: Result<Running>) {
        let running = match outcome {
            Ok(running) => running,
            Err(error) => {
                if let State::Closed(Some(closing)) = self.take(None) {
                    self.closed(closing);
                }
                return self.completions.answer(ticket, Err(error));
            }
        };
        let addresses = json!({
            "address": running.server.address().to_string(),
            "metricsAddress": running.server.metrics_address().map(|address| address.to_string()),
        });
        if let Some((running, closing)) = self.keep(running) {
            running.stop(Duration::ZERO).await;
            if let Some(ticket) = closing {
                self.closed(ticket);
            }
        }
        self.completions
            .answer(ticket, Ok(Answered::Json(addresses.to_string())));
    }

    /// Gives the server back when it was closed while it started.
    fn keep(&self, running: Running) -> Option<(Running, Option<u32>)> {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        if let State::Closed(ticket) = *state {
            return Some((running, ticket));
        }
        *state = State::Running(Box::new(running));
        None
    }
}

impl Running {
    async fn stop(self, grace: Duration) {
        // Others may go on with the database.
        self.database.serve_own_pages();
        self.server.stop(grace).await;
        release(self.database).await;
    }
}

/// The last one that uses a database closes it.
async fn release(database: Arc<Database>) {
    let Some(last) = Arc::into_inner(database) else { return };
    let (done, closed) = oneshot::channel();
    last.close(move || {
        let _ = done.send(());
    });
    let _ = closed.await;
}

/// Without its runtime there is no server that could be stopped.
fn spawn(work: impl Future<Output = ()> + Send + 'static) {
    if let Ok(io) = io() {
        io.spawn(work);
    }
}

async fn run(config: &str) -> Result<Running> {
    let config: Config =
        serde_json::from_str(config).map_err(|error| Error::internal(format!("server config: {error}")))?;
    let options = options(&config)?;
    let listen = server_options(&config).await?;
    let (path, key) = (config.database.clone(), config.encryption_key.clone());
    let database = database::blocking()?
        .spawn_blocking(move || database::open(&path, key.as_deref()))
        .await
        .map_err(|_| Error::internal("opening the database panicked"))??;
    let started = async {
        if let Some(url) = &config.public_url {
            let base_path = config.base_path.as_deref().unwrap_or_default();
            database.engine.set_public_url(url, base_path)?;
        }
        open(&database, &config).await?;
        if config.worker.unwrap_or(true) {
            database.work()?;
        }
        let app = App::new(Arc::clone(&database.engine), options);
        let server = http::Server::start(app, listen).await?;
        let pages = server.page_base(config.base_path.as_deref().unwrap_or_default());
        database.engine.on_first_page(move || Ok(pages.clone()));
        Ok(server)
    };
    match started.await {
        Ok(server) => Ok(Running { server, database }),
        Err(error) => {
            release(database).await;
            Err(error)
        }
    }
}

/// A fresh database adopts the key; without one there has to be a key already,
/// for nobody could call the server otherwise.
async fn open(database: &Database, config: &Config) -> Result<()> {
    let engine = &database.engine;
    if config.api_key.is_none() {
        let (answer, asked) = oneshot::channel();
        engine.has_any_key(move |known| drop(answer.send(known)));
        let known = asked.await.map_err(|_| Error::internal("no answer about keys"))??;
        return if known {
            Ok(())
        } else {
            Err(Error::new(
                Code::ApiKeyMissing,
                "the database has no API key yet, so that nobody could call the server: pass apiKey or set PROYECTA_API_KEY, and it becomes the first one",
            )
            .with_param("apiKey"))
        };
    }
    let options = SessionOptions {
        api_key: config.api_key.clone(),
        timezone: config.timezone.clone(),
        currency: config.currency.clone(),
        ..SessionOptions::default()
    };
    let (answer, opened) = oneshot::channel();
    engine::Session::open(engine, options, move |session| drop(answer.send(session.map(drop))));
    opened
        .await
        .map_err(|_| Error::internal("no answer from the database"))?
}

fn options(config: &Config) -> Result<Options> {
    let defaults = Options::default();
    let size = |given: Option<u64>| given.map(|bytes| usize::try_from(bytes).unwrap_or(usize::MAX));
    let trusted = config.trusted_proxies.iter().flatten();
    Ok(Options {
        base_path: config.base_path.clone().unwrap_or_default(),
        body_limit: size(config.body_limit).unwrap_or(defaults.body_limit),
        upload_limit: config.upload_limit.unwrap_or(defaults.upload_limit),
        cors_origins: config.cors.clone().unwrap_or_default(),
        trusted_proxies: trusted.map(|text| network(text)).collect::<Result<_>>()?,
        request_timeout: config
            .request_timeout
            .map_or(defaults.request_timeout, Duration::from_millis),
        ..defaults
    })
}

/// An address, or a network such as `10.0.0.0/8`.
fn network(text: &str) -> Result<IpNet> {
    let network = text.parse().or_else(|_| text.parse::<IpAddr>().map(IpNet::from));
    network.map_err(|_| {
        invalid(
            "trustedProxies",
            "trustedProxies must be addresses or networks such as 10.0.0.0/8",
        )
    })
}

async fn server_options(config: &Config) -> Result<ServerOptions> {
    let defaults = ServerOptions::default();
    Ok(ServerOptions {
        listen: resolved("listen", &config.listen).await?,
        metrics: match &config.metrics_listen {
            Some(address) => Some(resolved("metricsListen", address).await?),
            None => None,
        },
        max_connections: config.max_connections.unwrap_or(defaults.max_connections),
        ..defaults
    })
}

/// The address that a text such as `127.0.0.1:8080` or `localhost:0` stands for.
async fn resolved(param: &'static str, text: &str) -> Result<SocketAddr> {
    let found = tokio::net::lookup_host(text).await;
    found.ok().and_then(|mut addresses| addresses.next()).ok_or_else(|| {
        invalid(
            param,
            &format!("{param} must be an address of this machine and a port, such as 127.0.0.1:8080"),
        )
    })
}

fn invalid(param: &'static str, message: &str) -> Error {
    Error::new(Code::ConfigurationInvalid, message).with_param(param)
}
