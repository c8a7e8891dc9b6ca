//! The statements of one SQLite connection.

use rusqlite::{
    Connection, Statement, ToSql,
    types::{ToSqlOutput, ValueRef},
};

use super::connection::{is_busy, translate};
use crate::{
    error::{Error, Result},
    store::{
        driver::{Driver, Row, Value},
        group::Transaction,
        happened::Happened,
        migration::Dialect,
    },
};

/// SQLite's words for the tokens of migrations.
pub(super) struct SqliteDialect;

impl Dialect for SqliteDialect {
    fn token(&self, name: &str) -> &'static str {
        match name {
            "text" => "text",
            "bytes" => "blob",
            "strict" => "strict",
            _ => "integer",
        }
    }

    fn search_index(&self, name: &str) -> Vec<String> {
        vec![
            // The tokens are ours already; this tokenizer only splits at
            // spaces. Without positions the index is small: what it finds is
            // checked against the row in any case.
            format!("create virtual table {name} using fts5(tokens, content='', detail=none, tokenize='ascii')"),
            // Tokens of a name are personal data: removed, not only marked.
            format!("insert into {name} ({name}, rank) values ('secure-delete', 1)"),
        ]
    }
}

/// Bits of a search row id that hold the customer's number; the store's number
/// is above them.
const NUMBER_BITS: u32 = 40;

fn search_row(store: i64, number: i64) -> Result<i64> {
    if number >> NUMBER_BITS == 0 && store >> (63 - NUMBER_BITS) == 0 {
        return Ok(store << NUMBER_BITS | number);
    }
    Err(Error::internal(
        "the store has more customers than its search index can number",
    ))
}

/// A connection, and whether anything was written since the flag was cleared.
pub(super) struct SqliteDriver {
    pub(super) connection: Connection,
    pub(super) wrote: bool,
    pub(super) happened: Happened,
}

impl SqliteDriver {
    pub(super) fn new(connection: Connection) -> Self {
        Self {
            connection,
            wrote: false,
            happened: Happened::default(),
        }
    }

    /// Runs work in a transaction that no other process can be in, waiting up
    /// to five seconds for its turn.
    pub(super) fn exclusively(&mut self, work: impl FnOnce(&mut Self) -> Result<()>) -> Result<()> {
        let mut waits = 0;
        while let Err(error) = self.begin() {
            waits += 1;
            if !is_busy(&error) || waits > 500 {
                return Err(translate(error));
            }
            std::thread::sleep(std::time::Duration::from_millis(10));
        }
        match work(self) {
            Ok(()) => self.commit().map_err(translate),
            Err(error) => {
                self.rollback();
                Err(error)
            }
        }
    }

    pub(super) fn begin(&mut self) -> rusqlite::Result<()> {
        self.wrote = false;
        self.happened.forget();
        self.connection.prepare_cached("begin immediate")?.execute([]).map(drop)
    }

    pub(super) fn commit(&mut self) -> rusqlite::Result<()> {
        let outcome = self.connection.prepare_cached("commit")?.execute([]).map(drop);
        if outcome.is_err() {
            self.rollback();
        }
        outcome
    }

    fn change_tokens(&mut self, sql: &str, store: i64, number: i64, tokens: &[String]) -> Result<()> {
        if tokens.is_empty() {
            return Ok(());
        }
        let values = [search_row(store, number)?.into(), Value::Text(&tokens.join(" "))];
        self.execute(sql, &values)
    }

    pub(super) fn rollback(&mut self) {
        // SQLite has rolled back by itself after some errors.
        if !self.connection.is_autocommit()
            && let Ok(mut statement) = self.connection.prepare_cached("rollback")
        {
            let _ = statement.execute([]);
        }
    }
}

impl Transaction for SqliteDriver {
    fn mark(&mut self) {
        self.wrote = false;
    }

    fn is_spoiled(&self) -> bool {
        self.wrote || self.connection.is_autocommit()
    }
}

struct Parameter<'a>(Value<'a>);

