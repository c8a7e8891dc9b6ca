//! Statements about prices.

use super::{
    catalog_list::{Table, entry, json, stamp, strict, uuid},
    driver::{Driver, Row, Value, query_all, query_one},
    statement::{Owned, Statement},
};
use crate::{
    domain::{
        id::{PriceId, ProductId},
        instant::Instant,
        uuid::Uuid,
    },
    engine::port::{CatalogList, Entry, PriceRecord, PriceRows, StoreNo},
    error::Result,
};

macro_rules! columns {
    () => {
        "id, uuid, number, version, created_at, updated_at, archived_at, product, name, description, unit, position, \
         is_default, sold, replaces, terms, metadata"
    };
}

const TABLE: Table = Table {
    name: "prices",
    columns: columns!(),
    prefix: PriceId::PREFIX,
    named: false,
    archived: true,
};

const BY_ID: &str = concat!(
    "select ",
    columns!(),
    ", deleted_at from prices where store = ?1 and id = ?2"
);
const BY_ID_LOCKED: &str = concat!(
    "select ",
    columns!(),
    ", deleted_at from prices where store = ?1 and id = ?2 /*lock*/"
);
const WITH_UUID: &str =
    "select id from prices where store = ?1 and uuid = ?2 or store = ?1 and id = ?3 and uuid is null limit 1";
const INSERT: &str = "insert into prices (store, id, uuid, number, version, created_at, updated_at, archived_at, \
     product, name, description, unit, type, currency, position, is_default, sold, replaces, terms, metadata) \
     values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20)";
const UPDATE: &str = "update prices set uuid = ?3, number = ?4, version = ?5, created_at = ?6, updated_at = ?7, \
     archived_at = ?8, product = ?9, name = ?10, description = ?11, unit = ?12, type = ?13, currency = ?14, \
     position = ?15, is_default = ?16, sold = ?17, replaces = ?18, terms = ?19, metadata = ?20 \
     where store = ?1 and id = ?2";
const DELETE: &str =
    "update prices set version = version + 1, updated_at = ?3, deleted_at = ?3 where store = ?1 and id = ?2";
const BUNDLE: &str = "insert into bundled_prices (store, price, bundle) values (?1, ?2, ?3)";
const BUNDLE_NO_MORE: &str = "delete from bundled_prices where store = ?1 and price = ?2 and bundle = ?3";
const BUNDLES: &str = "select bundle from bundled_prices where store = ?1 and price = ?2 order by bundle";

impl<D: Driver> PriceRows for D {
    fn price(&mut self, store: StoreNo, id: &PriceId, lock: bool) -> Result<Option<Entry<PriceRecord>>> {
        let sql = if lock { BY_ID_LOCKED } else { BY_ID };
        entry(self, sql, &[store.into(), id.as_str().into()], 17, map)
    }

    fn price_with_uuid(&mut self, store: StoreNo, uuid: Uuid) -> Result<Option<PriceId>> {
        let (text, own) = (uuid.to_string(), PriceId::from_bits(uuid.bits()));
        let values = [store.into(), text.as_str().into(), own.as_str().into()];
        query_one(self, WITH_UUID, &values, &mut |row| Ok(PriceId::trusted(row.text(0)?)))
    }

    fn prices_of(&mut self, store: StoreNo, products: &[ProductId]) -> Result<Vec<PriceRecord>> {
        let Some(last) = products.last() else {
            return Ok(Vec::new());
        };
        let mut statement = Statement::new();
        statement.push(Owned::Integer(store));
        statement.sql.push_str(concat!(
            "select ",
            columns!(),
            " from prices where store = ?1 and product in ("
        ));
        // A few lengths only, so that there are few statements to keep.
        let padding = products.len().next_power_of_two() - products.len();
        for (index, product) in products.iter().chain(std::iter::repeat_n(last, padding)).enumerate() {
            let at = statement.text(product.as_str());
            let comma = if index == 0 { "" } else { ", " };
            statement.sql.push_str(&format!("{comma}?{at}"));
        }
        statement
            .sql
            .push_str(") and deleted_at is null order by product, position, id");
        let (sql, values) = statement.parts();
        query_all(self, sql, &values, &mut map)
    }

