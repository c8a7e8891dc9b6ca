//! Use cases about customers.

use std::collections::BTreeMap;

use super::{
    Context, attributes, changed_members, check_version, dormancy,
    numbers::NumberSource,
    payment_methods,
    port::{Found, Reference, Tx},
    reply::Answered,
    settings, test_clocks, to_json,
};
use crate::{
    domain::{
        address::Address,
        country::Country,
        customer::{Customer, Patch, Profile, Status},
        dormancy::FIRST_LOOK,
        email::Email,
        id::CustomerId,
        instant::Instant,
    },
    error::{Code, Error, Result},
    ops::{
        answer::{CustomerWord, True},
        customer::{self as ops, CustomerCreateParams, CustomerGetParams, CustomerUpdateParams, DeletedCustomer},
        param::AttributesChange,
    },
};

/// Hashes of passwords that came with a call, by field; made before its
/// transaction.
pub type Hashes = BTreeMap<String, String>;

/// Under this field the sign-up form's own password is kept: no custom field
/// has an empty key.
pub const FORM_PASSWORD: &str = "";

/// What a use case answers, and which object it is about.
#[derive(Debug)]
pub struct Outcome {
    /// The answer as JSON.
    pub json: String,
    /// The object's id.
    pub subject: String,
    /// The object is new.
    pub created: bool,
}

impl Outcome {
    /// What the caller is told.
    pub(super) fn answered(self) -> Answered {
        if self.created {
            Answered::Created(self.json)
        } else {
            Answered::Json(self.json)
        }
    }

    /// Says that the object is new.
    pub(super) fn of_new_object(self) -> Self {
        Self { created: true, ..self }
    }

    fn of(customer: Customer) -> Result<(Self, Customer)> {
        let json = to_json(&ops::Customer::from(customer.clone()))?;
        Ok((
            Self {
                json,
                subject: customer.id.as_str().to_owned(),
                created: false,
            },
            customer,
        ))
    }
}

/// Where a customer is taxed: their country, or that of their address.
pub(super) fn country(customer: &Customer) -> Option<Country> {
    let profile = &customer.profile;
    let address = profile.address.as_ref().and_then(|address| address.country);
    profile.country_code.or(address)
}

/// `customers.create`: the first customer that holds an e-mail address comes
/// back unchanged, from every front and any number of processes.
pub fn create(
    cx: &Context<'_>,
    tx: &mut dyn Tx,
    params: &CustomerCreateParams,
    numbers: &NumberSource,
    hashes: &Hashes,
) -> Result<Outcome> {
    match existing(cx, tx, params)? {
        Some(existing) => Ok(Outcome::of(existing)?.0),
        None => {
            let number = numbers.next(tx)?;
            let cx = match &params.test_clock {
                Some(clock) => {
                    test_clocks::refuse_live(cx)?;
                    test_clocks::live(cx, tx, clock, false).map_err(|error| error.with_param("testClock"))?;
                    cx.on_clock(tx, Some(clock))?
                }
                None => cx.of_store(tx)?,
            };
            add(
                &cx,
                tx,
                params.id.clone(),
                profile(params)?,
                &params.attributes,
                number,
                hashes,
            )
        }
    }
}

/// The customer that `create` would give back instead of making one.
pub(super) fn existing(cx: &Context<'_>, tx: &mut dyn Tx, params: &CustomerCreateParams) -> Result<Option<Customer>> {
    let holder = tx.customer_by_email(cx.store.no, params.email.key())?;
    existing_or_conflict(cx, tx, params, holder)
}

/// What a new customer would be told of itself, attributes left out.
pub(super) fn profile(params: &CustomerCreateParams) -> Result<Profile> {
    let mut profile = Profile {
        email: Some(params.email.clone()),
        name: params.name.clone().map(|name| name.0),
        phone: params.phone.clone(),
        address: params.address.clone().map(Address::from),
        shipping: params.shipping.clone().map(Into::into),
        additional_recipients: params
            .additional_recipients
            .iter()
            .flat_map(|list| &list.0)
            .map(|email| email.as_given().to_owned())
            .collect(),
        country_code: params.country_code,
        username: params.username.clone().map(|name| name.0),
        key: params.key.clone().map(|key| key.0),
        metadata: attributes::merged("metadata", &BTreeMap::new(), &params.metadata.0)?,
        ..Profile::default()
    };
    if let Some(marketing) = &params.marketing {
        marketing.apply_to(&mut profile.marketing);
    }
    Ok(profile)
}

