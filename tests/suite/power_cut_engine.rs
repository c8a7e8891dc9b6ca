//! The power goes while the engine commits customers in groups.

use std::{
    collections::HashSet,
    path::Path,
    sync::{Arc, mpsc},
};

use proyecta::{
    engine::{
        Answered, Call, Engine, Session, SessionOptions,
        port::{Clock, Watch},
        system::{SystemClock, SystemIds},
    },
    ops::Op,
    store::sqlite::{Location, Options, SqliteStore},
    testing::power_cut::Recorder,
};
use rusqlite::Connection;
use tokio::runtime::{Builder, Runtime};

use super::open_what_is_left;

const IN_FLIGHT: usize = 64;
const CREATES: usize = 512;
/// So many creates in a row are one by one for customers that exist already or are just being
/// made by another call.
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
    let survey = recorder.survey(folder.path(), 500, 2, |cut| {
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
        let running = Running::start(Options::file(cut.disk.join("main.db")));
        for one in acknowledged.iter().filter(|one| one.position <= cut.position).step_by(40) {
            let id = running.created(&one.email);
            assert_eq!(id, one.id, "{cut:?}: another customer has the address now");
        }
        running.created("after@power.example");
        running.close();
        let disk = Connection::open(cut.disk.join("main.db")).unwrap();
        look_at(&disk, std::iter::empty()).unwrap_or_else(|what| panic!("{cut:?}: {what}"));
    });
    survey.unwrap();
}

/// Always [`IN_FLIGHT`] creates at once, most of them for a customer of their own.
fn create_many(recorder: &Arc<Recorder>, path: &Path) -> Vec<Acknowledged> {
    let location = Location::File(path.to_owned());
    let running = Running::start(Options { location, vfs: Some(recorder.vfs_name().to_owned()) });
    let (answers, answered) = mpsc::channel();
    let create = |number: usize| {
        let email = format!("{}@power.example", if number % SAME == 0 { number / SAME } else { number });
        let (answers, recorder) = (answers.clone(), Arc::clone(recorder));
        running.create(&email.clone(), move |id| {
            // Taken on the thread that answers: no later change can be in it by accident.
            answers.send(Acknowledged { position: recorder.position(), id, email }).unwrap();
        });
    };
    (0..IN_FLIGHT).for_each(create);
    let mut acknowledged = Vec::new();
    for number in IN_FLIGHT..CREATES + IN_FLIGHT {
        acknowledged.push(answered.recv().unwrap());
        if number < CREATES {
            create(number);
        }
    }
    running.close();
    acknowledged
}

/// What must be true of every disk.
fn look_at<'a>(disk: &Connection, promised: impl Iterator<Item = &'a Acknowledged>) -> Result<(), String> {
    let count = |sql: &str| disk.query_row(sql, [], |row| row.get::<_, i64>(0)).unwrap();
    let mut promised = promised.peekable();
    if count("select count(*) from sqlite_schema where name = 'events'") == 0 {
        return promised.peek().map_or(Ok(()), |_| Err("the tables are gone".to_owned()));
    }
    let customers: Vec<(String, String)> = disk
        .prepare("select id, email_key from customers")
        .and_then(|mut rows| rows.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?.collect())
        .unwrap();
    let emails: HashSet<&String> = customers.iter().map(|(_, email)| email).collect();
    if emails.len() != customers.len() {
        return Err("two customers have one address".to_owned());
    }
    let stored: HashSet<(&str, &str)> = customers.iter().map(|(id, email)| (id.as_str(), email.as_str())).collect();
    if let Some(lost) = promised.find(|one| !stored.contains(&(one.id.as_str(), one.email.as_str()))) {
        return Err(format!("{} was acknowledged at {} and is gone", lost.email, lost.position));
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
        return Err(format!("{expected} customers, {events} events for {matched} of them, {found} can be found"));
    }
    Ok(())
}

/// An engine with a session on it.
struct Running {
    session: Arc<Session>,
    _runtime: Runtime,
}

impl Running {
    fn start(options: Options) -> Self {
        let runtime = Builder::new_current_thread().build().unwrap();
        let blocking = runtime.handle().clone();
        let store = SqliteStore::open(&options, SystemClock.now(), blocking.clone()).unwrap();
        let engine = Engine::new(Arc::new(store), Arc::new(SystemClock), Arc::new(SystemIds::default()), blocking);
        let (opened, session) = mpsc::channel();
        Session::open(&engine, SessionOptions::default(), move |session| opened.send(session).unwrap());
        Self { session: session.recv().unwrap().unwrap(), _runtime: runtime }
    }

    /// Starts a create; `done` gets the customer's id.
    fn create(&self, email: &str, done: impl FnOnce(String) + Send + 'static) {
        let call = Call {
            op: Op::CustomersCreate,
            input: serde_json::json!({ "email": email, "name": "Kim" }).to_string(),
            idempotency_key: None,
            request_id: None,
            watch: Arc::new(Watch::default()),
        };
        let at_once = self.session.call(call, Box::new(move |answer| done(id_in(&answer.unwrap()))));
        assert!(at_once.is_none(), "a create cannot be durable at once");
    }

    fn created(&self, email: &str) -> String {
        let (done, id) = mpsc::channel();
        self.create(email, move |id| done.send(id).unwrap());
        id.recv().unwrap()
    }

    fn close(self) {
        let (done, closed) = mpsc::channel();
        self.session.engine().close(Box::new(move || done.send(()).unwrap()));
        closed.recv().unwrap();
    }
}

fn id_in(answer: &Answered) -> String {
    let Answered::Json(json) = answer else { panic!("a file instead of a customer") };
    let customer: serde_json::Value = serde_json::from_str(json).unwrap();
    customer["id"].as_str().unwrap().to_owned()
}
