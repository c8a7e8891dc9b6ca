//! Paying an order: with a stored payment method, or with a card that becomes
//! one. One errand for `orders.pay`, `checkoutSessions.complete` and the page.
//!
//! A payment that is written down marks its order as being charged, under the
//! order's lock: whoever comes second is refused until it is settled, and
//! whoever comes after that is told that it is paid. A card is registered
//! before anything is written down that could be charged: a crash up to then
//! leaves an order that nobody has paid.

use std::sync::Arc;

use tokio::sync::oneshot;

use super::{
    Context, Session,
    billing::{self, Attempt, Desk, How, Said, Work},
    checkout,
    customers::Outcome,
    errand::{Begun, Ended, Errand},
    gateway::Later,
    numbers::Numbering,
    orders,
    payment_methods::{self, Made, NewMethod},
    port::Tx,
    task::FnTask,
};
use crate::{
    domain::{
        decline::DeclineCode,
        id::{CheckoutSessionId, CustomerId, OrderId, PaymentId, PaymentMethodId, PriceId},
        order::Order,
        payment::{Payment, PaymentStatus},
    },
    error::{Code, Error, Kind, Result},
    ops::{
        param::MetadataChange,
        payment_method::{CardParam, PaymentMethodCreateParams},
    },
};

mod step;

pub(super) use step::{Locked, Matter, hold_until, in_progress, locked, reckoned};
use step::{Plan, Ready, Step, Stored};

/// What is paid.
#[derive(Debug, Clone)]
pub(super) enum Target {
    /// An order, whose answer is the order.
    Order(OrderId),
    /// The order of a session, whose answer is the session.
    Session(CheckoutSessionId),
}

/// What pays.
#[derive(Debug)]
pub(super) enum With {
    /// A card that becomes a payment method of the customer.
    Card(CardParam),
    /// A payment method of the customer.
    Method(PaymentMethodId),
    /// That of the subscription, or the customer's default one.
    Default,
    /// Nothing: there has to be nothing to pay.
    Nothing,
}

/// What the payer has chosen; what is left out stays as it is.
#[derive(Debug, Clone, Default)]
pub(super) struct Choice {
    /// So many of the only thing in the cart.
    pub(super) quantity: Option<i64>,
    /// So many of each price.
    pub(super) quantities: Vec<(PriceId, i64)>,
    /// Codes in the place of those that the order has.
    pub(super) codes: Option<Vec<String>>,
}

impl Choice {
    /// Writes it into an order's cart.
    ///
    /// # Errors
    ///
    /// `parameter_invalid` when the order does not allow it.
    pub(super) fn apply(&self, order: &mut Order) -> Result<()> {
        if let Some(codes) = &self.codes {
            order.codes.clone_from(codes);
        }
        if let Some(quantity) = self.quantity {
            match order.cart.as_mut_slice() {
                [item] => item.quantity = within(item.minimum, item.maximum, quantity, "quantity")?,
                _ => {
                    return Err(Error::invalid(
                        "quantity",
                        "is of one line item, and there are several or none: use quantities",
                    ));
                }
            }
        }
        for (index, (price, quantity)) in self.quantities.iter().enumerate() {
            let mut found = false;
            for item in order.cart.iter_mut().filter(|item| item.price == *price) {
                let at = format!("quantities[{index}].quantity");
                item.quantity = within(item.minimum, item.maximum, *quantity, &at)?;
                found = true;
            }
            if !found {
                return Err(Error::invalid(
                    format!("quantities[{index}].priceId"),
                    "is not the price of a line item",
                ));
            }
        }
        Ok(())
    }
}

fn within(minimum: i64, maximum: Option<i64>, quantity: i64, at: &str) -> Result<i64> {
    if quantity >= minimum && maximum.is_none_or(|maximum| quantity <= maximum) {
        return Ok(quantity);
    }
    Err(Error::invalid(
        at,
        match maximum {
            Some(maximum) => format!("must be a number from {minimum} to {maximum}"),
            None => format!("must be at least {minimum}"),
        },
    ))
}

/// What the caller made sure of.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Conditions {
    /// This is what is to pay.
    pub(super) total: Option<i64>,
    /// The order has this version.
    pub(super) version: Option<i64>,
}

/// Paying.
pub(super) struct Pay {
    session: Arc<Session>,
    request_id: Option<String>,
    target: Target,
    choice: Choice,
    with: Means,
    conditions: Conditions,
}

/// What pays, once the card is apart.
enum Means {
    Card {
        /// Gone once the gateway has it.
        card: Option<CardParam>,
        gateway: &'static str,
    },
    Method(PaymentMethodId),
    Default,
    Nothing,
}

