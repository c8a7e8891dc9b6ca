//! Pages of the catalogue: keyset, over one index each. A search walks that
//! index and compares names; a shop has few products beside its customers.

use serde::{Serialize, de::DeserializeOwned};

use super::{
    driver::{Driver, Row, Value, query_all, query_one},
    statement::{Owned, Statement},
};
use crate::{
    domain::{
        instant::Instant,
        search::{Query, like_escaped},
        uuid::Uuid,
    },
    engine::port::{CatalogList, Entry, Stamp, StoreNo},
    error::{Code, Error, Result},
    ops::catalog::ProductSortKey,
};

/// A table of the catalogue.
pub(super) struct Table {
    pub(super) name: &'static str,
    /// What its selects list.
    pub(super) columns: &'static str,
    /// What its ids begin with.
    pub(super) prefix: &'static str,
    /// Whether rows have names that are searched; those of coupons are codes.
    pub(super) named: bool,
    /// Whether rows can be archived.
    pub(super) archived: bool,
}

impl Table {
    fn filters(&self, statement: &mut Statement, list: &CatalogList) {
        let filter = &list.filter;
        statement.sql.push_str(" where store = ?1 and deleted_at is null");
        if let (true, Some(archived)) = (self.archived, filter.archived) {
            let is = if archived { "is not null" } else { "is null" };
            statement.sql.push_str(&format!(" and archived_at {is}"));
        }
        let texts = [
            ("kind", filter.product_kind.map(|kind| kind.name())),
            ("status", filter.status.map(|status| status.name())),
            ("product", filter.product.as_ref().map(|id| id.as_str())),
            ("currency", filter.currency.map(|currency| currency.code())),
            ("type", filter.price_type.map(|kind| kind.name())),
            ("type", filter.feature_type.map(|kind| kind.name())),
        ];
        for (column, wanted) in texts {
            if let Some(wanted) = wanted {
                let at = statement.text(wanted);
                statement.sql.push_str(&format!(" and {column} = ?{at}"));
            }
        }
        if let Some(active) = filter.active {
            // No literal is a boolean in both databases.
            statement
                .sql
                .push_str(if active { " and active" } else { " and not active" });
        }
        if let Some(query) = &filter.query {
            self.search(statement, query);
        }
    }

    fn search(&self, statement: &mut Statement, query: &Query) {
        let escaped = like_escaped(&query.folded);
        let (column, pattern) = match self.named {
            true => ("name_fold", format!("%{escaped}%")),
            false => ("code_fold", format!("{escaped}%")),
        };
        let pattern = statement.text(pattern);
        statement
            .sql
            .push_str(&format!(" and ({column} like ?{pattern} escape '\\'"));
        if query.may_be_id(self.prefix) {
            // Ids are ASCII below '~', so this is the end of the prefix.
            let from = statement.text(&query.typed);
            let until = statement.text(format!("{}~", query.typed));
            statement
                .sql
                .push_str(&format!(" or (id >= ?{from} and id < ?{until})"));
        }
        statement.sql.push(')');
    }

    /// The rows of one page.
    pub(super) fn page<D: Driver + ?Sized, T>(
        &self,
        driver: &mut D,
        store: StoreNo,
        list: &CatalogList,
        map: &mut dyn FnMut(&dyn Row) -> Result<T>,
    ) -> Result<Vec<T>> {
        let mut statement = Statement::new();
        statement.push(Owned::Integer(store));
        statement
            .sql
            .push_str(&format!("select {} from {}", self.columns, self.name));
        self.filters(&mut statement, list);
        let column = match list.sort.key {
            ProductSortKey::Created => "created_at",
            ProductSortKey::Name => "name_fold",
            ProductSortKey::Order => "position",
        };
        statement.page(column, list.sort.descending, list.after.as_ref(), list.limit);
        let (sql, values) = statement.parts();
        query_all(driver, sql, &values, map)
    }

    /// How many there are over all pages.
    pub(super) fn count<D: Driver + ?Sized>(&self, driver: &mut D, store: StoreNo, list: &CatalogList) -> Result<i64> {
        let mut statement = Statement::new();
        statement.push(Owned::Integer(store));
        statement.sql.push_str(&format!("select count(*) from {}", self.name));
        self.filters(&mut statement, list);
        let (sql, values) = statement.parts();
        Ok(query_one(driver, sql, &values, &mut |row| row.integer(0))?.unwrap_or(0))
    }
}

/// An object by its id, or the mark that there was one: `deleted` is the
/// column that tells.
pub(super) fn entry<D: Driver + ?Sized, T>(
    driver: &mut D,
    sql: &str,
    values: &[Value<'_>],
    deleted: usize,
    map: fn(&dyn Row) -> Result<T>,
) -> Result<Option<Entry<T>>> {
    query_one(driver, sql, values, &mut |row| {
        if row.optional_integer(deleted)?.is_some() {
            return Ok(Entry::Deleted);
        }
        map(row).map(|found| Entry::Live(Box::new(found)))
    })
}

/// The stamp in the columns `number, version, created_at, updated_at,
/// archived_at` from `first` on.
pub(super) fn stamp(row: &dyn Row, first: usize) -> Result<Stamp> {
    Ok(Stamp {
        archived_at: row.optional_integer(first + 4)?.map(Instant::from_micros),
        ..stamp_without_archive(row, first)?
    })
}

/// The stamp of what is never archived.
pub(super) fn stamp_without_archive(row: &dyn Row, first: usize) -> Result<Stamp> {
    Ok(Stamp {
        number: row.integer(first)?,
        version: row.integer(first + 1)?,
        created_at: Instant::from_micros(row.integer(first + 2)?),
        updated_at: Instant::from_micros(row.integer(first + 3)?),
        archived_at: None,
    })
}

/// A UUID as it is stored.
pub(super) fn uuid(row: &dyn Row, column: usize) -> Result<Option<Uuid>> {
    let text = row.optional_text(column)?;
    let parsed = text.map(Uuid::parse).transpose();
    parsed.map_err(|_| Error::internal("a stored UUID is damaged"))
}

/// A word as it is stored.
pub(super) fn word<T: Copy>(all: &[(T, &'static str)], stored: &str) -> Result<T> {
    let known = all.iter().find(|(_, word)| *word == stored);
    known.map(|(value, _)| *value).ok_or_else(newer)
}

/// A stored JSON text. One with members that this version does not know was
/// written by a newer one; it is refused, for writing it back would lose them.
pub(super) fn strict<T: DeserializeOwned>(text: &str) -> Result<T> {
    serde_json::from_str(text).map_err(|error| {
        let reason = error.to_string();
        match reason.starts_with("unknown field") || reason.starts_with("unknown variant") {
            true => newer(),
            false => Error::internal(format!("a stored JSON text is damaged: {error}")),
        }
    })
}

fn newer() -> Error {
    Error::new(
        Code::DatabaseNewer,
        "a stored row holds what only a newer version of the package knows: update the package",
    )
}

/// A value as JSON text.
pub(super) fn json<T: Serialize>(value: &T) -> Result<String> {
    super::customers::json(value)
}
