//! What is in a cart, whether it can be bought, what it costs, and what is kept
//! for whoever is paying.

use super::{
    desk::{Desk, Shelved},
    scene::{Scene, country_for_tax, taxes},
};
use crate::{
    domain::{
        Problem,
        calendar::add,
        catalog::{coupon::Coupon, product::ProductStatus},
        currency::Currency,
        id::{CustomerId, OrderId, PaymentMethodId, SubscriptionItemId},
        instant::Instant,
        order::{CartItem, Hold, Order, OrderType, Redeemed, Trial},
        pricing::{
            discount::{Given, Payment as CodePayment, Uses},
            item::Item,
            policies::Policies,
            purchase::{Purchase, Quote},
        },
        subscription::{Bought, NewItem, Receipt, Subscription, born, settle_with_balance},
    },
    engine::port::{Entry, Purchased, Tx},
    error::{Code, Error, Result},
};

/// Who buys, and how.
pub(in crate::engine) struct Buyer<'a> {
    /// The customer; `None` for one who is not known yet.
    pub(in crate::engine) customer: Option<&'a CustomerId>,
    /// The order that it is for: what it holds already counts for it.
    pub(in crate::engine) order: Option<&'a OrderId>,
    /// Whether what it looks at is locked, because something follows from it.
    pub(in crate::engine) lock: bool,
}

/// A thing in a cart, with what is known of it.
struct Chosen {
    item: CartItem,
    option_amount: i64,
    purchased: Purchased,
    trial_end: Option<Instant>,
    id: SubscriptionItemId,
    children: Vec<SubscriptionItemId>,
}

/// A cart that was looked at.
pub(in crate::engine) struct Cart {
    chosen: Vec<Chosen>,
    codes: Vec<(String, Option<Coupon>, Uses)>,
    scene: Scene,
    policies: Policies,
    country: Option<crate::domain::country::Country>,
    balance: i64,
    zone: crate::domain::zone::Zone,
}

/// What a cart comes to.
pub(in crate::engine) struct Quoted {
    /// The bill, the codes, and what comes later.
    pub(in crate::engine) quote: Quote,
    /// What the credit balance changes by.
    pub(in crate::engine) balance: i64,
    /// The subscriptions that it makes.
    pub(in crate::engine) births: Vec<Subscription>,
}

fn refused(problem: Problem) -> Error {
    Error::problem("", problem)
}

impl Cart {
    /// Looks at what is in a cart; refuses what cannot be bought now. `list` is
    /// the name of the parameter that has the items.
    pub(in crate::engine) fn open(
        desk: &mut Desk<'_>,
        tx: &mut dyn Tx,
        items: &[CartItem],
        codes: &[String],
        trial: Option<Trial>,
        buyer: &Buyer<'_>,
        list: &str,
    ) -> Result<Self> {
        let mut chosen: Vec<Chosen> = Vec::with_capacity(items.len());
        for (index, item) in items.iter().enumerate() {
            chosen.push(choose(desk, tx, item, trial, buyer, &format!("{list}[{index}]"))?);
        }
        let codes = codes
            .iter()
            .map(|code| known_code(desk, tx, code, buyer))
            .collect::<Result<Vec<_>>>()?;
        let country = match buyer.customer {
            Some(customer) => country_for_tax(desk, tx, customer)?,
            None => None,
        };
        let tax = taxes(desk, desk.shelf_prices(items).iter(), country);
        let zone = desk.store.zone;
        let policies = Policies {
            tax: tax.clone(),
            ..desk.store.settings.policies(zone)
        };
        let currency = items
            .first()
            .map(|item| Ok::<_, Error>(desk.shelf.known(&item.price)?.price.terms.currency))
            .transpose()?;
        let balance = match (buyer.customer, currency) {
            (Some(customer), Some(currency)) => tx.credit_balance(desk.cx.store.no, customer, currency, buyer.lock)?,
            _ => 0,
        };
        let coupons = codes.iter().filter_map(|(_, coupon, _)| coupon.clone()).collect();
        Ok(Self {
            chosen,
            codes,
            scene: Scene::of_purchase(coupons, tax, country, balance),
            policies,
            country,
            balance,
            zone,
        })
    }

