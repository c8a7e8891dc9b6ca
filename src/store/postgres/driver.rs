//! The statements of one PostgreSQL connection.
//!
//! What need not be waited for is not: statements without an answer are sent
//! at once and looked at together with the next one that has an answer, or
//! with the commit. A transaction costs as many round trips as it has
//! questions, plus one.

use std::{
    future::Future,
    pin::Pin,
    sync::Arc,
    task::{Context, Waker},
    time::Duration,
};

use bytes::BytesMut;
use tokio_postgres::types::{IsNull, ToSql, Type, to_sql_checked};

use super::{
    connection::{Connection, connect, translate, unknown_outcome},
    listener,
    options::Options,
    sql::Rewriter,
};
use crate::{
    engine::port::Watch,
    error::{Error, Result},
    store::{
        driver::{Driver, Row, Value},
        group::Transaction,
        happened::Happened,
    },
};

/// How often a reader looks whether its caller gave up.
const LOOK_EVERY: Duration = Duration::from_millis(20);

type Pending = Pin<Box<dyn Future<Output = std::result::Result<(), tokio_postgres::Error>> + Send>>;

/// What a transaction is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Purpose {
    Read,
    Write,
}

pub(super) struct PostgresDriver {
    options: Arc<Options>,
    connection: Connection,
    rewriter: Rewriter,
    pending: Vec<Pending>,
    in_transaction: bool,
    pub(super) wrote: bool,
    pub(super) happened: Happened,
    /// Who may give up while a statement runs.
    pub(super) watch: Option<Arc<Watch>>,
}

impl PostgresDriver {
    pub(super) fn connect(options: &Arc<Options>) -> Result<Self> {
        Ok(Self {
            connection: connect(options)?,
            rewriter: Rewriter::new(&options.schema),
            options: Arc::clone(options),
            pending: Vec::new(),
            in_transaction: false,
            wrote: false,
            happened: Happened::default(),
            watch: None,
        })
    }

    /// Whether the connection broke.
    pub(super) fn is_closed(&self) -> bool {
        self.connection.client.is_closed()
    }

    /// Begins a transaction. Settings are its own, for the next one may get
    /// another connection from a pooler between.
    pub(super) fn begin(&mut self, purpose: Purpose) {
        self.wrote = false;
        self.happened.forget();
        self.pending.clear();
        self.in_transaction = true;
        let timeout = self.options.statement_timeout.as_millis();
        let text = match purpose {
            Purpose::Read => {
                format!("begin isolation level repeatable read read only; set local statement_timeout = {timeout}")
            }
            Purpose::Write => format!(
                "begin isolation level read committed; set local statement_timeout = {timeout}; \
                 set local lock_timeout = 5000; set local idle_in_transaction_session_timeout = 60000"
            ),
        };
        self.send_text(text);
    }

    /// Commits; every statement before is known to have gone well then.
    pub(super) fn commit(&mut self) -> Result<()> {
        self.send_text("commit".to_owned());
        let last = self.pending.pop();
        // An error before the commit makes the server roll back.
        let outcome = self.settle();
        let committed = last.map_or(Ok(()), |commit| self.connection.runtime.block_on(commit));
        self.in_transaction = false;
        outcome?;
        committed.map_err(|error| match error.as_db_error() {
            Some(_) => translate(&error),
            None => unknown_outcome(),
        })
    }

    pub(super) fn rollback(&mut self) {
        self.pending.clear();
        if std::mem::take(&mut self.in_transaction) && !self.is_closed() {
            let client = Arc::clone(&self.connection.client);
            let _ = self
                .connection
                .runtime
                .block_on(async move { client.batch_execute("rollback").await });
        }
    }

    fn send_text(&mut self, text: String) {
        let client = Arc::clone(&self.connection.client);
        self.send(Box::pin(async move { client.batch_execute(&text).await }));
    }

