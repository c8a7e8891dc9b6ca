//! From what a caller says about a product's options to every combination of
//! their values (StepPay V1 reference, section 5.4: the Cartesian product).

use super::product::{Combination, OptionGroup, OptionStatus, OptionType, OptionValue, Options};
use crate::domain::{Problem, id::OptionId};

/// A value as it is named: one that was there before keeps its id when it is
/// named again.
#[derive(Debug, Clone)]
pub struct ValueDraft {
    /// Its id, when it was said.
    pub id: Option<OptionId>,
    /// What people read.
    pub name: String,
}

/// An option as it is named.
#[derive(Debug, Clone)]
pub struct GroupDraft {
    /// What people read.
    pub name: String,
    /// How people choose; from a list when left out.
    pub kind: Option<OptionType>,
    /// What there is to choose from.
    pub values: Vec<ValueDraft>,
}

/// What is special about one combination.
#[derive(Debug, Clone)]
pub struct CombinationDraft {
    /// One value of each option, by id or by name.
    pub values: Vec<String>,
    /// What it costs on top, in the smallest unit of the price's currency; nothing when left out.
    pub price: Option<i64>,
    /// Pieces left; as many as one wants when left out.
    pub stock: Option<i64>,
    /// Whether it can be chosen; it can when left out.
    pub status: Option<OptionStatus>,
}

/// Options as they are named.
#[derive(Debug, Clone, Default)]
pub struct OptionsDraft {
    /// The options.
    pub groups: Vec<GroupDraft>,
    /// Those combinations that have something of their own.
    pub combinations: Vec<CombinationDraft>,
}

impl OptionsDraft {
    /// The options with every combination. Values keep the ids that they have
    /// in `before`; `new_id` makes the others'.
    ///
    /// # Errors
    ///
    /// A problem with its path, such as `options.combinations[1].values`: a
    /// combination that does not exist or is named twice, an id that two
    /// values have, too many combinations.
    pub fn options(self, before: &Options, new_id: &mut dyn FnMut() -> OptionId) -> Result<Options, Problem> {
        let mut groups: Vec<OptionGroup> = Vec::with_capacity(self.groups.len());
        for (index, draft) in self.groups.into_iter().enumerate() {
            let known = before.groups.iter().find(|group| group.name == draft.name);
            let known = known.map_or(&[][..], |group| &group.values);
            let mut group = OptionGroup {
                name: draft.name,
                kind: draft.kind.unwrap_or(OptionType::Select),
                values: Vec::with_capacity(draft.values.len()),
            };
            for (place, value) in draft.values.into_iter().enumerate() {
                let same_name = || {
                    known
                        .iter()
                        .find(|old| old.name == value.name)
                        .map(|old| old.id.clone())
                };
                let id = value.id.or_else(same_name).unwrap_or_else(&mut *new_id);
                let everywhere = groups.iter().flat_map(|group| &group.values).chain(&group.values);
                if everywhere.into_iter().any(|other| other.id == id) {
                    let at = format!("options.groups[{index}].values[{place}].id");
                    return Err(Problem::at(at, "is there twice"));
                }
                group.values.push(OptionValue { id, name: value.name });
            }
            groups.push(group);
        }
        let combinations = combinations(&groups, self.combinations)?;
        Ok(Options { groups, combinations })
    }
}

fn combinations(groups: &[OptionGroup], drafts: Vec<CombinationDraft>) -> Result<Vec<Combination>, Problem> {
    let mut all: Vec<Combination> = Options::every_combination(groups)?
        .into_iter()
        .map(|option_ids| Combination {
            option_ids,
            price: 0,
            stock: None,
            status: OptionStatus::Sale,
        })
        .collect();
    let mut named = vec![false; all.len()];
    for (index, draft) in drafts.into_iter().enumerate() {
        let refused = |message: String| Problem::at(format!("options.combinations[{index}].values"), message);
        let place = chosen(groups, &draft.values)
            .and_then(|ids| all.iter().position(|combination| combination.option_ids == ids))
            .ok_or_else(|| refused(one_of_each(groups)))?;
        let (Some(combination), Some(named)) = (all.get_mut(place), named.get_mut(place)) else {
            return Err(refused(one_of_each(groups)));
        };
        if std::mem::replace(named, true) {
            return Err(refused("is there twice".to_owned()));
        }
        combination.price = draft.price.unwrap_or(0);
        combination.stock = draft.stock;
        combination.status = draft.status.unwrap_or(OptionStatus::Sale);
    }
    Ok(all)
}

fn one_of_each(groups: &[OptionGroup]) -> String {
    if groups.is_empty() {
        return "must be left out: the product has no options".to_owned();
    }
    let names: Vec<&str> = groups.iter().map(|group| group.name.as_str()).collect();
    format!("must be one value of each option, by name or id: {}", names.join(", "))
}

/// The ids of the values that are named, in the groups' order. A value is
/// looked for at its group's place first, so that one name may belong to
/// values of two groups.
fn chosen(groups: &[OptionGroup], named: &[String]) -> Option<Vec<OptionId>> {
    if groups.len() != named.len() {
        return None;
    }
    let mut used = vec![false; named.len()];
    let mut ids = Vec::with_capacity(groups.len());
    for (index, group) in groups.iter().enumerate() {
        let value_of = |text: &str| {
            let by_id = group.values.iter().find(|value| value.id.as_str() == text);
            by_id.or_else(|| group.values.iter().find(|value| value.name == text))
        };
        let places = std::iter::once(index).chain(0..named.len());
        let (place, value) = places
            .filter(|place| used.get(*place) == Some(&false))
            .find_map(|place| Some((place, value_of(named.get(place)?)?)))?;
        *used.get_mut(place)? = true;
        ids.push(value.id.clone());
    }
    Some(ids)
}

#[cfg(test)]
mod tests;
