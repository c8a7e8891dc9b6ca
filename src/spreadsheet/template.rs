//! The `.xlsx` that people fill in and hand to the import.

use std::fmt;

use rust_xlsxwriter::{DataValidation, Format, FormatAlign, Formula, Workbook, Worksheet, XlsxError};

use super::guide::{Entry, entry, entry_of_field};
use super::header::{Column, FieldHeader, FieldKind, Match, Titles};
use super::titles::TITLES;

/// The language of the titles; explanations come in both.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Locale {
    /// English.
    #[default]
    En,
    /// Korean.
    Ko,
}

/// The template could not be written: a label or choice is longer than a cell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TemplateError(String);

impl fmt::Display for TemplateError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "The template could not be written: {}", self.0)
    }
}

impl std::error::Error for TemplateError {}

impl From<XlsxError> for TemplateError {
    fn from(error: XlsxError) -> Self {
        Self(error.to_string())
    }
}

const LAST_ROW: u32 = 1_048_575;
/// The built-in format "@".
const TEXT_FORMAT: u8 = 49;
const LISTS: &str = "Lists";

/// Writes the template: a sheet with titles only, to be filled in; a sheet that
/// explains them in English and Korean; a hidden one with the choices.
///
/// `fields` are the enabled custom fields in the order of the form. Passwords
/// and comments get no column. [`open`](super::open) and
/// [`columns`](super::columns) with the same fields understand every title: a
/// label that would be taken for something else is replaced by
/// `attributes.<key>`.
///
/// # Errors
/// [`TemplateError`], when a label or choice is longer than 32,767 characters.
pub fn template(fields: &[FieldHeader], locale: Locale) -> Result<Vec<u8>, TemplateError> {
    let plan = plan(fields, locale);
    let mut workbook = Workbook::new();
    customers(workbook.add_worksheet(), &plan, locale)?;
    guide(workbook.add_worksheet(), &plan, locale)?;
    if plan.iter().any(|p| !p.choices.is_empty()) {
        lists(workbook.add_worksheet(), &plan)?;
    }
    Ok(workbook.save_to_buffer()?)
}

/// One column to be.
pub(super) struct Planned {
    pub(super) title: String,
    pub(super) column: Column,
    entry: Entry,
    pub(super) width: f64,
    /// Kept as text, or a leading zero is lost.
    pub(super) text: bool,
    yes_no: bool,
    choices: Vec<String>,
}

pub(super) fn plan(fields: &[FieldHeader], locale: Locale) -> Vec<Planned> {
    let own = TITLES.iter().filter(|t| t.column != Column::Ignored).map(|t| Planned {
        title: if locale == Locale::Ko { t.ko } else { t.en }.to_owned(),
        column: t.column.clone(),
        entry: entry(&t.column),
        width: match t.column {
            Column::Email | Column::Line1 | Column::Id => 30.0,
            Column::Line2 => 22.0,
            _ => 16.0,
        },
        text: !matches!(
            t.column,
            Column::MarketingSms | Column::MarketingEmail | Column::MarketingKakao
        ),
        yes_no: matches!(
            t.column,
            Column::MarketingSms | Column::MarketingEmail | Column::MarketingKakao
        ),
        choices: Vec::new(),
    });
    let titles = Titles::new(fields);
    let with_column = fields
        .iter()
        .enumerate()
        .filter(|(_, f)| !matches!(f.kind, FieldKind::Password | FieldKind::Comment));
    let custom = with_column.map(|(at, field)| {
        let found = |title: &str| matches!(titles.find(title), Match::Column(Column::Field(i)) if i == at);
        let title = Some(field.label.trim()).filter(|label| found(label));
        Planned {
            title: title.map_or_else(|| format!("attributes.{}", field.key), str::to_owned),
            column: Column::Field(at),
            entry: entry_of_field(field),
            width: 18.0,
            text: !matches!(field.kind, FieldKind::Number | FieldKind::Calendar),
            yes_no: field.kind == FieldKind::Checkbox && field.choices.is_empty(),
            choices: if field.kind == FieldKind::Dropdown {
                field.choices.clone()
            } else {
                Vec::new()
            },
        }
    });
    own.chain(custom).collect()
}

