//! Products, prices, features and coupons as the engine knows them, and what
//! it asks of those who keep them.

use super::port::{Position, StoreNo};
use crate::{
    domain::{
        catalog::{
            coupon::Coupon,
            feature::FeatureType,
            price::{PriceType, Terms},
            product::{Details, ProductKind, ProductStatus},
        },
        currency::Currency,
        id::{CouponId, FeatureId, PriceId, ProductId},
        instant::Instant,
        key_value::Metadata,
        search::Query,
        uuid::Uuid,
    },
    error::Result,
    ops::catalog::ProductSort,
};

/// An object, or the mark that there was one: its id is never used again.
#[derive(Debug, Clone)]
pub enum Entry<T> {
    /// It lives.
    Live(Box<T>),
    /// It was deleted.
    Deleted,
}

/// What every object of the catalogue has.
#[derive(Debug, Clone, PartialEq)]
pub struct Stamp {
    /// Running number inside the store, for dialects; gaps are allowed.
    pub number: i64,
    /// Counts the changes, from 1.
    pub version: i64,
    /// When it came to be.
    pub created_at: Instant,
    /// When it last changed.
    pub updated_at: Instant,
    /// Since when it is archived; coupons never are.
    pub archived_at: Option<Instant>,
}

/// A product.
#[derive(Debug, Clone, PartialEq)]
pub struct ProductRecord {
    /// `prod_…`
    pub id: ProductId,
    /// The UUID that was given.
    pub uuid: Option<Uuid>,
    /// What every object has.
    pub stamp: Stamp,
    /// What people read.
    pub name: String,
    /// What kind of thing it is.
    pub kind: ProductKind,
    /// Whether it can be bought.
    pub status: ProductStatus,
    /// Place in the shop.
    pub order: i64,
    /// Pieces left; `None` for as many as one wants.
    pub stock: Option<i64>,
    /// Everything else.
    pub details: Details,
    /// The app's own notes.
    pub metadata: Metadata,
}

/// A price.
#[derive(Debug, Clone, PartialEq)]
pub struct PriceRecord {
    /// `var_…`
    pub id: PriceId,
    /// The UUID that was given.
    pub uuid: Option<Uuid>,
    /// What every object has.
    pub stamp: Stamp,
    /// The product that it is a price of.
    pub product: ProductId,
    /// What people read.
    pub name: String,
    /// What it is, at length.
    pub description: Option<String>,
    /// What one of it is called.
    pub unit: Option<String>,
    /// Place among the product's prices.
    pub order: i64,
    /// Whether it is what a page shows first.
    pub is_default: bool,
    /// Whether somebody bought it: its terms never change then.
    pub sold: bool,
    /// The price that it came in the place of.
    pub replaces: Option<PriceId>,
    /// What it costs.
    pub terms: Terms,
    /// The app's own notes.
    pub metadata: Metadata,
}

/// A feature.
#[derive(Debug, Clone, PartialEq)]
pub struct FeatureRecord {
    /// `feat_…`
    pub id: FeatureId,
    /// What every object has.
    pub stamp: Stamp,
    /// What people read.
    pub name: String,
    /// What it is, at length.
    pub description: Option<String>,
    /// What having it means.
    pub kind: FeatureType,
    /// What one of it is called.
    pub unit: Option<String>,
    /// The app's own notes.
    pub metadata: Metadata,
}

/// A coupon.
#[derive(Debug, Clone, PartialEq)]
pub struct CouponRecord {
    /// What every object has.
    pub stamp: Stamp,
    /// What it says.
    pub coupon: Coupon,
    /// The app's own notes.
    pub metadata: Metadata,
}

/// Which objects a list has. Those that are `None` do not matter.
#[derive(Debug, Clone, Default)]
pub struct CatalogFilter {
    /// Part of a name, the beginning of an id or of a code.
    pub query: Option<Query>,
    /// Archived, or not.
    pub archived: Option<bool>,
    /// Kind of products.
    pub product_kind: Option<ProductKind>,
    /// State of products.
    pub status: Option<ProductStatus>,
    /// Product of prices.
    pub product: Option<ProductId>,
    /// Currency of prices.
    pub currency: Option<Currency>,
    /// Type of prices.
    pub price_type: Option<PriceType>,
    /// Type of features.
    pub feature_type: Option<FeatureType>,
    /// Coupons that can be redeemed, or that cannot.
    pub active: Option<bool>,
}

/// A list, ready to be fetched.
#[derive(Debug, Clone)]
pub struct CatalogList {
    /// Which.
    pub filter: CatalogFilter,
    /// In which order.
    pub sort: ProductSort,
    /// Behind this one.
    pub after: Option<Position>,
    /// At most so many.
    pub limit: usize,
}

