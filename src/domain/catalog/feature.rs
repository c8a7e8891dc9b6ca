//! Features: what a product gives to those who pay for it.

use serde::{Deserialize, Serialize};

use crate::domain::{Problem, decimal::Quantity, id::FeatureId};

/// What having a feature means.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FeatureType {
    /// One has it or not.
    Boolean,
    /// So much of it may be used in a span of time.
    Metered,
    /// So many may be there at once: seats, projects.
    Limit,
    /// A pool that other features draw from.
    Credits,
}

impl FeatureType {
    /// All, with their words.
    pub const ALL: [(Self, &'static str); 4] = [
        (Self::Boolean, "boolean"),
        (Self::Metered, "metered"),
        (Self::Limit, "limit"),
        (Self::Credits, "credits"),
    ];

    /// Its word.
    pub fn name(self) -> &'static str {
        Self::ALL[self as usize].1
    }
}

/// When a metered amount starts anew.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reset {
    /// Every day.
    Day,
    /// Every week.
    Week,
    /// Every month.
    Month,
    /// With every billing period.
    BillingPeriod,
    /// Never.
    Lifetime,
}

impl Reset {
    /// All, with their words.
    pub const ALL: [(Self, &'static str); 5] = [
        (Self::Day, "day"),
        (Self::Week, "week"),
        (Self::Month, "month"),
        (Self::BillingPeriod, "billing_period"),
        (Self::Lifetime, "lifetime"),
    ];

    /// Its word.
    pub fn name(self) -> &'static str {
        Self::ALL[self as usize].1
    }
}

/// A feature as a product gives it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ProductFeature {
    /// Which.
    pub id: FeatureId,
    /// How much of it; `None` for as much as one wants.
    pub limit: Option<Quantity>,
    /// When the amount starts anew.
    pub reset: Option<Reset>,
    /// Whether more than the limit may be used, and is paid.
    pub overage: bool,
    /// What not even overage may pass.
    pub hard_limit: Option<Quantity>,
    /// Every entity (a seat, a project) has an amount of its own.
    pub per_entity: bool,
    /// What is left of an amount is there in the next span too.
    pub rollover: bool,
}

impl ProductFeature {
    /// Nothing but having it.
    pub fn plain(id: FeatureId) -> Self {
        Self {
            id,
            limit: None,
            reset: None,
            overage: false,
            hard_limit: None,
            per_entity: false,
            rollover: false,
        }
    }

    /// Checks it against the feature's type: one that is only there or not has
    /// no amount, and only what is used up starts anew.
    ///
    /// # Errors
    ///
    /// A problem at the member that does not belong, such as `limit`.
    pub fn check_for(&self, kind: FeatureType) -> Result<(), Problem> {
        let used_up = matches!(kind, FeatureType::Metered | FeatureType::Credits);
        let counted = used_up || kind == FeatureType::Limit;
        let name = kind.name();
        for (member, there, belongs, kinds) in [
            ("limit", self.limit.is_some(), counted, "metered, limit and credits"),
            (
                "hardLimit",
                self.hard_limit.is_some(),
                counted,
                "metered, limit and credits",
            ),
            ("overage", self.overage, counted, "metered, limit and credits"),
            ("perEntity", self.per_entity, counted, "metered, limit and credits"),
            ("reset", self.reset.is_some(), used_up, "metered and credits"),
            ("rollover", self.rollover, used_up, "metered and credits"),
        ] {
            if there && !belongs {
                let message = format!("belongs to {kinds} features, and this one is {name}");
                return Err(Problem::at(member, message));
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_feature_has_only_what_its_type_can_have() {
        let plain = || ProductFeature::plain(FeatureId::trusted("feat_1"));
        let filled: [(&str, ProductFeature); 6] = [
            (
                "limit",
                ProductFeature {
                    limit: Some(Quantity::ONE),
                    ..plain()
                },
            ),
            (
                "hardLimit",
                ProductFeature {
                    hard_limit: Some(Quantity::ONE),
                    ..plain()
                },
            ),
            (
                "overage",
                ProductFeature {
                    overage: true,
                    ..plain()
                },
            ),
            (
                "perEntity",
                ProductFeature {
                    per_entity: true,
                    ..plain()
                },
            ),
            (
                "reset",
                ProductFeature {
                    reset: Some(Reset::Month),
                    ..plain()
                },
            ),
            (
                "rollover",
                ProductFeature {
                    rollover: true,
                    ..plain()
                },
            ),
        ];
        for (kind, name) in FeatureType::ALL {
            assert_eq!(plain().check_for(kind), Ok(()), "{name}");
            for (member, feature) in &filled {
                let fits = match kind {
                    FeatureType::Boolean => false,
                    FeatureType::Limit => !matches!(*member, "reset" | "rollover"),
                    FeatureType::Metered | FeatureType::Credits => true,
                };
                let refused = feature.check_for(kind).map_err(|problem| problem.at);
                assert_eq!(refused, if fits { Ok(()) } else { Err((*member).to_owned()) }, "{name}");
            }
        }
    }
}
