//! Files made here, read back, and written down as text.

mod compound;
mod csv;
mod damage;
mod header;
mod limits;
mod template;
mod xls;
mod xlsx;

use std::io::{Cursor, Write};

use zip::write::SimpleFileOptions;

use super::{Cell, FileError, Limits, Row, Source, Table, open};

pub(super) type Outcome = Result<(), Box<dyn std::error::Error>>;

/// The table as text: a line for each row, the header first, an error last.
pub(super) fn shown(bytes: impl Into<Vec<u8>>) -> String {
    shown_within(bytes, &Limits::default())
}

pub(super) fn shown_within(bytes: impl Into<Vec<u8>>, limits: &Limits) -> String {
    match open(Source::Bytes(bytes.into()), limits) {
        Ok(mut table) => {
            let mut lines = vec![format!("= {}", table.header().join(" | "))];
            while let Some(row) = table.next_row() {
                lines.push(row.map_or_else(|e| e.code().to_owned(), |row| line(&row)));
            }
            lines.join("\n")
        }
        Err(error) => error.code().to_owned(),
    }
}

fn line(row: &Row) -> String {
    let cells = row.cells.iter().map(|cell| match cell {
        Cell::Text(_) | Cell::Empty => cell.text().into_owned(),
        Cell::Number(_) => format!("#{}", cell.text()),
        Cell::Bool(_) => format!("?{}", cell.text()),
        Cell::DateTime(_) => format!("@{}", cell.text()),
        Cell::Error(_) => format!("!{}", cell.text()),
    });
    format!("{} {}", row.number, cells.collect::<Vec<_>>().join(" | "))
}

/// Opens and reads to the end.
pub(super) fn read_all(bytes: Vec<u8>, limits: &Limits) -> Result<(Table, Vec<Row>), FileError> {
    let mut table = open(Source::Bytes(bytes), limits)?;
    let mut rows = Vec::new();
    while let Some(row) = table.next_row() {
        rows.push(row?);
    }
    Ok((table, rows))
}

/// A zip archive of these parts.
pub(super) fn archive(parts: &[(&str, &str)]) -> Vec<u8> {
    let mut zip = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for (name, text) in parts {
        let written = zip
            .start_file(*name, SimpleFileOptions::default())
            .and_then(|()| Ok(zip.write_all(text.as_bytes())?));
        assert!(written.is_ok(), "{name}: {written:?}");
    }
    zip.finish().map(Cursor::into_inner).unwrap_or_default()
}

pub(super) const ROOT: (&str, &str) = (
    "_rels/.rels",
    r#"<Relationships><Relationship Id="r" Type="http://x/officeDocument" Target="xl/workbook.xml"/></Relationships>"#,
);
pub(super) const BOOK: (&str, &str) = (
    "xl/workbook.xml",
    r#"<workbook><sheets><sheet name="a" r:id="s1"/></sheets></workbook>"#,
);
pub(super) const RELATIONS: (&str, &str) = (
    "xl/_rels/workbook.xml.rels",
    r#"<Relationships><Relationship Id="s1" Type="http://x/worksheet" Target="worksheets/sheet1.xml"/><Relationship Id="t" Type="http://x/sharedStrings" Target="sharedStrings.xml"/><Relationship Id="f" Type="http://x/styles" Target="styles.xml"/></Relationships>"#,
);

/// A workbook of one sheet from the XML of its rows, the shared strings and the
/// styles.
pub(super) fn workbook(rows: &str, strings: &str, styles: &str) -> Vec<u8> {
    archive(&[
        ROOT,
        BOOK,
        RELATIONS,
        (
            "xl/worksheets/sheet1.xml",
            &format!("<worksheet><sheetData>{rows}</sheetData></worksheet>"),
        ),
        ("xl/sharedStrings.xml", &format!("<sst>{strings}</sst>")),
        ("xl/styles.xml", &format!("<styleSheet>{styles}</styleSheet>")),
    ])
}
