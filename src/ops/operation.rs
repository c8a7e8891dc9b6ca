//! The list of operations. napi methods, HTTP routes, the remote client and
//! the OpenAPI document all come from here.

use serde_json::{Value, json};

use super::{
    check, checkout, coupon, credit, custom_field, customer, event, feature, forecast, order, payment, payment_method,
    preview, price, product,
    read::Input,
    settings,
    shape::{Shape, paragraph},
    signup_form, store, subscription, subscription_change, test_clock, usage,
};
use crate::error::{Code, Result};

/// Whether an operation changes anything.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Effect {
    /// It does not; idempotency keys are ignored.
    Read,
    /// It does; it takes an idempotency key, and a read-only key may not call it.
    Write,
}

/// What comes back.
#[derive(Debug, Clone, Copy)]
pub enum Output {
    /// One object.
    One(&'static Shape),
    /// One object; with the parameter `preview` the second one, and nothing is changed.
    Previewable(&'static Shape, &'static Shape),
    /// A page of objects.
    Page(&'static Shape),
    /// A file's bytes.
    File,
    /// Objects as they come to be, without an end.
    Stream(&'static Shape),
}

/// One operation.
#[derive(Debug)]
pub struct Operation {
    /// `noun.verb`, as in `proyecta.commerce.noun.verb`.
    pub name: &'static str,
    /// What it is for.
    pub doc: &'static [&'static str],
    /// HTTP method.
    pub method: &'static str,
    /// HTTP path; `{…}` stands for the id.
    pub path: &'static str,
    /// A second path to the same operation, which the documentation leaves out.
    pub alias: Option<&'static str>,
    /// Reads or writes.
    pub effect: Effect,
    /// The parameter that may also come first on its own.
    pub id_param: Option<&'static str>,
    /// A file comes with the input.
    pub upload: bool,
    /// A payment gateway is asked, which may decline a card or not answer.
    pub gateway: bool,
    /// The input holds what must not be kept, such as a card's number.
    pub secret: bool,
    /// What it takes.
    pub input: &'static Shape,
    /// What it gives.
    pub output: Output,
}

/// The nouns that operations are named after, in the documentation's order,
/// with what each is.
pub const NOUNS: &[(&str, &str)] = &[
    (
        "customers",
        "Whoever is charged: a person, an organisation, or a project.",
    ),
    (
        "customFields",
        "What a store asks of its customers beyond the basics; the values lie in `attributes`.",
    ),
    (
        "signupForm",
        "What a sign-up page asks for, and taking what a person filled in.",
    ),
    (
        "products",
        "What is sold: a product with its prices, options and the features it gives.",
    ),
    (
        "prices",
        "What a product costs: once, every period, by usage or by seats. Also reached as `variants`, with the same operations below `/v1/variants`.",
    ),
    (
        "features",
        "What a product gives to those who pay for it; your code asks for a feature by its id.",
    ),
    ("coupons", "What a discount code takes off."),
    ("preview", "What a purchase would cost, before anybody pays."),
    (
        "paymentMethods",
        "Cards that customers pay with. A card's number goes straight to the gateway and is kept nowhere.",
    ),
    (
        "checkout",
        "A purchase that a customer pays on a page, once or every period.",
    ),
    (
        "checkoutSessions",
        "Purchases that wait for their payer on a page. On a test store your code can pay them itself.",
    ),
    (
        "orders",
        "What gets paid: single charges, first and further ones of subscriptions.",
    ),
    ("payments", "Attempts to take money, and what is known of each."),
    (
        "subscriptions",
        "What a customer pays for again and again. They renew by themselves; every change can be previewed.",
    ),
    (
        "usages",
        "What was used of a price that counts, and how much may be used.",
    ),
    (
        "creditBalance",
        "What a customer has left to spend, in each currency. The next orders take it by themselves.",
    ),
    ("check", "Whether a customer may use a feature."),
    ("forecast", "What a store is going to charge."),
    (
        "testClocks",
        "Time that tests move: years of subscriptions in seconds. On test stores only.",
    ),
    (
        "sandbox",
        "What the built-in test gateway says of a payment. On test stores only.",
    ),
    ("events", "What happened, in order and without gaps."),
    (
        "settings",
        "What a store decides for itself: its policies, taxes and time zone, and what pages say about it.",
    ),
    ("store", "The tenant that an API key belongs to."),
];

/// Nouns that have a second name, with the noun they stand for.
pub const NOUN_ALIASES: &[(&str, &str)] = &[("variants", "prices")];

macro_rules! operations {
    ($($(#[doc = $doc:literal])+ $variant:ident $name:literal $method:literal $path:literal $(= $alias:literal)? $effect:ident $([$id:literal])? $($mark:ident)? ($input:ty) -> $output:expr;)*) => {
        /// Every operation.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum Op { $($(#[doc = $doc])+ $variant,)* }

        impl Op {
            /// All of them; the place in this list is the number that the
            /// addon's boundary uses.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];

            /// The declaration.
            pub fn declaration(self) -> &'static Operation {
                match self {
                    $(Self::$variant => {
                        static INPUT: Shape = <$input as Input>::SHAPE;
                        static DECLARATION: Operation = Operation {
                            name: $name,
                            doc: &[$($doc),+],
                            method: $method,
                            path: $path,
                            alias: operations!(@id $($alias)?),
                            effect: Effect::$effect,
                            id_param: operations!(@id $($id)?),
                            upload: operations!(@upload $($mark)?),
                            gateway: operations!(@gateway $($mark)?),
                            secret: <$input as Input>::SHAPE.has_secrets(),
                            input: &INPUT,
                            output: $output,
                        };
                        &DECLARATION
                    })*
                }
            }

            /// Checks an input without doing anything with it.
            pub fn check(self, input: Value) -> Result<()> {
                match self {
                    $(Self::$variant => <$input as Input>::read_input(input).map(drop),)*
                }
            }
        }
    };
    (@id) => { None };
    (@id $id:literal) => { Some($id) };
    (@upload upload) => { true };
    (@upload $($mark:ident)?) => { false };
    (@gateway gateway) => { true };
    (@gateway $($mark:ident)?) => { false };
}

operations! {
    /// Creates a customer, or gives back the one that already holds the e-mail address, unchanged.
    ///
    /// Safe to call at every sign-up and every login: the same address, in whatever case, is one customer,
    /// under any concurrency and from any number of processes.
    CustomersCreate "customers.create" "POST" "/v1/customers" Write (customer::CustomerCreateParams) -> Output::One(&customer::Customer::SHAPE);

    /// Gets a customer by its id, or by your own `key`.
    CustomersGet "customers.get" "GET" "/v1/customers/{customerId}" Read ["customerId"] (customer::CustomerGetParams) -> Output::One(&customer::Customer::SHAPE);

    /// Lists customers, newest first unless `sort` says otherwise.
    CustomersList "customers.list" "GET" "/v1/customers" Read (customer::CustomerListParams) -> Output::Page(&customer::Customer::SHAPE);

    /// Changes what it is given and leaves the rest: `address` and `shipping` are replaced as a whole,
    /// `metadata` and `attributes` key by key; `null` clears.
    CustomersUpdate "customers.update" "PATCH" "/v1/customers/{customerId}" Write ["customerId"] (customer::CustomerUpdateParams) -> Output::One(&customer::Customer::SHAPE);

    /// Deletes a customer and erases its personal data everywhere, in events too. The id is never used again.
    CustomersDelete "customers.delete" "DELETE" "/v1/customers/{customerId}" Write ["customerId"] (customer::CustomerDeleteParams) -> Output::One(&customer::DeletedCustomer::SHAPE);

    /// Notes that the customer logged in just now; a dormant customer wakes up.
    CustomersRecordLogin "customers.recordLogin" "POST" "/v1/customers/{customerId}/record-login" Write ["customerId"] (customer::CustomerRecordLoginParams) -> Output::One(&customer::Customer::SHAPE);

    /// Checks a password against the stored hash. It takes a while on purpose.
    CustomersVerifyPassword "customers.verifyPassword" "POST" "/v1/customers/{customerId}/verify-password" Read ["customerId"] (customer::CustomerVerifyPasswordParams) -> Output::One(&customer::PasswordVerification::SHAPE);

    /// Imports customers from an `.xlsx`, `.xls` or `.csv` file, at most 1,000,000 rows.
    ///
    /// A row goes in as a whole or not at all; good rows go in even when others are refused. Importing the
    /// same file again changes nothing.
    CustomersImport "customers.import" "POST" "/v1/customers/import" Write upload (customer::CustomerImportParams) -> Output::One(&customer::CustomerImport::SHAPE);

    /// Gives the `.xlsx` file to fill in for `import`, custom fields included.
    CustomersImportTemplate "customers.importTemplate" "GET" "/v1/customers/import-template" Read (customer::CustomerImportTemplateParams) -> Output::File;

    /// Defines a custom field of customers.
    CustomFieldsCreate "customFields.create" "POST" "/v1/custom-fields" Write (custom_field::CustomFieldCreateParams) -> Output::One(&custom_field::CustomField::SHAPE);

    /// Lists the custom fields in the form's order.
    CustomFieldsList "customFields.list" "GET" "/v1/custom-fields" Read (custom_field::CustomFieldListParams) -> Output::Page(&custom_field::CustomField::SHAPE);

    /// Changes a custom field; key and type stay.
    CustomFieldsUpdate "customFields.update" "PATCH" "/v1/custom-fields/{key}" Write ["key"] (custom_field::CustomFieldUpdateParams) -> Output::One(&custom_field::CustomField::SHAPE);

    /// Deletes a custom field. Values that customers have stay among their attributes as they are; hashes of a
    /// password field are erased.
    CustomFieldsDelete "customFields.delete" "DELETE" "/v1/custom-fields/{key}" Write ["key"] (custom_field::CustomFieldDeleteParams) -> Output::One(&custom_field::DeletedCustomField::SHAPE);

    /// Gets the sign-up form: its basic fields, and the custom fields that it shows.
    SignupFormGet "signupForm.get" "GET" "/v1/signup-form" Read (signup_form::SignupFormGetParams) -> Output::One(&signup_form::SignupForm::SHAPE);

    /// Changes the sign-up form's basic fields.
    SignupFormUpdate "signupForm.update" "PATCH" "/v1/signup-form" Write (signup_form::SignupFormUpdateParams) -> Output::One(&signup_form::SignupForm::SHAPE);

    /// Takes what a person filled in: checks it against the form and creates the customer.
    ///
    /// Unlike `customers.create` it never gives back a customer that was there before: an address that is taken
    /// is a conflict.
    SignupFormSubmit "signupForm.submit" "POST" "/v1/signup-form/submit" Write (signup_form::SignupFormSubmitParams) -> Output::One(&customer::Customer::SHAPE);

    /// Creates a product, its prices with it when there are any: all of it comes to be, or nothing does.
    ProductsCreate "products.create" "POST" "/v1/products" Write (product::ProductCreateParams) -> Output::One(&product::Product::SHAPE);

    /// Gets a product with its prices.
    ProductsGet "products.get" "GET" "/v1/products/{productId}" Read ["productId"] (product::ProductGetParams) -> Output::One(&product::Product::SHAPE);

    /// Lists products with their prices, newest first unless `sort` says otherwise.
    ProductsList "products.list" "GET" "/v1/products" Read (product::ProductListParams) -> Output::Page(&product::Product::SHAPE);

    /// Changes what it is given and leaves the rest: lists and objects are replaced as a whole, `metadata` key by key;
    /// `null` clears. Values of options that are named again keep their ids.
    ProductsUpdate "products.update" "PATCH" "/v1/products/{productId}" Write ["productId"] (product::ProductUpdateParams) -> Output::One(&product::Product::SHAPE);

    /// Takes a product out of the shop. Whoever bought it keeps it.
    ProductsArchive "products.archive" "POST" "/v1/products/{productId}/archive" Write ["productId"] (product::ProductArchiveParams) -> Output::One(&product::Product::SHAPE);

    /// Deletes a product that was never sold, with its prices. The ids are never used again.
    ProductsDelete "products.delete" "DELETE" "/v1/products/{productId}" Write ["productId"] (product::ProductDeleteParams) -> Output::One(&product::DeletedProduct::SHAPE);

    /// Creates a price of a product. The first price of a product is its default.
    PricesCreate "prices.create" "POST" "/v1/prices" = "/v1/variants" Write (price::PriceCreateParams) -> Output::One(&price::Price::SHAPE);

    /// Gets a price.
    PricesGet "prices.get" "GET" "/v1/prices/{priceId}" = "/v1/variants/{priceId}" Read ["priceId"] (price::PriceGetParams) -> Output::One(&price::Price::SHAPE);

    /// Lists prices: those of one product in their order, else newest first.
    PricesList "prices.list" "GET" "/v1/prices" = "/v1/variants" Read (price::PriceListParams) -> Output::Page(&price::Price::SHAPE);

    /// Changes a price. Once somebody bought it, its terms never change, only name, description, unit, order, default
    /// and metadata: `prices.replace` makes a new one.
    PricesUpdate "prices.update" "PATCH" "/v1/prices/{priceId}" = "/v1/variants/{priceId}" Write ["priceId"] (price::PriceUpdateParams) -> Output::One(&price::Price::SHAPE);

    /// Makes a new price with the old one's terms but for what is given, and archives the old one. Whoever bought the
    /// old one stays on it.
    PricesReplace "prices.replace" "POST" "/v1/prices/{priceId}/replace" = "/v1/variants/{priceId}/replace" Write ["priceId"] (price::PriceReplaceParams) -> Output::One(&price::Price::SHAPE);

    /// Takes a price out of the shop. Whoever bought it keeps it. The default passes to the next price.
    PricesArchive "prices.archive" "POST" "/v1/prices/{priceId}/archive" = "/v1/variants/{priceId}/archive" Write ["priceId"] (price::PriceArchiveParams) -> Output::One(&price::Price::SHAPE);

    /// Deletes a price that was never sold and is in no bundle. The id is never used again.
    PricesDelete "prices.delete" "DELETE" "/v1/prices/{priceId}" = "/v1/variants/{priceId}" Write ["priceId"] (price::PriceDeleteParams) -> Output::One(&price::DeletedPrice::SHAPE);

    /// Creates a feature.
    FeaturesCreate "features.create" "POST" "/v1/features" Write (feature::FeatureCreateParams) -> Output::One(&feature::Feature::SHAPE);

    /// Gets a feature.
    FeaturesGet "features.get" "GET" "/v1/features/{featureId}" Read ["featureId"] (feature::FeatureGetParams) -> Output::One(&feature::Feature::SHAPE);

    /// Lists features, newest first.
    FeaturesList "features.list" "GET" "/v1/features" Read (feature::FeatureListParams) -> Output::Page(&feature::Feature::SHAPE);

    /// Changes a feature; its type stays.
    FeaturesUpdate "features.update" "PATCH" "/v1/features/{featureId}" Write ["featureId"] (feature::FeatureUpdateParams) -> Output::One(&feature::Feature::SHAPE);

    /// Keeps a feature from being given by further products; those that give it go on.
    FeaturesArchive "features.archive" "POST" "/v1/features/{featureId}/archive" Write ["featureId"] (feature::FeatureArchiveParams) -> Output::One(&feature::Feature::SHAPE);

    /// Deletes a feature that no product gives. The id is never used again.
    FeaturesDelete "features.delete" "DELETE" "/v1/features/{featureId}" Write ["featureId"] (feature::FeatureDeleteParams) -> Output::One(&feature::DeletedFeature::SHAPE);

    /// Creates a coupon.
    CouponsCreate "coupons.create" "POST" "/v1/coupons" Write (coupon::CouponCreateParams) -> Output::One(&coupon::Coupon::SHAPE);

    /// Gets a coupon by its id, or by its `code`.
    CouponsGet "coupons.get" "GET" "/v1/coupons/{couponId}" Read ["couponId"] (coupon::CouponGetParams) -> Output::One(&coupon::Coupon::SHAPE);

    /// Lists coupons, newest first.
    CouponsList "coupons.list" "GET" "/v1/coupons" Read (coupon::CouponListParams) -> Output::Page(&coupon::Coupon::SHAPE);

    /// Changes a coupon; its code and what it takes off stay.
    CouponsUpdate "coupons.update" "PATCH" "/v1/coupons/{couponId}" Write ["couponId"] (coupon::CouponUpdateParams) -> Output::One(&coupon::Coupon::SHAPE);

    /// Deletes a coupon; its code is free again.
    CouponsDelete "coupons.delete" "DELETE" "/v1/coupons/{couponId}" Write ["couponId"] (coupon::CouponDeleteParams) -> Output::One(&coupon::DeletedCoupon::SHAPE);

    /// Works out what a purchase costs now and in its next periods: every line with its reason in words. It changes
    /// nothing.
    ///
    /// A discount code that does not apply never fails the call: it is listed with why.
    Preview "preview" "POST" "/v1/preview" Read (preview::PreviewParams) -> Output::One(&preview::Preview::SHAPE);

    /// Registers a card at the store's gateway and keeps what the gateway gives for it: its number, password and the
    /// holder's number are passed on and kept nowhere. A customer's first payment method is the default.
    ///
    /// A declined card is a `CardError` with its `declineCode`. A test store has the sandbox gateway, where the card's
    /// number decides what happens.
    PaymentMethodsCreate "paymentMethods.create" "POST" "/v1/payment-methods" Write gateway (payment_method::PaymentMethodCreateParams) -> Output::One(&payment_method::PaymentMethod::SHAPE);

    /// Gets a payment method.
    PaymentMethodsGet "paymentMethods.get" "GET" "/v1/payment-methods/{paymentMethodId}" Read ["paymentMethodId"] (payment_method::PaymentMethodGetParams) -> Output::One(&payment_method::PaymentMethod::SHAPE);

    /// Lists a customer's payment methods, newest first.
    PaymentMethodsList "paymentMethods.list" "GET" "/v1/payment-methods" Read (payment_method::PaymentMethodListParams) -> Output::Page(&payment_method::PaymentMethod::SHAPE);

    /// Makes a payment method its customer's default, or changes its metadata.
    PaymentMethodsUpdate "paymentMethods.update" "PATCH" "/v1/payment-methods/{paymentMethodId}" Write ["paymentMethodId"] (payment_method::PaymentMethodUpdateParams) -> Output::One(&payment_method::PaymentMethod::SHAPE);

    /// Deletes a payment method, at the gateway too. When it was the default, the newest that is left becomes it.
    PaymentMethodsDelete "paymentMethods.delete" "DELETE" "/v1/payment-methods/{paymentMethodId}" Write ["paymentMethodId"] gateway (payment_method::PaymentMethodDeleteParams) -> Output::One(&payment_method::DeletedPaymentMethod::SHAPE);

    /// Lists events in their order, which has no gaps.
    EventsList "events.list" "GET" "/v1/events" Read (event::EventListParams) -> Output::Page(&event::Event::SHAPE);

    /// Gives events as they happen, each once, in their order and without gaps.
    ///
    /// Keep the `id` of the last event that you dealt with: a stream that begins `after` it goes on where you were.
    EventsStream "events.stream" "GET" "/v1/events/stream" Read (event::EventStreamParams) -> Output::Stream(&event::Event::SHAPE);

    /// Gets the store's settings: every policy, with its default where nothing else was said.
    SettingsGet "settings.get" "GET" "/v1/settings" Read (settings::SettingsGetParams) -> Output::One(&settings::Settings::SHAPE);

    /// Changes the settings that it is given and leaves the rest; `null` gives a setting its default again. Lists and
    /// the objects `tax`, `recovery`, `business` and `branding` are replaced as a whole.
    ///
    /// All settings are checked against each other, so that what is refused may be one that was not named.
    SettingsUpdate "settings.update" "PATCH" "/v1/settings" Write (settings::SettingsUpdateParams) -> Output::One(&settings::Settings::SHAPE);

    /// Makes a page on which a customer pays: send the browser to the `url` of the answer.
    ///
    /// One-time and recurring prices go together; what recurs becomes subscriptions once it is paid.
    Checkout "checkout" "POST" "/v1/checkout" Write (checkout::CheckoutParams) -> Output::One(&checkout::CheckoutSession::SHAPE);

    /// Gets a checkout session.
    CheckoutSessionsGet "checkoutSessions.get" "GET" "/v1/checkout-sessions/{checkoutSessionId}" Read ["checkoutSessionId"] (checkout::CheckoutSessionGetParams) -> Output::One(&checkout::CheckoutSession::SHAPE);

    /// Lists checkout sessions, newest first.
    CheckoutSessionsList "checkoutSessions.list" "GET" "/v1/checkout-sessions" Read (checkout::CheckoutSessionListParams) -> Output::Page(&checkout::CheckoutSession::SHAPE);

    /// Closes an open checkout session: nobody can pay it any more, and what was kept for it is free again.
    CheckoutSessionsExpire "checkoutSessions.expire" "POST" "/v1/checkout-sessions/{checkoutSessionId}/expire" Write ["checkoutSessionId"] (checkout::CheckoutSessionExpireParams) -> Output::One(&checkout::CheckoutSession::SHAPE);

    /// Pays a checkout session as a payer would on its page; on a test store only.
    ///
    /// A session that was paid before comes back as it is, and is not charged again.
    CheckoutSessionsComplete "checkoutSessions.complete" "POST" "/v1/checkout-sessions/{checkoutSessionId}/complete" Write ["checkoutSessionId"] gateway (checkout::CheckoutSessionCompleteParams) -> Output::One(&checkout::CheckoutSession::SHAPE);

    /// Makes an order. Nothing is charged before it is paid: with `orders.pay`, or by the payer at `orders.payLink`.
    OrdersCreate "orders.create" "POST" "/v1/orders" Write (order::OrderCreateParams) -> Output::One(&order::Order::SHAPE);

    /// Gets an order by its id, or by its `number`. It is paid when `paidAt` is not `null`.
    OrdersGet "orders.get" "GET" "/v1/orders/{orderId}" Read ["orderId"] (order::OrderGetParams) -> Output::One(&order::Order::SHAPE);

    /// Lists orders, newest first.
    OrdersList "orders.list" "GET" "/v1/orders" Read (order::OrderListParams) -> Output::Page(&order::Order::SHAPE);

    /// Pays an open order. A declined card is a `CardError`, and the order stays open.
    ///
    /// An order that is paid already, or being paid, is never charged twice.
    OrdersPay "orders.pay" "POST" "/v1/orders/{orderId}/pay" Write ["orderId"] gateway (order::OrderPayParams) -> Output::One(&order::Order::SHAPE);

    /// Gives the address of a page on which the order can be paid.
    OrdersPayLink "orders.payLink" "POST" "/v1/orders/{orderId}/pay-link" Write ["orderId"] (order::OrderPayLinkParams) -> Output::One(&order::PayLink::SHAPE);

    /// Gives up an order that nobody has paid. What was kept for it is free again.
    OrdersCancel "orders.cancel" "POST" "/v1/orders/{orderId}/cancel" Write ["orderId"] (order::OrderCancelParams) -> Output::One(&order::Order::SHAPE);

    /// Gives back what was paid for an order, or a part of it, never more than is left.
    ///
    /// Giving back all of a first order cancels the subscriptions that it made; a renewal leaves its subscription alone.
    OrdersRefund "orders.refund" "POST" "/v1/orders/{orderId}/refund" Write ["orderId"] gateway (order::OrderRefundParams) -> Output::One(&order::Order::SHAPE);

    /// Moves an item of an order on its way: delivered, to be exchanged, sent back.
    OrdersUpdateItem "orders.updateItem" "POST" "/v1/orders/{orderId}/update-item" Write ["orderId"] (order::OrderUpdateItemParams) -> Output::One(&order::Order::SHAPE);

    /// Gets a payment.
    PaymentsGet "payments.get" "GET" "/v1/payments/{paymentId}" Read ["paymentId"] (payment::PaymentGetParams) -> Output::One(&payment::Payment::SHAPE);

    /// Lists payments, newest first.
    PaymentsList "payments.list" "GET" "/v1/payments" Read (payment::PaymentListParams) -> Output::Page(&payment::Payment::SHAPE);

    /// Gives back a payment, or a part of it, never more than is left.
    PaymentsRefund "payments.refund" "POST" "/v1/payments/{paymentId}/refund" Write ["paymentId"] gateway (payment::PaymentRefundParams) -> Output::One(&payment::Payment::SHAPE);

    /// Tells what became of a payment, by the payment's `key`.
    PaymentsReceipt "payments.receipt" "GET" "/v1/receipts/{key}" Read ["key"] (payment::PaymentReceiptParams) -> Output::One(&payment::Receipt::SHAPE);

    /// Makes a subscription and charges its first order to a stored payment method.
    ///
    /// Free and comped plans need none. With `currentPeriodEnd` a subscription that ran elsewhere goes on here.
    SubscriptionsCreate "subscriptions.create" "POST" "/v1/subscriptions" Write gateway (subscription::SubscriptionCreateParams) -> Output::Previewable(&subscription::Subscription::SHAPE, &subscription::SubscriptionPreview::SHAPE);

    /// Gets a subscription.
    SubscriptionsGet "subscriptions.get" "GET" "/v1/subscriptions/{subscriptionId}" Read ["subscriptionId"] (subscription::SubscriptionGetParams) -> Output::One(&subscription::Subscription::SHAPE);

    /// Lists subscriptions, newest first.
    SubscriptionsList "subscriptions.list" "GET" "/v1/subscriptions" Read (subscription::SubscriptionListParams) -> Output::Page(&subscription::Subscription::SHAPE);

    /// Changes the metadata of a subscription.
    SubscriptionsUpdate "subscriptions.update" "PATCH" "/v1/subscriptions/{subscriptionId}" Write ["subscriptionId"] (subscription_change::SubscriptionUpdateParams) -> Output::One(&subscription::Subscription::SHAPE);

    /// Ends a subscription: at once, with the running period, or at a time. One that is paid at the end of its periods is
    /// charged a last time.
    SubscriptionsCancel "subscriptions.cancel" "POST" "/v1/subscriptions/{subscriptionId}/cancel" Write ["subscriptionId"] (subscription_change::SubscriptionCancelParams) -> Output::Previewable(&subscription::Subscription::SHAPE, &subscription::SubscriptionPreview::SHAPE);

    /// Takes back a cancellation whose time has not come.
    SubscriptionsUncancel "subscriptions.uncancel" "POST" "/v1/subscriptions/{subscriptionId}/uncancel" Write ["subscriptionId"] (subscription_change::SubscriptionUncancelParams) -> Output::Previewable(&subscription::Subscription::SHAPE, &subscription::SubscriptionPreview::SHAPE);

    /// Pauses a subscription: it gives no service and is not charged. What the paused days become is the setting `pause`.
    SubscriptionsPause "subscriptions.pause" "POST" "/v1/subscriptions/{subscriptionId}/pause" Write ["subscriptionId"] (subscription_change::SubscriptionPauseParams) -> Output::Previewable(&subscription::Subscription::SHAPE, &subscription::SubscriptionPreview::SHAPE);

    /// Ends a pause, or takes back one whose time has not come.
    SubscriptionsResume "subscriptions.resume" "POST" "/v1/subscriptions/{subscriptionId}/resume" Write ["subscriptionId"] (subscription_change::SubscriptionResumeParams) -> Output::Previewable(&subscription::Subscription::SHAPE, &subscription::SubscriptionPreview::SHAPE);

    /// Puts a price in the place of another one: upgrade, downgrade, another interval.
    ///
    /// What is charged or given back at once, `preview: true` shows line by line.
    SubscriptionsChangePlan "subscriptions.changePlan" "POST" "/v1/subscriptions/{subscriptionId}/change-plan" Write ["subscriptionId"] gateway (subscription_change::SubscriptionChangePlanParams) -> Output::Previewable(&subscription::Subscription::SHAPE, &subscription::SubscriptionPreview::SHAPE);

    /// Drops the change that was going to be made with the running period.
    SubscriptionsCancelPendingChange "subscriptions.cancelPendingChange" "POST" "/v1/subscriptions/{subscriptionId}/cancel-pending-change" Write ["subscriptionId"] (subscription_change::SubscriptionCancelPendingChangeParams) -> Output::Previewable(&subscription::Subscription::SHAPE, &subscription::SubscriptionPreview::SHAPE);

    /// Changes pieces or seats.
    SubscriptionsUpdateQuantity "subscriptions.updateQuantity" "POST" "/v1/subscriptions/{subscriptionId}/update-quantity" Write ["subscriptionId"] gateway (subscription_change::SubscriptionUpdateQuantityParams) -> Output::Previewable(&subscription::Subscription::SHAPE, &subscription::SubscriptionPreview::SHAPE);

    /// Adds an item.
    SubscriptionsAddItem "subscriptions.addItem" "POST" "/v1/subscriptions/{subscriptionId}/add-item" Write ["subscriptionId"] gateway (subscription_change::SubscriptionAddItemParams) -> Output::Previewable(&subscription::Subscription::SHAPE, &subscription::SubscriptionPreview::SHAPE);

    /// Changes quantity or options of an item.
    SubscriptionsUpdateItem "subscriptions.updateItem" "POST" "/v1/subscriptions/{subscriptionId}/update-item" Write ["subscriptionId"] gateway (subscription_change::SubscriptionUpdateItemParams) -> Output::Previewable(&subscription::Subscription::SHAPE, &subscription::SubscriptionPreview::SHAPE);

    /// Removes an item.
    SubscriptionsRemoveItem "subscriptions.removeItem" "POST" "/v1/subscriptions/{subscriptionId}/remove-item" Write ["subscriptionId"] (subscription_change::SubscriptionRemoveItemParams) -> Output::Previewable(&subscription::Subscription::SHAPE, &subscription::SubscriptionPreview::SHAPE);

    /// Moves the next payment date; the periods after it follow.
    SubscriptionsChangePaymentDate "subscriptions.changePaymentDate" "POST" "/v1/subscriptions/{subscriptionId}/change-payment-date" Write ["subscriptionId"] gateway (subscription_change::SubscriptionChangePaymentDateParams) -> Output::Previewable(&subscription::Subscription::SHAPE, &subscription::SubscriptionPreview::SHAPE);

    /// Charges the next period now, which begins now.
    SubscriptionsRenewNow "subscriptions.renewNow" "POST" "/v1/subscriptions/{subscriptionId}/renew-now" Write ["subscriptionId"] gateway (subscription_change::SubscriptionRenewNowParams) -> Output::Previewable(&subscription::Subscription::SHAPE, &subscription::SubscriptionPreview::SHAPE);

    /// Changes what pays. A payment that was declined is tried again at once unless `retry` is `false`.
    SubscriptionsUpdatePaymentMethod "subscriptions.updatePaymentMethod" "POST" "/v1/subscriptions/{subscriptionId}/update-payment-method" Write ["subscriptionId"] gateway (subscription_change::SubscriptionUpdatePaymentMethodParams) -> Output::Previewable(&subscription::Subscription::SHAPE, &subscription::SubscriptionPreview::SHAPE);

    /// Lists the coming payments of a subscription as they are known today, all on one page.
    SubscriptionsUpcoming "subscriptions.upcoming" "GET" "/v1/subscriptions/{subscriptionId}/upcoming" Read ["subscriptionId"] (subscription::SubscriptionUpcomingParams) -> Output::Page(&preview::UpcomingCharge::SHAPE);

    /// Adds to what was used of an item, or to what may be used of it.
    UsagesRecord "usages.record" "POST" "/v1/usages" Write gateway (usage::UsageRecordParams) -> Output::One(&usage::RecordedUsage::SHAPE);

    /// Works out what the use of the running period costs so far.
    UsagesCalculate "usages.calculate" "GET" "/v1/subscriptions/{subscriptionId}/usage" Read ["subscriptionId"] (usage::UsageCalculateParams) -> Output::One(&usage::UsageCalculation::SHAPE);

    /// Lists the entries of an item, newest first.
    UsagesList "usages.list" "GET" "/v1/usages" Read (usage::UsageListParams) -> Output::Page(&usage::Usage::SHAPE);

    /// Tells what a customer has left to spend in a currency.
    CreditBalanceGet "creditBalance.get" "GET" "/v1/credit-balance" Read (credit::CreditBalanceGetParams) -> Output::One(&credit::CreditBalance::SHAPE);

    /// Adds to a credit balance, or takes from it.
    CreditBalanceAdjust "creditBalance.adjust" "POST" "/v1/credit-balance/adjust" Write (credit::CreditBalanceAdjustParams) -> Output::One(&credit::CreditEntry::SHAPE);

    /// Lists what came to a credit balance and went from it, newest first.
    CreditBalanceList "creditBalance.list" "GET" "/v1/credit-balance/entries" Read (credit::CreditBalanceListParams) -> Output::Page(&credit::CreditEntry::SHAPE);

    /// Tells whether a customer may use a feature: whether a subscription that gives service gives it.
    Check "check" "POST" "/v1/check" Read (check::CheckParams) -> Output::One(&check::Check::SHAPE);

    /// Sums up by day what is going to be charged, as far as it is known today.
    Forecast "forecast" "POST" "/v1/forecast" Read (forecast::ForecastParams) -> Output::One(&forecast::Forecast::SHAPE);

    /// Makes a test clock.
    TestClocksCreate "testClocks.create" "POST" "/v1/test-clocks" Write (test_clock::TestClockCreateParams) -> Output::One(&test_clock::TestClock::SHAPE);

    /// Gets a test clock.
    TestClocksGet "testClocks.get" "GET" "/v1/test-clocks/{testClockId}" Read ["testClockId"] (test_clock::TestClockGetParams) -> Output::One(&test_clock::TestClock::SHAPE);

    /// Lists test clocks, newest first.
    TestClocksList "testClocks.list" "GET" "/v1/test-clocks" Read (test_clock::TestClockListParams) -> Output::Page(&test_clock::TestClock::SHAPE);

    /// Moves a test clock: everything that falls due on the way happens, in order. One jump and many steps end the same.
    TestClocksAdvance "testClocks.advance" "POST" "/v1/test-clocks/{testClockId}/advance" Write ["testClockId"] (test_clock::TestClockAdvanceParams) -> Output::One(&test_clock::TestClock::SHAPE);

    /// Deletes a test clock. Nothing falls due any more for what went by it.
    TestClocksDelete "testClocks.delete" "DELETE" "/v1/test-clocks/{testClockId}" Write ["testClockId"] (test_clock::TestClockDeleteParams) -> Output::One(&test_clock::DeletedTestClock::SHAPE);

    /// Lets the sandbox gateway say something of a payment, as a real one would by a webhook.
    SandboxEmit "sandbox.emit" "POST" "/v1/sandbox/{paymentId}/emit" Write ["paymentId"] (payment::SandboxEmitParams) -> Output::One(&payment::Payment::SHAPE);

    /// Tells which store the API key belongs to.
    StoreGet "store.get" "GET" "/v1/store" Read (store::StoreGetParams) -> Output::One(&store::Store::SHAPE);
}

/// The JSON from which the TypeScript surface and the documentation are made.
pub fn manifest() -> String {
    let mut shapes = Vec::new();
    let mut inputs = Vec::new();
    let operations: Vec<Value> = Op::ALL
        .iter()
        .enumerate()
        .map(|(index, op)| {
            let declared = op.declaration();
            declared.input.collect(&mut inputs);
            let mut of_shape = |kind: &str, shape: &'static Shape| {
                shape.collect(&mut shapes);
                json!({ "kind": kind, "shape": shape.name })
            };
            let output = match declared.output {
                Output::One(shape) => of_shape("object", shape),
                Output::Page(shape) => of_shape("list", shape),
                Output::Stream(shape) => of_shape("stream", shape),
                Output::Previewable(made, preview) => {
                    let mut of = of_shape("object", made);
                    of["preview"] = of_shape("object", preview)["shape"].take();
                    of
                }
                Output::File => json!({ "kind": "file" }),
            };
            json!({
                "index": index,
                "name": declared.name,
                "doc": paragraph(declared.doc),
                "method": declared.method,
                "path": declared.path,
                "effect": if declared.effect == Effect::Read { "read" } else { "write" },
                "idParam": declared.id_param,
                "upload": declared.upload,
                "input": declared.input.name,
                "output": output,
            })
        })
        .collect();
    let described = |input: bool, list: Vec<&'static Shape>| {
        list.into_iter().map(move |shape| {
            let mut value = shape.describe();
            value["input"] = input.into();
            (shape.name.to_owned(), value)
        })
    };
    let shapes: serde_json::Map<String, Value> = described(true, inputs).chain(described(false, shapes)).collect();
    let errors: Vec<Value> = Code::ALL
        .iter()
        .map(|code| {
            json!({
                "code": code.name(),
                "type": code.kind().name(),
                "status": code.status(),
                "cause": code.cause(),
                "remedy": code.remedy(),
            })
        })
        .collect();
    let aliases: serde_json::Map<String, Value> = NOUN_ALIASES
        .iter()
        .map(|(alias, noun)| ((*alias).to_owned(), (*noun).into()))
        .collect();
    json!({ "operations": operations, "aliases": aliases, "shapes": shapes, "errors": errors }).to_string()
}
