//! Statements about stores, keys and number blocks.

use super::{
    driver::{Driver, Row, query_all, query_one},
    migration,
};
use crate::{
    domain::{
        api_key::{Mode, Scope},
        id::{ApiKeyId, StoreId},
        instant::Instant,
    },
    engine::port::{ApiKeyRecord, Health, StoreNo, StoreRecord, StoreRows},
    error::{Error, Result},
};

const STORES: &str = "select no, id, mode, timezone, currency, secret, version, created_at, updated_at from stores \
     order by no limit 1000";
const STORE_BY_ID: &str = "select no, id, mode, timezone, currency, secret, version, created_at, updated_at from stores \
     where id = ?1";
const FIRST_STORE: &str = "select no from stores where no = 1 /*lock*/";
const NEXT_STORE: &str = "select coalesce(max(no), 0) + 1 from stores";
/// Changes nothing, and fails where nothing can be changed.
const NO_CHANGE: &str = "update schema_migrations set applied_at = applied_at where number = 0";
const STORE: &str = "select no, id, mode, timezone, currency, secret, version, created_at, updated_at from stores \
     where no = ?1";
/// The columns of [`map_key`], in its order.
macro_rules! key_columns {
    () => {
        "select hash, id, store, scope, name, hint, created_at, last_used_at, expires_at, revoked_at from api_keys"
    };
}
const API_KEY: &str = concat!(key_columns!(), " where hash = ?1");
const API_KEY_BY_ID: &str = concat!(key_columns!(), " where id = ?1");
const API_KEYS: &str = concat!(key_columns!(), " order by created_at, id limit 1000");
const API_KEYS_OF_STORE: &str = concat!(key_columns!(), " where store = ?1 order by created_at, id limit 1000");
const HAS_KEY: &str = "select 1 from api_keys where store = ?1 limit 1";
const INSERT_STORE: &str = "insert into stores (no, id, mode, timezone, currency, secret, version, created_at, updated_at) \
     values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)";
const INSERT_KEY: &str = "insert into api_keys (hash, id, store, scope, name, hint, created_at, expires_at) \
     values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)";
const REVOKE_KEY: &str = "update api_keys set revoked_at = ?2 where hash = ?1 and revoked_at is null";
const TOUCH_KEY: &str = "update api_keys set last_used_at = ?2 where hash = ?1";
const RESERVE: &str = "insert into number_blocks (store, kind, next) values (?1, ?2, 1 + ?3) \
     on conflict (store, kind) do update set next = number_blocks.next + ?3 returning next";

impl<D: Driver> StoreRows for D {
    fn stores(&mut self) -> Result<Vec<StoreRecord>> {
        query_all(self, STORES, &[], &mut map)
    }

    fn store_by_id(&mut self, id: &StoreId) -> Result<Option<StoreRecord>> {
        query_one(self, STORE_BY_ID, &[id.as_str().into()], &mut map)
    }

    fn next_store_no(&mut self) -> Result<StoreNo> {
        // Whoever else makes a store waits here, and then counts ours too.
        query_one(self, FIRST_STORE, &[], &mut |_| Ok(()))?;
        query_one(self, NEXT_STORE, &[], &mut |row| row.integer(0))?
            .ok_or_else(|| Error::internal("a maximum gave no row"))
    }

    fn store(&mut self, no: StoreNo) -> Result<Option<StoreRecord>> {
        query_one(self, STORE, &[no.into()], &mut map)
    }

    fn api_key(&mut self, hash: &[u8; 32]) -> Result<Option<ApiKeyRecord>> {
        query_one(self, API_KEY, &[hash.as_slice().into()], &mut map_key)
    }

    fn api_key_by_id(&mut self, id: &ApiKeyId) -> Result<Option<ApiKeyRecord>> {
        query_one(self, API_KEY_BY_ID, &[id.as_str().into()], &mut map_key)
    }

    fn api_keys(&mut self, store: Option<StoreNo>) -> Result<Vec<ApiKeyRecord>> {
        match store {
            Some(no) => query_all(self, API_KEYS_OF_STORE, &[no.into()], &mut map_key),
            None => query_all(self, API_KEYS, &[], &mut map_key),
        }
    }

