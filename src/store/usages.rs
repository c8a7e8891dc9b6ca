//! Statements about what was used.

use super::{
    documents::{Condition, instant, page},
    driver::{Driver, Row, Value, query_all, query_one},
};
use crate::{
    domain::{
        decimal::Quantity,
        id::{CustomerId, SubscriptionId, SubscriptionItemId, UsageId},
        instant::Instant,
    },
    engine::port::{Paging, StoreNo, UsageEntry, UsageRows},
    error::Result,
};

macro_rules! columns {
    () => {
        "id, item, subscription, record, quota, used_at, via, payload, created_at"
    };
}

const TABLE: (&str, &str) = (columns!(), "usages");

const INSERT: &str = "insert into usages (store, id, item, subscription, record, quota, used_at, via, payload, created_at) \
     values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)";
const OF_ITEM: &str = concat!(
    "select ",
    columns!(),
    " from usages where store = ?1 and item = ?2 and used_at >= ?3 and used_at < ?4 order by used_at, id"
);
// A sum has another type on PostgreSQL than what it adds.
const SUMS: &str = "select cast(coalesce(sum(record), 0) as bigint), cast(coalesce(sum(quota), 0) as bigint) from usages \
     where store = ?1 and item = ?2 and used_at < ?3";

const ERASE: &str = "update usages set payload = null where store = ?1 and payload is not null and subscription in \
     (select id from subscriptions where store = ?1 and customer = ?2)";

impl<D: Driver> UsageRows for D {
    fn insert_usage(&mut self, store: StoreNo, entry: &UsageEntry) -> Result<()> {
        let values: [Value<'_>; 10] = [
            store.into(),
            entry.id.as_str().into(),
            entry.item.as_str().into(),
            entry.subscription.as_str().into(),
            entry.record.scaled().into(),
            entry.quota.scaled().into(),
            entry.at.micros().into(),
            entry.via.as_str().into(),
            entry.payload.as_deref().into(),
            entry.created_at.micros().into(),
        ];
        self.execute(INSERT, &values)
    }

    fn usage_of(
        &mut self,
        store: StoreNo,
        item: &SubscriptionItemId,
        from: Instant,
        until: Instant,
    ) -> Result<Vec<UsageEntry>> {
        let values = [
            store.into(),
            item.as_str().into(),
            from.micros().into(),
            until.micros().into(),
        ];
        query_all(self, OF_ITEM, &values, &mut map)
    }

    fn usage_sums(
        &mut self,
        store: StoreNo,
        item: &SubscriptionItemId,
        before: Instant,
    ) -> Result<(Quantity, Quantity)> {
        let values = [store.into(), item.as_str().into(), before.micros().into()];
        let sums = query_one(self, SUMS, &values, &mut |row| {
            Ok((quantity(row, 0)?, quantity(row, 1)?))
        })?;
        Ok(sums.unwrap_or_default())
    }

    fn erase_usage_texts(&mut self, store: StoreNo, customer: &CustomerId) -> Result<()> {
        self.execute(ERASE, &[store.into(), customer.as_str().into()])
    }

    fn list_usage(&mut self, store: StoreNo, item: &SubscriptionItemId, paging: &Paging) -> Result<Vec<UsageEntry>> {
        let conditions = [Condition::on("item", Some(item.as_str()))];
        page(self, TABLE, store, &conditions, paging, map)
    }
}

fn quantity(row: &dyn Row, column: usize) -> Result<Quantity> {
    row.integer(column).map(Quantity::from_scaled)
}

fn map(row: &dyn Row) -> Result<UsageEntry> {
    Ok(UsageEntry {
        id: UsageId::trusted(row.text(0)?),
        item: SubscriptionItemId::trusted(row.text(1)?),
        subscription: SubscriptionId::trusted(row.text(2)?),
        record: quantity(row, 3)?,
        quota: quantity(row, 4)?,
        at: instant(row, 5)?,
        via: row.text(6)?.to_owned(),
        payload: row.optional_text(7)?.map(str::to_owned),
        created_at: instant(row, 8)?,
    })
}
