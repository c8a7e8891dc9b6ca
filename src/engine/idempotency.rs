//! A repeat with the same key gets the first answer.

use hmac::{Hmac, KeyInit, Mac};
use serde_json::Value;
use sha2::Sha256;

use super::{
    Answered, Context,
    port::{KeptAnswer, Tx},
};
use crate::{
    domain::{Problem, instant::Instant, text},
    error::{Code, Error, Result},
};

/// How long a first answer is kept, in microseconds: 24 hours.
const KEPT: i64 = 24 * 3600 * 1_000_000;

/// How long a key stays reserved for a call that is under way, in
/// microseconds: longer than any gateway takes to answer. Only a crash leaves
/// it reserved for so long.
pub const RESERVED: i64 = 5 * 60 * 1_000_000;

/// Longest key, in characters.
pub const MAX_KEY_CHARACTERS: usize = 255;

/// What became of the first call with a key.
pub(super) enum Earlier {
    /// There was none.
    Nothing,
    /// It was answered: JSON, an error that was carried out too.
    Answer(String),
    /// It is under way.
    InFlight,
}

/// A first answer, told again.
pub(super) fn replayed(text: String) -> Result<Answered> {
    // No answer of ours begins so but an error.
    if text.starts_with("{\"error\":")
        && let Some(error) = Error::from_json(&text)
    {
        return Err(error);
    }
    Ok(Answered::Replayed(text))
}

/// An idempotency key with what tells one body from another.
pub(super) struct Key {
    key: String,
    body: Vec<u8>,
}

impl Key {
    /// Checks the caller's key: 1 to 255 printable characters. `input` is what
    /// two bodies are compared by, without secrets.
    pub(super) fn new(key: &str, input: &Value, secret: &[u8; 32]) -> Result<Self> {
        let refused = |problem: Problem| Error::problem("idempotencyKey", problem);
        let key = text::checked(key, MAX_KEY_CHARACTERS).map_err(refused)?;
        if key.chars().any(char::is_control) {
            return Err(refused(Problem::new(format!(
                "must be 1 to {MAX_KEY_CHARACTERS} printable characters"
            ))));
        }
        let mut mac = Hmac::<Sha256>::new_from_slice(secret).map_err(|_| Error::internal("no key for the HMAC"))?;
        mac.update(input.to_string().as_bytes());
        Ok(Self {
            key,
            body: mac.finalize().into_bytes().to_vec(),
        })
    }

    /// What became of the first call.
    pub(super) fn earlier(&self, cx: &Context<'_>, tx: &mut dyn Tx, operation: &str) -> Result<Earlier> {
        let Some(first) = tx.first_answer(cx.store.no, operation, &self.key, cx.now)? else {
            return Ok(Earlier::Nothing);
        };
        if first.body != self.body {
            return Err(Error::new(
                Code::IdempotencyKeyReused,
                format!("this idempotency key was used for {operation} before with other parameters: use a new key for a new request"),
            )
            .with_param("idempotencyKey"));
        }
        match first.answer {
            Some(answer) if answer.is_empty() => Ok(Earlier::InFlight),
            Some(answer) => Ok(Earlier::Answer(answer)),
            None => Err(Error::new(
                Code::IdempotencyAnswerErased,
                "the first answer to this idempotency key spoke of a customer that was deleted since: use a new key",
            )
            .with_param("idempotencyKey")),
        }
    }

    /// The first answer, when there was one, for operations that are done in
    /// one transaction.
    pub(super) fn first_answer(&self, cx: &Context<'_>, tx: &mut dyn Tx, operation: &str) -> Result<Option<String>> {
        match self.earlier(cx, tx, operation)? {
            Earlier::Nothing => Ok(None),
            Earlier::Answer(answer) => Ok(Some(answer)),
            Earlier::InFlight => Err(Error::internal("a call that is done at once is under way")),
        }
    }

    /// Keeps others from starting the same call while it is under way.
    pub(super) fn reserve(&self, cx: &Context<'_>, tx: &mut dyn Tx, operation: &str) -> Result<()> {
        tx.remove_expired_answers(cx.store.no, cx.now)?;
        tx.keep_answer(cx.store.no, &self.kept(cx, operation, "", "", RESERVED))
    }

    /// Keeps the first answer of a call that had the key reserved.
    pub(super) fn settle(
        &self,
        cx: &Context<'_>,
        tx: &mut dyn Tx,
        operation: &str,
        answer: &str,
        subject: &str,
    ) -> Result<()> {
        tx.settle_answer(cx.store.no, &self.kept(cx, operation, answer, subject, KEPT))
    }

    /// Frees a key that was reserved.
    pub(super) fn release(&self, cx: &Context<'_>, tx: &mut dyn Tx, operation: &str) -> Result<()> {
        tx.release_answer(cx.store.no, operation, &self.key)
    }

    fn kept<'a>(
        &'a self,
        cx: &Context<'_>,
        operation: &'a str,
        answer: &'a str,
        subject: &'a str,
        micros: i64,
    ) -> KeptAnswer<'a> {
        KeptAnswer {
            operation,
            key: &self.key,
            body: &self.body,
            answer,
            subject,
            at: cx.now,
            expires: Instant::from_micros(cx.now.micros() + micros),
        }
    }

    /// Keeps the first answer.
    pub(super) fn keep(
        &self,
        cx: &Context<'_>,
        tx: &mut dyn Tx,
        operation: &str,
        answer: &str,
        subject: &str,
    ) -> Result<()> {
        tx.remove_expired_answers(cx.store.no, cx.now)?;
        tx.keep_answer(cx.store.no, &self.kept(cx, operation, answer, subject, KEPT))
    }
}
