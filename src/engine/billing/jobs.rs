//! Doing what falls due, one object at a time.

use super::{
    carry::{carry_out, schedule},
    desk::Desk,
    orders::PAYMENT_JOB,
    refunds::ORDER_JOB,
    scene::Scene,
    till::impossible,
    work::Work,
};
use crate::{
    domain::{
        checkout::SessionStatus,
        id::{CheckoutSessionId, OrderId, PaymentId, SubscriptionId},
        order::OrderStatus,
    },
    engine::{
        port::{Entry, Job, SubscriptionRecord, Tx},
        retention::{self, RETENTION_JOB},
    },
    error::{Error, Result},
};

/// The kind of jobs about checkout sessions.
pub(in crate::engine) const SESSION_JOB: &str = "checkout_session";

/// Most things that one subscription does in one go.
pub(in crate::engine) const MOST_STEPS: usize = 64;

/// Does what a job says is due. It may be no more: whoever came first has set
/// or removed the job then.
///
/// # Errors
///
/// What the database has to say, and what the domain holds impossible.
pub(in crate::engine) fn run_job(desk: &mut Desk<'_>, tx: &mut dyn Tx, job: &Job) -> Result<Vec<Work>> {
    desk.by_clock(tx, job.clock.as_ref())?;
    match job.kind.as_str() {
        super::carry::SUBSCRIPTION_JOB => subscription(desk, tx, &SubscriptionId::trusted(&job.subject)),
        PAYMENT_JOB => payment(desk, tx, &PaymentId::trusted(&job.subject)),
        ORDER_JOB => order(desk, tx, &OrderId::trusted(&job.subject)),
        SESSION_JOB => {
            let id = CheckoutSessionId::trusted(&job.subject);
            desk.complete_session(tx, &id, SessionStatus::Expired)?;
            Ok(Vec::new())
        }
        RETENTION_JOB => retention::run(&desk.cx, tx).map(|()| Vec::new()),
        // A newer version of the package works on this database, too.
        _ => Ok(Vec::new()),
    }
}

fn subscription(desk: &mut Desk<'_>, tx: &mut dyn Tx, id: &SubscriptionId) -> Result<Vec<Work>> {
    let store = desk.cx.store.no;
    let Some(record) = tx.subscription(store, id, true)? else {
        return tx.remove_job(store, id.as_str()).map(|()| Vec::new());
    };
    let (record, work) = catch_up(desk, tx, record)?;
    if work.is_empty() {
        schedule(desk, tx, &record)?;
    }
    Ok(work)
}

/// Does what is due of a subscription whose row is locked, until a gateway has
/// to be asked or nothing is left: the subscription as it is then, and what to
/// ask.
///
/// # Errors
///
/// What the database has to say, and what the domain holds impossible.
pub(in crate::engine) fn catch_up(
    desk: &mut Desk<'_>,
    tx: &mut dyn Tx,
    mut record: SubscriptionRecord,
) -> Result<(SubscriptionRecord, Vec<Work>)> {
    for _ in 0..MOST_STEPS {
        let scene = Scene::of(desk, tx, &record)?;
        let cx = desk.cx.clone();
        let mut ids = || cx.uuid();
        let decided = record.state.tick(&scene.world(desk, &[]), &mut ids);
        let decision = match decided {
            Ok(Some(decision)) => decision,
            Ok(None) => break,
            Err(refusal) => return Err(impossible(&record, refusal)),
        };
        let carried = carry_out(desk, tx, &record, decision)?;
        record = carried.record;
        if !carried.work.is_empty() {
            return Ok((record, carried.work));
        }
    }
    Ok((record, Vec::new()))
}

/// Looks a payment up: its outcome is not known, or its gateway cannot tell us
/// by itself what happened to it.
fn payment(desk: &mut Desk<'_>, tx: &mut dyn Tx, id: &PaymentId) -> Result<Vec<Work>> {
    let store = desk.cx.store.no;
    let gone = |tx: &mut dyn Tx| tx.remove_job(store, id.as_str()).map(|()| Vec::new());
    let Some(payment) = tx.payment(store, id, true)? else {
        return gone(tx);
    };
    let Some(method) = &payment.method else { return gone(tx) };
    let order = tx
        .order(store, &payment.order, false)?
        .ok_or_else(|| Error::internal(format!("order {} of a payment is missing", payment.order.as_str())))?;
    let Some(Entry::Live(method)) = tx.payment_method(store, method, false)? else {
        return gone(tx);
    };
    // Until it is answered nobody else asks.
    desk.look_up_later(tx, &payment, super::orders::LOOK_UP_AFTER)?;
    Ok(vec![Work::LookUp(desk.attempt_of(&payment, &order, &method))])
}

fn order(desk: &mut Desk<'_>, tx: &mut dyn Tx, id: &OrderId) -> Result<Vec<Work>> {
    let store = desk.cx.store.no;
    let Some(before) = tx.order(store, id, true)? else {
        return tx.remove_job(store, id.as_str()).map(|()| Vec::new());
    };
    let refunds = desk.open_refunds(tx, &before)?;
    if !refunds.is_empty() {
        desk.put_job(
            tx,
            id.as_str(),
            ORDER_JOB,
            crate::domain::instant::Instant::from_micros(desk.now().micros() + super::orders::LOOK_UP_AFTER),
            before.clock.as_ref(),
        )?;
        return Ok(refunds);
    }
    if before.charging {
        return tx.remove_job(store, id.as_str()).map(|()| Vec::new());
    }
    if before.status == OrderStatus::Open && before.deadline.is_some_and(|end| end <= desk.now()) {
        desk.close_order(tx, id, OrderStatus::Expired, "order.updated", None)?;
        return Ok(Vec::new());
    }
    if before.held_until.is_some_and(|end| end <= desk.now()) {
        let mut after = before.clone();
        desk.release(tx, &mut after)?;
        let after = desk.save_order(tx, &before, after, &[])?;
        desk.schedule_order(tx, &after)?;
        return Ok(Vec::new());
    }
    desk.schedule_order(tx, &before)?;
    Ok(Vec::new())
}
