//! The kinds of objects that a catalogue has, and the operations on them.

use serde_json::Value;

use crate::{
    domain::catalog::coupon::Coupon,
    ops::{Op, shape::Shape},
};

/// What kind of object.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// What a product gives.
    Feature,
    /// What is sold.
    Product,
    /// What it costs; a product's variant.
    Price,
    /// What takes something off.
    Coupon,
}

impl Kind {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Feature, Self::Product, Self::Price, Self::Coupon];

    /// Its name in sentences.
    pub fn name(self) -> &'static str {
        match self {
            Self::Feature => "feature",
            Self::Product => "product",
            Self::Price => "price",
            Self::Coupon => "coupon",
        }
    }

    /// The member of a file that lists them; of a product, for prices.
    pub fn list(self) -> &'static str {
        match self {
            Self::Feature => "features",
            Self::Product => "products",
            Self::Price => "variants",
            Self::Coupon => "coupons",
        }
    }

    /// How its ids begin.
    pub fn prefix(self) -> &'static str {
        match self {
            Self::Feature => "feat_",
            Self::Product => "prod_",
            Self::Price => "var_",
            Self::Coupon => "coup_",
        }
    }

    /// The member that it is known by.
    pub fn key(self) -> &'static str {
        if self == Self::Coupon { "code" } else { "id" }
    }

    /// What a stored object is known by.
    pub fn name_of(self, stored: &Value) -> Option<&str> {
        stored.get(self.key()).and_then(Value::as_str)
    }

    /// A name as it is compared: a coupon's code is the same in any case.
    pub fn folded(self, name: &str) -> String {
        match self {
            Self::Coupon => Coupon::fold(name),
            _ => name.to_owned(),
        }
    }

    /// The operation that makes one.
    pub fn create(self) -> Op {
        match self {
            Self::Feature => Op::FeaturesCreate,
            Self::Product => Op::ProductsCreate,
            Self::Price => Op::PricesCreate,
            Self::Coupon => Op::CouponsCreate,
        }
    }

    /// The operation that changes one.
    pub fn update(self) -> Op {
        match self {
            Self::Feature => Op::FeaturesUpdate,
            Self::Product => Op::ProductsUpdate,
            Self::Price => Op::PricesUpdate,
            Self::Coupon => Op::CouponsUpdate,
        }
    }

    /// Whether its `update` takes a member, in any spelling.
    pub fn is_updatable(self, member: &str) -> bool {
        has(self.update().declaration().input, member)
    }

    /// Whether its `create` takes a member, in any spelling.
    pub fn is_creatable(self, member: &str) -> bool {
        has(self.create().declaration().input, member)
    }
}

fn has(shape: &Shape, member: &str) -> bool {
    shape.fields.iter().any(|field| is_named(field.name, member))
}

/// A member as an operation declares it.
pub fn declared(op: Op, given: &str) -> &str {
    let fields = op.declaration().input.fields;
    fields
        .iter()
        .find(|field| is_named(field.name, given))
        .map_or(given, |field| field.name)
}

/// Whether a member as it is typed is the one declared.
pub fn is_named(declared: &str, given: &str) -> bool {
    declared == given || crate::ops::read::same_name(declared, given)
}
