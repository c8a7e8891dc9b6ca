//! Use cases about subscriptions.

mod ask;
mod change;
mod create;
mod method;

pub(super) use ask::Ask;
pub(super) use change::{ChangeErrand, ask_all, record_all};
pub(super) use create::CreateErrand;
pub(super) use method::MethodErrand;

use super::{
    Context, attributes,
    catalog::answered,
    check_version,
    customers::Outcome,
    page::{self, Page},
    port::{Paging, Position, SubscriptionFilter, SubscriptionRecord, Tx},
    to_json,
};
use crate::{
    domain::{
        decline::DeclineCode,
        id::{PaymentId, SubscriptionId},
        payment::PaymentStatus,
    },
    error::{Code, Error, Result},
    ops::{
        subscription::{Subscription, SubscriptionGetParams, SubscriptionListParams},
        subscription_change::SubscriptionUpdateParams,
    },
};

/// A subscription that must be there.
pub(super) fn live(cx: &Context<'_>, tx: &mut dyn Tx, id: &SubscriptionId, lock: bool) -> Result<SubscriptionRecord> {
    tx.subscription(cx.store.no, id, lock)?.ok_or_else(|| {
        let message = format!(
            "no subscription of this store has id {}: check it, and that the API key is of the store that made it; subscriptions.list() shows what there is",
            id.as_str()
        );
        Error::new(Code::SubscriptionNotFound, message).with_param("subscriptionId")
    })
}

/// `subscriptions.get`.
pub fn get(cx: &Context<'_>, tx: &mut dyn Tx, params: &SubscriptionGetParams) -> Result<String> {
    to_json(&Subscription::from(live(cx, tx, &params.subscription_id, false)?))
}

/// A subscription as it is now.
fn shown(cx: &Context<'_>, tx: &mut dyn Tx, id: &SubscriptionId) -> Result<Outcome> {
    answered(id.as_str(), &Subscription::from(live(cx, tx, id, false)?))
}

/// `subscriptions.list`.
pub fn list(cx: &Context<'_>, tx: &mut dyn Tx, params: &SubscriptionListParams) -> Result<String> {
    let filter = SubscriptionFilter {
        customer: params.customer_id.clone(),
        phases: params
            .status
            .iter()
            .flat_map(|status| status.0.iter().copied())
            .collect(),
    };
    if let Some(customer) = &filter.customer {
        super::customers::live(cx, tx, customer, false)?;
    }
    let query = format!("subscriptions.list {filter:?}");
    let after: Option<Position> = params
        .cursor
        .as_ref()
        .map(|cursor| page::open(cx.store, &query, &cursor.0))
        .transpose()?;
    let paging = Paging {
        after,
        limit: params.limit.0 + 1,
    };
    let rows = tx.list_subscriptions(cx.store.no, &filter, &paging)?;
    let cursor = |last: &SubscriptionRecord| {
        let position = Position::Time(last.created_at.micros(), last.state.id.as_str().to_owned());
        page::seal(cx.store, &query, &position)
    };
    to_json(&Page::new(rows, params.limit.0, None, cursor, Subscription::from)?)
}

/// `subscriptions.update`: nothing but notes.
pub fn update(cx: &Context<'_>, tx: &mut dyn Tx, params: &SubscriptionUpdateParams) -> Result<Outcome> {
    let before = live(cx, tx, &params.subscription_id, true)?;
    let cx = &cx.on_clock(tx, before.clock.as_ref())?;
    check_version(params.if_version.map(|version| version.0), before.version)?;
    let mut after = before.clone();
    after.metadata = attributes::merged("metadata", &before.metadata, &params.metadata.0)?;
    let id = before.state.id.as_str().to_owned();
    if after == before {
        return answered(&id, &Subscription::from(before));
    }
    after.version += 1;
    after.updated_at = cx.now;
    tx.update_subscription(cx.store.no, &before, &after)?;
    let version = after.version;
    let outcome = answered(&id, &Subscription::from(after))?;
    let changed = super::changed_members(&to_json(&Subscription::from(before))?, &outcome.json)?;
    let changed = changed.as_deref().or(Some("{}"));
    cx.event(tx, "subscription.updated", &id, version, Some(&outcome.json), changed)?;
    Ok(outcome)
}

/// What a caller is told of a payment that failed; nothing of one that did not.
pub(super) fn declined(cx: &Context<'_>, tx: &mut dyn Tx, id: &PaymentId) -> Result<Option<Error>> {
    let payment = tx.payment(cx.store.no, id, false)?;
    let Some(payment) = payment.filter(|payment| payment.status() == PaymentStatus::Failed) else {
        return Ok(None);
    };
    let Some(decline) = payment.facts.declined else {
        return Ok(None);
    };
    let Some(code) = DeclineCode::from_name(&decline.code) else {
        let message = format!(
            "the gateway {} cannot be reached: try again; nothing was charged",
            payment.gateway
        );
        return Ok(Some(Error::new(Code::GatewayUnavailable, message)));
    };
    let gateway_code = decline.gateway_code.as_deref().unwrap_or(code.name());
    Ok(Some(
        Error::card_declined(code, decline.hard, gateway_code).with_detail("paymentId", payment.id.as_str()),
    ))
}
