//! Statements about custom fields and sign-up forms.

use serde::{Deserialize, Serialize};

use super::{
    customers::{json, parsed},
    driver::{Driver, Row, Value, query_all, query_one},
};
use crate::{
    domain::{
        custom_field::{Definition, FieldType},
        id::{CustomFieldId, SignupFormId},
        instant::Instant,
        signup_form::{Account, Basic, BasicField, Form},
    },
    engine::port::{CustomFieldRecord, FormRows, SignupFormRecord, StoreNo},
    error::{Error, Result},
};

macro_rules! columns {
    () => {
        "id, key, type, label, required, enabled, position, choices, version, created_at, updated_at"
    };
}

const FIELDS: &str = concat!(
    "select ",
    columns!(),
    " from custom_fields where store = ?1 order by position, key"
);
const FIELD: &str = concat!(
    "select ",
    columns!(),
    " from custom_fields where store = ?1 and key = ?2 or store = ?1 and id = ?2"
);
const FIELD_LOCKED: &str = concat!(
    "select ",
    columns!(),
    " from custom_fields where store = ?1 and key = ?2 or store = ?1 and id = ?2 /*lock*/"
);
const INSERT_FIELD: &str = "insert into custom_fields (store, id, key, type, label, required, enabled, position, choices, \
     version, created_at, updated_at) values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)";
const UPDATE_FIELD: &str = "update custom_fields set id = ?2, type = ?4, label = ?5, required = ?6, enabled = ?7, \
     position = ?8, choices = ?9, version = ?10, created_at = ?11, updated_at = ?12 where store = ?1 and key = ?3";
const DELETE_FIELD: &str = "delete from custom_fields where store = ?1 and key = ?2";
const DELETE_HASHES: &str = "delete from customer_passwords where store = ?1 and field = ?2";
const FORM: &str = "select id, account, fields, version, created_at, updated_at from signup_forms where store = ?1";
const FORM_LOCKED: &str =
    "select id, account, fields, version, created_at, updated_at from signup_forms where store = ?1 /*lock*/";
const SAVE_FORM: &str = "insert into signup_forms (store, id, account, fields, version, created_at, updated_at) \
     values (?1, ?2, ?3, ?4, ?5, ?6, ?7) on conflict (store) do update set account = excluded.account, \
     fields = excluded.fields, version = excluded.version, updated_at = excluded.updated_at";

#[derive(Serialize, Deserialize)]
struct StoredField {
    name: String,
    label: String,
    enabled: bool,
    required: bool,
    order: i64,
}

impl<D: Driver> FormRows for D {
    fn custom_fields(&mut self, store: StoreNo) -> Result<Vec<CustomFieldRecord>> {
        query_all(self, FIELDS, &[store.into()], &mut map_field)
    }

    fn custom_field(&mut self, store: StoreNo, key_or_id: &str, lock: bool) -> Result<Option<CustomFieldRecord>> {
        query_one(
            self,
            if lock { FIELD_LOCKED } else { FIELD },
            &[store.into(), key_or_id.into()],
            &mut map_field,
        )
    }

    fn insert_custom_field(&mut self, store: StoreNo, field: &CustomFieldRecord) -> Result<()> {
        write_field(self, INSERT_FIELD, store, field)
    }

    fn update_custom_field(&mut self, store: StoreNo, field: &CustomFieldRecord) -> Result<()> {
        write_field(self, UPDATE_FIELD, store, field)
    }

    fn delete_custom_field(&mut self, store: StoreNo, field: &CustomFieldRecord) -> Result<()> {
        let key = &field.definition.key;
        self.execute(DELETE_FIELD, &[store.into(), key.into()])?;
        self.execute(DELETE_HASHES, &[store.into(), key.into()])
    }

    fn signup_form(&mut self, store: StoreNo, lock: bool) -> Result<Option<SignupFormRecord>> {
        query_one(
            self,
            if lock { FORM_LOCKED } else { FORM },
            &[store.into()],
            &mut map_form,
        )
    }

    fn save_signup_form(&mut self, store: StoreNo, record: &SignupFormRecord) -> Result<()> {
        let stored = record.form.fields.iter().map(|field| StoredField {
            name: field.basic.name().to_owned(),
            label: field.label.clone(),
            enabled: field.enabled,
            required: field.required,
            order: field.order,
        });
        let fields = json(&stored.collect::<Vec<_>>())?;
        let values = [
            store.into(),
            record.id.as_str().into(),
            record.form.account.name().into(),
            fields.as_str().into(),
            record.version.into(),
            record.created_at.micros().into(),
            record.updated_at.micros().into(),
        ];
        self.execute(SAVE_FORM, &values)
    }
}

fn write_field<D: Driver + ?Sized>(driver: &mut D, sql: &str, store: StoreNo, field: &CustomFieldRecord) -> Result<()> {
    let definition = &field.definition;
    let choices = json(&definition.choices)?;
    let values: [Value<'_>; 12] = [
        store.into(),
        field.id.as_str().into(),
        definition.key.as_str().into(),
        definition.kind.name().into(),
        definition.label.as_str().into(),
        definition.required.into(),
        definition.enabled.into(),
        definition.order.into(),
        choices.as_str().into(),
        field.version.into(),
        field.created_at.micros().into(),
        field.updated_at.micros().into(),
    ];
    driver.execute(sql, &values)
}

fn map_field(row: &dyn Row) -> Result<CustomFieldRecord> {
    let kind =
        FieldType::from_name(row.text(2)?).ok_or_else(|| Error::internal("a custom field has an unknown type"))?;
    Ok(CustomFieldRecord {
        id: CustomFieldId::trusted(row.text(0)?),
        definition: Definition {
            key: row.text(1)?.to_owned(),
            kind,
            label: row.text(3)?.to_owned(),
            required: row.boolean(4)?,
            enabled: row.boolean(5)?,
            order: row.integer(6)?,
            choices: parsed(row.text(7)?)?,
        },
        version: row.integer(8)?,
        created_at: Instant::from_micros(row.integer(9)?),
        updated_at: Instant::from_micros(row.integer(10)?),
    })
}

fn map_form(row: &dyn Row) -> Result<SignupFormRecord> {
    let account = if row.text(1)? == Account::Id.name() {
        Account::Id
    } else {
        Account::Email
    };
    let stored: Vec<StoredField> = parsed(row.text(2)?)?;
    let fields = stored.into_iter().filter_map(|field| {
        let (basic, ..) = Basic::ALL.iter().find(|(_, name, _)| *name == field.name)?;
        Some(BasicField {
            basic: *basic,
            label: field.label,
            enabled: field.enabled,
            required: field.required,
            order: field.order,
        })
    });
    Ok(SignupFormRecord {
        id: SignupFormId::trusted(row.text(0)?),
        form: Form {
            account,
            fields: fields.collect(),
        },
        version: row.integer(3)?,
        created_at: Instant::from_micros(row.integer(4)?),
        updated_at: Instant::from_micros(row.integer(5)?),
    })
}