/// Adds a customer that is known not to exist by id or e-mail.
pub(super) fn add(
    cx: &Context<'_>,
    tx: &mut dyn Tx,
    id: Option<CustomerId>,
    mut profile: Profile,
    attributes: &AttributesChange,
    number: i64,
    hashes: &Hashes,
) -> Result<Outcome> {
    let id = id.unwrap_or_else(|| CustomerId::from_bits(cx.uuid()));
    let secrets = check_new(cx, tx, &id, &mut profile, attributes)?;
    let customer = Customer {
        holds_email: profile.email.is_some(),
        id,
        number,
        version: 1,
        created_at: cx.now,
        updated_at: cx.now,
        status: Status::Normal,
        dormant_at: None,
        last_login_at: None,
        clock: cx.clock.clone(),
        // The first look sets the right time.
        dormancy_at: Some(Instant::from_micros(cx.now.micros().saturating_add(FIRST_LOOK))),
        dormancy_noticed_at: None,
        profile,
    };
    tx.insert_customer(cx.store.no, &customer)?;
    attributes::keep_hashes(cx, tx, &customer.id, &secrets, hashes)?;
    let (outcome, customer) = Outcome::of(customer)?;
    cx.event(
        tx,
        "customer.created",
        customer.id.as_str(),
        1,
        Some(&outcome.json),
        None,
    )?;
    Ok(outcome.of_new_object())
}

/// Checks everything about a new customer that needs the database; nothing
/// is written yet.
pub(super) fn check_new(
    cx: &Context<'_>,
    tx: &mut dyn Tx,
    id: &CustomerId,
    profile: &mut Profile,
    attributes: &AttributesChange,
) -> Result<BTreeMap<String, bool>> {
    check_free(cx, tx, Reference::Key, profile.key.as_deref(), id)?;
    check_free(cx, tx, Reference::Username, profile.username.as_deref(), id)?;
    attributes::apply(cx, tx, &mut profile.attributes, attributes)
}

/// The stored customer when e-mail and own id name the same one; a conflict
/// when only one of them is taken or they name two.
fn existing_or_conflict(
    cx: &Context<'_>,
    tx: &mut dyn Tx,
    params: &CustomerCreateParams,
    holder: Option<Customer>,
) -> Result<Option<Customer>> {
    let Some(id) = &params.id else { return Ok(holder) };
    let by_id = match tx.customer(cx.store.no, id, false)? {
        Some(Found::Deleted(_)) => return Err(id_used(id)),
        Some(Found::Live(customer)) => Some(*customer),
        None => None,
    };
    match (holder, by_id) {
        (None, None) => Ok(None),
        (Some(holder), Some(by_id)) if holder.id == by_id.id => Ok(Some(holder)),
        (holder, by_id) => Err(conflict(id, holder.as_ref(), by_id.as_ref())),
    }
}

fn id_used(id: &CustomerId) -> Error {
    let id = id.as_str();
    Error::new(
        Code::CustomerIdUsed,
        format!("id {id} belonged to a customer that was deleted, and ids are never used twice: choose another"),
    )
    .with_param("id")
    .with_detail("customerId", id)
}

fn conflict(id: &CustomerId, holder: Option<&Customer>, by_id: Option<&Customer>) -> Error {
    let holder = holder.map(|customer| customer.id.as_str());
    let taken_by_email = holder.map_or_else(
        || "no customer has the email".to_owned(),
        |id| format!("the email belongs to {id}"),
    );
    let taken_by_id = if by_id.is_some() { "taken" } else { "free" };
    let mut error = Error::new(
        Code::CustomerConflict,
        format!("id and email do not belong together: id {} is {taken_by_id} and {taken_by_email}; drop one of the two parameters", id.as_str()),
    )
    .with_param("id")
    .with_detail("params", vec!["id", "email"]);
    if let Some(holder) = holder {
        error = error.with_detail("emailCustomerId", holder);
    }
    if by_id.is_some() {
        error = error.with_detail("idCustomerId", id.as_str());
    }
    error
}

