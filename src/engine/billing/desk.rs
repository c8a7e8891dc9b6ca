//! What billing needs at hand while a transaction runs.

use std::collections::{HashMap, HashSet};

use crate::{
    domain::{
        catalog::price::PriceType,
        customer::Customer,
        id::{ClockId, PriceId},
        instant::Instant,
        subscription::{Priced, Prices},
    },
    engine::{
        Context,
        catalog::{PRICE, PRODUCT},
        numbers::Numbering,
        port::{Entry, PriceRecord, ProductRecord, Tx},
        settings::{self, StoreSettings},
    },
    error::{Code, Error, Result},
};

/// The store's rules, and the time that counts.
pub(in crate::engine) struct Desk<'a> {
    /// Who asks, and when: by the clock that counts.
    pub(in crate::engine) cx: Context<'a>,
    /// The store's settings.
    pub(in crate::engine) store: StoreSettings,
    /// Numbers for new objects.
    pub(in crate::engine) numbers: &'a Numbering,
    /// Prices and products that were looked at.
    pub(in crate::engine) shelf: Shelf,
    /// Prices that are known to be marked as sold.
    pub(in crate::engine) sold: HashSet<PriceId>,
}

impl<'a> Desk<'a> {
    /// The desk of a call, by the store's own clock where it has one.
    pub(in crate::engine) fn open(cx: &Context<'a>, tx: &mut dyn Tx, numbers: &'a Numbering) -> Result<Self> {
        Ok(Self {
            cx: cx.of_store(tx)?,
            store: settings::of(cx, tx)?,
            numbers,
            shelf: Shelf::default(),
            sold: HashSet::new(),
        })
    }

    /// The same by the clock that an object goes by.
    pub(in crate::engine) fn by_clock(&mut self, tx: &mut dyn Tx, clock: Option<&ClockId>) -> Result<()> {
        self.cx = self.cx.on_clock(tx, clock)?;
        Ok(())
    }

    /// The same by the clock that a customer goes by; by the store's where it
    /// has none of its own.
    pub(in crate::engine) fn of_customer(&mut self, tx: &mut dyn Tx, customer: &Customer) -> Result<()> {
        match &customer.clock {
            Some(clock) => self.by_clock(tx, Some(clock)),
            None => Ok(()),
        }
    }

    /// Now, by the clock that counts.
    pub(in crate::engine) fn now(&self) -> Instant {
        self.cx.now
    }
}

/// A price with its product, as they are stored.
#[derive(Debug, Clone)]
pub(in crate::engine) struct Shelved {
    /// The price.
    pub(in crate::engine) price: PriceRecord,
    /// Its product.
    pub(in crate::engine) product: ProductRecord,
}

/// Prices that a transaction has looked at, with their products.
#[derive(Debug, Default)]
pub(in crate::engine) struct Shelf(HashMap<PriceId, Shelved>);

impl Shelf {
    /// Fetches a price that people name, with what its bundle holds; `at` is
    /// the path to its id.
    pub(in crate::engine) fn named(&mut self, cx: &Context<'_>, tx: &mut dyn Tx, id: &PriceId, at: &str) -> Result<()> {
        if self.0.contains_key(id) {
            return Ok(());
        }
        let price = PRICE.live_at(tx.price(cx.store.no, id, false)?, id.as_str(), at)?;
        let bundled = price.terms.bundle.as_ref().map(|bundle| bundle.price_ids.clone());
        self.put(cx, tx, price)?;
        for child in bundled.into_iter().flatten() {
            self.sold(cx, tx, &child)?;
        }
        Ok(())
    }

    /// Fetches a price that was sold, so that it must be there.
    pub(in crate::engine) fn sold(&mut self, cx: &Context<'_>, tx: &mut dyn Tx, id: &PriceId) -> Result<()> {
        if self.0.contains_key(id) {
            return Ok(());
        }
        match tx.price(cx.store.no, id, false)? {
            Some(Entry::Live(price)) => self.put(cx, tx, *price),
            _ => Err(Error::internal(format!("sold price {} is missing", id.as_str()))),
        }
    }

    fn put(&mut self, cx: &Context<'_>, tx: &mut dyn Tx, price: PriceRecord) -> Result<()> {
        let product = tx.product(cx.store.no, &price.product, false)?;
        let product = PRODUCT.live(product, price.product.as_str())?;
        self.0.insert(price.id.clone(), Shelved { price, product });
        Ok(())
    }

    /// A price that was fetched.
    pub(in crate::engine) fn get(&self, id: &PriceId) -> Option<&Shelved> {
        self.0.get(id)
    }

    /// The products on it.
    pub(in crate::engine) fn products(&self) -> impl Iterator<Item = &ProductRecord> {
        self.0.values().map(|shelved| &shelved.product)
    }

    /// A price that must have been fetched.
    pub(in crate::engine) fn known(&self, id: &PriceId) -> Result<&Shelved> {
        self.get(id).ok_or_else(|| {
            Error::new(Code::PriceNotFound, format!("price {} is not there", id.as_str())).with_param("priceId")
        })
    }
}

impl Shelved {
    /// What people read on lines.
    pub(in crate::engine) fn name(&self) -> &str {
        match self.price.name.is_empty() {
            true => &self.product.name,
            false => &self.price.name,
        }
    }

    /// What is counted.
    pub(in crate::engine) fn unit(&self) -> &str {
        self.price.unit.as_deref().unwrap_or(match self.price.terms.kind {
            PriceType::Seat => "seats",
            _ => "units",
        })
    }
}

impl Prices for Shelf {
    fn priced(&self, price: &PriceId) -> Option<Priced<'_>> {
        let shelved = self.0.get(price)?;
        Some(Priced {
            price: &shelved.price.id,
            product: &shelved.price.product,
            name: shelved.name(),
            unit: shelved.unit(),
            terms: &shelved.price.terms,
        })
    }
}
