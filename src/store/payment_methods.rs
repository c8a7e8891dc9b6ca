//! Statements about payment methods.

use super::{
    catalog_list::{entry, json, strict},
    driver::{Driver, Row, Value, query_all, query_one},
};
use crate::{
    domain::{
        id::{CustomerId, PaymentMethodId},
        instant::Instant,
    },
    engine::port::{Entry, PaymentMethodRecord, PaymentMethodRows, Position, StoreNo},
    error::{Error, Result},
};

macro_rules! columns {
    () => {
        "id, number, version, created_at, updated_at, customer, is_default, body, secret"
    };
}

const BY_ID: &str = concat!(
    "select ",
    columns!(),
    ", deleted_at from payment_methods where store = ?1 and id = ?2"
);
const BY_ID_LOCKED: &str = concat!(
    "select ",
    columns!(),
    ", deleted_at from payment_methods where store = ?1 and id = ?2 /*lock*/"
);
const DEFAULT: &str = concat!(
    "select ",
    columns!(),
    " from payment_methods where store = ?1 and customer = ?2 and is_default"
);
const NEWEST: &str = concat!(
    "select ",
    columns!(),
    " from payment_methods where store = ?1 and customer = ?2 and deleted_at is null and \
     (created_at, id) < (?3, ?4) order by created_at desc, id desc limit ?5"
);
const EVERY: &str = "select id from payment_methods where store = ?1 and customer = ?2 order by created_at, id";
const INSERT: &str = "insert into payment_methods (store, id, number, version, created_at, updated_at, customer, \
     is_default, body, secret) values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)";
const UPDATE: &str = "update payment_methods set number = ?3, version = ?4, created_at = ?5, updated_at = ?6, \
     customer = ?7, is_default = ?8, body = ?9, secret = ?10 where store = ?1 and id = ?2";
const DELETE: &str = "update payment_methods set version = version + 1, updated_at = ?3, deleted_at = ?3, \
     is_default = ?4, body = '{}', secret = ?5 where store = ?1 and id = ?2 and deleted_at is null";

/// Behind every id of ours, for the first page.
const LAST_ID: &str = "~";

impl<D: Driver> PaymentMethodRows for D {
    fn payment_method(
        &mut self,
        store: StoreNo,
        id: &PaymentMethodId,
        lock: bool,
    ) -> Result<Option<Entry<PaymentMethodRecord>>> {
        let sql = if lock { BY_ID_LOCKED } else { BY_ID };
        entry(self, sql, &[store.into(), id.as_str().into()], 9, map)
    }

    fn default_payment_method(&mut self, store: StoreNo, customer: &CustomerId) -> Result<Option<PaymentMethodRecord>> {
        query_one(self, DEFAULT, &[store.into(), customer.as_str().into()], &mut map)
    }

    fn payment_methods_of(
        &mut self,
        store: StoreNo,
        customer: &CustomerId,
        after: Option<&Position>,
        limit: usize,
    ) -> Result<Vec<PaymentMethodRecord>> {
        let (time, id) = match after {
            Some(Position::Time(time, id)) => (*time, id.as_str()),
            Some(Position::Text(..)) => return Err(Error::internal("payment methods are listed by time")),
            None => (i64::MAX, LAST_ID),
        };
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        let values = [
            store.into(),
            customer.as_str().into(),
            time.into(),
            id.into(),
            limit.into(),
        ];
        query_all(self, NEWEST, &values, &mut map)
    }

    fn insert_payment_method(&mut self, store: StoreNo, method: &PaymentMethodRecord) -> Result<()> {
        write_row(self, INSERT, store, method)
    }

    fn update_payment_method(&mut self, store: StoreNo, method: &PaymentMethodRecord) -> Result<()> {
        write_row(self, UPDATE, store, method)
    }

    fn delete_payment_method(&mut self, store: StoreNo, id: &PaymentMethodId, at: Instant) -> Result<()> {
        let nothing: &[u8] = &[];
        let values = [
            store.into(),
            id.as_str().into(),
            at.micros().into(),
            false.into(),
            nothing.into(),
        ];
        self.execute(DELETE, &values)
    }

    fn every_payment_method(&mut self, store: StoreNo, customer: &CustomerId) -> Result<Vec<PaymentMethodId>> {
        query_all(self, EVERY, &[store.into(), customer.as_str().into()], &mut |row| {
            Ok(PaymentMethodId::trusted(row.text(0)?))
        })
    }
}

fn write_row<D: Driver + ?Sized>(
    driver: &mut D,
    sql: &str,
    store: StoreNo,
    method: &PaymentMethodRecord,
) -> Result<()> {
    let body = json(&method.body)?;
    let values: [Value<'_>; 10] = [
        store.into(),
        method.id.as_str().into(),
        method.number.into(),
        method.version.into(),
        method.created_at.micros().into(),
        method.updated_at.micros().into(),
        method.customer.as_str().into(),
        method.is_default.into(),
        body.as_str().into(),
        method.secret.as_slice().into(),
    ];
    driver.execute(sql, &values)
}

fn map(row: &dyn Row) -> Result<PaymentMethodRecord> {
    Ok(PaymentMethodRecord {
        id: PaymentMethodId::trusted(row.text(0)?),
        number: row.integer(1)?,
        version: row.integer(2)?,
        created_at: Instant::from_micros(row.integer(3)?),
        updated_at: Instant::from_micros(row.integer(4)?),
        customer: CustomerId::trusted(row.text(5)?),
        is_default: row.boolean(6)?,
        body: strict(row.text(7)?)?,
        secret: row.bytes(8)?.to_vec(),
    })
}
