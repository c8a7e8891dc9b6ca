//! `commerce.paymentMethods`: the cards that customers pay with.

use serde_json::Value;

use super::{
    answer::{MetadataJson, PaymentMethodStatusWord, PaymentMethodTypeWord, PaymentMethodWord, True},
    catalog::Version,
    param::{Limit, Loose, Maybe, MetadataChange, checked, string, text_param},
    read::{Input, Param, Path, answer, input},
    shape::{Pattern, Type},
};
use crate::{
    domain::{
        Problem,
        card::{self, Card, Parts},
        id::{CustomerId, PaymentMethodId},
        instant::Instant,
        secret::Secret,
    },
    error::Result,
};

text_param! {
    CardYear => Type::Pattern(&Pattern { regex: card::YEAR, example: "30", secret: false }), CardYear::parse;
    CardMonth => Type::Pattern(&Pattern { regex: card::MONTH, example: "12", secret: false }), CardMonth::parse;
}

/// Two digits of a year.
#[derive(Debug, Clone)]
pub struct CardYear(String);

impl CardYear {
    fn parse(given: &str) -> std::result::Result<Self, Problem> {
        card::digits(given, 2).map(|()| Self(given.to_owned()))
    }
}

/// Two digits of a month.
#[derive(Debug, Clone)]
pub struct CardMonth(String);

impl CardMonth {
    fn parse(given: &str) -> std::result::Result<Self, Problem> {
        card::month(given).map(|()| Self(given.to_owned()))
    }
}

/// Declares members that are secrets: the text itself is moved, never copied.
macro_rules! secret_param {
    ($($(#[$doc:meta])* $name:ident $regex:expr, $example:literal, $check:expr;)*) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone)]
        pub struct $name(Secret);

        impl Param for $name {
            const TYPE: Type = Type::Pattern(&Pattern { regex: $regex, example: $example, secret: true });
            fn read(value: Value, at: &Path<'_>) -> Result<Self> {
                let given = Secret::new(string(value, at)?);
                checked(at, $check(given)).map(Self)
            }
        }
    )*};
}

type Checked = std::result::Result<Secret, Problem>;

fn digits<const COUNT: usize>(given: Secret) -> Checked {
    card::digits(given.expose(), COUNT).map(|()| given)
}

fn auth_key(given: Secret) -> Checked {
    let text = given.expose();
    if (1..=MAX_AUTH_KEY).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_graphic()) {
        Ok(given)
    } else {
        Err(Problem::new("must be 1 to 300 visible ASCII characters"))
    }
}

const MAX_AUTH_KEY: usize = 300;

secret_param! {
    /// A card's number.
    CardNumber card::NUMBER, "4242 4242 4242 4242", |given: Secret| card::number(&given);
    /// The first two digits of a card's PIN.
    CardPassword card::PASSWORD, "12", digits::<2>;
    /// The holder's date of birth.
    PersonalId card::PERSONAL_ID, "900101", digits::<6>;
    /// The number of the company that holds the card.
    CorporateId card::CORPORATE_ID, "1234567890", digits::<10>;
    /// What a gateway's own page gave for a card.
    AuthKey "^[!-~]{1,300}$", "auth_9f2c41d7", auth_key;
}

input! {
    /// A card.
    pub struct CardInput {
        /// 16 digits, with or without spaces between groups of four.
        "number" number: CardNumber,
        /// Year of the expiry, two digits.
        "expirationYear" expiration_year: CardYear,
        /// Month of the expiry, two digits.
        "expirationMonth" expiration_month: CardMonth,
        /// The first two digits of the card's PIN, where the gateway asks for them.
        "password" password: Option<CardPassword>,
        /// Whether a company holds the card; no by default.
        "isCorporate" is_corporate: Option<bool>,
        /// The holder's date of birth, `YYMMDD`, where the gateway asks for it; not for a company's card.
        "personalId" personal_id: Option<PersonalId>,
        /// The company's business number, 10 digits, where the gateway asks for it; only for a company's card.
        "corporateId" corporate_id: Option<CorporateId>,
    }
}

/// A card whose members go together.
#[derive(Debug, Clone)]
pub struct CardParam(pub Card);

impl Param for CardParam {
    const TYPE: Type = Type::Shape(&CardInput::SHAPE);
    fn read(value: Value, at: &Path<'_>) -> Result<Self> {
        let given = CardInput::read_object(value, at)?;
        let card = Card::new(Parts {
            number: given.number.0,
            expiration_year: given.expiration_year.0,
            expiration_month: given.expiration_month.0,
            password: given.password.map(|password| password.0),
            is_corporate: given.is_corporate.unwrap_or(false),
            personal_id: given.personal_id.map(|id| id.0),
            corporate_id: given.corporate_id.map(|id| id.0),
        });
        checked(at, card).map(Self)
    }
}

impl AuthKey {
    /// The text itself.
    pub fn secret(&self) -> &Secret {
        &self.0
    }
}

