//! A table file as a stream of rows.

use std::panic::{AssertUnwindSafe, catch_unwind};

use super::source::{Input, Kind, Source, Stop, kind};
use super::{Cell, FileError, Row, csv, xls, xlsx};

/// What a file may cost. [`Limits::default`] is right for imports.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limits {
    /// Size of the file in bytes (512 MB).
    pub bytes: u64,
    /// Filled rows below the header (1,000,000).
    pub rows: u32,
    /// Columns, counted from A (256).
    pub columns: u32,
    /// Characters in one cell (32,767, as many as Excel allows).
    pub cell_chars: u32,
    /// Bytes that an `.xlsx` may unpack to (1 GB).
    pub inflated: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            bytes: 512 << 20,
            rows: 1_000_000,
            columns: 256,
            cell_chars: 32_767,
            inflated: 1 << 30,
        }
    }
}

impl Limits {
    pub(crate) fn check_text(&self, cell: &Cell, row: u32, column: usize) -> Result<(), FileError> {
        let limit = self.cell_chars;
        match cell {
            Cell::Text(text) if text.len() > limit as usize && text.chars().count() > limit as usize => {
                Err(FileError::CellTooLong { row, column, limit })
            }
            _ => Ok(()),
        }
    }
}

/// What each format provides: its filled rows from the top, header included.
pub(crate) trait Rows: Send {
    /// The next row that has a filled cell.
    fn next(&mut self) -> Result<Option<Row>, FileError>;
    /// How much is read, from 0 to 1.
    fn fraction(&self) -> f32;
    /// The number of the last row, when the file says so; it may be wrong.
    fn last_row(&self) -> Option<u32>;
}

/// An opened table: its header, then its rows.
pub struct Table {
    rows: Option<Box<dyn Rows>>,
    header: Vec<String>,
    header_row: u32,
    limit: u32,
    count: u32,
    fraction: f32,
    last_row: Option<u32>,
}

/// Opens a table file: `.xlsx` (and `.xlsm`), `.xls`, or `.csv` separated by
/// commas, semicolons or tabs in UTF-8, UTF-16 or CP949.
///
/// The format is found in the content, not in a name. Of a workbook the first
/// visible sheet with content is read, with its hidden rows. The first filled
/// row is the header. Nothing but the texts that an `.xlsx` shares between its
/// cells (and the cells of an `.xls`) is held in memory.
///
/// Blocks on the disk and takes processor time: not for an event loop.
///
/// # Errors
/// [`FileError`], for everything that makes the file as a whole unreadable. No
/// content panics or aborts.
pub fn open(source: Source, limits: &Limits) -> Result<Table, FileError> {
    start(source, limits, None)
}

/// As [`open`], but gives up with [`FileError::Stopped`] soon after `stop` says
/// so, in here and in [`Table::next_row`]. It is asked for every 64 kB and may
/// be asked from any thread that uses the table.
///
/// # Errors
/// Those of [`open`], and [`FileError::Stopped`].
pub fn open_until(source: Source, limits: &Limits, stop: Stop) -> Result<Table, FileError> {
    start(source, limits, Some(stop))
}

fn start(source: Source, limits: &Limits, stop: Option<Stop>) -> Result<Table, FileError> {
    guarded(|| {
        let (mut input, size) = Input::open(source, limits.bytes, stop)?;
        let mut rows = match kind(&mut input)? {
            Kind::Zip => xlsx::open(input, limits)?,
            Kind::Compound => xls::open(input, size, limits)?,
            Kind::Text => csv::open(input, size, limits)?,
        };
        let first = rows.next()?.ok_or(FileError::Empty)?;
        let header = first.cells.iter().map(|cell| cell.text().into_owned()).collect();
        Ok(Table {
            fraction: rows.fraction(),
            last_row: rows.last_row(),
            rows: Some(rows),
            header,
            header_row: first.number,
            limit: limits.rows,
            count: 0,
        })
    })
}

impl Table {
    /// The titles in the first filled row, trimmed. An untitled column is "".
    #[must_use]
    pub fn header(&self) -> &[String] {
        &self.header
    }

    /// The next filled row, None at the end. After an error there are no more.
    pub fn next_row(&mut self) -> Option<Result<Row, FileError>> {
        let rows = self.rows.as_mut()?;
        let next = guarded(|| {
            let row = rows.next()?;
            Ok((row, rows.fraction()))
        });
        let row = match next {
            Ok((Some(_), _)) if self.count == self.limit => Err(FileError::TooManyRows { limit: self.limit }),
            Ok((Some(row), fraction)) => {
                self.fraction = fraction;
                self.count += 1;
                return Some(Ok(row));
            }
            Ok((None, _)) => {
                self.fraction = 1.0;
                self.rows = None;
                return None;
            }
            Err(error) => Err(error),
        };
        self.rows = None;
        Some(row)
    }

    /// How much of the file is read, from 0 to 1.
    #[must_use]
    pub fn progress(&self) -> f32 {
        self.fraction
    }

    /// How many rows have been handed out.
    #[must_use]
    pub fn rows_read(&self) -> u32 {
        self.count
    }

    /// How many rows there will be: what the file says of itself, counted with
    /// the empty ones. None when it does not say, or was wrong already.
    #[must_use]
    pub fn total_rows(&self) -> Option<u32> {
        let total = self.last_row?.checked_sub(self.header_row)?;
        (total >= self.count).then_some(total)
    }
}

impl std::fmt::Debug for Table {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Table")
            .field("header", &self.header)
            .field("rows_read", &self.count)
            .finish_non_exhaustive()
    }
}

/// The parsers are ours and libraries'; neither is to end the process over a
/// malformed file. What panicked is not used again.
fn guarded<T>(read: impl FnOnce() -> Result<T, FileError>) -> Result<T, FileError> {
    catch_unwind(AssertUnwindSafe(read)).unwrap_or_else(|_| Err(FileError::damaged("unexpected content")))
}
