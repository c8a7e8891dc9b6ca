//! The rows of one sheet, one after the other.

use quick_xml::events::{BytesStart, Event};

use super::package::Package;
use super::strings::{self, Item};
use super::styles::Styles;
use super::workbook::Workbook;
use super::xml::{Xml, push_text};
use crate::spreadsheet::source::Input;
use crate::spreadsheet::{Cell, FileError, Limits, Row, reader::Rows, texts::Texts};

const MAX_ROW: u32 = 1_048_576;

/// Opens the first visible sheet with content.
pub(in crate::spreadsheet) fn open(input: Input, limits: &Limits) -> Result<Box<dyn Rows>, FileError> {
    let mut package = Package::open(input, limits.inflated)?;
    let workbook = Workbook::read(&mut package)?;
    let mut styles = Styles::default();
    if let Some(part) = workbook.styles.as_deref().map_or(Ok(None), |name| package.take(name))? {
        let (read, part) = Styles::read(part)?;
        styles = read;
        package.give_back(part);
    }
    let mut texts = Texts::default();
    if let Some(part) = workbook
        .strings
        .as_deref()
        .map_or(Ok(None), |name| package.take(name))?
    {
        let (read, part) = strings::read(part, limits.cell_chars)?;
        texts = read;
        package.give_back(part);
    }
    let mut book = Some(Book {
        texts,
        styles,
        from_1904: workbook.from_1904,
        limits: limits.clone(),
    });
    for name in &workbook.sheets {
        let (Some(part), Some(held)) = (package.take(name)?, book.take()) else {
            return Err(FileError::damaged("a sheet is missing"));
        };
        let mut sheet = Sheet::new(Xml::new(part), held);
        sheet.first = sheet.read_row()?;
        if sheet.first.is_some() {
            return Ok(Box::new(sheet));
        }
        book = Some(sheet.book);
        package.give_back(sheet.xml.into_part());
    }
    Err(FileError::Empty)
}

/// What the cells of every sheet refer to.
struct Book {
    texts: Texts,
    styles: Styles,
    from_1904: bool,
    limits: Limits,
}

struct Sheet {
    xml: Xml,
    book: Book,
    /// Read already, to see that the sheet is not empty.
    first: Option<Row>,
    row: u32,
    column: usize,
    last_row: Option<u32>,
    /// Of the row before, to reserve as much.
    width: usize,
    value: String,
    inline: Item,
}

/// The attributes of a cell.
#[derive(Clone, Copy)]
struct Head {
    column: usize,
    style: usize,
    kind: Kind,
}

#[derive(Clone, Copy)]
enum Kind {
    Number,
    Shared,
    Text,
    Bool,
    Error,
    Date,
}

impl Rows for Sheet {
    fn next(&mut self) -> Result<Option<Row>, FileError> {
        match self.first.take() {
            Some(row) => Ok(Some(row)),
            None => self.read_row(),
        }
    }

    fn fraction(&self) -> f32 {
        self.xml.fraction()
    }

    fn last_row(&self) -> Option<u32> {
        self.last_row
    }
}

impl Sheet {
    fn new(xml: Xml, book: Book) -> Self {
        let inline = Item::new(book.limits.cell_chars);
        Self {
            xml,
            book,
            first: None,
            row: 0,
            column: 0,
            last_row: None,
            width: 0,
            value: String::new(),
            inline,
        }
    }

    /// The next row with a filled cell.
    fn read_row(&mut self) -> Result<Option<Row>, FileError> {
        let mut row = Row {
            number: 0,
            cells: Vec::with_capacity(self.width),
        };
        loop {
            match self.xml.next()? {
                Event::Start(e) => match e.local_name().as_ref() {
                    "c" => {
                        let head = Head::read(&e, self.column);
                        self.column = head.column + 1;
                        let cell = self.read_cell(head)?;
                        self.put(&mut row, head.column, cell)?;
                    }
                    "row" => {
                        let stated = number(&e, "r");
                        self.start_row(stated)?;
                        row.number = self.row;
                    }
                    "dimension" => self.last_row = number(&e, "ref"),
                    _ => {}
                },
                Event::End(e) => match e.local_name().as_ref() {
                    "row" if !row.cells.is_empty() => {
                        self.width = row.cells.len();
                        return Ok(Some(row));
                    }
                    "sheetData" => {
                        // What follows is not needed, but its end brings the checksum.
                        self.xml.drain()?;
                        return Ok(None);
                    }
                    _ => {}
                },
                Event::Eof => return Ok(None),
                _ => {}
            }
        }
    }

    fn start_row(&mut self, stated: Option<u32>) -> Result<(), FileError> {
        let number = stated.unwrap_or(self.row + 1);
        if number <= self.row || number > MAX_ROW {
            return Err(FileError::damaged("the rows are not in order"));
        }
        self.row = number;
        self.column = 0;
        Ok(())
    }

