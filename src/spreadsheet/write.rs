//! Tables on their way out: what is written here reads back the same.

use std::{
    fmt,
    io::{self, BufWriter, Seek, Write},
};

use rust_xlsxwriter::{Format as CellFormat, Workbook, XlsxError};

use super::{
    Cell, Column, FieldHeader, Locale,
    header::{Match, Titles},
    template::plan,
    titles::TITLES,
};

/// What kind of file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// Text in UTF-8, separated by commas.
    Csv,
    /// An Excel workbook.
    Xlsx,
}

impl Format {
    /// By the ending of a file's name.
    #[must_use]
    pub fn of_name(name: &str) -> Option<Self> {
        let (_, ending) = name.rsplit_once('.')?;
        match ending.to_ascii_lowercase().as_str() {
            "csv" => Some(Self::Csv),
            "xlsx" => Some(Self::Xlsx),
            _ => None,
        }
    }
}

/// Rows below the header that a sheet has room for.
const XLSX_ROWS: u32 = 1_048_575;

/// Why a table could not be written.
#[derive(Debug)]
pub enum WriteError {
    /// What the disk, or whoever reads along, had to say.
    Io(io::Error),
    /// A sheet has no more room; the number is how many rows it takes.
    TooManyRows(u32),
    /// A cell does not fit into a workbook.
    Workbook(String),
}

impl fmt::Display for WriteError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Io(error) => write!(f, "the file cannot be written: {}", error.kind()),
            Self::TooManyRows(most) => write!(f, "a workbook takes {most} rows at most: write a .csv instead"),
            Self::Workbook(reason) => write!(f, "the workbook cannot be written: {reason}"),
        }
    }
}

impl std::error::Error for WriteError {}

impl From<io::Error> for WriteError {
    fn from(error: io::Error) -> Self {
        Self::Io(error)
    }
}

impl From<XlsxError> for WriteError {
    fn from(error: XlsxError) -> Self {
        match error {
            XlsxError::IoError(error) => Self::Io(error),
            XlsxError::RowColumnLimitError => Self::TooManyRows(XLSX_ROWS),
            other => Self::Workbook(other.to_string()),
        }
    }
}

/// The columns of an export with their titles: those of the template, the date
/// of creation, and one for each metadata key whose title reads back.
#[must_use]
pub fn export_columns(fields: &[FieldHeader], metadata: &[String], locale: Locale) -> Vec<(String, Column)> {
    let titles = Titles::new(fields);
    let planned = plan(fields, locale)
        .into_iter()
        .map(|planned| (planned.title, planned.column));
    let created = TITLES
        .iter()
        .filter(|title| title.column == Column::Ignored)
        .map(|title| {
            let text = if locale == Locale::Ko { title.ko } else { title.en };
            (text.to_owned(), Column::Ignored)
        });
    let noted = metadata.iter().filter_map(|key| {
        let title = format!("metadata.{key}");
        let reads_back = matches!(titles.find(&title), Match::Column(Column::Metadata(found)) if found == *key);
        reads_back.then(|| (title, Column::Metadata(key.clone())))
    });
    planned.chain(created).chain(noted).collect()
}

/// Whether a spreadsheet program could take a text for a formula.
fn is_formula(text: &str) -> bool {
    text.starts_with(['=', '+', '-', '@', '\t', '\r'])
}

/// Whether a text begins with the mark that [`guard`] puts there.
pub(super) fn is_guarded(text: &str) -> bool {
    text.starts_with('\'') && is_formula(text.trim_start_matches('\''))
}

/// Makes a text harmless that would be a formula; reading takes the mark away
/// again. A text that has such a mark by itself gets one more.
fn guard(text: &str) -> Option<String> {
    (is_formula(text) || is_guarded(text)).then(|| format!("'{text}"))
}

/// Writes a table row by row; memory does not grow with the rows.
pub struct TableWriter<W: Write + Seek + Send>(Kind<W>);

enum Kind<W: Write + Seek + Send> {
    Csv(BufWriter<W>),
    Xlsx(Box<Sheet<W>>),
}

struct Sheet<W> {
    workbook: Workbook,
    row: u32,
    text: CellFormat,
    quoted: CellFormat,
    out: W,
}

/// The built-in format "@".
const TEXT_FORMAT: u8 = 49;

impl<W: Write + Seek + Send> TableWriter<W> {
    /// Starts with the titles. `mark` puts the bytes in front of a `.csv` by
    /// which spreadsheet programs know UTF-8.
    ///
    /// # Errors
    /// [`WriteError`], as for every row.
    pub fn new(format: Format, out: W, titles: &[String], mark: bool) -> Result<Self, WriteError> {
        let mut writer = Self(match format {
            Format::Csv => {
                let mut out = BufWriter::with_capacity(64 * 1024, out);
                if mark {
                    out.write_all("\u{feff}".as_bytes())?;
                }
                Kind::Csv(out)
            }
            Format::Xlsx => {
                let mut workbook = Workbook::new();
                let text = CellFormat::new().set_num_format_index(TEXT_FORMAT);
                workbook.add_worksheet_with_constant_memory()?;
                Kind::Xlsx(Box::new(Sheet {
                    workbook,
                    row: 0,
                    quoted: text.clone().set_quote_prefix(),
                    text,
                    out,
                }))
            }
        });
        let titles: Vec<Cell> = titles.iter().map(|title| Cell::Text(title.clone())).collect();
        writer.row(&titles)?;
        Ok(writer)
    }

