//! From a file and what is stored to the calls that bring the one to the
//! other, in an order in which each finds what it needs.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::{
    diff::{Label, Line, Sign, changes},
    file::{Entry, File},
    kind::Kind,
    step::{Deed, Step, archive, check_product, create, create_product, label, update},
    stored::{Stored, members},
};
use crate::error::Result;

/// The calls, and what only the store has.
#[derive(Debug, Default)]
pub struct Plan {
    /// In the order in which they are made.
    pub steps: Vec<Step>,
    /// What stays though the file does not have it.
    pub left: Vec<Label>,
}

impl Plan {
    /// Every object of the file has its step, also one that will change nothing.
    ///
    /// # Errors
    ///
    /// `parameter_invalid` where the file asks for what no operation does.
    pub fn new(file: &File, stored: &Stored, prune: bool) -> Result<Self> {
        let named = |kind: Kind| {
            let found = stored.of(kind).into_iter();
            found.filter_map(move |found| Some(((kind, kind.folded(kind.name_of(found)?)), found)))
        };
        let prices = stored.of(Kind::Price).into_iter();
        let mut planner = Planner {
            file,
            stored,
            there: Kind::ALL.into_iter().flat_map(named).collect(),
            known: prices.filter_map(|price| Kind::Price.name_of(price)).collect(),
            steps: Vec::new(),
            last: Vec::new(),
        };
        planner.add_all(Kind::Feature)?;
        planner.add_products()?;
        let mut last = std::mem::take(&mut planner.last);
        planner.steps.append(&mut last);
        planner.add_all(Kind::Coupon)?;
        let gone = planner.gone();
        let mut plan = Self {
            steps: planner.steps,
            left: Vec::new(),
        };
        for (label, step) in gone {
            match step {
                Some(step) if prune => plan.steps.push(step),
                _ => plan.left.push(label),
            }
        }
        Ok(plan)
    }

    /// Leaves the steps that change something, with a line for each object,
    /// given what each step would answer.
    pub fn told(self, answers: &[Value]) -> (Vec<Step>, Vec<Line>) {
        let (mut steps, mut lines) = (Vec::new(), Vec::new());
        for (step, answer) in self.steps.into_iter().zip(answers) {
            let line = |sign, label: &Label, changes| Line {
                sign,
                label: label.clone(),
                changes,
            };
            match &step.deed {
                Deed::Create(with) => {
                    lines.push(line(Sign::New, &step.label, Vec::new()));
                    lines.extend(with.iter().map(|(label, _)| line(Sign::New, label, Vec::new())));
                }
                Deed::Update(before) => {
                    let changes = changes(before, answer);
                    if changes.is_empty() {
                        continue;
                    }
                    lines.push(line(Sign::Changed, &step.label, changes));
                }
                Deed::Archive => lines.push(line(Sign::Gone, &step.label, Vec::new())),
            }
            steps.push(step);
        }
        (steps, lines)
    }
}

struct Planner<'a> {
    file: &'a File,
    stored: &'a Stored,
    /// What the store has, by name.
    there: BTreeMap<(Kind, String), &'a Value>,
    /// Prices that are there, or are made by a step so far: a bundle may name them.
    known: BTreeSet<&'a str>,
    steps: Vec<Step>,
    /// What waits for all products.
    last: Vec<Step>,
}

