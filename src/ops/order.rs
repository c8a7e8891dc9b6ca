//! `commerce.orders`: what gets paid.

use super::{
    answer::{MetadataJson, OrderWord, PayLinkWord, word_answer},
    billing::{PageUrl, Pieces, SignedAmount},
    catalog::{Amount, Decimal, Version},
    checkout::DiscountCodes,
    param::{Items, Limit, Loose, MetadataChange, Text, Whole},
    payment_method::CardParam,
    preview::{LineReason, LineTypeWord},
    read::{answer, input},
};
use crate::domain::{
    catalog::price::MAX_AMOUNT,
    currency::Currency,
    id::{
        CheckoutSessionId, ClockId, CouponId, CustomerId, OptionId, OrderId, OrderItemId, PaymentId, PaymentMethodId,
        PriceId, ProductId, SubscriptionId, SubscriptionItemId,
    },
    instant::Instant,
    order::{OrderStatus, OrderType},
    order_item::ItemState,
    pricing::purchase::MAX_ITEMS,
    words::Locale,
};

/// Why somebody does something, in words.
pub type ReasonText = Text<500>;

word_answer! {
    /// What an item of an order is.
    OrderItemTypeWord => "sku" "tax" "fee" "shipping" "discount" "adds";
    /// What became of a refund.
    RefundStatusWord => "pending" "succeeded" "failed";
}

input! {
    /// A thing to order.
    pub struct OrderItemInput {
        /// The price: `var_…`
        "priceId" price_id: PriceId,
        /// The chosen option values, one of each option of the product: `opt_…`.
        "optionIds" option_ids: Option<Items<OptionId, 20>>,
        /// Pieces or seats; `minQuantity` by default.
        "quantity" quantity: Option<Pieces>,
        /// Fewest that the payer may choose; 1 by default.
        "minQuantity" min_quantity: Option<Pieces>,
        /// Most that the payer may choose; as the price says by default.
        "maxQuantity" max_quantity: Option<Pieces>,
    }
}

input! {
    /// An order to be.
    pub struct OrderCreateParams {
        /// Who pays: `cus_…`
        "customerId" customer_id: CustomerId,
        /// What is ordered, once or every period, all in one currency.
        "items" items: Items<OrderItemInput, MAX_ITEMS>,
        /// Discount codes in the order in which they apply, each to what the one before left.
        "discountCodes" discount_codes: Option<DiscountCodes>,
        /// Until when it can be paid; for ever by default.
        "purchaseDeadline" purchase_deadline: Option<Instant>,
        /// The only gateway that it may be paid with.
        "gateway" gateway: Option<Text<40>>,
        /// Your own notes: at most 50 keys of 40 characters with texts of 500.
        "metadata" metadata: MetadataChange,
    }
}

input! {
    /// Which order; by id or by number.
    pub struct OrderGetParams {
        /// `ord_…`
        "orderId" order_id: Option<OrderId>,
        /// Its running number in the store.
        "number" number: Option<Whole<1, MAX_AMOUNT>>,
    }
}

input! {
    /// Which orders to list; newest first.
    pub struct OrderListParams {
        /// Only those of this customer.
        "customerId" customer_id: Option<CustomerId>,
        /// Only charges of this subscription, and the order that made it.
        "subscriptionId" subscription_id: Option<SubscriptionId>,
        /// Only those of this type.
        "type" kind: Option<OrderType>,
        /// Only those with this status.
        "status" status: Option<OrderStatus>,
        /// Orders a page: 1 to 100, as number or numeric text.
        "limit" limit: Limit,
        /// `nextCursor` of the page before, with the same filters.
        "cursor" cursor: Option<Loose<2000>>,
    }
}

input! {
    /// How to pay an order: with a card, a stored payment method, or the customer's default one.
    pub struct OrderPayParams {
        /// `ord_…`
        "orderId" order_id: OrderId,
        /// A payment method of the customer: `pm_…`
        "paymentMethodId" payment_method_id: Option<PaymentMethodId>,
        /// A card, which becomes a payment method of the customer.
        "card" card: Option<CardParam>,
        /// Only if this is what is to pay, in the smallest unit.
        "expectTotal" expect_total: Option<SignedAmount>,
        /// Only if the order still has this version.
        "ifVersion" if_version: Version,
    }
}

