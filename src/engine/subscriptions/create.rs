//! `subscriptions.create`: through an initial order that is charged at once, or
//! from a period that was paid elsewhere.

use std::sync::Arc;

use super::{
    change::{ask_all, expect_total, far, record_all},
    live,
};
use crate::{
    domain::{
        calendar::Period,
        id::{CustomerId, OrderId, SubscriptionId},
        instant::Instant,
        key_value::Metadata,
        order::{CartItem, Order, OrderStatus, Trial},
        subscription::{Cadence, Cycle, Phase, Subscription as State},
    },
    engine::{
        Context, Session, attributes,
        billing::{self, Buyer, Cart, Desk, Quoted, Said, Scene, Work},
        catalog::answered,
        customers,
        errand::{Begun, Ended, Errand},
        gateway::Later,
        numbers::Numbering,
        port::{PaymentMethodRecord, SubscriptionRecord, Tx},
        subscription_answers,
    },
    error::{Code, Error, Result},
    ops::{
        billing::TrialChoice,
        subscription::{Subscription, SubscriptionCreateParams},
    },
};

/// A subscription to be.
pub(in crate::engine) struct CreateErrand {
    session: Arc<Session>,
    params: SubscriptionCreateParams,
    metadata: Metadata,
    /// The order that is charged, once it is.
    order: Option<OrderId>,
}

impl CreateErrand {
    pub(in crate::engine) fn new(session: &Arc<Session>, params: SubscriptionCreateParams) -> Result<Self> {
        Ok(Self {
            session: Arc::clone(session),
            metadata: attributes::merged("metadata", &Default::default(), &params.metadata.0)?,
            params,
            order: None,
        })
    }

    fn customer(&self) -> &CustomerId {
        &self.params.customer_id
    }

    /// The payment method that was named, or the customer's default.
    fn method(&self, desk: &Desk<'_>, tx: &mut dyn Tx) -> Result<Option<PaymentMethodRecord>> {
        match &self.params.payment_method_id {
            Some(id) => desk.method(tx, self.customer(), id).map(Some),
            None => desk.default_method(tx, self.customer()),
        }
    }

    /// What is subscribed to, priced.
    fn cart(&self, desk: &mut Desk<'_>, tx: &mut dyn Tx) -> Result<(Vec<CartItem>, Cart)> {
        let mut items = Vec::with_capacity(self.params.items.0.len());
        for (index, item) in self.params.items.0.iter().enumerate() {
            let at = format!("items[{index}].priceId");
            desk.shelf.named(&desk.cx, tx, &item.price_id, &at)?;
            let shelved = desk.shelf.known(&item.price_id)?;
            if shelved.price.terms.recurring.is_none() {
                return Err(Error::invalid(at, "is paid once: sell it with commerce.checkout()"));
            }
            items.push(CartItem {
                price: item.price_id.clone(),
                product: shelved.price.product.clone(),
                quantity: item.quantity.map_or(1, |quantity| quantity.0),
                minimum: 1,
                maximum: None,
                options: item.option_ids.clone().map(|ids| ids.0).unwrap_or_default(),
            });
        }
        let codes = self.params.discount_codes.iter().flat_map(|codes| &codes.0);
        let codes: Vec<String> = codes.map(|code| code.0.clone()).collect();
        let trial = match self.params.trial {
            TrialChoice::Own => None,
            TrialChoice::None => Some(Trial::None),
            TrialChoice::For(length) => Some(Trial::Length(length)),
            TrialChoice::Until(end) => Some(Trial::Until(end)),
        };
        let buyer = Buyer {
            customer: Some(self.customer()),
            order: None,
            lock: !self.is_preview(),
        };
        let cart = Cart::open(desk, tx, &items, &codes, trial, &buyer, "items")?;
        Ok((items, cart))
    }

    fn is_preview(&self) -> bool {
        self.params.preview.unwrap_or(false)
    }

    fn is_import(&self) -> bool {
        self.params.current_period_end.is_some()
    }

    /// The one subscription that is born; several have to be several calls.
    fn only(quoted: &Quoted) -> Result<State> {
        match quoted.births.as_slice() {
            [born] => Ok(born.clone()),
            _ => Err(Error::invalid(
                "items",
                "must agree in interval, billing day, claim, trial and expiry: create a subscription for each group, or use commerce.checkout()",
            )),
        }
    }

