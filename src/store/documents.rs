//! Pages of what is kept whole: a JSON body, which is the truth, beside the
//! columns that are searched or sorted, which follow from it.

use super::{
    driver::{Driver, Row, query_all},
    statement::{Owned, Statement},
};
use crate::{
    domain::instant::Instant,
    engine::port::{Paging, StoreNo},
    error::Result,
};

/// What a column has to be, where a list asks for it.
pub(super) struct Condition<'a> {
    pub(super) column: &'static str,
    pub(super) wanted: Option<&'a str>,
    /// The value that most rows have: the column's index leaves those rows out.
    pub(super) usual: Option<&'static str>,
}

impl<'a> Condition<'a> {
    /// On a column whose index has all rows.
    pub(super) fn on(column: &'static str, wanted: Option<&'a str>) -> Self {
        Self {
            column,
            wanted,
            usual: None,
        }
    }

    /// On a column whose index leaves out the rows with one value.
    pub(super) fn but(column: &'static str, usual: &'static str, wanted: Option<&'a str>) -> Self {
        Self {
            column,
            wanted,
            usual: Some(usual),
        }
    }
}

impl Statement {
    /// Conditions, those that tell most first. The first with an index chooses
    /// the rows; as expressions the others match no index, so that no planner
    /// walks a longer one.
    pub(super) fn conditions(&mut self, conditions: &[Condition<'_>]) {
        let mut chosen = false;
        for Condition { column, wanted, usual } in conditions {
            let Some(wanted) = *wanted else {
                continue;
            };
            let at = self.text(wanted);
            if *usual == Some(wanted) {
                self.sql.push_str(&format!(" and {column} = ?{at}"));
            } else if chosen {
                self.sql.push_str(&format!(" and ({column} || '') = ?{at}"));
            } else {
                chosen = true;
                self.sql.push_str(&format!(" and {column} = ?{at}"));
                if let Some(usual) = usual {
                    // The literal lets the partial index serve.
                    self.sql.push_str(&format!(" and {column} <> '{usual}'"));
                }
            }
        }
    }
}

/// One page of a store's rows, newest first.
pub(super) fn page<D: Driver + ?Sized, T>(
    driver: &mut D,
    (columns, table): (&str, &str),
    store: StoreNo,
    conditions: &[Condition<'_>],
    paging: &Paging,
    map: fn(&dyn Row) -> Result<T>,
) -> Result<Vec<T>> {
    let mut statement = Statement::new();
    let at = statement.push(Owned::Integer(store));
    statement
        .sql
        .push_str(&format!("select {columns} from {table} where store = ?{at}"));
    statement.conditions(conditions);
    statement.page("created_at", true, paging.after.as_ref(), paging.limit);
    let (sql, values) = statement.parts();
    query_all(driver, sql, &values, &mut |row| map(row))
}

/// The instant in a column.
pub(super) fn instant(row: &dyn Row, column: usize) -> Result<Instant> {
    row.integer(column).map(Instant::from_micros)
}

/// The instant in a column that may be null.
pub(super) fn optional_instant(row: &dyn Row, column: usize) -> Result<Option<Instant>> {
    Ok(row.optional_integer(column)?.map(Instant::from_micros))
}