/// Rows of products.
pub trait ProductRows {
    /// By id. `lock` holds the row until the end of the transaction.
    fn product(&mut self, store: StoreNo, id: &ProductId, lock: bool) -> Result<Option<Entry<ProductRecord>>>;
    /// Whoever has this UUID, by being given it or by the bits of its id; deleted ones too.
    fn product_with_uuid(&mut self, store: StoreNo, uuid: Uuid) -> Result<Option<ProductId>>;
    /// Adds a product.
    fn insert_product(&mut self, store: StoreNo, product: &ProductRecord) -> Result<()>;
    /// Replaces a product's values.
    fn update_product(&mut self, store: StoreNo, before: &ProductRecord, after: &ProductRecord) -> Result<()>;
    /// Marks a product deleted; it gives no features any more.
    fn delete_product(&mut self, store: StoreNo, product: &ProductRecord, at: Instant) -> Result<()>;
    /// One page.
    fn list_products(&mut self, store: StoreNo, list: &CatalogList) -> Result<Vec<ProductRecord>>;
    /// How many there are over all pages.
    fn count_products(&mut self, store: StoreNo, list: &CatalogList) -> Result<i64>;
    /// A product that gives the feature.
    fn product_giving(&mut self, store: StoreNo, feature: &FeatureId) -> Result<Option<ProductId>>;
}

/// Rows of prices.
pub trait PriceRows {
    /// By id. `lock` holds the row until the end of the transaction.
    fn price(&mut self, store: StoreNo, id: &PriceId, lock: bool) -> Result<Option<Entry<PriceRecord>>>;
    /// Whoever has this UUID, by being given it or by the bits of its id; deleted ones too.
    fn price_with_uuid(&mut self, store: StoreNo, uuid: Uuid) -> Result<Option<PriceId>>;
    /// All prices of the products, archived ones too, by product and order.
    fn prices_of(&mut self, store: StoreNo, products: &[ProductId]) -> Result<Vec<PriceRecord>>;
    /// Adds a price.
    fn insert_price(&mut self, store: StoreNo, price: &PriceRecord) -> Result<()>;
    /// Replaces a price's values.
    fn update_price(&mut self, store: StoreNo, before: &PriceRecord, after: &PriceRecord) -> Result<()>;
    /// Marks a price deleted.
    fn delete_price(&mut self, store: StoreNo, price: &PriceRecord, at: Instant) -> Result<()>;
    /// One page: the prices of one product in their order, others newest first.
    fn list_prices(&mut self, store: StoreNo, list: &CatalogList) -> Result<Vec<PriceRecord>>;
    /// The bundles that the price is in.
    fn bundles_with(&mut self, store: StoreNo, price: &PriceId) -> Result<Vec<PriceId>>;
}

/// Rows of features.
pub trait FeatureRows {
    /// By id. `lock` holds the row until the end of the transaction.
    fn feature(&mut self, store: StoreNo, id: &FeatureId, lock: bool) -> Result<Option<Entry<FeatureRecord>>>;
    /// Adds a feature.
    fn insert_feature(&mut self, store: StoreNo, feature: &FeatureRecord) -> Result<()>;
    /// Replaces a feature's values.
    fn update_feature(&mut self, store: StoreNo, feature: &FeatureRecord) -> Result<()>;
    /// Marks a feature deleted.
    fn delete_feature(&mut self, store: StoreNo, id: &FeatureId, at: Instant) -> Result<()>;
    /// One page.
    fn list_features(&mut self, store: StoreNo, list: &CatalogList) -> Result<Vec<FeatureRecord>>;
}

/// Rows of coupons.
pub trait CouponRows {
    /// By id. `lock` holds the row until the end of the transaction.
    fn coupon(&mut self, store: StoreNo, id: &CouponId, lock: bool) -> Result<Option<Entry<CouponRecord>>>;
    /// By the folded code; deleted ones have none.
    fn coupon_by_code(&mut self, store: StoreNo, fold: &str) -> Result<Option<CouponRecord>>;
    /// Adds a coupon.
    fn insert_coupon(&mut self, store: StoreNo, coupon: &CouponRecord) -> Result<()>;
    /// Replaces a coupon's values.
    fn update_coupon(&mut self, store: StoreNo, coupon: &CouponRecord) -> Result<()>;
    /// Marks a coupon deleted; its code is free again.
    fn delete_coupon(&mut self, store: StoreNo, id: &CouponId, at: Instant) -> Result<()>;
    /// One page.
    fn list_coupons(&mut self, store: StoreNo, list: &CatalogList) -> Result<Vec<CouponRecord>>;
}

/// Rows of everything that a store sells.
pub trait CatalogRows: ProductRows + PriceRows + FeatureRows + CouponRows {}

impl<T: ProductRows + PriceRows + FeatureRows + CouponRows> CatalogRows for T {}
