//! JSON for people: members in their declared order, and what fits a line on
//! a line.

use serde_json::{Map, Value};

use super::kind::Kind;
use crate::ops::shape::{Shape, Type};

/// Longest line that holds a list or an object as a whole.
const WIDTH: usize = 100;

/// A whole file.
pub fn print(catalog: &Value) -> String {
    let mut text = String::from("{\n");
    let lists = [Kind::Feature, Kind::Product, Kind::Coupon];
    for (index, kind) in lists.into_iter().enumerate() {
        let list = catalog.get(kind.list()).and_then(Value::as_array);
        let entries: Vec<String> = list
            .into_iter()
            .flatten()
            .map(|entry| object(entry, kind.create().declaration().input, 2))
            .collect();
        let comma = if index + 1 < lists.len() { "," } else { "" };
        text.push_str(&format!(
            "  \"{}\": {}{comma}\n",
            kind.list(),
            block('[', &entries, ']', 1)
        ));
    }
    text + "}\n"
}

/// One element a line, whatever their length.
fn block(open: char, elements: &[String], close: char, depth: usize) -> String {
    if elements.is_empty() {
        return format!("{open}{close}");
    }
    let margin = "  ".repeat(depth);
    let lines: Vec<String> = elements.iter().map(|element| format!("{margin}  {element}")).collect();
    format!("{open}\n{}\n{margin}{close}", lines.join(",\n"))
}

fn object(value: &Value, shape: &Shape, depth: usize) -> String {
    let Value::Object(members) = value else {
        return value.to_string();
    };
    let lines: Vec<String> = ordered(members, shape)
        .into_iter()
        .map(|(name, value, kind)| format!("{}: {}", Value::from(name), any(value, kind, depth + 1)))
        .collect();
    // What has metadata is an object of the catalogue: one member a line, so that a change is a changed line.
    if shape.fields.iter().any(|field| field.name == "metadata") {
        return block('{', &lines, '}', depth);
    }
    flat(lines, ["{ ", " }"], depth, |lines| block('{', lines, '}', depth))
}

fn any(value: &Value, kind: Option<&Type>, depth: usize) -> String {
    match (value, kind) {
        (Value::Array(items), _) => {
            let of = match kind {
                Some(Type::List(of, _)) => Some(*of),
                _ => None,
            };
            let items: Vec<String> = items.iter().map(|item| any(item, of, depth + 1)).collect();
            flat(items, ["[", "]"], depth, |items| block('[', items, ']', depth))
        }
        (Value::Object(_), Some(Type::Shape(shape))) => object(value, shape, depth),
        (Value::Object(_), Some(Type::Either(_, long))) => any(value, Some(long), depth),
        (Value::Object(_), _) => object(value, &NOTHING_DECLARED, depth),
        _ => value.to_string(),
    }
}

static NOTHING_DECLARED: Shape = Shape {
    name: "",
    doc: &[],
    fields: &[],
};

/// On one line when that is short and has no lines inside.
fn flat(parts: Vec<String>, [open, close]: [&str; 2], depth: usize, block: impl Fn(&[String]) -> String) -> String {
    if parts.is_empty() {
        return format!("{}{}", open.trim_end(), close.trim_start());
    }
    let line = format!("{open}{}{close}", parts.join(", "));
    let fits = !line.contains('\n') && line.chars().count() + 2 * depth <= WIDTH;
    if fits { line } else { block(&parts) }
}

/// Members in the order in which the operation declares them, then the rest.
fn ordered<'a>(members: &'a Map<String, Value>, shape: &'a Shape) -> Vec<(&'a str, &'a Value, Option<&'a Type>)> {
    let mut found: Vec<(&str, &Value, Option<&Type>)> = Vec::new();
    for field in shape.fields {
        if let Some((name, value)) = members.get_key_value(field.name) {
            found.push((name.as_str(), value, Some(&field.kind)));
        }
    }
    // Long lists of a product come last.
    found.sort_by_key(|(name, ..)| *name == Kind::Price.list());
    let declared = |name: &str| shape.fields.iter().any(|field| field.name == name);
    let rest = members.iter().filter(|(name, _)| !declared(name));
    found.extend(rest.map(|(name, value)| (name.as_str(), value, None)));
    found
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn members_stand_in_their_order_and_what_is_short_on_a_line() {
        let text = print(&json!({
            "features": [],
            "products": [{
                "variants": [{
                    "currency": "KRW", "id": "var_a", "name": "A",
                    "tiers": [{ "upTo": 5, "unitAmount": 2 }, { "upTo": null, "unitAmount": 1 }],
                    "recurring": { "intervalCount": 3, "interval": "month" },
                    "replaces": "var_0",
                }],
                "id": "prod_a", "name": "A \"quoted\"",
                "features": ["feat_a", { "limit": 5, "id": "feat_b" }],
                "metadata": { "b": "2", "a": "1" },
            }],
            "coupons": [],
        }));
        let expected = r#"{
  "features": [],
  "products": [
    {
      "id": "prod_a",
      "name": "A \"quoted\"",
      "features": ["feat_a", { "id": "feat_b", "limit": 5 }],
      "metadata": { "a": "1", "b": "2" },
      "variants": [
        {
          "id": "var_a",
          "name": "A",
          "currency": "KRW",
          "recurring": { "interval": "month", "intervalCount": 3 },
          "tiers": [{ "upTo": 5, "unitAmount": 2 }, { "upTo": null, "unitAmount": 1 }],
          "replaces": "var_0"
        }
      ]
    }
  ],
  "coupons": []
}
"#;
        assert_eq!(text, expected);
        assert!(serde_json::from_str::<Value>(&text).is_ok());
    }
}
