//! Amounts, days and rhythms as pages show them.

use chrono::Datelike;

use super::{Locale, number};
use crate::domain::{
    calendar::{Interval, Unit},
    currency::Currency,
    instant::Instant,
    zone::Zone,
};

const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];

/// An amount as people write it: `₩9,900` and in Korean `9,900원`, `$9.99`,
/// `-€0.50`; with its code where no sign is common, `9.99 CHF`.
pub fn money(amount: i64, currency: Currency, locale: Locale) -> String {
    let text = number::amount(amount, currency);
    let (minus, digits) = match text.strip_prefix('-') {
        Some(digits) => ("-", digits),
        None => ("", text.as_str()),
    };
    let sign = match (currency.code(), locale) {
        ("KRW", Locale::Ko) => return format!("{text}원"),
        ("KRW", Locale::En) => "₩",
        ("USD", _) => "$",
        ("EUR", _) => "€",
        ("GBP", _) => "£",
        ("JPY", _) => "¥",
        (code, _) => return format!("{text} {code}"),
    };
    format!("{minus}{sign}{digits}")
}

/// A day in a zone: `23 December 2026`, `2026년 12월 23일`.
pub fn day(at: Instant, zone: Zone, locale: Locale) -> String {
    let date = zone.local(at).date();
    match locale {
        Locale::Ko => format!("{}년 {}월 {}일", date.year(), date.month(), date.day()),
        Locale::En => {
            let month = MONTHS.get(date.month0() as usize).copied().unwrap_or_default();
            format!("{} {month} {}", date.day(), date.year())
        }
    }
}

/// How often: `every month`, `every 3 months`; `매월`, `3개월마다`.
pub fn every(interval: Interval, locale: Locale) -> String {
    let (unit, count) = (interval.unit(), interval.count());
    match (locale, count) {
        (Locale::En, 1) => format!("every {}", unit.name()),
        (Locale::En, _) => format!("every {count} {}s", unit.name()),
        (Locale::Ko, 1) => match unit {
            Unit::Day => "매일",
            Unit::Week => "매주",
            Unit::Month => "매월",
            Unit::Year => "매년",
        }
        .to_owned(),
        (Locale::Ko, _) => {
            let unit = match unit {
                Unit::Day => "일",
                Unit::Week => "주",
                Unit::Month => "개월",
                Unit::Year => "년",
            };
            format!("{count}{unit}마다")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn currency(code: &str) -> Currency {
        Currency::parse(code).unwrap()
    }

    #[test]
    fn amounts_have_the_sign_that_people_know() {
        for (amount, code, english, korean) in [
            (9900, "KRW", "₩9,900", "9,900원"),
            (-9900, "KRW", "-₩9,900", "-9,900원"),
            (999, "USD", "$9.99", "$9.99"),
            (-50, "EUR", "-€0.50", "-€0.50"),
            (1000, "JPY", "¥1,000", "¥1,000"),
            (123_456, "CHF", "1,234.56 CHF", "1,234.56 CHF"),
            (0, "USD", "$0.00", "$0.00"),
        ] {
            assert_eq!(money(amount, currency(code), Locale::En), english);
            assert_eq!(money(amount, currency(code), Locale::Ko), korean);
        }
    }

    #[test]
    fn days_are_those_of_the_zone() {
        let at = Instant::parse("2026-12-31T20:00:00Z").unwrap();
        let seoul = Zone::parse("Asia/Seoul").unwrap();
        assert_eq!(day(at, seoul, Locale::En), "1 January 2027");
        assert_eq!(day(at, seoul, Locale::Ko), "2027년 1월 1일");
        assert_eq!(day(at, Zone::default(), Locale::En), "31 December 2026");
    }

    #[test]
    fn rhythms() {
        for (unit, count, english, korean) in [
            (Unit::Month, 1, "every month", "매월"),
            (Unit::Month, 3, "every 3 months", "3개월마다"),
            (Unit::Year, 1, "every year", "매년"),
            (Unit::Week, 2, "every 2 weeks", "2주마다"),
            (Unit::Day, 10, "every 10 days", "10일마다"),
        ] {
            let interval = Interval::new(unit, count).unwrap();
            assert_eq!(every(interval, Locale::En), english);
            assert_eq!(every(interval, Locale::Ko), korean);
        }
    }
}
