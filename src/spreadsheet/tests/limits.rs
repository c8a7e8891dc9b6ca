use std::io::Write;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use super::xls::CUSTOMERS;
use super::{BOOK, Outcome, RELATIONS, ROOT, archive, read_all, shown, shown_within, workbook};
use crate::spreadsheet::{FileError, Limits, Source, Stop, open, open_until};

fn message(bytes: Vec<u8>, limits: &Limits) -> String {
    read_all(bytes, limits).map_or_else(|e| e.to_string(), |(_, rows)| format!("{} rows", rows.len()))
}

#[test]
fn rows_end_at_the_limit() {
    let limits = Limits {
        rows: 3,
        ..Limits::default()
    };
    assert_eq!(message(b"a\n1\n\n2\n3\n".to_vec(), &limits), "3 rows");
    let text = message(b"a\n1\n2\n3\n4\n".to_vec(), &limits);
    assert!(text.contains("more than 3 rows"), "{text}");
    let rows = (1..=5)
        .map(|i| format!("<row><c><v>{i}</v></c></row>"))
        .collect::<String>();
    assert_eq!(
        shown_within(workbook(&rows, "", ""), &limits),
        "= 1\n2 #2\n3 #3\n4 #4\ntoo_many_rows"
    );
}

#[test]
fn the_default_is_a_million_rows() {
    let mut bytes = b"a\n".to_vec();
    bytes.extend("b\n".repeat(1_000_000).bytes());
    assert_eq!(message(bytes.clone(), &Limits::default()), "1000000 rows");
    bytes.extend(b"b\n");
    let text = message(bytes, &Limits::default());
    assert!(text.contains("1000000"), "{text}");
}

