//! What differs between an object as it is and as it would be, for people to
//! read.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

use super::{kind::Kind, written::lean};
use crate::cli::terminal::harmless;

/// Members that every change changes, and those that have lines of their own.
const UNTOLD: [&str; 4] = ["version", "createdAt", "updatedAt", "variants"];
/// Most characters of a value that is shown.
const SHOWN: usize = 60;

/// What became of an object.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sign {
    /// It is new.
    New,
    /// It is another.
    Changed,
    /// It is only where things are compared with, not in what counts.
    Gone,
}

/// An object by name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Label {
    /// What it is.
    pub kind: Kind,
    /// Its own id, or code.
    pub name: String,
    /// What to say about it besides.
    pub note: String,
}

/// One object's difference.
#[derive(Debug)]
pub struct Line {
    /// What became of it.
    pub sign: Sign,
    /// Which.
    pub label: Label,
    /// Which of its members are others, when it changed.
    pub changes: Vec<Change>,
}

/// One member's difference.
#[derive(Debug, PartialEq, Eq)]
pub struct Change {
    /// Such as `features[1].limit`.
    pub path: String,
    /// As it is.
    pub old: String,
    /// As it would be.
    pub new: String,
}

/// The members of two answers about one object that differ.
pub fn changes(before: &Value, after: &Value) -> Vec<Change> {
    let empty = Map::new();
    let members = |value: &Value| value.as_object().cloned().unwrap_or_else(|| empty.clone());
    let told = |mut members: Map<String, Value>| {
        members.retain(|name, _| !UNTOLD.contains(&name.as_str()));
        Value::Object(members)
    };
    let mut found = Vec::new();
    compare("", &told(members(before)), &told(members(after)), &mut found);
    found
}

/// Goes down as far as the two have one form.
fn compare(path: &str, before: &Value, after: &Value, found: &mut Vec<Change>) {
    match (before, after) {
        _ if before == after => {}
        (Value::Object(old), Value::Object(new)) => {
            let names: BTreeSet<&String> = old.keys().chain(new.keys()).collect();
            for name in names {
                let [old, new] = [old, new].map(|members| members.get(name).unwrap_or(&Value::Null));
                let path = if path.is_empty() {
                    name.clone()
                } else {
                    format!("{path}.{name}")
                };
                compare(&path, old, new, found);
            }
        }
        (Value::Array(old), Value::Array(new)) if old.len() == new.len() => {
            for (index, (old, new)) in old.iter().zip(new).enumerate() {
                compare(&format!("{path}[{index}]"), old, new, found);
            }
        }
        (Value::Array(old), Value::Array(new)) if are_named(old) && are_named(new) => {
            let named = |list: &[Value], wanted: &str| list.iter().find(|one| name(one) == Some(wanted)).cloned();
            let mut names: Vec<&str> = old.iter().chain(new).filter_map(name).collect();
            let mut seen = BTreeSet::new();
            names.retain(|name| seen.insert(*name));
            for name in names {
                let [old, new] = [old, new].map(|list| named(list, name).unwrap_or(Value::Null));
                compare(&format!("{path}[{name}]"), &old, &new, found);
            }
        }
        _ => found.push(Change {
            path: path.to_owned(),
            old: shown(before),
            new: shown(after),
        }),
    }
}

/// What an element of a list is known by.
fn name(element: &Value) -> Option<&str> {
    element.as_str().or_else(|| element.get("id")?.as_str())
}

fn are_named(list: &[Value]) -> bool {
    let names: BTreeSet<&str> = list.iter().filter_map(name).collect();
    names.len() == list.len()
}

/// A value in a line: without what says nothing, and cut when it is long.
fn shown(value: &Value) -> String {
    let mut value = value.clone();
    lean(&mut value);
    let text = value.to_string();
    if text.chars().count() <= SHOWN {
        return harmless(&text);
    }
    let begin: String = text.chars().take(SHOWN - 1).collect();
    harmless(&begin) + "…"
}

impl Line {
    /// The lines for a person; in colour for a terminal.
    pub fn text(&self, colour: bool) -> String {
        let (mark, code) = match self.sign {
            Sign::New => ('+', "32"),
            Sign::Changed => ('~', "33"),
            Sign::Gone => ('-', "31"),
        };
        let Label { kind, name, note } = &self.label;
        let head = format!("{mark} {} {}{}", kind.name(), harmless(name), harmless(note));
        let mut text = painted(&head, code, colour);
        for Change { path, old, new } in &self.changes {
            text.push_str(&format!(
                "\n    {}: {} → {}",
                harmless(path),
                painted(old, "31", colour),
                painted(new, "32", colour)
            ));
        }
        text
    }
}

