//! How a command ends when it does not end well.

use std::io;

use crate::error::Error;

/// Why a command did not do what it should.
#[derive(Debug)]
pub enum Failure {
    /// The command line does not fit: exit code 2.
    Usage(String),
    /// It was not done: exit code 1.
    Failed(Error),
    /// It was not done, and everything was said already: exit code 1.
    Said,
    /// Help was asked for and printed: exit code 0.
    Help,
}

/// How a command ends.
pub type Outcome<T = ()> = Result<T, Failure>;

impl Failure {
    /// Standard output does not take the result. Whoever closed it has seen
    /// enough, so nothing is said then.
    pub fn output(error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::BrokenPipe => Self::Said,
            kind => Self::Failed(Error::new(
                crate::error::Code::FileInvalid,
                format!("standard output cannot be written: {kind}"),
            )),
        }
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        let broken = error.to_json().contains("\"broken_pipe\"");
        if broken { Self::Said } else { Self::Failed(error) }
    }
}

/// The text without what may be a secret: API keys, the user and password of a
/// URL, and whatever is quoted and long enough for a token.
pub fn masked(text: &str) -> String {
    text.split_inclusive(char::is_whitespace).map(masked_word).collect()
}

/// Characters from which on a quoted word may be a token of somebody's own.
const TOKEN: usize = 24;

fn masked_word(word: &str) -> String {
    let end = word
        .trim_end_matches(|c: char| c.is_whitespace() || "'\",.:".contains(c))
        .len();
    let (body, behind) = word.split_at(end);
    if let Some(start) = ["sk_test_", "sk_live_"].iter().find_map(|prefix| body.find(prefix)) {
        return format!("{}…{behind}", &body[..start + 8]);
    }
    if let (Some(scheme), Some(host)) = (body.find("://"), body.rfind('@'))
        && scheme < host
    {
        return format!("{}…{}{behind}", &body[..scheme + 3], &body[host..]);
    }
    match body.strip_prefix('\'') {
        Some(quoted) if quoted.len() >= TOKEN && !quoted.starts_with('-') => format!("'…{behind}"),
        _ => word.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_are_masked() {
        for (given, shown) in [
            (
                "unexpected argument 'sk_live_abc123' found",
                "unexpected argument 'sk_live_…' found",
            ),
            (
                "unexpected argument 'postgres://me:secret@db/x' found",
                "unexpected argument 'postgres://…@db/x' found",
            ),
            (
                "unexpected argument 'postgres://me:a=b,c@db/x' found",
                "unexpected argument 'postgres://…@db/x' found",
            ),
            (
                "unexpected argument 'a-token-that-a-shop-brings' found",
                "unexpected argument '…' found",
            ),
            (
                "unexpected argument '--a-long-option-that-is-not-known' found",
                "unexpected argument '--a-long-option-that-is-not-known' found",
            ),
            ("--api-key=sk_test_1 --json", "--api-key=sk_test_… --json"),
            ("nothing to hide: a@example.com", "nothing to hide: a@example.com"),
        ] {
            assert_eq!(masked(given), shown);
        }
    }
}
