//! Use cases about usage: what was used of an item, and what may be used.

mod calculate;
mod record;

pub use calculate::calculate;
pub(super) use record::Record;

use super::{
    Context, customers, features,
    page::{self, Page},
    port::{Entry, Paging, Position, Tx, UsageEntry},
    to_json,
};
use crate::{
    domain::{
        id::{CustomerId, FeatureId, SubscriptionId, SubscriptionItemId},
        pricing::usage::Counting,
    },
    error::{Code, Error, Result},
    ops::usage::{Usage, UsageListParams},
};

/// The subscription of an item that is or was there.
fn of_item(cx: &Context<'_>, tx: &mut dyn Tx, item: &SubscriptionItemId) -> Result<SubscriptionId> {
    tx.subscription_of_item(cx.store.no, item)?.ok_or_else(|| {
        let message = format!(
            "no subscription of this store has an item {}: subscriptions.get() shows the items of one",
            item.as_str()
        );
        Error::new(Code::ItemNotFound, message).with_param("subscriptionItemId")
    })
}

/// The one metered item of a customer's live subscriptions whose product gives
/// a feature.
fn of_feature(
    cx: &Context<'_>,
    tx: &mut dyn Tx,
    customer: &CustomerId,
    feature: &FeatureId,
) -> Result<(SubscriptionId, SubscriptionItemId)> {
    customers::live(cx, tx, customer, false)?;
    features::live_at(cx, tx, feature, false, "featureId")?;
    let mut found = Vec::new();
    for record in tx.live_subscriptions(cx.store.no, customer)? {
        for item in &record.state.items {
            let gives = matches!(
                tx.product(cx.store.no, &item.product, false)?,
                Some(Entry::Live(product)) if product.details.features.iter().any(|given| given.id == *feature)
            );
            let metered = gives
                && matches!(
                    tx.price(cx.store.no, &item.price, false)?,
                    Some(Entry::Live(price)) if Counting::of(price.terms.kind).is_some()
                );
            if metered {
                found.push((record.state.id.clone(), item.id.clone()));
            }
        }
    }
    let (customer, feature) = (customer.as_str(), feature.as_str());
    match found.len() {
        1 => Ok(found.remove(0)),
        0 => {
            let message = format!("customer {customer} subscribes to nothing that counts feature {feature}");
            Err(Error::new(Code::ItemNotFound, message).with_param("featureId"))
        }
        _ => {
            let items: Vec<&str> = found.iter().map(|(_, item)| item.as_str()).collect();
            let message = format!(
                "featureId {feature} is counted by several items of {customer}: give subscriptionItemId instead"
            );
            Err(Error::new(Code::ParameterInvalid, message)
                .with_param("featureId")
                .with_detail("subscriptionItemIds", items))
        }
    }
}

/// `usages.list`.
pub fn list(cx: &Context<'_>, tx: &mut dyn Tx, params: &UsageListParams) -> Result<String> {
    let item = &params.subscription_item_id;
    let query = format!("usages.list {}", item.as_str());
    let after: Option<Position> = params
        .cursor
        .as_ref()
        .map(|cursor| page::open(cx.store, &query, &cursor.0))
        .transpose()?;
    of_item(cx, tx, item)?;
    let paging = Paging {
        after,
        limit: params.limit.0 + 1,
    };
    let rows = tx.list_usage(cx.store.no, item, &paging)?;
    let cursor = |last: &UsageEntry| {
        let position = Position::Time(last.created_at.micros(), last.id.as_str().to_owned());
        page::seal(cx.store, &query, &position)
    };
    to_json(&Page::new(rows, params.limit.0, None, cursor, Usage::from)?)
}
