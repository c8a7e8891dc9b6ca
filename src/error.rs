//! Long: every code is declared here, once, with its cause and its remedy.
//!
//! The one error of every layer above the domain.
//!
//! A code is declared once, here, with its kind and with what to do about it;
//! the HTTP status and the JavaScript class follow from the kind.

use std::fmt;

use serde_json::{Map, Value, json};

use crate::domain::{Problem, decline::DeclineCode};

/// What kind of error a code is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// The caller's input.
    InvalidRequest,
    /// The API key.
    Authentication,
    /// A card was declined.
    CardDeclined,
    /// The key may not do this.
    Permission,
    /// No such object.
    NotFound,
    /// The object is in the way of what was asked.
    Conflict,
    /// An idempotency key came with another body.
    IdempotencyConflict,
    /// Too many requests.
    RateLimited,
    /// The store cannot serve now.
    Unavailable,
    /// It took longer than the caller would wait.
    Timeout,
    /// There was no answer from another process' server.
    Connection,
    /// The caller gave up.
    Aborted,
    /// The payment gateway cannot be reached.
    GatewayUnavailable,
    /// A bug of ours.
    Internal,
}

impl Kind {
    /// The name in the error body.
    pub fn name(self) -> &'static str {
        match self {
            Self::InvalidRequest => "invalid_request",
            Self::Authentication => "authentication",
            Self::CardDeclined => "card_declined",
            Self::Permission => "permission",
            Self::NotFound => "not_found",
            Self::Conflict => "conflict",
            Self::IdempotencyConflict => "idempotency_conflict",
            Self::RateLimited => "rate_limited",
            Self::Unavailable => "unavailable",
            Self::Timeout => "timeout",
            Self::Connection => "connection",
            Self::Aborted => "aborted",
            Self::GatewayUnavailable => "gateway_unavailable",
            Self::Internal => "internal",
        }
    }

    /// The HTTP status (public surface, section 4). A caller who gave up gets
    /// no answer; 499 stands in logs only.
    pub fn status(self) -> u16 {
        match self {
            Self::InvalidRequest => 400,
            Self::Authentication => 401,
            Self::CardDeclined => 402,
            Self::Permission => 403,
            Self::NotFound => 404,
            Self::Conflict | Self::IdempotencyConflict => 409,
            Self::RateLimited => 429,
            Self::Aborted => 499,
            Self::Internal => 500,
            Self::GatewayUnavailable => 502,
            Self::Unavailable => 503,
            Self::Timeout => 504,
            // Made by the remote client; never sent.
            Self::Connection => 502,
        }
    }
}

macro_rules! codes {
    ($($kind:ident { $($name:ident $text:literal $cause:literal $remedy:literal)* })*) => {
        /// Every error code, in the order of the documentation.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum Code { $($(#[doc = $cause] $name,)*)* }

        impl Code {
            /// All of them.
            pub const ALL: &'static [Self] = &[$($(Self::$name,)*)*];

            /// The name in the error body.
            pub fn name(self) -> &'static str {
                match self { $($(Self::$name => $text,)*)* }
            }

            /// What kind of error it is.
            pub fn kind(self) -> Kind {
                match self { $($(Self::$name => Kind::$kind,)*)* }
            }

            /// The HTTP status: its kind's, but for what HTTP has numbers of its own.
            pub fn status(self) -> u16 {
                match self {
                    Self::RouteNotFound => 404,
                    Self::MethodNotAllowed => 405,
                    Self::BodyTooLarge => 413,
                    Self::ContentTypeUnsupported => 415,
                    Self::HeadersTooLarge => 431,
                    _ => self.kind().status(),
                }
            }

            /// What brought it about, for the documentation.
            pub fn cause(self) -> &'static str {
                match self { $($(Self::$name => $cause,)*)* }
            }

            /// What to do about it, for the documentation.
            pub fn remedy(self) -> &'static str {
                match self { $($(Self::$name => $remedy,)*)* }
            }
        }
    };
}

