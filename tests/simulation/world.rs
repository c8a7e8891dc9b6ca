//! A store in simulated years: a database, a gateway, two processes that work
//! on it in turns, and what is under way between them.

use std::sync::Arc;

use proyecta::{
    engine::steps::{Answer, Asked},
    error::{Error, Kind, Result},
    ops::Op,
    store::sqlite::inline::InlineStore,
};
use serde_json::{Value, json};
use tokio::sync::oneshot;

use super::{
    dice::Dice,
    faults::Fault,
    gateway::Till,
    laws::Laws,
    process::{Ended, Process, SimClock, SimIds},
    shop::{self, Offer},
};

pub const HOUR: i64 = 3_600_000_000;
pub const DAY: i64 = 24 * HOUR;
/// 2026-01-15T10:00:00Z
pub const START: i64 = 1_768_471_200_000_000;

/// A law is broken; how.
pub type Law<T = ()> = std::result::Result<T, String>;

/// Something that is under way in a process.
enum Under {
    Call(&'static str, oneshot::Receiver<Result<Value>>),
    Ask(oneshot::Receiver<Result<Answer>>),
}

/// Something that lies between two steps of a worker.
enum Thing {
    Ask(Asked),
    Record(Answer),
}

pub struct World {
    pub seed: u64,
    pub dice: Dice,
    pub database: Arc<InlineStore>,
    pub clock: Arc<SimClock>,
    pub ids: Arc<SimIds>,
    pub till: Arc<Till>,
    pub zone: &'static str,
    pub processes: Vec<Process>,
    under: Vec<(usize, Under)>,
    bag: Vec<(usize, Thing)>,
    pub offers: Vec<Offer>,
    pub customers: Vec<String>,
    pub steps: Vec<String>,
    pub laws: Laws,
    /// Whether things go wrong.
    pub rough: bool,
    pub made: u64,
    /// The latest time that there was.
    pub furthest: i64,
    /// What the gateway said and nobody has taken yet.
    pub unheard: Vec<(String, &'static str)>,
    /// What a test clock shows that the whole store goes by.
    pub shown: Option<i64>,
}

impl World {
    /// A store with products, codes and customers.
    pub fn new(seed: u64, rough: bool) -> Law<Self> {
        let mut dice = Dice::new(seed);
        let clock = SimClock::new(START + dice.between(0, 400) * DAY + dice.between(0, 23) * HOUR);
        let ids = SimIds::new(seed);
        let database = InlineStore::open(proyecta::domain::instant::Instant::from_micros(clock.micros()))
            .map_err(|error| error.to_string())?;
        let till = Till::new(seed, &clock);
        let zone = shop::zone(&mut dice);
        let mut world = Self {
            seed,
            dice,
            database,
            clock,
            ids,
            till,
            zone,
            processes: Vec::new(),
            under: Vec::new(),
            bag: Vec::new(),
            offers: Vec::new(),
            customers: Vec::new(),
            steps: Vec::new(),
            laws: Laws::default(),
            rough,
            made: 0,
            furthest: 0,
            unheard: Vec::new(),
            shown: None,
        };
        for _ in 0..2 {
            let process = world.process();
            world.processes.push(process);
        }
        Ok(world)
    }

    /// The same store, which goes its own way from here on.
    pub fn fork(&self) -> Self {
        let clock = SimClock::new(self.clock.micros());
        let mut fork = Self {
            seed: self.seed,
            dice: self.dice.clone(),
            database: self.database.fork().expect("a copy"),
            ids: self.ids.fork(self.seed),
            till: self.till.fork(&clock),
            clock,
            zone: self.zone,
            processes: Vec::new(),
            under: Vec::new(),
            bag: Vec::new(),
            offers: self.offers.clone(),
            customers: self.customers.clone(),
            steps: Vec::new(),
            laws: Laws::default(),
            rough: self.rough,
            made: self.made,
            furthest: self.furthest,
            unheard: Vec::new(),
            shown: self.shown,
        };
        for _ in 0..2 {
            let process = fork.process();
            fork.processes.push(process);
        }
        fork
    }

