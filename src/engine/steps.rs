//! The worker's steps one at a time, for whoever plays with their order: what
//! lies between two of them is where a process may die, or another go on.

use std::sync::Arc;

use super::{
    Engine, Session,
    billing::{self, Said, Work},
    port::StoreRecord,
    worker,
};
use crate::error::Result;

/// Something to be asked of a gateway; what it is for is written down.
#[derive(Debug, Clone)]
pub struct Asked {
    store: StoreRecord,
    work: Work,
}

/// What a gateway said; nobody has written it down yet.
#[derive(Debug, Clone)]
pub struct Answer {
    store: StoreRecord,
    said: Said,
}

/// Does what is due, at most `limit` jobs, in one transaction: how many things
/// were done, and what is to be asked.
///
/// # Errors
///
/// What the database has to say.
pub async fn claim(engine: &Arc<Engine>, limit: usize) -> Result<(usize, Vec<Asked>)> {
    let claimed = worker::claim(engine, limit).await?;
    let asked = claimed.work.into_iter().map(|(store, work)| Asked { store, work });
    Ok((claimed.done, asked.collect()))
}

/// Asks the gateway.
///
/// # Errors
///
/// Where nothing could be asked.
pub async fn ask(engine: &Arc<Engine>, asked: Asked) -> Result<Answer> {
    let said = billing::run(Arc::clone(engine), asked.store.clone(), asked.work).await?;
    Ok(Answer {
        store: asked.store,
        said,
    })
}

/// Writes an answer down, with all that follows; what is to be asked then.
///
/// # Errors
///
/// What the database has to say.
pub async fn record(engine: &Arc<Engine>, answer: Answer) -> Result<Vec<Asked>> {
    let session = Session::system(engine, answer.store.clone());
    let more = worker::record(&session, answer.said).await?;
    let asked = more.into_iter().map(|work| Asked {
        store: answer.store.clone(),
        work,
    });
    Ok(asked.collect())
}