    fn put(&self, row: &mut Row, column: usize, cell: Cell) -> Result<(), FileError> {
        if cell.is_empty() {
            return Ok(());
        }
        if self.row == 0 {
            return Err(FileError::damaged("a cell outside of a row"));
        }
        let limits = &self.book.limits;
        if column >= limits.columns as usize {
            return Err(FileError::TooManyColumns {
                row: self.row,
                limit: limits.columns,
            });
        }
        limits.check_text(&cell, self.row, column)?;
        row.set(column, cell);
        Ok(())
    }

    /// Reads up to the end of the cell.
    fn read_cell(&mut self, head: Head) -> Result<Cell, FileError> {
        self.value.clear();
        self.inline.clear();
        let max_bytes = self.book.limits.cell_chars as usize * 4 + 4;
        let (mut in_value, mut in_inline, mut formula) = (false, false, false);
        loop {
            let event = self.xml.next()?;
            match &event {
                Event::Start(e) if !in_inline => match e.local_name().as_ref() {
                    "v" => in_value = true,
                    "is" => in_inline = true,
                    "f" => formula = true,
                    _ => {}
                },
                Event::End(e) => match e.local_name().as_ref() {
                    "v" => in_value = false,
                    "is" => in_inline = false,
                    "c" => break,
                    _ if in_inline => self.inline.take(&event)?,
                    _ => {}
                },
                Event::Eof => return Err(FileError::damaged("XML: ends early")),
                other if in_inline => self.inline.take(other)?,
                other if in_value && self.value.len() < max_bytes => push_text(other, &mut self.value)?,
                _ => {}
            }
        }
        self.cell(head, formula)
    }

    fn cell(&mut self, head: Head, formula: bool) -> Result<Cell, FileError> {
        let inline = self.inline.finish();
        if !inline.is_empty() {
            return Ok(Cell::from_text(inline.to_owned()));
        }
        if self.value.is_empty() {
            // Some programs write formulas and leave the calculation to others.
            let never = formula && !matches!(head.kind, Kind::Text);
            return Ok(if never {
                Cell::Error("formula without a stored result".into())
            } else {
                Cell::Empty
            });
        }
        let value = self.value.trim();
        Ok(match head.kind {
            Kind::Shared => {
                let text = value.parse().ok().and_then(|index| self.book.texts.get(index));
                Cell::from_text(
                    text.ok_or_else(|| FileError::damaged("a shared string is missing"))?
                        .to_owned(),
                )
            }
            Kind::Text => {
                super::xml::unescape(&mut self.value);
                Cell::from_text(self.value.clone())
            }
            Kind::Bool => Cell::Bool(matches!(value, "1" | "true" | "TRUE")),
            Kind::Error => Cell::Error(value.to_owned()),
            Kind::Date => Cell::DateTime(value.trim_end_matches("T00:00:00").to_owned()),
            Kind::Number => match value.parse::<f64>() {
                Ok(number) => self.book.styles.get(head.style).cell(number, self.book.from_1904),
                Err(_) => Cell::from_text(value.to_owned()),
            },
        })
    }
}

impl Head {
    fn read(element: &BytesStart<'_>, next: usize) -> Self {
        let mut head = Self {
            column: next,
            style: 0,
            kind: Kind::Number,
        };
        for attribute in element.attributes().with_checks(false).flatten() {
            let value = attribute.value.as_ref();
            match attribute.key.as_ref() {
                "r" => head.column = column(value).unwrap_or(next),
                "s" => head.style = value.parse().unwrap_or(0),
                "t" => {
                    head.kind = match value {
                        "s" => Kind::Shared,
                        "str" | "inlineStr" => Kind::Text,
                        "b" => Kind::Bool,
                        "e" => Kind::Error,
                        "d" => Kind::Date,
                        _ => Kind::Number,
                    }
                }
                _ => {}
            }
        }
        head
    }
}

/// The column of a reference like `AB12`; None beyond what a sheet can have.
fn column(reference: &str) -> Option<usize> {
    let letters = reference.bytes().take_while(u8::is_ascii_alphabetic);
    let column = letters
        .take(4)
        .fold(0, |sum, b| sum * 26 + usize::from(b.to_ascii_uppercase() - b'A') + 1);
    (1..=16_384).contains(&column).then(|| column - 1)
}

/// A number, or the last row of a range like `A1:F100`.
fn number(element: &BytesStart<'_>, name: &str) -> Option<u32> {
    let value = super::xml::attribute(element, name)?;
    let digits = value
        .rsplit(':')
        .next()?
        .trim_start_matches(|c: char| c.is_ascii_alphabetic() || c == '$');
    digits.parse().ok()
}
