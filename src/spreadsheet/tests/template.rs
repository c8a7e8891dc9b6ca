use std::io::{Cursor, Read};

use super::header::field;
use super::{Outcome, read_all};
use crate::spreadsheet::{Column, FieldHeader, FieldKind, Limits, Locale, columns, template};

fn fields() -> Vec<FieldHeader> {
    let mut grade = field("grade", "등급", FieldKind::Dropdown);
    grade.choices = vec!["Gold, old".into(), "=SUM(1)".into(), "실버".into()];
    grade.required = true;
    let mut topics = field("topics", "Topics", FieldKind::Checkbox);
    topics.choices = vec!["a".into(), "b".into()];
    vec![
        grade,
        topics,
        field("secret", "PIN", FieldKind::Password),
        field("hint", "Read this", FieldKind::Comment),
        field("agreed", "=1+1", FieldKind::Checkbox),
        field("email2", "이메일", FieldKind::Email),
        field("twin1", "Same", FieldKind::Number),
        field("twin2", "Same", FieldKind::Calendar),
        field("blank", " ", FieldKind::Phone),
        field("pw", "암호", FieldKind::Text),
        field("meta", "metadata.x", FieldKind::Text),
        field("at", "@home", FieldKind::Text),
    ]
}

fn part(bytes: &[u8], name: &str) -> Result<String, Box<dyn std::error::Error>> {
    let mut text = String::new();
    zip::ZipArchive::new(Cursor::new(bytes))?
        .by_name(name)?
        .read_to_string(&mut text)?;
    Ok(text)
}

#[test]
fn the_template_is_understood_by_the_import() -> Outcome {
    for locale in [Locale::En, Locale::Ko] {
        let fields = fields();
        let (table, rows) = read_all(template(&fields, locale)?, &Limits::default())?;
        assert!(rows.is_empty());
        let columns = columns(table.header(), &fields)?;
        assert!(
            !columns.contains(&Column::Untitled) && !columns.contains(&Column::Ignored),
            "{columns:?}"
        );
        let own = columns.iter().filter(|c| !matches!(c, Column::Field(_))).count();
        assert_eq!(own, 15);
        let with_column = [0, 1, 4, 5, 6, 7, 8, 9, 10, 11].map(Column::Field);
        assert_eq!(columns[15..], with_column);
        assert_eq!(table.header()[0], if locale == Locale::En { "Email" } else { "이메일" });
        let custom = &table.header()[15..];
        assert_eq!(
            custom,
            [
                "등급",
                "Topics",
                "=1+1",
                "attributes.email2",
                "attributes.twin1",
                "attributes.twin2",
                "attributes.blank",
                "attributes.pw",
                "attributes.meta",
                "@home"
            ]
        );
    }
    Ok(())
}

#[test]
fn no_text_becomes_a_formula() -> Outcome {
    let bytes = template(&fields(), Locale::En)?;
    for sheet in 1..=3 {
        let xml = part(&bytes, &format!("xl/worksheets/sheet{sheet}.xml"))?;
        assert!(!xml.contains("<f>"), "{xml}");
    }
    assert!(part(&bytes, "xl/sharedStrings.xml")?.contains("<t>=SUM(1)</t>"));
    assert!(part(&bytes, "xl/styles.xml")?.contains("quotePrefix=\"1\""));
    Ok(())
}

#[test]
fn the_sheet_helps_to_fill_it_in() -> Outcome {
    let bytes = template(&fields(), Locale::Ko)?;
    let sheet = part(&bytes, "xl/worksheets/sheet1.xml")?;
    assert!(sheet.contains("state=\"frozen\""), "{sheet}");
    assert!(sheet.contains("\"예,아니오\""), "{sheet}");
    assert!(sheet.contains("<formula1>Lists!$A$1:$A$3</formula1>"), "{sheet}");
    assert_eq!(sheet.matches("<dataValidation ").count(), 5);
    let book = part(&bytes, "xl/workbook.xml")?;
    assert!(
        book.contains("name=\"고객\"") && book.contains("name=\"설명\""),
        "{book}"
    );
    assert!(book.contains("name=\"Lists\" sheetId=\"3\" state=\"hidden\""), "{book}");
    // The guide explains every column, in two languages.
    let texts = part(&bytes, "xl/sharedStrings.xml")?;
    assert!(
        texts.contains("One of these: Gold, old; =SUM(1); 실버")
            && texts.contains("다음 중 하나입니다: Gold, old; =SUM(1); 실버"),
        "{texts}"
    );
    Ok(())
}

#[test]
fn phone_and_postal_code_are_text_columns() -> Outcome {
    let bytes = template(&[], Locale::En)?;
    let sheet = part(&bytes, "xl/worksheets/sheet1.xml")?;
    // Columns 3 and 7, in ranges of columns with one format.
    assert!(
        sheet.contains("<col min=\"2\" max=\"5\" width=\"16.7109375\" style=\"2\""),
        "{sheet}"
    );
    assert!(
        sheet.contains("<col min=\"7\" max=\"7\" width=\"16.7109375\" style=\"2\""),
        "{sheet}"
    );
    assert!(
        sheet.contains("<col min=\"13\" max=\"13\" width=\"16.7109375\" customWidth"),
        "{sheet}"
    );
    assert!(part(&bytes, "xl/styles.xml")?.contains("numFmtId=\"49\""));
    assert!(part(&bytes, "xl/worksheets/sheet3.xml").is_err());
    Ok(())
}

#[test]
fn too_long_texts_are_an_error() {
    let long = field("a", &"x".repeat(40_000), FieldKind::Text);
    let error = template(&[long], Locale::En)
        .err()
        .map(|e| e.to_string())
        .unwrap_or_default();
    assert!(error.starts_with("The template could not be written"), "{error}");
}
