//! Whatever is written comes back as it was.

use proptest::prelude::*;
use proyecta::{
    domain::{checkout::SessionStatus, order::OrderStatus, order::OrderType, payment::Facts, subscription::Phase},
    engine::port::{Paging, StoreNo, SubscriptionFilter, Tx},
    error::{Code, Result},
    store::sqlite::Options,
    testing::Running,
};

use super::{dice::Dice, try_write, write};
use crate::suite::place::on_each;

const STORE: StoreNo = 1;

/// Writes one of each kind, changes each, and looks at all of them both times.
fn round_trip(tx: &mut dyn Tx, dice: &mut Dice, number: i64) -> Result<()> {
    let mut record = dice.record(number);
    tx.insert_subscription(STORE, &record)?;
    for lock in [false, true] {
        assert_eq!(tx.subscription(STORE, &record.state.id, lock)?.as_ref(), Some(&record));
    }
    let mut after = dice.record(number);
    after.state.id = record.state.id.clone();
    (after.customer, after.order, after.created_at) =
        (record.customer.clone(), record.order.clone(), record.created_at);
    tx.update_subscription(STORE, &record, &after)?;
    assert_eq!(tx.subscription(STORE, &after.state.id, false)?.as_ref(), Some(&after));
    for item in record.state.items.drain(..).chain(after.state.items.drain(..)) {
        assert_eq!(
            tx.subscription_of_item(STORE, &item.id)?.as_ref(),
            Some(&after.state.id)
        );
        assert_eq!(tx.subscription_of_item(STORE + 1, &item.id)?, None);
    }

    let order = dice.order(number);
    tx.insert_order(STORE, &order)?;
    for lock in [false, true] {
        assert_eq!(tx.order(STORE, &order.id, lock)?.as_ref(), Some(&order));
    }
    let mut after = dice.order(number);
    after.id = order.id.clone();
    tx.update_order(STORE, &after)?;
    assert_eq!(tx.order(STORE, &order.id, false)?, Some(after));
    assert_eq!(tx.order(STORE + 1, &order.id, false)?, None);

    let payment = dice.payment(number);
    tx.insert_payment(STORE, &payment)?;
    for lock in [false, true] {
        assert_eq!(tx.payment(STORE, &payment.id, lock)?.as_ref(), Some(&payment));
    }
    let mut after = dice.payment(number);
    (after.id, after.key) = (payment.id.clone(), payment.key.clone());
    tx.update_payment(STORE, &after)?;
    assert_eq!(tx.payment(STORE, &payment.id, false)?, Some(after));
    assert_eq!(tx.payment_by_key(STORE, &payment.key)?.as_ref(), Some(&payment.id));
    assert_eq!(tx.payment_by_key(STORE, "no such key")?, None);

    let session = dice.session();
    tx.insert_session(STORE, &session)?;
    for lock in [false, true] {
        assert_eq!(tx.session(STORE, &session.id, lock)?.as_ref(), Some(&session));
    }
    assert_eq!(tx.session_by_token(&session.token)?, Some((STORE, session.id.clone())));
    assert_eq!(tx.session_by_token(session.id.as_str())?, None);
    let mut after = dice.session();
    (after.id, after.token) = (session.id.clone(), session.token.clone());
    tx.update_session(STORE, &after)?;
    assert_eq!(tx.session(STORE, &session.id, false)?, Some(after));
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]

    #[test]
    fn any_record_survives(seed in any::<u64>()) {
        let running = Running::start(&Options::memory());
        write(&running, move |tx| {
            let mut dice = Dice::new(seed);
            (1..=100).try_for_each(|number| round_trip(tx, &mut dice, number))
        });
    }
}

#[test]
fn any_record_survives_on_each_database() {
    on_each(|place| {
        write(&place.start(), |tx| {
            let mut dice = Dice::new(5);
            (1..=60).try_for_each(|number| round_trip(tx, &mut dice, number))
        });
    });
}

#[test]
fn every_word_of_a_state_is_kept_and_found() {
    on_each(|place| {
        write(&place.start(), |tx| {
            let mut dice = Dice::new(6);
            let mut number = 0;
            let mut next = || {
                number += 1;
                number
            };
            for (phase, _) in Phase::ALL {
                let mut record = dice.record(next());
                record.state.phase = phase;
                tx.insert_subscription(STORE, &record)?;
                let filter = SubscriptionFilter {
                    customer: None,
                    phases: vec![phase],
                };
                let paging = Paging { after: None, limit: 10 };
                assert_eq!(tx.list_subscriptions(STORE, &filter, &paging)?, [record.clone()]);
                let live = tx.live_subscriptions(STORE, &record.customer)?;
                assert_eq!(live.len(), usize::from(!phase.is_final()), "{phase:?}");
            }
            for (kind, _) in OrderType::ALL {
                for (status, _) in OrderStatus::ALL {
                    let mut order = dice.order(next());
                    (order.kind, order.status) = (kind, status);
                    tx.insert_order(STORE, &order)?;
                    assert_eq!(tx.order(STORE, &order.id, false)?, Some(order));
                }
            }
            for (status, _) in SessionStatus::ALL {
                let mut session = dice.session();
                session.status = status;
                tx.insert_session(STORE, &session)?;
                assert_eq!(tx.session(STORE, &session.id, false)?, Some(session));
            }
            Ok(())
        });
    });
}

