//! Importing customers: rows become customers in batches. A row goes in as a
//! whole or not at all; its neighbours go in even when it is refused.

use std::{
    collections::HashSet,
    hash::{DefaultHasher, Hash, Hasher},
    sync::Arc,
};

use super::{
    Context, Session,
    customers::{self, Hashes},
    port::{CustomFieldRecord, Tx, Watch},
    task::FnTask,
};
use crate::{
    domain::{customer::Customer, id::CustomerId, words::Locale},
    error::{Error, Kind, Result},
    ops::{
        customer::{CustomerCreateParams, CustomerUpdateParams},
        param::OnExisting,
    },
};

/// A row that was read well.
#[derive(Debug, Clone)]
pub struct Draft {
    /// The row's number, for its errors.
    pub row: i64,
    /// What it says, for a new customer.
    pub create: CustomerCreateParams,
    /// What it says, for one that is there; the id is filled in here.
    pub update: Option<CustomerUpdateParams>,
}

/// What became of a row.
#[derive(Debug, Clone)]
pub enum Fate {
    /// A new customer.
    Created,
    /// A customer got new values.
    Updated,
    /// A customer was there and stayed as it was.
    Unchanged,
    /// Refused.
    Failed(Error),
}

/// What a table of customers has for its headings.
#[derive(Debug, Clone)]
pub struct Headings {
    /// The store's custom fields.
    pub fields: Vec<CustomFieldRecord>,
    /// Whether they are in Korean: by the store's `locale`, or its zone.
    pub korean: bool,
}

/// How rows are treated.
#[derive(Debug, Clone, Copy)]
pub struct Policy {
    /// What to do with a customer that is there.
    pub on_existing: OnExisting,
    /// Check only.
    pub dry_run: bool,
}

/// What a dry run has seen of the file: it writes nothing, so that a later row
/// cannot find an earlier one in the database. Only hashes are kept, to hold
/// a million rows in little memory.
#[derive(Debug, Default)]
pub struct Seen(HashSet<u64>);

impl Seen {
    fn insert(&mut self, kind: &str, value: &str) -> bool {
        let mut hasher = DefaultHasher::new();
        (kind, value).hash(&mut hasher);
        self.0.insert(hasher.finish())
    }
}

impl Session {
    /// Runs one batch in one transaction and hands over what became of each
    /// row, or why none of them could go in.
    pub fn import_batch(
        self: &Arc<Self>,
        policy: Policy,
        drafts: Vec<Draft>,
        watch: &Arc<Watch>,
        done: impl FnOnce(Result<Vec<(i64, Fate)>>) + Send + 'static,
    ) {
        let session = Arc::clone(self);
        let task = FnTask::boxed(
            Some(Arc::clone(watch)),
            move |tx| write_batch(&session.context(None), tx, policy, &drafts),
            done,
        );
        self.engine.database.write(task);
    }

    /// Checks one batch without writing.
    pub fn check_batch(
        self: &Arc<Self>,
        policy: Policy,
        drafts: Vec<Draft>,
        mut seen: Seen,
        watch: &Arc<Watch>,
        done: impl FnOnce(Result<(Seen, Vec<(i64, Fate)>)>) + Send + 'static,
    ) {
        let session = Arc::clone(self);
        let run = move |tx: &mut dyn Tx| {
            let cx = session.context(None);
            let mut fates = Vec::with_capacity(drafts.len());
            for draft in &drafts {
                fates.push((draft.row, settle(check_row(&cx, tx, policy, draft, &mut seen))?));
            }
            Ok((std::mem::take(&mut seen), fates))
        };
        self.engine
            .database
            .read(FnTask::boxed(Some(Arc::clone(watch)), run, done));
    }

    /// The store's custom fields, which an import's columns may name.
    pub fn custom_fields(&self, done: impl FnOnce(Result<Vec<CustomFieldRecord>>) + Send + 'static) {
        let store = self.store.no;
        self.engine
            .database
            .read(FnTask::boxed(None, move |tx| tx.custom_fields(store), done));
    }

    /// What a table of customers has for its headings.
    pub fn headings(&self, done: impl FnOnce(Result<Headings>) + Send + 'static) {
        let store = self.store.no;
        let read = move |tx: &mut dyn Tx| {
            let row = tx.settings(store, false)?;
            let korean = row.is_some_and(|row| {
                let chosen = row.saved.is_some_and(|saved| saved.settings.locale == Locale::Ko);
                chosen || row.zone.name() == "Asia/Seoul"
            });
            Ok(Headings {
                fields: tx.custom_fields(store)?,
                korean,
            })
        };
        self.engine.database.read(FnTask::boxed(None, read, done));
    }

