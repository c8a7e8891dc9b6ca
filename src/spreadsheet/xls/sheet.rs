//! The cells of one sheet.

use super::record::Records;
use super::value::packed_number;
use super::workbook::Globals;
use crate::spreadsheet::{FileError, texts::Texts};

/// A full sheet of 61 columns; 24 bytes each.
const MAX_CELLS: usize = 4_000_000;

/// A filled cell, small: all of a sheet are held, since programs write them in
/// any order.
#[derive(Debug, Clone, Copy)]
pub(super) struct Held {
    pub(super) row: u16,
    pub(super) column: u16,
    pub(super) value: Value,
}

#[derive(Debug, Clone, Copy)]
pub(super) enum Value {
    Number { number: f64, style: u16 },
    Text(u32),
    Bool(bool),
    Error(u8),
}

/// Reads the cells of the sheet at a position, ordered by row and column. New
/// texts are added to `texts`.
pub(super) fn read(
    records: &mut Records,
    globals: &Globals,
    texts: &mut Texts,
    position: u64,
) -> Result<Vec<Held>, FileError> {
    records.go_to(position)?;
    let mut sheet = Sheet {
        globals,
        texts,
        cells: Vec::new(),
        pending: None,
    };
    let mut depth = 0_u32;
    while let Some(kind) = records.next()? {
        match kind {
            // Charts inside of a sheet bring records of their own.
            0x0809 => depth += 1,
            0x000A if depth <= 1 => break,
            0x000A => depth -= 1,
            _ if depth == 1 => sheet.record(kind, records)?,
            _ => {}
        }
        if sheet.cells.len() > MAX_CELLS {
            return Err(FileError::TooManyCells {
                limit: MAX_CELLS as u32,
            });
        }
    }
    let mut cells = sheet.cells;
    // Stable: of two records for one cell the later counts.
    cells.sort_by_key(|cell| (cell.row, cell.column));
    Ok(cells)
}

struct Sheet<'a> {
    globals: &'a Globals,
    texts: &'a mut Texts,
    cells: Vec<Held>,
    /// A formula whose text comes in the next record.
    pending: Option<(u16, u16)>,
}

impl Sheet<'_> {
    fn record(&mut self, kind: u16, r: &mut Records) -> Result<(), FileError> {
        match kind {
            0x00FD => {
                let (row, column, _) = head(r)?;
                let text = r.u32()?;
                self.hold(row, column, Value::Text(text));
            }
            0x0203 => {
                let (row, column, style) = head(r)?;
                let number = f64::from_le_bytes(r.bytes()?);
                self.hold(row, column, Value::Number { number, style });
            }
            0x027E => {
                let (row, column, style) = head(r)?;
                let number = packed_number(r.u32()?);
                self.hold(row, column, Value::Number { number, style });
            }
            0x00BD => self.packed_numbers(r)?,
            0x0204 | 0x00D6 => {
                let (row, column, _) = head(r)?;
                self.text(r, row, column)?;
            }
            0x0205 => {
                let (row, column, _) = head(r)?;
                let (code, is_error) = (r.u8()?, r.u8()? != 0);
                self.hold(
                    row,
                    column,
                    if is_error {
                        Value::Error(code)
                    } else {
                        Value::Bool(code != 0)
                    },
                );
            }
            0x0006 => self.formula(r)?,
            0x0207 => {
                if let Some((row, column)) = self.pending.take() {
                    self.text(r, row, column)?;
                }
            }
            _ => {}
        }
        Ok(())
    }

    fn hold(&mut self, row: u16, column: u16, value: Value) {
        self.cells.push(Held { row, column, value });
    }

    fn text(&mut self, r: &mut Records, row: u16, column: u16) -> Result<(), FileError> {
        let text = self.globals.long_text(r)?;
        let index = self.texts.push(&text)?;
        self.hold(row, column, Value::Text(index));
        Ok(())
    }

    /// Several numbers of one row.
    fn packed_numbers(&mut self, r: &mut Records) -> Result<(), FileError> {
        let (row, first) = (r.u16()?, r.u16()?);
        for i in 0..r.len().saturating_sub(6) / 6 {
            let (style, number) = (r.u16()?, packed_number(r.u32()?));
            self.hold(row, first.saturating_add(i as u16), Value::Number { number, style });
        }
        Ok(())
    }

    /// The stored result of a formula.
    fn formula(&mut self, r: &mut Records) -> Result<(), FileError> {
        let (row, column, style) = head(r)?;
        let result: [u8; 8] = r.bytes()?;
        self.pending = None;
        match result {
            [0, _, _, _, _, _, 0xFF, 0xFF] => self.pending = Some((row, column)),
            [1, _, value, _, _, _, 0xFF, 0xFF] => self.hold(row, column, Value::Bool(value != 0)),
            [2, _, code, _, _, _, 0xFF, 0xFF] => self.hold(row, column, Value::Error(code)),
            [_, _, _, _, _, _, 0xFF, 0xFF] => {}
            bytes => self.hold(
                row,
                column,
                Value::Number {
                    number: f64::from_le_bytes(bytes),
                    style,
                },
            ),
        }
        Ok(())
    }
}

fn head(r: &mut Records) -> Result<(u16, u16, u16), FileError> {
    Ok((r.u16()?, r.u16()?, r.u16()?))
}
