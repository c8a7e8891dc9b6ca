//! `subscriptions.updatePaymentMethod`: with a stored method, or with a card
//! that becomes one; an open bill is retried with it at once.

use std::sync::Arc;

use super::{
    ask::Ask,
    change::{ChangeErrand, ask_all, record_all},
    live,
};
use crate::{
    domain::id::{CustomerId, PaymentMethodId},
    engine::{
        Context, Session,
        billing::{self, Desk, Said, Work},
        errand::{Begun, Ended, Errand},
        gateway::Later,
        numbers::Numbering,
        payment_methods::{self, Made, NewMethod},
        port::Tx,
        transact::transact,
    },
    error::{Code, Error, Result},
    ops::{
        param::MetadataChange,
        payment_method::{CardParam, PaymentMethodCreateParams},
        subscription_change::{Change, Conditions, SubscriptionUpdatePaymentMethodParams},
    },
};

/// Another payment method for a subscription.
pub(in crate::engine) struct MethodErrand {
    session: Arc<Session>,
    params: SubscriptionUpdatePaymentMethodParams,
    /// Gone once the gateway has it.
    card: Option<CardParam>,
}

/// What the first transaction leaves to be done.
pub(in crate::engine) enum Step {
    /// What the subscription asks for, with a stored method.
    Ask(Vec<Work>),
    /// Register the customer's card first.
    Register(CustomerId),
}

/// What came of it.
pub(in crate::engine) enum Found {
    Said(Vec<Result<Said>>),
    Declined(Error),
    Failed(Error),
}

impl MethodErrand {
    pub(in crate::engine) fn new(
        session: &Arc<Session>,
        mut params: SubscriptionUpdatePaymentMethodParams,
    ) -> Result<Self> {
        let card = params.card.take();
        match (&card, &params.payment_method_id) {
            (Some(_), None) | (None, Some(_)) => {}
            (Some(_), Some(_)) => {
                return Err(Error::invalid(
                    "paymentMethodId",
                    "and card are given together: give one of them",
                ));
            }
            (None, None) => {
                let message = "card is required (or paymentMethodId)";
                return Err(Error::new(Code::ParameterMissing, message).with_param("card"));
            }
        }
        Ok(Self {
            session: Arc::clone(session),
            params,
            card,
        })
    }

    /// The change, once there is a stored method.
    fn change(&self, method: PaymentMethodId, conditions: Conditions) -> ChangeErrand {
        let ask = Ask::SetMethod(method, self.params.retry.unwrap_or(true));
        ChangeErrand::new(&self.session, &self.params.subscription_id, conditions, ask)
    }
}

impl Errand for MethodErrand {
    type Work = Step;
    type Found = Found;

    const NUMBERS: &'static [&'static str] = billing::NUMBERS;

    fn begin(&mut self, cx: &Context<'_>, tx: &mut dyn Tx, numbers: &Numbering) -> Result<Begun<Step>> {
        let conditions = self.params.conditions();
        if let Some(method) = self.params.payment_method_id.clone() {
            return Ok(match self.change(method, conditions).begin(cx, tx, numbers)? {
                Begun::Answered(outcome) => Begun::Answered(outcome),
                Begun::Work(work) => Begun::Work(Step::Ask(work)),
            });
        }
        let record = live(cx, tx, &self.params.subscription_id, false)?;
        if conditions.preview || record.state.phase.is_final() {
            // Shown, or refused, with the method that it has: the card changes nothing of it.
            let stand_in = record.state.method.unwrap_or_else(|| PaymentMethodId::from_bits(0));
            let known = Conditions {
                preview: true,
                ..conditions
            };
            return Ok(match self.change(stand_in, known).begin_unchecked(cx, tx, numbers)? {
                Begun::Answered(outcome) => Begun::Answered(outcome),
                Begun::Work(work) => Begun::Work(Step::Ask(work)),
            });
        }
        Ok(Begun::Work(Step::Register(record.customer)))
    }

    fn call(&mut self, step: Step) -> Later<Found> {
        let customer = match step {
            Step::Ask(work) => {
                let asked = ask_all(&self.session, work);
                return Box::pin(async move { Found::Said(asked.await) });
            }
            Step::Register(customer) => customer,
        };
        let create = payment_methods::Create::new(
            &self.session,
            PaymentMethodCreateParams {
                customer_id: customer.clone(),
                card: self.card.take(),
                auth_key: None,
                make_default: None,
                metadata: MetadataChange::default(),
            },
        );
        let session = Arc::clone(&self.session);
        let conditions = self.params.conditions();
        let retry = self.params.retry.unwrap_or(true);
        let id = self.params.subscription_id.clone();
        Box::pin(async move {
            let mut create = match create {
                Ok(create) => create,
                Err(error) => return Found::Failed(error),
            };
            let method = match create.call(()).await {
                Made::Method(method) => method,
                Made::Declined(error) => return Found::Declined(error),
                Made::Failed(error) => return Found::Failed(error),
            };
            let shared = Arc::clone(&session);
            let kept = method.clone();
            let begun = transact(&session, billing::NUMBERS, move |cx, tx, numbers| {
                keep(cx, tx, numbers, &customer, &kept)?;
                let ask = Ask::SetMethod(kept.id.clone(), retry);
                let mut change = ChangeErrand::new(&shared, &id, conditions, ask);
                Ok(match change.begin(cx, tx, numbers)? {
                    Begun::Answered(_) => Vec::new(),
                    Begun::Work(work) => work,
                })
            });
            match begun.await {
                Ok(work) => Found::Said(ask_all(&session, work).await),
                Err(error) => {
                    if let Some(undo) = create.undo(Made::Method(method)) {
                        undo.await;
                    }
                    Found::Failed(error)
                }
            }
        })
    }

    fn end(&mut self, cx: &Context<'_>, tx: &mut dyn Tx, numbers: &Numbering, found: &Found) -> Result<Ended> {
        match found {
            Found::Failed(error) => Err(error.clone()),
            Found::Declined(error) => Ok(Ended::Refused {
                error: error.clone(),
                subject: self.params.subscription_id.as_str().to_owned(),
            }),
            Found::Said(said) => {
                let mut desk = Desk::open(cx, tx, numbers)?;
                record_all(&mut desk, tx, said)?;
                super::shown(cx, tx, &self.params.subscription_id).map(Ended::Answered)
            }
        }
    }
}

/// Keeps a registered card as the customer's payment method.
fn keep(
    cx: &Context<'_>,
    tx: &mut dyn Tx,
    numbers: &Numbering,
    customer: &CustomerId,
    method: &NewMethod,
) -> Result<()> {
    crate::engine::customers::live(cx, tx, customer, true)?;
    let number = numbers.next("payment_method", tx)?;
    payment_methods::add(cx, tx, number, customer, method, false).map(drop)
}