    /// Fills the shop, and opens it.
    pub fn furnish(&mut self, customers: usize, with: &Value) -> Law {
        let settings = shop::settings(&mut self.dice);
        self.must(Op::SettingsUpdate, settings)?;
        for (product, offer) in shop::products(&mut self.dice) {
            self.must(Op::ProductsCreate, product)?;
            self.offers.push(offer);
        }
        for coupon in shop::coupons() {
            self.must(Op::CouponsCreate, coupon)?;
        }
        for n in 0..customers {
            let mut customer = with.clone();
            customer["email"] = json!(format!("payer{n}@example.com"));
            let made = self.must(Op::CustomersCreate, customer)?;
            let id = made["id"].as_str().unwrap_or_default().to_owned();
            for _ in 0..self.dice.between(1, 2) {
                let card = self.card();
                self.must(
                    Op::PaymentMethodsCreate,
                    json!({ "customerId": id, "card": card, "makeDefault": true }),
                )?;
            }
            self.customers.push(id);
        }
        Ok(())
    }

    /// A card whose number says what it is like; most are good.
    pub fn card(&mut self) -> Value {
        let kind = self.dice.weighted(&[16, 2, 2, 1, 3, 1, 2, 3, 2, 3]);
        let rest = self.dice.between(0, 99);
        json!({ "number": format!("424200000000{rest:03}{kind}"), "expirationYear": "40", "expirationMonth": "12" })
    }

    fn process(&self) -> Process {
        Process::start(&self.database, &self.clock, &self.ids, &self.till, self.zone)
    }

    pub fn now(&self) -> i64 {
        self.shown.unwrap_or_else(|| self.clock.micros())
    }

    pub fn say(&mut self, text: impl Into<String>) {
        let at = proyecta::domain::instant::Instant::from_micros(self.now());
        self.steps.push(format!("{at}  {}", text.into()));
    }

    /// A call that has to go well.
    pub fn must(&mut self, op: Op, input: Value) -> Law<Value> {
        match self.call(0, op, &input, None)? {
            Some(Ok(answer)) => Ok(answer),
            Some(Err(error)) => Err(format!(
                "{} {input} was refused: {} {}",
                op.declaration().name,
                error.code().name(),
                error.message()
            )),
            None => Err(format!("{} was never answered", op.declaration().name)),
        }
    }

    /// Calls; `None` when nobody hears the answer yet, or ever.
    pub fn call(&mut self, process: usize, op: Op, input: &Value, key: Option<&str>) -> Law<Option<Result<Value>>> {
        let name = op.declaration().name;
        let answer = match self.processes[process].call(op, input, key) {
            Ended::Done(answer) => answer,
            Ended::Held(receive) => {
                self.say(format!("[{process}] {name} {input}: waits for the gateway"));
                self.under.push((process, Under::Call(name, receive)));
                return Ok(None);
            }
            Ended::Died => {
                self.say(format!("[{process}] {name} {input}: dies"));
                self.bury(process);
                return Ok(None);
            }
        };
        let said = match &answer {
            Ok(answer) => answer["id"].as_str().unwrap_or("done").to_owned(),
            Err(error) => error.code().name().to_owned(),
        };
        self.say(format!("[{process}] {name} {input}: {said}"));
        if self.shown.is_none() {
            // No two things happen at one instant.
            self.jump(1_000_000);
        }
        if let Err(error) = &answer {
            self.judge(name, error)?;
        }
        Ok(Some(answer))
    }

    /// Nothing that a caller does may be answered with a failure of our own.
    fn judge(&self, name: &str, error: &Error) -> Law {
        match error.code().kind() {
            Kind::Internal => Err(format!("{name} failed within: {} {error:?}", error.message())),
            _ => Ok(()),
        }
    }

    /// A process is dead; another one takes its place.
    pub fn bury(&mut self, process: usize) {
        self.under.retain(|(of, _)| *of != process);
        self.bag.retain(|(of, _)| *of != process);
        let fresh = self.process();
        self.processes[process] = fresh;
    }

    /// Lets something happen at one of the next writes of a process.
    pub fn arm(&mut self, process: usize, after: u32, fault: Fault) {
        self.say(format!("[{process}] {fault:?} after {after} writes"));
        self.processes[process].port.arm(Some((after, fault)));
    }

