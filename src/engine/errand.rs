//! Errands: calls that ask a gateway something between two transactions.
//!
//! An errand goes through three phases:
//!
//! 1. **begin**, in a transaction: everything is checked and locked, and what
//!    is about to be asked is written down, such as the attempt of a charge
//!    with its own key. Where there is an idempotency key it is looked for
//!    first, and reserved in the same transaction: from then on a repeat, in
//!    this process or another, waits.
//! 2. **call**, outside of any transaction: the gateway is asked. The caller may
//!    give up meanwhile; the errand goes on, for nobody could tell what became
//!    of it otherwise.
//! 3. **end**, in another transaction: what came of it is recorded, the events
//!    are written, and the answer is kept for repeats. A decline that was
//!    carried out is such an answer; a refusal of the input is not, and leaves
//!    the key free. Where something else had to be done first, it all begins
//!    again ([`Ended::Again`]), under the same reservation.
//!
//! A crash between the phases leaves what `begin` wrote. Whoever writes an
//! errand that charges money must be able to find out from that row what to do:
//! its `begin` looks for an attempt left open, and looks it up at the gateway
//! instead of charging again. The reservation of the key ends by itself
//! ([`idempotency::RESERVED`]).
//!
//! Transactions may run more than once, so `begin` and `end` keep no effect
//! outside of theirs; `call` happens once.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use tokio::{sync::oneshot, time};

use super::{
    Answered, Context, Reply,
    command::Header,
    customers::Outcome,
    gateway::Later,
    idempotency::{self, Earlier},
    numbers::Numbering,
    port::{Task, Tx, Watch},
};
use crate::error::{Code, Error, Kind, Result};

/// How long a repeat waits for the first call.
const PATIENCE: Duration = Duration::from_secs(30);
/// The first and the longest pause between two looks.
const PAUSES: (Duration, Duration) = (Duration::from_millis(5), Duration::from_millis(250));
/// How often an errand begins at most: once for each period that a worker has
/// left undone.
const ROUNDS: u32 = 64;
/// How often the last phase is tried where the database cannot serve: by then
/// the gateway has acted.
const TRIES: u32 = 6;

/// What the first transaction comes to.
pub(super) enum Begun<W> {
    /// The answer: nobody has to be asked.
    Answered(Outcome),
    /// What to ask.
    Work(W),
}

/// What the last transaction comes to. Either is committed, and kept for
/// repeats, but for a gateway that could not be reached.
pub(super) enum Ended {
    /// The answer.
    Answered(Outcome),
    /// An error that was carried out, such as a declined charge; `subject` is
    /// the object that it is about.
    Refused {
        /// What the caller is told.
        error: Error,
        /// The object's id.
        subject: String,
    },
    /// What had to be done first is done: `begin` runs again.
    Again,
}

