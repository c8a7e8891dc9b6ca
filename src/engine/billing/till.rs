//! What comes of payments. A gateway's answer, a look-up and an event that it
//! sends all say something of one payment; whatever comes first counts, and
//! whatever comes twice changes nothing.

use super::{
    carry::{carry_out, refused},
    desk::Desk,
    orders::{PAYMENT_JOB, move_items},
    work::{Said, Work},
};
use crate::{
    domain::{
        id::PaymentId,
        instant::Instant,
        order::{Order, OrderStatus},
        order_item::ItemState,
        payment::{Decline, Payment, PaymentStatus, Word},
        sandbox::GatewayEventKind,
    },
    engine::{
        changed_members,
        gateway::{ChargeOutcome, ChargeResult},
        port::{SubscriptionRecord, Tx},
        to_json,
    },
    error::{Error, Result},
    ops::payment as ops,
};

/// The first and the longest pause between two look-ups, in microseconds.
const PAUSES: (i64, i64) = (60_000_000, 3_600_000_000);

/// How often the name of a paid payment is asked for.
const MOST_LOOK_UPS: u32 = 16;

/// Who waits for what comes of a payment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::engine) enum How {
    /// Somebody who is told at once, and may try again: what could surely not
    /// be sent is given up.
    Asked,
    /// Nobody: it is looked up until it is settled.
    Alone,
}

/// What a payment is about, in the order in which rows are locked.
struct Matter {
    subscription: Option<SubscriptionRecord>,
    order: Order,
    payment: Payment,
}

/// Records what a gateway said of a payment, with all that follows.
///
/// # Errors
///
/// What the database has to say.
pub(in crate::engine) fn record(desk: &mut Desk<'_>, tx: &mut dyn Tx, said: &Said, how: How) -> Result<Vec<Work>> {
    let (id, outcome) = match said {
        Said::Refund(order, key, outcome) => return desk.refund_answered(tx, order, key, outcome),
        Said::Charge(id, outcome) => (id, Some(outcome)),
        Said::Nothing(id) => (id, None),
    };
    let matter = matter(desk, tx, id)?;
    let words = match outcome {
        Some(outcome) => words(outcome, matter.payment.amount, desk.now()),
        // Surely nothing was charged, and somebody waits: it is over.
        None if how == How::Asked && !matter.payment.facts.lost && !matter.payment.facts.waiting => {
            let decline = Decline {
                code: "gateway_unavailable".to_owned(),
                gateway_code: None,
                hard: false,
            };
            vec![(Word::Declined(decline), desk.now())]
        }
        None => Vec::new(),
    };
    let unsent = outcome.is_none();
    let next = outcome.and_then(|outcome| next_event(outcome, desk.now()));
    heard(desk, tx, matter, words, next, unsent)
}

/// Records words that a gateway sends by itself.
///
/// # Errors
///
/// As [`record`].
pub(in crate::engine) fn event(
    desk: &mut Desk<'_>,
    tx: &mut dyn Tx,
    id: &PaymentId,
    word: Word,
    at: Instant,
) -> Result<Vec<Work>> {
    let matter = matter(desk, tx, id)?;
    heard(desk, tx, matter, vec![(word, at)], None, false)
}

fn matter(desk: &mut Desk<'_>, tx: &mut dyn Tx, id: &PaymentId) -> Result<Matter> {
    let store = desk.cx.store.no;
    let missing = |what: &str| Error::internal(format!("the {what} of payment {} is missing", id.as_str()));
    let payment = tx.payment(store, id, false)?.ok_or_else(|| missing("row"))?;
    desk.by_clock(tx, payment.clock.as_ref())?;
    let subscription = match &payment.subscription {
        Some(subscription) => Some(
            tx.subscription(store, subscription, true)?
                .ok_or_else(|| missing("subscription"))?,
        ),
        None => None,
    };
    let order = tx.order(store, &payment.order, true)?.ok_or_else(|| missing("order"))?;
    let payment = tx.payment(store, id, true)?.ok_or_else(|| missing("row"))?;
    Ok(Matter {
        subscription,
        order,
        payment,
    })
}