/// What to ask the gateway for.
pub(super) enum Ask {
    Register(OrderId, CustomerId),
    Charge(Attempt),
}

/// What came of it.
pub(super) enum Found {
    /// Nothing was to be charged in the end.
    Paid(OrderId),
    /// The gateway's word.
    Said(PaymentId, Said),
    /// It could not be asked; nothing was charged.
    Unsent(PaymentId, Error),
    /// The card was not taken.
    Declined(OrderId, Error),
    /// It cannot go on; nothing was charged.
    Failed(Error),
}

impl Pay {
    /// Checks what needs no transaction: that a card could be kept.
    ///
    /// # Errors
    ///
    /// `gateway_missing`, `encryption_key_missing`.
    pub(super) fn new(
        session: &Arc<Session>,
        request_id: Option<String>,
        target: Target,
        choice: Choice,
        with: With,
        conditions: Conditions,
    ) -> Result<Self> {
        let with = match with {
            With::Card(card) => {
                session.engine.vault().check(&session.store)?;
                Means::Card {
                    card: Some(card),
                    gateway: session.engine.gateway(&session.store)?.name(),
                }
            }
            With::Method(id) => Means::Method(id),
            With::Default => Means::Default,
            With::Nothing => Means::Nothing,
        };
        Ok(Self {
            session: Arc::clone(session),
            request_id,
            target,
            choice,
            with,
            conditions,
        })
    }

    /// What only the step that goes on needs.
    fn plan(&self) -> Plan {
        Plan {
            session: Arc::clone(&self.session),
            target: self.target.clone(),
            choice: self.choice.clone(),
            conditions: self.conditions,
        }
    }

    fn answer(&self, desk: &Desk<'_>, tx: &mut dyn Tx, order: &OrderId) -> Result<Outcome> {
        let (json, subject) = match &self.target {
            Target::Order(id) => {
                let order = orders::found(&desk.cx, tx, order, false)?;
                (desk.order_json(order)?, id.as_str().to_owned())
            }
            Target::Session(id) => {
                let session = checkout::found(&desk.cx, tx, id, false)?;
                (desk.session_json(tx, session)?, id.as_str().to_owned())
            }
        };
        Ok(Outcome {
            json,
            subject,
            created: false,
        })
    }

    /// What the caller is told once a payment is recorded.
    fn told(&self, desk: &Desk<'_>, tx: &mut dyn Tx, id: &PaymentId) -> Result<Ended> {
        let payment = tx
            .payment(desk.cx.store.no, id, false)?
            .ok_or_else(|| Error::internal(format!("payment {} is missing", id.as_str())))?;
        if payment.status() == PaymentStatus::Failed {
            return Ok(Ended::Refused {
                subject: payment.order.as_str().to_owned(),
                error: declined(&payment),
            });
        }
        // Paid, or nobody knows yet: `charging` tells.
        self.answer(desk, tx, &payment.order).map(Ended::Answered)
    }
}

/// A payment that failed, as callers are told.
pub(super) fn declined(payment: &Payment) -> Error {
    let decline = payment.facts.declined.as_ref();
    let code = decline.map_or("", |decline| decline.code.as_str());
    let error = match (decline, DeclineCode::from_name(code)) {
        (Some(decline), Some(code)) => Error::card_declined(
            code,
            decline.hard,
            decline.gateway_code.as_deref().unwrap_or(code.name()),
        ),
        _ => Error::new(
            Code::GatewayUnavailable,
            format!(
                "the gateway {} cannot be reached: nothing was charged, try again",
                payment.gateway
            ),
        ),
    };
    error
        .with_detail("orderId", payment.order.as_str())
        .with_detail("paymentId", payment.id.as_str())
}

impl Errand for Pay {
    type Work = Ask;
    type Found = Found;

