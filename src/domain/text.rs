//! Plain text: limits in characters, and the folded form used for comparing.

use unicode_normalization::UnicodeNormalization;

use super::Problem;

/// Checks a text and trims it: 1 to `max` characters (Unicode scalar values),
/// no NUL, which PostgreSQL cannot store.
pub fn checked(given: &str, max: usize) -> Result<String, Problem> {
    let text = given.trim();
    if text.is_empty() {
        return Err(Problem::new("must not be empty"));
    }
    within(text, max)?;
    Ok(text.to_owned())
}

/// Checks a text that is kept as it is given: at most `max` characters, no NUL.
pub fn within(text: &str, max: usize) -> Result<(), Problem> {
    // A text has at most as many characters as bytes, so short ones need no count.
    if text.len() > max && text.chars().count() > max {
        return Err(Problem::new(format!("must have at most {max} characters")));
    }
    if text.contains('\0') {
        return Err(Problem::new("must not contain the NUL character"));
    }
    Ok(())
}

/// The form in which texts are compared and searched: composed (so that
/// Hangul typed as separate letters equals the syllables), lower case, and
/// with one Greek sigma, whose lower case depends on where it stands.
pub fn fold(text: &str) -> String {
    let text = text.trim();
    if text.is_ascii() {
        return text.to_ascii_lowercase();
    }
    let composed: String = text.nfc().collect();
    composed.to_lowercase().replace('ς', "σ").nfc().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decomposed_hangul_equals_the_syllables() {
        assert_eq!(fold("\u{1100}\u{1175}\u{11b7}"), fold("김"));
    }

    #[test]
    fn a_part_of_a_greek_name_folds_as_in_the_whole() {
        assert!(fold("ΟΔΥΣΣΕΑΣ ΠΑΠΠΑΣ").contains(&fold("ΟΔΥΣΣ")));
    }

    #[test]
    fn limits_count_characters_not_bytes() {
        assert!(checked(&"김".repeat(255), 255).is_ok());
        assert!(checked(&"김".repeat(256), 255).is_err());
        assert!(checked("a\0b", 255).is_err());
        assert!(checked("   ", 255).is_err());
    }
}
