//! How texts are cut into tokens, so that a part of a name, an address or
//! two Korean syllables find their rows.
//!
//! Pairs of neighbours with a non-ASCII character in them are tokens, and so
//! are runs of three ASCII characters. Every part of a text that is long
//! enough to have tokens has a subset of the text's tokens.

use std::collections::BTreeSet;

use super::text;

/// Stands before the ASCII characters that a tokenizer would split at.
const PRIVATE_USE: u32 = 0xe000;

/// The tokens of the given folded texts, each once, marked with the store.
pub fn tokens<'a>(store: i64, texts: impl IntoIterator<Item = &'a str>) -> Vec<String> {
    let mut grams = BTreeSet::new();
    for text in texts {
        cut(text, |gram| {
            grams.insert(mark(store, gram));
        });
    }
    grams.into_iter().collect()
}

fn cut(text: &str, mut emit: impl FnMut(&[char])) {
    let characters: Vec<char> = text.chars().collect();
    for window in characters.windows(2) {
        if !window.iter().all(char::is_ascii) {
            emit(window);
        }
    }
    for window in characters.windows(3) {
        if window.iter().all(char::is_ascii) {
            emit(window);
        }
    }
}

fn mark(store: i64, gram: &[char]) -> String {
    let mut token = store.to_string();
    token.push('·');
    for &character in gram {
        let splits = character.is_ascii() && !character.is_ascii_alphanumeric();
        token.push(if splits {
            char::from_u32(PRIVATE_USE + character as u32).unwrap_or(character)
        } else {
            character
        });
    }
    token
}

/// What a person typed into a search box.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Query {
    /// Folded text to be found inside names and addresses.
    pub folded: String,
    /// The text as typed, trimmed: ids are case-sensitive.
    pub typed: String,
}

impl Query {
    /// `None` when nothing but space was typed.
    pub fn new(typed: &str) -> Option<Self> {
        let folded = text::fold(typed);
        if folded.is_empty() {
            None
        } else {
            Some(Self {
                folded,
                typed: typed.trim().to_owned(),
            })
        }
    }

    /// The tokens that every match has; empty for a text too short to have
    /// any, which then matches only as a prefix.
    pub fn tokens(&self, store: i64) -> Vec<String> {
        tokens(store, [self.folded.as_str()])
    }

    /// Whether the typed text may be an id or the beginning of one.
    pub fn may_be_id(&self, prefix: &str) -> bool {
        self.typed.starts_with(prefix)
    }
}

/// Escapes a text for `like … escape '\'`.
pub fn like_escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len() + 2);
    for character in text.chars() {
        if matches!(character, '%' | '_' | '\\') {
            escaped.push('\\');
        }
        escaped.push(character);
    }
    escaped
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn two_syllables_are_one_token() {
        assert_eq!(Query::new("철수").map(|q| q.tokens(7)), Some(vec!["7·철수".to_owned()]));
        assert_eq!(Query::new("김").map(|q| q.tokens(7)), Some(vec![]));
        assert_eq!(Query::new("  "), None);
    }

    #[test]
    fn separators_stay_inside_their_token() {
        let found = tokens(1, ["a@b"]);
        assert_eq!(found.len(), 1);
        assert!(found[0].chars().all(|c| c.is_alphanumeric() || !c.is_ascii()));
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(20_000))]

        #[test]
        fn a_part_has_a_subset_of_the_tokens(text in "[a-c@. 김철수]{0,24}", from in 0_usize..24, len in 0_usize..12) {
            let characters: Vec<char> = text.chars().collect();
            let from = from.min(characters.len());
            let part: String = characters[from..(from + len).min(characters.len())].iter().collect();
            let whole: BTreeSet<_> = tokens(1, [text.as_str()]).into_iter().collect();
            prop_assert!(tokens(1, [part.as_str()]).iter().all(|token| whole.contains(token)));
        }
    }
}
