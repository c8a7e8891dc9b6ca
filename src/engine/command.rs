//! A mutating call on its way through a transaction.

use std::sync::Arc;

use super::{
    Context, Session,
    customers::Outcome,
    idempotency::Key,
    port::{Task, Tx, Watch},
    reply::{Answered, Reply},
};
use crate::error::{Error, Result};

/// What every mutating call carries.
pub(super) struct Header {
    pub(super) session: Arc<Session>,
    pub(super) operation: &'static str,
    pub(super) request_id: Option<String>,
    pub(super) key: Option<Key>,
    pub(super) watch: Arc<Watch>,
    /// What it is about: the customer's id, or its address.
    pub(super) order: String,
}

/// A use case with its header; the first answer to an idempotency key is kept
/// in the same transaction.
pub(super) struct Command<R> {
    header: Header,
    run: R,
    answer: Option<Answered>,
    reply: Reply,
}

impl<R> Command<R>
where
    R: FnMut(&Context<'_>, &mut dyn Tx) -> Result<Outcome> + Send + 'static,
{
    /// Queues it; `reply` gets the outcome after the commit.
    pub(super) fn queue(header: Header, reply: Reply, run: R) {
        let database = Arc::clone(&header.session.engine.database);
        database.write(Box::new(Self {
            header,
            run,
            answer: None,
            reply,
        }));
    }
}

impl<R> Task for Command<R>
where
    R: FnMut(&Context<'_>, &mut dyn Tx) -> Result<Outcome> + Send,
{
    fn run(&mut self, tx: &mut dyn Tx) -> Result<()> {
        let header = &self.header;
        let cx = header.session.context(header.request_id.as_deref());
        self.answer = None;
        let Some(key) = &header.key else {
            self.answer = Some((self.run)(&cx, tx)?.answered());
            return Ok(());
        };
        if let Some(first) = key.first_answer(&cx, tx, header.operation)? {
            self.answer = Some(Answered::Replayed(first));
            return Ok(());
        }
        let outcome = (self.run)(&cx, tx)?;
        key.keep(&cx, tx, header.operation, &outcome.json, &outcome.subject)?;
        self.answer = Some(outcome.answered());
        Ok(())
    }

    fn watch(&self) -> Option<&Arc<Watch>> {
        Some(&self.header.watch)
    }

    fn order(&self) -> &str {
        &self.header.order
    }

    fn done(self: Box<Self>, outcome: Result<()>) {
        let Self { answer, reply, .. } = *self;
        let answer =
            outcome.and_then(|()| answer.ok_or_else(|| Error::internal("a command ended well without an answer")));
        reply.send(answer);
    }
}
