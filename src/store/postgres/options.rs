//! A PostgreSQL server by its URL.

use std::{path::PathBuf, str::FromStr, time::Duration};

use percent_encoding::percent_decode_str;
use tokio_postgres::{
    Config,
    config::{ChannelBinding, SslMode},
};

use crate::error::{Code, Error, Result};

/// How the connection is protected, as libpq has it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tls {
    /// No TLS.
    Disable,
    /// TLS when the server offers it; its certificate is not checked.
    Prefer,
    /// TLS or nothing; the certificate is checked only when `sslrootcert` names who may sign it.
    Require,
    /// The certificate must be signed by somebody trusted.
    VerifyCa,
    /// And be for the host that was asked for.
    VerifyFull,
}

/// How a server is reached, and how much of it is used.
#[derive(Clone)]
pub struct Options {
    pub(super) server: Config,
    pub(super) tls: Tls,
    /// PEM file of those who may sign the server's certificate; the system's
    /// own list without it.
    pub(super) root_certificates: Option<PathBuf>,
    /// Schema that holds the tables; made when it is not there.
    pub(super) schema: String,
    /// Most connections at once.
    pub(super) pool_size: usize,
    /// After so long the server gives a statement up.
    pub(super) statement_timeout: Duration,
}

/// What an URL may say besides what the driver reads by itself.
const POOL_SIZE: usize = 10;
const POOL_SIZE_MAX: usize = 100;
const STATEMENT_TIMEOUT: Duration = Duration::from_secs(30);
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);

impl Options {
    /// Reads a URL: `postgres://user:password@host:port/database` with the
    /// parameters `sslmode` (`disable`, `prefer`, `require`, `verify-ca`,
    /// `verify-full`), `sslrootcert` (a PEM file), `schema` (default `public`),
    /// `pool_size` (1 to 100, default 10), `statement_timeout` (milliseconds,
    /// default 30,000; 0 for none), and those of the driver, such as
    /// `connect_timeout` (seconds) and `application_name`.
    ///
    /// # Errors
    ///
    /// `configuration_invalid`. Messages never quote the URL, which holds a
    /// password.
    pub fn parse(url: &str) -> Result<Self> {
        let (address, query) = url.split_once('?').unwrap_or((url, ""));
        let mut read = Self {
            server: Config::new(),
            tls: Tls::Prefer,
            root_certificates: None,
            schema: "public".to_owned(),
            pool_size: POOL_SIZE,
            statement_timeout: STATEMENT_TIMEOUT,
        };
        let mut rest = Vec::new();
        for pair in query.split('&').filter(|pair| !pair.is_empty()) {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            let value = percent_decode_str(value)
                .decode_utf8()
                .map_err(|_| wrong(&format!("{} is no UTF-8 text", known_name(name))))?;
            if !read.take(name, &value)? {
                rest.push(pair);
            }
        }
        let driver_url = format!("{address}?{}", rest.join("&"));
        read.server = Config::from_str(driver_url.trim_end_matches('?')).map_err(|_| {
            wrong("it must look like postgres://user:password@host:5432/database, with special characters percent-encoded")
        })?;
        read.complete()?;
        Ok(read)
    }

    /// Takes a parameter that is ours; `false` leaves it to the driver.
    fn take(&mut self, name: &str, value: &str) -> Result<bool> {
        match name {
            "sslmode" => {
                self.tls = match value {
                    "disable" => Tls::Disable,
                    "prefer" | "allow" => Tls::Prefer,
                    "require" => Tls::Require,
                    "verify-ca" => Tls::VerifyCa,
                    "verify-full" => Tls::VerifyFull,
                    _ => return Err(wrong("sslmode is disable, prefer, require, verify-ca or verify-full")),
                }
            }
            "sslrootcert" => self.root_certificates = Some(PathBuf::from(value)),
            "schema" => self.schema = checked_schema(value)?,
            "pool_size" => {
                self.pool_size = value
                    .parse()
                    .ok()
                    .filter(|size| (1..=POOL_SIZE_MAX).contains(size))
                    .ok_or_else(|| wrong("pool_size is a number from 1 to 100"))?;
            }
            "statement_timeout" => {
                let millis = value.parse::<u32>().ok().filter(|millis| *millis <= 86_400_000);
                let millis = millis.ok_or_else(|| wrong("statement_timeout is milliseconds, from 0 to 86400000"))?;
                self.statement_timeout = Duration::from_millis(millis.into());
            }
            _ => return Ok(false),
        }
        Ok(true)
    }