/// A subscription that an end was undone for would be found again as well.
#[test]
fn the_columns_follow_the_body() {
    on_each(|place| {
        write(&place.start(), |tx| {
            let mut dice = Dice::new(7);
            let mut record = dice.record(1);
            record.state.phase = Phase::Active;
            tx.insert_subscription(STORE, &record)?;
            let mut ended = record.clone();
            ended.state.phase = Phase::Canceled;
            tx.update_subscription(STORE, &record, &ended)?;
            assert_eq!(tx.live_subscriptions(STORE, &record.customer)?, []);
            tx.update_subscription(STORE, &ended, &record)?;
            assert_eq!(tx.live_subscriptions(STORE, &record.customer)?, [record]);
            let mut payment = dice.payment(1);
            (payment.facts, payment.amount) = (Facts::default(), 100);
            tx.insert_payment(STORE, &payment)?;
            for (facts, status) in [
                (Facts::default(), "pending"),
                (
                    Facts {
                        lost: true,
                        ..Facts::default()
                    },
                    "unknown",
                ),
                (
                    Facts {
                        refunded: 100,
                        ..Facts::default()
                    },
                    "refunded",
                ),
            ] {
                payment.facts = facts;
                tx.update_payment(STORE, &payment)?;
                let filter = proyecta::engine::port::PaymentFilter {
                    status: Some(payment.status()),
                    ..Default::default()
                };
                assert_eq!(payment.status().name(), status);
                let found = tx.list_payments(STORE, &filter, &Paging { after: None, limit: 10 })?;
                assert_eq!(found, [payment.clone()]);
            }
            Ok(())
        });
    });
}

#[test]
fn two_payments_have_no_key_in_common() {
    on_each(|place| {
        let running = place.start();
        let failed = try_write(&running, |tx| {
            let mut dice = Dice::new(8);
            let (one, mut other) = (dice.payment(1), dice.payment(2));
            other.key.clone_from(&one.key);
            tx.insert_payment(STORE, &one)?;
            tx.insert_payment(STORE, &other)
        });
        assert!(failed.is_err());
    });
}

/// A body with a member, or a word, that this version does not know is left
/// alone: read and written back it would lose them.
#[test]
fn what_a_newer_version_wrote_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.db");
    let running = Running::start_on(path.to_str().unwrap());
    let record = Dice::new(9).record(1);
    let mut order = Dice::new(9).order(1);
    while order.items.is_empty() {
        order = Dice::new(order.total as u64).order(1);
    }
    let (payment, session) = (Dice::new(9).payment(1), Dice::new(9).session());
    let (kept_record, kept_order, kept_payment, kept_session) =
        (record.clone(), order.clone(), payment.clone(), session.clone());
    write(&running, move |tx| {
        tx.insert_subscription(STORE, &kept_record)?;
        tx.insert_order(STORE, &kept_order)?;
        tx.insert_payment(STORE, &kept_payment)?;
        tx.insert_session(STORE, &kept_session)
    });
    let file = rusqlite::Connection::open(&path).unwrap();
    let body = |table: &str| -> String {
        file.query_row(&format!("select body from {table}"), [], |row| row.get(0))
            .unwrap()
    };
    let refused = |table: &str, from: &str, to: &str| {
        let before = body(table);
        let newer = before.replacen(from, to, 1);
        assert_ne!(before, newer, "{table} has no {from}");
        let set = |body: &str| file.execute(&format!("update {table} set body = ?1"), [body]).unwrap();
        set(&newer);
        let (record, order, payment, session) = (
            record.state.id.clone(),
            order.id.clone(),
            payment.id.clone(),
            session.id.clone(),
        );
        let read = match table {
            "subscriptions" => try_write(&running, move |tx| tx.subscription(STORE, &record, true).map(drop)),
            "orders" => try_write(&running, move |tx| tx.order(STORE, &order, true).map(drop)),
            "payments" => try_write(&running, move |tx| tx.payment(STORE, &payment, true).map(drop)),
            _ => try_write(&running, move |tx| tx.session(STORE, &session, true).map(drop)),
        };
        assert_eq!(read.unwrap_err().code(), Code::DatabaseNewer, "{table}: {to}");
        assert_eq!(body(table), newer);
        set(&before);
    };
    for table in ["subscriptions", "orders", "payments", "checkout_sessions"] {
        refused(table, "{", "{\"colour\":\"red\",");
    }
    refused("orders", "\"status\":\"", "\"status\":\"un");
    refused("orders", "\"params\":{", "\"params\":{\"colour\":\"red\",");
    refused("subscriptions", "\"interval\":{", "\"interval\":{\"colour\":\"red\",");
    refused("subscriptions", "\"phase\":\"", "\"phase\":\"un");
    refused("payments", "\"facts\":{", "\"facts\":{\"colour\":\"red\",");
}

#[test]
fn no_token_is_in_the_global_table() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.db");
    let running = Running::start_on(path.to_str().unwrap());
    let session = Dice::new(10).session();
    let kept = session.clone();
    write(&running, move |tx| tx.insert_session(STORE, &kept));
    running.close();
    let file = rusqlite::Connection::open(&path).unwrap();
    let (token, subject): (Vec<u8>, String) = file
        .query_row("select token, subject from public_tokens", [], |row| {
            Ok((row.get(0)?, row.get(1)?))
        })
        .unwrap();
    assert_eq!(token.len(), 32);
    assert_eq!(subject, session.id.as_str());
}
