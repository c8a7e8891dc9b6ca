//! The steps of paying that are transactions: what is paid is locked and
//! reckoned anew, pieces are kept, and a charge is written down.

use std::sync::Arc;

use super::{Choice, Conditions, Target};
use crate::{
    domain::{
        checkout::{CheckoutSession, SessionStatus},
        id::{CustomerId, OrderId, PaymentMethodId},
        instant::Instant,
        money::Money,
        order::{Order, OrderStatus},
        subscription::{News, Refusal},
    },
    engine::{
        Session,
        billing::{self, Attempt, Buyer, Cart, Desk, Quoted},
        check_version, checkout, customers,
        line_items::refuse_invalid,
        numbers::Numbering,
        orders,
        payment_methods::{self, NewMethod},
        port::{Entry, PaymentMethodRecord, SubscriptionRecord, Tx},
    },
    error::{Code, Error, Result},
};

/// The rows that a payment is about, locked.
pub(in crate::engine) struct Matter {
    /// The subscription that the order is a charge of.
    pub(in crate::engine) subscription: Option<SubscriptionRecord>,
    /// The order.
    pub(in crate::engine) order: Order,
}

/// What locking found.
pub(in crate::engine) enum Locked {
    /// It is paid.
    Paid(OrderId),
    /// It can be paid.
    Payable(Box<Matter>),
}

/// Locks what is paid, and refuses what cannot be.
///
/// # Errors
///
/// `payment_in_progress`, `order_not_payable`, `checkout_session_closed`, …
pub(in crate::engine) fn locked(
    desk: &mut Desk<'_>,
    tx: &mut dyn Tx,
    target: &Target,
    version: Option<i64>,
) -> Result<Locked> {
    let store = desk.cx.store.no;
    let (seen, session) = match target {
        Target::Order(id) => (orders::found(&desk.cx, tx, id, false)?, None),
        Target::Session(id) => {
            let session = checkout::found(&desk.cx, tx, id, true)?;
            (orders::found(&desk.cx, tx, &session.order, false)?, Some(session))
        }
    };
    if let (None, Some(id)) = (&session, &seen.session) {
        tx.session(store, id, true)?;
    }
    desk.by_clock(tx, seen.clock.as_ref())?;
    let subscription = match &seen.subscription {
        Some(id) => tx.subscription(store, id, true)?,
        None => None,
    };
    let order = orders::found(&desk.cx, tx, &seen.id, true)?;
    if let Some(session) = &session
        && !is_open(desk, session, &order)?
    {
        return Ok(Locked::Paid(order.id));
    }
    match order.status {
        OrderStatus::Open => {}
        OrderStatus::Paid | OrderStatus::PartiallyRefunded => return Ok(Locked::Paid(order.id)),
        status => return Err(not_payable(&order, &format!("is {}", status.name()))),
    }
    if order.charging {
        return Err(in_progress(&order));
    }
    check_version(version, order.version)?;
    if order.deadline.is_some_and(|end| end <= desk.now()) {
        return Err(not_payable(&order, "had to be paid earlier"));
    }
    Ok(Locked::Payable(Box::new(Matter { subscription, order })))
}

/// Whether a session can be paid; `false` when it was.
fn is_open(desk: &Desk<'_>, session: &CheckoutSession, order: &Order) -> Result<bool> {
    let over = session.expires_at <= desk.now() && !order.charging;
    match session.status {
        SessionStatus::Complete => Ok(false),
        SessionStatus::Open if !over => Ok(true),
        _ => Err(checkout::closed(session)),
    }
}

fn not_payable(order: &Order, why: &str) -> Error {
    let message = format!("order {} {why}: it cannot be paid", order.id.as_str());
    Error::new(Code::OrderNotPayable, message)
        .with_param("orderId")
        .with_detail("status", order.status.name())
}

/// The refusal of what is being paid.
pub(in crate::engine) fn in_progress(order: &Order) -> Error {
    Error::new(
        Code::PaymentInProgress,
        format!(
            "a payment of order {} is being made: try again when it is settled",
            order.id.as_str()
        ),
    )
    .with_param("orderId")
}

