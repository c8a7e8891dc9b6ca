//! Use cases: load, decide, commit.
//!
//! The engine knows the ports that it owns and no driver. Everything a front
//! can ask goes through [`Session::call`].

pub mod admin;
mod answers;
mod attributes;
mod billing;
pub mod billing_answers;
mod billing_rows;
mod call;
mod catalog;
mod catalog_answers;
mod catalog_rows;
mod check;
mod checkout;
pub mod checkout_page;
mod command;
pub mod coupons;
mod credits;
pub mod custom_fields;
mod customer_list;
pub mod customers;
mod door;
mod dormancy;
mod erasure;
mod errand;
mod event_stream;
pub mod events;
pub mod features;
mod forecast;
pub mod gateway;
pub mod idempotency;
pub mod import;
mod later;
mod line_items;
mod lines;
mod newest;
pub mod numbers;
mod orders;
mod outside;
mod page;
mod pages;
mod passwords;
mod pay;
pub mod payment_methods;
mod payment_rows;
mod payments;
pub mod port;
mod preview;
pub mod prices;
pub mod products;
mod refund;
pub mod rehearsal;
mod relay;
mod reply;
mod retention;
mod rows;
mod sandbox;
mod session;
pub mod settings;
pub mod signup_form;
#[cfg(feature = "testing")]
pub mod steps;
pub mod subscription_answers;
mod subscriptions;
pub mod system;
mod task;
mod test_clocks;
mod transact;
mod usages;
pub mod vault;
mod watch;
mod worker;

pub use call::Call;
pub use event_stream::{Dry, EventStream};
pub use outside::Outside;
pub use reply::{Answered, Reply};
pub use session::{Engine, Session, SessionOptions};
pub use worker::Worker;

use std::collections::BTreeMap;

use serde_json::value::RawValue;

use self::{
    pages::Pages,
    port::{Ids, NewEvent, StoreRecord, Tx},
};
use crate::{
    domain::{
        api_key::Mode,
        id::{ClockId, EventId},
        instant::Instant,
    },
    error::{Code, Error, Result},
};

/// Room for most objects as JSON: it need not grow while one is written.
const JSON_BYTES: usize = 2048;

/// Who is asking.
#[derive(Debug, Clone)]
pub struct Actor {
    /// `api_key` or `system`.
    pub kind: &'static str,
    /// The key's record.
    pub id: Option<String>,
}

/// What a use case knows of the world while its transaction runs.
#[derive(Clone)]
pub struct Context<'a> {
    /// The store it works for.
    pub store: &'a StoreRecord,
    /// Now, by the clock that counts; one instant for the whole transaction.
    pub now: Instant,
    /// Now, by the system's clock: ids are in its order whatever a test clock
    /// shows.
    pub wall: Instant,
    /// Where ids come from.
    pub ids: &'a dyn Ids,
    /// Who is asking.
    pub actor: &'a Actor,
    /// The request, for events.
    pub request_id: Option<&'a str>,
    /// The test clock that `now` is of, for events.
    pub clock: Option<ClockId>,
    /// Where hosted pages are.
    pages: &'a Pages,
}

impl Context<'_> {
    /// The 128 bits of a new id.
    fn uuid(&self) -> u128 {
        self.ids.uuid(self.wall)
    }

    /// By the clock that the whole store goes by, where there is one.
    fn of_store(&self, tx: &mut dyn Tx) -> Result<Self> {
        let clock = match self.store.mode {
            Mode::Test => tx.store_clock(self.store.no)?,
            Mode::Live => None,
        };
        Ok(match clock {
            Some(clock) => self.by(&clock),
            None => self.clone(),
        })
    }

    /// By the clock that an object goes by; by the system's for one without.
    fn on_clock(&self, tx: &mut dyn Tx, clock: Option<&ClockId>) -> Result<Self> {
        if self.clock.as_ref() == clock {
            return Ok(self.clone());
        }
        let Some(id) = clock else {
            let by_system = Self {
                now: self.wall,
                clock: None,
                ..self.clone()
            };
            return by_system.of_store(tx);
        };
        let clock = tx.clock(self.store.no, id, false)?;
        let missing = || Error::internal(format!("test clock {} of an object is missing", id.as_str()));
        Ok(self.by(&clock.ok_or_else(missing)?))
    }

    fn by(&self, clock: &port::ClockRecord) -> Self {
        Self {
            now: clock.now,
            clock: Some(clock.id.clone()),
            ..self.clone()
        }
    }

    /// Writes down what happened, with the object as it is now and, for a
    /// change, the changed members as they were.
    fn event(
        &self,
        tx: &mut dyn Tx,
        kind: &'static str,
        subject: &str,
        version: i64,
        snapshot: Option<&str>,
        before: Option<&str>,
    ) -> Result<()> {
        tx.insert_event(
            self.store.no,
            &NewEvent {
                id: EventId::from_bits(self.uuid()),
                kind,
                subject,
                version,
                snapshot,
                before,
                actor_kind: self.actor.kind,
                actor_id: self.actor.id.as_deref(),
                request_id: self.request_id,
                clock: self.clock.as_ref(),
                at: self.now,
            },
        )
    }
}

/// Refuses a change when the object is no longer what the caller saw.
fn check_version(expected: Option<i64>, stored: i64) -> Result<()> {
    match expected {
        Some(expected) if expected != stored => Err(Error::new(
            Code::VersionConflict,
            format!("the object has version {stored}, not {expected}: read it again and repeat your change on what it is now"),
        )
        .with_param("ifVersion")
        .with_detail("version", stored)),
        _ => Ok(()),
    }
}

/// An answer, or what is stored, as JSON text.
pub(crate) fn to_json<T: serde::Serialize>(value: &T) -> Result<String> {
    let failed = |error: &dyn std::fmt::Display| Error::internal(format!("cannot write JSON: {error}"));
    let mut text = Vec::with_capacity(JSON_BYTES);
    serde_json::to_writer(&mut text, value).map_err(|error| failed(&error))?;
    String::from_utf8(text).map_err(|error| failed(&error))
}

/// The members of `before` that differ in `after`, as JSON; `None` when
/// nothing but version and time of change does. Both are answers of one kind,
/// so that what is equal is written alike.
fn changed_members(before: &str, after: &str) -> Result<Option<String>> {
    type Members<'a> = BTreeMap<&'a str, &'a RawValue>;
    fn parse(text: &str) -> Result<Members<'_>> {
        serde_json::from_str(text).map_err(|error| Error::internal(format!("an answer is no JSON: {error}")))
    }
    let (before, after) = (parse(before)?, parse(after)?);
    let differs = |name: &str, value: &RawValue| after.get(name).is_none_or(|now| now.get() != value.get());
    let changed: Members<'_> = before
        .into_iter()
        .filter(|(name, value)| !matches!(*name, "version" | "updatedAt") && differs(name, value))
        .collect();
    if changed.is_empty() {
        Ok(None)
    } else {
        to_json(&changed).map(Some)
    }
}
