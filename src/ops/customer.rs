//! `commerce.customers`: whoever is charged.

use super::{
    answer::{AttributesJson, CustomerWord, ImportWord, MetadataJson, StatusWord, True},
    param::{
        AttributesChange, EmailKey, Expand, Items, Limit, Loose, Maybe, MetadataChange, OnExisting, Sort, Text, Whole,
    },
    read::{answer, input},
};
use crate::domain::{
    self,
    country::Country,
    custom_field::MAX_PASSWORD_CHARACTERS,
    customer::{MAX_KEY_CHARACTERS, MAX_NAME_CHARACTERS, MAX_RECIPIENTS, Patch, Status},
    email::Email,
    id::{ClockId, CustomerId},
    instant::Instant,
    phone::Phone,
};

type Name = Text<MAX_NAME_CHARACTERS>;
type Key = Text<MAX_KEY_CHARACTERS>;
type AddressLine = Text<255>;
type Version = Option<Whole<1, 9007199254740991>>;
type Recipients = Items<Email, MAX_RECIPIENTS>;

input! {
    /// A postal address; every part may be left out.
    pub struct AddressInput {
        /// Street and number.
        "line1" line1: Option<AddressLine>,
        /// Flat, floor, building.
        "line2" line2: Option<AddressLine>,
        /// City or municipality.
        "city" city: Option<AddressLine>,
        /// State, province, or Korean `시/도`.
        "state" state: Option<AddressLine>,
        /// Postal code, as text: leading zeros count.
        "postal_code" postal_code: Option<Text<20>>,
        /// Two-letter country code of ISO 3166-1.
        "country" country: Option<Country>,
    }
}

input! {
    /// A delivery address with the person who receives.
    pub struct ShippingInput {
        /// The recipient's name.
        "name" name: Option<Name>,
        /// The recipient's phone number.
        "phone" phone: Option<Phone>,
        /// Where to.
        "address" address: Option<AddressInput>,
    }
}

input! {
    /// Consent to marketing messages; a channel left out is not consented to, or stays as it is in an update.
    pub struct MarketingInput {
        /// By SMS.
        "sms" sms: Option<bool>,
        /// By e-mail.
        "email" email: Option<bool>,
        /// By KakaoTalk.
        "kakao" kakao: Option<bool>,
    }
}

input! {
    /// A customer to be.
    pub struct CustomerCreateParams {
        /// E-mail address, the natural key: the same address in any case is the same customer. At most 254 characters.
        "email" email: Email,
        /// Full name, at most 255 characters.
        "name" name: Option<Name>,
        /// Phone number: international with `+`, or Korean domestic such as `010-1234-5678`. Comes back as E.164.
        "phone" phone: Option<Phone>,
        /// Postal address.
        "address" address: Option<AddressInput>,
        /// An id of your own: `cus_` and 1 to 60 letters, digits, `_` or `-`.
        "id" id: Option<CustomerId>,
        /// Your own identifier, such as the primary key of your users table; unique in the store.
        "key" key: Option<Key>,
        /// Login id, unique in the store.
        "username" username: Option<Key>,
        /// Values of custom fields by key; keys that no field defines are kept as text.
        "attributes" attributes: AttributesChange,
        /// Your own notes: at most 50 keys of 40 characters with texts of 500.
        "metadata" metadata: MetadataChange,
        /// Consent to marketing by channel.
        "marketing" marketing: Option<MarketingInput>,
        /// Further e-mail addresses that get this customer's mail.
        "additionalRecipients" additional_recipients: Option<Recipients>,
        /// Country of residence, where it differs from the address.
        "countryCode" country_code: Option<Country>,
        /// Delivery address with its recipient.
        "shipping" shipping: Option<ShippingInput>,
        /// The test clock that the customer and all it buys goes by: `clk_…`; on a test store only.
        "testClock" test_clock: Option<ClockId>,
    }
}

input! {
    /// Which customer; by id or by your own key.
    pub struct CustomerGetParams {
        /// `cus_…`
        "customerId" customer_id: Option<CustomerId>,
        /// Your own identifier.
        "key" key: Option<Key>,
    }
}

input! {
    /// Bounds of a time.
    pub struct CreatedFilter {
        /// Later than.
        "gt" gt: Option<Instant>,
        /// At or later than.
        "gte" gte: Option<Instant>,
        /// Earlier than.
        "lt" lt: Option<Instant>,
        /// At or earlier than.
        "lte" lte: Option<Instant>,
    }
}

