//! An engine, and sessions on it: an API key with the store it belongs to.

use std::sync::Arc;

use sha2::{Digest, Sha256};
use tokio::runtime::Handle;

use super::{
    Actor, Context,
    numbers::Numbers,
    port::{ApiKeyRecord, Clock, Ids, Store, StoreRecord, Tx},
    task::FnTask,
};
use crate::{
    domain::{
        api_key::{self, Mode},
        currency,
        id::{ApiKeyId, StoreId},
        zone,
    },
    error::{Code, Error, Result},
};

/// A database with everything the use cases need.
pub struct Engine {
    pub(super) database: Arc<dyn Store>,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) ids: Arc<dyn Ids>,
    pub(super) blocking: Handle,
    pub(super) numbers: Numbers,
}

impl Engine {
    /// An engine on an open database. `blocking` runs what may wait or
    /// compute for long.
    pub fn new(database: Arc<dyn Store>, clock: Arc<dyn Clock>, ids: Arc<dyn Ids>, blocking: Handle) -> Arc<Self> {
        Arc::new(Self {
            database,
            clock,
            ids,
            blocking,
            numbers: Numbers::default(),
        })
    }

    /// The database, for tasks of a test's own.
    #[cfg(feature = "testing")]
    pub fn database(&self) -> &Arc<dyn Store> {
        &self.database
    }

    /// Finishes what was accepted and closes the database.
    pub fn close(&self, done: Box<dyn FnOnce() + Send>) {
        self.database.close(done);
    }
}

/// What a caller says about itself when it starts.
#[derive(Debug, Clone)]
pub struct SessionOptions {
    /// The key; without one the store must be a test store.
    pub api_key: Option<String>,
    /// What a key that does not say so itself stands for.
    pub mode: Mode,
    /// IANA zone for a new store; a stored one must be the same.
    pub timezone: Option<String>,
    /// ISO code for a new store; a stored one must be the same.
    pub currency: Option<String>,
}

impl Default for SessionOptions {
    fn default() -> Self {
        Self {
            api_key: None,
            mode: Mode::Test,
            timezone: None,
            currency: None,
        }
    }
}

/// A caller that is known: its store, and who it is.
pub struct Session {
    pub(super) engine: Arc<Engine>,
    pub(super) store: StoreRecord,
    pub(super) actor: Actor,
}

impl Session {
    /// Finds the store that the key belongs to. A fresh database adopts the
    /// first key it sees.
    pub fn open(engine: &Arc<Engine>, options: SessionOptions, done: impl FnOnce(Result<Arc<Self>>) + Send + 'static) {
        let asked = match Asked::new(options) {
            Ok(asked) => asked,
            Err(error) => return done(Err(error)),
        };
        let (for_read, for_write) = (Arc::clone(engine), Arc::clone(engine));
        let to_write = asked.clone();
        engine.database.read(FnTask::boxed(
            None,
            move |tx| asked.known(tx),
            move |found| match found {
                Ok(Some((store, actor))) => done(Ok(Arc::new(Self {
                    engine: for_read,
                    store,
                    actor,
                }))),
                Ok(None) => to_write.adopt(for_write, done),
                Err(error) => done(Err(error)),
            },
        ));
    }

    /// The store.
    pub fn store(&self) -> &StoreRecord {
        &self.store
    }

    /// The engine.
    pub fn engine(&self) -> &Arc<Engine> {
        &self.engine
    }

    pub(super) fn context<'a>(&'a self, request_id: Option<&'a str>) -> Context<'a> {
        Context {
            store: &self.store,
            now: self.engine.clock.now(),
            ids: &*self.engine.ids,
            actor: &self.actor,
            request_id,
        }
    }
}

/// Checked options.
#[derive(Clone)]
struct Asked {
    /// Hash of the key and the mode it stands for.
    key: Option<([u8; 32], Mode)>,
    timezone: Option<&'static str>,
    currency: Option<String>,
}

type Known = Option<(StoreRecord, Actor)>;

impl Asked {
    fn new(options: SessionOptions) -> Result<Self> {
        let invalid = |param: &str, problem: crate::domain::Problem| {
            Error::new(Code::ConfigurationInvalid, format!("{param} {}", problem.message)).with_param(param)
        };
        let key = match options.api_key.as_deref() {
            None => None,
            Some(key) => {
                let mode = api_key::mode_of(key, options.mode).map_err(|problem| {
                    Error::new(Code::ApiKeyMalformed, format!("apiKey {}", problem.message)).with_param("apiKey")
                })?;
                Some((Sha256::digest(key.as_bytes()).into(), mode))
            }
        };
        let timezone = options
            .timezone
            .as_deref()
            .map(zone::checked)
            .transpose()
            .map_err(|problem| invalid("timezone", problem))?;
        let currency = options
            .currency
            .as_deref()
            .map(currency::checked)
            .transpose()
            .map_err(|problem| invalid("currency", problem))?;
        Ok(Self {
            key,
            timezone,
            currency,
        })
    }

