//! Statements about features.

use super::{
    catalog_list::{Table, entry, json, stamp, strict, word},
    driver::{Driver, Row, Value},
};
use crate::{
    domain::{catalog::feature::FeatureType, id::FeatureId, instant::Instant, text},
    engine::port::{CatalogList, Entry, FeatureRecord, FeatureRows, StoreNo},
    error::Result,
};

macro_rules! columns {
    () => {
        "id, number, version, created_at, updated_at, archived_at, name, description, type, unit, metadata"
    };
}

const TABLE: Table = Table {
    name: "features",
    columns: columns!(),
    prefix: FeatureId::PREFIX,
    named: true,
    archived: true,
};

const BY_ID: &str = concat!(
    "select ",
    columns!(),
    ", deleted_at from features where store = ?1 and id = ?2"
);
const BY_ID_LOCKED: &str = concat!(
    "select ",
    columns!(),
    ", deleted_at from features where store = ?1 and id = ?2 /*lock*/"
);
const INSERT: &str = "insert into features (store, id, number, version, created_at, updated_at, archived_at, name, \
     name_fold, description, type, unit, metadata) \
     values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)";
const UPDATE: &str = "update features set number = ?3, version = ?4, created_at = ?5, updated_at = ?6, \
     archived_at = ?7, name = ?8, name_fold = ?9, description = ?10, type = ?11, unit = ?12, metadata = ?13 \
     where store = ?1 and id = ?2";
const DELETE: &str =
    "update features set version = version + 1, updated_at = ?3, deleted_at = ?3 where store = ?1 and id = ?2";

impl<D: Driver> FeatureRows for D {
    fn feature(&mut self, store: StoreNo, id: &FeatureId, lock: bool) -> Result<Option<Entry<FeatureRecord>>> {
        let sql = if lock { BY_ID_LOCKED } else { BY_ID };
        entry(self, sql, &[store.into(), id.as_str().into()], 11, map)
    }

    fn insert_feature(&mut self, store: StoreNo, feature: &FeatureRecord) -> Result<()> {
        write_row(self, INSERT, store, feature)
    }

    fn update_feature(&mut self, store: StoreNo, feature: &FeatureRecord) -> Result<()> {
        write_row(self, UPDATE, store, feature)
    }

    fn delete_feature(&mut self, store: StoreNo, id: &FeatureId, at: Instant) -> Result<()> {
        self.execute(DELETE, &[store.into(), id.as_str().into(), at.micros().into()])
    }

    fn list_features(&mut self, store: StoreNo, list: &CatalogList) -> Result<Vec<FeatureRecord>> {
        TABLE.page(self, store, list, &mut map)
    }
}

fn write_row<D: Driver + ?Sized>(driver: &mut D, sql: &str, store: StoreNo, feature: &FeatureRecord) -> Result<()> {
    let name_fold = text::fold(&feature.name);
    let metadata = json(&feature.metadata)?;
    let stamp = &feature.stamp;
    let values: [Value<'_>; 13] = [
        store.into(),
        feature.id.as_str().into(),
        stamp.number.into(),
        stamp.version.into(),
        stamp.created_at.micros().into(),
        stamp.updated_at.micros().into(),
        stamp.archived_at.map(Instant::micros).into(),
        feature.name.as_str().into(),
        name_fold.as_str().into(),
        feature.description.as_deref().into(),
        feature.kind.name().into(),
        feature.unit.as_deref().into(),
        metadata.as_str().into(),
    ];
    driver.execute(sql, &values)
}

fn map(row: &dyn Row) -> Result<FeatureRecord> {
    Ok(FeatureRecord {
        id: FeatureId::trusted(row.text(0)?),
        stamp: stamp(row, 1)?,
        name: row.text(6)?.to_owned(),
        description: row.optional_text(7)?.map(str::to_owned),
        kind: word(&FeatureType::ALL, row.text(8)?)?,
        unit: row.optional_text(9)?.map(str::to_owned),
        metadata: strict(row.text(10)?)?,
    })
}
