//! Use cases about the sign-up form.

use super::{
    Context, answers, check_version,
    customers::{self, FORM_PASSWORD, Hashes, Outcome},
    numbers::NumberSource,
    port::{SignupFormRecord, Tx},
    to_json,
};
use crate::{
    domain::{
        Problem,
        address::Address,
        custom_field::{self, FieldType},
        customer::{Marketing, Profile},
        id::SignupFormId,
        key_value,
        signup_form::{Basic, Form},
    },
    error::{Code, Error, Result},
    ops::signup_form::{SignupFieldChange, SignupFieldChanges, SignupFormSubmitParams, SignupFormUpdateParams},
};

fn stored(cx: &Context<'_>, tx: &mut dyn Tx, lock: bool) -> Result<SignupFormRecord> {
    let record = tx.signup_form(cx.store.no, lock)?;
    Ok(record.unwrap_or_else(|| SignupFormRecord {
        // A store that never changed its form has the initial one; its id is
        // the store's own bits, so that it stays the same when saved.
        id: SignupFormId::trusted(cx.store.id.as_str().replacen("store_", SignupFormId::PREFIX, 1)),
        form: Form::initial(),
        version: 1,
        created_at: cx.store.created_at,
        updated_at: cx.store.created_at,
    }))
}

/// `signupForm.get`.
pub fn get(cx: &Context<'_>, tx: &mut dyn Tx) -> Result<String> {
    let record = stored(cx, tx, false)?;
    let fields = tx.custom_fields(cx.store.no)?;
    to_json(&answers::signup_form(record, fields))
}

/// `signupForm.update`.
pub fn update(cx: &Context<'_>, tx: &mut dyn Tx, params: &SignupFormUpdateParams) -> Result<Outcome> {
    let before = stored(cx, tx, true)?;
    check_version(params.if_version.map(|version| version.0), before.version)?;
    let mut after = before.clone();
    if let Some(account) = params.account.0 {
        after.form.set_account(account);
    }
    if let Some(changes) = &params.fields.0 {
        apply(&mut after.form, changes);
    }
    after
        .form
        .check()
        .map_err(|problem| Error::problem("fields", problem))?;
    let changed = before != after;
    if changed {
        after.version += 1;
        after.updated_at = cx.now;
        tx.save_signup_form(cx.store.no, &after)?;
    }
    let (subject, version) = (after.id.as_str().to_owned(), after.version);
    let fields = tx.custom_fields(cx.store.no)?;
    let json = to_json(&answers::signup_form(after, fields))?;
    if changed {
        cx.event(tx, "settings.updated", &subject, version, Some(&json), None)?;
    }
    Ok(Outcome {
        json,
        subject,
        created: false,
    })
}

fn apply(form: &mut Form, changes: &SignupFieldChanges) {
    for field in &mut form.fields {
        let change: Option<&SignupFieldChange> = match field.basic {
            Basic::Username => changes.username.0.as_ref(),
            Basic::Name => changes.name.0.as_ref(),
            Basic::Phone => changes.phone.0.as_ref(),
            Basic::Email => changes.email.0.as_ref(),
            Basic::Password => changes.password.0.as_ref(),
            Basic::Marketing => changes.marketing.0.as_ref(),
        };
        let Some(change) = change else { continue };
        if let Some(label) = &change.label.0 {
            field.label = label.0.clone();
        }
        field.enabled = change.enabled.0.unwrap_or(field.enabled);
        field.required = change.required.0.unwrap_or(field.required);
        field.order = change.order.0.map_or(field.order, |order| order.0);
    }
}

/// `signupForm.submit`: the form's rules, then a new customer. It never gives
/// back one that was there: whoever types somebody else's address must not
/// see their data.
pub fn submit(
    cx: &Context<'_>,
    tx: &mut dyn Tx,
    params: &SignupFormSubmitParams,
    numbers: &NumberSource,
    hashes: &Hashes,
) -> Result<Outcome> {
    let cx = &cx.of_store(tx)?;
    let form = stored(cx, tx, false)?.form;
    let definitions = tx.custom_fields(cx.store.no)?;
    check_basics(&form, params)?;
    for definition in definitions.iter().map(|field| &field.definition) {
        let given = params.attributes.0.get(&definition.key).is_some_and(Option::is_some);
        let problem = match (definition.enabled, given) {
            (false, true) => "is switched off in the sign-up form",
            (true, false) if definition.required && definition.kind != FieldType::Comment => {
                "is required by the sign-up form"
            }
            _ => continue,
        };
        return Err(form_problem("attributes", Problem::at(&definition.key, problem), given));
    }
    let Some(email) = &params.email else {
        return Err(Error::internal("a form without e-mail passed its check"));
    };
    if tx.customer_by_email(cx.store.no, email.key())?.is_some() {
        return Err(Error::new(
            Code::EmailTaken,
            "email belongs to another customer: sign in instead, or use another address",
        )
        .with_param("email"));
    }
    let mut marketing = Marketing::default();
    if let Some(given) = &params.marketing {
        given.apply_to(&mut marketing);
    }
    let profile = Profile {
        email: Some(email.clone()),
        name: params.name.clone().map(|name| name.0),
        phone: params.phone.clone(),
        address: params.address.clone().map(Address::from),
        username: params.username.clone().map(|name| name.0),
        marketing,
        metadata: key_value::merge(&key_value::Metadata::new(), &params.metadata.0)
            .map_err(|problem| Error::problem("metadata", problem))?,
        ..Profile::default()
    };
    let number = numbers.next(tx)?;
    let id = crate::domain::id::CustomerId::from_bits(cx.ids.uuid(cx.now));
    let outcome = customers::add(cx, tx, Some(id.clone()), profile, &params.attributes, number, hashes)?;
    if let Some(hash) = hashes.get(FORM_PASSWORD) {
        tx.set_password(cx.store.no, &id, FORM_PASSWORD, Some(hash), cx.now)?;
    }
    Ok(outcome)
}

fn check_basics(form: &Form, params: &SignupFormSubmitParams) -> Result<()> {
    let given = |basic: Basic| match basic {
        Basic::Username => params.username.is_some(),
        Basic::Name => params.name.is_some(),
        Basic::Phone => params.phone.is_some(),
        Basic::Email => params.email.is_some(),
        Basic::Password => params.password.is_some(),
        Basic::Marketing => params.marketing.is_some(),
    };
    for (basic, ..) in Basic::ALL {
        form.check_given(basic, given(basic))
            .map_err(|problem| form_problem("", problem, given(basic)))?;
    }
    if let Some(password) = &params.password {
        custom_field::check_password(&password.0).map_err(|problem| Error::problem("password", problem))?;
    }
    Ok(())
}

fn form_problem(param: &str, problem: Problem, given: bool) -> Error {
    let error = Error::problem(param, problem);
    if given {
        return error;
    }
    let path = error.param().unwrap_or_default().to_owned();
    Error::new(Code::ParameterMissing, error.message().to_owned()).with_param(path)
}