input! {
    /// Which customers to list.
    pub struct CustomerListParams {
        /// Part of the name or the e-mail address, in any case, Korean too; or an id or its beginning. One or two
        /// letters find only what begins with them.
        "query" query: Option<Loose<200>>,
        /// Exactly this address, in any case.
        "email" email: Option<EmailKey>,
        /// `'normal'` or `'dormant'`.
        "status" status: Option<Status>,
        /// Created later than.
        "createdAfter" created_after: Option<Instant>,
        /// Created earlier than.
        "createdBefore" created_before: Option<Instant>,
        /// Bounds of the time of creation.
        "created" created: Option<CreatedFilter>,
        /// `'created'`, `'name'` or `'email'`, with a minus in front for the reverse; newest first (`'-created'`) by default.
        "sort" sort: Option<Sort>,
        /// Customers a page: 1 to 100, as number or numeric text.
        "limit" limit: Limit,
        /// `nextCursor` of the page before, with the same filters and sort.
        "cursor" cursor: Option<Loose<2000>>,
        /// Starts behind the customer with this id.
        "startingAfter" starting_after: Option<CustomerId>,
        /// `['total']` adds the number of customers over all pages.
        "expand" expand: Option<Items<Expand, 10>>,
    }
}

input! {
    /// What to change about a customer.
    pub struct CustomerUpdateParams {
        /// `cus_…`
        "customerId" customer_id: CustomerId,
        /// E-mail address; one that another customer holds is a conflict.
        "email" email: Maybe<Email>,
        /// Full name.
        "name" name: Patch<Name>,
        /// Phone number.
        "phone" phone: Patch<Phone>,
        /// Postal address; replaces the whole address.
        "address" address: Patch<AddressInput>,
        /// Your own identifier.
        "key" key: Patch<Key>,
        /// Login id.
        "username" username: Patch<Key>,
        /// Values of custom fields; replaced key by key, `null` removes one.
        "attributes" attributes: AttributesChange,
        /// Your own notes; replaced key by key, `null` removes one.
        "metadata" metadata: MetadataChange,
        /// Consent to marketing; a channel left out stays as it is.
        "marketing" marketing: Option<MarketingInput>,
        /// Further e-mail addresses; replaces the whole list.
        "additionalRecipients" additional_recipients: Patch<Recipients>,
        /// Country of residence.
        "countryCode" country_code: Patch<Country>,
        /// Delivery address; replaces the whole.
        "shipping" shipping: Patch<ShippingInput>,
        /// Only if the customer still has this version.
        "ifVersion" if_version: Version,
    }
}

input! {
    /// Which customer to delete.
    pub struct CustomerDeleteParams {
        /// `cus_…`
        "customerId" customer_id: CustomerId,
        /// Cancels the subscriptions that are not ended, at once; without it they refuse the deletion.
        "cancelSubscriptions" cancel_subscriptions: Option<bool>,
        /// Only if the customer still has this version.
        "ifVersion" if_version: Version,
    }
}

input! {
    /// Who logged in.
    pub struct CustomerRecordLoginParams {
        /// `cus_…`
        "customerId" customer_id: CustomerId,
    }
}

input! {
    /// A password to check.
    pub struct CustomerVerifyPasswordParams {
        /// `cus_…`
        "customerId" customer_id: CustomerId,
        /// What the person typed.
        "password" password: Loose<MAX_PASSWORD_CHARACTERS>,
        /// Key of a `password` custom field; the sign-up form's password by default.
        "field" field: Option<Text<40>>,
    }
}

input! {
    /// How to import.
    pub struct CustomerImportParams {
        /// What to do with a customer that is there already, by id or e-mail: leave it (`'skip'`, the default), or
        /// give it the file's values (`'update'`).
        "onExisting" on_existing: Option<OnExisting>,
        /// Checks every row and changes nothing.
        "dryRun" dry_run: Option<bool>,
    }
}

input! {
    /// Nothing.
    pub struct CustomerImportTemplateParams {}
}

answer! {
    /// A postal address.
    pub struct Address {
        /// Street and number.
        "line1" line1: Option<String>,
        /// Flat, floor, building.
        "line2" line2: Option<String>,
        /// City or municipality.
        "city" city: Option<String>,
        /// State, province, or Korean `시/도`.
        "state" state: Option<String>,
        /// Postal code.
        "postal_code" postal_code: Option<String>,
        /// Two-letter country code.
        "country" country: Option<String>,
    }
}

answer! {
    /// A delivery address with the person who receives.
    pub struct Shipping {
        /// The recipient's name.
        "name" name: Option<String>,
        /// The recipient's phone number, E.164.
        "phone" phone: Option<String>,
        /// Where to.
        "address" address: Option<Address>,
    }
}

answer! {
    /// Consent to marketing messages.
    pub struct Marketing {
        /// By SMS.
        "sms" sms: bool,
        /// By e-mail.
        "email" email: bool,
        /// By KakaoTalk.
        "kakao" kakao: bool,
    }
}

