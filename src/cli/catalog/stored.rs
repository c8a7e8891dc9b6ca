//! The store's catalogue, as its list operations show it.

use std::sync::{Arc, mpsc};

use serde_json::{Map, Value, json};

use super::kind::Kind;
use crate::{
    engine::{Call, Reply, Session},
    error::{Error, Result},
    ops::Op,
};

/// Objects a page.
const PAGE: usize = 100;

/// What is not archived, oldest first.
#[derive(Debug, Default, PartialEq)]
pub struct Stored {
    /// Features.
    pub features: Vec<Value>,
    /// Products, with their prices in `variants`.
    pub products: Vec<Value>,
    /// Coupons, those that cannot be redeemed too.
    pub coupons: Vec<Value>,
}

impl Stored {
    /// Reads all of it.
    pub fn read(session: &Arc<Session>) -> Result<Self> {
        Ok(Self {
            features: every(session, Op::FeaturesList)?,
            products: every(session, Op::ProductsList)?,
            coupons: every(session, Op::CouponsList)?,
        })
    }

    /// The objects of a kind; prices with their products in between.
    pub fn of(&self, kind: Kind) -> Vec<&Value> {
        match kind {
            Kind::Feature => self.features.iter().collect(),
            Kind::Product => self.products.iter().collect(),
            Kind::Price => self.products.iter().flat_map(prices).collect(),
            Kind::Coupon => self.coupons.iter().collect(),
        }
    }
}

/// The prices of a product.
pub fn prices(product: &Value) -> impl Iterator<Item = &Value> {
    product.get("variants").and_then(Value::as_array).into_iter().flatten()
}

/// All pages of a list, oldest first.
fn every(session: &Arc<Session>, list: Op) -> Result<Vec<Value>> {
    let mut rows = Vec::new();
    let mut cursor = Value::Null;
    loop {
        let page = call(session, list, json!({ "limit": PAGE, "cursor": cursor }))?;
        let Value::Object(mut page) = page else {
            return Err(Error::internal("a page is no object"));
        };
        if let Some(Value::Array(mut data)) = page.remove("data") {
            rows.append(&mut data);
        }
        match page.remove("nextCursor") {
            Some(next @ Value::String(_)) => cursor = next,
            _ => break,
        }
    }
    // Lists begin with what is newest.
    rows.reverse();
    Ok(rows)
}

/// Calls an operation and waits for its answer.
pub fn call(session: &Arc<Session>, op: Op, input: Value) -> Result<Value> {
    let (send, receive) = mpsc::channel();
    let later = Call {
        op,
        input: input.to_string(),
        idempotency_key: None,
        request_id: None,
        watch: Arc::default(),
    };
    let at_once = session.call(later, Reply::new(move |outcome| drop(send.send(outcome))));
    let answered = match at_once {
        Some(outcome) => outcome?,
        None => receive
            .recv()
            .map_err(|_| Error::internal("the engine never answered"))??,
    };
    let json = answered.json().unwrap_or_default();
    serde_json::from_str(&json).map_err(|error| Error::internal(format!("an answer is no JSON: {error}")))
}

/// The members of an object; none of anything else.
pub fn members(value: &Value) -> Map<String, Value> {
    value.as_object().cloned().unwrap_or_default()
}
