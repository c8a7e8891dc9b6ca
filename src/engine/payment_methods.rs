//! Use cases about payment methods.

use std::sync::Arc;

use super::{
    Context, Session, attributes,
    catalog::answered,
    changed_members, check_version,
    customers::{self, Outcome},
    errand::{Begun, Ended, Errand},
    gateway::{Credential, Forgotten, Gateway, Later, Registered, Registration},
    numbers::Numbering,
    page::{self, Page},
    port::{Entry, MethodBody, MethodStatus, Paging, PaymentFilter, PaymentMethodRecord, Position, Tx},
    to_json,
};
use crate::{
    domain::{
        id::{CustomerId, PaymentMethodId, SubscriptionId},
        key_value::Metadata,
        payment::{Payment, PaymentStatus},
        secret::Secret,
    },
    error::{Code, Error, Result},
    ops::{
        answer::{MetadataJson, PaymentMethodStatusWord, PaymentMethodTypeWord, PaymentMethodWord, True},
        payment_method::{
            DeletedPaymentMethod, PaymentMethod, PaymentMethodCreateParams, PaymentMethodDeleteParams,
            PaymentMethodGetParams, PaymentMethodListParams, PaymentMethodUpdateParams,
        },
    },
};

/// The kind of their numbers.
pub(super) const NUMBER: &str = "payment_method";
const PARAM: &str = "paymentMethodId";
/// So many payments of one customer are under way at most.
const MOST_OPEN: usize = 1000;

impl From<PaymentMethodRecord> for PaymentMethod {
    fn from(record: PaymentMethodRecord) -> Self {
        let body = record.body;
        Self {
            id: record.id,
            object: PaymentMethodWord("payment_method"),
            customer_id: record.customer,
            kind: PaymentMethodTypeWord("card"),
            gateway: body.gateway,
            issuer: body.issuer,
            last4: body.last4,
            expiration_year: body.expiration_year,
            expiration_month: body.expiration_month,
            is_corporate: body.is_corporate,
            is_default: record.is_default,
            status: PaymentMethodStatusWord(body.status.name()),
            metadata: MetadataJson(body.metadata),
            version: record.version,
            created_at: record.created_at,
            updated_at: record.updated_at,
        }
    }
}

/// A payment method that must be there.
pub(super) fn live(cx: &Context<'_>, tx: &mut dyn Tx, id: &PaymentMethodId, lock: bool) -> Result<PaymentMethodRecord> {
    let message = match tx.payment_method(cx.store.no, id, lock)? {
        Some(Entry::Live(found)) => return Ok(*found),
        Some(Entry::Deleted) => format!("payment method {} was deleted", id.as_str()),
        None => format!(
            "no payment method of this store has id {}: check it, and that the API key is of the store that made it; paymentMethods.list({{ customerId }}) shows what there is",
            id.as_str()
        ),
    };
    Err(Error::new(Code::PaymentMethodNotFound, message).with_param(PARAM))
}

/// The same, with its customer locked first: which one is the default is
/// decided under that lock.
fn live_of_locked_customer(cx: &Context<'_>, tx: &mut dyn Tx, id: &PaymentMethodId) -> Result<PaymentMethodRecord> {
    let found = live(cx, tx, id, false)?;
    customers::live(cx, tx, &found.customer, true)?;
    live(cx, tx, id, true)
}

/// The subscription that is charged with a payment method, if there is one.
fn in_use(cx: &Context<'_>, tx: &mut dyn Tx, method: &PaymentMethodRecord) -> Result<Option<SubscriptionId>> {
    let living = tx.live_subscriptions(cx.store.no, &method.customer)?;
    let charged = living
        .into_iter()
        .find(|record| record.state.method.as_ref() == Some(&method.id));
    Ok(charged.map(|record| record.state.id))
}

