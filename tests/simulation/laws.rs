//! What holds whenever there is nothing left to do at an instant.

use std::collections::{BTreeMap, HashMap};

use proyecta::{
    domain::{id::OrderId, instant::Instant, order::Order},
    engine::port::{Paging, SubscriptionFilter},
};
use serde_json::Value;

use super::{
    process::Ended,
    world::{Law, World},
};

/// The only store.
pub const STORE: i64 = 1;

/// Where a phase may lead (glossary, section 2); staying is always possible.
const TABLE: &[(&str, &[&str])] = &[
    ("incomplete", &["active", "incomplete_expired", "canceled"]),
    ("trialing", &["active", "past_due", "paused", "canceled", "expired"]),
    ("active", &["past_due", "paused", "canceled", "expired"]),
    ("past_due", &["active", "unpaid", "paused", "canceled", "expired"]),
    ("unpaid", &["active", "canceled", "expired"]),
    ("paused", &["active", "trialing", "past_due", "canceled", "expired"]),
    ("canceled", &[]),
    ("expired", &[]),
    ("incomplete_expired", &[]),
];

/// The period that began last.
#[derive(Debug, Clone)]
struct Ran {
    start: i64,
    end: i64,
    /// Whether the next one has to begin where it ends.
    unbroken: bool,
}

/// What was seen so far, so that each check looks at what is new.
#[derive(Default)]
pub struct Laws {
    event: i64,
    orders: HashMap<String, String>,
    versions: HashMap<String, String>,
    statuses: HashMap<String, String>,
    periods: HashMap<String, Ran>,
    /// How many periods of a subscription may yet begin elsewhere, for
    /// somebody asked for it.
    asked: HashMap<String, u8>,
}

fn told(error: proyecta::error::Error) -> String {
    format!("the database: {}", error.message())
}

impl Laws {
    /// Somebody asked for another rhythm of a subscription.
    pub fn asked(&mut self, subscription: &str) {
        self.asked.insert(subscription.to_owned(), 3);
    }

    pub fn check(&mut self, world: &World) -> Law {
        idle(world)?;
        self.events(world)?;
        self.orders(world)?;
        charges(world)?;
        forgotten(world)
    }

    /// States move along the machine, and periods join.
    fn events(&mut self, world: &World) -> Law {
        let sql = format!(
            "select rowid, subject, type, snapshot, before, subject_version from events where rowid > {} and subject like 'sub\\_%' escape '\\' order by rowid",
            self.event
        );
        for row in world.database.rows(&sql).map_err(told)? {
            let [place, subject, kind, snapshot, before, version] = row.as_slice() else {
                continue;
            };
            self.event = place.parse().unwrap_or(self.event);
            let Ok(snapshot) = serde_json::from_str::<Value>(snapshot) else {
                continue;
            };
            let before: Value = serde_json::from_str(before).unwrap_or_default();
            // One change may be several events.
            if self.versions.insert(subject.clone(), version.clone()).as_ref() != Some(version) {
                self.moved(subject, kind, &snapshot, &before)?;
            }
            self.period(subject, kind, &snapshot)?;
        }
        Ok(())
    }

    fn moved(&mut self, subject: &str, kind: &str, snapshot: &Value, before: &Value) -> Law {
        let to = snapshot["status"].as_str().unwrap_or_default();
        let Some(from) = self.statuses.insert(subject.to_owned(), to.to_owned()) else {
            return Ok(());
        };
        if let Some(said) = before["status"].as_str().filter(|said| *said != from) {
            return Err(format!("{subject} was {from}, and {kind} says that it was {said}"));
        }
        let known = TABLE
            .iter()
            .any(|(phase, next)| *phase == from && (from == to || next.contains(&to)));
        match known {
            true => Ok(()),
            false => Err(format!("{subject} went from {from} to {to} with {kind}")),
        }
    }

    fn period(&mut self, subject: &str, kind: &str, snapshot: &Value) -> Law {
        let status = snapshot["status"].as_str().unwrap_or_default();
        let runs = matches!(status, "active" | "trialing");
        let at = |member: &str| snapshot[member].as_str().and_then(|at| Instant::parse(at).ok());
        let (Some(start), Some(end)) = (at("currentPeriodStart"), at("currentPeriodEnd")) else {
            return Ok(());
        };
        let new = Ran {
            start: start.micros(),
            end: end.micros(),
            unbroken: runs,
        };
        let Some(ran) = self.periods.get_mut(subject) else {
            self.periods.insert(subject.to_owned(), new);
            return Ok(());
        };
        ran.unbroken &= runs;
        if (ran.start, ran.end) == (new.start, new.end) {
            return Ok(());
        }
        let asked = self.asked.get_mut(subject).filter(|left| **left > 0);
        let free = asked.is_some();
        if let Some(left) = asked {
            *left -= 1;
        }
        let joins = new.start == ran.start || new.start == ran.end;
        if ran.unbroken && !free && !joins {
            let what = if new.start < ran.end { "overlap" } else { "leave a gap" };
            let shown = |micros| Instant::from_micros(micros).to_string();
            return Err(format!(
                "periods of {subject} {what}: {} to {}, then {} to {} with {kind}",
                shown(ran.start),
                shown(ran.end),
                shown(new.start),
                shown(new.end)
            ));
        }
        *ran = new;
        Ok(())
    }

