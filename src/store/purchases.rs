//! Statements about what was bought and redeemed, and about gateways' events
//! that were taken.

use super::{
    documents::optional_instant,
    driver::{Driver, Row, Value, query_one},
};
use crate::{
    domain::{
        id::{CouponId, CustomerId, OrderId, ProductId},
        instant::Instant,
    },
    engine::port::{PurchaseRows, Purchased, StoreNo},
    error::Result,
};

macro_rules! purchase {
    () => {
        "select bought_at, trial_at from purchases where store = ?1 and customer = ?2 and product = ?3"
    };
}

const PURCHASE: &str = purchase!();
const PURCHASE_LOCKED: &str = concat!(purchase!(), " /*lock*/");
const START: &str = "insert into purchases (store, customer, product) values (?1, ?2, ?3) \
     on conflict (store, customer, product) do nothing";
const NOTE: &str = "insert into purchases (store, customer, product, bought_at, trial_at) values (?1, ?2, ?3, ?4, ?5) \
     on conflict (store, customer, product) do update set \
     bought_at = coalesce(purchases.bought_at, excluded.bought_at), \
     trial_at = coalesce(purchases.trial_at, excluded.trial_at)";

const PUT_REDEMPTION: &str = "insert into redemptions (store, coupon, order_id, customer, held_until) \
     values (?1, ?2, ?3, ?4, ?5) on conflict (store, coupon, order_id) do update set customer = excluded.customer, \
     held_until = excluded.held_until";
const REMOVE_REDEMPTION: &str = "delete from redemptions where store = ?1 and coupon = ?2 and order_id = ?3";
// An order is never '', nor is a customer: those stand for none.
const REDEMPTIONS: &str = "select count(*), count(case when customer = ?4 then 1 end) from redemptions \
     where store = ?1 and coupon = ?2 and (held_until is null or held_until > ?3) and order_id <> ?5";

const NOTE_EVENT: &str = "insert into gateway_events (store, gateway, event, taken_at) values (?1, ?2, ?3, ?4) \
     on conflict (store, gateway, event) do nothing returning 1";

impl<D: Driver> PurchaseRows for D {
    fn purchased(
        &mut self,
        store: StoreNo,
        customer: &CustomerId,
        product: &ProductId,
        lock: bool,
    ) -> Result<Purchased> {
        let values = [store.into(), customer.as_str().into(), product.as_str().into()];
        if !lock {
            return Ok(query_one(self, PURCHASE, &values, &mut map)?.unwrap_or_default());
        }
        if let Some(held) = query_one(self, PURCHASE_LOCKED, &values, &mut map)? {
            return Ok(held);
        }
        // There has to be a row to be held.
        self.execute(START, &values)?;
        Ok(query_one(self, PURCHASE_LOCKED, &values, &mut map)?.unwrap_or_default())
    }

    fn note_purchase(
        &mut self,
        store: StoreNo,
        customer: &CustomerId,
        product: &ProductId,
        purchased: Purchased,
    ) -> Result<()> {
        let values: [Value<'_>; 5] = [
            store.into(),
            customer.as_str().into(),
            product.as_str().into(),
            purchased.bought_at.map(Instant::micros).into(),
            purchased.trial_at.map(Instant::micros).into(),
        ];
        self.execute(NOTE, &values)
    }

    fn redemptions(
        &mut self,
        store: StoreNo,
        coupon: &CouponId,
        customer: Option<&CustomerId>,
        except: Option<&OrderId>,
        now: Instant,
    ) -> Result<(i64, i64)> {
        let values = [
            store.into(),
            coupon.as_str().into(),
            now.micros().into(),
            customer.map_or("", CustomerId::as_str).into(),
            except.map_or("", OrderId::as_str).into(),
        ];
        let counts = query_one(self, REDEMPTIONS, &values, &mut |row| {
            Ok((row.integer(0)?, row.integer(1)?))
        })?;
        Ok(counts.unwrap_or_default())
    }

    fn put_redemption(
        &mut self,
        store: StoreNo,
        coupon: &CouponId,
        order: &OrderId,
        customer: &CustomerId,
        held_until: Option<Instant>,
    ) -> Result<()> {
        let values: [Value<'_>; 5] = [
            store.into(),
            coupon.as_str().into(),
            order.as_str().into(),
            customer.as_str().into(),
            held_until.map(Instant::micros).into(),
        ];
        self.execute(PUT_REDEMPTION, &values)
    }

    fn remove_redemption(&mut self, store: StoreNo, coupon: &CouponId, order: &OrderId) -> Result<()> {
        self.execute(
            REMOVE_REDEMPTION,
            &[store.into(), coupon.as_str().into(), order.as_str().into()],
        )
    }

    fn note_gateway_event(&mut self, store: StoreNo, gateway: &str, event: &str, at: Instant) -> Result<bool> {
        let values = [store.into(), gateway.into(), event.into(), at.micros().into()];
        Ok(query_one(self, NOTE_EVENT, &values, &mut |_| Ok(()))?.is_some())
    }
}

fn map(row: &dyn Row) -> Result<Purchased> {
    Ok(Purchased {
        bought_at: optional_instant(row, 0)?,
        trial_at: optional_instant(row, 1)?,
    })
}
