//! All rows of a store as text that does not depend on how ids came to be:
//! each id is its place among those of its kind.

use std::collections::{BTreeMap, BTreeSet};

use proyecta::store::sqlite::inline::InlineStore;

/// What is compared, each in an order that does not change.
const TABLES: &[(&str, &str)] = &[
    ("subscriptions", "id"),
    ("subscription_items", "id"),
    ("orders", "id"),
    ("payments", "id"),
    ("jobs", "subject"),
    ("credit_balances", "customer, currency"),
    ("credits", "id"),
    ("usages", "id"),
    ("purchases", "customer, product"),
    ("redemptions", "coupon, order_id"),
    ("events", "id"),
    ("customers", "id"),
];

/// The rows, as lines.
pub fn dump(database: &InlineStore) -> Vec<String> {
    let mut lines = Vec::new();
    for (table, order) in TABLES {
        let rows = database
            .rows(&format!("select * from {table} order by {order}"))
            .expect("rows");
        // What is said of the clock itself depends on how often it is moved.
        let kept = rows
            .iter()
            .filter(|row| !row.iter().any(|value| value.starts_with("clk_")));
        lines.extend(kept.map(|row| format!("{table}: {}", row.join(" | "))));
    }
    named(lines)
}

/// The first line that differs.
pub fn difference(one: &[String], other: &[String]) -> Option<String> {
    let place = one.iter().zip(other).position(|(one, other)| one != other);
    let place = place.or((one.len() != other.len()).then_some(one.len().min(other.len())))?;
    let line = |lines: &[String]| lines.get(place).cloned().unwrap_or_else(|| "nothing".to_owned());
    Some(format!("{}\nand\n{}", line(one), line(other)))
}

/// Where ids begin and end: a prefix, and 26 characters.
fn ids(text: &str) -> Vec<(usize, usize)> {
    let bytes = text.as_bytes();
    let is_of_id = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    let mut found = Vec::new();
    for (place, _) in text.match_indices('_') {
        let end = (place + 1..bytes.len())
            .find(|end| !is_of_id(bytes[*end]))
            .unwrap_or(bytes.len());
        if end - place != 27 {
            continue;
        }
        let start = (0..place).rev().find(|start| !bytes[*start].is_ascii_lowercase());
        found.push((start.map_or(0, |start| start + 1), end));
    }
    found
}

fn named(lines: Vec<String>) -> Vec<String> {
    let mut known: BTreeSet<String> = BTreeSet::new();
    for line in &lines {
        known.extend(ids(line).into_iter().map(|(start, end)| line[start..end].to_owned()));
    }
    let mut names: BTreeMap<String, String> = BTreeMap::new();
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    for id in known {
        let kind = id.split('_').next().unwrap_or_default().to_owned();
        let count = counts.entry(kind.clone()).or_default();
        *count += 1;
        names.insert(id, format!("{kind}#{count}"));
    }
    let rename = |line: String| {
        let mut renamed = String::with_capacity(line.len());
        let mut done = 0;
        for (start, end) in ids(&line) {
            renamed.push_str(&line[done..start]);
            renamed.push_str(&names[&line[start..end]]);
            done = end;
        }
        renamed.push_str(&line[done..]);
        renamed
    };
    let mut lines: Vec<String> = lines.into_iter().map(rename).collect();
    // Rows whose key is not in the order of time.
    lines.sort();
    lines
}
