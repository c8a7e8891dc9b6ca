//! Number formats: whether a number is a date, and leading zeros that exist
//! only in the display (`00000`, `000-0000-0000`).

use super::{Cell, cell::number_text};

/// How the numbers of a cell style are shown.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Shown {
    /// As the number it is.
    Number,
    /// As a date or time.
    Date,
    /// By a pattern of digits, such as a postal code or a telephone number.
    Digits(Box<str>),
}

impl Shown {
    /// The format behind a built-in number, with the dates of the Korean,
    /// Japanese and Chinese versions.
    pub(crate) fn builtin(id: u32) -> Self {
        match id {
            14..=22 | 27..=36 | 45..=47 | 50..=58 => Self::Date,
            _ => Self::Number,
        }
    }

    /// The format behind a code that the workbook defines itself.
    pub(crate) fn custom(code: &str) -> Self {
        if code.trim_start().to_ascii_lowercase().starts_with("general") {
            return Self::Number;
        }
        let bare = unquoted(code);
        if bare.contains(['d', 'm', 'y', 'h', 's']) {
            Self::Date
        } else if is_digit_pattern(code, &bare) {
            Self::Digits(code.into())
        } else {
            Self::Number
        }
    }

    /// The cell for a number in this format.
    pub(crate) fn cell(&self, number: f64, from_1904: bool) -> Cell {
        match self {
            _ if !number.is_finite() => Cell::from_number(number),
            Self::Number => Cell::Number(number),
            Self::Date => Cell::from_serial(number, from_1904),
            Self::Digits(code) => match digits(code, number) {
                Some(text) => Cell::Text(text),
                None => Cell::Number(number),
            },
        }
    }
}

/// The first section without quoted text, escapes, colours and conditions, in
/// lower case; elapsed time (`[h]`) keeps its letter.
fn unquoted(code: &str) -> String {
    let mut out = String::new();
    let mut chars = code.chars();
    while let Some(c) = chars.next() {
        match c {
            '"' => drop(chars.by_ref().find(|c| *c == '"')),
            '\\' | '_' | '*' => drop(chars.next()),
            '[' => {
                let inside: String = chars.by_ref().take_while(|c| *c != ']').collect();
                if inside.chars().all(|c| "hHmMsS".contains(c)) {
                    out.push_str(&inside.to_ascii_lowercase());
                }
            }
            _ => out.extend(c.to_lowercase()),
        }
    }
    out
}

fn is_digit_pattern(code: &str, bare: &str) -> bool {
    let zeros = bare.chars().filter(|c| *c == '0').count();
    let shape = bare
        .chars()
        .all(|c| matches!(c, '0' | '#' | '?' | '-' | '(' | ')' | ' ' | '/' | ';' | '@' | '+'));
    // "0" and "#" alone are plain whole numbers.
    shape && code.len() <= 128 && (zeros >= 2 || bare.contains(['-', '(']) || code.contains('\\'))
}

/// Fills a digit pattern from the right, as spreadsheets do. None when the
/// number is not a whole one or no section takes it.
fn digits(code: &str, number: f64) -> Option<String> {
    if number < 0.0 || number.fract() != 0.0 || number >= 1e15 {
        return None;
    }
    let section = section(code, number)?;
    let parts = parts(section);
    let places = parts.iter().filter(|part| matches!(part, Part::Place(_))).count();
    let all = number_text(number);
    let spare = all.len().saturating_sub(places);
    let mut rest = all.chars();
    let mut missing = places.saturating_sub(all.len());
    let mut first = true;
    let mut text = String::new();
    for part in parts {
        match part {
            Part::Literal(c) => text.push(c),
            Part::Place(c) if missing > 0 => {
                missing -= 1;
                first = false;
                if c == '0' {
                    text.push('0');
                }
            }
            Part::Place(_) => {
                // The first place takes the digits there is no place for.
                let take = if std::mem::take(&mut first) { spare + 1 } else { 1 };
                text.extend(rest.by_ref().take(take));
            }
        }
    }
    Some(text)
}

