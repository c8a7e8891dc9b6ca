//! All that a database driver must offer. Statements are written once over
//! it, in the subset that SQLite and PostgreSQL share:
//!
//! - parameters are `?1`, `?2`, …;
//! - `/*lock*/` behind a select holds the rows until the transaction ends, and
//!   `/*lock skip*/` leaves out what others hold instead of waiting for them;
//! - DDL names types by tokens (see `migration`).

use crate::error::{Error, Result};

/// A parameter.
#[derive(Debug, Clone, Copy)]
pub enum Value<'a> {
    /// `null`
    Null,
    /// 64-bit integer.
    Integer(i64),
    /// Text.
    Text(&'a str),
    /// Boolean.
    Boolean(bool),
    /// Bytes.
    Bytes(&'a [u8]),
    /// Search tokens that must all be there; fits `Driver::matching` only.
    Tokens(&'a [String]),
}

impl From<i64> for Value<'_> {
    fn from(value: i64) -> Self {
        Self::Integer(value)
    }
}

impl From<bool> for Value<'_> {
    fn from(value: bool) -> Self {
        Self::Boolean(value)
    }
}

impl<'a> From<&'a str> for Value<'a> {
    fn from(value: &'a str) -> Self {
        Self::Text(value)
    }
}

impl<'a> From<&'a String> for Value<'a> {
    fn from(value: &'a String) -> Self {
        Self::Text(value)
    }
}

impl<'a> From<&'a [u8]> for Value<'a> {
    fn from(value: &'a [u8]) -> Self {
        Self::Bytes(value)
    }
}

impl<'a, T: Into<Value<'a>>> From<Option<T>> for Value<'a> {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Null, Into::into)
    }
}

/// A row of an answer, columns counted from 0.
pub trait Row {
    /// An integer or `null`.
    fn optional_integer(&self, column: usize) -> Result<Option<i64>>;
    /// A text or `null`.
    fn optional_text(&self, column: usize) -> Result<Option<&str>>;
    /// A boolean.
    fn boolean(&self, column: usize) -> Result<bool>;
    /// Bytes.
    fn bytes(&self, column: usize) -> Result<&[u8]>;

    /// An integer.
    fn integer(&self, column: usize) -> Result<i64> {
        self.optional_integer(column)?.ok_or_else(|| unexpected_null(column))
    }

    /// A text.
    fn text(&self, column: usize) -> Result<&str> {
        self.optional_text(column)?.ok_or_else(|| unexpected_null(column))
    }
}

fn unexpected_null(column: usize) -> Error {
    Error::internal(format!("column {column} is null where a value was written"))
}

/// Statements of one transaction.
pub trait Driver {
    /// Runs a statement that changes something. Its error may come as late as
    /// with the next query, or with the commit.
    fn execute(&mut self, sql: &str, values: &[Value<'_>]) -> Result<()>;

    /// Runs a select and hands each row over.
    fn query(&mut self, sql: &str, values: &[Value<'_>], each: &mut dyn FnMut(&dyn Row) -> Result<()>) -> Result<()>;

    /// A select whose one text says what the database is and which version.
    fn version_query(&self) -> &'static str {
        "select version()"
    }

    /// Whether the database has a table of this name.
    fn has_table(&mut self, name: &str) -> Result<bool>;

    /// The text of a select for the numbers of the store's customers that have
    /// all tokens of the parameter `?n`.
    fn matching(&self, store: i64, parameter: usize) -> String;

    /// Whether a search should look for its rare tokens itself, because the
    /// index walks the lists of all that it is asked for.
    fn counts_tokens(&self) -> bool;

    /// Tells other processes, once this transaction is committed, that what
    /// they remember may be over. Where that is not possible they find out by
    /// themselves, later.
    fn announce(&mut self) -> Result<()> {
        Ok(())
    }

    /// Notes that this transaction writes events of the store, for those who
    /// wait for them; what is rolled back did not happen.
    fn happened(&mut self, store: i64);

    /// Makes a customer findable by these tokens.
    fn put_tokens(&mut self, store: i64, number: i64, tokens: &[String]) -> Result<()>;

    /// Forgets a customer's tokens, which are those it was given.
    fn remove_tokens(&mut self, store: i64, number: i64, tokens: &[String]) -> Result<()>;
}

/// Runs a select that gives at most one row.
pub fn query_one<D: Driver + ?Sized, T>(
    driver: &mut D,
    sql: &str,
    values: &[Value<'_>],
    map: &mut dyn FnMut(&dyn Row) -> Result<T>,
) -> Result<Option<T>> {
    let mut found = None;
    driver.query(sql, values, &mut |row| {
        found = Some(map(row)?);
        Ok(())
    })?;
    Ok(found)
}

/// Runs a select and collects its rows.
pub fn query_all<D: Driver + ?Sized, T>(
    driver: &mut D,
    sql: &str,
    values: &[Value<'_>],
    map: &mut dyn FnMut(&dyn Row) -> Result<T>,
) -> Result<Vec<T>> {
    let mut found = Vec::new();
    driver.query(sql, values, &mut |row| {
        found.push(map(row)?);
        Ok(())
    })?;
    Ok(found)
}