    /// Runs work that computes for long.
    pub fn spawn_blocking(&self, work: impl FnOnce() + Send + 'static) {
        self.engine.blocking.spawn_blocking(work);
    }

    /// Runs work that waits for other work: a thread of its own, so that it
    /// does not take one from those it waits for. Without one the work is
    /// dropped.
    pub fn spawn_thread(&self, work: impl FnOnce() + Send + 'static) {
        drop(std::thread::Builder::new().name("proyecta-import".into()).spawn(work));
    }
}

fn write_batch(cx: &Context<'_>, tx: &mut dyn Tx, policy: Policy, drafts: &[Draft]) -> Result<Vec<(i64, Fate)>> {
    let cx = &cx.of_store(tx)?;
    // A batch is a transaction of its own anyway: its numbers come with it.
    let first = tx.reserve_numbers(cx.store.no, "customer", drafts.len() as i64)?;
    let mut fates = Vec::with_capacity(drafts.len());
    for (draft, number) in drafts.iter().zip(first..) {
        fates.push((draft.row, settle(write_row(cx, tx, policy, draft, number))?));
    }
    Ok(fates)
}

/// A row's own error is its fate; one of the database is the batch's.
fn settle(outcome: Result<Fate>) -> Result<Fate> {
    match outcome {
        Err(error) if matches!(error.code().kind(), Kind::Unavailable | Kind::Internal) => Err(error),
        Err(error) => Ok(Fate::Failed(error)),
        Ok(fate) => Ok(fate),
    }
}

/// Everything that can refuse a row comes before anything that writes.
fn write_row(cx: &Context<'_>, tx: &mut dyn Tx, policy: Policy, draft: &Draft, number: i64) -> Result<Fate> {
    let params = &draft.create;
    let Some(existing) = customers::existing(cx, tx, params)? else {
        customers::add(
            cx,
            tx,
            params.id.clone(),
            customers::profile(params)?,
            &params.attributes,
            number,
            &Hashes::new(),
        )?;
        return Ok(Fate::Created);
    };
    match change(cx, tx, policy, draft, &existing)? {
        Some(after) => customers::save(cx, tx, "customer.updated", existing, after, false).map(|_| Fate::Updated),
        None => Ok(Fate::Unchanged),
    }
}

/// What a row makes of the customer that is there, if anything.
fn change(
    cx: &Context<'_>,
    tx: &mut dyn Tx,
    policy: Policy,
    draft: &Draft,
    existing: &Customer,
) -> Result<Option<Customer>> {
    let Some(params) = draft
        .update
        .as_ref()
        .filter(|_| policy.on_existing == OnExisting::Update)
    else {
        return Ok(None);
    };
    let mut params = params.clone();
    params.customer_id = existing.id.clone();
    let (after, _) = customers::changed(cx, tx, &params, existing)?;
    Ok(Some(after).filter(|after| after != existing))
}

fn check_row(cx: &Context<'_>, tx: &mut dyn Tx, policy: Policy, draft: &Draft, seen: &mut Seen) -> Result<Fate> {
    let params = &draft.create;
    if let Some(existing) = customers::existing(cx, tx, params)? {
        let changed = change(cx, tx, policy, draft, &existing)?;
        return Ok(changed.map_or(Fate::Unchanged, |_| Fate::Updated));
    }
    let mut profile = customers::profile(params)?;
    let id = params
        .id
        .clone()
        .unwrap_or_else(|| CustomerId::from_bits(cx.ids.uuid(cx.now)));
    customers::check_new(cx, tx, &id, &mut profile, &params.attributes)?;
    if !seen.insert("email", params.email.key()) {
        // An earlier row would have made this customer.
        return Ok(Fate::Unchanged);
    }
    let own = [
        ("id", params.id.as_ref().map(CustomerId::as_str)),
        ("key", profile.key.as_deref()),
        ("username", profile.username.as_deref()),
    ];
    for (param, value) in own {
        if let Some(value) = value
            && !seen.insert(param, value)
        {
            return Err(Error::invalid(
                param,
                "is in an earlier row of the file with another email",
            ));
        }
    }
    Ok(Fate::Created)
}
