//! `commerce.prices`, also called `variants`: what a product costs.

use super::{
    answer::{ClaimWord, FeeWhenWord, MetadataJson, PriceTypeWord, PriceWord, TierModeWord, True},
    catalog::{Amount, Count, Decimal, Order, Recurring, RecurringInput, Version},
    param::{Items, Limit, Loose, Maybe, MetadataChange, Text, Whole},
    read::{answer, input},
};
use crate::domain::{
    catalog::{
        draft::TierModeName,
        price::{Claim, FeeWhen, MAX_BUNDLED, MAX_TIERS, PriceType},
    },
    currency::Currency,
    customer::Patch,
    decimal::{Percent, Quantity, UnitAmount},
    id::{PriceId, ProductId},
    instant::Instant,
    uuid::Uuid,
};

/// A price's name.
pub type Name = Text<255>;
/// A price's description.
pub type Description = Text<5000>;
/// A word beside a number, such as `calls`.
pub type Label = Text<100>;

input! {
    /// What the first purchase of the product costs instead; exactly one of the three.
    pub struct IntroDiscountInput {
        /// This much for each piece, in the currency's smallest unit.
        "price" price: Option<Amount>,
        /// So much less for each piece, in the currency's smallest unit; never below zero.
        "amountOff" amount_off: Option<Amount>,
        /// So many percent less: above 0 and at most 100.
        "percentOff" percent_off: Option<Percent>,
    }
}

input! {
    /// A base, introduction or installation fee.
    pub struct SetupFeeInput {
        /// What people read.
        "name" name: Name,
        /// In the currency's smallest unit; not multiplied by the quantity.
        "amount" amount: Amount,
        /// With the first payment (`'initially'`), or with every one (`'periodic'`).
        "when" when: FeeWhen,
        /// At the start or the end of the period; as the base price by default.
        "claim" claim: Option<Claim>,
    }
}

input! {
    /// When subscriptions end by themselves; exactly one of the three.
    pub struct ExpiryInput {
        /// At this time.
        "at" at: Option<Instant>,
        /// So long after the start.
        "after" after: Option<RecurringInput>,
        /// After so many payments.
        "payments" payments: Option<Whole<1, 100000>>,
    }
}

input! {
    /// A step of a table of prices.
    pub struct TierInput {
        /// Its last unit, with at most 6 decimals; `null` for the last tier, which has no end.
        "upTo" up_to: Option<Quantity>,
        /// What each unit in it costs, in the currency's smallest unit.
        "unitAmount" unit_amount: Option<Amount>,
        /// The same, finer than the smallest unit: `'0.5'`, at most 12 decimals.
        "unitAmountDecimal" unit_amount_decimal: Option<UnitAmount>,
        /// What it costs to be in it at all.
        "flatAmount" flat_amount: Option<Amount>,
    }
}

input! {
    /// Prices sold as one: their own prices are ignored, but for usage.
    pub struct BundleInput {
        /// The prices in it.
        "priceIds" price_ids: Items<PriceId, MAX_BUNDLED>,
        /// What the first payment costs on top; nothing by default.
        "firstPaymentExtra" first_payment_extra: Option<Amount>,
    }
}

/// The members that every input about a price has, in one place.
#[derive(Debug, Clone)]
pub struct PriceMembers {
    /// The base price.
    pub unit_amount: Patch<Amount>,
    /// The base price, finer than the smallest unit.
    pub unit_amount_decimal: Patch<UnitAmount>,
    /// How long a period is.
    pub recurring: Patch<RecurringInput>,
    /// When the base price is paid.
    pub claim: Patch<Claim>,
    /// When units are paid.
    pub usage_claim: Patch<Claim>,
    /// What the first purchase costs instead.
    pub intro_discount: Patch<IntroDiscountInput>,
    /// A fee beside the base price.
    pub setup_fee: Patch<SetupFeeInput>,
    /// When subscriptions end by themselves.
    pub expiry: Patch<ExpiryInput>,
    /// From which day of a period service is given.
    pub service_start_day: Patch<Whole<1, 31>>,
    /// What units cost.
    pub tiers: Patch<Items<TierInput, MAX_TIERS>>,
    /// How tiers apply.
    pub tier_mode: Patch<TierModeName>,
    /// Units of a package.
    pub package_size: Patch<Quantity>,
    /// The percentage.
    pub percent: Patch<Percent>,
    /// A period's units cost at least so much.
    pub minimum_amount: Patch<Amount>,
    /// A period's units cost at most so much.
    pub maximum_amount: Patch<Amount>,
    /// Units that cost nothing.
    pub included_units: Patch<Quantity>,
    /// What it bundles.
    pub bundle: Patch<BundleInput>,
    /// The day of the month on which periods start.
    pub billing_day: Patch<Whole<1, 31>>,
    /// Most pieces of one purchase.
    pub maximum_quantity: Patch<Count>,
    /// What it is, at length.
    pub description: Patch<Description>,
    /// What one of it is called.
    pub unit: Patch<Label>,
    /// Whether it is what a page shows first.
    pub is_default: Option<bool>,
    /// Place among others.
    pub order: Option<Order>,
    /// The app's own notes.
    pub metadata: MetadataChange,
}

