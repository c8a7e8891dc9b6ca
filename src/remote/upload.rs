//! The file of an import on its way to the server.

use std::{
    path::PathBuf,
    sync::{Mutex, PoisonError},
};

use bytes::Bytes;
use serde_json::{Map, Value};

use crate::{
    error::{Code, Error, Result},
    import::{Progress, Upload},
    spreadsheet::{FileError, Source},
};

/// A file to send, and what hears how far the server is with it.
pub struct File {
    content: Content,
    progress: Mutex<Progress>,
    /// What was heard last.
    so_far: Mutex<Option<String>>,
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
            so_far: Mutex::default(),
            _upload: upload,
        }
    }

    /// The file's bytes from the beginning, read as they are sent, and how
    /// many there are.
    pub(super) async fn open(&self) -> Result<(reqwest::Body, u64)> {
        let path = match &self.content {
            Content::Bytes(bytes) if bytes.is_empty() => return Err(refused(&FileError::Empty)),
            Content::Bytes(bytes) => return Ok((bytes.clone().into(), bytes.len() as u64)),
            Content::Path(path) => path,
        };
        // Asked before opening: to open a pipe would wait for its writer.
        let found = tokio::fs::metadata(path).await.map_err(|error| unreadable(&error))?;
        if !found.is_file() {
            return Err(refused(&FileError::Unreadable {
                reason: "it is not a regular file".to_owned(),
            }));
        }
        if found.len() == 0 {
            return Err(refused(&FileError::Empty));
        }
        let file = tokio::fs::File::open(path).await.map_err(|error| unreadable(&error))?;
        Ok((file.into(), found.len()))
    }

    pub(super) fn progress(&self, json: String) {
        *self.so_far.lock().unwrap_or_else(PoisonError::into_inner) = Some(json.clone());
        (self.progress.lock().unwrap_or_else(PoisonError::into_inner))(json);
    }

    /// How far the server was when it was heard of last.
    pub(super) fn so_far(&self) -> Map<String, Value> {
        let so_far = self.so_far.lock().unwrap_or_else(PoisonError::into_inner);
        let heard = so_far.as_deref().and_then(|json| serde_json::from_str(json).ok());
        let mut heard: Map<String, Value> = heard.unwrap_or_default();
        heard.remove("progress");
        heard
    }
}

fn unreadable(error: &std::io::Error) -> Error {
    refused(&FileError::Unreadable {
        reason: error.to_string(),
    })
}

/// As the import layer says it.
fn refused(error: &FileError) -> Error {
    Error::new(Code::FileInvalid, error.to_string())
        .with_param("file")
        .with_detail("reason", error.code())
}
