//! A catalogue as a file has it: what the store shows without what it makes
//! itself, and without what a new object has anyway.

use serde_json::{Map, Value, json};

use super::{
    kind::Kind,
    stored::{Stored, members, prices},
};
use crate::domain::id::{CouponId, OptionId, PriceId, ProductId};

/// Where a product's first price stands when nothing is said.
const FIRST_ORDER: i64 = 0;

/// The catalogue as the content of a file, but for the order of members.
pub fn written(stored: &Stored) -> Value {
    let list = |kind: Kind, write: fn(&Value) -> Value| stored.of(kind).into_iter().map(write).collect::<Vec<_>>();
    json!({
        "features": list(Kind::Feature, |feature| Value::Object(entry(Kind::Feature, feature))),
        "products": list(Kind::Product, product),
        "coupons": list(Kind::Coupon, coupon),
    })
}

fn product(stored: &Value) -> Value {
    let mut product = entry(Kind::Product, stored);
    drop_uuid(&mut product, |id| {
        ProductId::parse(id)
            .ok()
            .and_then(|id| id.uuid())
            .map(|uuid| uuid.to_string())
    });
    if let Some(Value::Array(features)) = product.get_mut("features") {
        for feature in features {
            shorten(feature, &["id"], "id");
        }
    }
    if let Some(options) = product.get_mut("options") {
        write_options(options);
    }
    let mut variants = Vec::new();
    let mut order = FIRST_ORDER;
    for stored in prices(stored) {
        variants.push(price(stored, variants.is_empty(), order));
        order = stored.get("order").and_then(Value::as_i64).unwrap_or(order) + 1;
    }
    if !variants.is_empty() {
        product.insert("variants".to_owned(), variants.into());
    }
    Value::Object(product)
}

/// `order` is where it would stand if nothing were said.
fn price(stored: &Value, is_first: bool, order: i64) -> Value {
    let mut price = entry(Kind::Price, stored);
    drop_uuid(&mut price, |id| {
        PriceId::parse(id)
            .ok()
            .and_then(|id| id.uuid())
            .map(|uuid| uuid.to_string())
    });
    one_amount(&mut price);
    let recurring = price.contains_key("recurring");
    let usual = if recurring { "flat" } else { "one_time" };
    drop_if(&mut price, "type", &json!(usual));
    drop_if(&mut price, "order", &json!(order));
    if is_first {
        drop_if(&mut price, "isDefault", &json!(true));
    }
    if matches!(stored.get("type").and_then(Value::as_str), Some("usage" | "seat")) {
        drop_if(&mut price, "unitAmount", &json!(0));
    }
    if let Some(Value::Array(tiers)) = price.get_mut("tiers") {
        for tier in tiers.iter_mut().filter_map(Value::as_object_mut) {
            one_amount(tier);
            drop_if(tier, "flatAmount", &json!(0));
            drop_if(tier, "unitAmount", &json!(0));
            tier.entry("upTo").or_insert(Value::Null);
        }
    }
    // Neither counts by itself: that is how it is created.
    for member in ["recurring", "bundle"] {
        if let Some(Value::Object(inner)) = price.get_mut(member) {
            drop_if(inner, "intervalCount", &json!(1));
            drop_if(inner, "firstPaymentExtra", &json!(0));
        }
    }
    if let Some(old) = stored.get("replaces").filter(|old| !old.is_null()) {
        price.insert("replaces".to_owned(), old.clone());
    }
    Value::Object(price)
}

fn coupon(stored: &Value) -> Value {
    let mut coupon = entry(Kind::Coupon, stored);
    let made = |id: &str| CouponId::parse(id).is_ok_and(|id| id.uuid().is_some());
    if coupon.get("id").and_then(Value::as_str).is_some_and(made) {
        coupon.remove("id");
    }
    Value::Object(coupon)
}

