//! The command line: `npx proyecta …`, and the same as a plain binary.
//!
//! Results go to standard output, everything else to standard error: what a
//! command cannot do it says in one sentence, with what to do about it.
//! Secrets are shown once, when they are made, and never echoed.

mod args;
mod catalog;
mod customers;
mod database;
mod doctor;
mod failure;
mod keys;
mod logs;
mod maintenance;
#[cfg(feature = "otlp")]
mod otlp;
mod place;
mod progress;
mod serve;
mod signals;
mod terminal;

use std::{
    ffi::OsString,
    path::{Path, PathBuf},
    process::ExitCode,
};

use clap::{
    CommandFactory, FromArgMatches,
    builder::Resettable,
    error::{ContextKind, ContextValue, ErrorKind},
};

pub use self::signals::{Host, tell};

use self::{
    args::{Cli, Command},
    failure::{Failure, Outcome, masked},
    place::Place,
    terminal::Terminal,
};
use crate::{
    error::{Code, Error, Result},
    http::openapi,
};

/// Not done.
const FAILED: u8 = 1;
/// The command line does not fit.
const USAGE: u8 = 2;

/// Runs a command line, program name first, to its end. Blocks; `serve` ends
/// at SIGINT and SIGTERM after what was accepted is done.
pub fn main(args: Vec<OsString>) -> ExitCode {
    ExitCode::from(run(args, Host::Process, None))
}

/// The module that a command line wants to have loaded, which only Node can.
pub fn module(args: Vec<OsString>) -> Option<PathBuf> {
    match parsed(args).ok()?.command {
        Command::Catalog(command) => command.module().map(Path::to_owned),
        _ => None,
    }
}

fn parsed(args: Vec<OsString>) -> std::result::Result<Cli, clap::Error> {
    let matches = settled(Cli::command()).try_get_matches_from(args)?;
    Cli::from_arg_matches(&matches)
}

/// The same with the exit code as a number: 0 done, 1 not done, 2 the command
/// line does not fit. `exported` is what the [`module`] exports, as JSON.
pub fn run(args: Vec<OsString>, host: Host, exported: Option<&str>) -> u8 {
    let terminal = Terminal::new();
    let outcome = match parsed(args) {
        Ok(cli) => dispatch(&terminal, host, cli, exported),
        Err(error) => Err(refusal(&terminal, &error)),
    };
    match outcome {
        Ok(()) | Err(Failure::Help) => 0,
        Err(Failure::Said) => FAILED,
        Err(Failure::Failed(error)) => {
            terminal.say(&format!("proyecta: {}", error.message()));
            FAILED
        }
        Err(Failure::Usage(message)) => {
            terminal.say(&format!("proyecta: {message}"));
            USAGE
        }
    }
}

/// An empty variable counts as unset, as shells and .env files leave them. And
/// a command that is missing is said to be: a page of help is no answer.
fn settled(command: clap::Command) -> clap::Command {
    let is_empty = |arg: &clap::Arg| {
        let variable = arg.get_env().and_then(std::env::var_os);
        variable.is_some_and(|value| value.is_empty())
    };
    command
        .arg_required_else_help(false)
        .mut_args(|arg| {
            if is_empty(&arg) {
                arg.env(Resettable::Reset)
            } else {
                arg
            }
        })
        .mut_subcommands(settled)
}

fn dispatch(terminal: &Terminal, host: Host, cli: Cli, exported: Option<&str>) -> Outcome {
    let place = find_place(cli.database.as_deref());
    match cli.command {
        Command::Serve(options) => serve::serve(terminal, host, &place?, &options),
        Command::Migrate => maintenance::migrate(terminal, &place?),
        Command::Keys(command) => keys::keys(terminal, &place?, command),
        Command::Stores(command) => keys::stores(terminal, &place?, command),
        Command::Customers(command) => customers::customers(terminal, &place?, command),
        Command::Catalog(command) => catalog::catalog(terminal, &place?, command, exported),
        Command::Doctor(output) => doctor::doctor(terminal, place, output),
        Command::Openapi { base_path } => terminal.line(&openapi::document(&base_path)),
        Command::Backup { file } => maintenance::backup(terminal, &place?, &file),
        Command::Compact => maintenance::compact(terminal, &place?),
    }
}

fn find_place(given: Option<&str>) -> Result<Place> {
    let folder = std::env::current_dir().map_err(|_| {
        Error::new(
            Code::ConfigurationInvalid,
            "the current folder is gone: go to another one",
        )
    })?;
    Place::find(given, &folder, |name| std::env::var(name).ok())
}

/// What does not fit, in one sentence; help and version are results.
fn refusal(terminal: &Terminal, error: &clap::Error) -> Failure {
    let text = error.to_string();
    match error.kind() {
        ErrorKind::DisplayHelp | ErrorKind::DisplayVersion => match terminal.text(&text) {
            Ok(()) => Failure::Help,
            Err(failure) => failure,
        },
        ErrorKind::MissingSubcommand => {
            let known = match error.get(ContextKind::ValidSubcommand) {
                Some(ContextValue::Strings(names)) => names.join(", "),
                _ => String::new(),
            };
            Failure::Usage(format!("a command is missing, one of: {known}; see proyecta --help"))
        }
        _ => {
            let said = text.split("\n\nUsage:").next().unwrap_or_default();
            let said = said.split("\n\nFor more information").next().unwrap_or_default();
            let words: Vec<&str> = said.split_whitespace().collect();
            let sentence = words.join(" ").trim_start_matches("error: ").replace(" tip: ", "; ");
            Failure::Usage(format!("{}; see proyecta --help", masked(&sentence)))
        }
    }
}
