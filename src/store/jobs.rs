//! Statements about jobs and test clocks.

use super::{
    documents::{instant, optional_instant},
    driver::{Driver, Row, Value, query_all, query_one},
};
use crate::{
    domain::{id::ClockId, instant::Instant},
    engine::port::{ClockRecord, ClockRows, DueJob, Job, JobRows, StoreNo},
    error::{Error, Result},
};

macro_rules! columns {
    () => {
        "select subject, kind, due_at, clock, failures, store from jobs"
    };
}

const PUT: &str = "insert into jobs (store, subject, kind, due_at, clock, failures) values (?1, ?2, ?3, ?4, ?5, ?6) \
     on conflict (store, subject) do update set kind = excluded.kind, due_at = excluded.due_at, clock = excluded.clock, \
     failures = excluded.failures";
const REMOVE: &str = "delete from jobs where store = ?1 and subject = ?2";
const BY_SUBJECT: &str = concat!(columns!(), " where store = ?1 and subject = ?2");
const BY_SUBJECT_LOCKED: &str = concat!(columns!(), " where store = ?1 and subject = ?2 /*lock*/");
const DUE: &str = concat!(
    columns!(),
    " where clock is null and due_at <= ?1 order by due_at, store, subject limit ?2 /*lock skip*/"
);
const NEXT: &str = "select due_at from jobs where clock is null order by due_at limit 1";
const DUE_OF_CLOCK: &str = concat!(
    columns!(),
    " where store = ?1 and clock = ?2 and clock is not null and due_at = (select min(due_at) from jobs \
     where store = ?1 and clock = ?2 and clock is not null and due_at <= ?3) order by subject limit ?4 /*lock skip*/"
);
const NEXT_OF_CLOCK: &str = "select due_at from jobs where store = ?1 and clock = ?2 and clock is not null \
     order by due_at limit 1";
const REMOVE_OF_CLOCK: &str = "delete from jobs where store = ?1 and clock = ?2 and clock is not null";

impl<D: Driver> JobRows for D {
    fn put_job(&mut self, store: StoreNo, job: &Job) -> Result<()> {
        let values: [Value<'_>; 6] = [
            store.into(),
            job.subject.as_str().into(),
            job.kind.as_str().into(),
            job.due_at.micros().into(),
            job.clock.as_ref().map(ClockId::as_str).into(),
            i64::from(job.failures).into(),
        ];
        self.execute(PUT, &values)
    }

    fn remove_job(&mut self, store: StoreNo, subject: &str) -> Result<()> {
        self.execute(REMOVE, &[store.into(), subject.into()])
    }

    fn job(&mut self, store: StoreNo, subject: &str, lock: bool) -> Result<Option<Job>> {
        let sql = if lock { BY_SUBJECT_LOCKED } else { BY_SUBJECT };
        query_one(self, sql, &[store.into(), subject.into()], &mut job)
    }

    fn due_jobs(&mut self, now: Instant, limit: usize) -> Result<Vec<DueJob>> {
        let values = [now.micros().into(), (limit as i64).into()];
        query_all(self, DUE, &values, &mut |row| {
            Ok(DueJob {
                store: row.integer(5)?,
                job: job(row)?,
            })
        })
    }

    fn next_job(&mut self) -> Result<Option<Instant>> {
        query_one(self, NEXT, &[], &mut |row| instant(row, 0))
    }

    fn due_jobs_of_clock(&mut self, store: StoreNo, clock: &ClockId, until: Instant, limit: usize) -> Result<Vec<Job>> {
        let values = [
            store.into(),
            clock.as_str().into(),
            until.micros().into(),
            (limit as i64).into(),
        ];
        query_all(self, DUE_OF_CLOCK, &values, &mut job)
    }

    fn next_job_of_clock(&mut self, store: StoreNo, clock: &ClockId) -> Result<Option<Instant>> {
        let values = [store.into(), clock.as_str().into()];
        query_one(self, NEXT_OF_CLOCK, &values, &mut |row| instant(row, 0))
    }
}

