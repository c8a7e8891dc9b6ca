//! The file of an import on its way to the server.

use std::{
    path::PathBuf,
    sync::{Mutex, PoisonError},
};

use bytes::Bytes;

use crate::{
    error::{Code, Error, Result},
    import::{Progress, Upload},
    spreadsheet::{FileError, Source},
};

/// A file to send, and what hears how far the server is with it.
pub struct File {
    content: Content,
    progress: Mutex<Progress>,
    /// Removes the file at the end where it is a copy of ours.
    _upload: Upload,
}

enum Content {
    Path(PathBuf),
    Bytes(Bytes),
}

impl File {
    pub(super) fn new(mut upload: Upload, progress: Progress) -> Self {
        let content = match std::mem::replace(&mut upload.source, Source::Bytes(Vec::new())) {
            Source::Path(path) => Content::Path(path),
            Source::Bytes(bytes) => Content::Bytes(bytes.into()),
        };
        Self {
            content,
            progress: Mutex::new(progress),
            _upload: upload,
        }
    }

    /// The file's bytes from the beginning, read as they are sent, and how
    /// many there are.
    pub(super) async fn open(&self) -> Result<(reqwest::Body, u64)> {
        let path = match &self.content {
            Content::Bytes(bytes) => return Ok((bytes.clone().into(), bytes.len() as u64)),
            Content::Path(path) => path,
        };
        // Asked before opening: to open a pipe would wait for its writer.
        let found = tokio::fs::metadata(path).await.map_err(|error| unreadable(&error))?;
        if !found.is_file() {
            return Err(refused("it is not a regular file".to_owned()));
        }
        let file = tokio::fs::File::open(path).await.map_err(|error| unreadable(&error))?;
        Ok((file.into(), found.len()))
    }

    pub(super) fn progress(&self, json: String) {
        (self.progress.lock().unwrap_or_else(PoisonError::into_inner))(json);
    }
}

fn unreadable(error: &std::io::Error) -> Error {
    refused(error.to_string())
}

/// As the import layer says it.
fn refused(reason: String) -> Error {
    let error = FileError::Unreadable { reason };
    Error::new(Code::FileInvalid, error.to_string())
        .with_param("file")
        .with_detail("reason", error.code())
}