/// What an outcome says, and of when.
fn words(outcome: &ChargeOutcome, amount: i64, now: Instant) -> Vec<(Word, Instant)> {
    let first = match &outcome.result {
        ChargeResult::Approved { reference, at } => (
            Word::Settled {
                reference: Some(reference.clone()),
            },
            *at,
        ),
        ChargeResult::Declined(decline) => (
            Word::Declined(Decline {
                code: decline.code.name().to_owned(),
                gateway_code: Some(decline.gateway_code.clone()),
                hard: decline.hard,
            }),
            now,
        ),
        ChargeResult::NeedsAuthentication => (
            Word::Declined(Decline {
                code: "authentication_required".to_owned(),
                gateway_code: None,
                hard: true,
            }),
            now,
        ),
        ChargeResult::Pending { reference } => (
            Word::Waiting {
                reference: Some(reference.clone()),
            },
            now,
        ),
        ChargeResult::Unknown | ChargeResult::Unavailable => (Word::Lost, now),
    };
    let past = outcome.later.iter().filter(|(at, _)| *at <= now);
    std::iter::once(first)
        .chain(past.map(|(at, kind)| (word_of(*kind, amount), *at)))
        .collect()
}

/// What an event of a payment of an amount says.
pub(in crate::engine) fn word_of(kind: GatewayEventKind, amount: i64) -> Word {
    match kind {
        GatewayEventKind::Settled => Word::Settled { reference: None },
        GatewayEventKind::Failed => Word::Declined(Decline {
            code: "generic".to_owned(),
            gateway_code: None,
            hard: false,
        }),
        GatewayEventKind::Disputed => Word::Disputed,
        GatewayEventKind::DisputeWon => Word::DisputeWon,
        GatewayEventKind::Refunded => Word::RefundedInAll(amount),
    }
}

/// When a gateway that cannot call us has something new to tell.
fn next_event(outcome: &ChargeOutcome, now: Instant) -> Option<Instant> {
    outcome.later.iter().map(|(at, _)| *at).filter(|at| *at > now).min()
}

/// Adds what was said to what is known; what is decided by it follows.
fn heard(
    desk: &mut Desk<'_>,
    tx: &mut dyn Tx,
    matter: Matter,
    words: Vec<(Word, Instant)>,
    next: Option<Instant>,
    unsent: bool,
) -> Result<Vec<Work>> {
    let store = desk.cx.store.no;
    let Matter {
        subscription,
        order,
        payment: before,
    } = matter;
    let mut after = before.clone();
    for (word, at) in words {
        after.facts.add(word, at);
    }
    let (was, is) = (before.status(), after.status());
    if after.facts.is_decided() {
        match next {
            Some(at) => desk.put_job(tx, after.id.as_str(), PAYMENT_JOB, at, after.clock.as_ref())?,
            // An event says that it is paid, and not under which name: only
            // with that can money be given back.
            None if is_nameless(&after) => {
                after.look_ups = after.look_ups.saturating_add(1);
                desk.look_up_later(tx, &after, PAUSES.0)?;
            }
            None => tx.remove_job(store, after.id.as_str())?,
        }
    } else {
        after.look_ups = after.look_ups.saturating_add(1);
        let pause = PAUSES.0.saturating_mul(1 << before.look_ups.min(10)).min(PAUSES.1);
        let at = Instant::from_micros(desk.now().micros().saturating_add(pause));
        let at = next.map_or(at, |next| next.min(at));
        desk.put_job(tx, after.id.as_str(), PAYMENT_JOB, at, after.clock.as_ref())?;
    }
    if before.facts != after.facts {
        save_payment(desk, tx, &before, &mut after, was, is)?;
    } else if before.look_ups != after.look_ups {
        tx.update_payment(store, &after)?;
    }
    match (before.facts.is_settled(), after.facts.is_settled()) {
        (false, true) => {
            let mut work = settled(desk, tx, subscription, order, &after)?;
            // What became of the money later may have been heard of first.
            if is != PaymentStatus::Succeeded
                && let Some(order) = tx.order(store, &after.order, true)?
            {
                work.append(&mut disputes(desk, tx, order, &after, PaymentStatus::Succeeded, is)?);
            }
            Ok(work)
        }
        (true, true) if was != is => disputes(desk, tx, order, &after, was, is),
        _ if !before.facts.is_decided() && after.facts.is_decided() => {
            let hard = after.facts.declined.as_ref().is_some_and(|decline| decline.hard);
            declined(desk, tx, subscription, order, &after, hard, unsent)
        }
        _ => Ok(Vec::new()),
    }
}

/// Whether the gateway's own name for a paid payment is still to be asked for.
fn is_nameless(payment: &Payment) -> bool {
    payment.facts.is_settled()
        && payment.facts.reference.is_none()
        && payment.method.is_some()
        && payment.look_ups < MOST_LOOK_UPS
}

