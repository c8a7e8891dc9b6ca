//! Promises of the engine that need more than one thread, process or run.

use std::{collections::BTreeSet, sync::mpsc, thread, time::Duration};

use proptest::prelude::*;
use proyecta::{
    domain::api_key::Mode, engine::SessionOptions, error::Code, ops::Op, store::sqlite::Options, testing::Running,
};
use serde_json::{Value, json};

fn text<'a>(value: &'a Value, name: &str) -> &'a str {
    value[name].as_str().unwrap()
}

#[test]
fn a_database_knows_its_key() {
    let folder = tempfile::tempdir().unwrap();
    let with = |name: &str, key: Option<&str>| {
        let options = SessionOptions {
            api_key: key.map(str::to_owned),
            ..SessionOptions::default()
        };
        Running::try_start(&Options::file(folder.path().join(name)), options)
            .map(drop)
            .map_err(|error| error.code())
    };
    let (test, other, live) = (
        Some("sk_test_0123456789abcdef"),
        Some("sk_test_another"),
        Some("sk_live_0123456789abcdef"),
    );
    assert_eq!(with("keyed.db", test), Ok(()));
    assert_eq!(with("keyed.db", test), Ok(()));
    assert_eq!(with("keyed.db", other), Err(Code::ApiKeyUnknown));
    assert_eq!(
        with("keyed.db", None),
        Ok(()),
        "whoever can open a test database's file may"
    );
    assert_eq!(with("keyless.db", None), Ok(()));
    assert_eq!(with("keyless.db", live), Err(Code::ApiKeyUnknown));
    assert_eq!(with("keyless.db", test), Ok(()));
    assert_eq!(with("keyless.db", other), Err(Code::ApiKeyUnknown));
    assert_eq!(with("live.db", live), Ok(()));
    assert_eq!(with("live.db", None), Err(Code::ApiKeyMissing));
    assert_eq!(with("bad.db", Some("short")), Err(Code::ApiKeyMalformed));
}

#[test]
fn zone_and_currency_only_seed_a_new_store() {
    let folder = tempfile::tempdir().unwrap();
    let with = |timezone: Option<&str>, currency: Option<&str>| {
        let options = SessionOptions {
            api_key: None,
            mode: Mode::Test,
            timezone: timezone.map(str::to_owned),
            currency: currency.map(str::to_owned),
        };
        Running::try_start(&Options::file(folder.path().join("a.db")), options)
            .map(drop)
            .map_err(|error| error.code())
    };
    assert_eq!(with(Some("Mars/Olympus"), None), Err(Code::ConfigurationInvalid));
    assert_eq!(with(Some("Asia/Seoul"), Some("krw")), Ok(()));
    assert_eq!(with(None, None), Ok(()));
    assert_eq!(with(Some("Asia/Seoul"), Some("KRW")), Ok(()));
    assert_eq!(with(Some("UTC"), None), Err(Code::SettingDiffers));
    assert_eq!(with(None, Some("USD")), Err(Code::SettingDiffers));
}

/// What a client does with its idempotency keys.
#[derive(Debug, Clone)]
struct Step {
    key: u8,
    email: u8,
    rename: bool,
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    /// A repeat gets the first answer, another body is refused, and nothing
    /// happens twice, in whatever order requests come.
    #[test]
    fn a_repeat_gets_the_first_answer(steps in prop::collection::vec((0_u8..6, 0_u8..3, any::<bool>()).prop_map(|(key, email, rename)| Step { key, email, rename }), 1..40)) {
        let running = Running::start(&Options::memory());
        let mut first: Vec<Option<(u8, Value)>> = vec![None; 6];
        for step in steps {
            let input = json!({ "email": format!("u{}@example.com", step.email), "name": "N" });
            let answer = running.call_once(Op::CustomersCreate, &input, &format!("key-{}", step.key));
            match &first[usize::from(step.key)] {
                None => first[usize::from(step.key)] = Some((step.email, answer.unwrap())),
                Some((email, kept)) if *email == step.email => prop_assert_eq!(&answer.unwrap(), kept),
                Some(_) => prop_assert_eq!(answer.unwrap_err().code(), Code::IdempotencyKeyReused),
            }
            if step.rename && let Some((_, kept)) = &first[usize::from(step.key)] {
                running.call(Op::CustomersUpdate, &json!({ "customerId": kept["id"], "name": format!("N{}", step.email) })).unwrap();
            }
        }
        let addresses: BTreeSet<u8> = first.iter().flatten().map(|(email, _)| *email).collect();
        let page = running.call(Op::CustomersList, &json!({ "expand": ["total"] })).unwrap();
        prop_assert_eq!(page["total"].as_u64(), Some(addresses.len() as u64));
    }
}

