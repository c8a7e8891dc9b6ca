//! Whether a code may be used, and what a person reads when it may not.

use serde::Serialize;

use super::{Purchase, eligible};
use crate::domain::{
    catalog::coupon::{Coupon, Duration, Off},
    words::Locale,
};

/// Which of the payments that a coupon lowers this one is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Payment {
    /// The one that redeems it.
    First,
    /// A later one, but none before it had anything to take off.
    Waiting,
    /// A later one of the same subscription.
    Later {
        /// Whole months since the coupon was redeemed.
        months: u32,
    },
}

/// How a coupon was used before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Uses {
    /// Redemptions by all customers, this one not counted.
    pub total: i64,
    /// Redemptions by this customer; 0 for one who is not known yet.
    pub by_customer: i64,
    /// Which payment this is.
    pub payment: Payment,
}

impl Uses {
    /// Nobody used it yet.
    pub const NONE: Self = Self {
        total: 0,
        by_customer: 0,
        payment: Payment::First,
    };
}

/// Why a code takes nothing off. It never fails the call (SubscriptionKit
/// reference, section 2.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Invalid {
    /// No coupon has this code.
    NotFound,
    /// The coupon is switched off.
    Inactive,
    /// Its last instant has passed.
    Expired,
    /// All customers together have used it as often as it allows.
    MaxRedemptions,
    /// This customer has used it as often as one may.
    AlreadyRedeemed,
    /// The payments that it lowers are over.
    DurationOver,
    /// It takes off an amount of another currency.
    OtherCurrency,
    /// Nothing that it is for is among the lines.
    NotApplicable,
    /// The same code stands before it in the request.
    Duplicate,
    /// It counts for this payment only, and the codes before it left nothing
    /// of what it is for.
    NothingLeft,
}

impl Invalid {
    /// All, with their words and what people read in English and in Korean.
    pub const ALL: [(Self, &'static str, &'static str, &'static str); 10] = [
        (
            Self::NotFound,
            "not_found",
            "This code does not exist.",
            "존재하지 않는 할인 코드입니다.",
        ),
        (
            Self::Inactive,
            "inactive",
            "This code cannot be used at present.",
            "현재 사용할 수 없는 할인 코드입니다.",
        ),
        (
            Self::Expired,
            "expired",
            "This code has expired.",
            "사용 기간이 지난 할인 코드입니다.",
        ),
        (
            Self::MaxRedemptions,
            "max_redemptions",
            "This code has been used up.",
            "사용 가능 횟수가 모두 소진된 할인 코드입니다.",
        ),
        (
            Self::AlreadyRedeemed,
            "already_redeemed",
            "This code has already been used by this customer.",
            "이미 사용한 할인 코드입니다.",
        ),
        (
            Self::DurationOver,
            "duration_over",
            "This code was for earlier payments only.",
            "할인 적용 기간이 끝난 할인 코드입니다.",
        ),
        (
            Self::OtherCurrency,
            "other_currency",
            "This code is for another currency.",
            "다른 통화에만 사용할 수 있는 할인 코드입니다.",
        ),
        (
            Self::NotApplicable,
            "not_applicable",
            "This code is for none of the products in this order.",
            "이 주문의 상품에는 사용할 수 없는 할인 코드입니다.",
        ),
        (
            Self::Duplicate,
            "duplicate",
            "This code was given twice; it counts once.",
            "중복 입력된 할인 코드입니다. 한 번만 적용됩니다.",
        ),
        (
            Self::NothingLeft,
            "nothing_left",
            "The codes before this one have already taken everything off.",
            "앞선 할인으로 더 할인할 금액이 없습니다.",
        ),
    ];

    /// Its word: the `reason` of an invalid discount.
    pub fn name(self) -> &'static str {
        Self::ALL[self as usize].1
    }

    /// What a person reads.
    pub fn message(self, locale: Locale) -> &'static str {
        let (_, _, en, ko) = Self::ALL[self as usize];
        match locale {
            Locale::En => en,
            Locale::Ko => ko,
        }
    }
}

/// Checks whether a coupon may lower this payment. Whether it may be redeemed
/// (switched on, in time, within its limits) is asked of the first payment
/// only: what a customer has been given stays theirs for as long as the
/// coupon's duration says. A coupon that is redeemed by an instant cannot be
/// redeemed at it.
///
/// # Errors
///
/// The first of the reasons that holds, in the order of [`Invalid`].
pub fn check(coupon: &Coupon, uses: Uses, purchase: &Purchase<'_>) -> Result<(), Invalid> {
    match uses.payment {
        Payment::First => redeemable(coupon, uses, purchase)?,
        Payment::Waiting => {}
        Payment::Later { months: passed } => match coupon.duration {
            Duration::Forever => {}
            Duration::Repeating { months } if passed < months => {}
            Duration::Repeating { .. } | Duration::Once => return Err(Invalid::DurationOver),
        },
    }
    if matches!(coupon.off, Off::Amount(_, currency) if currency != purchase.currency) {
        return Err(Invalid::OtherCurrency);
    }
    if !purchase.lines.iter().any(|line| eligible(coupon, line)) {
        return Err(Invalid::NotApplicable);
    }
    Ok(())
}

fn redeemable(coupon: &Coupon, uses: Uses, purchase: &Purchase<'_>) -> Result<(), Invalid> {
    if !coupon.active {
        return Err(Invalid::Inactive);
    }
    if coupon.redeem_by.is_some_and(|end| purchase.now >= end) {
        return Err(Invalid::Expired);
    }
    if coupon.max_redemptions.is_some_and(|most| uses.total >= most) {
        return Err(Invalid::MaxRedemptions);
    }
    if coupon.max_per_customer.is_some_and(|most| uses.by_customer >= most) {
        return Err(Invalid::AlreadyRedeemed);
    }
    Ok(())
}
