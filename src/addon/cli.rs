//! The command line inside Node: `npx proyecta …`.

use std::ffi::OsString;

use napi::{Env, Task, bindgen_prelude::AsyncTask};
use napi_derive::napi;

/// A command line under way, on a thread of its own: `serve` takes as long as
/// it runs.
pub struct CommandLine {
    args: Vec<String>,
    exported: Option<String>,
}

#[napi]
impl Task for CommandLine {
    type Output = u32;
    type JsValue = u32;

    fn compute(&mut self) -> napi::Result<u32> {
        let args = std::mem::take(&mut self.args);
        let exported = self.exported.as_deref();
        Ok(crate::cli::run(whole(args), crate::cli::Host::Node, exported).into())
    }

    fn resolve(&mut self, _env: Env, code: u32) -> napi::Result<u32> {
        Ok(code)
    }
}

/// The command line with the program's name in front.
fn whole(args: Vec<String>) -> Vec<OsString> {
    let name = std::iter::once("proyecta".into());
    name.chain(args.into_iter().map(Into::into)).collect()
}

/// The path of the module that a command line wants to have loaded; null when it wants none.
#[napi]
pub fn module_of_cli(args: Vec<String>) -> Option<String> {
    let path = crate::cli::module(whole(args))?;
    path.into_os_string().into_string().ok()
}

/// Runs a command line without the program's name; gives its exit code. `exported` is what its module exports, as
/// JSON.
#[napi]
pub fn cli(args: Vec<String>, exported: Option<String>) -> AsyncTask<CommandLine> {
    AsyncTask::new(CommandLine { args, exported })
}

/// Tells a command line under way of a signal to end the process; false when it
/// does nothing about it, so that the process may end.
#[napi]
pub fn interrupt_cli() -> bool {
    crate::cli::tell()
}