    /// The store, when the database knows it already.
    fn known(&self, tx: &mut dyn Tx) -> Result<Known> {
        let stores = tx.stores()?;
        let found = match &self.key {
            Some((hash, mode)) => match tx.api_key(hash)? {
                Some(record) => stores
                    .into_iter()
                    .find(|store| store.no == record.store)
                    .map(|store| (store, actor(Some(&record)))),
                None if self.may_adopt(tx, &stores, *mode)? => return Ok(None),
                None => return Err(unknown_key()),
            },
            None => match stores.as_slice() {
                [] => return Ok(None),
                [store] if store.mode == Mode::Test => Some((store.clone(), actor(None))),
                _ => return Err(missing_key()),
            },
        };
        if let Some((store, _)) = &found {
            self.check_settings(store)?;
        }
        Ok(found)
    }

    /// An empty database adopts any key; a keyless test store only a test key.
    fn may_adopt(&self, tx: &mut dyn Tx, stores: &[StoreRecord], mode: Mode) -> Result<bool> {
        match stores {
            [] => Ok(true),
            [store] => Ok(store.mode == mode && !tx.has_api_key(store.no)?),
            _ => Ok(false),
        }
    }

    fn check_settings(&self, store: &StoreRecord) -> Result<()> {
        for (param, given, stored) in [
            ("timezone", self.timezone, &store.timezone),
            ("currency", self.currency.as_deref(), &store.currency),
        ] {
            if let Some(given) = given.filter(|given| given != stored) {
                return Err(Error::new(
                    Code::SettingDiffers,
                    format!("{param} is {given} here and {stored} in the store: it only seeds a new store, so leave it out or give the stored value"),
                )
                .with_param(param));
            }
        }
        Ok(())
    }

    /// Makes the store, or gives a keyless one its key. Another process may
    /// have been faster, so it looks again first.
    fn adopt(self, engine: Arc<Engine>, done: impl FnOnce(Result<Arc<Session>>) + Send + 'static) {
        let shared = Arc::clone(&engine);
        engine.database.write(FnTask::boxed(
            None,
            move |tx| match self.known(tx)? {
                Some(known) => Ok(known),
                None => self.make(tx, &engine_parts(&shared)),
            },
            {
                let engine = Arc::clone(&engine);
                move |made| done(made.map(|(store, actor)| Arc::new(Session { engine, store, actor })))
            },
        ));
    }

    fn make(&self, tx: &mut dyn Tx, (clock, ids): &(Arc<dyn Clock>, Arc<dyn Ids>)) -> Result<(StoreRecord, Actor)> {
        let now = clock.now();
        let store = match tx.stores()?.into_iter().next() {
            Some(store) => {
                self.check_settings(&store)?;
                store
            }
            None => {
                let mut secret = [0; 32];
                ids.fill(&mut secret);
                let store = StoreRecord {
                    no: 1,
                    id: StoreId::from_bits(ids.uuid(now)),
                    mode: self.key.map_or(Mode::Test, |(_, mode)| mode),
                    timezone: self.timezone.unwrap_or("UTC").to_owned(),
                    currency: self.currency.clone().unwrap_or_else(|| "KRW".to_owned()),
                    secret,
                    version: 1,
                    created_at: now,
                    updated_at: now,
                };
                tx.insert_store(&store)?;
                store
            }
        };
        let Some((hash, _)) = self.key else {
            return Ok((store, actor(None)));
        };
        let record = ApiKeyRecord {
            id: ApiKeyId::from_bits(ids.uuid(now)),
            hash,
            store: store.no,
        };
        tx.insert_api_key(&record, now)?;
        Ok((store, actor(Some(&record))))
    }
}

fn engine_parts(engine: &Engine) -> (Arc<dyn Clock>, Arc<dyn Ids>) {
    (Arc::clone(&engine.clock), Arc::clone(&engine.ids))
}

fn actor(key: Option<&ApiKeyRecord>) -> Actor {
    match key {
        Some(record) => Actor {
            kind: "api_key",
            id: Some(record.id.as_str().to_owned()),
        },
        None => Actor {
            kind: "system",
            id: None,
        },
    }
}

fn unknown_key() -> Error {
    Error::new(
        Code::ApiKeyUnknown,
        "this database belongs to another API key: use the key it was first opened with, or another database; a test store adopts test keys only",
    )
    .with_param("apiKey")
}

fn missing_key() -> Error {
    Error::new(
        Code::ApiKeyMissing,
        "this database needs an API key: set PROYECTA_API_KEY, or pass apiKey",
    )
    .with_param("apiKey")
}
