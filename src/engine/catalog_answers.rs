//! From what a store sells to answers.

use super::port::{CouponRecord, FeatureRecord, PriceRecord, ProductRecord};
use crate::{
    domain::{
        catalog::{
            coupon::{Duration, Off},
            feature,
            price::{self, Expiry as DomainExpiry, Intro, Metering, TierMode},
            product::{self as domain, Options},
        },
        decimal::UnitAmount,
        id::OptionId,
        instant::Instant,
    },
    ops::{
        answer::{
            ClaimWord, CouponWord, DurationName, FeatureTypeWord, FeatureWord, FeeWhenWord, MetadataJson,
            OptionStatusWord, OptionTypeWord, OverageWord, PriceTypeWord, PriceWord, ProductKindWord,
            ProductStatusWord, ProductWord, ResetWord, TierModeWord,
        },
        catalog::{Decimal, Recurring, Trial},
        coupon::Coupon,
        feature::Feature,
        price::{Bundle, Expiry, IntroDiscount, Price, SetupFee, Tier},
        product::{
            Category, CountrySetting, EventBadge, OptionCombination, OptionGroup, OptionValue, Product, ProductFeature,
            ProductOptions, Widgets,
        },
    },
};

/// A product with those of its prices that are not archived.
pub(super) fn product(product: ProductRecord, prices: Vec<PriceRecord>) -> Product {
    let details = product.details;
    let uuid = product.uuid.or_else(|| product.id.uuid());
    let variants = prices.into_iter().filter(|price| price.stamp.archived_at.is_none());
    Product {
        id: product.id,
        object: ProductWord("product"),
        uuid: uuid.map(|uuid| uuid.to_string()),
        name: product.name,
        description: details.description,
        kind: ProductKindWord(product.kind.name()),
        status: ProductStatusWord(product.status.name()),
        variants: variants.map(Price::from).collect(),
        features: details.features.into_iter().map(Into::into).collect(),
        options: details.options.into(),
        stock: product.stock,
        trial: details.trial.map(Trial::from),
        subtitle: details.subtitle,
        summary: details.summary,
        sku: details.sku,
        featured_image_url: details.featured_image_url,
        image_urls: details.image_urls,
        notice: details.notice,
        rejection_reason: details.rejection_reason,
        categories: details.categories.into_iter().map(Into::into).collect(),
        event_badges: details.event_badges.into_iter().map(Into::into).collect(),
        widgets: details.widgets.into(),
        country_setting: details.country_setting.map(Into::into),
        one_time_purchasable: details.one_per_customer,
        order: product.order,
        metadata: MetadataJson(product.metadata),
        version: product.stamp.version,
        created_at: product.stamp.created_at,
        updated_at: product.stamp.updated_at,
        archived_at: product.stamp.archived_at,
    }
}

impl From<feature::ProductFeature> for ProductFeature {
    fn from(feature: feature::ProductFeature) -> Self {
        Self {
            id: feature.id,
            limit: feature.limit.map(Decimal::of),
            reset: feature.reset.map(|reset| ResetWord(reset.name())),
            overage: OverageWord(if feature.overage { "allow" } else { "deny" }),
            hard_limit: feature.hard_limit.map(Decimal::of),
            per_entity: feature.per_entity,
            rollover: feature.rollover,
        }
    }
}

impl From<Options> for ProductOptions {
    fn from(options: Options) -> Self {
        let name = |id: &OptionId| {
            let mut values = options.groups.iter().flat_map(|group| &group.values);
            let found = values.find(|value| value.id == *id);
            found.map_or_else(String::new, |value| value.name.clone())
        };
        let combinations = options.combinations.iter().map(|combination| OptionCombination {
            values: combination.option_ids.iter().map(name).collect(),
            option_ids: combination.option_ids.clone(),
            price: combination.price,
            stock: combination.stock,
            status: OptionStatusWord(combination.status.name()),
        });
        let combinations = combinations.collect();
        let groups = options.groups.into_iter().map(|group| OptionGroup {
            name: group.name,
            kind: OptionTypeWord(group.kind.name()),
            values: group
                .values
                .into_iter()
                .map(|value| OptionValue {
                    id: value.id,
                    name: value.name,
                })
                .collect(),
        });
        Self {
            groups: groups.collect(),
            combinations,
        }
    }
}

impl From<domain::Category> for Category {
    fn from(category: domain::Category) -> Self {
        Self {
            id: category.id,
            name: category.name,
        }
    }
}

impl From<domain::EventBadge> for EventBadge {
    fn from(badge: domain::EventBadge) -> Self {
        Self {
            event: badge.event,
            starts_at: badge.starts_at.map(Instant::from_micros),
            ends_at: badge.ends_at.map(Instant::from_micros),
        }
    }
}

impl From<domain::Widgets> for Widgets {
    fn from(widgets: domain::Widgets) -> Self {
        Self {
            trial: widgets.trial,
            event_badge: widgets.event_badge,
            one_time_purchasable: widgets.one_time_purchasable,
            notice: widgets.notice,
        }
    }
}

impl From<domain::CountrySetting> for CountrySetting {
    fn from(setting: domain::CountrySetting) -> Self {
        Self {
            country_code: setting.country_code,
            timezone: setting.timezone,
            currency: setting.currency,
            is_default: setting.is_default,
            tax_rate: setting.tax_rate.map(|rate| rate.to_string()),
        }
    }
}

/// An amount as a whole number, when it is one.
fn whole(amount: UnitAmount) -> Option<i64> {
    let one = UnitAmount::ONE.scaled();
    match amount.scaled() % one {
        0 => i64::try_from(amount.scaled() / one).ok(),
        _ => None,
    }
}

