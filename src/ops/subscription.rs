//! `commerce.subscriptions`: what a customer pays for again and again. What
//! changes one is in [`super::subscription_change`].

use super::{
    answer::{MetadataJson, SubscriptionPreviewWord, SubscriptionWord},
    billing::{OneOrMany, Pieces, SignedAmount, TrialChoice},
    catalog::UnitWord,
    checkout::DiscountCodes,
    param::{Items, Limit, Loose, MetadataChange, Whole},
    preview::Line,
    read::{answer, input},
};
use crate::domain::{
    currency::Currency,
    id::{
        ClockId, CouponId, CustomerId, OptionId, OrderId, PaymentMethodId, PriceId, ProductId, SubscriptionId,
        SubscriptionItemId,
    },
    instant::Instant,
    pricing::purchase::{MAX_ITEMS, MAX_UPCOMING},
    subscription::Phase,
};

/// The chosen option values.
pub type OptionIds = Items<OptionId, 20>;

input! {
    /// A thing to subscribe to.
    pub struct SubscriptionItemInput {
        /// The price: `var_…`
        "priceId" price_id: PriceId,
        /// Pieces or seats; 1 by default.
        "quantity" quantity: Option<Pieces>,
        /// The chosen option values, one of each option of the product: `opt_…`.
        "optionIds" option_ids: Option<OptionIds>,
    }
}

input! {
    /// A subscription to be: its first order is charged at once to the payment method.
    pub struct SubscriptionCreateParams {
        /// Whose: `cus_…`
        "customerId" customer_id: CustomerId,
        /// What is subscribed to, all in one currency and one rhythm.
        "items" items: Items<SubscriptionItemInput, MAX_ITEMS>,
        /// What pays: `pm_…`; the customer's default by default. None is needed where nothing is to pay now.
        "paymentMethodId" payment_method_id: Option<PaymentMethodId>,
        /// `{ interval, count }` or `{ end }`, `false` or `null` for none; that of the product by default.
        "trial" trial: TrialChoice,
        /// When it began; now by default. With `currentPeriodEnd` for one that ran elsewhere before.
        "startAt" start_at: Option<Instant>,
        /// Until when it is paid already; nothing is charged before.
        "currentPeriodEnd" current_period_end: Option<Instant>,
        /// Discount codes in the order in which they apply, each to what the one before left.
        "discountCodes" discount_codes: Option<DiscountCodes>,
        /// Your own notes: at most 50 keys of 40 characters with texts of 500.
        "metadata" metadata: MetadataChange,
        /// `true`: changes nothing and gives a `SubscriptionPreview`.
        "preview" preview: Option<bool>,
        /// The instant to reckon with, such as that of a preview; now by default.
        "effectiveAt" effective_at: Option<Instant>,
        /// Only if this is what is to pay now, in the smallest unit.
        "expectTotal" expect_total: Option<SignedAmount>,
    }
}

input! {
    /// Which subscription.
    pub struct SubscriptionGetParams {
        /// `sub_…`
        "subscriptionId" subscription_id: SubscriptionId,
    }
}

input! {
    /// Which subscriptions to list; newest first.
    pub struct SubscriptionListParams {
        /// Only those of this customer.
        "customerId" customer_id: Option<CustomerId>,
        /// Only those with this status, or with one of these.
        "status" status: Option<OneOrMany<Phase, 9>>,
        /// Subscriptions a page: 1 to 100, as number or numeric text.
        "limit" limit: Limit,
        /// `nextCursor` of the page before, with the same filters.
        "cursor" cursor: Option<Loose<2000>>,
    }
}

input! {
    /// How far to look ahead.
    pub struct SubscriptionUpcomingParams {
        /// `sub_…`
        "subscriptionId" subscription_id: SubscriptionId,
        /// How many coming payments: 1 to 120; 1 by default.
        "periods" periods: Option<Whole<1, { MAX_UPCOMING as i64 }>>,
    }
}

answer! {
    /// One thing that is subscribed to.
    pub struct SubscriptionItem {
        /// `si_…`
        "id" id: SubscriptionItemId,
        /// What it costs; the terms of a sold price never change.
        "priceId" price_id: PriceId,
        /// Whose price it is.
        "productId" product_id: ProductId,
        /// Pieces or seats.
        "quantity" quantity: i64,
        /// The chosen option values.
        "optionIds" option_ids: Vec<OptionId>,
        /// The bundle's item that it belongs to.
        "parentItemId" parent_item_id: Option<SubscriptionItemId>,
    }
}

answer! {
    /// An item as it is going to be.
    pub struct PendingItem {
        /// The item that stays, or becomes this; `null` for a new one.
        "id" id: Option<SubscriptionItemId>,
        /// Its price then.
        "priceId" price_id: PriceId,
        /// Pieces or seats then.
        "quantity" quantity: i64,
        /// The option values then.
        "optionIds" option_ids: Vec<OptionId>,
    }
}

