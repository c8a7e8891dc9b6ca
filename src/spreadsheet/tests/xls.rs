use encoding_rs::EUC_KR;

use super::compound::{book, cell, compound, record, xls};
use super::{Outcome, read_all, shown};
use crate::spreadsheet::Limits;

pub(super) const CUSTOMERS: &[u8] =
    include_bytes!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/customers.xls"));

/// A cell with a text of its own.
fn label(row: u16, column: u16, text: &str) -> Vec<u8> {
    let units: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let length = text.encode_utf16().count() as u16;
    cell(0x0204, row, column, &[&length.to_le_bytes()[..], &[1], &units].concat())
}

#[test]
fn a_real_file_is_read() -> Outcome {
    let shown = shown(CUSTOMERS);
    let mut lines = shown.lines();
    assert_eq!(
        lines.next(),
        Some("= 이메일 | 이름 | 휴대폰 번호 | point | ratio | since | SMS 수신동의 | note")
    );
    assert_eq!(
        lines.next(),
        Some("3 first@example.com | 첫째 | 010-1234-5678 | #5 | #0.333333333333333 | @2026-03-05 | ?true")
    );
    assert_eq!(
        lines.next(),
        Some("4 second@example.com |  | #1012345678 | #12.34 |  |  | ?false | !#N/A")
    );
    for number in 5..=104 {
        let row = number - 1;
        let name = format!("이름 {row} ").repeat(20);
        let note = format!("note {row} ").repeat(20);
        let expected = format!(
            "{number} row{row}@example.com | {} |  |  |  |  |  | {}",
            name.trim(),
            note.trim()
        );
        assert_eq!(lines.next(), Some(expected.as_str()));
    }
    assert_eq!(lines.next(), None);
    let (table, rows) = read_all(CUSTOMERS.to_vec(), &Limits::default())?;
    assert_eq!(
        (rows.len(), table.total_rows(), table.progress()),
        (102, Some(103), 1.0)
    );
    Ok(())
}

#[test]
fn cells_may_come_in_any_order() {
    let sheet = [
        label(1, 0, "a@example.com"),
        label(0, 1, "이름"),
        label(1, 1, "김"),
        label(0, 0, "email"),
        label(1, 1, "이"),
    ]
    .concat();
    assert_eq!(shown(xls(&[], &sheet)), "= email | 이름\n2 a@example.com | 이");
}

#[test]
fn every_kind_of_cell_is_read() {
    let number = |row, column, bits: f64| cell(0x0203, row, column, &bits.to_le_bytes());
    let many = record(
        0x00BD,
        &[
            &[1, 0, 1, 0][..],
            &[0, 0],
            &(7_u32 << 2 | 2).to_le_bytes(),
            &[0, 0],
            &(5_u32 << 2 | 3).to_le_bytes(),
            &[2, 0],
        ]
        .concat(),
    );
    let formula = |column: u16, result: [u8; 8]| cell(0x0006, 1, column, &[&result[..], &[0; 8]].concat());
    let text = record(0x0207, &[2, 0, 0, b'o', b'k']);
    let chart = [
        record(0x0809, &[0, 6, 0x20, 0, 0, 0, 0, 0]),
        number(1, 9, 99.0),
        record(0x000A, &[]),
    ]
    .concat();
    let sheet = [
        label(0, 0, "a"),
        number(1, 0, 1.5),
        many,
        formula(3, [0, 0, 0, 0, 0, 0, 0xFF, 0xFF]),
        text.clone(),
        text,
        formula(4, [1, 0, 1, 0, 0, 0, 0xFF, 0xFF]),
        formula(5, [2, 0, 7, 0, 0, 0, 0xFF, 0xFF]),
        formula(6, [3, 0, 0, 0, 0, 0, 0xFF, 0xFF]),
        formula(7, 2.5_f64.to_le_bytes()),
        cell(0x0205, 1, 8, &[0x2A, 1]),
        chart,
        cell(0x0205, 1, 10, &[0, 0]),
    ];
    assert_eq!(
        shown(xls(&[], &sheet.concat())),
        "= a\n2 #1.5 | #7 | #0.05 | ok | ?true | !#DIV/0! |  | #2.5 | !#N/A |  | ?false"
    );
}

#[test]
fn dates_follow_the_styles_and_the_calendar() {
    let format = record(0x041E, &[&[200, 0, 10, 0, 0][..], b"yyyy\\-mm\\-"].concat());
    let style = |format: u8| record(0x00E0, &[0, 0, format, 0]);
    let globals = [format, style(0), style(200), style(14)].concat();
    let dated = |column: u8, style: u8| {
        record(
            0x0203,
            &[&[1, 0, column, 0, style, 0][..], &43_538.0_f64.to_le_bytes()].concat(),
        )
    };
    let sheet = [label(0, 0, "a"), dated(0, 0), dated(1, 1), dated(2, 2)].concat();
    assert_eq!(
        shown(xls(&globals, &sheet)),
        "= a\n2 #43538 | @2019-03-14 | @2019-03-14"
    );
    let globals = [globals, record(0x0022, &[1, 0])].concat();
    assert_eq!(
        shown(xls(&globals, &sheet)),
        "= a\n2 #43538 | @2023-03-15 | @2023-03-15"
    );
}

