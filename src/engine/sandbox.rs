//! `commerce.sandbox`: the built-in gateway says what a test wants it to.

use std::sync::Arc;

use super::{
    Context, Session,
    billing::{self, Desk, How, NUMBERS, Said, Work},
    catalog::answered,
    customers::Outcome,
    errand::{Begun, Ended, Errand},
    gateway::Later,
    numbers::Numbering,
    port::Tx,
    test_clocks,
};
use crate::{
    domain::{id::PaymentId, sandbox::GatewayEventKind},
    error::{Code, Error, Result},
    ops::payment::{Payment, SandboxEmitParams, SandboxEvent},
};

/// `sandbox.emit`: an event as a gateway sends it by itself. What follows from
/// it may ask the gateway for more.
pub(super) struct Emit {
    session: Arc<Session>,
    payment: PaymentId,
    kind: GatewayEventKind,
}

impl Emit {
    /// # Errors
    ///
    /// `test_mode_only` on a live store.
    pub(super) fn new(session: &Arc<Session>, params: &SandboxEmitParams) -> Result<Self> {
        test_clocks::refuse_live(&session.context(None))?;
        Ok(Self {
            session: Arc::clone(session),
            payment: params.payment_id.clone(),
            kind: match params.event {
                SandboxEvent::Settled => GatewayEventKind::Settled,
                SandboxEvent::Failed => GatewayEventKind::Failed,
                SandboxEvent::Disputed => GatewayEventKind::Disputed,
                SandboxEvent::DisputeWon => GatewayEventKind::DisputeWon,
                SandboxEvent::Refunded => GatewayEventKind::Refunded,
            },
        })
    }

    fn answer(&self, cx: &Context<'_>, tx: &mut dyn Tx) -> Result<Outcome> {
        let payment = tx
            .payment(cx.store.no, &self.payment, false)?
            .ok_or_else(|| self.missing())?;
        answered(self.payment.as_str(), &Payment::from(payment))
    }

    fn missing(&self) -> Error {
        let message = format!(
            "no payment of this store has id {}: check it, and that the API key is of the store that made it; payments.list() shows what there is",
            self.payment.as_str()
        );
        Error::new(Code::PaymentNotFound, message).with_param("paymentId")
    }
}

impl Errand for Emit {
    type Work = Vec<Work>;
    type Found = Result<Vec<Said>>;

    const NUMBERS: &'static [&'static str] = NUMBERS;

    fn begin(&mut self, cx: &Context<'_>, tx: &mut dyn Tx, numbers: &Numbering) -> Result<Begun<Self::Work>> {
        let payment = tx
            .payment(cx.store.no, &self.payment, false)?
            .ok_or_else(|| self.missing())?;
        let mut desk = Desk::open(cx, tx, numbers)?;
        desk.by_clock(tx, payment.clock.as_ref())?;
        let (word, now) = (billing::word_of(self.kind, payment.amount), desk.now());
        let work = billing::event(&mut desk, tx, &self.payment, word, now)?;
        match work.is_empty() {
            true => self.answer(cx, tx).map(Begun::Answered),
            false => Ok(Begun::Work(work)),
        }
    }

    fn call(&mut self, work: Self::Work) -> Later<Self::Found> {
        let session = Arc::clone(&self.session);
        Box::pin(async move {
            let mut said = Vec::with_capacity(work.len());
            for one in work {
                said.push(billing::run(Arc::clone(&session.engine), session.store.clone(), one).await?);
            }
            Ok(said)
        })
    }

    fn end(&mut self, cx: &Context<'_>, tx: &mut dyn Tx, numbers: &Numbering, found: &Self::Found) -> Result<Ended> {
        // What could not be asked is asked again by its job.
        for said in found.iter().flatten() {
            let mut desk = Desk::open(cx, tx, numbers)?;
            billing::record(&mut desk, tx, said, How::Alone)?;
        }
        self.answer(cx, tx).map(Ended::Answered)
    }
}