/// Text stays text: it is never parsed as a formula, and the mark for quoted
/// text keeps it so when somebody edits the cell.
fn put(sheet: &mut Worksheet, row: u32, column: u16, text: &str, format: &Format) -> Result<(), XlsxError> {
    let quoted = text
        .starts_with(['=', '+', '-', '@'])
        .then(|| format.clone().set_quote_prefix());
    sheet.write_string_with_format(row, column, text, quoted.as_ref().unwrap_or(format))?;
    Ok(())
}

fn customers(sheet: &mut Worksheet, plan: &[Planned], locale: Locale) -> Result<(), XlsxError> {
    let bold = Format::new().set_bold();
    let text = Format::new().set_num_format_index(TEXT_FORMAT);
    sheet
        .set_name(if locale == Locale::Ko { "고객" } else { "Customers" })?
        .set_freeze_panes(1, 0)?;
    let mut list = 0;
    for (planned, column) in plan.iter().zip(0_u16..) {
        put(sheet, 0, column, &planned.title, &bold)?;
        let title_width = planned
            .title
            .chars()
            .map(|c| if c.is_ascii() { 1.1 } else { 2.1 })
            .sum::<f64>()
            + 2.0;
        sheet.set_column_width(column, planned.width.max(title_width.min(60.0)))?;
        if planned.text {
            sheet.set_column_format(column, &text)?;
        }
        let rule = if planned.yes_no {
            let words = if locale == Locale::Ko {
                ["예", "아니오"]
            } else {
                ["yes", "no"]
            };
            Some(DataValidation::new().allow_list_strings(&words)?)
        } else if planned.choices.is_empty() {
            None
        } else {
            let letters = super::column_letters(list);
            list += 1;
            let range = format!("={LISTS}!${letters}$1:${letters}${}", planned.choices.len());
            Some(DataValidation::new().allow_list_formula(Formula::new(range)))
        };
        if let Some(rule) = rule {
            let message = if locale == Locale::Ko {
                "목록에서 선택해 주세요."
            } else {
                "Choose from the list."
            };
            sheet.add_data_validation(1, column, LAST_ROW, column, &rule.set_error_message(message)?)?;
        }
    }
    Ok(())
}

fn guide(sheet: &mut Worksheet, plan: &[Planned], locale: Locale) -> Result<(), XlsxError> {
    let bold = Format::new().set_bold();
    let wrap = Format::new().set_text_wrap().set_align(FormatAlign::Top);
    sheet
        .set_name(if locale == Locale::Ko { "설명" } else { "Guide" })?
        .set_freeze_panes(1, 0)?;
    for (column, (title, width)) in (0..).zip([
        ("Column / 열", 24.0),
        ("Required / 필수", 16.0),
        ("Example / 예시", 28.0),
        ("Meaning", 64.0),
        ("설명", 64.0),
    ]) {
        put(sheet, 0, column, title, &bold)?;
        sheet.set_column_width(column, width)?;
    }
    for (planned, row) in plan.iter().zip(1..) {
        let required = if planned.entry.required {
            "yes / 예"
        } else {
            "no / 아니오"
        };
        let texts = [
            planned.title.as_str(),
            required,
            &planned.entry.example,
            &planned.entry.en,
            &planned.entry.ko,
        ];
        for (text, column) in texts.into_iter().zip(0..) {
            put(sheet, row, column, text, &wrap)?;
        }
    }
    Ok(())
}

fn lists(sheet: &mut Worksheet, plan: &[Planned]) -> Result<(), XlsxError> {
    let plain = Format::new().set_num_format_index(TEXT_FORMAT);
    sheet.set_name(LISTS)?.set_hidden(true);
    for (planned, column) in plan.iter().filter(|p| !p.choices.is_empty()).zip(0..) {
        for (choice, row) in planned.choices.iter().zip(0..) {
            put(sheet, row, column, choice, &plain)?;
        }
    }
    Ok(())
}