codes! {
    InvalidRequest {
        ParameterMissing "parameter_missing"
            "A required parameter was left out."
            "Pass the parameter that `param` names."
        ParameterInvalid "parameter_invalid"
            "A parameter has the wrong type, is out of range, or does not make sense."
            "Correct the parameter that `param` names; the message says what fits."
        ParameterUnknown "parameter_unknown"
            "A parameter does not exist."
            "Check the spelling; the message names the nearest one that exists."
        CursorInvalid "cursor_invalid"
            "A cursor was changed, belongs to another store, or to a list with other filters or another order."
            "Start again without a cursor, and pass `nextCursor` back with the same filters and sort."
        FileInvalid "file_invalid"
            "A file cannot be read as a table of customers."
            "The message says what is wrong; `importTemplate()` gives a file that fits."
        BodyInvalid "body_invalid"
            "The body of an HTTP request is no JSON object, or stopped half-way."
            "Send one JSON object in UTF-8; the message says where it breaks off."
        BodyTooLarge "body_too_large"
            "The body of an HTTP request is larger than the server takes."
            "Send less at a time, or raise the server's body limit."
        ContentTypeUnsupported "content_type_unsupported"
            "The body of an HTTP request has a type that the route does not take."
            "Send `Content-Type: application/json`; files come as the route's documentation says."
        HeadersTooLarge "headers_too_large"
            "The head of an HTTP request has too many headers or is too long."
            "Send fewer and shorter headers."
        MethodNotAllowed "method_not_allowed"
            "The route does not have this HTTP method."
            "Use one of the methods that the `Allow` header lists."
        RouteNotFound "route_not_found"
            "No route has this path."
            "Check the path against `/openapi.json` or `/docs`, and the prefix that the API is mounted at."
        ConfigurationInvalid "configuration_invalid"
            "An option of the constructor, or its environment variable, does not fit."
            "Correct the option that `param` names."
        GatewayMissing "gateway_missing"
            "The store has no payment gateway, so that no card can be registered or charged."
            "Use a test store, which has the sandbox gateway built in; this version knows no other gateway yet."
        EncryptionKeyMissing "encryption_key_missing"
            "Payment credentials cannot be kept without a key to encrypt them under."
            "Set `PROYECTA_ENCRYPTION_KEY`, or pass `encryptionKey`: 32 random bytes as base64, such as `openssl rand -base64 32` prints."
        EncryptionKeyUnknown "encryption_key_unknown"
            "A stored payment credential was encrypted under another key than those that were given."
            "Add the old key to `PROYECTA_ENCRYPTION_KEY` behind the new one, after a comma."
        CurrencyDiffers "currency_differs"
            "What is asked for is sold in another currency than the rest of the order or the subscription."
            "Use a price in the currency that the message names, or buy it apart."
        UsageNotMetered "usage_not_metered"
            "The subscription, or the item, has no price that counts use or seats."
            "Name an item whose price has the type `usage` or `seat`."
        ClockBackwards "clock_backwards"
            "A test clock would have to go back."
            "Advance it to an instant that is not before the one it shows; for an earlier time make a new clock."
        DiscountCodeInvalid "discount_code_invalid"
            "A discount code does not apply to what is bought; `details` says which and why."
            "Leave it out, or see with `preview` which codes apply."
        PublicUrlMissing "public_url_missing"
            "A live store has no address at which payers could reach its pages."
            "Set `PROYECTA_PUBLIC_URL`, or pass `publicUrl`: where `handler` or the server can be reached, such as `https://shop.example.com`."
        Closed "closed"
            "The client was used after `close()`."
            "Make a new `Proyecta`, or close it later."
    }
    Authentication {
        ApiKeyUnknown "api_key_unknown"
            "The database belongs to another API key."
            "Use the key that the database was first opened with, or another database."
        ApiKeyMissing "api_key_missing"
            "A key is needed and none was given."
            "Set `PROYECTA_API_KEY`, or pass `apiKey`."
        ApiKeyRevoked "api_key_revoked"
            "The API key was revoked, or its time is over."
            "Use another key of the store; `proyecta keys create` makes one."
        ApiKeyInQuery "api_key_in_query"
            "An API key came in the query string, where proxies and logs keep it."
            "Send it as `Authorization: Bearer sk_…`, and revoke the one that was sent: it may be in logs by now."
        ApiKeyMalformed "api_key_malformed"
            "The text given cannot be an API key."
            "Pass `sk_test_…` or `sk_live_…`, or a token of your own of 24 to 128 printable characters."
    }
    CardDeclined {
        CardDeclined "card_declined"
            "The gateway, or the card's issuer, declined the card."
            "`declineCode` says why; `retryable` says whether the same card may be accepted later."
    }
    Permission {
        PermissionDenied "permission_denied"
            "The key may not do this."
            "Use a key with the scope that the message names."
        TestModeOnly "test_mode_only"
            "The operation is there for tests, and the key is of a live store."
            "Use the API key of a test store (`sk_test_…`)."
    }
    NotFound {
        CustomerNotFound "customer_not_found"
            "No customer of this store has that id or key."
            "Check the id, and that the API key is of the store that made it."
        CustomerDeleted "customer_deleted"
            "The customer was deleted and its personal data erased."
            "Nothing can bring it back; create a new customer."
        CustomFieldNotFound "custom_field_not_found"
            "No custom field of this store has that key or id."
            "List the fields with `customFields.list()`."
        StoreNotFound "store_not_found"
            "The database has no store of that id."
            "List them with `proyecta stores list`."
        ApiKeyNotFound "api_key_not_found"
            "No API key has that id."
            "List them with `proyecta keys list`."
        ProductNotFound "product_not_found"
            "No product of this store has that id, or it was deleted."
            "Check the id, and that the API key is of the store that made it; `products.list()` shows them."
        PriceNotFound "price_not_found"
            "No price of this store has that id, or it was deleted."
            "Check the id, and that the API key is of the store that made it; `prices.list()` shows them."
        FeatureNotFound "feature_not_found"
            "No feature of this store has that id, or it was deleted."
            "Check the id; `features.list()` shows them."
        CouponNotFound "coupon_not_found"
            "No coupon of this store has that id or code, or it was deleted."
            "Check it; `coupons.list()` shows them."
        PaymentMethodNotFound "payment_method_not_found"
            "No payment method of this store has that id, or it was deleted."
            "Check the id; `paymentMethods.list({ customerId })` shows them."
        SubscriptionNotFound "subscription_not_found"
            "No subscription of this store has that id."
            "Check the id, and that the API key is of the store that made it; `subscriptions.list()` shows them."
        OrderNotFound "order_not_found"
            "No order of this store has that id or number."
            "Check it, and that the API key is of the store that made it; `orders.list()` shows them."
        ItemNotFound "item_not_found"
            "The subscription, or the order, has no item with that id, or none any more."
            "Check the id among its `items`."
        PaymentNotFound "payment_not_found"
            "No payment of this store has that id or key."
            "Check it; `payments.list()` shows them."
        CheckoutSessionNotFound "checkout_session_not_found"
            "No checkout session of this store has that id."
            "Check the id, and that the API key is of the store that made it."
        TestClockNotFound "test_clock_not_found"
            "No test clock of this store has that id, or it was deleted."
            "Check the id; `testClocks.list()` shows them."
        EventNotFound "event_not_found"
            "No event of this store has that id."
            "List the events with `events.list()`."
    }
    Conflict {
        EmailTaken "email_taken"
            "Another customer holds that e-mail address."
            "Use that customer, whose id is in `details`, or another address."
        CustomerConflict "customer_conflict"
            "Of the id and the e-mail address given together, only one is taken, or they belong to different customers."
            "Drop one of the two; `details` names the customers that hold them."
        CustomerKeyTaken "customer_key_taken"
            "Another customer holds that key."
            "Use that customer, whose id is in `details`, or another key."
        UsernameTaken "username_taken"
            "Another customer holds that user name."
            "Choose another user name."
        CustomerIdUsed "customer_id_used"
            "The id belonged to a customer that was deleted; ids are never used twice."
            "Choose another id."
        VersionConflict "version_conflict"
            "The object has changed since the version that `ifVersion` names."
            "Read it again, apply your change, and pass the new `version`."
        CustomFieldKeyTaken "custom_field_key_taken"
            "Another custom field has that key."
            "Choose another key, or update the field that has it."
        ProductIdTaken "product_id_taken"
            "A product has that id, or had it and was deleted; ids are never used twice."
            "Use that product, or choose another id."
        PriceIdTaken "price_id_taken"
            "A price has that id, or had it and was deleted; ids are never used twice."
            "Use that price, or choose another id."
        FeatureIdTaken "feature_id_taken"
            "A feature has that id, or had it and was deleted; ids are never used twice."
            "Use that feature, or choose another id."
        CouponIdTaken "coupon_id_taken"
            "A coupon has that id, or had it and was deleted; ids are never used twice."
            "Use that coupon, or choose another id."
        UuidTaken "uuid_taken"
            "Another object of the same kind has that UUID, or had it and was deleted."
            "Use that object, whose id is in `details`, or leave the UUID out."
        CouponCodeTaken "coupon_code_taken"
            "Another coupon has that code; codes are the same in any case."
            "Use that coupon, whose id is in `details`, or choose another code."
        ProductInUse "product_in_use"
            "The product cannot be deleted: one of its prices was sold, or is in a bundle of another product."
            "Archive the product instead."
        ProductArchived "product_archived"
            "The product is archived: it gets no further prices."
            "Make the price on another product."
        PriceInUse "price_in_use"
            "The price cannot be deleted: it was sold, or is in a bundle."
            "Archive the price instead."
        PriceImmutable "price_immutable"
            "The price was sold: its terms never change."
            "Make a new price with `prices.replace`; whoever bought the old one stays on it."
        ProductUnavailable "product_unavailable"
            "The product is not on sale, or archived."
            "Sell another product, or put this one on sale with `products.update`."
        OutOfStock "out_of_stock"
            "There is less left of the product than is wanted."
            "Take fewer, or raise `stock` with `products.update`."
        PriceArchived "price_archived"
            "The price is archived."
            "Use a price that is not; `prices.list({ productId })` shows them."
        FeatureInUse "feature_in_use"
            "The feature cannot be deleted: a product gives it."
            "Take it from the product that `details` names, or archive the feature."
        CustomerSubscribed "customer_subscribed"
            "The customer cannot be deleted: a subscription is not ended."
            "Cancel the subscription that `details` names, or pass `cancelSubscriptions: true`."
        PaymentMethodInUse "payment_method_in_use"
            "The payment method cannot be deleted: a subscription is charged with it."
            "Give the subscription that `details` names another payment method first."
        SubscriptionEnded "subscription_ended"
            "The subscription is cancelled or expired: nothing about it can change any more."
            "Make a new subscription."
        SubscriptionState "subscription_state"
            "The subscription does not allow this where it stands; the message says where that is."
            "Read it again; `details` has its `status`."
        PaymentInProgress "payment_in_progress"
            "A payment of the same order or subscription is being made, or its outcome is being looked up."
            "Wait until it is settled, then try again; nothing was charged twice."
        TotalDiffers "total_differs"
            "What is to pay is not what `expectTotal` says."
            "Show the new total, which is in `details`, and call again with it."
        OrderNotPayable "order_not_payable"
            "The order is paid, given up, or its time is over."
            "Look at its `status`; make a new order where it is needed."
        OrderState "order_state"
            "The order does not allow this where it stands; the message says where that is."
            "Read it again. A paid order is not cancelled but refunded."
        ItemState "item_state"
            "The item of the order cannot become that from where it stands."
            "Move it to one of the states that the message names."
        AmountAboveRefundable "amount_above_refundable"
            "More would be given back than is left of what was paid."
            "Give back at most what `details` says."
        CheckoutSessionClosed "checkout_session_closed"
            "The checkout session was paid, closed, or its time is over."
            "Look at its `status`; make a new session where it is needed."
        NoPaymentMethod "no_payment_method"
            "Something is to pay, and the customer has no payment method to pay it with."
            "Register one with `paymentMethods.create`, or let the customer pay with `checkout`."
        AlreadySubscribed "already_subscribed"
            "The customer has a subscription of the product, which can be had only once at a time."
            "Change that subscription, whose id is in `details`."
        QuotaExceeded "quota_exceeded"
            "More would be used than may be."
            "Add to `quota` first; `details` says what is left."
        CreditInsufficient "credit_insufficient"
            "The credit balance would fall below zero."
            "Take at most what `details` says."
        LastItem "last_item"
            "The item is the only one of its subscription."
            "Cancel the subscription instead."
        TestClockBusy "test_clock_busy"
            "The test clock is being moved."
            "Wait until its `status` is `ready`."
        TestClockTaken "test_clock_taken"
            "The store goes by a test clock as a whole already, or has customers that other clocks move."
            "Use the clock that `details` names, or delete it first."
        ApiKeyTaken "api_key_taken"
            "The database knows this API key already."
            "Bring another one, or go on using it with the store that it belongs to."
        SettingDiffers "setting_differs"
            "`timezone` or `currency` in the constructor differs from what the store was made with."
            "Leave the option out, or give the stored value."
    }
    IdempotencyConflict {
        IdempotencyKeyReused "idempotency_key_reused"
            "The idempotency key was used before with other parameters."
            "Use one key for one request; make a new key for a new one."
        IdempotencyInFlight "idempotency_in_flight"
            "The first call with this idempotency key is still under way, and did not end while this one waited for it."
            "Try again with the same key."
        IdempotencyAnswerErased "idempotency_answer_erased"
            "The first answer to this key spoke of a customer that was deleted since."
            "Make a new key."
    }
    RateLimited {
        RateLimited "rate_limited"
            "Too many requests."
            "Wait as long as the answer says, then try again."
    }
    Unavailable {
        DatabaseLocked "database_locked"
            "Another process held the database's lock for longer than the call may take."
            "Try again; if it lasts, find the process with a transaction left open."
        DatabaseReadOnly "database_read_only"
            "The database file, or its folder, cannot be written."
            "Give this user write permission for the file and its folder."
        DatabaseFull "database_full"
            "The disk, or the quota, has no room left."
            "Make room; everything acknowledged before is safe."
        DatabaseCorrupt "database_corrupt"
            "The file is not a database, or is damaged."
            "Restore a backup; check that `database` names the right file."
        DatabaseNotFound "database_not_found"
            "The folder of the database file does not exist or cannot be entered."
            "Make the folder, or correct `database`."
        DatabaseNewer "database_newer"
            "The database was written by a newer version of this package."
            "Update the package; older ones must not touch it."
        DatabaseUnreachable "database_unreachable"
            "The PostgreSQL server does not answer, refuses the connection, or broke it off."
            "Check that the server runs and that address, user, password and TLS settings are right; then try again."
        DatabaseError "database_error"
            "The database answered with an error that we do not know."
            "The message holds what it said; check disk and file system."
        WriteConflict "write_conflict"
            "Other writers kept changing the same objects at the same moment."
            "Try again; nothing was changed."
        ServerBusy "server_busy"
            "The server has as many requests in hand as it takes."
            "Wait as long as `Retry-After` says, then try again."
        ShuttingDown "shutting_down"
            "The server is shutting down and takes no new requests."
            "Try again: another instance, or the next one, answers."
        QueueFull "queue_full"
            "Too much work is waiting."
            "Wait for some of your calls before making more."
    }
    Timeout {
        Timeout "timeout"
            "The call took longer than its `timeout`. Nothing was changed."
            "Try again, or allow more time."
    }
    Connection {
        ConnectionFailed "connection_failed"
            "The server at `baseUrl` could not be reached, or the connection broke before its answer came."
            "Check the address, that the server runs, and proxies and certificates; a write that was sent may have happened, and repeating it with its idempotency key is safe."
        AnswerInvalid "answer_invalid"
            "What answered at `baseUrl` is not a Proyecta server."
            "Check the address, and what stands between: a proxy may answer with a page of its own."
    }
    Aborted {
        Aborted "aborted"
            "The call's signal was aborted. Nothing was changed."
            "Nothing; you asked for it."
    }
    GatewayUnavailable {
        GatewayUnavailable "gateway_unavailable"
            "The payment gateway cannot be reached, or gave no answer that can be understood. Nothing was charged."
            "Try again; if it lasts, look at the gateway's status page."
    }
    Internal {
        Internal "internal"
            "A bug of ours."
            "Please report it with the message and the version."
    }
}

