//! From an operation and its input to the use case: the one way in.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::Arc,
};

use serde_json::Value;
use zeroize::Zeroizing;

use super::{
    Context, Session,
    command::{Command, Header},
    coupons, custom_fields, customer_list, customers, erasure,
    errand::{self, Errand},
    events, features, idempotency,
    later::{number_events, queue_numbering, read_later},
    numbers::Numbering,
    payment_methods,
    port::{Tx, Watch},
    preview, prices, products,
    reply::{Answered, Reply, impossible},
    settings, signup_form,
};
use crate::{
    domain::{api_key::Scope, email::Email, phone},
    error::{Code, Error, Result},
    ops::{
        Effect, Op,
        custom_field::{
            CustomFieldCreateParams, CustomFieldDeleteParams, CustomFieldListParams, CustomFieldUpdateParams,
        },
        customer::{
            CustomerCreateParams, CustomerDeleteParams, CustomerGetParams, CustomerListParams,
            CustomerRecordLoginParams, CustomerUpdateParams, CustomerVerifyPasswordParams,
        },
        event::EventListParams,
        payment_method::{PaymentMethodCreateParams, PaymentMethodDeleteParams, PaymentMethodUpdateParams},
        read::Input,
        settings::{SettingsGetParams, SettingsUpdateParams},
        signup_form::{SignupFormGetParams, SignupFormSubmitParams, SignupFormUpdateParams},
        store::StoreGetParams,
    },
};

mod orders;
mod people;
mod subscriptions;

/// Inputs longer than this are parsed on another thread.
const LONG_INPUT: usize = 64 * 1024;

/// What changes of the catalogue are about, for the order of locks: a product,
/// its prices, and whatever they refer to.
const CATALOGUE: &str = "catalogue";

/// What changes of the settings are about.
const SETTINGS: &str = "settings";

/// A use case that reads.
type ReadCase<P> = fn(&Context<'_>, &mut dyn Tx, &P) -> Result<String>;

/// A call from a front.
pub struct Call {
    /// What to do.
    pub op: Op,
    /// Its parameters as JSON text.
    pub input: String,
    /// The caller's idempotency key.
    pub idempotency_key: Option<String>,
    /// The request, for events.
    pub request_id: Option<String>,
    /// Lets the caller give up.
    pub watch: Arc<Watch>,
}

impl Session {
    /// Starts a call. What can be answered where the caller stands comes back
    /// at once; otherwise `reply` gets it later.
    pub fn call(self: &Arc<Self>, call: Call, reply: Reply) -> Option<Result<Answered>> {
        let slow = call.input.len() > LONG_INPUT || !phone::is_quick() && call.input.contains("\"phone\"");
        if slow {
            let session = Arc::clone(self);
            self.engine.blocking.spawn_blocking(move || {
                if let (Some(outcome), Some(reply)) = session.started(call, reply) {
                    reply.send(outcome);
                }
            });
            return None;
        }
        let (outcome, unused) = self.started(call, reply);
        unused.into_iter().for_each(Reply::discard);
        outcome
    }

    /// The answer, when there is one at once, and the reply unless it was taken
    /// along. A panic ends here: nothing of ours may take Node down.
    fn started(self: &Arc<Self>, call: Call, reply: Reply) -> (Option<Result<Answered>>, Option<Reply>) {
        let mut reply = Some(reply);
        let outcome = catch_unwind(AssertUnwindSafe(|| self.start(call, &mut reply).transpose()));
        (
            outcome.unwrap_or_else(|_| reply.is_some().then(|| Err(impossible()))),
            reply,
        )
    }

    /// Refuses what the caller's key may not do.
    pub fn permit(&self, op: Op) -> Result<()> {
        let declared = op.declaration();
        if self.scope == Scope::Full || declared.effect == Effect::Read {
            return Ok(());
        }
        Err(Error::new(
            Code::PermissionDenied,
            format!(
                "this API key may only read: {} needs a key with the scope full",
                declared.name
            ),
        ))
    }

    /// Answers at once, or takes `reply` and answers later.
    fn start(self: &Arc<Self>, call: Call, reply: &mut Option<Reply>) -> Result<Option<Answered>> {
        self.permit(call.op)?;
        let declared = call.op.declaration();
        let text = call.input;
        let input = serde_json::from_str(&text)
            .map_err(|error| Error::new(Code::ParameterInvalid, format!("the parameters are no JSON: {error}")));
        if declared.secret {
            drop(Zeroizing::new(text));
        }
        let input: Value = input?;
        let key = match &call.idempotency_key {
            Some(key) if declared.effect == Effect::Write => {
                let secret = &self.store.secret;
                Some(if declared.secret {
                    idempotency::Key::new(key, &declared.input.without_secrets(&input), secret)?
                } else {
                    idempotency::Key::new(key, &input, secret)?
                })
            }
            _ => None,
        };
        let mut started = Started {
            header: Header {
                session: Arc::clone(self),
                operation: declared.name,
                request_id: call.request_id,
                key,
                watch: call.watch,
                order: String::new(),
            },
            reply,
        };
        started.dispatch(call.op, input)
    }
}

/// A call whose input is JSON.
struct Started<'a> {
    header: Header,
    reply: &'a mut Option<Reply>,
}

