//! Examples, made from the declarations: nobody's data.

use serde_json::{Value, json};

use crate::{
    domain::settings::Settings,
    ops::{
        Operation, Output,
        shape::{Field, Shape, Type},
    },
};

/// A value whose members keep their declared order, for people to read.
#[derive(Debug, Clone)]
pub(in crate::http) enum Example {
    /// Anything without members that matter.
    Plain(Value),
    /// A list.
    List(Vec<Example>),
    /// An object.
    Object(Vec<(&'static str, Example)>),
}

impl Example {
    /// As JSON.
    pub(in crate::http) fn value(&self) -> Value {
        match self {
            Self::Plain(value) => value.clone(),
            Self::List(items) => items.iter().map(Self::value).collect(),
            Self::Object(members) => members
                .iter()
                .map(|(name, value)| ((*name).to_owned(), value.value()))
                .collect(),
        }
    }
}

/// What stands behind an id's prefix.
const ID: &str = "01jd0v8e4r5s9m2kq7w3x6y1zb";
/// How many members a request's example has, beside those that are required.
const FEW: usize = 2;

/// Texts by the member's name, where a reader expects something particular.
const TEXTS: &[(&str, &str)] = &[
    ("actorId", "key_01jd0v8e4r5s9m2kq7w3x6y1zb"),
    ("actorKind", "api_key"),
    ("cancelUrl", "https://example.com/cart"),
    ("city", "Seoul"),
    ("code", "parameter_invalid"),
    ("column", "Phone"),
    ("corporateId", "1234567890"),
    ("country", "KR"),
    ("countryCode", "KR"),
    ("currency", "KRW"),
    ("date", "2026-03-01"),
    ("declineCode", "insufficient_funds"),
    ("description", "What it is, at length."),
    ("email", "name@example.com"),
    ("errorUrl", "https://example.com/failed"),
    ("expirationMonth", "12"),
    ("expirationYear", "30"),
    ("featuredImageUrl", "https://example.com/picture.png"),
    ("field", "pin"),
    ("gateway", "sandbox"),
    ("issuer", "Visa"),
    ("gatewayCode", "51"),
    ("key", "user_42"),
    ("label", "Company size"),
    ("last4", "4242"),
    ("line1", "1 Example Street"),
    ("line2", "Floor 2"),
    ("name", "Example Name"),
    ("number", "4111111111111111"),
    ("password", "correct horse battery staple"),
    ("personalId", "900101"),
    ("phone", "+821012345678"),
    ("postal_code", "04524"),
    ("query", "example"),
    ("reason", "must be a phone number"),
    ("requestId", "req_01jd0v8e4r5s9m2kq7w3x6y1zb"),
    ("state", "Seoul"),
    ("reference", "ref_01jd0v8e4r5s9m2kq7w3x6y1zb"),
    ("subjectId", "cus_01jd0v8e4r5s9m2kq7w3x6y1zb"),
    ("successUrl", "https://example.com/thanks"),
    ("timezone", "Asia/Seoul"),
    ("taxRate", "10"),
    ("type", "customer.created"),
    ("unit", "calls"),
    ("unitAmountDecimal", "1"),
    ("url", "https://pay.example.com/c/01jd0v8e4r5s9m2kq7w3x6y1zb"),
    ("username", "user42"),
    ("uuid", UUID),
];

/// Of the id's 128 bits.
const UUID: &str = "01934081-d1c4-2e13-a6da-271d5dff7bea";

/// Members of answers that most objects do not have.
const RARE: &[&str] = &[
    "actorId",
    "advancingTo",
    "amountOff",
    "archivedAt",
    "billingDay",
    "bundle",
    "cancelAt",
    "canceledAt",
    "completedAt",
    "countrySetting",
    "declineCode",
    "disputeWonAt",
    "disputedAt",
    "dormantAt",
    "durationInMonths",
    "endedAt",
    "expireAt",
    "expiry",
    "gatewayCode",
    "hardLimit",
    "includedUnits",
    "introDiscount",
    "maximumAmount",
    "maximumQuantity",
    "minimumAmount",
    "openOrderId",
    "originNextPaymentAt",
    "packageSize",
    "parentItemId",
    "pauseAt",
    "pausedAt",
    "pendingChange",
    "percent",
    "rejectionReason",
    "replaces",
    "resumeAt",
    "retryable",
    "serviceStartDay",
    "setupFee",
    "stock",
    "stockHeldUntil",
    "testClock",
    "tierMode",
    "tiers",
    "trial",
    "trialEnd",
    "trialStart",
    "usageClaim",
];

/// The members of a request that its example shows: what is required, and a
/// few that most people want. `without` names one that goes elsewhere.
pub(in crate::http) fn request(shape: &Shape, without: Option<&str>) -> Vec<(&'static str, Example)> {
    let is_list = shape.fields.iter().any(|field| matches!(field.kind, Type::Limit));
    let mut room = if is_list { 0 } else { FEW };
    let mut members = Vec::new();
    for field in shape.fields.iter().filter(|field| Some(field.name) != without) {
        let wanted = field.required
            || matches!(field.kind, Type::Limit)
            || !is_list && matches!(field.name, "email" | "password")
            || matches!(
                (shape.name, field.name),
                ("CouponCreateParams", "percentOff")
                    | ("PriceCreateParams" | "VariantInput", "unitAmount" | "recurring")
                    | ("ProductCreateParams", "variants")
                    | ("PaymentMethodCreateParams", "card")
            );
        let simple = !matches!(field.kind, Type::Map | Type::Attributes | Type::List(..));
        let common = simple
            && !matches!(
                field.name,
                "ifVersion" | "key" | "username" | "field" | "id" | "uuid" | "type" | "authKey"
            );
        if wanted || room > 0 && common {
            room = room.saturating_sub(usize::from(!wanted));
            members.push((field.name, of_field(field, shape, true)));
        }
    }
    members
}

/// The id that comes in the path.
pub(in crate::http) fn id(operation: &Operation) -> Option<Value> {
    let name = operation.id_param?;
    let field = operation.input.fields.iter().find(|field| field.name == name)?;
    Some(of_field(field, operation.input, true).value())
}

/// What an operation answers; `None` for what is no JSON.
pub(in crate::http) fn answer(output: Output) -> Option<Example> {
    match output {
        Output::One(shape) | Output::Previewable(shape, _) => Some(object(shape, false)),
        Output::Page(shape) => Some(Example::Object(vec![
            ("data", Example::List(vec![object(shape, false)])),
            ("hasMore", Example::Plain(json!(false))),
            ("nextCursor", Example::Plain(Value::Null)),
        ])),
        Output::File | Output::Stream(_) => None,
    }
}

fn of_field(field: &Field, shape: &Shape, given: bool) -> Example {
    if let ("Settings", Some(default)) = (shape.name, default_setting(field.name)) {
        return Example::Plain(default);
    }
    let named = match (shape.name, field.name) {
        (_, name) if !given && field.nullable && RARE.contains(&name) => Value::Null,
        ("Coupon", "currency") if !given => Value::Null,
        (_, "promotionCode" | "discountCodes") if given => codes(&field.kind),
        ("LineReason", "code") => json!("price"),
        ("InvalidDiscount", "reason") => json!("expired"),
        ("CreditBalanceAdjustParams" | "CreditEntry", "reason") => json!("Sorry for the wait"),
        (name, "reason") if name != "OrderItem" && (name.starts_with("Order") || name.starts_with("Payment")) => {
            json!("Sent back unused")
        }
        (name, "key") if name.starts_with("Payment") || name == "Receipt" => json!(format!("key_{ID}")),
        ("CardInput", "password") => json!("12"),
        (name, "code") if name.starts_with("Coupon") || name.ends_with("Discount") => json!("WELCOME10"),
        // A custom field's key names a value, a customer's key names a user.
        (name, "key") if name.contains("CustomField") => json!("company_size"),
        ("SignupField", "name") => json!("email"),
        ("SignupField", "label") => json!("E-mail"),
        _ => return of_type(&field.kind, field.name, given),
    };
    Example::Plain(named)
}

/// What a store has that never changed a setting.
fn default_setting(name: &str) -> Option<Value> {
    let defaults = serde_json::to_value(Settings::default()).ok()?;
    defaults.get(name).cloned()
}

/// Discount codes: a list, or one alone.
fn codes(kind: &Type) -> Value {
    match kind {
        Type::List(..) => json!(["WELCOME10"]),
        _ => json!("WELCOME10"),
    }
}

fn object(shape: &Shape, given: bool) -> Example {
    let members = shape
        .fields
        .iter()
        .map(|field| (field.name, of_field(field, shape, given)));
    Example::Object(members.collect())
}

fn of_type(kind: &Type, name: &str, given: bool) -> Example {
    match kind {
        Type::List(_, _)
            if matches!(
                name,
                "choices"
                    | "additionalRecipients"
                    | "errors"
                    | "imageUrls"
                    | "categories"
                    | "eventBadges"
                    | "groups"
                    | "combinations"
                    | "products"
            ) =>
        {
            Example::List(Vec::new())
        }
        Type::Either(one, _) => of_type(one, name, given),
        Type::List(of, _) => Example::List(vec![of_type(of, name, given)]),
        Type::Shape(shape) if given => Example::Object(request(shape, None)),
        Type::Shape(shape) => object(shape, given),
        _ => Example::Plain(plain(kind, name, given)),
    }
}

fn plain(kind: &Type, name: &str, given: bool) -> Value {
    let named = || TEXTS.iter().find(|(known, _)| *known == name).map(|(_, text)| *text);
    match kind {
        Type::Text(_) | Type::Loose(..) => named().unwrap_or("example").into(),
        Type::Email => json!("name@example.com"),
        Type::Phone => json!("+821012345678"),
        Type::Country => json!("KR"),
        Type::Currency => json!("KRW"),
        Type::Uuid => json!(UUID),
        Type::Decimal(_) | Type::SignedDecimal(_) => json!(10),
        Type::Id(prefix) => format!("{prefix}{ID}").into(),
        Type::Instant if given => json!("2026-03-01T00:00:00Z"),
        Type::Instant => json!("2026-03-01T00:00:00.000Z"),
        Type::Boolean => json!(!matches!(name, "dryRun" | "required")),
        Type::Integer(_, _) if matches!(name, "failed" | "updated" | "unchanged") => json!(0),
        Type::Integer(min, max) => json!(1.clamp(*min, *max)),
        Type::Pattern(pattern) => json!(pattern.example),
        Type::Limit => json!(20),
        Type::Enum(words) => json!(words.first()),
        Type::Map if given => json!({ "plan": "starter" }),
        Type::Attributes => json!({ "company_size": "10-49" }),
        Type::Json => json!({ "object": { "id": format!("cus_{ID}"), "version": 1 }, "before": null }),
        _ => json!({}),
    }
}
