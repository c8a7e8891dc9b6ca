//! Custom fields of customers: nine types, and which values each takes
//! (StepPay V1 reference, section 4.3; natively values are plain JSON).

use serde_json::Value;

use super::{Problem, email::Email, instant, key_value, phone::Phone, text};

/// What a custom field holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FieldType {
    /// Free text.
    Text,
    /// An e-mail address.
    Email,
    /// A password, kept only as a hash and never returned.
    Password,
    /// A phone number.
    Phone,
    /// Without choices a boolean; with choices a list of some of them.
    Checkbox,
    /// One of the choices.
    Dropdown,
    /// A date `YYYY-MM-DD`.
    Calendar,
    /// A finite number.
    Number,
    /// A text shown in the form; takes no value.
    Comment,
}

impl FieldType {
    /// All types with their names.
    pub const NAMES: [(&'static str, Self); 9] = [
        ("text", Self::Text),
        ("email", Self::Email),
        ("password", Self::Password),
        ("phone", Self::Phone),
        ("checkbox", Self::Checkbox),
        ("dropdown", Self::Dropdown),
        ("calendar", Self::Calendar),
        ("number", Self::Number),
        ("comment", Self::Comment),
    ];

    /// The lower-case name.
    pub fn name(self) -> &'static str {
        Self::NAMES
            .iter()
            .find(|(_, kind)| *kind == self)
            .map_or("text", |(name, _)| name)
    }

    /// From its name in either case.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::NAMES
            .iter()
            .find(|(known, _)| known.eq_ignore_ascii_case(name))
            .map(|(_, kind)| *kind)
    }

    /// Whether a field of this type may have choices.
    pub fn takes_choices(self) -> bool {
        matches!(self, Self::Checkbox | Self::Dropdown)
    }
}

/// Shortest password, in characters.
pub const MIN_PASSWORD_CHARACTERS: usize = 8;
/// Longest password, in characters.
pub const MAX_PASSWORD_CHARACTERS: usize = 256;

/// A field as the merchant defined it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Definition {
    /// Unique in the store; the name inside `attributes`.
    pub key: String,
    /// What it holds.
    pub kind: FieldType,
    /// What people read beside it.
    pub label: String,
    /// The sign-up form refuses to be sent without it.
    pub required: bool,
    /// The sign-up form shows it.
    pub enabled: bool,
    /// Place in the form, ascending.
    pub order: i64,
    /// Choices of a dropdown or a checkbox.
    pub choices: Vec<String>,
}

/// Checks a definition as a whole.
pub fn check_definition(definition: &Definition) -> Result<(), Problem> {
    let choices = &definition.choices;
    if definition.kind == FieldType::Dropdown && choices.is_empty() {
        return Err(Problem::at("choices", "must list what a dropdown offers"));
    }
    if !definition.kind.takes_choices() && !choices.is_empty() {
        return Err(Problem::at("choices", "belong to dropdown and checkbox fields only"));
    }
    for (index, choice) in choices.iter().enumerate() {
        if choices[..index].contains(choice) {
            return Err(Problem::at(format!("choices[{index}]"), "is listed twice"));
        }
    }
    if definition.kind == FieldType::Comment && definition.required {
        return Err(Problem::at(
            "required",
            "cannot be set on a comment, which takes no value",
        ));
    }
    Ok(())
}

/// What becomes of a checked value.
#[derive(Debug, Clone, PartialEq)]
pub enum Checked {
    /// Kept in `attributes`.
    Keep(Value),
    /// Only its hash is kept, apart from `attributes`.
    Secret(String),
}

/// Checks a value against its field's type.
pub fn check_value(definition: &Definition, value: &Value) -> Result<Checked, Problem> {
    key_value::check_attribute(value)?;
    let keep = || Ok(Checked::Keep(value.clone()));
    match definition.kind {
        FieldType::Text => string(value).and_then(|_| keep()),
        FieldType::Email => Email::parse(string(value)?).and_then(|_| keep()),
        FieldType::Phone => Phone::parse(string(value)?).and_then(|_| keep()),
        FieldType::Calendar => instant::check_date(string(value)?).and_then(|()| keep()),
        FieldType::Number if value.is_number() => keep(),
        FieldType::Number => Err(Problem::new("must be a number")),
        FieldType::Dropdown => one_of(definition, string(value)?).and_then(|()| keep()),
        FieldType::Checkbox => checkbox(definition, value).and_then(|()| keep()),
        FieldType::Password => {
            check_password(string(value)?).map(|()| Checked::Secret(string(value).unwrap_or_default().to_owned()))
        }
        FieldType::Comment => Err(Problem::new("is a comment and takes no value")),
    }
}

