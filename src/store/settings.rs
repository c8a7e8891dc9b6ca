//! Statements about the settings of stores.

use super::{
    catalog_list::{json, strict},
    driver::{Driver, Row, query_one},
};
use crate::{
    domain::{currency::Currency, id::SettingsId, instant::Instant, zone::Zone},
    engine::port::{SettingsRecord, SettingsRow, SettingsRows, StoreNo},
    error::{Error, Result},
};

const LOCK: &str = "select no from stores where no = ?1 /*lock*/";
const READ: &str = "select s.timezone, s.currency, t.id, t.version, t.created_at, t.updated_at, t.body from stores s \
     left join settings t on t.store = s.no where s.no = ?1";
const SAVE: &str = "insert into settings (store, id, version, created_at, updated_at, body) \
     values (?1, ?2, ?3, ?4, ?5, ?6) on conflict (store) do update set version = excluded.version, \
     updated_at = excluded.updated_at, body = excluded.body";
const SET_STORE: &str =
    "update stores set timezone = ?2, currency = ?3, version = version + 1, updated_at = ?4 where no = ?1";

impl<D: Driver> SettingsRows for D {
    fn settings(&mut self, store: StoreNo, lock: bool) -> Result<Option<SettingsRow>> {
        if lock {
            query_one(self, LOCK, &[store.into()], &mut |_| Ok(()))?;
        }
        query_one(self, READ, &[store.into()], &mut map)
    }

    fn save_settings(&mut self, store: StoreNo, record: &SettingsRecord) -> Result<()> {
        let body = json(&record.settings)?;
        let values = [
            store.into(),
            record.id.as_str().into(),
            record.version.into(),
            record.created_at.micros().into(),
            record.updated_at.micros().into(),
            body.as_str().into(),
        ];
        self.execute(SAVE, &values)
    }

    fn set_zone_and_currency(&mut self, store: StoreNo, zone: Zone, currency: Currency, at: Instant) -> Result<()> {
        let values = [
            store.into(),
            zone.name().into(),
            currency.code().into(),
            at.micros().into(),
        ];
        self.execute(SET_STORE, &values)
    }
}

fn map(row: &dyn Row) -> Result<SettingsRow> {
    let damaged = |_| Error::internal("a store has an unknown time zone or currency");
    let saved = match row.optional_text(2)? {
        None => None,
        Some(id) => Some(SettingsRecord {
            id: SettingsId::trusted(id),
            version: row.integer(3)?,
            created_at: Instant::from_micros(row.integer(4)?),
            updated_at: Instant::from_micros(row.integer(5)?),
            settings: strict(row.text(6)?)?,
        }),
    };
    Ok(SettingsRow {
        zone: Zone::parse(row.text(0)?).map_err(damaged)?,
        currency: Currency::parse(row.text(1)?).map_err(damaged)?,
        saved,
    })
}
