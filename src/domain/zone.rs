//! Time zones by their IANA names.

use super::Problem;

/// Checks an IANA name such as `Asia/Seoul` and gives its usual spelling.
pub fn checked(given: &str) -> Result<&'static str, Problem> {
    let zone: Result<chrono_tz::Tz, _> = given.trim().parse();
    zone.map(chrono_tz::Tz::name)
        .map_err(|_| Problem::new("must be an IANA time zone such as Asia/Seoul or UTC"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_the_database_only() {
        assert_eq!(checked("Asia/Seoul"), Ok("Asia/Seoul"));
        assert_eq!(checked("UTC"), Ok("UTC"));
        for bad in ["", "KST", "Seoul", "+09:00"] {
            assert!(checked(bad).is_err(), "{bad}");
        }
    }
}
