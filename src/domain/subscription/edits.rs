//! Edits of what is subscribed to: what they make, what they weigh, and which
//! of them fit together.

use super::{
    due::priced,
    state::{Edit, Item, NewItem, PendingChange, Subscription},
    world::{NewId, Priced, World, passing_ids},
};
use crate::domain::{
    Problem,
    calendar::Interval,
    catalog::price::Claim,
    id::{PriceId, SubscriptionItemId},
    instant::Instant,
    money,
    pricing::{charge, rhythm::PaidPeriod},
};

/// What a change does to the sum of a period.
pub(super) struct Weight {
    pub(super) before: i64,
    pub(super) after: i64,
    /// Whether only quantities change.
    pub(super) only_quantities: bool,
    /// Another length of periods, where prices have one.
    pub(super) interval: Option<Interval>,
}

impl Subscription {
    /// Makes edits, with the items that [`Subscription::made_by`] prepared.
    pub(super) fn make(&mut self, edits: &[Edit], made: Vec<Item>) {
        for edit in edits {
            if let Some(id) = edit.item() {
                self.items.retain(|item| item.parent.as_ref() != Some(id));
            }
            if let Edit::Remove(id) = edit {
                self.items.retain(|item| item.id != *id);
            }
        }
        for item in made {
            match self.items.iter_mut().find(|known| known.id == item.id) {
                Some(known) => *known = item,
                None => self.items.push(item),
            }
        }
    }

    /// Makes edits of something for which nothing is to be settled.
    pub(super) fn apply(&mut self, edits: &[Edit], world: &World<'_>, ids: NewId<'_>) -> Result<(), Problem> {
        let made = self.made_by(edits, world.now, false, world, ids)?;
        self.make(edits, made);
        for item in &mut self.items {
            item.since = None;
        }
        Ok(())
    }

    /// The items that edits make, the children of bundles with them.
    ///
    /// `begins` says whether what is added begins in the running period.
    pub(super) fn made_by(
        &self,
        edits: &[Edit],
        now: Instant,
        begins: bool,
        world: &World<'_>,
        ids: NewId<'_>,
    ) -> Result<Vec<Item>, Problem> {
        let mut made = Vec::new();
        for edit in edits {
            let (before, by) = match edit {
                Edit::Remove(_) => continue,
                Edit::Add(by) => (None, by),
                Edit::Replace { item, by } => (self.item(item), by),
            };
            let priced = by_id(world, &by.price)?;
            let same_price = before.filter(|before| before.price == by.price);
            // Units go on being counted: another number of seats is one more step.
            let goes_on = same_price.filter(|before| priced.terms.kind.is_metered() && before.options == by.options);
            let changed = (self.periods > 0).then_some(now);
            let id = match before {
                Some(before) => before.id.clone(),
                None => SubscriptionItemId::from_bits(ids()),
            };
            let item = Item {
                id: id.clone(),
                price: by.price.clone(),
                product: priced.product.clone(),
                quantity: by.quantity,
                options: by.options.clone(),
                option_amount: by.option_amount,
                parent: None,
                first_purchase: match before {
                    Some(_) => same_price.is_some_and(|before| before.first_purchase),
                    None => by.first_purchase,
                },
                begun: before.map_or(u32::from(begins), |before| before.begun),
                since: goes_on.map_or(changed, |before| before.since),
                paid: Vec::new(),
            };
            let children = priced.terms.bundle.iter().flat_map(|bundle| &bundle.price_ids);
            let mut of_bundle = Vec::new();
            for child in children {
                let priced = by_id(world, child)?;
                let is_known = |old: &&Item| old.parent.as_ref() == Some(&id) && old.price == *child;
                let known = self.items.iter().find(is_known);
                let goes_on = known.filter(|_| priced.terms.kind.is_metered());
                of_bundle.push(Item {
                    id: known.map_or_else(|| SubscriptionItemId::from_bits(ids()), |known| known.id.clone()),
                    price: child.clone(),
                    product: priced.product.clone(),
                    options: Vec::new(),
                    option_amount: 0,
                    parent: Some(id.clone()),
                    first_purchase: false,
                    since: goes_on.map_or(changed, |known| known.since),
                    ..item.clone()
                });
            }
            made.push(item);
            made.append(&mut of_bundle);
        }
        Ok(made)
    }

