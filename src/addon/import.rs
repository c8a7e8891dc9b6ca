//! `customers.import` with its file.

use std::{path::PathBuf, sync::Arc};

use crate::{
    engine::{Answered, Session, port::Watch},
    error::{Code, Error, Result},
};

/// Where the table comes from.
pub(super) enum Source {
    /// A file; removed afterwards when it was made for this import.
    Path(PathBuf, bool),
    /// The bytes themselves.
    Bytes(Vec<u8>),
}

pub(super) fn source(path: Option<String>, bytes: Option<Vec<u8>>, remove_after: bool) -> Result<Source> {
    match (path, bytes) {
        (Some(path), None) => Ok(Source::Path(path.into(), remove_after)),
        (None, Some(bytes)) => Ok(Source::Bytes(bytes)),
        _ => Err(Error::new(Code::ParameterMissing, "file is required").with_param("file")),
    }
}

pub(super) fn start(
    _session: &Arc<Session>,
    _source: Source,
    _input: &str,
    _watch: Arc<Watch>,
    _progress: impl Fn(String) + Send + Sync + 'static,
    reply: impl FnOnce(Result<Answered>) + Send + 'static,
) {
    reply(Err(Error::internal("not wired")));
}