    /// What it costs, with at most `periods` coming payments.
    pub(in crate::engine) fn quote(
        &self,
        desk: &Desk<'_>,
        periods: usize,
        method: Option<&PaymentMethodId>,
    ) -> Result<Quoted> {
        let items: Vec<Item<'_>> = self
            .chosen
            .iter()
            .map(|chosen| priceable(desk, chosen))
            .collect::<Result<_>>()?;
        let given: Vec<Given<'_>> = self
            .codes
            .iter()
            .map(|(code, coupon, uses)| Given {
                code,
                coupon: coupon.as_ref(),
                uses: *uses,
            })
            .collect();
        let purchase = Purchase {
            items: &items,
            codes: &given,
            policies: &self.policies,
            country: self.country,
            now: desk.now(),
        };
        let mut quote = purchase.quote(periods).map_err(refused)?;
        let births = self.births(desk, &quote, method)?;
        let balance = settle_with_balance(&mut quote.now, self.balance).map_err(refused)?;
        Ok(Quoted { quote, balance, births })
    }

    fn births(&self, desk: &Desk<'_>, quote: &Quote, method: Option<&PaymentMethodId>) -> Result<Vec<Subscription>> {
        let bought: Vec<Bought> = self
            .chosen
            .iter()
            .map(|chosen| Bought {
                id: chosen.id.clone(),
                item: NewItem {
                    price: chosen.item.price.clone(),
                    quantity: chosen.item.quantity,
                    options: chosen.item.options.clone(),
                    option_amount: chosen.option_amount,
                    first_purchase: chosen.purchased.bought_at.is_none(),
                },
                children: chosen.children.clone(),
                trial_end: chosen.trial_end,
            })
            .collect();
        let bill = &quote.now;
        let lines = bill.lines.get(..bill.nets.len()).unwrap_or(&bill.lines);
        let receipt = Receipt {
            lines,
            nets: &bill.nets,
            applied: &quote.applied,
        };
        let mut ids = || desk.cx.uuid();
        born(
            &bought,
            receipt,
            quote.currency,
            self.zone,
            method,
            &self.scene.world(desk, &[]),
            &mut ids,
        )
        .map_err(refused)
    }
}

/// Finds what an item of a cart names, and refuses what cannot be bought.
fn choose(
    desk: &mut Desk<'_>,
    tx: &mut dyn Tx,
    item: &CartItem,
    trial: Option<Trial>,
    buyer: &Buyer<'_>,
    at: &str,
) -> Result<Chosen> {
    desk.shelf.named(&desk.cx, tx, &item.price, &format!("{at}.priceId"))?;
    let shelved = desk.shelf.known(&item.price)?;
    let held = held(tx, desk, buyer, item)?;
    check_available(shelved, item.quantity - held, at)?;
    let combination = shelved
        .product
        .details
        .options
        .chosen(&item.options)
        .map_err(|problem| Error::problem(&format!("{at}.options"), problem))?;
    if let Some(left) = combination.and_then(|combination| combination.stock) {
        check_left(left, item.quantity - held, "the combination", at)?;
    }
    let option_amount = combination.map_or(0, |combination| combination.price);
    let terms = &shelved.price.terms;
    let children = terms.bundle.as_ref().map_or(0, |bundle| bundle.price_ids.len());
    let product = shelved.price.product.clone();
    let purchased = match buyer.customer {
        Some(customer) => tx.purchased(desk.cx.store.no, customer, &product, buyer.lock)?,
        None => Purchased::default(),
    };
    let details = &shelved.product.details;
    if terms.recurring.is_some() && (details.one_per_customer || details.widgets.one_time_purchasable) {
        refuse_second(desk, tx, buyer, &product, at)?;
    }
    let was_there = purchased.trial_at.is_some() || purchased.bought_at.is_some();
    let length = match trial {
        _ if terms.recurring.is_none() => None,
        Some(Trial::None) => None,
        Some(Trial::Until(end)) => Some(Ok(end)),
        Some(Trial::Length(length)) => Some(add(desk.now(), length, desk.store.zone)),
        // A trial is once for each customer.
        None => details
            .trial
            .filter(|_| !was_there)
            .map(|length| add(desk.now(), length, desk.store.zone)),
    };
    let trial_end = length.transpose().map_err(refused)?;
    if trial_end.is_some_and(|end| end <= desk.now()) {
        return Err(Error::invalid("trial.end", "must lie in the future"));
    }
    let new_id = || SubscriptionItemId::from_bits(desk.cx.uuid());
    Ok(Chosen {
        item: item.clone(),
        option_amount,
        purchased,
        trial_end,
        id: new_id(),
        children: (0..children).map(|_| new_id()).collect(),
    })
}