input! {
    /// For which order a page is wanted, and where it leads to.
    pub struct OrderPayLinkParams {
        /// `ord_…`
        "orderId" order_id: OrderId,
        /// Where the payer comes out after paying; `order_code`, `order_id` and `status` are appended.
        "successUrl" success_url: Option<PageUrl>,
        /// Where the payer comes out when paying failed.
        "errorUrl" error_url: Option<PageUrl>,
        /// Where the payer comes out without having paid.
        "cancelUrl" cancel_url: Option<PageUrl>,
        /// The page's language: `'en'` or `'ko'`; that of the browser by default.
        "locale" locale: Option<Locale>,
    }
}

input! {
    /// Which order to give up.
    pub struct OrderCancelParams {
        /// `ord_…`
        "orderId" order_id: OrderId,
        /// Why.
        "reason" reason: Option<ReasonText>,
        /// Only if the order still has this version.
        "ifVersion" if_version: Version,
    }
}

input! {
    /// What to give back of an order.
    pub struct OrderRefundParams {
        /// `ord_…`
        "orderId" order_id: OrderId,
        /// How much, in the smallest unit; all that is left by default.
        "amount" amount: Option<Amount>,
        /// Why.
        "reason" reason: Option<ReasonText>,
        /// Only for this item: `oi_…`
        "itemId" item_id: Option<OrderItemId>,
        /// Only if the order still has this version.
        "ifVersion" if_version: Version,
    }
}

input! {
    /// Where an item of an order goes from here.
    pub struct OrderUpdateItemParams {
        /// `ord_…`
        "orderId" order_id: OrderId,
        /// The item: `oi_…`
        "itemId" item_id: OrderItemId,
        /// What it becomes: one of the states that may follow.
        "state" state: ItemState,
        /// Why.
        "reason" reason: Option<ReasonText>,
        /// Only if the order still has this version.
        "ifVersion" if_version: Version,
    }
}

answer! {
    /// A thing that was chosen.
    pub struct OrderLineItem {
        /// The price: `var_…`
        "priceId" price_id: PriceId,
        /// Whose price it is: `prod_…`
        "productId" product_id: ProductId,
        /// The chosen option values.
        "optionIds" option_ids: Vec<OptionId>,
        /// Pieces or seats; what the payer has chosen so far.
        "quantity" quantity: i64,
        /// Fewest that the payer may choose.
        "minQuantity" min_quantity: i64,
        /// Most that the payer may choose; `null` without a limit of its own.
        "maxQuantity" max_quantity: Option<i64>,
    }
}

answer! {
    /// One line of an order with its own life: it is delivered, sent back, refunded.
    pub struct OrderItem {
        /// `oi_…`
        "id" id: OrderItemId,
        /// What it is.
        "type" kind: OrderItemTypeWord,
        /// What its amount is about.
        "lineType" line_type: LineTypeWord,
        /// The price that it comes from.
        "priceId" price_id: Option<PriceId>,
        /// Whose price it is.
        "productId" product_id: Option<ProductId>,
        /// The subscription item that it is for; `null` before there is one.
        "subscriptionItemId" subscription_item_id: Option<SubscriptionItemId>,
        /// Pieces, seats or units; a text where it is no whole number.
        "quantity" quantity: Decimal,
        /// In the currency's smallest unit; negative where something is taken off.
        "amount" amount: i64,
        /// What of it was given back.
        "refundedAmount" refunded_amount: i64,
        /// ISO 4217 code.
        "currency" currency: Currency,
        /// Where it stands.
        "state" state: ItemState,
        /// Start of the span that is paid for.
        "periodStart" period_start: Option<Instant>,
        /// End of the span, which is not in it.
        "periodEnd" period_end: Option<Instant>,
        /// Why the amount is what it is.
        "reason" reason: LineReason,
        /// The bundle's item that it belongs to.
        "parentItemId" parent_item_id: Option<OrderItemId>,
        /// Why somebody moved it to where it stands.
        "stateReason" state_reason: Option<String>,
    }
}