/// An error on its way to a front. `Display` is the public message.
#[derive(Debug, Clone)]
pub struct Error(Box<Inner>);

#[derive(Debug, Clone)]
struct Inner {
    code: Code,
    message: String,
    param: Option<String>,
    details: Option<Map<String, Value>>,
    decline: Option<Decline>,
}

/// Why a card was declined, for programs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Decline {
    code: DeclineCode,
    retryable: bool,
}

/// What everything above the domain returns.
pub type Result<T> = std::result::Result<T, Error>;

impl Error {
    /// An error with its public message: what was wrong and what to do, with
    /// parameters and ids named, never personal values.
    pub fn new(code: Code, message: impl Into<String>) -> Self {
        Self(Box::new(Inner {
            code,
            message: message.into(),
            param: None,
            details: None,
            decline: None,
        }))
    }

    /// A card that was declined; `hard` when it will be declined again, and
    /// `gateway_code` is the gateway's own word.
    pub fn card_declined(code: DeclineCode, hard: bool, gateway_code: &str) -> Self {
        let mut error = Self::new(Code::CardDeclined, code.text()).with_detail("gatewayCode", gateway_code);
        error.0.decline = Some(Decline { code, retryable: !hard });
        error
    }

    /// A parameter that does not fit.
    pub fn invalid(param: impl Into<String>, message: impl fmt::Display) -> Self {
        let param = param.into();
        Self::new(Code::ParameterInvalid, format!("{param} {message}")).with_param(param)
    }

