//! The zip archive, and one part of it as a stream that owns its file.

use std::collections::HashMap;
use std::io::{self, BufReader, Read, Seek, SeekFrom, Take};

use flate2::Crc;
use flate2::bufread::DeflateDecoder;

use super::directory::{self, Entry};
use crate::spreadsheet::{FileError, source::Input};

/// The directory of the archive. Names are compared in lower case with forward
/// slashes, since programs disagree about both.
pub(super) struct Package {
    input: Option<Input>,
    parts: HashMap<String, Entry>,
}

impl Package {
    /// Reads the directory and refuses archives that unpack to more than
    /// `inflated` bytes. [`PartReader`] holds every part to its stated size.
    pub(super) fn open(mut input: Input, inflated: u64) -> Result<Self, FileError> {
        let entries = directory::read(&mut input)?;
        if entries.iter().any(|entry| entry.encrypted) {
            return Err(FileError::Encrypted);
        }
        let total = entries.iter().fold(0, |sum: u64, entry| sum.saturating_add(entry.size));
        if total > inflated {
            return Err(FileError::InflatesTooFar { limit: inflated });
        }
        let mut parts = HashMap::new();
        for entry in entries {
            parts.entry(part_name(&entry.name)).or_insert(entry);
        }
        Ok(Self {
            input: Some(input),
            parts,
        })
    }

    pub(super) fn has(&self, name: &str) -> bool {
        self.parts.contains_key(&part_name(name))
    }

    /// The names of all parts, in lower case.
    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        self.parts.keys().map(String::as_str)
    }

    /// Starts to read a part; None when there is none of that name. The stream
    /// owns the file until [`Package::give_back`].
    pub(super) fn take(&mut self, name: &str) -> Result<Option<PartReader>, FileError> {
        let Some(entry) = self.parts.get(&part_name(name)).cloned() else {
            return Ok(None);
        };
        let mut input = self
            .input
            .take()
            .ok_or_else(|| FileError::damaged("a part is being read already"))?;
        let start = directory::data_start(&mut input, &entry)?;
        input.seek(SeekFrom::Start(start))?;
        PartReader::new(input, entry).map(Some)
    }

    /// Takes the file back from a part that is no longer read.
    pub(super) fn give_back(&mut self, part: PartReader) {
        self.input = Some(part.into_input());
    }
}

fn part_name(name: &str) -> String {
    name.trim_start_matches('/').replace('\\', "/").to_lowercase()
}

/// The unpacked bytes of one part. Fails when there are more than the directory
/// says, and at the end when they are fewer or their checksum differs.
pub(super) struct PartReader {
    packed: Packed,
    entry: Entry,
    read: u64,
    crc: Crc,
}

enum Packed {
    Stored(Take<Input>),
    Deflated(Box<DeflateDecoder<BufReader<Take<Input>>>>),
}

impl PartReader {
    fn new(input: Input, entry: Entry) -> Result<Self, FileError> {
        let bytes = input.take(entry.packed);
        let packed = match entry.method {
            0 => Packed::Stored(bytes),
            8 => {
                let buffered = BufReader::with_capacity(64 * 1024, bytes);
                Packed::Deflated(Box::new(DeflateDecoder::new(buffered)))
            }
            _ => return Err(FileError::damaged("zip archive: unknown compression")),
        };
        Ok(Self {
            packed,
            entry,
            read: 0,
            crc: Crc::new(),
        })
    }

    fn into_input(self) -> Input {
        match self.packed {
            Packed::Stored(bytes) => bytes.into_inner(),
            Packed::Deflated(decoder) => decoder.into_inner().into_inner().into_inner(),
        }
    }

    fn input(&self) -> &Input {
        match &self.packed {
            Packed::Stored(bytes) => bytes.get_ref(),
            Packed::Deflated(decoder) => decoder.get_ref().get_ref().get_ref(),
        }
    }

    /// How much of the part is read, from 0 to 1.
    pub(super) fn fraction(&self) -> f32 {
        if self.entry.size == 0 {
            1.0
        } else {
            (self.read as f64 / self.entry.size as f64).min(1.0) as f32
        }
    }
}

impl Read for PartReader {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.input().check_stop()?;
        let count = match &mut self.packed {
            Packed::Stored(bytes) => bytes.read(buffer)?,
            Packed::Deflated(decoder) => decoder.read(buffer)?,
        };
        self.read += count as u64;
        self.crc.update(&buffer[..count]);
        let wrong = |what| Err(io::Error::new(io::ErrorKind::InvalidData, what));
        if self.read > self.entry.size {
            return wrong("a part of the archive is longer than it says");
        }
        if count == 0 && !buffer.is_empty() {
            if self.read < self.entry.size {
                return wrong("a part of the archive ends early");
            }
            if self.crc.sum() != self.entry.crc {
                return wrong("a part of the archive fails its checksum");
            }
        }
        Ok(count)
    }
}
