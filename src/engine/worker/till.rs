//! What gateways say to the worker, and recording it.

use std::{ops::Range, sync::Arc};

use tokio::{
    runtime::Handle,
    sync::{OwnedSemaphorePermit, Semaphore, mpsc},
    task::JoinHandle,
};

use super::BATCH;
use crate::{
    engine::{
        Engine, Session,
        billing::{self, Desk, How, Said, Work},
        port::StoreRecord,
        transact::transact,
    },
    error::{Kind, Result},
};

/// Transactions of answers at once: as many as PostgreSQL writes side by side.
const LANES: usize = 4;

/// An answer of a gateway, with the place among those under way that is free
/// once it is recorded.
struct Answer {
    store: StoreRecord,
    said: Said,
    place: Arc<OwnedSemaphorePermit>,
}

/// Records what gateways say: what has come while one transaction was written
/// is in the next one together.
pub(super) struct Till {
    engine: Arc<Engine>,
    answers: mpsc::UnboundedSender<Answer>,
    task: JoinHandle<()>,
}

impl Till {
    /// Records on a runtime, until it is dropped.
    pub(super) fn open(engine: &Arc<Engine>, runtime: &Handle) -> Self {
        let (answers, receive) = mpsc::unbounded_channel();
        let recording = record(Arc::clone(engine), receive, answers.clone());
        Self {
            engine: Arc::clone(engine),
            answers,
            task: runtime.spawn(recording),
        }
    }

    /// Asks a store's gateway; what it says is recorded.
    pub(super) fn ask(&self, store: StoreRecord, work: Work, place: Arc<OwnedSemaphorePermit>) {
        ask(&self.engine, &self.answers, store, work, place);
    }
}

impl Drop for Till {
    fn drop(&mut self) {
        self.task.abort();
    }
}

fn ask(
    engine: &Arc<Engine>,
    answers: &mpsc::UnboundedSender<Answer>,
    store: StoreRecord,
    work: Work,
    place: Arc<OwnedSemaphorePermit>,
) {
    let (engine, answers) = (Arc::clone(engine), answers.clone());
    tokio::spawn(async move {
        // What fails here is looked up by the payment's own job.
        if let Ok(said) = billing::run(engine, store.clone(), work).await {
            let _ = answers.send(Answer { store, said, place });
        }
    });
}

/// Records answers as they come, until nobody is left to give any.
async fn record(
    engine: Arc<Engine>,
    mut receive: mpsc::UnboundedReceiver<Answer>,
    answers: mpsc::UnboundedSender<Answer>,
) {
    let lanes = Arc::new(Semaphore::new(LANES));
    while let Ok(lane) = Arc::clone(&lanes).acquire_owned().await {
        let mut come = Vec::with_capacity(BATCH);
        if receive.recv_many(&mut come, BATCH).await == 0 {
            return;
        }
        let (engine, answers) = (Arc::clone(&engine), answers.clone());
        tokio::spawn(async move {
            record_all(&engine, &answers, come).await;
            drop(lane);
        });
    }
}

/// Records answers, one store after another, and asks what follows from them.
async fn record_all(engine: &Arc<Engine>, answers: &mpsc::UnboundedSender<Answer>, mut come: Vec<Answer>) {
    come.sort_by_key(|answer| answer.store.no);
    while let Some(first) = come.first() {
        let store = first.store.clone();
        let count = come.partition_point(|answer| answer.store.no == store.no);
        let (said, places): (Vec<_>, Vec<_>) = come.drain(..count).map(|one| (one.said, one.place)).unzip();
        let session = Session::system(engine, store);
        for (more, place) in record_of(&session, said).await.into_iter().zip(places) {
            for work in more {
                ask(engine, answers, session.store().clone(), work, Arc::clone(&place));
            }
        }
    }
}

/// Records answers of one store; where one goes wrong, each in a transaction of
/// its own. What is not recorded is looked up by the payment's own job.
pub(super) async fn record_of(session: &Arc<Session>, said: Vec<Said>) -> Vec<Vec<Work>> {
    let said = Arc::new(said);
    match together(session, &said, 0..said.len()).await {
        Ok(more) => return more,
        Err(error) if said.len() == 1 || error.code().kind() == Kind::Unavailable => {
            return said.iter().map(|_| Vec::new()).collect();
        }
        Err(_) => {}
    }
    let mut more = Vec::with_capacity(said.len());
    for place in 0..said.len() {
        let one = together(session, &said, place..place + 1).await.unwrap_or_default();
        more.push(one.into_iter().next().unwrap_or_default());
    }
    more
}

/// Records answers in one transaction; for each what is to be asked then.
pub(super) async fn together(
    session: &Arc<Session>,
    said: &Arc<Vec<Said>>,
    part: Range<usize>,
) -> Result<Vec<Vec<Work>>> {
    let said = Arc::clone(said);
    transact(session, billing::NUMBERS, move |cx, tx, numbers| {
        let mut desk = Desk::open(cx, tx, numbers)?;
        said[part.clone()]
            .iter()
            .map(|said| billing::record(&mut desk, tx, said, How::Alone))
            .collect()
    })
    .await
}
