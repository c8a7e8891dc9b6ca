//! The shared strings: every text of the workbook, once.

use quick_xml::events::Event;

use super::package::PartReader;
use super::xml::{Xml, push_text, unescape};
use crate::spreadsheet::{FileError, texts::Texts};

/// Reads the part to its end and hands it back. Texts of more than `chars`
/// characters are cut, but stay longer than that.
pub(super) fn read(part: PartReader, chars: u32) -> Result<(Texts, PartReader), FileError> {
    let mut xml = Xml::new(part);
    let mut texts = Texts::default();
    let mut item = Item::new(chars);
    loop {
        let event = xml.next()?;
        match &event {
            Event::Eof => return Ok((texts, xml.into_part())),
            Event::Start(e) if e.local_name().as_ref() == "si" => item.clear(),
            Event::End(e) if e.local_name().as_ref() == "si" => drop(texts.push(item.finish())?),
            other => item.take(other)?,
        }
    }
}

/// Collects the text of one rich string (`si` or `is`): all its runs, without
/// the pronunciation that Japanese and Korean input methods leave in `rPh`.
pub(super) struct Item {
    text: String,
    in_text: bool,
    in_sound: bool,
    max_bytes: usize,
}

impl Item {
    pub(super) fn new(chars: u32) -> Self {
        Self {
            text: String::new(),
            in_text: false,
            in_sound: false,
            max_bytes: chars as usize * 4 + 4,
        }
    }

    pub(super) fn clear(&mut self) {
        self.text.clear();
        self.in_text = false;
        self.in_sound = false;
    }

    pub(super) fn take(&mut self, event: &Event<'_>) -> Result<(), FileError> {
        match event {
            Event::Start(e) => match e.local_name().as_ref() {
                "t" => self.in_text = !self.in_sound,
                "rPh" => self.in_sound = true,
                _ => {}
            },
            Event::End(e) => match e.local_name().as_ref() {
                "t" => self.in_text = false,
                "rPh" => self.in_sound = false,
                _ => {}
            },
            other if self.in_text && self.text.len() < self.max_bytes => push_text(other, &mut self.text)?,
            _ => {}
        }
        Ok(())
    }

    pub(super) fn finish(&mut self) -> &str {
        unescape(&mut self.text);
        &self.text
    }
}
