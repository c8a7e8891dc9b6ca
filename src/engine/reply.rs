//! What a call gives back, and how it gets there.

use crate::error::{Error, Result};

/// What comes back.
#[derive(Debug)]
pub enum Answered {
    /// JSON text.
    Json(String),
    /// JSON text about an object that this call made.
    Created(String),
    /// The JSON text that the first call with this idempotency key got.
    Replayed(String),
    /// A file's bytes.
    File(Vec<u8>),
}

impl Answered {
    /// The JSON text, whatever it is about; a file has none.
    pub fn json(self) -> Option<String> {
        match self {
            Self::Json(json) | Self::Created(json) | Self::Replayed(json) => Some(json),
            Self::File(_) => None,
        }
    }
}

/// Gets the answer, on whatever thread it is ready. One that is dropped
/// without an answer, because something panicked on the way, says so: nobody
/// waits for ever.
pub struct Reply(Option<Box<dyn FnOnce(Result<Answered>) + Send>>);

impl Reply {
    /// A reply that hands the answer to `receive`.
    pub fn new(receive: impl FnOnce(Result<Answered>) + Send + 'static) -> Self {
        Self(Some(Box::new(receive)))
    }

    /// Answers.
    pub fn send(mut self, outcome: Result<Answered>) {
        if let Some(receive) = self.0.take() {
            receive(outcome);
        }
    }

    /// The caller has its answer already.
    pub(super) fn discard(mut self) {
        self.0 = None;
    }
}

impl Drop for Reply {
    fn drop(&mut self) {
        if let Some(receive) = self.0.take() {
            receive(Err(impossible()));
        }
    }
}

/// What a caller is told after a panic.
pub(super) fn impossible() -> Error {
    Error::internal("the engine came upon a state that it holds impossible; nothing was changed")
}