fn check_free(
    cx: &Context<'_>,
    tx: &mut dyn Tx,
    reference: Reference,
    value: Option<&str>,
    own: &CustomerId,
) -> Result<()> {
    let Some(value) = value else { return Ok(()) };
    match tx.reference_holder(cx.store.no, reference, value)? {
        Some(holder) if holder != *own => {
            let (code, param) = match reference {
                Reference::Key => (Code::CustomerKeyTaken, "key"),
                Reference::Username => (Code::UsernameTaken, "username"),
            };
            let holder = holder.as_str();
            Err(Error::new(
                code,
                format!("{param} belongs to customer {holder}: use that customer, or another {param}"),
            )
            .with_param(param)
            .with_detail("customerId", holder))
        }
        _ => Ok(()),
    }
}

pub(super) fn not_found(what: &str, param: &str) -> Error {
    Error::new(
        Code::CustomerNotFound,
        format!("no customer of this store has {what}: check it, and that the API key is of the store that made it"),
    )
    .with_param(param)
}

fn deleted(id: &CustomerId) -> Error {
    Error::new(
        Code::CustomerDeleted,
        format!("customer {} was deleted and its personal data erased", id.as_str()),
    )
    .with_param("customerId")
}

/// A customer that must be there.
pub(super) fn live(cx: &Context<'_>, tx: &mut dyn Tx, id: &CustomerId, lock: bool) -> Result<Customer> {
    match tx.customer(cx.store.no, id, lock)? {
        Some(Found::Live(customer)) => Ok(*customer),
        Some(Found::Deleted(_)) => Err(deleted(id)),
        None => Err(not_found(&format!("id {}", id.as_str()), "customerId")),
    }
}

/// `customers.get`, by id or by the app's own key.
pub fn get(cx: &Context<'_>, tx: &mut dyn Tx, params: &CustomerGetParams) -> Result<String> {
    let customer = match (&params.customer_id, &params.key) {
        (Some(id), None) => live(cx, tx, id, false)?,
        (None, Some(key)) => tx
            .customer_by_reference(cx.store.no, Reference::Key, &key.0)?
            .ok_or_else(|| not_found("that key", "key"))?,
        (Some(_), Some(_)) => {
            return Err(Error::invalid(
                "key",
                "and customerId are given together: give one of them",
            ));
        }
        (None, None) => {
            return Err(Error::new(Code::ParameterMissing, "customerId is required (or key)").with_param("customerId"));
        }
    };
    to_json(&ops::Customer::from(customer))
}

/// `customers.update`.
pub fn update(cx: &Context<'_>, tx: &mut dyn Tx, params: &CustomerUpdateParams, hashes: &Hashes) -> Result<Outcome> {
    let before = live(cx, tx, &params.customer_id, true)?;
    let (after, secrets) = changed(cx, tx, params, &before)?;
    let id = before.id.clone();
    let outcome = save(cx, tx, "customer.updated", before, after, !secrets.is_empty())?;
    attributes::keep_hashes(cx, tx, &id, &secrets, hashes)?;
    Ok(outcome)
}

/// What an update makes of a customer; nothing is written yet. Also gives the
/// password fields that it sets or removes.
pub(super) fn changed(
    cx: &Context<'_>,
    tx: &mut dyn Tx,
    params: &CustomerUpdateParams,
    before: &Customer,
) -> Result<(Customer, BTreeMap<String, bool>)> {
    check_version(params.if_version.map(|version| version.0), before.version)?;
    let mut after = before.clone();
    if let Some(email) = &params.email.0 {
        change_email(cx, tx, &mut after, email)?;
    }
    let profile = &mut after.profile;
    params.name.clone().map(|name| name.0).apply_to(&mut profile.name);
    params.phone.clone().apply_to(&mut profile.phone);
    params.address.clone().map(Address::from).apply_to(&mut profile.address);
    params.shipping.clone().map(Into::into).apply_to(&mut profile.shipping);
    params.country_code.clone().apply_to(&mut profile.country_code);
    params.key.clone().map(|key| key.0).apply_to(&mut profile.key);
    params
        .username
        .clone()
        .map(|name| name.0)
        .apply_to(&mut profile.username);
    match &params.additional_recipients {
        Patch::Absent => {}
        Patch::Clear => profile.additional_recipients.clear(),
        Patch::Set(list) => {
            profile.additional_recipients = list.0.iter().map(|email| email.as_given().to_owned()).collect()
        }
    }
    if let Some(marketing) = &params.marketing {
        marketing.apply_to(&mut profile.marketing);
    }
    profile.metadata = attributes::merged("metadata", &profile.metadata, &params.metadata.0)?;
    check_free(cx, tx, Reference::Key, after.profile.key.as_deref(), &after.id)?;
    check_free(
        cx,
        tx,
        Reference::Username,
        after.profile.username.as_deref(),
        &after.id,
    )?;
    let secrets = attributes::apply(cx, tx, &mut after.profile.attributes, &params.attributes)?;
    Ok((after, secrets))
}

