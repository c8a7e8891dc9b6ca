//! What a payer's form says. Every value is wiped from memory after use, for it
//! may be a card's.

use zeroize::Zeroizing;

use super::notice::Field;
use crate::{
    domain::{
        card::{self, Card, Parts},
        id::PriceId,
        secret::Secret,
    },
    engine::checkout_page::PageChange,
};

/// Bytes of a body; a cart full of quantities fits.
pub(super) const BODY_LIMIT: usize = 32 * 1024;
/// Fields of a form.
const MOST_FIELDS: usize = 400;
/// Digits of a date of birth, `YYMMDD`.
const BIRTH_DIGITS: usize = 6;
/// Digits of a business number.
const BUSINESS_DIGITS: usize = 10;

/// A form's fields, in their order.
pub(super) struct Form(Vec<(String, Zeroizing<String>)>);

impl Form {
    /// Reads `application/x-www-form-urlencoded`; `None` for what is none.
    pub(super) fn read(body: &[u8]) -> Option<Self> {
        let mut fields = Vec::new();
        for pair in body.split(|byte| *byte == b'&').filter(|pair| !pair.is_empty()) {
            if fields.len() == MOST_FIELDS {
                return None;
            }
            let at = pair.iter().position(|byte| *byte == b'=').unwrap_or(pair.len());
            let name = decoded(&pair[..at])?;
            let value = decoded(pair.get(at + 1..).unwrap_or_default())?;
            fields.push((name.as_str().to_owned(), value));
        }
        Some(Self(fields))
    }

    fn all<'f>(&'f self, name: &'f str) -> impl Iterator<Item = &'f str> {
        let named = self.0.iter().filter(move |(known, _)| known == name);
        named.map(|(_, value)| value.trim())
    }

    /// A field without the space around it; empty when it is missing.
    pub(super) fn text<'f>(&'f self, name: &'f str) -> &'f str {
        self.all(name).next().unwrap_or_default()
    }

    /// Whether a field is there.
    pub(super) fn has(&self, name: &str) -> bool {
        self.all(name).next().is_some()
    }

    /// Quantities and codes. The codes that count come along, less the one that
    /// is to go, and then the new one. The place of a quantity that is no number
    /// is the error.
    pub(super) fn change(&self) -> Result<PageChange, Field> {
        let mut quantities = Vec::new();
        for (name, value) in &self.0 {
            let Some(price) = name.strip_prefix("quantity.") else {
                continue;
            };
            let refused = Field::Quantity(quantities.len());
            let price = PriceId::parse(price).map_err(|_| refused)?;
            let quantity = whole(value.trim()).ok_or(refused)?;
            quantities.push((price, quantity));
        }
        let gone = self.text("remove");
        let kept = self
            .all("codes")
            .filter(|code| self.text("remove").is_empty() || *code != gone);
        let new = Some(self.text("code")).filter(|code| !code.is_empty());
        Ok(PageChange {
            quantities,
            codes: Some(kept.chain(new).map(str::to_owned).collect()),
        })
    }

    /// The total that the payer saw, in the smallest unit.
    pub(super) fn total(&self) -> Option<i64> {
        self.text("total").parse().ok()
    }

    /// The card, or the fields that are wrong.
    pub(super) fn card(&self) -> Result<Card, Vec<Field>> {
        let mut wrong = Vec::new();
        let mut check = |field: Field, fits: bool| {
            if !fits {
                wrong.push(field);
            }
        };
        let number = card::number(&bare(self.text("number"))).ok();
        check(Field::Number, number.is_some());
        let expiry = expiry(self.text("expiry"));
        check(Field::Expiry, expiry.is_some());
        let identity = some(bare(self.text("identity")));
        let of_person = is_digits(identity.as_ref(), BIRTH_DIGITS);
        let of_company = is_digits(identity.as_ref(), BUSINESS_DIGITS);
        check(Field::Identity, identity.is_none() || of_person || of_company);
        let password = some(Secret::new(self.text("password").to_owned()));
        check(Field::Password, password.is_none() || is_digits(password.as_ref(), 2));
        let (Some(number), Some((month, year)), true) = (number, expiry, wrong.is_empty()) else {
            return Err(wrong);
        };
        let (personal_id, corporate_id) = match of_company {
            true => (None, identity),
            false => (identity, None),
        };
        Card::new(Parts {
            number,
            expiration_year: year,
            expiration_month: month,
            password,
            is_corporate: of_company,
            personal_id,
            corporate_id,
        })
        .map_err(|_| vec![Field::Identity])
    }
}

/// Without what people set digits apart with.
fn bare(text: &str) -> Secret {
    // As long as the text, so that it never moves and leaves a copy behind.
    let mut digits = String::with_capacity(text.len());
    digits.extend(text.chars().filter(|character| !matches!(character, ' ' | '-')));
    Secret::new(digits)
}

fn some(secret: Secret) -> Option<Secret> {
    Some(secret).filter(|secret| !secret.expose().is_empty())
}

fn is_digits(secret: Option<&Secret>, count: usize) -> bool {
    secret.is_some_and(|secret| card::digits(secret.expose(), count).is_ok())
}

/// Digits alone: no sign.
fn whole(text: &str) -> Option<i64> {
    text.bytes()
        .all(|byte| byte.is_ascii_digit())
        .then(|| text.parse().ok())
        .flatten()
}

