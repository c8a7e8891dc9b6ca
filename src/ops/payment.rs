//! `commerce.payments`: attempts to take money, and what is known of each.
//! `commerce.sandbox`: what a gateway may say of them, for tests.

use super::{
    answer::{MetadataJson, PaymentWord, ReceiptWord, word_answer},
    catalog::{Amount, Version},
    order::ReasonText,
    param::{Limit, Loose, Text, words},
    read::{answer, input},
};
use crate::domain::{
    currency::Currency,
    id::{ClockId, CustomerId, OrderId, PaymentId, PaymentMethodId, SubscriptionId},
    instant::Instant,
    payment::PaymentStatus,
};

word_answer! {
    /// What became of a payment, for whoever waits for it.
    ReceiptStatusWord => "complete" "failed";
}

/// What the sandbox gateway is told to say.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SandboxEvent {
    /// The money was taken.
    Settled,
    /// It was not, and will not be.
    Failed,
    /// The payer's bank wants it back.
    Disputed,
    /// The bank was convinced.
    DisputeWon,
    /// All of it was given back.
    Refunded,
}

words! {
    SandboxEvent {
        "settled" => SandboxEvent::Settled, "failed" => SandboxEvent::Failed, "disputed" => SandboxEvent::Disputed,
        "dispute_won" => SandboxEvent::DisputeWon, "refunded" => SandboxEvent::Refunded,
    }
}

input! {
    /// Which payment.
    pub struct PaymentGetParams {
        /// `pay_…`
        "paymentId" payment_id: PaymentId,
    }
}

input! {
    /// Which payments to list; newest first.
    pub struct PaymentListParams {
        /// Only those of this customer.
        "customerId" customer_id: Option<CustomerId>,
        /// Only attempts to pay this order.
        "orderId" order_id: Option<OrderId>,
        /// Only those of charges of this subscription.
        "subscriptionId" subscription_id: Option<SubscriptionId>,
        /// Only those with this status.
        "status" status: Option<PaymentStatus>,
        /// Payments a page: 1 to 100, as number or numeric text.
        "limit" limit: Limit,
        /// `nextCursor` of the page before, with the same filters.
        "cursor" cursor: Option<Loose<2000>>,
    }
}

input! {
    /// What to give back of a payment.
    pub struct PaymentRefundParams {
        /// `pay_…`
        "paymentId" payment_id: PaymentId,
        /// How much, in the smallest unit; all that is left by default.
        "amount" amount: Option<Amount>,
        /// Why.
        "reason" reason: Option<ReasonText>,
        /// Only if the payment still has this version.
        "ifVersion" if_version: Version,
    }
}

input! {
    /// Which receipt.
    pub struct PaymentReceiptParams {
        /// The payment's `key`.
        "key" key: Text<200>,
    }
}

input! {
    /// What the sandbox gateway says of which payment.
    pub struct SandboxEmitParams {
        /// `pay_…`
        "paymentId" payment_id: PaymentId,
        /// What it says; as often and in whatever order a test wants.
        "event" event: SandboxEvent,
    }
}

answer! {
    /// An attempt to take money.
    pub struct Payment {
        /// `pay_…`
        "id" id: PaymentId,
        /// Always `'payment'`.
        "object" object: PaymentWord,
        /// Under which the gateway knows it, and a receipt is asked for.
        "key" key: String,
        /// What it pays.
        "orderId" order_id: OrderId,
        /// The subscription that the order is a charge of.
        "subscriptionId" subscription_id: Option<SubscriptionId>,
        /// Who pays.
        "customerId" customer_id: CustomerId,
        /// With what.
        "paymentMethodId" payment_method_id: Option<PaymentMethodId>,
        /// The gateway's name.
        "gateway" gateway: String,
        /// The gateway's own name for it.
        "reference" reference: Option<String>,
        /// In the currency's smallest unit.
        "amount" amount: i64,
        /// What of it was given back.
        "refundedAmount" refunded_amount: i64,
        /// ISO 4217 code.
        "currency" currency: Currency,
        /// What is known of it. An `unknown` one is being looked up, and is never sent again blindly.
        "status" status: PaymentStatus,
        /// Why it failed, in our words, such as `insufficient_funds`.
        "declineCode" decline_code: Option<String>,
        /// Why it failed, in the gateway's words.
        "gatewayCode" gateway_code: Option<String>,
        /// Whether the same payment method may succeed later; `null` unless it failed.
        "retryable" retryable: Option<bool>,
        /// When the money was taken.
        "paidAt" paid_at: Option<Instant>,
        /// When the payer's bank wanted it back.
        "disputedAt" disputed_at: Option<Instant>,
        /// When the bank was convinced.
        "disputeWonAt" dispute_won_at: Option<Instant>,
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
    /// What became of a payment.
    pub struct Receipt {
        /// Always `'receipt'`.
        "object" object: ReceiptWord,
        /// The payment's key.
        "key" key: String,
        /// `'complete'` once the money was taken, `'failed'` when it will not be, `null` while that is open.
        "paymentStatus" payment_status: Option<ReceiptStatusWord>,
        /// When the money was taken.
        "paymentDate" payment_date: Option<Instant>,
        /// In the currency's smallest unit.
        "amount" amount: i64,
        /// What of it was given back.
        "refundedAmount" refunded_amount: i64,
        /// ISO 4217 code.
        "currency" currency: Currency,
        /// The payment: `pay_…`
        "paymentId" payment_id: PaymentId,
        /// What it pays: `ord_…`
        "orderId" order_id: OrderId,
        /// Who pays: `cus_…`
        "customerId" customer_id: CustomerId,
        /// The gateway's name.
        "gateway" gateway: String,
    }
}
