//! Use cases about custom fields.

use super::{
    Context, check_version,
    customers::Outcome,
    page::{self, Page},
    port::{CustomFieldRecord, Ids, Tx},
    to_json,
};
use crate::{
    domain::{
        custom_field::{Definition, check_definition},
        id::CustomFieldId,
        key_value,
    },
    error::{Code, Error, Result},
    ops::{
        answer::{CustomFieldWord, True},
        custom_field::{
            Choices, CustomField, CustomFieldCreateParams, CustomFieldDeleteParams, CustomFieldListParams,
            CustomFieldUpdateParams, DeletedCustomField,
        },
    },
};

/// Most custom fields of a store.
const MAX_FIELDS: usize = 200;

/// The saved definition, with its event.
fn saved(cx: &Context<'_>, tx: &mut dyn Tx, record: CustomFieldRecord) -> Result<Outcome> {
    let version = record.version;
    let outcome = outcome(record)?;
    cx.event(
        tx,
        "settings.updated",
        &outcome.subject,
        version,
        Some(&outcome.json),
        None,
    )?;
    Ok(outcome)
}

fn outcome(record: CustomFieldRecord) -> Result<Outcome> {
    let subject = record.id.as_str().to_owned();
    Ok(Outcome {
        json: to_json(&CustomField::from(record))?,
        subject,
        created: false,
    })
}

fn texts(choices: &Choices) -> Vec<String> {
    choices.0.iter().map(|choice| choice.0.clone()).collect()
}

fn checked(definition: &Definition) -> Result<()> {
    check_definition(definition).map_err(|problem| Error::problem("", problem))
}

/// `customFields.create`.
pub fn create(cx: &Context<'_>, tx: &mut dyn Tx, params: &CustomFieldCreateParams) -> Result<Outcome> {
    let fields = tx.custom_fields(cx.store.no)?;
    if fields.len() >= MAX_FIELDS {
        return Err(Error::new(
            Code::ParameterInvalid,
            format!("a store has at most {MAX_FIELDS} custom fields: delete one first"),
        ));
    }
    let key = match &params.key {
        Some(key) => key.0.clone(),
        None => random_key(cx.ids),
    };
    key_value::check_key(&key).map_err(|problem| Error::invalid("key", problem.message))?;
    if key.starts_with(CustomFieldId::PREFIX) {
        return Err(Error::invalid(
            "key",
            "must not start with fld_, which ids of custom fields do",
        ));
    }
    if let Some(holder) = fields.iter().find(|field| field.definition.key == key) {
        return Err(Error::new(
            Code::CustomFieldKeyTaken,
            format!(
                "key belongs to custom field {}: choose another, or update that field",
                holder.id.as_str()
            ),
        )
        .with_param("key")
        .with_detail("customFieldId", holder.id.as_str()));
    }
    let definition = Definition {
        key,
        kind: params.kind,
        label: params.label.0.clone(),
        required: params.required.unwrap_or(false),
        enabled: params.enabled.unwrap_or(true),
        order: params.order.map_or_else(
            || fields.iter().map(|field| field.definition.order + 1).max().unwrap_or(0),
            |order| order.0,
        ),
        choices: params.choices.as_ref().map(texts).unwrap_or_default(),
    };
    checked(&definition)?;
    let id = CustomFieldId::from_bits(cx.ids.uuid(cx.now));
    let record = CustomFieldRecord {
        id,
        definition,
        version: 1,
        created_at: cx.now,
        updated_at: cx.now,
    };
    tx.insert_custom_field(cx.store.no, &record)?;
    saved(cx, tx, record).map(Outcome::of_new_object)
}

/// 11 characters of `0-9a-z` (StepPay V1 reference, section 1.5).
fn random_key(ids: &dyn Ids) -> String {
    let mut bytes = [0; 11];
    ids.fill(&mut bytes);
    bytes
        .iter()
        .map(|byte| char::from(b"0123456789abcdefghijklmnopqrstuvwxyz"[usize::from(*byte) % 36]))
        .collect()
}

fn existing(cx: &Context<'_>, tx: &mut dyn Tx, key_or_id: &str) -> Result<CustomFieldRecord> {
    tx.custom_field(cx.store.no, key_or_id, true)?.ok_or_else(|| {
        Error::new(
            Code::CustomFieldNotFound,
            "no custom field of this store has that key or id: customFields.list() shows them",
        )
        .with_param("key")
    })
}

/// `customFields.update`.
pub fn update(cx: &Context<'_>, tx: &mut dyn Tx, params: &CustomFieldUpdateParams) -> Result<Outcome> {
    let before = existing(cx, tx, &params.key.0)?;
    check_version(params.if_version.map(|version| version.0), before.version)?;
    let mut after = before.clone();
    let definition = &mut after.definition;
    if let Some(label) = &params.label.0 {
        definition.label = label.0.clone();
    }
    if let Some(order) = params.order.0 {
        definition.order = order.0;
    }
    if let Some(choices) = &params.choices.0 {
        definition.choices = texts(choices);
    }
    definition.required = params.required.0.unwrap_or(definition.required);
    definition.enabled = params.enabled.0.unwrap_or(definition.enabled);
    checked(definition)?;
    if before == after {
        return outcome(before);
    }
    after.version += 1;
    after.updated_at = cx.now;
    tx.update_custom_field(cx.store.no, &after)?;
    saved(cx, tx, after)
}

/// `customFields.delete`.
pub fn delete(cx: &Context<'_>, tx: &mut dyn Tx, params: &CustomFieldDeleteParams) -> Result<Outcome> {
    let field = existing(cx, tx, &params.key.0)?;
    check_version(params.if_version.map(|version| version.0), field.version)?;
    tx.delete_custom_field(cx.store.no, &field)?;
    let subject = field.id.as_str().to_owned();
    cx.event(tx, "settings.updated", &subject, field.version + 1, None, None)?;
    let answer = DeletedCustomField {
        id: field.id,
        object: CustomFieldWord("custom_field"),
        key: field.definition.key,
        deleted: True(true),
    };
    Ok(Outcome {
        json: to_json(&answer)?,
        subject,
        created: false,
    })
}

/// `customFields.list`, in the form's order.
pub fn list(cx: &Context<'_>, tx: &mut dyn Tx, params: &CustomFieldListParams) -> Result<String> {
    const QUERY: &str = "customFields.list";
    let mut fields = tx.custom_fields(cx.store.no)?;
    if let Some(cursor) = &params.cursor {
        let (order, key): (i64, String) = page::open(cx.store, QUERY, &cursor.0)?;
        fields.retain(|field| (field.definition.order, &field.definition.key) > (order, &key));
    }
    let cursor = |last: &CustomFieldRecord| page::seal(cx.store, QUERY, &(last.definition.order, &last.definition.key));
    to_json(&Page::new(fields, params.limit.0, None, cursor, CustomField::from)?)
}
