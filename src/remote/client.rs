//! The HTTP client and what it is made with.

use std::time::Duration;

use reqwest::{
    Certificate, Client, ClientBuilder, NoProxy, Proxy, Url,
    header::{ACCEPT, AUTHORIZATION, HeaderMap, HeaderName, HeaderValue},
    redirect::Policy,
    retry,
};
use rustls::{ClientConfig, RootCertStore, crypto::ring};

use super::Options;
use crate::{
    domain::api_key::{self, Mode},
    error::{Code, Error, Result},
};

/// A server that cannot be reached is given up after this time, and tried
/// again while the call has time left.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
/// Shorter than what servers and load balancers allow a silent connection.
const IDLE_TIMEOUT: Duration = Duration::from_secs(30);

/// Headers that the client writes itself.
const OWN: [&str; 15] = [
    "accept",
    "accept-encoding",
    "authorization",
    "connection",
    "content-encoding",
    "content-length",
    "content-type",
    "expect",
    "host",
    "idempotency-key",
    "keep-alive",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
];

/// Proxies by the scheme of what is reached through them.
#[derive(Default)]
pub struct Proxies {
    /// `HTTP_PROXY`.
    pub http: Option<String>,
    /// `HTTPS_PROXY`.
    pub https: Option<String>,
    /// `NO_PROXY`: hosts that are reached directly, with commas between them.
    pub none: Option<String>,
}

/// The address below which the API lies.
pub(super) fn base(given: &str) -> Result<Url> {
    let url = Url::parse(given).map_err(|_| refused("baseUrl", "must be an http or https URL"))?;
    // A path that begins with two slashes would name another host when it is
    // joined with the rest.
    let fits = matches!(url.scheme(), "http" | "https") && url.has_host() && !url.path().starts_with("//");
    if !fits {
        return Err(refused("baseUrl", "must be an http or https URL"));
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(refused(
            "baseUrl",
            "must not hold a user name or password: the API key is what opens a store",
        ));
    }
    if url.query().is_some() || url.fragment().is_some() {
        return Err(refused("baseUrl", "must end with its path, without ? or #"));
    }
    Ok(url)
}

pub(super) fn build(options: &Options, base: &Url) -> Result<Client> {
    let builder = Client::builder()
        .default_headers(default_headers(&options.api_key)?)
        .user_agent(concat!("proyecta/", env!("CARGO_PKG_VERSION")))
        // The key goes to the address that it was given for, and nowhere else.
        .redirect(Policy::none())
        // What is tried again is decided in one place, with its hooks.
        .retry(retry::never())
        .connect_timeout(CONNECT_TIMEOUT)
        .pool_idle_timeout(IDLE_TIMEOUT)
        .tcp_nodelay(true);
    let builder = proxied(builder, options)?;
    let builder = if is_plain(base, options) {
        builder.tls_backend_preconfigured(no_trust()?)
    } else {
        trusting(builder, options.ca_certificate.as_deref())?
    };
    builder.build().map_err(|error| {
        Error::new(
            Code::ConfigurationInvalid,
            format!(
                "the HTTP client cannot be made ({}): are the system's CA certificates installed?",
                root_cause(&error)
            ),
        )
    })
}

fn default_headers(api_key: &str) -> Result<HeaderMap> {
    let malformed = |message: &str| Error::new(Code::ApiKeyMalformed, format!("apiKey {message}")).with_param("apiKey");
    api_key::mode_of(api_key, Mode::Test).map_err(|problem| malformed(&problem.message))?;
    let mut bearer =
        HeaderValue::from_str(&format!("Bearer {api_key}")).map_err(|_| malformed("must be printable characters"))?;
    bearer.set_sensitive(true);
    let mut headers = HeaderMap::new();
    headers.insert(AUTHORIZATION, bearer);
    headers.insert(ACCEPT, HeaderValue::from_static("application/json"));
    Ok(headers)
}

/// Nothing on the way to the server speaks TLS, so nobody need be trusted:
/// reading the system's certificates takes time and memory.
fn is_plain(base: &Url, options: &Options) -> bool {
    let proxies = [&options.proxies.http, &options.proxies.https];
    base.scheme() == "http"
        && !proxies
            .into_iter()
            .flatten()
            .any(|proxy| proxy.to_ascii_lowercase().starts_with("https:"))
}

