//! Statements about events.

use super::driver::{Driver, Row, Value, query_all, query_one};
use crate::{
    domain::{
        id::{ClockId, EventId},
        instant::Instant,
    },
    engine::port::{EventList, EventRecord, EventRows, NewEvent, StoreNo},
    error::Result,
};

const INSERT: &str = "insert into events (store, id, type, subject, subject_version, snapshot, before, actor_kind, \
     actor_id, request_id, clock, created_at) values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)";
const UNNUMBERED: &str = "select id from events where store = ?1 and seq is null order by id limit ?2";
const LOCK_LAST_SEQ: &str = "select last_seq from event_relays where store = ?1 /*lock*/";
const LAST_SEQ: &str = "select last_seq from event_relays where store = ?1";
const SEQ: &str = "select seq from events where store = ?1 and id = ?2 and seq is not null";
const START_RELAY: &str = "insert into event_relays (store, last_seq) values (?1, 0) on conflict (store) do nothing";
const SET_LAST_SEQ: &str = "update event_relays set last_seq = ?2 where store = ?1";
const NUMBER: &str = "update events set seq = ?3 where store = ?1 and id = ?2";
const OLDEST: &str = "select seq, created_at from events where store = ?1 and seq is not null order by seq limit ?2";
const REMOVE: &str = "delete from events where store = ?1 and seq <= ?2";
const ERASE: &str = "update events set snapshot = null, before = null where store = ?1 and subject = ?2";

impl<D: Driver> EventRows for D {
    fn insert_event(&mut self, store: StoreNo, event: &NewEvent<'_>) -> Result<()> {
        let values: [Value<'_>; 12] = [
            store.into(),
            event.id.as_str().into(),
            event.kind.into(),
            event.subject.into(),
            event.version.into(),
            event.snapshot.into(),
            event.before.into(),
            event.actor_kind.into(),
            event.actor_id.into(),
            event.request_id.into(),
            event.clock.map(ClockId::as_str).into(),
            event.at.micros().into(),
        ];
        self.execute(INSERT, &values)?;
        self.happened(store);
        Ok(())
    }

    fn has_unnumbered_events(&mut self, store: StoreNo) -> Result<bool> {
        Ok(query_one(self, UNNUMBERED, &[store.into(), 1_i64.into()], &mut |_| Ok(()))?.is_some())
    }

    fn number_events(&mut self, store: StoreNo, limit: usize) -> Result<usize> {
        self.execute(START_RELAY, &[store.into()])?;
        // Whoever holds this row is the store's one relay.
        let mut seq = query_one(self, LOCK_LAST_SEQ, &[store.into()], &mut |row| row.integer(0))?.unwrap_or(0);
        let waiting = query_all(self, UNNUMBERED, &[store.into(), (limit as i64).into()], &mut |row| {
            row.text(0).map(str::to_owned)
        })?;
        for id in &waiting {
            seq += 1;
            self.execute(NUMBER, &[store.into(), id.into(), seq.into()])?;
        }
        if !waiting.is_empty() {
            self.execute(SET_LAST_SEQ, &[store.into(), seq.into()])?;
        }
        Ok(waiting.len())
    }

    fn event_seq(&mut self, store: StoreNo, id: &EventId) -> Result<Option<i64>> {
        query_one(self, SEQ, &[store.into(), id.as_str().into()], &mut |row| {
            row.integer(0)
        })
    }

    fn last_event_seq(&mut self, store: StoreNo) -> Result<i64> {
        Ok(query_one(self, LAST_SEQ, &[store.into()], &mut |row| row.integer(0))?.unwrap_or(0))
    }

    fn list_events(&mut self, store: StoreNo, list: &EventList<'_>) -> Result<Vec<EventRecord>> {
        let mut sql =
            "select id, seq, type, subject, subject_version, snapshot, before, actor_kind, actor_id, request_id, \
             clock, created_at from events where store = ?1 and seq > ?2"
                .to_owned();
        let mut values: Vec<Value<'_>> = vec![store.into(), list.after.into(), (list.limit as i64).into()];
        for (column, wanted) in [("type", list.kind), ("subject", list.subject)] {
            if let Some(wanted) = wanted {
                values.push(wanted.into());
                sql.push_str(&format!(" and {column} = ?{}", values.len()));
            }
        }
        sql.push_str(" order by seq limit ?3");
        query_all(self, &sql, &values, &mut map)
    }

    fn erase_events(&mut self, store: StoreNo, subject: &str) -> Result<()> {
        self.execute(ERASE, &[store.into(), subject.into()])
    }

    fn remove_old_events(&mut self, store: StoreNo, before: Instant, limit: usize) -> Result<usize> {
        let oldest = query_all(self, OLDEST, &[store.into(), (limit as i64).into()], &mut |row| {
            Ok((row.integer(0)?, row.integer(1)?))
        })?;
        let old = oldest.iter().take_while(|(_, at)| *at < before.micros());
        let (count, last) = old.fold((0, 0), |(count, _), (seq, _)| (count + 1, *seq));
        if count > 0 {
            self.execute(REMOVE, &[store.into(), last.into()])?;
        }
        Ok(count)
    }
}

fn map(row: &dyn Row) -> Result<EventRecord> {
    let owned = |column: usize| Ok(row.optional_text(column)?.map(str::to_owned));
    Ok(EventRecord {
        id: EventId::trusted(row.text(0)?),
        seq: row.integer(1)?,
        kind: row.text(2)?.to_owned(),
        subject: row.text(3)?.to_owned(),
        version: row.integer(4)?,
        snapshot: owned(5)?,
        before: owned(6)?,
        actor_kind: row.text(7)?.to_owned(),
        actor_id: owned(8)?,
        request_id: owned(9)?,
        clock: row.optional_text(10)?.map(ClockId::trusted),
        at: Instant::from_micros(row.integer(11)?),
    })
}
