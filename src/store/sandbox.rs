//! Statements of the sandbox gateway's ledger.

use super::{
    catalog_list::{json, strict},
    driver::{Driver, Row, Value, query_all, query_one},
};
use crate::{
    domain::{currency::Currency, instant::Instant, money::Money, sandbox::Behaviour},
    engine::port::{SandboxCard, SandboxCharge, SandboxRows, StoreNo},
    error::{Error, Result},
};

const CARD: &str =
    "select id, behaviour, charges, last4, forgotten from sandbox_cards where store = ?1 and id = ?2 /*lock*/";
const INSERT_CARD: &str =
    "insert into sandbox_cards (store, id, behaviour, charges, last4, forgotten) values (?1, ?2, ?3, ?4, ?5, ?6)";
const UPDATE_CARD: &str = "update sandbox_cards set behaviour = ?3, charges = ?4, last4 = ?5, forgotten = ?6 \
     where store = ?1 and id = ?2";

macro_rules! columns {
    () => {
        "key, card, n, amount, currency, outcome, at, refunds"
    };
}

const CHARGE: &str = concat!(
    "select ",
    columns!(),
    " from sandbox_charges where store = ?1 and key = ?2"
);
const CHARGE_LOCKED: &str = concat!(
    "select ",
    columns!(),
    " from sandbox_charges where store = ?1 and key = ?2 /*lock*/"
);
const CHARGES: &str = concat!(
    "select ",
    columns!(),
    " from sandbox_charges where store = ?1 and key > ?2 order by key limit ?3"
);
const INSERT_CHARGE: &str = "insert into sandbox_charges (store, key, card, n, amount, currency, outcome, at, \
     refunded, refunds) values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)";
const UPDATE_REFUNDS: &str = "update sandbox_charges set refunded = ?3, refunds = ?4 where store = ?1 and key = ?2";

impl<D: Driver> SandboxRows for D {
    fn sandbox_card(&mut self, store: StoreNo, billing_key: &str) -> Result<Option<SandboxCard>> {
        query_one(self, CARD, &[store.into(), billing_key.into()], &mut |row| {
            Ok(SandboxCard {
                billing_key: row.text(0)?.to_owned(),
                behaviour: Behaviour::from_word(row.text(1)?).ok_or_else(|| damaged("card"))?,
                charges: count(row, 2)?,
                last4: row.text(3)?.to_owned(),
                forgotten: row.boolean(4)?,
            })
        })
    }

    fn insert_sandbox_card(&mut self, store: StoreNo, card: &SandboxCard) -> Result<()> {
        write_card(self, INSERT_CARD, store, card)
    }

    fn update_sandbox_card(&mut self, store: StoreNo, card: &SandboxCard) -> Result<()> {
        write_card(self, UPDATE_CARD, store, card)
    }

    fn sandbox_charge(&mut self, store: StoreNo, key: &str, lock: bool) -> Result<Option<SandboxCharge>> {
        let sql = if lock { CHARGE_LOCKED } else { CHARGE };
        query_one(self, sql, &[store.into(), key.into()], &mut map)
    }

    fn insert_sandbox_charge(&mut self, store: StoreNo, charge: &SandboxCharge) -> Result<()> {
        let (outcome, refunds) = (json(&charge.outcome)?, json(&charge.refunds)?);
        let values: [Value<'_>; 10] = [
            store.into(),
            charge.key.as_str().into(),
            charge.card.as_str().into(),
            i64::from(charge.n).into(),
            charge.amount.amount.into(),
            charge.amount.currency.code().into(),
            outcome.as_str().into(),
            charge.at.micros().into(),
            refunded(charge).into(),
            refunds.as_str().into(),
        ];
        self.execute(INSERT_CHARGE, &values)
    }

    fn update_sandbox_refunds(&mut self, store: StoreNo, charge: &SandboxCharge) -> Result<()> {
        let refunds = json(&charge.refunds)?;
        let values = [
            store.into(),
            charge.key.as_str().into(),
            refunded(charge).into(),
            refunds.as_str().into(),
        ];
        self.execute(UPDATE_REFUNDS, &values)
    }

    fn sandbox_charges(&mut self, store: StoreNo, after: &str, limit: usize) -> Result<Vec<SandboxCharge>> {
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        query_all(self, CHARGES, &[store.into(), after.into(), limit.into()], &mut map)
    }
}

fn write_card<D: Driver + ?Sized>(driver: &mut D, sql: &str, store: StoreNo, card: &SandboxCard) -> Result<()> {
    let behaviour = card.behaviour.word();
    let values = [
        store.into(),
        card.billing_key.as_str().into(),
        behaviour.as_str().into(),
        i64::from(card.charges).into(),
        card.last4.as_str().into(),
        card.forgotten.into(),
    ];
    driver.execute(sql, &values)
}

fn refunded(charge: &SandboxCharge) -> i64 {
    charge.refunds.iter().map(|refund| refund.amount).sum()
}

fn map(row: &dyn Row) -> Result<SandboxCharge> {
    let currency = Currency::parse(row.text(4)?).map_err(|_| damaged("charge"))?;
    Ok(SandboxCharge {
        key: row.text(0)?.to_owned(),
        card: row.text(1)?.to_owned(),
        n: count(row, 2)?,
        amount: Money::new(row.integer(3)?, currency),
        outcome: strict(row.text(5)?)?,
        at: Instant::from_micros(row.integer(6)?),
        refunds: strict(row.text(7)?)?,
    })
}

fn count(row: &dyn Row, column: usize) -> Result<u32> {
    u32::try_from(row.integer(column)?).map_err(|_| damaged("count"))
}

fn damaged(what: &str) -> Error {
    Error::internal(format!("a {what} of the sandbox gateway is damaged"))
}
