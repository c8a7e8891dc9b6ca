//! The stream of records: type, length, data; long ones go on in CONTINUE.

use std::io::{BufReader, Read, Seek, SeekFrom};

use super::compound::{Stream, u16_at};
use crate::spreadsheet::FileError;

const CONTINUE: u16 = 0x003C;

/// The current record and a place in it.
pub(super) struct Records {
    reader: BufReader<Stream>,
    /// Type and length of the record that follows, read ahead.
    next: Option<(u16, u16)>,
    data: Vec<u8>,
    at: usize,
    units: Vec<u16>,
}

impl Records {
    /// The records from a position of the stream on.
    pub(super) fn new(stream: Stream) -> Result<Self, FileError> {
        let reader = BufReader::with_capacity(32 * 1024, stream);
        let mut records = Self {
            reader,
            next: None,
            data: Vec::new(),
            at: 0,
            units: Vec::new(),
        };
        records.go_to(0)?;
        Ok(records)
    }

    /// Goes to another position of the stream.
    pub(super) fn go_to(&mut self, position: u64) -> Result<(), FileError> {
        self.reader.seek(SeekFrom::Start(position))?;
        self.data.clear();
        self.look_ahead()
    }

    fn look_ahead(&mut self) -> Result<(), FileError> {
        let mut head = Vec::with_capacity(4);
        self.reader.by_ref().take(4).read_to_end(&mut head)?;
        self.next = (head.len() == 4).then(|| (u16_at(&head, 0), u16_at(&head, 2)));
        Ok(())
    }

    fn load(&mut self, length: u16) -> Result<(), FileError> {
        self.data.resize(usize::from(length), 0);
        self.reader.read_exact(&mut self.data)?;
        self.at = 0;
        self.look_ahead()
    }

    /// Goes to the next record and returns its type; None at the end.
    pub(super) fn next(&mut self) -> Result<Option<u16>, FileError> {
        let Some((kind, length)) = self.next else {
            return Ok(None);
        };
        self.load(length)?;
        Ok(Some(kind))
    }

    pub(super) fn len(&self) -> usize {
        self.data.len()
    }

    /// Goes on in the CONTINUE record when this one is used up.
    fn more(&mut self) -> Result<(), FileError> {
        while self.at >= self.data.len() {
            match self.next {
                Some((CONTINUE, length)) => self.load(length)?,
                _ => return Err(FileError::damaged("a record is too short")),
            }
        }
        Ok(())
    }

    pub(super) fn u8(&mut self) -> Result<u8, FileError> {
        self.more()?;
        self.at += 1;
        Ok(self.data[self.at - 1])
    }

    pub(super) fn u16(&mut self) -> Result<u16, FileError> {
        Ok(u16::from_le_bytes([self.u8()?, self.u8()?]))
    }

    pub(super) fn u32(&mut self) -> Result<u32, FileError> {
        Ok(u32::from(self.u16()?) | u32::from(self.u16()?) << 16)
    }

    pub(super) fn bytes<const N: usize>(&mut self) -> Result<[u8; N], FileError> {
        let mut bytes = [0; N];
        for byte in &mut bytes {
            *byte = self.u8()?;
        }
        Ok(bytes)
    }

    pub(super) fn skip(&mut self, count: u64) -> Result<(), FileError> {
        let mut left = count;
        while left > 0 {
            self.more()?;
            let step = left.min((self.data.len() - self.at) as u64);
            self.at += step as usize;
            left -= step;
        }
        Ok(())
    }

    /// Raw text of version 5, in the code page of the workbook.
    pub(super) fn raw(&mut self, count: usize) -> Result<Vec<u8>, FileError> {
        let mut bytes = Vec::with_capacity(count);
        while bytes.len() < count {
            self.more()?;
            let end = self.data.len().min(self.at + count - bytes.len());
            bytes.extend_from_slice(&self.data[self.at..end]);
            self.at = end;
        }
        Ok(bytes)
    }

    /// A text of version 8 after its length: flags, characters, and the formats
    /// and pronunciation of parts of it, which are passed over.
    pub(super) fn text(&mut self, count: u16) -> Result<String, FileError> {
        let flags = self.u8()?;
        let runs = if flags & 8 != 0 { self.u16()? } else { 0 };
        let sound = if flags & 4 != 0 { self.u32()? } else { 0 };
        let text = self.characters(usize::from(count), flags & 1 != 0)?;
        self.skip(u64::from(runs) * 4 + u64::from(sound))?;
        Ok(text)
    }

    /// Characters of one or two bytes. A CONTINUE record in between starts with
    /// a flag of its own that says which.
    fn characters(&mut self, count: usize, wide: bool) -> Result<String, FileError> {
        let mut wide = wide;
        self.units.clear();
        while self.units.len() < count {
            if self.at >= self.data.len() {
                wide = self.u8()? & 1 != 0;
                continue;
            }
            let left = count - self.units.len();
            let rest = &self.data[self.at..];
            let used = if wide {
                let pairs = rest.chunks_exact(2).take(left);
                let used = pairs.len() * 2;
                self.units.extend(pairs.map(|c| u16_at(c, 0)));
                used
            } else {
                let used = rest.len().min(left);
                self.units.extend(rest[..used].iter().map(|b| u16::from(*b)));
                used
            };
            if used == 0 {
                return Err(FileError::damaged("a character is cut in two"));
            }
            self.at += used;
        }
        Ok(String::from_utf16_lossy(&self.units))
    }
}
