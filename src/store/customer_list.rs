//! Pages of customers: keyset, so that the last page costs what the first does.
//!
//! A search asks the token index for its most telling tokens only: walking the
//! long lists of the common ones would cost more than looking at the few rows
//! that remain. It has two plans. When few customers can match, their numbers come
//! from the token index and are sorted. When many can, the list's own index is
//! walked in order and filtered: with so many matches a page fills quickly.

use super::{
    customers::columns,
    driver::{Driver, Value, query_all, query_one},
    statement::{Owned, Statement},
};
use crate::{
    domain::{
        id::CustomerId,
        search::{Query, like_escaped},
    },
    engine::port::{CustomerList, StoreNo},
    error::Result,
    ops::param::SortKey,
};

/// Up to so many candidates are fetched and sorted; sorting them takes about
/// as long as walking an index of a million rows to a page of that density.
const FEW: i64 = 10_000;

/// A token that fewer customers have than this finds them alone.
const RARE: i64 = 100;
/// So many of a text's tokens are looked at for a rare one.
const LOOKED_AT: usize = 8;
/// So many of those that are not rare are asked for together.
const TOGETHER: usize = 4;
/// Up to so many candidates are put into the statement itself; more are looked
/// up again while it runs.
const LISTED: usize = 64;

impl Statement {
    fn filters(&mut self, list: &CustomerList) {
        self.sql.push_str(" where store = ?1 and deleted_at is null");
        if let Some(email) = &list.email {
            let at = self.text(email);
            self.sql.push_str(&format!(" and email_fold = ?{at}"));
        }
        if let Some(status) = list.status {
            // The literal lets the partial index of dormant customers serve.
            self.sql.push_str(&format!(" and status = '{}'", status.name()));
        }
        for (bound, operator) in [(list.created_from, ">="), (list.created_until, "<")] {
            if let Some(micros) = bound {
                let at = self.push(Owned::Integer(micros));
                self.sql.push_str(&format!(" and created_at {operator} ?{at}"));
            }
        }
    }

    /// What every match fulfils, whichever way the candidates were found.
    fn match_filter(&mut self, store: StoreNo, query: &Query) {
        let escaped = like_escaped(&query.folded);
        let anywhere = !query.tokens(store).is_empty();
        let pattern = self.text(if anywhere {
            format!("%{escaped}%")
        } else {
            format!("{escaped}%")
        });
        self.sql.push_str(&format!(
            " and (name_fold like ?{pattern} escape '\\' or email_fold like ?{pattern} escape '\\'"
        ));
        if query.may_be_id(CustomerId::PREFIX) {
            let from = self.text(&query.typed);
            let until = self.text(format!("{}~", query.typed));
            self.sql.push_str(&format!(" or (id >= ?{from} and id < ?{until})"));
        }
        self.sql.push(')');
    }

    /// A select of the numbers of all customers that can match.
    /// Combined by `union all`, the first is there before the last is looked for;
    /// by `union`, none is there twice.
    fn candidates<D: Driver + ?Sized>(
        &mut self,
        driver: &D,
        store: StoreNo,
        query: &Query,
        tokens: &[String],
        combined: &str,
    ) {
        if tokens.is_empty() {
            let from = self.text(&query.folded);
            let until = self.text(format!("{}\u{10ffff}", query.folded));
            for column in ["name_fold", "email_fold"] {
                if column == "email_fold" {
                    self.sql.push_str(&format!(" {combined} "));
                }
                self.sql.push_str(&format!(
                    "select number from customers where store = ?1 and deleted_at is null and {column} >= ?{from} and {column} < ?{until}"
                ));
            }
        } else {
            let at = self.push(Owned::Tokens(tokens.to_vec()));
            self.sql.push_str(&driver.matching(store, at));
        }
        if query.may_be_id(CustomerId::PREFIX) {
            // Ids are ASCII below '~', so this is the end of the prefix.
            let from = self.text(&query.typed);
            let until = self.text(format!("{}~", query.typed));
            self.sql.push_str(&format!(
                " {combined} select number from customers where store = ?1 and id >= ?{from} and id < ?{until}"
            ));
        }
    }
}

/// The tokens of a text that tell most: rare ones, else those that look rare.
/// Walking the lists of `use` and `ser` for `user4711` would take longer than
/// everything else.
fn telling<D: Driver + ?Sized>(driver: &mut D, store: StoreNo, mut tokens: Vec<String>) -> Result<Vec<String>> {
    if tokens.len() <= 2 || !driver.counts_tokens() {
        return Ok(tokens);
    }
    // Digits and syllables tell more than letters. (All have the store's mark.)
    let tells = |token: &String| -> usize {
        token
            .chars()
            .map(|c| {
                if c.is_ascii_digit() {
                    1
                } else {
                    2 * usize::from(!c.is_ascii() && c.is_alphabetic())
                }
            })
            .sum()
    };
    tokens.sort_by_key(|token| std::cmp::Reverse(tells(token)));
    for token in tokens.iter().take(LOOKED_AT) {
        if count_token(driver, store, token, RARE)? < RARE {
            return Ok(vec![token.clone()]);
        }
    }
    tokens.truncate(TOGETHER);
    Ok(tokens)
}