/// Looks at the cart of an order again and writes into it what it comes to
/// now; `None` for an order that has none, or was paid before and only asks
/// for the same money again.
///
/// # Errors
///
/// Whatever of it cannot be bought any more, and `discount_code_invalid`.
pub(in crate::engine) fn reckoned(desk: &mut Desk<'_>, tx: &mut dyn Tx, order: &mut Order) -> Result<Option<Quoted>> {
    if order.cart.is_empty() || order.subscription.is_some() || was_paid(desk, tx, order)? {
        return Ok(None);
    }
    let customer = order.customer.clone();
    let buyer = Buyer {
        customer: Some(&customer),
        order: Some(&order.id),
        lock: true,
    };
    let cart = Cart::open(desk, tx, &order.cart, &order.codes, order.trial, &buyer, "lineItems")?;
    let quoted = cart.quote(desk, 0, None)?;
    refuse_invalid(&quoted.quote.invalid)?;
    desk.write_bill(order, quoted.quote.now.clone());
    Ok(Some(quoted))
}

/// Whether its money was there once: a dispute took it away.
fn was_paid(desk: &Desk<'_>, tx: &mut dyn Tx, order: &Order) -> Result<bool> {
    let payment = match &order.payment {
        Some(id) => tx.payment(desk.cx.store.no, id, false)?,
        None => None,
    };
    Ok(payment.is_some_and(|payment| payment.facts.is_settled()))
}

/// Until when pieces are kept for somebody who pays now.
pub(in crate::engine) fn hold_until(desk: &Desk<'_>) -> Instant {
    let minutes = i64::from(desk.store.settings.stock_hold_minutes);
    Instant::from_micros(desk.now().micros().saturating_add(minutes * 60_000_000))
}

/// What a step of paying came to.
pub(super) enum Step {
    /// It was paid before.
    Already(OrderId),
    /// It is paid: nothing was to be charged.
    Paid(OrderId),
    /// A card has to be registered first; everything else is ready.
    Register(OrderId, CustomerId),
    /// To be charged.
    Charge(Attempt),
}

/// What paying is about, apart from the card.
pub(super) struct Plan {
    pub(super) session: Arc<Session>,
    pub(super) target: Target,
    pub(super) choice: Choice,
    pub(super) conditions: Conditions,
}

