//! The power goes while the engine commits customers in groups.

use std::{
    collections::HashSet,
    path::Path,
    sync::{Arc, mpsc},
};

use proyecta::{
    engine::{Answered, Call, Reply, port::Watch},
    error::Result,
    ops::Op,
    store::sqlite::{Location, Options},
    testing::{Running, power_cut::Recorder},
};
use rusqlite::Connection;
use serde_json::{Value, json};

use super::open_what_is_left;

const IN_FLIGHT: usize = 64;
const CREATES: usize = 384;
/// One create in so many is for an address that an earlier one was given, done or in flight.
const SAME: usize = 4;

/// A customer that a caller was told about, and when.
struct Acknowledged {
    position: usize,
    id: String,
    email: String,
}

#[test]
fn no_acknowledged_customer_is_lost_or_doubled() {
    let recorder = Arc::new(Recorder::register("power-cut-engine").unwrap());
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("main.db");
    let acknowledged = create_many(&recorder, &path);
    assert_eq!(acknowledged.len(), CREATES);
    let every_position = recorder.position();
    let survey = recorder.survey(folder.path(), every_position, 1, |cut| {
        let disk = open_what_is_left(&cut.disk.join("main.db"));
        let disk = disk.unwrap_or_else(|damage| panic!("{cut:?}: {damage}"));
        let promised = acknowledged.iter().filter(|one| one.position <= cut.position);
        if let Err(what) = look_at(&disk, promised) {
            panic!("{cut:?}: {what}");
        }
    });
    survey.unwrap();
}

#[test]
fn the_engine_starts_on_every_disk_and_goes_on() {
    let recorder = Arc::new(Recorder::register("power-cut-restart").unwrap());
    let folder = tempfile::tempdir().unwrap();
    let acknowledged = create_many(&recorder, &folder.path().join("main.db"));
    let survey = recorder.survey(folder.path(), 60, 1, |cut| {
        let running = Running::start(&Options::file(cut.disk.join("main.db")));
        let customer = |email: &str| running.call(Op::CustomersCreate, &params(email)).unwrap();
        let promised = acknowledged.iter().filter(|one| one.position <= cut.position);
        for one in promised.step_by(40) {
            assert_eq!(
                customer(&one.email)["id"],
                one.id,
                "{cut:?}: the address has a new holder"
            );
        }
        customer("after@power.example");
        running.close();
        let disk = Connection::open(cut.disk.join("main.db")).unwrap();
        look_at(&disk, std::iter::empty()).unwrap_or_else(|what| panic!("{cut:?}: {what}"));
    });
    survey.unwrap();
}

/// Always [`IN_FLIGHT`] creates at once, most of them for a customer of their own.
fn create_many(recorder: &Arc<Recorder>, path: &Path) -> Vec<Acknowledged> {
    let vfs = Some(recorder.vfs_name().to_owned());
    let running = Running::start(&Options {
        location: Location::File(path.to_owned()),
        vfs,
    });
    let (answers, answered) = mpsc::channel();
    let create = |number: usize| {
        let person = if number.is_multiple_of(SAME) {
            number / SAME
        } else {
            number
        };
        let call = Call {
            op: Op::CustomersCreate,
            input: params(&format!("{person}@power.example")).to_string(),
            idempotency_key: None,
            request_id: None,
            watch: Arc::new(Watch::default()),
        };
        let (answers, recorder) = (answers.clone(), Arc::clone(recorder));
        let reply = move |answer| {
            // On the thread that answers, before it can change anything more.
            let _ = answers.send((recorder.position(), answer));
        };
        let at_once = running.session().call(call, Reply::new(reply));
        assert!(at_once.is_none(), "a create cannot be durable at once");
    };
    (0..IN_FLIGHT).for_each(create);
    let mut acknowledged = Vec::new();
    for number in IN_FLIGHT..CREATES + IN_FLIGHT {
        let (position, answer) = answered.recv().unwrap();
        acknowledged.push(customer_in(position, answer));
        if number < CREATES {
            create(number);
        }
    }
    running.close();
    acknowledged
}

fn params(email: &str) -> Value {
    json!({ "email": email, "name": "Kim" })
}

fn customer_in(position: usize, answer: Result<Answered>) -> Acknowledged {
    let json = answer.unwrap().json().expect("a customer, no file");
    let customer: Value = serde_json::from_str(&json).unwrap();
    let text = |member: &str| customer[member].as_str().unwrap().to_owned();
    Acknowledged {
        position,
        id: text("id"),
        email: text("email"),
    }
}

/// What must be true of every disk.
fn look_at<'a>(disk: &Connection, promised: impl Iterator<Item = &'a Acknowledged>) -> std::result::Result<(), String> {
    let count = |sql: &str| disk.query_row(sql, [], |row| row.get::<_, i64>(0)).unwrap();
    let mut promised = promised.peekable();
    if count("select count(*) from sqlite_schema where name = 'events'") == 0 {
        return promised
            .peek()
            .map_or(Ok(()), |_| Err("the tables are gone".to_owned()));
    }
    let customers: Vec<(String, String)> = disk
        .prepare("select id, email_key from customers")
        .and_then(|mut rows| rows.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?.collect())
        .unwrap();
    let emails: HashSet<&String> = customers.iter().map(|(_, email)| email).collect();
    if emails.len() != customers.len() {
        return Err("two customers have one address".to_owned());
    }
    let stored: HashSet<(&str, &str)> = customers
        .iter()
        .map(|(id, email)| (id.as_str(), email.as_str()))
        .collect();
    if let Some(lost) = promised.find(|one| !stored.contains(&(one.id.as_str(), one.email.as_str()))) {
        return Err(format!(
            "{} was acknowledged at {} and is gone",
            lost.email, lost.position
        ));
    }
    let events = count("select count(*) from events where type = 'customer.created'");
    let matched = count(
        "select count(distinct events.subject) from events join customers
         on customers.store = events.store and customers.id = events.subject
         where events.type = 'customer.created' and events.subject_version = 1",
    );
    let found = count("select count(*) from customer_search");
    let expected = customers.len() as i64;
    if (events, matched, found) != (expected, expected, expected) {
        return Err(format!(
            "{expected} customers, {events} events for {matched} of them, {found} can be found"
        ));
    }
    Ok(())
}
