//! Orders, payments and what belongs to them as answers.

use super::{
    billing_rows::{ClockRecord, CreditEntry, UsageEntry},
    lines,
};
use crate::{
    domain::{
        checkout,
        currency::Currency,
        decimal::Quantity,
        id::{ClockId, OrderId},
        order,
        order_item::ItemType,
        payment::{self, PaymentStatus},
        words::Locale,
    },
    error::Result,
    ops::{
        answer::{
            CheckoutSessionWord, CreditEntryWord, MetadataJson, OrderWord, PaymentWord, ReceiptWord, TestClockWord,
            UsageWord,
        },
        billing::SignedQuantity,
        checkout::CheckoutSession,
        credit,
        order::{Order, OrderDiscount, OrderItem, OrderItemTypeWord, OrderLineItem, OrderRefund, RefundStatusWord},
        payment::{Payment, Receipt, ReceiptStatusWord},
        test_clock::{ClockScopeWord, ClockStatusWord, TestClock},
        usage::{RecordedUsage, Usage, ViaWord},
    },
};

/// An order, with its reasons in words.
pub fn order(order: order::Order, locale: Locale) -> Result<Order> {
    let items = order
        .items
        .into_iter()
        .map(|item| order_item(item, order.currency, locale));
    let items = items.collect::<Result<_>>()?;
    let discounts = order.redeemed.into_iter().map(|redeemed| OrderDiscount {
        coupon_id: redeemed.coupon,
        code: redeemed.code,
        amount: redeemed.amount,
    });
    Ok(Order {
        id: order.id,
        object: OrderWord("order"),
        number: order.number,
        kind: order.kind,
        status: order.status,
        customer_id: order.customer,
        subscription_id: order.subscription,
        subscription_ids: order.made,
        checkout_session_id: order.session,
        line_items: order.cart.into_iter().map(OrderLineItem::from).collect(),
        items,
        subtotal: order.subtotal,
        discount: order.discount,
        tax: order.tax,
        total: order.total,
        refunded_amount: order.refunded,
        refunds: order.refunds.into_iter().map(OrderRefund::from).collect(),
        credit_balance_change: order.balance,
        currency: order.currency,
        discount_codes: order.codes,
        discounts: discounts.collect(),
        payment_method_id: order.method,
        payment_id: order.payment,
        attempts: order.attempts.into(),
        charging: order.charging,
        gateway: order.gateway,
        paid_at: order.paid_at,
        cancel_reason: order.cancel_reason,
        purchase_deadline: order.deadline,
        stock_held_until: order.held_until,
        test_clock: order.clock,
        metadata: MetadataJson(order.metadata),
        version: order.version,
        created_at: order.created_at,
        updated_at: order.updated_at,
    })
}

fn order_item(item: order::OrderItem, currency: Currency, locale: Locale) -> Result<OrderItem> {
    let line = lines::line(&item.line, currency, locale)?;
    Ok(OrderItem {
        id: item.id,
        kind: OrderItemTypeWord(ItemType::of(&item.line).name()),
        line_type: line.kind,
        price_id: line.price_id,
        product_id: item.product,
        subscription_item_id: line.item_id,
        quantity: line.quantity,
        amount: line.amount,
        refunded_amount: item.refunded,
        currency: line.currency,
        state: item.state,
        period_start: line.period_start,
        period_end: line.period_end,
        reason: line.reason,
        parent_item_id: item.parent,
        state_reason: item.note,
    })
}

impl From<order::Refund> for OrderRefund {
    fn from(refund: order::Refund) -> Self {
        Self {
            key: refund.key,
            payment_id: refund.payment,
            amount: refund.amount,
            reason: refund.reason,
            item_id: refund.item,
            status: RefundStatusWord(match refund.done {
                None => "pending",
                Some(true) => "succeeded",
                Some(false) => "failed",
            }),
            at: refund.at,
        }
    }
}

impl From<order::CartItem> for OrderLineItem {
    fn from(chosen: order::CartItem) -> Self {
        Self {
            price_id: chosen.price,
            product_id: chosen.product,
            option_ids: chosen.options,
            quantity: chosen.quantity,
            min_quantity: chosen.minimum,
            max_quantity: chosen.maximum,
        }
    }
}

/// A checkout session with what its order comes to. `url` is its page.
pub fn checkout_session(session: checkout::CheckoutSession, order: &order::Order, url: String) -> CheckoutSession {
    CheckoutSession {
        id: session.id,
        object: CheckoutSessionWord("checkout_session"),
        url,
        status: session.status,
        customer_id: session.customer,
        order_id: session.order,
        line_items: order.cart.iter().cloned().map(OrderLineItem::from).collect(),
        subtotal: order.subtotal,
        discount: order.discount,
        tax: order.tax,
        total: order.total,
        currency: order.currency,
        discount_codes: order.codes.clone(),
        success_url: session.success_url,
        cancel_url: session.cancel_url,
        error_url: session.error_url,
        locale: session.locale,
        expires_at: session.expires_at,
        completed_at: session.completed_at,
        test_clock: session.clock,
        metadata: MetadataJson(session.metadata),
        version: session.version,
        created_at: session.created_at,
        updated_at: session.updated_at,
    }
}

