//! Checkout sessions and what becomes of them.

use super::{desk::Desk, jobs::SESSION_JOB};
use crate::{
    domain::{
        checkout::{CheckoutSession, SessionStatus},
        id::CheckoutSessionId,
        order::OrderStatus,
    },
    engine::{billing_answers, changed_members, port::Tx, to_json},
    error::{Error, Result},
};

impl Desk<'_> {
    /// Ends a session that is still open: paid, or out of time. One whose
    /// payment is under way stays open until that is settled.
    ///
    /// # Errors
    ///
    /// What the database has to say.
    pub(in crate::engine) fn complete_session(
        &mut self,
        tx: &mut dyn Tx,
        id: &CheckoutSessionId,
        status: SessionStatus,
    ) -> Result<()> {
        let store = self.cx.store.no;
        let Some(before) = tx.session(store, id, true)? else {
            return tx.remove_job(store, id.as_str());
        };
        if before.status != SessionStatus::Open {
            return tx.remove_job(store, id.as_str());
        }
        if status == SessionStatus::Expired {
            let order = tx.order(store, &before.order, true)?;
            if order.as_ref().is_some_and(|order| order.charging) {
                let later = crate::domain::instant::Instant::from_micros(self.now().micros() + 60_000_000);
                return self.put_job(tx, id.as_str(), SESSION_JOB, later, before.clock.as_ref());
            }
            // An order that was there before the link to it is not over with it.
            if !before.pay_link {
                self.close_order(tx, &before.order, OrderStatus::Expired, "order.updated", None)?;
            }
        }
        let mut after = before.clone();
        after.status = status;
        after.version += 1;
        after.updated_at = self.now();
        after.completed_at = (status == SessionStatus::Complete).then_some(self.now());
        tx.update_session(store, &after)?;
        tx.remove_job(store, id.as_str())?;
        let event = match status {
            SessionStatus::Complete => "checkout_session.completed",
            _ => "checkout_session.expired",
        };
        let json = self.session_json(tx, after.clone())?;
        let changed = changed_members(&self.session_json(tx, before)?, &json)?;
        self.cx
            .event(tx, event, id.as_str(), after.version, Some(&json), changed.as_deref())
    }

    /// A session as it is answered.
    pub(in crate::engine) fn session_json(&self, tx: &mut dyn Tx, session: CheckoutSession) -> Result<String> {
        let order = tx
            .order(self.cx.store.no, &session.order, false)?
            .ok_or_else(|| Error::internal("the order of a checkout session is missing"))?;
        let url = self.cx.pages.url(&session.token);
        to_json(&billing_answers::checkout_session(session, &order, url))
    }
}
