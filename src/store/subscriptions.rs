//! Statements about subscriptions.

use super::{
    catalog_list::{json, strict},
    documents::{Condition, instant, page},
    driver::{Driver, Row, Value, query_all, query_one},
    statement::{Owned, Statement},
};
use crate::{
    domain::{
        id::{ClockId, CustomerId, OrderId, SubscriptionId, SubscriptionItemId},
        subscription::Phase,
    },
    engine::port::{Paging, StoreNo, SubscriptionFilter, SubscriptionRecord, SubscriptionRows},
    error::Result,
};

macro_rules! columns {
    () => {
        "id, number, version, created_at, updated_at, customer, order_id, clock, body, metadata"
    };
}

const TABLE: (&str, &str) = (columns!(), "subscriptions");
const BY_ID: &str = concat!(
    "select ",
    columns!(),
    " from subscriptions where store = ?1 and id = ?2"
);
const BY_ID_LOCKED: &str = concat!(
    "select ",
    columns!(),
    " from subscriptions where store = ?1 and id = ?2 /*lock*/"
);
const LIVE: &str = concat!(
    "select ",
    columns!(),
    " from subscriptions where store = ?1 and customer = ?2 and live order by created_at, id"
);
const INSERT: &str = "insert into subscriptions (store, id, number, version, created_at, updated_at, customer, order_id, \
     status, live, clock, body, metadata) values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)";
const UPDATE: &str = "update subscriptions set version = ?3, updated_at = ?4, clock = ?5, body = ?6, metadata = ?7 where store = ?1 and id = ?2";
// Apart, for a renewal changes no phase, and need not touch its index.
const SET_PHASE: &str = "update subscriptions set status = ?3, live = ?4 where store = ?1 and id = ?2";
const OF_ITEM: &str = "select subscription from subscription_items where store = ?1 and id = ?2";
const INSERT_ITEM: &str = "insert into subscription_items (store, id, subscription) values (?1, ?2, ?3) \
     on conflict (store, id) do nothing";

impl<D: Driver> SubscriptionRows for D {
    fn subscription(&mut self, store: StoreNo, id: &SubscriptionId, lock: bool) -> Result<Option<SubscriptionRecord>> {
        let sql = if lock { BY_ID_LOCKED } else { BY_ID };
        query_one(self, sql, &[store.into(), id.as_str().into()], &mut map)
    }

    fn subscription_of_item(&mut self, store: StoreNo, item: &SubscriptionItemId) -> Result<Option<SubscriptionId>> {
        query_one(self, OF_ITEM, &[store.into(), item.as_str().into()], &mut |row| {
            row.text(0).map(SubscriptionId::trusted)
        })
    }

    fn insert_subscription(&mut self, store: StoreNo, record: &SubscriptionRecord) -> Result<()> {
        let (body, metadata) = (json(&record.state)?, json(&record.metadata)?);
        let phase = record.state.phase;
        let values: [Value<'_>; 13] = [
            store.into(),
            record.state.id.as_str().into(),
            record.number.into(),
            record.version.into(),
            record.created_at.micros().into(),
            record.updated_at.micros().into(),
            record.customer.as_str().into(),
            record.order.as_ref().map(OrderId::as_str).into(),
            phase.name().into(),
            (!phase.is_final()).into(),
            record.clock.as_ref().map(ClockId::as_str).into(),
            body.as_str().into(),
            metadata.as_str().into(),
        ];
        self.execute(INSERT, &values)?;
        insert_items(self, store, None, record)
    }

