//! Spreadsheet files: reading tables of customers, and the template to fill in.
//!
//! [`open`] gives the header and the rows of a file, [`columns`] says what the
//! titles mean, [`template`] makes the file that people start from, [`TableWriter`] writes one
//! that reads back the same, and [`yes_no`], [`one_of`] and [`some_of`] read the words they write into it.
//! This layer knows files and titles only: what a customer is, and what to do
//! with a bad row, is decided above. It blocks, and holds no state.

mod cell;
mod csv;
mod encoding;
mod error;
mod format;
mod guide;
mod header;
mod reader;
mod source;
mod template;
mod texts;
mod titles;
mod words;
mod write;
mod xls;
mod xlsx;

#[cfg(test)]
mod tests;

pub use cell::{Cell, Row, column_letters};
pub use error::{FileError, UnknownColumn};
pub use header::{Column, FieldHeader, FieldKind, columns, stray};
pub use reader::{Limits, Table, open, open_until};
pub use source::{Source, Stop};
pub use template::{Locale, TemplateError, template};
pub use words::{one_of, some_of, yes_no};
pub use write::{Format, TableWriter, WriteError, export_columns};
