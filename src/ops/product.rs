//! `commerce.products`: what a store sells.

use super::{
    answer::{
        MetadataJson, OptionStatusWord, OptionTypeWord, OverageWord, ProductKindWord, ProductStatusWord, ProductWord,
        ResetWord, True,
    },
    catalog::{Amount, Decimal, Either, Order, Overage, ProductSort, Timezone, Trial, TrialInput, Version},
    param::{Expand, Items, Limit, Loose, Maybe, MetadataChange, Text, Whole},
    price::{Price, VariantInput},
    read::{answer, input},
};
use crate::domain::{
    catalog::{
        feature::Reset,
        price::MAX_AMOUNT,
        product::{MAX_COMBINATIONS, MAX_VALUES, OptionStatus, OptionType, ProductKind, ProductStatus},
    },
    country::Country,
    currency::Currency,
    customer::Patch,
    decimal::{Percent, Quantity},
    id::{FeatureId, OptionId, ProductId},
    instant::Instant,
    uuid::Uuid,
};

/// Most groups of options.
const MAX_GROUPS: usize = 20;
/// Most prices that are made with a product.
const MAX_VARIANTS: usize = 100;
/// Most features of a product.
pub const MAX_FEATURES: usize = 200;

type Name = Text<255>;
type Long = Text<20000>;
type Url = Text<2000>;
/// A feature's id, or the feature with what is given of it.
pub type FeatureGiven = Either<FeatureId, ProductFeatureInput>;
/// A value's name, or the value with its id.
pub type OptionValueGiven = Either<Name, OptionValueInput>;
type Features = Items<FeatureGiven, MAX_FEATURES>;
type Images = Items<Url, 50>;
type Categories = Items<CategoryInput, 50>;
type Badges = Items<EventBadgeInput, 50>;

input! {
    /// A feature as a product gives it.
    pub struct ProductFeatureInput {
        /// `feat_…`
        "id" id: FeatureId,
        /// How much of it, with at most 6 decimals; as much as one wants when left out or `null`.
        "limit" limit: Option<Quantity>,
        /// When the amount starts anew.
        "reset" reset: Option<Reset>,
        /// Whether more than the limit may be used, and is paid; `'deny'` by default.
        "overage" overage: Option<Overage>,
        /// What not even overage may pass.
        "hardLimit" hard_limit: Option<Quantity>,
        /// Whether every entity (a seat, a project) has an amount of its own; off by default.
        "perEntity" per_entity: Option<bool>,
        /// Whether what is left of an amount is there in the next span too; off by default.
        "rollover" rollover: Option<bool>,
    }
}

input! {
    /// One value of an option.
    pub struct OptionValueInput {
        /// `opt_…`; a value named again by name keeps its id without it.
        "id" id: Option<OptionId>,
        /// What people read.
        "name" name: Name,
    }
}

input! {
    /// An option, such as a colour.
    pub struct OptionGroupInput {
        /// What people read.
        "name" name: Name,
        /// How people choose: from a list (`'select'`, the default), by colour, or another product.
        "type" kind: Option<OptionType>,
        /// What there is to choose from: names, or values with their ids.
        "values" values: Items<OptionValueGiven, MAX_VALUES>,
    }
}

input! {
    /// What is special about one combination of option values.
    pub struct OptionCombinationInput {
        /// One value of each option, by name or id. This or `optionIds`.
        "values" values: Option<Items<Name, MAX_GROUPS>>,
        /// One value of each option, by id; counts when both are given.
        "optionIds" option_ids: Option<Items<OptionId, MAX_GROUPS>>,
        /// What it costs on top, in the smallest unit of the price's currency; may be negative, 0 by default.
        "price" price: Option<Whole<{ -MAX_AMOUNT }, MAX_AMOUNT>>,
        /// Pieces left; as many as one wants when left out or `null`.
        "stock" stock: Option<Amount>,
        /// Whether it can be chosen; `'sale'` by default.
        "status" status: Option<OptionStatus>,
    }
}

