//! What the columns of a file mean, from their titles.

use std::collections::HashMap;

use unicode_normalization::UnicodeNormalization;

use super::cell::is_blank;
use super::titles::{PASSWORDS, SHORT_PASSWORDS, TITLES, spellings};
use super::{FileError, Row, UnknownColumn};

/// What a column holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Column {
    /// The customer's id, `cus_…`.
    Id,
    /// The caller's own identifier.
    Key,
    /// The name to log in with.
    Username,
    /// The e-mail address.
    Email,
    /// The full name.
    Name,
    /// The phone number.
    Phone,
    /// Address: street and number.
    Line1,
    /// Address: floor, flat.
    Line2,
    /// Address: city.
    City,
    /// Address: state or province.
    State,
    /// Address: postal code.
    PostalCode,
    /// Address: country code.
    Country,
    /// Consent to text messages; a word for [`yes_no`](super::yes_no).
    MarketingSms,
    /// Consent to e-mails.
    MarketingEmail,
    /// Consent to KakaoTalk messages.
    MarketingKakao,
    /// The metadata value of this key.
    Metadata(String),
    /// A custom field: its place in the list given to [`columns`].
    Field(usize),
    /// Known and not imported: the date of creation.
    Ignored,
    /// Without a title; see [`stray`].
    Untitled,
}

/// A custom field, as far as files are concerned.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldHeader {
    /// Its key, one of its two titles.
    pub key: String,
    /// Its label, the other.
    pub label: String,
    /// What it holds.
    pub kind: FieldKind,
    /// Whether the template marks it as required.
    pub required: bool,
    /// What a dropdown or checkbox offers.
    pub choices: Vec<String>,
}

/// What a custom field holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FieldKind {
    /// Free text.
    Text,
    /// An e-mail address.
    Email,
    /// A secret: its column is refused.
    Password,
    /// A phone number.
    Phone,
    /// Yes or no; with choices, some of them.
    Checkbox,
    /// One of the choices.
    Dropdown,
    /// A date.
    Calendar,
    /// A number.
    Number,
    /// Text for the reader of a form; has no value and no column.
    Comment,
}

/// Says what each title of a file means, in the order of the columns.
///
/// Titles are compared without case, spaces, punctuation and what stands in
/// brackets: `E-mail (required)` is `email`. A custom field goes by its key, its
/// label or `attributes.<key>`; the titles of the customer's own columns come
/// first. `metadata.<key>` may be anything.
///
/// # Errors
/// [`FileError::PasswordColumn`], [`FileError::HeaderMissing`],
/// [`FileError::UnknownColumns`], [`FileError::AmbiguousColumn`] and
/// [`FileError::DuplicateColumn`].
pub fn columns(header: &[String], fields: &[FieldHeader]) -> Result<Vec<Column>, FileError> {
    let titles = Titles::new(fields);
    let mut unknown = Vec::new();
    let mut columns = Vec::with_capacity(header.len());
    for (at, title) in header.iter().enumerate() {
        columns.push(match titles.find(title) {
            Match::Column(column) => column,
            Match::Password => {
                return Err(FileError::PasswordColumn {
                    column: at,
                    title: short(title),
                });
            }
            Match::Several(keys) => {
                return Err(FileError::AmbiguousColumn {
                    column: at,
                    title: short(title),
                    keys,
                });
            }
            Match::None => {
                unknown.push(UnknownColumn {
                    column: at,
                    title: short(title),
                    near: titles.near(title),
                });
                Column::Untitled
            }
        });
    }
    if columns.iter().all(|c| matches!(c, Column::Untitled | Column::Ignored)) {
        // Perhaps these are no titles but somebody's data: nothing is quoted.
        let near = unknown.into_iter().find_map(|u| u.near.map(|near| (u.column, near)));
        return Err(FileError::HeaderMissing { near });
    }
    if !unknown.is_empty() {
        return Err(FileError::UnknownColumns(unknown));
    }
    check_duplicates(header, &columns)?;
    Ok(columns)
}

/// The first column of a row that holds a value but has no title. Such a row is
/// to be reported: importing the rest would lose the value unnoticed.
#[must_use]
pub fn stray(row: &Row, columns: &[Column]) -> Option<usize> {
    let untitled = |at: usize| columns.get(at).is_none_or(|c| *c == Column::Untitled);
    (0..row.cells.len()).find(|at| untitled(*at) && !row.cells[*at].is_empty())
}

fn check_duplicates(header: &[String], columns: &[Column]) -> Result<(), FileError> {
    for (second, column) in columns.iter().enumerate() {
        if matches!(column, Column::Untitled | Column::Ignored) {
            continue;
        }
        if let Some(first) = columns[..second].iter().position(|c| c == column) {
            return Err(FileError::DuplicateColumn {
                title: short(&header[second]),
                columns: (first, second),
            });
        }
    }
    Ok(())
}

pub(super) enum Match {
    Column(Column),
    Password,
    Several(Vec<String>),
    None,
}

/// All known spellings, for looking up many titles.
pub(super) struct Titles<'a> {
    fields: &'a [FieldHeader],
    known: HashMap<String, usize>,
}

