//! Products: what is sold, and in which forms (StepPay V1 reference,
//! section 5).

use serde::{Deserialize, Serialize};

use super::feature::ProductFeature;
use crate::domain::{Problem, calendar::Interval, currency::Currency, decimal::Percent, id::OptionId};

/// Most values of all options of a product together.
pub const MAX_VALUES: usize = 200;
/// Most combinations of option values.
pub const MAX_COMBINATIONS: usize = 1000;

/// What kind of thing a product is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ProductKind {
    /// Shipped.
    Box,
    /// Intangible.
    Software,
    /// Several sold as one.
    Bundle,
    /// Made for a request to pay.
    Invoice,
    /// Awaits approval.
    Draft,
}

impl ProductKind {
    /// All, with their words.
    pub const ALL: [(Self, &'static str); 5] = [
        (Self::Box, "box"),
        (Self::Software, "software"),
        (Self::Bundle, "bundle"),
        (Self::Invoice, "invoice"),
        (Self::Draft, "draft"),
    ];

    /// Its word.
    pub fn name(self) -> &'static str {
        Self::ALL[self as usize].1
    }
}

/// Whether a product can be bought.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ProductStatus {
    /// It can.
    Sale,
    /// There is none left.
    OutOfStock,
    /// Not shown, not sold.
    Unsold,
    /// Not approved yet.
    WaitingApproval,
    /// Approval was refused.
    Rejected,
}

impl ProductStatus {
    /// All, with their words.
    pub const ALL: [(Self, &'static str); 5] = [
        (Self::Sale, "sale"),
        (Self::OutOfStock, "out_of_stock"),
        (Self::Unsold, "unsold"),
        (Self::WaitingApproval, "waiting_approval"),
        (Self::Rejected, "rejected"),
    ];

    /// Its word.
    pub fn name(self) -> &'static str {
        Self::ALL[self as usize].1
    }
}

/// How people choose a value of an option.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OptionType {
    /// From a list.
    Select,
    /// By colour.
    Color,
    /// Another product.
    Product,
}

impl OptionType {
    /// All, with their words.
    pub const ALL: [(Self, &'static str); 3] = [
        (Self::Select, "select"),
        (Self::Color, "color"),
        (Self::Product, "product"),
    ];

    /// Its word.
    pub fn name(self) -> &'static str {
        Self::ALL[self as usize].1
    }
}

/// Whether a combination can be chosen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OptionStatus {
    /// It can.
    Sale,
    /// There is none left.
    OutOfStock,
    /// Not shown.
    Hidden,
}

impl OptionStatus {
    /// All, with their words.
    pub const ALL: [(Self, &'static str); 3] = [
        (Self::Sale, "sale"),
        (Self::OutOfStock, "out_of_stock"),
        (Self::Hidden, "hidden"),
    ];

    /// Its word.
    pub fn name(self) -> &'static str {
        Self::ALL[self as usize].1
    }
}

/// One value of an option, such as `red`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OptionValue {
    /// `opt_…`
    pub id: OptionId,
    /// What people read.
    pub name: String,
}

/// An option, such as `colour`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OptionGroup {
    /// What people read.
    pub name: String,
    /// How people choose.
    pub kind: OptionType,
    /// What there is to choose from.
    pub values: Vec<OptionValue>,
}

/// One value of every option, with a price and a stock of its own.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Combination {
    /// One value of each group, in the groups' order.
    pub option_ids: Vec<OptionId>,
    /// What it costs on top of the price, in the smallest unit of the price's currency; may be negative.
    pub price: i64,
    /// Pieces left; `None` for as many as one wants.
    pub stock: Option<i64>,
    /// Whether it can be chosen.
    pub status: OptionStatus,
}

/// What can be chosen about a product.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Options {
    /// The options.
    pub groups: Vec<OptionGroup>,
    /// Every combination of their values (the Cartesian product).
    pub combinations: Vec<Combination>,
}

impl Options {
    /// Every combination of the groups' values, the last group's changing
    /// fastest.
    ///
    /// # Errors
    ///
    /// A problem when there are too many.
    pub fn every_combination(groups: &[OptionGroup]) -> Result<Vec<Vec<OptionId>>, Problem> {
        let count = groups
            .iter()
            .try_fold(1_usize, |count, group| count.checked_mul(group.values.len()));
        if count.is_none_or(|count| count > MAX_COMBINATIONS) {
            let message = format!("must not combine to more than {MAX_COMBINATIONS}");
            return Err(Problem::at("options.groups", message));
        }
        let mut all = vec![Vec::new()];
        for group in groups {
            let extended = |begun: &Vec<OptionId>| {
                let begun = begun.clone();
                group.values.iter().map(move |value| {
                    let mut longer = begun.clone();
                    longer.push(value.id.clone());
                    longer
                })
            };
            all = all.iter().flat_map(extended).collect();
        }
        if groups.is_empty() {
            all.clear();
        }
        Ok(all)
    }