input! {
    /// What can be chosen about a product. Every combination of one value of each option comes to be; those that
    /// have a price, a stock or a status of their own are named.
    pub struct ProductOptionsInput {
        /// The options.
        "groups" groups: Items<OptionGroupInput, MAX_GROUPS>,
        /// Combinations with something of their own.
        "combinations" combinations: Option<Items<OptionCombinationInput, MAX_COMBINATIONS>>,
    }
}

input! {
    /// A category of the shop.
    pub struct CategoryInput {
        /// The shop's own identifier.
        "id" id: Text<100>,
        /// What people read.
        "name" name: Name,
    }
}

input! {
    /// A mark shown for a while, such as `SUMMER SALE`.
    pub struct EventBadgeInput {
        /// What it says.
        "event" event: Name,
        /// Shown from then on.
        "startsAt" starts_at: Option<Instant>,
        /// Shown until then.
        "endsAt" ends_at: Option<Instant>,
    }
}

input! {
    /// Which parts of a product's page are switched on; those left out are not.
    pub struct WidgetsInput {
        /// The trial.
        "trial" trial: Option<bool>,
        /// The event badges.
        "eventBadge" event_badge: Option<bool>,
        /// The limit to one subscription.
        "oneTimePurchasable" one_time_purchasable: Option<bool>,
        /// The notice.
        "notice" notice: Option<bool>,
    }
}

input! {
    /// Where a product is sold.
    pub struct CountrySettingInput {
        /// Two-letter country code of ISO 3166-1.
        "countryCode" country_code: Country,
        /// IANA time zone, such as `Asia/Seoul`.
        "timezone" timezone: Option<Timezone>,
        /// ISO 4217 code of what it is paid in there.
        "currency" currency: Option<Currency>,
        /// Whether it is the setting for all other countries.
        "isDefault" is_default: Option<bool>,
        /// Tax in percent, on top of the price; at most 100.
        "taxRate" tax_rate: Option<Percent>,
    }
}

/// Members that `create` and `update` share.
#[derive(Debug, Clone)]
pub struct ProductMembers {
    /// What it is, at length.
    pub description: Patch<Long>,
    /// The features that it gives.
    pub features: Patch<Features>,
    /// What can be chosen about it.
    pub options: Patch<ProductOptionsInput>,
    /// Pieces left.
    pub stock: Patch<Amount>,
    /// How long it is free at first.
    pub trial: Patch<TrialInput>,
    /// A second title.
    pub subtitle: Patch<Name>,
    /// What it is, in a sentence.
    pub summary: Patch<Text<1000>>,
    /// The merchant's own article number.
    pub sku: Patch<Text<100>>,
    /// The picture on the payment page.
    pub featured_image_url: Patch<Url>,
    /// Further pictures.
    pub image_urls: Patch<Images>,
    /// What payers are told.
    pub notice: Patch<Long>,
    /// Why approval was refused.
    pub rejection_reason: Patch<Text<1000>>,
    /// Where it is found.
    pub categories: Patch<Categories>,
    /// Marks shown for a while.
    pub event_badges: Patch<Badges>,
    /// Parts of its page.
    pub widgets: Patch<WidgetsInput>,
    /// Where it is sold.
    pub country_setting: Patch<CountrySettingInput>,
    /// At most one live subscription per customer.
    pub one_time_purchasable: Option<bool>,
    /// Place among others.
    pub order: Option<Order>,
    /// What kind of thing it is.
    pub kind: Option<ProductKind>,
    /// Whether it can be bought.
    pub status: Option<ProductStatus>,
    /// The app's own notes.
    pub metadata: MetadataChange,
}

