//! How an operation is called: with curl, and with the SDK.

use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::Value;

use crate::{
    http::{
        openapi::{
            example::{self, Example},
            operation::has_body,
        },
        serve::XLSX,
    },
    ops::{Operation, Output},
};

const AUTHORIZATION: &str = r#"  -H "Authorization: Bearer $PROYECTA_API_KEY""#;

/// A request with curl.
pub(super) fn curl(operation: &Operation) -> String {
    let members = example::request(operation.input, operation.id_param);
    let mut lines = vec![format!(
        "curl{}{} \"$PROYECTA_BASE_URL{}\"",
        if matches!(operation.output, Output::Stream(_)) {
            " -N"
        } else {
            ""
        },
        verb(operation),
        path(operation, &members)
    )];
    lines.push(AUTHORIZATION.to_owned());
    if operation.upload {
        lines.push(format!("  -H \"Content-Type: {}\"", XLSX));
        lines.push("  --data-binary @customers.xlsx".to_owned());
    } else if has_body(operation) {
        lines.push("  -H \"Content-Type: application/json\"".to_owned());
        lines.push(format!("  -d '{}'", json(&Example::Object(members), 1)));
    }
    if matches!(operation.output, Output::File) {
        lines.push("  -o customers.xlsx".to_owned());
    }
    lines.join(" \\\n")
}

/// The method, where curl would take another one by itself.
fn verb(operation: &Operation) -> String {
    let implied = if has_body(operation) || operation.upload {
        "POST"
    } else {
        "GET"
    };
    if operation.method == implied {
        String::new()
    } else {
        format!(" -X {}", operation.method)
    }
}

fn path(operation: &Operation, members: &[(&str, Example)]) -> String {
    let mut path = operation.path.to_owned();
    if let (Some(name), Some(Value::String(id))) = (operation.id_param, example::id(operation)) {
        path = path.replace(&format!("{{{name}}}"), &id);
    }
    if has_body(operation) || members.is_empty() {
        return path;
    }
    let text = |value: &Value| match value {
        Value::String(text) => utf8_percent_encode(text, NON_ALPHANUMERIC).to_string(),
        other => other.to_string(),
    };
    let pairs: Vec<String> = members
        .iter()
        .map(|(name, value)| format!("{name}={}", text(&value.value())))
        .collect();
    format!("{path}?{}", pairs.join("&"))
}

/// The same with the SDK.
pub(super) fn node(operation: &Operation) -> String {
    let call = if operation.name == "store.get" {
        // A property, for it takes nothing.
        "await proyecta.store".to_owned()
    } else {
        format!("await proyecta.commerce.{}({})", operation.name, arguments(operation))
    };
    let used = match operation.output {
        Output::Stream(_) => format!(
            "for await (const event of {}) {{\n  console.log(event.type, event.data.object);\n}}",
            call.trim_start_matches("await ")
        ),
        _ => format!("const {} = {call};", variable(operation)),
    };
    format!("import Proyecta from '@proyecta-ai/sdk';\n\nconst proyecta = new Proyecta();\n{used}")
}

fn arguments(operation: &Operation) -> String {
    let members = example::request(operation.input, operation.id_param);
    let mut arguments = Vec::new();
    if operation.upload {
        arguments.push("'customers.xlsx'".to_owned());
    }
    arguments.extend(example::id(operation).map(|id| script(&Example::Plain(id), 0)));
    if !members.is_empty() {
        arguments.push(script(&Example::Object(members), 0));
    }
    arguments.join(", ")
}

/// A name for what comes back.
fn variable(operation: &Operation) -> String {
    match operation.output {
        Output::One(shape) | Output::Previewable(shape, _) => {
            let mut letters = shape.name.chars();
            let first = letters.next().map(|letter| letter.to_ascii_lowercase());
            first.into_iter().chain(letters).collect()
        }
        Output::Page(_) => "{ data, hasMore, nextCursor }".to_owned(),
        Output::File => "file".to_owned(),
        Output::Stream(_) => "event".to_owned(),
    }
}

/// A value as JavaScript is written by people.
fn script(value: &Example, depth: usize) -> String {
    let quoted = |text: &str| format!("'{}'", text.replace('\\', "\\\\").replace('\'', "\\'"));
    write(value, depth, &|name| name.to_owned(), &quoted, ",")
}

/// A value as JSON, two spaces a step.
pub(super) fn json(value: &Example, depth: usize) -> String {
    let quoted = |text: &str| Value::from(text).to_string();
    write(value, depth, &quoted, &quoted, "")
}

/// A value with its names and texts quoted, and something behind the last of
/// several members.
fn write(
    value: &Example,
    depth: usize,
    name: &dyn Fn(&str) -> String,
    text: &dyn Fn(&str) -> String,
    last: &str,
) -> String {
    let margin = "  ".repeat(depth);
    let inside = |item: &Example| write(item, depth + 1, name, text, last);
    let block = |open: char, lines: Vec<String>, close: char| {
        if lines.is_empty() {
            return format!("{open}{close}");
        }
        let lines = lines.join(&format!(",\n{margin}  "));
        format!("{open}\n{margin}  {lines}{last}\n{margin}{close}")
    };
    match value {
        Example::Object(members) => {
            let line = |(member, value): &(&str, Example)| format!("{}: {}", name(member), inside(value));
            block('{', members.iter().map(line).collect(), '}')
        }
        Example::List(items) => block('[', items.iter().map(inside).collect(), ']'),
        Example::Plain(Value::String(plain)) => text(plain),
        Example::Plain(Value::Object(members)) => {
            let line = |(member, value): (&String, &Value)| {
                format!("{}: {}", name(member), inside(&Example::Plain(value.clone())))
            };
            block('{', members.iter().map(line).collect(), '}')
        }
        Example::Plain(other) => other.to_string(),
    }
}
