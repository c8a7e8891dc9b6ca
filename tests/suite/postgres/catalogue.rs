//! Rules that keep the schema fit to be distributed by store (Citus,
//! YugabyteDB, CockroachDB): read from the catalogue of a migrated database.

use proyecta::testing::Running;

use crate::suite::place::{Raw, Schema, servers};

/// Small tables that belong to no store, or are one.
const GLOBAL: [&str; 4] = ["stores", "api_keys", "public_tokens", "schema_migrations"];

fn catalogue(check: impl Fn(&str, &Raw, &str)) {
    for server in servers() {
        let schema = Schema::new(&server);
        Running::start_on(&schema.url()).close();
        check(&server, &schema.connect(), &schema.name);
    }
}

#[test]
fn every_key_starts_with_the_store() {
    catalogue(|server, raw, schema| {
        let keys = raw.texts(&format!(
            "select c.relname || '(' || string_agg(a.attname, ',' order by k.place) || ')' \
             from pg_index i join pg_class c on c.oid = i.indrelid join pg_namespace n on n.oid = c.relnamespace \
             cross join lateral unnest(i.indkey) with ordinality as k(number, place) \
             join pg_attribute a on a.attrelid = c.oid and a.attnum = k.number \
             where n.nspname = '{schema}' and (i.indisunique or i.indisprimary) \
             group by c.relname, i.indexrelid order by 1"
        ));
        assert!(keys.len() > 10, "{server}: {keys:?}");
        let strangers: Vec<&String> = keys
            .iter()
            .filter(|key| !GLOBAL.iter().any(|table| key.starts_with(&format!("{table}("))))
            .filter(|key| !key.contains("(store,") && !key.contains("(store)"))
            .collect();
        assert!(strangers.is_empty(), "{server}: {strangers:?}");
    });
}

#[test]
fn every_table_has_a_primary_key() {
    catalogue(|server, raw, schema| {
        let without = raw.texts(&format!(
            "select c.relname from pg_class c join pg_namespace n on n.oid = c.relnamespace \
             where n.nspname = '{schema}' and c.relkind = 'r' \
             and not exists (select 1 from pg_index i where i.indrelid = c.oid and i.indisprimary)"
        ));
        assert!(without.is_empty(), "{server}: {without:?}");
    });
}

#[test]
fn nothing_runs_inside_the_server() {
    catalogue(|server, raw, schema| {
        let parts = raw.texts(&format!(
            "select 'function ' || p.proname from pg_proc p join pg_namespace n on n.oid = p.pronamespace where n.nspname = '{schema}' \
             union all select 'trigger ' || t.tgname from pg_trigger t join pg_class c on c.oid = t.tgrelid \
             join pg_namespace n on n.oid = c.relnamespace where n.nspname = '{schema}' \
             union all select 'sequence ' || c.relname from pg_class c join pg_namespace n on n.oid = c.relnamespace \
             where n.nspname = '{schema}' and c.relkind = 'S' \
             union all select 'foreign key ' || k.conname from pg_constraint k join pg_namespace n on n.oid = k.connamespace \
             where n.nspname = '{schema}' and k.contype = 'f' \
             union all select 'extension ' || e.extname from pg_extension e where e.extname <> 'plpgsql'"
        ));
        assert!(parts.is_empty(), "{server}: {parts:?}");
    });
}

#[test]
fn texts_compare_by_bytes() {
    catalogue(|server, raw, schema| {
        let others = raw.texts(&format!(
            "select c.relname || '.' || a.attname from pg_attribute a join pg_class c on c.oid = a.attrelid \
             join pg_namespace n on n.oid = c.relnamespace join pg_collation l on l.oid = a.attcollation \
             where n.nspname = '{schema}' and c.relkind = 'r' and a.attnum > 0 and l.collname <> 'C'"
        ));
        assert!(others.is_empty(), "{server}: {others:?}");
    });
}