macro_rules! product_input {
    ($(#[doc = $doc:literal])+ pub struct $name:ident { $($(#[doc = $own_doc:literal])+ $json:literal $own:ident: $own_type:ty,)* }) => {
        input! {
            $(#[doc = $doc])+
            pub struct $name {
                $($(#[doc = $own_doc])+ $json $own: $own_type,)*
                /// What it is, at length.
                "description" description: Patch<Long>,
                /// What kind of thing it is; `'software'` by default.
                "kind" kind: Option<ProductKind>,
                /// Whether it can be bought; `'sale'` by default.
                "status" status: Option<ProductStatus>,
                /// The features that it gives: ids, or objects that say how much. An update replaces the whole list.
                "features" features: Patch<Features>,
                /// What can be chosen about it. An update replaces the whole; values named again keep their ids.
                "options" options: Patch<ProductOptionsInput>,
                /// Pieces left; `null`, the default, for as many as one wants.
                "stock" stock: Patch<Amount>,
                /// How long it is free at first.
                "trial" trial: Patch<TrialInput>,
                /// A second title.
                "subtitle" subtitle: Patch<Name>,
                /// What it is, in a sentence.
                "summary" summary: Patch<Text<1000>>,
                /// Your own article number.
                "sku" sku: Patch<Text<100>>,
                /// The picture on the payment page.
                "featuredImageUrl" featured_image_url: Patch<Url>,
                /// Further pictures; an update replaces the whole list.
                "imageUrls" image_urls: Patch<Images>,
                /// What payers are told.
                "notice" notice: Patch<Long>,
                /// Why approval was refused.
                "rejectionReason" rejection_reason: Patch<Text<1000>>,
                /// Where it is found; an update replaces the whole list.
                "categories" categories: Patch<Categories>,
                /// Marks shown for a while; an update replaces the whole list.
                "eventBadges" event_badges: Patch<Badges>,
                /// Parts of its page; an update replaces the whole.
                "widgets" widgets: Patch<WidgetsInput>,
                /// Where it is sold; an update replaces the whole.
                "countrySetting" country_setting: Patch<CountrySettingInput>,
                /// At most one live subscription per customer; off by default.
                "oneTimePurchasable" one_time_purchasable: Option<bool>,
                /// Place in the shop, ascending; 0 by default.
                "order" order: Option<Order>,
                /// Your own notes: at most 50 keys of 40 characters with texts of 500; changed key by key.
                "metadata" metadata: MetadataChange,
            }
        }

        impl $name {
            /// The members that `create` and `update` share.
            pub fn members(&self) -> ProductMembers {
                ProductMembers {
                    description: self.description.clone(),
                    features: self.features.clone(),
                    options: self.options.clone(),
                    stock: self.stock.clone(),
                    trial: self.trial.clone(),
                    subtitle: self.subtitle.clone(),
                    summary: self.summary.clone(),
                    sku: self.sku.clone(),
                    featured_image_url: self.featured_image_url.clone(),
                    image_urls: self.image_urls.clone(),
                    notice: self.notice.clone(),
                    rejection_reason: self.rejection_reason.clone(),
                    categories: self.categories.clone(),
                    event_badges: self.event_badges.clone(),
                    widgets: self.widgets.clone(),
                    country_setting: self.country_setting.clone(),
                    one_time_purchasable: self.one_time_purchasable,
                    order: self.order,
                    kind: self.kind,
                    status: self.status,
                    metadata: self.metadata.clone(),
                }
            }
        }
    };
}

product_input! {
    /// A product to be.
    pub struct ProductCreateParams {
        /// An id of your own: `prod_` and 1 to 60 letters, digits, `_` or `-`.
        "id" id: Option<ProductId>,
        /// A UUID that it already has elsewhere.
        "uuid" uuid: Option<Uuid>,
        /// What people read.
        "name" name: Name,
        /// Its prices, made with it: all of them come to be, or nothing does.
        "variants" variants: Option<Items<VariantInput, MAX_VARIANTS>>,
    }
}

product_input! {
    /// What to change about a product. Its prices have operations of their own.
    pub struct ProductUpdateParams {
        /// `prod_…`
        "productId" product_id: ProductId,
        /// What people read.
        "name" name: Maybe<Name>,
        /// Only if the product still has this version.
        "ifVersion" if_version: Version,
    }
}

input! {
    /// Which product.
    pub struct ProductGetParams {
        /// `prod_…`
        "productId" product_id: ProductId,
    }
}

input! {
    /// Which products to list.
    pub struct ProductListParams {
        /// Part of the name, in any case; or an id or its beginning.
        "query" query: Option<Loose<200>>,
        /// Only those of this kind.
        "kind" kind: Option<ProductKind>,
        /// Only those in this state.
        "status" status: Option<ProductStatus>,
        /// `true` lists those that are archived instead of those that are not.
        "archived" archived: Option<bool>,
        /// `'created'`, `'name'` or `'order'`, with a minus in front for the reverse; newest first (`'-created'`) by default.
        "sort" sort: Option<ProductSort>,
        /// Products a page: 1 to 100, as number or numeric text.
        "limit" limit: Limit,
        /// `nextCursor` of the page before, with the same filters and sort.
        "cursor" cursor: Option<Loose<2000>>,
        /// `['total']` adds the number of products over all pages.
        "expand" expand: Option<Items<Expand, 10>>,
    }
}

input! {
    /// Which product to archive.
    pub struct ProductArchiveParams {
        /// `prod_…`
        "productId" product_id: ProductId,
        /// Only if the product still has this version.
        "ifVersion" if_version: Version,
    }
}

input! {
    /// Which product to delete.
    pub struct ProductDeleteParams {
        /// `prod_…`
        "productId" product_id: ProductId,
        /// Only if the product still has this version.
        "ifVersion" if_version: Version,
    }
}

answer! {
    /// A feature as a product gives it.
    pub struct ProductFeature {
        /// `feat_…`
        "id" id: FeatureId,
        /// How much of it; `null` for as much as one wants.
        "limit" limit: Option<Decimal>,
        /// When the amount starts anew.
        "reset" reset: Option<ResetWord>,
        /// Whether more than the limit may be used, and is paid.
        "overage" overage: OverageWord,
        /// What not even overage may pass.
        "hardLimit" hard_limit: Option<Decimal>,
        /// Whether every entity has an amount of its own.
        "perEntity" per_entity: bool,
        /// Whether what is left of an amount is there in the next span too.
        "rollover" rollover: bool,
    }
}

answer! {
    /// One value of an option.
    pub struct OptionValue {
        /// `opt_…`
        "id" id: OptionId,
        /// What people read.
        "name" name: String,
    }
}

answer! {
    /// An option, such as a colour.
    pub struct OptionGroup {
        /// What people read.
        "name" name: String,
        /// How people choose.
        "type" kind: OptionTypeWord,
        /// What there is to choose from.
        "values" values: Vec<OptionValue>,
    }
}

answer! {
    /// One value of each option, with a price and a stock of its own.
    pub struct OptionCombination {
        /// The values' names, in the options' order.
        "values" values: Vec<String>,
        /// The values' ids, in the options' order.
        "optionIds" option_ids: Vec<OptionId>,
        /// What it costs on top, in the smallest unit of the price's currency; may be negative.
        "price" price: i64,
        /// Pieces left; `null` for as many as one wants.
        "stock" stock: Option<i64>,
        /// Whether it can be chosen.
        "status" status: OptionStatusWord,
    }
}

answer! {
    /// What can be chosen about a product.
    pub struct ProductOptions {
        /// The options.
        "groups" groups: Vec<OptionGroup>,
        /// Every combination of their values, the last option's changing fastest.
        "combinations" combinations: Vec<OptionCombination>,
    }
}

answer! {
    /// A category of the shop.
    pub struct Category {
        /// The shop's own identifier.
        "id" id: String,
        /// What people read.
        "name" name: String,
    }
}

answer! {
    /// A mark shown for a while.
    pub struct EventBadge {
        /// What it says.
        "event" event: String,
        /// Shown from then on.
        "startsAt" starts_at: Option<Instant>,
        /// Shown until then.
        "endsAt" ends_at: Option<Instant>,
    }
}

answer! {
    /// Which parts of a product's page are switched on.
    pub struct Widgets {
        /// The trial.
        "trial" trial: bool,
        /// The event badges.
        "eventBadge" event_badge: bool,
        /// The limit to one subscription.
        "oneTimePurchasable" one_time_purchasable: bool,
        /// The notice.
        "notice" notice: bool,
    }
}

answer! {
    /// Where a product is sold.
    pub struct CountrySetting {
        /// Two-letter country code.
        "countryCode" country_code: String,
        /// IANA time zone.
        "timezone" timezone: Option<String>,
        /// ISO 4217 code of what it is paid in there.
        "currency" currency: Option<Currency>,
        /// Whether it is the setting for all other countries.
        "isDefault" is_default: bool,
        /// Tax in percent, as a decimal text.
        "taxRate" tax_rate: Option<String>,
    }
}

answer! {
    /// A product: what a store sells.
    pub struct Product {
        /// `prod_…`
        "id" id: ProductId,
        /// Always `'product'`.
        "object" object: ProductWord,
        /// The UUID that was given, else the one of the id's 128 bits; `null` for an id of your own.
        "uuid" uuid: Option<String>,
        /// What people read.
        "name" name: String,
        /// What it is, at length.
        "description" description: Option<String>,
        /// What kind of thing it is.
        "kind" kind: ProductKindWord,
        /// Whether it can be bought.
        "status" status: ProductStatusWord,
        /// Its prices that are not archived, in their order.
        "variants" variants: Vec<Price>,
        /// The features that it gives.
        "features" features: Vec<ProductFeature>,
        /// What can be chosen about it.
        "options" options: ProductOptions,
        /// Pieces left; `null` for as many as one wants.
        "stock" stock: Option<i64>,
        /// How long it is free at first.
        "trial" trial: Option<Trial>,
        /// A second title.
        "subtitle" subtitle: Option<String>,
        /// What it is, in a sentence.
        "summary" summary: Option<String>,
        /// Your own article number.
        "sku" sku: Option<String>,
        /// The picture on the payment page.
        "featuredImageUrl" featured_image_url: Option<String>,
        /// Further pictures.
        "imageUrls" image_urls: Vec<String>,
        /// What payers are told.
        "notice" notice: Option<String>,
        /// Why approval was refused.
        "rejectionReason" rejection_reason: Option<String>,
        /// Where it is found.
        "categories" categories: Vec<Category>,
        /// Marks shown for a while.
        "eventBadges" event_badges: Vec<EventBadge>,
        /// Parts of its page.
        "widgets" widgets: Widgets,
        /// Where it is sold.
        "countrySetting" country_setting: Option<CountrySetting>,
        /// At most one live subscription per customer.
        "oneTimePurchasable" one_time_purchasable: bool,
        /// Place in the shop, ascending.
        "order" order: i64,
        /// Your own notes.
        "metadata" metadata: MetadataJson,
        /// Counts the changes of the product itself, from 1; its prices count their own.
        "version" version: i64,
        /// When it came to be.
        "createdAt" created_at: Instant,
        /// When it last changed.
        "updatedAt" updated_at: Instant,
        /// Since when it is archived: it is not sold any more.
        "archivedAt" archived_at: Option<Instant>,
    }
}

answer! {
    /// What is left of a deleted product.
    pub struct DeletedProduct {
        /// `prod_…`
        "id" id: ProductId,
        /// Always `'product'`.
        "object" object: ProductWord,
        /// Always `true`.
        "deleted" deleted: True,
    }
}
