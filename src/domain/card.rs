//! A card as it comes in. It lives in memory only, on its way to the gateway;
//! what is kept of it is in [`Kept`].

use super::{Problem, secret::Secret};

/// A card's number: four times four digits, with or without spaces between.
pub const NUMBER: &str = "^[0-9]{4} ?[0-9]{4} ?[0-9]{4} ?[0-9]{4}$";
/// A year of this century, two digits.
pub const YEAR: &str = "^[0-9]{2}$";
/// A month, two digits.
pub const MONTH: &str = "^(0[1-9]|1[0-2])$";
/// The first two digits of a card's PIN.
pub const PASSWORD: &str = "^[0-9]{2}$";
/// The holder's date of birth, `YYMMDD`.
pub const PERSONAL_ID: &str = "^[0-9]{6}$";
/// The business number of a company.
pub const CORPORATE_ID: &str = "^[0-9]{10}$";

/// Digits in a card's number.
const NUMBER_DIGITS: usize = 16;

/// Reads a card's number: 16 digits, in groups of four or without spaces.
///
/// # Errors
///
/// A problem that does not quote what was given.
pub fn number(given: &Secret) -> Result<Secret, Problem> {
    let text = given.expose();
    let grouped = text.bytes().enumerate().all(|(at, byte)| match byte {
        b' ' => {
            at > 0 && at + 1 < text.len() && digits_before(text, at).is_multiple_of(4) && !text[..at].ends_with(' ')
        }
        byte => byte.is_ascii_digit(),
    });
    let mut bare = String::with_capacity(NUMBER_DIGITS);
    bare.extend(
        text.chars()
            .filter(|character| *character != ' ')
            .take(NUMBER_DIGITS + 1),
    );
    let bare = Secret::new(bare);
    if grouped && bare.expose().len() == NUMBER_DIGITS {
        Ok(bare)
    } else {
        Err(Problem::new(
            "must be 16 digits, in groups of four or without spaces; numbers of other lengths, such as those of American Express, are not taken",
        ))
    }
}

fn digits_before(text: &str, at: usize) -> usize {
    text.bytes().take(at).filter(u8::is_ascii_digit).count()
}

/// Checks exactly so many digits.
///
/// # Errors
///
/// A problem that does not quote what was given.
pub fn digits(given: &str, count: usize) -> Result<(), Problem> {
    if given.len() == count && given.bytes().all(|byte| byte.is_ascii_digit()) {
        Ok(())
    } else {
        Err(Problem::new(format!("must be {count} digits, as a text")))
    }
}

/// Checks a month of two digits.
///
/// # Errors
///
/// A problem that does not quote what was given.
pub fn month(given: &str) -> Result<(), Problem> {
    let fits = digits(given, 2).is_ok() && given.parse().is_ok_and(|month| (1..=12).contains(&month));
    if fits {
        Ok(())
    } else {
        Err(Problem::new("must be a month of two digits, 01 to 12, as a text"))
    }
}

/// What is said about a card, each part checked by itself.
#[derive(Debug, Clone)]
pub struct Parts {
    /// 16 digits without spaces.
    pub number: Secret,
    /// Two digits.
    pub expiration_year: String,
    /// Two digits, 01 to 12.
    pub expiration_month: String,
    /// The first two digits of the PIN.
    pub password: Option<Secret>,
    /// Whether a company holds it.
    pub is_corporate: bool,
    /// The holder's date of birth, 6 digits.
    pub personal_id: Option<Secret>,
    /// The company's number, 10 digits.
    pub corporate_id: Option<Secret>,
}

/// A card. Its secrets are wiped when it is dropped, `Debug` does not show
/// them, and it cannot be serialised.
#[derive(Debug, Clone)]
pub struct Card(Parts);

impl Card {
    /// Checks that the parts go together.
    ///
    /// # Errors
    ///
    /// A problem with `personalId` of a company's card, or `corporateId` of
    /// a person's.
    pub fn new(parts: Parts) -> Result<Self, Problem> {
        if parts.is_corporate && parts.personal_id.is_some() {
            return Err(Problem::at(
                "personalId",
                "belongs to a person's card: give corporateId beside isCorporate, or leave isCorporate out",
            ));
        }
        if !parts.is_corporate && parts.corporate_id.is_some() {
            return Err(Problem::at(
                "corporateId",
                "belongs to a company's card: give isCorporate: true with it",
            ));
        }
        Ok(Self(parts))
    }

