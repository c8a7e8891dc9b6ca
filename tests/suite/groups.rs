//! Many tasks share a commit, and none of them spoils another's.

use std::sync::{
    Arc,
    atomic::{AtomicBool, AtomicUsize, Ordering},
    mpsc,
};

use proyecta::{
    engine::port::{GiveUp, Task, Tx, Watch},
    error::{Code, Error, Result},
    ops::Op,
    testing::Running,
};
use serde_json::json;

use super::place::{Place, on_each};

type Outcomes = mpsc::Sender<(usize, Result<()>)>;

/// Reserves numbers (a write), then does as told.
struct Scripted {
    index: usize,
    then: Then,
    runs: Arc<AtomicUsize>,
    watch: Arc<Watch>,
    done: Outcomes,
}

#[derive(Clone, Copy, PartialEq)]
enum Then {
    Succeed,
    FailBeforeWriting,
    FailAfterWriting,
    Panic,
}

impl Task for Scripted {
    fn run(&mut self, tx: &mut dyn Tx) -> Result<()> {
        self.runs.fetch_add(1, Ordering::Relaxed);
        if self.then == Then::FailBeforeWriting {
            return Err(Error::new(Code::ParameterInvalid, "refused"));
        }
        tx.reserve_numbers(1, &format!("scripted-{}", self.index), 1)?;
        match self.then {
            Then::FailAfterWriting => Err(Error::new(Code::EmailTaken, "refused late")),
            Then::Panic => panic!("on purpose"),
            _ => Ok(()),
        }
    }

    fn watch(&self) -> Option<&Arc<Watch>> {
        Some(&self.watch)
    }

    fn done(self: Box<Self>, outcome: Result<()>) {
        self.done.send((self.index, outcome)).unwrap();
    }
}

fn reserved(running: &Running, index: usize) -> bool {
    struct Look(usize, Option<i64>, mpsc::Sender<i64>);
    impl Task for Look {
        fn run(&mut self, tx: &mut dyn Tx) -> Result<()> {
            self.1 = Some(tx.reserve_numbers(1, &format!("scripted-{}", self.0), 1)?);
            Ok(())
        }
        fn done(self: Box<Self>, _: Result<()>) {
            self.2.send(self.1.unwrap()).unwrap();
        }
    }
    let (send, receive) = mpsc::channel();
    running
        .session()
        .engine()
        .database()
        .write(Box::new(Look(index, None, send)));
    receive.recv().unwrap() > 1
}

#[test]
fn a_failed_task_leaves_nothing_and_takes_nobody_along() {
    on_each(|place| mixed_tasks(&place.start()));
}

fn mixed_tasks(running: &Running) {
    let (send, receive) = mpsc::channel();
    let scripts: Vec<Then> = (0..200)
        .map(|index| match index % 7 {
            2 => Then::FailBeforeWriting,
            4 => Then::FailAfterWriting,
            6 if index < 100 => Then::Panic,
            _ => Then::Succeed,
        })
        .collect();
    let runs = Arc::new(AtomicUsize::new(0));
    for (index, then) in scripts.iter().enumerate() {
        let task = Scripted {
            index,
            then: *then,
            runs: Arc::clone(&runs),
            watch: Arc::default(),
            done: send.clone(),
        };
        running.session().engine().database().write(Box::new(task));
    }
    for _ in 0..scripts.len() {
        let (index, outcome) = receive.recv().unwrap();
        let expected = match scripts[index] {
            Then::Succeed => None,
            Then::FailBeforeWriting => Some(Code::ParameterInvalid),
            Then::FailAfterWriting => Some(Code::EmailTaken),
            Then::Panic => Some(Code::Internal),
        };
        assert_eq!(outcome.err().map(|error| error.code()), expected, "task {index}");
    }
    for (index, then) in scripts.iter().enumerate() {
        assert_eq!(reserved(running, index), *then == Then::Succeed, "task {index}");
    }
    assert!(
        runs.load(Ordering::Relaxed) > scripts.len(),
        "no group ran again: the test proves nothing"
    );
}

/// What two tasks of one group do to each other.
struct Story {
    /// Whether the faster one's row is there in this run.
    first_is_there: AtomicBool,
    first_runs: AtomicUsize,
}

/// Writes when it runs for the first time; finds itself refused after that, as
/// when another process was faster in between.
struct Faster(Arc<Story>, mpsc::Sender<Result<()>>);

impl Task for Faster {
    fn run(&mut self, tx: &mut dyn Tx) -> Result<()> {
        let first = self.0.first_runs.fetch_add(1, Ordering::Relaxed) == 0;
        self.0.first_is_there.store(first, Ordering::Relaxed);
        if !first {
            return Err(Error::new(Code::EmailTaken, "by another process"));
        }
        tx.reserve_numbers(1, "faster", 1).map(drop)
    }

