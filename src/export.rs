//! `customers.export`: all customers as a table that the import reads back.
//!
//! Two walks over the customers, page by page: the first finds the metadata
//! keys, for they are columns and a table starts with its titles. Nothing
//! grows with the number of customers.

use std::{
    collections::BTreeSet,
    io::{Seek, Write},
    sync::{Arc, mpsc},
};

use serde_json::Value;

use crate::{
    domain::{address::Address, customer::Customer},
    engine::{Session, import::Headings, port::Watch},
    error::{Code, Error, Result},
    import::header,
    ops::Op,
    spreadsheet::{
        Cell, Column, FieldHeader, FieldKind, Format, Limits, Locale, TableWriter, WriteError, export_columns,
    },
};

/// Customers in one page.
const PAGE: usize = 500;

/// What went into an export.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Exported {
    /// Rows written.
    pub rows: u64,
    /// Customers of whom a value has no column: an attribute without a custom
    /// field, or metadata beyond the columns that an import reads.
    pub partly: u64,
}

/// How an export is written.
#[derive(Debug, Clone, Copy)]
pub struct Options {
    /// What kind of file.
    pub format: Format,
    /// Puts the mark of UTF-8 in front of a `.csv`, for spreadsheet programs.
    pub mark: bool,
}

/// Writes all customers of the session's store; gives `out` back. `progress`
/// gets the number of rows so far. Waits: not for a thread that must not.
///
/// # Errors
///
/// `file_invalid` when `out` does not take it, or a workbook is full, and
/// whatever the database has to say.
pub fn export<W: Write + Seek + Send>(
    session: &Arc<Session>,
    options: Options,
    out: W,
    watch: &Arc<Watch>,
    mut progress: impl FnMut(u64),
) -> Result<(Exported, W)> {
    session.permit(Op::CustomersList)?;
    let Headings { fields, korean } = wait(|done| session.headings(done))?;
    let fields: Vec<FieldHeader> = fields.iter().map(header).collect();
    let keys = metadata_keys(session, watch)?;
    let most = Limits::default().columns as usize;
    let mut columns = export_columns(&fields, &keys, if korean { Locale::Ko } else { Locale::En });
    columns.truncate(most);
    let titles: Vec<String> = columns.iter().map(|(title, _)| title.clone()).collect();
    let table = Table {
        columns: columns.into_iter().map(|(_, column)| column).collect(),
        fields,
        words: if korean { ["예", "아니오"] } else { ["yes", "no"] },
    };
    let mut writer = TableWriter::new(options.format, out, &titles, options.mark).map_err(refused)?;
    let mut exported = Exported::default();
    walk(session, watch, |customer| {
        writer.row(&table.row(customer)).map_err(refused)?;
        exported.rows += 1;
        exported.partly += u64::from(!table.holds(customer));
        if exported.rows.is_multiple_of(PAGE as u64) {
            progress(exported.rows);
        }
        Ok(())
    })?;
    progress(exported.rows);
    Ok((exported, writer.finish().map_err(refused)?))
}

fn refused(error: WriteError) -> Error {
    let broken = matches!(&error, WriteError::Io(error) if error.kind() == std::io::ErrorKind::BrokenPipe);
    let refused = Error::new(Code::FileInvalid, error.to_string()).with_param("file");
    // Whoever read along has seen enough: a command line ends without a word.
    if broken {
        refused.with_detail("reason", "broken_pipe")
    } else {
        refused
    }
}

fn wait<T: Send + 'static>(start: impl FnOnce(Box<dyn FnOnce(Result<T>) + Send>)) -> Result<T> {
    let (send, receive) = mpsc::channel();
    start(Box::new(move |outcome| drop(send.send(outcome))));
    receive
        .recv()
        .map_err(|_| Error::internal("a read was never answered"))?
}

fn walk(session: &Arc<Session>, watch: &Arc<Watch>, mut each: impl FnMut(&Customer) -> Result<()>) -> Result<()> {
    let mut last: Option<Customer> = None;
    loop {
        let mut page = wait(|done| session.next_customers(last.as_ref(), PAGE, watch, done))?;
        page.iter().try_for_each(&mut each)?;
        let full = page.len() == PAGE;
        last = page.pop();
        if !full {
            return Ok(());
        }
    }
}

