//! What an app keeps beside a customer: metadata, and custom fields checked by
//! their types, passwords among them kept apart.

use std::collections::BTreeMap;

use serde_json::Value;

use super::{Context, customers::Hashes, port::Tx};
use crate::{
    domain::{
        custom_field::{self, Checked, Definition, FieldType},
        id::CustomerId,
        key_value::{self, Attributes},
    },
    error::{Code, Error, Result},
    ops::param::AttributesChange,
};

pub(super) fn merged<V: Clone>(
    param: &str,
    stored: &BTreeMap<String, V>,
    changes: &BTreeMap<String, Option<V>>,
) -> Result<BTreeMap<String, V>> {
    if changes.is_empty() {
        return Ok(stored.clone());
    }
    key_value::merge(stored, changes).map_err(|problem| Error::problem(param, problem))
}

/// Applies changes of custom fields, each checked by its type. Gives the
/// password fields among them: `true` set, `false` removed.
pub(super) fn apply(
    cx: &Context<'_>,
    tx: &mut dyn Tx,
    stored: &mut Attributes,
    changes: &AttributesChange,
) -> Result<BTreeMap<String, bool>> {
    let mut secrets = BTreeMap::new();
    if changes.0.is_empty() {
        return Ok(secrets);
    }
    let definitions = tx.custom_fields(cx.store.no)?;
    let mut kept = BTreeMap::new();
    for (key, value) in &changes.0 {
        let definition = definitions
            .iter()
            .map(|field| &field.definition)
            .find(|definition| definition.key == *key);
        match checked_attribute(definition, key, value.as_ref())? {
            Attribute::Keep(value) => {
                kept.insert(key.clone(), value);
            }
            Attribute::Secret(set) => {
                secrets.insert(key.clone(), set);
            }
        }
    }
    *stored = merged("attributes", stored, &kept)?;
    Ok(secrets)
}

enum Attribute {
    Keep(Option<Value>),
    Secret(bool),
}

fn checked_attribute(definition: Option<&Definition>, key: &str, value: Option<&Value>) -> Result<Attribute> {
    let path = format!("attributes.{key}");
    let refused = |problem| Error::problem(&path, problem);
    match (definition, value) {
        (Some(definition), None) if definition.kind == FieldType::Password => Ok(Attribute::Secret(false)),
        (_, None) => Ok(Attribute::Keep(None)),
        (None, Some(value)) => custom_field::undefined_value(value)
            .map(|value| Attribute::Keep(Some(value)))
            .map_err(refused),
        (Some(definition), Some(value)) => match custom_field::check_value(definition, value).map_err(refused)? {
            Checked::Keep(value) => Ok(Attribute::Keep(Some(value))),
            Checked::Secret(_) => Ok(Attribute::Secret(true)),
        },
    }
}

pub(super) fn keep_hashes(
    cx: &Context<'_>,
    tx: &mut dyn Tx,
    id: &CustomerId,
    secrets: &BTreeMap<String, bool>,
    hashes: &Hashes,
) -> Result<()> {
    for (field, set) in secrets {
        let hash = hashes.get(field).map(String::as_str);
        if *set && hash.is_none() {
            // The field became a password field between hashing and writing.
            return Err(
                Error::new(Code::VersionConflict, "the custom fields have just changed: try again")
                    .with_param(format!("attributes.{field}")),
            );
        }
        tx.set_password(cx.store.no, id, field, hash.filter(|_| *set), cx.now)?;
    }
    Ok(())
}

/// The passwords among the given attributes, to be hashed before the
/// transaction.
pub fn passwords_among(definitions: &[Definition], attributes: &AttributesChange) -> Vec<(String, String)> {
    let is_password = |key: &str| {
        definitions
            .iter()
            .any(|definition| definition.key == key && definition.kind == FieldType::Password)
    };
    let given = attributes.0.iter().filter(|(key, _)| is_password(key));
    given
        .filter_map(|(key, value)| Some((key.clone(), value.as_ref()?.as_str()?.to_owned())))
        .collect()
}
