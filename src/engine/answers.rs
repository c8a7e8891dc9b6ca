//! From the domain's values to answers.

use super::port::{CustomFieldRecord, EventRecord, SettingsRecord, SignupFormRecord, StoreRecord};
use crate::{
    domain::{self, currency::Currency, email::Email, phone::Phone, words::Locale, zone::Zone},
    ops::{
        answer::{
            AccountWord, AnyJson, AttributesJson, CustomFieldWord, CustomerWord, EventWord, FieldTypeWord,
            MetadataJson, ModeWord, SignupFormWord, StatusWord, StoreWord, Stored,
        },
        custom_field::CustomField,
        customer::{Address, Customer, Marketing, Shipping},
        event::Event,
        settings::{LocaleWord, ProrationWord, Settings, SettingsWord},
        signup_form::{SignupField, SignupForm},
        store::Store,
    },
};

impl From<domain::customer::Customer> for Customer {
    fn from(customer: domain::customer::Customer) -> Self {
        let profile = customer.profile;
        Self {
            id: customer.id,
            object: CustomerWord("customer"),
            email: profile.email.as_ref().map(|email: &Email| email.as_given().to_owned()),
            name: profile.name,
            phone: profile.phone.as_ref().map(|phone: &Phone| phone.e164().to_owned()),
            address: profile.address.as_ref().map(Into::into),
            key: profile.key,
            username: profile.username,
            status: StatusWord(customer.status.name()),
            marketing: Marketing {
                sms: profile.marketing.sms,
                email: profile.marketing.email,
                kakao: profile.marketing.kakao,
            },
            attributes: AttributesJson(profile.attributes),
            metadata: MetadataJson(profile.metadata),
            additional_recipients: profile.additional_recipients,
            country_code: profile.country_code.map(|country| country.as_str().to_owned()),
            shipping: profile.shipping.map(|shipping| Shipping {
                address: Some(Address::from(&shipping.address)),
                name: shipping.name,
                phone: shipping.phone,
            }),
            last_login_at: customer.last_login_at,
            dormant_at: customer.dormant_at,
            test_clock: customer.clock,
            version: customer.version,
            created_at: customer.created_at,
            updated_at: customer.updated_at,
        }
    }
}

impl From<CustomFieldRecord> for CustomField {
    fn from(record: CustomFieldRecord) -> Self {
        let definition = record.definition;
        Self {
            id: record.id,
            object: CustomFieldWord("custom_field"),
            key: definition.key,
            kind: FieldTypeWord(definition.kind.name()),
            label: definition.label,
            required: definition.required,
            enabled: definition.enabled,
            order: definition.order,
            choices: definition.choices,
            metadata: MetadataJson::default(),
            version: record.version,
            created_at: record.created_at,
            updated_at: record.updated_at,
        }
    }
}

/// The form with the custom fields that it shows.
pub(super) fn signup_form(record: SignupFormRecord, custom_fields: Vec<CustomFieldRecord>) -> SignupForm {
    let mut fields = record.form.fields;
    fields.sort_by_key(|field| field.order);
    let fields = fields.into_iter().map(|field| SignupField {
        name: field.basic.name().to_owned(),
        label: field.label,
        enabled: field.enabled,
        required: field.required,
        order: field.order,
    });
    SignupForm {
        id: record.id,
        object: SignupFormWord("signup_form"),
        account: AccountWord(record.form.account.name()),
        fields: fields.collect(),
        custom_fields: custom_fields
            .into_iter()
            .filter(|field| field.definition.enabled)
            .map(Into::into)
            .collect(),
        metadata: MetadataJson::default(),
        version: record.version,
        created_at: record.created_at,
        updated_at: record.updated_at,
    }
}

impl From<EventRecord> for Event {
    fn from(record: EventRecord) -> Self {
        let part = |text: Option<&String>| text.map_or("null", String::as_str).to_owned();
        let data = format!(
            "{{\"object\":{},\"before\":{}}}",
            part(record.snapshot.as_ref()),
            part(record.before.as_ref())
        );
        Self {
            id: record.id,
            object: EventWord("event"),
            seq: record.seq,
            kind: record.kind,
            subject_id: record.subject,
            subject_version: record.version,
            data: AnyJson(Stored::new(&data)),
            actor_kind: record.actor_kind,
            actor_id: record.actor_id,
            request_id: record.request_id,
            clock_id: record.clock,
            created_at: record.at,
        }
    }
}

pub(super) fn settings(zone: Zone, currency: Currency, record: SettingsRecord) -> Settings {
    let said = record.settings;
    Settings {
        id: record.id,
        object: SettingsWord("settings"),
        timezone: zone.name().to_owned(),
        currency,
        locale: LocaleWord(match said.locale {
            Locale::En => "en",
            Locale::Ko => "ko",
        }),
        proration: ProrationWord(said.proration.name()),
        upgrade: said.upgrade,
        downgrade: said.downgrade,
        interval_switch: said.interval_switch,
        first_period: said.first_period,
        billing_day: said.billing_day.map(i64::from),
        termination_day: said.termination_day,
        cancel_default: said.cancel_default,
        cancel_credit: said.cancel_credit,
        downgrade_credit: said.downgrade_credit,
        decrease_credit: said.decrease_credit,
        recovered_period: said.recovered_period,
        trial_end_without_method: said.trial_end_without_method,
        stock_hold_minutes: said.stock_hold_minutes.into(),
        event_retention_days: said.event_retention_days.into(),
        retry_days: said.retry_days.into_iter().map(i64::from).collect(),
        retry_end: said.retry_end,
        past_due_grace_days: said.past_due_grace_days.into(),
        pause: said.pause,
        incomplete_hours: said.incomplete_hours.into(),
        notice_before_payment_days: said.notice_before_payment_days.into(),
        dormancy_notice_months: said.dormancy_notice_months.into(),
        dormancy_months: said.dormancy_months.into(),
        tax: said.tax.into(),
        recovery: said.recovery.into(),
        business: said.business.into(),
        origins: said.origins,
        branding: said.branding.into(),
        version: record.version,
        created_at: record.created_at,
        updated_at: record.updated_at,
    }
}

impl From<&StoreRecord> for Store {
    fn from(record: &StoreRecord) -> Self {
        Self {
            id: record.id.clone(),
            object: StoreWord("store"),
            mode: ModeWord(record.mode.name()),
            timezone: record.timezone.clone(),
            currency: record.currency.clone(),
            version: record.version,
            created_at: record.created_at,
            updated_at: record.updated_at,
        }
    }
}