#[test]
fn columns_end_at_the_limit() {
    let commas = ",".repeat(255);
    assert!(shown(format!("a{commas}\nb{commas}c")).ends_with("| c"));
    assert_eq!(
        shown(format!("a\nb{commas},,,\n{commas},c")),
        "= a\n2 b\ntoo_many_columns"
    );
    assert_eq!(shown(format!("a\n{}", ",".repeat(20_000))), "= a\ntoo_many_columns");
    let cell = |at: &str| {
        workbook(
            &format!(r#"<row><c><v>1</v></c></row><row r="2"><c r="{at}2"><v>1</v></c></row>"#),
            "",
            "",
        )
    };
    assert!(shown(cell("IV")).ends_with("| #1"));
    assert_eq!(shown(cell("IW")), "= 1\ntoo_many_columns");
    let text = message(cell("IW"), &Limits::default());
    assert!(
        text.contains("Row 2") && text.contains("column IV") && text.contains("256"),
        "{text}"
    );
}

#[test]
fn a_cell_ends_at_the_limit() {
    for (letter, count) in [("x", 32_767), ("가", 32_767), ("\u{1F600}", 32_767)] {
        let (fits, over) = (letter.repeat(count), letter.repeat(count + 1));
        let inline = |text: &str| {
            workbook(
                &format!(r#"<row><c><v>1</v></c></row><row><c t="inlineStr"><is><t>{text}</t></is></c></row>"#),
                "",
                "",
            )
        };
        let shared = |text: &str| {
            workbook(
                r#"<row><c><v>1</v></c></row><row><c t="s"><v>0</v></c></row>"#,
                &format!("<si><t>{text}</t></si>"),
                "",
            )
        };
        for bytes in [format!("a\n{fits}").into_bytes(), inline(&fits), shared(&fits)] {
            assert_eq!(message(bytes, &Limits::default()), "1 rows");
        }
        for bytes in [format!("a\n{over}").into_bytes(), inline(&over), shared(&over)] {
            let text = message(bytes, &Limits::default());
            assert!(text.starts_with("Cell A2 ") && text.contains("32767"), "{text}");
        }
    }
}

#[test]
fn a_large_open_quotation_mark_is_stopped_early() {
    let text = format!("a\n\"{}", "b\n".repeat(100_000));
    assert_eq!(shown(text), "= a\ncell_too_long");
}

#[test]
fn size_is_checked_before_reading() -> Outcome {
    let limits = Limits {
        bytes: 4,
        ..Limits::default()
    };
    assert_eq!(shown_within("a\nbc", &limits), "= a\n2 bc");
    assert_eq!(shown_within("a\nbcd", &limits), "too_large");
    let mut file = tempfile::NamedTempFile::new()?;
    file.write_all(b"a\nbcd")?;
    let error = open(Source::Path(file.path().into()), &limits).err();
    assert_eq!(error, Some(FileError::TooLarge { limit: 4 }));
    let text = FileError::TooLarge {
        limit: Limits::default().bytes,
    }
    .to_string();
    assert!(text.contains("512 MB"), "{text}");
    Ok(())
}

#[test]
fn paths_are_read_and_checked() -> Outcome {
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("customers.txt");
    std::fs::write(&path, "email\na\n")?;
    let mut table = open(path.into(), &Limits::default())?;
    assert_eq!(table.header(), ["email"]);
    assert!(table.next_row().is_some_and(|row| row.is_ok()));
    for path in [folder.path().to_path_buf(), folder.path().join("missing")] {
        assert_eq!(
            open(path.into(), &Limits::default()).map_err(|e| e.code()).err(),
            Some("unreadable")
        );
    }
    Ok(())
}

#[test]
fn an_archive_that_inflates_too_far_is_refused() {
    let limits = Limits {
        inflated: 100_000,
        ..Limits::default()
    };
    let rows = r#"<row><c><v>1</v></c></row>"#;
    assert_eq!(shown_within(workbook(rows, "", ""), &limits), "= 1");
    let spaces = " ".repeat(100_000);
    assert_eq!(
        shown_within(workbook(&format!("{rows}{spaces}"), "", ""), &limits),
        "inflates_too_far"
    );
    assert_eq!(shown_within(workbook(rows, &spaces, ""), &limits), "inflates_too_far");
}

#[test]
fn an_archive_that_lies_about_its_size_is_stopped() {
    let spaces = " ".repeat(5_000_000);
    let mut bytes = workbook(
        &format!(r#"<row><c><v>1</v></c></row>{spaces}<row><c><v>2</v></c></row>"#),
        "",
        "",
    );
    // The directory entry of the sheet: its size stands 22 bytes before the name.
    let name = b"xl/worksheets/sheet1.xml";
    let at = bytes.windows(name.len()).rposition(|w| w == name).unwrap_or_default();
    bytes[at - 22..at - 18].copy_from_slice(&1000_u32.to_le_bytes());
    assert_eq!(
        shown_within(
            bytes,
            &Limits {
                inflated: 100_000,
                ..Limits::default()
            }
        ),
        "damaged"
    );
}

#[test]
fn claimed_counts_reserve_nothing() {
    let parts = [
        ROOT,
        BOOK,
        RELATIONS,
        (
            "xl/worksheets/sheet1.xml",
            r#"<worksheet><dimension ref="A1:XFD1048576"/><sheetData><row><c t="s"><v>0</v></c></row></sheetData></worksheet>"#,
        ),
        (
            "xl/sharedStrings.xml",
            r#"<sst count="100000000000000" uniqueCount="100000000000000"><si><t>email</t></si></sst>"#,
        ),
        (
            "xl/styles.xml",
            r#"<styleSheet><cellXfs count="4294967295"><xf/></cellXfs></styleSheet>"#,
        ),
    ];
    assert_eq!(shown(archive(&parts)), "= email");
}

#[test]
fn a_claimed_directory_reserves_nothing() {
    let mut bytes = workbook("<row><c><v>1</v></c></row>", "", "");
    let end = bytes.len() - 22;
    let (size, start) = (bytes[end + 12..end + 16].to_vec(), bytes[end + 16..end + 20].to_vec());
    // The same end in large numbers.
    let large = |entries: u64, size: &[u8], start: &[u8]| {
        let place = end as u64;
        let head = [
            &b"PK\x06\x06"[..],
            &44_u64.to_le_bytes(),
            &[0; 12],
            &entries.to_le_bytes(),
            &entries.to_le_bytes(),
        ];
        let rest = [
            size,
            &[0; 4],
            start,
            &[0; 4],
            b"PK\x06\x07",
            &[0; 4],
            &place.to_le_bytes(),
            &[0; 4],
        ];
        [
            head.concat(),
            rest.concat(),
            b"PK\x05\x06\0\0\0\0".to_vec(),
            vec![0xFF; 12],
            vec![0; 2],
        ]
        .concat()
    };
    bytes.truncate(end);
    let with = |tail: Vec<u8>| [bytes.clone(), tail].concat();
    assert_eq!(shown(with(large(6, &size, &start))), "= 1");
    assert_eq!(shown(with(large(1 << 40, &[0xFF; 4], &start))), "damaged");
    assert_eq!(shown(with(large(7, &size, &start))), "damaged");
}

#[test]
fn endless_elements_are_stopped() {
    let long = "x".repeat(1_000_000);
    assert_eq!(
        shown(workbook(&format!("<row a=\"{long}\"><c><v>1</v></c></row>"), "", "")),
        "damaged"
    );
    assert_eq!(shown(workbook(&"<a>".repeat(100_000), "", "")), "damaged");
    let runs = "<r><t>xxxxxxxxxx</t></r>".repeat(100_000);
    let rows = format!("<row><c t=\"inlineStr\"><is>{runs}</is></c></row>");
    assert_eq!(shown(workbook(&rows, "", "")), "cell_too_long");
}

#[test]
fn reading_stops_when_told() -> Outcome {
    let csv = "email,name\n".repeat(100_000).into_bytes();
    let mut book = rust_xlsxwriter::Workbook::new();
    let sheet = book.add_worksheet();
    for row in 0..20_000 {
        sheet.write_number(row, 0, row)?;
    }
    for bytes in [csv, book.save_to_buffer()?, CUSTOMERS.to_vec()] {
        let flag = Arc::new(AtomicBool::new(true));
        let stop = |flag: &Arc<AtomicBool>| {
            let flag = Arc::clone(flag);
            Arc::new(move || flag.load(Ordering::Relaxed)) as Stop
        };
        let opened = open_until(bytes.clone().into(), &Limits::default(), stop(&flag));
        assert_eq!(opened.err(), Some(FileError::Stopped));
        flag.store(false, Ordering::Relaxed);
        let mut table = open_until(bytes.clone().into(), &Limits::default(), stop(&flag))?;
        assert!(table.next_row().is_some_and(|row| row.is_ok()));
        flag.store(true, Ordering::Relaxed);
        let mut last = None;
        while let Some(row) = table.next_row() {
            last = Some(row);
        }
        // The cells of an .xls are in memory by now.
        let stopped = last.is_some_and(|row| row.err() == Some(FileError::Stopped));
        assert_eq!(stopped, bytes != CUSTOMERS);
    }
    Ok(())
}