    /// A problem found by the domain in the parameter `param`.
    pub fn problem(param: &str, problem: Problem) -> Self {
        let path = match problem.at.as_str() {
            "" => param.to_owned(),
            at if param.is_empty() || at.starts_with('[') => format!("{param}{at}"),
            at => format!("{param}.{at}"),
        };
        if path.is_empty() {
            return Self::new(Code::ParameterInvalid, format!("what is asked for {}", problem.message));
        }
        Self::invalid(path, problem.message)
    }

    /// A bug of ours.
    pub fn internal(message: impl Into<String>) -> Self {
        Self::new(Code::Internal, message)
    }

    /// Names the parameter, as a path such as `address.postal_code`.
    pub fn with_param(mut self, param: impl Into<String>) -> Self {
        self.0.param = Some(param.into());
        self
    }

    /// Adds a fact that a program may use, such as the id of the other customer.
    pub fn with_detail(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.0
            .details
            .get_or_insert_default()
            .insert(name.to_owned(), value.into());
        self
    }

    /// The same, where callers know the parameter under another path.
    pub fn about(mut self, param: impl Into<String>) -> Self {
        let param = param.into();
        if let Some(before) = &self.0.param {
            self.0.message = self.0.message.replacen(before.as_str(), &param, 1);
        }
        self.with_param(param)
    }

