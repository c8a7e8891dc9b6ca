//! Keys: who is let in, to what, and what is kept of it.

use std::{
    num::NonZeroU32,
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

use proyecta::{
    domain::{api_key::Scope, instant::Instant as Moment},
    engine::{port::Clock, system::SystemClock},
    http::{Options, ServerOptions},
};
use serde_json::json;
use sha2::{Digest, Sha256};

use super::support::{Api, JSON, KEY, message, until};

fn hash(key: &str) -> [u8; 32] {
    Sha256::digest(key.as_bytes()).into()
}

#[test]
fn a_key_is_asked_for_and_must_be_one() {
    let api = Api::start();
    let with = |headers: &[(&str, &str)]| api.raw(message("GET", "/v1/store", headers, b""));
    let missing = with(&[]);
    assert_eq!((missing.status, missing.code().as_str()), (401, "api_key_missing"));
    assert_eq!(missing.header("www-authenticate"), Some("Bearer"));
    let bearer = format!("Bearer {KEY}");
    for bad in [
        "Basic dXNlcjpwYXNzd29yZA==",
        "Bearer",
        "Bearer ",
        KEY,
        "Bearer short",
        &format!("Bearer {}", "x".repeat(129)),
        &format!("{bearer} {KEY}"),
    ] {
        let refused = with(&[("authorization", bad)]);
        assert_eq!(
            (refused.status, refused.code().as_str()),
            (401, "api_key_malformed"),
            "{bad}"
        );
    }
    let twice = with(&[("authorization", &bearer), ("authorization", &bearer)]);
    assert_eq!(twice.code(), "api_key_malformed");
    let unknown = with(&[("authorization", "Bearer sk_test_a_key_that_nobody_made")]);
    assert_eq!((unknown.status, unknown.code().as_str()), (401, "api_key_unknown"));
    for good in [bearer.clone(), format!("bEaReR   {KEY}")] {
        assert_eq!(with(&[("authorization", &good)]).status, 200);
    }
}

#[test]
fn expired_and_revoked_keys_open_nothing() {
    let api = Api::start();
    let (past, soon) = ("sk_test_its_time_is_over_already", "sk_test_it_will_be_revoked_soon");
    let now = SystemClock.now().micros();
    api.add_key(past, Scope::Full, Some(Moment::from_micros(now - 1)), false);
    api.add_key(soon, Scope::Full, Some(Moment::from_micros(now + 3_600_000_000)), false);
    let ask = |key: &str| api.request_as(key, "GET", "/v1/store", &[], b"");
    let refused = ask(past);
    assert_eq!((refused.status, refused.code().as_str()), (401, "api_key_revoked"));
    assert_eq!(ask(soon).status, 200);
    // As another process would do it: nobody tells this one.
    let of = hash(soon);
    api.within(move |tx| tx.revoke_api_key(&of, SystemClock.now()));
    let revoked = Instant::now();
    until("the key is refused", || ask(soon).status == 401);
    assert!(
        revoked.elapsed() < Duration::from_secs(10),
        "it was seen only by chance"
    );
    assert_eq!(ask(soon).code(), "api_key_revoked");
    assert_eq!(ask(KEY).status, 200, "the other key goes on");
}

#[test]
fn a_key_that_reads_does_not_write() {
    let api = Api::start();
    let reader = "sk_test_this_key_may_only_read";
    api.add_key(reader, Scope::ReadOnly, None, false);
    let id = api.customer("kim@example.com");
    let path = format!("/v1/customers/{id}");
    let ask = |method: &str, path: &str, body: &[u8]| {
        let headers: &[(&str, &str)] = if body.is_empty() { &[] } else { &[JSON] };
        api.request_as(reader, method, path, headers, body)
    };
    assert_eq!(ask("GET", &path, b"").status, 200);
    let check = ask("POST", &format!("{path}/verify-password"), br#"{"password":"x"}"#);
    assert_eq!((check.status, check.json()), (200, json!({ "valid": false })));
    for (method, path, body) in [
        ("POST", "/v1/customers", &br#"{"email":"lee@example.com"}"#[..]),
        ("PATCH", &path, br#"{"name":"Lee"}"#),
        ("DELETE", &path, b""),
        ("POST", "/v1/customers/import", b"email\na@example.com\n"),
    ] {
        let refused = ask(method, path, body);
        assert_eq!(
            (refused.status, refused.code().as_str()),
            (403, "permission_denied"),
            "{method} {path}"
        );
    }
    assert_eq!(api.get("/v1/customers?expand=total").json()["total"], 1);
}

#[test]
fn stores_do_not_see_each_other() {
    let api = Api::start();
    let stranger = "sk_test_the_key_of_another_store";
    api.add_key(stranger, Scope::Full, None, true);
    let id = api.customer("kim@example.com");
    api.customer("lee@example.com");
    let ask = |method: &str, path: &str| api.request_as(stranger, method, path, &[], b"");
    for method in ["GET", "DELETE"] {
        let refused = ask(method, &format!("/v1/customers/{id}"));
        assert_eq!((refused.status, refused.code().as_str()), (404, "customer_not_found"));
    }
    let page = api.get("/v1/customers?limit=1").json();
    let cursor = page["nextCursor"].as_str().unwrap();
    let refused = ask("GET", &format!("/v1/customers?limit=1&cursor={cursor}"));
    assert_eq!((refused.status, refused.code().as_str()), (400, "cursor_invalid"));
    assert_eq!(ask("GET", "/v1/customers").json()["data"], json!([]));
}

#[test]
fn a_key_in_the_address_is_refused_before_anything_else() {
    let api = Api::start();
    for path in [
        format!("/v1/customers?api_key={KEY}"),
        format!("/v1/customers?apiKey={KEY}"),
        format!("/v1/customers/-?key={KEY}"),
        format!("/nowhere?access_token={KEY}"),
        "/v1/customers?query=%73k%5Flive_abc".to_owned(),
        "/healthz?Authorization=Bearer".to_owned(),
    ] {
        for answer in [api.get(&path), api.raw(message("PUT", &path, &[], b""))] {
            assert_eq!(
                (answer.status, answer.code().as_str()),
                (401, "api_key_in_query"),
                "{path}"
            );
            assert!(!answer.text().contains(KEY));
        }
    }
    assert_eq!(api.get("/v1/customers/-?key=abc").code(), "customer_not_found");
}

#[test]
fn wrong_keys_are_limited_by_address_and_right_ones_never() {
    let options = Options {
        wrong_keys: NonZeroU32::new(5).unwrap(),
        trusted_proxies: vec!["127.0.0.0/8".parse().unwrap()],
        ..Options::default()
    };
    let api = Api::with(options, ServerOptions::default());
    let ask = |key: &str, from: &str| api.request_as(key, "GET", "/v1/store", &[("x-forwarded-for", from)], b"");
    let wrong = "sk_test_a_key_that_nobody_made";
    for _ in 0..5 {
        assert_eq!(ask(wrong, "198.51.100.7").code(), "api_key_unknown");
    }
    let limited = ask(wrong, "198.51.100.7");
    assert_eq!((limited.status, limited.code().as_str()), (429, "rate_limited"));
    let seconds: u64 = limited.header("retry-after").unwrap().parse().unwrap();
    assert!((1..=12).contains(&seconds));
    assert_eq!(ask(wrong, "198.51.100.8").status, 401, "somebody else");
    for _ in 0..20 {
        assert_eq!(ask(KEY, "198.51.100.7").status, 200);
    }
}

#[test]
fn a_limit_per_key_can_be_set() {
    let options = Options {
        rate_limit: NonZeroU32::new(3),
        ..Options::default()
    };
    let api = Api::with(options, ServerOptions::default());
    let other = "sk_test_another_key_of_the_store";
    api.add_key(other, Scope::Full, None, false);
    let mut connection = api.connect();
    until("more requests than a second allows are refused", || {
        let answer = connection.request("GET", "/v1/store", &[], b"");
        answer.status == 429 && answer.code() == "rate_limited"
    });
    assert_eq!(api.request_as(other, "GET", "/v1/store", &[], b"").status, 200);
}

#[test]
fn the_last_use_of_a_key_is_noted_and_not_with_every_request() {
    let api = Api::start();
    let of = hash(KEY);
    let noted = || api.within(move |tx| Ok(tx.api_key(&of)?.unwrap().last_used_at));
    assert_eq!(noted(), None);
    api.get("/v1/store");
    until("the use is noted", || noted().is_some());
    let first = noted();
    for _ in 0..20 {
        api.get("/v1/store");
    }
    assert_eq!(noted(), first);
}

/// What goes into the log, as text.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl std::io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

#[test]
fn the_log_names_requests_and_nobody() {
    let log = Log::default();
    let to = log.clone();
    let subscriber = tracing_subscriber::fmt()
        .json()
        .with_max_level(tracing::Level::TRACE)
        .with_writer(move || to.clone())
        .finish();
    tracing::subscriber::set_global_default(subscriber).unwrap();
    let api = Api::start();
    let body = json!({ "email": "hidden.person@example.com", "name": "Hidden Name", "phone": "+821012345678" });
    let made = api.post("/v1/customers", &body);
    let id = made.json()["id"].as_str().unwrap().to_owned();
    api.get(&format!("/v1/customers/{id}"));
    api.get("/v1/customers?email=hidden.person%40example.com&query=hidden");
    api.request(
        "POST",
        "/v1/customers",
        &[JSON],
        br#"{"email":"hidden.broken","name":"Hidden Name"#,
    );
    api.request(
        "POST",
        "/v1/customers",
        &[JSON, ("idempotency-key", "hidden-order-7")],
        body.to_string().as_bytes(),
    );
    api.get(&format!("/v1/store?api_key={KEY}"));
    api.request_as("sk_test_a_hidden_wrong_key_was_sent", "GET", "/v1/store", &[], b"");
    api.raw(b"GET /hidden \x01 HTTP/1.1\r\nhidden: yes\r\n\r\n");
    let text = || String::from_utf8(log.0.lock().unwrap().clone()).unwrap();
    let wanted = "\"route\":\"/v1/customers/{customerId}\"";
    until("requests are in the log", || text().contains(wanted));
    let text = text();
    assert!(text.contains("\"operation\"") || text.contains("\"method\":\"POST\""));
    assert!(text.contains("key_"), "the key's record is named");
    let ours: String = text.lines().filter(|line| line.contains("proyecta")).collect();
    for secret in [KEY, "hidden", "Hidden", "sk_test", "821012345678", &id, "127.0.0.1"] {
        assert!(!ours.contains(secret), "{secret} is in the log: {ours}");
    }
}
