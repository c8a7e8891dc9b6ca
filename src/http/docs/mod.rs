//! The page for people, made from the operations' declarations.
//!
//! Everything that it loads is here: no address but the server's own, and
//! nothing inline, so that the strictest policy for contents fits. It can be
//! read without its script.

mod guide;
mod highlight;
pub(super) mod html;
mod members;
mod operation;
mod sample;

use std::{borrow::Cow, sync::OnceLock};

use self::html::escape;
use crate::ops::{NOUNS, Op, Operation};

const STYLE: &[u8] = include_bytes!("assets/style.css");
const SCRIPT: &[u8] = include_bytes!("assets/script.js");
const ICON: &[u8] = include_bytes!("assets/icon.svg");

/// What lies at `/docs`: `path` is what follows that, empty or `/` for the
/// page itself. Gives the content type and the bytes.
pub fn page(path: &str) -> Option<(&'static str, Cow<'static, [u8]>)> {
    static PAGE: OnceLock<String> = OnceLock::new();
    static BELOW: OnceLock<String> = OnceLock::new();
    let html = |text: &'static String| ("text/html; charset=utf-8", Cow::Borrowed(text.as_bytes()));
    let asset = |media: &'static str, bytes| (media, Cow::Borrowed(bytes));
    match path {
        // Addresses in the page are relative, for it may be mounted anywhere.
        "" => Some(html(PAGE.get_or_init(|| render("docs/", "")))),
        "/" => Some(html(BELOW.get_or_init(|| render("", "../")))),
        "/style.css" => Some(asset("text/css; charset=utf-8", STYLE)),
        "/script.js" => Some(asset("text/javascript; charset=utf-8", SCRIPT)),
        "/icon.svg" => Some(asset("image/svg+xml", ICON)),
        _ => None,
    }
}

/// The operations of a noun, in their declared order.
fn of_noun(noun: &'static str) -> impl Iterator<Item = &'static Operation> {
    let all = Op::ALL.iter().map(|op| op.declaration());
    all.filter(move |operation| operation.name.split('.').next() == Some(noun))
}

/// The id of a noun's section. An operation that stands alone has the noun's
/// name itself.
fn anchor(noun: &'static str) -> String {
    if of_noun(noun).any(|operation| operation.name == noun) {
        format!("about-{noun}")
    } else {
        noun.to_owned()
    }
}

fn render(assets: &str, root: &str) -> String {
    let version = escape(env!("CARGO_PKG_VERSION"));
    let contents = contents();
    let guide = guide::render(root);
    let reference: String = NOUNS.iter().map(|(noun, doc)| section(noun, doc)).collect();
    let errors = guide::errors();
    format!(
        r##"<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="description" content="Every operation of the Proyecta API: parameters, answers, errors, and how to call it.">
<title>API reference · Proyecta</title>
<link rel="icon" href="{assets}icon.svg" type="image/svg+xml">
<link rel="stylesheet" href="{assets}style.css">
<script src="{assets}script.js" defer></script>
</head>
<body>
<a class="skip" href="#content">Skip to the content</a>
<header class="bar">
<a class="brand" href="#top"><img src="{assets}icon.svg" alt="" width="24" height="24"> Proyecta</a>
<span class="version">API reference <span>{version}</span></span>
<div class="search" hidden><label class="unseen" for="search">Search the operations</label><input id="search" type="search" placeholder="Search" autocomplete="off" spellcheck="false"><kbd aria-hidden="true">/</kbd></div>
<a class="document" href="{root}openapi.json">OpenAPI</a>
</header>
<div class="page" id="top">
<nav class="contents" aria-label="Contents"><details open><summary>Contents</summary>{contents}</details></nav>
<main id="content">
<p class="outcome" role="status"></p>
{guide}{reference}{errors}
<footer><p>Made from the operations that this server has. Nothing on this page comes from elsewhere.</p></footer>
</main>
</div>
</body>
</html>
"##
    )
}

fn contents() -> String {
    let guide: String = guide::TITLES
        .iter()
        .map(|(id, title)| format!(r##"<li><a href="#{id}">{title}</a></li>"##))
        .collect();
    let nouns: String = NOUNS
        .iter()
        .map(|(noun, _)| {
            let operations: String = of_noun(noun)
                .map(|operation| {
                    let name = operation.name;
                    let verb = name.split_once('.').map_or(name, |(_, verb)| verb);
                    let method = method(operation);
                    format!(r##"<li><a href="#{name}" data-operation="{name}"><span>{verb}</span>{method}</a></li>"##)
                })
                .collect();
            let anchor = anchor(noun);
            format!(r##"<h2><a href="#{anchor}">{noun}</a></h2><ul>{operations}</ul>"##)
        })
        .collect();
    format!(r##"<h2><a href="#top">Guide</a></h2><ul>{guide}</ul>{nouns}<h2><a href="#codes">Error codes</a></h2>"##)
}

/// The method as a mark.
fn method(operation: &Operation) -> String {
    let method = operation.method;
    format!(
        r#"<span class="method {}">{method}</span>"#,
        method.to_ascii_lowercase()
    )
}

fn section(noun: &'static str, doc: &str) -> String {
    let operations: String = of_noun(noun).map(operation::render).collect();
    let routes: String = of_noun(noun)
        .map(|operation| {
            let (name, path) = (operation.name, html::path(operation.path));
            format!(r##"<li>{}<a href="#{name}">{path}</a></li>"##, method(operation))
        })
        .collect();
    let (doc, anchor) = (html::prose(doc), anchor(noun));
    format!(
        r##"<section class="noun" id="{anchor}"><div class="pair"><div><h2>{noun}</h2>{doc}</div><aside class="panel"><p class="title">Routes</p><ul class="routes">{routes}</ul></aside></div>{operations}</section>
"##
    )
}

#[cfg(test)]
mod tests;