    fn order(&self) -> &str {
        "a"
    }

    fn done(self: Box<Self>, outcome: Result<()>) {
        self.1.send(outcome).unwrap();
    }
}

/// Writes, and is refused where the other's row is there.
struct Slower(Arc<Story>, mpsc::Sender<Result<()>>);

impl Task for Slower {
    fn run(&mut self, tx: &mut dyn Tx) -> Result<()> {
        tx.reserve_numbers(1, "slower", 1)?;
        if self.0.first_is_there.load(Ordering::Relaxed) {
            return Err(Error::new(Code::EmailTaken, "by the faster one"));
        }
        Ok(())
    }

    fn order(&self) -> &str {
        "b"
    }

    fn done(self: Box<Self>, outcome: Result<()>) {
        self.1.send(outcome).unwrap();
    }
}

/// Keeps a writer busy until it is told.
struct Busy(mpsc::Sender<()>, mpsc::Receiver<()>, bool);

impl Task for Busy {
    fn run(&mut self, _: &mut dyn Tx) -> Result<()> {
        if !std::mem::replace(&mut self.2, true) {
            self.0.send(()).unwrap();
            let _ = self.1.recv();
        }
        Ok(())
    }

    fn done(self: Box<Self>, _: Result<()>) {}
}

#[test]
fn a_refusal_never_rests_on_what_was_rolled_back() {
    on_each(|place| refused_by_nobody(&place.start(), place.writers()));
}

fn refused_by_nobody(running: &Running, writers: usize) {
    let database = Arc::clone(running.session().engine().database());
    // Every writer is busy while the two are queued, so that one group gets both.
    let (started, starts) = mpsc::channel();
    let mut free = Vec::new();
    for _ in 0..writers {
        let (go, wait) = mpsc::channel();
        free.push(go);
        database.write(Box::new(Busy(started.clone(), wait, false)));
        starts.recv().unwrap();
    }
    let story = Arc::new(Story {
        first_is_there: AtomicBool::new(false),
        first_runs: AtomicUsize::new(0),
    });
    let (faster, slower) = (mpsc::channel(), mpsc::channel());
    database.write(Box::new(Faster(Arc::clone(&story), faster.0)));
    database.write(Box::new(Slower(Arc::clone(&story), slower.0)));
    free.pop().unwrap().send(()).unwrap();
    let refused = faster.1.recv().unwrap().unwrap_err();
    assert_eq!(refused.code(), Code::EmailTaken);
    assert!(story.first_runs.load(Ordering::Relaxed) > 1, "they had a group each");
    slower.1.recv().unwrap().expect("nobody's row is there");
    drop(free);
}

#[test]
fn a_caller_who_gave_up_changes_nothing() {
    on_each(|place| given_up_tasks(&place.start()));
}

fn given_up_tasks(running: &Running) {
    let (send, receive) = mpsc::channel();
    for (index, reason) in [(0, GiveUp::Aborted), (1, GiveUp::TimedOut)] {
        let watch = Arc::new(Watch::default());
        watch.give_up(reason);
        let task = Scripted {
            index,
            then: Then::Succeed,
            runs: Arc::default(),
            watch,
            done: send.clone(),
        };
        running.session().engine().database().write(Box::new(task));
    }
    let mut codes: Vec<_> = (0..2)
        .map(|_| receive.recv().unwrap())
        .map(|(index, outcome)| (index, outcome.unwrap_err().code()))
        .collect();
    codes.sort_by_key(|(index, _)| *index);
    assert_eq!(codes, [(0, Code::Aborted), (1, Code::Timeout)]);
    assert!(!reserved(running, 0) && !reserved(running, 1));
}

#[test]
fn closing_finishes_what_was_accepted() {
    on_each(close_with_work_in_hand);
}

fn close_with_work_in_hand(place: &Place) {
    let running = place.start();
    // The first one reserves the numbers of those that follow.
    running
        .call(Op::CustomersCreate, &json!({ "email": "first@example.com" }))
        .unwrap();
    let waiting: Vec<_> = (0..500)
        .map(|n| {
            running.begin(
                Op::CustomersCreate,
                &json!({ "email": format!("u{n}@example.com") }),
                None,
            )
        })
        .collect();
    running.close();
    assert!(waiting.into_iter().all(|answer| answer.recv().unwrap().is_ok()));
    let again = place.start();
    let page = again
        .call(Op::CustomersList, &json!({ "limit": 1, "expand": ["total"] }))
        .unwrap();
    assert_eq!(page["total"], 501);
}