/// Members that `create` takes and that are not as in a new object.
fn entry(kind: Kind, stored: &Value) -> Map<String, Value> {
    let mut entry = members(stored);
    entry.remove("variants");
    entry.remove("productId");
    entry.retain(|name, value| kind.is_creatable(name) && !is_nothing(value));
    for value in entry.values_mut() {
        lean(value);
    }
    entry.retain(|name, value| !is_nothing(value) && !is_usual(kind, name, value));
    entry
}

/// What a new object has where nothing is said.
fn is_usual(kind: Kind, name: &str, value: &Value) -> bool {
    let usual = match (kind, name) {
        (Kind::Feature, "type") => json!("boolean"),
        (Kind::Product, "kind") => json!("software"),
        (Kind::Product, "status") => json!("sale"),
        (Kind::Product, "oneTimePurchasable") | (Kind::Price, "isDefault") => json!(false),
        (Kind::Product, "order") | (Kind::Price, "includedUnits") => json!(0),
        (Kind::Price, "claim") => json!("advance"),
        (Kind::Price, "usageClaim") => json!("arrears"),
        (Kind::Price, "tierMode") => json!("graduated"),
        (Kind::Coupon, "active") => json!(true),
        _ => return false,
    };
    *value == usual
}

fn is_nothing(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::Array(list) => list.is_empty(),
        Value::Object(members) => members.is_empty(),
        _ => false,
    }
}

/// Inside an object that is given as a whole, nothing and `false` are what
/// is there when a member is left out.
pub fn lean(value: &mut Value) {
    match value {
        Value::Object(members) => {
            members.values_mut().for_each(lean);
            members.retain(|_, value| !is_nothing(value) && *value != Value::Bool(false));
        }
        Value::Array(list) => list.iter_mut().for_each(lean),
        _ => {}
    }
}

fn drop_if(members: &mut Map<String, Value>, name: &str, value: &Value) {
    if members.get(name) == Some(value) {
        members.remove(name);
    }
}

/// A UUID that is the id itself says nothing.
fn drop_uuid(members: &mut Map<String, Value>, own: impl Fn(&str) -> Option<String>) {
    let of_id = members.get("id").and_then(Value::as_str).and_then(own);
    if let Some(uuid) = of_id {
        drop_if(members, "uuid", &Value::String(uuid));
    }
}

/// An amount is shown twice, and taken once.
fn one_amount(members: &mut Map<String, Value>) {
    if members.contains_key("unitAmount") {
        members.remove("unitAmountDecimal");
    }
}

/// An object whose only members are these becomes the value of one of them.
fn shorten(value: &mut Value, only: &[&str], to: &str) {
    let Some(members) = value.as_object_mut() else { return };
    drop_if(members, "overage", &json!("deny"));
    if members.keys().all(|name| only.contains(&name.as_str()))
        && let Some(short) = members.remove(to)
    {
        *value = short;
    }
}

/// Values by name, and those combinations that have something of their own.
fn write_options(options: &mut Value) {
    let Some(options) = options.as_object_mut() else { return };
    let groups = options.get_mut("groups").and_then(Value::as_array_mut);
    for group in groups.into_iter().flatten().filter_map(Value::as_object_mut) {
        drop_if(group, "type", &json!("select"));
        let values = group.get_mut("values").and_then(Value::as_array_mut);
        for value in values.into_iter().flatten() {
            let made = |id: &str| OptionId::parse(id).is_ok_and(|id| id.uuid().is_some());
            if value.get("id").and_then(Value::as_str).is_some_and(made) {
                shorten(value, &["id", "name"], "name");
            }
        }
    }
    if let Some(Value::Array(combinations)) = options.get_mut("combinations") {
        for combination in combinations.iter_mut().filter_map(Value::as_object_mut) {
            combination.remove("optionIds");
            drop_if(combination, "price", &json!(0));
            drop_if(combination, "status", &json!("sale"));
        }
        combinations.retain(|combination| combination.as_object().is_some_and(|members| members.len() > 1));
        if combinations.is_empty() {
            options.remove("combinations");
        }
    }
}
