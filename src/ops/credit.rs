//! `commerce.creditBalance`: what a customer has left to spend on orders.

use super::{
    answer::{CreditBalanceWord, CreditEntryWord},
    billing::SignedAmount,
    order::ReasonText,
    param::{Limit, Loose},
    read::{answer, input},
};
use crate::domain::{
    currency::Currency,
    id::{CreditId, CustomerId, OrderId},
    instant::Instant,
};

input! {
    /// Whose credit balance, in which currency.
    pub struct CreditBalanceGetParams {
        /// `cus_…`
        "customerId" customer_id: CustomerId,
        /// ISO 4217 code.
        "currency" currency: Currency,
    }
}

input! {
    /// How a credit balance changes.
    pub struct CreditBalanceAdjustParams {
        /// `cus_…`
        "customerId" customer_id: CustomerId,
        /// What comes on top, in the smallest unit; below zero for what is taken away. The balance never goes below
        /// zero.
        "amount" amount: SignedAmount,
        /// ISO 4217 code.
        "currency" currency: Currency,
        /// Why; the customer may read it.
        "reason" reason: ReasonText,
    }
}

input! {
    /// Which entries of a credit balance to list; newest first.
    pub struct CreditBalanceListParams {
        /// `cus_…`
        "customerId" customer_id: CustomerId,
        /// Only those in this currency.
        "currency" currency: Option<Currency>,
        /// Entries a page: 1 to 100, as number or numeric text.
        "limit" limit: Limit,
        /// `nextCursor` of the page before, with the same filters.
        "cursor" cursor: Option<Loose<2000>>,
    }
}

answer! {
    /// What a customer has left to spend; the next orders take it by themselves.
    pub struct CreditBalance {
        /// Always `'credit_balance'`.
        "object" object: CreditBalanceWord,
        /// Whose.
        "customerId" customer_id: CustomerId,
        /// In the currency's smallest unit.
        "amount" amount: i64,
        /// ISO 4217 code.
        "currency" currency: Currency,
    }
}

answer! {
    /// An entry of a credit balance; it is never changed.
    pub struct CreditEntry {
        /// `crd_…`
        "id" id: CreditId,
        /// Always `'credit_entry'`.
        "object" object: CreditEntryWord,
        /// Whose.
        "customerId" customer_id: CustomerId,
        /// What came, in the smallest unit; below zero for what went.
        "amount" amount: i64,
        /// What was there after it.
        "balance" balance: i64,
        /// ISO 4217 code.
        "currency" currency: Currency,
        /// Why.
        "reason" reason: String,
        /// The order that it comes from, or was spent on.
        "orderId" order_id: Option<OrderId>,
        /// When.
        "createdAt" created_at: Instant,
    }
}
