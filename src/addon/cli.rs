//! The command line inside Node: `npx proyecta …`.

use napi::{Env, Task, bindgen_prelude::AsyncTask};
use napi_derive::napi;

/// A command line under way, on a thread of its own: `serve` takes as long as
/// it runs.
pub struct CommandLine {
    args: Vec<String>,
}

#[napi]
impl Task for CommandLine {
    type Output = u32;
    type JsValue = u32;

    fn compute(&mut self) -> napi::Result<u32> {
        let args = std::mem::take(&mut self.args);
        let all = std::iter::once("proyecta".into()).chain(args.into_iter().map(Into::into));
        Ok(crate::cli::run(all.collect(), crate::cli::Host::Node).into())
    }

    fn resolve(&mut self, _env: Env, code: u32) -> napi::Result<u32> {
        Ok(code)
    }
}

/// Runs a command line without the program's name; gives its exit code.
#[napi]
pub fn cli(args: Vec<String>) -> AsyncTask<CommandLine> {
    AsyncTask::new(CommandLine { args })
}

/// Tells a command line under way of a signal to end the process; false when it
/// does nothing about it, so that the process may end.
#[napi]
pub fn interrupt_cli() -> bool {
    crate::cli::tell()
}
