//! Stores and keys: what the command line does to a database.

use std::sync::{Arc, mpsc};

use proyecta::{
    domain::{
        api_key::{self, Mode, Scope},
        id::{ApiKeyId, StoreId},
        instant::Instant,
    },
    engine::{
        Engine, Session,
        admin::{NewKey, NewStore},
    },
    error::{Code, Result},
    ops::Op,
    store::sqlite::Options,
    testing::Running,
};
use serde_json::json;

fn wait<T: Send + 'static>(start: impl FnOnce(Box<dyn FnOnce(Result<T>) + Send>)) -> Result<T> {
    let (send, receive) = mpsc::channel();
    start(Box::new(move |outcome| drop(send.send(outcome))));
    receive.recv().unwrap()
}

fn live_store(engine: &Arc<Engine>) -> StoreId {
    let new = NewStore {
        mode: Mode::Live,
        timezone: Some("Asia/Seoul".into()),
        currency: Some("usd".into()),
    };
    let store = wait(|done| engine.create_store(new, done)).unwrap();
    assert_eq!(
        (store.timezone.as_str(), store.currency.as_str()),
        ("Asia/Seoul", "USD")
    );
    store.id
}

fn of(store: &StoreId) -> NewKey {
    NewKey {
        store: Some(store.clone()),
        ..NewKey::default()
    }
}

fn file() -> (tempfile::TempDir, Options) {
    let folder = tempfile::tempdir().unwrap();
    let options = Options::file(folder.path().join("a.db"));
    (folder, options)
}

#[test]
fn a_key_opens_its_store_only_and_is_kept_as_a_hash() {
    let (folder, options) = file();
    let running = Running::start(&options);
    let engine = running.session().engine();
    let (test, live) = (running.session().store().id.clone(), live_store(engine));
    assert_ne!(test, live);
    let (key, record) = wait(|done| engine.create_key(of(&live), done)).unwrap();
    assert!(key.starts_with("sk_live_") && api_key::checksum_fits(&key));
    let session = wait(|done| Session::authenticate(engine, &key, done)).unwrap();
    assert_eq!(session.store().id, live);
    let (test_key, _) = wait(|done| engine.create_key(of(&test), done)).unwrap();
    assert!(test_key.starts_with("sk_test_"));
    let listed = wait(|done| engine.list_keys(Some(live.clone()), done)).unwrap();
    assert_eq!(listed.len(), 1);
    assert_eq!(listed[0].key.id, record.key.id);
    assert_eq!(listed[0].store, Some(live));
    assert!(key.ends_with(&listed[0].key.hint.as_ref().unwrap()[11..]));
    running.close();
    let bytes = std::fs::read(folder.path().join("a.db")).unwrap();
    let secret = &key.as_bytes()[8..];
    assert!(!bytes.windows(secret.len()).any(|part| part == secret));
}

#[test]
fn a_revoked_or_expired_key_opens_nothing_and_revoking_again_changes_nothing() {
    let (_folder, options) = file();
    let running = Running::start(&options);
    let engine = running.session().engine();
    let (key, record) = wait(|done| engine.create_key(NewKey::default(), done)).unwrap();
    wait(|done| Session::authenticate(engine, &key, done)).unwrap();
    let first = wait(|done| engine.revoke_key(record.key.id.clone(), done)).unwrap();
    let again = wait(|done| engine.revoke_key(record.key.id.clone(), done)).unwrap();
    assert!(first.key.revoked_at.is_some() && first.key.revoked_at == again.key.revoked_at);
    let refused = wait(|done| Session::authenticate(engine, &key, done))
        .map(drop)
        .unwrap_err();
    assert_eq!(refused.code(), Code::ApiKeyRevoked);
    let unknown = wait(|done| engine.revoke_key(ApiKeyId::trusted("key_none"), done)).unwrap_err();
    assert_eq!(unknown.code(), Code::ApiKeyNotFound);
    let past = NewKey {
        expires_at: Some(Instant::from_micros(1)),
        ..NewKey::default()
    };
    assert_eq!(
        wait(|done| engine.create_key(past, done)).unwrap_err().code(),
        Code::ParameterInvalid
    );
    running.close();
}

