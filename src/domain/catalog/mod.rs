//! What a store sells: products, their prices, the features they give, and
//! coupons.

pub mod coupon;
pub mod draft;
pub mod feature;
pub mod options;
pub mod price;
pub mod product;