#[test]
fn shared_strings_run_over_records() {
    // One wide, one narrow with formats, one cut with a change of width.
    let start = [
        &[3, 0, 0, 0, 3, 0, 0, 0][..],
        &[1, 0, 1, 0x00, 0xAC],
        &[2, 0, 0x0C, 1, 0, 3, 0, 0, 0, b'o', b'k', 9, 9, 9, 9, 7, 7, 7],
        &[4, 0, 0, b'a', b'b'],
    ]
    .concat();
    let rest = [&[1][..], &[0x01, 0xAC, 0x02, 0xAC]].concat();
    let globals = [record(0x00FC, &start), record(0x003C, &rest)].concat();
    let shared = |column: u16, index: u8| cell(0x00FD, 0, column, &[index, 0, 0, 0]);
    let sheet = [shared(0, 0), shared(1, 1), shared(2, 2)].concat();
    assert_eq!(shown(xls(&globals, &sheet)), "= 가 | ok | ab각갂");
    assert_eq!(shown(xls(&globals, &shared(0, 3))), "damaged");
}

#[test]
fn version_5_is_read_in_its_code_page() {
    let text = |row: u16, text: &str| {
        let bytes = EUC_KR.encode(text).0;
        cell(
            0x0204,
            row,
            0,
            &[&(bytes.len() as u16).to_le_bytes()[..], &bytes].concat(),
        )
    };
    let globals = [
        record(0x0042, &949_u16.to_le_bytes()),
        record(0x041E, &[&[164, 0, 4][..], b"yyyy"].concat()),
    ]
    .concat();
    let stream = book(0x0500, &globals, &[text(0, "이메일"), text(1, "똠")].concat());
    assert_eq!(shown(compound(&[("Book", &stream)])), "= 이메일\n2 똠");
}

#[test]
fn large_streams_leave_the_mini_stream() {
    let sheet: Vec<u8> = (0..3000).flat_map(|row| label(row, 0, &format!("row {row}"))).collect();
    let shown = shown(xls(&[], &sheet));
    assert_eq!(shown.lines().count(), 3000);
    assert!(shown.ends_with("3000 row 2999"));
}

#[test]
fn what_is_no_workbook_is_named() {
    let check = |stream: &str, code: &str| assert_eq!(shown(compound(&[(stream, b"x")])), code);
    check("EncryptedPackage", "encrypted");
    check("WordDocument", "not_a_table");
    check("PowerPoint Document", "not_a_table");
    check("\u{5}HwpSummaryInformation", "not_a_table");
    check("other", "not_a_table");
    check("Workbook", "damaged");
    assert_eq!(shown(xls(&record(0x002F, &[1, 0, 1, 0]), &[])), "encrypted");
    assert_eq!(shown(xls(&[], &[])), "empty");
    assert_eq!(
        shown(compound(&[("Workbook", &book(0x0400, &[], &[]))])),
        "unsupported_format"
    );
}

#[test]
fn chains_that_lead_in_circles_end() {
    let mut file = xls(&[], &label(0, 0, "a"));
    assert_eq!(shown(file.clone()), "= a");
    // The allocation table is the last sector: let each sector follow itself.
    let fat = file.len() - 512;
    for (i, word) in file[fat..].chunks_exact_mut(4).enumerate() {
        word.copy_from_slice(&(i as u32).to_le_bytes());
    }
    assert_eq!(shown(file.clone()), "damaged");
    // And the list of tables follow itself.
    file[68..72].copy_from_slice(&0_u32.to_le_bytes());
    assert_eq!(shown(file), "damaged");
}

#[test]
fn claimed_counts_reserve_nothing() {
    let dimensions = record(0x0200, &[0, 0, 0, 0, 0xFF, 0xFF, 0xFF, 0xFF, 0, 0, 0xFF, 0xFF, 0, 0]);
    let globals = record(0x00FC, &[0xFF; 8]);
    assert_eq!(shown(xls(&[], &[dimensions, label(0, 0, "a")].concat())), "= a");
    assert_eq!(shown(xls(&globals, &label(0, 0, "a"))), "damaged");
}

#[test]
fn corners_of_a_sheet_cost_no_more_than_their_cells() {
    let sheet = [label(0, 0, "a"), label(65_535, 255, "z")].concat();
    assert!(shown(xls(&[], &sheet)).ends_with("| z"));
    let sheet = [label(0, 0, "a"), label(1, 256, "z")].concat();
    assert_eq!(shown(xls(&[], &sheet)), "= a\ntoo_many_columns");
}
