//! Giving money of an order back: `orders.refund` and `payments.refund`.

use std::sync::Arc;

use super::{
    Context, Session,
    billing::{self, Desk, How, Said, Work},
    catalog, check_version,
    customers::Outcome,
    errand::{Begun, Ended, Errand},
    gateway::Later,
    numbers::Numbering,
    orders, payments,
    port::Tx,
};
use crate::{
    domain::{
        id::{OrderId, OrderItemId, PaymentId},
        order::{Order, OrderStatus},
        order_item::ItemState,
    },
    error::{Code, Error, Result},
    ops::payment::Payment,
};

/// Whose money goes back.
pub(super) enum Of {
    /// An order's, or that of one of its items.
    Order(OrderId, Option<OrderItemId>),
    /// A payment's.
    Payment(PaymentId),
}

/// Giving money back.
pub(super) struct Refund {
    session: Arc<Session>,
    of: Of,
    amount: Option<i64>,
    reason: Option<String>,
    version: Option<i64>,
}

impl Refund {
    pub(super) fn new(
        session: &Arc<Session>,
        of: Of,
        amount: Option<i64>,
        reason: Option<String>,
        version: Option<i64>,
    ) -> Self {
        Self {
            session: Arc::clone(session),
            of,
            amount,
            reason,
            version,
        }
    }

    /// The order, locked.
    fn order(&self, desk: &mut Desk<'_>, tx: &mut dyn Tx) -> Result<Order> {
        match &self.of {
            Of::Order(id, _) => orders::locked(desk, tx, id, self.version).map(|(order, _)| order),
            Of::Payment(id) => {
                let payment = payments::found(&desk.cx, tx, id)?;
                let (order, _) = orders::locked(desk, tx, &payment.order, None)?;
                let payment = payments::found(&desk.cx, tx, id)?;
                check_version(self.version, payment.version)?;
                if !payment.facts.is_settled() || order.payment.as_ref() != Some(id) {
                    return Err(Error::new(
                        Code::OrderState,
                        format!(
                            "payment {} is {} and does not pay order {}: there is nothing to give back",
                            id.as_str(),
                            payment.status().name(),
                            order.id.as_str()
                        ),
                    )
                    .with_param("paymentId")
                    .with_detail("status", payment.status().name()));
                }
                Ok(order)
            }
        }
    }

    /// How much goes back, and of which item.
    fn part<'a>(&'a self, order: &Order) -> Result<(i64, Option<&'a OrderItemId>)> {
        let left = order.refundable();
        let Of::Order(_, Some(id)) = &self.of else {
            return Ok((self.amount.unwrap_or(left), None));
        };
        let item = order.items.iter().find(|item| item.id == *id);
        let item = item.ok_or_else(|| orders::item_not_found(order, id.as_str()))?;
        let of_item = (item.line.amount - item.refunded).clamp(0, left);
        let amount = self.amount.unwrap_or(of_item);
        if amount > of_item {
            return Err(Error::new(
                Code::AmountAboveRefundable,
                format!(
                    "item {} has {of_item} left to be given back, and {amount} is asked for: ask for less",
                    id.as_str()
                ),
            )
            .with_param("amount")
            .with_detail("refundable", of_item));
        }
        Ok((amount, Some(id)))
    }

    fn answer(&self, desk: &Desk<'_>, tx: &mut dyn Tx) -> Result<Outcome> {
        match &self.of {
            Of::Order(id, _) => {
                let order = orders::found(&desk.cx, tx, id, false)?;
                orders::answered(desk, order)
            }
            Of::Payment(id) => {
                let payment = payments::found(&desk.cx, tx, id)?;
                catalog::answered(id.as_str(), &Payment::from(payment))
            }
        }
    }
}

impl Errand for Refund {
    type Work = Work;
    type Found = Option<Said>;

    const NUMBERS: &'static [&'static str] = billing::NUMBERS;

    fn begin(&mut self, cx: &Context<'_>, tx: &mut dyn Tx, numbers: &Numbering) -> Result<Begun<Work>> {
        let mut desk = Desk::open(cx, tx, numbers)?;
        let before = self.order(&mut desk, tx)?;
        if !matches!(before.status, OrderStatus::Paid | OrderStatus::PartiallyRefunded) {
            return Err(orders::refused(&before, "only what was paid can be given back"));
        }
        let (amount, item) = self.part(&before)?;
        let mut after = before.clone();
        if amount == 0 && before.total <= 0 && item.is_none() {
            // The balance paid for all of it, or nobody did.
            after.status = OrderStatus::Refunded;
            desk.give_balance_back(tx, &mut after)?;
            for state in [ItemState::CancellationRefunding, ItemState::CancellationRefunded] {
                billing::move_items(&mut after, state);
            }
            let order = desk.save_order(tx, &before, after, &["order.refunded"])?;
            desk.undo_made(tx, &order)?;
            return self.answer(&desk, tx).map(Begun::Answered);
        }
        if amount <= 0 {
            return Err(Error::new(
                Code::AmountAboveRefundable,
                format!("order {} has nothing left to be given back", before.id.as_str()),
            )
            .with_param("amount")
            .with_detail("refundable", before.refundable()));
        }
        self.session.engine.gateway(&self.session.store)?;
        let work = desk.refund_order(tx, &mut after, amount, item, self.reason.as_deref())?;
        desk.save_order(tx, &before, after, &[])?;
        Ok(Begun::Work(work))
    }

    fn call(&mut self, work: Work) -> Later<Option<Said>> {
        let session = Arc::clone(&self.session);
        Box::pin(async move {
            let said = billing::run(Arc::clone(&session.engine), session.store.clone(), work).await;
            // It is written down: the order's job asks again.
            said.ok()
        })
    }

    fn end(&mut self, cx: &Context<'_>, tx: &mut dyn Tx, numbers: &Numbering, said: &Option<Said>) -> Result<Ended> {
        let mut desk = Desk::open(cx, tx, numbers)?;
        if let Some(said) = said {
            billing::record(&mut desk, tx, said, How::Asked)?;
        }
        self.answer(&desk, tx).map(Ended::Answered)
    }
}