enum Part {
    Place(char),
    Literal(char),
}

fn parts(section: &str) -> Vec<Part> {
    let mut parts = Vec::new();
    let mut chars = section.chars();
    while let Some(c) = chars.next() {
        match c {
            '0' | '#' | '?' => parts.push(Part::Place(c)),
            '"' => parts.extend(chars.by_ref().take_while(|c| *c != '"').map(Part::Literal)),
            '\\' => parts.extend(chars.next().map(Part::Literal)),
            '_' | '*' => drop(chars.next()),
            '[' => drop(chars.by_ref().find(|c| *c == ']')),
            _ => parts.push(Part::Literal(c)),
        }
    }
    parts
}

/// The first section whose condition holds: `[<=9999999]###-####;(0##) ###-####`.
fn section(code: &str, number: f64) -> Option<&str> {
    let sections = code.split(';').take(2).collect::<Vec<_>>();
    let holds = |section: &&&str| {
        condition(section).is_none_or(|(op, bound)| match op {
            "<=" => number <= bound,
            ">=" => number >= bound,
            "<>" => number != bound,
            "<" => number < bound,
            ">" => number > bound,
            _ => number == bound,
        })
    };
    sections.iter().find(holds).copied()
}

fn condition(section: &str) -> Option<(&str, f64)> {
    section.split('[').skip(1).find_map(|bracket| {
        let inside = bracket.split(']').next()?;
        let at = inside.find(|c: char| !"<>=".contains(c))?;
        if at == 0 {
            None
        } else {
            Some((&inside[..at], inside[at..].parse().ok()?))
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_told_from_numbers() {
        for code in [
            "yyyy-mm-dd",
            "d/m/yy h:mm",
            "yyyy\"년\" m\"월\" d\"일\"",
            "[h]:mm:ss",
            "[$-412]AM/PM h:mm",
            "[Red]yyyy",
        ] {
            assert_eq!(Shown::custom(code), Shown::Date, "{code}");
        }
        for code in [
            "General",
            "General\"명\"",
            "#,##0",
            "0.00E+00",
            "#,##0\"days\"",
            "[$₩-412]#,##0",
            "@",
            "0%",
            "0",
            "\\d0.0",
            "[Red]0.0",
        ] {
            assert_eq!(Shown::custom(code), Shown::Number, "{code}");
        }
        assert_eq!(Shown::builtin(14), Shown::Date);
        assert_eq!(Shown::builtin(31), Shown::Date);
        assert_eq!(Shown::builtin(49), Shown::Number);
    }

    #[test]
    fn digit_patterns_keep_their_zeros() {
        let check = |code: &str, n: f64, text: &str| {
            assert_eq!(Shown::custom(code).cell(n, false).text(), text, "{code} {n}");
        };
        check("00000", 4524.0, "04524");
        check("000-0000-0000", 1_012_345_678.0, "010-1234-5678");
        check("000\\-0000\\-0000", 1_012_345_678.0, "010-1234-5678");
        check("00000000000", 1_012_345_678.0, "01012345678");
        check(
            "[<=999999]####\\-####;\\(0##\\)\\ ####\\-####",
            1_012_345_678.0,
            "(010) 1234-5678",
        );
        check("[<=9999999]###\\-####;\\(0##\\)\\ ###\\-####", 5_551_234.0, "555-1234");
        check("000-000", 1_234_567.0, "1234-567");
        check("0000", 7.5, "7.5");
        check("0000", -7.0, "-7");
    }

    #[test]
    fn broken_codes_do_no_harm() {
        for code in ["", "\"", "\\", "[", "[<", "[<=]00", ";", "00;;[", "_", "00\""] {
            let _ = Shown::custom(code).cell(12.0, false);
            let _ = digits(code, 12.0);
        }
    }
}
