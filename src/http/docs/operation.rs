//! One operation: what it takes, what it gives, and how it is called.

use super::{
    highlight, html,
    members::{self, Direction},
    method, sample,
};
use crate::{
    http::openapi::{
        error, example,
        operation::{creates, has_body, members as parameters, takes_version},
    },
    ops::{Effect, Operation, Output, shape::paragraph},
};

/// The operation's part of the page.
pub(super) fn render(operation: &'static Operation) -> String {
    let (name, path) = (operation.name, html::path(operation.path));
    let doc = html::prose(&paragraph(operation.doc));
    let (taken, answered, errors) = (taken(operation), answered(operation), errors(operation));
    let samples = samples(operation);
    format!(
        r##"<section class="operation pair" id="{name}"><div><h3><a href="#{name}">{name}</a></h3><p class="route">{}{path}</p>{doc}{taken}{answered}{errors}</div><aside class="samples">{samples}</aside></section>
"##,
        method(operation)
    )
}

/// Parameters by where they go.
fn taken(operation: &'static Operation) -> String {
    let mut out = String::new();
    let mut group = |title: &str, list: String| out.push_str(&format!("<h4>{title}</h4>{list}"));
    let is_id = |name: &str| operation.id_param == Some(name);
    if operation.id_param.is_some() {
        let ids = operation.input.fields.iter().filter(|field| is_id(field.name));
        let mut list = members::list(ids, Direction::Query, 0);
        if operation
            .input
            .fields
            .iter()
            .any(|field| is_id(field.name) && !field.required)
        {
            list.push_str("<p>A lone <code>-</code> when a parameter below names the object.</p>");
        }
        group("Path", list);
    }
    let mut rest = parameters(operation).peekable();
    if rest.peek().is_some() {
        let (title, direction) = if has_body(operation) {
            ("Body", Direction::Given)
        } else {
            ("Query", Direction::Query)
        };
        group(title, members::list(rest, direction, 0));
    }
    if operation.upload {
        let kind = "`.xlsx`, `.xls` or `.csv`";
        let doc = "The file's bytes, with its media type as `Content-Type`. With `Accept: application/x-ndjson` the answer tells how far it has come, a line at a time.";
        group(
            "Body",
            format!(r#"<ul class="members">{}</ul>"#, members::entry("file", kind, doc)),
        );
    }
    let headers = headers(operation);
    if !headers.is_empty() {
        group("Headers", format!(r#"<ul class="members">{headers}</ul>"#));
    }
    out
}

fn headers(operation: &Operation) -> String {
    let mut headers = String::new();
    if operation.effect == Effect::Write {
        let doc = "Makes a repeat of this request give the first answer instead of acting twice.";
        headers.push_str(&members::entry("Idempotency-Key", "text, at most 255 characters", doc));
    }
    if matches!(operation.output, Output::Stream(_)) {
        let doc = "The last `id` that you saw, to go on behind it; it goes before `after`.";
        headers.push_str(&members::entry("Last-Event-ID", "text", doc));
    }
    if takes_version(operation) {
        let doc = "Only if the object still has this version: another way to give `ifVersion`.";
        headers.push_str(&members::entry("If-Match", "whole number", doc));
    }
    headers
}

fn answered(operation: &Operation) -> String {
    let statuses = if creates(operation) {
        r#"<span class="status good">201</span> when it is new, <span class="status good">200</span> when it was there"#
    } else {
        r#"<span class="status good">200</span>"#
    };
    let (what, members) = match operation.output {
        Output::One(shape) => (paragraph(shape.doc), shape.fields),
        Output::Previewable(made, preview) => (
            format!(
                "{} With `preview: true` instead: {}",
                paragraph(made.doc),
                lower(&paragraph(preview.doc))
            ),
            made.fields,
        ),
        Output::Page(shape) => (
            format!("A page of the list, each row: {}", lower(&paragraph(shape.doc))),
            shape.fields,
        ),
        Output::Stream(shape) => (
            format!(
                "Server-sent events without an end, the `data` of each: {}",
                lower(&paragraph(shape.doc))
            ),
            shape.fields,
        ),
        Output::File => ("The `.xlsx` file.".to_owned(), &[][..]),
    };
    let what = html::inline(&what);
    let members = if members.is_empty() {
        String::new()
    } else {
        let list = members::list(members.iter(), Direction::Answered, 0);
        format!(r#"<details class="more"><summary>Members of the answer</summary>{list}</details>"#)
    };
    format!(r#"<h4>Answer</h4><p class="answer">{statuses}. {what}</p>{members}"#)
}

/// A sentence in the middle of another.
fn lower(text: &str) -> String {
    let mut letters = text.chars();
    let first = letters.next().map(|letter| letter.to_ascii_lowercase());
    first.into_iter().chain(letters).collect()
}

fn errors(operation: &Operation) -> String {
    let statuses: String = error::statuses(operation)
        .into_iter()
        .map(|status| {
            let meaning = html::escape(error::meaning(status));
            format!(r##"<a class="status" href="#errors-{status}" title="{meaning}">{status}</a> "##)
        })
        .collect();
    format!(r#"<h4>Errors</h4><p class="statuses">{}</p>"#, statuses.trim_end())
}

fn samples(operation: &Operation) -> String {
    let answer = match example::answer(operation.output) {
        Some(answer) => block("Answer", &sample::json(&answer, 0)),
        None => String::new(),
    };
    format!(
        r#"<div class="calls">{}{}</div>{answer}"#,
        block("curl", &sample::curl(operation)),
        block("Node.js", &sample::node(operation))
    )
}

/// A piece of code with its title.
pub(super) fn block(title: &str, text: &str) -> String {
    let code = highlight::code(text);
    format!(
        r#"<figure class="panel code" data-title="{title}"><figcaption><span class="title">{title}</span><button type="button" class="copy" hidden>Copy</button></figcaption><pre tabindex="0"><code>{code}</code></pre></figure>"#
    )
}
