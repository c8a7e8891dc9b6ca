use encoding_rs::EUC_KR;

use super::{Outcome, read_all, shown};
use crate::spreadsheet::{Limits, Source, open};

const TABLE: &str = "= 이메일 | 이름\n2 a@example.com | 김철수, 주\n3 b@example.com | 똠방각하";
const KOREAN: &str = "이메일,이름\r\na@example.com,\"김철수, 주\"\r\nb@example.com,똠방각하\r\n";

fn utf16(text: &str, unit: fn(u16) -> [u8; 2]) -> Vec<u8> {
    std::iter::once(0xFEFF)
        .chain(text.encode_utf16())
        .flat_map(unit)
        .collect()
}

#[test]
fn the_encoding_is_found() {
    assert_eq!(shown(KOREAN), TABLE);
    assert_eq!(shown(format!("\u{feff}{KOREAN}")), TABLE);
    assert_eq!(shown(EUC_KR.encode(KOREAN).0.into_owned()), TABLE);
    assert_eq!(shown(utf16(KOREAN, u16::to_le_bytes)), TABLE);
    assert_eq!(shown(utf16(KOREAN, u16::to_be_bytes)), TABLE);
}

#[test]
fn the_whole_file_decides_on_the_encoding() {
    // 200 kB of ASCII, then the first Korean letter.
    let text = format!(
        "email,name\n{}z@example.com,똠\n",
        "a@example.com,abcdef\n".repeat(10_000)
    );
    for bytes in [text.clone().into_bytes(), EUC_KR.encode(&text).0.into_owned()] {
        let shown = shown(bytes);
        assert!(
            shown.ends_with("\n10002 z@example.com | 똠"),
            "{}",
            &shown[shown.len() - 40..]
        );
    }
}

#[test]
fn characters_survive_the_edges_of_blocks() {
    let (mut text, mut cp949) = (String::from("a\n"), String::from("aa\n"));
    for line in 0..20_000 {
        text.push_str(&format!("가나다라{line}\n"));
        cp949.push_str(&format!("똠가{line}\n"));
    }
    for (bytes, sum) in [
        (text.clone().into_bytes(), text),
        (EUC_KR.encode(&cp949).0.into_owned(), cp949),
    ] {
        let shown = shown(bytes);
        let back: Vec<&str> = shown
            .lines()
            .skip(1)
            .filter_map(|l| l.split_once(' '))
            .map(|(_, text)| text)
            .collect();
        assert_eq!(back, sum.lines().skip(1).collect::<Vec<_>>());
    }
}

#[test]
fn unknown_encodings_and_binary_data_are_refused() {
    assert_eq!(shown(b"email\n\xff\xfe\xff".to_vec()), "unknown_encoding");
    assert_eq!(shown(b"\xef\xbb\xbfemail\n\xff".to_vec()), "unknown_encoding");
    assert_eq!(shown(b"email\na\0b".to_vec()), "not_a_table");
    assert_eq!(shown(b"\xff\xfee\0m\0\n\0\0\xd8x\0".to_vec()), "unknown_encoding");
}

#[test]
fn the_separator_is_found() {
    let table = "= email | name\n2 a | b,c;d";
    assert_eq!(shown("email,name\na,\"b,c;d\""), table);
    assert_eq!(shown("email;name\na;\"b,c;d\""), table);
    assert_eq!(shown("email\tname\na\tb,c;d"), table);
    assert_eq!(shown("\"a,b,c\";d\n1;2"), "= a,b,c | d\n2 1 | 2");
    assert_eq!(shown("sep=;\r\nemail;name\r\na;b"), "= email | name\n2 a | b");
    assert_eq!(shown("sep=|\nemail|name\na|b"), "= email | name\n2 a | b");
    assert_eq!(shown("email\na,b"), "= email\n2 a | b");
    assert_eq!(shown("\n\nemail;name\na;b"), "= email | name\n4 a | b");
}

#[test]
fn quotation_marks_are_read_as_spreadsheets_do() {
    assert_eq!(
        shown("a,b\n\"x \"\"y\"\" z\",\"1\n2\r\n3\"\nn,m"),
        "= a | b\n2 x \"y\" z | 1\n2\r\n3\n3 n | m"
    );
    assert_eq!(shown("a,b\n5\" pipe,\"q\"rest"), "= a | b\n2 5\" pipe | qrest");
    assert_eq!(shown("a\n=\"010\"\n\"=\"\"011\"\"\""), "= a\n2 010\n3 011");
    assert_eq!(shown("a,b\n\"\",\n\"\"\"\""), "= a | b\n3 \"");
}

#[test]
fn an_open_quotation_mark_is_an_error_with_its_row() -> Outcome {
    let mut table = open(Source::Bytes(b"a\nb\n\n\"c\nd\ne\n".to_vec()), &Limits::default())?;
    assert!(table.next_row().is_some_and(|row| row.is_ok_and(|row| row.number == 2)));
    let error = table.next_row().and_then(Result::err).ok_or("no error")?;
    assert_eq!(error.code(), "unclosed_quote");
    assert!(error.to_string().contains("row 4"), "{error}");
    assert!(table.next_row().is_none());
    Ok(())
}

#[test]
fn rows_are_numbered_with_the_blank_ones() {
    assert_eq!(shown("\n \na\n\n,,\nb\r\n\r\nc\r\rd"), "= a\n6 b\n8 c\n10 d");
}

#[test]
fn text_is_never_taken_for_a_number() {
    assert_eq!(shown("a,b\n01012345678,1e5"), "= a | b\n2 01012345678 | 1e5");
}

#[test]
fn lines_are_counted_beforehand() -> Outcome {
    let (table, rows) = read_all(b"a\n\"b\nc\"\nd\n".to_vec(), &Limits::default())?;
    assert_eq!((table.total_rows(), rows.len(), table.progress()), (Some(2), 2, 1.0));
    let (table, _) = read_all(b"a\nb".to_vec(), &Limits::default())?;
    assert_eq!(table.total_rows(), Some(1));
    Ok(())
}

#[test]
fn other_files_are_named() {
    let check = |bytes: &[u8], code: &str| assert_eq!(shown(bytes), code, "{bytes:?}");
    check(b"%PDF-1.7", "not_a_table");
    check(b"\x89PNG\r\n", "not_a_table");
    check(b"  <!DOCTYPE html><html>", "not_a_table");
    check(b"\xef\xbb\xbf<table><tr>", "not_a_table");
    check(b"\xff\xfe<\0h\0t\0m\0l\0>\0", "not_a_table");
    check(b"<?xml version=\"1.0\"?><a/>", "not_a_table");
    check(
        b"<?xml version=\"1.0\"?><?mso-application progid=\"Excel.Sheet\"?>",
        "unsupported_format",
    );
    check(b"\x09\x04\x06\x00\x00\x00\x10\x00", "unsupported_format");
    check(b"PK\x05\x06", "not_a_table");
    check(b"PK\x03\x04", "damaged");
    check(b"", "empty");
    check(b"\n , \n\t\n", "empty");
    check(b"\xef\xbb\xbf", "empty");
}