fn save_payment(
    desk: &Desk<'_>,
    tx: &mut dyn Tx,
    before: &Payment,
    after: &mut Payment,
    was: PaymentStatus,
    is: PaymentStatus,
) -> Result<()> {
    after.version += 1;
    after.updated_at = desk.now();
    tx.update_payment(desk.cx.store.no, after)?;
    let event = match is {
        _ if was == is => return Ok(()),
        PaymentStatus::Succeeded => "payment.succeeded",
        PaymentStatus::Failed => "payment.failed",
        PaymentStatus::Refunded | PaymentStatus::PartiallyRefunded => "payment.refunded",
        PaymentStatus::Unknown => "payment.unknown",
        PaymentStatus::Disputed => "payment.disputed",
        PaymentStatus::Pending => return Ok(()),
    };
    let json = to_json(&ops::Payment::from(after.clone()))?;
    let changed = changed_members(&to_json(&ops::Payment::from(before.clone()))?, &json)?;
    desk.cx.event(
        tx,
        event,
        after.id.as_str(),
        after.version,
        Some(&json),
        changed.as_deref(),
    )
}

/// The money is there.
fn settled(
    desk: &mut Desk<'_>,
    tx: &mut dyn Tx,
    subscription: Option<SubscriptionRecord>,
    order: Order,
    payment: &Payment,
) -> Result<Vec<Work>> {
    if order.status != OrderStatus::Open || order.payment.as_ref() != Some(&payment.id) {
        // Somebody paid what was paid or closed before: the money is theirs.
        let back = crate::domain::money::Money::new(payment.amount, payment.currency);
        desk.change_balance(tx, &payment.customer, back, "paid_twice", Some(&order.id))?;
        return Ok(Vec::new());
    }
    desk.order_paid(tx, order.clone(), payment.facts.settled_at.unwrap_or(desk.now()))?;
    let Some(record) = subscription else {
        return Ok(Vec::new());
    };
    if !record.state.waits_for(&order.id) {
        return Ok(Vec::new());
    }
    let decision = record
        .state
        .clone()
        .paid(desk.now(), &desk.store.settings)
        .map_err(|problem| Error::problem("", problem))?;
    Ok(carry_out(desk, tx, &record, decision)?.work)
}

/// The money will not come.
fn declined(
    desk: &mut Desk<'_>,
    tx: &mut dyn Tx,
    subscription: Option<SubscriptionRecord>,
    order: Order,
    payment: &Payment,
    hard: bool,
    unsent: bool,
) -> Result<Vec<Work>> {
    if order.status != OrderStatus::Open || order.payment.as_ref() != Some(&payment.id) {
        return Ok(Vec::new());
    }
    let mut after = order.clone();
    after.charging = false;
    let waits = subscription.filter(|record| record.state.waits_for(&order.id));
    let Some(record) = waits else {
        // Whoever pays may try again until the deadline; what the balance gave
        // is taken anew then.
        desk.give_balance_back(tx, &mut after)?;
        move_items(&mut after, ItemState::PaymentFailure);
        let after = desk.save_order(tx, &order, after, &["order.updated"])?;
        desk.schedule_order(tx, &after)?;
        return Ok(Vec::new());
    };
    desk.save_order(tx, &order, after, &[])?;
    let state = record.state.clone();
    let decision = match unsent {
        // Only a decline moves the phase.
        true => state.given_up(),
        false => state.declined(desk.now(), hard, &desk.store.settings),
    };
    let decision = decision.map_err(|problem| Error::problem("", problem))?;
    Ok(carry_out(desk, tx, &record, decision)?.work)
}

/// A payment that was settled is disputed, or is no more, or was given back.
fn disputes(
    desk: &mut Desk<'_>,
    tx: &mut dyn Tx,
    order: Order,
    payment: &Payment,
    was: PaymentStatus,
    is: PaymentStatus,
) -> Result<Vec<Work>> {
    if matches!(is, PaymentStatus::Refunded | PaymentStatus::PartiallyRefunded) {
        return desk.refunded_outside(tx, order, payment);
    }
    let mut after = order.clone();
    let event = match (was, is) {
        (_, PaymentStatus::Disputed) if order.status == OrderStatus::Paid => {
            after.status = OrderStatus::Open;
            after.paid_at = None;
            "order.updated"
        }
        (PaymentStatus::Disputed, PaymentStatus::Succeeded) if order.status == OrderStatus::Open => {
            after.status = OrderStatus::Paid;
            after.paid_at = Some(desk.now());
            "order.paid"
        }
        _ => return Ok(Vec::new()),
    };
    desk.save_order(tx, &order, after, &[event])?;
    Ok(Vec::new())
}

/// What the domain refuses of a subscription that the engine itself asks for.
pub(in crate::engine) fn impossible(
    record: &SubscriptionRecord,
    refusal: crate::domain::subscription::Refusal,
) -> Error {
    let told = refused(record, refusal);
    Error::internal(format!("a subscription could not go on: {}", told.message()))
}