    fn update_subscription(
        &mut self,
        store: StoreNo,
        before: &SubscriptionRecord,
        after: &SubscriptionRecord,
    ) -> Result<()> {
        let (body, metadata) = (json(&after.state)?, json(&after.metadata)?);
        let id = after.state.id.as_str();
        let values: [Value<'_>; 7] = [
            store.into(),
            id.into(),
            after.version.into(),
            after.updated_at.micros().into(),
            after.clock.as_ref().map(ClockId::as_str).into(),
            body.as_str().into(),
            metadata.as_str().into(),
        ];
        self.execute(UPDATE, &values)?;
        let phase = after.state.phase;
        if before.state.phase != phase {
            let values = [store.into(), id.into(), phase.name().into(), (!phase.is_final()).into()];
            self.execute(SET_PHASE, &values)?;
        }
        insert_items(self, store, Some(before), after)
    }

    fn list_subscriptions(
        &mut self,
        store: StoreNo,
        filter: &SubscriptionFilter,
        paging: &Paging,
    ) -> Result<Vec<SubscriptionRecord>> {
        let customer = Condition::on("customer", filter.customer.as_ref().map(CustomerId::as_str));
        match (&customer.wanted, filter.phases.as_slice()) {
            (_, []) => page(self, TABLE, store, &[customer], paging, map),
            (_, [phase]) => {
                let conditions = [customer, Condition::on("status", Some(phase.name()))];
                page(self, TABLE, store, &conditions, paging, map)
            }
            (_, phases) => {
                let statement = in_phases(store, customer.wanted, phases, paging);
                let (sql, values) = statement.parts();
                query_all(self, sql, &values, &mut map)
            }
        }
    }

    fn live_subscriptions(&mut self, store: StoreNo, customer: &CustomerId) -> Result<Vec<SubscriptionRecord>> {
        query_all(self, LIVE, &[store.into(), customer.as_str().into()], &mut map)
    }
}

/// A page of several phases: the first rows of each, by its part of the index,
/// and the first of those.
fn in_phases(store: StoreNo, customer: Option<&str>, phases: &[Phase], paging: &Paging) -> Statement {
    let mut statement = Statement::new();
    let at = statement.push(Owned::Integer(store));
    let mut seen = Vec::new();
    for phase in phases {
        if seen.contains(phase) {
            continue;
        }
        let union = if seen.is_empty() { "" } else { " union all " };
        seen.push(*phase);
        statement.sql.push_str(&format!(
            concat!(
                "{}select ",
                columns!(),
                " from (select ",
                columns!(),
                " from subscriptions where store = ?{}"
            ),
            union, at
        ));
        statement.conditions(&[
            Condition::on("customer", customer),
            Condition::on("status", Some(phase.name())),
        ]);
        statement.page("created_at", true, paging.after.as_ref(), paging.limit);
        statement.sql.push_str(&format!(") as {}", phase.name()));
    }
    let limit = statement.push(Owned::Integer(paging.limit as i64));
    statement
        .sql
        .push_str(&format!(" order by created_at desc, id desc limit ?{limit}"));
    statement
}

/// Notes whose the items are that were not there before. Those that go stay
/// known.
fn insert_items<D: Driver + ?Sized>(
    driver: &mut D,
    store: StoreNo,
    before: Option<&SubscriptionRecord>,
    after: &SubscriptionRecord,
) -> Result<()> {
    let known = |id| before.is_some_and(|before| before.state.item(id).is_some());
    for item in after.state.items.iter().filter(|item| !known(&item.id)) {
        let values = [store.into(), item.id.as_str().into(), after.state.id.as_str().into()];
        driver.execute(INSERT_ITEM, &values)?;
    }
    Ok(())
}

fn map(row: &dyn Row) -> Result<SubscriptionRecord> {
    Ok(SubscriptionRecord {
        number: row.integer(1)?,
        version: row.integer(2)?,
        created_at: instant(row, 3)?,
        updated_at: instant(row, 4)?,
        customer: CustomerId::trusted(row.text(5)?),
        order: row.optional_text(6)?.map(OrderId::trusted),
        clock: row.optional_text(7)?.map(ClockId::trusted),
        state: strict(row.text(8)?)?,
        metadata: strict(row.text(9)?)?,
    })
}
