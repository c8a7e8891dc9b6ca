//! What moves everything that goes by the system's clock: jobs that are due are
//! done, charges are made, and what comes of them is recorded. Any number of
//! processes may have a worker on one database.
//!
//! A job is claimed by doing it: its transaction writes down what is to be
//! charged and sets the next job, so that nobody does it again. A process that
//! dies between the two transactions of a charge leaves a payment whose own job
//! looks it up.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use tokio::{
    runtime::Handle,
    sync::{Notify, Semaphore, oneshot},
    task::JoinHandle,
    time,
};

use super::{
    Context, Engine,
    billing::{self, Desk, Work},
    dormancy,
    numbers::Numbering,
    port::{DueJob, Job, StoreNo, StoreRecord, Task, Tx},
    retention,
    session::system_actor,
};
use crate::{
    domain::instant::Instant,
    error::{Error, Kind, Result},
};

mod till;

use till::Till;

/// Most jobs of one transaction, and most answers: bounds how long others wait
/// for it.
const BATCH: usize = 128;
/// Most charges under way at once.
const IN_FLIGHT: usize = 1024;
/// Longest sleep: another process may have set an earlier job.
const SLEEP: Duration = Duration::from_secs(5);
/// Pause after the database could not serve.
const AFTER_FAILURE: Duration = Duration::from_secs(1);
/// How often it looks for stores that are new.
const NEW_STORES: Duration = Duration::from_secs(3600);
/// The first and the longest pause of a job that goes wrong, in microseconds.
const FAILED: (i64, i64) = (60_000_000, 21_600_000_000);

/// How long charges that are under way may take once the worker is to end.
const LAST_WAIT: Duration = Duration::from_secs(5);

/// A worker that runs until it is told to end.
pub struct Worker {
    stop: Arc<Notify>,
    runtime: Handle,
    task: Mutex<Option<JoinHandle<()>>>,
}

impl Worker {
    /// Starts one on the engine's runtime.
    ///
    /// # Errors
    ///
    /// When the engine has no runtime.
    pub fn start(engine: &Arc<Engine>) -> Result<Self> {
        let stop = Arc::new(Notify::new());
        let runtime = engine.outside.runtime()?;
        let running = Running {
            till: Till::open(engine, &runtime),
            engine: Arc::clone(engine),
            in_flight: Arc::new(Semaphore::new(IN_FLIGHT)),
            stop: Arc::clone(&stop),
        };
        let task = runtime.spawn(async move { running.run().await });
        Ok(Self {
            stop,
            runtime,
            task: Mutex::new(Some(task)),
        })
    }

    /// Takes on nothing more, lets charges that are under way end for a while,
    /// and then calls `done`. What is cut is looked up by whoever works next.
    pub fn end(&self, done: impl FnOnce() + Send + 'static) {
        let task = self.task.lock().unwrap_or_else(PoisonError::into_inner).take();
        self.stop.notify_one();
        self.runtime.spawn(async move {
            if let Some(task) = task {
                let _ = task.await;
            }
            done();
        });
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        self.stop.notify_one();
    }
}

struct Running {
    engine: Arc<Engine>,
    till: Till,
    in_flight: Arc<Semaphore>,
    stop: Arc<Notify>,
}

impl Running {
    async fn run(&self) {
        let mut stores_seen = None;
        loop {
            // Stores come to be while it runs.
            if stores_seen.is_none_or(|at: time::Instant| at.elapsed() >= NEW_STORES) && self.see_stores().await.is_ok()
            {
                stores_seen = Some(time::Instant::now());
            }
            match claim(&self.engine, BATCH).await {
                Ok(Claimed { done, work }) => {
                    let idle = done < BATCH;
                    for (store, work) in work {
                        self.charge(store, work).await;
                    }
                    let pause = if idle { self.until_next().await } else { Duration::ZERO };
                    if self.is_stopped_within(pause).await {
                        break;
                    }
                }
                Err(_) => {
                    if self.is_stopped_within(AFTER_FAILURE).await {
                        break;
                    }
                }
            }
        }
        let all = u32::try_from(IN_FLIGHT).unwrap_or(u32::MAX);
        let _ = time::timeout(LAST_WAIT, self.in_flight.acquire_many(all)).await;
    }