/// The metadata keys in use; more than there can be columns are not looked for.
fn metadata_keys(session: &Arc<Session>, watch: &Arc<Watch>) -> Result<Vec<String>> {
    let most = Limits::default().columns as usize;
    let mut keys = BTreeSet::new();
    walk(session, watch, |customer| {
        for key in customer.profile.metadata.keys() {
            if keys.len() < most && !keys.contains(key) {
                keys.insert(key.clone());
            }
        }
        Ok(())
    })?;
    Ok(keys.into_iter().collect())
}

struct Table {
    columns: Vec<Column>,
    fields: Vec<FieldHeader>,
    /// Yes and no.
    words: [&'static str; 2],
}

impl Table {
    fn row(&self, customer: &Customer) -> Vec<Cell> {
        self.columns.iter().map(|column| self.cell(customer, column)).collect()
    }

    /// Whether every value has its column.
    fn holds(&self, customer: &Customer) -> bool {
        let has_column = |wanted: &Column| self.columns.contains(wanted);
        let profile = &customer.profile;
        let metadata = profile
            .metadata
            .keys()
            .all(|key| has_column(&Column::Metadata(key.clone())));
        let attributes = profile.attributes.keys().all(|key| {
            let at = self.fields.iter().position(|field| field.key == *key);
            at.is_some_and(|at| has_column(&Column::Field(at)))
        });
        let beyond =
            profile.shipping.is_some() || !profile.additional_recipients.is_empty() || profile.country_code.is_some();
        metadata && attributes && !beyond
    }

    fn cell(&self, customer: &Customer, column: &Column) -> Cell {
        let profile = &customer.profile;
        let yes_no = |yes: bool| text(Some(self.words[usize::from(!yes)]));
        let address = |part: fn(&Address) -> Option<&str>| text(profile.address.as_ref().and_then(part));
        match column {
            Column::Id => text(Some(customer.id.as_str())),
            Column::Key => text(profile.key.as_deref()),
            Column::Username => text(profile.username.as_deref()),
            Column::Email => text(profile.email.as_ref().map(|email| email.as_given())),
            Column::Name => text(profile.name.as_deref()),
            Column::Phone => text(profile.phone.as_ref().map(|phone| phone.e164())),
            Column::Line1 => address(|address| address.line1.as_deref()),
            Column::Line2 => address(|address| address.line2.as_deref()),
            Column::City => address(|address| address.city.as_deref()),
            Column::State => address(|address| address.state.as_deref()),
            Column::PostalCode => address(|address| address.postal_code.as_deref()),
            Column::Country => address(|address| address.country.as_ref().map(|country| country.as_str())),
            Column::MarketingSms => yes_no(profile.marketing.sms),
            Column::MarketingEmail => yes_no(profile.marketing.email),
            Column::MarketingKakao => yes_no(profile.marketing.kakao),
            Column::Metadata(key) => text(profile.metadata.get(key).map(String::as_str)),
            Column::Field(at) => self.fields.get(*at).map_or(Cell::Empty, |field| {
                profile
                    .attributes
                    .get(&field.key)
                    .map_or(Cell::Empty, |value| self.attribute(field, value))
            }),
            Column::Ignored => text(Some(&customer.created_at.to_string())),
            Column::Untitled => Cell::Empty,
        }
    }

    fn attribute(&self, field: &FieldHeader, value: &Value) -> Cell {
        match value {
            Value::Null => Cell::Empty,
            Value::Bool(yes) => text(Some(self.words[usize::from(!yes)])),
            // A number of a spreadsheet is exact as far as a double is.
            Value::Number(number) if field.kind == FieldKind::Number => {
                number.as_f64().map_or(Cell::Empty, Cell::Number)
            }
            Value::String(string) => text(Some(string)),
            Value::Array(chosen) => {
                let words: Vec<&str> = chosen.iter().filter_map(Value::as_str).collect();
                text(Some(&words.join("; ")))
            }
            other => text(Some(&other.to_string())),
        }
    }
}

fn text(text: Option<&str>) -> Cell {
    match text {
        Some(text) if !text.is_empty() => Cell::Text(text.to_owned()),
        _ => Cell::Empty,
    }
}
