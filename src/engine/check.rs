//! `commerce.check` in its plain form: a feature may be used while a
//! subscription that gives service gives it.

use super::{
    Context, customers, features,
    port::{Entry, SubscriptionRecord, Tx},
    settings, to_json,
};
use crate::{
    domain::{
        id::{FeatureId, ProductId},
        subscription::Phase,
    },
    error::Result,
    ops::check::{Check, CheckParams, CheckReasonWord},
};

/// `check`.
pub fn check(cx: &Context<'_>, tx: &mut dyn Tx, params: &CheckParams) -> Result<String> {
    let customer = customers::live(cx, tx, &params.customer_id, false)?.id;
    let feature = features::live_at(cx, tx, &params.feature_id, false, "featureId")?.id;
    let mut known = Vec::new();
    let (mut has, mut allowed) = (false, false);
    for record in tx.live_subscriptions(cx.store.no, &customer)? {
        if !gives(cx, tx, &record, &feature, &mut known)? {
            continue;
        }
        has = true;
        if in_service(cx, tx, &record)? {
            allowed = true;
            break;
        }
    }
    let reason = match (allowed, has) {
        (true, _) => "subscribed",
        (false, true) => "not_in_service",
        (false, false) => "not_subscribed",
    };
    to_json(&Check {
        allowed,
        reason: CheckReasonWord(reason),
        has_access: allowed,
        feature_id: feature,
        customer_id: customer,
        balance: None,
        stale: false,
    })
}

/// Whether one of a subscription's products gives a feature; `known` are
/// products that were looked at.
fn gives(
    cx: &Context<'_>,
    tx: &mut dyn Tx,
    record: &SubscriptionRecord,
    feature: &FeatureId,
    known: &mut Vec<(ProductId, bool)>,
) -> Result<bool> {
    for item in &record.state.items {
        let gives = match known.iter().find(|(product, _)| *product == item.product) {
            Some((_, gives)) => *gives,
            None => {
                let product = tx.product(cx.store.no, &item.product, false)?;
                let gives = matches!(
                    product,
                    Some(Entry::Live(product)) if product.details.features.iter().any(|given| given.id == *feature)
                );
                known.push((item.product.clone(), gives));
                gives
            }
        };
        if gives {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Whether a subscription gives service now, by the clock that it goes by.
fn in_service(cx: &Context<'_>, tx: &mut dyn Tx, record: &SubscriptionRecord) -> Result<bool> {
    if record.state.phase != Phase::PastDue {
        return Ok(record.state.gives_service(cx.now, 0));
    }
    let grace_days = settings::of(cx, tx)?.settings.past_due_grace_days;
    let now = cx.on_clock(tx, record.clock.as_ref())?.now;
    Ok(record.state.gives_service(now, grace_days))
}
