//! The OpenAPI 3.1 document, made from the operations' declarations: it can
//! say nothing that the code does not do.

pub(in crate::http) mod error;
pub(in crate::http) mod example;
pub(in crate::http) mod operation;
pub(in crate::http) mod schema;

use serde_json::{Map, Value, json};

use self::schema::Place;
use crate::ops::{NOUNS, Op, Output, shape::Shape};

const DESCRIPTION: &str = "\
The native API of Proyecta: every operation of the SDK, with its field names.

**Keys.** Send a secret key with every request, as `Authorization: Bearer sk_…`; it names the store. A key in the query \
string is refused. A read-only key may not call what changes anything.

**Bodies** are one JSON object in UTF-8. An empty body counts as `{}` and needs no `Content-Type`. Names are taken in \
camelCase and in snake_case; what is not declared is refused.

**Repeats.** A write with an `Idempotency-Key` can be sent again: the repeat gets the first answer, with \
`Idempotent-Replayed: true`. Keys are kept for 24 hours.

**Lists** come in pages: pass `nextCursor` back as `cursor`, with the same filters and sort, until `hasMore` is false.

**Errors** have one form, with a `type` for a class of errors and a `code` for exactly one; the `message` says what to \
do. Every answer carries `Request-Id`; name it when you report a problem.";

/// The document as JSON. `base_path` is where the API is mounted: empty, or
/// such as `/api/billing`.
pub fn document(base_path: &str) -> String {
    let mut paths: Map<String, Value> = Map::new();
    for op in Op::ALL {
        let declared = op.declaration();
        let item = paths.entry(declared.path).or_insert_with(|| json!({}));
        item[declared.method.to_ascii_lowercase()] = operation::describe(declared);
    }
    let tags: Vec<Value> = NOUNS
        .iter()
        .map(|(name, doc)| json!({ "name": name, "description": doc }))
        .collect();
    json!({
        "openapi": "3.1.1",
        "info": {
            "title": "Proyecta",
            "version": env!("CARGO_PKG_VERSION"),
            "summary": "Billing that lives inside your app, over HTTP.",
            "description": DESCRIPTION,
            "license": { "name": "MIT OR Apache-2.0", "identifier": env!("CARGO_PKG_LICENSE") },
        },
        "servers": [{ "url": if base_path.is_empty() { "/" } else { base_path } }],
        "tags": tags,
        "paths": paths,
        "components": {
            "securitySchemes": {
                "apiKey": {
                    "type": "http",
                    "scheme": "bearer",
                    "description": "A secret key of the store, such as `sk_test_…`.",
                },
            },
            "schemas": schemas(),
            "responses": error::responses(),
            "headers": operation::headers(),
        },
        "security": [{ "apiKey": [] }],
    })
    .to_string()
}

/// Every object of requests and answers, by name.
fn schemas() -> Map<String, Value> {
    let mut inputs: Vec<&'static Shape> = Vec::new();
    let mut answers: Vec<&'static Shape> = Vec::new();
    let mut all: Map<String, Value> = Map::new();
    for op in Op::ALL {
        let declared = op.declaration();
        match declared.output {
            Output::One(shape) | Output::Stream(shape) => shape.collect(&mut answers),
            Output::Previewable(made, preview) => {
                made.collect(&mut answers);
                preview.collect(&mut answers);
            }
            Output::Page(shape) => {
                shape.collect(&mut answers);
                let counted = declared.input.fields.iter().any(|field| field.name == "expand");
                all.insert(operation::page_name(shape), schema::page(shape, counted));
            }
            Output::File => {}
        }
        // Parameters in path and query are described where they stand.
        if operation::has_body(declared) {
            let nested = declared.input.fields.iter();
            nested.for_each(|field| drop(field.kind.describe(&mut inputs)));
            let left_out: Vec<&str> = declared.id_param.into_iter().collect();
            let body = schema::of_shape(declared.input, Place::Body, &left_out);
            all.insert(declared.input.name.to_owned(), body);
        }
    }
    all.extend(schema::common().map(|(name, schema)| (name.to_owned(), schema)));
    all.extend(error::schemas());
    let named = |shapes: Vec<&'static Shape>, place| {
        let described = shapes
            .into_iter()
            .map(move |shape| (shape.name.to_owned(), schema::of_shape(shape, place, &[])));
        described.collect::<Vec<_>>()
    };
    all.extend(named(inputs, Place::Body));
    all.extend(named(answers, Place::Answer));
    all
}

#[cfg(test)]
mod tests;
