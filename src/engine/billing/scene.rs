//! What a decision about a subscription needs to know, fetched before it.

use super::desk::{Desk, Shelf};
use crate::{
    domain::{
        Problem,
        calendar::Period,
        catalog::{coupon::Coupon, price::Claim},
        country::Country,
        decimal::{Percent, Quantity},
        exact::Exact,
        id::{CustomerId, SubscriptionItemId},
        instant::Instant,
        pricing::{
            discount::Given,
            tax::{Tax, TaxRate},
            usage::{Change, Counting, Meter},
        },
        subscription::{Item, Subscription, World},
    },
    engine::{
        customers,
        port::{Entry, Found, SubscriptionRecord, Tx},
    },
    error::{Error, Result},
};

/// What is known around a subscription.
pub(in crate::engine) struct Scene {
    coupons: Vec<Coupon>,
    tax: Tax,
    country: Option<Country>,
    units: Vec<(SubscriptionItemId, Exact)>,
    balance: i64,
}

impl Scene {
    /// Fetches what a decision about a subscription needs; prices that are
    /// asked for must be on the shelf already.
    pub(in crate::engine) fn of(desk: &mut Desk<'_>, tx: &mut dyn Tx, record: &SubscriptionRecord) -> Result<Self> {
        Self::fetched(desk, tx, record, true)
    }

    /// The same for whoever only looks.
    pub(in crate::engine) fn seen(desk: &mut Desk<'_>, tx: &mut dyn Tx, record: &SubscriptionRecord) -> Result<Self> {
        Self::fetched(desk, tx, record, false)
    }

    fn fetched(desk: &mut Desk<'_>, tx: &mut dyn Tx, record: &SubscriptionRecord, lock: bool) -> Result<Self> {
        let state = &record.state;
        for item in &state.items {
            desk.shelf.sold(&desk.cx, tx, &item.price)?;
        }
        if let Some(pending) = &state.pending {
            for price in pending.edits.iter().filter_map(|edit| edit.price()) {
                desk.shelf.sold(&desk.cx, tx, price)?;
            }
        }
        let store = desk.cx.store.no;
        let mut coupons = Vec::with_capacity(state.promotions.len());
        for promotion in &state.promotions {
            // One that was deleted is over for those who have it, too.
            if let Some(Entry::Live(found)) = tx.coupon(store, &promotion.coupon, false)? {
                coupons.push(found.coupon);
            }
        }
        let country = country_for_tax(desk, tx, &record.customer)?;
        Ok(Self {
            coupons,
            tax: taxes(desk, state.items.iter().map(|item| &item.price), country),
            country,
            units: units(desk, tx, state)?,
            balance: tx.credit_balance(store, &record.customer, state.currency, lock)?,
        })
    }

    /// The world as a decision sees it.
    pub(in crate::engine) fn world<'w>(&'w self, desk: &'w Desk<'_>, given: &'w [Given<'w>]) -> World<'w> {
        World {
            now: desk.now(),
            settings: &desk.store.settings,
            tax: &self.tax,
            prices: &desk.shelf,
            coupons: &self.coupons,
            given,
            country: self.country,
            units: &self.units,
            balance: self.balance,
        }
    }

    /// Without what others have taken of the credit balance.
    pub(in crate::engine) fn less(mut self, taken: i64) -> Self {
        self.balance = self.balance.saturating_sub(taken).max(0);
        self
    }

    /// With coupons of codes that are given now.
    pub(in crate::engine) fn with_coupons(mut self, coupons: impl IntoIterator<Item = Coupon>) -> Self {
        self.coupons.extend(coupons);
        self
    }

    /// What is known around a purchase, before there is a subscription.
    pub(in crate::engine) fn of_purchase(
        coupons: Vec<Coupon>,
        tax: Tax,
        country: Option<Country>,
        balance: i64,
    ) -> Self {
        Self {
            coupons,
            tax,
            country,
            units: Vec::new(),
            balance,
        }
    }
}

/// A customer's country, where anything depends on it.
pub(in crate::engine) fn country_for_tax(
    desk: &Desk<'_>,
    tx: &mut dyn Tx,
    customer: &CustomerId,
) -> Result<Option<Country>> {
    let by_store = desk.store.settings.tax.rates.iter().any(|rate| rate.country.is_some());
    let by_product = desk.shelf.any_country();
    if !by_store && !by_product {
        return Ok(None);
    }
    Ok(match tx.customer(desk.cx.store.no, customer, false)? {
        Some(Found::Live(customer)) => customers::country(&customer),
        _ => None,
    })
}

