//! `commerce.usages`: what was used, and what may be used (StepPay V1
//! reference, section 7).

use super::{
    answer::{UsageCalculationWord, UsageWord, word_answer},
    billing::{SignedAmount, SignedQuantity},
    catalog::Decimal,
    param::{Limit, Loose, Text},
    preview::Line,
    read::{answer, input},
};
use crate::domain::{
    currency::Currency,
    id::{ClockId, CustomerId, FeatureId, OrderId, PriceId, ProductId, SubscriptionId, SubscriptionItemId, UsageId},
    instant::Instant,
};

word_answer! {
    /// Who wrote an entry.
    ViaWord => "api" "manager" "system" "customer";
}

input! {
    /// What was used, or may be used, on top of what was before.
    pub struct UsageRecordParams {
        /// The item that it counts for: `si_…`. This, or `customerId` and `featureId`.
        "subscriptionItemId" subscription_item_id: Option<SubscriptionItemId>,
        /// Whose: `cus_…`
        "customerId" customer_id: Option<CustomerId>,
        /// The feature of what the customer subscribes to: `feat_…`
        "featureId" feature_id: Option<FeatureId>,
        /// What was used on top, with at most 6 decimals; below zero for what is taken back.
        "record" record: Option<SignedQuantity>,
        /// What may be used on top. Of a price that is paid in advance it is charged at once for the time left.
        "quota" quota: Option<SignedQuantity>,
        /// From when it counts, in the running period; now by default. Seats that are paid in advance count from the day's
        /// start where the store counts by days.
        "at" at: Option<Instant>,
        /// Free text, kept with the entry.
        "payload" payload: Option<Text<2000>>,
        /// The instant to reckon with what a quota costs; now by default.
        "effectiveAt" effective_at: Option<Instant>,
        /// Only if this is what the quota costs, in the smallest unit.
        "expectTotal" expect_total: Option<SignedAmount>,
    }
}

input! {
    /// Of which subscription.
    pub struct UsageCalculateParams {
        /// `sub_…`
        "subscriptionId" subscription_id: SubscriptionId,
    }
}

input! {
    /// Which entries to list; newest first.
    pub struct UsageListParams {
        /// The item: `si_…`
        "subscriptionItemId" subscription_item_id: SubscriptionItemId,
        /// Entries a page: 1 to 100, as number or numeric text.
        "limit" limit: Limit,
        /// `nextCursor` of the page before, with the same filters.
        "cursor" cursor: Option<Loose<2000>>,
    }
}

answer! {
    /// An entry of what was used, or may be used; it is never changed.
    pub struct Usage {
        /// `use_…`
        "id" id: UsageId,
        /// Always `'usage'`.
        "object" object: UsageWord,
        /// The item that it counts for.
        "subscriptionItemId" subscription_item_id: SubscriptionItemId,
        /// Its subscription.
        "subscriptionId" subscription_id: SubscriptionId,
        /// What was used on top; below zero for what was taken back.
        "record" record: SignedQuantity,
        /// What may be used on top.
        "quota" quota: SignedQuantity,
        /// From when it counts.
        "at" at: Instant,
        /// Who wrote it.
        "via" via: ViaWord,
        /// Free text.
        "payload" payload: Option<String>,
        /// When it was written down.
        "createdAt" created_at: Instant,
    }
}

answer! {
    /// An entry that was just made, with what it comes to.
    pub struct RecordedUsage {
        /// `use_…`
        "id" id: UsageId,
        /// Always `'usage'`.
        "object" object: UsageWord,
        /// The item that it counts for.
        "subscriptionItemId" subscription_item_id: SubscriptionItemId,
        /// Its subscription.
        "subscriptionId" subscription_id: SubscriptionId,
        /// What was used on top; below zero for what was taken back.
        "record" record: SignedQuantity,
        /// What may be used on top.
        "quota" quota: SignedQuantity,
        /// What was used in all, after this entry.
        "accumulatedRecord" accumulated_record: SignedQuantity,
        /// What may be used in all, after this entry; `null` without a limit.
        "accumulatedQuota" accumulated_quota: Option<SignedQuantity>,
        /// What the added quota costs for the time left, before discounts and taxes, in the smallest unit; below zero
        /// what a refund by hand would give back for one that was lowered.
        "amountForQuota" amount_for_quota: i64,
        /// ISO 4217 code.
        "currency" currency: Currency,
        /// The order that charges it.
        "orderId" order_id: Option<OrderId>,
        /// Days that are left of the period.
        "restDays" rest_days: i64,
        /// From when it counts.
        "at" at: Instant,
        /// Who wrote it.
        "via" via: ViaWord,
        /// Free text.
        "payload" payload: Option<String>,
        /// When it was written down.
        "createdAt" created_at: Instant,
        /// The test clock that the subscription goes by.
        "testClock" test_clock: Option<ClockId>,
    }
}

answer! {
    /// What one item's use comes to.
    pub struct UsageCalculationItem {
        /// `si_…`
        "subscriptionItemId" subscription_item_id: SubscriptionItemId,
        /// Its price.
        "priceId" price_id: PriceId,
        /// Whose price it is.
        "productId" product_id: ProductId,
        /// The price's name.
        "name" name: String,
        /// What one unit is called.
        "unit" unit: Option<String>,
        /// Units that count; a text where it is no whole number.
        "count" count: Decimal,
        /// What they cost, in the smallest unit.
        "amount" amount: i64,
        /// What the amount is made of, each line with its reason.
        "lines" lines: Vec<Line>,
    }
}

answer! {
    /// What the use of a running period comes to so far.
    pub struct UsageCalculation {
        /// Always `'usage_calculation'`.
        "object" object: UsageCalculationWord,
        /// `sub_…`
        "subscriptionId" subscription_id: SubscriptionId,
        /// What it costs in all, in the smallest unit.
        "amount" amount: i64,
        /// ISO 4217 code.
        "currency" currency: Currency,
        /// Items that are paid by use.
        "items" items: Vec<UsageCalculationItem>,
        /// Start of the period.
        "periodStart" period_start: Instant,
        /// Its end, which is not in it.
        "periodEnd" period_end: Instant,
    }
}
