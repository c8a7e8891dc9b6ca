//! One operation as OpenAPI describes it.

use serde_json::{Map, Value, json};

use super::{
    error,
    example::{self, Example},
    schema::{self, Place, reference},
};
use crate::{
    engine::idempotency::MAX_KEY_CHARACTERS,
    http::{
        event_stream::EVENT_STREAM,
        serve::{XLSX, takes_body},
        upload::MEDIA_TYPES,
    },
    ops::{
        Effect, Op, Operation, Output,
        shape::{Field, Shape, Type, paragraph},
    },
};

/// How a stream of events looks, its JSON cut short.
const STREAM_EXAMPLE: &str = "id: evt_01jd0v8e4r5s9m2kq7w3x6y1zb\nevent: customer.created\ndata: {\"id\":\"evt_01jd0v8e4r5s9m2kq7w3x6y1zb\",…}\n\n";

/// Whether the parameters come as JSON in the body; otherwise they are in the
/// query string.
pub(in crate::http) fn has_body(operation: &Operation) -> bool {
    takes_body(operation) && !operation.upload && members(operation).next().is_some()
}

/// The parameters but for the id in the path.
pub(in crate::http) fn members(operation: &Operation) -> impl Iterator<Item = &'static Field> {
    let id = operation.id_param;
    operation
        .input
        .fields
        .iter()
        .filter(move |field| Some(field.name) != id)
}

/// Whether it makes an object, and says so with 201.
pub(in crate::http) fn creates(operation: &Operation) -> bool {
    let verb = operation.name.split('.').next_back();
    operation.method == "POST"
        && matches!(
            verb,
            Some("create" | "submit" | "replace" | "checkout" | "record" | "adjust")
        )
}

/// Whether the version that a change is meant for may come as `If-Match`.
pub(in crate::http) fn takes_version(operation: &Operation) -> bool {
    operation.input.fields.iter().any(|field| field.name == "ifVersion")
}

/// The name of the schema of a page.
pub(super) fn page_name(shape: &Shape) -> String {
    format!("{}Page", shape.name)
}

/// The operation's entry under its path.
pub(super) fn describe(operation: &'static Operation) -> Value {
    let doc = paragraph(operation.doc);
    let (summary, description) = doc.split_once("\n\n").unwrap_or((&doc, ""));
    let noun = operation.name.split('.').next();
    let mut entry = json!({
        "operationId": operation.name,
        "tags": [noun],
        "summary": summary.replace('\n', " ").trim_end_matches('.'),
        "parameters": parameters(operation),
        "responses": responses(operation),
    });
    let description = [description, aside(operation)].join("\n\n").trim().to_owned();
    if !description.is_empty() {
        entry["description"] = description.into();
    }
    if operation.upload {
        let content: Map<String, Value> = MEDIA_TYPES.iter().map(|media| ((*media).to_owned(), file())).collect();
        entry["requestBody"] = json!({ "required": true, "description": "The file's bytes.", "content": content });
    } else if has_body(operation) {
        let schema = reference(operation.input.name);
        let example = Example::Object(example::request(operation.input, operation.id_param)).value();
        entry["requestBody"] = json!({
            "required": members(operation).any(|field| field.required),
            "content": { "application/json": { "schema": schema, "example": example } },
        });
    }
    entry
}

/// What HTTP adds to an operation's own description.
fn aside(operation: &Operation) -> &'static str {
    if matches!(operation.output, Output::Stream(_)) {
        "Server-sent events: each has the event's `id`, its type as `event`, and the event as JSON in `data`, as `events.list` \
         gives it. A block with an `id` alone says how far the stream has looked, a comment every 15 seconds that it lives. \
         After a broken connection begin anew with `Last-Event-ID`, as browsers' `EventSource` does."
    } else if operation.upload {
        "With `Accept: application/x-ndjson` the answer is a line of JSON for each step (`{\"progress\":{…}}`), and a last \
         one with `result` or `error`."
    } else {
        ""
    }
}

fn parameters(operation: &'static Operation) -> Vec<Value> {
    let mut parameters: Vec<Value> = id_parameter(operation).into_iter().collect();
    if operation.upload || !takes_body(operation) {
        parameters.extend(members(operation).map(query_parameter));
    }
    let mut header = |name: &str, doc: &str, schema: Value| {
        parameters.push(json!({ "name": name, "in": "header", "description": doc, "schema": schema }));
    };
    if operation.effect == Effect::Write {
        header(
            "Idempotency-Key",
            "Makes a repeat of this request give the first answer instead of acting twice; kept for 24 hours.",
            json!({ "type": "string", "minLength": 1, "maxLength": MAX_KEY_CHARACTERS, "pattern": "^[!-~]+$" }),
        );
    }
    if matches!(operation.output, Output::Stream(_)) {
        header(
            "Last-Event-ID",
            "The last `id` that you saw; it goes before `after`.",
            json!({ "type": "string", "pattern": "^(evt_[A-Za-z0-9_-]{1,60}|[0-9]{1,15})$" }),
        );
    }
    if takes_version(operation) {
        header(
            "If-Match",
            "Only if the object still has this version: another way to give `ifVersion`.",
            json!({ "type": "string", "pattern": "^(\"[1-9][0-9]{0,14}\"|[1-9][0-9]{0,14})$" }),
        );
    }
    header(
        "Request-Id",
        "Your own name for the request, 1 to 128 of `A-Z a-z 0-9 . _ : -`; anything else is replaced by one of ours.",
        json!({ "type": "string" }),
    );
    parameters
}

