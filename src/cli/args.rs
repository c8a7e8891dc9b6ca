//! What can be typed.

use std::{net::SocketAddr, path::PathBuf};

use clap::{Args, Parser, Subcommand, ValueEnum};

use super::catalog::Catalog;
use crate::domain::{
    api_key::{Mode, Scope},
    id::{ApiKeyId, StoreId},
    instant::Instant,
};

/// Billing that lives inside your app: its server, and the tools to look after its database.
#[derive(Debug, Parser)]
#[command(
    name = "proyecta",
    version,
    propagate_version = true,
    subcommand_required = true,
    after_help = "Every command says more with --help. Exit codes: 0 done, 1 not done, 2 the command line does not fit."
)]
pub struct Cli {
    /// Where the data is: a file, `file:…`, or `postgres://…`.
    ///
    /// Without it, `.proyecta/proyecta.db` beside the nearest package.json, as the SDK has it. With
    /// NODE_ENV=production it must be given. A URL with a password is better kept in the environment than typed.
    #[arg(
        long,
        global = true,
        env = "PROYECTA_DATABASE_URL",
        hide_env_values = true,
        value_name = "DATABASE"
    )]
    pub database: Option<String>,
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// The commands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Answer HTTP requests until SIGTERM or SIGINT.
    Serve(Box<Serve>),
    /// Bring the database to the schema of this version.
    Migrate,
    /// API keys (keys create, keys list, keys revoke, keys import).
    #[command(subcommand)]
    Keys(Keys),
    /// Stores, which share nothing (stores create, stores list).
    #[command(subcommand)]
    Stores(Stores),
    /// Spreadsheets of customers (customers import, customers export).
    #[command(subcommand)]
    Customers(Customers),
    /// The catalogue as a file (catalog push, catalog pull, catalog types).
    #[command(subcommand)]
    Catalog(Catalog),
    /// Check configuration, database, clock, gateway and mail, and say what to do.
    Doctor(Output),
    /// Print the OpenAPI document of the HTTP API.
    Openapi {
        /// The path that the API is mounted at, such as /api/billing.
        #[arg(long, env = "PROYECTA_BASE_PATH", default_value = "", value_name = "PATH", value_parser = base_path)]
        base_path: String,
    },
    /// Copy an SQLite database in use to a new file, as it is at one moment.
    Backup {
        /// The new file; it must not be there yet.
        file: PathBuf,
    },
    /// Rewrite an SQLite file, so that nothing erased is left in unused parts of it.
    Compact,
}

/// How results are printed.
#[derive(Debug, Clone, Copy, Args)]
pub struct Output {
    /// Print JSON, for programs.
    #[arg(long)]
    pub json: bool,
}

/// `proyecta keys …`
#[derive(Debug, Subcommand)]
pub enum Keys {
    /// Make a key and print it: this is the only time that it is shown.
    Create {
        /// Which store, and what the key may do.
        #[command(flatten)]
        key: KeyOptions,
        #[command(flatten)]
        output: Output,
    },
    /// List the keys of a store, or of all: how they begin and end, never the keys.
    List {
        /// Only those of this store.
        #[arg(long, value_name = "STORE", value_parser = store_id)]
        store: Option<StoreId>,
        #[command(flatten)]
        output: Output,
    },
    /// Revoke a key for good: the next request with it is refused.
    Revoke {
        /// The id of its record, key_…; `proyecta keys list` names it.
        #[arg(value_parser = key_id)]
        id: ApiKeyId,
        #[command(flatten)]
        output: Output,
    },
    /// Bring along a key that your code sends already: 24 to 128 printable characters.
    ///
    /// The key is read from standard input, for what is typed is seen by others:
    /// `proyecta keys import --store store_… < token.txt`. One that does not begin with sk_live_ is a test key, unless
    /// PROYECTA_MODE is live; the store must be of the same mode.
    Import {
        /// Read the key from this environment variable instead.
        #[arg(long, value_name = "NAME")]
        from_env: Option<String>,
        #[command(flatten)]
        key: KeyOptions,
        #[command(flatten)]
        output: Output,
    },
}

/// A new key.
#[derive(Debug, Args)]
pub struct KeyOptions {
    /// The store it opens; may be left out where there is only one.
    #[arg(long, value_name = "STORE", value_parser = store_id)]
    pub store: Option<StoreId>,
    /// What it may do.
    #[arg(long, value_enum, default_value_t = ScopeName::Full)]
    pub scope: ScopeName,
    /// What you call it.
    #[arg(long, value_name = "NAME")]
    pub name: Option<String>,
    /// When it ends: a date, a time with its zone, or a span from now such as 90d or 12h.
    #[arg(long, value_name = "WHEN")]
    pub expires: Option<String>,
}

