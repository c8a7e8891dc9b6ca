//! Currencies by their ISO 4217 codes.

use iso_currency::Currency;

use super::Problem;

/// Checks a three-letter code in either case and gives it in upper case.
pub fn checked(given: &str) -> Result<String, Problem> {
    let code = given.trim().to_ascii_uppercase();
    match Currency::from_code(&code) {
        Some(currency) => Ok(currency.code().to_owned()),
        None => Err(Problem::new(
            "must be a three-letter currency code of ISO 4217 such as KRW or USD",
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_of_the_standard_only() {
        assert_eq!(checked("krw").as_deref(), Ok("KRW"));
        for bad in ["", "WON", "US", "dollar"] {
            assert!(checked(bad).is_err(), "{bad}");
        }
    }
}