impl Started<'_> {
    fn dispatch(&mut self, op: Op, input: Value) -> Result<Option<Answered>> {
        match op {
            Op::CustomersCreate => {
                let params = CustomerCreateParams::read_input(input)?;
                self.touches(params.email.key());
                self.create(params)
            }
            Op::CustomersGet => {
                let params = CustomerGetParams::read_input(input)?;
                self.point(move |cx, tx| customers::get(cx, tx, &params))
            }
            Op::CustomersList => {
                let params = CustomerListParams::read_input(input)?;
                if is_point(&params) {
                    return self.point(move |cx, tx| customer_list::list(cx, tx, &params));
                }
                self.read(move |cx, tx| customer_list::list(cx, tx, &params))
            }
            Op::CustomersUpdate => {
                let params = CustomerUpdateParams::read_input(input)?;
                self.touches(params.customer_id.as_str());
                self.update(params)
            }
            Op::CustomersDelete => {
                let params = CustomerDeleteParams::read_input(input)?;
                self.touches(params.customer_id.as_str());
                let errand = erasure::Delete::new(&self.header.session, params);
                self.errand(errand)
            }
            Op::CustomersRecordLogin => {
                let params = CustomerRecordLoginParams::read_input(input)?;
                self.touches(params.customer_id.as_str());
                self.write(move |cx, tx| customers::record_login(cx, tx, &params.customer_id))
            }
            Op::CustomersVerifyPassword => self.verify_password(CustomerVerifyPasswordParams::read_input(input)?),
            Op::CustomersImport | Op::CustomersImportTemplate => {
                Err(Error::internal("files go through the import layer"))
            }
            Op::CustomFieldsCreate => {
                let params = CustomFieldCreateParams::read_input(input)?;
                self.write(move |cx, tx| custom_fields::create(cx, tx, &params))
            }
            Op::CustomFieldsList => {
                let params = CustomFieldListParams::read_input(input)?;
                self.read(move |cx, tx| custom_fields::list(cx, tx, &params))
            }
            Op::CustomFieldsUpdate => {
                let params = CustomFieldUpdateParams::read_input(input)?;
                self.write(move |cx, tx| custom_fields::update(cx, tx, &params))
            }
            Op::CustomFieldsDelete => {
                let params = CustomFieldDeleteParams::read_input(input)?;
                self.write(move |cx, tx| custom_fields::delete(cx, tx, &params))
            }
            Op::SignupFormGet => {
                SignupFormGetParams::read_input(input)?;
                self.read(signup_form::get)
            }
            Op::SignupFormUpdate => {
                let params = SignupFormUpdateParams::read_input(input)?;
                self.write(move |cx, tx| signup_form::update(cx, tx, &params))
            }
            Op::SignupFormSubmit => {
                let params = SignupFormSubmitParams::read_input(input)?;
                self.touches(params.email.as_ref().map_or("", Email::key));
                self.submit(params)
            }
            Op::ProductsCreate => self.create_of(input, &["product", "price"], products::create),
            Op::ProductsGet => self.point_of(input, products::get),
            Op::ProductsList => self.read_of(input, products::list),
            Op::ProductsUpdate => self.write_of(input, products::update),
            Op::ProductsArchive => self.write_of(input, products::archive),
            Op::ProductsDelete => self.write_of(input, products::delete),
            Op::PricesCreate => self.create_of(input, &["price"], prices::create),
            Op::PricesGet => self.point_of(input, prices::get),
            Op::PricesList => self.read_of(input, prices::list),
            Op::PricesUpdate => self.write_of(input, prices::update),
            Op::PricesReplace => self.create_of(input, &["price"], prices::replace),
            Op::PricesArchive => self.write_of(input, prices::archive),
            Op::PricesDelete => self.write_of(input, prices::delete),
            Op::FeaturesCreate => self.create_of(input, &["feature"], features::create),
            Op::FeaturesGet => self.point_of(input, features::get),
            Op::FeaturesList => self.read_of(input, features::list),
            Op::FeaturesUpdate => self.write_of(input, features::update),
            Op::FeaturesArchive => self.write_of(input, features::archive),
            Op::FeaturesDelete => self.write_of(input, features::delete),
            Op::Preview => self.point_of(input, preview::preview),
            Op::CouponsCreate => self.create_of(input, &["coupon"], coupons::create),
            Op::CouponsGet => self.point_of(input, coupons::get),
            Op::CouponsList => self.read_of(input, coupons::list),
            Op::CouponsUpdate => self.write_of(input, coupons::update),
            Op::CouponsDelete => self.write_of(input, coupons::delete),
            Op::PaymentMethodsCreate => {
                let params = PaymentMethodCreateParams::read_input(input)?;
                self.touches(params.customer_id.as_str());
                let errand = payment_methods::Create::new(&self.header.session, params)?;
                self.errand(errand)
            }
            Op::PaymentMethodsGet => self.point_of(input, payment_methods::get),
            Op::PaymentMethodsList => self.read_of(input, payment_methods::list),
            Op::PaymentMethodsUpdate => {
                let params = PaymentMethodUpdateParams::read_input(input)?;
                self.touches(params.payment_method_id.as_str());
                self.write(move |cx, tx| payment_methods::update(cx, tx, &params))
            }
            Op::PaymentMethodsDelete => {
                let params = PaymentMethodDeleteParams::read_input(input)?;
                self.touches(params.payment_method_id.as_str());
                let errand = payment_methods::Delete::new(&self.header.session, params)?;
                self.errand(errand)
            }
            Op::EventsList => self.events(EventListParams::read_input(input)?),
            Op::SettingsGet => {
                SettingsGetParams::read_input(input)?;
                self.point(settings::get)
            }
            Op::SettingsUpdate => {
                let params = SettingsUpdateParams::read_input(input)?;
                self.touches(SETTINGS);
                self.write(move |cx, tx| settings::update(cx, tx, &params))
            }
            Op::Checkout
            | Op::CheckoutSessionsGet
            | Op::CheckoutSessionsList
            | Op::CheckoutSessionsExpire
            | Op::CheckoutSessionsComplete
            | Op::OrdersCreate
            | Op::OrdersGet
            | Op::OrdersList
            | Op::OrdersPay
            | Op::OrdersPayLink
            | Op::OrdersCancel
            | Op::OrdersRefund
            | Op::OrdersUpdateItem
            | Op::PaymentsGet
            | Op::PaymentsList
            | Op::PaymentsRefund
            | Op::PaymentsReceipt => self.orders(op, input),
            Op::TestClocksCreate
            | Op::TestClocksGet
            | Op::TestClocksList
            | Op::TestClocksAdvance
            | Op::TestClocksDelete
            | Op::SubscriptionsCreate
            | Op::SubscriptionsGet
            | Op::SubscriptionsList
            | Op::SubscriptionsUpdate
            | Op::SubscriptionsCancel
            | Op::SubscriptionsUncancel
            | Op::SubscriptionsPause
            | Op::SubscriptionsResume
            | Op::SubscriptionsChangePlan
            | Op::SubscriptionsCancelPendingChange
            | Op::SubscriptionsUpdateQuantity
            | Op::SubscriptionsAddItem
            | Op::SubscriptionsUpdateItem
            | Op::SubscriptionsRemoveItem
            | Op::SubscriptionsChangePaymentDate
            | Op::SubscriptionsRenewNow
            | Op::SubscriptionsUpdatePaymentMethod
            | Op::SubscriptionsUpcoming
            | Op::UsagesRecord
            | Op::UsagesCalculate
            | Op::UsagesList
            | Op::CreditBalanceGet
            | Op::CreditBalanceAdjust
            | Op::CreditBalanceList
            | Op::Check
            | Op::Forecast
            | Op::SandboxEmit => self.subscriptions(op, input),
            Op::EventsStream => Err(Error::internal("a stream has no one answer")),
            Op::StoreGet => {
                StoreGetParams::read_input(input)?;
                self.point(settings::store)
            }
        }
    }

    /// Names the object that the call is about, for the order in which
    /// transactions lock rows.
    fn touches(&mut self, object: &str) {
        self.header.order = object.to_owned();
    }

    fn take_reply(&mut self) -> Result<Reply> {
        self.reply
            .take()
            .ok_or_else(|| Error::internal("a call was answered twice"))
    }

    /// The header and the reply, to be carried to another thread.
    fn depart(&mut self) -> Result<(Header, Reply)> {
        let reply = self.take_reply()?;
        let header = &mut self.header;
        let parts = Header {
            session: Arc::clone(&header.session),
            operation: header.operation,
            request_id: header.request_id.take(),
            key: header.key.take(),
            watch: Arc::clone(&header.watch),
            order: std::mem::take(&mut header.order),
        };
        Ok((parts, reply))
    }

    /// A read by primary or unique key: answered where the caller stands if
    /// the store can.
    fn point(
        &mut self,
        read: impl Fn(&Context<'_>, &mut dyn Tx) -> Result<String> + Send + 'static,
    ) -> Result<Option<Answered>> {
        let session = Arc::clone(&self.header.session);
        let mut answer = None;
        let here = session.engine.database.read_here(&mut |tx| {
            answer = Some(read(&session.context(None), tx)?);
            Ok(())
        });
        match here {
            Some(outcome) => outcome.map(|()| answer.map(Answered::Json)),
            None => self.read(read),
        }
    }

    /// A read that may take long, on another thread.
    fn read(
        &mut self,
        read: impl Fn(&Context<'_>, &mut dyn Tx) -> Result<String> + Send + 'static,
    ) -> Result<Option<Answered>> {
        let (header, reply) = self.depart()?;
        read_later(header, reply, read);
        Ok(None)
    }

    fn write(
        &mut self,
        run: impl FnMut(&Context<'_>, &mut dyn Tx) -> Result<customers::Outcome> + Send + 'static,
    ) -> Result<Option<Answered>> {
        let (header, reply) = self.depart()?;
        Command::queue(header, reply, run);
        Ok(None)
    }

    /// A call that asks a gateway.
    fn errand(&mut self, errand: impl Errand) -> Result<Option<Answered>> {
        let (header, reply) = self.depart()?;
        errand::run(header, reply, errand);
        Ok(None)
    }

    /// A point read of a use case that needs its parameters and nothing else.
    fn point_of<P: Input + Send + 'static>(&mut self, input: Value, read: ReadCase<P>) -> Result<Option<Answered>> {
        let params = P::read_input(input)?;
        self.point(move |cx, tx| read(cx, tx, &params))
    }

    /// The same on another thread.
    fn read_of<P: Input + Send + 'static>(&mut self, input: Value, read: ReadCase<P>) -> Result<Option<Answered>> {
        let params = P::read_input(input)?;
        self.read(move |cx, tx| read(cx, tx, &params))
    }

    /// A change of an object of the catalogue.
    fn write_of<P: Input + Send + 'static>(
        &mut self,
        input: Value,
        run: fn(&Context<'_>, &mut dyn Tx, &P) -> Result<customers::Outcome>,
    ) -> Result<Option<Answered>> {
        let params = P::read_input(input)?;
        self.touches(CATALOGUE);
        self.write(move |cx, tx| run(cx, tx, &params))
    }

    /// A use case that makes objects of the catalogue, which need numbers of
    /// these kinds.
    fn create_of<P: Input + Send + 'static>(
        &mut self,
        input: Value,
        kinds: &[&'static str],
        run: fn(&Context<'_>, &mut dyn Tx, &P, &Numbering) -> Result<customers::Outcome>,
    ) -> Result<Option<Answered>> {
        let params = P::read_input(input)?;
        self.touches(CATALOGUE);
        let (header, reply) = self.depart()?;
        queue_numbering(header, reply, kinds, move |cx, tx, numbers| {
            run(cx, tx, &params, numbers)
        });
        Ok(None)
    }

    /// Events are given their places before they are read, so that a reader
    /// sees everything that was committed.
    fn events(&mut self, params: EventListParams) -> Result<Option<Answered>> {
        let (header, reply) = self.depart()?;
        number_events(header, reply, move |header, reply| {
            read_later(header, reply, move |cx, tx| events::list(cx, tx, &params));
        });
        Ok(None)
    }
}

/// A list by e-mail address alone finds its few rows by one key.
fn is_point(params: &CustomerListParams) -> bool {
    params.email.is_some() && params.query.is_none() && params.expand.is_none()
}
