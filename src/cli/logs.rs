//! Log lines on standard error.

use std::io::IsTerminal;

use tracing::level_filters::LevelFilter;
use tracing_subscriber::{filter::Targets, fmt, layer::SubscriberExt as _, util::SubscriberInitExt as _};

use super::args::{LogFormat, LogLevel};

/// Starts the log. Only lines of our own are in it: those of the libraries
/// below may show the headers of requests, and with them keys.
pub fn start(format: LogFormat, level: LogLevel) {
    let ours = Targets::new().with_target("proyecta", filter(level));
    let registry = tracing_subscriber::registry().with(ours);
    let lines = fmt::layer().with_writer(std::io::stderr);
    // Somebody else in this process may have started one already: theirs stays.
    let _ = match format {
        LogFormat::Text => registry
            .with(lines.with_target(false).with_ansi(std::io::stderr().is_terminal()))
            .try_init(),
        LogFormat::Json => registry.with(lines.json().flatten_event(true)).try_init(),
    };
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
