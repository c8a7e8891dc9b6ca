//! Statements about customers.

use serde::{Serialize, de::DeserializeOwned};

use super::{
    customer_list,
    driver::{Driver, Row, Value, query_all, query_one},
};
use crate::{
    domain::{
        address::{Address, Shipping},
        country::Country,
        customer::{Customer, Marketing, Profile, Status},
        email::Email,
        id::{ClockId, CustomerId},
        instant::Instant,
        phone::Phone,
        search, text,
    },
    engine::{
        port::{CustomerList, CustomerRows, Found, Reference, StoreNo},
        to_json,
    },
    error::{Error, Result},
};

/// The columns of [`map`], in its order.
macro_rules! columns {
    () => {
        "id, number, version, created_at, updated_at, status, dormant_at, last_login_at, email, email_fold, \
         email_key is not null, name, phone, phone_given, address, shipping, recipients, country_code, username, key, \
         marketing_sms, marketing_email, marketing_kakao, attributes, metadata, clock, dormancy_at, \
         dormancy_noticed_at"
    };
}
pub(super) use columns;

const BY_ID: &str = concat!(
    "select ",
    columns!(),
    ", deleted_at from customers where store = ?1 and id = ?2"
);
const BY_ID_LOCKED: &str = concat!(
    "select ",
    columns!(),
    ", deleted_at from customers where store = ?1 and id = ?2 /*lock*/"
);
const BY_EMAIL_KEY: &str = concat!(
    "select ",
    columns!(),
    " from customers where store = ?1 and email_key = ?2"
);

const INSERT: &str = "insert into customers (store, id, number, version, created_at, updated_at, status, dormant_at, \
     last_login_at, email, email_fold, email_key, name, name_fold, phone, phone_given, address, shipping, recipients, \
     country_code, username, key, marketing_sms, marketing_email, marketing_kakao, attributes, metadata, clock, \
     dormancy_at, dormancy_noticed_at) values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, \
     ?18, ?19, ?20, ?21, ?22, ?23, ?24, ?25, ?26, ?27, ?28, ?29, ?30)";

const UPDATE: &str = "update customers set number = ?3, version = ?4, created_at = ?5, updated_at = ?6, status = ?7, \
     dormant_at = ?8, last_login_at = ?9, email = ?10, email_fold = ?11, email_key = ?12, name = ?13, name_fold = ?14, \
     phone = ?15, phone_given = ?16, address = ?17, shipping = ?18, recipients = ?19, country_code = ?20, \
     username = ?21, key = ?22, marketing_sms = ?23, marketing_email = ?24, marketing_kakao = ?25, attributes = ?26, \
     metadata = ?27, clock = ?28, dormancy_at = ?29, dormancy_noticed_at = ?30 \
     where store = ?1 and id = ?2";

const ERASE: &str = "update customers set version = version + 1, updated_at = ?3, deleted_at = ?3, status = 'normal', \
     dormant_at = null, dormancy_at = null, dormancy_noticed_at = null, last_login_at = null, email = null, email_fold = '', email_key = null, name = null, \
     name_fold = '', phone = null, phone_given = null, address = null, shipping = null, recipients = null, \
     country_code = null, username = null, key = null, marketing_sms = ?4, marketing_email = ?4, marketing_kakao = ?4, \
     attributes = '{}', metadata = '{}' where store = ?1 and id = ?2";

const REFERENCE_HOLDER: &str =
    "select id from external_references where store = ?1 and namespace = ?2 and kind = 'customer' and value = ?3";
const INSERT_REFERENCE: &str =
    "insert into external_references (store, namespace, kind, value, id) values (?1, ?2, 'customer', ?3, ?4)";
const DELETE_REFERENCE: &str =
    "delete from external_references where store = ?1 and namespace = ?2 and kind = 'customer' and value = ?3";
const DELETE_REFERENCES: &str = "delete from external_references where store = ?1 and kind = 'customer' and id = ?2";

const SET_PASSWORD: &str = "insert into customer_passwords (store, customer, field, hash, updated_at) \
     values (?1, ?2, ?3, ?4, ?5) on conflict (store, customer, field) do update set hash = excluded.hash, \
     updated_at = excluded.updated_at";
const PASSWORD: &str = "select hash from customer_passwords where store = ?1 and customer = ?2 and field = ?3";
const DELETE_PASSWORD: &str = "delete from customer_passwords where store = ?1 and customer = ?2 and field = ?3";
const DELETE_PASSWORDS: &str = "delete from customer_passwords where store = ?1 and customer = ?2";

