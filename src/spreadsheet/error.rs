//! Why a whole file cannot be read. A problem of one row is not here: it is
//! reported by whoever looks at the row.

use std::fmt;

use super::{column_letters, source::STOPPED};

/// A reason to refuse a file, or to stop reading it.
///
/// The text (`Display`) says what is wrong and what to do about it. It names
/// columns by letter and title, never the content of a data cell, so it may be
/// logged. After an error from [`Table::next_row`](super::Table::next_row) the
/// table is finished.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum FileError {
    /// The operating system refused to open or read the file.
    Unreadable {
        /// The system's own words.
        reason: String,
    },
    /// The file is bigger than [`Limits::bytes`](super::Limits::bytes).
    TooLarge {
        /// The limit in bytes.
        limit: u64,
    },
    /// No cell of the file holds anything.
    Empty,
    /// The content is something else than a table.
    NotATable {
        /// What it looks like, with its article: "a PDF document".
        found: &'static str,
    },
    /// A table in a format that is not read.
    Unsupported {
        /// The name of the format.
        format: &'static str,
    },
    /// The file asks for a password.
    Encrypted,
    /// The format is right, the content is broken.
    Damaged {
        /// What could not be understood; for a log, not for a person.
        detail: String,
    },
    /// A `.csv` that is neither UTF-8, UTF-16 nor CP949.
    UnknownEncoding,
    /// A compressed file that grows beyond what is safe to unpack.
    InflatesTooFar {
        /// The limit in bytes.
        limit: u64,
    },
    /// More rows below the header than [`Limits::rows`](super::Limits::rows).
    TooManyRows {
        /// The limit.
        limit: u32,
    },
    /// A filled cell to the right of the last allowed column.
    TooManyColumns {
        /// Row number as a spreadsheet program shows it.
        row: u32,
        /// The limit.
        limit: u32,
    },
    /// An `.xls` sheet with more filled cells than are held in memory.
    TooManyCells {
        /// The limit.
        limit: u32,
    },
    /// A cell holds more text than a spreadsheet program could.
    CellTooLong {
        /// Row number as a spreadsheet program shows it.
        row: u32,
        /// Column, 0 for A.
        column: usize,
        /// The limit in characters.
        limit: u32,
    },
    /// A `.csv` cell that starts with a quotation mark and never ends.
    UnclosedQuote {
        /// Row in which the cell starts.
        row: u32,
    },
    /// The first row has no title that is known.
    HeaderMissing {
        /// A known title that the first row comes near to, and its column.
        near: Option<(usize, String)>,
    },
    /// Two columns mean the same.
    DuplicateColumn {
        /// The title of the second one.
        title: String,
        /// The two columns, 0 for A.
        columns: (usize, usize),
    },
    /// Titles that are not known: reading on would lose their data unnoticed.
    UnknownColumns(Vec<UnknownColumn>),
    /// A title that two custom fields share.
    AmbiguousColumn {
        /// Column, 0 for A.
        column: usize,
        /// The title.
        title: String,
        /// The keys of the fields, to be used as titles instead.
        keys: Vec<String>,
    },
    /// The caller asked to stop: see [`open_until`](super::open_until).
    Stopped,
    /// A column of passwords, which are never taken from a file.
    PasswordColumn {
        /// Column, 0 for A.
        column: usize,
        /// The title.
        title: String,
    },
}

/// A column whose title nobody knows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnknownColumn {
    /// Column, 0 for A.
    pub column: usize,
    /// The title, shortened when long.
    pub title: String,
    /// The known title that is spelt almost like it.
    pub near: Option<String>,
}

impl FileError {
    /// A short name for programs, stable between versions.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Unreadable { .. } => "unreadable",
            Self::TooLarge { .. } => "too_large",
            Self::Empty => "empty",
            Self::NotATable { .. } => "not_a_table",
            Self::Unsupported { .. } => "unsupported_format",
            Self::Encrypted => "encrypted",
            Self::Damaged { .. } => "damaged",
            Self::UnknownEncoding => "unknown_encoding",
            Self::InflatesTooFar { .. } => "inflates_too_far",
            Self::TooManyRows { .. } => "too_many_rows",
            Self::TooManyColumns { .. } => "too_many_columns",
            Self::TooManyCells { .. } => "too_many_cells",
            Self::CellTooLong { .. } => "cell_too_long",
            Self::UnclosedQuote { .. } => "unclosed_quote",
            Self::HeaderMissing { .. } => "header_missing",
            Self::DuplicateColumn { .. } => "duplicate_column",
            Self::UnknownColumns(_) => "unknown_column",
            Self::AmbiguousColumn { .. } => "ambiguous_column",
            Self::Stopped => "stopped",
            Self::PasswordColumn { .. } => "password_column",
        }
    }

    pub(crate) fn damaged(detail: impl Into<String>) -> Self {
        Self::Damaged { detail: detail.into() }
    }
}

impl From<std::io::Error> for FileError {
    fn from(error: std::io::Error) -> Self {
        Self::from(&error)
    }
}