    /// One that ran elsewhere: the running period is paid already.
    fn imported(&self, desk: &Desk<'_>, mut born: State, end: Instant) -> Result<State> {
        let now = desk.now();
        let start = self.params.start_at.unwrap_or(now);
        if end <= now {
            return Err(Error::invalid("currentPeriodEnd", "must lie in the future"));
        }
        let period =
            Period::new(start, end).map_err(|_| Error::invalid("startAt", "must lie before currentPeriodEnd"))?;
        born.phase = Phase::Active;
        born.trial = None;
        born.started_at = start;
        born.cycle = Some(Cycle { period, whole: period });
        born.cadence = Cadence::starting(end, born.cadence.interval, born.cadence.billing_day);
        born.periods = 1;
        born.payments = u32::from(!born.arrears);
        born.metered_from = start.min(now);
        for item in &mut born.items {
            item.begun = 1;
            item.first_purchase = false;
            item.paid.clear();
        }
        Ok(born)
    }

    fn decide(&mut self, desk: &mut Desk<'_>, tx: &mut dyn Tx) -> Result<Begun<Vec<Work>>> {
        let customer = customers::live(&desk.cx, tx, self.customer(), !self.is_preview())?;
        desk.by_clock(tx, customer.clock.as_ref())?;
        if let Some(start) = self.params.start_at.filter(|_| !self.is_import()) {
            return Err(Error::invalid(
                "startAt",
                format!("belongs to currentPeriodEnd, for what ran elsewhere before: {start} alone says too little"),
            ));
        }
        let method = self.method(desk, tx)?;
        let (items, cart) = self.cart(desk, tx)?;
        let quoted = cart.quote(desk, 1, method.as_ref().map(|method| &method.id))?;
        let mut born = Self::only(&quoted)?;
        if let Some(end) = self.params.current_period_end {
            born = self.imported(desk, born, end)?;
            if self.is_preview() {
                return self.preview(desk, tx, &quoted, born).map(Begun::Answered);
            }
            let record = self.record(desk, tx, born, None)?;
            let record = desk.add_subscription(tx, record)?;
            return Self::created(&record).map(Begun::Answered);
        }
        expect_total(self.params.expect_total.map(|total| total.0), quoted.quote.now.total)?;
        if self.is_preview() {
            return self.preview(desk, tx, &quoted, born).map(Begun::Answered);
        }
        let due = quoted.quote.now.total.max(0);
        let mut order = self.order(desk, tx, &items, &quoted)?;
        match method {
            _ if due == 0 => {
                order.births = vec![born];
                let id = order.id.clone();
                desk.insert_order(tx, &order, &[])?;
                let paid = desk.order_paid(tx, order, desk.now())?;
                let made = paid
                    .made
                    .first()
                    .ok_or_else(|| Error::internal(format!("order {} made nothing", id.as_str())))?;
                Self::created(&live(&desk.cx, tx, made, false)?).map(Begun::Answered)
            }
            Some(method) => {
                order.births = vec![born];
                let attempt = desk.attempt(tx, &mut order, &method)?;
                desk.insert_order(tx, &order, &[])?;
                self.order = Some(order.id.clone());
                Ok(Begun::Work(vec![Work::Charge(attempt)]))
            }
            None => self.incomplete(desk, tx, order, born).map(Begun::Answered),
        }
    }

    fn order(&self, desk: &mut Desk<'_>, tx: &mut dyn Tx, items: &[CartItem], quoted: &Quoted) -> Result<Order> {
        let kind = desk.order_type(items)?;
        let id = OrderId::from_bits(desk.cx.uuid());
        let mut order = desk.new_order(tx, id, kind, self.customer(), quoted.quote.currency)?;
        order.cart = items.to_vec();
        order.codes = quoted
            .quote
            .applied
            .iter()
            .map(|applied| applied.code.clone())
            .collect();
        order.metadata = self.metadata.clone();
        desk.write_bill(&mut order, quoted.quote.now.clone());
        order.balance = quoted.balance;
        let change = crate::domain::money::Money::new(quoted.balance, order.currency);
        let reason = if quoted.balance < 0 { "spent" } else { "credit" };
        desk.change_balance(tx, self.customer(), change, reason, Some(&order.id))?;
        let until = crate::domain::instant::Instant::from_micros(
            desk.now().micros() + i64::from(desk.store.settings.stock_hold_minutes) * 60_000_000,
        );
        desk.hold(tx, &mut order, until, quoted)?;
        Ok(order)
    }

