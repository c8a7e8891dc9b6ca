//! Statements about products.

use super::{
    catalog_list::{Table, entry, json, stamp, strict, uuid, word},
    driver::{Driver, Row, Value, query_one},
};
use crate::{
    domain::{
        catalog::product::{ProductKind, ProductStatus},
        id::{FeatureId, ProductId},
        instant::Instant,
        text,
        uuid::Uuid,
    },
    engine::port::{CatalogList, Entry, ProductRecord, ProductRows, StoreNo},
    error::Result,
};

macro_rules! columns {
    () => {
        "id, uuid, number, version, created_at, updated_at, archived_at, name, kind, status, position, stock, details, \
         metadata"
    };
}

const TABLE: Table = Table {
    name: "products",
    columns: columns!(),
    prefix: ProductId::PREFIX,
    named: true,
    archived: true,
};

const BY_ID: &str = concat!(
    "select ",
    columns!(),
    ", deleted_at from products where store = ?1 and id = ?2"
);
const BY_ID_LOCKED: &str = concat!(
    "select ",
    columns!(),
    ", deleted_at from products where store = ?1 and id = ?2 /*lock*/"
);
const WITH_UUID: &str =
    "select id from products where store = ?1 and uuid = ?2 or store = ?1 and id = ?3 and uuid is null limit 1";
const INSERT: &str = "insert into products (store, id, uuid, number, version, created_at, updated_at, archived_at, \
     name, name_fold, kind, status, position, stock, details, metadata) \
     values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16)";
const UPDATE: &str = "update products set uuid = ?3, number = ?4, version = ?5, created_at = ?6, updated_at = ?7, \
     archived_at = ?8, name = ?9, name_fold = ?10, kind = ?11, status = ?12, position = ?13, stock = ?14, \
     details = ?15, metadata = ?16 where store = ?1 and id = ?2";
const DELETE: &str =
    "update products set version = version + 1, updated_at = ?3, deleted_at = ?3 where store = ?1 and id = ?2";
const GIVE: &str = "insert into product_features (store, feature, product) values (?1, ?2, ?3)";
const GIVE_NO_MORE: &str = "delete from product_features where store = ?1 and feature = ?2 and product = ?3";
const GIVING: &str = "select product from product_features where store = ?1 and feature = ?2 order by product limit 1";

impl<D: Driver> ProductRows for D {
    fn product(&mut self, store: StoreNo, id: &ProductId, lock: bool) -> Result<Option<Entry<ProductRecord>>> {
        let sql = if lock { BY_ID_LOCKED } else { BY_ID };
        entry(self, sql, &[store.into(), id.as_str().into()], 14, map)
    }

    fn product_with_uuid(&mut self, store: StoreNo, uuid: Uuid) -> Result<Option<ProductId>> {
        let (text, own) = (uuid.to_string(), ProductId::from_bits(uuid.bits()));
        let values = [store.into(), text.as_str().into(), own.as_str().into()];
        query_one(self, WITH_UUID, &values, &mut |row| {
            Ok(ProductId::trusted(row.text(0)?))
        })
    }

    fn insert_product(&mut self, store: StoreNo, product: &ProductRecord) -> Result<()> {
        write_row(self, INSERT, store, product)?;
        for feature in &product.details.features {
            self.execute(GIVE, &given(store, &feature.id, product))?;
        }
        Ok(())
    }

    fn update_product(&mut self, store: StoreNo, before: &ProductRecord, after: &ProductRecord) -> Result<()> {
        write_row(self, UPDATE, store, after)?;
        let gives = |product: &ProductRecord, id: &FeatureId| product.details.features.iter().any(|one| one.id == *id);
        for old in before.details.features.iter().filter(|old| !gives(after, &old.id)) {
            self.execute(GIVE_NO_MORE, &given(store, &old.id, after))?;
        }
        for new in after.details.features.iter().filter(|new| !gives(before, &new.id)) {
            self.execute(GIVE, &given(store, &new.id, after))?;
        }
        Ok(())
    }

    fn delete_product(&mut self, store: StoreNo, product: &ProductRecord, at: Instant) -> Result<()> {
        let values = [store.into(), product.id.as_str().into(), at.micros().into()];
        self.execute(DELETE, &values)?;
        for feature in &product.details.features {
            self.execute(GIVE_NO_MORE, &given(store, &feature.id, product))?;
        }
        Ok(())
    }

    fn list_products(&mut self, store: StoreNo, list: &CatalogList) -> Result<Vec<ProductRecord>> {
        TABLE.page(self, store, list, &mut map)
    }

    fn count_products(&mut self, store: StoreNo, list: &CatalogList) -> Result<i64> {
        TABLE.count(self, store, list)
    }

    fn product_giving(&mut self, store: StoreNo, feature: &FeatureId) -> Result<Option<ProductId>> {
        query_one(self, GIVING, &[store.into(), feature.as_str().into()], &mut |row| {
            Ok(ProductId::trusted(row.text(0)?))
        })
    }
}

fn given<'a>(store: StoreNo, feature: &'a FeatureId, product: &'a ProductRecord) -> [Value<'a>; 3] {
    [store.into(), feature.as_str().into(), product.id.as_str().into()]
}

fn write_row<D: Driver + ?Sized>(driver: &mut D, sql: &str, store: StoreNo, product: &ProductRecord) -> Result<()> {
    let uuid = product.uuid.map(|uuid| uuid.to_string());
    let name_fold = text::fold(&product.name);
    let details = json(&product.details)?;
    let metadata = json(&product.metadata)?;
    let stamp = &product.stamp;
    let values: [Value<'_>; 16] = [
        store.into(),
        product.id.as_str().into(),
        uuid.as_deref().into(),
        stamp.number.into(),
        stamp.version.into(),
        stamp.created_at.micros().into(),
        stamp.updated_at.micros().into(),
        stamp.archived_at.map(Instant::micros).into(),
        product.name.as_str().into(),
        name_fold.as_str().into(),
        product.kind.name().into(),
        product.status.name().into(),
        product.order.into(),
        product.stock.into(),
        details.as_str().into(),
        metadata.as_str().into(),
    ];
    driver.execute(sql, &values)
}

fn map(row: &dyn Row) -> Result<ProductRecord> {
    Ok(ProductRecord {
        id: ProductId::trusted(row.text(0)?),
        uuid: uuid(row, 1)?,
        stamp: stamp(row, 2)?,
        name: row.text(7)?.to_owned(),
        kind: word(&ProductKind::ALL, row.text(8)?)?,
        status: word(&ProductStatus::ALL, row.text(9)?)?,
        order: row.integer(10)?,
        stock: row.optional_integer(11)?,
        details: strict(row.text(12)?)?,
        metadata: strict(row.text(13)?)?,
    })
}