answer! {
    /// A discount code that counts as redeemed.
    pub struct OrderDiscount {
        /// The coupon: `coup_…`
        "couponId" coupon_id: CouponId,
        /// The code as it was given.
        "code" code: String,
        /// What it took off, in the smallest unit; not below zero.
        "amount" amount: i64,
    }
}

answer! {
    /// Money that goes back, or went.
    pub struct OrderRefund {
        /// Under which the gateway knows it.
        "key" key: String,
        /// The payment that it is of.
        "paymentId" payment_id: PaymentId,
        /// In the smallest unit.
        "amount" amount: i64,
        /// Why.
        "reason" reason: Option<String>,
        /// The one item that it is for.
        "itemId" item_id: Option<OrderItemId>,
        /// Whether the gateway has done it.
        "status" status: RefundStatusWord,
        /// When it was asked for.
        "at" at: Instant,
    }
}

answer! {
    /// An order: what gets paid.
    pub struct Order {
        /// `ord_…`
        "id" id: OrderId,
        /// Always `'order'`.
        "object" object: OrderWord,
        /// Running number in the store; gaps are normal.
        "number" number: i64,
        /// What it is for: a single charge, the first of subscriptions, a further one, another payment method, or more
        /// quota.
        "type" kind: OrderType,
        /// Where it stands.
        "status" status: OrderStatus,
        /// Who pays.
        "customerId" customer_id: CustomerId,
        /// The subscription that it is a further charge of.
        "subscriptionId" subscription_id: Option<SubscriptionId>,
        /// The subscriptions that paying it made.
        "subscriptionIds" subscription_ids: Vec<SubscriptionId>,
        /// The checkout session that it belongs to.
        "checkoutSessionId" checkout_session_id: Option<CheckoutSessionId>,
        /// What was chosen; empty where `items` say it all.
        "lineItems" line_items: Vec<OrderLineItem>,
        /// Its lines; the amounts sum up to `total`.
        "items" items: Vec<OrderItem>,
        /// Before discounts and taxes on top, in the smallest unit.
        "subtotal" subtotal: i64,
        /// What is taken off; not below zero.
        "discount" discount: i64,
        /// Taxes, on top or contained.
        "tax" tax: i64,
        /// What is to pay, or was paid, in the smallest unit.
        "total" total: i64,
        /// What of it was given back.
        "refundedAmount" refunded_amount: i64,
        /// What was asked to be given back.
        "refunds" refunds: Vec<OrderRefund>,
        /// What the customer's credit balance changed by: spent below zero, gained above.
        "creditBalanceChange" credit_balance_change: i64,
        /// ISO 4217 code.
        "currency" currency: Currency,
        /// Discount codes in the order they were given.
        "discountCodes" discount_codes: Vec<String>,
        /// Codes that count as redeemed, once it is paid.
        "discounts" discounts: Vec<OrderDiscount>,
        /// What is going to pay, or has paid.
        "paymentMethodId" payment_method_id: Option<PaymentMethodId>,
        /// The latest attempt to pay it.
        "paymentId" payment_id: Option<PaymentId>,
        /// How many attempts there were.
        "attempts" attempts: i64,
        /// Whether an attempt is under way.
        "charging" charging: bool,
        /// The only gateway that it may be paid with.
        "gateway" gateway: Option<String>,
        /// When it was paid; `null` until it is.
        "paidAt" paid_at: Option<Instant>,
        /// Why it was given up.
        "cancelReason" cancel_reason: Option<String>,
        /// Until when it can be paid.
        "purchaseDeadline" purchase_deadline: Option<Instant>,
        /// Until when its pieces are kept for the payer.
        "stockHeldUntil" stock_held_until: Option<Instant>,
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
    /// Where an order can be paid.
    pub struct PayLink {
        /// Always `'pay_link'`.
        "object" object: PayLinkWord,
        /// Where to send the payer. Whoever has the address may pay.
        "url" url: String,
    }
}
