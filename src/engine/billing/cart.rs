//! What is in a cart, whether it can be bought, what it costs, and what is kept
//! for whoever is paying.

use super::{
    desk::{Desk, Shelved},
    scene::{Scene, country_for_tax, taxes},
    stock::out_of_stock,
};
use crate::{
    domain::{
        Problem,
        calendar::add,
        catalog::{coupon::Coupon, product::ProductStatus},
        currency::Currency,
        id::{CustomerId, OrderId, PaymentMethodId, SubscriptionItemId},
        instant::Instant,
        order::{CartItem, Hold, OrderStatus, OrderType, Trial},
        pricing::{
            discount::{Given, Payment as CodePayment, Uses},
            item::Item,
            policies::Policies,
            purchase::{Purchase, Quote},
        },
        subscription::{Bought, NewItem, Receipt, Subscription, born, settle_with_balance},
    },
    engine::port::{Entry, OrderFilter, Paging, Purchased, Tx},
    error::{Code, Error, Result},
};

/// Most open orders of a customer that are looked at.
const MOST_ORDERS: usize = 100;

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
        let held = held(tx, desk, buyer)?;
        let mut chosen: Vec<Chosen> = Vec::with_capacity(items.len());
        for (index, item) in items.iter().enumerate() {
            chosen.push(choose(
                desk,
                tx,
                item,
                trial,
                buyer,
                &held,
                &format!("{list}[{index}]"),
            )?);
        }
        desk.check_stock(items, &held, list)?;
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

    /// Whether prices contain the taxes.
    pub(in crate::engine) fn tax_inclusive(&self) -> bool {
        self.policies.tax.inclusive
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
    held: &[Hold],
    at: &str,
) -> Result<Chosen> {
    desk.shelf.named(&desk.cx, tx, &item.price, &format!("{at}.priceId"))?;
    let shelved = desk.shelf.known(&item.price)?;
    let holds = held.iter().any(|hold| hold.product == item.product);
    check_available(shelved, item.quantity, holds, at)?;
    let combination = shelved
        .product
        .details
        .options
        .chosen(&item.options)
        .map_err(|problem| Error::problem(&format!("{at}.options"), problem))?;
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
    let mut trial_end = length.transpose().map_err(refused)?;
    if trial_end.is_some_and(|end| end <= desk.now()) {
        if buyer.order.is_none() {
            return Err(Error::invalid("trial.end", "must lie in the future"));
        }
        // Whoever pays later than that has nothing left to try.
        trial_end = None;
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
    if buyer.lock && is_being_bought(desk, tx, customer, buyer.order, product)? {
        return Err(Error::new(
            Code::PaymentInProgress,
            format!(
                "product {} is sold once to each customer, and {} is paying for it in another order: wait until that is settled",
                product.as_str(),
                customer.as_str()
            ),
        )
        .with_param(format!("{at}.priceId")));
    }
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

/// Whether the customer is paying for a subscription of a product in another
/// order.
fn is_being_bought(
    desk: &Desk<'_>,
    tx: &mut dyn Tx,
    customer: &CustomerId,
    except: Option<&OrderId>,
    product: &crate::domain::id::ProductId,
) -> Result<bool> {
    let filter = OrderFilter {
        customer: Some(customer.clone()),
        status: Some(OrderStatus::Open),
        ..OrderFilter::default()
    };
    let paging = Paging {
        after: None,
        limit: MOST_ORDERS,
    };
    let open = tx.list_orders(desk.cx.store.no, &filter, &paging)?;
    let others = open.iter().filter(|order| order.charging && Some(&order.id) != except);
    let mut births = others.flat_map(|order| &order.births);
    Ok(births.any(|born| born.items.iter().any(|item| item.product == *product)))
}

/// What the order holds already.
fn held(tx: &mut dyn Tx, desk: &Desk<'_>, buyer: &Buyer<'_>) -> Result<Vec<Hold>> {
    let Some(order) = buyer.order else {
        return Ok(Vec::new());
    };
    let order = tx.order(desk.cx.store.no, order, false)?;
    Ok(order.map(|order| order.holds).unwrap_or_default())
}

/// Whether it can be bought now; `held` when the payer has pieces of it.
fn check_available(shelved: &Shelved, wanted: i64, held: bool, at: &str) -> Result<()> {
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
            "{} is not on sale: sell another product, or put it on sale",
            product.id.as_str()
        );
        return refused(Code::ProductUnavailable, why);
    }
    if product.status == ProductStatus::OutOfStock && !held {
        return Err(out_of_stock(product.id.as_str(), 0, wanted).with_param(format!("{at}.quantity")));
    }
    Ok(())
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
}

/// The currency of a cart whose prices were looked at.
pub(in crate::engine) fn currency_of(desk: &Desk<'_>, items: &[CartItem]) -> Result<Currency> {
    let first = items
        .first()
        .ok_or_else(|| Error::invalid("items", "must have at least 1 element"))?;
    Ok(desk.shelf.known(&first.price)?.price.terms.currency)
}
