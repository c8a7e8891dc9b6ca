//! API keys at the door: which session a request belongs to.
//!
//! A known key is remembered for a moment, so that a request costs one hash
//! and one look into a table in memory. It is asked for again in the database
//! while it is in use, and before it is used again after a pause: whoever
//! revokes it, in whatever process, has shut the door a second later.

use std::{
    collections::HashMap,
    hash::{Hash, Hasher},
    sync::{
        Arc, PoisonError, RwLock,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use axum::http::{HeaderMap, header::AUTHORIZATION};
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;
use tokio::sync::oneshot;

use crate::{
    engine::{Engine, Session},
    error::{Code, Error, Kind, Result},
};

/// Older than this, a remembered key opens nothing before it was asked for again.
const OLDEST: Duration = Duration::from_secs(1);
/// Older than this, it is asked for again while it goes on being used.
const OLD: Duration = Duration::from_millis(500);
/// So many keys are remembered at most.
const MOST: usize = 10_000;
/// A key's use is noted this often at most.
const NOTED: Duration = Duration::from_secs(60);

/// SHA-256 of a key. Compared without telling by its time how much of it fits.
#[derive(Clone, Copy)]
pub(super) struct KeyHash([u8; 32]);

impl KeyHash {
    pub(super) fn of(key: &str) -> Self {
        Self(Sha256::digest(key.as_bytes()).into())
    }
}

impl PartialEq for KeyHash {
    fn eq(&self, other: &Self) -> bool {
        self.0.ct_eq(&other.0).into()
    }
}

impl Eq for KeyHash {}

impl Hash for KeyHash {
    fn hash<H: Hasher>(&self, hasher: &mut H) {
        self.0.hash(hasher);
    }
}

struct Known {
    session: Arc<Session>,
    since: Instant,
    noted: Instant,
    being_asked: AtomicBool,
}

/// The keys that were seen of late.
pub(super) struct Keys {
    engine: Arc<Engine>,
    known: RwLock<HashMap<KeyHash, Arc<Known>>>,
}

impl Keys {
    pub(super) fn new(engine: Arc<Engine>) -> Arc<Self> {
        Arc::new(Self {
            engine,
            known: RwLock::default(),
        })
    }

    /// The session of a key.
    ///
    /// # Errors
    ///
    /// `api_key_unknown`, `api_key_revoked`, `api_key_malformed`, and what the
    /// database has to say.
    pub(super) async fn session(self: &Arc<Self>, key: &str, hash: KeyHash) -> Result<Arc<Session>> {
        if let Some(session) = self.remembered(key, hash) {
            return Ok(session);
        }
        let (send, receive) = oneshot::channel();
        self.ask(key, hash, move |found| drop(send.send(found)));
        receive
            .await
            .unwrap_or_else(|_| Err(Error::internal("an API key was looked for and nothing was answered")))
    }

    fn remembered(self: &Arc<Self>, key: &str, hash: KeyHash) -> Option<Arc<Session>> {
        let known = self.read().get(&hash).cloned()?;
        let age = known.since.elapsed();
        if age >= OLDEST {
            return None;
        }
        if age >= OLD && !known.being_asked.swap(true, Ordering::Relaxed) {
            self.ask(key, hash, drop);
        }
        Some(Arc::clone(&known.session))
    }

    /// Asks the database, remembers what it says, and hands it over.
    fn ask(self: &Arc<Self>, key: &str, hash: KeyHash, then: impl FnOnce(Result<Arc<Session>>) + Send + 'static) {
        let keys = Arc::clone(self);
        let since = Instant::now();
        Session::authenticate(&self.engine, key, move |found| {
            match &found {
                Ok(session) => keys.remember(hash, session, since),
                // While the database does not answer nothing is known about
                // the key: what is remembered of it ends by itself.
                Err(error) if error.code().kind() == Kind::Authentication => {
                    keys.write().remove(&hash);
                }
                Err(_) => {}
            }
            then(found);
        });
    }

    fn remember(&self, hash: KeyHash, session: &Arc<Session>, since: Instant) {
        let mut known = self.write();
        let before = known.get(&hash).map(|known| known.noted);
        let due = before.is_none_or(|noted| noted.elapsed() >= NOTED);
        if before.is_none() && known.len() >= MOST {
            known.retain(|_, known| known.since.elapsed() < OLDEST);
            if known.len() >= MOST {
                known.clear();
            }
        }
        let entry = Known {
            session: Arc::clone(session),
            since,
            noted: before.filter(|_| !due).unwrap_or(since),
            being_asked: AtomicBool::new(false),
        };
        known.insert(hash, Arc::new(entry));
        drop(known);
        if due {
            session.note_use();
        }
    }

    fn read(&self) -> std::sync::RwLockReadGuard<'_, HashMap<KeyHash, Arc<Known>>> {
        self.known.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn write(&self) -> std::sync::RwLockWriteGuard<'_, HashMap<KeyHash, Arc<Known>>> {
        self.known.write().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The key that a request brings.
///
/// # Errors
///
/// `api_key_missing` without an `Authorization` header, `api_key_malformed`
/// when it cannot hold a key.
pub(super) fn presented(headers: &HeaderMap) -> Result<&str> {
    let mut given = headers.get_all(AUTHORIZATION).iter();
    let Some(first) = given.next() else {
        return Err(Error::new(
            Code::ApiKeyMissing,
            "this needs an API key: send it as Authorization: Bearer sk_…",
        ));
    };
    let bearer = first.to_str().ok().and_then(|text| text.split_once(' '));
    let key = bearer
        .filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer") && given.next().is_none())
        .map(|(_, key)| key.trim())
        .filter(|key| (9..=128).contains(&key.len()) && key.bytes().all(|byte| byte.is_ascii_graphic()));
    key.ok_or_else(|| {
        Error::new(
            Code::ApiKeyMalformed,
            "the Authorization header must be Bearer and one API key: sk_test_…, sk_live_…, or 24 to 128 printable characters",
        )
    })
}
