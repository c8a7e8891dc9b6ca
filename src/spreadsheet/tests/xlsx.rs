use rust_xlsxwriter::{ExcelDateTime, Format, Formula, Workbook};

use super::{BOOK, Outcome, RELATIONS, ROOT, archive, read_all, shown, workbook};
use crate::spreadsheet::Limits;

#[test]
fn a_written_workbook_reads_back() -> Outcome {
    let mut book = Workbook::new();
    let sheet = book.add_worksheet();
    for (column, title) in (0..).zip(["email", "이름", "phone", "n", "b", "d", "t", "f"]) {
        sheet.write_string(0, column, title)?;
    }
    sheet.write_string(2, 0, "a@example.com")?;
    sheet.write_string(2, 1, "김 \u{1F600} <&>\"'\n_x0041_")?;
    sheet.write_number(2, 2, 1_012_345_678)?;
    sheet.write_number(2, 3, 0.1 + 0.2)?;
    sheet.write_boolean(2, 4, true)?;
    let date = Format::new().set_num_format("yyyy-mm-dd");
    let time = Format::new().set_num_format("yyyy\"년\" m\"월\" d\"일\" hh:mm");
    sheet.write_datetime_with_format(2, 5, ExcelDateTime::from_ymd(2026, 3, 5)?, &date)?;
    sheet.write_datetime_with_format(2, 6, ExcelDateTime::from_ymd(2026, 3, 5)?.and_hms(10, 30, 0)?, &time)?;
    sheet.write_formula(2, 7, Formula::new("=1+1").set_result("2"))?;
    let postal = Format::new().set_num_format("00000");
    sheet.write_number_with_format(5, 2, 4524, &postal)?;
    assert_eq!(
        shown(book.save_to_buffer()?),
        "= email | 이름 | phone | n | b | d | t | f\n\
         3 a@example.com | 김 \u{1F600} <&>\"'\n_x0041_ | #1012345678 | #0.3 | ?true | @2026-03-05 | @2026-03-05T10:30:00 | #2\n\
         6  |  | 04524"
    );
    Ok(())
}

#[test]
fn the_first_visible_sheet_with_content_is_read() -> Outcome {
    let mut book = Workbook::new();
    book.add_worksheet().set_hidden(true).write_string(0, 0, "hidden")?;
    book.add_worksheet().set_active(true).write_string(3, 0, "  ")?;
    book.add_worksheet()
        .write_string(4, 1, "email")?
        .write_string(5, 1, "a")?;
    book.add_worksheet().write_string(0, 0, "later")?;
    assert_eq!(shown(book.save_to_buffer()?), "=  | email\n6  | a");
    Ok(())
}

#[test]
fn an_empty_workbook_is_said_to_be_empty() -> Outcome {
    let mut book = Workbook::new();
    book.add_worksheet();
    assert_eq!(shown(book.save_to_buffer()?), "empty");
    Ok(())
}

#[test]
fn every_kind_of_cell_is_read() {
    let rows = r#"<row r="1"><c r="A1" t="s"><v>0</v></c></row>
        <row r="2">
          <c r="A2" t="inlineStr"><is><r><t>in</t></r><r><t xml:space="preserve"> line</t></r><rPh><t>sound</t></rPh></is></c>
          <c r="B2" t="str"><f>"a"</f><v>a&amp;b_x000A_&#xAC00;</v></c>
          <c r="C2" t="b"><v>1</v></c><c r="D2" t="e"><v>#N/A</v></c>
          <c r="E2" t="d"><v>2026-03-05T00:00:00</v></c><c r="F2"><v>1.5E3</v></c>
          <c r="G2"><f>1+1</f></c><c r="H2" t="n"><v>NaN</v></c><c r="I2" t="s"><v>1</v></c><c r="J2"/><c r="K2" t="s"><v>2</v></c>
        </row>"#;
    let strings = "<si><t>email</t></si><si/><si><t><![CDATA[a<b]]></t><phoneticPr/></si>";
    assert_eq!(
        shown(workbook(rows, strings, "")),
        "= email\n2 in line | a&b\n가 | ?true | !#N/A | @2026-03-05 | #1500 | !formula without a stored result | !#NUM! |  |  | a<b"
    );
}

