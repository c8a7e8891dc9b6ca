//! The workbook: what its sheets share, and the rows of the first one.

use std::collections::HashMap;

use encoding_rs::{Encoding, WINDOWS_1252};

use super::record::Records;
use super::sheet::{Held, Value};
use super::value::{code_page, error_text};
use super::{compound, sheet};
use crate::spreadsheet::source::Input;
use crate::spreadsheet::{Cell, FileError, Limits, Row, format::Shown, reader::Rows, texts::Texts};

/// Opens the first visible sheet with content.
pub(in crate::spreadsheet) fn open(input: Input, size: u64, limits: &Limits) -> Result<Box<dyn Rows>, FileError> {
    let mut records = Records::new(compound::open(input, size)?)?;
    let mut texts = Texts::default();
    let globals = Globals::read(&mut records, &mut texts)?;
    for position in &globals.sheets {
        let cells = sheet::read(&mut records, &globals, &mut texts, *position)?;
        let mut rows = XlsRows {
            cells,
            at: 0,
            texts,
            styles: globals.styles(),
            from_1904: globals.from_1904,
            limits: limits.clone(),
        };
        if rows.next()?.is_some() {
            rows.at = 0;
            return Ok(Box::new(rows));
        }
        texts = rows.texts;
    }
    Err(FileError::Empty)
}

/// The part of the workbook before its sheets.
pub(super) struct Globals {
    /// Positions of the visible work sheets.
    sheets: Vec<u64>,
    from_1904: bool,
    /// Version 8, with texts in UTF-16; before, they are in a code page.
    unicode: bool,
    encoding: &'static Encoding,
    formats: HashMap<u16, Shown>,
    style_formats: Vec<u16>,
}

impl Globals {
    fn read(records: &mut Records, texts: &mut Texts) -> Result<Self, FileError> {
        let mut globals = Self {
            sheets: Vec::new(),
            from_1904: false,
            unicode: true,
            encoding: WINDOWS_1252,
            formats: HashMap::new(),
            style_formats: Vec::new(),
        };
        match records.next()? {
            Some(0x0809) => match records.u16()? {
                0x0600 => {}
                0x0500 => globals.unicode = false,
                _ => {
                    return Err(FileError::Unsupported {
                        format: "An Excel file older than version 5",
                    });
                }
            },
            Some(0x0009 | 0x0209 | 0x0409) => {
                return Err(FileError::Unsupported {
                    format: "An Excel file older than version 5",
                });
            }
            _ => return Err(FileError::damaged("the workbook has no beginning")),
        }
        while let Some(kind) = records.next()? {
            match kind {
                0x000A => return Ok(globals),
                0x002F => return Err(FileError::Encrypted),
                _ => globals.record(kind, records, texts)?,
            }
        }
        Err(FileError::damaged("the workbook has no end"))
    }

    fn record(&mut self, kind: u16, r: &mut Records, texts: &mut Texts) -> Result<(), FileError> {
        match kind {
            0x0022 => self.from_1904 = r.u16()? == 1,
            0x0042 => self.encoding = code_page(r.u16()?),
            0x0085 => {
                let position = r.u32()?;
                let (hidden, kind) = (r.u8()? & 3, r.u8()?);
                if hidden == 0 && kind == 0 {
                    self.sheets.push(u64::from(position));
                }
            }
            0x00E0 => {
                r.skip(2)?;
                self.style_formats.push(r.u16()?);
            }
            0x041E => {
                let id = r.u16()?;
                let code = if self.unicode {
                    self.long_text(r)?
                } else {
                    self.short_text(r)?
                };
                self.formats.insert(id, Shown::custom(&code));
            }
            0x00FC => {
                r.skip(4)?;
                let count = r.u32()?;
                for _ in 0..count {
                    let length = r.u16()?;
                    texts.push(&r.text(length)?)?;
                }
            }
            _ => {}
        }
        Ok(())
    }

    fn short_text(&self, r: &mut Records) -> Result<String, FileError> {
        let length = usize::from(r.u8()?);
        let bytes = r.raw(length)?;
        Ok(self.encoding.decode_without_bom_handling(&bytes).0.into_owned())
    }

    /// A text whose length has two bytes.
    pub(super) fn long_text(&self, r: &mut Records) -> Result<String, FileError> {
        let length = r.u16()?;
        if self.unicode {
            return r.text(length);
        }
        let bytes = r.raw(usize::from(length))?;
        Ok(self.encoding.decode_without_bom_handling(&bytes).0.into_owned())
    }

    fn styles(&self) -> Vec<Shown> {
        let shown = |id: &u16| {
            self.formats
                .get(id)
                .cloned()
                .unwrap_or_else(|| Shown::builtin(u32::from(*id)))
        };
        self.style_formats.iter().map(shown).collect()
    }
}

struct XlsRows {
    cells: Vec<Held>,
    at: usize,
    texts: Texts,
    styles: Vec<Shown>,
    from_1904: bool,
    limits: Limits,
}

impl Rows for XlsRows {
    fn next(&mut self) -> Result<Option<Row>, FileError> {
        while let Some(first) = self.cells.get(self.at) {
            let index = first.row;
            let mut row = Row {
                number: u32::from(index) + 1,
                cells: Vec::new(),
            };
            while let Some(held) = self.cells.get(self.at).copied().filter(|cell| cell.row == index) {
                self.at += 1;
                let column = usize::from(held.column);
                let cell = self.cell(held.value)?;
                if !cell.is_empty() && column >= self.limits.columns as usize {
                    return Err(FileError::TooManyColumns {
                        row: row.number,
                        limit: self.limits.columns,
                    });
                }
                self.limits.check_text(&cell, row.number, column)?;
                row.set(column, cell);
            }
            if !row.cells.is_empty() {
                return Ok(Some(row));
            }
        }
        Ok(None)
    }

    fn fraction(&self) -> f32 {
        if self.cells.is_empty() {
            1.0
        } else {
            self.at as f32 / self.cells.len() as f32
        }
    }

    fn last_row(&self) -> Option<u32> {
        self.cells.last().map(|cell| u32::from(cell.row) + 1)
    }
}

impl XlsRows {
    fn cell(&self, value: Value) -> Result<Cell, FileError> {
        Ok(match value {
            Value::Number { number, style } => self
                .styles
                .get(usize::from(style))
                .unwrap_or(&Shown::Number)
                .cell(number, self.from_1904),
            Value::Text(index) => {
                let text = self.texts.get(index as usize);
                Cell::from_text(
                    text.ok_or_else(|| FileError::damaged("a shared string is missing"))?
                        .to_owned(),
                )
            }
            Value::Bool(value) => Cell::Bool(value),
            Value::Error(code) => Cell::Error(error_text(code).to_owned()),
        })
    }
}
