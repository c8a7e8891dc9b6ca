//! Searches and orders give the same rows on both databases.

use proptest::{
    prelude::*,
    test_runner::{Config, TestRunner},
};
use proyecta::{ops::Op, store::sqlite::Options, testing::Running};
use serde_json::{Value, json};

use crate::suite::place::{Schema, servers};

const FAMILY: [&str; 8] = ["김", "이", "박", "최", "Kim", "LEE", "Ångström", "o'Brien"];
const GIVEN: [&str; 10] = [
    "민준", "서연", "하늘", "길동", "Minjun", "seo-yeon", "Zoë", "100%", "_under", "ü",
];

fn fill(running: &Running) {
    for n in 0..400_usize {
        let name = format!("{} {}{}", FAMILY[n * 7 % 8], GIVEN[n * 3 % 10], n % 13);
        let email = format!("User{}.{}@shop{}.example", n * 37 % 400, n % 5, n % 7);
        let input = json!({ "id": format!("cus_n{:03}", n * 211 % 400), "email": email, "name": name });
        running.call(Op::CustomersCreate, &input).unwrap();
    }
}

fn ids(running: &Running, input: &Value) -> Vec<String> {
    let mut ids = Vec::new();
    let mut input = input.clone();
    loop {
        let page = running.call(Op::CustomersList, &input).unwrap();
        for one in page["data"].as_array().unwrap() {
            ids.push(one["id"].as_str().unwrap().to_owned());
        }
        if page["nextCursor"].is_null() {
            ids.push(format!("total {}", page["total"]));
            return ids;
        }
        input["cursor"] = page["nextCursor"].clone();
    }
}

/// Parts of what is there, and what is not; of every length.
fn query() -> impl Strategy<Value = String> {
    prop_oneof![
        (0_usize..400, 0_usize..30, 1_usize..12).prop_map(|(n, from, length)| {
            let text = format!(
                "{} {}{} user{}.{}@shop{}.example",
                FAMILY[n * 7 % 8],
                GIVEN[n * 3 % 10],
                n % 13,
                n * 37 % 400,
                n % 5,
                n % 7
            );
            text.chars().skip(from).take(length).collect::<String>()
        }),
        "[a-z0-9@.]{1,6}",
        "cus_n[0-9]{0,3}",
        prop::sample::select(vec![
            "%",
            "_",
            "'",
            "\\",
            "길동",
            "ㄱ",
            "  kim",
            "KIM 민",
            "ANGSTRÖM",
            "a b"
        ])
        .prop_map(str::to_owned),
    ]
    .prop_filter("a query has a letter", |query| !query.trim().is_empty())
}

#[test]
fn both_databases_find_the_same_in_the_same_order() {
    let sqlite = Running::start(&Options::memory());
    fill(&sqlite);
    for server in servers() {
        let schema = Schema::new(&server);
        let postgres = Running::start_on(&schema.url());
        fill(&postgres);
        let sort = prop::sample::select(vec!["created", "-created", "name", "-name", "email", "-email"]);
        let found = std::cell::Cell::new(0);
        TestRunner::new(Config::with_cases(600))
            .run(
                &(prop::option::weighted(0.9, query()), sort, 5_usize..100),
                |(query, sort, limit)| {
                    let mut input = json!({ "sort": sort, "limit": limit, "expand": ["total"] });
                    if let Some(query) = query {
                        input["query"] = query.into();
                    }
                    let expected = ids(&sqlite, &input);
                    prop_assert_eq!(&ids(&postgres, &input), &expected, "{}", input);
                    found.set(found.get() + usize::from(expected.len() > 1));
                    Ok(())
                },
            )
            .unwrap();
        assert!(found.get() > 150, "most searches find something: {}", found.get());
    }
}