/// A call with a gateway between two transactions; see the module.
pub(super) trait Errand: Send + 'static {
    /// What `begin` hands to `call`.
    type Work: Send + 'static;
    /// What `call` hands to `end`.
    type Found: Send + 'static;

    /// The kinds of objects that it makes, for their numbers.
    const NUMBERS: &'static [&'static str] = &[];

    /// The first transaction. An error ends the errand; nothing was written.
    fn begin(&mut self, cx: &Context<'_>, tx: &mut dyn Tx, numbers: &Numbering) -> Result<Begun<Self::Work>>;

    /// Asks the gateway.
    fn call(&mut self, work: Self::Work) -> Later<Self::Found>;

    /// The last transaction. An error is what the caller is told; nothing is
    /// written, and the key is free again. It is for what has become
    /// impossible meanwhile, not for declines.
    ///
    /// It may run again after a commit whose answer was lost: where what it
    /// would write is there already, it answers as it did then.
    fn end(&mut self, cx: &Context<'_>, tx: &mut dyn Tx, numbers: &Numbering, found: &Self::Found) -> Result<Ended>;

    /// What to take back at the gateway after `end` has refused what was found.
    /// It is not asked when the database failed: what was written then, nobody
    /// knows.
    fn undo(&mut self, found: Self::Found) -> Option<Later<()>> {
        drop(found);
        None
    }
}

/// Starts an errand; `reply` gets what comes of it.
pub(super) fn run<E: Errand>(header: Header, reply: Reply, errand: E) {
    let runtime = match header.session.engine.outside.runtime() {
        Ok(runtime) => runtime,
        Err(error) => return reply.send(Err(error)),
    };
    let engine = &header.session.engine;
    let numbers = Numbering::new(&engine.numbers, header.session.store.no, E::NUMBERS);
    let running = Running {
        header: Arc::new(header),
        errand: Arc::new(Mutex::new(errand)),
        numbers: Arc::new(numbers),
    };
    runtime.spawn(async move { reply.send(running.outcome().await) });
}

struct Running<E> {
    header: Arc<Header>,
    errand: Arc<Mutex<E>>,
    numbers: Arc<Numbering>,
}

/// What the first transaction found.
enum First<W> {
    Earlier(Result<Answered>),
    InFlight,
    Answered(Answered),
    Work(W),
}

impl<E: Errand> Running<E> {
    async fn outcome(self) -> Result<Answered> {
        let mut first = self.begin().await?;
        for _ in 0..ROUNDS {
            let work = match first {
                First::Earlier(outcome) => return outcome,
                First::Answered(answered) => return Ok(answered),
                First::InFlight => return Err(in_flight()),
                First::Work(work) => work,
            };
            let call = lock(&self.errand).call(work);
            let found = call.await;
            if let Some(answered) = self.end(found).await? {
                return Ok(answered);
            }
            first = match self.once_more().await {
                Ok(first) => first,
                Err(error) => {
                    self.release().await;
                    return Err(error);
                }
            };
        }
        self.release().await;
        Err(Error::internal("an errand began again and again"))
    }

    /// The first phase after something else had to be done; the key is held.
    async fn once_more(&self) -> Result<First<E::Work>> {
        let watch = Some(Arc::clone(&self.header.watch));
        self.transaction(watch, |part, cx, tx| match part.errand.begin(cx, tx, part.numbers)? {
            Begun::Work(work) => Ok(First::Work(work)),
            Begun::Answered(outcome) => {
                if let Some(key) = &part.header.key {
                    key.settle(cx, tx, part.header.operation, &outcome.json, &outcome.subject)?;
                }
                Ok(First::Answered(outcome.answered()))
            }
        })
        .await
    }

    /// Frees the key. Whether this works or not, the caller is told why it
    /// came to this.
    async fn release(&self) {
        let release = |part: &mut Part<'_, E>, cx: &Context<'_>, tx: &mut dyn Tx| match &part.header.key {
            Some(key) => key.release(cx, tx, part.header.operation),
            None => Ok(()),
        };
        let _ = self.transaction(None, release).await;
    }

    /// The first phase, again and again while another call with the same key
    /// is under way.
    async fn begin(&self) -> Result<First<E::Work>> {
        let waiting = time::Instant::now();
        let mut pause = PAUSES.0;
        loop {
            let first = match self.first().await {
                Ok(first) => first,
                Err(error) => self.looked_again(error).await?,
            };
            if !matches!(first, First::InFlight) || waiting.elapsed() >= PATIENCE {
                return Ok(first);
            }
            time::sleep(pause).await;
            pause = (pause * 2).min(PAUSES.1);
        }
    }

    /// A call that was refused may have waited for a row that the first one with
    /// its key held, and have found what that one is about to do.
    async fn looked_again(&self, refused: Error) -> Result<First<E::Work>> {
        if self.header.key.is_none() || self.header.watch.given_up().is_some() {
            return Err(refused);
        }
        let earlier = self.transaction(None, |part, cx, tx| match &part.header.key {
            Some(key) => key.earlier(cx, tx, part.header.operation),
            None => Ok(Earlier::Nothing),
        });
        match earlier.await? {
            Earlier::Nothing => Err(refused),
            Earlier::Answer(text) => Ok(First::Earlier(idempotency::replayed(text))),
            Earlier::InFlight => Ok(First::InFlight),
        }
    }

    async fn first(&self) -> Result<First<E::Work>> {
        let watch = Some(Arc::clone(&self.header.watch));
        self.transaction(watch, |part, cx, tx| {
            let operation = part.header.operation;
            let Some(key) = &part.header.key else {
                return Ok(match part.errand.begin(cx, tx, part.numbers)? {
                    Begun::Answered(outcome) => First::Answered(outcome.answered()),
                    Begun::Work(work) => First::Work(work),
                });
            };
            match key.earlier(cx, tx, operation)? {
                Earlier::Nothing => {}
                Earlier::Answer(text) => return Ok(First::Earlier(idempotency::replayed(text))),
                Earlier::InFlight => return Ok(First::InFlight),
            }
            match part.errand.begin(cx, tx, part.numbers)? {
                Begun::Answered(outcome) => {
                    key.keep(cx, tx, operation, &outcome.json, &outcome.subject)?;
                    Ok(First::Answered(outcome.answered()))
                }
                Begun::Work(work) => {
                    key.reserve(cx, tx, operation)?;
                    Ok(First::Work(work))
                }
            }
        })
        .await
    }

    /// The last phase; nothing when it all begins again.
    async fn end(&self, found: E::Found) -> Result<Option<Answered>> {
        let found = Arc::new(Mutex::new(Some(found)));
        let mut pause = PAUSES.1;
        let mut ended = self.last(&found, false).await;
        for _ in 1..TRIES {
            if !matches!(&ended, Err(error) if error.code().kind() == Kind::Unavailable) {
                break;
            }
            time::sleep(pause).await;
            pause *= 2;
            ended = self.last(&found, true).await;
        }
        let error = match ended {
            Ok(outcome) => return outcome,
            Err(error) => error,
        };
        if matches!(error.code().kind(), Kind::Unavailable | Kind::Timeout | Kind::Internal) {
            return Err(error);
        }
        let found = found.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(undo) = found.and_then(|found| lock(&self.errand).undo(found)) {
            undo.await;
        }
        self.release().await;
        Err(error)
    }

    /// The last phase; the inner result is what the caller is told of a phase
    /// that was committed. `again` says that it may have been committed before.
    async fn last(&self, found: &Arc<Mutex<Option<E::Found>>>, again: bool) -> Result<Result<Option<Answered>>> {
        let found = Arc::clone(found);
        self.transaction(None, move |part, cx, tx| {
            if let Some(key) = part.header.key.as_ref().filter(|_| again)
                && let Earlier::Answer(text) = key.earlier(cx, tx, part.header.operation)?
            {
                return Ok(idempotency::replayed(text).map(Some));
            }
            let found = found.lock().unwrap_or_else(PoisonError::into_inner);
            let found = found.as_ref().ok_or_else(|| Error::internal("an errand ended twice"))?;
            let ended = part.errand.end(cx, tx, part.numbers, found)?;
            let (text, subject) = match &ended {
                Ended::Answered(outcome) => (outcome.json.clone(), &outcome.subject),
                Ended::Refused { error, subject } => (error.to_json(), subject),
                Ended::Again => return Ok(Ok(None)),
            };
            if let Some(key) = &part.header.key {
                match &ended {
                    // Nothing was done: the same call may come again.
                    Ended::Refused { error, .. } if error.code().kind() == Kind::GatewayUnavailable => {
                        key.release(cx, tx, part.header.operation)?;
                    }
                    _ => key.settle(cx, tx, part.header.operation, &text, subject)?,
                }
            }
            Ok(match ended {
                Ended::Answered(outcome) => Ok(Some(outcome.answered())),
                Ended::Refused { error, .. } => Err(error),
                Ended::Again => Ok(None),
            })
        })
        .await
    }

    async fn transaction<T: Send + 'static>(
        &self,
        watch: Option<Arc<Watch>>,
        run: impl FnMut(&mut Part<'_, E>, &Context<'_>, &mut dyn Tx) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let (send, receive) = oneshot::channel();
        let engine = &self.header.session.engine;
        engine.database.write(Box::new(Phase {
            header: Arc::clone(&self.header),
            errand: Arc::clone(&self.errand),
            numbers: Arc::clone(&self.numbers),
            watch,
            run,
            value: None,
            send,
        }));
        receive
            .await
            .unwrap_or_else(|_| Err(Error::internal("a transaction of an errand was never answered")))
    }
}