/// Refuses while a payment is not settled, of one payment method or of any of
/// a customer's: its outcome could not be looked up without the card.
pub(super) fn refuse_paying(
    cx: &Context<'_>,
    tx: &mut dyn Tx,
    customer: &CustomerId,
    method: Option<&PaymentMethodId>,
) -> Result<()> {
    for status in [PaymentStatus::Pending, PaymentStatus::Unknown] {
        let filter = PaymentFilter {
            customer: Some(customer.clone()),
            status: Some(status),
            ..PaymentFilter::default()
        };
        let all = Paging {
            after: None,
            limit: MOST_OPEN,
        };
        let open = tx.list_payments(cx.store.no, &filter, &all)?;
        let paying = |payment: &&Payment| method.is_none() || payment.method.as_ref() == method;
        if let Some(payment) = open.iter().find(paying) {
            let id = payment.id.as_str();
            return Err(Error::new(
                Code::PaymentInProgress,
                format!("payment {id} is not settled yet: try again when it is"),
            )
            .with_detail("paymentId", id));
        }
    }
    Ok(())
}

/// Saves a payment method that changed, with its event.
fn save(
    cx: &Context<'_>,
    tx: &mut dyn Tx,
    before: PaymentMethodRecord,
    mut after: PaymentMethodRecord,
) -> Result<Outcome> {
    let id = before.id.clone();
    if before == after {
        return answered(id.as_str(), &PaymentMethod::from(before));
    }
    after.version += 1;
    after.updated_at = cx.now;
    tx.update_payment_method(cx.store.no, &after)?;
    let version = after.version;
    let outcome = answered(id.as_str(), &PaymentMethod::from(after))?;
    let changed = changed_members(&to_json(&PaymentMethod::from(before))?, &outcome.json)?;
    let changed = changed.as_deref().or(Some("{}"));
    cx.event(
        tx,
        "payment_method.updated",
        id.as_str(),
        version,
        Some(&outcome.json),
        changed,
    )?;
    Ok(outcome)
}

/// Takes the default from whichever payment method has it, to give it to
/// another one.
fn clear_default(cx: &Context<'_>, tx: &mut dyn Tx, customer: &CustomerId) -> Result<()> {
    match tx.default_payment_method(cx.store.no, customer)? {
        None => Ok(()),
        Some(before) => {
            let after = PaymentMethodRecord {
                is_default: false,
                ..before.clone()
            };
            save(cx, tx, before, after).map(drop)
        }
    }
}

/// Adds a registered card to a customer whose row is locked.
pub(super) fn add(
    cx: &Context<'_>,
    tx: &mut dyn Tx,
    number: i64,
    customer: &CustomerId,
    new: &NewMethod,
    make_default: bool,
) -> Result<Outcome> {
    let has_default = tx.default_payment_method(cx.store.no, customer)?.is_some();
    let is_default = make_default || !has_default;
    if is_default && has_default {
        clear_default(cx, tx, customer)?;
    }
    let record = PaymentMethodRecord {
        id: new.id.clone(),
        number,
        version: 1,
        created_at: cx.now,
        updated_at: cx.now,
        customer: customer.clone(),
        is_default,
        body: new.body.clone(),
        secret: new.sealed.clone(),
    };
    tx.insert_payment_method(cx.store.no, &record)?;
    let id = record.id.clone();
    let outcome = answered(id.as_str(), &PaymentMethod::from(record))?;
    cx.event(tx, "payment_method.created", id.as_str(), 1, Some(&outcome.json), None)?;
    Ok(outcome.of_new_object())
}

/// A card that a gateway has registered, ready to be kept.
#[derive(Debug, Clone)]
pub(super) struct NewMethod {
    pub(super) id: PaymentMethodId,
    body: MethodBody,
    sealed: Vec<u8>,
    /// To take the registration back.
    billing_key: Secret,
}

