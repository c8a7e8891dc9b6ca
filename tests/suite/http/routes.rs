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
