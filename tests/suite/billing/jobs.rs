//! What falls due: jobs, test clocks, and customers that may have become
//! dormant.

use std::collections::BTreeSet;

use proyecta::{
    domain::{
        customer::Customer,
        id::{ClockId, CustomerId},
        instant::Instant,
    },
    engine::port::{ClockRecord, DueJob, Found, Job, StoreNo, Tx},
    error::{Code, Result},
    ops::Op,
    testing::Running,
};
use serde_json::json;

use super::{at, begin, clock_id, try_write, write};
use crate::suite::place::{Schema, on_each, servers};

const STORE: StoreNo = 1;

fn job(subject: &str, due: i64, clock: Option<&ClockId>) -> Job {
    Job {
        subject: subject.to_owned(),
        kind: "subscription".to_owned(),
        due_at: at(due),
        clock: clock.cloned(),
        failures: 0,
    }
}

fn subjects(jobs: &[Job]) -> Vec<&str> {
    jobs.iter().map(|job| job.subject.as_str()).collect()
}

#[test]
fn a_subject_has_one_job() {
    on_each(|place| {
        write(&place.start(), |tx| {
            let clock = clock_id("a");
            let mut one = job("sub_1", 10, None);
            tx.put_job(STORE, &one)?;
            for lock in [false, true] {
                assert_eq!(tx.job(STORE, "sub_1", lock)?.as_ref(), Some(&one));
            }
            one = Job {
                subject: "sub_1".to_owned(),
                kind: "retry".to_owned(),
                due_at: at(-5),
                clock: Some(clock.clone()),
                failures: u32::MAX,
            };
            tx.put_job(STORE, &one)?;
            assert_eq!(tx.job(STORE, "sub_1", false)?, Some(one));
            assert_eq!(
                (tx.next_job()?, tx.next_job_of_clock(STORE, &clock)?),
                (None, Some(at(-5)))
            );
            tx.remove_job(STORE + 1, "sub_1")?;
            assert!(tx.job(STORE, "sub_1", false)?.is_some());
            tx.remove_job(STORE, "sub_1")?;
            tx.remove_job(STORE, "sub_1")?;
            assert_eq!(tx.job(STORE, "sub_1", false)?, None);
            assert_eq!(tx.next_job_of_clock(STORE, &clock)?, None);
            Ok(())
        });
    });
}

#[test]
fn jobs_of_the_system_come_earliest_first_from_all_stores() {
    on_each(|place| {
        write(&place.start(), |tx| {
            let clock = clock_id("a");
            for (store, subject, due) in [
                (2, "sub_b", 5),
                (1, "sub_c", 5),
                (1, "sub_a", 5),
                (3, "sub_d", 1),
                (1, "sub_e", 9),
            ] {
                tx.put_job(store, &job(subject, due, None))?;
            }
            tx.put_job(1, &job("sub_f", 0, Some(&clock)))?;
            let due = |tx: &mut dyn Tx, now: i64, limit| -> Result<Vec<(StoreNo, String)>> {
                let found = tx.due_jobs(at(now), limit)?;
                Ok(found
                    .into_iter()
                    .map(|DueJob { store, job }| (store, job.subject))
                    .collect())
            };
            let all = [(3, "sub_d"), (1, "sub_a"), (1, "sub_c"), (2, "sub_b"), (1, "sub_e")];
            let all = all.map(|(store, subject)| (store, subject.to_owned()));
            assert_eq!(due(tx, 0, 10)?, []);
            assert_eq!(due(tx, 1, 10)?, all[..1]);
            assert_eq!(due(tx, 8, 10)?, all[..4]);
            assert_eq!(due(tx, 9, 10)?, all);
            assert_eq!(due(tx, 9, 2)?, all[..2]);
            assert_eq!(tx.next_job()?, Some(at(1)));
            Ok(())
        });
    });
}

#[test]
fn jobs_of_a_clock_come_one_moment_at_a_time() {
    on_each(|place| {
        write(&place.start(), |tx| {
            let (clock, other) = (clock_id("a"), clock_id("b"));
            for (subject, due) in [("sub_c", 5), ("sub_a", 5), ("sub_b", 7)] {
                tx.put_job(STORE, &job(subject, due, Some(&clock)))?;
            }
            tx.put_job(STORE, &job("sub_d", 1, Some(&other)))?;
            tx.put_job(STORE + 1, &job("sub_e", 1, Some(&clock)))?;
            tx.put_job(STORE, &job("sub_f", 1, None))?;
            assert_eq!(tx.due_jobs_of_clock(STORE, &clock, at(4), 10)?, []);
            for until in [5, 100] {
                let found = tx.due_jobs_of_clock(STORE, &clock, at(until), 10)?;
                assert_eq!(subjects(&found), ["sub_a", "sub_c"]);
            }
            assert_eq!(subjects(&tx.due_jobs_of_clock(STORE, &clock, at(5), 1)?), ["sub_a"]);
            tx.remove_job(STORE, "sub_a")?;
            tx.put_job(STORE, &job("sub_c", 7, Some(&clock)))?;
            assert_eq!(tx.next_job_of_clock(STORE, &clock)?, Some(at(7)));
            let found = tx.due_jobs_of_clock(STORE, &clock, at(100), 10)?;
            assert_eq!(subjects(&found), ["sub_b", "sub_c"]);
            Ok(())
        });
    });
}

