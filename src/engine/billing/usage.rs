//! Entries of what was used, or may be used, as they are written.

use super::desk::Desk;
use crate::{
    domain::{
        catalog::price::{Claim, PriceType, Terms},
        decimal::Quantity,
        id::{PriceId, UsageId},
        instant::Instant,
        subscription::{Subscription, Topup},
    },
    engine::{
        port::{Entry, SubscriptionRecord, Tx, UsageEntry},
        to_json,
    },
    error::{Error, Result},
    ops::usage::Usage,
};

/// No entry counts later.
const EVER: Instant = Instant::from_micros(i64::MAX);

impl Desk<'_> {
    /// An entry counts from now on. Its event has no free text: that may speak
    /// of a person, and goes with the entry alone.
    ///
    /// # Errors
    ///
    /// What the database has to say.
    pub(in crate::engine) fn count_usage(
        &self,
        tx: &mut dyn Tx,
        record: &SubscriptionRecord,
        topup: Topup,
    ) -> Result<()> {
        let mut entry = UsageEntry {
            id: topup.usage,
            item: topup.item,
            subscription: record.state.id.clone(),
            record: topup.record,
            quota: topup.quota,
            at: topup.at,
            via: topup.via,
            payload: topup.payload,
            created_at: self.now(),
        };
        tx.insert_usage(self.cx.store.no, &entry)?;
        let id = entry.id.clone();
        entry.payload = None;
        let json = to_json(&Usage::from(entry))?;
        self.cx.event(tx, "usage.recorded", id.as_str(), 1, Some(&json), None)
    }

    /// Seats as entries have them follow the quantities of items that changed,
    /// or are new: what is missing is written, so that it does not matter who
    /// changed them, and how.
    ///
    /// # Errors
    ///
    /// What the database has to say.
    pub(in crate::engine) fn count_seats(
        &self,
        tx: &mut dyn Tx,
        before: Option<&Subscription>,
        record: &SubscriptionRecord,
    ) -> Result<()> {
        let store = self.cx.store.no;
        // What was to change with the period changed when that ended, however late somebody is.
        let ended = before.and_then(|before| before.cycle).map(|cycle| cycle.period.end());
        let at = ended.map_or(self.now(), |end| end.min(self.now()));
        for item in &record.state.items {
            let known = before.and_then(|before| before.item(&item.id));
            if known.is_some_and(|known| known.quantity == item.quantity && known.price == item.price) {
                continue;
            }
            let Some(counts) = self.counts(tx, &item.price)? else {
                continue;
            };
            let was = match known {
                Some(known) => self.counts(tx, &known.price)?,
                None => None,
            };
            let seats = Quantity::whole(item.quantity).map_err(|problem| Error::problem("quantity", problem))?;
            let (records, quotas) = tx.usage_sums(store, &item.id, EVER)?;
            let missing = |counted: Quantity| Quantity::from_scaled(seats.scaled().saturating_sub(counted.scaled()));
            let changes = match counts {
                (PriceType::Seat, Claim::Advance) => {
                    // What was used while it counted something else takes no seat.
                    let used = if was == Some(counts) { Quantity::ZERO } else { records };
                    let none = Quantity::from_scaled(used.scaled().saturating_neg());
                    let since = record.state.metered_from.min(at);
                    [(none, Quantity::ZERO, since), (Quantity::ZERO, missing(quotas), at)]
                }
                (PriceType::Seat, Claim::Arrears) => [
                    (missing(records), Quantity::ZERO, at),
                    (Quantity::ZERO, Quantity::ZERO, at),
                ],
                _ => continue,
            };
            for (changed, quota, at) in changes {
                if changed == Quantity::ZERO && quota == Quantity::ZERO {
                    continue;
                }
                tx.insert_usage(
                    store,
                    &UsageEntry {
                        id: UsageId::from_bits(self.cx.uuid()),
                        item: item.id.clone(),
                        subscription: record.state.id.clone(),
                        record: changed,
                        quota,
                        at,
                        via: "system".to_owned(),
                        payload: None,
                        created_at: self.now(),
                    },
                )?;
            }
        }
        Ok(())
    }

    /// What a price counts, and when that is paid; `None` for one that counts nothing.
    fn counts(&self, tx: &mut dyn Tx, price: &PriceId) -> Result<Option<(PriceType, Claim)>> {
        let counts = |terms: &Terms| {
            let metering = terms.metering.as_ref().filter(|_| terms.kind.is_metered());
            metering.map(|metering| (terms.kind, metering.claim))
        };
        if let Some(shelved) = self.shelf.get(price) {
            return Ok(counts(&shelved.price.terms));
        }
        Ok(match tx.price(self.cx.store.no, price, false)? {
            Some(Entry::Live(price)) => counts(&price.terms),
            _ => None,
        })
    }
}
