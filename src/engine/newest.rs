//! Lists of documents, newest first.

use super::{
    Context,
    page::{self, Page},
    port::{Paging, Position},
    to_json,
};
use crate::{domain::instant::Instant, error::Result, ops::param::Loose};

/// A list that is asked for.
pub(super) struct Newest {
    query: String,
    limit: usize,
    /// What to fetch: one row more than the page holds.
    pub(super) paging: Paging,
}

impl Newest {
    /// `query` is the operation's name with its filters: a cursor is good for
    /// the same ones only.
    pub(super) fn open(cx: &Context<'_>, query: String, cursor: Option<&Loose<2000>>, limit: usize) -> Result<Self> {
        let after: Option<Position> = cursor
            .map(|cursor| page::open(cx.store, &query, &cursor.0))
            .transpose()?;
        Ok(Self {
            query,
            limit,
            paging: Paging {
                after,
                limit: limit + 1,
            },
        })
    }

    /// The page; `place` tells when a row came to be, and its id.
    pub(super) fn page<R, T: serde::Serialize>(
        &self,
        cx: &Context<'_>,
        mut rows: Vec<R>,
        place: impl Fn(&R) -> (Instant, &str),
        answer: impl FnMut(R) -> Result<T>,
    ) -> Result<String> {
        let has_more = rows.len() > self.limit;
        rows.truncate(self.limit);
        let last = rows.last().map(|row| {
            let (at, id) = place(row);
            Position::Time(at.micros(), id.to_owned())
        });
        let next = match last.filter(|_| has_more) {
            Some(position) => Some(page::seal(cx.store, &self.query, &position)?),
            None => None,
        };
        let data = rows.into_iter().map(answer).collect::<Result<Vec<_>>>()?;
        to_json(&Page::of(data, next))
    }
}