/// What a step may pay with.
pub(super) enum Ready<'a> {
    /// A card that is not registered yet, at this gateway.
    Coming(&'static str),
    /// One that is.
    Registered(&'a NewMethod),
    /// A stored payment method.
    Stored(Stored<'a>),
}

#[derive(Clone, Copy)]
pub(super) enum Stored<'a> {
    Given(&'a PaymentMethodId),
    Default,
    None,
}

impl Plan {
    /// Everything up to the charge, in one transaction.
    pub(super) fn step(
        &self,
        desk: &mut Desk<'_>,
        tx: &mut dyn Tx,
        numbers: &Numbering,
        ready: Ready<'_>,
    ) -> Result<Step> {
        // Holding pieces for a card has changed the version itself.
        let version = self
            .conditions
            .version
            .filter(|_| !matches!(ready, Ready::Registered(_)));
        let matter = match locked(desk, tx, &self.target, version)? {
            Locked::Paid(order) => return Ok(Step::Already(order)),
            Locked::Payable(matter) => *matter,
        };
        let Matter { subscription, order } = matter;
        let before = order.clone();
        let mut order = order;
        if order.cart.is_empty() && (self.choice.quantity.is_some() || !self.choice.quantities.is_empty()) {
            return Err(Error::invalid("quantity", "cannot be chosen for this order"));
        }
        self.choice.apply(&mut order)?;
        customers::live(&desk.cx, tx, &order.customer, matches!(ready, Ready::Registered(_)))?;
        let quoted = reckoned(desk, tx, &mut order)?;
        self.check_total(&order)?;
        let events: &[&'static str] = match before.cart != order.cart || before.codes != order.codes {
            true => &["order.updated"],
            false => &[],
        };
        if let Ready::Coming(gateway) = ready {
            check_gateway(&order, gateway, "card")?;
            if let Some(quoted) = &quoted {
                desk.hold(tx, &mut order, hold_until(desk), quoted)?;
            }
            let order = desk.save_order(tx, &before, order, events)?;
            desk.schedule_order(tx, &order)?;
            return Ok(Step::Register(order.id, order.customer));
        }
        let method = self.method(desk, tx, numbers, &order, subscription.as_ref(), ready)?;
        if let Some(quoted) = quoted {
            desk.hold(tx, &mut order, hold_until(desk), &quoted)?;
            order.balance = quoted.balance;
            order.births = quoted.births;
            let change = Money::new(order.balance, order.currency);
            let reason = if order.balance < 0 { "spent" } else { "credit" };
            desk.change_balance(tx, &order.customer, change, reason, Some(&order.id))?;
        }
        if order.total <= 0 {
            order.method = method.map(|method| method.id);
            let now = desk.now();
            return Ok(Step::Paid(desk.order_paid(tx, order, now)?.id));
        }
        let Some(method) = method else {
            return Err(no_method(&order));
        };
        // Whoever could not be asked must not be written down as asked.
        self.session.engine.gateway(&self.session.store)?;
        if let Some(record) = subscription {
            self.charge_subscription(desk, tx, &record, &order, &method)?;
        }
        let attempt = desk.attempt(tx, &mut order, &method)?;
        let order = desk.save_order(tx, &before, order, events)?;
        desk.schedule_order(tx, &order)?;
        Ok(Step::Charge(attempt))
    }

    fn check_total(&self, order: &Order) -> Result<()> {
        match self.conditions.total {
            Some(expected) if expected != order.total => Err(Error::new(
                Code::TotalDiffers,
                format!(
                    "order {} comes to {} {}, and {expected} is expected: show the new total and ask again",
                    order.id.as_str(),
                    order.total,
                    order.currency.code()
                ),
            )
            .with_param("expectTotal")
            .with_detail("total", order.total)),
            _ => Ok(()),
        }
    }

    /// What will be charged.
    fn method(
        &self,
        desk: &Desk<'_>,
        tx: &mut dyn Tx,
        numbers: &Numbering,
        order: &Order,
        subscription: Option<&SubscriptionRecord>,
        ready: Ready<'_>,
    ) -> Result<Option<PaymentMethodRecord>> {
        let store = desk.cx.store.no;
        let method = match ready {
            Ready::Coming(_) | Ready::Stored(Stored::None) => None,
            Ready::Registered(new) => {
                let number = numbers.next(payment_methods::NUMBER, tx)?;
                payment_methods::add(&desk.cx, tx, number, &order.customer, new, false)?;
                Some(desk.method(tx, &order.customer, &new.id)?)
            }
            Ready::Stored(Stored::Given(id)) => Some(desk.method(tx, &order.customer, id)?),
            Ready::Stored(Stored::Default) => {
                let own = subscription.and_then(|record| record.state.method.as_ref());
                let own = match own {
                    Some(id) => tx.payment_method(store, id, false)?,
                    None => None,
                };
                match own {
                    Some(Entry::Live(method)) => Some(*method),
                    _ => desk.default_method(tx, &order.customer)?,
                }
            }
        };
        if let Some(method) = &method {
            check_gateway(order, &method.body.gateway, "paymentMethodId")?;
        }
        Ok(method)
    }

    /// The subscription waits for what comes of it.
    fn charge_subscription(
        &self,
        desk: &Desk<'_>,
        tx: &mut dyn Tx,
        before: &SubscriptionRecord,
        order: &Order,
        method: &PaymentMethodRecord,
    ) -> Result<()> {
        if !before.state.waits_for(&order.id) {
            return Ok(());
        }
        let mut after = before.clone();
        after.state = after
            .state
            .charge_open()
            .map_err(|refusal: Refusal| billing::refused(before, refusal))?;
        let news: &[News] = match after.state.method {
            Some(_) => &[],
            // What nobody could charge has something to be charged with from now on.
            None => {
                after.state.method = Some(method.id.clone());
                &[News::Updated]
            }
        };
        billing::save_subscription(desk, tx, before, after, news).map(drop)
    }
}

fn check_gateway(order: &Order, gateway: &str, param: &str) -> Result<()> {
    match &order.gateway {
        Some(only) if only != gateway => Err(Error::invalid(
            param,
            format!(
                "is of gateway {gateway}, and order {} is to be paid with {only}",
                order.id.as_str()
            ),
        )),
        _ => Ok(()),
    }
}

fn no_method(order: &Order) -> Error {
    Error::new(
        Code::NoPaymentMethod,
        format!(
            "order {} comes to {} {}, and customer {} has no payment method to pay it with: pass a card or paymentMethodId",
            order.id.as_str(),
            order.total,
            order.currency.code(),
            order.customer.as_str()
        ),
    )
    .with_param("paymentMethodId")
}
