//! Money that goes back.

use super::{
    desk::Desk,
    work::{GiveBack, Work},
};
use crate::{
    domain::{
        id::{OrderId, OrderItemId},
        money::Money,
        order::{Order, OrderStatus, Refund},
        order_item::ItemState,
        payment::{Payment, Word},
    },
    engine::{
        gateway::RefundOutcome,
        port::{OrderFilter, Paging, SubscriptionRecord, Tx},
    },
    error::{Code, Error, Result},
};

/// The kind of jobs about orders.
pub(in crate::engine) const ORDER_JOB: &str = "order";
/// How long after it was asked for a refund is asked for again, in microseconds.
const AGAIN_AFTER: i64 = 150_000_000;
/// Most orders of a subscription that a refund is taken from.
const MOST_ORDERS: usize = 12;

impl Desk<'_> {
    /// Asks for money of a paid order back: writes it down, and says what to
    /// ask of the gateway.
    ///
    /// # Errors
    ///
    /// `amount_above_refundable` when that much is not left.
    pub(in crate::engine) fn refund_order(
        &self,
        tx: &mut dyn Tx,
        order: &mut Order,
        amount: i64,
        item: Option<&OrderItemId>,
        reason: Option<&str>,
    ) -> Result<Work> {
        let left = order.refundable();
        if amount > left {
            return Err(Error::new(
                Code::AmountAboveRefundable,
                format!(
                    "order {} has {left} left to be given back, and {amount} is asked for: ask for less",
                    order.id.as_str()
                ),
            )
            .with_param("amount")
            .with_detail("refundable", left));
        }
        let payment = match &order.payment {
            Some(id) => tx.payment(self.cx.store.no, id, false)?,
            None => None,
        };
        let payment = payment.ok_or_else(|| Error::internal("a paid order has no payment to be given back"))?;
        let Some(reference) = payment.facts.reference.clone() else {
            let message = format!(
                "payment {} is paid, and its gateway has not said yet under which name: try again in a few minutes",
                payment.id.as_str()
            );
            return Err(Error::new(Code::PaymentInProgress, message));
        };
        let payment = payment.id;
        let key = format!("{}-r{}", payment.as_str(), order.refunds.len() + 1);
        order.refunds.push(Refund {
            key: key.clone(),
            payment,
            amount,
            reason: reason.map(str::to_owned),
            item: item.cloned(),
            done: None,
            at: self.now(),
        });
        for one in order.items.iter_mut().filter(|one| item.is_none_or(|id| one.id == *id)) {
            let back = one.state.to(ItemState::CancellationRefunding);
            // What was sent back is refunded as a return.
            if let Ok(next) = back.or_else(|_| one.state.to(ItemState::ReturnRefunding)) {
                one.state = next;
            }
        }
        let due = crate::domain::instant::Instant::from_micros(self.now().micros() + AGAIN_AFTER);
        self.put_job(tx, order.id.as_str(), ORDER_JOB, due, order.clock.as_ref())?;
        Ok(Work::Refund(GiveBack {
            order: order.id.clone(),
            key,
            reference,
            amount: Money::new(amount, order.currency),
            at: self.now(),
        }))
    }

    /// Refunds whose outcome nobody knows, to be asked for again under their keys.
    pub(in crate::engine) fn open_refunds(&self, tx: &mut dyn Tx, order: &Order) -> Result<Vec<Work>> {
        let mut work = Vec::new();
        for refund in order.refunds.iter().filter(|refund| refund.done.is_none()) {
            let payment = tx.payment(self.cx.store.no, &refund.payment, false)?;
            let Some(reference) = payment.and_then(|payment| payment.facts.reference) else {
                continue;
            };
            work.push(Work::Refund(GiveBack {
                order: order.id.clone(),
                key: refund.key.clone(),
                reference,
                amount: Money::new(refund.amount, order.currency),
                at: self.now(),
            }));
        }
        Ok(work)
    }

    /// Gives money of a subscription's latest payments back; what they do not
    /// hold goes to the balance.
    ///
    /// # Errors
    ///
    /// What the database has to say.
    pub(in crate::engine) fn refund_subscription(
        &self,
        tx: &mut dyn Tx,
        record: &SubscriptionRecord,
        amount: Money,
    ) -> Result<Vec<Work>> {
        let filter = OrderFilter {
            subscription: Some(record.state.id.clone()),
            ..OrderFilter::default()
        };
        let paging = Paging {
            after: None,
            limit: MOST_ORDERS,
        };
        let mut left = amount.amount;
        let mut work = Vec::new();
        for order in tx.list_orders(self.cx.store.no, &filter, &paging)? {
            let part = left.min(order.refundable());
            if part <= 0 || order.payment.is_none() {
                continue;
            }
            let before = order.clone();
            let mut after = order;
            match self.refund_order(tx, &mut after, part, None, None) {
                Ok(one) => work.push(one),
                Err(error) if error.code() == Code::PaymentInProgress => continue,
                Err(error) => return Err(error),
            }
            self.save_order(tx, &before, after, &[])?;
            left -= part;
        }
        let rest = Money::new(left, amount.currency);
        self.change_balance(tx, &record.customer, rest, "credit", None)?;
        Ok(work)
    }

    /// Records what came of a refund.
    ///
    /// # Errors
    ///
    /// What the database has to say.
    pub(in crate::engine) fn refund_answered(
        &mut self,
        tx: &mut dyn Tx,
        id: &OrderId,
        key: &str,
        outcome: &RefundOutcome,
    ) -> Result<Vec<Work>> {
        let store = self.cx.store.no;
        let missing = || Error::internal(format!("refunded order {} is missing", id.as_str()));
        let before = tx.order(store, id, true)?.ok_or_else(missing)?;
        self.by_clock(tx, before.clock.as_ref())?;
        let mut after = before.clone();
        let done = match outcome {
            RefundOutcome::Refunded { .. } => true,
            RefundOutcome::Refused { .. } => false,
            // Asked for again by the order's job.
            RefundOutcome::Unknown | RefundOutcome::Unavailable => return Ok(Vec::new()),
        };
        let Some(refund) = after
            .refunds
            .iter_mut()
            .find(|refund| refund.key == key && refund.done.is_none())
        else {
            return Ok(Vec::new());
        };
        refund.done = Some(done);
        let (payment, amount, item) = (refund.payment.clone(), refund.amount, refund.item.clone());
        let open = after.refunds.iter().any(|refund| refund.done.is_none());
        if done {
            after.refunded += amount;
            after.status = match after.refunded >= after.total {
                true => OrderStatus::Refunded,
                false => OrderStatus::PartiallyRefunded,
            };
        }
        share(&mut after, amount, item.as_ref(), done);
        let whole = done && after.status == OrderStatus::Refunded;
        if whole {
            self.give_balance_back(tx, &mut after)?;
        }
        let events: &[&'static str] = if done { &["order.refunded"] } else { &["order.updated"] };
        let after = self.save_order(tx, &before, after, events)?;
        if !open {
            self.schedule_order(tx, &after)?;
        }
        if !done {
            return Ok(Vec::new());
        }
        let in_all: i64 = after
            .refunds
            .iter()
            .filter(|refund| refund.payment == payment && refund.done == Some(true))
            .map(|refund| refund.amount)
            .sum();
        let now = self.now();
        let mut work = super::till::event(self, tx, &payment, Word::RefundedInAll(in_all), now)?;
        if whole {
            work.append(&mut self.undo_made(tx, &after)?);
        }
        Ok(work)
    }

    /// The gateway says that more of a payment was given back than was asked
    /// for here: somebody did it there.
    ///
    /// # Errors
    ///
    /// What the database has to say.
    pub(super) fn refunded_outside(&mut self, tx: &mut dyn Tx, before: Order, payment: &Payment) -> Result<Vec<Work>> {
        let of_payment = before.refunds.iter().filter(|refund| refund.payment == payment.id);
        let asked: i64 = of_payment
            .filter(|refund| refund.done != Some(false))
            .map(|refund| refund.amount)
            .sum();
        let paid = matches!(before.status, OrderStatus::Paid | OrderStatus::PartiallyRefunded);
        let amount = (payment.facts.refunded - asked).min(before.refundable());
        if !paid || amount <= 0 || before.payment.as_ref() != Some(&payment.id) {
            return Ok(Vec::new());
        }
        let mut after = before.clone();
        after.refunds.push(Refund {
            key: format!("{}-o{}", payment.id.as_str(), before.refunds.len() + 1),
            payment: payment.id.clone(),
            amount,
            reason: None,
            item: None,
            done: Some(true),
            at: self.now(),
        });
        after.refunded += amount;
        after.status = match after.refunded >= after.total {
            true => OrderStatus::Refunded,
            false => OrderStatus::PartiallyRefunded,
        };
        super::orders::move_items(&mut after, ItemState::CancellationRefunding);
        share(&mut after, amount, None, true);
        let whole = after.status == OrderStatus::Refunded;
        if whole {
            self.give_balance_back(tx, &mut after)?;
        }
        let after = self.save_order(tx, &before, after, &["order.refunded"])?;
        match whole {
            true => self.undo_made(tx, &after),
            false => Ok(Vec::new()),
        }
    }
}

/// Spreads what was given back over the items that it is for, in order.
fn share(order: &mut Order, amount: i64, item: Option<&OrderItemId>, done: bool) {
    let whole = order.refunded >= order.total;
    let mut left = if done { amount } else { 0 };
    for one in order.items.iter_mut().filter(|one| item.is_none_or(|id| one.id == *id)) {
        if one.state != ItemState::CancellationRefunding && one.state != ItemState::ReturnRefunding {
            continue;
        }
        let part = left.min((one.line.amount - one.refunded).max(0));
        one.refunded += part;
        left -= part;
        let full = whole || one.refunded >= one.line.amount;
        let next = match (one.state, full) {
            (ItemState::ReturnRefunding, true) => ItemState::ReturnRefunded,
            (ItemState::ReturnRefunding, false) => ItemState::ReturnRefundedPartially,
            (_, true) => ItemState::CancellationRefunded,
            (_, false) => ItemState::CancellationRefundedPartially,
        };
        if let Ok(next) = one.state.to(next) {
            one.state = next;
        }
    }
}