input! {
    /// A payment method to be: `card` or `authKey`.
    pub struct PaymentMethodCreateParams {
        /// Whose it is: `cus_…`
        "customerId" customer_id: CustomerId,
        /// The card. Of its members only the expiry, whether a company holds it, and the last four digits are kept.
        "card" card: Option<CardParam>,
        /// What the gateway's own page gave for a card, instead of `card`; the sandbox gateway has no such page.
        "authKey" auth_key: Option<AuthKey>,
        /// Whether it becomes the customer's default; the first one does in any case.
        "makeDefault" make_default: Option<bool>,
        /// Your own notes: at most 50 keys of 40 characters with texts of 500.
        "metadata" metadata: MetadataChange,
    }
}

input! {
    /// Which payment method.
    pub struct PaymentMethodGetParams {
        /// `pm_…`
        "paymentMethodId" payment_method_id: PaymentMethodId,
    }
}

input! {
    /// Whose payment methods to list.
    pub struct PaymentMethodListParams {
        /// `cus_…`
        "customerId" customer_id: CustomerId,
        /// Payment methods a page: 1 to 100, as number or numeric text.
        "limit" limit: Limit,
        /// `nextCursor` of the page before, with the same filters.
        "cursor" cursor: Option<Loose<2000>>,
    }
}

input! {
    /// What to change about a payment method; a card itself never changes.
    pub struct PaymentMethodUpdateParams {
        /// `pm_…`
        "paymentMethodId" payment_method_id: PaymentMethodId,
        /// `true` makes it the customer's default in the place of the present one.
        "default" default: Maybe<bool>,
        /// Your own notes; replaced key by key, `null` removes one.
        "metadata" metadata: MetadataChange,
        /// Only if the payment method still has this version.
        "ifVersion" if_version: Version,
    }
}

input! {
    /// Which payment method to delete.
    pub struct PaymentMethodDeleteParams {
        /// `pm_…`
        "paymentMethodId" payment_method_id: PaymentMethodId,
        /// Only if the payment method still has this version.
        "ifVersion" if_version: Version,
    }
}

answer! {
    /// A payment method of a customer.
    pub struct PaymentMethod {
        /// `pm_…`
        "id" id: PaymentMethodId,
        /// Always `'payment_method'`.
        "object" object: PaymentMethodWord,
        /// Whose it is: `cus_…`
        "customerId" customer_id: CustomerId,
        /// Always `'card'`.
        "type" kind: PaymentMethodTypeWord,
        /// The gateway that knows the card, such as `'sandbox'`.
        "gateway" gateway: String,
        /// Who issued the card, as the gateway says.
        "issuer" issuer: Option<String>,
        /// The last four digits of the card's number.
        "last4" last4: String,
        /// Year of the expiry, two digits.
        "expirationYear" expiration_year: String,
        /// Month of the expiry, two digits.
        "expirationMonth" expiration_month: String,
        /// Whether a company holds the card.
        "isCorporate" is_corporate: bool,
        /// Whether it is charged where nothing else is said; one of a customer's payment methods is.
        "isDefault" is_default: bool,
        /// Whether it can be charged; an `'expired'` one was replaced.
        "status" status: PaymentMethodStatusWord,
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
    /// What is left of a deleted payment method.
    pub struct DeletedPaymentMethod {
        /// `pm_…`
        "id" id: PaymentMethodId,
        /// Always `'payment_method'`.
        "object" object: PaymentMethodWord,
        /// Always `true`.
        "deleted" deleted: True,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::ops::Op;

    #[test]
    fn comparing_inputs_leaves_the_card_out() {
        let declared = Op::PaymentMethodsCreate.declaration();
        assert!(declared.secret && !Op::CustomersCreate.declaration().secret);
        let input = json!({ "customer_id": "cus_1", "card": { "number": "4000000000000002" }, "auth_key": "x" });
        assert_eq!(
            declared.input.without_secrets(&input),
            json!({ "customer_id": "cus_1", "card": true, "auth_key": true })
        );
    }

    #[test]
    fn no_refusal_quotes_a_card() {
        let good = json!({ "number": "4000000000000002", "expirationYear": "30", "expirationMonth": "12" });
        for (member, value, param) in [
            ("number", json!("40000000000000021"), "card.number"),
            ("number", json!(4_000_000_000_000_002_i64), "card.number"),
            ("expirationMonth", json!("13"), "card.expirationMonth"),
            ("password", json!("1234"), "card.password"),
            ("personalId", json!("9001011"), "card.personalId"),
            ("corporateId", json!("1234567890"), "card.corporateId"),
        ] {
            let mut card = good.clone();
            card[member] = value.clone();
            let input = json!({ "customerId": "cus_1", "card": card });
            let error = PaymentMethodCreateParams::read_input(input)
                .map(drop)
                .expect_err(member);
            assert_eq!(error.param(), Some(param));
            let digits: String = value.to_string().chars().filter(char::is_ascii_digit).collect();
            assert!(
                digits.len() < 3 || !error.message().contains(&digits),
                "{}",
                error.message()
            );
        }
        let params = PaymentMethodCreateParams::read_input(json!({ "customerId": "cus_1", "card": good }));
        assert!(!format!("{params:?}").contains("40000"));
    }
}