fn job(row: &dyn Row) -> Result<Job> {
    let failures = row.integer(4)?;
    Ok(Job {
        subject: row.text(0)?.to_owned(),
        kind: row.text(1)?.to_owned(),
        due_at: instant(row, 2)?,
        clock: row.optional_text(3)?.map(ClockId::trusted),
        failures: u32::try_from(failures).map_err(|_| Error::internal("a stored number of failures is damaged"))?,
    })
}

macro_rules! clock_columns {
    () => {
        "select id, version, name, whole_store, shows, advancing_to, created_at, updated_at from test_clocks \
         where store = ?1"
    };
}

const CLOCK: &str = concat!(clock_columns!(), " and id = ?2");
const CLOCK_LOCKED: &str = concat!(clock_columns!(), " and id = ?2 /*lock*/");
const STORE_CLOCK: &str = concat!(clock_columns!(), " and whole_store");
const CLOCKS: &str = concat!(clock_columns!(), " order by created_at desc, id desc");
const INSERT_CLOCK: &str = "insert into test_clocks (store, id, version, name, whole_store, shows, advancing_to, \
     created_at, updated_at) values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)";
const UPDATE_CLOCK: &str = "update test_clocks set version = ?3, name = ?4, whole_store = ?5, shows = ?6, \
     advancing_to = ?7, created_at = ?8, updated_at = ?9 where store = ?1 and id = ?2";
const DELETE_CLOCK: &str = "delete from test_clocks where store = ?1 and id = ?2";

impl<D: Driver> ClockRows for D {
    fn clock(&mut self, store: StoreNo, id: &ClockId, lock: bool) -> Result<Option<ClockRecord>> {
        let sql = if lock { CLOCK_LOCKED } else { CLOCK };
        query_one(self, sql, &[store.into(), id.as_str().into()], &mut clock)
    }

    fn store_clock(&mut self, store: StoreNo) -> Result<Option<ClockRecord>> {
        query_one(self, STORE_CLOCK, &[store.into()], &mut clock)
    }

    fn clocks(&mut self, store: StoreNo) -> Result<Vec<ClockRecord>> {
        query_all(self, CLOCKS, &[store.into()], &mut clock)
    }

    fn insert_clock(&mut self, store: StoreNo, clock: &ClockRecord) -> Result<()> {
        write_clock(self, INSERT_CLOCK, store, clock)
    }

    fn update_clock(&mut self, store: StoreNo, clock: &ClockRecord) -> Result<()> {
        write_clock(self, UPDATE_CLOCK, store, clock)
    }

    fn delete_clock(&mut self, store: StoreNo, id: &ClockId) -> Result<()> {
        let values = [store.into(), id.as_str().into()];
        self.execute(DELETE_CLOCK, &values)?;
        self.execute(REMOVE_OF_CLOCK, &values)
    }
}

fn write_clock<D: Driver + ?Sized>(driver: &mut D, sql: &str, store: StoreNo, clock: &ClockRecord) -> Result<()> {
    let values: [Value<'_>; 9] = [
        store.into(),
        clock.id.as_str().into(),
        clock.version.into(),
        clock.name.as_deref().into(),
        clock.whole_store.into(),
        clock.now.micros().into(),
        clock.advancing_to.map(Instant::micros).into(),
        clock.created_at.micros().into(),
        clock.updated_at.micros().into(),
    ];
    driver.execute(sql, &values)
}

fn clock(row: &dyn Row) -> Result<ClockRecord> {
    Ok(ClockRecord {
        id: ClockId::trusted(row.text(0)?),
        version: row.integer(1)?,
        name: row.optional_text(2)?.map(str::to_owned),
        whole_store: row.boolean(3)?,
        now: instant(row, 4)?,
        advancing_to: optional_instant(row, 5)?,
        created_at: instant(row, 6)?,
        updated_at: instant(row, 7)?,
    })
}
