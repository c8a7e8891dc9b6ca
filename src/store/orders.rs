//! Statements about orders and payments. What never changes is not written
//! again, so that its indexes are left alone.

use super::{
    catalog_list::{json, strict},
    documents::{Condition, page},
    driver::{Driver, Row, Value, query_one},
};
use crate::{
    domain::{
        id::{ClockId, CustomerId, OrderId, PaymentId, SubscriptionId},
        order::Order,
        payment::Payment,
    },
    engine::port::{OrderFilter, OrderRows, Paging, PaymentFilter, Position, StoreNo},
    error::Result,
};

const ORDERS: (&str, &str) = ("body", "orders");
const PAYMENTS: (&str, &str) = ("body", "payments");

const ORDER: &str = "select body from orders where store = ?1 and id = ?2";
const ORDER_LOCKED: &str = "select body from orders where store = ?1 and id = ?2 /*lock*/";
const ORDER_BY_NUMBER: &str = "select body from orders where store = ?1 and number = ?2";
const MAKER: &str = "select order_id from subscriptions where store = ?1 and id = ?2 and order_id is not null";
const INSERT_ORDER: &str = "insert into orders (store, id, version, updated_at, status, clock, body, number, created_at, \
     customer, subscription, type) values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)";
const UPDATE_ORDER: &str = "update orders set version = ?3, updated_at = ?4, status = ?5, clock = ?6, body = ?7 \
     where store = ?1 and id = ?2";

const PAYMENT: &str = "select body from payments where store = ?1 and id = ?2";
const PAYMENT_LOCKED: &str = "select body from payments where store = ?1 and id = ?2 /*lock*/";
const PAYMENT_BY_KEY: &str = "select id from payments where store = ?1 and key = ?2";
const INSERT_PAYMENT: &str = "insert into payments (store, id, version, updated_at, status, clock, body, number, \
     created_at, key, customer, order_id, subscription) \
     values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)";
const UPDATE_PAYMENT: &str = "update payments set version = ?3, updated_at = ?4, status = ?5, clock = ?6, body = ?7 \
     where store = ?1 and id = ?2";

impl<D: Driver> OrderRows for D {
    fn order(&mut self, store: StoreNo, id: &OrderId, lock: bool) -> Result<Option<Order>> {
        let sql = if lock { ORDER_LOCKED } else { ORDER };
        query_one(self, sql, &[store.into(), id.as_str().into()], &mut order)
    }

    fn order_by_number(&mut self, store: StoreNo, number: i64) -> Result<Option<Order>> {
        query_one(self, ORDER_BY_NUMBER, &[store.into(), number.into()], &mut order)
    }

    fn insert_order(&mut self, store: StoreNo, order: &Order) -> Result<()> {
        let body = json(order)?;
        let mut values = changing_order(store, order, &body).to_vec();
        values.extend([
            Value::from(order.number),
            order.created_at.micros().into(),
            order.customer.as_str().into(),
            order.subscription.as_ref().map(SubscriptionId::as_str).into(),
            order.kind.name().into(),
        ]);
        self.execute(INSERT_ORDER, &values)
    }

    fn update_order(&mut self, store: StoreNo, order: &Order) -> Result<()> {
        let body = json(order)?;
        self.execute(UPDATE_ORDER, &changing_order(store, order, &body))
    }

    fn list_orders(&mut self, store: StoreNo, filter: &OrderFilter, paging: &Paging) -> Result<Vec<Order>> {
        let conditions = [
            Condition::on("subscription", filter.subscription.as_ref().map(SubscriptionId::as_str)),
            Condition::on("customer", filter.customer.as_ref().map(CustomerId::as_str)),
            Condition::but("status", "paid", filter.status.map(|status| status.name())),
            Condition::but("type", "renewal", filter.kind.map(|kind| kind.name())),
        ];
        let mut found = page(self, ORDERS, store, &conditions, paging, order)?;
        if let Some(subscription) = &filter.subscription {
            add_maker(self, store, subscription, filter, paging, &mut found)?;
        }
        Ok(found)
    }

    fn payment(&mut self, store: StoreNo, id: &PaymentId, lock: bool) -> Result<Option<Payment>> {
        let sql = if lock { PAYMENT_LOCKED } else { PAYMENT };
        query_one(self, sql, &[store.into(), id.as_str().into()], &mut payment)
    }

