//! From texts to HTML.

/// Text as HTML shows it.
pub(in crate::http) fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            _ => out.push(character),
        }
    }
    out
}

/// Text with code between backticks and emphasis between double stars.
pub(super) fn inline(text: &str) -> String {
    let mut out = String::new();
    for (index, part) in text.split('`').enumerate() {
        if index % 2 == 1 {
            out.push_str(&format!("<code>{}</code>", escape(part)));
            continue;
        }
        for (index, part) in part.split("**").enumerate() {
            let part = escape(part);
            out.push_str(&if index % 2 == 1 {
                format!("<strong>{part}</strong>")
            } else {
                part
            });
        }
    }
    out
}

/// Paragraphs.
pub(super) fn prose(text: &str) -> String {
    let paragraphs = text.split("\n\n").filter(|paragraph| !paragraph.trim().is_empty());
    paragraphs
        .map(|paragraph| format!("<p>{}</p>", inline(paragraph)))
        .collect()
}

/// A path with its variable part marked; it may break before a slash.
pub(super) fn path(path: &str) -> String {
    let marked = escape(path).replace('{', r#"<var>{"#).replace('}', "}</var>");
    // `</` closes a tag and is no place to break.
    let broken = marked
        .replace("</", "\u{0}")
        .replace('/', "<wbr>/")
        .replace('\u{0}', "</");
    format!("<code>{broken}</code>")
}

/// A whole number with its thousands apart.
pub(super) fn number(number: i64) -> String {
    let digits = number.unsigned_abs().to_string();
    let mut out = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    if number < 0 { format!("-{out}") } else { out }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_in_a_text_becomes_markup() {
        assert_eq!(
            inline("a < b `x & \"y\"` **c**"),
            "a &lt; b <code>x &amp; &quot;y&quot;</code> <strong>c</strong>"
        );
        assert_eq!(prose("one\n\ntwo"), "<p>one</p><p>two</p>");
        assert_eq!(path("/v1/{id}"), "<code><wbr>/v1<wbr>/<var>{id}</var></code>");
    }

    #[test]
    fn thousands_are_set_apart() {
        assert_eq!(
            [0, 999, 1000, -1_234_567].map(number),
            ["0", "999", "1,000", "-1,234,567"]
        );
    }
}
