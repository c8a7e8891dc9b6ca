//! `commerce.coupons`: what a discount code takes off.

use super::{
    answer::{CouponWord, DurationName, MetadataJson, True},
    catalog::{Amount, Count, Decimal, DurationWord, Version},
    param::{Items, Limit, Loose, Maybe, MetadataChange, Text, Whole},
    read::{answer, input},
};
use crate::domain::{
    catalog::coupon::MAX_CODE_CHARACTERS,
    currency::Currency,
    customer::Patch,
    decimal::Percent,
    id::{CouponId, ProductId},
    instant::Instant,
};

type Code = Text<MAX_CODE_CHARACTERS>;
type Name = Text<255>;
type Description = Text<5000>;
/// The products that a coupon is for.
pub type Products = Items<ProductId, 200>;

input! {
    /// A coupon to be.
    pub struct CouponCreateParams {
        /// An id of your own: `coup_` and 1 to 60 letters, digits, `_` or `-`.
        "id" id: Option<CouponId>,
        /// What people type: at most 64 characters without spaces; in any case it is the same code.
        "code" code: Code,
        /// What people read.
        "name" name: Option<Name>,
        /// For you, and for pages.
        "description" description: Option<Description>,
        /// So many percent off: above 0 and at most 100, with at most 6 decimals. This or `amountOff`.
        "percentOff" percent_off: Option<Percent>,
        /// So much off an order, in the smallest unit of `currency`; never more than there is to pay.
        "amountOff" amount_off: Option<Amount>,
        /// ISO 4217 code of `amountOff`.
        "currency" currency: Option<Currency>,
        /// From the first payment (`'once'`), from those of some months (`'repeating'`), or from all (`'forever'`).
        "duration" duration: DurationWord,
        /// How many months, with `'repeating'`.
        "durationInMonths" duration_in_months: Option<Whole<1, 1200>>,
        /// How often all customers together may redeem it.
        "maxRedemptions" max_redemptions: Option<Count>,
        /// How often one customer may redeem it.
        "maxRedemptionsPerCustomer" max_per_customer: Option<Count>,
        /// From then on it cannot be redeemed.
        "redeemBy" redeem_by: Option<Instant>,
        /// Whether it can be redeemed; on by default.
        "active" active: Option<bool>,
        /// The products that it is for; all, when left out or empty.
        "products" products: Option<Products>,
        /// Your own notes: at most 50 keys of 40 characters with texts of 500.
        "metadata" metadata: MetadataChange,
    }
}

input! {
    /// Which coupon; by id or by code.
    pub struct CouponGetParams {
        /// `coup_…`
        "couponId" coupon_id: Option<CouponId>,
        /// What people type, in any case.
        "code" code: Option<Code>,
    }
}

input! {
    /// Which coupons to list; newest first.
    pub struct CouponListParams {
        /// The beginning of a code, in any case.
        "query" query: Option<Loose<200>>,
        /// Only those that can be redeemed, or only those that cannot.
        "active" active: Option<bool>,
        /// Coupons a page: 1 to 100, as number or numeric text.
        "limit" limit: Limit,
        /// `nextCursor` of the page before, with the same filters.
        "cursor" cursor: Option<Loose<2000>>,
    }
}

input! {
    /// What to change about a coupon; its code and what it takes off never change.
    pub struct CouponUpdateParams {
        /// `coup_…`
        "couponId" coupon_id: CouponId,
        /// What people read.
        "name" name: Patch<Name>,
        /// For you, and for pages.
        "description" description: Patch<Description>,
        /// How often all customers together may redeem it.
        "maxRedemptions" max_redemptions: Patch<Count>,
        /// How often one customer may redeem it.
        "maxRedemptionsPerCustomer" max_per_customer: Patch<Count>,
        /// From then on it cannot be redeemed.
        "redeemBy" redeem_by: Patch<Instant>,
        /// Whether it can be redeemed.
        "active" active: Maybe<bool>,
        /// The products that it is for; replaces the whole list, `null` or empty for all.
        "products" products: Patch<Products>,
        /// Your own notes; replaced key by key, `null` removes one.
        "metadata" metadata: MetadataChange,
        /// Only if the coupon still has this version.
        "ifVersion" if_version: Version,
    }
}

input! {
    /// Which coupon to delete.
    pub struct CouponDeleteParams {
        /// `coup_…`
        "couponId" coupon_id: CouponId,
        /// Only if the coupon still has this version.
        "ifVersion" if_version: Version,
    }
}

answer! {
    /// A coupon.
    pub struct Coupon {
        /// `coup_…`
        "id" id: CouponId,
        /// Always `'coupon'`.
        "object" object: CouponWord,
        /// What people type, as it was given.
        "code" code: String,
        /// What people read.
        "name" name: Option<String>,
        /// For you, and for pages.
        "description" description: Option<String>,
        /// So many percent off: a number when it is whole, else a decimal text.
        "percentOff" percent_off: Option<Decimal>,
        /// So much off an order, in the smallest unit of `currency`.
        "amountOff" amount_off: Option<i64>,
        /// ISO 4217 code of `amountOff`.
        "currency" currency: Option<Currency>,
        /// From which payments it takes something off.
        "duration" duration: DurationName,
        /// How many months, with `'repeating'`.
        "durationInMonths" duration_in_months: Option<i64>,
        /// How often all customers together may redeem it.
        "maxRedemptions" max_redemptions: Option<i64>,
        /// How often one customer may redeem it.
        "maxRedemptionsPerCustomer" max_per_customer: Option<i64>,
        /// From then on it cannot be redeemed.
        "redeemBy" redeem_by: Option<Instant>,
        /// Whether it can be redeemed.
        "active" active: bool,
        /// The products that it is for; all, when empty.
        "products" products: Vec<ProductId>,
        /// Your own notes.
        "metadata" metadata: MetadataJson,
        /// Counts the changes, from 1.
        "version" version: i64,
        /// When it came to be.
        "createdAt" created_at: Instant,
        /// When it last changed.
        "updatedAt" updated_at: Instant,
    }
}

answer! {
    /// What is left of a deleted coupon.
    pub struct DeletedCoupon {
        /// `coup_…`
        "id" id: CouponId,
        /// Always `'coupon'`.
        "object" object: CouponWord,
        /// Always `true`.
        "deleted" deleted: True,
    }
}