    /// Whatever waits for the gateway goes on.
    pub fn release(&mut self) -> Law {
        if self.under.is_empty() {
            return Ok(());
        }
        self.till.release();
        let mut dead = Vec::new();
        for (process, under) in std::mem::take(&mut self.under) {
            // It has died of something that it was asked before.
            if dead.contains(&process) {
                continue;
            }
            match under {
                Under::Call(name, receive) => match self.processes[process].wait(receive) {
                    Ended::Done(answer) => {
                        let said = answer.as_ref().map_or_else(|error| error.code().name(), |_| "done");
                        self.say(format!("[{process}] {name} is answered: {said}"));
                        if let Err(error) = answer {
                            self.judge(name, &error)?;
                        }
                    }
                    Ended::Held(receive) => self.under.push((process, Under::Call(name, receive))),
                    Ended::Died => {
                        dead.push(process);
                        self.died_of(process, name);
                    }
                },
                Under::Ask(receive) => match self.processes[process].wait(receive) {
                    Ended::Done(Ok(answer)) => self.bag.push((process, Thing::Record(answer))),
                    Ended::Done(Err(error)) => self.judge("a charge", &error)?,
                    Ended::Held(receive) => self.under.push((process, Under::Ask(receive))),
                    Ended::Died => {
                        dead.push(process);
                        self.died_of(process, "a charge");
                    }
                },
            }
        }
        Ok(())
    }

    fn died_of(&mut self, process: usize, name: &str) {
        self.say(format!("[{process}] dies of {name}"));
        self.bury(process);
    }

    /// Does all that is due, with both processes in turns, and some of what
    /// lies between; until nothing is left.
    pub fn drain(&mut self) -> Law {
        let mut idle = 0;
        for _ in 0..20_000 {
            if !self.bag.is_empty() && (idle > 0 || self.dice.percent(60)) {
                let place = self.dice.below(self.bag.len() as u64) as usize;
                let (process, thing) = self.bag.swap_remove(place);
                self.step(process, thing)?;
                idle = 0;
                continue;
            }
            let process = self.dice.below(2) as usize;
            let limit = self.dice.of(&[1, 3, 64]);
            match self.processes[process].claim(limit) {
                Ended::Done(Ok((done, asked))) => {
                    idle = if done == 0 { idle + 1 } else { 0 };
                    self.put(process, asked);
                }
                Ended::Done(Err(error)) => self.judge("a round of work", &error)?,
                Ended::Held(_) => return Err("a round of work asked a gateway".to_owned()),
                Ended::Died => self.died_of(process, "a round of work"),
            }
            if idle > 1 && self.bag.is_empty() {
                return match self.till.wrong() {
                    Some(wrong) => Err(format!("the gateway: {wrong}")),
                    None => Ok(()),
                };
            }
        }
        Err("work that never ends".to_owned())
    }

    fn put(&mut self, process: usize, asked: Vec<Asked>) {
        let things = asked.into_iter().map(|asked| (process, Thing::Ask(asked)));
        self.bag.extend(things);
    }

    fn step(&mut self, process: usize, thing: Thing) -> Law {
        match thing {
            Thing::Ask(asked) => match self.processes[process].ask(asked) {
                Ended::Done(Ok(answer)) => self.bag.push((process, Thing::Record(answer))),
                Ended::Done(Err(error)) => self.judge("a charge", &error)?,
                Ended::Held(receive) => {
                    self.say(format!("[{process}] a charge waits for the gateway"));
                    self.under.push((process, Under::Ask(receive)));
                }
                Ended::Died => self.died_of(process, "a charge"),
            },
            Thing::Record(answer) => {
                // An answer that comes twice, the second time to whoever.
                if self.rough && self.dice.percent(5) {
                    let other = self.dice.below(2) as usize;
                    self.bag.push((other, Thing::Record(answer.clone())));
                }
                match self.processes[process].record(answer) {
                    Ended::Done(Ok(more)) => self.put(process, more),
                    Ended::Done(Err(error)) => self.judge("an answer", &error)?,
                    Ended::Held(_) => return Err("an answer asked a gateway".to_owned()),
                    Ended::Died => self.died_of(process, "an answer"),
                }
            }
        }
        Ok(())
    }

    /// Whether anything waits for the gateway.
    pub fn is_under_way(&self) -> bool {
        !self.under.is_empty()
    }

    /// Moves the clock.
    pub fn jump(&mut self, by: i64) {
        self.furthest = self.furthest.max(self.clock.micros());
        self.clock.set(self.clock.micros() + by);
    }

    /// Nothing goes wrong any more, and whatever is open is settled.
    pub fn heal(&mut self) -> Law {
        self.till.weather(|weather| *weather = Default::default());
        for process in &self.processes {
            process.port.arm(None);
        }
        self.release()?;
        self.drain()?;
        for hours in [1, 2, 24, 48] {
            self.jump(hours * HOUR);
            self.drain()?;
        }
        Ok(())
    }

    /// Everything that holds when nothing is left to do.
    pub fn check(&mut self) -> Law {
        let mut laws = std::mem::take(&mut self.laws);
        let outcome = laws.check(self);
        self.laws = laws;
        outcome
    }
}