    fn complete(&mut self) -> Result<()> {
        if self.server.get_hosts().is_empty() {
            return Err(wrong("it names no host"));
        }
        if self.server.get_user().is_none() {
            return Err(wrong("it names no user"));
        }
        self.server.ssl_mode(match self.tls {
            Tls::Disable => SslMode::Disable,
            Tls::Prefer => SslMode::Prefer,
            _ => SslMode::Require,
        });
        // Without a checked certificate there is nothing to bind to.
        if matches!(self.tls, Tls::Disable | Tls::Prefer | Tls::Require) {
            self.server.channel_binding(ChannelBinding::Disable);
        }
        if self.server.get_connect_timeout().is_none() {
            self.server.connect_timeout(CONNECT_TIMEOUT);
        }
        if self.server.get_application_name().is_none() {
            self.server.application_name("proyecta");
        }
        Ok(())
    }
}

/// Shows no password.
impl std::fmt::Debug for Options {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Options")
            .field("tls", &self.tls)
            .field("schema", &self.schema)
            .field("pool_size", &self.pool_size)
            .finish_non_exhaustive()
    }
}

/// A plain name needs no quotes anywhere.
fn checked_schema(name: &str) -> Result<String> {
    let fits = (1..=63).contains(&name.len())
        && name
            .bytes()
            .enumerate()
            .all(|(at, b)| b.is_ascii_lowercase() || b == b'_' || at > 0 && b.is_ascii_digit());
    if fits && !name.starts_with("pg_") {
        return Ok(name.to_owned());
    }
    Err(wrong(
        "schema is 1 to 63 lower-case letters, digits and _, and begins with a letter",
    ))
}

fn known_name(name: &str) -> &str {
    match name {
        "sslmode" | "sslrootcert" | "schema" | "pool_size" | "statement_timeout" => name,
        _ => "a parameter",
    }
}

fn wrong(why: &str) -> Error {
    Error::new(
        Code::ConfigurationInvalid,
        format!("the PostgreSQL URL in database does not fit: {why}"),
    )
    .with_param("database")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_url_says_what_it_says() {
        let options = Options::parse(
            "postgres://kim:p%40ss@db.example.com:5433/shop?sslmode=verify-full&schema=billing&pool_size=4\
             &statement_timeout=1500&sslrootcert=%2Fetc%2Fca.pem&application_name=shop",
        )
        .unwrap();
        assert_eq!(options.tls, Tls::VerifyFull);
        assert_eq!(options.schema, "billing");
        assert_eq!(options.pool_size, 4);
        assert_eq!(options.statement_timeout, Duration::from_millis(1500));
        assert_eq!(options.root_certificates, Some(PathBuf::from("/etc/ca.pem")));
        assert_eq!(options.server.get_password(), Some("p@ss".as_bytes()));
        assert_eq!(options.server.get_application_name(), Some("shop"));
    }

    #[test]
    fn what_is_left_out_has_a_default() {
        let options = Options::parse("postgresql://kim@localhost/shop").unwrap();
        assert_eq!((options.tls, options.pool_size), (Tls::Prefer, POOL_SIZE));
        assert_eq!(options.schema, "public");
        assert_eq!(options.server.get_application_name(), Some("proyecta"));
    }

    #[test]
    fn a_wrong_url_is_refused_without_being_quoted() {
        for url in [
            "postgres://",
            "postgres://user:hunter2@/x",
            "postgres://user:hunter2@h:port/x",
            "postgres://user:hunter2@h/x?sslmode=off",
            "postgres://user:hunter2@h/x?schema=Bad",
            "postgres://user:hunter2@h/x?schema=pg_x",
            "postgres://user:hunter2@h/x?schema=a;drop",
            "postgres://user:hunter2@h/x?pool_size=0",
            "postgres://user:hunter2@h/x?pool_size=many",
            "postgres://user:hunter2@h/x?statement_timeout=-1",
            "postgres://user:hunter2@h/x?hunter2=1",
            "postgres://user:hunter2@h/x?schema=%ff",
            "postgres://host.example/x",
        ] {
            let error = Options::parse(url).expect_err(url);
            assert_eq!(error.code(), Code::ConfigurationInvalid, "{url}");
            assert_eq!(error.param(), Some("database"));
            assert!(!error.message().contains("hunter2"), "{}", error.message());
        }
    }

    #[test]
    fn debug_shows_no_password() {
        let options = Options::parse("postgres://user:hunter2@h/x").unwrap();
        assert!(!format!("{options:?}").contains("hunter2"));
    }
}
