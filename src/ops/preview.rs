//! `commerce.preview`: what a purchase would cost, now and later.

use super::{
    answer::{AnyJson, word_answer},
    catalog::Decimal,
    param::{Items, Loose, Whole, words},
    read::{answer, input},
};
use crate::domain::{
    catalog::coupon::MAX_CODE_CHARACTERS,
    currency::Currency,
    id::{CustomerId, OptionId, PriceId, SubscriptionItemId},
    instant::Instant,
    pricing::purchase::{MAX_ITEMS, MAX_UPCOMING},
    words::Locale,
};

words! {
    Locale { "en" => Locale::En, "ko" => Locale::Ko }
}

word_answer! {
    /// What a line is about.
    LineTypeWord => "price" "usage" "setup_fee" "shipping" "discount" "tax" "proration_credit" "proration_charge"
        "credit" "adjustment";
    /// How a code takes something off.
    DiscountTypeWord => "percentage" "fixed_amount";
    /// `'preview'`.
    PreviewWord => "preview";
}

/// Most discount codes of a purchase.
pub const MAX_CODES: usize = 20;

input! {
    /// One thing to buy.
    pub struct LineItemInput {
        /// The price: `var_…`. `priceId` is the same.
        "variantId" variant_id: Option<PriceId>,
        /// The price: `var_…`.
        "priceId" price_id: Option<PriceId>,
        /// Pieces or seats; 1 by default.
        "quantity" quantity: Option<Whole<1, 1000000000>>,
        /// The chosen option values, one of each option of the product: `opt_…`.
        "options" options: Option<Items<OptionId, 20>>,
    }
}

input! {
    /// A purchase to look at.
    pub struct PreviewParams {
        /// Who would buy: decides the price of a first purchase, codes once per customer, and taxes by country.
        "customerId" customer_id: Option<CustomerId>,
        /// What would be bought, all in one currency.
        "lineItems" line_items: Items<LineItemInput, MAX_ITEMS>,
        /// Discount codes in the order in which they apply, each to what the one before left.
        "discountCodes" discount_codes: Option<Items<Loose<MAX_CODE_CHARACTERS>, MAX_CODES>>,
        /// How many coming payments to show: 0 to 120; 1 by default.
        "periods" periods: Option<Whole<0, { MAX_UPCOMING as i64 }>>,
        /// Language of the reasons' texts, `'en'` or `'ko'`; the store's `locale` by default.
        "locale" locale: Option<Locale>,
    }
}

answer! {
    /// Why an amount is what it is.
    pub struct LineReason {
        /// What kind of reason, such as `usage_graduated`.
        "code" code: String,
        /// What the text is made of; its members depend on the code.
        "params" params: AnyJson,
        /// In words, in the language that was asked for.
        "text" text: String,
    }
}

answer! {
    /// One line of a purchase, an order or a coming charge.
    pub struct Line {
        /// What it is about.
        "type" kind: LineTypeWord,
        /// The price that it comes from.
        "priceId" price_id: Option<PriceId>,
        /// The subscription item that it is for; `null` before there is one.
        "itemId" item_id: Option<SubscriptionItemId>,
        /// Pieces, seats or units; a text where it is no whole number.
        "quantity" quantity: Decimal,
        /// In the currency's smallest unit; negative where something is taken off.
        "amount" amount: i64,
        /// ISO 4217 code.
        "currency" currency: Currency,
        /// Start of the span that is paid for.
        "periodStart" period_start: Option<Instant>,
        /// End of the span, which is not in it.
        "periodEnd" period_end: Option<Instant>,
        /// Why the amount is what it is.
        "reason" reason: LineReason,
    }
}

answer! {
    /// A discount code that applies.
    pub struct PreviewDiscount {
        /// The code as it was given.
        "code" code: String,
        /// Percentage or fixed amount.
        "type" kind: DiscountTypeWord,
        /// The percentage, or the amount in the smallest unit; a text where it is no whole number.
        "value" value: Decimal,
        /// What people read.
        "description" description: Option<String>,
        /// What it takes off now, in the smallest unit; not below zero.
        "amount" amount: i64,
        /// What was left before this code.
        "before" before: i64,
    }
}

answer! {
    /// In two languages.
    pub struct Message {
        /// English.
        "en" en: String,
        /// Korean.
        "ko" ko: String,
    }
}

answer! {
    /// A discount code that does not apply; it never fails the call.
    pub struct InvalidDiscount {
        /// The code as it was given.
        "code" code: String,
        /// Why, such as `expired`.
        "reason" reason: String,
        /// Why, for people.
        "message" message: Message,
    }
}

answer! {
    /// A coming payment.
    pub struct UpcomingCharge {
        /// When.
        "at" at: Instant,
        /// What it is made of.
        "lines" lines: Vec<Line>,
        /// What is to pay then, in the smallest unit.
        "total" total: i64,
        /// ISO 4217 code.
        "currency" currency: Currency,
    }
}

answer! {
    /// What a purchase would cost. Nothing was changed.
    pub struct Preview {
        /// Always `'preview'`.
        "object" object: PreviewWord,
        /// What is due now, line by line; the amounts sum up to `total`.
        "lines" lines: Vec<Line>,
        /// Before discounts and taxes on top.
        "subtotal" subtotal: i64,
        /// What is taken off; not below zero.
        "discount" discount: i64,
        /// Taxes: on top, or contained where prices include them (`taxInclusive`).
        "tax" tax: i64,
        /// Whether prices include the taxes.
        "taxInclusive" tax_inclusive: bool,
        /// What is to pay now, in the smallest unit.
        "total" total: i64,
        /// ISO 4217 code.
        "currency" currency: Currency,
        /// The codes that apply, in their order.
        "discounts" discounts: Vec<PreviewDiscount>,
        /// The codes that do not.
        "invalidDiscounts" invalid_discounts: Vec<InvalidDiscount>,
        /// Coming payments, in order.
        "upcoming" upcoming: Vec<UpcomingCharge>,
    }
}
