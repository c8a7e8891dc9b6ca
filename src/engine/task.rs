//! Tasks made of two closures.

use std::sync::Arc;

use super::port::{Task, Tx, Watch};
use crate::error::{Error, Result};

/// Runs one closure inside the transaction and hands its value to the other.
pub(super) struct FnTask<T, R, D> {
    watch: Option<Arc<Watch>>,
    run: R,
    value: Option<T>,
    done: D,
}

impl<T, R, D> FnTask<T, R, D>
where
    T: Send + 'static,
    R: FnMut(&mut dyn Tx) -> Result<T> + Send + 'static,
    D: FnOnce(Result<T>) + Send + 'static,
{
    pub(super) fn boxed(watch: Option<Arc<Watch>>, run: R, done: D) -> Box<dyn Task> {
        Box::new(Self {
            watch,
            run,
            value: None,
            done,
        })
    }
}

impl<T, R, D> Task for FnTask<T, R, D>
where
    T: Send,
    R: FnMut(&mut dyn Tx) -> Result<T> + Send,
    D: FnOnce(Result<T>) + Send,
{
    fn run(&mut self, tx: &mut dyn Tx) -> Result<()> {
        self.value = None;
        self.value = Some((self.run)(tx)?);
        Ok(())
    }

    fn watch(&self) -> Option<&Arc<Watch>> {
        self.watch.as_ref()
    }

    fn done(self: Box<Self>, outcome: Result<()>) {
        let Self { value, done, .. } = *self;
        done(outcome.and_then(|()| value.ok_or_else(|| Error::internal("a task ended well without having run"))));
    }
}
