//! An engine, and sessions on it: an API key with the store it belongs to.

use std::sync::Arc;

use sha2::{Digest, Sha256};
use tokio::runtime::Handle;

use super::{
    Actor, Context, admin,
    numbers::Numbers,
    outside::Outside,
    pages::Pages,
    port::{ApiKeyRecord, Clock, Ids, Store, StoreNo, StoreRecord, Tx},
    relay::Relay,
    task::FnTask,
};
use crate::{
    domain::{
        api_key::{self, Mode, Scope},
        currency,
        id::{ApiKeyId, StoreId},
        instant::Instant,
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
    pub(super) outside: Outside,
    pub(super) relay: Arc<Relay>,
    pub(super) pages: Pages,
}

impl Engine {
    /// An engine on an open database. `blocking` runs what may wait or
    /// compute for long.
    pub fn new(
        database: Arc<dyn Store>,
        clock: Arc<dyn Clock>,
        ids: Arc<dyn Ids>,
        blocking: Handle,
        outside: Outside,
    ) -> Arc<Self> {
        Arc::new(Self {
            relay: Relay::new(&database),
            database,
            clock,
            ids,
            blocking,
            numbers: Numbers::default(),
            outside,
            pages: Pages::default(),
        })
    }

    /// A context of the engine's own work for a store.
    pub(super) fn context_of<'a>(&'a self, store: &'a StoreRecord, actor: &'a Actor, now: Instant) -> Context<'a> {
        Context {
            store,
            now,
            wall: now,
            ids: &*self.ids,
            actor,
            request_id: None,
            clock: None,
            pages: &self.pages,
        }
    }

    /// The database, for tasks of a test's own.
    #[cfg(feature = "testing")]
    pub fn database(&self) -> &Arc<dyn Store> {
        &self.database
    }

    /// Tells whether the database has any API key. Answers on another thread.
    pub fn has_any_key(&self, done: impl FnOnce(Result<bool>) + Send + 'static) {
        let any = |tx: &mut dyn Tx| tx.api_keys(None).map(|keys| !keys.is_empty());
        self.database.read(FnTask::boxed(None, any, done));
    }

    /// Calls `heard` when another process changed what callers may remember;
    /// see [`Store::listen`].
    pub fn listen(&self, heard: Arc<dyn Fn() + Send + Sync>) {
        self.database.listen(heard);
    }

    /// Ends the streams that wait, finishes what was accepted and closes the
    /// database.
    pub fn close(&self, done: Box<dyn FnOnce() + Send>) {
        self.relay.close();
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
    pub(super) scope: Scope,
    pub(super) key: Option<ApiKeyRecord>,
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
        let now = engine.clock.now();
        let to_write = asked.clone();
        engine.database.read(FnTask::boxed(
            None,
            move |tx| asked.known(tx, now),
            move |found| match found {
                Ok(Some(known)) => done(Ok(Self::of(for_read, known))),
                Ok(None) => to_write.adopt(for_write, done),
                Err(error) => done(Err(error)),
            },
        ));
    }

    /// Finds the store that a caller's key belongs to; an unknown key opens
    /// nothing. Answers on another thread, but for a mistyped key.
    pub fn authenticate(engine: &Arc<Engine>, key: &str, done: impl FnOnce(Result<Arc<Self>>) + Send + 'static) {
        if !api_key::checksum_fits(key) {
            let message = "the API key is mistyped: its checksum does not fit, so copy it again as a whole";
            return done(Err(Error::new(Code::ApiKeyMalformed, message).with_param("apiKey")));
        }
        let hash: [u8; 32] = Sha256::digest(key.as_bytes()).into();
        let shared = Arc::clone(engine);
        let now = engine.clock.now();
        engine.database.read(FnTask::boxed(
            None,
            move |tx| {
                let record = tx.api_key(&hash)?.ok_or_else(|| unknown_key(UNKNOWN_TO_SERVER))?;
                usable(&record, now)?;
                let store = tx
                    .store(record.store)?
                    .ok_or_else(|| Error::internal("a key's store is missing"))?;
                Ok((store, Some(record)))
            },
            move |found| done(found.map(|known| Self::of(shared, known))),
        ));
    }

    /// A session on a store for whoever has the database itself in hand.
    pub fn administer(engine: &Arc<Engine>, store: &StoreId, done: impl FnOnce(Result<Arc<Self>>) + Send + 'static) {
        let (id, shared) = (store.clone(), Arc::clone(engine));
        engine.database.read(FnTask::boxed(
            None,
            move |tx| admin::store(tx, &id),
            move |found| done(found.map(|store| Self::of(shared, (store, None)))),
        ));
    }

    fn of(engine: Arc<Engine>, (store, key): Known) -> Arc<Self> {
        Arc::new(Self {
            engine,
            store,
            actor: actor(key.as_ref()),
            scope: key.as_ref().map_or(Scope::Full, |key| key.scope),
            key,
        })
    }

    /// What the caller may do.
    pub fn scope(&self) -> Scope {
        self.scope
    }

    /// The store.
    pub fn store(&self) -> &StoreRecord {
        &self.store
    }

    /// The engine.
    pub fn engine(&self) -> &Arc<Engine> {
        &self.engine
    }

    /// A session of nobody but the engine itself.
    pub(super) fn system(engine: &Arc<Engine>, store: StoreRecord) -> Arc<Self> {
        Arc::new(Self {
            engine: Arc::clone(engine),
            store,
            actor: system_actor(),
            scope: Scope::Full,
            key: None,
        })
    }

    pub(super) fn context<'a>(&'a self, request_id: Option<&'a str>) -> Context<'a> {
        let now = self.engine.clock.now();
        Context {
            store: &self.store,
            now,
            wall: now,
            ids: &*self.engine.ids,
            actor: &self.actor,
            request_id,
            clock: None,
            pages: &self.engine.pages,
        }
    }
}

