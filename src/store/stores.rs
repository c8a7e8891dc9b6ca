//! Statements about stores, keys and number blocks.

use super::driver::{Driver, Row, query_all, query_one};
use crate::{
    domain::{
        api_key::Mode,
        id::{ApiKeyId, StoreId},
        instant::Instant,
    },
    engine::port::{ApiKeyRecord, StoreNo, StoreRecord, StoreRows},
    error::{Error, Result},
};

const STORES: &str = "select no, id, mode, timezone, currency, secret, version, created_at, updated_at from stores \
     order by no limit 1000";
const API_KEY: &str = "select id, hash, store from api_keys where hash = ?1 and revoked_at is null";
const HAS_KEY: &str = "select 1 from api_keys where store = ?1 limit 1";
const INSERT_STORE: &str = "insert into stores (no, id, mode, timezone, currency, secret, version, created_at, updated_at) \
     values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)";
const INSERT_KEY: &str = "insert into api_keys (hash, id, store, created_at) values (?1, ?2, ?3, ?4)";
const RESERVE: &str = "insert into number_blocks (store, kind, next) values (?1, ?2, 1 + ?3) \
     on conflict (store, kind) do update set next = number_blocks.next + ?3 returning next";

impl<D: Driver> StoreRows for D {
    fn stores(&mut self) -> Result<Vec<StoreRecord>> {
        query_all(self, STORES, &[], &mut map)
    }

    fn api_key(&mut self, hash: &[u8; 32]) -> Result<Option<ApiKeyRecord>> {
        query_one(self, API_KEY, &[hash.as_slice().into()], &mut |row| {
            Ok(ApiKeyRecord {
                id: ApiKeyId::trusted(row.text(0)?),
                hash: array(row.bytes(1)?)?,
                store: row.integer(2)?,
            })
        })
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
        self.execute(INSERT_STORE, &values).map(drop)
    }

    fn insert_api_key(&mut self, key: &ApiKeyRecord, at: Instant) -> Result<()> {
        let values = [
            key.hash.as_slice().into(),
            key.id.as_str().into(),
            key.store.into(),
            at.micros().into(),
        ];
        self.execute(INSERT_KEY, &values).map(drop)
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
