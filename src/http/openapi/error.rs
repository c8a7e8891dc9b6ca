//! How errors are answered: one envelope, and for each status its codes.

use serde_json::{Map, Value, json};

use super::{operation::has_body, schema::reference};
use crate::{
    domain::decline::DeclineCode,
    error::{Code, Kind},
    ops::{
        Effect, Operation,
        shape::{Field, Type},
    },
};

/// Codes that an answer over HTTP can have; the others never leave a process.
pub(in crate::http) fn sent() -> impl Iterator<Item = Code> {
    Code::ALL.iter().copied().filter(|code| {
        !matches!(code.kind(), Kind::Connection | Kind::Aborted)
            && !matches!(code, Code::Closed | Code::ConfigurationInvalid)
    })
}

/// The statuses of errors that an operation can answer, ascending.
pub(in crate::http) fn statuses(operation: &Operation) -> Vec<u16> {
    let fields = operation.input.fields;
    let mut statuses = vec![400, 401, 429, 431, 500, 503, 504];
    if operation.effect == Effect::Write {
        statuses.extend([403, 409]);
    }
    if operation.gateway {
        statuses.push(502);
        // What is given up is not declined.
        statuses.extend(Some(402).filter(|_| operation.method != "DELETE"));
    }
    if operation.id_param.is_some() || refers(fields) {
        statuses.push(404);
    }
    if has_body(operation) || operation.upload {
        statuses.extend([413, 415]);
    }
    statuses.sort_unstable();
    statuses
}

/// Whether an id among the members, such as `startingAfter`, has to be
/// something's: one called `id` is the new object's own.
fn refers(fields: &[Field]) -> bool {
    fields
        .iter()
        .any(|field| field.name != "id" && names_another(&field.kind))
}

fn names_another(kind: &Type) -> bool {
    match kind {
        Type::Id(_) => true,
        Type::List(of, _) => names_another(of),
        Type::Either(one, other) => names_another(one) || names_another(other),
        Type::Shape(shape) => refers(shape.fields),
        _ => false,
    }
}

/// What a status means, in a few words.
pub(in crate::http) fn meaning(status: u16) -> &'static str {
    match status {
        400 => "The request does not fit.",
        401 => "The API key is missing, unknown or no longer valid.",
        402 => "The card was declined; `declineCode` says why.",
        403 => "The API key may not do this.",
        404 => "There is no such object in this store.",
        405 => "The route does not have this method; `Allow` lists those it has.",
        409 => "What is stored is in the way.",
        413 => "The body is too large.",
        415 => "The body has a type that the route does not take.",
        429 => "Too many requests; `Retry-After` says how long to wait.",
        431 => "The request's head is too large.",
        500 => "A bug of ours; nothing was changed.",
        502 => "The payment gateway cannot be reached.",
        503 => "The server or its database cannot serve now; `Retry-After` says when to try again.",
        504 => "It took too long; nothing was changed.",
        _ => "An error.",
    }
}

/// Whether an answer of this status says when to try again.
fn says_when(status: u16) -> bool {
    matches!(status, 429 | 503)
}

/// The responses of errors, by [`name`].
pub(super) fn responses() -> Map<String, Value> {
    let mut responses = Map::new();
    for status in all_statuses() {
        let mut headers = json!({ "Request-Id": { "$ref": "#/components/headers/Request-Id" } });
        if says_when(status) {
            headers["Retry-After"] = json!({ "$ref": "#/components/headers/Retry-After" });
        }
        if status == 405 {
            headers["Allow"] = json!({ "$ref": "#/components/headers/Allow" });
        }
        let response = json!({
            "description": meaning(status),
            "headers": headers,
            "content": { "application/json": { "schema": reference(&name(status)), "example": example(status) } },
        });
        responses.insert(name(status), response);
    }
    responses
}

/// The envelope, and what it holds at each status.
pub(super) fn schemas() -> Map<String, Value> {
    let mut schemas = Map::new();
    schemas.insert("Error".into(), envelope());
    for status in all_statuses() {
        let codes: Vec<Code> = sent().filter(|code| code.status() == status).collect();
        let mut types: Vec<&str> = codes.iter().map(|code| code.kind().name()).collect();
        types.dedup();
        let codes: Vec<&str> = codes.iter().map(|code| code.name()).collect();
        let error = json!({ "properties": { "type": { "enum": types }, "code": { "enum": codes } } });
        let schema = json!({
            "description": format!("An error with the status {status}."),
            "allOf": [reference("Error"), { "properties": { "error": error } }],
        });
        schemas.insert(name(status), schema);
    }
    schemas
}

/// The name of what is answered with a status.
pub(super) fn name(status: u16) -> String {
    format!("Error{status}")
}

fn all_statuses() -> Vec<u16> {
    let mut statuses: Vec<u16> = sent().map(Code::status).collect();
    statuses.sort_unstable();
    statuses.dedup();
    statuses
}

fn envelope() -> Value {
    let codes: Vec<&str> = sent().map(Code::name).collect();
    let mut types: Vec<&str> = sent().map(|code| code.kind().name()).collect();
    types.dedup();
    json!({
        "type": "object",
        "description": "What every request that fails is answered with.",
        "properties": {
            "error": {
                "type": "object",
                "properties": {
                    "type": { "type": "string", "enum": types, "description": "What kind of error it is." },
                    "code": { "type": "string", "enum": codes, "description": "What exactly went wrong." },
                    "message": { "type": "string", "description": "What was wrong and what to do; names parameters and ids, never personal values." },
                    "param": { "type": ["string", "null"], "description": "The parameter that it is about, as a path such as `address.postal_code`." },
                    "requestId": { "type": "string", "description": "The request, as in the header `Request-Id`." },
                    "details": { "type": "object", "description": "Facts that a program may use, such as the id of the other customer in a conflict." },
                    "declineCode": { "type": "string", "enum": DeclineCode::ALL.map(DeclineCode::name), "description": "Why a card was declined; only with `card_declined`." },
                    "retryable": { "type": "boolean", "description": "Whether the same card may be accepted later; only with `card_declined`." },
                },
                "required": ["type", "code", "message", "param", "requestId"],
                "additionalProperties": false,
            },
        },
        "required": ["error"],
        "additionalProperties": false,
    })
}

fn example(status: u16) -> Value {
    let Some(code) = sent().find(|code| code.status() == status) else {
        return json!({});
    };
    let param = matches!(code, Code::ParameterMissing | Code::CustomerNotFound).then_some("customerId");
    json!({
        "error": {
            "type": code.kind().name(),
            "code": code.name(),
            "message": code.cause(),
            "param": param,
            "requestId": "req_01jd0v8e4r5s9m2kq7w3x6y1zb",
        },
    })
}
