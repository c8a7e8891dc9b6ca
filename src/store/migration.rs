//! Numbered changes of the schema, written once for all databases.
//!
//! Tokens: `{text}` (compared by bytes), `{bigint}`, `{boolean}`, `{bytes}`,
//! `{strict}` behind a table, and `{search NAME}` for the token index.

use super::driver::{Driver, query_one};
use crate::{
    domain::instant::Instant,
    error::{Code, Error, Result},
};

/// A migration: its number, which never changes, and its text.
struct Migration {
    number: i64,
    text: &'static str,
}

const MIGRATIONS: &[Migration] = &[
    Migration {
        number: 1,
        text: include_str!("migration/0001_customers.sql"),
    },
    Migration {
        number: 2,
        text: include_str!("migration/0002_api_keys.sql"),
    },
    Migration {
        number: 3,
        text: include_str!("migration/0003_catalogue.sql"),
    },
    Migration {
        number: 4,
        text: include_str!("migration/0004_settings.sql"),
    },
    Migration {
        number: 5,
        text: include_str!("migration/0005_payment_methods.sql"),
    },
    Migration {
        number: 6,
        text: include_str!("migration/0006_billing.sql"),
    },
];

/// What a database calls the things that tokens stand for.
pub trait Dialect {
    /// A type or table option by its token's name.
    fn token(&self, name: &str) -> &'static str;
    /// The statements that make a token index.
    fn search_index(&self, name: &str) -> Vec<String>;
}

/// The names of all tables, for drivers that must tell them from other names.
#[cfg(feature = "postgres")]
pub fn tables() -> Vec<&'static str> {
    let named = |text: &'static str| {
        let lines = text.lines().filter_map(|line| {
            line.strip_prefix("create table ")
                .or_else(|| line.strip_prefix("{search "))
        });
        lines.map(|rest| rest.split([' ', '}', '(']).next().unwrap_or(rest))
    };
    MIGRATIONS
        .iter()
        .flat_map(|migration| named(migration.text))
        .chain(["schema_migrations"])
        .collect()
}

/// The number of the newest migration that this version knows.
pub fn newest() -> i64 {
    MIGRATIONS.last().map_or(0, |migration| migration.number)
}

/// What the database has applied: the number of its last migration, 0 for an
/// empty one.
pub fn applied<D: Driver>(driver: &mut D) -> Result<i64> {
    Ok(query_one(
        driver,
        "select coalesce(max(number), 0) from schema_migrations",
        &[],
        &mut |row| row.integer(0),
    )?
    .unwrap_or(0))
}

/// Refuses a database that a newer version wrote.
pub fn refuse_newer(applied: i64) -> Result<()> {
    if applied <= newest() {
        return Ok(());
    }
    Err(Error::new(
        Code::DatabaseNewer,
        format!(
            "the database has schema {applied}, this version of the package knows {}: update the package, or open another database",
            newest()
        ),
    ))
}

/// Whether there is nothing to apply. A database from a newer version is an
/// error.
pub fn is_current<D: Driver>(driver: &mut D) -> Result<bool> {
    if !driver.has_table("schema_migrations")? {
        return Ok(false);
    }
    let applied = applied(driver)?;
    refuse_newer(applied)?;
    Ok(applied == newest())
}

/// Makes what a migration starts from, where it is not there yet.
pub fn prepare<D: Driver>(driver: &mut D, dialect: &dyn Dialect) -> Result<()> {
    let table = "create table if not exists schema_migrations (number {bigint} not null primary key, applied_at {bigint} not null) {strict}";
    driver.execute(&expand(table, dialect), &[])?;
    // The row that whoever migrates holds until the end.
    driver.execute(
        "insert into schema_migrations (number, applied_at) values (0, 0) on conflict (number) do nothing",
        &[],
    )
}

/// Applies what is missing. Runs inside one transaction that excludes other
/// processes, so that many may start at once.
pub fn migrate<D: Driver>(driver: &mut D, dialect: &dyn Dialect, now: Instant) -> Result<()> {
    query_one(
        driver,
        "select number from schema_migrations where number = 0 /*lock*/",
        &[],
        &mut |_| Ok(()),
    )?;
    let applied = applied(driver)?;
    refuse_newer(applied)?;
    for migration in MIGRATIONS.iter().filter(|migration| migration.number > applied) {
        for statement in statements(migration.text) {
            match statement
                .strip_prefix("{search ")
                .and_then(|rest| rest.strip_suffix('}'))
            {
                Some(index) => dialect
                    .search_index(index)
                    .iter()
                    .try_for_each(|made| driver.execute(made, &[]))?,
                None => driver.execute(&expand(statement, dialect), &[])?,
            }
        }
        let values = [migration.number.into(), now.micros().into()];
        driver.execute(
            "insert into schema_migrations (number, applied_at) values (?1, ?2)",
            &values,
        )?;
    }
    Ok(())
}

fn statements(text: &str) -> impl Iterator<Item = &str> {
    text.split("\n\n")
        .map(str::trim)
        .filter(|part| {
            part.lines()
                .any(|line| !line.trim().is_empty() && !line.trim_start().starts_with("--"))
        })
        .flat_map(|part| {
            part.split(";\n")
                .map(|statement| statement.trim().trim_end_matches(';'))
                .filter(|statement| !statement.is_empty())
        })
}

fn expand(statement: &str, dialect: &dyn Dialect) -> String {
    let mut out = String::with_capacity(statement.len());
    let mut rest = statement;
    while let Some((before, after)) = rest.split_once('{') {
        out.push_str(before);
        // `'{}'` inside a default is JSON, not a token.
        let Some((token, behind)) = after.split_once('}') else {
            break;
        };
        out.push_str(if token.is_empty() { "{}" } else { dialect.token(token) });
        rest = behind;
    }
    out.push_str(rest);
    out
}