/// Many workers in two engines ask at once; each job is given to one of them.
#[test]
fn a_job_is_given_to_one_worker() {
    const JOBS: usize = 400;
    on_each(|place| {
        let engines = place.start_many(2);
        write(&engines[0], |tx| {
            (0..JOBS).try_for_each(|n| tx.put_job(STORE, &job(&format!("sub_{n:03}"), n as i64 % 7, None)))
        });
        let take = |tx: &mut dyn Tx| -> Result<Vec<String>> {
            let taken: Vec<String> = tx
                .due_jobs(at(100), 5)?
                .into_iter()
                .map(|due| due.job.subject)
                .collect();
            for subject in &taken {
                tx.put_job(STORE, &job(subject, 1_000_000, None))?;
            }
            Ok(taken)
        };
        let mut given = Vec::new();
        while given.len() < JOBS {
            let asked: Vec<_> = (0..40).map(|n| begin(&engines[n % 2], take)).collect();
            let before = given.len();
            for answer in asked {
                given.extend(answer.recv().unwrap().unwrap());
            }
            assert!(given.len() > before, "{} jobs are given to nobody", JOBS - given.len());
        }
        let once: BTreeSet<&String> = given.iter().collect();
        assert_eq!((once.len(), given.len()), (JOBS, JOBS));
    });
}

/// Nobody waits for a job that somebody else works at.
#[test]
fn what_others_hold_is_left_out() {
    for server in servers() {
        let schema = Schema::new(&server);
        let running = Running::start_on(&schema.url());
        let clock = clock_id("a");
        write(&running, move |tx| {
            for subject in ["sub_1", "sub_2", "sub_3"] {
                tx.put_job(STORE, &job(subject, 1, None))?;
                tx.put_job(STORE, &job(&format!("{subject}c"), 1, Some(&clock_id("a"))))?;
            }
            tx.put_job(STORE, &job("sub_later", 2, Some(&clock_id("a"))))
        });
        let raw = schema.connect();
        let hold = |subjects: &str| {
            raw.run(&format!(
                "begin; select 1 from {}.jobs where subject in ({subjects}) for update",
                schema.name
            ));
        };
        let of_clock = {
            let clock = clock.clone();
            move |tx: &mut dyn Tx| tx.due_jobs_of_clock(STORE, &clock, at(9), 10)
        };
        hold("'sub_1', 'sub_3', 'sub_2c'");
        let free: Vec<String> = write(&running, |tx| tx.due_jobs(at(1), 10))
            .into_iter()
            .map(|due| due.job.subject)
            .collect();
        assert_eq!(free, ["sub_2"]);
        assert_eq!(subjects(&write(&running, of_clock.clone())), ["sub_1c", "sub_3c"]);
        raw.run("rollback");
        hold("'sub_1c', 'sub_2c', 'sub_3c'");
        assert_eq!(write(&running, of_clock), [], "what is later has to wait");
        assert_eq!(
            write(&running, move |tx| tx.next_job_of_clock(STORE, &clock)),
            Some(at(1))
        );
        raw.run("rollback");
    }
}

fn clock(name: &str, created: i64, whole_store: bool) -> ClockRecord {
    ClockRecord {
        id: clock_id(name),
        version: 1,
        name: None,
        whole_store,
        now: at(0),
        advancing_to: None,
        created_at: at(created),
        updated_at: at(created),
    }
}