    /// 16 digits.
    pub fn number(&self) -> &str {
        self.0.number.expose()
    }

    /// The first two digits of the PIN.
    pub fn password(&self) -> Option<&str> {
        self.0.password.as_ref().map(Secret::expose)
    }

    /// What a gateway knows the holder by: a date of birth of 6 digits, or
    /// a business number of 10.
    pub fn identity(&self) -> Option<&str> {
        let parts = &self.0;
        parts
            .corporate_id
            .as_ref()
            .or(parts.personal_id.as_ref())
            .map(Secret::expose)
    }

    /// All that may be kept of it.
    pub fn kept(&self) -> Kept {
        let number = self.number();
        Kept {
            last4: number[number.len() - 4..].to_owned(),
            expiration_year: self.0.expiration_year.clone(),
            expiration_month: self.0.expiration_month.clone(),
            is_corporate: self.0.is_corporate,
        }
    }
}

/// What may be kept of a card.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Kept {
    /// The last four digits of its number.
    pub last4: String,
    /// Two digits.
    pub expiration_year: String,
    /// Two digits, 01 to 12.
    pub expiration_month: String,
    /// Whether a company holds it.
    pub is_corporate: bool,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(given: &str) -> Option<String> {
        number(&Secret::new(given.to_owned()))
            .ok()
            .map(|number| number.expose().to_owned())
    }

    fn parts() -> Parts {
        Parts {
            number: Secret::new("4000000000000002".to_owned()),
            expiration_year: "30".to_owned(),
            expiration_month: "01".to_owned(),
            password: Some(Secret::new("73".to_owned())),
            is_corporate: false,
            personal_id: Some(Secret::new("900101".to_owned())),
            corporate_id: None,
        }
    }

    #[test]
    fn numbers_are_sixteen_digits() {
        let good = Some("4000000000000002".to_owned());
        for given in ["4000000000000002", "4000 0000 0000 0002", "40000000 00000002"] {
            assert_eq!(read(given), good, "{given}");
        }
        for bad in [
            "",
            "4000",
            "400000000000002",
            "40000000000000020",
            "378282246310005",
            " 4000000000000002",
            "4000000000000002 ",
            "4000  0000 0000 0002",
            "400 0000 0000 00002",
            "4000-0000-0000-0002",
            "４０００000000000002",
            "4000000000000002\n",
        ] {
            let refused = number(&Secret::new(bad.to_owned())).expect_err(bad);
            assert!(!refused.message.contains("4000"));
        }
    }

    #[test]
    fn months_and_counts() {
        for good in ["01", "09", "10", "12"] {
            assert!(month(good).is_ok(), "{good}");
        }
        for bad in ["00", "13", "1", "1 ", "+1", "001", ""] {
            assert!(month(bad).is_err(), "{bad}");
        }
        assert!(digits("900101", 6).is_ok());
        assert!(digits("90010", 6).is_err());
        assert!(digits("9001O1", 6).is_err());
    }

    #[test]
    fn identities_belong_to_their_kind_of_holder() {
        let person = Card::new(parts()).unwrap();
        assert_eq!(person.identity(), Some("900101"));
        let company = Parts {
            is_corporate: true,
            personal_id: None,
            corporate_id: Some(Secret::new("1234567890".to_owned())),
            ..parts()
        };
        assert_eq!(Card::new(company.clone()).unwrap().identity(), Some("1234567890"));
        let mixed = Parts {
            is_corporate: true,
            ..parts()
        };
        assert_eq!(Card::new(mixed).unwrap_err().at, "personalId");
        let mixed = Parts {
            is_corporate: false,
            ..company
        };
        assert_eq!(Card::new(mixed).unwrap_err().at, "corporateId");
    }

    #[test]
    fn what_is_shown_and_kept_has_no_secret() {
        let card = Card::new(parts()).unwrap();
        for shown in [format!("{card:?}"), format!("{:?}", card.kept())] {
            for secret in ["40000", "73", "900101"] {
                assert!(!shown.contains(secret), "{shown}");
            }
        }
        assert_eq!(card.kept().last4, "0002");
    }
}
