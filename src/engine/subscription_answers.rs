//! Subscriptions as answers.

use super::{billing_rows::SubscriptionRecord, lines};
use crate::{
    domain::{
        calendar::add,
        currency::Currency,
        id::SubscriptionItemId,
        instant::Instant,
        pricing::bill::Bill,
        subscription::{self as domain, Edit, NewItem, PauseLater, Phase, Until},
        words::Locale,
    },
    error::Result,
    ops::{
        answer::{MetadataJson, SubscriptionPreviewWord, SubscriptionWord},
        catalog::UnitWord,
        subscription::{
            NextCharge, PendingChange, PendingItem, Subscription, SubscriptionDiscount, SubscriptionItem,
            SubscriptionPreview,
        },
    },
};

impl From<SubscriptionRecord> for Subscription {
    fn from(record: SubscriptionRecord) -> Self {
        let state = record.state;
        let period = state.cycle.map(|cycle| cycle.period);
        let begun = state.early.map(|early| early.period).or(period);
        let interval = state.cadence.interval;
        Self {
            next_charge_at: next_charge_at(&state),
            resume_at: resume_at(&state),
            pending_change: pending_change(&state),
            id: state.id,
            object: SubscriptionWord("subscription"),
            customer_id: record.customer,
            status: state.phase,
            charging: state.charging,
            items: state.items.into_iter().map(SubscriptionItem::from).collect(),
            currency: state.currency,
            interval: UnitWord(interval.unit().name()),
            interval_count: interval.count().into(),
            started_at: state.started_at,
            current_period_start: begun.map(|period| period.start()),
            current_period_end: period.map(|period| period.end()),
            trial_start: state.trial.map(|trial| trial.start()),
            trial_end: state.trial.map(|trial| trial.end()),
            cancel_at: state.cancel.map(|cancel| cancel.at),
            pause_at: state.pause_later.map(|pause| pause.at),
            expire_at: state.expires_at,
            paused_at: state.pause.map(|pause| pause.since),
            canceled_at: state.ended_at.filter(|_| state.phase == Phase::Canceled),
            ended_at: state.ended_at,
            discounts: state
                .promotions
                .into_iter()
                .map(|promotion| SubscriptionDiscount {
                    coupon_id: promotion.coupon,
                    code: promotion.code,
                    redeemed_at: promotion.redeemed_at,
                })
                .collect(),
            payment_method_id: state.method,
            order_id: record.order,
            open_order_id: state.open.map(|open| open.order),
            payments_count: state.payments.into(),
            last_payment_at: state.paid_at,
            origin_next_payment_at: state.moved_from,
            test_clock: record.clock,
            metadata: MetadataJson(record.metadata),
            version: record.version,
            created_at: record.created_at,
            updated_at: record.updated_at,
        }
    }
}

impl From<domain::Item> for SubscriptionItem {
    fn from(item: domain::Item) -> Self {
        Self {
            id: item.id,
            price_id: item.price,
            product_id: item.product,
            quantity: item.quantity,
            option_ids: item.options,
            parent_item_id: item.parent,
        }
    }
}

/// When a period is charged next: at the running one's end, unless it is over
/// by then. What is paid at the end of its periods is charged a last time when
/// it is over.
fn next_charge_at(state: &domain::Subscription) -> Option<Instant> {
    if !matches!(state.phase, Phase::Trialing | Phase::Active) {
        return None;
    }
    let end = state.cycle?.period.end();
    let paid_up = state.most_periods.is_some_and(|most| state.periods >= most);
    let stops = [
        state.cancel.map(|cancel| cancel.at),
        state.expires_at,
        paid_up.then_some(end),
    ];
    let stop = stops.into_iter().flatten().min().filter(|stop| *stop <= end);
    let pauses = state.pause_later.is_some_and(|pause| pause.at <= end);
    match stop {
        // Nothing was used in a trial.
        Some(_) if !state.arrears || state.phase == Phase::Trialing => None,
        Some(stop) => Some(stop),
        None if pauses => None,
        None => Some(end),
    }
}

/// When a pause that goes on, or is going to begin, ends by itself.
fn resume_at(state: &domain::Subscription) -> Option<Instant> {
    if let Some(pause) = state.pause {
        return pause.until;
    }
    let PauseLater { at, until } = state.pause_later?;
    match until? {
        Until::At(resume) => Some(resume),
        // A pause that ends after the calendar does is resumed by hand.
        Until::After(interval) => add(at, interval, state.zone).ok(),
    }
}

fn pending_change(state: &domain::Subscription) -> Option<PendingChange> {
    let pending = state.pending.as_ref()?;
    let mut items: Vec<PendingItem> = state
        .top_items()
        .map(|item| PendingItem {
            id: Some(item.id.clone()),
            price_id: item.price.clone(),
            quantity: item.quantity,
            option_ids: item.options.clone(),
        })
        .collect();
    for edit in &pending.edits {
        match edit {
            Edit::Replace { item, by } => {
                let there = items.iter_mut().find(|pending| pending.id.as_ref() == Some(item));
                if let Some(there) = there {
                    *there = pending_item(there.id.clone(), by);
                }
            }
            Edit::Add(new) => items.push(pending_item(None, new)),
            Edit::Remove(item) => items.retain(|pending| pending.id.as_ref() != Some(item)),
        }
    }
    Some(PendingChange {
        at: pending.at,
        items,
        interval: pending.interval.map(|interval| UnitWord(interval.unit().name())),
        interval_count: pending.interval.map(|interval| interval.count().into()),
    })
}

fn pending_item(id: Option<SubscriptionItemId>, new: &NewItem) -> PendingItem {
    PendingItem {
        id,
        price_id: new.price.clone(),
        quantity: new.quantity,
        option_ids: new.options.clone(),
    }
}

/// What a change would cost at an instant (nothing where there is no bill), and
/// what would be charged next, with reasons in words.
pub fn subscription_preview(
    due: Option<&Bill>,
    currency: Currency,
    effective_at: Instant,
    next: Option<&Bill>,
    locale: Locale,
) -> Result<SubscriptionPreview> {
    Ok(SubscriptionPreview {
        object: SubscriptionPreviewWord("subscription_preview"),
        lines: lines::lines(due.map_or(&[], |bill| &bill.lines), currency, locale)?,
        total: due.map_or(0, |bill| bill.total),
        currency,
        effective_at,
        next_charge: next.map(|bill| NextCharge {
            at: bill.at,
            total: bill.total,
            currency,
        }),
    })
}

#[cfg(test)]
mod tests;