impl<'a> Planner<'a> {
    /// The stored object of a name.
    fn find(&self, kind: Kind, name: &str) -> Option<&'a Value> {
        self.there.get(&(kind, kind.folded(name))).copied()
    }

    fn add_all(&mut self, kind: Kind) -> Result<()> {
        let file = self.file;
        for entry in file.entries.iter().filter(|entry| entry.kind == kind) {
            let step = match self.find(kind, &entry.name) {
                Some(stored) => update(entry, stored)?,
                None => create(entry, None),
            };
            self.steps.push(step);
        }
        Ok(())
    }

    fn add_products(&mut self) -> Result<()> {
        let file = self.file;
        for entry in file.entries.iter().filter(|entry| entry.kind == Kind::Product) {
            let prices = file
                .entries
                .iter()
                .filter(|price| price.product.as_ref() == Some(&entry.name));
            let (step, rest): (Step, Vec<&Entry>) = match self.find(Kind::Product, &entry.name) {
                Some(stored) => (update(entry, stored)?, prices.collect()),
                None => {
                    let (along, rest): (Vec<&Entry>, Vec<&Entry>) =
                        prices.partition(|price| self.may_come_along(price));
                    self.known.extend(along.iter().map(|price| price.name.as_str()));
                    (create_product(entry, &along), rest)
                }
            };
            self.steps.push(step);
            for price in rest {
                self.add_price(price)?;
            }
        }
        Ok(())
    }

    /// Whether a price can be made with its product.
    fn may_come_along(&self, price: &Entry) -> bool {
        self.replaced(price).is_none() && self.find(Kind::Price, &price.name).is_none() && !self.waits(price)
    }

    /// Whether a bundle names a price that is not there yet.
    fn waits(&self, price: &Entry) -> bool {
        let bundled = price.member("bundle").map(members).unwrap_or_default();
        let ids = bundled.get("priceIds").or_else(|| bundled.get("price_ids"));
        let mut ids = ids
            .and_then(Value::as_array)
            .into_iter()
            .flatten()
            .filter_map(Value::as_str);
        ids.any(|id| !self.known.contains(id) && self.file.entries.iter().any(|entry| entry.name == id))
    }

    /// The stored price that a new one takes the place of.
    fn replaced(&self, price: &Entry) -> Option<&'a Value> {
        self.find(Kind::Price, price.replaces.as_deref()?)
    }

    fn add_price(&mut self, price: &'a Entry) -> Result<()> {
        let step = match self.find(Kind::Price, &price.name) {
            Some(stored) => {
                check_product(price, "id", stored)?;
                let step = update(price, stored)?;
                // Another price takes the default first: a product always has one.
                if price.member("isDefault") == Some(&Value::Bool(false)) {
                    self.last.push(step);
                    return Ok(());
                }
                step
            }
            None => match self.replaced(price) {
                Some(old) => {
                    check_product(price, "replaces", old)?;
                    create(price, price.replaces.as_deref())
                }
                None => create(price, None),
            },
        };
        if self.waits(price) {
            self.last.push(step);
        } else {
            self.known.insert(&price.name);
            self.steps.push(step);
        }
        Ok(())
    }

    /// What the store has beyond the file, in the order in which it can go.
    fn gone(&self) -> Vec<(Label, Option<Step>)> {
        let named = |kind: Kind| -> BTreeSet<String> {
            let of_kind = self.file.entries.iter().filter(|entry| entry.kind == kind);
            of_kind.map(|entry| kind.folded(&entry.name)).collect()
        };
        let replaced: BTreeSet<&str> = self
            .file
            .entries
            .iter()
            .filter_map(|entry| entry.replaces.as_deref())
            .collect();
        let products = named(Kind::Product);
        let mut gone = Vec::new();
        for kind in [Kind::Coupon, Kind::Price, Kind::Product, Kind::Feature] {
            let kept = named(kind);
            for stored in self.stored.of(kind) {
                let Some(name) = kind.name_of(stored) else { continue };
                let is_listed = match (kind, stored.get("productId").and_then(Value::as_str)) {
                    (Kind::Price, Some(product)) => {
                        self.file.priced.contains(product) && products.contains(product) && !replaced.contains(name)
                    }
                    _ => self.file.lists.contains(&kind),
                };
                let is_over = kind == Kind::Coupon && stored.get("active") == Some(&Value::Bool(false));
                if is_listed && !is_over && !kept.contains(&kind.folded(name)) {
                    gone.push((label(kind, name, stored), archive(kind, name, stored)));
                }
            }
        }
        gone
    }
}

#[cfg(test)]
mod tests;