fn count_token<D: Driver + ?Sized>(driver: &mut D, store: StoreNo, token: &str, limit: i64) -> Result<i64> {
    let matching = driver.matching(store, 1);
    let sql = format!("select count(*) from (select number from ({matching}) as candidate limit ?2) as counted");
    let values = [Value::Tokens(&[token.to_owned()]), limit.into()];
    Ok(query_one(driver, &sql, &values, &mut |row| row.integer(0))?.unwrap_or(0))
}

/// Where a search looks.
enum Plan {
    /// At these customers.
    Numbers(Vec<i64>),
    /// At whatever these tokens find.
    Tokens(Vec<String>),
    /// At every row, in the list's order.
    Walk,
}

fn plan<D: Driver + ?Sized>(driver: &mut D, store: StoreNo, query: &Query) -> Result<Plan> {
    let tokens = telling(driver, store, query.tokens(store))?;
    let mut statement = Statement::new();
    statement.push(Owned::Integer(store));
    statement.sql.push_str("select number from (");
    statement.candidates(driver, store, query, &tokens, "union all");
    let limit = statement.push(Owned::Integer(FEW + 1));
    statement.sql.push_str(&format!(") as candidate limit ?{limit}"));
    let (sql, values) = statement.parts();
    let mut numbers = query_all(driver, sql, &values, &mut |row| row.integer(0))?;
    if numbers.len() as i64 > FEW {
        return Ok(Plan::Walk);
    }
    if numbers.len() > LISTED {
        return Ok(Plan::Tokens(tokens));
    }
    // A few lengths only, so that there are few statements to keep.
    let length = numbers.len().max(1).next_power_of_two();
    numbers.resize(length, numbers.last().copied().unwrap_or(-1));
    Ok(Plan::Numbers(numbers))
}

fn add_query<D: Driver + ?Sized>(statement: &mut Statement, driver: &D, store: StoreNo, query: &Query, plan: Plan) {
    match plan {
        Plan::Walk => {}
        Plan::Numbers(numbers) => {
            let places: Vec<String> = numbers
                .into_iter()
                .map(|number| format!("?{}", statement.push(Owned::Integer(number))))
                .collect();
            statement
                .sql
                .push_str(&format!(" and number in ({})", places.join(", ")));
        }
        Plan::Tokens(tokens) => {
            statement.sql.push_str(" and number in (");
            // All of them are read in any case. PostgreSQL begins with a set and
            // looks each row up; a list it might read again for every row.
            statement.candidates(driver, store, query, &tokens, "union");
            statement.sql.push(')');
        }
    }
    statement.match_filter(store, query);
}

/// The select of one page.
pub(super) fn page<D: Driver + ?Sized>(driver: &mut D, store: StoreNo, list: &CustomerList) -> Result<Statement> {
    let mut statement = Statement::new();
    statement.push(Owned::Integer(store));
    statement
        .sql
        .push_str(concat!("select ", columns!(), " from customers"));
    statement.filters(list);
    let mut narrow = list.email.is_some();
    if let Some(query) = &list.query {
        let plan = plan(driver, store, query)?;
        narrow |= !matches!(plan, Plan::Walk);
        add_query(&mut statement, driver, store, query, plan);
    }
    // A few rows are found by what they have and sorted. As an expression the
    // sort key matches no index, so that no planner walks the whole list in
    // order to save the sorting.
    let column = match (list.sort.key, narrow) {
        (SortKey::Created, false) => "created_at",
        (SortKey::Created, true) => "(created_at + 0)",
        (SortKey::Name, false) => "name_fold",
        (SortKey::Name, true) => "(name_fold || '')",
        (SortKey::Email, false) => "email_fold",
        (SortKey::Email, true) => "(email_fold || '')",
    };
    statement.page(column, list.sort.descending, list.after.as_ref(), list.limit);
    Ok(statement)
}

/// The select that counts all pages.
pub(super) fn count<D: Driver + ?Sized>(driver: &mut D, store: StoreNo, list: &CustomerList) -> Result<Statement> {
    let mut statement = Statement::new();
    statement.push(Owned::Integer(store));
    statement.sql.push_str("select count(*) from customers");
    statement.filters(list);
    if let Some(query) = &list.query {
        let tokens = telling(driver, store, query.tokens(store))?;
        add_query(&mut statement, driver, store, query, Plan::Tokens(tokens));
    }
    Ok(statement)
}
