//! Rules of the source that no compiler checks, held where nobody forgets
//! them.

use std::{
    fs,
    path::{Path, PathBuf},
};

fn sources(folder: &Path, found: &mut Vec<(PathBuf, String)>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            sources(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let text = fs::read_to_string(&path).unwrap();
            found.push((path, text));
        }
    }
}

fn all() -> Vec<(PathBuf, String)> {
    let mut found = Vec::new();
    sources(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), &mut found);
    assert!(found.len() > 50, "the sources are somewhere else");
    found
}

/// Lines of code: no comments, no tests.
fn code(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let tests = text.find("#[cfg(test)]\nmod ").unwrap_or(text.len());
    text[..tests]
        .lines()
        .enumerate()
        .filter(|(_, line)| !line.trim_start().starts_with("//"))
}

fn offences(layer: &str, forbidden: &[&str]) -> Vec<String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src").join(layer);
    let inside = |path: &Path| path.starts_with(&folder) || path == folder.with_extension("rs");
    let mut found = Vec::new();
    for (path, text) in all().iter().filter(|(path, _)| inside(path)) {
        for (number, line) in code(text) {
            if let Some(word) = forbidden.iter().find(|word| line.contains(**word)) {
                found.push(format!("{}:{}: {word}", path.display(), number + 1));
            }
        }
    }
    found
}

fn assert_clean(layer: &str, forbidden: &[&str], why: &str) {
    let found = offences(layer, forbidden);
    assert!(found.is_empty(), "{why}:\n{}", found.join("\n"));
}

#[test]
fn the_domain_is_pure() {
    let world = [
        "crate::error",
        "crate::ops",
        "crate::engine",
        "crate::store",
        "crate::import",
        "crate::spreadsheet",
        "crate::remote",
        "crate::addon",
        "crate::cli",
        "crate::export",
        "crate::gateway",
        "crate::start",
    ];
    assert_clean("domain", &world, "the domain sees no other layer");
    let effects = [
        "SystemTime",
        "Instant::now",
        "Utc::now",
        "std::fs",
        "std::net",
        "std::thread",
        "getrandom",
        "tokio",
        "async ",
        "rusqlite",
        "napi",
        "select ",
    ];
    assert_clean("domain", &effects, "the domain has no clock, randomness, I/O or SQL");
    assert_clean("domain", &["f64", "f32"], "no float decides about money or time");
}

#[test]
fn arrows_point_inwards() {
    assert_clean(
        "ops",
        &[
            "crate::engine",
            "crate::store",
            "crate::import",
            "crate::spreadsheet",
            "crate::remote",
            "crate::addon",
            "crate::cli",
            "crate::export",
            "crate::gateway",
            "crate::start",
        ],
        "ops see the domain only",
    );
    assert_clean(
        "engine",
        &[
            "crate::store",
            "crate::import",
            "crate::spreadsheet",
            "crate::remote",
            "crate::addon",
            "crate::cli",
            "crate::export",
            "crate::gateway",
            "crate::start",
            "rusqlite",
            "napi::",
        ],
        "the engine knows no driver and no front",
    );
    assert_clean(
        "store",
        &[
            "crate::import",
            "crate::export",
            "crate::spreadsheet",
            "crate::addon",
            "crate::cli",
            "crate::gateway",
            "crate::start",
            "napi::",
        ],
        "a store knows no front",
    );
    assert_clean(
        "gateway",
        &[
            "crate::store",
            "crate::http",
            "crate::import",
            "crate::export",
            "crate::remote",
            "crate::addon",
            "crate::cli",
            "crate::start",
            "rusqlite",
            "select ",
            "napi::",
        ],
        "a gateway implements the engine's port, and knows no database and no front",
    );
    let ours = [
        "crate::domain",
        "crate::error",
        "crate::ops",
        "crate::engine",
        "crate::store",
        "crate::import",
        "crate::export",
        "crate::addon",
        "crate::cli",
    ];
    assert_clean("spreadsheet", &ours, "spreadsheets know nothing of customers");
    assert_clean(
        "import",
        &["crate::store", "crate::addon", "napi::"],
        "the import layer knows no database and no front",
    );
    assert_clean(
        "remote",
        &[
            "crate::store",
            "crate::http",
            "crate::cli",
            "crate::addon",
            "rusqlite",
            "napi::",
            "Engine",
            "Session",
        ],
        "the remote client knows the engine's calls and answers, and nothing that carries them out",
    );
    assert_clean(
        "export",
        &["crate::store", "crate::addon", "crate::cli", "napi::"],
        "the export layer knows no database and no front",
    );
    assert_clean(
        "cli",
        &[
            "crate::addon",
            "use napi",
            "napi_derive",
            "rusqlite",
            "select ",
            "insert into",
        ],
        "the command line opens stores and knows none of them from inside",
    );
    assert_clean(
        "http",
        &[
            "crate::store",
            "crate::spreadsheet::xls",
            "crate::addon",
            "crate::cli",
            "crate::remote",
            "rusqlite",
            "tokio_postgres",
            "napi_derive",
            "select ",
            "insert into",
        ],
        "the HTTP front translates, and has no SQL",
    );
    assert_clean("addon", &["select ", "insert into", "rusqlite"], "a front has no SQL");
}

