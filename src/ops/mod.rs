//! What can be asked of the engine: every operation declared once, with its
//! input and output.

pub mod answer;
pub mod custom_field;
pub mod customer;
pub mod event;
pub mod operation;
pub mod param;
pub mod read;
pub mod shape;
pub mod signup_form;
pub mod store;

pub use operation::{Effect, NOUNS, Op, Operation, Output, manifest};
