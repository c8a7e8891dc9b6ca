//! Promises that need more than one engine on a store, on every database.

use std::collections::{BTreeSet, HashSet};

use proyecta::{engine::SessionOptions, error::Code, ops::Op, testing::Running};
use serde_json::{Value, json};

use super::place::{Place, on_each};

fn text<'a>(value: &'a Value, name: &str) -> &'a str {
    value[name].as_str().unwrap()
}

#[test]
fn one_address_is_one_customer_on_many_engines() {
    on_each(|place| {
        let engines: Vec<Running> = place.start_many(3);
        let spellings = ["kim@example.com", "KIM@example.com", " Kim@Example.COM "];
        let answers: Vec<_> = (0..300)
            .map(|n| {
                engines[n % 3].begin(
                    Op::CustomersCreate,
                    &json!({ "email": spellings[n % 7 % 3], "name": n.to_string() }),
                    None,
                )
            })
            .collect();
        let answers: Vec<Value> = answers
            .into_iter()
            .map(|answer| answer.recv().unwrap().unwrap())
            .collect();
        assert!(answers.iter().all(|answer| *answer == answers[0]));
        let events = engines[0].call(Op::EventsList, &json!({})).unwrap();
        assert_eq!(events["data"].as_array().unwrap().len(), 1);
    });
}

#[test]
fn shared_addresses_in_any_order_are_made_once() {
    on_each(|place| {
        let engines: Vec<Running> = place.start_many(4);
        let answers: Vec<_> = (0..1200_usize)
            .map(|n| {
                // Every engine goes through the addresses in another order.
                let address = (n / 4 * [7, 11, 13, 17][n % 4]) % 60;
                let input = json!({ "email": format!("u{address}@example.com"), "name": "x" });
                (address, engines[n % 4].begin(Op::CustomersCreate, &input, None))
            })
            .collect();
        let made: HashSet<(usize, String)> = answers
            .into_iter()
            .map(|(address, answer)| (address, text(&answer.recv().unwrap().unwrap(), "id").to_owned()))
            .collect();
        assert_eq!(made.len(), 60, "every caller sees the same id");
    });
}

/// The stores that engines find which start together on an empty database.
fn stores_of_many(place: &Place, options: &SessionOptions) -> HashSet<String> {
    std::thread::scope(|scope| {
        let threads: Vec<_> = (0..12)
            .map(|_| {
                scope.spawn(|| {
                    let running = Running::try_start_on(&place.database(), options.clone()).unwrap();
                    text(&running.call(Op::StoreGet, &json!({})).unwrap(), "id").to_owned()
                })
            })
            .collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    })
}

#[test]
fn an_empty_database_may_be_opened_by_many_at_once() {
    on_each(|place| {
        let stores = stores_of_many(place, &SessionOptions::default());
        assert_eq!(stores.len(), 1, "one store, whoever made it");
    });
}

#[test]
fn events_have_places_without_gaps_whoever_wrote_them() {
    on_each(|place| {
        let engines: Vec<Running> = place.start_many(2);
        let created: Vec<_> = (0..400)
            .map(|n| {
                let input = json!({ "email": format!("u{n}@example.com") });
                engines[n % 2].begin(Op::CustomersCreate, &input, None)
            })
            .collect();
        let mut places: Vec<i64> = Vec::new();
        let mut subjects = BTreeSet::new();
        let mut waiting = created.into_iter();
        let mut done = false;
        while !done {
            let finished: Vec<Value> = waiting
                .by_ref()
                .take(20)
                .map(|one| one.recv().unwrap().unwrap())
                .collect();
            done = finished.is_empty();
            loop {
                let after = places.last().copied().unwrap_or(0);
                let page = engines[places.len() % 2]
                    .call(Op::EventsList, &json!({ "after": after, "limit": 100 }))
                    .unwrap();
                let rows = page["data"].as_array().unwrap();
                if rows.is_empty() {
                    break;
                }
                for row in rows {
                    places.push(row["seq"].as_i64().unwrap());
                    subjects.insert(text(row, "subjectId").to_owned());
                }
            }
        }
        assert_eq!(places, (1..=400).collect::<Vec<i64>>());
        assert_eq!(subjects.len(), 400);
    });
}

#[test]
fn one_idempotency_key_has_one_answer_on_many_engines() {
    on_each(|place| {
        let engines: Vec<Running> = place.start_many(4);
        let id = text(
            &engines[0]
                .call(Op::CustomersCreate, &json!({ "email": "a@example.com" }))
                .unwrap(),
            "id",
        )
        .to_owned();
        for round in 0..20 {
            let input = json!({ "customerId": id, "name": format!("Name {round}") });
            let answers: Vec<_> = (0..8)
                .map(|n| engines[n % 4].begin(Op::CustomersUpdate, &input, Some(&format!("key-{round}"))))
                .collect();
            let answers: Vec<Value> = answers
                .into_iter()
                .map(|answer| answer.recv().unwrap().unwrap())
                .collect();
            assert!(answers.iter().all(|answer| *answer == answers[0]), "{answers:?}");
        }
    });
}

#[test]
fn no_update_is_lost() {
    on_each(|place| {
        let engines: Vec<Running> = place.start_many(3);
        let id = text(
            &engines[0]
                .call(Op::CustomersCreate, &json!({ "email": "a@example.com" }))
                .unwrap(),
            "id",
        )
        .to_owned();
        let updates: Vec<_> = (0..48)
            .map(|n| {
                let mut metadata = serde_json::Map::new();
                metadata.insert(format!("key{n}"), "x".into());
                let input = json!({ "customerId": id, "metadata": metadata });
                engines[n % 3].begin(Op::CustomersUpdate, &input, None)
            })
            .collect();
        for update in updates {
            update.recv().unwrap().unwrap();
        }
        let customer = engines[0].call(Op::CustomersGet, &json!({ "customerId": id })).unwrap();
        assert_eq!(customer["metadata"].as_object().unwrap().len(), 48);
        assert_eq!(customer["version"], 49);
    });
}

#[test]
fn a_call_that_fails_spoils_no_other() {
    on_each(|place| {
        let running = place.start();
        let calls: Vec<_> = (0..90)
            .map(|n| {
                // Every third asks for a user name that is taken.
                let username = if n % 3 == 0 {
                    "taken".to_owned()
                } else {
                    format!("user{n}")
                };
                let input = json!({ "email": format!("u{n}@example.com"), "username": username });
                running.begin(Op::CustomersCreate, &input, None)
            })
            .collect();
        let outcomes: Vec<_> = calls.into_iter().map(|call| call.recv().unwrap()).collect();
        let failed: Vec<_> = outcomes.iter().filter_map(|outcome| outcome.as_ref().err()).collect();
        assert_eq!(failed.len(), 29);
        assert!(failed.iter().all(|error| error.code() == Code::UsernameTaken));
        let page = running
            .call(Op::CustomersList, &json!({ "limit": 100, "expand": ["total"] }))
            .unwrap();
        assert_eq!(page["total"], 61);
    });
}

#[test]
fn many_that_start_with_one_key_on_an_empty_database_share_its_store() {
    on_each(|place| {
        let options = SessionOptions {
            api_key: Some("sk_test_0123456789abcdef01234567".to_owned()),
            ..SessionOptions::default()
        };
        assert_eq!(stores_of_many(place, &options).len(), 1);
    });
}
