//! The words people write for yes and no, and choices out of a list.

use super::header::normal;

/// Reads a word for yes or no; None when it is neither.
///
/// Case, spaces and punctuation do not matter: `예`, `Y`, `true`, `1`, `O`,
/// `동의`, `수신동의` and the like are yes, `아니오`, `N`, `false`, `0`, `X`,
/// `미동의`, `거부` and the like are no.
#[must_use]
pub fn yes_no(text: &str) -> Option<bool> {
    const YES: [&str; 18] = [
        "예",
        "네",
        "y",
        "yes",
        "true",
        "t",
        "1",
        "o",
        "on",
        "ok",
        "v",
        "동의",
        "동의함",
        "수신",
        "수신동의",
        "허용",
        "참",
        "agree",
    ];
    const NO: [&str; 21] = [
        "아니오",
        "아니요",
        "아니",
        "n",
        "no",
        "false",
        "f",
        "0",
        "x",
        "off",
        "미동의",
        "비동의",
        "동의안함",
        "동의하지않음",
        "미수신",
        "수신거부",
        "수신안함",
        "거부",
        "거절",
        "거짓",
        "disagree",
    ];
    let trimmed = text.trim();
    match trimmed {
        "○" | "◯" | "●" | "✓" | "✔" | "☑" => return Some(true),
        "×" | "✕" | "✗" | "✘" | "☐" | "-" => return Some(false),
        _ => {}
    }
    let word = normal(trimmed);
    if YES.contains(&word.as_str()) {
        Some(true)
    } else if NO.contains(&word.as_str()) {
        Some(false)
    } else {
        None
    }
}

/// Finds the choice that a text means: itself, else the only one that is the
/// same apart from case, spaces and punctuation.
#[must_use]
pub fn one_of<'c>(text: &str, choices: &'c [String]) -> Option<&'c str> {
    let text = text.trim();
    if let Some(same) = choices.iter().find(|choice| choice.trim() == text) {
        return Some(same);
    }
    let wanted = normal(text);
    let mut alike = choices
        .iter()
        .filter(|choice| !wanted.is_empty() && normal(choice) == wanted);
    match (alike.next(), alike.next()) {
        (Some(only), None) => Some(only),
        _ => None,
    }
}

/// Finds several choices in a text, separated by semicolons, commas, bars or
/// line breaks; each once, in the order of the text.
///
/// # Errors
/// The first piece that is no choice.
pub fn some_of(text: &str, choices: &[String]) -> Result<Vec<String>, String> {
    // A choice may hold a comma itself.
    if let Some(choice) = one_of(text, choices) {
        return Ok(vec![choice.to_owned()]);
    }
    for separators in [&[';', '\n', '|'][..], &[';', '\n', '|', ',', '、']] {
        let pieces = text.split(separators).map(str::trim).filter(|piece| !piece.is_empty());
        let mut found: Vec<String> = Vec::new();
        let mut wrong = None;
        for piece in pieces {
            match one_of(piece, choices) {
                Some(choice) if found.iter().any(|f| f == choice) => {}
                Some(choice) => found.push(choice.to_owned()),
                None => wrong = wrong.or(Some(piece)),
            }
        }
        match wrong {
            None => return Ok(found),
            Some(piece) if separators.len() > 3 => return Err(piece.to_owned()),
            Some(_) => {}
        }
    }
    Ok(Vec::new())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn yes_and_no_in_many_words() {
        for word in [
            "예",
            "네",
            "Y",
            "yes",
            "TRUE",
            "1",
            "O",
            " o ",
            "동의",
            "수신 동의",
            "○",
            "✔",
        ] {
            assert_eq!(yes_no(word), Some(true), "{word}");
        }
        for word in [
            "아니오",
            "아니요",
            "N",
            "No",
            "false",
            "0",
            "X",
            "미동의",
            "수신 거부",
            "동의 안 함",
            "×",
        ] {
            assert_eq!(yes_no(word), Some(false), "{word}");
        }
        for word in ["", "maybe", "2", "예아니오"] {
            assert_eq!(yes_no(word), None, "{word}");
        }
    }

    #[test]
    fn choices_are_found() {
        let choices = ["Gold", "Silver, old", "실버"].map(String::from);
        assert_eq!(one_of(" gold ", &choices), Some("Gold"));
        assert_eq!(one_of("bronze", &choices), None);
        assert_eq!(some_of("Silver, old", &choices), Ok(vec!["Silver, old".into()]));
        assert_eq!(
            some_of("gold; Silver, old", &choices),
            Ok(vec!["Gold".into(), "Silver, old".into()])
        );
        assert_eq!(
            some_of("gold, 실버, gold", &choices),
            Ok(vec!["Gold".into(), "실버".into()])
        );
        assert_eq!(some_of("gold, bronze", &choices), Err("bronze".into()));
        assert_eq!(some_of("", &choices), Ok(vec![]));
    }

    #[test]
    fn choices_alike_are_not_guessed() {
        let choices = ["A-1", "A1"].map(String::from);
        assert_eq!(one_of("A1", &choices), Some("A1"));
        assert_eq!(one_of("a 1", &choices), None);
    }
}
