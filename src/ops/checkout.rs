//! `commerce.checkout` and `commerce.checkoutSessions`: a purchase on its way
//! to be paid on a page.

use super::{
    answer::{CheckoutSessionWord, MetadataJson},
    billing::{PageUrl, Pieces, TrialChoice},
    catalog::Version,
    order::OrderLineItem,
    param::{Items, Limit, Loose, MetadataChange, Text},
    payment_method::CardParam,
    preview::{LineItemInput, MAX_CODES},
    read::{answer, input},
};
use crate::domain::{
    catalog::coupon::MAX_CODE_CHARACTERS,
    checkout::SessionStatus,
    currency::Currency,
    email::Email,
    id::{CheckoutSessionId, ClockId, CustomerId, OrderId, PaymentMethodId, PriceId},
    instant::Instant,
    pricing::purchase::MAX_ITEMS,
    words::Locale,
};

/// A discount code as somebody types it.
pub type DiscountCode = Loose<MAX_CODE_CHARACTERS>;
/// Discount codes in the order in which they apply.
pub type DiscountCodes = Items<DiscountCode, MAX_CODES>;

input! {
    /// Who buys, by e-mail address: the customer that holds it, or a new one.
    pub struct CheckoutCustomerInput {
        /// E-mail address; the same address in any case is the same customer.
        "email" email: Email,
        /// Full name of a new customer.
        "name" name: Option<Text<255>>,
    }
}

input! {
    /// A purchase to be paid on a page.
    pub struct CheckoutParams {
        /// Who buys: `cus_…`. This or `customer`.
        "customerId" customer_id: Option<CustomerId>,
        /// Who buys, by e-mail address. This or `customerId`.
        "customer" customer: Option<CheckoutCustomerInput>,
        /// What is bought, once or every period, all in one currency.
        "lineItems" line_items: Items<LineItemInput, MAX_ITEMS>,
        /// Where the payer comes out after paying; `order_code`, `order_id` and `status` are appended. Ask for the
        /// session or the order before you deliver: an address proves nothing.
        "successUrl" success_url: PageUrl,
        /// Where the payer comes out without having paid.
        "cancelUrl" cancel_url: Option<PageUrl>,
        /// A discount code; short for `discountCodes` with one.
        "promotionCode" promotion_code: Option<DiscountCode>,
        /// Discount codes in the order in which they apply, each to what the one before left.
        "discountCodes" discount_codes: Option<DiscountCodes>,
        /// A trial of what recurs: `{ interval, count }` or `{ end }`, `false` or `null` for none; that of the product
        /// by default.
        "trial" trial: TrialChoice,
        /// Until when it can be paid; as long as the setting `incompleteHours` says by default.
        "expiresAt" expires_at: Option<Instant>,
        /// The page's language: `'en'` or `'ko'`; that of the browser by default.
        "locale" locale: Option<Locale>,
        /// Your own notes: at most 50 keys of 40 characters with texts of 500.
        "metadata" metadata: MetadataChange,
    }
}

input! {
    /// Which checkout session.
    pub struct CheckoutSessionGetParams {
        /// `cs_…`
        "checkoutSessionId" checkout_session_id: CheckoutSessionId,
    }
}

input! {
    /// Which checkout sessions to list; newest first.
    pub struct CheckoutSessionListParams {
        /// Only those of this customer.
        "customerId" customer_id: Option<CustomerId>,
        /// Sessions a page: 1 to 100, as number or numeric text.
        "limit" limit: Limit,
        /// `nextCursor` of the page before, with the same filters.
        "cursor" cursor: Option<Loose<2000>>,
    }
}

input! {
    /// Which checkout session to close.
    pub struct CheckoutSessionExpireParams {
        /// `cs_…`
        "checkoutSessionId" checkout_session_id: CheckoutSessionId,
        /// Only if the session still has this version.
        "ifVersion" if_version: Version,
    }
}

input! {
    /// How many of one price.
    pub struct QuantityInput {
        /// The price: `var_…`
        "priceId" price_id: PriceId,
        /// Pieces or seats, as many as the line item allows.
        "quantity" quantity: Pieces,
    }
}

input! {
    /// What a payer would do on the page.
    pub struct CheckoutSessionCompleteParams {
        /// `cs_…`
        "checkoutSessionId" checkout_session_id: CheckoutSessionId,
        /// The card to pay with. This or `paymentMethodId`; neither where nothing is to pay.
        "card" card: Option<CardParam>,
        /// A payment method of the customer: `pm_…`
        "paymentMethodId" payment_method_id: Option<PaymentMethodId>,
        /// Pieces or seats of the only line item.
        "quantity" quantity: Option<Pieces>,
        /// The same where there are several line items.
        "quantities" quantities: Option<Items<QuantityInput, MAX_ITEMS>>,
        /// A discount code; short for `discountCodes` with one.
        "promotionCode" promotion_code: Option<DiscountCode>,
        /// Discount codes in the place of those that the session has.
        "discountCodes" discount_codes: Option<DiscountCodes>,
    }
}

answer! {
    /// A checkout session: a purchase that waits for its payer on a page.
    pub struct CheckoutSession {
        /// `cs_…`
        "id" id: CheckoutSessionId,
        /// Always `'checkout_session'`.
        "object" object: CheckoutSessionWord,
        /// Where to send the payer. Whoever has the address may pay.
        "url" url: String,
        /// Whether it can be paid, was, or cannot be any more.
        "status" status: SessionStatus,
        /// Who pays.
        "customerId" customer_id: CustomerId,
        /// What is paid.
        "orderId" order_id: OrderId,
        /// What was chosen.
        "lineItems" line_items: Vec<OrderLineItem>,
        /// Before discounts and taxes on top, in the smallest unit.
        "subtotal" subtotal: i64,
        /// What is taken off; not below zero.
        "discount" discount: i64,
        /// Taxes, on top or contained.
        "tax" tax: i64,
        /// What is to pay, in the smallest unit.
        "total" total: i64,
        /// ISO 4217 code.
        "currency" currency: Currency,
        /// Discount codes that were given.
        "discountCodes" discount_codes: Vec<String>,
        /// Where the payer comes out after paying; the page itself says so when empty.
        "successUrl" success_url: String,
        /// Where the payer comes out without having paid.
        "cancelUrl" cancel_url: Option<String>,
        /// Where the payer comes out when paying failed; the page itself says so when `null`.
        "errorUrl" error_url: Option<String>,
        /// The page's language; that of the browser when `null`.
        "locale" locale: Option<Locale>,
        /// Until when it can be paid.
        "expiresAt" expires_at: Instant,
        /// When it was paid.
        "completedAt" completed_at: Option<Instant>,
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
