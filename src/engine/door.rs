//! What a front that many callers share asks beside their calls.

use std::sync::Arc;

use super::{Engine, Session, port::Tx, session::usable, task::FnTask};
use crate::{
    domain::instant::Instant,
    error::{Code, Error, Result},
};

/// A key's last use is written down this often at most, in microseconds.
const USE_NOTED: i64 = 60 * 1_000_000;

impl Session {
    /// The id of the caller's key, for logs and limits; not the key itself.
    pub fn key_id(&self) -> Option<&str> {
        self.actor.id.as_deref()
    }

    /// Tells whether the caller's key still opens the store: for what goes on
    /// long after it was let in.
    ///
    /// # Errors
    ///
    /// `api_key_revoked`, and what the database has to say.
    pub fn recheck(&self, done: impl FnOnce(Result<()>) + Send + 'static) {
        let Some(id) = self.key.as_ref().map(|key| key.id.clone()) else {
            return done(Ok(()));
        };
        let now = self.engine.clock.now();
        let check = move |tx: &mut dyn Tx| match tx.api_key_by_id(&id)? {
            Some(key) => usable(&key, now),
            None => Err(Error::new(Code::ApiKeyUnknown, "the API key is no longer there")),
        };
        self.engine.database.read(FnTask::boxed(None, check, done));
    }

    /// Notes that the caller's key is in use, once a minute at most. Nobody
    /// waits for it, and where the database cannot be written it is left out.
    pub fn note_use(&self) {
        let Some(key) = &self.key else { return };
        let now = self.engine.clock.now();
        let noted = key.last_used_at.map_or(i64::MIN, Instant::micros);
        if now.micros().saturating_sub(noted) < USE_NOTED {
            return;
        }
        let hash = key.hash;
        self.engine
            .database
            .write(FnTask::boxed(None, move |tx| tx.touch_api_key(&hash, now), drop));
    }
}

impl Engine {
    /// Asks the database for something small: whether it answers.
    pub fn check(&self, done: impl FnOnce(Result<()>) + Send + 'static) {
        let read = FnTask::boxed(None, |tx| tx.api_key(&[0; 32]).map(drop), done);
        self.database.read(read);
    }

    /// 128 bits that nobody else gets, in the order of time.
    pub fn unique(self: &Arc<Self>) -> u128 {
        self.ids.uuid(self.clock.now())
    }
}