impl NewMethod {
    /// Seals what a gateway gave. May wait for the disk.
    fn seal(session: &Session, gateway: &dyn Gateway, registered: Registered, metadata: Metadata) -> Result<Self> {
        let engine = &session.engine;
        let id = PaymentMethodId::from_bits(engine.ids.uuid(engine.clock.now()));
        let sealed = engine
            .vault()
            .seal(&session.store, &id, &registered.billing_key, &*engine.ids)?;
        Ok(Self {
            id,
            body: MethodBody {
                gateway: gateway.name().to_owned(),
                issuer: registered.issuer,
                last4: registered.kept.last4,
                expiration_year: registered.kept.expiration_year,
                expiration_month: registered.kept.expiration_month,
                is_corporate: registered.kept.is_corporate,
                status: MethodStatus::Active,
                metadata,
            },
            sealed,
            billing_key: registered.billing_key,
        })
    }
}

/// `paymentMethods.create`.
pub(super) struct Create {
    session: Arc<Session>,
    gateway: Arc<dyn Gateway>,
    customer: CustomerId,
    /// Gone once the gateway has it.
    credential: Option<Credential>,
    make_default: bool,
    metadata: Metadata,
}

impl Create {
    /// Checks what needs no transaction: the parameters, that there is
    /// a gateway, and that what it gives could be kept.
    pub(super) fn new(session: &Arc<Session>, params: PaymentMethodCreateParams) -> Result<Self> {
        let credential = match (params.card, params.auth_key) {
            (Some(card), None) => Credential::Card(card.0),
            (None, Some(key)) => Credential::AuthKey(key.secret().clone()),
            (Some(_), Some(_)) => {
                return Err(Error::invalid(
                    "authKey",
                    "and card are given together: give one of them",
                ));
            }
            (None, None) => {
                return Err(Error::new(Code::ParameterMissing, "card is required (or authKey)").with_param("card"));
            }
        };
        let gateway = session.engine.gateway(&session.store)?;
        session.engine.vault().check(&session.store)?;
        Ok(Self {
            session: Arc::clone(session),
            gateway,
            customer: params.customer_id,
            credential: Some(credential),
            make_default: params.make_default.unwrap_or(false),
            metadata: attributes::merged("metadata", &Default::default(), &params.metadata.0)?,
        })
    }
}

/// What a registration came to.
pub(super) enum Made {
    Method(Box<NewMethod>),
    Declined(Error),
    Failed(Error),
}

impl Errand for Create {
    type Work = ();
    type Found = Made;

    const NUMBERS: &'static [&'static str] = &[NUMBER];

    fn begin(&mut self, cx: &Context<'_>, tx: &mut dyn Tx, _: &Numbering) -> Result<Begun<()>> {
        customers::live(cx, tx, &self.customer, false)?;
        Ok(Begun::Work(()))
    }

    fn call(&mut self, (): ()) -> Later<Made> {
        let (session, gateway) = (Arc::clone(&self.session), Arc::clone(&self.gateway));
        let metadata = self.metadata.clone();
        let credential = self.credential.take();
        Box::pin(async move {
            let Some(credential) = credential else {
                return Made::Failed(Error::internal("a card was registered twice"));
            };
            match gateway.register(credential, session.engine.clock.now()).await {
                Registration::Registered(registered) => {
                    let billing_key = registered.billing_key.clone();
                    match NewMethod::seal(&session, &*gateway, registered, metadata) {
                        Ok(method) => Made::Method(Box::new(method)),
                        Err(error) => {
                            gateway.forget(billing_key).await;
                            Made::Failed(error)
                        }
                    }
                }
                Registration::Declined(decline) => Made::Declined(
                    Error::card_declined(decline.code, decline.hard, &decline.gateway_code).with_param("card"),
                ),
                Registration::Unsupported(why) => Made::Failed(Error::invalid("authKey", why)),
                Registration::Unavailable => Made::Failed(unavailable(&*gateway)),
            }
        })
    }

    fn end(&mut self, cx: &Context<'_>, tx: &mut dyn Tx, numbers: &Numbering, made: &Made) -> Result<Ended> {
        let method = match made {
            Made::Method(method) => method,
            Made::Declined(error) => {
                return Ok(Ended::Refused {
                    error: error.clone(),
                    subject: self.customer.as_str().to_owned(),
                });
            }
            Made::Failed(error) => return Err(error.clone()),
        };
        customers::live(cx, tx, &self.customer, true)?;
        if let Some(Entry::Live(kept)) = tx.payment_method(cx.store.no, &method.id, false)? {
            let id = kept.id.clone();
            return answered(id.as_str(), &PaymentMethod::from(*kept))
                .map(|outcome| Ended::Answered(outcome.of_new_object()));
        }
        let number = numbers.next(NUMBER, tx)?;
        add(cx, tx, number, &self.customer, method, self.make_default).map(Ended::Answered)
    }

    fn undo(&mut self, made: Made) -> Option<Later<()>> {
        let Made::Method(method) = made else { return None };
        let gateway = Arc::clone(&self.gateway);
        Some(Box::pin(async move {
            gateway.forget(method.billing_key).await;
        }))
    }
}

