//! One call of a push: its input, and what it is about.

use serde_json::{Map, Value, json};

use super::{diff::Label, file::Entry, kind::Kind, stored::members};
use crate::{
    domain::decimal::Quantity,
    error::{Error, Result},
    ops::Op,
};

/// One call.
#[derive(Debug)]
pub struct Step {
    /// The operation.
    pub op: Op,
    /// Its input.
    pub input: Value,
    /// What it is about.
    pub label: Label,
    /// Where the file says so; empty for what only the store has.
    pub at: String,
    /// What it does.
    pub deed: Deed,
}

/// What a call does.
#[derive(Debug)]
pub enum Deed {
    /// Makes an object, and for a product prices with it: their labels and their places in the file.
    Create(Vec<(Label, String)>),
    /// Changes one that is as the answer says.
    Update(Value),
    /// Takes one out of the shop.
    Archive,
}

pub fn label(kind: Kind, name: &str, stored: &Value) -> Label {
    let of = stored.get("productId").and_then(Value::as_str);
    Label {
        kind,
        name: name.to_owned(),
        note: of.map(|product| format!(" of {product}")).unwrap_or_default(),
    }
}

fn label_of(entry: &Entry, replaced: Option<&str>) -> Label {
    let of = entry.product.as_ref().map(|product| format!(" of {product}"));
    let instead = replaced.map(|old| format!(", replaces {old}"));
    Label {
        kind: entry.kind,
        name: entry.name.clone(),
        note: of.into_iter().chain(instead).collect(),
    }
}

fn step(entry: &Entry, op: Op, input: Map<String, Value>, deed: Deed) -> Step {
    Step {
        op,
        input: Value::Object(input),
        label: label_of(entry, None),
        at: entry.at.clone(),
        deed,
    }
}

/// The members with the object's own id.
fn with_id(entry: &Entry) -> Map<String, Value> {
    let mut input = entry.members.clone();
    if entry.kind != Kind::Coupon {
        input.insert("id".to_owned(), entry.name.clone().into());
    }
    input
}

/// Makes a product, with prices of its own.
pub fn create_product(entry: &Entry, variants: &[&Entry]) -> Step {
    let mut input = with_id(entry);
    let with = variants
        .iter()
        .map(|price| (label_of(price, None), price.at.clone()))
        .collect();
    if !variants.is_empty() {
        let variants: Vec<Value> = variants.iter().map(|price| Value::Object(with_id(price))).collect();
        input.insert("variants".to_owned(), variants.into());
    }
    step(entry, Op::ProductsCreate, input, Deed::Create(with))
}

/// Makes any other object; a price perhaps in the place of one that is there.
pub fn create(entry: &Entry, replaced: Option<&str>) -> Step {
    let mut input = with_id(entry);
    let op = match (replaced, &entry.product) {
        (Some(old), _) => {
            input.insert("priceId".to_owned(), old.into());
            Op::PricesReplace
        }
        (None, Some(product)) => {
            input.insert("productId".to_owned(), product.clone().into());
            Op::PricesCreate
        }
        (None, None) => entry.kind.create(),
    };
    Step {
        label: label_of(entry, replaced),
        ..step(entry, op, input, Deed::Create(Vec::new()))
    }
}

/// Changes an object of the store. What can be changed is given to the
/// operation, which knows what is another value; what cannot has to be as it
/// is stored.
///
/// # Errors
///
/// `parameter_invalid` at a member that never changes.
pub fn update(entry: &Entry, stored: &Value) -> Result<Step> {
    let kind = entry.kind;
    let mut input = entry.members.clone();
    for (name, value) in &entry.members {
        if kind.is_updatable(name) || !kind.is_creatable(name) {
            continue;
        }
        let declared = super::kind::declared(kind.create(), name);
        let there = stored.get(declared).unwrap_or(&Value::Null);
        if !is_same(kind, declared, value, there) {
            let how = match kind {
                Kind::Coupon => "give what takes off something else a code of its own",
                _ => "leave it as it is, or give the new object an id of its own",
            };
            let message = format!("never changes, and is {there} in the store: {how}");
            return Err(Error::invalid(format!("{}.{name}", entry.at), message));
        }
        input.remove(name);
    }
    let op = kind.update();
    let id = stored.get("id").cloned().unwrap_or_default();
    input.insert(id_param(op), id);
    Ok(step(entry, op, input, Deed::Update(stored.clone())))
}

/// Takes an object of the store out of the shop; `None` for one without an id.
pub fn archive(kind: Kind, name: &str, stored: &Value) -> Option<Step> {
    let id = stored.get("id")?.clone();
    let op = match kind {
        Kind::Feature => Op::FeaturesArchive,
        Kind::Product => Op::ProductsArchive,
        Kind::Price => Op::PricesArchive,
        Kind::Coupon => Op::CouponsUpdate,
    };
    let mut input = members(&json!({ id_param(op): id }));
    if kind == Kind::Coupon {
        input.insert("active".to_owned(), false.into());
    }
    Some(Step {
        op,
        input: Value::Object(input),
        label: label(kind, name, stored),
        at: String::new(),
        deed: Deed::Archive,
    })
}

/// The parameter that names the object of an operation.
pub fn id_param(op: Op) -> String {
    op.declaration().id_param.unwrap_or("id").to_owned()
}

/// Refuses a price that the store has with another product.
///
/// # Errors
///
/// `parameter_invalid` at `member`, which names the price.
pub fn check_product(price: &Entry, member: &str, stored: &Value) -> Result<()> {
    let there = stored.get("productId").and_then(Value::as_str);
    if there == price.product.as_deref() {
        return Ok(());
    }
    let message = format!(
        "names a price of {} in the store, and a price stays with its product: give the new price an id of its own",
        there.unwrap_or_default()
    );
    Err(Error::invalid(format!("{}.{member}", price.at), message))
}

/// Whether a value means what is stored, however it is written.
fn is_same(kind: Kind, name: &str, given: &Value, stored: &Value) -> bool {
    let decimal = |value: &Value| match value {
        Value::Number(number) => Quantity::parse(&number.to_string()).ok(),
        Value::String(text) => Quantity::parse(text).ok(),
        _ => None,
    };
    match (given, stored) {
        _ if given == stored => true,
        (Value::String(given), Value::String(stored)) if name == kind.key() => {
            kind.folded(given) == kind.folded(stored)
        }
        (Value::String(given), Value::String(stored)) if given.trim().eq_ignore_ascii_case(stored) => true,
        _ => decimal(given).is_some_and(|given| Some(given) == decimal(stored)),
    }
}