/// The store's taxes, and those of products in their countries: for customers
/// there, or for all where it is the default.
pub(in crate::engine) fn taxes<'p>(
    desk: &Desk<'_>,
    prices: impl IntoIterator<Item = &'p crate::domain::id::PriceId>,
    country: Option<Country>,
) -> Tax {
    let mut tax = desk.store.settings.tax.clone();
    for price in prices {
        let Some(product) = desk.shelf.get(price).map(|shelved| &shelved.product) else {
            continue;
        };
        let Some(setting) = &product.details.country_setting else {
            continue;
        };
        let here = country.is_some_and(|country| country.as_str() == setting.country_code);
        let known = tax.rates.iter().any(|rate| rate.product.as_ref() == Some(&product.id));
        if let Some(percent) = setting
            .tax_rate
            .filter(|rate| *rate > Percent::ZERO && (here || setting.is_default) && !known)
        {
            tax.rates.push(TaxRate {
                name: format!("{} tax", setting.country_code),
                percent,
                country: None,
                product: Some(product.id.clone()),
            });
        }
    }
    tax
}

/// Units of the running period of all items that are counted and paid in
/// arrears.
fn units(desk: &Desk<'_>, tx: &mut dyn Tx, state: &Subscription) -> Result<Vec<(SubscriptionItemId, Exact)>> {
    let mut units = Vec::new();
    for item in &state.items {
        let Some(meter) = meter(desk, tx, state, item)? else {
            continue;
        };
        let from = item.since.unwrap_or(state.metered_from).max(state.metered_from);
        let whole = meter.cycle();
        // What is to come is not used yet.
        let until = whole.end().min(desk.now());
        let used = match Period::new(from.max(whole.start()), until) {
            Ok(part) => meter.units_in(part).map_err(damaged)?,
            Err(_) => Exact::ZERO,
        };
        units.push((item.id.clone(), used));
    }
    Ok(units)
}

/// The meter of an item in the running period; `None` for what is not counted,
/// or where no period runs.
pub(in crate::engine) fn meter(
    desk: &Desk<'_>,
    tx: &mut dyn Tx,
    state: &Subscription,
    item: &Item,
) -> Result<Option<Meter>> {
    let Some(cycle) = state.cycle else { return Ok(None) };
    let start = state.metered_from;
    let end = cycle.period.end().max(Instant::from_micros(start.micros() + 1));
    meter_of(desk, tx, item, Period::new(start, end).map_err(damaged)?)
}

/// The meter of an item in a period.
pub(in crate::engine) fn meter_of(
    desk: &Desk<'_>,
    tx: &mut dyn Tx,
    item: &Item,
    period: Period,
) -> Result<Option<Meter>> {
    let (start, end) = (period.start(), period.end());
    let terms = &desk.shelf.known(&item.price)?.price.terms;
    let (Some(counting), Some(metering)) = (Counting::of(terms.kind), &terms.metering) else {
        return Ok(None);
    };
    let store = desk.cx.store.no;
    let (carried, quota) = match counting {
        // Usage starts from nothing in each period; a limit stays in force.
        Counting::Sum if metering.claim == Claim::Arrears => {
            let (_, quota) = tx.usage_sums(store, &item.id, start)?;
            (Quantity::ZERO, (quota > Quantity::ZERO).then_some(quota))
        }
        Counting::Sum => (Quantity::ZERO, None),
        Counting::Seats => {
            let (records, quota) = tx.usage_sums(store, &item.id, start)?;
            let limited = metering.claim == Claim::Advance || quota > Quantity::ZERO;
            (records, limited.then_some(quota))
        }
    };
    let entries = tx.usage_of(store, &item.id, start, end)?;
    let changes = |of: fn(&crate::engine::port::UsageEntry) -> Quantity| -> Vec<Change> {
        let changed = entries.iter().map(|entry| Change {
            at: entry.at,
            amount: of(entry),
        });
        changed.filter(|change| change.amount != Quantity::ZERO).collect()
    };
    Meter::carrying(period, counting, metering.claim, carried, quota)
        .and_then(|meter| meter.stored(changes(|entry| entry.record), changes(|entry| entry.quota)))
        .map(Some)
        .map_err(damaged)
}

fn damaged(problem: Problem) -> Error {
    Error::internal(format!("stored usage does not add up: it {}", problem.message))
}

impl Shelf {
    /// Whether a product on it has a tax of a country.
    fn any_country(&self) -> bool {
        self.products().any(|product| product.details.country_setting.is_some())
    }
}
