//! The list of operations. napi methods, HTTP routes, the remote client and
//! the OpenAPI document all come from here.

use serde_json::{Value, json};

use super::{
    coupon, custom_field, customer, event, feature, payment_method, preview, price, product,
    read::Input,
    settings,
    shape::{Shape, paragraph},
    signup_form, store,
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
    /// A page of objects.
    Page(&'static Shape),
    /// A file's bytes.
    File,
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

    /// Lists events in their order, `after` a sequence number without gaps.
    EventsList "events.list" "GET" "/v1/events" Read (event::EventListParams) -> Output::Page(&event::Event::SHAPE);

    /// Gets the store's settings: every policy, with its default where nothing else was said.
    SettingsGet "settings.get" "GET" "/v1/settings" Read (settings::SettingsGetParams) -> Output::One(&settings::Settings::SHAPE);

    /// Changes the settings that it is given and leaves the rest; `null` gives a setting its default again. Lists and
    /// the objects `tax`, `recovery`, `business` and `branding` are replaced as a whole.
    ///
    /// All settings are checked against each other, so that what is refused may be one that was not named.
    SettingsUpdate "settings.update" "PATCH" "/v1/settings" Write (settings::SettingsUpdateParams) -> Output::One(&settings::Settings::SHAPE);

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
            let output = match declared.output {
                Output::One(shape) | Output::Page(shape) => {
                    shape.collect(&mut shapes);
                    json!({ "kind": if matches!(declared.output, Output::One(_)) { "object" } else { "list" }, "shape": shape.name })
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