const DUE_DORMANT: &str = "select store, id from customers where dormancy_at is not null and clock is null and \
     dormancy_at <= ?1 order by dormancy_at, store, id limit ?2";
const DORMANCY_LOOK: &str = "select dormancy_at from customers where store = ?1 and id = ?2 and status = 'normal' \
     and dormancy_at is not null and deleted_at is null";
const NEXT_DORMANT: &str = "select dormancy_at from customers where dormancy_at is not null and clock is null \
     order by dormancy_at limit 1";
const DUE_DORMANT_OF_CLOCK: &str = "select dormancy_at, id from customers where store = ?1 and clock = ?2 and \
     dormancy_at is not null and clock is not null and dormancy_at <= ?3 order by dormancy_at, id limit ?4";
const NEXT_DORMANT_OF_CLOCK: &str = "select dormancy_at from customers where store = ?1 and clock = ?2 and \
     dormancy_at is not null and clock is not null order by dormancy_at limit 1";

impl<D: Driver> CustomerRows for D {
    fn customer(&mut self, store: StoreNo, id: &CustomerId, lock: bool) -> Result<Option<Found>> {
        let sql = if lock { BY_ID_LOCKED } else { BY_ID };
        query_one(self, sql, &[store.into(), id.as_str().into()], &mut |row| {
            if row.optional_integer(28)?.is_some() {
                return Ok(Found::Deleted(Instant::from_micros(row.integer(3)?)));
            }
            map(row).map(|customer| Found::Live(Box::new(customer)))
        })
    }

    fn customer_by_email(&mut self, store: StoreNo, key: &str) -> Result<Option<Customer>> {
        query_one(self, BY_EMAIL_KEY, &[store.into(), key.into()], &mut map)
    }

    fn customer_by_reference(&mut self, store: StoreNo, reference: Reference, value: &str) -> Result<Option<Customer>> {
        let Some(id) = self.reference_holder(store, reference, value)? else {
            return Ok(None);
        };
        Ok(match self.customer(store, &id, false)? {
            Some(Found::Live(customer)) => Some(*customer),
            Some(Found::Deleted(_)) | None => None,
        })
    }

    fn reference_holder(&mut self, store: StoreNo, reference: Reference, value: &str) -> Result<Option<CustomerId>> {
        let values = [store.into(), namespace(reference).into(), value.into()];
        query_one(self, REFERENCE_HOLDER, &values, &mut |row| {
            Ok(CustomerId::trusted(row.text(0)?))
        })
    }

    fn insert_customer(&mut self, store: StoreNo, customer: &Customer) -> Result<()> {
        write_row(self, INSERT, store, customer)?;
        for reference in [Reference::Key, Reference::Username] {
            if let Some(value) = referred(customer, reference) {
                insert_reference(self, store, reference, value, &customer.id)?;
            }
        }
        self.put_tokens(store, customer.number, &tokens(store, customer))
    }

    fn update_customer(&mut self, store: StoreNo, before: &Customer, after: &Customer) -> Result<()> {
        write_row(self, UPDATE, store, after)?;
        for reference in [Reference::Key, Reference::Username] {
            let (old, new) = (referred(before, reference), referred(after, reference));
            if old == new {
                continue;
            }
            if let Some(value) = old {
                self.execute(
                    DELETE_REFERENCE,
                    &[store.into(), namespace(reference).into(), value.into()],
                )?;
            }
            if let Some(value) = new {
                insert_reference(self, store, reference, value, &after.id)?;
            }
        }
        if (folded_email(before), folded_name(before)) != (folded_email(after), folded_name(after)) {
            self.remove_tokens(store, before.number, &tokens(store, before))?;
            self.put_tokens(store, after.number, &tokens(store, after))?;
        }
        Ok(())
    }

    fn erase_customer(&mut self, store: StoreNo, customer: &Customer, at: Instant) -> Result<()> {
        let id = customer.id.as_str();
        self.execute(ERASE, &[store.into(), id.into(), at.micros().into(), false.into()])?;
        self.execute(DELETE_REFERENCES, &[store.into(), id.into()])?;
        self.execute(DELETE_PASSWORDS, &[store.into(), id.into()])?;
        self.remove_tokens(store, customer.number, &tokens(store, customer))
    }

    fn list_customers(&mut self, store: StoreNo, list: &CustomerList) -> Result<Vec<Customer>> {
        let statement = customer_list::page(self, store, list)?;
        let (sql, values) = statement.parts();
        query_all(self, sql, &values, &mut map)
    }