/// Refuses a second subscription of what each customer may have once.
fn refuse_second(
    desk: &Desk<'_>,
    tx: &mut dyn Tx,
    buyer: &Buyer<'_>,
    product: &crate::domain::id::ProductId,
    at: &str,
) -> Result<()> {
    let Some(customer) = buyer.customer else {
        return Ok(());
    };
    let live = tx.live_subscriptions(desk.cx.store.no, customer)?;
    let has = |record: &&crate::engine::port::SubscriptionRecord| {
        record.state.items.iter().any(|item| item.product == *product)
    };
    match live.iter().find(has) {
        None => Ok(()),
        Some(record) => Err(Error::new(
            Code::AlreadySubscribed,
            format!(
                "product {} is sold once to each customer, and {} has subscription {}: change that one instead",
                product.as_str(),
                customer.as_str(),
                record.state.id.as_str()
            ),
        )
        .with_param(format!("{at}.priceId"))
        .with_detail("subscriptionId", record.state.id.as_str())),
    }
}

/// Pieces that the order holds already.
fn held(tx: &mut dyn Tx, desk: &Desk<'_>, buyer: &Buyer<'_>, item: &CartItem) -> Result<i64> {
    let Some(order) = buyer.order else { return Ok(0) };
    let order = tx.order(desk.cx.store.no, order, false)?;
    let holds = order.map(|order| order.holds).unwrap_or_default();
    Ok(holds
        .iter()
        .filter(|hold| hold.product == item.product && (hold.options.is_empty() || hold.options == item.options))
        .map(|hold| hold.pieces)
        .max()
        .unwrap_or(0))
}

/// Whether it can be bought now, in this number.
fn check_available(shelved: &Shelved, wanted: i64, at: &str) -> Result<()> {
    let Shelved { price, product } = shelved;
    let refused = |code, why: String| Err(Error::new(code, why).with_param(format!("{at}.priceId")));
    if price.stamp.archived_at.is_some() {
        let why = format!(
            "{} is archived: sell another price of {}",
            price.id.as_str(),
            product.id.as_str()
        );
        return refused(Code::PriceArchived, why);
    }
    let on_sale = matches!(product.status, ProductStatus::Sale | ProductStatus::OutOfStock);
    if product.stamp.archived_at.is_some() || !on_sale {
        let why = format!(
            "{} is not on sale: it is {}",
            product.id.as_str(),
            match product.stamp.archived_at {
                Some(_) => "archived",
                None => product.status.name(),
            }
        );
        return refused(Code::ProductUnavailable, why);
    }
    if product.status == ProductStatus::OutOfStock && wanted > 0 {
        return refused(Code::OutOfStock, format!("{} is out of stock", product.id.as_str()));
    }
    match product.stock {
        Some(left) => check_left(left, wanted, product.id.as_str(), at),
        None => Ok(()),
    }
}

fn check_left(left: i64, wanted: i64, what: &str, at: &str) -> Result<()> {
    if left >= wanted {
        return Ok(());
    }
    let message = format!("{what} has {left} left, and {wanted} are wanted: take fewer, or raise its stock");
    Err(Error::new(Code::OutOfStock, message).with_param(format!("{at}.quantity")))
}

/// A code with its coupon and how that was used.
fn known_code(
    desk: &Desk<'_>,
    tx: &mut dyn Tx,
    code: &str,
    buyer: &Buyer<'_>,
) -> Result<(String, Option<Coupon>, Uses)> {
    let store = desk.cx.store.no;
    let Some(found) = tx.coupon_by_code(store, &Coupon::fold(code))? else {
        return Ok((code.to_owned(), None, Uses::NONE));
    };
    let coupon = found.coupon;
    let limited = coupon.max_redemptions.is_some() || coupon.max_per_customer.is_some();
    if limited && buyer.lock {
        // Whoever counts must be alone.
        if !matches!(tx.coupon(store, &coupon.id, true)?, Some(Entry::Live(_))) {
            return Ok((code.to_owned(), None, Uses::NONE));
        }
    }
    let (total, by_customer) = match limited {
        true => tx.redemptions(store, &coupon.id, buyer.customer, buyer.order, desk.now())?,
        false => (0, 0),
    };
    let uses = Uses {
        total,
        by_customer,
        payment: CodePayment::First,
    };
    Ok((code.to_owned(), Some(coupon), uses))
}

