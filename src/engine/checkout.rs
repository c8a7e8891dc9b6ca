//! Use cases about checkout sessions, but for paying them.

use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD};

use super::{
    Context, attributes,
    billing::{Desk, SESSION_JOB},
    check_version,
    customers::{self, Hashes, Outcome},
    line_items::{LineItems, codes_of},
    newest::Newest,
    numbers::Numbering,
    orders,
    pay::in_progress,
    port::Tx,
};
use crate::{
    domain::{
        checkout::{CheckoutSession, SessionStatus},
        customer::{Customer, Profile},
        id::CheckoutSessionId,
        instant::Instant,
        key_value::Metadata,
        order::{Order, Trial},
    },
    engine::billing_answers,
    error::{Code, Error, Result},
    ops::{
        billing::TrialChoice,
        checkout::{CheckoutParams, CheckoutSessionExpireParams, CheckoutSessionGetParams, CheckoutSessionListParams},
        order::OrderPayLinkParams,
        param::AttributesChange,
    },
};

/// The kinds of numbers that a checkout takes.
pub(super) const NUMBERS: &[&str] = &["customer", "order"];
/// Random bytes of the token that opens a page.
const TOKEN_BYTES: usize = 24;
/// 2099-12-31T23:59:59Z: a link that is good as long as its order is open.
const NEVER: Instant = Instant::from_micros(4_102_444_799_000_000);

/// A session that must be there. `lock` holds it until the end of the transaction.
pub(super) fn found(cx: &Context<'_>, tx: &mut dyn Tx, id: &CheckoutSessionId, lock: bool) -> Result<CheckoutSession> {
    tx.session(cx.store.no, id, lock)?.ok_or_else(|| {
        Error::new(
            Code::CheckoutSessionNotFound,
            format!(
                "no checkout session of this store has id {}: check it, and that the API key is of the store that made it",
                id.as_str()
            ),
        )
        .with_param("checkoutSessionId")
    })
}

/// The refusal of a session that cannot be paid any more.
pub(super) fn closed(session: &CheckoutSession) -> Error {
    let why = match session.status {
        SessionStatus::Open => "was to be paid earlier",
        SessionStatus::Complete => "is paid",
        SessionStatus::Expired => "is closed",
    };
    Error::new(
        Code::CheckoutSessionClosed,
        format!("checkout session {} {why}: make a new one", session.id.as_str()),
    )
    .with_param("checkoutSessionId")
    .with_detail("status", session.status.name())
}

fn answered(desk: &Desk<'_>, tx: &mut dyn Tx, session: CheckoutSession) -> Result<Outcome> {
    let subject = session.id.as_str().to_owned();
    Ok(Outcome {
        json: desk.session_json(tx, session)?,
        subject,
        created: false,
    })
}

/// Who buys: the customer that is named, the one who holds the e-mail address,
/// or a new one.
fn buyer(cx: &Context<'_>, tx: &mut dyn Tx, params: &CheckoutParams, numbers: &Numbering) -> Result<Customer> {
    let given = match (&params.customer_id, &params.customer) {
        (Some(id), None) => return customers::live(cx, tx, id, false),
        (None, Some(given)) => given,
        (Some(_), Some(_)) => {
            return Err(Error::invalid(
                "customer",
                "and customerId are given together: give one of them",
            ));
        }
        (None, None) => {
            return Err(
                Error::new(Code::ParameterMissing, "customerId is required (or customer)").with_param("customerId"),
            );
        }
    };
    if let Some(holder) = tx.customer_by_email(cx.store.no, given.email.key())? {
        return Ok(holder);
    }
    let profile = Profile {
        email: Some(given.email.clone()),
        name: given.name.clone().map(|name| name.0),
        ..Profile::default()
    };
    let number = numbers.next("customer", tx)?;
    let attributes = AttributesChange::default();
    let cx = &cx.of_store(tx)?;
    let made = customers::add(cx, tx, None, profile, &attributes, number, &Hashes::new())?;
    customers::live(cx, tx, &crate::domain::id::CustomerId::trusted(&made.subject), false)
}

fn trial(choice: TrialChoice) -> Option<Trial> {
    match choice {
        TrialChoice::Own => None,
        TrialChoice::None => Some(Trial::None),
        TrialChoice::For(length) => Some(Trial::Length(length)),
        TrialChoice::Until(end) => Some(Trial::Until(end)),
    }
}

/// `commerce.checkout`.
pub fn create(cx: &Context<'_>, tx: &mut dyn Tx, params: &CheckoutParams, numbers: &Numbering) -> Result<Outcome> {
    let codes = codes_of(params.promotion_code.as_ref(), params.discount_codes.as_ref())?.unwrap_or_default();
    let metadata = attributes::merged("metadata", &Default::default(), &params.metadata.0)?;
    let customer = buyer(cx, tx, params, numbers)?;
    let mut desk = orders::desk_of(cx, tx, numbers, &customer)?;
    let items = LineItems::of_purchase(&mut desk, tx, &params.line_items.0)?;
    let mut order = orders::drawn_up(&mut desk, tx, &customer.id, items, codes, trial(params.trial))?;
    let hours = i64::from(desk.store.settings.incomplete_hours);
    let default = Instant::from_micros(desk.now().micros().saturating_add(hours * 3_600_000_000));
    let expires_at = params.expires_at.unwrap_or(default);
    if expires_at <= desk.now() {
        return Err(Error::invalid("expiresAt", "must lie in the future"));
    }
    let session = CheckoutSession {
        success_url: params.success_url.0.clone(),
        cancel_url: params.cancel_url.as_ref().map(|url| url.0.clone()),
        locale: params.locale,
        ..blank(&desk, &order, expires_at, metadata.clone())
    };
    order.session = Some(session.id.clone());
    order.metadata = metadata;
    desk.insert_order(tx, &order, &[])?;
    tx.insert_session(cx.store.no, &session)?;
    desk.put_job(tx, session.id.as_str(), SESSION_JOB, expires_at, session.clock.as_ref())?;
    answered(&desk, tx, session).map(Outcome::of_new_object)
}

