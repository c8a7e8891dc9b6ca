//! Pages and searches, held against what a plain list would give.

use proptest::prelude::*;
use proyecta::{ops::Op, store::sqlite::Options, testing::Running};
use serde_json::{Value, json};

fn ids(running: &Running, input: &Value) -> Vec<String> {
    let mut ids = Vec::new();
    let mut input = input.clone();
    loop {
        let page = running.call(Op::CustomersList, &input).unwrap();
        ids.extend(
            page["data"]
                .as_array()
                .unwrap()
                .iter()
                .map(|one| one["id"].as_str().unwrap().to_owned()),
        );
        if page["nextCursor"].is_null() {
            return ids;
        }
        input["cursor"] = page["nextCursor"].clone();
    }
}

#[derive(Debug, Clone)]
enum Change {
    Create(u16),
    Delete(usize),
    Touch(usize),
}

fn change() -> impl Strategy<Value = Change> {
    prop_oneof![
        any::<u16>().prop_map(Change::Create),
        (0_usize..40).prop_map(Change::Delete),
        (0_usize..40).prop_map(Change::Touch)
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    /// Whoever walks the pages while customers come and go sees each that was
    /// there all the time exactly once.
    #[test]
    fn every_surviving_customer_is_seen_once(sort in prop::sample::select(vec!["created", "-created", "name", "-name", "email", "-email"]), limit in 1_usize..7, changes in prop::collection::vec(change(), 0..60)) {
        let running = Running::start(&Options::memory());
        let create = |n: u32| running.call(Op::CustomersCreate, &json!({ "email": format!("u{n}@example.com"), "name": format!("이름 {}", n % 5) }));
        let mut there: Vec<String> = (0..40).map(|n| create(n).unwrap()["id"].as_str().unwrap().to_owned()).collect();
        let all = there.clone();
        let mut seen: Vec<String> = Vec::new();
        let mut input = json!({ "sort": sort, "limit": limit });
        let mut changes = changes.into_iter();
        loop {
            let page = running.call(Op::CustomersList, &input).unwrap();
            seen.extend(page["data"].as_array().unwrap().iter().map(|one| one["id"].as_str().unwrap().to_owned()));
            if page["nextCursor"].is_null() {
                break;
            }
            input["cursor"] = page["nextCursor"].clone();
            for change in changes.by_ref().take(3) {
                match change {
                    Change::Create(n) => drop(create(1000 + u32::from(n)).unwrap()),
                    Change::Delete(at) if at < there.len() => {
                        let id = there.swap_remove(at);
                        running.call(Op::CustomersDelete, &json!({ "customerId": id })).unwrap();
                    }
                    Change::Touch(at) if at < there.len() => {
                        running.call(Op::CustomersUpdate, &json!({ "customerId": there[at], "metadata": { "touched": "yes" } })).unwrap();
                    }
                    Change::Delete(_) | Change::Touch(_) => {}
                }
            }
        }
        for id in &all {
            let times = seen.iter().filter(|one| *one == id).count();
            prop_assert!(times <= 1, "{} was seen {} times", id, times);
            if there.contains(id) {
                prop_assert_eq!(times, 1, "{} was there all the time", id);
            }
        }
    }

    /// A search finds exactly what a look at every customer would.
    #[test]
    fn a_search_finds_what_a_plain_look_does(people in prop::collection::vec(("[김이박철수영희a-c %_'\"-]{0,6}", "[a-c0-2]{1,4}"), 1..25), queries in prop::collection::vec("[김이박철수영희A-Ca-c@.%_'\"*-]{1,4}", 1..6)) {
        let running = Running::start(&Options::memory());
        let mut known: Vec<(String, String, String)> = Vec::new();
        for (name, local) in people {
            let email = format!("{local}@ab.co");
            let input = if name.trim().is_empty() { json!({ "email": email }) } else { json!({ "email": email, "name": name }) };
            let made = running.call(Op::CustomersCreate, &input).unwrap();
            let id = made["id"].as_str().unwrap().to_owned();
            if known.iter().all(|(other, ..)| *other != id) {
                known.push((id, made["name"].as_str().unwrap_or_default().to_lowercase(), email));
            }
        }
        for query in queries {
            let found = ids(&running, &json!({ "query": query, "sort": "created" }));
            let wanted = query.trim().to_lowercase();
            let short = wanted.chars().count() < 2 || wanted.is_ascii() && wanted.len() < 3;
            let fits = |text: &str| if short { text.starts_with(&wanted) } else { text.contains(&wanted) };
            let expected: Vec<String> = known.iter().filter(|(_, name, email)| fits(name) || fits(email)).map(|(id, ..)| id.clone()).collect();
            prop_assert_eq!(found, expected, "query {:?}", query);
        }
    }
}

#[test]
fn many_matches_are_walked_and_few_are_fetched() {
    let running = Running::start(&Options::memory());
    let waiting: Vec<_> = (0..12_000)
        .map(|n| running.begin(Op::CustomersCreate, &json!({ "email": format!("user{n}@example.com"), "name": if n % 1000 == 0 { "드문 사람" } else { "흔한 이름" } }), None))
        .collect();
    waiting
        .into_iter()
        .for_each(|answer| drop(answer.recv().unwrap().unwrap()));
    for (query, expected) in [
        ("흔한", 11_988),
        ("드문", 12),
        ("user1199", 11),
        ("example", 12_000),
        ("us", 12_000),
        ("cus_", 12_000),
    ] {
        let page = running
            .call(
                Op::CustomersList,
                &json!({ "query": query, "limit": 100, "expand": ["total"] }),
            )
            .unwrap();
        assert_eq!(page["total"], expected, "{query}");
        assert_eq!(page["data"].as_array().unwrap().len(), expected.min(100), "{query}");
    }
    assert_eq!(ids(&running, &json!({ "query": "흔한", "limit": 100 })).len(), 11_988);
}
