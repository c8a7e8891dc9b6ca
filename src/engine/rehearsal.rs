//! Calls tried out: what each would answer, with nothing changed.

use std::sync::Arc;

use serde_json::Value;

use super::{
    Context, Session, coupons,
    customers::Outcome,
    features,
    numbers::Numbering,
    port::{Task, Tx},
    prices, products,
};
use crate::{
    error::{Error, Result},
    ops::{Op, read::Input},
};

/// What calls would answer.
#[derive(Debug, Default)]
pub struct Rehearsed {
    /// The answers as JSON, in order.
    pub answers: Vec<String>,
    /// Why the call after these is refused; those behind it were not tried.
    pub refused: Option<Error>,
}

impl Session {
    /// Makes calls about the catalogue one after the other in one transaction, and undoes it: each sees what those
    /// before it did, and nobody else sees anything. Other writers wait meanwhile.
    ///
    /// # Errors
    ///
    /// `permission_denied` for a key that only reads, and what the database has to say. What a call has to say about
    /// its input is in the outcome.
    pub fn rehearse(self: &Arc<Self>, calls: Vec<(Op, Value)>, done: impl FnOnce(Result<Rehearsed>) + Send + 'static) {
        if let Some(refused) = calls.iter().find_map(|(op, _)| self.permit(*op).err()) {
            return done(Err(refused));
        }
        let kinds = ["product", "price", "feature", "coupon"];
        self.engine.database.write(Box::new(Rehearsal {
            session: Arc::clone(self),
            numbers: Numbering::new(&self.engine.numbers, self.store.no, &kinds),
            calls,
            rehearsed: Rehearsed::default(),
            done,
        }));
    }
}

/// The error that undoes a transaction in which nothing was wrong.
const UNDONE: &str = "a rehearsal is undone";

struct Rehearsal<D> {
    session: Arc<Session>,
    /// Numbers that are taken from it are gaps.
    numbers: Numbering,
    calls: Vec<(Op, Value)>,
    rehearsed: Rehearsed,
    done: D,
}

impl<D: FnOnce(Result<Rehearsed>) + Send> Task for Rehearsal<D> {
    fn run(&mut self, tx: &mut dyn Tx) -> Result<()> {
        self.rehearsed = Rehearsed::default();
        self.numbers.begin();
        let mut stage = Stage {
            cx: &self.session.context(None),
            tx,
            numbers: &self.numbers,
        };
        for (op, input) in &self.calls {
            match stage.play(*op, input.clone()) {
                Ok(outcome) => self.rehearsed.answers.push(outcome.json),
                Err(error) => {
                    self.rehearsed.refused = Some(error.clone());
                    return Err(error);
                }
            }
        }
        Err(Error::internal(UNDONE))
    }

    fn done(self: Box<Self>, outcome: Result<()>) {
        let Self {
            mut rehearsed, done, ..
        } = *self;
        done(match outcome {
            Err(error) if rehearsed.refused.is_some() => {
                rehearsed.refused = Some(error);
                Ok(rehearsed)
            }
            Err(error) if error.message() != UNDONE => Err(error),
            _ => Ok(rehearsed),
        });
    }
}

/// Where calls are tried out.
struct Stage<'a> {
    cx: &'a Context<'a>,
    tx: &'a mut dyn Tx,
    numbers: &'a Numbering,
}

impl Stage<'_> {
    fn play(&mut self, op: Op, input: Value) -> Result<Outcome> {
        match op {
            Op::ProductsCreate => self.create(input, products::create),
            Op::ProductsUpdate => self.write(input, products::update),
            Op::ProductsArchive => self.write(input, products::archive),
            Op::PricesCreate => self.create(input, prices::create),
            Op::PricesUpdate => self.write(input, prices::update),
            Op::PricesReplace => self.create(input, prices::replace),
            Op::PricesArchive => self.write(input, prices::archive),
            Op::FeaturesCreate => self.create(input, features::create),
            Op::FeaturesUpdate => self.write(input, features::update),
            Op::FeaturesArchive => self.write(input, features::archive),
            Op::CouponsCreate => self.create(input, coupons::create),
            Op::CouponsUpdate => self.write(input, coupons::update),
            _ => Err(Error::internal("only changes of the catalogue are rehearsed")),
        }
    }

    fn write<P: Input>(
        &mut self,
        input: Value,
        run: fn(&Context<'_>, &mut dyn Tx, &P) -> Result<Outcome>,
    ) -> Result<Outcome> {
        run(self.cx, self.tx, &P::read_input(input)?)
    }

    fn create<P: Input>(
        &mut self,
        input: Value,
        run: fn(&Context<'_>, &mut dyn Tx, &P, &Numbering) -> Result<Outcome>,
    ) -> Result<Outcome> {
        run(self.cx, self.tx, &P::read_input(input)?, self.numbers)
    }
}