    fn count_customers(&mut self, store: StoreNo, list: &CustomerList) -> Result<i64> {
        let statement = customer_list::count(self, store, list)?;
        let (sql, values) = statement.parts();
        Ok(query_one(self, sql, &values, &mut |row| row.integer(0))?.unwrap_or(0))
    }

    fn set_password(
        &mut self,
        store: StoreNo,
        id: &CustomerId,
        field: &str,
        hash: Option<&str>,
        at: Instant,
    ) -> Result<()> {
        let customer = id.as_str();
        match hash {
            Some(hash) => {
                let values = [
                    store.into(),
                    customer.into(),
                    field.into(),
                    hash.into(),
                    at.micros().into(),
                ];
                self.execute(SET_PASSWORD, &values)?;
            }
            None => {
                self.execute(DELETE_PASSWORD, &[store.into(), customer.into(), field.into()])?;
            }
        }
        Ok(())
    }

    fn password(&mut self, store: StoreNo, id: &CustomerId, field: &str) -> Result<Option<String>> {
        let values = [store.into(), id.as_str().into(), field.into()];
        query_one(self, PASSWORD, &values, &mut |row| row.text(0).map(str::to_owned))
    }

    fn due_dormant(&mut self, now: Instant, limit: usize) -> Result<Vec<(StoreNo, CustomerId)>> {
        query_all(
            self,
            DUE_DORMANT,
            &[now.micros().into(), (limit as i64).into()],
            &mut |row| Ok((row.integer(0)?, CustomerId::trusted(row.text(1)?))),
        )
    }

    fn dormancy_look(&mut self, store: StoreNo, id: &CustomerId) -> Result<Option<Instant>> {
        query_one(self, DORMANCY_LOOK, &[store.into(), id.as_str().into()], &mut instant)
    }

    fn next_dormant(&mut self) -> Result<Option<Instant>> {
        query_one(self, NEXT_DORMANT, &[], &mut instant)
    }

    fn due_dormant_of_clock(
        &mut self,
        store: StoreNo,
        clock: &ClockId,
        until: Instant,
        limit: usize,
    ) -> Result<Vec<(Instant, CustomerId)>> {
        let values = [
            store.into(),
            clock.as_str().into(),
            until.micros().into(),
            (limit as i64).into(),
        ];
        query_all(self, DUE_DORMANT_OF_CLOCK, &values, &mut |row| {
            Ok((instant(row)?, CustomerId::trusted(row.text(1)?)))
        })
    }

    fn next_dormant_of_clock(&mut self, store: StoreNo, clock: &ClockId) -> Result<Option<Instant>> {
        let values = [store.into(), clock.as_str().into()];
        query_one(self, NEXT_DORMANT_OF_CLOCK, &values, &mut instant)
    }
}

fn namespace(reference: Reference) -> &'static str {
    match reference {
        Reference::Key => "key",
        Reference::Username => "username",
    }
}

fn referred(customer: &Customer, reference: Reference) -> Option<&str> {
    match reference {
        Reference::Key => customer.profile.key.as_deref(),
        Reference::Username => customer.profile.username.as_deref(),
    }
}

fn insert_reference<D: Driver + ?Sized>(
    driver: &mut D,
    store: StoreNo,
    reference: Reference,
    value: &str,
    id: &CustomerId,
) -> Result<()> {
    let values = [
        store.into(),
        namespace(reference).into(),
        value.into(),
        id.as_str().into(),
    ];
    driver.execute(INSERT_REFERENCE, &values)
}

fn folded_email(customer: &Customer) -> &str {
    customer.profile.email.as_ref().map_or("", Email::key)
}

fn folded_name(customer: &Customer) -> String {
    customer.profile.name.as_deref().map(text::fold).unwrap_or_default()
}

fn tokens(store: StoreNo, customer: &Customer) -> Vec<String> {
    search::tokens(store, [folded_email(customer), &folded_name(customer)])
}

