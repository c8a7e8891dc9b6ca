//! What can be asked of the engine: every operation declared once, with its
//! input and output.

pub mod answer;
pub mod billing;
pub mod catalog;
pub mod check;
pub mod checkout;
pub mod coupon;
pub mod credit;
pub mod custom_field;
pub mod customer;
pub mod event;
pub mod feature;
pub mod forecast;
pub mod operation;
pub mod order;
pub mod param;
pub mod payment;
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
pub mod subscription;
pub mod subscription_change;
pub mod test_clock;
pub mod usage;

pub use operation::{Effect, NOUN_ALIASES, NOUNS, Op, Operation, Output, manifest};