fn painted(text: &str, code: &str, colour: bool) -> String {
    if colour {
        format!("\u{1b}[{code}m{text}\u{1b}[0m")
    } else {
        text.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    fn lines(before: Value, after: Value) -> Vec<String> {
        let line = |change: Change| format!("{}: {} → {}", change.path, change.old, change.new);
        changes(&before, &after).into_iter().map(line).collect()
    }

    #[test]
    fn only_what_differs_is_told_with_its_path() {
        let before = json!({
            "name": "Pro", "version": 1, "updatedAt": "a", "variants": [1], "trial": null,
            "features": [{ "id": "feat_a", "limit": 5 }, { "id": "feat_b", "limit": null }],
        });
        let after = json!({
            "name": "Professional", "version": 2, "updatedAt": "b", "variants": [], "trial": { "count": 1 },
            "features": [{ "id": "feat_a", "limit": 5 }, { "id": "feat_b", "limit": 7 }],
        });
        assert_eq!(
            lines(before, after),
            [
                "features[1].limit: null → 7",
                "name: \"Pro\" → \"Professional\"",
                "trial: null → {\"count\":1}",
            ]
        );
    }

    #[test]
    fn of_a_list_whose_elements_have_names_only_some_are_told() {
        let before = json!({ "features": [{ "id": "feat_a", "limit": 5 }, { "id": "feat_b", "limit": null }] });
        let after = json!({ "features": [{ "id": "feat_b", "limit": 1 }] });
        assert_eq!(
            lines(before, after),
            [
                "features[feat_a]: {\"id\":\"feat_a\",\"limit\":5} → null",
                "features[feat_b].limit: null → 1",
            ]
        );
        let told = lines(json!({ "products": ["a"] }), json!({ "products": ["a", "b"] }));
        assert_eq!(told, ["products[b]: null → \"b\""]);
    }

    #[test]
    fn another_list_that_grew_is_one_change_and_long_values_are_cut() {
        let told = lines(
            json!({ "tiers": [{ "upTo": 1 }] }),
            json!({ "tiers": [{ "upTo": 1 }, { "upTo": null, "a": 1 }] }),
        );
        assert_eq!(told, ["tiers: [{\"upTo\":1}] → [{\"upTo\":1},{\"a\":1}]"]);
        let told = lines(json!({ "notice": null }), json!({ "notice": "가".repeat(200) }));
        assert_eq!(told, [format!("notice: null → \"{}…", "가".repeat(58))]);
    }

    #[test]
    fn equal_answers_have_no_changes_whatever_their_versions() {
        let answer = |version| json!({ "id": "prod_a", "version": version, "metadata": { "a": "b" } });
        assert_eq!(changes(&answer(1), &answer(9)), []);
    }

    #[test]
    fn nothing_that_a_terminal_obeys_is_printed() {
        let changes = changes(&json!({ "name": "a" }), &json!({ "name": "\u{1b}[2J\u{9b}2J" }));
        let label = Label {
            kind: Kind::Coupon,
            name: "\u{1b}]0;x".into(),
            note: String::new(),
        };
        let line = Line {
            sign: Sign::Changed,
            label,
            changes,
        };
        assert!(!line.text(false).contains(|c: char| c.is_control() && c != '\n'));
        assert!(line.text(true).starts_with("\u{1b}[33m~ coupon "));
    }

    /// JSON with few names and values, so that two of them often share some.
    fn any_json() -> impl Strategy<Value = Value> {
        let text = prop_oneof![Just("a"), Just("b"), Just("id")];
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            (0..3).prop_map(Value::from),
            text.prop_map(Value::from)
        ];
        leaf.prop_recursive(3, 24, 4, |inner| {
            let name = prop_oneof![Just("id"), Just("b"), Just("c")].prop_map(str::to_owned);
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
                prop::collection::btree_map(name, inner, 0..4).prop_map(|members| members.into_iter().collect()),
            ]
        })
    }

    /// Whether the two say the same; a member that is `null` is as good as none.
    fn same(one: &Value, other: &Value) -> bool {
        match (one, other) {
            (Value::Object(one), Value::Object(other)) => {
                let null = Value::Null;
                let mut names = one.keys().chain(other.keys());
                names.all(|name| same(one.get(name).unwrap_or(&null), other.get(name).unwrap_or(&null)))
            }
            (Value::Array(one), Value::Array(other)) => {
                one.len() == other.len() && one.iter().zip(other).all(|(one, other)| same(one, other))
            }
            _ => one == other,
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(10_000))]

        #[test]
        fn no_difference_is_hidden_and_none_is_invented(before in any_json(), after in any_json()) {
            let answer = |value: &Value| json!({ "name": value, "version": 1 });
            let told = changes(&answer(&before), &answer(&after));
            prop_assert_eq!(told.is_empty(), same(&before, &after), "{:?}", told);
        }
    }
}
