//! The command line: `npx proyecta …`, and the same as a plain binary.

use std::{ffi::OsString, process::ExitCode};

/// Runs a command line, program name first, to its end. Blocks; ends at
/// SIGINT and SIGTERM after what was accepted is done.
pub fn main(_args: Vec<OsString>) -> ExitCode {
    ExitCode::FAILURE
}
