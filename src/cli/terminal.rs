//! Where a command's words go: results to standard output, everything else
//! to standard error.

use std::io::{self, IsTerminal, Write};

use serde::Serialize;

use super::failure::{Failure, Outcome};

/// The two outputs of a command.
pub struct Terminal {
    /// Whether a person reads the results.
    pub is_out_terminal: bool,
    /// Whether a person reads the rest.
    pub is_err_terminal: bool,
}

impl Terminal {
    /// That of this process.
    pub fn new() -> Self {
        Self {
            is_out_terminal: io::stdout().is_terminal(),
            is_err_terminal: io::stderr().is_terminal(),
        }
    }

    /// Prints a line of the result.
    pub fn line(&self, text: &str) -> Outcome {
        let mut out = io::stdout().lock();
        out.write_all(text.as_bytes())
            .and_then(|()| out.write_all(b"\n"))
            .and_then(|()| out.flush())
            .map_err(Failure::output)
    }

    /// Prints text that has its line ends already.
    pub fn text(&self, text: &str) -> Outcome {
        let mut out = io::stdout().lock();
        out.write_all(text.as_bytes())
            .and_then(|()| out.flush())
            .map_err(Failure::output)
    }

    /// Prints the result as JSON.
    pub fn json<T: Serialize>(&self, value: &T) -> Outcome {
        let text = serde_json::to_string_pretty(value)
            .map_err(|error| crate::error::Error::internal(format!("cannot write the answer: {error}")))?;
        self.line(&text)
    }

    /// Says something beside the result. Nobody is helped by a failure here.
    pub fn say(&self, text: &str) {
        let mut err = io::stderr().lock();
        let _ = err.write_all(text.as_bytes()).and_then(|()| err.write_all(b"\n"));
    }

    /// Asks a person yes or no, no being the answer to anything else; `None`
    /// when there is nobody to ask.
    pub fn confirm(&self, question: &str) -> Option<bool> {
        if !self.is_err_terminal || !io::stdin().is_terminal() {
            return None;
        }
        let mut err = io::stderr().lock();
        let _ = write!(err, "{question} [y/N] ").and_then(|()| err.flush());
        let mut answer = String::new();
        let _ = io::stdin().read_line(&mut answer);
        Some(matches!(answer.trim().to_lowercase().as_str(), "y" | "yes"))
    }

    /// Whether results may be coloured (<https://no-color.org>).
    pub fn is_coloured(&self) -> bool {
        self.is_out_terminal && std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty())
    }

    /// Prints rows under titles, columns side by side. The last column may
    /// hold any script: nothing stands behind it.
    pub fn table(&self, titles: &[&str], rows: &[Vec<String>]) -> Outcome {
        let titles: Vec<String> = titles.iter().map(|title| (*title).to_owned()).collect();
        let all = || std::iter::once(&titles).chain(rows);
        let widths: Vec<usize> = (0..titles.len())
            .map(|at| {
                all()
                    .filter_map(|row| row.get(at))
                    .map(|cell| cell.chars().count())
                    .max()
                    .unwrap_or(0)
            })
            .collect();
        for row in all() {
            let mut line = String::new();
            for (cell, width) in row.iter().zip(&widths) {
                let cell = harmless(cell);
                line.push_str(&format!("{cell:<width$}  "));
            }
            self.line(line.trim_end())?;
        }
        Ok(())
    }
}

/// A stored text without what a terminal would obey.
pub fn harmless(text: &str) -> String {
    text.chars()
        .map(|c| if c.is_control() { '\u{fffd}' } else { c })
        .collect()
}
