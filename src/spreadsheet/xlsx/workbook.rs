//! What the workbook is made of: its sheets in order and where their parts are.

use std::collections::HashMap;

use quick_xml::events::Event;

use super::package::Package;
use super::xml::{Xml, attribute};
use crate::spreadsheet::FileError;

/// More sheets than anybody has; each costs memory.
const MAX_SHEETS: usize = 10_000;

#[derive(Debug, Default)]
pub(super) struct Workbook {
    /// The parts of the visible work sheets, in the order of their tabs.
    pub(super) sheets: Vec<String>,
    pub(super) strings: Option<String>,
    pub(super) styles: Option<String>,
    /// Days are counted from 1904 (old Macintosh files).
    pub(super) from_1904: bool,
}

struct Relation {
    kind: String,
    target: String,
}

impl Workbook {
    pub(super) fn read(package: &mut Package) -> Result<Self, FileError> {
        let path = main_part(package)?;
        let relations = relations(package, &path)?;
        let mut workbook = Self::default();
        for relation in relations.values() {
            match relation.kind.as_str() {
                "sharedStrings" => workbook.strings = Some(relation.target.clone()),
                "styles" => workbook.styles = Some(relation.target.clone()),
                _ => {}
            }
        }
        let part = package
            .take(&path)?
            .ok_or_else(|| FileError::damaged("the workbook part is missing"))?;
        let mut xml = Xml::new(part);
        loop {
            match xml.next()? {
                Event::Eof => break,
                Event::Start(e) if e.local_name().as_ref() == "workbookPr" => {
                    workbook.from_1904 = attribute(&e, "date1904").is_some_and(|v| v == "1" || v == "true");
                }
                Event::Start(e) if e.local_name().as_ref() == "sheet" => {
                    let visible = attribute(&e, "state").is_none_or(|state| state == "visible");
                    // Sheets with charts or macros have other kinds.
                    let relation = attribute(&e, "id").and_then(|id| relations.get(id.as_ref()));
                    if let Some(relation) = relation.filter(|r| visible && r.kind == "worksheet") {
                        workbook.sheets.push(relation.target.clone());
                    }
                    if workbook.sheets.len() > MAX_SHEETS {
                        return Err(FileError::damaged("too many sheets"));
                    }
                }
                _ => {}
            }
        }
        package.give_back(xml.into_part());
        Ok(workbook)
    }
}

/// The path of the workbook part, or what else this archive is.
fn main_part(package: &mut Package) -> Result<String, FileError> {
    let main = relations(package, "")?
        .into_values()
        .find(|r| r.kind == "officeDocument")
        .map_or_else(|| "xl/workbook.xml".to_owned(), |r| r.target);
    if main.ends_with("workbook.bin") {
        return Err(FileError::Unsupported {
            format: "The binary format .xlsb",
        });
    }
    if package.has(&main) && main.starts_with("xl/") {
        return Ok(main);
    }
    Err(if package.has("content.xml") && package.has("mimetype") {
        FileError::Unsupported {
            format: "An OpenDocument file (.ods)",
        }
    } else if package
        .names()
        .any(|n| n.starts_with("index/document.iwa") || n == "index.zip")
    {
        FileError::Unsupported {
            format: "A Numbers file",
        }
    } else if package.has("word/document.xml") {
        FileError::NotATable {
            found: "a text document",
        }
    } else if package.has("ppt/presentation.xml") {
        FileError::NotATable {
            found: "a presentation",
        }
    } else if package.has("contents/content.hpf") {
        FileError::NotATable {
            found: "a Hangul text document",
        }
    } else {
        FileError::NotATable {
            found: "a zip archive without a workbook",
        }
    })
}

/// The relations of a part, by id. The part "" stands for the whole package.
fn relations(package: &mut Package, part: &str) -> Result<HashMap<String, Relation>, FileError> {
    let (folder, file) = part.rsplit_once('/').unwrap_or(("", part));
    let slash = if folder.is_empty() { "" } else { "/" };
    let mut found = HashMap::new();
    let Some(part) = package.take(&format!("{folder}{slash}_rels/{file}.rels"))? else {
        return Ok(found);
    };
    let mut xml = Xml::new(part);
    loop {
        match xml.next()? {
            Event::Eof => break,
            Event::Start(e) if e.local_name().as_ref() == "Relationship" => {
                let (Some(id), Some(kind), Some(target)) =
                    (attribute(&e, "Id"), attribute(&e, "Type"), attribute(&e, "Target"))
                else {
                    continue;
                };
                // The kinds end alike in the two versions of the standard.
                let kind = kind.rsplit('/').next().unwrap_or_default().to_owned();
                found.insert(
                    id.into_owned(),
                    Relation {
                        kind,
                        target: resolve(folder, &target),
                    },
                );
            }
            _ => {}
        }
        if found.len() > MAX_SHEETS {
            return Err(FileError::damaged("too many relations"));
        }
    }
    package.give_back(xml.into_part());
    Ok(found)
}

/// A target is relative to the folder of its source, or starts with a slash.
fn resolve(folder: &str, target: &str) -> String {
    let target = target.replace('\\', "/").to_lowercase();
    let full = if target.starts_with('/') {
        target
    } else {
        format!("{folder}/{target}")
    };
    let mut steps: Vec<&str> = Vec::new();
    for step in full.split('/') {
        match step {
            "" | "." => {}
            ".." => drop(steps.pop()),
            _ => steps.push(step),
        }
    }
    steps.join("/")
}

#[cfg(test)]
mod tests {
    use super::resolve;

    #[test]
    fn targets_are_resolved() {
        assert_eq!(resolve("xl", "worksheets/Sheet1.xml"), "xl/worksheets/sheet1.xml");
        assert_eq!(resolve("xl", "/xl/worksheets/sheet1.xml"), "xl/worksheets/sheet1.xml");
        assert_eq!(resolve("xl", "../xl/.\\styles.xml"), "xl/styles.xml");
        assert_eq!(resolve("", "xl/workbook.xml"), "xl/workbook.xml");
        assert_eq!(resolve("", "../../a"), "a");
    }
}