/// `proyecta stores …`
#[derive(Debug, Subcommand)]
pub enum Stores {
    /// Make a store. Test and live are two stores; a store's mode never changes.
    Create {
        /// Play money, or real.
        #[arg(long, value_enum, default_value_t = ModeName::Test)]
        mode: ModeName,
        /// IANA time zone of its billing days, such as Asia/Seoul.
        #[arg(long, env = "PROYECTA_TIMEZONE", default_value = "UTC", value_name = "ZONE")]
        timezone: String,
        /// ISO 4217 code used where a request names none.
        #[arg(long, env = "PROYECTA_CURRENCY", default_value = "KRW", value_name = "CODE")]
        currency: String,
        #[command(flatten)]
        output: Output,
    },
    /// List the stores.
    List {
        #[command(flatten)]
        output: Output,
    },
}

/// Which store's customers.
#[derive(Debug, Args)]
pub struct Access {
    /// The API key of the store; not needed where there is only a test store.
    #[arg(long, env = "PROYECTA_API_KEY", hide_env_values = true, value_name = "KEY")]
    pub api_key: Option<String>,
    /// The store itself, instead of its key.
    #[arg(long, value_name = "STORE", value_parser = store_id)]
    pub store: Option<StoreId>,
}

/// `proyecta customers …`
#[derive(Debug, Subcommand)]
pub enum Customers {
    /// Read customers from an .xlsx, .xls or .csv file.
    Import {
        /// The file.
        file: PathBuf,
        /// Give customers that are there already the file's values instead of leaving them.
        #[arg(long)]
        update: bool,
        /// Check every row and change nothing.
        #[arg(long)]
        dry_run: bool,
        #[command(flatten)]
        access: Access,
        #[command(flatten)]
        output: Output,
    },
    /// Write all customers to a file that an import reads back.
    Export {
        /// A .csv or .xlsx file, or - for CSV on standard output.
        file: PathBuf,
        /// Replace the file when it is there already.
        #[arg(long)]
        force: bool,
        #[command(flatten)]
        access: Access,
    },
}

/// `proyecta serve`
#[derive(Debug, Args)]
pub struct Serve {
    /// Address and port to listen on; port 0 takes any free one. The first line on standard output names it.
    #[arg(long, env = "PROYECTA_LISTEN", default_value = "127.0.0.1:0", value_name = "ADDRESS")]
    pub listen: SocketAddr,
    /// Where Prometheus finds /metrics; nowhere by default.
    #[arg(long, env = "PROYECTA_METRICS_LISTEN", value_name = "ADDRESS")]
    pub metrics_listen: Option<SocketAddr>,
    /// How log lines on standard error look.
    #[arg(long, env = "PROYECTA_LOG_FORMAT", value_enum, default_value_t = LogFormat::Text)]
    pub log_format: LogFormat,
    /// Which log lines there are.
    #[arg(long, env = "PROYECTA_LOG_LEVEL", value_enum, default_value_t = LogLevel::Info)]
    pub log_level: LogLevel,
    /// Largest body of a request, such as 1MiB or 500kB; uploads have a limit of their own.
    #[arg(long, env = "PROYECTA_BODY_LIMIT", default_value = "1MiB", value_name = "SIZE", value_parser = size)]
    pub body_limit: usize,
    /// An origin whose pages may call the API, such as https://app.example.com, or * for all. Repeatable.
    #[arg(
        long,
        env = "PROYECTA_CORS_ORIGIN",
        value_delimiter = ',',
        value_name = "ORIGIN",
        value_parser = origin
    )]
    pub cors_origin: Vec<String>,
    /// A proxy whose X-Forwarded-For is believed: an address or a network such as 10.0.0.0/8. Repeatable.
    #[arg(
        long,
        env = "PROYECTA_TRUSTED_PROXY",
        value_delimiter = ',',
        value_name = "NETWORK",
        value_parser = network
    )]
    pub trusted_proxy: Vec<ipnet::IpNet>,
    /// The path that the API is mounted at, such as /api/billing.
    #[arg(long, env = "PROYECTA_BASE_PATH", default_value = "", value_name = "PATH", value_parser = base_path)]
    pub base_path: String,
    /// Where payers reach this server, such as https://shop.example.com: its checkout pages lie there, below the base
    /// path. A live store needs it for them.
    #[arg(long, env = "PROYECTA_PUBLIC_URL", value_name = "URL")]
    pub public_url: Option<String>,
    /// Most requests per second and key; no limit by default.
    #[arg(long, env = "PROYECTA_RATE_LIMIT", value_name = "NUMBER")]
    pub rate_limit: Option<std::num::NonZeroU32>,
    /// How long requests in hand may take to finish at the end, such as 30s or 2m. A second signal ends at once.
    #[arg(
        long,
        env = "PROYECTA_SHUTDOWN_GRACE",
        default_value = "30s",
        value_name = "SPAN",
        value_parser = span
    )]
    pub shutdown_grace: std::time::Duration,
    /// The first key of an empty database, sk_test_… or sk_live_…; better kept in the environment than typed.
    #[arg(long, env = "PROYECTA_API_KEY", hide_env_values = true, value_name = "KEY")]
    pub api_key: Option<String>,
    /// Key that payment credentials are kept under: 32 bytes as base64, older keys behind commas; better kept in the
    /// environment than typed. A live store needs one to keep cards.
    #[arg(long, env = "PROYECTA_ENCRYPTION_KEY", hide_env_values = true, value_name = "KEY")]
    pub encryption_key: Option<String>,
    /// Whether subscriptions renew in this process. Switch it off where other processes do it.
    #[arg(
        long,
        env = "PROYECTA_WORKER",
        default_value_t = true,
        action = clap::ArgAction::Set,
        value_parser = clap::builder::BoolishValueParser::new(),
        value_name = "BOOL"
    )]
    pub worker: bool,
}