#[test]
fn a_read_only_key_reads() {
    let (_folder, options) = file();
    let running = Running::start(&options);
    let engine = running.session().engine();
    let new = NewKey {
        scope: Scope::ReadOnly,
        name: Some("보고서".into()),
        ..NewKey::default()
    };
    let (key, record) = wait(|done| engine.create_key(new, done)).unwrap();
    assert_eq!(record.key.name.as_deref(), Some("보고서"));
    let session = wait(|done| Session::authenticate(engine, &key, done)).unwrap();
    assert!(session.permit(Op::CustomersList).is_ok());
    assert_eq!(
        session.permit(Op::CustomersImport).unwrap_err().code(),
        Code::PermissionDenied
    );
    running.close();
}

#[test]
fn a_key_brought_along_must_fit_the_mode_and_be_new() {
    let (_folder, options) = file();
    let running = Running::start(&options);
    let engine = running.session().engine();
    let live = live_store(engine);
    let import = |key: &str, mode, new| wait(|done| engine.import_key(key.to_owned(), mode, new, done));
    let token = "a-token-that-a-shop-brings-along";
    let code = |outcome: Result<_>| outcome.map(drop).unwrap_err().code();
    assert_eq!(code(import(token, Mode::Test, of(&live))), Code::ParameterInvalid);
    assert_eq!(code(import("short", Mode::Live, of(&live))), Code::ApiKeyMalformed);
    // Two stores: nobody guesses which.
    assert_eq!(
        code(import(token, Mode::Live, NewKey::default())),
        Code::ParameterMissing
    );
    let nowhere = of(&StoreId::trusted("store_none"));
    assert_eq!(code(import(token, Mode::Live, nowhere)), Code::StoreNotFound);
    import(token, Mode::Live, of(&live)).unwrap();
    assert_eq!(code(import(token, Mode::Live, of(&live))), Code::ApiKeyTaken);
    let session = wait(|done| Session::authenticate(engine, token, done)).unwrap();
    assert_eq!(session.store().id, live);
    running.close();
}

#[test]
fn a_mistyped_key_is_told_from_an_unknown_one() {
    let (_folder, options) = file();
    let running = Running::start(&options);
    let engine = running.session().engine();
    let refused = |key: &str| {
        let outcome = wait(|done| Session::authenticate(engine, key, done));
        outcome.map(drop).unwrap_err().code()
    };
    let key = api_key::generate(Mode::Test, &[1; 32]);
    assert_eq!(refused(&key), Code::ApiKeyUnknown);
    assert_eq!(refused(&key[..43]), Code::ApiKeyUnknown);
    let last = if key.ends_with('0') { "1" } else { "0" };
    assert_eq!(refused(&format!("{}{last}", &key[..43])), Code::ApiKeyMalformed);
    running.close();
}

#[test]
fn two_stores_keep_their_customers_apart() {
    let (_folder, options) = file();
    let running = Running::start(&options);
    let engine = running.session().engine();
    let live = live_store(engine);
    running
        .call(Op::CustomersCreate, &json!({ "email": "a@example.com", "name": "a" }))
        .unwrap();
    let session = wait(|done| Session::administer(engine, &live, done)).unwrap();
    let mut pages = Vec::new();
    for session in [running.session(), &session] {
        let (send, receive) = mpsc::channel();
        let call = proyecta::engine::Call {
            op: Op::CustomersList,
            input: "{}".into(),
            idempotency_key: None,
            request_id: None,
            watch: Arc::default(),
        };
        let reply = proyecta::engine::Reply::new(move |outcome| drop(send.send(outcome)));
        assert!(session.call(call, reply).is_none());
        let page = receive.recv().unwrap().unwrap().json().unwrap();
        pages.push(page.contains("a@example.com"));
    }
    assert_eq!(pages, [true, false]);
    running.close();
}

#[test]
fn health_names_the_database_and_its_schema() {
    let (_folder, options) = file();
    let running = Running::start(&options);
    let health = wait(|done| running.session().engine().health(done)).unwrap();
    assert!(health.version.starts_with("SQLite 3."));
    assert_eq!(health.schema, proyecta::store::migration::newest());
    running.close();
}
