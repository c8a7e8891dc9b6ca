//! The number format behind each cell style.

use std::collections::HashMap;

use quick_xml::events::{BytesStart, Event};

use super::package::PartReader;
use super::xml::{Xml, attribute};
use crate::spreadsheet::{FileError, format::Shown};

/// A little more than the 65,490 that a workbook may have.
const MAX_STYLES: usize = 1 << 17;

/// What the `s` attribute of a cell points to.
#[derive(Default)]
pub(super) struct Styles(Vec<Shown>);

impl Styles {
    pub(super) fn read(part: PartReader) -> Result<(Self, PartReader), FileError> {
        let mut xml = Xml::new(part);
        let mut formats = HashMap::new();
        let mut styles = Vec::new();
        let mut in_cell_styles = false;
        loop {
            match xml.next()? {
                Event::Eof => return Ok((Self(styles), xml.into_part())),
                Event::Start(e) => match e.local_name().as_ref() {
                    "numFmt" => {
                        if let (Some(id), Some(code)) = (number(&e, "numFmtId"), attribute(&e, "formatCode")) {
                            formats.insert(id, Shown::custom(&code));
                        }
                    }
                    "cellXfs" => in_cell_styles = true,
                    "xf" if in_cell_styles => {
                        let id = number(&e, "numFmtId").unwrap_or(0);
                        styles.push(formats.get(&id).cloned().unwrap_or_else(|| Shown::builtin(id)));
                    }
                    _ => {}
                },
                Event::End(e) if e.local_name().as_ref() == "cellXfs" => in_cell_styles = false,
                _ => {}
            }
            if styles.len() > MAX_STYLES || formats.len() > MAX_STYLES {
                return Err(FileError::damaged("too many cell styles"));
            }
        }
    }

    pub(super) fn get(&self, style: usize) -> &Shown {
        self.0.get(style).unwrap_or(&Shown::Number)
    }
}

fn number(element: &BytesStart<'_>, name: &str) -> Option<u32> {
    attribute(element, name)?.parse().ok()
}