#[test]
fn a_database_of_a_newer_version_is_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.db");
    Running::start(&Options::file(&path)).close();
    let file = rusqlite::Connection::open(&path).unwrap();
    file.execute(
        "insert into schema_migrations (number, applied_at) values (9999, 0)",
        [],
    )
    .unwrap();
    drop(file);
    let refused = Running::try_start(&Options::file(&path), SessionOptions::default())
        .map(drop)
        .map_err(|error| error.code());
    assert_eq!(refused, Err(Code::DatabaseNewer));
}

/// SQLite may leave a copy of a row that moved in the unused part of a page
/// until the page is written again; rewriting the file leaves none. What the
/// rows themselves hold is what this test looks at.
#[test]
fn no_row_keeps_anything_of_many_deleted_customers() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("a.db");
    let engine = Running::start(&Options::file(&file));
    let ids: Vec<String> = (0..60)
        .map(|n| {
            let input = json!({
                "email": format!("hidden{n}@secret-domain.com"),
                "name": format!("홍길동전 {n}"),
                "attributes": { "story": "hidden-story ".repeat(300) },
                "metadata": { "note": format!("hidden-note {n}") },
            });
            let made = engine.call_once(Op::CustomersCreate, &input, &n.to_string()).unwrap();
            text(&made, "id").to_owned()
        })
        .collect();
    engine
        .call(
            Op::CustomersCreate,
            &json!({ "email": "other@example.com", "name": "Other Person" }),
        )
        .unwrap();
    for id in &ids {
        let story = "hidden-tale ".repeat(400);
        let change = json!({ "customerId": id, "attributes": { "story": story } });
        engine.call(Op::CustomersUpdate, &change).unwrap();
        engine.call(Op::CustomersDelete, &json!({ "customerId": id })).unwrap();
    }
    engine.close();
    rusqlite::Connection::open(&file)
        .unwrap()
        .execute_batch("vacuum")
        .unwrap();
    let bytes = std::fs::read(&file).unwrap();
    let holds = |text: &str| bytes.windows(text.len()).any(|part| part == text.as_bytes());
    assert!(holds("Other Person"));
    for text in ["hidden", "홍길동전", "길동", "secret-domain"] {
        assert!(!holds(text), "{text} is left");
    }
}

#[test]
fn a_file_is_all_there_is_once_its_database_is_closed() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("a.db");
    let running = Running::start(&Options::file(&file));
    running
        .call(Op::CustomersCreate, &json!({ "email": "kim@example.com" }))
        .unwrap();
    let (read, answered) = mpsc::channel();
    running.session().engine().has_any_key(move |_| {
        read.send(()).unwrap();
        // The answer is known, and its connection is still in use.
        thread::sleep(Duration::from_millis(100));
    });
    answered.recv().unwrap();
    let (done, closed) = mpsc::channel();
    // Not `Running::close`, whose runtime waits for that thread before it ends.
    let engine = running.session().engine();
    engine.close(Box::new(move || done.send(()).unwrap()));
    closed.recv().unwrap();
    let left: Vec<_> = folder
        .path()
        .read_dir()
        .unwrap()
        .map(|entry| entry.unwrap().file_name())
        .collect();
    assert_eq!(left, ["a.db"]);
}