    /// The combination that was chosen, whatever order its values are named in.
    /// How many of it are left does not matter: whoever chose it may hold the
    /// last ones.
    ///
    /// # Errors
    ///
    /// A problem when the values are not one of each option, or not on sale.
    pub fn chosen(&self, ids: &[OptionId]) -> Result<Option<&Combination>, Problem> {
        if self.groups.is_empty() && ids.is_empty() {
            return Ok(None);
        }
        let is_it = |combination: &&Combination| {
            combination.option_ids.len() == ids.len() && combination.option_ids.iter().all(|id| ids.contains(id))
        };
        let names = || {
            self.groups
                .iter()
                .map(|group| group.name.as_str())
                .collect::<Vec<_>>()
                .join(", ")
        };
        match self.combinations.iter().find(is_it) {
            None if self.groups.is_empty() => Err(Problem::new("must be left out: the product has no options")),
            None => Err(Problem::new(format!(
                "must be one value of each option of the product: {}",
                names()
            ))),
            Some(found) if found.status != OptionStatus::Sale => Err(not_on_sale()),
            found => Ok(found),
        }
    }
}

fn not_on_sale() -> Problem {
    Problem::new("is a combination that is not on sale: choose another")
}

/// A mark shown for a while, such as `SUMMER SALE`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EventBadge {
    /// What it says.
    pub event: String,
    /// Shown from then on, microseconds since 1970.
    pub starts_at: Option<i64>,
    /// Shown until then.
    pub ends_at: Option<i64>,
}

/// A category of the shop.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Category {
    /// The shop's own identifier.
    pub id: String,
    /// What people read.
    pub name: String,
}

/// Which parts of a product's page are switched on.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Widgets {
    /// The trial.
    pub trial: bool,
    /// The event badges.
    pub event_badge: bool,
    /// The limit to one subscription.
    pub one_time_purchasable: bool,
    /// The notice.
    pub notice: bool,
}

/// Where a product is sold, and with which tax.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CountrySetting {
    /// ISO 3166-1, two letters.
    pub country_code: String,
    /// IANA time zone.
    pub timezone: Option<String>,
    /// What it is paid in there.
    pub currency: Option<Currency>,
    /// Whether it is the setting for all other countries.
    pub is_default: bool,
    /// Tax in percent, on top of the price.
    pub tax_rate: Option<Percent>,
}

/// Everything about a product that nothing is looked up by.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Details {
    /// What it is, at length.
    pub description: Option<String>,
    /// A second title.
    pub subtitle: Option<String>,
    /// What it is, in a sentence.
    pub summary: Option<String>,
    /// The merchant's own article number.
    pub sku: Option<String>,
    /// The picture on the payment page.
    pub featured_image_url: Option<String>,
    /// Further pictures.
    pub image_urls: Vec<String>,
    /// What payers are told.
    pub notice: Option<String>,
    /// Why approval was refused.
    pub rejection_reason: Option<String>,
    /// What it gives.
    pub features: Vec<ProductFeature>,
    /// What can be chosen.
    pub options: Options,
    /// How long the first period is free.
    pub trial: Option<Interval>,
    /// Where it is found.
    pub categories: Vec<Category>,
    /// Marks shown for a while.
    pub event_badges: Vec<EventBadge>,
    /// Parts of its page.
    pub widgets: Widgets,
    /// Where it is sold.
    pub country_setting: Option<CountrySetting>,
    /// At most one subscription per customer.
    pub one_per_customer: bool,
}

impl Details {
    /// Checks what a product can say about itself.
    ///
    /// # Errors
    ///
    /// A problem at the member that is wrong.
    pub fn check(&self) -> Result<(), Problem> {
        for (index, feature) in self.features.iter().enumerate() {
            let at = |member: &str| format!("features[{index}].{member}");
            if self.features[..index].iter().any(|other| other.id == feature.id) {
                return Err(Problem::at(at("id"), "is there twice"));
            }
            if feature.limit.is_some_and(|limit| limit.scaled() < 0) {
                return Err(Problem::at(at("limit"), "must not be negative"));
            }
            if feature
                .hard_limit
                .is_some_and(|hard| feature.limit.is_none_or(|limit| hard < limit))
            {
                return Err(Problem::at(at("hardLimit"), "must not be below limit"));
            }
        }
        for (index, badge) in self.event_badges.iter().enumerate() {
            if let (Some(start), Some(end)) = (badge.starts_at, badge.ends_at)
                && start >= end
            {
                return Err(Problem::at(
                    format!("eventBadges[{index}].endsAt"),
                    "must be later than startsAt",
                ));
            }
        }
        if let Some(setting) = &self.country_setting
            && setting.tax_rate.is_some_and(|rate| rate > Percent::HUNDRED)
        {
            return Err(Problem::at("countrySetting.taxRate", "must be at most 100"));
        }
        self.check_options()
    }