    /// The edits that wait for the period's end once more are asked for: the
    /// newer of two that are about one item replaces the other, but a quantity
    /// alone leaves the plan that waits, and a plan as it is forgets it.
    pub(super) fn with_pending(&self, edits: &[Edit]) -> Vec<Edit> {
        let mut all = self
            .pending
            .as_ref()
            .map_or_else(Vec::new, |pending| pending.edits.clone());
        for edit in edits {
            let Some((id, item)) = edit.item().and_then(|id| Some((id, self.item(id)?))) else {
                all.push(edit.clone());
                continue;
            };
            let planned = all.iter_mut().find_map(|old| match old {
                Edit::Replace { item, by } if item == id => Some(by),
                _ => None,
            });
            if let (Edit::Replace { by, .. }, Some(planned)) = (edit, planned)
                && by.is_plan_of(item)
                && !planned.is_plan_of(item)
                && !(by.quantity == item.quantity && planned.quantity == item.quantity)
            {
                planned.quantity = by.quantity;
                continue;
            }
            all.retain(|old| old.item() != Some(id));
            let nothing =
                matches!(edit, Edit::Replace { by, .. } if by.is_plan_of(item) && by.quantity == item.quantity);
            if !nothing {
                all.push(edit.clone());
            }
        }
        all
    }

    /// What goes on waiting for the period's end when edits are made at once:
    /// a plan that waits takes the new quantity, unless it had one of its own.
    pub(super) fn pending_after(&self, edits: &[Edit]) -> Option<PendingChange> {
        let mut pending = self.pending.clone()?;
        for edit in edits {
            let Some((id, item)) = edit.item().and_then(|id| Some((id, self.item(id)?))) else {
                continue;
            };
            match edit {
                Edit::Replace { by: now, .. } if now.is_plan_of(item) => {
                    pending.edits.retain_mut(|old| match old {
                        Edit::Replace { item: of, by } if of == id => {
                            if by.quantity == item.quantity {
                                by.quantity = now.quantity;
                            }
                            !(by.is_plan_of(item) && by.quantity == now.quantity)
                        }
                        _ => true,
                    });
                }
                _ => pending.edits.retain(|old| old.item() != Some(id)),
            }
        }
        (!pending.edits.is_empty()).then_some(pending)
    }

    /// What edits do to the sum of a period, at list prices.
    pub(super) fn weigh(&self, edits: &[Edit], world: &World<'_>) -> Result<Weight, Problem> {
        let only_quantity = |edit: &Edit| match edit {
            Edit::Replace { item, by } => self.item(item).is_some_and(|item| by.is_plan_of(item)),
            Edit::Add(_) | Edit::Remove(_) => false,
        };
        let mut after = self.clone();
        let made = self.made_by(edits, world.now, false, world, &mut passing_ids())?;
        after.make(edits, made);
        Ok(Weight {
            before: self.list_amount(world)?,
            after: after.list_amount(world)?,
            only_quantities: edits.iter().all(only_quantity),
            interval: after
                .common_interval(world)?
                .filter(|interval| *interval != self.cadence.interval),
        })
    }

    /// How long the periods of all items are.
    fn common_interval(&self, world: &World<'_>) -> Result<Option<Interval>, Problem> {
        let mut common = None;
        for item in self.top_items() {
            let interval = priced(world, item)?.terms.recurring;
            if common.is_some_and(|common| common != interval) {
                return Err(Problem::at(
                    "priceId",
                    "has periods of another length than the other items: start a subscription of its own with commerce.checkout()",
                ));
            }
            common = Some(interval);
        }
        Ok(common.flatten())
    }

