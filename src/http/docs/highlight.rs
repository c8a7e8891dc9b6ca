//! Colours for the three languages of the samples. A sample that is
//! misunderstood is coloured badly and still says the same.

use super::html::escape;

/// Words that JavaScript keeps for itself, as far as the samples use them.
const KEYWORDS: [&str; 8] = ["await", "const", "false", "from", "import", "new", "null", "true"];

/// Code with its parts marked.
pub(super) fn code(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let (class, length) = part(rest, first);
        let (token, behind) = rest.split_at(length);
        match class {
            Some(class) => out.push_str(&format!(r#"<span class="{class}">{}</span>"#, escape(token))),
            None => out.push_str(&escape(token)),
        }
        rest = behind;
    }
    out
}

/// What stands at the beginning of `text`, and its length in bytes.
fn part(text: &str, first: char) -> (Option<&'static str>, usize) {
    match first {
        // What curl sends is JSON between single quotes, and is marked as such.
        '\'' if text.starts_with("'{\n") || text.starts_with("'\n") => (None, 1),
        '"' | '\'' => string(text, first),
        '$' => (Some("tv"), 1 + word(&text[1..])),
        '0'..='9' => (
            Some("tn"),
            text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len()),
        ),
        'a'..='z' | 'A'..='Z' | '_' => {
            let length = word(text);
            let class = match &text[..length] {
                "curl" => Some("tf"),
                name if KEYWORDS.contains(&name) => Some("tk"),
                _ if text[length..].starts_with('(') => Some("tf"),
                _ if text[length..].starts_with(": ") => Some("tp"),
                _ => None,
            };
            (class, length)
        }
        other => (None, other.len_utf8()),
    }
}

fn word(text: &str) -> usize {
    text.find(|c: char| !c.is_ascii_alphanumeric() && !matches!(c, '_' | '-'))
        .unwrap_or(text.len())
}

/// A string up to its closing quote; one before a colon is a name.
fn string(text: &str, quote: char) -> (Option<&'static str>, usize) {
    let mut escaped = false;
    for (index, character) in text.char_indices().skip(1) {
        if character == quote && !escaped {
            let length = index + 1;
            let is_name = text[length..].starts_with(": ");
            return (Some(if is_name { "tp" } else { "ts" }), length);
        }
        if character == '\n' {
            break;
        }
        escaped = character == '\\' && !escaped;
    }
    (None, quote.len_utf8())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_are_marked_and_the_text_stays() {
        let marked = code("const a = { \"b\": 'c<d', n: 5 };");
        assert_eq!(
            marked,
            "<span class=\"tk\">const</span> a = { <span class=\"tp\">&quot;b&quot;</span>: <span class=\"ts\">&#39;c&lt;d&#39;</span>, <span class=\"tp\">n</span>: <span class=\"tn\">5</span> };"
        );
    }

    #[test]
    fn what_never_closes_is_text() {
        assert_eq!(code("it's open"), "it&#39;s open");
        assert_eq!(code("\"a\nb\""), "&quot;a\nb&quot;");
    }
}
