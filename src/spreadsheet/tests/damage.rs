//! Whatever the bytes, reading ends with rows or an error: it neither panics
//! (a caught panic shows as "unexpected content") nor goes on for ever.

use std::io::{Cursor, Read};

use proptest::prelude::*;
use rust_xlsxwriter::{Format, Workbook};

use super::xls::CUSTOMERS;
use super::{archive, read_all};
use crate::spreadsheet::{FileError, Limits};

/// A change to a file.
#[derive(Debug, Clone)]
enum Harm {
    Set(usize, u8),
    Flip(usize, u8),
    Cut(usize),
    Drop(usize, usize),
    Double(usize, usize),
    Word(usize, u32),
}

fn harm() -> impl Strategy<Value = Vec<Harm>> {
    let at = any::<usize>();
    let one = prop_oneof![
        4 => (at, any::<u8>()).prop_map(|(at, b)| Harm::Set(at, b)),
        4 => (at, 0..8_u8).prop_map(|(at, bit)| Harm::Flip(at, bit)),
        1 => at.prop_map(Harm::Cut),
        1 => (at, 1..600_usize).prop_map(|(at, n)| Harm::Drop(at, n)),
        1 => (at, 1..600_usize).prop_map(|(at, n)| Harm::Double(at, n)),
        2 => (at, prop_oneof![Just(0), Just(u32::MAX), Just(0x7FFF_FFFF), any::<u32>()]).prop_map(|(at, w)| Harm::Word(at, w)),
    ];
    prop::collection::vec(one, 1..12)
}

fn hurt(mut bytes: Vec<u8>, harms: &[Harm]) -> Vec<u8> {
    for harm in harms {
        let length = bytes.len();
        if length == 0 {
            break;
        }
        match *harm {
            Harm::Set(at, byte) => bytes[at % length] = byte,
            Harm::Flip(at, bit) => bytes[at % length] ^= 1 << bit,
            Harm::Cut(at) => bytes.truncate(at % length),
            Harm::Drop(at, n) => drop(bytes.drain(at % length..(at % length + n).min(length))),
            Harm::Double(at, n) => {
                let piece = bytes[at % length..(at % length + n).min(length)].to_vec();
                bytes.splice(at % length..at % length, piece);
            }
            Harm::Word(at, word) => {
                let at = at % length;
                let n = 4.min(length - at);
                bytes[at..at + n].copy_from_slice(&word.to_le_bytes()[..n]);
            }
        }
    }
    bytes
}

fn sane(bytes: Vec<u8>) -> Result<(), TestCaseError> {
    if let Err(error) = read_all(bytes, &Limits::default()) {
        prop_assert_ne!(&error, &FileError::damaged("unexpected content"));
        prop_assert!(!error.to_string().is_empty());
    }
    Ok(())
}

fn workbook() -> Vec<u8> {
    let mut book = Workbook::new();
    let sheet = book.add_worksheet();
    let date = Format::new().set_num_format("yyyy-mm-dd hh:mm");
    for row in 0..40 {
        let written = sheet
            .write_string(row, 0, format!("row{row}@example.com"))
            .and_then(|s| s.write_string(row, 1, format!("이름 {row}")))
            .and_then(|s| s.write_number(row, 2, 45_000.25))
            .and_then(|s| s.write_number_with_format(row, 3, 45_000.25, &date))
            .and_then(|s| s.write_boolean(row, 4, true));
        assert!(written.is_ok());
    }
    book.save_to_buffer().unwrap_or_default()
}

/// The workbook as parts, to be harmed inside of the compression.
fn parts(bytes: Vec<u8>) -> Vec<(String, Vec<u8>)> {
    let Ok(mut zip) = zip::ZipArchive::new(Cursor::new(bytes)) else {
        return Vec::new();
    };
    let names: Vec<String> = zip.file_names().flatten().map(|n| n.into_owned()).collect();
    let mut parts = Vec::new();
    for name in names {
        let mut data = Vec::new();
        if zip
            .by_name(&name)
            .is_ok_and(|mut part| part.read_to_end(&mut data).is_ok())
        {
            parts.push((name, data));
        }
    }
    parts
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn a_harmed_archive_is_read_or_refused(harms in harm()) {
        sane(hurt(workbook(), &harms))?;
    }

    #[test]
    fn harmed_xml_is_read_or_refused(harms in harm(), which in any::<prop::sample::Index>()) {
        let mut parts = parts(workbook());
        prop_assert!(!parts.is_empty());
        let part = which.get_mut(&mut parts);
        part.1 = hurt(std::mem::take(&mut part.1), &harms);
        let texts: Vec<(String, String)> = parts.into_iter().map(|(name, data)| (name, String::from_utf8_lossy(&data).into_owned())).collect();
        let list: Vec<(&str, &str)> = texts.iter().map(|(name, text)| (name.as_str(), text.as_str())).collect();
        sane(archive(&list))?;
    }

    #[test]
    fn a_harmed_xls_is_read_or_refused(harms in harm()) {
        sane(hurt(CUSTOMERS.to_vec(), &harms))?;
    }

    #[test]
    fn a_harmed_csv_is_read_or_refused(harms in harm()) {
        let text = "이메일;이름\r\na@example.com;\"김;\"\"철수\"\"\"\r\n".repeat(20);
        sane(hurt(text.into_bytes(), &harms))?;
    }

    #[test]
    fn any_bytes_are_read_or_refused(bytes in prop::collection::vec(any::<u8>(), 0..2000)) {
        sane(bytes)?;
    }

    #[test]
    fn any_csv_keeps_its_cells(cells in prop::collection::vec(prop::collection::vec("[a-z가-힣,;\t\"\r\n ]{0,8}", 3), 1..20)) {
        let quote = |cell: &String| format!("\"{}\"", cell.replace('"', "\"\""));
        let mut text = String::from("a,b,c\n");
        let mut expected = Vec::new();
        for (row, number) in cells.iter().zip(2..) {
            text.push_str(&row.iter().map(quote).collect::<Vec<_>>().join(","));
            text.push('\n');
            let mut kept: Vec<&str> = row.iter().map(|cell| if cell.trim().is_empty() { "" } else { cell.as_str() }).collect();
            while kept.last() == Some(&"") {
                kept.pop();
            }
            if !kept.is_empty() {
                expected.push((number, kept));
            }
        }
        let rows = read_all(text.into_bytes(), &Limits::default()).map(|(_, rows)| rows);
        let rows = rows.map_err(|e| TestCaseError::fail(e.to_string()))?;
        let found: Vec<(u32, Vec<&str>)> = rows.iter().map(|row| (row.number, row.cells.iter().map(raw).collect())).collect();
        prop_assert_eq!(found, expected);
    }
}

fn raw(cell: &crate::spreadsheet::Cell) -> &str {
    match cell {
        crate::spreadsheet::Cell::Text(text) => text,
        _ => "",
    }
}