/// Month and year, two digits each, of `MM/YY`, `MM / YYYY` or `MMYY`.
fn expiry(text: &str) -> Option<(String, String)> {
    let bare: String = text.chars().filter(|character| *character != ' ').collect();
    let (month, year) = match bare.split_once(['/', '-', '.']) {
        Some((month, year)) => (month, year),
        None if bare.is_ascii() && bare.len() == 4 => bare.split_at(2),
        None => return None,
    };
    let month = format!("{month:0>2}");
    let year = match year.len() {
        4 => year.strip_prefix("20")?,
        _ => year,
    };
    let fits = card::month(&month).is_ok() && card::digits(year, 2).is_ok();
    fits.then(|| (month, year.to_owned()))
}

/// Decodes a name or a value; `None` for a `%` without two digits behind it and
/// for what is no UTF-8.
fn decoded(part: &[u8]) -> Option<Zeroizing<String>> {
    let mut bytes = Zeroizing::new(Vec::with_capacity(part.len()));
    let mut rest = part;
    while let Some((first, behind)) = rest.split_first() {
        rest = behind;
        bytes.push(match first {
            b'+' => b' ',
            b'%' => {
                let (digits, behind) = rest.split_at_checked(2)?;
                rest = behind;
                hex(digits[0])? << 4 | hex(digits[1])?
            }
            other => *other,
        });
    }
    let text = std::str::from_utf8(&bytes).ok()?;
    Some(Zeroizing::new(text.to_owned()))
}

fn hex(digit: u8) -> Option<u8> {
    char::from(digit)
        .to_digit(16)
        .and_then(|value| u8::try_from(value).ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn form(body: &str) -> Form {
        Form::read(body.as_bytes()).unwrap()
    }

    fn card(number: &str, expiry: &str, rest: &str) -> Result<Card, Vec<Field>> {
        form(&format!("number={number}&expiry={expiry}{rest}")).card()
    }

    #[test]
    fn fields_are_decoded() {
        let form = form("step=pay&code=%ED%95%A0%EC%9D%B8+10%25&a=b=c&&empty=&total=-5");
        assert_eq!(form.text("step"), "pay");
        assert_eq!(form.text("code"), "할인 10%");
        assert_eq!(form.text("a"), "b=c");
        assert_eq!((form.text("empty"), form.has("empty")), ("", true));
        assert_eq!((form.text("none"), form.has("none")), ("", false));
        assert_eq!(form.total(), Some(-5));
        for bad in ["a=%", "a=%4", "a=%zz", "a=%ff", "%ff=a"] {
            assert!(Form::read(bad.as_bytes()).is_none(), "{bad}");
        }
        assert!(Form::read("a&".repeat(MOST_FIELDS + 1).as_bytes()).is_none());
    }

    #[test]
    fn codes_come_and_go() {
        let codes = |body: &str| form(body).change().unwrap().codes.unwrap();
        assert_eq!(codes("codes=A&codes=B&code=C"), ["A", "B", "C"]);
        assert_eq!(codes("codes=A&codes=B&remove=A&code="), ["B"]);
        assert_eq!(codes("code=++"), Vec::<String>::new());
    }

    #[test]
    fn quantities_are_whole_numbers() {
        let change = form("quantity.var_a=2&quantity.var_b=30").change().unwrap();
        let seen: Vec<(&str, i64)> = change
            .quantities
            .iter()
            .map(|(id, count)| (id.as_str(), *count))
            .collect();
        assert_eq!(seen, [("var_a", 2), ("var_b", 30)]);
        for bad in ["", "x", "1.5", "-1", "+1", "99999999999999999999"] {
            let body = format!("quantity.var_a=2&quantity.var_b={}", bad.replace('+', "%2B"));
            assert_eq!(form(&body).change().unwrap_err(), Field::Quantity(1), "{bad}");
        }
        assert_eq!(form("quantity.<b>=1").change().unwrap_err(), Field::Quantity(0));
    }

    #[test]
    fn cards_are_read_as_people_write_them() {
        for (number, expiry) in [
            ("4242424242424242", "12%2F30"),
            ("4242+4242+4242+4242", "12+%2F+2030"),
            ("4242-4242-4242-4242", "1230"),
        ] {
            let card = card(number, expiry, "").unwrap();
            let kept = card.kept();
            assert_eq!(
                (card.number(), kept.expiration_month, kept.expiration_year),
                ("4242424242424242", "12".to_owned(), "30".to_owned())
            );
            assert_eq!((card.identity(), card.password()), (None, None));
        }
        let person = card("4242424242424242", "1/30", "&identity=900101&password=12").unwrap();
        assert_eq!((person.identity(), person.password()), (Some("900101"), Some("12")));
        let company = card("4242424242424242", "01/30", "&identity=123-45-67890").unwrap();
        assert!(company.kept().is_corporate);
        assert_eq!(company.identity(), Some("1234567890"));
    }

    #[test]
    fn every_wrong_field_is_named() {
        let wrong = |number, expiry, rest| card(number, expiry, rest).map(drop).unwrap_err();
        assert_eq!(wrong("", "", ""), [Field::Number, Field::Expiry]);
        assert_eq!(wrong("378282246310005", "13/30", ""), [Field::Number, Field::Expiry]);
        assert_eq!(
            wrong("4242424242424242", "12/30", "&identity=9001&password=1"),
            [Field::Identity, Field::Password]
        );
        for bad in ["12", "1/3", "12/1999", "00/30", "12/3a", "/30", "１２30"] {
            assert_eq!(wrong("4242424242424242", bad, ""), [Field::Expiry], "{bad}");
        }
    }
}