impl ToSql for Parameter<'_> {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(match self.0 {
            Value::Null => ToSqlOutput::Borrowed(ValueRef::Null),
            Value::Integer(integer) => ToSqlOutput::Borrowed(ValueRef::Integer(integer)),
            Value::Text(text) => ToSqlOutput::Borrowed(ValueRef::Text(text.as_bytes())),
            Value::Boolean(boolean) => ToSqlOutput::Borrowed(ValueRef::Integer(boolean.into())),
            Value::Bytes(bytes) => ToSqlOutput::Borrowed(ValueRef::Blob(bytes)),
            Value::Tokens(tokens) => {
                let quoted: Vec<String> = tokens.iter().map(|token| format!("\"{token}\"")).collect();
                ToSqlOutput::Owned(rusqlite::types::Value::Text(quoted.join(" ")))
            }
        })
    }
}

fn bind(statement: &mut Statement<'_>, values: &[Value<'_>]) -> rusqlite::Result<()> {
    for (index, value) in values.iter().enumerate() {
        statement.raw_bind_parameter(index + 1, Parameter(*value))?;
    }
    Ok(())
}

impl Driver for SqliteDriver {
    fn execute(&mut self, sql: &str, values: &[Value<'_>]) -> Result<()> {
        self.wrote = true;
        let mut statement = self.connection.prepare_cached(sql).map_err(translate)?;
        bind(&mut statement, values).map_err(translate)?;
        statement.raw_execute().map(drop).map_err(translate)
    }

    fn query(&mut self, sql: &str, values: &[Value<'_>], each: &mut dyn FnMut(&dyn Row) -> Result<()>) -> Result<()> {
        let mut statement = self.connection.prepare_cached(sql).map_err(translate)?;
        if !statement.readonly() {
            self.wrote = true;
        }
        bind(&mut statement, values).map_err(translate)?;
        let mut rows = statement.raw_query();
        while let Some(row) = rows.next().map_err(translate)? {
            each(&SqliteRow(row))?;
        }
        Ok(())
    }

    fn version_query(&self) -> &'static str {
        "select 'SQLite ' || sqlite_version()"
    }

    fn has_table(&mut self, name: &str) -> Result<bool> {
        self.connection.table_exists(Some("main"), name).map_err(translate)
    }

    fn counts_tokens(&self) -> bool {
        true
    }

    // Tokens carry the store's mark.
    fn matching(&self, _store: i64, parameter: usize) -> String {
        format!(
            "select rowid & {} as number from customer_search where customer_search match ?{parameter}",
            (1_i64 << NUMBER_BITS) - 1
        )
    }

    fn happened(&mut self, store: i64) {
        self.happened.note(store);
    }

    fn put_tokens(&mut self, store: i64, number: i64, tokens: &[String]) -> Result<()> {
        const PUT: &str = "insert into customer_search (rowid, tokens) values (?1, ?2)";
        self.change_tokens(PUT, store, number, tokens)
    }

    fn remove_tokens(&mut self, store: i64, number: i64, tokens: &[String]) -> Result<()> {
        const REMOVE: &str = "insert into customer_search (customer_search, rowid, tokens) values ('delete', ?1, ?2)";
        self.change_tokens(REMOVE, store, number, tokens)
    }
}

struct SqliteRow<'a, 'b>(&'a rusqlite::Row<'b>);

impl SqliteRow<'_, '_> {
    fn value(&self, column: usize) -> Result<ValueRef<'_>> {
        self.0.get_ref(column).map_err(translate)
    }
}

fn another_type(column: usize) -> Error {
    Error::internal(format!("column {column} has another type than was written"))
}

impl Row for SqliteRow<'_, '_> {
    fn optional_integer(&self, column: usize) -> Result<Option<i64>> {
        match self.value(column)? {
            ValueRef::Null => Ok(None),
            ValueRef::Integer(integer) => Ok(Some(integer)),
            _ => Err(another_type(column)),
        }
    }

    fn optional_text(&self, column: usize) -> Result<Option<&str>> {
        match self.value(column)? {
            ValueRef::Null => Ok(None),
            ValueRef::Text(bytes) => std::str::from_utf8(bytes).map(Some).map_err(|_| another_type(column)),
            _ => Err(another_type(column)),
        }
    }

    fn boolean(&self, column: usize) -> Result<bool> {
        match self.value(column)? {
            ValueRef::Integer(integer) => Ok(integer != 0),
            _ => Err(another_type(column)),
        }
    }

    fn bytes(&self, column: usize) -> Result<&[u8]> {
        match self.value(column)? {
            ValueRef::Blob(bytes) => Ok(bytes),
            _ => Err(another_type(column)),
        }
    }
}
