//! A select that is put together from parts, with its parameters.

use super::driver::Value;
use crate::engine::port::Position;

/// A parameter that the statement keeps.
pub(super) enum Owned {
    Integer(i64),
    Text(String),
    Tokens(Vec<String>),
}

/// A select with its parameters.
pub(super) struct Statement {
    pub(super) sql: String,
    values: Vec<Owned>,
}

impl Statement {
    pub(super) fn new() -> Self {
        Self {
            sql: String::with_capacity(1024),
            values: Vec::with_capacity(10),
        }
    }

    /// Adds a parameter; gives its number.
    pub(super) fn push(&mut self, value: Owned) -> usize {
        self.values.push(value);
        self.values.len()
    }

    /// Adds a text; gives its number.
    pub(super) fn text(&mut self, text: impl Into<String>) -> usize {
        self.push(Owned::Text(text.into()))
    }

    /// The end of a page's select: behind the position, in the column's order
    /// and then by id, at most so many rows.
    pub(super) fn page(&mut self, column: &str, descending: bool, after: Option<&Position>, limit: usize) {
        let (direction, operator) = if descending { ("desc", "<") } else { ("asc", ">") };
        if let Some(position) = after {
            let (key, id) = match position {
                Position::Time(number, id) => (self.push(Owned::Integer(*number)), id),
                Position::Text(text, id) => (self.text(text), id),
            };
            let id = self.text(id);
            self.sql
                .push_str(&format!(" and ({column}, id) {operator} (?{key}, ?{id})"));
        }
        let limit = self.push(Owned::Integer(limit as i64));
        self.sql.push_str(&format!(
            " order by {column} {direction}, id {direction} limit ?{limit}"
        ));
    }

    /// The text and the values, ready to run.
    pub(super) fn parts(&self) -> (&str, Vec<Value<'_>>) {
        let values = self.values.iter().map(|value| match value {
            Owned::Integer(integer) => Value::Integer(*integer),
            Owned::Text(text) => Value::Text(text),
            Owned::Tokens(tokens) => Value::Tokens(tokens),
        });
        (&self.sql, values.collect())
    }
}
