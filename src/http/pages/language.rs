//! Which language a browser asks for.

use axum::http::{HeaderMap, header::ACCEPT_LANGUAGE};

use crate::domain::words::Locale;

/// Ranges of a header that are looked at.
const MOST: usize = 32;

/// The language that `Accept-Language` prefers among ours; `None` when it names
/// neither. Of two that are equally wanted the first one counts.
pub(super) fn preferred(headers: &HeaderMap) -> Option<Locale> {
    let text = headers.get(ACCEPT_LANGUAGE)?.to_str().ok()?;
    let mut best: Option<(u32, Locale)> = None;
    for range in text.split(',').take(MOST) {
        let mut parts = range.split(';').map(str::trim);
        let tag = parts.next().unwrap_or_default().to_ascii_lowercase();
        let locale = match tag.split('-').next() {
            Some("ko") => Locale::Ko,
            Some("en") => Locale::En,
            _ => continue,
        };
        let weight = parts
            .find_map(|part| part.strip_prefix("q="))
            .map_or(Some(1000), thousandths);
        match weight {
            Some(weight) if weight > 0 && best.is_none_or(|(most, _)| weight > most) => best = Some((weight, locale)),
            _ => {}
        }
    }
    best.map(|(_, locale)| locale)
}

/// A weight such as `0.8`, in thousandths.
fn thousandths(text: &str) -> Option<u32> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    if fraction.len() > 3 || !fraction.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let whole: u32 = whole.parse().ok().filter(|whole| *whole <= 1)?;
    let fraction: u32 = format!("{fraction:0<3}").parse().ok()?;
    Some((whole * 1000 + fraction).min(1000))
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    #[test]
    fn the_language_that_is_wanted_most() {
        for (header, locale) in [
            ("ko", Some(Locale::Ko)),
            ("ko-KR,ko;q=0.9,en-US;q=0.8,en;q=0.7", Some(Locale::Ko)),
            ("en-GB, ko;q=0.9", Some(Locale::En)),
            ("en;q=0.5, ko;q=0.75", Some(Locale::Ko)),
            ("fr-FR, ja;q=0.9, ko;q=0.1", Some(Locale::Ko)),
            ("ko;q=0, en;q=0.1", Some(Locale::En)),
            ("fr, de;q=0.5", None),
            ("kok, enm", None),
            ("ko;q=x", None),
            ("*", None),
            ("", None),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(ACCEPT_LANGUAGE, HeaderValue::from_static(header));
            assert_eq!(preferred(&headers), locale, "{header}");
        }
        assert_eq!(preferred(&HeaderMap::new()), None);
    }
}