/// How log lines look.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum LogFormat {
    /// For people.
    Text,
    /// An object per line.
    Json,
}

/// Which log lines there are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum LogLevel {
    /// None.
    Off,
    /// What failed through our fault.
    Error,
    /// And what should be looked at.
    Warn,
    /// And every request.
    Info,
    /// And what happens inside.
    Debug,
    /// Everything.
    Trace,
}

/// A scope as it is typed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
#[value(rename_all = "snake_case")]
pub enum ScopeName {
    /// Everything.
    Full,
    /// Reading only.
    #[value(alias = "read-only")]
    ReadOnly,
}

impl From<ScopeName> for Scope {
    fn from(name: ScopeName) -> Self {
        match name {
            ScopeName::Full => Self::Full,
            ScopeName::ReadOnly => Self::ReadOnly,
        }
    }
}

/// A mode as it is typed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum ModeName {
    /// Play money.
    Test,
    /// Real money.
    Live,
}

impl From<ModeName> for Mode {
    fn from(name: ModeName) -> Self {
        match name {
            ModeName::Test => Self::Test,
            ModeName::Live => Self::Live,
        }
    }
}

fn store_id(text: &str) -> Result<StoreId, String> {
    StoreId::parse(text).map_err(|_| "it is no id of a store, which begins with store_".to_owned())
}

fn key_id(text: &str) -> Result<ApiKeyId, String> {
    ApiKeyId::parse(text).map_err(|_| "it is no id of a key's record, which begins with key_".to_owned())
}

/// A number with a unit behind it.
fn quantity(text: &str) -> Option<(u64, &str)> {
    let at = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    let (number, unit) = text.split_at(at);
    Some((number.parse().ok()?, unit.trim()))
}

fn size(text: &str) -> Result<usize, String> {
    let bytes = quantity(text.trim()).and_then(|(number, unit)| {
        let factor: u64 = match unit.to_ascii_lowercase().as_str() {
            "" | "b" => 1,
            "k" | "kb" => 1000,
            "kib" => 1 << 10,
            "m" | "mb" => 1_000_000,
            "mib" => 1 << 20,
            "g" | "gb" => 1_000_000_000,
            "gib" => 1 << 30,
            _ => return None,
        };
        usize::try_from(number.checked_mul(factor)?).ok()
    });
    bytes
        .filter(|bytes| (1024..=1 << 30).contains(bytes))
        .ok_or_else(|| "it must be a size from 1KiB to 1GiB".to_owned())
}

fn span_seconds(text: &str) -> Option<u64> {
    let (number, unit) = quantity(text.trim())?;
    let factor = match unit {
        "" | "s" => 1,
        "m" | "min" => 60,
        "h" => 3600,
        "d" => 86_400,
        _ => return None,
    };
    number.checked_mul(factor)
}

