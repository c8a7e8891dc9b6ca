//! `commerce.check`: whether a customer may use a feature.

use super::{
    answer::word_answer,
    catalog::Decimal,
    read::{answer, input},
};
use crate::domain::id::{CustomerId, FeatureId};

word_answer! {
    /// Why a feature may be used, or not.
    CheckReasonWord => "subscribed" "not_subscribed" "not_in_service";
}

input! {
    /// Who would use what.
    pub struct CheckParams {
        /// `cus_…`
        "customerId" customer_id: CustomerId,
        /// `feat_…`
        "featureId" feature_id: FeatureId,
    }
}

answer! {
    /// Whether a customer may use a feature.
    pub struct Check {
        /// Whether it may.
        "allowed" allowed: bool,
        /// Why: a subscription that gives service gives the feature (`'subscribed'`), none has it (`'not_subscribed'`),
        /// or one has it and gives no service now (`'not_in_service'`).
        "reason" reason: CheckReasonWord,
        /// The same as `allowed`.
        "hasAccess" has_access: bool,
        /// `feat_…`
        "featureId" feature_id: FeatureId,
        /// `cus_…`
        "customerId" customer_id: CustomerId,
        /// What is left of a feature that is counted; `null` for one that is there or not.
        "balance" balance: Option<Decimal>,
        /// Whether the answer may be older than the last change.
        "stale" stale: bool,
    }
}