/// Who acts when nobody asks.
pub(super) fn system_actor() -> Actor {
    Actor {
        kind: "system",
        id: None,
    }
}

/// A key, as far as it may be kept.
#[derive(Clone)]
struct GivenKey {
    hash: [u8; 32],
    /// The mode it stands for.
    mode: Mode,
    hint: String,
}

/// Checked options.
#[derive(Clone)]
struct Asked {
    key: Option<GivenKey>,
    timezone: Option<&'static str>,
    currency: Option<String>,
}

/// A store, and the key that it was asked with.
type Known = (StoreRecord, Option<ApiKeyRecord>);

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
                Some(GivenKey {
                    hash: Sha256::digest(key.as_bytes()).into(),
                    mode,
                    hint: api_key::hint(key),
                })
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
    fn known(&self, tx: &mut dyn Tx, now: Instant) -> Result<Option<Known>> {
        let found = match &self.key {
            Some(key) => {
                let mut record = tx.api_key(&key.hash)?;
                if record.is_none() {
                    if self.may_adopt(tx, key.mode)? {
                        return Ok(None);
                    }
                    // Another process may have brought it along between the
                    // two looks.
                    record = tx.api_key(&key.hash)?;
                }
                let record = record.ok_or_else(|| unknown_key(UNKNOWN_HERE))?;
                usable(&record, now)?;
                tx.store(record.store)?.map(|store| (store, Some(record)))
            }
            None => match tx.stores()?.as_slice() {
                [] => return Ok(None),
                [store] if store.mode == Mode::Test => Some((store.clone(), None)),
                _ => return Err(missing_key()),
            },
        };
        if let Some((store, _)) = &found {
            self.check_settings(store)?;
        }
        Ok(found)
    }

    /// An empty database adopts any key; a keyless test store only a test key.
    fn may_adopt(&self, tx: &mut dyn Tx, mode: Mode) -> Result<bool> {
        match tx.stores()?.as_slice() {
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
            move |tx| match self.known(tx, shared.clock.now())? {
                Some(known) => Ok(known),
                None => self.make(tx, &shared),
            },
            {
                let engine = Arc::clone(&engine);
                move |made| done(made.map(|known| Session::of(engine, known)))
            },
        ));
    }

    fn make(&self, tx: &mut dyn Tx, engine: &Engine) -> Result<Known> {
        let now = engine.clock.now();
        let store = match tx.stores()?.into_iter().next() {
            Some(store) => {
                self.check_settings(&store)?;
                store
            }
            None => {
                let mode = self.key.as_ref().map_or(Mode::Test, |key| key.mode);
                let store = new_store(engine, 1, mode, self.timezone, self.currency.as_deref());
                tx.insert_store(&store)?;
                store
            }
        };
        let Some(key) = &self.key else {
            return Ok((store, None));
        };
        let record = ApiKeyRecord {
            id: ApiKeyId::from_bits(engine.ids.uuid(now)),
            hash: key.hash,
            store: store.no,
            scope: Scope::Full,
            name: None,
            hint: Some(key.hint.clone()),
            created_at: now,
            last_used_at: None,
            expires_at: None,
            revoked_at: None,
        };
        tx.insert_api_key(&record)?;
        Ok((store, Some(record)))
    }
}

/// A store with what nobody said taken from the defaults.
pub(super) fn new_store(
    engine: &Engine,
    no: StoreNo,
    mode: Mode,
    timezone: Option<&str>,
    currency: Option<&str>,
) -> StoreRecord {
    let now = engine.clock.now();
    let mut secret = [0; 32];
    engine.ids.fill(&mut secret);
    StoreRecord {
        no,
        id: StoreId::from_bits(engine.ids.uuid(now)),
        mode,
        timezone: timezone.unwrap_or("UTC").to_owned(),
        currency: currency.unwrap_or("KRW").to_owned(),
        secret,
        version: 1,
        created_at: now,
        updated_at: now,
    }
}

/// Refuses a key that was revoked or whose time is over.
pub(super) fn usable(key: &ApiKeyRecord, now: Instant) -> Result<()> {
    let over = key.expires_at.is_some_and(|end| end <= now);
    if key.revoked_at.is_none() && !over {
        return Ok(());
    }
    let why = if over { "has expired" } else { "was revoked" };
    Err(Error::new(
        Code::ApiKeyRevoked,
        format!("the API key {} {why}: use another key of the store", key.id.as_str()),
    ))
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

const UNKNOWN_HERE: &str = "this database belongs to another API key: use the key it was first opened with, or another database; a test store adopts test keys only";
const UNKNOWN_TO_SERVER: &str = "no store has this API key: check that it is complete and of this server";

fn unknown_key(message: &str) -> Error {
    Error::new(Code::ApiKeyUnknown, message).with_param("apiKey")
}

fn missing_key() -> Error {
    Error::new(
        Code::ApiKeyMissing,
        "this database needs an API key: set PROYECTA_API_KEY, or pass apiKey",
    )
    .with_param("apiKey")
}