    /// What a whole period costs at list prices: in advance, and the base in arrears.
    fn list_amount(&self, world: &World<'_>) -> Result<i64, Problem> {
        let whole = PaidPeriod {
            period: None,
            share: None,
            basis: world.settings.proration,
            is_first: false,
        };
        let mut sum = 0;
        for item in self.top_items() {
            let priceable = self.priceable(item, world, &|_| None)?;
            let advance = charge::advance(&priceable, whole)?;
            let arrears = charge::arrears(&priceable, whole)?;
            sum = money::add(
                sum,
                money::sum(advance.iter().chain(&arrears).map(|draft| draft.line.amount))?,
            )?;
        }
        Ok(sum)
    }

    /// Refuses edits that name what is not there, or do not fit together.
    pub(super) fn check_edits(&self, edits: &[Edit], world: &World<'_>) -> Result<(), Problem> {
        let mut left: Vec<&SubscriptionItemId> = self.top_items().map(|item| &item.id).collect();
        let mut seen: Vec<&SubscriptionItemId> = Vec::new();
        let mut added = 0;
        for edit in edits {
            if let Some(id) = edit.item() {
                let item = self.item(id).ok_or_else(|| {
                    Problem::at(
                        "itemId",
                        "names no item of this subscription: subscriptions.get() shows its items",
                    )
                })?;
                if item.parent.is_some() {
                    return Err(Problem::at(
                        "itemId",
                        "belongs to a bundle: change the bundle's own item",
                    ));
                }
                if seen.contains(&id) {
                    return Err(Problem::at("itemId", "is changed twice: say once what it becomes"));
                }
                seen.push(id);
                if matches!(edit, Edit::Remove(_)) {
                    left.retain(|known| *known != id);
                }
            }
            if let Edit::Replace { by, .. } | Edit::Add(by) = edit {
                added += usize::from(matches!(edit, Edit::Add(_)));
                self.check_fits(by, world)?;
            }
        }
        if left.is_empty() && added == 0 {
            return Err(Problem::at(
                "itemId",
                "is the last item: cancel the subscription instead",
            ));
        }
        Ok(())
    }

    /// Whether a price can be had here: in one currency and one claim with the
    /// others.
    fn check_fits(&self, by: &NewItem, world: &World<'_>) -> Result<(), Problem> {
        let terms = by_id(world, &by.price)?.terms;
        if by.quantity < 1 {
            return Err(Problem::at("quantity", "must be at least 1: remove the item instead"));
        }
        if terms.maximum_quantity.is_some_and(|most| by.quantity > most) {
            return Err(Problem::at("quantity", "is more than the price's maximumQuantity"));
        }
        if terms.currency != self.currency {
            let mixed = money::mixed(self.currency, terms.currency);
            return Err(Problem::at("priceId", mixed.message));
        }
        if terms.recurring.is_none() {
            let message = "is paid once: sell it with commerce.checkout()";
            return Err(Problem::at("priceId", message));
        }
        if (terms.claim == Claim::Arrears) != self.arrears {
            let message =
                "is paid at the other end of the period than the other items: start a subscription of its own";
            return Err(Problem::at("priceId", message));
        }
        Ok(())
    }
}

impl NewItem {
    /// Whether it is what an item is, but for how many.
    fn is_plan_of(&self, item: &Item) -> bool {
        self.price == item.price && self.options == item.options
    }
}

impl Edit {
    /// The item that it changes.
    pub fn item(&self) -> Option<&SubscriptionItemId> {
        match self {
            Self::Replace { item, .. } | Self::Remove(item) => Some(item),
            Self::Add(_) => None,
        }
    }

    /// The price that it brings.
    pub fn price(&self) -> Option<&PriceId> {
        match self {
            Self::Replace { by, .. } | Self::Add(by) => Some(&by.price),
            Self::Remove(_) => None,
        }
    }
}

pub(super) fn by_id<'a>(world: &'a World<'_>, price: &PriceId) -> Result<Priced<'a>, Problem> {
    world.prices.priced(price).ok_or_else(|| {
        Problem::at(
            "priceId",
            "names no price of this store: prices.list() shows what there is",
        )
    })
}
