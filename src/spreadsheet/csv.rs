//! Text tables: `.csv` with commas, semicolons or tabs.
//!
//! Read here and not by a library because three things must be known that those
//! leave out: the number of a row when blank lines stand before it, a quotation
//! mark that is never closed (it would swallow the rows after it), and a limit
//! on a cell while it is being read.

use super::encoding::{self, TextStream};
use super::reader::Rows;
use super::{Cell, FileError, Limits, Row, source::Input};

/// Columns of a sheet; beyond, even empty cells are refused.
const MAX_COLUMNS: usize = 16_384;

pub(super) fn open(mut input: Input, size: u64, limits: &Limits) -> Result<Box<dyn Rows>, FileError> {
    let found = encoding::find(&mut input)?;
    let mut stream = TextStream::new(input, &found, size)?;
    let mut text = String::new();
    stream.next(&mut text)?;
    if TextStream::is_utf16(&found) && text.contains('\0') {
        return Err(FileError::NotATable { found: "binary data" });
    }
    let (separator, at) = separator(&text);
    Ok(Box::new(Csv {
        stream,
        text,
        at,
        separator,
        number: 0,
        width: 0,
        lines: found.lines,
        limits: limits.clone(),
    }))
}

/// The separator and where the table starts: after `sep=;`, which Excel takes
/// for itself, else what stands most often in the first line with content.
fn separator(text: &str) -> (u8, usize) {
    let candidates = [b',', b';', b'\t'];
    let first = text.split(['\r', '\n']).next().unwrap_or_default();
    if let Some(&[separator]) = first.strip_prefix("sep=").map(str::as_bytes) {
        let rest = &text[first.len()..];
        let skip = if rest.starts_with("\r\n") { 2 } else { rest.len().min(1) };
        return (separator, first.len() + skip);
    }
    let mut counts = [0_u32; 3];
    let mut quoted = false;
    for byte in text.bytes() {
        match byte {
            b'"' => quoted = !quoted,
            b'\r' | b'\n' if !quoted && counts != [0; 3] => break,
            _ if !quoted => {
                if let Some(i) = candidates.iter().position(|c| *c == byte) {
                    counts[i] += 1;
                }
            }
            _ => {}
        }
    }
    // A comma wins a draw.
    let best = (0..3).rev().max_by_key(|i| counts[*i]).unwrap_or(0);
    (candidates[best], 0)
}

struct Csv {
    stream: TextStream,
    /// The current piece of text, read up to `at`.
    text: String,
    at: usize,
    separator: u8,
    number: u32,
    width: usize,
    lines: Option<u32>,
    limits: Limits,
}

/// How a cell ended.
#[derive(PartialEq)]
enum End {
    Cell,
    Row,
    File,
}

impl Rows for Csv {
    fn next(&mut self) -> Result<Option<Row>, FileError> {
        loop {
            if self.peek()?.is_none() {
                return Ok(None);
            }
            self.number = self.number.checked_add(1).ok_or(FileError::TooManyRows {
                limit: self.limits.rows,
            })?;
            let row = self.row()?;
            if !row.cells.is_empty() {
                self.width = row.cells.len();
                return Ok(Some(row));
            }
        }
    }

    fn fraction(&self) -> f32 {
        self.stream.fraction()
    }

    fn last_row(&self) -> Option<u32> {
        self.lines
    }
}

impl Csv {
    /// The byte at the current place; None at the end of the file.
    fn peek(&mut self) -> Result<Option<u8>, FileError> {
        while self.at >= self.text.len() {
            self.at = 0;
            if !self.stream.next(&mut self.text)? {
                return Ok(None);
            }
        }
        Ok(Some(self.text.as_bytes()[self.at]))
    }

    fn row(&mut self) -> Result<Row, FileError> {
        let mut row = Row {
            number: self.number,
            cells: Vec::with_capacity(self.width),
        };
        for column in 0.. {
            let (text, end) = self.cell(column)?;
            let cell = Cell::from_text(shielded(text));
            if column >= self.limits.columns as usize && (!cell.is_empty() || column >= MAX_COLUMNS) {
                return Err(FileError::TooManyColumns {
                    row: self.number,
                    limit: self.limits.columns,
                });
            }
            self.limits.check_text(&cell, self.number, column)?;
            row.set(column, cell);
            if end != End::Cell {
                break;
            }
        }
        Ok(row)
    }

    /// One cell and what follows it. Quotation marks are taken as spreadsheet
    /// programs take them: they count only at the start of a cell.
    fn cell(&mut self, column: usize) -> Result<(String, End), FileError> {
        let mut text = String::new();
        if self.peek()? == Some(b'"') {
            self.at += 1;
            self.quoted(&mut text, column)?;
        }
        let separator = self.separator;
        let end = self.run(&mut text, |b| b == separator || b == b'\r' || b == b'\n', column)?;
        let Some(byte) = end else {
            return Ok((text, End::File));
        };
        self.at += 1;
        if byte == separator {
            return Ok((text, End::Cell));
        }
        if byte == b'\r' && self.peek()? == Some(b'\n') {
            self.at += 1;
        }
        Ok((text, End::Row))
    }

    /// The inside of quotation marks, with doubled ones as one.
    fn quoted(&mut self, text: &mut String, column: usize) -> Result<(), FileError> {
        loop {
            if self.run(text, |b| b == b'"', column)?.is_none() {
                return Err(FileError::UnclosedQuote { row: self.number });
            }
            self.at += 1;
            if self.peek()? != Some(b'"') {
                return Ok(());
            }
            text.push('"');
            self.at += 1;
        }
    }

    /// Moves text up to the byte that ends it; None at the end of the file. The
    /// bytes looked for are ASCII, so the text is never cut inside a character.
    fn run(&mut self, text: &mut String, ends: impl Fn(u8) -> bool, column: usize) -> Result<Option<u8>, FileError> {
        while self.peek()?.is_some() {
            let rest = &self.text.as_bytes()[self.at..];
            let length = rest.iter().position(|b| ends(*b));
            let end = self.at + length.unwrap_or(rest.len());
            text.push_str(&self.text[self.at..end]);
            self.at = end;
            if text.len() > self.limits.cell_chars as usize * 4 {
                return Err(FileError::CellTooLong {
                    row: self.number,
                    column,
                    limit: self.limits.cell_chars,
                });
            }
            if length.is_some() {
                return Ok(Some(self.text.as_bytes()[self.at]));
            }
        }
        Ok(None)
    }
}

/// `="010"` is how programs shield digits from a spreadsheet's guessing, and
/// `'=1+1` how texts that would be formulas are made harmless.
fn shielded(text: String) -> String {
    if super::write::is_guarded(&text) {
        return text[1..].to_owned();
    }
    match text.strip_prefix("=\"").and_then(|rest| rest.strip_suffix('"')) {
        Some(inside) if !inside.contains('"') => inside.to_owned(),
        _ => text,
    }
}
