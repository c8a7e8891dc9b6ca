//! A process with an engine on the shared database: it is called, works, and
//! may die at any write.

use std::sync::{
    Arc, Mutex,
    atomic::{AtomicI64, AtomicU64, Ordering},
};

use proyecta::{
    domain::instant::Instant,
    engine::{
        Call, Engine, Outside, Reply, Session, SessionOptions,
        port::{Clock, Ids, Store, Watch},
        steps::{self, Answer, Asked},
        vault::{Keys, NoTestKey, Vault},
    },
    error::{Error, Result},
    ops::Op,
    store::sqlite::inline::InlineStore,
};
use serde_json::Value;
use tokio::{
    runtime::{Builder, Runtime},
    sync::oneshot,
};

use super::{
    dice::Dice,
    faults::Port,
    gateway::{Desk, Till},
};

/// One for all processes.
const ENCRYPTION_KEY: &str = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";

/// The time that all processes see.
pub struct SimClock(AtomicI64);

impl SimClock {
    pub fn new(at: i64) -> Arc<Self> {
        Arc::new(Self(AtomicI64::new(at)))
    }

    pub fn set(&self, at: i64) {
        self.0.store(at, Ordering::Release);
    }

    pub fn micros(&self) -> i64 {
        self.0.load(Ordering::Acquire)
    }
}

impl Clock for SimClock {
    fn now(&self) -> Instant {
        Instant::from_micros(self.micros())
    }
}

/// Ids in the order in which they are made, the same for the same seed.
pub struct SimIds {
    made: AtomicU64,
    dice: Mutex<Dice>,
}

impl SimIds {
    pub fn new(seed: u64) -> Arc<Self> {
        Arc::new(Self {
            made: AtomicU64::new(0),
            dice: Mutex::new(Dice::of_parts(seed, &[77])),
        })
    }
}

impl SimIds {
    /// Others, behind those that there are.
    pub fn fork(&self, seed: u64) -> Arc<Self> {
        let fork = Self::new(seed ^ 0xf0f0);
        fork.made.store(self.made.load(Ordering::Acquire), Ordering::Release);
        fork
    }
}

impl Ids for SimIds {
    fn uuid(&self, _: Instant) -> u128 {
        let made = u128::from(self.made.fetch_add(1, Ordering::AcqRel));
        let random = u128::from(self.dice.lock().unwrap().roll() >> 2);
        ((1_700_000_000_000 + (made >> 12)) << 80) | (7 << 76) | ((made & 0xfff) << 64) | (2 << 62) | random
    }

    fn fill(&self, bytes: &mut [u8]) {
        let mut dice = self.dice.lock().unwrap();
        bytes.iter_mut().for_each(|byte| *byte = dice.roll() as u8);
    }
}

/// What comes of something that a process is asked to do.
pub enum Ended<T> {
    /// It is done.
    Done(T),
    /// The gateway takes its time; whoever goes on later gets the answer.
    Held(oneshot::Receiver<T>),
    /// The process died of it.
    Died,
}

/// A process.
pub struct Process {
    pub engine: Arc<Engine>,
    pub port: Arc<Port>,
    session: Arc<Session>,
    till: Arc<Till>,
    // Dropped last, and with it whatever still waits for something.
    runtime: Runtime,
}

impl Drop for Process {
    fn drop(&mut self) {
        self.port.exhume();
    }
}

impl Process {
    pub fn start(
        database: &Arc<InlineStore>,
        clock: &Arc<SimClock>,
        ids: &Arc<SimIds>,
        till: &Arc<Till>,
        zone: &str,
    ) -> Self {
        let runtime = Builder::new_current_thread().enable_time().build().expect("a runtime");
        let port = Port::new(Arc::clone(database));
        let store: Arc<dyn Store> = Arc::clone(&port) as _;
        let handle = runtime.handle().clone();
        let outside = Outside {
            gateways: Arc::new(Desk(Arc::clone(till))),
            vault: Vault::new(Some(Keys::parse(ENCRYPTION_KEY).expect("a key")), NoTestKey),
            runtime: Box::new(move || Ok(handle.clone())),
        };
        let blocking = runtime.handle().clone();
        let engine = Engine::new(store, Arc::clone(clock) as _, Arc::clone(ids) as _, blocking, outside);
        let (send, receive) = std::sync::mpsc::channel();
        let options = SessionOptions {
            timezone: Some(zone.to_owned()),
            ..SessionOptions::default()
        };
        Session::open(&engine, options, move |session| drop(send.send(session)));
        let session = receive.recv().expect("an answer").expect("a session");
        Self {
            engine,
            port,
            session,
            till: Arc::clone(till),
            runtime,
        }
    }

    /// Calls an operation.
    pub fn call(&self, op: Op, input: &Value, key: Option<&str>) -> Ended<Result<Value>> {
        let (send, receive) = oneshot::channel();
        let send = Arc::new(Mutex::new(Some(send)));
        let later = Arc::clone(&send);
        let answer = move |outcome: Result<Value>| {
            if let Some(send) = later.lock().unwrap().take() {
                drop(send.send(outcome));
            }
        };
        let call = Call {
            op,
            input: input.to_string(),
            idempotency_key: key.map(str::to_owned),
            request_id: None,
            watch: Arc::new(Watch::default()),
        };
        let parsed = |json: Option<String>| {
            let json = json.unwrap_or_default();
            serde_json::from_str(&json).map_err(|error| Error::internal(error.to_string()))
        };
        let reply = Reply::new(move |outcome| answer(outcome.and_then(|answered| parsed(answered.json()))));
        if let Some(outcome) = self.session.call(call, reply)
            && let Some(send) = send.lock().unwrap().take()
        {
            drop(send.send(outcome.and_then(|answered| parsed(answered.json()))));
        }
        self.wait(receive)
    }

    /// Waits on for an answer.
    pub fn wait<T>(&self, mut receive: oneshot::Receiver<T>) -> Ended<T> {
        self.runtime.block_on(async move {
            tokio::select! {
                biased;
                () = self.port.died() => Ended::Died,
                answer = &mut receive => match answer {
                    Ok(_) if self.port.is_dead() => Ended::Died,
                    Ok(answer) => Ended::Done(answer),
                    Err(_) => Ended::Died,
                },
                () = self.till.holds() => Ended::Held(receive),
            }
        })
    }

    fn work<T: Send + 'static>(&self, work: impl Future<Output = T> + Send + 'static) -> Ended<T> {
        let (send, receive) = oneshot::channel();
        self.runtime.spawn(async move { drop(send.send(work.await)) });
        self.wait(receive)
    }

    /// Does what is due; what is to be asked then.
    pub fn claim(&self, limit: usize) -> Ended<Result<(usize, Vec<Asked>)>> {
        let engine = Arc::clone(&self.engine);
        self.work(async move { steps::claim(&engine, limit).await })
    }

    /// Asks the gateway.
    pub fn ask(&self, asked: Asked) -> Ended<Result<Answer>> {
        let engine = Arc::clone(&self.engine);
        self.work(async move { steps::ask(&engine, asked).await })
    }

    /// Writes an answer down.
    pub fn record(&self, answer: Answer) -> Ended<Result<Vec<Asked>>> {
        let engine = Arc::clone(&self.engine);
        self.work(async move { steps::record(&engine, answer).await })
    }
}
