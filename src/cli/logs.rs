//! Log lines on standard error.

use std::io::IsTerminal;

use tracing::level_filters::LevelFilter;
use tracing_subscriber::{Layer as _, filter::Targets, fmt, layer::SubscriberExt as _, util::SubscriberInitExt as _};

use super::args::{LogFormat, LogLevel};
use crate::error::Result;

/// What runs beside the log, and ends with it.
#[must_use]
pub struct Log {
    #[cfg(feature = "otlp")]
    export: Option<super::otlp::Export>,
}

impl Log {
    /// Sends what has not been sent yet.
    pub fn end(self) {
        #[cfg(feature = "otlp")]
        if let Some(export) = self.export {
            export.end();
        }
    }
}

/// Starts the log. Only lines of our own are in it: those of the libraries
/// below may show the headers of requests, and with them keys.
///
/// # Errors
///
/// `configuration_invalid` when the environment asks for an export that
/// cannot be made.
pub fn start(format: LogFormat, level: LogLevel) -> Result<Log> {
    let lines = fmt::layer().with_writer(std::io::stderr);
    let ours = Targets::new().with_target("proyecta", filter(level));
    let registry = tracing_subscriber::registry();
    #[cfg(feature = "otlp")]
    let export = super::otlp::Export::from_environment()?;
    #[cfg(feature = "otlp")]
    let registry = registry.with(export.as_ref().map(super::otlp::Export::layer));
    // Somebody else in this process may have started one already: theirs stays.
    let _ = match format {
        LogFormat::Text => {
            let lines = lines.with_target(false).with_ansi(std::io::stderr().is_terminal());
            registry.with(lines.with_filter(ours)).try_init()
        }
        LogFormat::Json => {
            let lines = lines.json().flatten_event(true);
            registry.with(lines.with_filter(ours)).try_init()
        }
    };
    Ok(Log {
        #[cfg(feature = "otlp")]
        export,
    })
}

fn filter(level: LogLevel) -> LevelFilter {
    match level {
        LogLevel::Off => LevelFilter::OFF,
        LogLevel::Error => LevelFilter::ERROR,
        LogLevel::Warn => LevelFilter::WARN,
        LogLevel::Info => LevelFilter::INFO,
        LogLevel::Debug => LevelFilter::DEBUG,
        LogLevel::Trace => LevelFilter::TRACE,
    }
}
