//! `commerce.signupForm`: what a merchant's sign-up page asks for.

use super::{
    answer::{AccountWord, MetadataJson, SignupFormWord},
    custom_field::CustomField,
    customer::{AddressInput, MarketingInput},
    param::{AttributesChange, Loose, Maybe, MetadataChange, Text, Whole},
    read::{answer, input},
};
use crate::domain::{
    custom_field::{MAX_PASSWORD_CHARACTERS, MIN_PASSWORD_CHARACTERS},
    email::Email,
    id::SignupFormId,
    instant::Instant,
    phone::Phone,
    signup_form::Account,
};

type Password = Loose<MAX_PASSWORD_CHARACTERS, MIN_PASSWORD_CHARACTERS>;

input! {
    /// Nothing.
    pub struct SignupFormGetParams {}
}

input! {
    /// What to change about one basic field.
    pub struct SignupFieldChange {
        /// What people read beside it.
        "label" label: Maybe<Text<100>>,
        /// Whether the form shows it.
        "enabled" enabled: Maybe<bool>,
        /// Whether the form insists on it.
        "required" required: Maybe<bool>,
        /// Place in the form, ascending.
        "order" order: Maybe<Whole<0, 1000000>>,
    }
}

input! {
    /// Changes by basic field. E-mail and password are always asked for; the user name exactly when `account` is `'id'`.
    pub struct SignupFieldChanges {
        /// The user name of an id based form.
        "username" username: Maybe<SignupFieldChange>,
        /// Full name.
        "name" name: Maybe<SignupFieldChange>,
        /// Mobile number.
        "phone" phone: Maybe<SignupFieldChange>,
        /// E-mail address.
        "email" email: Maybe<SignupFieldChange>,
        /// Password.
        "password" password: Maybe<SignupFieldChange>,
        /// Consent to marketing.
        "marketing" marketing: Maybe<SignupFieldChange>,
    }
}

input! {
    /// What to change about the sign-up form.
    pub struct SignupFormUpdateParams {
        /// What people sign in with: a user name (`'id'`) or their e-mail address.
        "account" account: Maybe<Account>,
        /// Changes by basic field.
        "fields" fields: Maybe<SignupFieldChanges>,
        /// Only if the form still has this version.
        "ifVersion" if_version: Option<Whole<1, 9007199254740991>>,
    }
}

input! {
    /// What a person filled in.
    pub struct SignupFormSubmitParams {
        /// User name, in an id based form.
        "username" username: Option<Text<255>>,
        /// Full name.
        "name" name: Option<Text<255>>,
        /// Mobile number.
        "phone" phone: Option<Phone>,
        /// E-mail address.
        "email" email: Option<Email>,
        /// Password, 8 to 256 characters; only its argon2id hash is kept.
        "password" password: Option<Password>,
        /// Consent to marketing by channel.
        "marketing" marketing: Option<MarketingInput>,
        /// Postal address.
        "address" address: Option<AddressInput>,
        /// Values of custom fields by key.
        "attributes" attributes: AttributesChange,
        /// Your own notes.
        "metadata" metadata: MetadataChange,
    }
}

answer! {
    /// One basic field's settings.
    pub struct SignupField {
        /// The customer's property that it fills.
        "name" name: String,
        /// What people read beside it.
        "label" label: String,
        /// Whether the form shows it.
        "enabled" enabled: bool,
        /// Whether the form insists on it.
        "required" required: bool,
        /// Place in the form, ascending.
        "order" order: i64,
    }
}

answer! {
    /// The sign-up form of a store.
    pub struct SignupForm {
        /// `form_…`
        "id" id: SignupFormId,
        /// Always `'signup_form'`.
        "object" object: SignupFormWord,
        /// What people sign in with.
        "account" account: AccountWord,
        /// The six basic fields in the form's order.
        "fields" fields: Vec<SignupField>,
        /// The custom fields that the form shows, in their order.
        "customFields" custom_fields: Vec<CustomField>,
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