fn span(text: &str) -> Result<std::time::Duration, String> {
    span_seconds(text)
        .filter(|seconds| *seconds <= 86_400)
        .map(std::time::Duration::from_secs)
        .ok_or_else(|| "it must be a span such as 30s or 2m, a day at most".to_owned())
}

/// When a key ends; a span counts from `now`.
pub fn expiry(text: &str, now: Instant) -> Result<Instant, String> {
    let refused = || "must be a date such as 2027-01-01, a time with its zone, or a span such as 90d or 12h".to_owned();
    let spanned = text
        .ends_with(['s', 'm', 'n', 'h', 'd'])
        .then(|| span_seconds(text))
        .flatten();
    match spanned {
        Some(seconds) => i64::try_from(seconds)
            .ok()
            .and_then(|seconds| seconds.checked_mul(1000)?.checked_add(now.micros() / 1000))
            .and_then(|millis| Instant::from_millis(millis).ok())
            .ok_or_else(refused),
        None => Instant::parse(text).map_err(|_| refused()),
    }
}

fn origin(text: &str) -> Result<String, String> {
    let text = text.trim();
    let host = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://"));
    let plain = |host: &str| !host.is_empty() && !host.contains(['/', '?', '#', '@', ' ', '*']);
    if text == "*" || host.is_some_and(plain) {
        return Ok(text.to_owned());
    }
    Err("it must be an origin such as https://app.example.com, without a path, or *".to_owned())
}

fn network(text: &str) -> Result<ipnet::IpNet, String> {
    let text = text.trim();
    text.parse()
        .or_else(|_| text.parse::<std::net::IpAddr>().map(ipnet::IpNet::from))
        .map_err(|_| "it must be an address or a network such as 10.0.0.0/8".to_owned())
}

fn base_path(text: &str) -> Result<String, String> {
    let path = text.trim().trim_end_matches('/');
    let plain = |c: char| c.is_ascii_alphanumeric() || "/-_.~".contains(c);
    let dotted = path.split('/').any(|part| part == "." || part == "..");
    if path.is_empty() || path.starts_with('/') && path.chars().all(plain) && !path.contains("//") && !dotted {
        return Ok(path.to_owned());
    }
    Err("it must be a path such as /api/billing".to_owned())
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_command_line_is_sound() {
        Cli::command().debug_assert();
    }

    #[test]
    fn sizes_and_spans() {
        assert_eq!(size("1MiB"), Ok(1 << 20));
        assert_eq!(size("500 kB"), Ok(500_000));
        assert_eq!(size("2048"), Ok(2048));
        for bad in ["", "MiB", "-1", "1.5MiB", "10", "99999999999999999999", "9999999999GiB"] {
            assert!(size(bad).is_err(), "{bad}");
        }
        assert_eq!(span("2m"), Ok(std::time::Duration::from_secs(120)));
        assert!(span("2 weeks").is_err());
    }

    #[test]
    fn ends_of_keys() {
        let now = Instant::parse("2026-03-01").expect("a date");
        let shown = |text| expiry(text, now).map(|at| at.to_string());
        assert_eq!(shown("90d"), Ok("2026-05-30T00:00:00.000Z".into()));
        assert_eq!(shown("12h"), Ok("2026-03-01T12:00:00.000Z".into()));
        assert_eq!(shown("2027-01-01"), Ok("2027-01-01T00:00:00.000Z".into()));
        for bad in ["", "soon", "90", "999999999d", "d"] {
            assert!(expiry(bad, now).is_err(), "{bad}");
        }
    }

    #[test]
    fn origins_networks_and_paths() {
        assert!(origin("https://app.example.com").is_ok() && origin("*").is_ok());
        for bad in ["app.example.com", "https://", "https://a/b", "ftp://a"] {
            assert!(origin(bad).is_err(), "{bad}");
        }
        assert_eq!(
            network("10.1.2.3").map(|found| found.to_string()),
            Ok("10.1.2.3/32".into())
        );
        assert!(network("10.0.0.0/33").is_err());
        assert_eq!(base_path("/api/billing/"), Ok("/api/billing".into()));
        assert_eq!(base_path("/"), Ok(String::new()));
        for bad in ["api", "/a//b", "/a/../b", "/a b", "/a?b"] {
            assert!(base_path(bad).is_err(), "{bad}");
        }
    }
}
