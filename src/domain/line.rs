//! What an amount is made of: lines, each with the reason for its amount.

use serde::{Deserialize, Serialize};

use super::{
    calendar::{Basis, Period},
    decimal::{Percent, Quantity, UnitAmount},
    id::{PriceId, SubscriptionItemId},
    instant::{Instant, micros},
};

/// What a line is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LineType {
    /// The base price of a piece or a period.
    Price,
    /// What was used, or how many seats there were.
    Usage,
    /// A base, introduction or installation fee.
    SetupFee,
    /// Delivery.
    Shipping,
    /// Something off; its amount is not above zero.
    Discount,
    /// A tax that comes on top.
    Tax,
    /// The unused rest of what was paid; its amount is not above zero.
    ProrationCredit,
    /// The rest of a period at a new price.
    ProrationCharge,
    /// Taken from the customer's credit balance; its amount is not above zero.
    Credit,
    /// What lifts an amount to a minimum or cuts it to a maximum.
    Adjustment,
}

impl LineType {
    /// Its word in answers.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Price => "price",
            Self::Usage => "usage",
            Self::SetupFee => "setup_fee",
            Self::Shipping => "shipping",
            Self::Discount => "discount",
            Self::Tax => "tax",
            Self::ProrationCredit => "proration_credit",
            Self::ProrationCharge => "proration_charge",
            Self::Credit => "credit",
            Self::Adjustment => "adjustment",
        }
    }
}

/// One line of an order, a preview or an upcoming charge. Its currency is that
/// of the whole.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Line {
    /// What it is about.
    pub kind: LineType,
    /// The price that it comes from.
    pub price: Option<PriceId>,
    /// The subscription's item that it is for.
    pub item: Option<SubscriptionItemId>,
    /// How many pieces, or units of use.
    pub quantity: Quantity,
    /// Signed, in the currency's smallest unit; rounded once, here.
    pub amount: i64,
    /// The span that is paid for; `None` for what has none.
    pub period: Option<Period>,
    /// Why the amount is what it is.
    pub reason: Reason,
}

/// A part of a metered amount: so many units at so much each.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Part {
    /// Units in this part; rounded to a millionth where seats were counted over time.
    pub units: Quantity,
    /// What each costs.
    pub unit_amount: UnitAmount,
    /// What the part costs as a whole, on top.
    pub flat_amount: i64,
}

/// Why a line's amount is what it is: a code with its parameters. Rendered
/// for people by [`super::words`]. Stored as it is: instants in microseconds.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(
    tag = "code",
    content = "params",
    rename_all = "snake_case",
    rename_all_fields = "camelCase",
    deny_unknown_fields
)]
pub enum Reason {
    /// So many pieces of a price.
    Price {
        /// The price's name.
        name: String,
        /// What each costs, options included.
        unit_amount: UnitAmount,
    },
    /// A first period that is shorter than a whole one.
    PartialPeriod {
        /// The price's name.
        name: String,
        /// What each costs for a whole period.
        unit_amount: UnitAmount,
        /// Days, or microseconds, that are paid for.
        part: u64,
        /// Out of so many.
        whole: u64,
        /// What was counted.
        basis: Basis,
    },
    /// What a bundle's first payment adds.
    FirstPaymentExtra {
        /// The bundle's name.
        name: String,
    },
    /// A price that is paid for by the bundle it belongs to.
    InBundle {
        /// The price's name.
        name: String,
    },
    /// Nothing is due in a trial.
    Trial {
        /// The price's name.
        name: String,
        /// When the trial ends.
        #[serde(with = "micros")]
        until: Instant,
    },
    /// Units by a table of prices, each unit at the price of its tier.
    UsageGraduated {
        /// What is counted, such as `calls`.
        unit: String,
        /// Units in all, those included in the price too.
        units: Quantity,
        /// Units that cost nothing.
        included: Quantity,
        /// The tiers that were reached.
        parts: Vec<Part>,
    },
    /// All units at the price of the tier that holds their number.
    UsageVolume {
        /// What is counted.
        unit: String,
        /// Units in all.
        units: Quantity,
        /// Units that cost nothing.
        included: Quantity,
        /// The one tier.
        parts: Vec<Part>,
    },
    /// The fixed price of the band that holds the number of units.
    UsageBand {
        /// What is counted.
        unit: String,
        /// Units in all.
        units: Quantity,
        /// Units that cost nothing.
        included: Quantity,
        /// The band's last unit; `None` for the band without end.
        up_to: Option<Quantity>,
        /// The band's price.
        flat_amount: i64,
    },
    /// Started packages.
    UsagePackage {
        /// What is counted.
        unit: String,
        /// Units in all.
        units: Quantity,
        /// Units that cost nothing.
        included: Quantity,
        /// Units in a package.
        size: Quantity,
        /// Packages started.
        packages: i64,
        /// What a package costs.
        unit_amount: UnitAmount,
        /// What they cost as a whole, on top.
        flat_amount: i64,
    },
    /// A percentage of a value.
    UsagePercentage {
        /// What the value is of.
        unit: String,
        /// The value in the currency's smallest unit.
        units: Quantity,
        /// The value that costs nothing.
        included: Quantity,
        /// The percentage.
        percent: Percent,
    },
    /// More that may be used in a period: the price of all of it, less what was paid for before.
    QuotaAdded {
        /// What is counted.
        unit: String,
        /// Units that were paid for; seats for a part of a period are that part of a unit.
        before: Quantity,
        /// Units in all.
        after: Quantity,
    },
    /// Lifts a period's usage to the agreed minimum.
    Minimum {
        /// The minimum.
        minimum: i64,
    },
    /// Cuts a period's usage to the agreed maximum.
    Maximum {
        /// The maximum.
        maximum: i64,
    },
    /// A base, introduction or installation fee.
    SetupFee {
        /// Its name.
        name: String,
    },
    /// The price of the first purchase.
    IntroDiscount {
        /// The price's name.
        name: String,
    },
    /// A discount code.
    Discount {
        /// The code as it was given.
        code: String,
        /// The coupon's name.
        name: Option<String>,
        /// Percent off, where it is a percentage.
        percent: Option<Percent>,
    },
    /// A tax.
    Tax {
        /// Its name, such as `VAT`.
        name: String,
        /// Its rate.
        percent: Percent,
    },
    /// The unused rest of what was paid.
    Unused {
        /// The price's name.
        name: String,
        /// Days, or microseconds, that are left.
        part: u64,
        /// Out of so many.
        whole: u64,
        /// What was counted.
        basis: Basis,
    },
    /// The rest of a period at a new price or quantity.
    Remaining {
        /// The price's name.
        name: String,
        /// Days, or microseconds, that are left.
        part: u64,
        /// Out of so many.
        whole: u64,
        /// What was counted.
        basis: Basis,
    },
    /// Taken from the customer's credit balance.
    CreditBalance,
    /// Delivery.
    Shipping {
        /// How.
        name: String,
    },
}
