//! What the shared statements become for PostgreSQL: parameters are `$n`,
//! table names carry their schema (no session setting is needed, so that any
//! pooler between may hand out another connection for every transaction), and
//! the lock token locks.

use std::{collections::HashMap, sync::Arc};

use crate::store::migration::{self, Dialect};

/// Rewritten statements that are kept; the shared ones are few, those put
/// together by searches have a limited number of forms.
const KEPT: usize = 1024;

/// PostgreSQL's words for the tokens of migrations.
pub(super) struct PostgresDialect;

impl Dialect for PostgresDialect {
    fn token(&self, name: &str) -> &'static str {
        match name {
            "text" => "text collate \"C\"",
            "bigint" => "bigint",
            "boolean" => "boolean",
            "bytes" => "bytea",
            _ => "",
        }
    }

    fn search_index(&self, name: &str) -> Vec<String> {
        vec![
            format!(
                "create table {name} (store bigint not null, number bigint not null, tokens text[] collate \"C\" not null, \
                 primary key (store, number))"
            ),
            format!("create index {name}_by_tokens on {name} using gin (tokens)"),
        ]
    }
}

/// Rewrites statements for one schema.
pub(super) struct Rewriter {
    schema: String,
    tables: Vec<&'static str>,
    kept: HashMap<String, Arc<str>>,
}

impl Rewriter {
    pub(super) fn new(schema: &str) -> Self {
        Self {
            schema: schema.to_owned(),
            tables: migration::tables(),
            kept: HashMap::new(),
        }
    }

    pub(super) fn rewrite(&mut self, sql: &str) -> Arc<str> {
        if let Some(known) = self.kept.get(sql) {
            return Arc::clone(known);
        }
        if self.kept.len() >= KEPT {
            self.kept.clear();
        }
        let made: Arc<str> = self.made(sql).into();
        self.kept.insert(sql.to_owned(), Arc::clone(&made));
        made
    }

    /// Names of tables follow one of a few words. Texts in quotes stay as they
    /// are.
    fn made(&self, sql: &str) -> String {
        let mut out = String::with_capacity(sql.len() + 64);
        let mut before = "";
        let mut rest = sql;
        while let Some(first) = rest.chars().next() {
            let length = match first {
                '-' if rest.starts_with("--") => rest.find('\n').unwrap_or(rest.len()),
                '\'' => quoted(rest),
                c if c.is_ascii_alphabetic() || c == '_' => rest
                    .find(|c: char| !c.is_ascii_alphanumeric() && c != '_')
                    .unwrap_or(rest.len()),
                c => c.len_utf8(),
            };
            let (part, behind) = rest.split_at(length);
            if part == "?" {
                out.push('$');
            } else if let Some((clause, behind)) = lock(rest) {
                out.push_str(clause);
                rest = behind;
                continue;
            } else {
                if names_table(before) && self.tables.contains(&part) {
                    out.push_str(&self.schema);
                    out.push('.');
                }
                out.push_str(part);
            }
            if first.is_ascii_alphabetic() || first == '_' {
                before = part;
            } else if !first.is_whitespace() {
                before = "";
            }
            rest = behind;
        }
        out
    }
}

/// The clause of a lock token at the beginning of a text, and what follows it.
fn lock(sql: &str) -> Option<(&'static str, &str)> {
    const CLAUSES: [(&str, &str); 2] = [("/*lock*/", "for update"), ("/*lock skip*/", "for update skip locked")];
    CLAUSES
        .iter()
        .find_map(|(token, clause)| Some((*clause, sql.strip_prefix(token)?)))
}

fn names_table(word: &str) -> bool {
    matches!(word, "from" | "into" | "update" | "join" | "table" | "exists" | "on")
}

/// Length of a text in quotes, quotes included.
fn quoted(sql: &str) -> usize {
    sql[1..].find('\'').map_or(sql.len(), |at| at + 2)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(sql: &str, expected: &str) {
        assert_eq!(&*Rewriter::new("s").rewrite(sql), expected);
    }

    #[test]
    fn parameters_and_tables() {
        check(
            "select id from customers where store = ?1 and id = ?2 /*lock*/",
            "select id from s.customers where store = $1 and id = $2 for update",
        );
        check(
            "select subject from jobs limit ?1 /*lock skip*/",
            "select subject from s.jobs limit $1 for update skip locked",
        );
        check(
            "insert into stores (no) values (?1)",
            "insert into s.stores (no) values ($1)",
        );
        check(
            "update events set seq = ?3 where id in (select id from events)",
            "update s.events set seq = $3 where id in (select id from s.events)",
        );
        check(
            "create unique index customers_by_x on customers (store, email_key)",
            "create unique index customers_by_x on s.customers (store, email_key)",
        );
        check(
            "create table if not exists schema_migrations (number bigint)",
            "create table if not exists s.schema_migrations (number bigint)",
        );
        check(
            "alter table api_keys add column x",
            "alter table s.api_keys add column x",
        );
    }

    #[test]
    fn what_only_looks_like_a_table_stays() {
        check(
            "insert into events (store) values (?1) on conflict (store) do update set last_seq = event_relays.last_seq + ?3",
            "insert into s.events (store) values ($1) on conflict (store) do update set last_seq = event_relays.last_seq + $3",
        );
        check("select customer from (select 1)", "select customer from (select 1)");
        check(
            "select 'from customers ?1' from unknown",
            "select 'from customers ?1' from unknown",
        );
    }
}