    fn insert_price(&mut self, store: StoreNo, price: &PriceRecord) -> Result<()> {
        write_row(self, INSERT, store, price)?;
        for child in bundled(price) {
            self.execute(BUNDLE, &within(store, child, price))?;
        }
        Ok(())
    }

    fn update_price(&mut self, store: StoreNo, before: &PriceRecord, after: &PriceRecord) -> Result<()> {
        write_row(self, UPDATE, store, after)?;
        for old in bundled(before).iter().filter(|old| !bundled(after).contains(old)) {
            self.execute(BUNDLE_NO_MORE, &within(store, old, after))?;
        }
        for new in bundled(after).iter().filter(|new| !bundled(before).contains(new)) {
            self.execute(BUNDLE, &within(store, new, after))?;
        }
        Ok(())
    }

    fn delete_price(&mut self, store: StoreNo, price: &PriceRecord, at: Instant) -> Result<()> {
        let values = [store.into(), price.id.as_str().into(), at.micros().into()];
        self.execute(DELETE, &values)?;
        for child in bundled(price) {
            self.execute(BUNDLE_NO_MORE, &within(store, child, price))?;
        }
        Ok(())
    }

    fn list_prices(&mut self, store: StoreNo, list: &CatalogList) -> Result<Vec<PriceRecord>> {
        TABLE.page(self, store, list, &mut map)
    }

    fn bundles_with(&mut self, store: StoreNo, price: &PriceId) -> Result<Vec<PriceId>> {
        query_all(self, BUNDLES, &[store.into(), price.as_str().into()], &mut |row| {
            Ok(PriceId::trusted(row.text(0)?))
        })
    }
}

fn bundled(price: &PriceRecord) -> &[PriceId] {
    price.terms.bundle.as_ref().map_or(&[], |bundle| &bundle.price_ids)
}

fn within<'a>(store: StoreNo, child: &'a PriceId, bundle: &'a PriceRecord) -> [Value<'a>; 3] {
    [store.into(), child.as_str().into(), bundle.id.as_str().into()]
}

fn write_row<D: Driver + ?Sized>(driver: &mut D, sql: &str, store: StoreNo, price: &PriceRecord) -> Result<()> {
    let uuid = price.uuid.map(|uuid| uuid.to_string());
    let terms = json(&price.terms)?;
    let metadata = json(&price.metadata)?;
    let stamp = &price.stamp;
    let values: [Value<'_>; 20] = [
        store.into(),
        price.id.as_str().into(),
        uuid.as_deref().into(),
        stamp.number.into(),
        stamp.version.into(),
        stamp.created_at.micros().into(),
        stamp.updated_at.micros().into(),
        stamp.archived_at.map(Instant::micros).into(),
        price.product.as_str().into(),
        price.name.as_str().into(),
        price.description.as_deref().into(),
        price.unit.as_deref().into(),
        price.terms.kind.name().into(),
        price.terms.currency.code().into(),
        price.order.into(),
        price.is_default.into(),
        price.sold.into(),
        price.replaces.as_ref().map(PriceId::as_str).into(),
        terms.as_str().into(),
        metadata.as_str().into(),
    ];
    driver.execute(sql, &values)
}

fn map(row: &dyn Row) -> Result<PriceRecord> {
    let owned = |column: usize| -> Result<Option<String>> { Ok(row.optional_text(column)?.map(str::to_owned)) };
    Ok(PriceRecord {
        id: PriceId::trusted(row.text(0)?),
        uuid: uuid(row, 1)?,
        stamp: stamp(row, 2)?,
        product: ProductId::trusted(row.text(7)?),
        name: row.text(8)?.to_owned(),
        description: owned(9)?,
        unit: owned(10)?,
        order: row.integer(11)?,
        is_default: row.boolean(12)?,
        sold: row.boolean(13)?,
        replaces: row.optional_text(14)?.map(PriceId::trusted),
        terms: strict(row.text(15)?)?,
        metadata: strict(row.text(16)?)?,
    })
}
