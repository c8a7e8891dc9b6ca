//! Stores and their API keys, for whoever has the database itself in hand:
//! the command line, and a server at its first start.

use std::sync::Arc;

use sha2::{Digest, Sha256};

use super::{
    Engine,
    port::{ApiKeyRecord, BackupProgress, Compacted, Health, StoreRecord, Tx},
    session::new_store,
    task::FnTask,
};
use crate::{
    domain::{
        api_key::{self, Mode, Scope},
        currency,
        id::{ApiKeyId, StoreId},
        instant::Instant,
        text, zone,
    },
    error::{Code, Error, Result},
};

/// Longest name of a key, in characters.
const MAX_NAME_CHARACTERS: usize = 100;

/// A store to be made.
#[derive(Debug, Clone)]
pub struct NewStore {
    /// Test or live, for good.
    pub mode: Mode,
    /// IANA time zone; UTC by default.
    pub timezone: Option<String>,
    /// ISO 4217 code; KRW by default.
    pub currency: Option<String>,
}

/// A key to be made or brought along.
#[derive(Debug, Clone, Default)]
pub struct NewKey {
    /// Its store; may be left out where the database has only one.
    pub store: Option<StoreId>,
    /// What it may do.
    pub scope: Scope,
    /// What its owner calls it; at most 100 characters.
    pub name: Option<String>,
    /// From then on it opens nothing.
    pub expires_at: Option<Instant>,
}

/// A key's record with the store it belongs to.
#[derive(Debug, Clone)]
pub struct ListedKey {
    /// The record.
    pub key: ApiKeyRecord,
    /// Its store; `None` for a key whose store is gone.
    pub store: Option<StoreId>,
}

impl Engine {
    /// Makes a store; its mode never changes.
    ///
    /// # Errors
    ///
    /// `parameter_invalid` for a time zone or currency that is not known.
    pub fn create_store(self: &Arc<Self>, new: NewStore, done: impl FnOnce(Result<StoreRecord>) + Send + 'static) {
        let checked = || -> Result<_> {
            let timezone = new.timezone.as_deref().map(zone::checked).transpose();
            let currency = new.currency.as_deref().map(currency::checked).transpose();
            Ok((
                timezone.map_err(|problem| Error::problem("timezone", problem))?,
                currency.map_err(|problem| Error::problem("currency", problem))?,
            ))
        };
        let (timezone, currency) = match checked() {
            Ok(checked) => checked,
            Err(error) => return done(Err(error)),
        };
        let engine = Arc::clone(self);
        let run = move |tx: &mut dyn Tx| {
            let no = tx.next_store_no()?;
            let store = new_store(&engine, no, new.mode, timezone, currency.as_deref());
            tx.insert_store(&store)?;
            Ok(store)
        };
        self.database.write(FnTask::boxed(None, run, done));
    }

    /// All stores, oldest first; at most 1,000.
    pub fn list_stores(&self, done: impl FnOnce(Result<Vec<StoreRecord>>) + Send + 'static) {
        self.database.read(FnTask::boxed(None, |tx| tx.stores(), done));
    }

    /// Makes a key and hands it over together with its record: only its hash
    /// is kept, so this is the one time that anybody sees it.
    ///
    /// # Errors
    ///
    /// `store_not_found`, and `parameter_invalid` for a name or an end that
    /// does not fit.
    pub fn create_key(self: &Arc<Self>, new: NewKey, done: impl FnOnce(Result<(String, ListedKey)>) + Send + 'static) {
        let engine = Arc::clone(self);
        let run = move |tx: &mut dyn Tx| {
            let mut random = [0; 32];
            engine.ids.fill(&mut random);
            let store = chosen_store(tx, new.store.as_ref())?;
            let key = api_key::generate(store.mode, &random);
            let made = insert(&engine, tx, &store, &key, &new)?;
            Ok((key, made))
        };
        self.database.write(FnTask::boxed(None, run, done));
    }

    /// Takes a key that an app uses already. One that does not say its mode
    /// itself stands for `mode`, which must be the store's.
    ///
    /// # Errors
    ///
    /// `api_key_malformed`, `api_key_taken`, `store_not_found`, and
    /// `parameter_invalid` for a key of the other mode.
    pub fn import_key(
        self: &Arc<Self>,
        key: String,
        mode: Mode,
        new: NewKey,
        done: impl FnOnce(Result<ListedKey>) + Send + 'static,
    ) {
        let mode = match api_key::mode_of(&key, mode) {
            Ok(mode) => mode,
            Err(problem) => {
                return done(Err(Error::new(
                    Code::ApiKeyMalformed,
                    format!("the key {}", problem.message),
                )));
            }
        };
        let engine = Arc::clone(self);
        let run = move |tx: &mut dyn Tx| {
            let store = chosen_store(tx, new.store.as_ref())?;
            if store.mode != mode {
                return Err(Error::new(
                    Code::ParameterInvalid,
                    format!(
                        "this is a {} key and {} is a {} store: name a {0} store, or set PROYECTA_MODE for a key that does not say its mode itself",
                        mode.name(),
                        store.id.as_str(),
                        store.mode.name(),
                    ),
                )
                .with_param("store"));
            }
            insert(&engine, tx, &store, &key, &new)
        };
        self.database.write(FnTask::boxed(None, run, done));
    }