#[test]
fn sql_is_portable() {
    let only_sqlite = [
        "autoincrement",
        "insert or ",
        " glob ",
        "rowid",
        "pragma",
        "json_each",
        "strftime",
        "ifnull(",
    ];
    let only_postgres = [
        "ilike",
        " serial ",
        "jsonb",
        "advisory",
        "create trigger",
        "create extension",
    ];
    for (path, text) in all()
        .iter()
        .filter(|(path, _)| path.parent().is_some_and(|folder| folder.ends_with("store")))
    {
        for (number, line) in code(text) {
            let line = line.to_lowercase();
            let found = only_sqlite
                .iter()
                .chain(&only_postgres)
                .find(|word| line.contains(**word));
            assert!(
                found.is_none(),
                "{}:{}: {found:?} belongs into a driver",
                path.display(),
                number + 1
            );
        }
    }
}

#[test]
fn nothing_is_printed_and_nothing_is_left_undone() {
    for (path, text) in all() {
        for (number, line) in code(&text) {
            let word = [
                "println!",
                "eprintln!",
                "dbg!",
                "todo!",
                "unimplemented!",
                "TODO",
                "FIXME",
            ]
            .into_iter()
            .find(|word| line.contains(word));
            assert!(word.is_none(), "{}:{}: {word:?}", path.display(), number + 1);
        }
    }
}

#[test]
fn files_stay_readable() {
    for (path, text) in all() {
        let lines = code(&text).count();
        assert!(
            lines <= 500 || text.starts_with("//! Long:"),
            "{} has {lines} lines: split it, or say at its top why not",
            path.display()
        );
    }
}

/// Every key starts with the store, so that the schema can be distributed by
/// tenant (architecture, section 3); these tables are small and global.
#[test]
fn every_key_starts_with_the_store() {
    const GLOBAL: [&str; 4] = ["stores", "api_keys", "public_tokens", "schema_migrations"];
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.db");
    proyecta::testing::Running::start(&proyecta::store::sqlite::Options::file(&path)).close();
    let file = rusqlite::Connection::open(&path).unwrap();
    let rows: Vec<(String, String)> = file
        .prepare(
            "select t.name, i.name from sqlite_schema t, pragma_index_list(t.name) i where t.type = 'table' and i.\"unique\" = 1
             and t.name not like 'customer\\_search%' escape '\\' order by 1, 2",
        )
        .and_then(|mut rows| rows.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?.collect())
        .unwrap();
    let mut checked = 0;
    for (table, index) in rows.iter().filter(|(table, _)| !GLOBAL.contains(&table.as_str())) {
        let first: String = file
            .query_row(
                "select name from pragma_index_info(?1) where seqno = 0",
                [index],
                |row| row.get(0),
            )
            .unwrap();
        assert_eq!(first, "store", "{table}.{index}");
        checked += 1;
    }
    assert!(checked >= 10, "only {checked} keys were looked at");
    let triggers: i64 = file
        .query_row(
            "select count(*) from sqlite_schema where type in ('trigger', 'view')",
            [],
            |row| row.get(0),
        )
        .unwrap();
    assert_eq!(triggers, 0);
}
