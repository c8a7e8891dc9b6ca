//! Statements about credit balances.

use super::{
    documents::{Condition, instant, page},
    driver::{Driver, Row, Value, query_all, query_one},
};
use crate::{
    domain::{
        currency::Currency,
        id::{CreditId, CustomerId, OrderId},
    },
    engine::port::{CreditEntry, CreditRows, Paging, StoreNo},
    error::{Code, Error, Result},
};

const TABLE: (&str, &str) = (
    "id, customer, currency, amount, balance, reason, order_id, created_at",
    "credits",
);

const BALANCE: &str = "select balance from credit_balances where store = ?1 and customer = ?2 and currency = ?3";
const BALANCE_LOCKED: &str =
    "select balance from credit_balances where store = ?1 and customer = ?2 and currency = ?3 /*lock*/";
const BALANCES: &str =
    "select currency, balance from credit_balances where store = ?1 and customer = ?2 order by currency";
const INSERT: &str = "insert into credits (store, id, customer, currency, amount, balance, reason, order_id, created_at) \
     values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)";
// Where there was none there was nothing to hold: whoever was slower finds
// another balance than it began with.
const SET_BALANCE: &str = "insert into credit_balances (store, customer, currency, balance) values (?1, ?2, ?3, ?4) \
     on conflict (store, customer, currency) do update set balance = excluded.balance \
     where credit_balances.balance = ?5 returning 1";

impl<D: Driver> CreditRows for D {
    fn credit_balance(&mut self, store: StoreNo, customer: &CustomerId, currency: Currency, lock: bool) -> Result<i64> {
        let sql = if lock { BALANCE_LOCKED } else { BALANCE };
        let values = [store.into(), customer.as_str().into(), currency.code().into()];
        Ok(query_one(self, sql, &values, &mut |row| row.integer(0))?.unwrap_or(0))
    }

    fn credit_balances(&mut self, store: StoreNo, customer: &CustomerId) -> Result<Vec<(Currency, i64)>> {
        let values = [store.into(), customer.as_str().into()];
        query_all(self, BALANCES, &values, &mut |row| {
            Ok((stored_currency(row.text(0)?)?, row.integer(1)?))
        })
    }

    fn insert_credit(&mut self, store: StoreNo, entry: &CreditEntry) -> Result<()> {
        let before = entry.balance.checked_sub(entry.amount);
        let before = before.ok_or_else(|| Error::internal("an entry of a credit balance is out of range"))?;
        let values: [Value<'_>; 5] = [
            store.into(),
            entry.customer.as_str().into(),
            entry.currency.code().into(),
            entry.balance.into(),
            before.into(),
        ];
        query_one(self, SET_BALANCE, &values, &mut |_| Ok(()))?
            .ok_or_else(|| Error::new(Code::WriteConflict, "another change of the credit balance was faster"))?;
        let values: [Value<'_>; 9] = [
            store.into(),
            entry.id.as_str().into(),
            entry.customer.as_str().into(),
            entry.currency.code().into(),
            entry.amount.into(),
            entry.balance.into(),
            entry.reason.as_str().into(),
            entry.order.as_ref().map(OrderId::as_str).into(),
            entry.created_at.micros().into(),
        ];
        self.execute(INSERT, &values)
    }

    fn list_credits(
        &mut self,
        store: StoreNo,
        customer: &CustomerId,
        currency: Option<Currency>,
        paging: &Paging,
    ) -> Result<Vec<CreditEntry>> {
        let conditions = [
            Condition::on("customer", Some(customer.as_str())),
            Condition::on("currency", currency.map(Currency::code)),
        ];
        page(self, TABLE, store, &conditions, paging, map)
    }
}

fn stored_currency(code: &str) -> Result<Currency> {
    Currency::parse(code).map_err(|_| Error::internal("a stored currency is damaged"))
}

fn map(row: &dyn Row) -> Result<CreditEntry> {
    Ok(CreditEntry {
        id: CreditId::trusted(row.text(0)?),
        customer: CustomerId::trusted(row.text(1)?),
        currency: stored_currency(row.text(2)?)?,
        amount: row.integer(3)?,
        balance: row.integer(4)?,
        reason: row.text(5)?.to_owned(),
        order: row.optional_text(6)?.map(OrderId::trusted),
        created_at: instant(row, 7)?,
    })
}