    /// Waits for a while; `true` once it is to end.
    async fn is_stopped_within(&self, pause: Duration) -> bool {
        time::timeout(pause, self.stop.notified()).await.is_ok()
    }

    /// Gives every store the job that removes its old events.
    async fn see_stores(&self) -> Result<()> {
        let (send, receive) = oneshot::channel();
        let now = self.engine.clock.now();
        self.engine.database.write(super::task::FnTask::boxed(
            None,
            move |tx| retention::ensure_all(tx, now),
            move |outcome| drop(send.send(outcome)),
        ));
        receive.await.unwrap_or_else(|_| Err(lost()))
    }

    /// Asks the gateway, beside everything else that is asked.
    async fn charge(&self, store: StoreRecord, work: Work) {
        if let Ok(permit) = Arc::clone(&self.in_flight).acquire_owned().await {
            self.till.ask(store, work, Arc::new(permit));
        }
    }

    /// How long it is until the next job; not very long, for somebody may set
    /// an earlier one.
    async fn until_next(&self) -> Duration {
        let now = self.engine.clock.now();
        let next = next_due(&self.engine).await.ok().flatten();
        let until = next.map_or(SLEEP, |at| {
            Duration::from_micros(u64::try_from(at.micros().saturating_sub(now.micros())).unwrap_or(0))
        });
        until.clamp(Duration::from_millis(1), SLEEP)
    }
}

/// What a round of work came to.
pub(super) struct Claimed {
    /// Jobs that were done, and customers that were looked at.
    pub(super) done: usize,
    /// What has to be asked of gateways.
    pub(super) work: Vec<(StoreRecord, Work)>,
}

/// When the next job of the system's clock is due.
async fn next_due(engine: &Arc<Engine>) -> Result<Option<Instant>> {
    let (send, receive) = oneshot::channel();
    engine.database.read(super::task::FnTask::boxed(
        None,
        |tx| {
            let due = [tx.next_job()?, tx.next_dormant()?];
            Ok(due.into_iter().flatten().min())
        },
        move |next| drop(send.send(next)),
    ));
    receive.await.unwrap_or_else(|_| Err(lost()))
}

/// Does what is due, at most `limit` jobs, in one transaction. A job that goes
/// wrong is put off, and the others are done without it.
pub(super) async fn claim(engine: &Arc<Engine>, limit: usize) -> Result<Claimed> {
    loop {
        let current = Arc::new(Mutex::new(None));
        let (send, receive) = oneshot::channel();
        engine.database.write(Box::new(Round {
            engine: Arc::clone(engine),
            limit,
            numbers: HashMap::new(),
            current: Arc::clone(&current),
            claimed: None,
            send,
        }));
        let error = match receive.await.unwrap_or_else(|_| Err(lost())) {
            Ok(claimed) => return Ok(claimed),
            Err(error) => error,
        };
        let failed: Option<DueJob> = current.lock().unwrap_or_else(PoisonError::into_inner).take();
        match failed {
            Some(failed) if error.code().kind() != Kind::Unavailable => put_off(engine, failed).await?,
            _ => return Err(error),
        }
    }
}

/// Puts a job off that went wrong, each time for longer.
async fn put_off(engine: &Arc<Engine>, failed: DueJob) -> Result<()> {
    let (send, receive) = oneshot::channel();
    let now = engine.clock.now();
    engine.database.write(super::task::FnTask::boxed(
        None,
        move |tx| {
            let Some(job) = tx.job(failed.store, &failed.job.subject, true)? else {
                return Ok(());
            };
            let pause = FAILED.0.saturating_mul(1 << job.failures.min(16)).min(FAILED.1);
            let later = Job {
                due_at: Instant::from_micros(now.micros().saturating_add(pause)),
                failures: job.failures.saturating_add(1),
                ..job
            };
            tx.put_job(failed.store, &later)
        },
        move |outcome| drop(send.send(outcome)),
    ));
    receive.await.unwrap_or_else(|_| Err(lost()))
}

