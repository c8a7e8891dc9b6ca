//! A repeat with the same key gets the first answer.

use hmac::{Hmac, KeyInit, Mac};
use serde_json::Value;
use sha2::Sha256;

use super::{
    Context,
    port::{KeptAnswer, Tx},
};
use crate::{
    domain::{Problem, instant::Instant, text},
    error::{Code, Error, Result},
};

/// How long a first answer is kept, in microseconds: 24 hours.
const KEPT: i64 = 24 * 3600 * 1_000_000;

/// Longest key, in characters.
pub const MAX_KEY_CHARACTERS: usize = 255;

/// An idempotency key with what tells one body from another.
pub(super) struct Key {
    key: String,
    body: Vec<u8>,
}

impl Key {
    /// Checks the caller's key: 1 to 255 printable characters.
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

    /// The first answer, when there was one.
    pub(super) fn first_answer(&self, cx: &Context<'_>, tx: &mut dyn Tx, operation: &str) -> Result<Option<String>> {
        let Some(first) = tx.first_answer(cx.store.no, operation, &self.key, cx.now)? else {
            return Ok(None);
        };
        if first.body != self.body {
            return Err(Error::new(
                Code::IdempotencyKeyReused,
                format!("this idempotency key was used for {operation} before with other parameters: use a new key for a new request"),
            )
            .with_param("idempotencyKey"));
        }
        match first.answer {
            Some(answer) => Ok(Some(answer)),
            None => Err(Error::new(
                Code::IdempotencyAnswerErased,
                "the first answer to this idempotency key spoke of a customer that was deleted since: use a new key",
            )
            .with_param("idempotencyKey")),
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
        let kept = KeptAnswer {
            operation,
            key: &self.key,
            body: &self.body,
            answer,
            subject,
            at: cx.now,
            expires: Instant::from_micros(cx.now.micros() + KEPT),
        };
        tx.keep_answer(cx.store.no, &kept)
    }
}