    /// Adds a row.
    ///
    /// # Errors
    /// [`WriteError`].
    pub fn row(&mut self, cells: &[Cell]) -> Result<(), WriteError> {
        match &mut self.0 {
            Kind::Csv(out) => csv_row(out, cells).map_err(WriteError::Io),
            Kind::Xlsx(sheet) => sheet.row(cells),
        }
    }

    /// Ends the table and gives back where it was written to.
    ///
    /// # Errors
    /// [`WriteError`].
    pub fn finish(self) -> Result<W, WriteError> {
        match self.0 {
            Kind::Csv(out) => out.into_inner().map_err(|error| WriteError::Io(error.into_error())),
            Kind::Xlsx(mut sheet) => {
                sheet.workbook.save_to_writer(&mut sheet.out)?;
                Ok(sheet.out)
            }
        }
    }
}

impl<W: Write + Seek + Send> Sheet<W> {
    fn row(&mut self, cells: &[Cell]) -> Result<(), WriteError> {
        if self.row > XLSX_ROWS {
            return Err(WriteError::TooManyRows(XLSX_ROWS));
        }
        let row = self.row;
        let sheet = self.workbook.worksheet_from_index(0)?;
        for (cell, column) in cells.iter().zip(0_u16..) {
            match cell {
                Cell::Empty => {}
                Cell::Number(number) => drop(sheet.write_number(row, column, *number)?),
                Cell::Bool(value) => drop(sheet.write_boolean(row, column, *value)?),
                Cell::Text(text) | Cell::DateTime(text) | Cell::Error(text) => {
                    let format = if is_formula(text) { &self.quoted } else { &self.text };
                    sheet.write_string_with_format(row, column, text, format)?;
                }
            }
        }
        self.row += 1;
        Ok(())
    }
}

fn csv_row(out: &mut impl Write, cells: &[Cell]) -> io::Result<()> {
    for (at, cell) in cells.iter().enumerate() {
        if at > 0 {
            out.write_all(b",")?;
        }
        match cell {
            Cell::Empty => {}
            Cell::Number(number) => write!(out, "{number}")?,
            Cell::Bool(value) => out.write_all(if *value { b"true" } else { b"false" })?,
            Cell::Text(text) | Cell::DateTime(text) | Cell::Error(text) => {
                let guarded = guard(text);
                csv_text(out, guarded.as_deref().unwrap_or(text))?;
            }
        }
    }
    out.write_all(b"\r\n")
}

fn csv_text(out: &mut impl Write, text: &str) -> io::Result<()> {
    if !text.contains([',', '"', '\r', '\n', ';', '\t']) && text.trim() == text {
        return out.write_all(text.as_bytes());
    }
    write!(out, "\"{}\"", text.replace('"', "\"\""))
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use proptest::prelude::*;

    use super::*;
    use crate::spreadsheet::{Limits, Source, open};

    fn round_trip(format: Format, rows: &[Vec<String>]) -> Vec<Vec<String>> {
        let titles = ["Email".to_owned(), "Name".to_owned()];
        let mut writer = TableWriter::new(format, Cursor::new(Vec::new()), &titles, true).expect("titles");
        for row in rows {
            let cells: Vec<Cell> = row.iter().map(|text| Cell::from_text(text.clone())).collect();
            writer.row(&cells).expect("a row");
        }
        let bytes = writer.finish().expect("an end").into_inner();
        let mut table = open(Source::Bytes(bytes), &Limits::default()).expect("a table");
        assert_eq!(table.header(), titles);
        let mut read = Vec::new();
        while let Some(row) = table.next_row() {
            let row = row.expect("a row");
            read.push((0..2).map(|at| row.cell(at).text().into_owned()).collect());
        }
        read
    }

    proptest! {
        #[test]
        fn what_is_written_reads_back(rows in prop::collection::vec(("[a-z]{1,5}", "[-=+@'\",;\n\t 가-힣a-z0-9]{0,12}"), 1..8)) {
            let rows: Vec<Vec<String>> = rows.into_iter().map(|(a, b)| vec![a, b]).collect();
            let trimmed: Vec<Vec<String>> = rows.iter().map(|row| row.iter().map(|text| text.trim().to_owned()).collect()).collect();
            prop_assert_eq!(&round_trip(Format::Csv, &trimmed), &trimmed);
            prop_assert_eq!(&round_trip(Format::Xlsx, &trimmed), &trimmed);
        }
    }

    #[test]
    fn no_text_of_a_csv_can_be_taken_for_a_formula() {
        for text in ["=1+1", "+821012345678", "-1", "@SUM(A1)", "\t=1", "'=1"] {
            let mut out = Vec::new();
            csv_row(&mut out, &[Cell::Text(text.to_owned())]).expect("a row");
            let line = String::from_utf8(out).expect("UTF-8");
            assert!(line.trim_start_matches('"').starts_with('\''), "{line}");
        }
        let mut out = Vec::new();
        csv_row(&mut out, &[Cell::Number(-1.5), Cell::Text("'t Hooft".into())]).expect("a row");
        assert_eq!(out, b"-1.5,'t Hooft\r\n");
    }

    #[test]
    fn formats_by_name() {
        assert_eq!(Format::of_name("a.b.CSV"), Some(Format::Csv));
        assert_eq!(Format::of_name("고객.xlsx"), Some(Format::Xlsx));
        assert_eq!(Format::of_name("customers"), None);
    }
}
