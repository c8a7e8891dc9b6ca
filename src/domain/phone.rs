//! Phone numbers: international ones with a plus, or Korean domestic ones.

use std::sync::atomic::{AtomicBool, Ordering};

use phonenumber::{Mode, country::Id as Region};

use super::{Problem, text};

/// Longest text that is read as a number, in characters.
pub const MAX_CHARACTERS: usize = 40;
/// What such a text may hold beside digits.
pub const PUNCTUATION: &str = "+-.() ";

static PLANS_READ: AtomicBool = AtomicBool::new(false);

/// Whether the numbering plans are in memory, so that parsing takes
/// microseconds.
pub fn is_quick() -> bool {
    PLANS_READ.load(Ordering::Relaxed)
}

/// A checked number: E.164 (`+821012345678`), and the text as it was given.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Phone {
    e164: String,
    given: String,
}

impl Phone {
    /// Accepts E.164 and other international spellings with `+`, and Korean
    /// domestic numbers (`010-1234-5678`, `02 312 3456`).
    ///
    /// The first call of a process reads the numbering plans of the world
    /// (about 80 ms); later ones take microseconds.
    pub fn parse(given: &str) -> Result<Self, Problem> {
        let given = given.trim();
        let refused = || {
            Problem::new(
                "must be a phone number with country code such as +821012345678, or a Korean number such as 010-1234-5678",
            )
        };
        text::within(given, MAX_CHARACTERS)?;
        if given.is_empty() || !given.chars().all(|c| c.is_ascii_digit() || PUNCTUATION.contains(c)) {
            return Err(refused());
        }
        let parsed = phonenumber::parse(Some(Region::KR), given);
        PLANS_READ.store(true, Ordering::Relaxed);
        let number = parsed.map_err(|_| refused())?;
        if !phonenumber::is_valid(&number) {
            return Err(refused());
        }
        Ok(Self {
            e164: number.format().mode(Mode::E164).to_string(),
            given: given.to_owned(),
        })
    }

    /// Takes a number that was checked when it was stored.
    pub fn trusted(e164: &str, given: &str) -> Self {
        Self {
            e164: e164.to_owned(),
            given: given.to_owned(),
        }
    }

    /// `+` and digits only.
    pub fn e164(&self) -> &str {
        &self.e164
    }

    /// The text as it was given, trimmed.
    pub fn as_given(&self) -> &str {
        &self.given
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn korean_and_international_numbers_become_e164() {
        for (given, e164) in [
            ("010-1234-5678", "+821012345678"),
            ("01012345678", "+821012345678"),
            ("+82 10-1234-5678", "+821012345678"),
            ("02-312-3456", "+8223123456"),
            ("+1 (415) 555-2671", "+14155552671"),
        ] {
            let phone = Phone::parse(given).expect(given);
            assert_eq!((phone.e164(), phone.as_given()), (e164, given));
        }
    }

    #[test]
    fn refuses_what_nobody_can_call() {
        for bad in [
            "",
            "12",
            "010-12-5678",
            "+999 12345678",
            "call me",
            "+82",
            "010-1234-5678 ext 5",
        ] {
            assert!(Phone::parse(bad).is_err(), "{bad}");
        }
    }
}
