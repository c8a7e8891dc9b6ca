//! The directory at the end of a zip archive.
//!
//! Read here because the usual library reserves memory by the number of entries
//! that the archive claims to have.

use std::io::{Read, Seek, SeekFrom};

use crate::spreadsheet::{FileError, source::Input};

/// More entries than any workbook has.
const MAX_ENTRIES: u64 = 10_000;
/// With names and remarks; those entries take a tenth.
const MAX_SIZE: u64 = 8 << 20;

/// One entry, with what is needed to find and unpack it.
#[derive(Debug, Clone)]
pub(super) struct Entry {
    pub(super) name: String,
    /// Where its own header stands in the file.
    pub(super) header: u64,
    pub(super) packed: u64,
    pub(super) size: u64,
    pub(super) crc: u32,
    pub(super) method: u16,
    pub(super) encrypted: bool,
}

/// Reads all entries.
pub(super) fn read(input: &mut Input) -> Result<Vec<Entry>, FileError> {
    let end = End::find(input)?;
    if end.entries > MAX_ENTRIES || end.size > MAX_SIZE {
        return Err(broken("too many entries"));
    }
    input.seek(SeekFrom::Start(end.start))?;
    let mut bytes = Vec::new();
    input.by_ref().take(end.size).read_to_end(&mut bytes)?;
    let mut rest = bytes.as_slice();
    let mut entries = Vec::new();
    for _ in 0..end.entries {
        let (entry, length) = Entry::read(rest).ok_or_else(|| broken("a bad entry"))?;
        entries.push(entry);
        rest = rest.get(length..).unwrap_or_default();
    }
    Ok(entries)
}

/// Where the data of an entry starts: its own header says how long that is.
pub(super) fn data_start(input: &mut Input, entry: &Entry) -> Result<u64, FileError> {
    let mut header = [0; 30];
    input.seek(SeekFrom::Start(entry.header))?;
    input.read_exact(&mut header)?;
    match (number(&header, 0, 4), number(&header, 26, 2), number(&header, 28, 2)) {
        (Some(0x0403_4B50), Some(name), Some(extra)) => Ok(entry.header + 30 + name + extra),
        _ => Err(broken("an entry is not where it should be")),
    }
}

/// The record at the very end.
struct End {
    entries: u64,
    size: u64,
    start: u64,
}

impl End {
    fn find(input: &mut Input) -> Result<Self, FileError> {
        let length = input.seek(SeekFrom::End(0))?;
        // Followed by a remark of at most 65,535 bytes, preceded by its large twin.
        let tail = length.saturating_sub(22 + 65_535 + 20);
        input.seek(SeekFrom::Start(tail))?;
        let mut bytes = Vec::new();
        input.by_ref().take(length - tail).read_to_end(&mut bytes)?;
        let at = bytes.windows(4).rposition(|w| w == b"PK\x05\x06");
        let at = at.ok_or_else(|| broken("it has no end"))?;
        let record = &bytes[at..];
        let small = (number(record, 10, 2), number(record, 12, 4), number(record, 16, 4));
        let (Some(entries), Some(size), Some(start)) = small else {
            return Err(broken("it ends early"));
        };
        if entries != 0xFFFF && size != 0xFFFF_FFFF && start != 0xFFFF_FFFF {
            return Ok(Self { entries, size, start });
        }
        // The numbers are too large for this record, or written large always.
        let locator = bytes[..at].rchunks(20).next().filter(|l| l.starts_with(b"PK\x06\x07"));
        match locator.and_then(|l| number(l, 8, 8)) {
            Some(place) => Self::large(input, place),
            None => Ok(Self { entries, size, start }),
        }
    }

    fn large(input: &mut Input, place: u64) -> Result<Self, FileError> {
        let mut record = [0; 56];
        input.seek(SeekFrom::Start(place))?;
        input.read_exact(&mut record)?;
        let large = (number(&record, 32, 8), number(&record, 40, 8), number(&record, 48, 8));
        match large {
            (Some(entries), Some(size), Some(start)) if record.starts_with(b"PK\x06\x06") => {
                Ok(Self { entries, size, start })
            }
            _ => Err(broken("it has no end")),
        }
    }
}

impl Entry {
    /// The entry at the start of the bytes, and its length in the directory.
    fn read(bytes: &[u8]) -> Option<(Self, usize)> {
        if !bytes.starts_with(b"PK\x01\x02") {
            return None;
        }
        let lengths = [28, 30, 32].map(|at| number(bytes, at, 2));
        let [Some(name), Some(extra), Some(remark)] = lengths.map(|n| n.map(|n| n as usize)) else {
            return None;
        };
        let mut entry = Self {
            name: String::from_utf8_lossy(bytes.get(46..46 + name)?).into_owned(),
            header: number(bytes, 42, 4)?,
            packed: number(bytes, 20, 4)?,
            size: number(bytes, 24, 4)?,
            crc: number(bytes, 16, 4)? as u32,
            method: number(bytes, 10, 2)? as u16,
            encrypted: number(bytes, 8, 2)? & 1 != 0,
        };
        entry.enlarge(bytes.get(46 + name..46 + name + extra)?);
        Some((entry, 46 + name + extra + remark))
    }

    /// Numbers that did not fit stand in an extra field, in this order.
    fn enlarge(&mut self, mut extra: &[u8]) {
        while let (Some(kind), Some(length)) = (number(extra, 0, 2), number(extra, 2, 2)) {
            let field = extra.get(4..4 + length as usize).unwrap_or_default();
            if kind == 1 {
                let mut large = field.chunks_exact(8).filter_map(|c| number(c, 0, 8));
                for value in [&mut self.size, &mut self.packed, &mut self.header] {
                    if *value == 0xFFFF_FFFF {
                        *value = large.next().unwrap_or(*value);
                    }
                }
            }
            extra = extra.get(4 + length as usize..).unwrap_or_default();
        }
    }
}

fn number(bytes: &[u8], at: usize, length: usize) -> Option<u64> {
    let bytes = bytes.get(at..at + length)?;
    Some(bytes.iter().rev().fold(0, |sum, byte| sum << 8 | u64::from(*byte)))
}

fn broken(what: &str) -> FileError {
    FileError::damaged(format!("zip archive: {what}"))
}