fn lost() -> Error {
    Error::internal("a transaction of the worker was never answered")
}

/// A round of work on its way through a transaction.
struct Round {
    engine: Arc<Engine>,
    limit: usize,
    numbers: HashMap<StoreNo, Numbering>,
    /// The job that is being done, for whoever looks when it goes wrong.
    current: Arc<Mutex<Option<DueJob>>>,
    claimed: Option<Claimed>,
    send: oneshot::Sender<Result<Claimed>>,
}

impl Round {
    fn set(&self, job: Option<DueJob>) {
        *self.current.lock().unwrap_or_else(PoisonError::into_inner) = job;
    }

    fn run_all(&mut self, tx: &mut dyn Tx) -> Result<Claimed> {
        let now = self.engine.clock.now();
        let mut jobs = tx.due_jobs(now, self.limit)?;
        // One store after another, each in the order of time.
        jobs.sort_by_key(|due| due.store);
        let dormant = tx.due_dormant(now, self.limit.saturating_sub(jobs.len()))?;
        let mut claimed = Claimed {
            done: jobs.len() + dormant.len(),
            work: Vec::new(),
        };
        let actor = system_actor();
        for of_store in jobs.chunk_by(|one, next| one.store == next.store) {
            let store = self.store(tx, of_store[0].store)?;
            let numbers = &self.numbers[&store.no];
            let cx = self.engine.context_of(&store, &actor, now);
            let mut desk = Desk::open(&cx, tx, numbers)?;
            for due in of_store {
                self.set(Some(due.clone()));
                let work = billing::run_job(&mut desk, tx, &due.job)?;
                claimed.work.extend(work.into_iter().map(|work| (store.clone(), work)));
            }
        }
        self.set(None);
        for (no, customer) in dormant {
            let store = self.store(tx, no)?;
            let cx: Context<'_> = self.engine.context_of(&store, &actor, now);
            let mut desk = Desk::open(&cx, tx, &self.numbers[&no])?;
            dormancy::run(&mut desk, tx, &customer)?;
        }
        Ok(claimed)
    }

    fn store(&mut self, tx: &mut dyn Tx, no: StoreNo) -> Result<StoreRecord> {
        let engine = &self.engine;
        self.numbers
            .entry(no)
            .or_insert_with(|| Numbering::new(&engine.numbers, no, billing::NUMBERS));
        let store = tx
            .store(no)?
            .ok_or_else(|| Error::internal("the store of a job is missing"))?;
        retention::ensure(&store, tx, engine.clock.now())?;
        Ok(store)
    }
}

impl Task for Round {
    fn run(&mut self, tx: &mut dyn Tx) -> Result<()> {
        self.claimed = None;
        self.set(None);
        self.numbers.values().for_each(Numbering::begin);
        self.claimed = Some(self.run_all(tx)?);
        Ok(())
    }

    fn done(self: Box<Self>, outcome: Result<()>) {
        let Self {
            numbers, claimed, send, ..
        } = *self;
        if outcome.is_ok() {
            numbers.values().for_each(Numbering::committed);
        }
        let ended = || Error::internal("a round of work ended well without having run");
        // Nobody waits any longer when the runtime is going away.
        let _ = send.send(outcome.and_then(|()| claimed.ok_or_else(ended)));
    }
}

/// Writes down what a gateway said; what is to be asked then.
#[cfg(feature = "testing")]
pub(super) async fn record(session: &Arc<super::Session>, said: super::billing::Said) -> Result<Vec<Work>> {
    let said = Arc::new(vec![said]);
    let mut more = till::together(session, &said, 0..1).await?;
    Ok(more.pop().unwrap_or_default())
}

#[cfg(test)]
#[cfg(feature = "testing")]
mod tests;
