//! What a call waits for on other threads before its own transaction.

use std::sync::Arc;

use super::{
    Answered, Context, Reply, attributes,
    command::{Command, Header},
    customers::{self, FORM_PASSWORD, Hashes},
    events,
    numbers::{NumberSource, Numbering},
    passwords,
    port::Tx,
    task::FnTask,
};
use crate::{error::Result, ops::param::AttributesChange};

/// Reads on another thread and answers from there.
pub(super) fn read_later(
    header: Header,
    reply: Reply,
    read: impl Fn(&Context<'_>, &mut dyn Tx) -> Result<String> + Send + 'static,
) {
    let database = Arc::clone(&header.session.engine.database);
    database.read(FnTask::boxed(
        Some(Arc::clone(&header.watch)),
        move |tx| read(&header.session.context(None), tx),
        move |outcome: Result<String>| reply.send(outcome.map(Answered::Json)),
    ));
}

/// Hashes the passwords that come with a call before its transaction.
pub(super) fn with_hashes(
    header: Header,
    reply: Reply,
    attributes: AttributesChange,
    form_password: Option<String>,
    then: impl FnOnce(Header, Reply, Hashes) + Send + 'static,
) {
    if attributes.0.is_empty() && form_password.is_none() {
        return then(header, reply, Hashes::new());
    }
    let database = Arc::clone(&header.session.engine.database);
    let blocking = header.session.engine.blocking.clone();
    let store = header.session.store.no;
    database.read(FnTask::boxed(
        Some(Arc::clone(&header.watch)),
        move |tx| {
            Ok(tx
                .custom_fields(store)?
                .into_iter()
                .map(|field| field.definition)
                .collect::<Vec<_>>())
        },
        move |definitions: Result<Vec<_>>| {
            let definitions = match definitions {
                Ok(definitions) => definitions,
                Err(error) => return reply.send(Err(error)),
            };
            let mut passwords = attributes::passwords_among(&definitions, &attributes);
            passwords.extend(form_password.map(|password| (FORM_PASSWORD.to_owned(), password)));
            if passwords.is_empty() {
                return then(header, reply, Hashes::new());
            }
            blocking.spawn_blocking(move || {
                let hashed = passwords
                    .into_iter()
                    .map(|(field, password)| Ok((field, passwords::hash(&password)?)));
                match hashed.collect::<Result<Hashes>>() {
                    Ok(hashes) => then(header, reply, hashes),
                    Err(error) => reply.send(Err(error)),
                }
            });
        },
    ));
}

/// Queues a command that may make a customer, which then needs a number.
pub(super) fn queue_numbered(
    header: Header,
    reply: Reply,
    run: impl FnMut(&Context<'_>, &mut dyn Tx, &NumberSource) -> Result<customers::Outcome> + Send + 'static,
) {
    let engine = Arc::clone(&header.session.engine);
    let key = (header.session.store.no, "customer");
    if !engine.database.reserves_numbers_apart() {
        return queue_with(header, reply, engine.numbers.source(key), run);
    }
    engine
        .numbers
        .ahead(&engine.database, key, move |numbers| match numbers {
            Ok(numbers) => queue_with(header, reply, numbers, run),
            Err(error) => reply.send(Err(error)),
        });
}

fn queue_with(
    header: Header,
    reply: Reply,
    numbers: NumberSource,
    mut run: impl FnMut(&Context<'_>, &mut dyn Tx, &NumberSource) -> Result<customers::Outcome> + Send + 'static,
) {
    let committed = numbers.clone();
    let reply = Reply::new(move |outcome| {
        if outcome.is_ok() {
            committed.committed();
        }
        reply.send(outcome);
    });
    Command::queue(header, reply, move |cx, tx| {
        numbers.begin();
        run(cx, tx, &numbers)
    });
}

/// Queues a command that may make objects of several kinds.
pub(super) fn queue_numbering(
    header: Header,
    reply: Reply,
    kinds: &[&'static str],
    mut run: impl FnMut(&Context<'_>, &mut dyn Tx, &Numbering) -> Result<customers::Outcome> + Send + 'static,
) {
    let session = &header.session;
    let numbers = Arc::new(Numbering::new(&session.engine.numbers, session.store.no, kinds));
    let committed = Arc::clone(&numbers);
    let reply = Reply::new(move |outcome| {
        if outcome.is_ok() {
            committed.committed();
        }
        reply.send(outcome);
    });
    Command::queue(header, reply, move |cx, tx| {
        numbers.begin();
        run(cx, tx, &numbers)
    });
}

/// Numbers all committed events of the store, a batch per transaction.
pub(super) fn number_events(header: Header, reply: Reply, then: impl FnOnce(Header, Reply) + Send + 'static) {
    let database = Arc::clone(&header.session.engine.database);
    let store = header.session.store.no;
    let watch = Some(Arc::clone(&header.watch));
    database.read(FnTask::boxed(
        watch.clone(),
        move |tx| tx.has_unnumbered_events(store),
        move |waiting: Result<bool>| match waiting {
            Err(error) => reply.send(Err(error)),
            Ok(false) => then(header, reply),
            Ok(true) => {
                let database = Arc::clone(&header.session.engine.database);
                database.write(FnTask::boxed(
                    watch,
                    move |tx| tx.number_events(store, events::RELAY_BATCH),
                    move |numbered: Result<usize>| match numbered {
                        Ok(count) if count == events::RELAY_BATCH => {
                            number_events(header, reply, Box::new(then) as Box<dyn FnOnce(Header, Reply) + Send>)
                        }
                        Ok(_) => then(header, reply),
                        Err(error) => reply.send(Err(error)),
                    },
                ));
            }
        },
    ));
}