fn lock<E>(errand: &Mutex<E>) -> std::sync::MutexGuard<'_, E> {
    errand.lock().unwrap_or_else(PoisonError::into_inner)
}

/// What a transaction of an errand works with.
struct Part<'a, E> {
    header: &'a Header,
    errand: &'a mut E,
    numbers: &'a Numbering,
}

/// A transaction of an errand.
struct Phase<E, R, T> {
    header: Arc<Header>,
    errand: Arc<Mutex<E>>,
    numbers: Arc<Numbering>,
    watch: Option<Arc<Watch>>,
    run: R,
    value: Option<T>,
    send: oneshot::Sender<Result<T>>,
}

impl<E, R, T> Task for Phase<E, R, T>
where
    E: Send,
    R: FnMut(&mut Part<'_, E>, &Context<'_>, &mut dyn Tx) -> Result<T> + Send,
    T: Send,
{
    fn run(&mut self, tx: &mut dyn Tx) -> Result<()> {
        self.value = None;
        self.numbers.begin();
        let header = &self.header;
        let cx = header.session.context(header.request_id.as_deref());
        let mut errand = lock(&self.errand);
        let mut part = Part {
            header,
            errand: &mut *errand,
            numbers: &self.numbers,
        };
        self.value = Some((self.run)(&mut part, &cx, tx)?);
        Ok(())
    }

    fn watch(&self) -> Option<&Arc<Watch>> {
        self.watch.as_ref()
    }

    fn order(&self) -> &str {
        &self.header.order
    }

    fn done(self: Box<Self>, outcome: Result<()>) {
        let Self {
            numbers, value, send, ..
        } = *self;
        if outcome.is_ok() {
            numbers.committed();
        }
        let ended = || Error::internal("a transaction of an errand ended well without having run");
        // Nobody waits any longer when the runtime is going away.
        let _ = send.send(outcome.and_then(|()| value.ok_or_else(ended)));
    }
}

fn in_flight() -> Error {
    Error::new(
        Code::IdempotencyInFlight,
        "the first call with this idempotency key is still under way: try again with the same key",
    )
    .with_param("idempotencyKey")
}

#[cfg(test)]
#[cfg(feature = "testing")]
mod tests;