    fn has_api_key(&mut self, store: StoreNo) -> Result<bool> {
        Ok(query_one(self, HAS_KEY, &[store.into()], &mut |_| Ok(()))?.is_some())
    }

    fn insert_store(&mut self, store: &StoreRecord) -> Result<()> {
        let values = [
            store.no.into(),
            store.id.as_str().into(),
            store.mode.name().into(),
            store.timezone.as_str().into(),
            store.currency.as_str().into(),
            store.secret.as_slice().into(),
            store.version.into(),
            store.created_at.micros().into(),
            store.updated_at.micros().into(),
        ];
        self.execute(INSERT_STORE, &values)
    }

    fn insert_api_key(&mut self, key: &ApiKeyRecord) -> Result<()> {
        let values = [
            key.hash.as_slice().into(),
            key.id.as_str().into(),
            key.store.into(),
            key.scope.name().into(),
            key.name.as_deref().into(),
            key.hint.as_deref().into(),
            key.created_at.micros().into(),
            key.expires_at.map(Instant::micros).into(),
        ];
        self.execute(INSERT_KEY, &values)
    }

    fn revoke_api_key(&mut self, hash: &[u8; 32], at: Instant) -> Result<()> {
        self.execute(REVOKE_KEY, &[hash.as_slice().into(), at.micros().into()])?;
        self.announce()
    }

    fn touch_api_key(&mut self, hash: &[u8; 32], at: Instant) -> Result<()> {
        self.execute(TOUCH_KEY, &[hash.as_slice().into(), at.micros().into()])
    }

    fn health(&mut self) -> Result<Health> {
        self.execute(NO_CHANGE, &[])?;
        let sql = self.version_query();
        let version = query_one(self, sql, &[], &mut |row| Ok(row.text(0)?.to_owned()))?;
        Ok(Health {
            version: version.ok_or_else(|| Error::internal("the database does not say its version"))?,
            schema: migration::applied(self)?,
        })
    }

    fn reserve_numbers(&mut self, store: StoreNo, kind: &str, count: i64) -> Result<i64> {
        let next = query_one(self, RESERVE, &[store.into(), kind.into(), count.into()], &mut |row| {
            row.integer(0)
        })?;
        next.map(|next| next - count)
            .ok_or_else(|| Error::internal("a number block gave no number"))
    }
}

fn array(bytes: &[u8]) -> Result<[u8; 32]> {
    bytes
        .try_into()
        .map_err(|_| Error::internal("a stored key or hash has another length than 32 bytes"))
}

fn map(row: &dyn Row) -> Result<StoreRecord> {
    Ok(StoreRecord {
        no: row.integer(0)?,
        id: StoreId::trusted(row.text(1)?),
        mode: Mode::from_name(row.text(2)?).ok_or_else(|| Error::internal("a store has an unknown mode"))?,
        timezone: row.text(3)?.to_owned(),
        currency: row.text(4)?.to_owned(),
        secret: array(row.bytes(5)?)?,
        version: row.integer(6)?,
        created_at: Instant::from_micros(row.integer(7)?),
        updated_at: Instant::from_micros(row.integer(8)?),
    })
}

fn map_key(row: &dyn Row) -> Result<ApiKeyRecord> {
    let owned = |column: usize| Ok(row.optional_text(column)?.map(str::to_owned));
    let instant = |column: usize| Ok(row.optional_integer(column)?.map(Instant::from_micros));
    Ok(ApiKeyRecord {
        hash: array(row.bytes(0)?)?,
        id: ApiKeyId::trusted(row.text(1)?),
        store: row.integer(2)?,
        scope: Scope::from_name(row.text(3)?).ok_or_else(|| Error::internal("a key has an unknown scope"))?,
        name: owned(4)?,
        hint: owned(5)?,
        created_at: Instant::from_micros(row.integer(6)?),
        last_used_at: instant(7)?,
        expires_at: instant(8)?,
        revoked_at: instant(9)?,
    })
}