#[test]
fn clocks_are_kept_and_go_with_their_jobs() {
    on_each(|place| {
        let running = place.start();
        write(&running, |tx| {
            let (mut one, whole) = (clock("one", 1, false), clock("whole", 2, true));
            tx.insert_clock(STORE, &one)?;
            assert_eq!(tx.store_clock(STORE)?, None);
            tx.insert_clock(STORE, &whole)?;
            assert_eq!(tx.store_clock(STORE)?.as_ref(), Some(&whole));
            assert_eq!(tx.store_clock(STORE + 1)?, None);
            one = ClockRecord {
                version: 2,
                name: Some("시계".to_owned()),
                now: at(77),
                advancing_to: Some(at(99)),
                updated_at: at(5),
                ..one
            };
            tx.update_clock(STORE, &one)?;
            for lock in [false, true] {
                assert_eq!(tx.clock(STORE, &one.id, lock)?.as_ref(), Some(&one));
            }
            assert_eq!(tx.clocks(STORE)?, [whole.clone(), one.clone()]);
            tx.put_job(STORE, &job("sub_1", 1, Some(&one.id)))?;
            tx.put_job(STORE, &job("sub_2", 1, Some(&whole.id)))?;
            tx.put_job(STORE, &job("sub_3", 1, None))?;
            tx.delete_clock(STORE, &one.id)?;
            assert_eq!(tx.clocks(STORE)?, [whole]);
            assert_eq!(tx.job(STORE, "sub_1", false)?, None);
            assert!(tx.job(STORE, "sub_2", false)?.is_some() && tx.job(STORE, "sub_3", false)?.is_some());
            Ok(())
        });
        let second = try_write(&running, |tx| tx.insert_clock(STORE, &clock("second", 3, true)));
        assert!(second.is_err(), "a store goes by one clock");
    });
}

/// Sets when to look at a customer, and the clock it goes by.
fn look_at(tx: &mut dyn Tx, id: &str, when: Option<Instant>, clock: Option<ClockId>) -> Result<Customer> {
    let Some(Found::Live(before)) = tx.customer(STORE, &CustomerId::trusted(id), true)? else {
        panic!("there is no customer {id}");
    };
    let after = Customer {
        clock,
        dormancy_at: when,
        dormancy_noticed_at: when,
        ..(*before).clone()
    };
    tx.update_customer(STORE, &before, &after)?;
    Ok(after)
}

#[test]
fn customers_are_looked_at_when_their_time_comes() {
    on_each(|place| {
        let running = place.start();
        let made: Vec<String> = ["a", "b", "c", "d"]
            .iter()
            .map(|name| {
                let input = json!({ "email": format!("{name}@example.com"), "id": format!("cus_{name}") });
                let made = running.call(Op::CustomersCreate, &input).unwrap();
                made["id"].as_str().unwrap().to_owned()
            })
            .collect();
        assert_eq!(made, ["cus_a", "cus_b", "cus_c", "cus_d"]);
        write(&running, |tx| {
            assert!(tx.next_dormant()?.is_some(), "set when they came to be");
            let clock = clock_id("a");
            for (id, when, clock) in [
                ("cus_b", Some(at(3)), None),
                ("cus_a", Some(at(5)), None),
                ("cus_c", Some(at(4)), Some(clock.clone())),
                ("cus_d", Some(at(4)), Some(clock.clone())),
            ] {
                let after = look_at(tx, id, when, clock)?;
                let Some(Found::Live(kept)) = tx.customer(STORE, &after.id, false)? else {
                    panic!("{id} is gone");
                };
                assert_eq!(*kept, after);
            }
            let of = |id: &str| CustomerId::trusted(id);
            assert_eq!(tx.next_dormant()?, Some(at(3)));
            assert_eq!(tx.due_dormant(at(2), 9)?, []);
            assert_eq!(tx.due_dormant(at(3), 9)?, [(STORE, of("cus_b"))]);
            assert_eq!(tx.due_dormant(at(9), 9)?, [(STORE, of("cus_b")), (STORE, of("cus_a"))]);
            assert_eq!(tx.due_dormant(at(9), 1)?.len(), 1);
            assert_eq!(tx.next_dormant_of_clock(STORE, &clock)?, Some(at(4)));
            assert_eq!(tx.next_dormant_of_clock(STORE + 1, &clock)?, None);
            assert_eq!(tx.due_dormant_of_clock(STORE, &clock, at(3), 9)?, []);
            assert_eq!(
                tx.due_dormant_of_clock(STORE, &clock, at(4), 9)?,
                [(at(4), of("cus_c")), (at(4), of("cus_d"))]
            );
            assert_eq!(tx.due_dormant_of_clock(STORE, &clock, at(4), 1)?.len(), 1);
            look_at(tx, "cus_a", None, None)?;
            assert_eq!(tx.due_dormant(at(9), 9)?, [(STORE, of("cus_b"))]);
            Ok(())
        });
        for id in ["cus_b", "cus_c"] {
            running.call(Op::CustomersDelete, &json!({ "customerId": id })).unwrap();
        }
        write(&running, |tx| {
            assert_eq!(tx.next_dormant()?, None, "nobody looks at who was deleted");
            let left = tx.due_dormant_of_clock(STORE, &clock_id("a"), at(9), 9)?;
            assert_eq!(left, [(at(4), CustomerId::trusted("cus_d"))]);
            Ok(())
        });
        let missing = running.call(Op::CustomersGet, &json!({ "customerId": "cus_b" }));
        assert_eq!(missing.unwrap_err().code(), Code::CustomerDeleted);
    });
}