fn change_email(cx: &Context<'_>, tx: &mut dyn Tx, customer: &mut Customer, email: &Email) -> Result<()> {
    if let Some(holder) = tx
        .customer_by_email(cx.store.no, email.key())?
        .filter(|holder| holder.id != customer.id)
    {
        let holder = holder.id.as_str();
        return Err(Error::new(
            Code::EmailTaken,
            format!("email belongs to customer {holder}: use that customer, or another address"),
        )
        .with_param("email")
        .with_detail("customerId", holder));
    }
    customer.profile.email = Some(email.clone());
    customer.holds_email = true;
    Ok(())
}

/// Saves a changed customer with its event; one that did not change stays as
/// it is, version included. `touched` says that something changed which no
/// answer shows.
pub(super) fn save(
    cx: &Context<'_>,
    tx: &mut dyn Tx,
    event: &'static str,
    before: Customer,
    mut after: Customer,
    touched: bool,
) -> Result<Outcome> {
    if before == after && !touched {
        return Ok(Outcome::of(before)?.0);
    }
    after.version += 1;
    after.updated_at = cx.now;
    tx.update_customer(cx.store.no, &before, &after)?;
    let (old, _) = Outcome::of(before)?;
    let (outcome, after) = Outcome::of(after)?;
    let changed = changed_members(&old.json, &outcome.json)?;
    cx.event(
        tx,
        event,
        after.id.as_str(),
        after.version,
        Some(&outcome.json),
        changed.as_deref().or(Some("{}")),
    )?;
    Ok(outcome)
}

/// `customers.recordLogin`.
pub fn record_login(cx: &Context<'_>, tx: &mut dyn Tx, id: &CustomerId) -> Result<Outcome> {
    let before = live(cx, tx, id, true)?;
    let cx = &match &before.clock {
        Some(clock) => cx.on_clock(tx, Some(clock))?,
        None => cx.of_store(tx)?,
    };
    let mut after = before.clone();
    after.log_in(cx.now);
    let settings = settings::of(cx, tx)?;
    dormancy::look_again(&settings, &mut after, cx.now);
    save(cx, tx, "customer.updated", before, after, false)
}

/// Erases the personal data of a customer everywhere; the row stays as the mark that the id was used.
pub(super) fn erase(cx: &Context<'_>, tx: &mut dyn Tx, customer: &Customer) -> Result<Outcome> {
    let id = customer.id.as_str();
    payment_methods::erase_all(cx, tx, &customer.id)?;
    tx.erase_usage_texts(cx.store.no, &customer.id)?;
    tx.erase_customer(cx.store.no, customer, cx.now)?;
    tx.erase_events(cx.store.no, id)?;
    tx.erase_answers(cx.store.no, id)?;
    cx.event(tx, "customer.deleted", id, customer.version + 1, None, None)?;
    erased(&customer.id)
}

/// What is answered for a customer that is deleted.
pub(super) fn erased(id: &CustomerId) -> Result<Outcome> {
    let json = to_json(&DeletedCustomer {
        id: id.clone(),
        object: CustomerWord("customer"),
        deleted: True(true),
    })?;
    Ok(Outcome {
        json,
        subject: id.as_str().to_owned(),
        created: false,
    })
}

/// The hash to check a password against.
pub fn password_hash(cx: &Context<'_>, tx: &mut dyn Tx, id: &CustomerId, field: &str) -> Result<Option<String>> {
    live(cx, tx, id, false)?;
    tx.password(cx.store.no, id, field)
}