fn write_row<D: Driver + ?Sized>(driver: &mut D, sql: &str, store: StoreNo, customer: &Customer) -> Result<()> {
    let profile = &customer.profile;
    let address = json_or_null(profile.address.as_ref())?;
    let shipping = json_or_null(profile.shipping.as_ref())?;
    let recipients = json_or_null(Some(&profile.additional_recipients).filter(|list| !list.is_empty()))?;
    let attributes = json(&profile.attributes)?;
    let metadata = json(&profile.metadata)?;
    let name_fold = folded_name(customer);
    let email_fold = folded_email(customer);
    let values: [Value<'_>; 30] = [
        store.into(),
        customer.id.as_str().into(),
        customer.number.into(),
        customer.version.into(),
        customer.created_at.micros().into(),
        customer.updated_at.micros().into(),
        customer.status.name().into(),
        customer.dormant_at.map(Instant::micros).into(),
        customer.last_login_at.map(Instant::micros).into(),
        profile.email.as_ref().map(Email::as_given).into(),
        email_fold.into(),
        Some(email_fold).filter(|_| customer.holds_email).into(),
        profile.name.as_deref().into(),
        name_fold.as_str().into(),
        profile.phone.as_ref().map(Phone::e164).into(),
        profile.phone.as_ref().map(Phone::as_given).into(),
        address.as_deref().into(),
        shipping.as_deref().into(),
        recipients.as_deref().into(),
        profile.country_code.map(|country| country.as_str()).into(),
        profile.username.as_deref().into(),
        profile.key.as_deref().into(),
        profile.marketing.sms.into(),
        profile.marketing.email.into(),
        profile.marketing.kakao.into(),
        attributes.as_str().into(),
        metadata.as_str().into(),
        customer.clock.as_ref().map(ClockId::as_str).into(),
        customer.dormancy_at.map(Instant::micros).into(),
        customer.dormancy_noticed_at.map(Instant::micros).into(),
    ];
    driver.execute(sql, &values)
}

pub(super) fn json<T: Serialize>(value: &T) -> Result<String> {
    to_json(value)
}

fn json_or_null<T: Serialize>(value: Option<&T>) -> Result<Option<String>> {
    value.map(json).transpose()
}

pub(super) fn parsed<T: DeserializeOwned>(text: &str) -> Result<T> {
    serde_json::from_str(text).map_err(|error| Error::internal(format!("a stored JSON text is damaged: {error}")))
}

/// Most customers have neither metadata nor attributes: no parser for `{}`.
fn parsed_map<T: DeserializeOwned + Default>(text: &str) -> Result<T> {
    if text == "{}" { Ok(T::default()) } else { parsed(text) }
}

fn owned(text: Option<&str>) -> Option<String> {
    text.map(str::to_owned)
}

fn instant(row: &dyn Row) -> Result<Instant> {
    row.integer(0).map(Instant::from_micros)
}

/// Maps a row of [`columns`].
pub(super) fn map(row: &dyn Row) -> Result<Customer> {
    let phone = row
        .optional_text(12)?
        .map(|e164| -> Result<Phone> { Ok(Phone::trusted(e164, row.optional_text(13)?.unwrap_or(e164))) });
    let country = row.optional_text(17)?.and_then(|code| Country::parse(code).ok());
    let fold = row.text(9)?;
    Ok(Customer {
        id: CustomerId::trusted(row.text(0)?),
        number: row.integer(1)?,
        version: row.integer(2)?,
        created_at: Instant::from_micros(row.integer(3)?),
        updated_at: Instant::from_micros(row.integer(4)?),
        status: Status::from_name(row.text(5)?),
        dormant_at: row.optional_integer(6)?.map(Instant::from_micros),
        last_login_at: row.optional_integer(7)?.map(Instant::from_micros),
        holds_email: row.boolean(10)?,
        clock: row.optional_text(25)?.map(ClockId::trusted),
        dormancy_at: row.optional_integer(26)?.map(Instant::from_micros),
        dormancy_noticed_at: row.optional_integer(27)?.map(Instant::from_micros),
        profile: Profile {
            email: row.optional_text(8)?.map(|given| Email::trusted(given, fold)),
            name: owned(row.optional_text(11)?),
            phone: phone.transpose()?,
            address: row.optional_text(14)?.map(parsed::<Address>).transpose()?,
            shipping: row.optional_text(15)?.map(parsed::<Shipping>).transpose()?,
            additional_recipients: row.optional_text(16)?.map(parsed).transpose()?.unwrap_or_default(),
            country_code: country,
            username: owned(row.optional_text(18)?),
            key: owned(row.optional_text(19)?),
            marketing: Marketing {
                sms: row.boolean(20)?,
                email: row.boolean(21)?,
                kakao: row.boolean(22)?,
            },
            attributes: parsed_map(row.text(23)?)?,
            metadata: parsed_map(row.text(24)?)?,
        },
    })
}