    /// Nothing can be charged yet: it waits for a payment method, or for its
    /// order to be paid (glossary, transitions 2 to 4).
    fn incomplete(
        &self,
        desk: &mut Desk<'_>,
        tx: &mut dyn Tx,
        mut order: Order,
        born: State,
    ) -> Result<crate::engine::customers::Outcome> {
        let hours = i64::from(desk.store.settings.incomplete_hours);
        let until = Instant::from_micros(desk.now().micros() + hours * 3_600_000_000);
        let born = born
            .incomplete(order.id.clone(), until)
            .map_err(|problem| Error::problem("items", problem))?;
        order.subscription = Some(born.id.clone());
        order.deadline = Some(until);
        desk.insert_order(tx, &order, &[])?;
        let record = self.record(desk, tx, born, Some(order.id))?;
        Self::created(&desk.add_subscription(tx, record)?)
    }

    fn record(
        &self,
        desk: &Desk<'_>,
        tx: &mut dyn Tx,
        state: State,
        order: Option<OrderId>,
    ) -> Result<SubscriptionRecord> {
        Ok(SubscriptionRecord {
            state,
            number: desk.numbers.next("subscription", tx)?,
            version: 1,
            customer: self.customer().clone(),
            order,
            clock: desk.cx.clock.clone(),
            created_at: desk.now(),
            updated_at: desk.now(),
            metadata: self.metadata.clone(),
        })
    }

    fn preview(
        &self,
        desk: &mut Desk<'_>,
        tx: &mut dyn Tx,
        quoted: &Quoted,
        born: State,
    ) -> Result<crate::engine::customers::Outcome> {
        let currency = born.currency;
        let record = self.preview_record(desk, born);
        let scene = Scene::of(desk, tx, &record)?;
        let upcoming = record
            .state
            .upcoming(1, far(), &scene.world(desk, &[]))
            .map_err(|refusal| billing::refused(&record, refusal))?;
        let now = (!self.is_import()).then_some(&quoted.quote.now);
        let shown = subscription_answers::subscription_preview(
            now,
            currency,
            desk.now(),
            upcoming.first(),
            desk.store.settings.locale,
        )?;
        answered(record.state.id.as_str(), &shown)
    }

    /// As if it were there, for looking ahead.
    fn preview_record(&self, desk: &Desk<'_>, state: State) -> SubscriptionRecord {
        SubscriptionRecord {
            state,
            number: 0,
            version: 1,
            customer: self.customer().clone(),
            order: None,
            clock: desk.cx.clock.clone(),
            created_at: desk.now(),
            updated_at: desk.now(),
            metadata: Metadata::default(),
        }
    }

    fn created(record: &SubscriptionRecord) -> Result<crate::engine::customers::Outcome> {
        let id = record.state.id.as_str().to_owned();
        Ok(answered(&id, &Subscription::from(record.clone()))?.of_new_object())
    }
}

impl Errand for CreateErrand {
    type Work = Vec<Work>;
    type Found = Vec<Result<Said>>;

    const NUMBERS: &'static [&'static str] = billing::NUMBERS;

    fn begin(&mut self, cx: &Context<'_>, tx: &mut dyn Tx, numbers: &Numbering) -> Result<Begun<Vec<Work>>> {
        let mut desk = Desk::open(cx, tx, numbers)?;
        self.decide(&mut desk, tx)
    }

    fn call(&mut self, work: Vec<Work>) -> Later<Self::Found> {
        ask_all(&self.session, work)
    }

    fn end(&mut self, cx: &Context<'_>, tx: &mut dyn Tx, numbers: &Numbering, said: &Self::Found) -> Result<Ended> {
        let mut desk = Desk::open(cx, tx, numbers)?;
        let failed = record_all(&mut desk, tx, said)?;
        let id = self
            .order
            .clone()
            .ok_or_else(|| Error::internal("a subscription was created without an order"))?;
        if let Some(error) = failed {
            // Nobody sees this order: another call makes another one.
            desk.close_order(tx, &id, OrderStatus::Failed, "order.updated", None)?;
            return Ok(Ended::Refused {
                error,
                subject: id.as_str().to_owned(),
            });
        }
        let order = tx
            .order(cx.store.no, &id, false)?
            .ok_or_else(|| Error::internal("the order of a new subscription is missing"))?;
        let made: Option<&SubscriptionId> = order.made.first();
        match made {
            Some(made) => {
                let record = live(cx, tx, made, false)?;
                let outcome = Self::created(&record)?;
                Ok(Ended::Answered(outcome))
            }
            // Nobody knows yet: the order is looked up until it is settled.
            None => Ok(Ended::Refused {
                error: Error::new(
                    Code::PaymentInProgress,
                    format!(
                        "the payment of order {} is not settled yet: the subscription begins once it is; look at orders.get()",
                        id.as_str()
                    ),
                )
                .with_detail("orderId", id.as_str()),
                subject: id.as_str().to_owned(),
            }),
        }
    }
}
