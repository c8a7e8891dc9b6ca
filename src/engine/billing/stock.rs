//! What is kept for whoever is paying: pieces of a stock, and redemptions of
//! coupons.

use super::{cart::Quoted, desk::Desk};
use crate::{
    domain::{
        id::{OptionId, ProductId},
        instant::Instant,
        order::{CartItem, Hold, Order, Redeemed},
    },
    engine::port::{Entry, ProductRecord, Tx},
    error::{Code, Error, Result},
};

/// The refusal of what is not there in that number.
pub(super) fn out_of_stock(what: &str, left: i64, wanted: i64) -> Error {
    let message = format!("{what} has {left} left, and {wanted} are wanted: take fewer, or raise its stock");
    Error::new(Code::OutOfStock, message).with_detail("left", left)
}

/// Whose stock a hold is of, for people.
fn whose(hold: &Hold) -> String {
    match hold.options.is_empty() {
        true => format!("product {}", hold.product.as_str()),
        false => format!("the combination of product {}", hold.product.as_str()),
    }
}

/// The stock that a hold is of; `None` where it is not counted.
fn stock_of<'a>(product: &'a mut ProductRecord, options: &[OptionId]) -> Option<&'a mut i64> {
    if options.is_empty() {
        return product.stock.as_mut();
    }
    let combinations = product.details.options.combinations.iter_mut();
    combinations
        .filter(|combination| combination.option_ids == options)
        .find_map(|combination| combination.stock.as_mut())
}

impl Desk<'_> {
    /// Refuses a cart that takes more than there is, in its bundles too; what
    /// the payer holds already is theirs.
    pub(super) fn check_stock(&self, items: &[CartItem], held: &[Hold], list: &str) -> Result<()> {
        let mut wanted: Vec<Hold> = Vec::new();
        for (index, item) in items.iter().enumerate() {
            for hold in self.taken(item)? {
                let same = |known: &&mut Hold| known.product == hold.product && known.options == hold.options;
                let pieces = match wanted.iter_mut().find(same) {
                    Some(known) => {
                        known.pieces = known.pieces.saturating_add(hold.pieces);
                        known.pieces
                    }
                    None => {
                        wanted.push(hold.clone());
                        hold.pieces
                    }
                };
                let mine = held
                    .iter()
                    .filter(|held| held.product == hold.product && held.options == hold.options);
                let mine: i64 = mine.map(|held| held.pieces).sum();
                let product = self.products_called(&hold.product);
                let stock = product.and_then(|mut product| stock_of(&mut product, &hold.options).copied());
                if let Some(left) = stock.map(|stock| stock.saturating_add(mine))
                    && left < pieces
                {
                    let at = format!("{list}[{index}].quantity");
                    return Err(out_of_stock(&whose(&hold), left, pieces).with_param(at));
                }
            }
        }
        Ok(())
    }

    fn products_called(&self, id: &ProductId) -> Option<ProductRecord> {
        self.shelf.products().find(|product| product.id == *id).cloned()
    }

    /// Keeps stock and redemptions for an order until an instant. What it held
    /// before is given back first.
    ///
    /// # Errors
    ///
    /// `out_of_stock`.
    pub(in crate::engine) fn hold(
        &mut self,
        tx: &mut dyn Tx,
        order: &mut Order,
        until: Instant,
        quoted: &Quoted,
    ) -> Result<()> {
        let store = self.cx.store.no;
        self.release(tx, order)?;
        let mut holds = Vec::new();
        for item in &order.cart {
            holds.append(&mut self.taken(item)?);
        }
        // In one order, so that two buyers of the same things never wait for each other.
        holds.sort_by(|one, other| (&one.product, &one.options).cmp(&(&other.product, &other.options)));
        for hold in holds {
            self.change_stock(tx, &hold, -hold.pieces)?;
            order.holds.push(hold);
        }
        for applied in &quoted.quote.applied {
            tx.put_redemption(store, &applied.coupon, &order.id, &order.customer, Some(until))?;
            order.redeemed.push(Redeemed {
                coupon: applied.coupon.clone(),
                code: applied.code.clone(),
                amount: applied.amount,
            });
        }
        order.held_until = (!order.holds.is_empty() || !order.redeemed.is_empty()).then_some(until);
        Ok(())
    }

    /// Whose stock an item takes from.
    fn taken(&self, item: &CartItem) -> Result<Vec<Hold>> {
        let shelved = self.shelf.known(&item.price)?;
        let mut holds = Vec::new();
        let mut hold = |product: &ProductId, options: &[OptionId]| {
            holds.push(Hold {
                product: product.clone(),
                options: options.to_vec(),
                pieces: item.quantity,
            });
        };
        if shelved.product.stock.is_some() {
            hold(&shelved.product.id, &[]);
        }
        let combination = shelved.product.details.options.chosen(&item.options).ok().flatten();
        if let Some(combination) = combination.filter(|combination| combination.stock.is_some()) {
            // As the product lists them: people name them in any order.
            hold(&shelved.product.id, &combination.option_ids);
        }
        let bundled = shelved.price.terms.bundle.iter().flat_map(|bundle| &bundle.price_ids);
        for child in bundled {
            let child = self.shelf.known(child)?;
            if child.product.stock.is_some() {
                hold(&child.product.id, &[]);
            }
        }
        Ok(holds)
    }

    /// Gives everything back that an order holds.
    ///
    /// # Errors
    ///
    /// What the database has to say.
    pub(in crate::engine) fn release(&self, tx: &mut dyn Tx, order: &mut Order) -> Result<()> {
        for hold in std::mem::take(&mut order.holds) {
            self.change_stock(tx, &hold, hold.pieces)?;
        }
        for redeemed in std::mem::take(&mut order.redeemed) {
            tx.remove_redemption(self.cx.store.no, &redeemed.coupon, &order.id)?;
        }
        order.held_until = None;
        Ok(())
    }

    /// Takes pieces from a stock, or gives them back; below nothing it never
    /// goes.
    fn change_stock(&self, tx: &mut dyn Tx, hold: &Hold, by: i64) -> Result<()> {
        let store = self.cx.store.no;
        let Some(Entry::Live(before)) = tx.product(store, &hold.product, true)? else {
            return Ok(());
        };
        let mut after = (*before).clone();
        // A stock that is no longer counted has nothing to take or to give back.
        let Some(stock) = stock_of(&mut after, &hold.options) else {
            return Ok(());
        };
        let left = stock.saturating_add(by);
        if left < 0 {
            return Err(out_of_stock(&whose(hold), *stock, hold.pieces).with_param("quantity"));
        }
        *stock = left;
        tx.update_product(store, &before, &after)
    }
}
