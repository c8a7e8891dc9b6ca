//! Statements about coupons.

use serde::{Deserialize, Serialize};

use super::{
    catalog_list::{Table, entry, json, stamp_without_archive, strict},
    driver::{Driver, Row, Value, query_one},
};
use crate::{
    domain::{
        catalog::coupon::{Coupon, Duration, Off},
        id::CouponId,
        instant::Instant,
    },
    engine::port::{CatalogList, CouponRecord, CouponRows, Entry, StoreNo},
    error::Result,
};

macro_rules! columns {
    () => {
        "id, number, version, created_at, updated_at, code, name, description, active, redeem_by, max_redemptions, \
         max_per_customer, terms, products, metadata"
    };
}

const TABLE: Table = Table {
    name: "coupons",
    columns: columns!(),
    prefix: CouponId::PREFIX,
    named: false,
    archived: false,
};

const BY_ID: &str = concat!(
    "select ",
    columns!(),
    ", deleted_at from coupons where store = ?1 and id = ?2"
);
const BY_ID_LOCKED: &str = concat!(
    "select ",
    columns!(),
    ", deleted_at from coupons where store = ?1 and id = ?2 /*lock*/"
);
const BY_CODE: &str = concat!(
    "select ",
    columns!(),
    " from coupons where store = ?1 and code_fold = ?2 and deleted_at is null"
);
const INSERT: &str = "insert into coupons (store, id, number, version, created_at, updated_at, code, code_fold, name, \
     description, active, redeem_by, max_redemptions, max_per_customer, terms, products, metadata) \
     values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17)";
const UPDATE: &str = "update coupons set number = ?3, version = ?4, created_at = ?5, updated_at = ?6, code = ?7, \
     code_fold = ?8, name = ?9, description = ?10, active = ?11, redeem_by = ?12, max_redemptions = ?13, \
     max_per_customer = ?14, terms = ?15, products = ?16, metadata = ?17 where store = ?1 and id = ?2";
const DELETE: &str =
    "update coupons set version = version + 1, updated_at = ?3, deleted_at = ?3 where store = ?1 and id = ?2";

/// What a coupon takes off, as it is stored.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Terms {
    off: Off,
    duration: Duration,
}

impl<D: Driver> CouponRows for D {
    fn coupon(&mut self, store: StoreNo, id: &CouponId, lock: bool) -> Result<Option<Entry<CouponRecord>>> {
        let sql = if lock { BY_ID_LOCKED } else { BY_ID };
        entry(self, sql, &[store.into(), id.as_str().into()], 15, map)
    }

    fn coupon_by_code(&mut self, store: StoreNo, fold: &str) -> Result<Option<CouponRecord>> {
        query_one(self, BY_CODE, &[store.into(), fold.into()], &mut map)
    }

    fn insert_coupon(&mut self, store: StoreNo, coupon: &CouponRecord) -> Result<()> {
        write_row(self, INSERT, store, coupon)
    }

    fn update_coupon(&mut self, store: StoreNo, coupon: &CouponRecord) -> Result<()> {
        write_row(self, UPDATE, store, coupon)
    }

    fn delete_coupon(&mut self, store: StoreNo, id: &CouponId, at: Instant) -> Result<()> {
        self.execute(DELETE, &[store.into(), id.as_str().into(), at.micros().into()])
    }

    fn list_coupons(&mut self, store: StoreNo, list: &CatalogList) -> Result<Vec<CouponRecord>> {
        TABLE.page(self, store, list, &mut map)
    }
}

fn write_row<D: Driver + ?Sized>(driver: &mut D, sql: &str, store: StoreNo, record: &CouponRecord) -> Result<()> {
    let coupon = &record.coupon;
    let code_fold = Coupon::fold(&coupon.code);
    let terms = json(&Terms {
        off: coupon.off,
        duration: coupon.duration,
    })?;
    let products = json(&coupon.products)?;
    let metadata = json(&record.metadata)?;
    let stamp = &record.stamp;
    let values: [Value<'_>; 17] = [
        store.into(),
        coupon.id.as_str().into(),
        stamp.number.into(),
        stamp.version.into(),
        stamp.created_at.micros().into(),
        stamp.updated_at.micros().into(),
        coupon.code.as_str().into(),
        code_fold.as_str().into(),
        coupon.name.as_deref().into(),
        coupon.description.as_deref().into(),
        coupon.active.into(),
        coupon.redeem_by.map(Instant::micros).into(),
        coupon.max_redemptions.into(),
        coupon.max_per_customer.into(),
        terms.as_str().into(),
        products.as_str().into(),
        metadata.as_str().into(),
    ];
    driver.execute(sql, &values)
}

fn map(row: &dyn Row) -> Result<CouponRecord> {
    let Terms { off, duration } = strict(row.text(12)?)?;
    Ok(CouponRecord {
        stamp: stamp_without_archive(row, 1)?,
        coupon: Coupon {
            id: CouponId::trusted(row.text(0)?),
            code: row.text(5)?.to_owned(),
            name: row.optional_text(6)?.map(str::to_owned),
            description: row.optional_text(7)?.map(str::to_owned),
            off,
            duration,
            max_redemptions: row.optional_integer(10)?,
            max_per_customer: row.optional_integer(11)?,
            redeem_by: row.optional_integer(9)?.map(Instant::from_micros),
            products: strict(row.text(13)?)?,
            active: row.boolean(8)?,
        },
        metadata: strict(row.text(14)?)?,
    })
}
