//! How far a long command is: a bar for people, lines for logs.

use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::terminal::Terminal;

/// Says how far a command is, on standard error.
pub struct Progress<'a> {
    terminal: &'a Terminal,
    bar: Option<ProgressBar>,
    what: &'static str,
    /// Tenths that were said, where there is no bar.
    said: u64,
}

/// Parts of the whole that a bar counts in.
const WHOLE: u64 = 1000;

impl<'a> Progress<'a> {
    /// Starts at nothing; `what` is the doing, such as `importing`.
    pub fn new(terminal: &'a Terminal, what: &'static str) -> Self {
        let bar = terminal.is_err_terminal.then(|| {
            let bar = ProgressBar::with_draw_target(Some(WHOLE), ProgressDrawTarget::stderr());
            if let Ok(style) = ProgressStyle::with_template("{prefix} {bar:32} {percent:>3}% {msg} {eta}") {
                bar.set_style(style.progress_chars("=> "));
            }
            bar.set_prefix(what);
            bar.enable_steady_tick(Duration::from_millis(200));
            bar
        });
        Self {
            terminal,
            bar,
            what,
            said: 0,
        }
    }

    /// Tells a fraction from 0 to 1, and what there is to say about it.
    pub fn at(&mut self, fraction: f64, message: &str) {
        let parts = (fraction.clamp(0.0, 1.0) * WHOLE as f64) as u64;
        match &self.bar {
            Some(bar) => {
                bar.set_position(parts);
                bar.set_message(message.to_owned());
            }
            None => {
                let tenths = parts * 10 / WHOLE;
                if tenths > self.said {
                    self.said = tenths;
                    self.terminal.say(&format!("{}: {}% {message}", self.what, tenths * 10));
                }
            }
        }
    }

    /// Takes the bar away.
    pub fn finish(self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}
