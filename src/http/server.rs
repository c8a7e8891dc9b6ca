//! Sockets: listening, accepting, and ending well.

use std::{
    io,
    net::{Ipv4Addr, Ipv6Addr, SocketAddr},
    sync::Arc,
    time::Duration,
};

use tokio::{
    net::{TcpListener, TcpStream},
    sync::watch,
    time::{sleep, timeout},
};

use super::{
    App,
    connection::{self, Connections, Phase, Purpose},
};
use crate::error::{Code, Error, Result};

/// How long nothing is accepted after the operating system could not hand
/// out a socket.
const OUT_OF_SOCKETS: Duration = Duration::from_millis(100);

/// Where a server listens, and what its connections may do.
#[derive(Debug, Clone)]
pub struct ServerOptions {
    /// Where the API listens; port 0 takes a free one.
    pub listen: SocketAddr,
    /// Where Prometheus finds the metrics; `None` is nowhere.
    pub metrics: Option<SocketAddr>,
    /// Open connections at a time; further ones are told to come back.
    pub max_connections: usize,
    /// Headers in a request.
    pub max_headers: usize,
    /// Bytes in a request's head, at least 8192.
    pub max_head: usize,
    /// How long a request's head may take to come.
    pub head_timeout: Duration,
    /// How long a connection may stay open without a request.
    pub idle_timeout: Duration,
    /// Requests at a time on one HTTP/2 connection.
    pub max_streams: u32,
}

impl Default for ServerOptions {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from(([127, 0, 0, 1], 0)),
            metrics: None,
            max_connections: 16_384,
            max_headers: 100,
            max_head: 64 * 1024,
            head_timeout: Duration::from_secs(10),
            idle_timeout: Duration::from_secs(75),
            max_streams: 200,
        }
    }
}

/// A server that listens.
pub struct Server {
    address: SocketAddr,
    metrics: Option<SocketAddr>,
    phase: watch::Sender<Phase>,
}

impl Server {
    /// Listens, on the runtime that this is called from.
    ///
    /// # Errors
    ///
    /// `configuration_invalid` for an address that cannot be listened on.
    pub async fn start(app: Arc<App>, options: ServerOptions) -> Result<Self> {
        let api = bind("listen", options.listen).await?;
        let metrics = match options.metrics {
            Some(address) => Some(bind("metricsListen", address).await?),
            None => None,
        };
        Self::on(app, &options, api, metrics)
    }

    /// Listens on a socket that is bound already, on the runtime that this is
    /// called from, and waits for nothing.
    ///
    /// # Errors
    ///
    /// `internal` for a socket that cannot be used.
    pub fn start_on(app: Arc<App>, options: &ServerOptions, listener: std::net::TcpListener) -> Result<Self> {
        let listener = listener
            .set_nonblocking(true)
            .and_then(|()| TcpListener::from_std(listener));
        let listener = listener.map_err(|error| Error::internal(format!("listen: {error}")))?;
        Self::on(app, options, listener, None)
    }

    fn on(app: Arc<App>, options: &ServerOptions, api: TcpListener, metrics: Option<TcpListener>) -> Result<Self> {
        let address = local("listen", &api)?;
        let metrics_address = metrics
            .as_ref()
            .map(|listener| local("metricsListen", listener))
            .transpose()?;
        let (phase, _) = watch::channel(Phase::Serving);
        let spawn = |listener: TcpListener, purpose: Purpose| {
            let connections = Connections::new(Arc::clone(&app), options, purpose);
            tokio::spawn(accept(listener, connections, phase.subscribe()));
        };
        spawn(api, Purpose::Api);
        if let Some(listener) = metrics {
            spawn(listener, Purpose::Metrics);
        }
        Ok(Self {
            address,
            metrics: metrics_address,
            phase,
        })
    }

    /// Where the API listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The address of pages below a path, as this machine reaches them.
    pub fn page_base(&self, base_path: &str) -> String {
        let mut address = self.address;
        if address.ip().is_unspecified() {
            address.set_ip(match address.is_ipv4() {
                true => Ipv4Addr::LOCALHOST.into(),
                false => Ipv6Addr::LOCALHOST.into(),
            });
        }
        format!("http://{address}{}", base_path.trim_end_matches('/'))
    }

    /// Where the metrics are.
    pub fn metrics_address(&self) -> Option<SocketAddr> {
        self.metrics
    }

    /// Accepts nothing more and finishes what it accepted; what is not done
    /// after `grace` is cut off.
    pub async fn stop(self, grace: Duration) {
        // An error says that nobody is left to be told.
        let _ = self.phase.send(Phase::Draining);
        if timeout(grace, self.phase.closed()).await.is_err() {
            let _ = self.phase.send(Phase::Over);
            self.phase.closed().await;
        }
    }
}

async fn bind(option: &str, address: SocketAddr) -> Result<TcpListener> {
    TcpListener::bind(address)
        .await
        .map_err(|error| refused(option, address, &error))
}

fn local(option: &str, listener: &TcpListener) -> Result<SocketAddr> {
    listener
        .local_addr()
        .map_err(|error| Error::internal(format!("{option}: {error}")))
}

fn refused(option: &str, address: SocketAddr, error: &io::Error) -> Error {
    Error::new(
        Code::ConfigurationInvalid,
        format!("{option} {address} cannot be listened on: {error}"),
    )
    .with_param(option)
}

async fn accept(listener: TcpListener, connections: Arc<Connections>, mut phase: watch::Receiver<Phase>) {
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            _ = phase.changed() => return,
        };
        match accepted {
            Ok((stream, peer)) => open(&connections, stream, peer, &phase),
            // The client changed its mind, or there are no more sockets.
            Err(error) if is_the_clients(&error) => {}
            Err(error) => {
                tracing::warn!(target: "proyecta::http", %error, "no connection can be accepted");
                sleep(OUT_OF_SOCKETS).await;
            }
        }
    }
}

fn is_the_clients(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::ConnectionAborted | io::ErrorKind::ConnectionReset | io::ErrorKind::ConnectionRefused
    )
}

fn open(connections: &Arc<Connections>, stream: TcpStream, peer: SocketAddr, phase: &watch::Receiver<Phase>) {
    // Without it an answer may wait for the client's acknowledgement.
    let _ = stream.set_nodelay(true);
    match connections.take() {
        Ok(taken) => {
            let (connections, phase) = (Arc::clone(connections), phase.clone());
            tokio::spawn(connection::run(connections, stream, peer.ip(), phase, taken));
        }
        Err(refused) => {
            // A fresh connection takes a few hundred bytes at once.
            let _ = stream.try_write(&connections.busy(refused.error()));
        }
    }
}
