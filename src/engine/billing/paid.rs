//! What follows once an order is paid.

use super::{carry::schedule, desk::Desk, orders::move_items, refunds::ORDER_JOB};
use crate::{
    domain::{
        checkout::SessionStatus,
        id::PriceId,
        instant::Instant,
        order::{Order, OrderStatus},
        order_item::ItemState,
        subscription::Subscription,
    },
    engine::{
        dormancy,
        port::{Entry, Purchased, SubscriptionRecord, Tx},
        to_json,
    },
    error::Result,
    ops::subscription as ops,
};

impl Desk<'_> {
    /// An order is paid, or there was nothing to pay: its subscriptions are
    /// born, what it held is sold, its session is complete.
    ///
    /// # Errors
    ///
    /// What the database has to say.
    pub(in crate::engine) fn order_paid(&mut self, tx: &mut dyn Tx, before: Order, at: Instant) -> Result<Order> {
        let store = self.cx.store.no;
        let mut after = before.clone();
        after.status = OrderStatus::Paid;
        after.paid_at = Some(at);
        after.charging = false;
        // What was held is sold now.
        after.holds.clear();
        after.held_until = None;
        move_items(&mut after, ItemState::Paid);
        for redeemed in &after.redeemed {
            tx.put_redemption(store, &redeemed.coupon, &after.id, &after.customer, None)?;
        }
        self.note_sold(tx, &after, at)?;
        for mut born in std::mem::take(&mut after.births) {
            born.method = born.method.or_else(|| after.method.clone());
            let record = self.give_birth(tx, &after, born)?;
            after.made.push(record.state.id);
        }
        tx.remove_job(store, after.id.as_str())?;
        let after = self.save_order(tx, &before, after, &["order.paid"])?;
        if let Some(session) = &after.session {
            self.complete_session(tx, session, SessionStatus::Complete)?;
        }
        dormancy::note_order(self, tx, &after.customer)?;
        Ok(after)
    }

    /// Adds a subscription that a paid order makes.
    pub(in crate::engine) fn give_birth(
        &mut self,
        tx: &mut dyn Tx,
        order: &Order,
        born: Subscription,
    ) -> Result<SubscriptionRecord> {
        let record = SubscriptionRecord {
            number: self.numbers.next("subscription", tx)?,
            version: 1,
            customer: order.customer.clone(),
            order: Some(order.id.clone()),
            clock: order.clock.clone(),
            created_at: self.now(),
            updated_at: self.now(),
            metadata: order.metadata.clone(),
            state: born,
        };
        self.add_subscription(tx, record)
    }

    /// Adds a subscription with its event, its first seats and its job.
    pub(in crate::engine) fn add_subscription(
        &mut self,
        tx: &mut dyn Tx,
        record: SubscriptionRecord,
    ) -> Result<SubscriptionRecord> {
        tx.insert_subscription(self.cx.store.no, &record)?;
        self.count_seats(tx, None, &record)?;
        schedule(self, tx, &record)?;
        let json = to_json(&ops::Subscription::from(record.clone()))?;
        let id = record.state.id.as_str();
        self.cx.event(tx, "subscription.created", id, 1, Some(&json), None)?;
        Ok(record)
    }

    /// Prices that were sold never change their terms; products count as
    /// bought, or as tried.
    fn note_sold(&mut self, tx: &mut dyn Tx, order: &Order, at: Instant) -> Result<()> {
        let store = self.cx.store.no;
        let mut sold: Vec<PriceId> = order.items.iter().filter_map(|item| item.line.price.clone()).collect();
        sold.extend(
            order
                .births
                .iter()
                .flat_map(|born| born.items.iter().map(|item| item.price.clone())),
        );
        sold.sort();
        sold.dedup();
        for id in sold {
            // Renewals tell nothing new of what was bought.
            let renewal = order.subscription.is_some();
            if renewal && self.sold.contains(&id) {
                continue;
            }
            let Some(Entry::Live(before)) = tx.price(store, &id, false)? else {
                continue;
            };
            if !before.sold {
                let mut after = (*before).clone();
                after.sold = true;
                tx.update_price(store, &before, &after)?;
            }
            self.sold.insert(id.clone());
            if renewal {
                continue;
            }
            let trial = order
                .births
                .iter()
                .any(|born| born.trial.is_some() && born.items.iter().any(|item| item.price == id));
            let purchased = Purchased {
                bought_at: (!trial).then_some(at),
                trial_at: trial.then_some(at),
            };
            tx.note_purchase(store, &order.customer, &before.product, purchased)?;
        }
        Ok(())
    }

    /// Sets the job of an order: its hold, its deadline, or a refund that
    /// nobody knows the outcome of.
    pub(in crate::engine) fn schedule_order(&self, tx: &mut dyn Tx, order: &Order) -> Result<()> {
        let open = order.status == OrderStatus::Open;
        let held = order
            .held_until
            .filter(|_| !order.charging && (open || !order.holds.is_empty()));
        let deadline = order.deadline.filter(|_| open && !order.charging);
        let due = [held, deadline].into_iter().flatten().min();
        match due {
            Some(at) => self.put_job(tx, order.id.as_str(), ORDER_JOB, at, order.clock.as_ref()),
            None => tx.remove_job(self.cx.store.no, order.id.as_str()),
        }
    }
}
