//! `commerce.customFields`: what a merchant asks of customers beyond the basics.

use super::{
    answer::{CustomFieldWord, FieldTypeWord, MetadataJson, True},
    param::{Items, Limit, Loose, Maybe, Text, Whole},
    read::{answer, input},
};
use crate::domain::{custom_field::FieldType, id::CustomFieldId, instant::Instant};

/// A field's key: the name of the value inside `attributes`.
pub type FieldKey = Text<40>;
/// Choices of a dropdown or checkbox.
pub type Choices = Items<Text<100>, 200>;

input! {
    /// A custom field to be.
    pub struct CustomFieldCreateParams {
        /// The name of the value inside `attributes`; 11 random characters when left out.
        "key" key: Option<FieldKey>,
        /// What it holds. Upper case is accepted.
        "type" kind: FieldType,
        /// What people read beside it.
        "label" label: Text<100>,
        /// Whether the sign-up form insists on it; off by default. `customers.create` never insists.
        "required" required: Option<bool>,
        /// Whether the sign-up form shows it; on by default.
        "enabled" enabled: Option<bool>,
        /// Place in the form, ascending; behind the last one by default.
        "order" order: Option<Whole<0, 1000000>>,
        /// What a dropdown or a checkbox offers.
        "choices" choices: Option<Choices>,
    }
}

input! {
    /// Which custom fields to list.
    pub struct CustomFieldListParams {
        /// Fields a page.
        "limit" limit: Limit,
        /// `nextCursor` of the page before.
        "cursor" cursor: Option<Loose<2000>>,
    }
}

input! {
    /// What to change about a custom field.
    pub struct CustomFieldUpdateParams {
        /// The field's key, or its id.
        "key" key: Text<64>,
        /// What people read beside it.
        "label" label: Maybe<Text<100>>,
        /// Whether the sign-up form insists on it.
        "required" required: Maybe<bool>,
        /// Whether the sign-up form shows it.
        "enabled" enabled: Maybe<bool>,
        /// Place in the form.
        "order" order: Maybe<Whole<0, 1000000>>,
        /// What it offers; replaces the whole list.
        "choices" choices: Maybe<Choices>,
        /// Only if the field still has this version.
        "ifVersion" if_version: Option<Whole<1, 9007199254740991>>,
    }
}

input! {
    /// Which custom field to delete.
    pub struct CustomFieldDeleteParams {
        /// The field's key, or its id.
        "key" key: Text<64>,
        /// Only if the field still has this version.
        "ifVersion" if_version: Option<Whole<1, 9007199254740991>>,
    }
}

answer! {
    /// A custom field's definition.
    pub struct CustomField {
        /// `fld_…`
        "id" id: CustomFieldId,
        /// Always `'custom_field'`.
        "object" object: CustomFieldWord,
        /// The name of the value inside `attributes`.
        "key" key: String,
        /// What it holds.
        "type" kind: FieldTypeWord,
        /// What people read beside it.
        "label" label: String,
        /// Whether the sign-up form insists on it.
        "required" required: bool,
        /// Whether the sign-up form shows it.
        "enabled" enabled: bool,
        /// Place in the form.
        "order" order: i64,
        /// What a dropdown or a checkbox offers.
        "choices" choices: Vec<String>,
        /// Always empty for now.
        "metadata" metadata: MetadataJson,
        /// Counts the changes, from 1.
        "version" version: i64,
        /// When it came to be.
        "createdAt" created_at: Instant,
        /// When it last changed.
        "updatedAt" updated_at: Instant,
    }
}

answer! {
    /// What is left of a deleted custom field.
    pub struct DeletedCustomField {
        /// `fld_…`
        "id" id: CustomFieldId,
        /// Always `'custom_field'`.
        "object" object: CustomFieldWord,
        /// Its key, free again.
        "key" key: String,
        /// Always `true`.
        "deleted" deleted: True,
    }
}
