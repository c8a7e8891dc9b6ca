//! Whatever comes in, the answer is the right one, and the server goes on.

use proyecta::http::{Options, ServerOptions};
use serde_json::json;

use super::support::{Api, JSON, KEY, message};

fn bearer() -> String {
    format!("Bearer {KEY}")
}

#[test]
fn a_body_that_is_no_json_object_is_refused() {
    let api = Api::start();
    let deep = format!("{{\"email\":{}1{}}}", "[".repeat(100), "]".repeat(100));
    let deeper = "{\"a\":".repeat(100_000);
    for body in [
        &b"{"[..],
        b"{\"email\":\"kim@example.com\"",
        b"{\"email\":\"kim@example.com\",}",
        b"{'email':'kim@example.com'}",
        b"{\"email\":\"kim@example.com\"} trailing",
        b"{\"email\":\"a@example.com\"}{\"email\":\"b@example.com\"}",
        b"[]",
        b"null",
        b"\"text\"",
        b"1",
        b" ",
        b"\xef\xbb\xbf{\"email\":\"kim@example.com\"}",
        b"{\"email\":\"\xff\xfe@example.com\"}",
        b"{\"email\":\"\xed\xa0\x80@example.com\"}",
        b"{\"email\":\"\\ud800@example.com\"}",
        b"{\"email\":\"a@example.com\",\"email\":\"b@example.com\"}",
        b"{\"email\":\"a@example.com\",\"metadata\":{\"a\":\"1\",\"\\u0061\":\"2\"}}",
        b"{\"email\":\"a@example.com\",\"attributes\":{\"n\":1e999}}",
        b"{\"email\":\"a@example.com\",\"attributes\":{\"n\":NaN}}",
        b"email=kim%40example.com",
        b"\x00",
        deep.as_bytes(),
        deeper.as_bytes(),
    ] {
        let refused = api.request("POST", "/v1/customers", &[JSON], body);
        let shown = String::from_utf8_lossy(&body[..body.len().min(60)]);
        assert_eq!(
            (refused.status, refused.code().as_str()),
            (400, "body_invalid"),
            "{shown}"
        );
    }
    assert_eq!(api.get("/v1/customers?expand=total").json()["total"], 0);
}

#[test]
fn values_that_do_not_fit_are_named() {
    let api = Api::start();
    for (body, param) in [
        (json!({ "email": 1 }), "email"),
        (json!({ "email": "a@example.com", "nme": "x" }), "nme"),
        (
            json!({ "email": "a@example.com", "attributes": { "n": 1e300 }, "address": { "postal_code": 1 } }),
            "address.postal_code",
        ),
        (json!({ "email": "a@example.com", "name": "x".repeat(100_000) }), "name"),
        (
            json!({ "email": "a@example.com", "metadata": { "a": 123456789012345678901234567890.0 } }),
            "metadata.a",
        ),
        (json!({}), "email"),
    ] {
        let refused = api.post("/v1/customers", &body);
        assert_eq!(refused.status, 400, "{param}");
        refused.code();
        assert_eq!(refused.json()["error"]["param"], param);
    }
    let huge = format!("{{\"customerId\":\"-\",\"ifVersion\":{}}}", "9".repeat(5000));
    let refused = api.request("PATCH", "/v1/customers/cus_1", &[JSON], huge.as_bytes());
    assert_eq!(refused.status, 400, "{refused:?}");
    let refused = api.get(&format!("/v1/events?after={}", "9".repeat(400)));
    assert_eq!((refused.status, refused.code().as_str()), (400, "parameter_invalid"));
}