    /// The first look puts the request on its way.
    fn send(&mut self, mut pending: Pending) {
        let _inside = self.connection.runtime.enter();
        let waker = Waker::noop();
        match pending.as_mut().poll(&mut Context::from_waker(waker)) {
            std::task::Poll::Pending => self.pending.push(pending),
            std::task::Poll::Ready(outcome) => self.pending.push(Box::pin(std::future::ready(outcome))),
        }
    }

    /// Waits for everything that was sent; the first error counts.
    fn settle(&mut self) -> Result<()> {
        if self.pending.is_empty() {
            return Ok(());
        }
        let pending = std::mem::take(&mut self.pending);
        let outcome = self.connection.runtime.block_on(async {
            let mut first = Ok(());
            for one in pending {
                let outcome = one.await;
                if first.is_ok() {
                    first = outcome;
                }
            }
            first
        });
        outcome.map_err(|error| translate(&error))
    }

    /// Waits for rows, and stops the server's work when the caller gives up.
    fn wait<T>(&self, statement: impl Future<Output = std::result::Result<T, tokio_postgres::Error>>) -> Result<T> {
        let Some(watch) = self.watch.clone() else {
            return self
                .connection
                .runtime
                .block_on(statement)
                .map_err(|error| translate(&error));
        };
        self.connection.runtime.block_on(async {
            let mut statement = std::pin::pin!(statement);
            loop {
                match tokio::time::timeout(LOOK_EVERY, statement.as_mut()).await {
                    Ok(outcome) => return outcome.map_err(|error| translate(&error)),
                    Err(_) => {
                        if let Some(reason) = watch.reason() {
                            let token = self.connection.client.cancel_token();
                            let _ = token.cancel_query(self.connection.tls.clone()).await;
                            let _ = statement.await;
                            return Err(reason);
                        }
                    }
                }
            }
        })
    }
}

/// A value that outlives the call which gave it.
#[derive(Debug)]
enum Owned {
    Null,
    Integer(i64),
    Text(String),
    Boolean(bool),
    Bytes(Vec<u8>),
    Tokens(Vec<String>),
}

impl Owned {
    fn of(value: Value<'_>) -> (Self, Type) {
        match value {
            // The server infers the type from where the null goes.
            Value::Null => (Self::Null, Type::UNKNOWN),
            Value::Integer(integer) => (Self::Integer(integer), Type::INT8),
            Value::Text(text) => (Self::Text(text.to_owned()), Type::TEXT),
            Value::Boolean(boolean) => (Self::Boolean(boolean), Type::BOOL),
            Value::Bytes(bytes) => (Self::Bytes(bytes.to_vec()), Type::BYTEA),
            Value::Tokens(tokens) => (Self::Tokens(tokens.to_vec()), Type::TEXT_ARRAY),
        }
    }
}

impl ToSql for Owned {
    fn to_sql(
        &self,
        kind: &Type,
        out: &mut BytesMut,
    ) -> std::result::Result<IsNull, Box<dyn std::error::Error + Sync + Send>> {
        match self {
            Self::Null => Ok(IsNull::Yes),
            Self::Integer(integer) => integer.to_sql(kind, out),
            Self::Text(text) => text.to_sql(kind, out),
            Self::Boolean(boolean) => boolean.to_sql(kind, out),
            Self::Bytes(bytes) => bytes.to_sql(kind, out),
            Self::Tokens(tokens) => tokens.to_sql(kind, out),
        }
    }

    fn accepts(_: &Type) -> bool {
        true
    }

    to_sql_checked!();
}

type Parameters = Vec<(Owned, Type)>;

