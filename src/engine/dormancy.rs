//! Customers who neither order nor log in: a notice first, then they are
//! dormant, until they order or log in again ([`crate::domain::dormancy`]).
//!
//! A customer's row says when to look; a look finds out how long the silence
//! is. So an order need not write the row, and a renewal costs nothing here but
//! reading it.

use super::{
    Context,
    billing::Desk,
    customers,
    port::{Found, OrderFilter, Paging, Tx},
    settings::StoreSettings,
    to_json,
};
use crate::{
    domain::{
        customer::{Customer, Status},
        dormancy::{Rules, Silence, Step},
        id::CustomerId,
        instant::Instant,
        subscription::Phase,
    },
    error::Result,
    ops::customer as ops,
};

/// How many of a customer's newest orders are looked at for the last payment.
const NEWEST_ORDERS: usize = 20;

fn rules(store: &StoreSettings) -> Rules {
    Rules::of(&store.settings, store.zone)
}

/// When to look at a customer who was heard of just now, unless that is to
/// happen earlier anyway.
pub(super) fn look_again(store: &StoreSettings, customer: &mut Customer, now: Instant) {
    let first = rules(store).first(now);
    if customer
        .dormancy_at
        .is_none_or(|at| first.is_some_and(|first| first < at))
    {
        customer.dormancy_at = first;
    }
}

/// An order is activity: it counts from now, and whoever is dormant wakes up.
pub(super) fn note_order(desk: &Desk<'_>, tx: &mut dyn Tx, customer: &CustomerId) -> Result<()> {
    let store = desk.cx.store.no;
    // So it is with nearly every renewal, and they are many.
    let first = rules(&desk.store).first(desk.now());
    let look = tx.dormancy_look(store, customer)?;
    if look.is_some_and(|at| first.is_none_or(|first| at <= first)) {
        return Ok(());
    }
    let Some(Found::Live(before)) = tx.customer(store, customer, true)? else {
        return Ok(());
    };
    let mut after = before.clone();
    look_again(&desk.store, &mut after, desk.now());
    if before.status == Status::Normal {
        return match after == before {
            true => Ok(()),
            false => tx.update_customer(store, &before, &after),
        };
    }
    after.wake_up();
    customers::save(&desk.cx, tx, "customer.updated", *before, *after, false).map(drop)
}

/// Does what is due of a customer, and sets when to look again.
///
/// # Errors
///
/// What the database has to say.
pub(super) fn run(desk: &mut Desk<'_>, tx: &mut dyn Tx, id: &CustomerId) -> Result<()> {
    let store = desk.cx.store.no;
    let Some(Found::Live(before)) = tx.customer(store, id, true)? else {
        return Ok(());
    };
    desk.by_clock(tx, before.clock.as_ref())?;
    let now = desk.now();
    if before.dormancy_at.is_none_or(|at| at > now) {
        // Somebody else has looked, or the customer was heard of.
        return Ok(());
    }
    let mut customer = *before;
    let since = last_heard_of(&desk.cx, tx, &customer)?;
    let subscribed = is_subscribed(&desk.cx, tx, id)?;
    loop {
        let silence = Silence {
            since,
            noticed_at: customer.dormancy_noticed_at,
            dormant: customer.status == Status::Dormant,
            subscribed,
        };
        let look = rules(&desk.store).look(&silence, now);
        let mut after = customer.clone();
        match look.step {
            None => {
                after.dormancy_at = look.again;
                return tx.update_customer(store, &customer, &after);
            }
            Some(Step::Notice) => {
                after.dormancy_noticed_at = Some(now);
                tx.update_customer(store, &customer, &after)?;
                let json = to_json(&ops::Customer::from(after.clone()))?;
                let kind = "customer.dormancy_notice";
                desk.cx.event(tx, kind, id.as_str(), after.version, Some(&json), None)?;
                customer = after;
            }
            Some(Step::Dormant) => {
                after.status = Status::Dormant;
                after.dormant_at = Some(now);
                after.dormancy_at = None;
                customers::save(&desk.cx, tx, "customer.dormant", customer, after, false)?;
                return Ok(());
            }
        }
    }
}

/// The latest of creation, login and paid order.
fn last_heard_of(cx: &Context<'_>, tx: &mut dyn Tx, customer: &Customer) -> Result<Instant> {
    let filter = OrderFilter {
        customer: Some(customer.id.clone()),
        ..OrderFilter::default()
    };
    let newest = Paging {
        after: None,
        limit: NEWEST_ORDERS,
    };
    let orders = tx.list_orders(cx.store.no, &filter, &newest)?;
    let paid = orders.iter().filter_map(|order| order.paid_at);
    let heard = paid.chain(customer.last_login_at).max();
    Ok(heard.map_or(customer.created_at, |at| at.max(customer.created_at)))
}

/// Whether a subscription keeps a customer from being dormant.
fn is_subscribed(cx: &Context<'_>, tx: &mut dyn Tx, customer: &CustomerId) -> Result<bool> {
    let keeps = |phase| matches!(phase, Phase::Trialing | Phase::Active | Phase::PastDue | Phase::Paused);
    let live = tx.live_subscriptions(cx.store.no, customer)?;
    Ok(live.iter().any(|record| keeps(record.state.phase)))
}