impl From<payment::Payment> for Payment {
    fn from(payment: payment::Payment) -> Self {
        let status = payment.status();
        let facts = payment.facts;
        // Money that was taken in the end makes an earlier decline a thing of the past.
        let decline = facts.declined.filter(|_| status == PaymentStatus::Failed);
        Self {
            id: payment.id,
            object: PaymentWord("payment"),
            key: payment.key,
            order_id: payment.order,
            subscription_id: payment.subscription,
            customer_id: payment.customer,
            payment_method_id: payment.method,
            gateway: payment.gateway,
            reference: facts.reference,
            amount: payment.amount,
            refunded_amount: facts.refunded,
            currency: payment.currency,
            status,
            retryable: decline.as_ref().map(|decline| !decline.hard),
            gateway_code: decline.as_ref().and_then(|decline| decline.gateway_code.clone()),
            decline_code: decline.map(|decline| decline.code),
            paid_at: facts.settled_at,
            disputed_at: facts.disputed_at,
            dispute_won_at: facts.dispute_won_at,
            test_clock: payment.clock,
            metadata: MetadataJson::default(),
            version: payment.version,
            created_at: payment.created_at,
            updated_at: payment.updated_at,
        }
    }
}

impl From<payment::Payment> for Receipt {
    fn from(payment: payment::Payment) -> Self {
        let status = match payment.status() {
            PaymentStatus::Failed => Some("failed"),
            _ if payment.facts.is_settled() => Some("complete"),
            _ => None,
        };
        Self {
            object: ReceiptWord("receipt"),
            key: payment.key,
            payment_status: status.map(ReceiptStatusWord),
            payment_date: payment.facts.settled_at,
            amount: payment.amount,
            refunded_amount: payment.facts.refunded,
            currency: payment.currency,
            payment_id: payment.id,
            order_id: payment.order,
            customer_id: payment.customer,
            gateway: payment.gateway,
        }
    }
}

impl From<CreditEntry> for credit::CreditEntry {
    fn from(entry: CreditEntry) -> Self {
        Self {
            id: entry.id,
            object: CreditEntryWord("credit_entry"),
            customer_id: entry.customer,
            amount: entry.amount,
            balance: entry.balance,
            currency: entry.currency,
            reason: entry.reason,
            order_id: entry.order,
            created_at: entry.created_at,
        }
    }
}

impl From<ClockRecord> for TestClock {
    fn from(clock: ClockRecord) -> Self {
        let moving = clock.advancing_to.is_some();
        Self {
            id: clock.id,
            object: TestClockWord("test_clock"),
            name: clock.name,
            scope: ClockScopeWord(if clock.whole_store { "store" } else { "customers" }),
            status: ClockStatusWord(if moving { "advancing" } else { "ready" }),
            now: clock.now,
            advancing_to: clock.advancing_to,
            metadata: MetadataJson::default(),
            version: clock.version,
            created_at: clock.created_at,
            updated_at: clock.updated_at,
        }
    }
}

/// Who wrote an entry; what no version of ours wrote counts as the system's.
fn via(name: &str) -> ViaWord {
    let known = ["api", "manager", "customer"].into_iter().find(|known| *known == name);
    ViaWord(known.unwrap_or("system"))
}

impl From<UsageEntry> for Usage {
    fn from(entry: UsageEntry) -> Self {
        Self {
            via: via(&entry.via),
            id: entry.id,
            object: UsageWord("usage"),
            subscription_item_id: entry.item,
            subscription_id: entry.subscription,
            record: SignedQuantity(entry.record),
            quota: SignedQuantity(entry.quota),
            at: entry.at,
            payload: entry.payload,
            created_at: entry.created_at,
        }
    }
}

/// What an entry of usage comes to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Accumulated {
    /// What was used in all.
    pub record: Quantity,
    /// What may be used in all; `None` without a limit.
    pub quota: Option<Quantity>,
    /// What the added quota costs, in the smallest unit.
    pub amount_for_quota: i64,
    /// In which currency.
    pub currency: Currency,
    /// The order that charges it.
    pub order: Option<OrderId>,
    /// Days that are left of the period.
    pub rest_days: i64,
    /// The clock that the subscription goes by.
    pub clock: Option<ClockId>,
}

/// An entry that was just made.
pub fn recorded_usage(entry: UsageEntry, accumulated: Accumulated) -> RecordedUsage {
    let entry = Usage::from(entry);
    RecordedUsage {
        id: entry.id,
        object: entry.object,
        subscription_item_id: entry.subscription_item_id,
        subscription_id: entry.subscription_id,
        record: entry.record,
        quota: entry.quota,
        accumulated_record: SignedQuantity(accumulated.record),
        accumulated_quota: accumulated.quota.map(SignedQuantity),
        amount_for_quota: accumulated.amount_for_quota,
        currency: accumulated.currency,
        order_id: accumulated.order,
        rest_days: accumulated.rest_days,
        at: entry.at,
        via: entry.via,
        payload: entry.payload,
        created_at: entry.created_at,
        test_clock: accumulated.clock,
    }
}

#[cfg(test)]
mod tests;
