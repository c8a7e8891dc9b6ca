//! Deleting a customer: what lives ends, the gateway forgets the cards, and the
//! personal data goes. The ledger stays.

use std::sync::Arc;

use super::{
    Context, Session,
    billing::{self, Desk, Said, Work, carry_out},
    check_version, customers,
    errand::{Begun, Ended, Errand},
    gateway::{Forgotten, Later},
    numbers::Numbering,
    payment_methods,
    port::{Found, PaymentMethodRecord, SubscriptionRecord, Tx},
    subscriptions::{self, Ask, ask_all, record_all},
};
use crate::{
    domain::{customer::Customer, id::PaymentMethodId, subscription::At},
    error::{Code, Error, Result},
    ops::customer::CustomerDeleteParams,
};

/// `customers.delete`. Its gateway is asked only for customers with cards or
/// subscriptions; when it cannot be reached, the personal data stays until the
/// call comes again, for nobody else would have the key to the card.
pub(super) struct Delete {
    session: Arc<Session>,
    params: CustomerDeleteParams,
}

/// What is asked of a gateway: first what ending the subscriptions takes, then
/// to forget each card, whose sealed key is given.
pub(super) struct Asking {
    work: Vec<Work>,
    cards: Vec<(PaymentMethodId, Vec<u8>)>,
}

/// What the gateway said.
pub(super) struct Answers {
    said: Vec<Result<Said>>,
    forgotten: Result<()>,
}

impl Delete {
    pub(super) fn new(session: &Arc<Session>, params: CustomerDeleteParams) -> Self {
        Self {
            session: Arc::clone(session),
            params,
        }
    }

    /// Ends the subscriptions, where the caller wants that. Others stand in
    /// the way.
    fn end_subscriptions(
        &self,
        cx: &Context<'_>,
        tx: &mut dyn Tx,
        numbers: &Numbering,
        customer: &Customer,
    ) -> Result<Vec<Work>> {
        let living = tx.live_subscriptions(cx.store.no, &customer.id)?;
        self.refuse_living(&living, customer)?;
        if living.is_empty() {
            return Ok(Vec::new());
        }
        let mut desk = Desk::open(cx, tx, numbers)?;
        let mut work = Vec::new();
        for record in living {
            let record = subscriptions::live(cx, tx, &record.state.id, true)?;
            desk.by_clock(tx, record.clock.as_ref())?;
            let decision = Ask::Cancel(Some(At::Now), None).decide(&mut desk, tx, &record)?;
            work.append(&mut carry_out(&desk, tx, &record, decision)?.work);
        }
        Ok(work)
    }

    /// Refuses customers with subscriptions that nobody said are to end.
    fn refuse_living(&self, living: &[SubscriptionRecord], customer: &Customer) -> Result<()> {
        match living.first() {
            Some(record) if self.params.cancel_subscriptions != Some(true) => {
                let (id, subscription) = (customer.id.as_str(), record.state.id.as_str());
                Err(Error::new(
                    Code::CustomerSubscribed,
                    format!("customer {id} has subscription {subscription}, which is {}: cancel it first, or pass cancelSubscriptions: true", record.state.phase.name()),
                )
                .with_param("customerId")
                .with_detail("subscriptionId", subscription))
            }
            _ => Ok(()),
        }
    }
}

impl Errand for Delete {
    type Work = Asking;
    type Found = Answers;

    const NUMBERS: &'static [&'static str] = billing::NUMBERS;

    fn begin(&mut self, cx: &Context<'_>, tx: &mut dyn Tx, numbers: &Numbering) -> Result<Begun<Asking>> {
        let customer = customers::live(cx, tx, &self.params.customer_id, true)?;
        check_version(self.params.if_version.map(|version| version.0), customer.version)?;
        payment_methods::refuse_paying(cx, tx, &customer.id, None)?;
        let work = self.end_subscriptions(cx, tx, numbers, &customer)?;
        let mut cards = Vec::new();
        for id in tx.every_payment_method(cx.store.no, &customer.id)? {
            if let Ok(PaymentMethodRecord { secret, .. }) = payment_methods::live(cx, tx, &id, false) {
                cards.push((id, secret));
            }
        }
        if work.is_empty() && cards.is_empty() {
            return customers::erase(cx, tx, &customer).map(Begun::Answered);
        }
        Ok(Begun::Work(Asking { work, cards }))
    }

    fn call(&mut self, asking: Asking) -> Later<Answers> {
        let session = Arc::clone(&self.session);
        let asked = ask_all(&session, asking.work);
        Box::pin(async move {
            let said = asked.await;
            let forgotten = forget(&session, asking.cards).await;
            Answers { said, forgotten }
        })
    }

    fn end(&mut self, cx: &Context<'_>, tx: &mut dyn Tx, numbers: &Numbering, answers: &Answers) -> Result<Ended> {
        let id = &self.params.customer_id;
        if let Some(Found::Deleted(_)) = tx.customer(cx.store.no, id, true)? {
            return customers::erased(id).map(Ended::Answered);
        }
        let mut desk = Desk::open(cx, tx, numbers)?;
        // A last charge that is declined stays owed; nobody is left to ask.
        record_all(&mut desk, tx, &answers.said)?;
        let refused = |error: Error| Ended::Refused {
            error,
            subject: id.as_str().to_owned(),
        };
        if let Err(error) = &answers.forgotten {
            return Ok(refused(error.clone()));
        }
        let customer = customers::live(cx, tx, id, true)?;
        // Somebody may have subscribed meanwhile.
        let living = tx.live_subscriptions(cx.store.no, id)?;
        let stands =
            payment_methods::refuse_paying(cx, tx, id, None).and_then(|()| self.refuse_living(&living, &customer));
        match stands {
            Err(error) => Ok(refused(error)),
            Ok(()) => customers::erase(cx, tx, &customer).map(Ended::Answered),
        }
    }
}

/// Has the gateway forget cards.
async fn forget(session: &Arc<Session>, cards: Vec<(PaymentMethodId, Vec<u8>)>) -> Result<()> {
    if cards.is_empty() {
        return Ok(());
    }
    let gateway = session.engine.gateway(&session.store)?;
    for (id, sealed) in cards {
        let billing_key = session.engine.vault().open(&session.store, &id, &sealed)?;
        if let Forgotten::Unavailable = gateway.forget(billing_key).await {
            return Err(payment_methods::unavailable(&*gateway));
        }
    }
    Ok(())
}