    /// The keys of a store, or of all, oldest first; at most 1,000. The keys
    /// themselves are not known, only how they begin and end.
    ///
    /// # Errors
    ///
    /// `store_not_found`.
    pub fn list_keys(&self, store: Option<StoreId>, done: impl FnOnce(Result<Vec<ListedKey>>) + Send + 'static) {
        let run = move |tx: &mut dyn Tx| {
            let of = match &store {
                Some(id) => Some(self::store(tx, id)?),
                None => None,
            };
            let stores = match &of {
                Some(store) => vec![store.clone()],
                None => tx.stores()?,
            };
            let keys = tx.api_keys(of.map(|store| store.no))?;
            let listed = keys.into_iter().map(|key| ListedKey {
                store: stores
                    .iter()
                    .find(|store| store.no == key.store)
                    .map(|store| store.id.clone()),
                key,
            });
            Ok(listed.collect())
        };
        self.database.read(FnTask::boxed(None, run, done));
    }

    /// Revokes a key for good. One that was revoked before stays as it was.
    ///
    /// # Errors
    ///
    /// `api_key_not_found`.
    pub fn revoke_key(&self, id: ApiKeyId, done: impl FnOnce(Result<ListedKey>) + Send + 'static) {
        let now = self.clock.now();
        let run = move |tx: &mut dyn Tx| {
            let found = |tx: &mut dyn Tx| tx.api_key_by_id(&id)?.ok_or_else(|| key_not_found(&id));
            let key = found(tx)?;
            tx.revoke_api_key(&key.hash, now)?;
            Ok(ListedKey {
                store: tx.store(key.store)?.map(|store| store.id),
                key: found(tx)?,
            })
        };
        self.database.write(FnTask::boxed(None, run, done));
    }

    /// Asks the database whether it serves: its version, its schema, and
    /// whether it can be written.
    pub fn health(&self, done: impl FnOnce(Result<Health>) + Send + 'static) {
        self.database.write(FnTask::boxed(None, |tx| tx.health(), done));
    }

    /// Copies the database to a new file; see [`super::port::Store::backup`].
    pub fn backup(&self, target: &std::path::Path, progress: &mut dyn FnMut(BackupProgress)) -> Result<()> {
        self.database.backup(target, progress)
    }

    /// Rewrites the database; see [`super::port::Store::compact`].
    pub fn compact(&self) -> Result<Compacted> {
        self.database.compact()
    }

    /// Now, by the engine's clock.
    pub fn now(&self) -> Instant {
        self.clock.now()
    }
}

/// The store with this id.
pub(super) fn store(tx: &mut dyn Tx, id: &StoreId) -> Result<StoreRecord> {
    tx.store_by_id(id)?.ok_or_else(|| {
        Error::new(
            Code::StoreNotFound,
            format!(
                "the database has no store {}: `proyecta stores list` names them",
                id.as_str()
            ),
        )
        .with_param("store")
    })
}

/// The store that was named, or the only one.
fn chosen_store(tx: &mut dyn Tx, named: Option<&StoreId>) -> Result<StoreRecord> {
    if let Some(id) = named {
        return store(tx, id);
    }
    let mut stores = tx.stores()?;
    match (stores.pop(), stores.is_empty()) {
        (Some(only), true) => Ok(only),
        (None, _) => Err(Error::new(
            Code::StoreNotFound,
            "the database has no store yet: `proyecta stores create` makes one",
        )
        .with_param("store")),
        _ => Err(Error::new(
            Code::ParameterMissing,
            "the database has several stores: name one with --store; `proyecta stores list` names them",
        )
        .with_param("store")),
    }
}

fn insert(engine: &Engine, tx: &mut dyn Tx, store: &StoreRecord, key: &str, new: &NewKey) -> Result<ListedKey> {
    let now = engine.clock.now();
    if let Some(name) = &new.name {
        text::checked(name, MAX_NAME_CHARACTERS).map_err(|problem| Error::problem("name", problem))?;
        if name.chars().any(char::is_control) {
            return Err(Error::invalid("name", "must be one line of plain text"));
        }
    }
    if new.expires_at.is_some_and(|end| end <= now) {
        return Err(Error::invalid("expires", "must lie in the future"));
    }
    let hash: [u8; 32] = Sha256::digest(key.as_bytes()).into();
    if let Some(taken) = tx.api_key(&hash)? {
        return Err(Error::new(
            Code::ApiKeyTaken,
            format!(
                "the database has this key already, as {}: bring another one",
                taken.id.as_str()
            ),
        )
        .with_detail("id", taken.id.as_str()));
    }
    let record = ApiKeyRecord {
        id: ApiKeyId::from_bits(engine.ids.uuid(now)),
        hash,
        store: store.no,
        scope: new.scope,
        name: new.name.clone(),
        hint: Some(api_key::hint(key)),
        created_at: now,
        last_used_at: None,
        expires_at: new.expires_at,
        revoked_at: None,
    };
    tx.insert_api_key(&record)?;
    Ok(ListedKey {
        key: record,
        store: Some(store.id.clone()),
    })
}

fn key_not_found(id: &ApiKeyId) -> Error {
    Error::new(
        Code::ApiKeyNotFound,
        format!(
            "the database has no API key {}: `proyecta keys list` names them",
            id.as_str()
        ),
    )
    .with_param("id")
}
