//! Parts of a period, and instants.

use crate::domain::{calendar::Basis, instant::Instant};

/// Microseconds of the units a span is told in: days, hours, minutes, seconds.
const UNITS: [u64; 4] = [86_400_000_000, 3_600_000_000, 60_000_000, 1_000_000];

/// Names a number of microseconds in the units it has, such as `2 days 4
/// hours`; less than the last unit is left out.
fn in_units(micros: u64, name: impl Fn(usize, u64) -> String) -> Vec<String> {
    let mut rest = micros;
    let mut named = Vec::new();
    for (index, unit) in UNITS.iter().enumerate() {
        if rest / unit > 0 {
            named.push(name(index, rest / unit));
        }
        rest %= unit;
    }
    named
}

/// `12 of 30 days`, or `12 days 3 hours of 30 days` where microseconds are
/// counted.
pub fn english(part: u64, whole: u64, basis: Basis) -> String {
    const NAMES: [&str; 4] = ["day", "hour", "minute", "second"];
    let counted = |index: usize, count: u64| format!("{count} {}{}", NAMES[index], if count == 1 { "" } else { "s" });
    if basis != Basis::Second {
        return format!("{part} of {}", counted(0, whole));
    }
    let long = |micros| match in_units(micros, counted) {
        none if none.is_empty() => "less than a second".to_owned(),
        named => named.join(" "),
    };
    format!("{} of {}", long(part), long(whole))
}

/// `30일 중 12일`, or `30일 중 12일 3시간` where microseconds are counted;
/// `of` stands before the part, such as `미사용 `.
pub fn korean(part: u64, whole: u64, basis: Basis, of: &str) -> String {
    const NAMES: [&str; 4] = ["일", "시간", "분", "초"];
    let counted = |index: usize, count: u64| format!("{count}{}", NAMES[index]);
    if basis != Basis::Second {
        return format!("{} 중 {of}{}", counted(0, whole), counted(0, part));
    }
    let long = |micros| match in_units(micros, counted) {
        none if none.is_empty() => "1초 미만".to_owned(),
        named => named.join(" "),
    };
    format!("{} 중 {of}{}", long(whole), long(part))
}

/// `2026-02-28 15:00 UTC`: a line knows no zone, so the zone is said.
pub fn minute(at: Instant) -> String {
    let text = at.to_string();
    let (date, time) = text.split_once('T').unwrap_or((&text, ""));
    format!("{date} {} UTC", time.get(..5).unwrap_or(time))
}
