//! Coupons: what a discount code takes off.

use serde::{Deserialize, Serialize};

use super::price::check_percent;
use crate::domain::{
    Problem,
    currency::Currency,
    decimal::Percent,
    id::{CouponId, ProductId},
    instant::Instant,
    text,
};

/// Most characters of a code.
pub const MAX_CODE_CHARACTERS: usize = 64;

/// How much a coupon takes off.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Off {
    /// So many percent of what is left.
    Percent(Percent),
    /// So much once an order, in the currency's smallest unit; never more than is left.
    Amount(i64, Currency),
}

/// How many payments a coupon applies to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Duration {
    /// The first.
    Once,
    /// Those within so many months of the first.
    Repeating {
        /// Months.
        months: u32,
    },
    /// All.
    Forever,
}

impl Duration {
    /// Its word.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Once => "once",
            Self::Repeating { .. } => "repeating",
            Self::Forever => "forever",
        }
    }
}

/// What a coupon says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Coupon {
    /// `coup_…`
    pub id: CouponId,
    /// What people type, as it was given; compared without regard to case.
    pub code: String,
    /// What people read.
    pub name: Option<String>,
    /// For the merchant, and for pages.
    pub description: Option<String>,
    /// How much.
    pub off: Off,
    /// How long.
    pub duration: Duration,
    /// How often all customers together may redeem it.
    pub max_redemptions: Option<i64>,
    /// How often one customer may redeem it.
    pub max_per_customer: Option<i64>,
    /// From then on it cannot be redeemed.
    pub redeem_by: Option<Instant>,
    /// The products that it is for; all, when empty.
    pub products: Vec<ProductId>,
    /// Whether it can be redeemed.
    pub active: bool,
}

impl Coupon {
    /// The code as it is looked up: in any case it is the same code.
    pub fn fold(code: &str) -> String {
        text::fold(code)
    }

    /// Checks what a coupon can say about itself.
    ///
    /// # Errors
    ///
    /// A problem at the member that is wrong.
    pub fn check(&self) -> Result<(), Problem> {
        match self.off {
            Off::Percent(percent) => check_percent("percentOff", percent)?,
            Off::Amount(amount, _) if amount < 1 => return Err(Problem::at("amountOff", "must be at least 1")),
            Off::Amount(..) => {}
        }
        if self.duration == (Duration::Repeating { months: 0 }) {
            return Err(Problem::at("durationInMonths", "must be at least 1"));
        }
        if self
            .code
            .chars()
            .any(|character| character.is_whitespace() || character.is_control())
        {
            return Err(Problem::at("code", "must have no spaces: people type it"));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn coupon(off: Off) -> Coupon {
        Coupon {
            id: CouponId::trusted("coup_1"),
            code: "WELCOME10".to_owned(),
            name: None,
            description: None,
            off,
            duration: Duration::Once,
            max_redemptions: None,
            max_per_customer: None,
            redeem_by: None,
            products: vec![],
            active: true,
        }
    }

    fn percent(text: &str) -> Off {
        Off::Percent(Percent::parse(text).unwrap())
    }

    #[test]
    fn something_is_taken_off_and_never_more_than_everything() {
        for (off, at) in [
            (percent("0"), "percentOff"),
            (percent("-1"), "percentOff"),
            (percent("100.000001"), "percentOff"),
            (percent("101"), "percentOff"),
            (Off::Amount(0, Currency::KRW), "amountOff"),
            (Off::Amount(-1, Currency::KRW), "amountOff"),
        ] {
            assert_eq!(coupon(off).check().expect_err(at).at, at, "{off:?}");
        }
        for off in [percent("0.000001"), percent("100"), Off::Amount(1, Currency::KRW)] {
            assert_eq!(coupon(off).check(), Ok(()), "{off:?}");
        }
    }

    #[test]
    fn no_months_and_no_code_that_cannot_be_typed() {
        let never = Coupon {
            duration: Duration::Repeating { months: 0 },
            ..coupon(percent("10"))
        };
        assert_eq!(never.check().expect_err("no months").at, "durationInMonths");
        for code in ["TWO WORDS", "TAB\t", "LINE\n", "WIDE\u{3000}"] {
            let spaced = Coupon {
                code: code.to_owned(),
                ..coupon(percent("10"))
            };
            assert_eq!(spaced.check().expect_err(code).at, "code");
        }
    }

    #[test]
    fn a_code_is_the_same_in_any_case_and_however_hangul_is_typed() {
        assert_eq!(Coupon::fold(" Welcome10 "), Coupon::fold("WELCOME10"));
        assert_eq!(Coupon::fold("\u{1100}\u{1175}\u{11b7}"), Coupon::fold("김"));
        assert_ne!(Coupon::fold("WELCOME10"), Coupon::fold("WELCOME1O"));
    }
}