answer! {
    /// A change that is going to be made.
    pub struct PendingChange {
        /// When: the end of the running period.
        "at" at: Instant,
        /// All items as they are going to be; those of bundles are left out.
        "items" items: Vec<PendingItem>,
        /// What a period is going to be counted in; `null` where its length stays.
        "interval" interval: Option<UnitWord>,
        /// How many of them a period is going to be.
        "intervalCount" interval_count: Option<i64>,
    }
}

answer! {
    /// A discount code that goes on with a subscription.
    pub struct SubscriptionDiscount {
        /// The coupon: `coup_…`
        "couponId" coupon_id: CouponId,
        /// The code as it was given.
        "code" code: String,
        /// When it was redeemed.
        "redeemedAt" redeemed_at: Instant,
    }
}

answer! {
    /// A subscription. Its `status` says where it stands; what is going to happen is in `cancelAt`, `pauseAt`,
    /// `expireAt` and `pendingChange`.
    pub struct Subscription {
        /// `sub_…`
        "id" id: SubscriptionId,
        /// Always `'subscription'`.
        "object" object: SubscriptionWord,
        /// Whose.
        "customerId" customer_id: CustomerId,
        /// Where it stands. `canceled`, `expired` and `incomplete_expired` are final.
        "status" status: Phase,
        /// Whether a payment of it is being made.
        "charging" charging: bool,
        /// What is subscribed to.
        "items" items: Vec<SubscriptionItem>,
        /// ISO 4217 code.
        "currency" currency: Currency,
        /// What a period is counted in.
        "interval" interval: UnitWord,
        /// How many of them a period is.
        "intervalCount" interval_count: i64,
        /// When it began.
        "startedAt" started_at: Instant,
        /// Start of the running period, in a trial of the trial; `null` before the first. With a period that was paid
        /// ahead, `currentPeriodEnd` is the end of that.
        "currentPeriodStart" current_period_start: Option<Instant>,
        /// Its end, which is not in it.
        "currentPeriodEnd" current_period_end: Option<Instant>,
        /// Start of the trial, once there was one.
        "trialStart" trial_start: Option<Instant>,
        /// Its end.
        "trialEnd" trial_end: Option<Instant>,
        /// When the next period, or the one that ends then, is charged; `null` while nothing is going to be. Retries
        /// of a declined payment are not meant.
        "nextChargeAt" next_charge_at: Option<Instant>,
        /// When it is going to be cancelled.
        "cancelAt" cancel_at: Option<Instant>,
        /// When it is going to be paused.
        "pauseAt" pause_at: Option<Instant>,
        /// When it is going to go on after that, or after the pause that it is in; `null` until somebody says.
        "resumeAt" resume_at: Option<Instant>,
        /// When it expires by itself.
        "expireAt" expire_at: Option<Instant>,
        /// Since when it is paused.
        "pausedAt" paused_at: Option<Instant>,
        /// When it was cancelled.
        "canceledAt" canceled_at: Option<Instant>,
        /// When it ended, in whatever way.
        "endedAt" ended_at: Option<Instant>,
        /// The change that is going to be made.
        "pendingChange" pending_change: Option<PendingChange>,
        /// Discount codes that go on.
        "discounts" discounts: Vec<SubscriptionDiscount>,
        /// What pays.
        "paymentMethodId" payment_method_id: Option<PaymentMethodId>,
        /// The order that made it; `null` for one that was brought along.
        "orderId" order_id: Option<OrderId>,
        /// The order that waits for its money.
        "openOrderId" open_order_id: Option<OrderId>,
        /// Payments of periods so far.
        "paymentsCount" payments_count: i64,
        /// The last payment of a period.
        "lastPaymentAt" last_payment_at: Option<Instant>,
        /// The payment date before it was moved.
        "originNextPaymentAt" origin_next_payment_at: Option<Instant>,
        /// The test clock that it goes by.
        "testClock" test_clock: Option<ClockId>,
        /// Your own notes.
        "metadata" metadata: MetadataJson,
        /// Counts the changes, from 1.
        "version" version: i64,
        /// When it came to be.
        "createdAt" created_at: Instant,
        /// When it last changed.
        "updatedAt" updated_at: Instant,
    }
}

answer! {
    /// A coming charge.
    pub struct NextCharge {
        /// When.
        "at" at: Instant,
        /// What is to pay then, in the smallest unit.
        "total" total: i64,
        /// ISO 4217 code.
        "currency" currency: Currency,
    }
}

answer! {
    /// What a change of a subscription would cost; nothing was changed. The same call without `preview`, with
    /// `effectiveAt` and `expectTotal` of this answer, charges exactly that.
    pub struct SubscriptionPreview {
        /// Always `'subscription_preview'`.
        "object" object: SubscriptionPreviewWord,
        /// What would be due at once, line by line; the amounts sum up to `total`.
        "lines" lines: Vec<Line>,
        /// What would be to pay at once, in the smallest unit; what is below zero goes to the credit balance.
        "total" total: i64,
        /// ISO 4217 code.
        "currency" currency: Currency,
        /// The instant that it was reckoned with.
        "effectiveAt" effective_at: Instant,
        /// What would be charged next; `null` when nothing would.
        "nextCharge" next_charge: Option<NextCharge>,
    }
}