/// A session that leads nowhere yet.
fn blank(desk: &Desk<'_>, order: &Order, expires_at: Instant, metadata: Metadata) -> CheckoutSession {
    let mut token = [0; TOKEN_BYTES];
    desk.cx.ids.fill(&mut token);
    CheckoutSession {
        id: CheckoutSessionId::from_bits(desk.cx.uuid()),
        version: 1,
        customer: order.customer.clone(),
        order: order.id.clone(),
        status: SessionStatus::Open,
        token: BASE64_URL_SAFE_NO_PAD.encode(token),
        success_url: String::new(),
        cancel_url: None,
        error_url: None,
        pay_link: false,
        locale: None,
        expires_at,
        clock: order.clock.clone(),
        completed_at: None,
        created_at: desk.now(),
        updated_at: desk.now(),
        metadata,
    }
}

/// What a pay link asks for, written into its session.
fn lead(session: &mut CheckoutSession, params: &OrderPayLinkParams) {
    if let Some(url) = &params.success_url {
        session.success_url.clone_from(&url.0);
    }
    if let Some(url) = &params.cancel_url {
        session.cancel_url = Some(url.0.clone());
    }
    if let Some(url) = &params.error_url {
        session.error_url = Some(url.0.clone());
    }
    session.locale = params.locale.or(session.locale);
}

/// The open session that an order has, leading where the caller wants; `None`
/// when its time is over.
pub(super) fn reopened(
    desk: &mut Desk<'_>,
    tx: &mut dyn Tx,
    id: &CheckoutSessionId,
    params: &OrderPayLinkParams,
) -> Result<Option<CheckoutSession>> {
    let before = found(&desk.cx, tx, id, true)?;
    if before.status != SessionStatus::Open || before.expires_at <= desk.now() {
        return Ok(None);
    }
    let mut after = before.clone();
    lead(&mut after, params);
    if after != before {
        after.version += 1;
        after.updated_at = desk.now();
        tx.update_session(desk.cx.store.no, &after)?;
    }
    Ok(Some(after))
}

/// A session for an order that was there before it.
pub(super) fn link_to(
    desk: &mut Desk<'_>,
    tx: &mut dyn Tx,
    order: &Order,
    params: &OrderPayLinkParams,
) -> Result<CheckoutSession> {
    let mut session = CheckoutSession {
        pay_link: true,
        ..blank(desk, order, order.deadline.unwrap_or(NEVER), Metadata::new())
    };
    lead(&mut session, params);
    tx.insert_session(desk.cx.store.no, &session)?;
    if let Some(end) = order.deadline {
        desk.put_job(tx, session.id.as_str(), SESSION_JOB, end, session.clock.as_ref())?;
    }
    Ok(session)
}

/// `checkoutSessions.get`.
pub fn get(cx: &Context<'_>, tx: &mut dyn Tx, params: &CheckoutSessionGetParams) -> Result<String> {
    let session = found(cx, tx, &params.checkout_session_id, false)?;
    let numbers = Numbering::none();
    let desk = Desk::open(cx, tx, &numbers)?;
    desk.session_json(tx, session)
}

/// `checkoutSessions.list`.
pub fn list(cx: &Context<'_>, tx: &mut dyn Tx, params: &CheckoutSessionListParams) -> Result<String> {
    let query = format!("checkoutSessions.list {:?}", params.customer_id);
    let newest = Newest::open(cx, query, params.cursor.as_ref(), params.limit.0)?;
    let rows = tx.list_sessions(cx.store.no, params.customer_id.as_ref(), &newest.paging)?;
    newest.page(
        cx,
        rows,
        |session| (session.created_at, session.id.as_str()),
        |session| {
            let order = orders::found(cx, tx, &session.order, false)?;
            let url = cx.pages.url(&session.token);
            Ok(billing_answers::checkout_session(session, &order, url))
        },
    )
}

/// `checkoutSessions.expire`: nobody is to pay it any more.
pub fn expire(
    cx: &Context<'_>,
    tx: &mut dyn Tx,
    params: &CheckoutSessionExpireParams,
    numbers: &Numbering,
) -> Result<Outcome> {
    let mut desk = Desk::open(cx, tx, numbers)?;
    let before = found(cx, tx, &params.checkout_session_id, true)?;
    desk.by_clock(tx, before.clock.as_ref())?;
    match before.status {
        SessionStatus::Open => {}
        SessionStatus::Expired => return answered(&desk, tx, before),
        SessionStatus::Complete => return Err(closed(&before)),
    }
    check_version(params.if_version.map(|version| version.0), before.version)?;
    let order = orders::found(cx, tx, &before.order, true)?;
    if order.charging {
        return Err(in_progress(&order));
    }
    desk.complete_session(tx, &before.id, SessionStatus::Expired)?;
    let after = found(cx, tx, &before.id, false)?;
    answered(&desk, tx, after)
}
