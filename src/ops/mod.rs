//! What can be asked of the engine: every operation declared once, with its
//! input and output.

pub mod answer;
pub mod catalog;
pub mod coupon;
pub mod custom_field;
pub mod customer;
pub mod event;
pub mod feature;
pub mod operation;
pub mod param;
pub mod payment_method;
pub mod preview;
pub mod price;
mod price_draft;
pub mod product;
mod product_draft;
pub mod read;
pub mod settings;
mod settings_change;
pub mod shape;
pub mod signup_form;
pub mod store;

pub use operation::{Effect, NOUN_ALIASES, NOUNS, Op, Operation, Output, manifest};
