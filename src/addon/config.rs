//! What a client and its calls are made with, as JavaScript writes it down.

use std::{sync::Arc, time::Duration};

use serde::Deserialize;

use crate::{
    domain::api_key::Mode,
    engine::{Call, Engine, SessionOptions},
    error::{Error, Result},
    ops::Op,
    remote,
};

/// Where a client finds its store: a database, or another process' server.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Config {
    api_key: Option<String>,
    database: Option<String>,
    timezone: Option<String>,
    currency: Option<String>,
    encryption_key: Option<String>,
    public_url: Option<String>,
    base_path: Option<String>,
    mode: Option<String>,
    /// Whether subscriptions renew in this process; they do by default.
    worker: Option<bool>,
    pub(super) remote: Option<RemoteConfig>,
}

/// How to speak with another process' server.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct RemoteConfig {
    base_url: String,
    timeout: Option<u64>,
    max_retries: Option<u32>,
    ca_certificate: Option<String>,
    http_proxy: Option<String>,
    https_proxy: Option<String>,
    no_proxy: Option<String>,
    /// Whether JavaScript wants to hear of requests and responses.
    #[serde(default)]
    pub(super) observed: bool,
}

impl Config {
    pub(super) fn database(&self) -> &str {
        self.database.as_deref().unwrap_or(":memory:")
    }

    pub(super) fn encryption_key(&self) -> Option<&str> {
        self.encryption_key.as_deref()
    }

    pub(super) fn works(&self) -> bool {
        self.worker.unwrap_or(true)
    }

    /// Tells an engine where its pages are, if anybody has said so.
    pub(super) fn place_pages(&self, engine: &Engine) -> Result<()> {
        match &self.public_url {
            Some(url) => engine.set_public_url(url, self.base_path.as_deref().unwrap_or_default()),
            None => Ok(()),
        }
    }

    pub(super) fn session_options(&self) -> SessionOptions {
        SessionOptions {
            api_key: self.api_key.clone(),
            mode: self.mode.as_deref().and_then(Mode::from_name).unwrap_or(Mode::Test),
            timezone: self.timezone.clone(),
            currency: self.currency.clone(),
        }
    }

    pub(super) fn remote_options(&self, remote: &RemoteConfig) -> remote::Options {
        remote::Options {
            api_key: self.api_key.clone().unwrap_or_default(),
            base_url: remote.base_url.clone(),
            timeout: remote.timeout.map(Duration::from_millis),
            max_retries: remote.max_retries,
            ca_certificate: remote.ca_certificate.clone(),
            proxies: remote::Proxies {
                http: remote.http_proxy.clone(),
                https: remote.https_proxy.clone(),
                none: remote.no_proxy.clone(),
            },
        }
    }
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase")]
struct CallOptions {
    idempotency_key: Option<String>,
    request_id: Option<String>,
    timeout: Option<u64>,
    max_retries: Option<u32>,
    #[serde(default)]
    headers: Vec<(String, String)>,
}

impl CallOptions {
    fn read(options: Option<String>) -> Result<Self> {
        match options {
            None => Ok(Self::default()),
            Some(json) => {
                serde_json::from_str(&json).map_err(|error| Error::internal(format!("call options: {error}")))
            }
        }
    }

    fn for_remote(self) -> Result<remote::CallOptions> {
        Ok(remote::CallOptions {
            timeout: self.timeout.map(Duration::from_millis),
            max_retries: self.max_retries,
            headers: remote::headers(self.headers)?,
            observe: None,
        })
    }
}

/// A call, and what only another process' server has to do with it.
pub(super) fn read_call(op: u32, input: String, options: Option<String>) -> Result<(Call, remote::CallOptions)> {
    let op = Op::ALL
        .get(op as usize)
        .copied()
        .ok_or_else(|| Error::internal("no such operation"))?;
    let mut options = CallOptions::read(options)?;
    let call = Call {
        op,
        input,
        idempotency_key: options.idempotency_key.take(),
        request_id: options.request_id.take(),
        watch: Arc::default(),
    };
    Ok((call, options.for_remote()?))
}

/// What only another process' server has to do with an import.
pub(super) fn read_import(options: Option<String>) -> Result<remote::CallOptions> {
    CallOptions::read(options)?.for_remote()
}
