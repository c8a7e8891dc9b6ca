//! `customers.list`: filters, order and pages.

use std::sync::Arc;

use super::{
    Context, Session,
    customers::not_found,
    page::{self, Page},
    port::{CustomerList, Found, Position, Tx, Watch},
    task::FnTask,
    to_json,
};
use crate::{
    domain::{customer::Customer, instant::Instant, search::Query, text},
    error::{Error, Result},
    ops::{
        customer::{self as ops, CustomerListParams},
        param::{Expand, Sort, SortKey},
        read::Input,
    },
};

/// `customers.list`.
pub fn list(cx: &Context<'_>, tx: &mut dyn Tx, params: &CustomerListParams) -> Result<String> {
    let mut list = prepare_list(params)?;
    let query = same_query(&list);
    list.after = start(cx, tx, params, &list, &query)?;
    let total = match params
        .expand
        .iter()
        .flat_map(|expand| &expand.0)
        .any(|what| *what == Expand::Total)
    {
        true => Some(tx.count_customers(cx.store.no, &list)?),
        false => None,
    };
    list.limit = params.limit.0 + 1;
    let rows = tx.list_customers(cx.store.no, &list)?;
    let cursor = |last: &Customer| page::seal(cx.store, &query, &position(&list, last));
    to_json(&Page::new(rows, params.limit.0, total, cursor, ops::Customer::from)?)
}

impl Session {
    /// The next customers in the order of creation, for whoever needs them
    /// all: those behind `after`, which is the last one of the page before.
    pub fn next_customers(
        self: &Arc<Self>,
        after: Option<&Customer>,
        limit: usize,
        watch: &Arc<Watch>,
        done: impl FnOnce(Result<Vec<Customer>>) + Send + 'static,
    ) {
        let store = self.store.no;
        let list = CustomerList {
            query: None,
            email: None,
            status: None,
            created_from: None,
            created_until: None,
            sort: Sort {
                key: SortKey::Created,
                descending: false,
            },
            after: after.map(|last| Position::Time(last.created_at.micros(), last.id.as_str().to_owned())),
            limit,
        };
        let run = move |tx: &mut dyn Tx| tx.list_customers(store, &list);
        self.engine
            .database
            .read(FnTask::boxed(Some(Arc::clone(watch)), run, done));
    }

    /// How many customers the store has.
    pub fn count_customers(self: &Arc<Self>, done: impl FnOnce(Result<i64>) + Send + 'static) {
        let session = Arc::clone(self);
        let run = move |tx: &mut dyn Tx| {
            let all = prepare_list(&CustomerListParams::read_input(serde_json::json!({}))?)?;
            tx.count_customers(session.store.no, &all)
        };
        self.engine.database.read(FnTask::boxed(None, run, done));
    }
}

fn prepare_list(params: &CustomerListParams) -> Result<CustomerList> {
    let created = params.created.as_ref();
    let after = |instant: Instant| instant.micros().saturating_add(1);
    let from = [
        params.created_after.map(after),
        created.and_then(|filter| filter.gt).map(after),
        created.and_then(|filter| filter.gte).map(Instant::micros),
    ];
    let until = [
        params.created_before.map(Instant::micros),
        created.and_then(|filter| filter.lt).map(Instant::micros),
        created.and_then(|filter| filter.lte).map(after),
    ];
    if params.cursor.is_some() && params.starting_after.is_some() {
        return Err(Error::invalid(
            "startingAfter",
            "and cursor are given together: give one of them",
        ));
    }
    Ok(CustomerList {
        query: params.query.as_ref().and_then(|typed| Query::new(&typed.0)),
        email: params.email.as_ref().map(|email| email.0.clone()),
        status: params.status,
        created_from: from.into_iter().flatten().max(),
        created_until: until.into_iter().flatten().min(),
        sort: params.sort.unwrap_or(Sort {
            key: SortKey::Created,
            descending: true,
        }),
        after: None,
        limit: params.limit.0,
    })
}

/// What must be the same for a cursor to go on with a list.
fn same_query(list: &CustomerList) -> String {
    let CustomerList {
        query,
        email,
        status,
        created_from,
        created_until,
        sort,
        ..
    } = list;
    format!("customers.list {query:?} {email:?} {status:?} {created_from:?} {created_until:?} {sort:?}")
}

fn start(
    cx: &Context<'_>,
    tx: &mut dyn Tx,
    params: &CustomerListParams,
    list: &CustomerList,
    query: &str,
) -> Result<Option<Position>> {
    if let Some(cursor) = &params.cursor {
        return page::open(cx.store, query, &cursor.0).map(Some);
    }
    let Some(id) = &params.starting_after else {
        return Ok(None);
    };
    match tx.customer(cx.store.no, id, false)? {
        Some(Found::Live(customer)) => Ok(Some(position(list, &customer))),
        // Of a deleted one only its place in time is known.
        Some(Found::Deleted(at)) if list.sort.key == SortKey::Created => {
            Ok(Some(Position::Time(at.micros(), id.as_str().to_owned())))
        }
        _ => Err(not_found(&format!("id {}", id.as_str()), "startingAfter")),
    }
}

fn position(list: &CustomerList, last: &Customer) -> Position {
    let id = last.id.as_str().to_owned();
    match list.sort.key {
        SortKey::Created => Position::Time(last.created_at.micros(), id),
        SortKey::Name => Position::Text(last.profile.name.as_deref().map(text::fold).unwrap_or_default(), id),
        SortKey::Email => Position::Text(
            last.profile
                .email
                .as_ref()
                .map(|email| email.key().to_owned())
                .unwrap_or_default(),
            id,
        ),
    }
}
