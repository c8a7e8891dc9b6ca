//! Parameters and members of answers as lists.

use super::html::{escape, inline, number};
use crate::ops::shape::{Field, Shape, Type, paragraph};

/// How deep objects inside objects are shown.
const DEEPEST: usize = 3;

/// Where members stand.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Direction {
    /// In a body.
    Given,
    /// In an address, where everything is text and nothing is `null`.
    Query,
    /// In an answer.
    Answered,
}

/// A list of members.
pub(super) fn list<'a>(fields: impl Iterator<Item = &'a Field>, direction: Direction, depth: usize) -> String {
    let items: String = fields.map(|field| member(field, direction, depth)).collect();
    format!(r#"<ul class="members">{items}</ul>"#)
}

/// An entry that no declaration has, such as a header.
pub(super) fn entry(name: &str, kind: &str, doc: &str) -> String {
    format!(
        r#"<li><p class="name"><code>{}</code> <span class="kind">{}</span></p><p>{}</p></li>"#,
        escape(name),
        inline(kind),
        inline(doc)
    )
}

fn member(field: &Field, direction: Direction, depth: usize) -> String {
    let name = escape(field.name);
    let kind = inline(&kind(&field.kind, direction));
    let null = if field.nullable && direction != Direction::Query {
        ", or <code>null</code>"
    } else {
        ""
    };
    let required = if direction != Direction::Answered && field.required {
        r#" <span class="required">required</span>"#
    } else {
        ""
    };
    let doc = paragraph(field.doc);
    // Some ids are described by their prefix alone, which stands beside the name already.
    let doc = match kind.contains(doc.trim_matches('`')) {
        true => String::new(),
        false => format!("<p>{}</p>", inline(&doc)),
    };
    let words = words(&field.kind);
    let inside = inside(&field.kind)
        .filter(|_| depth < DEEPEST)
        .map_or_else(String::new, |shape| {
            let members = list(shape.fields.iter(), direction, depth + 1);
            format!(r#"<details class="more"><summary>Members of <code>{name}</code></summary>{members}</details>"#)
        });
    format!(
        r#"<li><p class="name"><code>{name}</code> <span class="kind">{kind}{null}</span>{required}</p>{doc}{words}{inside}</li>"#
    )
}

/// The object whose members a value has.
fn inside(kind: &Type) -> Option<&'static Shape> {
    match kind {
        Type::Shape(shape) => Some(shape),
        Type::List(of, _) | Type::Either(_, of) => inside(of),
        _ => None,
    }
}

/// The words that a value is one of.
fn words(kind: &Type) -> String {
    match kind {
        Type::Enum(words) if words.len() > 1 => {
            let words: String = words
                .iter()
                .map(|word| format!("<code>{}</code> ", escape(word)))
                .collect();
            format!(r#"<p class="words">{}</p>"#, words.trim_end())
        }
        Type::List(of, _) | Type::Either(of, _) => words(of),
        _ => String::new(),
    }
}

/// What a value is, in words.
fn kind(kind: &Type, direction: Direction) -> String {
    let given = direction != Direction::Answered;
    match kind {
        Type::Text(max) | Type::Loose(0, max) if given => format!("text, at most {}", count(*max)),
        Type::Loose(min, max) if given => format!("text of {min} to {}", count(*max)),
        Type::Text(_) | Type::Loose(..) => "text".to_owned(),
        Type::Email => "e-mail address".to_owned(),
        Type::Phone => "phone number".to_owned(),
        Type::Country => "country code".to_owned(),
        Type::Currency => "currency code".to_owned(),
        Type::Uuid => "UUID".to_owned(),
        Type::Decimal(decimals) if given => format!("number or decimal text, at most {decimals} decimals"),
        Type::SignedDecimal(decimals) if given => {
            format!("number or decimal text, at most {decimals} decimals, below zero too")
        }
        Type::Decimal(_) | Type::SignedDecimal(_) => "number, or decimal text where it is not whole".to_owned(),
        Type::Id(prefix) => format!("id, `{prefix}…`"),
        Type::Instant if given => "time: ISO 8601, or milliseconds since 1970".to_owned(),
        Type::Instant => "time, ISO 8601 in UTC".to_owned(),
        Type::Boolean => "`true` or `false`".to_owned(),
        Type::Integer(min, max) => whole(*min, *max),
        Type::Pattern(pattern) => format!("text such as `{}`", pattern.example),
        Type::Limit => "whole number, 1 to 100; 20 by default".to_owned(),
        Type::Enum([word]) => format!("`{word}`"),
        Type::Enum(_) => "one of these".to_owned(),
        Type::List(of, max) if *max < usize::MAX => format!("list of at most {max}: {}", self::kind(of, direction)),
        Type::List(of, _) => format!("list: {}", self::kind(of, direction)),
        Type::Shape(_) => "object".to_owned(),
        Type::Either(one, other) => format!("{}, or {}", self::kind(one, direction), self::kind(other, direction)),
        Type::Map => "object of texts by key".to_owned(),
        Type::Attributes => "object of JSON by key".to_owned(),
        Type::Json => "any JSON".to_owned(),
    }
}

fn count(characters: usize) -> String {
    format!("{} characters", number(i64::try_from(characters).unwrap_or(i64::MAX)))
}

fn whole(min: i64, max: i64) -> String {
    // What JavaScript can count to is no limit that anybody meets.
    const FAR: i64 = 9_007_199_254_740_991;
    match (min > i64::MIN, max < FAR) {
        (true, true) => format!("whole number, {} to {}", number(min), number(max)),
        (true, false) => format!("whole number from {}", number(min)),
        _ => "whole number".to_owned(),
    }
}