/// What is told when a gateway cannot be reached.
pub(super) fn unavailable(gateway: &dyn Gateway) -> Error {
    Error::new(
        Code::GatewayUnavailable,
        format!("the gateway {} cannot be reached: try again", gateway.name()),
    )
}

/// `paymentMethods.get`.
pub fn get(cx: &Context<'_>, tx: &mut dyn Tx, params: &PaymentMethodGetParams) -> Result<String> {
    to_json(&PaymentMethod::from(live(cx, tx, &params.payment_method_id, false)?))
}

/// `paymentMethods.list`.
pub fn list(cx: &Context<'_>, tx: &mut dyn Tx, params: &PaymentMethodListParams) -> Result<String> {
    let customer = customers::live(cx, tx, &params.customer_id, false)?.id;
    let query = format!("paymentMethods.list {}", customer.as_str());
    let after: Option<Position> = params
        .cursor
        .as_ref()
        .map(|cursor| page::open(cx.store, &query, &cursor.0))
        .transpose()?;
    let rows = tx.payment_methods_of(cx.store.no, &customer, after.as_ref(), params.limit.0 + 1)?;
    let cursor = |last: &PaymentMethodRecord| {
        let position = Position::Time(last.created_at.micros(), last.id.as_str().to_owned());
        page::seal(cx.store, &query, &position)
    };
    to_json(&Page::new(rows, params.limit.0, None, cursor, PaymentMethod::from)?)
}

/// `paymentMethods.update`.
pub fn update(cx: &Context<'_>, tx: &mut dyn Tx, params: &PaymentMethodUpdateParams) -> Result<Outcome> {
    let before = live_of_locked_customer(cx, tx, &params.payment_method_id)?;
    check_version(params.if_version.map(|version| version.0), before.version)?;
    let mut after = before.clone();
    match params.default.0 {
        None => {}
        Some(true) => {
            if !before.is_default {
                clear_default(cx, tx, &before.customer)?;
            }
            after.is_default = true;
        }
        Some(false) => {
            return Err(Error::invalid(
                "default",
                "must be true or left out: make another payment method the default instead",
            ));
        }
    }
    after.body.metadata = attributes::merged("metadata", &after.body.metadata, &params.metadata.0)?;
    save(cx, tx, before, after)
}

/// `paymentMethods.delete`: forgotten at the gateway first, so that a crash
/// leaves a method that can be deleted again.
pub(super) struct Delete {
    session: Arc<Session>,
    gateway: Arc<dyn Gateway>,
    params: PaymentMethodDeleteParams,
}

impl Delete {
    pub(super) fn new(session: &Arc<Session>, params: PaymentMethodDeleteParams) -> Result<Self> {
        Ok(Self {
            session: Arc::clone(session),
            gateway: session.engine.gateway(&session.store)?,
            params,
        })
    }