    fn check_options(&self) -> Result<(), Problem> {
        let groups = &self.options.groups;
        if groups.iter().map(|group| group.values.len()).sum::<usize>() > MAX_VALUES {
            return Err(Problem::at(
                "options.groups",
                format!("must not have more than {MAX_VALUES} values together"),
            ));
        }
        for (index, group) in groups.iter().enumerate() {
            let at = |member: &str| format!("options.groups[{index}].{member}");
            if groups[..index].iter().any(|other| other.name == group.name) {
                return Err(Problem::at(at("name"), "is there twice"));
            }
            if group.values.is_empty() {
                return Err(Problem::at(at("values"), "must have at least 1 element"));
            }
            for (place, value) in group.values.iter().enumerate() {
                if group.values[..place].iter().any(|other| other.name == value.name) {
                    return Err(Problem::at(at(&format!("values[{place}]")), "is there twice"));
                }
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{decimal::Quantity, id::FeatureId};

    fn refused(details: &Details) -> String {
        details.check().expect_err("it does not fit").at
    }

    #[test]
    fn a_feature_is_given_once_and_its_limits_are_in_order() {
        let feature = |limit: &str, hard: &str| ProductFeature {
            limit: Some(Quantity::parse(limit).unwrap()),
            hard_limit: Some(Quantity::parse(hard).unwrap()),
            ..ProductFeature::plain(FeatureId::trusted("feat_1"))
        };
        let with = |features: Vec<ProductFeature>| Details {
            features,
            ..Details::default()
        };
        assert_eq!(with(vec![feature("10", "10")]).check(), Ok(()));
        assert_eq!(refused(&with(vec![feature("10", "9.999999")])), "features[0].hardLimit");
        assert_eq!(refused(&with(vec![feature("-1", "1")])), "features[0].limit");
        assert_eq!(
            refused(&with(vec![feature("1", "1"), feature("1", "1")])),
            "features[1].id"
        );
        let endless = ProductFeature {
            limit: None,
            ..feature("1", "1")
        };
        assert_eq!(refused(&with(vec![endless])), "features[0].hardLimit");
    }

    #[test]
    fn a_badge_ends_after_it_starts_and_no_tax_takes_more_than_everything() {
        let badge = |starts_at, ends_at| Details {
            event_badges: vec![EventBadge {
                event: "SALE".to_owned(),
                starts_at,
                ends_at,
            }],
            ..Details::default()
        };
        assert_eq!(badge(Some(1), Some(2)).check(), Ok(()));
        assert_eq!(badge(None, Some(2)).check(), Ok(()));
        assert_eq!(refused(&badge(Some(2), Some(2))), "eventBadges[0].endsAt");
        let tax = |percent: &str| Details {
            country_setting: Some(CountrySetting {
                country_code: "KR".to_owned(),
                timezone: None,
                currency: None,
                is_default: false,
                tax_rate: Some(Percent::parse(percent).unwrap()),
            }),
            ..Details::default()
        };
        assert_eq!(tax("100").check(), Ok(()));
        assert_eq!(refused(&tax("100.000001")), "countrySetting.taxRate");
    }

    #[test]
    fn the_words_stand_in_the_order_of_the_values() {
        for (kind, word) in ProductKind::ALL {
            assert_eq!(kind.name(), word);
        }
        for (status, word) in ProductStatus::ALL {
            assert_eq!(status.name(), word);
        }
        for (kind, word) in OptionType::ALL {
            assert_eq!(kind.name(), word);
        }
        for (status, word) in OptionStatus::ALL {
            assert_eq!(status.name(), word);
        }
    }

    #[test]
    fn stored_details_of_a_newer_version_are_not_read_as_something_less() {
        let stored = serde_json::to_string(&Details::default()).unwrap();
        assert_eq!(serde_json::from_str::<Details>(&stored).unwrap(), Details::default());
        assert_eq!(serde_json::from_str::<Details>("{}").unwrap(), Details::default());
        assert!(serde_json::from_str::<Details>(r#"{"colour":"red"}"#).is_err());
    }
}
