//! Files over HTTP.

use proyecta::http::{Options, ServerOptions};
use serde_json::{Value, json};

use super::support::Api;

const CSV: (&str, &str) = ("content-type", "text/csv");

fn rows(count: usize) -> Vec<u8> {
    let mut text = "email,name\n".to_owned();
    for n in 0..count {
        text.push_str(&format!("user{n}@example.com,User {n}\n"));
    }
    text.into_bytes()
}

fn files(folder: &std::path::Path) -> usize {
    std::fs::read_dir(folder).unwrap().count()
}

#[test]
fn a_file_is_imported_and_leaves_no_trace() {
    let uploads = tempfile::tempdir().unwrap();
    let options = Options {
        upload_folder: uploads.path().to_owned(),
        ..Options::default()
    };
    let api = Api::with(options, ServerOptions::default());
    let dry = api.request("POST", "/v1/customers/import?dryRun=true", &[CSV], &rows(3));
    assert_eq!((dry.status, &dry.json()["created"]), (200, &json!(3)));
    assert_eq!(api.get("/v1/customers?expand=total").json()["total"], 0);
    let first = api.request("POST", "/v1/customers/import", &[CSV], &rows(1200));
    assert_eq!((first.status, &first.json()["created"]), (200, &json!(1200)));
    let again = api.request("POST", "/v1/customers/import?on_existing=update", &[CSV], &rows(1200));
    assert_eq!(again.json()["created"], 0);
    let bad = api.request(
        "POST",
        "/v1/customers/import",
        &[("content-type", "application/octet-stream")],
        b"\x00\x01\x02",
    );
    assert_eq!((bad.status, bad.code().as_str()), (400, "file_invalid"));
    for (path, headers, body, status) in [
        (
            "/v1/customers/import",
            &[("content-type", "application/json")][..],
            &b"{}"[..],
            415,
        ),
        ("/v1/customers/import", &[], b"email\n", 415),
        ("/v1/customers/import", &[CSV], b"", 400),
        ("/v1/customers/import?dryRun=perhaps", &[CSV], b"email\n", 400),
        ("/v1/customers/import?what=ever", &[CSV], b"email\n", 400),
    ] {
        let refused = api.request("POST", path, headers, body);
        refused.code();
        assert_eq!(refused.status, status, "{path}");
    }
    assert_eq!(files(uploads.path()), 0);
}

#[test]
fn an_import_tells_how_far_it_is() {
    let api = Api::start();
    let accept = ("accept", "application/x-ndjson");
    let answer = api.request("POST", "/v1/customers/import", &[CSV, accept], &rows(2000));
    assert_eq!(
        (answer.status, answer.header("content-type")),
        (200, Some("application/x-ndjson"))
    );
    let lines: Vec<Value> = answer
        .text()
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    let (last, progress) = lines.split_last().unwrap();
    assert_eq!(last["result"]["created"], 2000);
    assert!(
        !progress.is_empty() && progress.iter().all(|line| line["progress"].is_object()),
        "{progress:?}"
    );
    let broken = api.request(
        "POST",
        "/v1/customers/import",
        &[CSV, accept],
        b"nothing that fits\n1\n",
    );
    assert_eq!(broken.status, 200);
    let last: Value = serde_json::from_str(broken.text().lines().last().unwrap()).unwrap();
    assert_eq!(last["error"]["code"], "file_invalid");
    assert_eq!(last["error"]["requestId"].as_str(), broken.header("request-id"));
}

#[test]
fn the_template_can_be_filled_in_and_sent_back() {
    let api = Api::start();
    let file = api.get("/v1/customers/import-template");
    let workbook = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";
    assert_eq!((file.status, file.header("content-type")), (200, Some(workbook)));
    assert!(
        file.header("content-disposition")
            .unwrap()
            .starts_with("attachment; filename=")
    );
    assert!(file.body.starts_with(b"PK"));
    let sent = api.request(
        "POST",
        "/v1/customers/import",
        &[("content-type", workbook)],
        &file.body,
    );
    assert_eq!(sent.status, 200, "{sent:?}");
}
