//! Use cases about credit balances: what customers have left to spend.

use super::{
    Context,
    billing::Desk,
    catalog::answered,
    customers::{self, Outcome},
    numbers::Numbering,
    page::{self, Page},
    port::{self, Paging, Position, Tx},
    to_json,
};
use crate::{
    domain::{currency::Currency, money::Money},
    error::{Code, Error, Result},
    ops::{
        answer::CreditBalanceWord,
        credit::{
            CreditBalance, CreditBalanceAdjustParams, CreditBalanceGetParams, CreditBalanceListParams, CreditEntry,
        },
    },
};

/// `creditBalance.get`.
pub fn get(cx: &Context<'_>, tx: &mut dyn Tx, params: &CreditBalanceGetParams) -> Result<String> {
    let customer = customers::live(cx, tx, &params.customer_id, false)?.id;
    let amount = tx.credit_balance(cx.store.no, &customer, params.currency, false)?;
    to_json(&CreditBalance {
        object: CreditBalanceWord("credit_balance"),
        customer_id: customer,
        amount,
        currency: params.currency,
    })
}

/// `creditBalance.adjust`. The entry is the whole of it: it is never changed,
/// and no event tells of it besides.
pub fn adjust(cx: &Context<'_>, tx: &mut dyn Tx, params: &CreditBalanceAdjustParams) -> Result<Outcome> {
    // The row of a balance that was never used is not there to be locked: its
    // customer's is.
    let customer = customers::live(cx, tx, &params.customer_id, true)?;
    let numbers = Numbering::none();
    let mut desk = Desk::open(cx, tx, &numbers)?;
    desk.of_customer(tx, &customer)?;
    let change = Money::new(params.amount.0, params.currency);
    if change.amount == 0 {
        return Err(Error::invalid("amount", "must not be 0: it would change nothing"));
    }
    let before = tx.credit_balance(cx.store.no, &customer.id, params.currency, true)?;
    if change.amount < 0 && before < change.amount.saturating_neg() {
        let message = format!("amount takes more than the balance has, which is {before}: take at most that");
        return Err(Error::new(Code::CreditInsufficient, message)
            .with_param("amount")
            .with_detail("balance", before));
    }
    let entry = desk
        .change_balance(tx, &customer.id, change, &params.reason.0, None)?
        .ok_or_else(|| Error::internal("a change of a credit balance left no entry"))?;
    answered(customer.id.as_str(), &CreditEntry::from(entry))
}

/// `creditBalance.list`.
pub fn list(cx: &Context<'_>, tx: &mut dyn Tx, params: &CreditBalanceListParams) -> Result<String> {
    let customer = customers::live(cx, tx, &params.customer_id, false)?.id;
    let currency = params.currency;
    let query = format!(
        "creditBalance.list {} {}",
        customer.as_str(),
        currency.map_or("", Currency::code)
    );
    let after: Option<Position> = params
        .cursor
        .as_ref()
        .map(|cursor| page::open(cx.store, &query, &cursor.0))
        .transpose()?;
    let paging = Paging {
        after,
        limit: params.limit.0 + 1,
    };
    let rows = tx.list_credits(cx.store.no, &customer, currency, &paging)?;
    let cursor = |last: &port::CreditEntry| {
        let position = Position::Time(last.created_at.micros(), last.id.as_str().to_owned());
        page::seal(cx.store, &query, &position)
    };
    to_json(&Page::new(rows, params.limit.0, None, cursor, CreditEntry::from)?)
}