#[test]
fn other_writers_are_understood() {
    // Prefixes, no references, unusual paths and case, empty rows.
    let parts = [
        (
            "_rels/.rels",
            r#"<p:Relationships xmlns:p="x"><p:Relationship Id="1" Type="http://purl.oclc.org/ooxml/officeDocument/relationships/officeDocument" Target="/xl/book.xml"/></p:Relationships>"#,
        ),
        (
            "xl\\Book.xml",
            r#"<x:workbook xmlns:x="x"><x:workbookPr date1904="1"/><x:sheets><x:sheet r:id="c" name="chart"/><x:sheet r:id="s" name="a"/></x:sheets></x:workbook>"#,
        ),
        (
            "xl/_rels/book.xml.rels",
            r#"<Relationships><Relationship Id="c" Type="x/chartsheet" Target="c.xml"/><Relationship Id="s" Type="x/worksheet" Target="/xl/Worksheets/S.xml"/><Relationship Id="f" Type="x/styles" Target="../xl/styles.xml"/></Relationships>"#,
        ),
        (
            "xl/worksheets/s.xml",
            "\u{feff}<?xml version='1.0' encoding='utf-8'?><x:worksheet xmlns:x=\"x\"><x:dimension ref=\"A1\"/><x:sheetData><x:row><x:c t=\"inlineStr\"><x:is><x:t>email</x:t></x:is></x:c><x:c t=\"inlineStr\"><x:is><x:t>d</x:t></x:is></x:c></x:row><x:row/><x:row><x:c/><x:c s=\"1\"><x:v>43538</x:v></x:c></x:row></x:sheetData></x:worksheet>",
        ),
        (
            "xl/styles.xml",
            r#"<styleSheet><cellStyleXfs><xf numFmtId="2"/></cellStyleXfs><cellXfs><xf/><xf numFmtId="14"/></cellXfs></styleSheet>"#,
        ),
    ];
    assert_eq!(shown(archive(&parts)), "= email | d\n3  | @2023-03-15");
}

#[test]
fn cells_may_come_in_any_order_within_a_row() {
    let rows =
        r#"<row r="1"><c r="B1"><v>2</v></c><c r="A1"><v>1</v></c></row><row r="2"><c r="AB2"><v>3</v></c></row>"#;
    let row = "|".repeat(27).replace('|', " | ");
    assert_eq!(shown(workbook(rows, "", "")), format!("= 1 | 2\n2 {row}#3"));
}

#[test]
fn rows_out_of_order_are_damage() {
    let rows = r#"<row r="2"><c r="A2"><v>2</v></c></row><row r="1"><c r="A1"><v>1</v></c></row>"#;
    assert_eq!(shown(workbook(rows, "", "")), "= 2\ndamaged");
    assert_eq!(
        shown(workbook(r#"<row r="4294967295"><c><v>2</v></c></row>"#, "", "")),
        "damaged"
    );
    assert_eq!(shown(workbook("<c><v>2</v></c>", "", "")), "damaged");
}

#[test]
fn missing_pieces_are_damage() {
    assert_eq!(
        shown(workbook(r#"<row r="1"><c t="s"><v>0</v></c></row>"#, "", "")),
        "damaged"
    );
    assert_eq!(
        shown(workbook(
            r#"<row r="1"><c t="inlineStr"><is><t>&unknown;</t></is></c></row>"#,
            "",
            ""
        )),
        "damaged"
    );
    assert_eq!(shown(archive(&[ROOT, BOOK, RELATIONS])), "damaged");
    let cut = ("xl/worksheets/sheet1.xml", "<worksheet><sheetData><row><c><v>1");
    assert_eq!(shown(archive(&[ROOT, BOOK, RELATIONS, cut])), "damaged");
    let other = ("xl/worksheets/sheet1.xml", "<worksheet/>");
    assert_eq!(shown(archive(&[ROOT, BOOK, RELATIONS, other])), "empty");
}

#[test]
fn other_archives_are_named() {
    let check = |parts: &[(&str, &str)], code: &str| assert_eq!(shown(archive(parts)), code);
    check(&[("a.txt", "a")], "not_a_table");
    check(&[("word/document.xml", "<a/>")], "not_a_table");
    check(&[("mimetype", "x"), ("content.xml", "<a/>")], "unsupported_format");
    check(&[("Index/Document.iwa", "x")], "unsupported_format");
    let binary =
        r#"<Relationships><Relationship Id="r" Type="x/officeDocument" Target="xl/workbook.bin"/></Relationships>"#;
    check(
        &[("_rels/.rels", binary), ("xl/workbook.bin", "x")],
        "unsupported_format",
    );
}

#[test]
fn progress_and_total_are_told() -> Outcome {
    let mut book = Workbook::new();
    let sheet = book.add_worksheet();
    for row in 0..5000 {
        sheet.write_string(row, 0, format!("row {row}"))?;
    }
    let mut table = super::open(super::Source::Bytes(book.save_to_buffer()?), &Limits::default())?;
    assert_eq!(table.total_rows(), Some(4999));
    let mut before = 0.0;
    while let Some(row) = table.next_row() {
        row?;
        assert!(table.progress() >= before && table.progress() <= 1.0);
        before = table.progress();
    }
    assert_eq!((table.rows_read(), table.progress()), (4999, 1.0));
    assert!(table.next_row().is_none());
    Ok(())
}

#[test]
fn a_wrong_total_is_not_repeated() -> Outcome {
    let sheet = r#"<worksheet><dimension ref="A1:B2"/><sheetData><row><c><v>1</v></c></row><row><c><v>2</v></c></row><row><c><v>3</v></c></row></sheetData></worksheet>"#;
    let (table, rows) = read_all(
        archive(&[ROOT, BOOK, RELATIONS, ("xl/worksheets/sheet1.xml", sheet)]),
        &Limits::default(),
    )?;
    assert_eq!((rows.len(), table.total_rows()), (2, None));
    Ok(())
}
