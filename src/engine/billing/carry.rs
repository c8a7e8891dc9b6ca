//! Carrying out what the domain decided about a subscription.

use super::{desk::Desk, orders::move_items, work::Work};
use crate::{
    domain::{
        Problem,
        id::OrderId,
        money::Money,
        order::{Order, OrderStatus},
        order_item::ItemState,
        subscription::{Charge, Decision, News, Refusal},
    },
    engine::{
        changed_members,
        port::{SubscriptionRecord, Tx},
        to_json,
    },
    error::{Code, Error, Result},
    ops::subscription as ops,
};

/// The kind of jobs about subscriptions.
pub(in crate::engine) const SUBSCRIPTION_JOB: &str = "subscription";

/// What carrying out a decision came to.
pub(in crate::engine) struct Carried {
    /// The subscription as it is now.
    pub(in crate::engine) record: SubscriptionRecord,
    /// The order that was made.
    pub(in crate::engine) order: Option<Order>,
    /// What has to be asked of a gateway.
    pub(in crate::engine) work: Vec<Work>,
}

/// Carries out a decision about a subscription whose row is locked.
///
/// # Errors
///
/// What the database has to say.
pub(in crate::engine) fn carry_out(
    desk: &Desk<'_>,
    tx: &mut dyn Tx,
    before: &SubscriptionRecord,
    decision: Decision,
) -> Result<Carried> {
    let Decision {
        after,
        charge,
        retry,
        close,
        refund,
        usage,
        news,
    } = decision;
    let mut record = SubscriptionRecord {
        state: after,
        ..before.clone()
    };
    let mut work = Vec::new();
    if let Some(order) = close {
        desk.close_order(tx, &order, OrderStatus::Canceled, "order.canceled", None)?;
    }
    let order = charge
        .map(|charge| open(desk, tx, &mut record, charge, &mut work))
        .transpose()?;
    if let Some(order) = retry {
        again(desk, tx, &mut record, &order, &mut work)?;
    }
    if refund > 0 {
        let amount = Money::new(refund, record.state.currency);
        work.append(&mut desk.refund_subscription(tx, &record, amount)?);
    }
    let record = save_subscription(desk, tx, before, record, &news)?;
    if let Some(usage) = usage {
        desk.count_usage(tx, &record, usage)?;
    }
    desk.count_seats(tx, Some(&before.state), &record)?;
    Ok(Carried { record, order, work })
}

/// Makes the order of a charge; what is due of it is attempted where the
/// subscription waits for it.
fn open(
    desk: &Desk<'_>,
    tx: &mut dyn Tx,
    record: &mut SubscriptionRecord,
    charge: Charge,
    work: &mut Vec<Work>,
) -> Result<Order> {
    let Charge {
        order,
        kind,
        bill,
        balance,
        due,
    } = charge;
    let mut made = desk.new_order(tx, order, kind, &record.customer, record.state.currency)?;
    made.subscription = Some(record.state.id.clone());
    made.clock = record.clock.clone();
    made.method = record.state.method.clone();
    desk.write_bill(&mut made, bill);
    made.balance = balance;
    let change = Money::new(balance, made.currency);
    let reason = if balance < 0 { "spent" } else { "credit" };
    desk.change_balance(tx, &record.customer, change, reason, Some(&made.id))?;
    if due == 0 {
        made.status = OrderStatus::Paid;
        made.paid_at = Some(desk.now());
        move_items(&mut made, ItemState::Paid);
        desk.insert_order(tx, &made, &["order.paid"])?;
    } else {
        if record.state.charging {
            attempt(desk, tx, record, &mut made, work)?;
        }
        desk.insert_order(tx, &made, &[])?;
    }
    Ok(made)
}

/// Charges an order that is open already.
fn again(
    desk: &Desk<'_>,
    tx: &mut dyn Tx,
    record: &mut SubscriptionRecord,
    id: &OrderId,
    work: &mut Vec<Work>,
) -> Result<()> {
    let Some(mut order) = tx.order(desk.cx.store.no, id, true)? else {
        return Err(Error::internal(format!(
            "order {} of a subscription is missing",
            id.as_str()
        )));
    };
    attempt(desk, tx, record, &mut order, work)?;
    tx.update_order(desk.cx.store.no, &order)
}

fn attempt(
    desk: &Desk<'_>,
    tx: &mut dyn Tx,
    record: &mut SubscriptionRecord,
    order: &mut Order,
    work: &mut Vec<Work>,
) -> Result<()> {
    let Some(method) = &record.state.method else {
        // Nothing can be charged: whoever brings a method starts it again.
        record.state.charging = false;
        return Ok(());
    };
    let method = desk.method(tx, &record.customer, method)?;
    work.push(Work::Charge(desk.attempt(tx, order, &method)?));
    Ok(())
}

/// Saves a subscription with its job and its events. That it is being charged
/// is no change of its own: the order tells.
///
/// # Errors
///
/// What the database has to say.
pub(in crate::engine) fn save_subscription(
    desk: &Desk<'_>,
    tx: &mut dyn Tx,
    before: &SubscriptionRecord,
    mut after: SubscriptionRecord,
    news: &[News],
) -> Result<SubscriptionRecord> {
    let store = desk.cx.store.no;
    if !news.is_empty() {
        after.version += 1;
        after.updated_at = desk.now();
    }
    if *before != after {
        tx.update_subscription(store, before, &after)?;
    }
    schedule(desk, tx, &after)?;
    if news.is_empty() {
        return Ok(after);
    }
    let json = to_json(&ops::Subscription::from(after.clone()))?;
    let was = to_json(&ops::Subscription::from(before.clone()))?;
    let changed = changed_members(&was, &json)?;
    for news in news {
        let changed = changed.as_deref().or(Some("{}"));
        desk.cx.event(
            tx,
            news.event(),
            after.state.id.as_str(),
            after.version,
            Some(&json),
            changed,
        )?;
    }
    Ok(after)
}

/// Sets the job of what falls due next.
pub(in crate::engine) fn schedule(desk: &Desk<'_>, tx: &mut dyn Tx, record: &SubscriptionRecord) -> Result<()> {
    let id = record.state.id.as_str();
    match record.state.next_due(&desk.store.settings).map_err(wrong)? {
        Some((at, _)) => desk.put_job(tx, id, SUBSCRIPTION_JOB, at, record.clock.as_ref()),
        None => tx.remove_job(desk.cx.store.no, id),
    }
}

fn wrong(problem: Problem) -> Error {
    Error::problem("", problem)
}

/// A refusal as callers are told.
pub(in crate::engine) fn refused(record: &SubscriptionRecord, refusal: Refusal) -> Error {
    let id = record.state.id.as_str();
    let phase = record.state.phase.name();
    match refusal {
        Refusal::Ended => Error::new(
            Code::SubscriptionEnded,
            format!("subscription {id} is {phase}, and what has ended never comes back: start a new one with commerce.checkout()"),
        ),
        Refusal::Charging => Error::new(
            Code::PaymentInProgress,
            format!("a payment of subscription {id} is being made: try again when it is settled"),
        ),
        Refusal::State(why) => Error::new(Code::SubscriptionState, format!("subscription {id} is {phase}: {why}")),
        Refusal::Problem(problem) => return Error::problem("", problem),
    }
    .with_param("subscriptionId")
    .with_detail("status", phase)
}