impl<'a> Titles<'a> {
    pub(super) fn new(fields: &'a [FieldHeader]) -> Self {
        let known = spellings().map(|(at, text)| (normal(&text), at)).collect();
        Self { fields, known }
    }

    pub(super) fn find(&self, title: &str) -> Match {
        let title = title.trim_matches(is_blank);
        if title.is_empty() {
            return Match::Column(Column::Untitled);
        }
        if let Some(key) = after_prefix(title, &["metadata", "메타데이터"]) {
            return Match::Column(Column::Metadata(key.to_owned()));
        }
        if let Some(key) = after_prefix(title, &["attributes", "attribute"]) {
            let by_key = self.fields.iter().position(|f| f.key == key);
            return by_key
                .or_else(|| self.fields.iter().position(|f| f.key.eq_ignore_ascii_case(key)))
                .map_or(Match::None, |at| self.field(at));
        }
        match (self.find_words(title), without_brackets(title)) {
            (Match::None, Some(rest)) => self.find_words(&rest),
            (found, _) => found,
        }
    }

    fn find_words(&self, title: &str) -> Match {
        let text = normal(title);
        let text = text.as_str();
        if text.is_empty() {
            return Match::None;
        }
        if let Some(at) = self.known.get(text) {
            return Match::Column(TITLES[*at].column.clone());
        }
        if PASSWORDS.iter().chain(&SHORT_PASSWORDS).any(|word| *word == text) {
            return Match::Password;
        }
        let alike = |of: fn(&FieldHeader) -> &str| {
            let found = self
                .fields
                .iter()
                .enumerate()
                .filter(|(_, field)| normal(of(field)) == text);
            found.map(|(at, _)| at).collect::<Vec<_>>()
        };
        let mut places = alike(|field| &field.key);
        if places.is_empty() {
            places = alike(|field| &field.label);
        }
        if let Some(exact) = places.iter().find(|at| self.fields[**at].key == title.trim()) {
            return self.field(*exact);
        }
        match places.as_slice() {
            [] if PASSWORDS.iter().any(|word| text.starts_with(word)) => Match::Password,
            [] => Match::None,
            [at] => self.field(*at),
            several => Match::Several(several.iter().map(|at| self.fields[*at].key.clone()).collect()),
        }
    }

    fn field(&self, at: usize) -> Match {
        match self.fields.get(at).map(|f| f.kind) {
            Some(FieldKind::Password) => Match::Password,
            Some(FieldKind::Comment) | None => Match::None,
            Some(_) => Match::Column(Column::Field(at)),
        }
    }

    /// The known title with the fewest typing errors, if they are few.
    fn near(&self, title: &str) -> Option<String> {
        // In single letters of Hangul, or one wrong vowel would be a whole syllable.
        let letters = |text: &str| normal(text).nfd().collect::<String>();
        let wanted = letters(title);
        let length = wanted.chars().count();
        if length > 64 {
            return None;
        }
        let most = match length {
            0..=2 => return None,
            3..=5 => 1,
            6..=9 => 2,
            _ => 3,
        };
        let with_column = self.fields.iter().filter(|f| f.kind != FieldKind::Comment);
        let own = with_column.flat_map(|f| [f.key.clone(), f.label.clone()]);
        let all = spellings().map(|(_, text)| text).chain(own);
        let distance = |text: &String| strsim::damerau_levenshtein(&wanted, &letters(text));
        all.map(|text| (distance(&text), text))
            .filter(|(d, _)| *d <= most)
            .min_by_key(|(d, _)| *d)
            .map(|(_, text)| text)
    }
}

/// The key in `metadata.key` or `metadata[key]`.
fn after_prefix<'t>(title: &'t str, prefixes: &[&str]) -> Option<&'t str> {
    let at = title.find(['.', '['])?;
    let (prefix, rest) = title.split_at(at);
    if !prefixes.iter().any(|p| normal(prefix) == *p) {
        return None;
    }
    let key = match rest.strip_prefix('.') {
        Some(key) => key,
        None => rest.strip_prefix('[')?.strip_suffix(']')?,
    };
    Some(key.trim()).filter(|key| !key.is_empty())
}

/// Letters and digits only, in lower case and one width.
pub(super) fn normal(text: &str) -> String {
    text.nfkc()
        .filter(|c| c.is_alphanumeric())
        .flat_map(char::to_lowercase)
        .collect()
}

/// The title without `(required)`, `[필수]` and the like.
fn without_brackets(title: &str) -> Option<String> {
    let mut depth = 0_u32;
    let mut out = String::new();
    for c in title.nfkc() {
        match c {
            '(' | '[' | '<' => depth += 1,
            ')' | ']' | '>' => depth = depth.saturating_sub(1),
            _ if depth == 0 => out.push(c),
            _ => {}
        }
    }
    (out.trim() != title.trim()).then_some(out)
}

fn short(title: &str) -> String {
    const MOST: usize = 60;
    let title = title.trim();
    match title.char_indices().nth(MOST) {
        Some((at, _)) => format!("{}…", &title[..at]),
        None => title.to_owned(),
    }
}
