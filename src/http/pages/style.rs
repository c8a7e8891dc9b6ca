//! What pages load: all of it lies here, and nothing is inline, so that the
//! strictest policy for contents fits.

use std::borrow::Cow;

const STYLE: &[u8] = include_bytes!("assets/checkout.css");
const SCRIPT: &[u8] = include_bytes!("assets/checkout.js");
const ICON: &[u8] = include_bytes!("../docs/assets/icon.svg");

/// What lies under a name: content type and bytes.
pub(super) fn asset(name: &str) -> Option<(&'static str, Cow<'static, [u8]>)> {
    match name {
        "checkout.css" => Some(("text/css; charset=utf-8", Cow::Borrowed(STYLE))),
        "checkout.js" => Some(("text/javascript; charset=utf-8", Cow::Borrowed(SCRIPT))),
        "icon.svg" => Some(("image/svg+xml", Cow::Borrowed(ICON))),
        _ => {
            let colour = name.strip_prefix("accent-")?.strip_suffix(".css")?;
            let style = accent(parts(colour)?);
            Some(("text/css; charset=utf-8", Cow::Owned(style.into_bytes())))
        }
    }
}

/// The name of the style that gives buttons a merchant's colour, `#` and six
/// hexadecimal digits.
pub(super) fn accent_name(colour: &str) -> Option<String> {
    let digits = colour.strip_prefix('#')?;
    parts(digits).map(|_| format!("accent-{digits}.css"))
}

/// Red, green and blue.
fn parts(digits: &str) -> Option<[u8; 3]> {
    let fits = digits.len() == 6
        && digits
            .bytes()
            .all(|byte| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte));
    if !fits {
        return None;
    }
    let part = |at: usize| u8::from_str_radix(digits.get(at..at + 2)?, 16).ok();
    Some([part(0)?, part(2)?, part(4)?])
}

/// How light a colour is to people, 0 to 1 (WCAG 2, relative luminance).
fn luminance(colour: [u8; 3]) -> f64 {
    let linear = |part: u8| {
        let share = f64::from(part) / 255.0;
        if share <= 0.040_45 {
            share / 12.92
        } else {
            ((share + 0.055) / 1.055).powf(2.4)
        }
    };
    let [red, green, blue] = colour.map(linear);
    0.2126 * red + 0.7152 * green + 0.0722 * blue
}

fn accent(colour: [u8; 3]) -> String {
    // Whichever of black and white stands out more.
    let text = if luminance(colour) > 0.179 {
        "#000000"
    } else {
        "#ffffff"
    };
    let [red, green, blue] = colour;
    format!(":root{{--button:#{red:02x}{green:02x}{blue:02x};--button-text:{text}}}\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_colour_becomes_a_style_whose_text_stands_out() {
        let style = |colour: &str| {
            let (kind, bytes) = asset(&accent_name(colour)?)?;
            assert_eq!(kind, "text/css; charset=utf-8");
            String::from_utf8(bytes.into_owned()).ok()
        };
        assert_eq!(
            style("#3148c4").unwrap(),
            ":root{--button:#3148c4;--button-text:#ffffff}\n"
        );
        assert!(style("#000000").unwrap().contains("--button-text:#ffffff"));
        assert!(style("#ffee00").unwrap().contains("--button-text:#000000"));
        for bad in ["1a73e8", "#1a73e", "#1a73e8;}", "#GGGGGG", "#1A73E8"] {
            assert_eq!(accent_name(bad), None, "{bad}");
        }
        for bad in ["", "accent-.css", "accent-zzzzzz.css", "../secret", "checkout.map"] {
            assert!(asset(bad).is_none(), "{bad}");
        }
    }
}
