//! How a life begins: what is bought is quoted, paid, and born.

use super::{
    super::{Bought, Prices as _, Receipt, born},
    life::{Life, Ordered, given},
    shop::Shop,
};
use crate::domain::{
    currency::Currency,
    id::{OrderId, PaymentMethodId, SubscriptionItemId},
    instant::Instant,
    pricing::{
        discount::Given,
        item::Item as Priceable,
        purchase::{Purchase, Quote},
    },
};

impl Life {
    pub(super) fn quote(
        &self,
        shop: &Shop,
        items: &[(String, i64)],
        trial_end: Option<Instant>,
        periods: usize,
    ) -> (Vec<Bought>, Quote) {
        let mut made = self.made;
        let mut id = || {
            made += 1;
            SubscriptionItemId::from_bits(made)
        };
        let bought: Vec<Bought> = items
            .iter()
            .map(|(name, quantity)| {
                let item = shop.new_item(name, *quantity);
                let bundle = shop.priced(&item.price).expect("a price").terms.bundle.as_ref();
                Bought {
                    id: id(),
                    children: bundle
                        .iter()
                        .flat_map(|bundle| &bundle.price_ids)
                        .map(|_| id())
                        .collect(),
                    trial_end: trial_end.filter(|_| name != "once"),
                    item,
                }
            })
            .collect();
        let ids: Vec<SubscriptionItemId> = bought.iter().flat_map(|one| one.children.clone()).collect();
        let mut ids = ids.iter();
        let priceables: Vec<Priceable<'_>> = bought
            .iter()
            .map(|one| {
                let of = |price, id, quantity, first| {
                    let priced = shop.priced(price).expect("a price");
                    Priceable {
                        price: priced.price,
                        product: priced.product,
                        name: priced.name,
                        unit: priced.unit,
                        terms: priced.terms,
                        quantity,
                        option_amount: 0,
                        trial_end: one.trial_end,
                        id: Some(id),
                        units: None,
                        is_first_purchase: first,
                        children: Vec::new(),
                    }
                };
                let mut top = of(&one.item.price, &one.id, one.item.quantity, one.item.first_purchase);
                for price in top.terms.bundle.iter().flat_map(|bundle| &bundle.price_ids) {
                    let child = of(price, ids.next().expect("an id"), one.item.quantity, false);
                    top.children.push(child);
                }
                top
            })
            .collect();
        let given: Vec<Given<'_>> = self.codes.iter().map(|code| given(shop, code)).collect();
        let purchase = Purchase {
            items: &priceables,
            codes: &given,
            policies: &self.settings.policies(self.zone),
            country: None,
            now: self.now,
        };
        let quote = purchase.quote(periods).expect("a quote");
        (bought, quote)
    }

    /// Buys, pays, and is born.
    pub(super) fn buy(
        &mut self,
        shop: &Shop,
        items: &[(String, i64)],
        trial_end: Option<Instant>,
        card: bool,
    ) -> Quote {
        let (bought, quote) = self.quote(shop, items, trial_end, 12);
        self.made += 100;
        self.bought = quote.now.total;
        let receipt = Receipt {
            lines: &quote.now.lines[..quote.now.nets.len()],
            nets: &quote.now.nets,
            applied: &quote.applied,
        };
        let method = card.then(|| PaymentMethodId::trusted("pm_1"));
        let (subs, made) = self.with(0, shop, |world, ids| {
            born(&bought, receipt, Currency::KRW, self.zone, method.as_ref(), world, ids).expect("subscriptions")
        });
        self.made = made;
        for sub in &subs {
            self.ran.push((sub.cycle.expect("a period").period, true));
            self.check_state(sub);
        }
        self.subs = subs;
        self.note_seats(0);
        self.codes.clear();
        quote
    }

    /// Makes what was bought wait for its first payment.
    pub(super) fn wait_for_card(&mut self, until: Instant) {
        for place in 0..self.subs.len() {
            self.made += 1;
            let order = OrderId::from_bits(self.made);
            let waiting = self.subs[place]
                .clone()
                .incomplete(order.clone(), until)
                .expect("a period");
            self.orders.push(Ordered {
                id: order,
                total: 10_000,
                due: 10_000,
                balance: 0,
                refunded: 0,
                paid: false,
            });
            self.check_state(&waiting);
            self.subs[place] = waiting;
        }
    }
}