    const NUMBERS: &'static [&'static str] = billing::NUMBERS;

    fn begin(&mut self, cx: &Context<'_>, tx: &mut dyn Tx, numbers: &Numbering) -> Result<Begun<Ask>> {
        let mut desk = Desk::open(cx, tx, numbers)?;
        let ready = match &self.with {
            Means::Card { gateway, .. } => Ready::Coming(gateway),
            Means::Method(id) => Ready::Stored(Stored::Given(id)),
            Means::Default => Ready::Stored(Stored::Default),
            Means::Nothing => Ready::Stored(Stored::None),
        };
        match self.plan().step(&mut desk, tx, numbers, ready)? {
            Step::Already(order) | Step::Paid(order) => self.answer(&desk, tx, &order).map(Begun::Answered),
            Step::Register(order, customer) => Ok(Begun::Work(Ask::Register(order, customer))),
            Step::Charge(attempt) => Ok(Begun::Work(Ask::Charge(attempt))),
        }
    }

    fn call(&mut self, ask: Ask) -> Later<Found> {
        let session = Arc::clone(&self.session);
        let (order, customer) = match ask {
            Ask::Charge(attempt) => return Box::pin(charge(session, attempt)),
            Ask::Register(order, customer) => (order, customer),
        };
        let card = match &mut self.with {
            Means::Card { card, .. } => card.take(),
            _ => None,
        };
        let params = PaymentMethodCreateParams {
            customer_id: customer,
            card,
            auth_key: None,
            make_default: None,
            metadata: MetadataChange::default(),
        };
        let create = payment_methods::Create::new(&session, params);
        let (plan, request_id) = (self.plan(), self.request_id.clone());
        Box::pin(async move {
            let mut create = match create {
                Ok(create) => create,
                Err(error) => return Found::Failed(error),
            };
            let method = match create.call(()).await {
                Made::Method(method) => method,
                Made::Declined(error) => return Found::Declined(order, error),
                Made::Failed(error) => return Found::Failed(error),
            };
            let found = match written(&session, plan, request_id, method.clone()).await {
                Ok(Step::Charge(attempt)) => return charge(session, attempt).await,
                Ok(Step::Paid(order)) => return Found::Paid(order),
                Ok(Step::Already(order)) => Found::Paid(order),
                Ok(Step::Register(..)) => Found::Failed(Error::internal("a card was to be registered twice")),
                // Whether it was written, nobody knows: the gateway may need the card.
                Err(error) if is_accident(&error) => {
                    return Found::Failed(error);
                }
                Err(error) => Found::Failed(error),
            };
            if let Some(undo) = create.undo(Made::Method(method)) {
                undo.await;
            }
            found
        })
    }

    fn end(&mut self, cx: &Context<'_>, tx: &mut dyn Tx, numbers: &Numbering, found: &Found) -> Result<Ended> {
        let mut desk = Desk::open(cx, tx, numbers)?;
        match found {
            Found::Failed(error) => Err(error.clone()),
            Found::Declined(order, error) => Ok(Ended::Refused {
                error: error.clone(),
                subject: order.as_str().to_owned(),
            }),
            Found::Paid(order) => self.answer(&desk, tx, order).map(Ended::Answered),
            Found::Said(payment, said) => {
                // What else is to be asked is written down, and has its jobs.
                billing::record(&mut desk, tx, said, How::Asked)?;
                self.told(&desk, tx, payment)
            }
            Found::Unsent(payment, error) => {
                let order = tx.payment(desk.cx.store.no, payment, false)?;
                billing::record(&mut desk, tx, &Said::Nothing(payment.clone()), How::Asked)?;
                Ok(Ended::Refused {
                    error: error.clone(),
                    subject: order.map_or_else(String::new, |payment| payment.order.as_str().to_owned()),
                })
            }
        }
    }
}

/// Whether a transaction may have been committed though it failed.
fn is_accident(error: &Error) -> bool {
    matches!(error.code().kind(), Kind::Unavailable | Kind::Timeout | Kind::Internal)
}

async fn charge(session: Arc<Session>, attempt: Attempt) -> Found {
    let payment = attempt.payment.clone();
    let work = Work::Charge(attempt);
    match billing::run(Arc::clone(&session.engine), session.store.clone(), work).await {
        Ok(said) => Found::Said(payment, said),
        Err(error) => Found::Unsent(payment, error),
    }
}

/// The transaction in the middle: the card becomes a payment method, and what
/// is charged to it is written down.
async fn written(
    session: &Arc<Session>,
    plan: Plan,
    request_id: Option<String>,
    method: Box<NewMethod>,
) -> Result<Step> {
    let (send, receive) = oneshot::channel();
    let engine = &session.engine;
    let numbers = Arc::new(Numbering::new(&engine.numbers, session.store.no, billing::NUMBERS));
    let committed = Arc::clone(&numbers);
    let caller = Arc::clone(session);
    engine.database.write(FnTask::boxed(
        None,
        move |tx| {
            numbers.begin();
            let cx = caller.context(request_id.as_deref());
            let mut desk = Desk::open(&cx, tx, &numbers)?;
            plan.step(&mut desk, tx, &numbers, Ready::Registered(&method))
        },
        move |step: Result<Step>| {
            if step.is_ok() {
                committed.committed();
            }
            // Nobody waits any longer when the runtime is going away.
            let _ = send.send(step);
        },
    ));
    receive
        .await
        .unwrap_or_else(|_| Err(Error::internal("a transaction of a payment was never answered")))
}

#[cfg(test)]
#[cfg(feature = "testing")]
mod tests;
