//! From the members of an input about a product to the domain's values.

use super::{
    catalog::{Either, Overage, interval},
    product::{
        CategoryInput, CountrySettingInput, EventBadgeInput, OptionCombinationInput, OptionGroupInput,
        OptionValueGiven, ProductFeatureInput, ProductMembers, ProductOptionsInput, WidgetsInput,
    },
};
use crate::domain::{
    Problem,
    catalog::{
        feature::ProductFeature,
        options::{CombinationDraft, GroupDraft, OptionsDraft, ValueDraft},
        product::{Category, CountrySetting, Details, EventBadge, Widgets},
    },
    customer::Patch,
    instant::Instant,
};

impl ProductMembers {
    /// Says the given members over the details, but for features and options,
    /// which need to know what is stored.
    ///
    /// # Errors
    ///
    /// A problem at `trial.count` when the trial is too long.
    pub fn apply_to(self, details: &mut Details) -> Result<(), Problem> {
        self.description.map(|text| text.0).apply_to(&mut details.description);
        self.subtitle.map(|text| text.0).apply_to(&mut details.subtitle);
        self.summary.map(|text| text.0).apply_to(&mut details.summary);
        self.sku.map(|text| text.0).apply_to(&mut details.sku);
        self.featured_image_url
            .map(|text| text.0)
            .apply_to(&mut details.featured_image_url);
        self.notice.map(|text| text.0).apply_to(&mut details.notice);
        self.rejection_reason
            .map(|text| text.0)
            .apply_to(&mut details.rejection_reason);
        replace(
            self.image_urls
                .map(|urls| urls.0.into_iter().map(|url| url.0).collect()),
            &mut details.image_urls,
        );
        replace(
            self.categories
                .map(|list| list.0.into_iter().map(Category::from).collect()),
            &mut details.categories,
        );
        replace(
            self.event_badges
                .map(|list| list.0.into_iter().map(EventBadge::from).collect()),
            &mut details.event_badges,
        );
        replace(self.widgets.map(Widgets::from), &mut details.widgets);
        self.country_setting
            .map(CountrySetting::from)
            .apply_to(&mut details.country_setting);
        details.one_per_customer = self.one_time_purchasable.unwrap_or(details.one_per_customer);
        match self.trial {
            Patch::Absent => {}
            Patch::Clear => details.trial = None,
            Patch::Set(trial) => details.trial = Some(interval("trial.count", trial.interval, trial.count.0)?),
        }
        Ok(())
    }
}

/// What is cleared is as it is by default.
fn replace<T: Default>(patch: Patch<T>, stored: &mut T) {
    match patch {
        Patch::Absent => {}
        Patch::Clear => *stored = T::default(),
        Patch::Set(value) => *stored = value,
    }
}

impl From<ProductFeatureInput> for ProductFeature {
    fn from(input: ProductFeatureInput) -> Self {
        Self {
            id: input.id,
            limit: input.limit,
            reset: input.reset,
            overage: input.overage == Some(Overage::Allow),
            hard_limit: input.hard_limit,
            per_entity: input.per_entity.unwrap_or(false),
            rollover: input.rollover.unwrap_or(false),
        }
    }
}

impl From<CategoryInput> for Category {
    fn from(input: CategoryInput) -> Self {
        Self {
            id: input.id.0,
            name: input.name.0,
        }
    }
}

impl From<EventBadgeInput> for EventBadge {
    fn from(input: EventBadgeInput) -> Self {
        Self {
            event: input.event.0,
            starts_at: input.starts_at.map(Instant::micros),
            ends_at: input.ends_at.map(Instant::micros),
        }
    }
}

impl From<WidgetsInput> for Widgets {
    fn from(input: WidgetsInput) -> Self {
        Self {
            trial: input.trial.unwrap_or(false),
            event_badge: input.event_badge.unwrap_or(false),
            one_time_purchasable: input.one_time_purchasable.unwrap_or(false),
            notice: input.notice.unwrap_or(false),
        }
    }
}

impl From<CountrySettingInput> for CountrySetting {
    fn from(input: CountrySettingInput) -> Self {
        Self {
            country_code: input.country_code.as_str().to_owned(),
            timezone: input.timezone.map(|zone| zone.0.name().to_owned()),
            currency: input.currency,
            is_default: input.is_default.unwrap_or(false),
            tax_rate: input.tax_rate,
        }
    }
}

impl From<ProductOptionsInput> for OptionsDraft {
    fn from(input: ProductOptionsInput) -> Self {
        let combinations = input
            .combinations
            .map(|combinations| combinations.0)
            .unwrap_or_default();
        Self {
            groups: input.groups.0.into_iter().map(GroupDraft::from).collect(),
            combinations: combinations.into_iter().map(CombinationDraft::from).collect(),
        }
    }
}

impl From<OptionGroupInput> for GroupDraft {
    fn from(input: OptionGroupInput) -> Self {
        let value = |given: OptionValueGiven| match given {
            Either::Short(name) => ValueDraft { id: None, name: name.0 },
            Either::Long(value) => ValueDraft {
                id: value.id,
                name: value.name.0,
            },
        };
        Self {
            name: input.name.0,
            kind: input.kind,
            values: input.values.0.into_iter().map(value).collect(),
        }
    }
}

impl From<OptionCombinationInput> for CombinationDraft {
    fn from(input: OptionCombinationInput) -> Self {
        let by_id = input
            .option_ids
            .map(|ids| ids.0.iter().map(|id| id.as_str().to_owned()).collect());
        let by_name = || {
            input
                .values
                .map(|names| names.0.into_iter().map(|name| name.0).collect())
        };
        Self {
            values: by_id.or_else(by_name).unwrap_or_default(),
            price: input.price.map(|price| price.0),
            stock: input.stock.map(|stock| stock.0),
            status: input.status,
        }
    }
}