fn id_parameter(operation: &'static Operation) -> Option<Value> {
    let name = operation.id_param?;
    let field = operation.input.fields.iter().find(|field| field.name == name)?;
    let mut schema = schema::of_type(&field.kind, Place::Query);
    let mut doc = paragraph(field.doc);
    if !field.required {
        schema = json!({ "anyOf": [schema, { "const": "-" }] });
        doc.push_str(" A lone `-` when another parameter names the object.");
    }
    Some(json!({
        "name": name,
        "in": "path",
        "required": true,
        "description": doc,
        "schema": schema,
        "example": example::id(operation),
    }))
}

fn query_parameter(field: &'static Field) -> Value {
    let mut parameter = json!({
        "name": field.name,
        "in": "query",
        "required": field.required,
        "description": paragraph(field.doc),
        "schema": schema::of_type(&field.kind, Place::Query),
    });
    match field.kind {
        Type::Shape(_) => {
            parameter["style"] = "deepObject".into();
            parameter["explode"] = true.into();
        }
        Type::List(..) | Type::Either(_, Type::List(..)) => {
            parameter["style"] = "form".into();
            parameter["explode"] = true.into();
        }
        _ => {}
    }
    parameter
}

fn responses(operation: &'static Operation) -> Value {
    let mut responses = json!({ "200": success(operation, ok_doc(operation), operation.effect == Effect::Write) });
    if creates(operation) {
        responses["201"] = success(operation, "A new object.", false);
    }
    for status in error::statuses(operation) {
        responses[status.to_string()] = json!({ "$ref": format!("#/components/responses/{}", error::name(status)) });
    }
    responses
}

fn ok_doc(operation: &Operation) -> &'static str {
    match (operation.output, creates(operation)) {
        (_, true) => "The object that was there already, or the first answer to the idempotency key.",
        (Output::File, _) => "The file.",
        (Output::Page(_), _) => "A page of the list.",
        (Output::One(_) | Output::Previewable(..), _) => "The answer.",
        (Output::Stream(_), _) => "The stream, which has no end of its own.",
    }
}

fn success(operation: &'static Operation, description: &str, replayable: bool) -> Value {
    let mut headers = json!({ "Request-Id": { "$ref": "#/components/headers/Request-Id" } });
    let schema = match operation.output {
        Output::One(shape) => reference(shape.name),
        Output::Previewable(made, preview) => json!({ "anyOf": [reference(made.name), reference(preview.name)] }),
        Output::Page(shape) => reference(&page_name(shape)),
        Output::File => {
            headers["Content-Disposition"] = json!({ "$ref": "#/components/headers/Content-Disposition" });
            return json!({ "description": description, "headers": headers, "content": { XLSX: file() } });
        }
        Output::Stream(_) => {
            let content = json!({ EVENT_STREAM: { "schema": { "type": "string" }, "example": STREAM_EXAMPLE } });
            return json!({ "description": description, "headers": headers, "content": content });
        }
    };
    if replayable {
        headers["Idempotent-Replayed"] = json!({ "$ref": "#/components/headers/Idempotent-Replayed" });
    }
    let mut content = json!({
        "application/json": { "schema": schema, "example": example::answer(operation.output).map(|answer| answer.value()) },
    });
    if operation.upload {
        content["application/x-ndjson"] = json!({ "schema": { "type": "string" } });
    }
    let mut response = json!({ "description": description, "headers": headers, "content": content });
    let links = links(operation);
    if !links.is_empty() {
        response["links"] = Value::Object(links);
    }
    response
}

/// From an object that was made to what can be done with it.
fn links(operation: &'static Operation) -> Map<String, Value> {
    let shape_of = |operation: &Operation| match operation.output {
        Output::One(shape) | Output::Previewable(shape, _) if creates(operation) => Some(shape.name),
        _ => None,
    };
    let Some(made) = shape_of(operation) else {
        return Map::new();
    };
    let all = || Op::ALL.iter().map(|op| op.declaration());
    let noun = |operation: &'static Operation| operation.name.split_once('.').unwrap_or((operation.name, ""));
    let home = all().find(|other| other.name.ends_with(".create") && shape_of(other) == Some(made));
    let Some((home, _)) = home.map(noun) else {
        return Map::new();
    };
    all()
        .filter(|other| noun(other).0 == home)
        .filter_map(|other| {
            let parameters = json!({ (other.id_param?): "$response.body#/id" });
            let link = json!({ "operationId": other.name, "parameters": parameters });
            Some((noun(other).1.to_owned(), link))
        })
        .collect()
}

/// A file's bytes: without a schema, as binary content is described.
fn file() -> Value {
    json!({ "schema": { "type": "string", "format": "binary" } })
}

/// Headers of answers.
pub(super) fn headers() -> Value {
    json!({
        "Request-Id": {
            "description": "Names the request, in our logs too.",
            "required": true,
            "schema": { "type": "string", "pattern": "^[A-Za-z0-9._:-]{1,128}$" },
        },
        "Idempotent-Replayed": {
            "description": "There when this is the first answer to the idempotency key, given again.",
            "schema": { "const": "true" },
        },
        "Retry-After": {
            "description": "Seconds to wait before the next try.",
            "required": true,
            "schema": { "type": "integer", "minimum": 0 },
        },
        "Allow": {
            "description": "The methods that the route has.",
            "required": true,
            "schema": { "type": "string" },
        },
        "Content-Disposition": {
            "description": "The file's name.",
            "required": true,
            "schema": { "type": "string" },
        },
    })
}