/// A chosen thing as pricing knows it.
fn priceable<'a>(desk: &'a Desk<'_>, chosen: &'a Chosen) -> Result<Item<'a>> {
    let shelved = desk.shelf.known(&chosen.item.price)?;
    let recurring = shelved.price.terms.recurring.is_some();
    let item = |shelved: &'a Shelved, id: Option<&'a SubscriptionItemId>, option_amount| Item {
        price: &shelved.price.id,
        product: &shelved.price.product,
        name: shelved.name(),
        unit: shelved.unit(),
        terms: &shelved.price.terms,
        quantity: chosen.item.quantity,
        option_amount,
        trial_end: None,
        id,
        units: None,
        is_first_purchase: chosen.purchased.bought_at.is_none(),
        children: Vec::new(),
    };
    let bundled = shelved.price.terms.bundle.iter().flat_map(|bundle| &bundle.price_ids);
    let children = bundled
        .zip(&chosen.children)
        .map(|(child, id)| Ok(item(desk.shelf.known(child)?, Some(id), 0)));
    Ok(Item {
        trial_end: chosen.trial_end,
        children: children.collect::<Result<_>>()?,
        ..item(shelved, recurring.then_some(&chosen.id), chosen.option_amount)
    })
}

impl Desk<'_> {
    /// The prices of a cart, those in bundles too.
    fn shelf_prices(&self, items: &[CartItem]) -> Vec<crate::domain::id::PriceId> {
        let mut prices = Vec::new();
        for item in items {
            prices.push(item.price.clone());
            if let Some(shelved) = self.shelf.get(&item.price) {
                prices.extend(
                    shelved
                        .price
                        .terms
                        .bundle
                        .iter()
                        .flat_map(|bundle| bundle.price_ids.clone()),
                );
            }
        }
        prices
    }

    /// Whether paying for a cart makes subscriptions.
    pub(in crate::engine) fn order_type(&self, items: &[CartItem]) -> Result<OrderType> {
        for item in items {
            if self.shelf.known(&item.price)?.price.terms.recurring.is_some() {
                return Ok(OrderType::Initial);
            }
        }
        Ok(OrderType::OneTime)
    }

    /// Keeps stock and redemptions for an order until an instant. What it held
    /// before is given back first.
    pub(in crate::engine) fn hold(
        &mut self,
        tx: &mut dyn Tx,
        order: &mut Order,
        until: Instant,
        quoted: &Quoted,
    ) -> Result<()> {
        let store = self.cx.store.no;
        self.release(tx, order)?;
        for item in order.cart.clone() {
            for hold in self.taken(&item)? {
                self.take_stock(tx, &hold)?;
                order.holds.push(hold);
            }
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
        let mut hold = |product: &crate::domain::id::ProductId, options: &[_]| {
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
        if combination.is_some_and(|combination| combination.stock.is_some()) {
            hold(&shelved.product.id, &item.options);
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

    /// Takes pieces from a stock; below nothing it never goes.
    fn take_stock(&mut self, tx: &mut dyn Tx, hold: &Hold) -> Result<()> {
        self.change_stock(tx, hold, -hold.pieces)
    }

    /// Gives everything back that an order holds.
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

    fn change_stock(&self, tx: &mut dyn Tx, hold: &Hold, by: i64) -> Result<()> {
        let store = self.cx.store.no;
        let Some(Entry::Live(before)) = tx.product(store, &hold.product, true)? else {
            return Ok(());
        };
        let mut after = (*before).clone();
        let stock = if hold.options.is_empty() {
            after.stock.as_mut()
        } else {
            let combinations = after.details.options.combinations.iter_mut();
            combinations
                .filter(|combination| combination.option_ids == hold.options)
                .find_map(|combination| combination.stock.as_mut())
        };
        // A stock that is no longer counted has nothing to take or to give back.
        let Some(stock) = stock else { return Ok(()) };
        let left = stock.saturating_add(by);
        if left < 0 {
            let message = format!(
                "product {} has {stock} left, and {} are wanted: take fewer, or raise its stock",
                hold.product.as_str(),
                hold.pieces
            );
            return Err(Error::new(Code::OutOfStock, message).with_param("quantity"));
        }
        *stock = left;
        tx.update_product(store, &before, &after)
    }
}

/// The currency of a cart whose prices were looked at.
pub(in crate::engine) fn currency_of(desk: &Desk<'_>, items: &[CartItem]) -> Result<Currency> {
    let first = items
        .first()
        .ok_or_else(|| Error::invalid("items", "must have at least 1 element"))?;
    Ok(desk.shelf.known(&first.price)?.price.terms.currency)
}