    /// Lines and taxes come to the totals.
    fn orders(&mut self, world: &World) -> Law {
        let rows = world.database.rows("select id, version from orders").map_err(told)?;
        for row in rows {
            let [id, version] = row.as_slice() else { continue };
            if self.orders.get(id) == Some(version) {
                continue;
            }
            self.orders.insert(id.clone(), version.clone());
            let order = world
                .database
                .look(|tx| tx.order(STORE, &OrderId::trusted(id), false))
                .map_err(told)?
                .ok_or("an order is gone")?;
            adds_up(&order)?;
        }
        Ok(())
    }
}

fn adds_up(order: &Order) -> Law {
    let id = order.id.as_str();
    let lines: i64 = order.items.iter().map(|item| item.line.amount).sum();
    if lines != order.total {
        return Err(format!(
            "the lines of {id} come to {lines}, and its total is {}",
            order.total
        ));
    }
    let of_kind = |kind| {
        let items = order.items.iter().filter(|item| item.line.kind == kind);
        items.map(|item| item.line.amount).sum::<i64>()
    };
    use proyecta::domain::line::LineType;
    let (credit, tax) = (of_kind(LineType::Credit), of_kind(LineType::Tax));
    if order.subtotal - order.discount + tax + credit != order.total {
        return Err(format!(
            "{id}: {} - {} + {tax} + {credit} is not {}",
            order.subtotal, order.discount, order.total
        ));
    }
    if order.refunded < 0 || order.refunded > order.total.max(0) {
        return Err(format!("{id} of {} gave {} back", order.total, order.refunded));
    }
    Ok(())
}

/// A second run at the same instant does nothing.
fn idle(world: &World) -> Law {
    let before = world.database.changes();
    for process in &world.processes {
        let fault = process.port.disarm();
        let again = process.claim(64);
        process.port.arm(fault);
        match again {
            Ended::Done(Ok((0, asked))) if asked.is_empty() => {}
            Ended::Done(Ok((done, asked))) => {
                return Err(format!("a second run did {done} things and asked {}", asked.len()));
            }
            Ended::Done(Err(error)) => return Err(format!("a second run: {}", error.message())),
            _ => return Err("a second run never ended".to_owned()),
        }
    }
    match world.database.changes() - before {
        0 => Ok(()),
        more => Err(format!("a second run wrote {more} rows")),
    }
}

/// No order is ever charged twice, and nothing that nobody wrote down.
fn charges(world: &World) -> Law {
    let rows = world
        .database
        .rows("select key, order_id from payments")
        .map_err(told)?;
    let order_of: HashMap<&str, &str> = rows
        .iter()
        .filter_map(|row| Some((row.first()?.as_str(), row.get(1)?.as_str())))
        .collect();
    let now = world.now();
    world.till.read(|entries| {
        let mut charged: BTreeMap<&str, &String> = BTreeMap::new();
        for (key, entry) in entries {
            let Some(order) = order_of.get(key.as_str()) else {
                return Err(format!("the gateway charged {key}, and no payment has that key"));
            };
            if !entry.is_charged(now) || entry.disputed {
                continue;
            }
            if let Some(other) = charged.insert(order, key) {
                return Err(format!("{order} was charged twice: {other} and {key}"));
            }
        }
        Ok(())
    })
}

/// Nothing that is due is forgotten, and all that is to come has its job.
fn forgotten(world: &World) -> Law {
    let rows = world
        .database
        .rows("select subject, kind, due_at, failures from jobs where clock is null")
        .map_err(told)?;
    let now = world.now();
    let mut jobs: HashMap<String, i64> = HashMap::new();
    for row in rows {
        let [subject, kind, due_at, failures] = row.as_slice() else {
            continue;
        };
        let due_at: i64 = due_at.parse().unwrap_or(0);
        if failures != "0" {
            return Err(format!("the job {kind} of {subject} failed {failures} times"));
        }
        if due_at <= now {
            return Err(format!("the job {kind} of {subject} is due, and was not done"));
        }
        jobs.insert(subject.clone(), due_at);
    }
    let open = world
        .database
        .rows("select id, status from payments where status in ('pending', 'unknown')")
        .map_err(told)?;
    for row in open {
        if !jobs.contains_key(&row[0]) {
            return Err(format!("{} is {}, and nobody looks it up", row[0], row[1]));
        }
    }
    let look = world.database.look(|tx| {
        let settings = tx.settings(STORE, false)?.and_then(|row| row.saved);
        let all = Paging {
            after: None,
            limit: 1000,
        };
        Ok((
            settings,
            tx.list_subscriptions(STORE, &SubscriptionFilter::default(), &all)?,
        ))
    });
    let (settings, subscriptions) = look.map_err(told)?;
    let settings = settings.map(|saved| saved.settings).unwrap_or_default();
    for record in subscriptions {
        let id = record.state.id.as_str().to_owned();
        let state = record.state;
        let next = state
            .next_due(&settings)
            .map_err(|problem| format!("{id}: {problem:?}"))?;
        let job = jobs.get(&id).copied();
        if next.map(|(at, _)| at.micros()) != job {
            return Err(format!("{id} has {next:?} to come, and its job is {job:?}"));
        }
        if state.charging && state.open.is_none() {
            return Err(format!("{id} waits for the money of nothing"));
        }
        let waits = state.charging || state.phase.is_final() || matches!(state.phase.name(), "paused" | "unpaid");
        if next.is_none() && !waits {
            return Err(format!(
                "{id} is {}, and nothing will ever happen to it",
                state.phase.name()
            ));
        }
    }
    Ok(())
}