    /// Its code.
    pub fn code(&self) -> Code {
        self.0.code
    }

    /// The parameter it is about.
    pub fn param(&self) -> Option<&str> {
        self.0.param.as_deref()
    }

    /// Facts that a program may use.
    pub fn details(&self) -> Option<&Map<String, Value>> {
        self.0.details.as_ref()
    }

    /// The public message.
    pub fn message(&self) -> &str {
        &self.0.message
    }

    /// What only errors about declined cards have: `declineCode` and
    /// `retryable`.
    pub fn decline_members(&self) -> impl Iterator<Item = (&'static str, Value)> {
        let members = self.0.decline.map(|decline| {
            [
                ("declineCode", decline.code.name().into()),
                ("retryable", decline.retryable.into()),
            ]
        });
        members.into_iter().flatten()
    }

    /// The error that [`Error::to_json`] wrote; `None` when the text is none.
    pub fn from_json(text: &str) -> Option<Self> {
        let mut body: Map<String, Value> = serde_json::from_str(text).ok()?;
        let Some(Value::Object(record)) = body.remove("error") else {
            return None;
        };
        let text = |name: &str| record.get(name).and_then(Value::as_str);
        let code = Code::ALL.iter().find(|code| Some(code.name()) == text("code"))?;
        let mut error = Self::new(*code, text("message")?);
        error.0.param = text("param").map(str::to_owned);
        error.0.details = record.get("details").and_then(Value::as_object).cloned();
        error.0.decline = text("declineCode")
            .and_then(DeclineCode::from_name)
            .zip(record.get("retryable").and_then(Value::as_bool))
            .map(|(code, retryable)| Decline { code, retryable });
        Some(error)
    }