#[test]
fn a_body_of_another_type_is_refused_and_an_empty_one_has_none() {
    let api = Api::start();
    let send = |headers: &[(&str, &str)], body: &[u8]| api.request("POST", "/v1/customers", headers, body);
    let good = br#"{"email":"kim@example.com"}"#;
    for kind in [
        "text/plain",
        "application/x-www-form-urlencoded",
        "application/json; charset=euc-kr",
        "multipart/form-data; boundary=x",
        "application/jsonp",
    ] {
        let refused = send(&[("content-type", kind)], good);
        assert_eq!(
            (refused.status, refused.code().as_str()),
            (415, "content_type_unsupported"),
            "{kind}"
        );
    }
    assert_eq!(send(&[], good).status, 415);
    for kind in ["application/json;charset=UTF-8", "application/vnd.api+json"] {
        assert!(send(&[("content-type", kind)], good).status < 300, "{kind}");
    }
    for headers in [&[][..], &[("content-type", "text/plain")], &[("content-length", "0")]] {
        let empty = send(headers, b"");
        assert_eq!(
            (empty.status, empty.code().as_str()),
            (400, "parameter_missing"),
            "{headers:?}"
        );
    }
    let body = api.request("DELETE", "/v1/customers/cus_1", &[JSON], br#"{"ifVersion":1}"#);
    assert_eq!(
        (body.status, body.code().as_str()),
        (400, "body_invalid"),
        "it would be overlooked"
    );
    let query = api.request("POST", "/v1/customers?email=a@example.com", &[JSON], b"{}");
    assert_eq!(
        (query.status, query.code().as_str()),
        (400, "parameter_unknown"),
        "so would this"
    );
}

#[test]
fn bodies_that_break_off_are_refused() {
    let api = Api::start();
    let head = format!(
        "POST /v1/customers HTTP/1.1\r\nhost: a\r\nauthorization: {}\r\ncontent-type: application/json\r\n",
        bearer()
    );
    for (framing, part) in [
        ("transfer-encoding: chunked", "d\r\n{\"email\":\"kim"),
        ("transfer-encoding: chunked", "5\r\n{\"ema\r\n"),
        ("transfer-encoding: chunked", "nonsense\r\n"),
        ("transfer-encoding: chunked", "ffffffffffffffffff\r\n"),
        ("content-length: 27", "{\"email\":\"kim"),
    ] {
        let mut connection = api.connect();
        connection.send(format!("{head}{framing}\r\n\r\n{part}"));
        connection.finish_sending();
        let refused = connection.answer();
        assert_eq!(
            (refused.status, refused.code().as_str()),
            (400, "body_invalid"),
            "{framing} {part}"
        );
    }
    let chunked = format!("{head}transfer-encoding: chunked\r\nconnection: close\r\n\r\n");
    let good = api.raw(format!(
        "{chunked}8\r\n{{\"email\"\r\n13\r\n:\"kim@example.com\"}}\r\n0\r\n\r\n"
    ));
    assert_eq!(good.status, 201, "{good:?}");
}

#[test]
fn bodies_that_are_too_large_are_refused() {
    let options = Options {
        body_limit: 100,
        ..Options::default()
    };
    let api = Api::with(options, ServerOptions::default());
    let fits = format!("{{\"email\":\"{}@example.com\"}}", "k".repeat(76));
    assert_eq!(fits.len(), 100);
    let sent = api.request("POST", "/v1/customers", &[JSON], fits.as_bytes());
    assert_ne!(sent.status, 413, "{sent:?}");
    let refused = api.request("POST", "/v1/customers", &[JSON], format!("{fits} ").as_bytes());
    assert_eq!((refused.status, refused.code().as_str()), (413, "body_too_large"));
    let chunks: String = (0..101).map(|_| "1\r\n \r\n").collect();
    let head = format!(
        "POST /v1/customers HTTP/1.1\r\nhost: a\r\nauthorization: {}\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\n\r\n",
        bearer()
    );
    let refused = api.raw(format!("{head}{chunks}0\r\n\r\n"));
    assert_eq!((refused.status, refused.code().as_str()), (413, "body_too_large"));
}

#[test]
fn heads_that_are_too_large_are_refused_with_a_body_that_says_so() {
    let api = Api::start();
    let many: String = (0..10_000).map(|n| format!("x-header-{n}: value\r\n")).collect();
    let few: String = (0..150).map(|n| format!("x-header-{n}: value\r\n")).collect();
    let long = format!("x-long: {}\r\n", "v".repeat(200_000));
    for headers in [&many, &few, &long] {
        let refused = api.raw(format!("GET /v1/store HTTP/1.1\r\nhost: a\r\n{headers}\r\n"));
        assert_eq!((refused.status, refused.code().as_str()), (431, "headers_too_large"));
        assert_eq!(refused.header("connection"), Some("close"));
    }
    for length in [60_000, 70_000, 1_000_000] {
        let path = format!("/v1/customers?query={}", "q".repeat(length));
        let refused = api.raw(message("GET", &path, &[("authorization", &bearer())], b""));
        assert!(matches!(refused.status, 400 | 431), "{length}: {}", refused.status);
        assert!(matches!(
            refused.code().as_str(),
            "parameter_invalid" | "headers_too_large"
        ));
    }
    assert_eq!(api.get("/v1/store").status, 200);
}

#[test]
fn what_is_no_http_is_refused_with_a_body_that_says_so() {
    let api = Api::start();
    for bytes in [
        &b"GET\r\n\r\n"[..],
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
        b"GET /v1/store HTTP/9.9\r\nhost: a\r\n\r\n",
        b"GET /v1/store HTTP/1.1\r\nhost a\r\n\r\n",
        b"GET /v1/store HTTP/1.1\r\n host: a\r\n\r\n",
        b"GET /v1/store HTTP/1.1\r\nx: \x00\r\n\r\n",
        b"GET /v1/\x7f HTTP/1.1\r\nhost: a\r\n\r\n",
        b"G=T /v1/store HTTP/1.1\r\nhost: a\r\n\r\n",
        b"POST /v1/customers HTTP/1.1\r\nhost: a\r\ncontent-length: 5, 6\r\n\r\n{}",
        b"POST /v1/customers HTTP/1.1\r\nhost: a\r\ncontent-length: -1\r\n\r\n{}",
        b"POST /v1/customers HTTP/1.1\r\nhost: a\r\ntransfer-encoding: gzip\r\n\r\n{}",
    ] {
        let refused = api.raw(bytes);
        let shown = String::from_utf8_lossy(bytes);
        assert_eq!(
            (refused.status, refused.code().as_str()),
            (400, "parameter_invalid"),
            "{shown}"
        );
        assert!(refused.header("request-id").unwrap().starts_with("req_"));
    }
    assert_eq!(api.get("/v1/store").status, 200);
}

#[test]
fn paths_lead_nowhere_else() {
    let api = Api::start();
    let id = api.customer("kim@example.com");
    for path in [
        "/",
        "//v1/store",
        "/v1",
        "/v1/",
        "/v1/store/",
        "/V1/store",
        "/v1/%73tore",
        "/v1/../v1/store",
        "/v1/customers/../store",
        "/v1/customers/cus_1/../../store",
        "/..%2f..%2fetc/passwd",
        "/docs/../../etc/passwd",
        "/.env",
        "/v1/customers/a/b/c",
        "/v1/customers/",
    ] {
        let refused = api.get(path);
        assert_eq!(
            (refused.status, refused.code().as_str()),
            (404, "route_not_found"),
            "{path}"
        );
    }
    for path in [
        "/v1/customers/..",
        "/v1/customers/%2e%2e%2fstore",
        "/v1/customers/%00",
        "/v1/customers/%ff",
        "/v1/customers/%zz",
        "/v1/customers/%",
        "/v1/customers/%252e",
        "/v1/customers/cus_1+",
        "/v1/customers/-",
        "/v1/customers?query=%ff",
        "/v1/customers?query=%",
        "/v1/customers?limit=1&limit=2",
        "/v1/customers?limit=-1",
        "/v1/customers?limit=1e3",
        "/v1/customers?created=x&created[gte]=y",
        "/v1/customers?created[gte][lt][gt][a][b]=y",
        "/v1/customers?expand[total]=1",
        "/v1/customers?cursor=nonsense",
        "/v1/customers?[]=",
        "/v1/customers?=x",
    ] {
        let refused = api.get(path);
        let code = refused.code();
        assert_eq!(refused.status, 400, "{path}: {refused:?}");
        assert!(
            code.starts_with("parameter") || code == "cursor_invalid",
            "{path}: {code}"
        );
    }
    for path in [
        format!("/v1/customers/{id}?"),
        format!("/v1/customers/{}", id.replace("us_", "%75s%5f")),
        "/v1/customers?&&limit=1&".to_owned(),
        "/v1/customers?query=%EA%B9%80".to_owned(),
        format!("http://other.example/v1/customers/{id}"),
    ] {
        assert_eq!(api.get(&path).status, 200, "{path}");
    }
}

#[test]
fn other_methods_are_refused_with_those_that_there_are() {
    let api = Api::start();
    for method in ["PUT", "POST", "TRACE", "FOO", "get", "PROPFIND"] {
        let refused = api.request(method, "/v1/store", &[], b"");
        assert_eq!(
            (refused.status, refused.code().as_str()),
            (405, "method_not_allowed"),
            "{method}"
        );
        assert_eq!(refused.header("allow"), Some("GET, HEAD, OPTIONS"));
    }
    let refused = api.get("/v1/customers/import");
    assert_eq!((refused.status, refused.header("allow")), (405, Some("OPTIONS, POST")));
}

#[test]
fn headers_that_do_not_fit_are_refused() {
    let api = Api::start();
    let id = api.customer("kim@example.com");
    let path = format!("/v1/customers/{id}");
    let patch = |headers: &[(&str, &str)], body: &str| {
        let mut all = vec![JSON];
        all.extend(headers);
        api.request("PATCH", &path, &all, body.as_bytes())
    };
    for (header, param) in [
        (("if-match", "W/\"1\""), "ifVersion"),
        (("if-match", "abc"), "ifVersion"),
        (("if-match", "99999999999999999999"), "ifVersion"),
        (("idempotency-key", "ключ"), "idempotencyKey"),
        (("idempotency-key", ""), "idempotencyKey"),
        (("idempotency-key", &"k".repeat(256)), "idempotencyKey"),
    ] {
        let refused = patch(&[header], "{}");
        assert_eq!(refused.status, 400, "{header:?}");
        refused.code();
        assert_eq!(refused.json()["error"]["param"], param);
    }
    let twice = patch(&[("idempotency-key", "a"), ("idempotency-key", "b")], "{}");
    assert_eq!(twice.status, 400);
    let both = patch(&[("if-match", "1")], r#"{"ifVersion":2}"#);
    assert_eq!(
        (both.status, both.json()["error"]["param"].as_str()),
        (400, Some("ifVersion"))
    );
    let other = patch(&[], r#"{"customerId":"cus_other","name":"x"}"#);
    assert_eq!(
        (other.status, other.json()["error"]["param"].as_str()),
        (400, Some("customerId"))
    );
    let same = patch(&[], &json!({ "customerId": id, "name": "x" }).to_string());
    assert_eq!(same.status, 200);
    let create = api.request("POST", "/v1/customers", &[JSON, ("if-match", "1")], b"{}");
    assert_eq!(create.status, 400, "a condition that nobody would look at");
}
