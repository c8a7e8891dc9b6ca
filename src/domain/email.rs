//! E-mail addresses, the natural key of a customer.

use std::str::FromStr;

use email_address::EmailAddress;
use unicode_normalization::{UnicodeNormalization, char::is_combining_mark};

use super::{Problem, text};

/// Longest address accepted, in characters (RFC 5321, section 4.5.3.1).
pub const MAX_CHARACTERS: usize = 254;
/// Most characters before the `@` (RFC 5321, section 4.5.3.1.1).
const MAX_LOCAL_CHARACTERS: usize = 64;

/// A checked address: the spelling given, and the folded key under which two
/// spellings are the same mailbox.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Email {
    given: String,
    key: String,
}

impl Email {
    /// Trims and checks an address. It must be `local@domain` with a dot in
    /// the domain; international addresses are accepted.
    pub fn parse(given: &str) -> Result<Self, Problem> {
        let given = given.trim();
        if given.is_empty() {
            return Err(Problem::new(
                "must be an e-mail address such as name@example.com, not an empty text",
            ));
        }
        text::within(given, MAX_CHARACTERS)?;
        let refused = || Problem::new("must be an e-mail address such as name@example.com");
        // The parser knows the shape of addresses, but counts octets, and takes
        // no combining marks, which most scripts of India write with. So it
        // sees one letter for each letter or mark beyond ASCII.
        let plain: String = given
            .nfc()
            .map(|c| {
                if !c.is_ascii() && (c.is_alphanumeric() || is_combining_mark(c)) {
                    'x'
                } else {
                    c
                }
            })
            .collect();
        if plain
            .chars()
            .any(|c| c.is_control() || c.is_whitespace() || matches!(c, '<' | '>' | ',' | ';'))
        {
            return Err(refused());
        }
        if plain.find('@').is_some_and(|local| local > MAX_LOCAL_CHARACTERS) {
            return Err(Problem::new(format!(
                "must have at most {MAX_LOCAL_CHARACTERS} characters before the @"
            )));
        }
        let parsed = EmailAddress::from_str(&plain).map_err(|_| refused())?;
        let domain = parsed.domain();
        if domain.starts_with('[') || !domain.contains('.') || domain.ends_with('.') {
            return Err(refused());
        }
        Ok(Self {
            key: key(given),
            given: given.to_owned(),
        })
    }

    /// Takes an address and its key, both checked when they were stored.
    pub fn trusted(given: &str, key: &str) -> Self {
        Self {
            key: key.to_owned(),
            given: given.to_owned(),
        }
    }

    /// The spelling first given, trimmed.
    pub fn as_given(&self) -> &str {
        &self.given
    }

    /// The folded key.
    pub fn key(&self) -> &str {
        &self.key
    }
}

/// The folded key of any text that may be an address, for look-ups.
pub fn key(given: &str) -> String {
    text::fold(given)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn accepts_what_people_have() {
        for good in [
            "a@b.co",
            "Kim.CheolSu+shop@Example.COM",
            "한글@도메인.한국",
            "o'neil@example.ie",
            "info@हिन्दी.भारत",
            "jose\u{301}@example.com",
            "  x@y.kr ",
        ] {
            assert!(Email::parse(good).is_ok(), "{good}");
        }
    }

    #[test]
    fn refuses_what_is_no_address() {
        for bad in [
            "",
            " ",
            "a",
            "a@b",
            "a@",
            "@b.c",
            "a b@c.de",
            "a@b.c,d@e.f",
            "A <a@b.co>",
            "a@b.co\0",
            "a@[127.0.0.1]",
            "a@b.co.",
        ] {
            assert!(Email::parse(bad).is_err(), "{bad}");
        }
        assert!(Email::parse(&format!("{}@example.com", "a".repeat(250))).is_err());
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(20_000))]

        #[test]
        fn the_key_ignores_case_and_surrounding_space(local in "[a-z0-9._%+-]{1,20}", domain in "[a-z0-9]{1,10}\\.(com|kr|한국)", upper in any::<u64>(), pad in 0_usize..3) {
            let plain = format!("{local}@{domain}");
            let mixed: String = plain.chars().enumerate()
                .map(|(i, c)| if upper >> (i % 64) & 1 == 1 { c.to_ascii_uppercase() } else { c }).collect();
            let padded = format!("{}{mixed}{}", " ".repeat(pad), "\t".repeat(pad));
            prop_assert_eq!(key(&plain), key(&padded));
            if let (Ok(a), Ok(b)) = (Email::parse(&plain), Email::parse(&padded)) {
                prop_assert_eq!(a.key(), b.key());
                prop_assert_eq!(b.as_given(), mixed.as_str());
            }
        }

        #[test]
        fn folding_twice_changes_nothing(text in "\\PC{0,40}") {
            prop_assert_eq!(key(&key(&text)), key(&text));
        }

        #[test]
        fn any_text_is_answered_without_a_panic(text in any::<String>()) {
            let _ = Email::parse(&text);
        }
    }
}
