//! What is billed, kept and found again, on each database.

mod dice;
mod jobs;
mod ledgers;
mod lists;
mod migration;
mod records;

use std::sync::mpsc;

use proyecta::{
    domain::{id::*, instant::Instant},
    engine::port::{Task, Tx},
    error::Result,
    testing::Running,
};

/// A task of a test's own, with what it found.
struct Act<T, W> {
    work: W,
    found: Option<T>,
    done: mpsc::Sender<Result<T>>,
}

impl<T: Send, W: FnMut(&mut dyn Tx) -> Result<T> + Send> Task for Act<T, W> {
    fn run(&mut self, tx: &mut dyn Tx) -> Result<()> {
        self.found = Some((self.work)(tx)?);
        Ok(())
    }

    fn done(self: Box<Self>, outcome: Result<()>) {
        let Self { found, done, .. } = *self;
        done.send(outcome.map(|()| found.unwrap())).unwrap();
    }
}

/// Begins work in a transaction that may write.
fn begin<T: Send + 'static>(
    running: &Running,
    work: impl FnMut(&mut dyn Tx) -> Result<T> + Send + 'static,
) -> mpsc::Receiver<Result<T>> {
    let (done, receive) = mpsc::channel();
    let act = Act {
        work,
        found: None,
        done,
    };
    running.session().engine().database().write(Box::new(act));
    receive
}

fn try_write<T: Send + 'static>(
    running: &Running,
    work: impl FnMut(&mut dyn Tx) -> Result<T> + Send + 'static,
) -> Result<T> {
    begin(running, work).recv().unwrap()
}

fn write<T: Send + 'static>(running: &Running, work: impl FnMut(&mut dyn Tx) -> Result<T> + Send + 'static) -> T {
    try_write(running, work).unwrap()
}

/// So many microseconds after the beginning.
fn at(micros: i64) -> Instant {
    Instant::from_micros(1_767_225_600_000_000 + micros)
}

fn customer(name: &str) -> CustomerId {
    CustomerId::trusted(format!("cus_{name}"))
}

fn clock_id(name: &str) -> ClockId {
    ClockId::trusted(format!("clk_{name}"))
}
