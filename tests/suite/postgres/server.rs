//! What only a server can do to an engine.

use std::sync::{Arc, mpsc};

use proyecta::{engine::SessionOptions, error::Code, ops::Op, testing::Running};
use serde_json::json;

use crate::suite::place::{Schema, servers};

fn on_each_server(check: impl Fn(&Schema)) {
    for server in servers() {
        check(&Schema::new(&server));
    }
}

#[test]
fn a_database_of_a_newer_version_is_refused() {
    on_each_server(|schema| {
        Running::start_on(&schema.url()).close();
        schema.connect().run(&format!(
            "insert into {}.schema_migrations (number, applied_at) values (9999, 0)",
            schema.name
        ));
        let refused = Running::try_start_on(&schema.url(), SessionOptions::default());
        assert_eq!(refused.err().unwrap().code(), Code::DatabaseNewer);
    });
}

#[test]
fn a_connection_that_was_cut_is_made_again() {
    on_each_server(|schema| {
        let running = Running::start_on(&schema.url_with("&application_name=cut"));
        let raw = schema.connect();
        for round in 0..5 {
            let calls: Vec<_> = (0..40)
                .map(|n| {
                    let input = json!({ "email": format!("u{round}-{n}@example.com") });
                    running.begin(Op::CustomersCreate, &input, None)
                })
                .collect();
            raw.run("select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'cut'");
            for call in calls {
                // A commit that was cut may have happened; nothing else fails.
                if let Err(error) = call.recv().unwrap() {
                    assert_eq!(error.code(), Code::DatabaseUnreachable, "{error}");
                }
            }
            running.call(Op::CustomersList, &json!({})).unwrap();
        }
    });
}

#[test]
fn a_change_of_another_process_is_heard() {
    on_each_server(|schema| {
        let (one, other) = (
            Running::start_on(&schema.url_with("&application_name=hears")),
            Running::start_on(&schema.url()),
        );
        let (send, receive) = mpsc::channel();
        let heard = Arc::new(move || send.send(()).unwrap());
        one.session().engine().listen(heard);
        receive.recv().unwrap();
        assert!(receive.try_recv().is_err(), "nothing has changed yet");
        let announce = || schema.connect().run(&format!("notify proyecta_{}", schema.name));
        announce();
        receive.recv().unwrap();
        // After a break it may have missed something, and says so.
        schema
            .connect()
            .run("select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'hears'");
        receive.recv().unwrap();
        announce();
        receive.recv().unwrap();
        one.close();
        other.close();
    });
}

#[test]
fn a_row_that_somebody_keeps_locked_stops_no_other_call() {
    on_each_server(|schema| {
        let running = Running::start_on(&schema.url());
        let ids: Vec<String> = (0..30)
            .map(|n| {
                let made = running.call(Op::CustomersCreate, &json!({ "email": format!("u{n}@example.com") }));
                made.unwrap()["id"].as_str().unwrap().to_owned()
            })
            .collect();
        let raw = schema.connect();
        raw.run(&format!(
            "begin; select 1 from {}.customers where id = '{}' for update",
            schema.name, ids[7]
        ));
        let calls: Vec<_> = ids
            .iter()
            .map(|id| running.begin(Op::CustomersUpdate, &json!({ "customerId": id, "name": "New" }), None))
            .collect();
        let outcomes: Vec<_> = calls.into_iter().map(|call| call.recv().unwrap()).collect();
        for (n, outcome) in outcomes.into_iter().enumerate() {
            let expected = (n == 7).then_some(Code::DatabaseLocked);
            assert_eq!(outcome.err().map(|error| error.code()), expected, "customer {n}");
        }
        raw.run("rollback");
        let input = json!({ "customerId": ids[7], "name": "New" });
        assert_eq!(running.call(Op::CustomersUpdate, &input).unwrap()["name"], "New");
    });
}
