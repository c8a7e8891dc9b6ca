use std::collections::BTreeSet;

use super::page;
use crate::{http::openapi::error::sent, ops::Op};

fn html(path: &str) -> String {
    let (media, bytes) = page(path).unwrap();
    assert_eq!(media, "text/html; charset=utf-8");
    String::from_utf8(bytes.into_owned()).unwrap()
}

fn values<'a>(html: &'a str, attribute: &str) -> Vec<&'a str> {
    let start = format!(" {attribute}=\"");
    let parts = html.split(start.as_str()).skip(1);
    parts.filter_map(|part| part.split('"').next()).collect()
}

#[test]
fn every_operation_and_every_code_is_there() {
    let html = html("");
    for op in Op::ALL {
        let name = op.declaration().name;
        assert_eq!(html.matches(&format!("id=\"{name}\"")).count(), 1, "{name}");
    }
    for code in sent() {
        assert!(
            html.contains(&format!("<dt><code>{}</code>", code.name())),
            "{}",
            code.name()
        );
    }
}

#[test]
fn ids_are_unique_and_links_lead_somewhere() {
    let html = html("");
    let ids = values(&html, "id");
    let distinct: BTreeSet<_> = ids.iter().copied().collect();
    assert_eq!(ids.len(), distinct.len());
    for link in values(&html, "href") {
        match link.strip_prefix('#') {
            Some(id) => assert!(distinct.contains(id), "{link}"),
            None => assert!(
                matches!(link, "openapi.json" | "docs/style.css" | "docs/icon.svg"),
                "{link}"
            ),
        }
    }
}

#[test]
fn nothing_is_inline_and_nothing_comes_from_elsewhere() {
    for path in ["", "/"] {
        let html = html(path);
        for word in [
            "<style",
            " style=",
            "javascript:",
            "onclick",
            "src=\"http",
            "href=\"http",
        ] {
            assert!(!html.contains(word), "{word}");
        }
        assert_eq!(html.matches("<script").count(), 1);
    }
}

#[test]
fn what_the_page_loads_is_there_wherever_it_is_read_from() {
    for (path, prefix) in [("", "docs"), ("/", "")] {
        let html = html(path);
        let loaded = values(&html, "src").into_iter().chain(values(&html, "href"));
        let assets: BTreeSet<_> = loaded
            .filter(|link| !link.starts_with('#') && !link.ends_with(".json"))
            .collect();
        assert_eq!(assets.len(), 3);
        for asset in assets {
            let rest = asset.strip_prefix(prefix).unwrap();
            let rest = format!("/{}", rest.trim_start_matches('/'));
            assert!(page(&rest).is_some(), "{asset}");
        }
    }
    assert!(html("/").contains("href=\"../openapi.json\""));
    assert!(page("/nothing").is_none());
    assert!(page("/../secret").is_none());
}