/// A value under a key that no field defines is kept as text.
pub fn undefined_value(value: &Value) -> Result<Value, Problem> {
    key_value::check_attribute(value)?;
    Ok(match value {
        Value::String(_) => value.clone(),
        other => Value::String(other.to_string()),
    })
}

/// Checks a password before it is hashed: 8 to 256 characters.
pub fn check_password(password: &str) -> Result<(), Problem> {
    if password.chars().take(MIN_PASSWORD_CHARACTERS).count() < MIN_PASSWORD_CHARACTERS {
        return Err(Problem::new(format!(
            "must have at least {MIN_PASSWORD_CHARACTERS} characters"
        )));
    }
    text::within(password, MAX_PASSWORD_CHARACTERS)
}

fn string(value: &Value) -> Result<&str, Problem> {
    value.as_str().ok_or_else(|| Problem::new("must be a text"))
}

fn one_of(definition: &Definition, choice: &str) -> Result<(), Problem> {
    if definition.choices.iter().any(|known| known == choice) {
        return Ok(());
    }
    Err(Problem::new(format!(
        "must be one of: {}",
        definition.choices.join(", ")
    )))
}

fn checkbox(definition: &Definition, value: &Value) -> Result<(), Problem> {
    match value {
        Value::Bool(_) if definition.choices.len() <= 1 => Ok(()),
        Value::Array(chosen) if !definition.choices.is_empty() => {
            for (index, item) in chosen.iter().enumerate() {
                let member = |problem: Problem| Problem::at(format!("[{index}]"), problem.message);
                string(item)
                    .and_then(|choice| one_of(definition, choice))
                    .map_err(member)?;
                if chosen[..index].contains(item) {
                    return Err(Problem::at(format!("[{index}]"), "is chosen twice"));
                }
            }
            Ok(())
        }
        _ if definition.choices.len() > 1 => Err(Problem::new("must be a list of some of the field's choices")),
        _ => Err(Problem::new("must be true or false")),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn field(kind: FieldType, choices: &[&str]) -> Definition {
        Definition {
            key: "f".into(),
            kind,
            label: "F".into(),
            required: false,
            enabled: true,
            order: 0,
            choices: choices.iter().map(|c| (*c).to_owned()).collect(),
        }
    }

    #[test]
    fn each_type_takes_its_own_values() {
        let cases = [
            (FieldType::Text, &[][..], json!("demo text"), true),
            (FieldType::Text, &[], json!(5), false),
            (FieldType::Email, &[], json!("a@b.co"), true),
            (FieldType::Email, &[], json!("a"), false),
            (FieldType::Phone, &[], json!("010-1234-5678"), true),
            (FieldType::Phone, &[], json!("12"), false),
            (FieldType::Checkbox, &[], json!(true), true),
            (FieldType::Checkbox, &[], json!("true"), false),
            (FieldType::Checkbox, &["a", "b"], json!(["a"]), true),
            (FieldType::Checkbox, &["a", "b"], json!(["a", "a"]), false),
            (FieldType::Checkbox, &["a", "b"], json!(["c"]), false),
            (FieldType::Checkbox, &["a", "b"], json!(true), false),
            (FieldType::Dropdown, &["a"], json!("a"), true),
            (FieldType::Dropdown, &["a"], json!("b"), false),
            (FieldType::Calendar, &[], json!("2026-03-01"), true),
            (FieldType::Calendar, &[], json!("03/01/2026"), false),
            (FieldType::Number, &[], json!(5.5), true),
            (FieldType::Number, &[], json!("5"), false),
            (FieldType::Comment, &[], json!("x"), false),
            (FieldType::Password, &[], json!("short"), false),
        ];
        for (kind, choices, value, good) in cases {
            assert_eq!(
                check_value(&field(kind, choices), &value).is_ok(),
                good,
                "{kind:?} {value}"
            );
        }
    }

    #[test]
    fn passwords_never_stay_among_the_attributes() {
        let checked = check_value(&field(FieldType::Password, &[]), &json!("correct horse"));
        assert_eq!(checked, Ok(Checked::Secret("correct horse".into())));
    }

    #[test]
    fn undefined_keys_are_kept_as_text() {
        assert_eq!(undefined_value(&json!("x")), Ok(json!("x")));
        assert_eq!(undefined_value(&json!(5)), Ok(json!("5")));
        assert_eq!(undefined_value(&json!({"a": 1})), Ok(json!("{\"a\":1}")));
    }

    #[test]
    fn definitions_must_make_sense() {
        assert!(check_definition(&field(FieldType::Dropdown, &[])).is_err());
        assert!(check_definition(&field(FieldType::Dropdown, &["a", "a"])).is_err());
        assert!(check_definition(&field(FieldType::Text, &["a"])).is_err());
        assert!(check_definition(&field(FieldType::Checkbox, &["a"])).is_ok());
    }
}