answer! {
    /// A customer.
    pub struct Customer {
        /// `cus_…`; store it on your user as `proyecta_customer_id`.
        "id" id: CustomerId,
        /// Always `'customer'`.
        "object" object: CustomerWord,
        /// E-mail address as it was given; `null` only for a customer that a dialect made by key.
        "email" email: Option<String>,
        /// Full name.
        "name" name: Option<String>,
        /// Phone number, E.164.
        "phone" phone: Option<String>,
        /// Postal address.
        "address" address: Option<Address>,
        /// Your own identifier.
        "key" key: Option<String>,
        /// Login id.
        "username" username: Option<String>,
        /// `'normal'` or `'dormant'`.
        "status" status: StatusWord,
        /// Consent to marketing messages.
        "marketing" marketing: Marketing,
        /// Values of custom fields by key, passwords left out.
        "attributes" attributes: AttributesJson,
        /// Your own notes.
        "metadata" metadata: MetadataJson,
        /// Further e-mail addresses that get this customer's mail.
        "additionalRecipients" additional_recipients: Vec<String>,
        /// Country of residence.
        "countryCode" country_code: Option<String>,
        /// Delivery address with its recipient.
        "shipping" shipping: Option<Shipping>,
        /// Last login that you told us of.
        "lastLoginAt" last_login_at: Option<Instant>,
        /// Since when the customer is dormant.
        "dormantAt" dormant_at: Option<Instant>,
        /// The test clock that it goes by; on test stores only.
        "testClock" test_clock: Option<ClockId>,
        /// Counts the changes, from 1.
        "version" version: i64,
        /// When it came to be.
        "createdAt" created_at: Instant,
        /// When it last changed.
        "updatedAt" updated_at: Instant,
    }
}

answer! {
    /// What is left of a deleted customer.
    pub struct DeletedCustomer {
        /// `cus_…`
        "id" id: CustomerId,
        /// Always `'customer'`.
        "object" object: CustomerWord,
        /// Always `true`.
        "deleted" deleted: True,
    }
}

answer! {
    /// The outcome of a password check.
    pub struct PasswordVerification {
        /// Whether the password is the stored one; `false` too when none is stored.
        "valid" valid: bool,
    }
}

answer! {
    /// A row, or a cell of it, that was refused.
    pub struct CustomerImportError {
        /// The row's number as a spreadsheet program shows it; the header is row 1.
        "row" row: i64,
        /// The column's header; `null` when the whole row is meant.
        "column" column: Option<String>,
        /// Error code.
        "code" code: String,
        /// Why, without the refused value.
        "reason" reason: String,
    }
}

answer! {
    /// What an import did.
    pub struct CustomerImport {
        /// Always `'customer_import'`.
        "object" object: ImportWord,
        /// Whether nothing was written.
        "dryRun" dry_run: bool,
        /// Rows with data, the header not counted.
        "rows" rows: i64,
        /// Customers created.
        "created" created: i64,
        /// Customers that got new values.
        "updated" updated: i64,
        /// Rows whose customer was there and stayed as it was.
        "unchanged" unchanged: i64,
        /// Rows refused.
        "failed" failed: i64,
        /// The first 1,000 refusals.
        "errors" errors: Vec<CustomerImportError>,
    }
}

impl From<AddressInput> for domain::address::Address {
    fn from(input: AddressInput) -> Self {
        let text = |part: Option<AddressLine>| part.map(|text| text.0);
        Self {
            line1: text(input.line1),
            line2: text(input.line2),
            city: text(input.city),
            state: text(input.state),
            postal_code: input.postal_code.map(|text| text.0),
            country: input.country,
        }
    }
}

impl From<ShippingInput> for domain::address::Shipping {
    fn from(input: ShippingInput) -> Self {
        Self {
            name: input.name.map(|name| name.0),
            phone: input.phone.map(|phone| phone.e164().to_owned()),
            address: input.address.map(Into::into).unwrap_or_default(),
        }
    }
}

impl MarketingInput {
    /// Channels left out stay as they are.
    pub fn apply_to(&self, stored: &mut domain::customer::Marketing) {
        stored.sms = self.sms.unwrap_or(stored.sms);
        stored.email = self.email.unwrap_or(stored.email);
        stored.kakao = self.kakao.unwrap_or(stored.kakao);
    }
}

impl From<&domain::address::Address> for Address {
    fn from(address: &domain::address::Address) -> Self {
        Self {
            line1: address.line1.clone(),
            line2: address.line2.clone(),
            city: address.city.clone(),
            state: address.state.clone(),
            postal_code: address.postal_code.clone(),
            country: address.country.map(|country| country.as_str().to_owned()),
        }
    }
}
