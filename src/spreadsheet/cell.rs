//! Rows and cells, the same for every format.

use std::borrow::Cow;

use chrono::{Duration, NaiveDate};

/// One row that holds something.
#[derive(Debug, Clone, PartialEq)]
pub struct Row {
    /// The number that a spreadsheet program shows beside the row: the header
    /// is usually 1, and empty rows count although they are passed over.
    pub number: u32,
    /// The cells from column A on. May be shorter than the header (nothing is
    /// filled to the right) and longer (values beside the table).
    pub cells: Vec<Cell>,
}

impl Row {
    /// The cell of a column, [`Cell::Empty`] when the row ends before it.
    #[must_use]
    pub fn cell(&self, column: usize) -> &Cell {
        self.cells.get(column).unwrap_or(&Cell::Empty)
    }

    pub(crate) fn set(&mut self, column: usize, cell: Cell) {
        if cell.is_empty() {
            return;
        }
        if column >= self.cells.len() {
            self.cells.resize(column + 1, Cell::Empty);
        }
        self.cells[column] = cell;
    }
}

/// What a cell holds.
#[derive(Debug, Clone, PartialEq)]
pub enum Cell {
    /// Nothing, or only white space.
    Empty,
    /// Text as it stands, untrimmed.
    Text(String),
    /// A finite number.
    Number(f64),
    /// TRUE or FALSE.
    Bool(bool),
    /// A date, time or both, as ISO text: `2026-03-05`, `2026-03-05T10:30:00`
    /// or `10:30:00`. Spreadsheets know no time zone.
    DateTime(String),
    /// An error value as the program shows it (`#N/A`), or a formula that has
    /// never been calculated.
    Error(String),
}

impl Cell {
    /// True for [`Cell::Empty`].
    #[must_use]
    pub fn is_empty(&self) -> bool {
        matches!(self, Self::Empty)
    }

    /// The content as a person sees it, without white space around it.
    ///
    /// Numbers have no trailing zeros, no exponent and at most the 15 digits a
    /// spreadsheet keeps: a phone number typed as a number is `1012345678`.
    #[must_use]
    pub fn text(&self) -> Cow<'_, str> {
        match self {
            Self::Empty => Cow::Borrowed(""),
            Self::Text(text) | Self::DateTime(text) | Self::Error(text) => Cow::Borrowed(text.trim()),
            Self::Number(number) => Cow::Owned(number_text(*number)),
            Self::Bool(value) => Cow::Borrowed(if *value { "true" } else { "false" }),
        }
    }

    pub(crate) fn from_text(text: String) -> Self {
        if text.chars().all(is_blank) {
            Self::Empty
        } else {
            Self::Text(text)
        }
    }

    /// Seconds and days since the epoch of the workbook, as ISO text.
    pub(crate) fn from_serial(serial: f64, from_1904: bool) -> Self {
        iso(serial, from_1904).map_or(Self::Number(serial), Self::DateTime)
    }

    pub(crate) fn from_number(number: f64) -> Self {
        if number.is_finite() {
            Self::Number(number)
        } else {
            Self::Error("#NUM!".into())
        }
    }
}

/// White space, and the characters that look like nothing.
pub(crate) fn is_blank(c: char) -> bool {
    c.is_whitespace() || matches!(c, '\u{200b}' | '\u{feff}' | '\0')
}

/// The letters above a column: 0 is `A`, 26 is `AA`.
#[must_use]
pub fn column_letters(column: usize) -> String {
    let mut letters = Vec::new();
    let mut rest = column;
    loop {
        letters.push(char::from(b'A' + (rest % 26) as u8));
        if rest < 26 {
            return letters.iter().rev().collect();
        }
        rest = rest / 26 - 1;
    }
}

/// Spreadsheets show 15 significant digits; the binary value behind 0.3 may be
/// 0.30000000000000004, which nobody typed.
pub(crate) fn number_text(number: f64) -> String {
    let rounded = format!("{number:.14e}").parse::<f64>().unwrap_or(number);
    let text = rounded.to_string();
    if text == "-0" { "0".into() } else { text }
}

fn iso(serial: f64, from_1904: bool) -> Option<String> {
    const MS_PER_DAY: i64 = 86_400_000;
    // 9999-12-31, the last day spreadsheets know.
    if !(0.0..2_958_466.0).contains(&serial) {
        return None;
    }
    let ms = (serial * MS_PER_DAY as f64).round() as i64;
    let (days, of_day) = (ms / MS_PER_DAY, ms % MS_PER_DAY);
    let time = || {
        let (seconds, ms) = (of_day / 1000, of_day % 1000);
        let text = format!("{:02}:{:02}:{:02}", seconds / 3600, seconds / 60 % 60, seconds % 60);
        if ms == 0 { text } else { format!("{text}.{ms:03}") }
    };
    if days == 0 && of_day != 0 {
        return Some(time());
    }
    // The 1900 calendar has a 29 February that never was (day 60).
    let epoch = match (from_1904, days < 60) {
        (true, _) => NaiveDate::from_ymd_opt(1904, 1, 1),
        (false, true) => NaiveDate::from_ymd_opt(1899, 12, 31),
        (false, false) => NaiveDate::from_ymd_opt(1899, 12, 30),
    };
    let date = epoch?.checked_add_signed(Duration::days(days))?;
    let day = date.format("%Y-%m-%d");
    Some(if of_day == 0 {
        day.to_string()
    } else {
        format!("{day}T{}", time())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_read_as_a_person_sees_them() {
        let check = |n: f64, text: &str| assert_eq!(Cell::Number(n).text(), text);
        check(1_012_345_678.0, "1012345678");
        check(5.0, "5");
        check(-0.0, "0");
        check(0.1 + 0.2, "0.3");
        check(1.15 - 1.0, "0.15");
        check(1e20, "100000000000000000000");
        check(12_345.678_9, "12345.6789");
        check(8_801_234_567_890.0, "8801234567890");
    }

    #[test]
    fn serial_days_become_iso_text() {
        let check = |serial: f64, text: &str| assert_eq!(Cell::from_serial(serial, false).text(), text);
        check(1.0, "1900-01-01");
        check(59.0, "1900-02-28");
        check(61.0, "1900-03-01");
        check(45_000.0, "2023-03-15");
        check(45_000.437_5, "2023-03-15T10:30:00");
        check(0.5, "12:00:00");
        check(45_000.999_999_999_99, "2023-03-16");
        check(2_958_465.0, "9999-12-31");
        check(-1.0, "-1");
        check(2_958_466.0, "2958466");
        assert_eq!(Cell::from_serial(43_538.0, true).text(), "2023-03-15");
    }

    #[test]
    fn columns_are_named_like_in_a_spreadsheet() {
        let names = [0, 25, 26, 51, 52, 255, 701, 702].map(column_letters);
        assert_eq!(names, ["A", "Z", "AA", "AZ", "BA", "IV", "ZZ", "AAA"]);
    }

    #[test]
    fn white_space_is_empty() {
        assert!(Cell::from_text(" \u{3000}\u{a0}\t".into()).is_empty());
        assert_eq!(Cell::from_text(" a ".into()).text(), "a");
    }
}