impl From<PriceRecord> for Price {
    fn from(price: PriceRecord) -> Self {
        let terms = price.terms;
        let metering = terms.metering.as_ref();
        let (package_size, percent) = match metering.map(|metering| metering.mode) {
            Some(TierMode::Package(size)) => (Some(Decimal::of(size)), None),
            Some(TierMode::Percentage(percent)) => (None, Some(percent.to_string())),
            _ => (None, None),
        };
        let uuid = price.uuid.or_else(|| price.id.uuid());
        Self {
            id: price.id,
            object: PriceWord("price"),
            uuid: uuid.map(|uuid| uuid.to_string()),
            product_id: price.product,
            name: price.name,
            description: price.description,
            kind: PriceTypeWord(terms.kind.name()),
            currency: terms.currency,
            unit_amount: whole(terms.unit_amount),
            unit_amount_decimal: terms.unit_amount.to_string(),
            unit: price.unit,
            recurring: terms.recurring.map(Recurring::from),
            claim: ClaimWord(terms.claim.name()),
            usage_claim: metering.map(|metering| ClaimWord(metering.claim.name())),
            intro_discount: terms.intro.map(IntroDiscount::from),
            setup_fee: terms.setup_fee.map(SetupFee::from),
            expiry: terms.expiry.map(Expiry::from),
            service_start_day: terms.service_start_day.map(i64::from),
            tiers: metering.map(|metering| metering.tiers.iter().map(Tier::from).collect()),
            tier_mode: metering.map(|metering| TierModeWord(metering.mode.name())),
            package_size,
            percent,
            minimum_amount: metering.and_then(|metering: &Metering| metering.minimum),
            maximum_amount: metering.and_then(|metering| metering.maximum),
            included_units: metering.map(|metering| Decimal::of(metering.included)),
            bundle: terms.bundle.map(Bundle::from),
            billing_day: terms.billing_day.map(i64::from),
            maximum_quantity: terms.maximum_quantity,
            is_default: price.is_default,
            sold: price.sold,
            replaces: price.replaces,
            order: price.order,
            metadata: MetadataJson(price.metadata),
            version: price.stamp.version,
            created_at: price.stamp.created_at,
            updated_at: price.stamp.updated_at,
            archived_at: price.stamp.archived_at,
        }
    }
}

impl From<Intro> for IntroDiscount {
    fn from(intro: Intro) -> Self {
        let mut answer = Self {
            price: None,
            amount_off: None,
            percent_off: None,
        };
        match intro {
            Intro::Price(price) => answer.price = Some(price),
            Intro::AmountOff(off) => answer.amount_off = Some(off),
            Intro::PercentOff(percent) => answer.percent_off = Some(Decimal::of(percent)),
        }
        answer
    }
}

impl From<price::SetupFee> for SetupFee {
    fn from(fee: price::SetupFee) -> Self {
        Self {
            name: fee.name,
            amount: fee.amount,
            when: FeeWhenWord(fee.when.name()),
            claim: fee.claim.map(|claim| ClaimWord(claim.name())),
        }
    }
}

impl From<DomainExpiry> for Expiry {
    fn from(expiry: DomainExpiry) -> Self {
        let mut answer = Self {
            at: None,
            after: None,
            payments: None,
        };
        match expiry {
            DomainExpiry::At(micros) => answer.at = Some(Instant::from_micros(micros)),
            DomainExpiry::After(interval) => answer.after = Some(interval.into()),
            DomainExpiry::Payments(payments) => answer.payments = Some(payments.into()),
        }
        answer
    }
}

impl From<&price::Tier> for Tier {
    fn from(tier: &price::Tier) -> Self {
        Self {
            up_to: tier.up_to.map(Decimal::of),
            unit_amount: whole(tier.unit_amount),
            unit_amount_decimal: tier.unit_amount.to_string(),
            flat_amount: tier.flat_amount,
        }
    }
}

impl From<price::Bundle> for Bundle {
    fn from(bundle: price::Bundle) -> Self {
        Self {
            price_ids: bundle.price_ids,
            first_payment_extra: bundle.first_payment_extra,
        }
    }
}

impl From<FeatureRecord> for Feature {
    fn from(feature: FeatureRecord) -> Self {
        Self {
            id: feature.id,
            object: FeatureWord("feature"),
            name: feature.name,
            description: feature.description,
            kind: FeatureTypeWord(feature.kind.name()),
            unit: feature.unit,
            metadata: MetadataJson(feature.metadata),
            version: feature.stamp.version,
            created_at: feature.stamp.created_at,
            updated_at: feature.stamp.updated_at,
            archived_at: feature.stamp.archived_at,
        }
    }
}

impl From<CouponRecord> for Coupon {
    fn from(record: CouponRecord) -> Self {
        let coupon = record.coupon;
        let (percent_off, amount_off, currency) = match coupon.off {
            Off::Percent(percent) => (Some(Decimal::of(percent)), None, None),
            Off::Amount(amount, currency) => (None, Some(amount), Some(currency)),
        };
        Self {
            id: coupon.id,
            object: CouponWord("coupon"),
            code: coupon.code,
            name: coupon.name,
            description: coupon.description,
            percent_off,
            amount_off,
            currency,
            duration: DurationName(coupon.duration.name()),
            duration_in_months: match coupon.duration {
                Duration::Repeating { months } => Some(months.into()),
                Duration::Once | Duration::Forever => None,
            },
            max_redemptions: coupon.max_redemptions,
            max_per_customer: coupon.max_per_customer,
            redeem_by: coupon.redeem_by,
            active: coupon.active,
            products: coupon.products,
            metadata: MetadataJson(record.metadata),
            version: record.stamp.version,
            created_at: record.stamp.created_at,
            updated_at: record.stamp.updated_at,
        }
    }
}
