//! Statements about checkout sessions.

use sha2::{Digest, Sha256};

use super::{
    catalog_list::{json, strict},
    documents::{Condition, page},
    driver::{Driver, Row, Value, query_one},
};
use crate::{
    domain::{
        checkout::CheckoutSession,
        id::{CheckoutSessionId, ClockId, CustomerId},
    },
    engine::port::{CheckoutRows, Paging, StoreNo},
    error::Result,
};

const TABLE: (&str, &str) = ("body", "checkout_sessions");

const BY_ID: &str = "select body from checkout_sessions where store = ?1 and id = ?2";
const BY_ID_LOCKED: &str = "select body from checkout_sessions where store = ?1 and id = ?2 /*lock*/";
const BY_TOKEN: &str = "select store, subject from public_tokens where token = ?1 and kind = 'checkout_session'";
const INSERT: &str = "insert into checkout_sessions (store, id, version, updated_at, status, clock, body, created_at, \
     customer, order_id) values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)";
const INSERT_TOKEN: &str =
    "insert into public_tokens (token, store, kind, subject) values (?1, ?2, 'checkout_session', ?3)";
const UPDATE: &str = "update checkout_sessions set version = ?3, updated_at = ?4, status = ?5, clock = ?6, body = ?7 \
     where store = ?1 and id = ?2";

impl<D: Driver> CheckoutRows for D {
    fn session(&mut self, store: StoreNo, id: &CheckoutSessionId, lock: bool) -> Result<Option<CheckoutSession>> {
        let sql = if lock { BY_ID_LOCKED } else { BY_ID };
        query_one(self, sql, &[store.into(), id.as_str().into()], &mut map)
    }

    fn session_by_token(&mut self, token: &str) -> Result<Option<(StoreNo, CheckoutSessionId)>> {
        query_one(self, BY_TOKEN, &[hash(token).as_slice().into()], &mut |row| {
            Ok((row.integer(0)?, CheckoutSessionId::trusted(row.text(1)?)))
        })
    }

    fn insert_session(&mut self, store: StoreNo, session: &CheckoutSession) -> Result<()> {
        let body = json(session)?;
        let mut values = changing(store, session, &body).to_vec();
        values.extend([
            Value::from(session.created_at.micros()),
            session.customer.as_str().into(),
            session.order.as_str().into(),
        ]);
        self.execute(INSERT, &values)?;
        let hash = hash(&session.token);
        let values = [hash.as_slice().into(), store.into(), session.id.as_str().into()];
        self.execute(INSERT_TOKEN, &values)
    }

    fn update_session(&mut self, store: StoreNo, session: &CheckoutSession) -> Result<()> {
        let body = json(session)?;
        self.execute(UPDATE, &changing(store, session, &body))
    }

    fn list_sessions(
        &mut self,
        store: StoreNo,
        customer: Option<&CustomerId>,
        paging: &Paging,
    ) -> Result<Vec<CheckoutSession>> {
        let conditions = [Condition::on("customer", customer.map(CustomerId::as_str))];
        page(self, TABLE, store, &conditions, paging, map)
    }
}

/// Looked for by its hash, a token cannot be guessed by how long that takes.
fn hash(token: &str) -> [u8; 32] {
    Sha256::digest(token.as_bytes()).into()
}

fn changing<'a>(store: StoreNo, session: &'a CheckoutSession, body: &'a str) -> [Value<'a>; 7] {
    [
        store.into(),
        session.id.as_str().into(),
        session.version.into(),
        session.updated_at.micros().into(),
        session.status.name().into(),
        session.clock.as_ref().map(ClockId::as_str).into(),
        body.into(),
    ]
}

fn map(row: &dyn Row) -> Result<CheckoutSession> {
    strict(row.text(0)?)
}
