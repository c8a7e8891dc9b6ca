//! Events: whom they wake, and how long they stay.

use std::{
    sync::{Arc, mpsc},
    time::{Duration, Instant},
};

use proyecta::{
    domain::instant::Instant as Moment,
    engine::{
        EventStream,
        port::{EventList, GiveUp, Task, Tx, Watch},
    },
    error::{Code, Result},
    ops::{Op, event::Event},
    store::sqlite::Options,
    testing::Running,
};
use serde_json::json;

use super::place::on_each;

fn stream(running: &Running, input: &str) -> Arc<EventStream> {
    running.session().stream_events(input).unwrap()
}

/// The next page, which is waited for here.
fn next(stream: &Arc<EventStream>) -> Result<Vec<Event>> {
    begin(stream, &Arc::default()).1.recv().unwrap()
}

/// Asks for the next page: what hears that there is none yet, and what gets it.
fn begin(stream: &Arc<EventStream>, watch: &Arc<Watch>) -> (mpsc::Receiver<i64>, mpsc::Receiver<Result<Vec<Event>>>) {
    let ((dry, dried), (send, page)) = (mpsc::channel(), mpsc::channel());
    stream.next(
        Arc::clone(watch),
        Box::new(move |at| dry.send(at).unwrap_or_default()),
        move |outcome| drop(send.send(outcome)),
    );
    (dried, page)
}

fn create(running: &Running, n: usize) {
    let input = json!({ "email": format!("u{n}@example.com") });
    running.call(Op::CustomersCreate, &input).unwrap();
}

fn seqs(events: &[Event]) -> Vec<i64> {
    events.iter().map(|event| event.seq).collect()
}

#[test]
fn a_commit_wakes_those_who_wait_at_once() {
    let folder = tempfile::tempdir().unwrap();
    for options in [Options::memory(), Options::file(folder.path().join("a.db"))] {
        let running = Running::start(&options);
        let stream = stream(&running, "{}");
        let mut took = Vec::new();
        for n in 1..=20 {
            let (dried, page) = begin(&stream, &Arc::default());
            dried.recv().unwrap();
            create(&running, n);
            let committed = Instant::now();
            assert_eq!(seqs(&page.recv().unwrap().unwrap()), [n as i64]);
            took.push(committed.elapsed());
        }
        took.sort();
        // Looking every so often would take far longer.
        assert!(took[10] < Duration::from_millis(20), "{took:?}");
        running.close();
    }
}

#[test]
fn commits_of_others_are_seen_within_a_second() {
    on_each(|place| {
        let (reader, writer) = (place.start(), place.start());
        let stream = stream(&reader, "{}");
        for n in 1..=3 {
            let (dried, page) = begin(&stream, &Arc::default());
            dried.recv().unwrap();
            create(&writer, n);
            let committed = Instant::now();
            assert_eq!(page.recv().unwrap().unwrap().len(), 1);
            assert!(
                committed.elapsed() < Duration::from_secs(1),
                "{:?}",
                committed.elapsed()
            );
        }
        reader.close();
        writer.close();
    });
}

#[test]
fn whoever_gives_up_or_closes_waits_no_longer() {
    let running = Running::start(&Options::memory());
    let stream = stream(&running, "{}");
    let watch = Arc::<Watch>::default();
    let (dried, page) = begin(&stream, &watch);
    dried.recv().unwrap();
    watch.give_up(GiveUp::Aborted);
    assert_eq!(page.recv().unwrap().unwrap_err().code(), Code::Aborted);
    let before = Arc::<Watch>::default();
    before.give_up(GiveUp::Aborted);
    let (_, page) = begin(&stream, &before);
    assert_eq!(page.recv().unwrap().unwrap_err().code(), Code::Aborted);
    let (dried, page) = begin(&stream, &Arc::default());
    dried.recv().unwrap();
    running.close();
    assert_eq!(page.recv().unwrap().unwrap_err().code(), Code::Closed);
    assert_eq!(next(&stream).unwrap_err().code(), Code::Closed);
}

/// Runs something in a transaction.
struct Within<T, R> {
    run: R,
    value: Option<T>,
    send: mpsc::Sender<T>,
}

impl<T: Send, R: FnMut(&mut dyn Tx) -> Result<T> + Send> Task for Within<T, R> {
    fn run(&mut self, tx: &mut dyn Tx) -> Result<()> {
        self.value = Some((self.run)(tx)?);
        Ok(())
    }

    fn done(self: Box<Self>, outcome: Result<()>) {
        outcome.unwrap();
        self.send.send(self.value.unwrap()).unwrap();
    }
}

fn within<T: Send + 'static>(running: &Running, run: impl FnMut(&mut dyn Tx) -> Result<T> + Send + 'static) -> T {
    let (send, receive) = mpsc::channel();
    let task = Within { run, value: None, send };
    running.session().engine().database().write(Box::new(task));
    receive.recv().unwrap()
}

#[test]
fn old_events_go_from_the_front_and_what_has_no_place_stays() {
    on_each(|place| {
        let running = place.start();
        let store = running.session().store().no;
        let remaining = |running: &Running| {
            within(running, move |tx| {
                let list = EventList {
                    kind: None,
                    subject: None,
                    after: 0,
                    limit: 100,
                };
                let events = tx.list_events(store, &list)?;
                Ok(events.iter().map(|event| (event.seq, event.at)).collect::<Vec<_>>())
            })
        };
        let remove = |running: &Running, before: Moment, limit| {
            within(running, move |tx| tx.remove_old_events(store, before, limit))
        };
        let far = Moment::from_micros(i64::MAX);
        for n in 1..=10 {
            create(&running, n);
        }
        assert_eq!(remove(&running, far, 100), 0, "none has its place yet");
        running.call(Op::EventsList, &json!({})).unwrap();
        create(&running, 11);
        let all = remaining(&running);
        assert_eq!(all.len(), 10);
        assert_eq!(remove(&running, all[0].1, 100), 0, "the first is not older than itself");
        assert_eq!(remove(&running, far, 3), 3);
        let fifth = all.iter().position(|(_, at)| *at >= all[4].1).unwrap();
        assert_eq!(remove(&running, all[4].1, 100), fifth.saturating_sub(3));
        let kept: Vec<i64> = remaining(&running).iter().map(|(seq, _)| *seq).collect();
        assert_eq!(kept.last(), Some(&10));
        assert!(kept.windows(2).all(|pair| pair[1] == pair[0] + 1), "{kept:?}");
        assert_eq!(remove(&running, far, 100), kept.len());
        let rest = next(&stream(&running, r#"{"after":0}"#)).unwrap();
        assert_eq!(seqs(&rest), [11], "numbers are never used again");
        running.close();
    });
}
