//! A transaction that a future waits for.

use std::sync::Arc;

use tokio::sync::oneshot;

use super::{
    Context, Session,
    numbers::Numbering,
    port::{Task, Tx},
};
use crate::error::{Error, Result};

/// Runs a transaction of a session, with numbers for what it makes.
pub(super) async fn transact<T: Send + 'static>(
    session: &Arc<Session>,
    kinds: &[&'static str],
    run: impl FnMut(&Context<'_>, &mut dyn Tx, &Numbering) -> Result<T> + Send + 'static,
) -> Result<T> {
    let (send, receive) = oneshot::channel();
    let engine = session.engine();
    let task = Transaction {
        session: Arc::clone(session),
        numbers: Numbering::new(&engine.numbers, session.store.no, kinds),
        run,
        value: None,
        send,
    };
    engine.database.write(Box::new(task));
    let lost = || Error::internal("a transaction was never answered");
    receive.await.unwrap_or_else(|_| Err(lost()))
}

struct Transaction<R, T> {
    session: Arc<Session>,
    numbers: Numbering,
    run: R,
    value: Option<T>,
    send: oneshot::Sender<Result<T>>,
}

impl<R, T> Task for Transaction<R, T>
where
    R: FnMut(&Context<'_>, &mut dyn Tx, &Numbering) -> Result<T> + Send,
    T: Send,
{
    fn run(&mut self, tx: &mut dyn Tx) -> Result<()> {
        self.value = None;
        self.numbers.begin();
        self.value = Some((self.run)(&self.session.context(None), tx, &self.numbers)?);
        Ok(())
    }

    fn done(self: Box<Self>, outcome: Result<()>) {
        let Self {
            numbers, value, send, ..
        } = *self;
        if outcome.is_ok() {
            numbers.committed();
        }
        let ended = || Error::internal("a transaction ended well without having run");
        // Nobody waits any longer when the runtime is going away.
        let _ = send.send(outcome.and_then(|()| value.ok_or_else(ended)));
    }
}