    /// The method, when it may be deleted.
    fn deletable(&self, cx: &Context<'_>, tx: &mut dyn Tx) -> Result<PaymentMethodRecord> {
        let method = live_of_locked_customer(cx, tx, &self.params.payment_method_id)?;
        check_version(self.params.if_version.map(|version| version.0), method.version)?;
        if let Some(subscription) = in_use(cx, tx, &method)? {
            let (id, subscription) = (method.id.as_str(), subscription.as_str());
            return Err(Error::new(
                Code::PaymentMethodInUse,
                format!("subscription {subscription} is charged with payment method {id}: give it another one first"),
            )
            .with_param(PARAM)
            .with_detail("subscriptionId", subscription));
        }
        refuse_paying(cx, tx, &method.customer, Some(&method.id))?;
        Ok(method)
    }
}

impl Errand for Delete {
    type Work = Vec<u8>;
    type Found = Result<()>;

    fn begin(&mut self, cx: &Context<'_>, tx: &mut dyn Tx, _: &Numbering) -> Result<Begun<Vec<u8>>> {
        self.deletable(cx, tx).map(|method| Begun::Work(method.secret))
    }

    fn call(&mut self, sealed: Vec<u8>) -> Later<Result<()>> {
        let (session, gateway) = (Arc::clone(&self.session), Arc::clone(&self.gateway));
        let id = self.params.payment_method_id.clone();
        Box::pin(async move {
            let billing_key = session.engine.vault().open(&session.store, &id, &sealed)?;
            match gateway.forget(billing_key).await {
                Forgotten::Done => Ok(()),
                Forgotten::Unavailable => Err(unavailable(&*gateway)),
            }
        })
    }

    fn end(&mut self, cx: &Context<'_>, tx: &mut dyn Tx, _: &Numbering, forgotten: &Result<()>) -> Result<Ended> {
        forgotten.clone()?;
        let id = &self.params.payment_method_id;
        if let Some(Entry::Deleted) = tx.payment_method(cx.store.no, id, false)? {
            return deleted(id).map(Ended::Answered);
        }
        let method = self.deletable(cx, tx)?;
        tx.delete_payment_method(cx.store.no, &method.id, cx.now)?;
        let (id, version, was_default) = (method.id.clone(), method.version + 1, method.is_default);
        let customer = method.customer.clone();
        let before = to_json(&PaymentMethod::from(method))?;
        cx.event(tx, "payment_method.deleted", id.as_str(), version, None, Some(&before))?;
        if was_default && let Some(next) = tx.payment_methods_of(cx.store.no, &customer, None, 1)?.pop() {
            let after = PaymentMethodRecord {
                is_default: true,
                ..next.clone()
            };
            save(cx, tx, next, after)?;
        }
        deleted(&id).map(Ended::Answered)
    }
}

fn deleted(id: &PaymentMethodId) -> Result<Outcome> {
    let answer = DeletedPaymentMethod {
        id: id.clone(),
        object: PaymentMethodWord("payment_method"),
        deleted: True(true),
    };
    answered(id.as_str(), &answer)
}

/// Erases all payment methods of a customer that is being deleted, those
/// deleted before too, and what events and kept answers say of them.
pub(super) fn erase_all(cx: &Context<'_>, tx: &mut dyn Tx, customer: &CustomerId) -> Result<()> {
    for id in tx.every_payment_method(cx.store.no, customer)? {
        tx.erase_events(cx.store.no, id.as_str())?;
        tx.erase_answers(cx.store.no, id.as_str())?;
        if let Some(Entry::Live(method)) = tx.payment_method(cx.store.no, &id, true)? {
            tx.delete_payment_method(cx.store.no, &id, cx.now)?;
            cx.event(
                tx,
                "payment_method.deleted",
                id.as_str(),
                method.version + 1,
                None,
                None,
            )?;
        }
    }
    Ok(())
}