    fn payment_by_key(&mut self, store: StoreNo, key: &str) -> Result<Option<PaymentId>> {
        query_one(self, PAYMENT_BY_KEY, &[store.into(), key.into()], &mut |row| {
            row.text(0).map(PaymentId::trusted)
        })
    }

    fn insert_payment(&mut self, store: StoreNo, payment: &Payment) -> Result<()> {
        let body = json(payment)?;
        let mut values = changing_payment(store, payment, &body).to_vec();
        values.extend([
            Value::from(payment.number),
            payment.created_at.micros().into(),
            payment.key.as_str().into(),
            payment.customer.as_str().into(),
            payment.order.as_str().into(),
            payment.subscription.as_ref().map(SubscriptionId::as_str).into(),
        ]);
        self.execute(INSERT_PAYMENT, &values)
    }

    fn update_payment(&mut self, store: StoreNo, payment: &Payment) -> Result<()> {
        let body = json(payment)?;
        self.execute(UPDATE_PAYMENT, &changing_payment(store, payment, &body))
    }

    fn list_payments(&mut self, store: StoreNo, filter: &PaymentFilter, paging: &Paging) -> Result<Vec<Payment>> {
        let conditions = [
            Condition::on("order_id", filter.order.as_ref().map(OrderId::as_str)),
            Condition::on("subscription", filter.subscription.as_ref().map(SubscriptionId::as_str)),
            Condition::on("customer", filter.customer.as_ref().map(CustomerId::as_str)),
            Condition::but("status", "succeeded", filter.status.map(|status| status.name())),
        ];
        page(self, PAYMENTS, store, &conditions, paging, payment)
    }
}

/// Puts the one order that made a subscription into its place among the
/// further ones, if it is of this page.
fn add_maker<D: Driver + ?Sized>(
    driver: &mut D,
    store: StoreNo,
    subscription: &SubscriptionId,
    filter: &OrderFilter,
    paging: &Paging,
    page: &mut Vec<Order>,
) -> Result<()> {
    let values = [store.into(), subscription.as_str().into()];
    let Some(id) = query_one(driver, MAKER, &values, &mut |row| row.text(0).map(OrderId::trusted))? else {
        return Ok(());
    };
    let Some(maker) = query_one(driver, ORDER, &[store.into(), id.as_str().into()], &mut order)? else {
        return Ok(());
    };
    let asked_for = filter
        .customer
        .as_ref()
        .is_none_or(|customer| maker.customer == *customer)
        && filter.status.is_none_or(|status| maker.status == status)
        && filter.kind.is_none_or(|kind| maker.kind == kind);
    let behind = match &paging.after {
        Some(Position::Time(micros, id)) => place(&maker) < (*micros, id.as_str()),
        _ => true,
    };
    // A further charge of what it made is on the page already.
    if !asked_for || !behind || maker.subscription.as_ref() == Some(subscription) {
        return Ok(());
    }
    let at = page.partition_point(|newer| place(newer) > place(&maker));
    page.insert(at, maker);
    page.truncate(paging.limit);
    Ok(())
}

fn place(order: &Order) -> (i64, &str) {
    (order.created_at.micros(), order.id.as_str())
}

fn changing_order<'a>(store: StoreNo, order: &'a Order, body: &'a str) -> [Value<'a>; 7] {
    [
        store.into(),
        order.id.as_str().into(),
        order.version.into(),
        order.updated_at.micros().into(),
        order.status.name().into(),
        order.clock.as_ref().map(ClockId::as_str).into(),
        body.into(),
    ]
}

fn changing_payment<'a>(store: StoreNo, payment: &'a Payment, body: &'a str) -> [Value<'a>; 7] {
    [
        store.into(),
        payment.id.as_str().into(),
        payment.version.into(),
        payment.updated_at.micros().into(),
        payment.status().name().into(),
        payment.clock.as_ref().map(ClockId::as_str).into(),
        body.into(),
    ]
}

fn order(row: &dyn Row) -> Result<Order> {
    strict(row.text(0)?)
}

fn payment(row: &dyn Row) -> Result<Payment> {
    strict(row.text(0)?)
}
