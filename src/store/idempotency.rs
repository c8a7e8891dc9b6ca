//! Statements about idempotency keys.

use super::driver::{Driver, query_one};
use crate::{
    domain::instant::Instant,
    engine::port::{FirstAnswer, IdempotencyRows, KeptAnswer, StoreNo},
    error::{Code, Error, Result},
};

const FIRST: &str = "select body, answer from idempotency_keys where store = ?1 and operation = ?2 and key = ?3 and \
     expires_at > ?4";
const KEEP: &str = "insert into idempotency_keys (store, operation, key, body, answer, subject, created_at, expires_at) \
     values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8) on conflict (store, operation, key) do update set body = excluded.body, \
     answer = excluded.answer, subject = excluded.subject, created_at = excluded.created_at, \
     expires_at = excluded.expires_at where idempotency_keys.expires_at <= excluded.created_at returning 1";
const SETTLE: &str = "update idempotency_keys set answer = ?4, subject = ?5, created_at = ?6, expires_at = ?7 \
     where store = ?1 and operation = ?2 and key = ?3 and answer = ''";
const RELEASE: &str = "delete from idempotency_keys where store = ?1 and operation = ?2 and key = ?3 and answer = ''";
const ERASE: &str = "update idempotency_keys set answer = null where store = ?1 and subject = ?2";
// A few at a time, beside a write that pays for a commit anyway.
const REMOVE_EXPIRED: &str = "delete from idempotency_keys where store = ?1 and expires_at <= ?2 and (operation, key) in \
     (select operation, key from idempotency_keys where store = ?1 and expires_at <= ?2 order by expires_at limit 10)";

impl<D: Driver> IdempotencyRows for D {
    fn first_answer(
        &mut self,
        store: StoreNo,
        operation: &str,
        key: &str,
        now: Instant,
    ) -> Result<Option<FirstAnswer>> {
        query_one(
            self,
            FIRST,
            &[store.into(), operation.into(), key.into(), now.micros().into()],
            &mut |row| {
                Ok(FirstAnswer {
                    body: row.bytes(0)?.to_vec(),
                    answer: row.optional_text(1)?.map(str::to_owned),
                })
            },
        )
    }

    fn keep_answer(&mut self, store: StoreNo, kept: &KeptAnswer<'_>) -> Result<()> {
        let values = [
            store.into(),
            kept.operation.into(),
            kept.key.into(),
            kept.body.into(),
            kept.answer.into(),
            kept.subject.into(),
            kept.at.micros().into(),
            kept.expires.micros().into(),
        ];
        // Somebody else kept the first answer since this one was begun.
        match query_one(self, KEEP, &values, &mut |_| Ok(()))? {
            Some(()) => Ok(()),
            None => Err(Error::new(
                Code::WriteConflict,
                "another call with the same idempotency key was faster",
            )),
        }
    }

    fn settle_answer(&mut self, store: StoreNo, kept: &KeptAnswer<'_>) -> Result<()> {
        let values = [
            store.into(),
            kept.operation.into(),
            kept.key.into(),
            kept.answer.into(),
            kept.subject.into(),
            kept.at.micros().into(),
            kept.expires.micros().into(),
        ];
        self.execute(SETTLE, &values)
    }

    fn release_answer(&mut self, store: StoreNo, operation: &str, key: &str) -> Result<()> {
        self.execute(RELEASE, &[store.into(), operation.into(), key.into()])
    }

    fn erase_answers(&mut self, store: StoreNo, subject: &str) -> Result<()> {
        self.execute(ERASE, &[store.into(), subject.into()])
    }

    fn remove_expired_answers(&mut self, store: StoreNo, now: Instant) -> Result<()> {
        self.execute(REMOVE_EXPIRED, &[store.into(), now.micros().into()])
    }
}