impl From<&std::io::Error> for FileError {
    fn from(error: &std::io::Error) -> Self {
        use std::io::ErrorKind::{InvalidData, InvalidInput, UnexpectedEof};
        // What a decoder says about bytes is damage; the rest is the disk.
        match error.kind() {
            InvalidData | InvalidInput | UnexpectedEof => Self::damaged(error.to_string()),
            STOPPED if error.raw_os_error().is_none() => Self::Stopped,
            _ => Self::Unreadable {
                reason: error.to_string(),
            },
        }
    }
}

impl std::error::Error for FileError {}

impl fmt::Display for FileError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unreadable { reason } => write!(f, "The file could not be read: {reason}. Check that it exists and may be read."),
            Self::TooLarge { limit } => write!(f, "The file is larger than {}. Split it into several files.", size(*limit)),
            Self::Empty => f.write_str("The file holds no data. Put the column titles in the first row and the customers below it."),
            Self::NotATable { found } => write!(f, "The file is {found}, not a table. Save it as .xlsx, .xls or .csv."),
            Self::Unsupported { format } => write!(f, "{format} is not read. Open the file in a spreadsheet program and save it as .xlsx or .csv."),
            Self::Encrypted => f.write_str("The file is protected by a password. Save it without one and try again."),
            Self::Damaged { detail } => write!(f, "The file is damaged ({detail}). Open it in a spreadsheet program, save it anew and try again."),
            Self::UnknownEncoding => f.write_str("The text of the file is neither UTF-8, UTF-16 nor CP949 (EUC-KR). Save it as \"CSV UTF-8\" or as .xlsx."),
            Self::InflatesTooFar { limit } => write!(f, "The file unpacks to more than {}. Remove what is not the customer table, or save it as .csv.", size(*limit)),
            Self::TooManyRows { limit } => write!(f, "The file has more than {limit} rows below the header. Split it into several files."),
            Self::TooManyColumns { row, limit } => write!(f, "Row {row} has a value to the right of column {}. At most {limit} columns are read; remove the others.", column_letters(limit.saturating_sub(1) as usize)),
            Self::TooManyCells { limit } => write!(f, "The sheet has more than {limit} filled cells. Save the file as .xlsx, which is read piece by piece."),
            Self::CellTooLong { row, column, limit } => write!(f, "Cell {}{row} holds more than {limit} characters. Shorten it; in a .csv, look for a quotation mark (\") that is not closed.", column_letters(*column)),
            Self::UnclosedQuote { row } => write!(f, "A quotation mark (\") opened in row {row} is not closed, so the rows after it cannot be told apart. Close it, or write it twice when it belongs to the text."),
            Self::Stopped => f.write_str("The reading was stopped."),
            Self::HeaderMissing { near } => header_missing(f, near.as_ref()),
            Self::DuplicateColumn { title, columns: (a, b) } => write!(f, "Columns {} and {} are both \"{title}\". Keep one of them.", column_letters(*a), column_letters(*b)),
            Self::UnknownColumns(columns) => unknown_columns(f, columns),
            Self::AmbiguousColumn { column, title, keys } => write!(f, "Column {} (\"{title}\") could be any of the custom fields {}. Use \"attributes.\" and the key as the title.", column_letters(*column), keys.join(", ")),
            Self::PasswordColumn { column, title } => write!(f, "Column {} (\"{title}\") holds passwords. Passwords are not imported: a file would carry them in readable form. Remove the column; the customers set their own.", column_letters(*column)),
        }
    }
}

fn header_missing(f: &mut fmt::Formatter<'_>, near: Option<&(usize, String)>) -> fmt::Result {
    f.write_str("The first row has no known column title. It must name the columns, for example email, name and phone (이메일, 이름, 전화번호).")?;
    match near {
        Some((column, title)) => write!(f, " Column {} may be meant as \"{title}\".", column_letters(*column)),
        None => Ok(()),
    }
}

fn unknown_columns(f: &mut fmt::Formatter<'_>, columns: &[UnknownColumn]) -> fmt::Result {
    f.write_str(if columns.len() == 1 {
        "Unknown column: "
    } else {
        "Unknown columns: "
    })?;
    for (i, unknown) in columns.iter().enumerate() {
        let comma = if i == 0 { "" } else { ", " };
        write!(f, "{comma}{} \"{}\"", column_letters(unknown.column), unknown.title)?;
        if let Some(near) = &unknown.near {
            write!(f, " (did you mean \"{near}\"?)")?;
        }
    }
    f.write_str(
        ". Correct the title, remove the column, or put \"metadata.\" before the title to keep the data as metadata.",
    )
}

fn size(bytes: u64) -> String {
    const UNITS: [(u64, &str); 3] = [(1 << 30, "GB"), (1 << 20, "MB"), (1 << 10, "kB")];
    match UNITS
        .iter()
        .find(|(unit, _)| bytes >= *unit && bytes.is_multiple_of(*unit))
    {
        Some((unit, name)) => format!("{} {name}", bytes / unit),
        None => format!("{bytes} bytes"),
    }
}
