//! Orders as they are made, and as their money comes or does not.

use super::{desk::Desk, work::Attempt};
use crate::{
    domain::{
        currency::Currency,
        id::{CreditId, CustomerId, OrderId, OrderItemId, PaymentId, PaymentMethodId},
        instant::Instant,
        line::{Line, LineType},
        money::{self, Money},
        order::{Order, OrderItem, OrderStatus, OrderType},
        order_item::ItemState,
        payment::{Facts, Payment},
        pricing::bill::Bill,
    },
    engine::{
        billing_answers, changed_members,
        port::{CreditEntry, Entry, Job, PaymentMethodRecord, Tx},
        to_json,
    },
    error::{Code, Error, Result},
};

/// How long after it was sent a charge is looked up, in microseconds: longer
/// than gateways take.
pub(in crate::engine) const LOOK_UP_AFTER: i64 = 150_000_000;

/// The kind of jobs about payments.
pub(in crate::engine) const PAYMENT_JOB: &str = "payment";

impl Desk<'_> {
    /// An order that nobody has paid.
    pub(in crate::engine) fn new_order(
        &self,
        tx: &mut dyn Tx,
        id: OrderId,
        kind: OrderType,
        customer: &CustomerId,
        currency: Currency,
    ) -> Result<Order> {
        Ok(Order {
            id,
            number: self.numbers.next("order", tx)?,
            version: 1,
            customer: customer.clone(),
            subscription: None,
            made: Vec::new(),
            births: Vec::new(),
            session: None,
            kind,
            status: OrderStatus::Open,
            clock: self.cx.clock.clone(),
            currency,
            cart: Vec::new(),
            trial: None,
            items: Vec::new(),
            total: 0,
            subtotal: 0,
            discount: 0,
            tax: 0,
            balance: 0,
            refunded: 0,
            refunds: Vec::new(),
            codes: Vec::new(),
            redeemed: Vec::new(),
            holds: Vec::new(),
            held_until: None,
            hold_renewed: false,
            deadline: None,
            method: None,
            payment: None,
            attempts: 0,
            charging: false,
            gateway: None,
            paid_at: None,
            cancel_reason: None,
            created_at: self.now(),
            updated_at: self.now(),
            metadata: Default::default(),
        })
    }

    /// Writes a bill into an order: an item for each line, in the state that
    /// follows. What was in the bill before keeps its id.
    pub(in crate::engine) fn write_bill(&self, order: &mut Order, bill: Bill) {
        order.total = bill.total;
        order.subtotal = bill.subtotal;
        order.discount = bill.discount;
        order.tax = bill.tax;
        let mut before = std::mem::take(&mut order.items);
        let mut id_of = |line: &Line| {
            let same = |item: &OrderItem| item.line.kind == line.kind && item.line.price == line.price;
            match before.iter().position(same) {
                Some(known) => before.remove(known).id,
                None => OrderItemId::from_bits(self.cx.uuid()),
            }
        };
        let items = bill.lines.into_iter().map(|line| OrderItem {
            id: id_of(&line),
            product: line
                .price
                .as_ref()
                .and_then(|price| self.shelf.get(price))
                .map(|shelved| shelved.price.product.clone()),
            line,
            state: ItemState::Created,
            refunded: 0,
            parent: None,
            note: None,
        });
        order.items = items.collect();
    }

    /// Saves a changed order, with what happened to it.
    pub(in crate::engine) fn save_order(
        &self,
        tx: &mut dyn Tx,
        before: &Order,
        mut after: Order,
        events: &[&'static str],
    ) -> Result<Order> {
        after.version += 1;
        after.updated_at = self.now();
        tx.update_order(self.cx.store.no, &after)?;
        if events.is_empty() {
            return Ok(after);
        }
        let json = self.order_json(after.clone())?;
        let was = self.order_json(before.clone())?;
        let changed = changed_members(&was, &json)?;
        for event in events {
            let changed = changed.as_deref().or(Some("{}"));
            self.cx
                .event(tx, event, after.id.as_str(), after.version, Some(&json), changed)?;
        }
        Ok(after)
    }

    /// Adds an order, with its event, and whatever else happened to it at once.
    pub(in crate::engine) fn insert_order(
        &self,
        tx: &mut dyn Tx,
        order: &Order,
        events: &[&'static str],
    ) -> Result<()> {
        tx.insert_order(self.cx.store.no, order)?;
        let json = self.order_json(order.clone())?;
        for event in std::iter::once(&"order.created").chain(events) {
            self.cx
                .event(tx, event, order.id.as_str(), order.version, Some(&json), None)?;
        }
        Ok(())
    }

    /// An order as it is answered.
    pub(in crate::engine) fn order_json(&self, order: Order) -> Result<String> {
        to_json(&billing_answers::order(order, self.store.settings.locale)?)
    }

    /// Changes the customer's credit balance by what an order spends or gives;
    /// below zero it is never.
    pub(in crate::engine) fn change_balance(
        &self,
        tx: &mut dyn Tx,
        customer: &CustomerId,
        change: Money,
        reason: &str,
        order: Option<&OrderId>,
    ) -> Result<Option<CreditEntry>> {
        if change.amount == 0 {
            return Ok(None);
        }
        let store = self.cx.store.no;
        let before = tx.credit_balance(store, customer, change.currency, true)?;
        let balance = money::add(before, change.amount)
            .and_then(money::countable)
            .map_err(|problem| Error::problem("amount", problem))?;
        if balance < 0 {
            let message = format!("takes more than the balance has, which is {before}: take at most that");
            return Err(Error::invalid("amount", message));
        }
        let entry = CreditEntry {
            id: CreditId::from_bits(self.cx.uuid()),
            customer: customer.clone(),
            currency: change.currency,
            amount: change.amount,
            balance,
            reason: reason.to_owned(),
            order: order.cloned(),
            created_at: self.now(),
        };
        tx.insert_credit(store, &entry)?;
        Ok(Some(entry))
    }

    /// What an order took of the balance goes back to it.
    pub(in crate::engine) fn give_balance_back(&self, tx: &mut dyn Tx, order: &mut Order) -> Result<()> {
        if order.balance >= 0 {
            return Ok(());
        }
        let back = Money::new(-order.balance, order.currency);
        self.change_balance(tx, &order.customer, back, "order_closed", Some(&order.id))?;
        order.balance = 0;
        Ok(())
    }

    /// Nobody is to pay an order any more: what it held is free again.
    pub(in crate::engine) fn close_order(
        &self,
        tx: &mut dyn Tx,
        id: &OrderId,
        status: OrderStatus,
        event: &'static str,
        reason: Option<String>,
    ) -> Result<()> {
        let Some(before) = tx.order(self.cx.store.no, id, true)? else {
            return Ok(());
        };
        if before.status != OrderStatus::Open {
            return Ok(());
        }
        let mut after = before.clone();
        after.status = status;
        after.charging = false;
        after.cancel_reason = reason;
        self.give_balance_back(tx, &mut after)?;
        self.release(tx, &mut after)?;
        let state = match status {
            OrderStatus::Failed => ItemState::PaymentFailure,
            _ => ItemState::Cancelled,
        };
        move_items(&mut after, state);
        self.save_order(tx, &before, after, &[event])?;
        tx.remove_job(self.cx.store.no, id.as_str())
    }

    /// Writes an attempt to pay an order down before it is sent.
    pub(in crate::engine) fn attempt(
        &self,
        tx: &mut dyn Tx,
        order: &mut Order,
        method: &PaymentMethodRecord,
    ) -> Result<Attempt> {
        let store = self.cx.store.no;
        let id = PaymentId::from_bits(self.cx.uuid());
        let payment = Payment {
            number: self.numbers.next("payment", tx)?,
            version: 1,
            key: id.as_str().to_owned(),
            order: order.id.clone(),
            subscription: order.subscription.clone(),
            customer: order.customer.clone(),
            method: Some(method.id.clone()),
            gateway: method.body.gateway.clone(),
            clock: order.clock.clone(),
            amount: order.total,
            currency: order.currency,
            facts: Facts::default(),
            look_ups: 0,
            created_at: self.now(),
            updated_at: self.now(),
            id,
        };
        tx.insert_payment(store, &payment)?;
        order.attempts += 1;
        order.charging = true;
        order.payment = Some(payment.id.clone());
        order.method = Some(method.id.clone());
        self.look_up_later(tx, &payment, LOOK_UP_AFTER)?;
        Ok(self.attempt_of(&payment, order, method))
    }

    /// What a gateway is asked for a payment.
    pub(in crate::engine) fn attempt_of(
        &self,
        payment: &Payment,
        order: &Order,
        method: &PaymentMethodRecord,
    ) -> Attempt {
        Attempt {
            payment: payment.id.clone(),
            key: payment.key.clone(),
            method: method.id.clone(),
            sealed: method.secret.clone(),
            amount: Money::new(payment.amount, payment.currency),
            order_name: self.order_name(order),
            customer: payment.customer.as_str().to_owned(),
            at: self.now(),
        }
    }

    /// Sets the job that looks a payment up.
    pub(in crate::engine) fn look_up_later(&self, tx: &mut dyn Tx, payment: &Payment, after: i64) -> Result<()> {
        self.put_job(
            tx,
            payment.id.as_str(),
            PAYMENT_JOB,
            Instant::from_micros(self.now().micros() + after),
            payment.clock.as_ref(),
        )
    }

    /// Sets the one job of an object.
    pub(in crate::engine) fn put_job(
        &self,
        tx: &mut dyn Tx,
        subject: &str,
        kind: &str,
        due_at: Instant,
        clock: Option<&crate::domain::id::ClockId>,
    ) -> Result<()> {
        tx.put_job(
            self.cx.store.no,
            &Job {
                subject: subject.to_owned(),
                kind: kind.to_owned(),
                due_at,
                clock: clock.cloned(),
                failures: 0,
            },
        )
    }

    /// What the payer reads on their statement, at most 100 characters.
    fn order_name(&self, order: &Order) -> String {
        let first = order.items.iter().find(|item| item.line.kind == LineType::Price);
        let shelved = first
            .and_then(|item| item.line.price.as_ref())
            .and_then(|price| self.shelf.get(price));
        let name = shelved.map_or("Order", |shelved| shelved.product.name.as_str());
        name.chars().take(100).collect()
    }

    /// A payment method of a customer that can be charged.
    pub(in crate::engine) fn method(
        &self,
        tx: &mut dyn Tx,
        customer: &CustomerId,
        id: &PaymentMethodId,
    ) -> Result<PaymentMethodRecord> {
        match tx.payment_method(self.cx.store.no, id, false)? {
            Some(Entry::Live(method)) if method.customer == *customer => Ok(*method),
            _ => Err(Error::new(
                Code::PaymentMethodNotFound,
                format!(
                    "customer {} has no payment method {}: paymentMethods.list({{ customerId }}) shows those there are",
                    customer.as_str(),
                    id.as_str()
                ),
            )
            .with_param("paymentMethodId")),
        }
    }

    /// The customer's default payment method, if there is one.
    pub(in crate::engine) fn default_method(
        &self,
        tx: &mut dyn Tx,
        customer: &CustomerId,
    ) -> Result<Option<PaymentMethodRecord>> {
        tx.default_payment_method(self.cx.store.no, customer)
    }
}

/// Moves every item of an order that may get there to a state.
pub(in crate::engine) fn move_items(order: &mut Order, state: ItemState) {
    for item in &mut order.items {
        if let Ok(next) = item.state.to(state) {
            item.state = next;
        }
    }
}