    /// The body that every front answers with.
    pub fn to_json(&self) -> String {
        let inner = &self.0;
        let mut error = Map::new();
        error.insert("type".into(), inner.code.kind().name().into());
        error.insert("code".into(), inner.code.name().into());
        error.insert("message".into(), inner.message.as_str().into());
        error.insert("statusCode".into(), inner.code.status().into());
        if let Some(param) = &inner.param {
            error.insert("param".into(), param.as_str().into());
        }
        if let Some(details) = &inner.details {
            error.insert("details".into(), Value::Object(details.clone()));
        }
        for (name, value) in self.decline_members() {
            error.insert(name.into(), value);
        }
        json!({ "error": error }).to_string()
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.message)
    }
}

impl std::error::Error for Error {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_comes_back_from_its_json() {
        let plain = Error::invalid("card.number", "must be 16 digits").with_detail("a", 1);
        let declined = Error::card_declined(DeclineCode::InsufficientFunds, false, "NOT_ENOUGH");
        assert!(declined.to_json().contains("\"retryable\":true"));
        for error in [plain, declined] {
            let json = error.to_json();
            assert_eq!(Error::from_json(&json).map(|error| error.to_json()), Some(json));
        }
        assert!(Error::from_json("{}").is_none());
        assert!(Error::from_json("{\"error\":{\"code\":\"none\",\"message\":\"m\"}}").is_none());
    }
}
