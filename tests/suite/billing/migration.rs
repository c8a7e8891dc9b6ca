//! A database of the version before subscriptions, opened by this one.

use proyecta::{
    domain::{id::CustomerId, instant::Instant},
    ops::Op,
};
use serde_json::json;

use super::write;
use crate::suite::place::{Place, on_each};

const BEFORE: [&str; 3] = [
    include_str!("../../../src/store/migration/0001_customers.sql"),
    include_str!("../../../src/store/migration/0002_api_keys.sql"),
    include_str!("../../../src/store/migration/0003_catalogue.sql"),
];

/// What the migrations become for one database, and two customers: one lives,
/// one was deleted.
fn schema_three(tokens: [(&str, &str); 6]) -> String {
    let mut sql = format!(
        "create table schema_migrations (number {{bigint}} not null primary key, applied_at {{bigint}} not null) {{strict}};
         insert into schema_migrations (number, applied_at) values (0, 0), (1, 0), (2, 0), (3, 0);\n\n{}
         insert into customers (store, id, number, version, created_at, updated_at, deleted_at, status, email, email_fold, \
           email_key, name_fold, marketing_sms, marketing_email, marketing_kakao, attributes, metadata) values
           (1, 'cus_lives', 1, 3, 1700000000000000, 1700000000000001, null, 'normal', 'A@example.com', 'a@example.com',
            'a@example.com', '', true, false, false, '{{}}', '{{\"a\":\"b\"}}'),
           (1, 'cus_gone', 2, 2, 1600000000000000, 1600000000000001, 1600000000000001, 'normal', null, '',
            null, '', false, false, false, '{{}}', '{{}}');",
        BEFORE.join("\n\n")
    );
    for (token, meaning) in tokens {
        sql = sql.replace(token, meaning);
    }
    sql
}

fn write_schema_three(place: &Place) {
    match place {
        Place::File(_) => rusqlite::Connection::open(place.database())
            .unwrap()
            .execute_batch(&schema_three([
                ("{text}", "text"),
                ("{bytes}", "blob"),
                ("{bigint}", "integer"),
                ("{boolean}", "integer"),
                ("{strict}", "strict"),
                (
                    "{search customer_search}",
                    "create virtual table customer_search using fts5(tokens, content='', detail=none, tokenize='ascii');
                     insert into customer_search (customer_search, rank) values ('secure-delete', 1);",
                ),
            ]))
            .unwrap(),
        Place::Schema(schema) => {
            let raw = schema.connect();
            raw.run(&format!("create schema {0}; set search_path to {0}", schema.name));
            raw.run(&schema_three([
                ("{text}", "text collate \"C\""),
                ("{bytes}", "bytea"),
                ("{bigint}", "bigint"),
                ("{boolean}", "boolean"),
                ("{strict}", ""),
                (
                    "{search customer_search}",
                    "create table customer_search (store bigint not null, number bigint not null,
                       tokens text[] collate \"C\" not null, primary key (store, number));",
                ),
            ]));
        }
    }
}

#[test]
fn a_database_without_subscriptions_keeps_its_customers() {
    on_each(|place| {
        write_schema_three(place);
        for _ in 0..2 {
            let running = place.start();
            let kept = running
                .call(Op::CustomersGet, &json!({ "customerId": "cus_lives" }))
                .unwrap();
            assert_eq!(
                (
                    &kept["email"],
                    &kept["version"],
                    &kept["metadata"],
                    &kept["marketing"]["sms"]
                ),
                (&json!("A@example.com"), &json!(3), &json!({ "a": "b" }), &json!(true))
            );
            write(&running, |tx| {
                let then = Instant::from_micros(1_700_000_000_000_000);
                assert!(tx.health()?.schema >= 6);
                assert_eq!(tx.next_dormant()?, Some(then));
                assert_eq!(tx.due_dormant(then, 10)?, [(1, CustomerId::trusted("cus_lives"))]);
                Ok(())
            });
            running.close();
        }
    });
}
