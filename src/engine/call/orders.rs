//! Orders, payments and checkout: from an operation to its use case.

use serde_json::Value;

use super::Started;
use crate::{
    domain::{
        api_key::Mode,
        id::{CustomerId, PaymentMethodId},
    },
    engine::{
        Context, checkout,
        customers::Outcome,
        later::queue_numbering,
        line_items::codes_of,
        numbers::Numbering,
        orders,
        pay::{Choice, Conditions, Pay, Target, With},
        payments,
        port::Tx,
        refund::{Of, Refund},
        reply::Answered,
    },
    error::{Code, Error, Result},
    ops::{
        Op,
        checkout::{CheckoutParams, CheckoutSessionCompleteParams, CheckoutSessionExpireParams},
        order::{
            OrderCancelParams, OrderCreateParams, OrderPayLinkParams, OrderPayParams, OrderRefundParams,
            OrderUpdateItemParams,
        },
        payment::PaymentRefundParams,
        payment_method::CardParam,
        read::Input,
    },
};

/// A use case that makes things with numbers.
type Case<P> = fn(&Context<'_>, &mut dyn Tx, &P, &Numbering) -> Result<Outcome>;

impl Started<'_> {
    pub(super) fn orders(&mut self, op: Op, input: Value) -> Result<Option<Answered>> {
        match op {
            Op::Checkout => self.checkout(CheckoutParams::read_input(input)?),
            Op::CheckoutSessionsGet => self.point_of(input, checkout::get),
            Op::CheckoutSessionsList => self.read_of(input, checkout::list),
            Op::CheckoutSessionsExpire => {
                let params = CheckoutSessionExpireParams::read_input(input)?;
                self.touches(params.checkout_session_id.as_str());
                self.numbering(params, &[], checkout::expire)
            }
            Op::CheckoutSessionsComplete => self.complete(CheckoutSessionCompleteParams::read_input(input)?),
            Op::OrdersCreate => {
                let params = OrderCreateParams::read_input(input)?;
                self.touches(params.customer_id.as_str());
                self.numbering(params, &["order"], orders::create)
            }
            Op::OrdersGet => self.point_of(input, orders::get),
            Op::OrdersList => self.read_of(input, orders::list),
            Op::OrdersPay => self.pay(OrderPayParams::read_input(input)?),
            Op::OrdersPayLink => {
                let params = OrderPayLinkParams::read_input(input)?;
                let session = &self.header.session;
                session.engine.page_base(&session.store)?;
                self.touches(params.order_id.as_str());
                self.numbering(params, &[], orders::pay_link)
            }
            Op::OrdersCancel => {
                let params = OrderCancelParams::read_input(input)?;
                self.touches(params.order_id.as_str());
                self.numbering(params, crate::engine::billing::NUMBERS, orders::cancel)
            }
            Op::OrdersRefund => {
                let params = OrderRefundParams::read_input(input)?;
                self.touches(params.order_id.as_str());
                let refund = Refund::new(
                    &self.header.session,
                    Of::Order(params.order_id, params.item_id),
                    params.amount.map(|amount| amount.0),
                    params.reason.map(|reason| reason.0),
                    params.if_version.map(|version| version.0),
                );
                self.errand(refund)
            }
            Op::OrdersUpdateItem => {
                let params = OrderUpdateItemParams::read_input(input)?;
                self.touches(params.order_id.as_str());
                self.numbering(params, &[], orders::update_item)
            }
            Op::PaymentsGet => self.point_of(input, payments::get),
            Op::PaymentsList => self.read_of(input, payments::list),
            Op::PaymentsRefund => {
                let params = PaymentRefundParams::read_input(input)?;
                self.touches(params.payment_id.as_str());
                let refund = Refund::new(
                    &self.header.session,
                    Of::Payment(params.payment_id),
                    params.amount.map(|amount| amount.0),
                    params.reason.map(|reason| reason.0),
                    params.if_version.map(|version| version.0),
                );
                self.errand(refund)
            }
            Op::PaymentsReceipt => self.point_of(input, payments::receipt),
            _ => Err(Error::internal("no operation about orders")),
        }
    }

    fn numbering<P: Send + 'static>(
        &mut self,
        params: P,
        kinds: &[&'static str],
        run: Case<P>,
    ) -> Result<Option<Answered>> {
        let (header, reply) = self.depart()?;
        queue_numbering(header, reply, kinds, move |cx, tx, numbers| {
            run(cx, tx, &params, numbers)
        });
        Ok(None)
    }

    fn checkout(&mut self, params: CheckoutParams) -> Result<Option<Answered>> {
        let session = &self.header.session;
        session.engine.page_base(&session.store)?;
        let by_email = params.customer.as_ref().map(|customer| customer.email.key().to_owned());
        let by_id = params.customer_id.as_ref().map(CustomerId::as_str);
        let about = by_email.or_else(|| by_id.map(str::to_owned)).unwrap_or_default();
        self.touches(&about);
        self.numbering(params, checkout::NUMBERS, checkout::create)
    }

    fn pay(&mut self, params: OrderPayParams) -> Result<Option<Answered>> {
        let with = means(params.card, params.payment_method_id, With::Default)?;
        let conditions = Conditions {
            total: params.expect_total.map(|total| total.0),
            version: params.if_version.map(|version| version.0),
        };
        self.touches(params.order_id.as_str());
        let target = Target::Order(params.order_id);
        let pay = Pay::new(
            &self.header.session,
            self.header.request_id.clone(),
            target,
            Choice::default(),
            with,
            conditions,
        )?;
        self.errand(pay)
    }

    /// What a payer would do on the page, for tests without a browser.
    fn complete(&mut self, params: CheckoutSessionCompleteParams) -> Result<Option<Answered>> {
        let store = &self.header.session.store;
        if store.mode != Mode::Test {
            return Err(Error::new(
                Code::TestModeOnly,
                format!(
                    "checkoutSessions.complete is there for tests, and store {} is live: payers pay on the page",
                    store.id.as_str()
                ),
            ));
        }
        let codes = codes_of(params.promotion_code.as_ref(), params.discount_codes.as_ref())?;
        let quantities = params.quantities.map_or_else(Vec::new, |list| list.0);
        if params.quantity.is_some() && !quantities.is_empty() {
            return Err(Error::invalid(
                "quantity",
                "and quantities are given together: give one of them",
            ));
        }
        let choice = Choice {
            quantity: params.quantity.map(|quantity| quantity.0),
            quantities: quantities
                .into_iter()
                .map(|one| (one.price_id, one.quantity.0))
                .collect(),
            codes,
        };
        let with = means(params.card, params.payment_method_id, With::Nothing)?;
        self.touches(params.checkout_session_id.as_str());
        let pay = Pay::new(
            &self.header.session,
            self.header.request_id.clone(),
            Target::Session(params.checkout_session_id),
            choice,
            with,
            Conditions::default(),
        )?;
        self.errand(pay)
    }
}

fn means(card: Option<CardParam>, method: Option<PaymentMethodId>, otherwise: With) -> Result<With> {
    match (card, method) {
        (Some(_), Some(_)) => Err(Error::invalid(
            "paymentMethodId",
            "and card are given together: give one of them",
        )),
        (Some(card), None) => Ok(With::Card(card)),
        (None, Some(id)) => Ok(With::Method(id)),
        (None, None) => Ok(otherwise),
    }
}
