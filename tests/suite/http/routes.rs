//! What the native API answers to those who use it well.

use proyecta::http::{Options, ServerOptions};
use serde_json::{Value, json};

use super::support::{Api, JSON, KEY, message};

#[test]
fn a_customer_lives_over_http() {
    let api = Api::start();
    let made = api.post("/v1/customers", &json!({ "email": "kim@example.com", "name": "Kim" }));
    assert_eq!(made.status, 201);
    let customer = made.json();
    let path = format!("/v1/customers/{}", customer["id"].as_str().unwrap());

    let again = api.post("/v1/customers", &json!({ "email": "KIM@example.com" }));
    assert_eq!((again.status, again.json()), (200, customer.clone()), "it was there");
    assert_eq!(api.get(&path).json(), customer);
    assert_eq!(api.get("/v1/customers").json()["data"], json!([customer]));

    let changed = api.request("PATCH", &path, &[JSON, ("if-match", "\"1\"")], br#"{"name":"Lee"}"#);
    assert_eq!((changed.status, &changed.json()["version"]), (200, &json!(2)));
    let stale = api.request("PATCH", &path, &[JSON, ("if-match", "1")], br#"{"name":"Park"}"#);
    assert_eq!((stale.status, stale.code().as_str()), (409, "version_conflict"));
    assert_eq!(stale.json()["error"]["details"]["version"], 2);

    let login = api.request("POST", &format!("{path}/record-login"), &[], b"");
    assert_eq!(login.status, 200, "an empty body needs no content type: {login:?}");
    let stale = api.request("DELETE", &path, &[("if-match", "1")], b"");
    assert_eq!((stale.status, stale.code().as_str()), (409, "version_conflict"));
    let gone = api.request("DELETE", &path, &[], b"");
    assert_eq!((gone.status, &gone.json()["deleted"]), (200, &json!(true)));
    let gone = api.get(&path);
    assert_eq!((gone.status, gone.code().as_str()), (404, "customer_deleted"));
}

#[test]
fn queries_say_what_the_sdk_says() {
    let api = Api::start();
    for n in 0..5 {
        api.customer(&format!("user{n}@example.com"));
    }
    let list = |query: &str| {
        let answer = api.get(&format!("/v1/customers?{query}"));
        assert_eq!(answer.status, 200, "{query}: {answer:?}");
        answer.json()
    };
    let first = list("limit=2&sort=email&expand=total");
    assert_eq!(
        (first["data"].as_array().unwrap().len(), &first["total"]),
        (2, &json!(5))
    );
    let cursor = first["nextCursor"].as_str().unwrap();
    let rest = list(&format!("limit=5&sort=email&expand%5B%5D=total&cursor={cursor}"));
    assert_eq!(rest["data"][0]["email"], "user2@example.com");
    assert_eq!(
        list("email=USER3%40example.com")["data"][0]["email"],
        "user3@example.com"
    );
    assert_eq!(
        list("created[gte]=2001-01-01T00:00:00Z&created[lt]=2002-01-01T00:00:00Z")["data"],
        json!([])
    );
    assert_eq!(list("created_after=0&query=user")["data"].as_array().unwrap().len(), 5);
    let wrong = api.get("/v1/customers?limt=2");
    assert_eq!((wrong.status, wrong.code().as_str()), (400, "parameter_unknown"));
    assert!(wrong.text().contains("did you mean limit"), "{}", wrong.text());
}

#[test]
fn an_object_may_be_named_by_other_parameters() {
    let api = Api::start();
    let made = api.post(
        "/v1/customers",
        &json!({ "email": "kim@example.com", "key": "user/1 ü" }),
    );
    let by_key = api.get("/v1/customers/-?key=user%2F1%20%C3%BC");
    assert_eq!((by_key.status, by_key.json()), (200, made.json()));
    let field = api.post(
        "/v1/custom-fields",
        &json!({ "key": "tier", "type": "text", "label": "Tier" }),
    );
    assert_eq!(field.status, 201, "{field:?}");
    let changed = api.request("PATCH", "/v1/custom-fields/ti%65r", &[JSON], br#"{"label":"Rank"}"#);
    assert_eq!((changed.status, &changed.json()["label"]), (200, &json!("Rank")));
}

#[test]
fn only_what_is_new_is_created() {
    let api = Api::start();
    let once = |body: &str| {
        api.request(
            "POST",
            "/v1/customers",
            &[JSON, ("idempotency-key", "order-1")],
            body.as_bytes(),
        )
    };
    let first = once(r#"{"email":"kim@example.com"}"#);
    assert_eq!((first.status, first.header("idempotent-replayed")), (201, None));
    let again = once(r#"{ "email": "kim@example.com" }"#);
    assert_eq!((again.status, again.header("idempotent-replayed")), (200, Some("true")));
    assert_eq!(again.body, first.body, "the first answer to the byte");
    let other = once(r#"{"email":"lee@example.com"}"#);
    assert_eq!((other.status, other.code().as_str()), (409, "idempotency_key_reused"));
    let submitted = json!({ "username": "kim1", "name": "Kim", "email": "park@example.com", "phone": "+821012345678", "password": "correct horse 1" });
    let submitted = api.post("/v1/signup-form/submit", &submitted);
    assert!(
        submitted.status == 201 || submitted.code().starts_with("parameter"),
        "{submitted:?}"
    );
}

#[test]
fn every_answer_has_a_name_and_the_headers_that_protect() {
    let api = Api::start();
    for (method, path) in [
        ("GET", "/healthz"),
        ("GET", "/v1/store"),
        ("GET", "/v1/nothing"),
        ("PUT", "/v1/store"),
        ("OPTIONS", "/v1/store"),
        ("GET", "/docs"),
        ("POST", "/v1/customers"),
    ] {
        let answer = api.request(method, path, &[], b"");
        let name = answer.header("request-id").unwrap();
        assert!(name.starts_with("req_") && name.len() == 30, "{answer:?}");
        for (header, value) in [
            ("cache-control", "no-store"),
            ("x-content-type-options", "nosniff"),
            ("referrer-policy", "no-referrer"),
        ] {
            assert_eq!(answer.header(header), Some(value), "{method} {path}");
        }
        let policy = answer.header("content-security-policy").unwrap();
        assert!(policy.starts_with("default-src 'none'") && policy.contains("frame-ancestors 'none'"));
    }
    let named = |name: &str| {
        let answer = api.request("GET", "/v1/nothing", &[("request-id", name)], b"");
        answer.code();
        answer.header("request-id").unwrap().to_owned()
    };
    assert_eq!(named("shop-17:checkout.1_a"), "shop-17:checkout.1_a");
    for bad in ["two words", "<script>", "ü", &"x".repeat(129)] {
        assert_ne!(named(bad), bad);
    }
}

#[test]
fn head_and_options_are_answered_without_bodies() {
    let api = Api::start();
    let id = api.customer("kim@example.com");
    let path = format!("/v1/customers/{id}");
    let whole = api.get(&path);
    let mut connection = api.connect();
    let head = connection.request("HEAD", &path, &[], b"");
    assert_eq!(head.status, 200);
    assert_eq!(
        head.header("content-length"),
        Some(whole.body.len().to_string().as_str())
    );
    let options = connection.request("OPTIONS", &path, &[], b"");
    assert_eq!(
        (options.status, options.header("allow")),
        (204, Some("DELETE, GET, HEAD, OPTIONS, PATCH")),
        "nothing of a body stood between the answers"
    );
    assert_eq!(options.header("access-control-allow-methods"), None);
}

#[test]
fn probes_and_documents_need_no_key() {
    let api = Api::start();
    for path in ["/healthz", "/readyz", "/openapi.json", "/docs", "/docs/"] {
        let answer = api.raw(message("GET", path, &[("connection", "close")], b""));
        assert_eq!(answer.status, 200, "{path}");
    }
    let document = api.raw(message("GET", "/openapi.json", &[], b""));
    assert!(document.json()["openapi"].as_str().unwrap().starts_with("3.1"));
    for path in [
        "/docs/../v1/store",
        "/docs/%2e%2e/%2e%2e/etc/passwd",
        "/docs/nothing.js",
    ] {
        let answer = api.raw(message("GET", path, &[], b""));
        assert_eq!((answer.status, answer.code().as_str()), (404, "route_not_found"));
    }
    assert_eq!(api.get("/metrics").status, 404, "metrics have a listener of their own");
}

#[test]
fn metrics_count_what_was_answered() {
    let server = ServerOptions {
        metrics: Some("127.0.0.1:0".parse().unwrap()),
        ..ServerOptions::default()
    };
    let api = Api::with(Options::default(), server);
    api.customer("kim@example.com");
    api.get("/v1/customers");
    api.get("/v1/nothing");
    api.request_as("sk_test_a_key_that_nobody_made", "GET", "/v1/store", &[], b"");
    let mut connection = super::support::Connection::to(api.metrics.unwrap());
    connection.send(message("GET", "/metrics", &[], b""));
    let text = connection.answer().text();
    for line in [
        "proyecta_http_requests_total{operation=\"customers.create\",status=\"201\"} 1",
        "proyecta_http_requests_total{operation=\"customers.list\",status=\"200\"} 1",
        "proyecta_http_requests_total{operation=\"none\",status=\"404\"} 1",
        "proyecta_http_requests_total{operation=\"store.get\",status=\"401\"} 1",
        "proyecta_http_authentication_failures_total 1",
        "proyecta_http_request_duration_seconds_count{operation=\"customers.list\"} 1",
        "proyecta_http_requests_in_flight 0",
    ] {
        assert!(text.contains(line), "{line} in {text}");
    }
    connection.send(message("GET", "/v1/store", &[], b""));
    assert_eq!(connection.answer().status, 404);
}

#[test]
fn the_api_can_stand_below_a_prefix() {
    let options = Options {
        base_path: "/api/billing".to_owned(),
        ..Options::default()
    };
    let api = Api::with(options, ServerOptions::default());
    assert_eq!(api.get("/api/billing/v1/store").status, 200);
    assert_eq!(api.get("/api/billing/healthz").status, 200);
    for path in ["/v1/store", "/api/billingv1/store", "/api/billing", "/"] {
        assert_eq!(api.get(path).code(), "route_not_found", "{path}");
    }
}

#[test]
fn browsers_of_other_origins_are_let_in_when_named() {
    let preflight = [
        ("origin", "https://shop.example"),
        ("access-control-request-method", "POST"),
        ("access-control-request-headers", "authorization"),
    ];
    let ask = |origins: &[&str]| {
        let options = Options {
            cors_origins: origins.iter().map(|origin| (*origin).to_owned()).collect(),
            ..Options::default()
        };
        let api = Api::with(options, ServerOptions::default());
        let asked = api.raw(message("OPTIONS", "/v1/customers", &preflight, b""));
        let refused = api.raw(message("GET", "/v1/store", &preflight[..1], b""));
        assert_eq!(refused.status, 401);
        [asked, refused].map(|answer| answer.header("access-control-allow-origin").map(str::to_owned))
    };
    let shop = Some("https://shop.example".to_owned());
    assert_eq!(ask(&[]), [None, None]);
    assert_eq!(ask(&["https://other.example"]), [None, None]);
    assert_eq!(
        ask(&["https://other.example", "https://shop.example"]),
        [shop.clone(), shop]
    );
}

#[test]
fn http_2_is_spoken_without_tls() {
    let api = Api::start();
    let id = api.customer("kim@example.com");
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(async {
        let client = reqwest::Client::builder()
            .tls_backend_preconfigured(tls())
            .http2_prior_knowledge()
            .no_proxy()
            .build()
            .unwrap();
        let url = format!("http://{}/v1/customers/{id}", api.address);
        let asks = (0..50).map(|_| {
            let ask = client.get(&url).bearer_auth(KEY).send();
            tokio::spawn(ask)
        });
        for ask in asks.collect::<Vec<_>>() {
            let answer = ask.await.unwrap().unwrap();
            assert_eq!(
                (answer.version(), answer.status().as_u16()),
                (reqwest::Version::HTTP_2, 200)
            );
            let body: Value = serde_json::from_slice(&answer.bytes().await.unwrap()).unwrap();
            assert_eq!(body["id"], id.as_str());
        }
    });
}

fn tls() -> rustls::ClientConfig {
    let provider = std::sync::Arc::new(rustls::crypto::ring::default_provider());
    rustls::ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(rustls::RootCertStore::empty())
        .with_no_client_auth()
}

#[test]
fn prices_are_found_as_variants_too() {
    let api = Api::start();
    assert_eq!(
        api.post("/v1/products", &json!({ "id": "prod_a", "name": "A" })).status,
        201
    );
    let price = json!({ "productId": "prod_a", "id": "var_a", "name": "Once", "currency": "KRW", "unitAmount": 100 });
    let made = api.post("/v1/variants", &price);
    assert_eq!(made.status, 201, "{made:?}");
    let made = made.json();
    for path in ["/v1/prices/var_a", "/v1/variants/var_a"] {
        assert_eq!(api.get(path).json(), made);
    }
    for path in ["/v1/prices?productId=prod_a", "/v1/variants?product_id=prod_a"] {
        assert_eq!(api.get(path).json()["data"], json!([made]));
    }
    let changed = api.request("PATCH", "/v1/variants/var_a", &[JSON], br#"{"unitAmount":200}"#);
    assert_eq!((changed.status, &changed.json()["unitAmount"]), (200, &json!(200)));
    let fresh = api.post("/v1/variants/var_a/replace", &json!({ "unitAmount": 300 }));
    assert_eq!((fresh.status, &fresh.json()["replaces"]), (201, &json!("var_a")));
    let archived = api.request("POST", "/v1/variants/var_a/archive", &[], b"");
    assert_eq!(archived.status, 200, "{archived:?}");
    let gone = api.request("DELETE", "/v1/variants/var_a", &[], b"");
    assert_eq!((gone.status, &gone.json()["deleted"]), (200, &json!(true)));
    let gone = api.get("/v1/prices/var_a");
    assert_eq!((gone.status, gone.code().as_str()), (404, "price_not_found"));
    let coupon = json!({ "code": "Welcome", "percentOff": "12.5", "duration": "once" });
    let coupon = api.post("/v1/coupons", &coupon).json();
    assert_eq!(api.get("/v1/coupons/-?code=WELCOME").json(), coupon);
}