fn no_trust() -> Result<ClientConfig> {
    ClientConfig::builder_with_provider(ring::default_provider().into())
        .with_safe_default_protocol_versions()
        .map(|config| {
            config
                .with_root_certificates(RootCertStore::empty())
                .with_no_client_auth()
        })
        .map_err(|error| Error::internal(format!("no TLS: {error}")))
}

/// Trusts whom the system trusts, and the given certificates.
fn trusting(builder: ClientBuilder, pem: Option<&str>) -> Result<ClientBuilder> {
    // Fails when it was done before, which is as good.
    let _ = ring::default_provider().install_default();
    let Some(pem) = pem else {
        return Ok(builder);
    };
    let unreadable = || refused("caCertificate", "must hold certificates as PEM text");
    let certificates = Certificate::from_pem_bundle(pem.as_bytes()).map_err(|_| unreadable())?;
    if certificates.is_empty() {
        return Err(unreadable());
    }
    Ok(builder.tls_certs_merge(certificates))
}

/// Only the proxies that were given: what the environment says is read where
/// the program's own view of it is.
fn proxied(mut builder: ClientBuilder, options: &Options) -> Result<ClientBuilder> {
    builder = builder.no_proxy();
    let none = options.proxies.none.as_deref();
    let mut add = |given: &Option<String>, variable: &str, make: fn(&str) -> reqwest::Result<Proxy>| -> Result<()> {
        let Some(address) = given else {
            return Ok(());
        };
        let speaks_http = address
            .split_once("://")
            .is_none_or(|(scheme, _)| matches!(scheme.to_ascii_lowercase().as_str(), "http" | "https"));
        let proxy = speaks_http.then(|| make(address).ok()).flatten();
        let proxy = proxy.ok_or_else(|| refused(variable, "must be the address of an HTTP proxy"))?;
        let proxy = proxy.no_proxy(none.and_then(NoProxy::from_string));
        builder = std::mem::take(&mut builder).proxy(proxy);
        Ok(())
    };
    add(&options.proxies.http, "HTTP_PROXY", |address| Proxy::http(address))?;
    add(&options.proxies.https, "HTTPS_PROXY", |address| Proxy::https(address))?;
    Ok(builder)
}

pub(super) fn headers(given: Vec<(String, String)>) -> Result<Vec<(HeaderName, HeaderValue)>> {
    given.into_iter().map(header).collect()
}

fn header((name, value): (String, String)) -> Result<(HeaderName, HeaderValue)> {
    let lower = name.to_ascii_lowercase();
    let checked = HeaderName::from_bytes(lower.as_bytes())
        .map_err(|_| Error::invalid("headers", "must have names that HTTP allows"))?;
    if OWN.contains(&lower.as_str()) {
        return Err(Error::invalid(
            format!("headers.{lower}"),
            "is a header that the client writes itself",
        ));
    }
    match HeaderValue::from_str(&value) {
        Ok(header) if value.is_ascii() => Ok((checked, header)),
        _ => Err(Error::invalid(
            format!("headers.{lower}"),
            "must be visible ASCII characters",
        )),
    }
}

/// An error and what it goes back to, step by step. `io::Error` hides what it
/// wraps from `source`.
pub(super) fn causes<'a>(
    error: &'a (dyn std::error::Error + 'static),
) -> impl Iterator<Item = &'a (dyn std::error::Error + 'static)> {
    std::iter::successors(Some(error), |error| {
        let wrapped = error.downcast_ref::<std::io::Error>().and_then(std::io::Error::get_ref);
        match wrapped {
            Some(wrapped) => Some(wrapped),
            None => error.source(),
        }
    })
}

/// What an error goes back to, in the words of who found it.
pub(super) fn root_cause(error: &(dyn std::error::Error + 'static)) -> String {
    causes(error).last().map(ToString::to_string).unwrap_or_default()
}

/// An option that does not fit; its value may hold a secret and is not quoted.
fn refused(param: &str, message: &str) -> Error {
    Error::new(Code::ConfigurationInvalid, format!("{param} {message}")).with_param(param)
}