fn owned(values: &[Value<'_>]) -> Parameters {
    values.iter().map(|value| Owned::of(*value)).collect()
}

fn borrowed(values: &Parameters) -> Vec<(&(dyn ToSql + Sync), Type)> {
    values
        .iter()
        .map(|(value, kind)| (value as &(dyn ToSql + Sync), kind.clone()))
        .collect()
}

impl Driver for PostgresDriver {
    fn execute(&mut self, sql: &str, values: &[Value<'_>]) -> Result<()> {
        self.wrote = true;
        let sql = self.rewriter.rewrite(sql);
        let values = owned(values);
        let client = Arc::clone(&self.connection.client);
        self.send(Box::pin(async move {
            client.execute_typed(&sql, &borrowed(&values)).await.map(drop)
        }));
        Ok(())
    }

    fn query(&mut self, sql: &str, values: &[Value<'_>], each: &mut dyn FnMut(&dyn Row) -> Result<()>) -> Result<()> {
        // A row that is locked is still as it was: a task that only looked
        // spoils nothing for the others.
        if !sql.starts_with("select") {
            self.wrote = true;
        }
        let sql = self.rewriter.rewrite(sql);
        let values = owned(values);
        let parameters = borrowed(&values);
        let client = Arc::clone(&self.connection.client);
        let mut statement = std::pin::pin!(client.query_typed(&sql, &parameters));
        // Sent behind what is on its way already, before that is waited for.
        let early = {
            let _inside = self.connection.runtime.enter();
            statement.as_mut().poll(&mut Context::from_waker(Waker::noop()))
        };
        self.settle()?;
        let rows = match early {
            std::task::Poll::Ready(outcome) => outcome.map_err(|error| translate(&error))?,
            std::task::Poll::Pending => self.wait(statement)?,
        };
        rows.iter().try_for_each(|row| each(&PostgresRow(row)))
    }

    fn has_table(&mut self, name: &str) -> Result<bool> {
        let name = format!("{}.{name}", self.options.schema);
        let mut found = false;
        self.query(
            "select to_regclass(?1) is not null",
            &[Value::Text(&name)],
            &mut |row| {
                found = row.boolean(0)?;
                Ok(())
            },
        )?;
        Ok(found)
    }

    fn matching(&self, store: i64, parameter: usize) -> String {
        // A literal, so that a distributed database knows whom to ask.
        format!("select number from customer_search where store = {store} and tokens @> ?{parameter}")
    }

    fn counts_tokens(&self) -> bool {
        false
    }

    fn announce(&mut self) -> Result<()> {
        if !self.connection.notifies {
            return Ok(());
        }
        self.send_text(format!("notify {}", listener::channel(&self.options.schema)));
        Ok(())
    }

    fn happened(&mut self, store: i64) {
        self.happened.note(store);
    }

    fn put_tokens(&mut self, store: i64, number: i64, tokens: &[String]) -> Result<()> {
        const PUT: &str = "insert into customer_search (store, number, tokens) values (?1, ?2, ?3)";
        self.execute(PUT, &[store.into(), number.into(), Value::Tokens(tokens)])
    }

    fn remove_tokens(&mut self, store: i64, number: i64, _tokens: &[String]) -> Result<()> {
        const REMOVE: &str = "delete from customer_search where store = ?1 and number = ?2";
        self.execute(REMOVE, &[store.into(), number.into()])
    }
}

impl Transaction for PostgresDriver {
    fn mark(&mut self) {
        self.wrote = false;
    }

    fn is_spoiled(&self) -> bool {
        self.wrote
    }
}

struct PostgresRow<'a>(&'a tokio_postgres::Row);

fn another_type(column: usize) -> Error {
    Error::internal(format!("column {column} has another type than was written"))
}

impl Row for PostgresRow<'_> {
    fn optional_integer(&self, column: usize) -> Result<Option<i64>> {
        self.0.try_get(column).map_err(|_| another_type(column))
    }

    fn optional_text(&self, column: usize) -> Result<Option<&str>> {
        self.0.try_get(column).map_err(|_| another_type(column))
    }

    fn boolean(&self, column: usize) -> Result<bool> {
        self.0.try_get(column).map_err(|_| another_type(column))
    }

    fn bytes(&self, column: usize) -> Result<&[u8]> {
        self.0.try_get(column).map_err(|_| another_type(column))
    }
}
