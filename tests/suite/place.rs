//! Where a test's store lies: a file, or a schema of its own on every real
//! server that the environment names.

use std::sync::atomic::{AtomicU32, Ordering};

use proyecta::testing::Running;
use tempfile::TempDir;

use tokio::runtime::{Builder, Runtime};
use tokio_postgres::{Client, NoTls};

/// URLs of servers, separated by spaces; `npm test rust` starts them.
const VARIABLE: &str = "PROYECTA_TEST_POSTGRES_URLS";

pub fn servers() -> Vec<String> {
    let urls = std::env::var(VARIABLE).unwrap_or_default();
    let urls: Vec<String> = urls.split_whitespace().map(str::to_owned).collect();
    assert!(
        !urls.is_empty(),
        "{VARIABLE} names no PostgreSQL server: `npm test rust` starts one, or set it to postgres://…"
    );
    urls
}

/// A fresh store on one of the databases.
pub enum Place {
    File(TempDir),
    Schema(Schema),
}

impl Place {
    /// What names it; opening it again gives the same store.
    pub fn database(&self) -> String {
        match self {
            Self::File(folder) => folder.path().join("a.db").to_str().unwrap().to_owned(),
            Self::Schema(schema) => schema.url(),
        }
    }

    pub fn start(&self) -> Running {
        Running::start_on(&self.database())
    }

    /// How many groups are written at once.
    pub fn writers(&self) -> usize {
        match self {
            Self::File(_) => 1,
            Self::Schema(_) => 4,
        }
    }

    pub fn start_many(&self, count: usize) -> Vec<Running> {
        (0..count).map(|_| self.start()).collect()
    }
}

/// Checks a promise on SQLite and on every server.
pub fn on_each(check: impl Fn(&Place)) {
    check(&Place::File(tempfile::tempdir().unwrap()));
    for server in servers() {
        check(&Place::Schema(Schema::new(&server)));
    }
}

/// A schema that is gone when the test is over.
pub struct Schema {
    pub server: String,
    pub name: String,
}

impl Schema {
    pub fn new(server: &str) -> Self {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        Self {
            server: server.to_owned(),
            name: format!("t_{}_{}", std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed)),
        }
    }

    /// The URL of the schema as the engine takes it.
    pub fn url(&self) -> String {
        self.url_with("")
    }

    pub fn url_with(&self, parameters: &str) -> String {
        let glue = if self.server.contains('?') { '&' } else { '?' };
        format!("{}{glue}schema={}{parameters}", self.server, self.name)
    }

    /// A connection of the test's own.
    pub fn connect(&self) -> Raw {
        Raw::connect(&self.server)
    }
}

impl Drop for Schema {
    fn drop(&mut self) {
        self.connect()
            .run(&format!("drop schema if exists {} cascade", self.name));
    }
}

/// Statements without the engine.
pub struct Raw {
    runtime: Runtime,
    pub client: Client,
}

impl Raw {
    pub fn connect(url: &str) -> Self {
        let runtime = Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            .build()
            .unwrap();
        let (client, connection) = runtime.block_on(tokio_postgres::connect(url, NoTls)).unwrap();
        runtime.spawn(connection);
        Self { runtime, client }
    }

    pub fn run(&self, sql: &str) {
        self.runtime.block_on(self.client.batch_execute(sql)).unwrap();
    }

    /// The first column of every row, as text.
    pub fn texts(&self, sql: &str) -> Vec<String> {
        let rows = self.runtime.block_on(self.client.simple_query(sql)).unwrap();
        rows.into_iter()
            .filter_map(|row| match row {
                tokio_postgres::SimpleQueryMessage::Row(row) => Some(row.get(0).unwrap_or("").to_owned()),
                _ => None,
            })
            .collect()
    }
}
