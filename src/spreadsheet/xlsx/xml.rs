//! XML events with limits: on one element, on nesting, on text.

use std::borrow::Cow;
use std::io::{self, BufRead, BufReader, Read};

use quick_xml::escape::resolve_xml_entity;
use quick_xml::events::{BytesRef, BytesStart, Event};
use quick_xml::{Reader, XmlVersion};

use super::package::PartReader;
use crate::spreadsheet::FileError;

/// Bytes of one tag or of one uninterrupted text: four times the longest cell.
const MAX_EVENT: usize = 256 * 1024;
/// Nesting; real parts stay below ten.
const MAX_DEPTH: usize = 64;

/// A part being parsed.
pub(super) struct Xml {
    reader: Reader<Fence>,
    buffer: Vec<u8>,
    depth: usize,
}

impl Xml {
    pub(super) fn new(part: PartReader) -> Self {
        let mut reader = Reader::from_reader(Fence {
            inner: BufReader::with_capacity(64 * 1024, part),
            left: MAX_EVENT,
        });
        let config = reader.config_mut();
        config.expand_empty_elements = true;
        config.check_end_names = false;
        config.check_comments = false;
        Self {
            reader,
            buffer: Vec::with_capacity(1024),
            depth: 0,
        }
    }

    /// The next event. Ends of elements balance their starts.
    pub(super) fn next(&mut self) -> Result<Event<'_>, FileError> {
        self.buffer.clear();
        self.reader.get_mut().left = MAX_EVENT;
        let event = self.reader.read_event_into(&mut self.buffer).map_err(broken)?;
        match &event {
            Event::Start(_) => {
                self.depth += 1;
                if self.depth > MAX_DEPTH {
                    return Err(FileError::damaged("XML: nested too deep"));
                }
            }
            Event::End(_) => self.depth = self.depth.saturating_sub(1),
            Event::Eof if self.depth > 0 => return Err(FileError::damaged("XML: ends early")),
            _ => {}
        }
        Ok(event)
    }

    /// Reads the rest without looking at it.
    pub(super) fn drain(&mut self) -> Result<(), FileError> {
        io::copy(&mut self.reader.get_mut().inner, &mut io::sink())?;
        Ok(())
    }

    pub(super) fn fraction(&self) -> f32 {
        self.reader.get_ref().inner.get_ref().fraction()
    }

    pub(super) fn into_part(self) -> PartReader {
        self.reader.into_inner().inner.into_inner()
    }
}

fn broken(error: quick_xml::Error) -> FileError {
    match error {
        quick_xml::Error::Io(e) => FileError::from(e.as_ref()),
        other => FileError::damaged(format!("XML: {other}")),
    }
}

/// The value of an attribute, by its name without prefix.
pub(super) fn attribute<'a>(element: &'a BytesStart<'_>, name: &str) -> Option<Cow<'a, str>> {
    element
        .attributes()
        .with_checks(false)
        .flatten()
        .find(|a| a.key.local_name().as_ref() == name)
        .and_then(|a| a.normalized_value(XmlVersion::Implicit1_0).ok())
}

/// Appends the text that an event stands for; other events add nothing.
pub(super) fn push_text(event: &Event<'_>, text: &mut String) -> Result<(), FileError> {
    match event {
        Event::Text(t) => text.push_str(&t.xml10_content()),
        Event::CData(t) => text.push_str(&t.xml10_content()),
        Event::GeneralRef(reference) => return push_reference(reference, text),
        _ => {}
    }
    Ok(())
}

fn push_reference(reference: &BytesRef<'_>, text: &mut String) -> Result<(), FileError> {
    let unknown = || FileError::damaged("XML: unknown entity");
    match reference.resolve_char_ref().map_err(broken)? {
        Some(c) => text.push(c),
        None => text.push_str(resolve_xml_entity(reference).ok_or_else(unknown)?),
    }
    Ok(())
}

/// Turns `_x000D_` into the character it stands for.
pub(super) fn unescape(text: &mut String) {
    if !text.contains("_x") {
        return;
    }
    let mut out = String::with_capacity(text.len());
    let mut rest = text.as_str();
    while let Some(at) = rest.find("_x") {
        out.push_str(&rest[..at]);
        let code = rest
            .as_bytes()
            .get(at + 2..at + 7)
            .filter(|c| c[4] == b'_' && c[..4].iter().all(u8::is_ascii_hexdigit));
        let char = code
            .and_then(|c| std::str::from_utf8(&c[..4]).ok())
            .and_then(|hex| u32::from_str_radix(hex, 16).ok())
            .and_then(char::from_u32);
        match char {
            Some(c) => {
                out.push(c);
                rest = &rest[at + 7..];
            }
            None => {
                out.push_str("_x");
                rest = &rest[at + 2..];
            }
        }
    }
    out.push_str(rest);
    *text = out;
}

/// A buffered part that fails when too much is read between two refills of its
/// allowance: the parser collects a whole tag or text before it hands it over.
struct Fence {
    inner: BufReader<PartReader>,
    left: usize,
}

impl Read for Fence {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.inner.read(buffer)
    }
}

impl BufRead for Fence {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        if self.left == 0 {
            return Err(io::Error::new(
                io::ErrorKind::InvalidData,
                "XML: an element is too long",
            ));
        }
        self.inner.fill_buf()
    }

    fn consume(&mut self, amount: usize) {
        self.left = self.left.saturating_sub(amount);
        self.inner.consume(amount);
    }
}

#[cfg(test)]
mod tests {
    use super::unescape;

    #[test]
    fn escapes_of_the_format_are_undone() {
        let check = |text: &str, expected: &str| {
            let mut text = text.to_owned();
            unescape(&mut text);
            assert_eq!(text, expected);
        };
        check("a_x000D__x000A_b", "a\r\nb");
        check("_x005F_x000D_", "_x000D_");
        check("_x00", "_x00");
        check("_xZZZZ_", "_xZZZZ_");
        check("_xD800_", "_xD800_");
        check("이름_x0041_", "이름A");
    }
}
