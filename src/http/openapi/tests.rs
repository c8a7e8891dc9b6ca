use std::collections::BTreeSet;

use serde_json::Value;

use super::document;
use crate::{
    error::Code,
    ops::{NOUNS, Op, Output},
};

fn parsed() -> Value {
    serde_json::from_str(&document("")).unwrap()
}

fn operations(document: &Value) -> Vec<(String, String, Value)> {
    let paths = document["paths"].as_object().unwrap();
    let entries = paths.iter().flat_map(|(path, item)| {
        let methods = item.as_object().unwrap().iter();
        methods.map(move |(method, entry)| (method.to_uppercase(), path.clone(), entry.clone()))
    });
    entries.collect()
}

/// Calls `see` with every value of the document.
fn walk<'a>(value: &'a Value, see: &mut dyn FnMut(&'a Value)) {
    see(value);
    match value {
        Value::Array(items) => items.iter().for_each(|item| walk(item, see)),
        Value::Object(members) => members.values().for_each(|member| walk(member, see)),
        _ => {}
    }
}

#[test]
fn every_operation_is_there_once() {
    let document = parsed();
    let found: Vec<_> = operations(&document)
        .into_iter()
        .map(|(method, path, entry)| (entry["operationId"].as_str().unwrap().to_owned(), method, path))
        .collect();
    let distinct: BTreeSet<_> = found.iter().cloned().collect();
    let declared: BTreeSet<_> = Op::ALL
        .iter()
        .map(|op| op.declaration())
        .map(|op| (op.name.to_owned(), op.method.to_owned(), op.path.to_owned()))
        .collect();
    assert_eq!(found.len(), Op::ALL.len());
    assert_eq!(distinct, declared);
}

#[test]
fn every_reference_leads_somewhere() {
    let document = parsed();
    let mut count = 0;
    walk(&document, &mut |value| {
        if let Some(reference) = value.get("$ref").and_then(Value::as_str) {
            let pointer = reference.strip_prefix('#').unwrap();
            assert!(document.pointer(pointer).is_some(), "{reference}");
            count += 1;
        }
    });
    assert!(count > 100, "only {count} references");
}

#[test]
fn every_schema_is_used() {
    let document = parsed();
    let mut used = BTreeSet::new();
    walk(&document, &mut |value| {
        if let Some(reference) = value.get("$ref").and_then(Value::as_str) {
            used.insert(reference.rsplit('/').next().unwrap_or_default().to_owned());
        }
    });
    let schemas = document["components"]["schemas"].as_object().unwrap();
    let unused: Vec<_> = schemas
        .keys()
        // Answered to requests that no operation has.
        .filter(|name| !used.contains(*name) && *name != "Error405")
        .collect();
    assert!(unused.is_empty(), "{unused:?}");
}

#[test]
fn every_parameter_is_described_where_it_goes() {
    for (method, path, entry) in operations(&parsed()) {
        let op = Op::ALL.iter().map(|op| op.declaration());
        let declared = op
            .into_iter()
            .find(|op| op.method == method && op.path == path)
            .unwrap();
        let document = parsed();
        let mut described: Vec<String> = entry["parameters"]
            .as_array()
            .unwrap()
            .iter()
            .filter(|parameter| parameter["in"] != "header")
            .map(|parameter| parameter["name"].as_str().unwrap().to_owned())
            .collect();
        if let Some(schema) = entry["requestBody"].pointer("/content/application~1json/schema/$ref") {
            let schema = &document.pointer(&schema.as_str().unwrap()[1..]).unwrap()["properties"];
            described.extend(schema.as_object().unwrap().keys().cloned());
        }
        described.sort_unstable();
        let mut names: Vec<_> = declared.input.fields.iter().map(|field| field.name).collect();
        names.sort_unstable();
        assert_eq!(described, names, "{}", declared.name);
    }
}

#[test]
fn limits_are_those_of_the_declaration() {
    let document = parsed();
    let body = &document["components"]["schemas"]["CustomerCreateParams"];
    assert_eq!(body["required"], serde_json::json!(["email"]));
    assert_eq!(body["additionalProperties"], false);
    assert_eq!(body["properties"]["name"]["maxLength"], 255);
    assert_eq!(
        body["properties"]["name"]["type"],
        serde_json::json!(["string", "null"])
    );
    assert_eq!(body["properties"]["additionalRecipients"]["maxItems"], 20);
    let submit = &document["components"]["schemas"]["SignupFormSubmitParams"]["properties"]["password"];
    assert_eq!((&submit["minLength"], &submit["maxLength"]), (&8.into(), &256.into()));
    let list = document["paths"]["/v1/customers"]["get"]["parameters"]
        .as_array()
        .unwrap();
    let limit = list.iter().find(|parameter| parameter["name"] == "limit").unwrap();
    assert_eq!(
        (&limit["schema"]["minimum"], &limit["schema"]["maximum"]),
        (&1.into(), &100.into())
    );
    let created = list.iter().find(|parameter| parameter["name"] == "created").unwrap();
    assert_eq!(created["style"], "deepObject");
}

#[test]
fn every_code_that_can_be_sent_is_listed_with_its_status() {
    let document = parsed();
    for code in super::error::sent() {
        let listed = &document["components"]["schemas"][format!("Error{}", code.status())]["allOf"][1]["properties"];
        let codes = listed["error"]["properties"]["code"]["enum"].as_array().unwrap();
        assert!(codes.contains(&code.name().into()), "{}", code.name());
    }
    let all = document["components"]["schemas"]["Error"].to_string();
    for code in [Code::ConnectionFailed, Code::Aborted, Code::Closed] {
        assert!(
            !all.contains(&format!("\"{}\"", code.name())),
            "{} is never sent",
            code.name()
        );
    }
}

#[test]
fn every_noun_is_described() {
    let nouns: BTreeSet<_> = Op::ALL
        .iter()
        .filter_map(|op| op.declaration().name.split('.').next())
        .collect();
    let described: BTreeSet<_> = NOUNS.iter().map(|(name, _)| *name).collect();
    assert_eq!(nouns, described);
}

#[test]
fn answers_list_every_member_and_no_other() {
    let document = parsed();
    for op in Op::ALL {
        let shapes = match op.declaration().output {
            Output::One(shape) | Output::Page(shape) | Output::Stream(shape) => vec![shape],
            Output::Previewable(made, preview) => vec![made, preview],
            Output::File => vec![],
        };
        for shape in shapes {
            let schema = &document["components"]["schemas"][shape.name];
            assert_eq!(
                schema["required"].as_array().unwrap().len(),
                shape.fields.len(),
                "{}",
                shape.name
            );
            assert_eq!(schema["additionalProperties"], false, "{}", shape.name);
        }
    }
}

#[test]
fn a_mounted_api_says_where() {
    let document: Value = serde_json::from_str(&document("/api/billing")).unwrap();
    assert_eq!(document["servers"][0]["url"], "/api/billing");
    assert_eq!(parsed()["servers"][0]["url"], "/");
}