macro_rules! price_input {
    ($(#[doc = $doc:literal])+ pub struct $name:ident { $($(#[doc = $own_doc:literal])+ $json:literal $own:ident: $own_type:ty,)* }) => {
        input! {
            $(#[doc = $doc])+
            pub struct $name {
                $($(#[doc = $own_doc])+ $json $own: $own_type,)*
                /// The base price of a piece or a period, in the currency's smallest unit. On `usage` and `seat` prices
                /// it is 0 by default, and money for units is in `tiers`.
                "unitAmount" unit_amount: Patch<Amount>,
                /// The same, finer than the smallest unit: `'0.5'`, at most 12 decimals. This or `unitAmount`.
                "unitAmountDecimal" unit_amount_decimal: Patch<UnitAmount>,
                /// How long a period is; left out for what is paid once.
                "recurring" recurring: Patch<RecurringInput>,
                /// Whether the base price is paid at the start of a period (`'advance'`, the default) or at its end.
                "claim" claim: Patch<Claim>,
                /// Whether units are paid at the end of a period (`'arrears'`, the default) or at its start.
                "usageClaim" usage_claim: Patch<Claim>,
                /// What the first purchase of the product costs instead; on the base price only.
                "introDiscount" intro_discount: Patch<IntroDiscountInput>,
                /// A fee beside the base price.
                "setupFee" setup_fee: Patch<SetupFeeInput>,
                /// When subscriptions end by themselves; never by default.
                "expiry" expiry: Patch<ExpiryInput>,
                /// The day of a period from which service is given, from 1.
                "serviceStartDay" service_start_day: Patch<Whole<1, 31>>,
                /// What units cost, ascending; the last tier has no end.
                "tiers" tiers: Patch<Items<TierInput, MAX_TIERS>>,
                /// How tiers apply: each unit at its tier's price (`'graduated'`, the default), all at the price of the
                /// tier that holds their number (`'volume'`), that tier's `flatAmount` alone (`'band'`), started
                /// packages (`'package'`), or a percentage of a value (`'percentage'`).
                "tierMode" tier_mode: Patch<TierModeName>,
                /// Units of a package, with `tierMode` `'package'`.
                "packageSize" package_size: Patch<Quantity>,
                /// The percentage, with `tierMode` `'percentage'`: above 0 and at most 100.
                "percent" percent: Patch<Percent>,
                /// A period's units cost at least so much.
                "minimumAmount" minimum_amount: Patch<Amount>,
                /// A period's units cost at most so much.
                "maximumAmount" maximum_amount: Patch<Amount>,
                /// Units of a period that cost nothing.
                "includedUnits" included_units: Patch<Quantity>,
                /// What a `bundle` price bundles.
                "bundle" bundle: Patch<BundleInput>,
                /// The day of the month on which periods start, from 1.
                "billingDay" billing_day: Patch<Whole<1, 31>>,
                /// Most pieces of one purchase.
                "maximumQuantity" maximum_quantity: Patch<Count>,
                /// What it is, at length.
                "description" description: Patch<Description>,
                /// What one of it is called, such as `calls`.
                "unit" unit: Patch<Label>,
                /// Whether it is what a page shows first; a product has one such price, and its first price is it.
                "isDefault" is_default: Option<bool>,
                /// Place among the product's prices, ascending; behind the last one by default.
                "order" order: Option<Order>,
                /// Your own notes: at most 50 keys of 40 characters with texts of 500; changed key by key.
                "metadata" metadata: MetadataChange,
            }
        }

        impl $name {
            /// The members that every input about a price has.
            pub fn members(&self) -> PriceMembers {
                PriceMembers {
                    unit_amount: self.unit_amount.clone(),
                    unit_amount_decimal: self.unit_amount_decimal.clone(),
                    recurring: self.recurring.clone(),
                    claim: self.claim.clone(),
                    usage_claim: self.usage_claim.clone(),
                    intro_discount: self.intro_discount.clone(),
                    setup_fee: self.setup_fee.clone(),
                    expiry: self.expiry.clone(),
                    service_start_day: self.service_start_day.clone(),
                    tiers: self.tiers.clone(),
                    tier_mode: self.tier_mode.clone(),
                    package_size: self.package_size.clone(),
                    percent: self.percent.clone(),
                    minimum_amount: self.minimum_amount.clone(),
                    maximum_amount: self.maximum_amount.clone(),
                    included_units: self.included_units.clone(),
                    bundle: self.bundle.clone(),
                    billing_day: self.billing_day.clone(),
                    maximum_quantity: self.maximum_quantity.clone(),
                    description: self.description.clone(),
                    unit: self.unit.clone(),
                    is_default: self.is_default,
                    order: self.order,
                    metadata: self.metadata.clone(),
                }
            }
        }
    };
}

price_input! {
    /// A price to be.
    pub struct PriceCreateParams {
        /// The product that it is a price of: `prod_…`
        "productId" product_id: ProductId,
        /// An id of your own: `var_` and 1 to 60 letters, digits, `_` or `-`.
        "id" id: Option<PriceId>,
        /// A UUID that it already has elsewhere.
        "uuid" uuid: Option<Uuid>,
        /// What people read.
        "name" name: Name,
        /// How it works: paid once (`'one_time'`, the default without `recurring`), the same every period (`'flat'`,
        /// the default with `recurring`), several prices as one (`'bundle'`), by what was used (`'usage'`), or by how
        /// many seats there were, and how long (`'seat'`).
        "type" kind: Option<PriceType>,
        /// ISO 4217 code.
        "currency" currency: Currency,
    }
}

price_input! {
    /// A price to be, of the product that is made with it.
    pub struct VariantInput {
        /// An id of your own: `var_` and 1 to 60 letters, digits, `_` or `-`.
        "id" id: Option<PriceId>,
        /// A UUID that it already has elsewhere.
        "uuid" uuid: Option<Uuid>,
        /// What people read.
        "name" name: Name,
        /// How it works; `'flat'` with `recurring`, else `'one_time'` by default.
        "type" kind: Option<PriceType>,
        /// ISO 4217 code.
        "currency" currency: Currency,
    }
}

price_input! {
    /// What to change about a price. Once it was sold, only texts, order, default and metadata change.
    pub struct PriceUpdateParams {
        /// `var_…`
        "priceId" price_id: PriceId,
        /// What people read.
        "name" name: Maybe<Name>,
        /// How it works.
        "type" kind: Maybe<PriceType>,
        /// ISO 4217 code.
        "currency" currency: Maybe<Currency>,
        /// Only if the price still has this version.
        "ifVersion" if_version: Version,
    }
}

price_input! {
    /// What the new price has otherwise than the old one.
    pub struct PriceReplaceParams {
        /// The price to be replaced: `var_…`
        "priceId" price_id: PriceId,
        /// An id of your own for the new price.
        "id" id: Option<PriceId>,
        /// A UUID for the new price.
        "uuid" uuid: Option<Uuid>,
        /// What people read.
        "name" name: Maybe<Name>,
        /// How it works.
        "type" kind: Maybe<PriceType>,
        /// ISO 4217 code.
        "currency" currency: Maybe<Currency>,
        /// Only if the old price still has this version.
        "ifVersion" if_version: Version,
    }
}

input! {
    /// Which price.
    pub struct PriceGetParams {
        /// `var_…`
        "priceId" price_id: PriceId,
    }
}

input! {
    /// Which prices to list: those of a product in their order, others newest first.
    pub struct PriceListParams {
        /// Only those of this product.
        "productId" product_id: Option<ProductId>,
        /// `true` lists those that are archived instead of those that are not.
        "archived" archived: Option<bool>,
        /// Only those in this currency.
        "currency" currency: Option<Currency>,
        /// Only those of this type.
        "type" kind: Option<PriceType>,
        /// Prices a page: 1 to 100, as number or numeric text.
        "limit" limit: Limit,
        /// `nextCursor` of the page before, with the same filters.
        "cursor" cursor: Option<Loose<2000>>,
    }
}

input! {
    /// Which price to archive.
    pub struct PriceArchiveParams {
        /// `var_…`
        "priceId" price_id: PriceId,
        /// Only if the price still has this version.
        "ifVersion" if_version: Version,
    }
}

input! {
    /// Which price to delete.
    pub struct PriceDeleteParams {
        /// `var_…`
        "priceId" price_id: PriceId,
        /// Only if the price still has this version.
        "ifVersion" if_version: Version,
    }
}

answer! {
    /// What the first purchase of a product costs instead; one of the three is not `null`.
    pub struct IntroDiscount {
        /// This much for each piece.
        "price" price: Option<i64>,
        /// So much less for each piece.
        "amountOff" amount_off: Option<i64>,
        /// So many percent less: a number when it is whole, else a decimal text.
        "percentOff" percent_off: Option<Decimal>,
    }
}

answer! {
    /// A base, introduction or installation fee.
    pub struct SetupFee {
        /// What people read.
        "name" name: String,
        /// In the currency's smallest unit.
        "amount" amount: i64,
        /// With the first payment, or with every one.
        "when" when: FeeWhenWord,
        /// At the start or the end of the period; `null` for as the base price.
        "claim" claim: Option<ClaimWord>,
    }
}

answer! {
    /// When subscriptions end by themselves; one of the three is not `null`.
    pub struct Expiry {
        /// At this time.
        "at" at: Option<Instant>,
        /// So long after the start.
        "after" after: Option<Recurring>,
        /// After so many payments.
        "payments" payments: Option<i64>,
    }
}

answer! {
    /// A step of a table of prices.
    pub struct Tier {
        /// Its last unit; `null` for the last tier, which has no end.
        "upTo" up_to: Option<Decimal>,
        /// What each unit in it costs, in the currency's smallest unit; `null` when that is not whole.
        "unitAmount" unit_amount: Option<i64>,
        /// The same as a decimal text.
        "unitAmountDecimal" unit_amount_decimal: String,
        /// What it costs to be in it at all.
        "flatAmount" flat_amount: i64,
    }
}

answer! {
    /// Prices sold as one.
    pub struct Bundle {
        /// The prices in it.
        "priceIds" price_ids: Vec<PriceId>,
        /// What the first payment costs on top.
        "firstPaymentExtra" first_payment_extra: i64,
    }
}

answer! {
    /// A price of a product, also called a variant.
    pub struct Price {
        /// `var_…`
        "id" id: PriceId,
        /// Always `'price'`.
        "object" object: PriceWord,
        /// The UUID that was given, else the one of the id's 128 bits; `null` for an id of your own.
        "uuid" uuid: Option<String>,
        /// The product that it is a price of.
        "productId" product_id: ProductId,
        /// What people read.
        "name" name: String,
        /// What it is, at length.
        "description" description: Option<String>,
        /// How it works.
        "type" kind: PriceTypeWord,
        /// ISO 4217 code.
        "currency" currency: Currency,
        /// The base price of a piece or a period, in the currency's smallest unit; `null` when that is not whole.
        "unitAmount" unit_amount: Option<i64>,
        /// The same as a decimal text.
        "unitAmountDecimal" unit_amount_decimal: String,
        /// What one of it is called.
        "unit" unit: Option<String>,
        /// How long a period is; `null` for what is paid once.
        "recurring" recurring: Option<Recurring>,
        /// When the base price is paid.
        "claim" claim: ClaimWord,
        /// When units are paid; `null` where none are counted.
        "usageClaim" usage_claim: Option<ClaimWord>,
        /// What the first purchase of the product costs instead.
        "introDiscount" intro_discount: Option<IntroDiscount>,
        /// A fee beside the base price.
        "setupFee" setup_fee: Option<SetupFee>,
        /// When subscriptions end by themselves.
        "expiry" expiry: Option<Expiry>,
        /// The day of a period from which service is given.
        "serviceStartDay" service_start_day: Option<i64>,
        /// What units cost; `null` where none are counted, empty for a percentage.
        "tiers" tiers: Option<Vec<Tier>>,
        /// How tiers apply.
        "tierMode" tier_mode: Option<TierModeWord>,
        /// Units of a package.
        "packageSize" package_size: Option<Decimal>,
        /// The percentage, as a decimal text.
        "percent" percent: Option<String>,
        /// A period's units cost at least so much.
        "minimumAmount" minimum_amount: Option<i64>,
        /// A period's units cost at most so much.
        "maximumAmount" maximum_amount: Option<i64>,
        /// Units of a period that cost nothing.
        "includedUnits" included_units: Option<Decimal>,
        /// What it bundles.
        "bundle" bundle: Option<Bundle>,
        /// The day of the month on which periods start.
        "billingDay" billing_day: Option<i64>,
        /// Most pieces of one purchase.
        "maximumQuantity" maximum_quantity: Option<i64>,
        /// Whether it is what a page shows first.
        "isDefault" is_default: bool,
        /// Whether somebody bought it: its terms never change then.
        "sold" sold: bool,
        /// The price that it came in the place of.
        "replaces" replaces: Option<PriceId>,
        /// Place among the product's prices, ascending.
        "order" order: i64,
        /// Your own notes.
        "metadata" metadata: MetadataJson,
        /// Counts the changes, from 1.
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
    /// What is left of a deleted price.
    pub struct DeletedPrice {
        /// `var_…`
        "id" id: PriceId,
        /// Always `'price'`.
        "object" object: PriceWord,
        /// Always `true`.
        "deleted" deleted: True,
    }
}
