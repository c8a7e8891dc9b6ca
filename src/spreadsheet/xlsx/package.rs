//! The zip archive, and one part of it as a stream that owns its file.

use std::collections::HashMap;
use std::io::{self, BufReader, Read, Seek, SeekFrom, Take};

use flate2::Crc;
use flate2::bufread::DeflateDecoder;
use zip::{CompressionMethod, ZipArchive};

use crate::spreadsheet::{FileError, source::Input};

/// More entries than any workbook has; each costs memory before it is read.
const MAX_ENTRIES: usize = 10_000;

/// The directory of the archive. Names are compared in lower case with forward
/// slashes, since programs disagree about both.
pub(super) struct Package {
    input: Option<Input>,
    parts: HashMap<String, Part>,
}

#[derive(Debug, Clone, Copy)]
struct Part {
    start: u64,
    packed: u64,
    size: u64,
    crc: u32,
    deflated: bool,
}

impl Package {
    /// Reads the directory and refuses archives that unpack to more than
    /// `inflated` bytes. [`PartReader`] holds every part to its stated size.
    pub(super) fn open(input: Input, inflated: u64) -> Result<Self, FileError> {
        let broken = |e: zip::result::ZipError| FileError::damaged(format!("zip archive: {e}"));
        let mut archive = ZipArchive::new(input).map_err(broken)?;
        if archive.len() > MAX_ENTRIES {
            return Err(FileError::damaged("zip archive: too many entries"));
        }
        let mut parts = HashMap::new();
        let mut total: u64 = 0;
        for index in 0..archive.len() {
            let entry = archive.by_index_raw(index).map_err(broken)?;
            if entry.encrypted() {
                return Err(FileError::Encrypted);
            }
            total = total.saturating_add(entry.size());
            let deflated = match entry.compression() {
                CompressionMethod::Stored => false,
                CompressionMethod::Deflated => true,
                _ => continue,
            };
            let (Ok(name), Some(start)) = (entry.name(), entry.data_start()) else {
                continue;
            };
            let part = Part {
                start,
                packed: entry.compressed_size(),
                size: entry.size(),
                crc: entry.crc32(),
                deflated,
            };
            parts.entry(part_name(&name)).or_insert(part);
        }
        if total > inflated {
            return Err(FileError::InflatesTooFar { limit: inflated });
        }
        Ok(Self {
            input: Some(archive.into_inner()),
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
        let Some(part) = self.parts.get(&part_name(name)).copied() else {
            return Ok(None);
        };
        let mut input = self
            .input
            .take()
            .ok_or_else(|| FileError::damaged("a part is being read already"))?;
        input.seek(SeekFrom::Start(part.start))?;
        Ok(Some(PartReader::new(input, part)))
    }

    /// Takes the file back from a part that is no longer read.
    pub(super) fn give_back(&mut self, part: PartReader) {
        self.input = Some(part.into_input());
    }
}

fn part_name(name: &str) -> String {
    name.trim_start_matches('/')
        .replace('\\', "/")
        .to_lowercase()
}

/// The unpacked bytes of one part. Fails when there are more than the directory
/// says, and at the end when they are fewer or their checksum differs.
pub(super) struct PartReader {
    packed: Packed,
    part: Part,
    read: u64,
    crc: Crc,
}

enum Packed {
    Stored(Take<Input>),
    Deflated(Box<DeflateDecoder<BufReader<Take<Input>>>>),
}

impl PartReader {
    fn new(input: Input, part: Part) -> Self {
        let bytes = input.take(part.packed);
        let packed = if part.deflated {
            Packed::Deflated(Box::new(DeflateDecoder::new(BufReader::with_capacity(
                64 * 1024,
                bytes,
            ))))
        } else {
            Packed::Stored(bytes)
        };
        Self {
            packed,
            part,
            read: 0,
            crc: Crc::new(),
        }
    }

    fn into_input(self) -> Input {
        match self.packed {
            Packed::Stored(bytes) => bytes.into_inner(),
            Packed::Deflated(decoder) => decoder.into_inner().into_inner().into_inner(),
        }
    }

    /// How much of the part is read, from 0 to 1.
    pub(super) fn fraction(&self) -> f32 {
        if self.part.size == 0 {
            1.0
        } else {
            (self.read as f64 / self.part.size as f64).min(1.0) as f32
        }
    }
}

impl Read for PartReader {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = match &mut self.packed {
            Packed::Stored(bytes) => bytes.read(buffer)?,
            Packed::Deflated(decoder) => decoder.read(buffer)?,
        };
        self.read += count as u64;
        self.crc.update(&buffer[..count]);
        let wrong = |what| Err(io::Error::new(io::ErrorKind::InvalidData, what));
        if self.read > self.part.size {
            return wrong("a part of the archive is longer than it says");
        }
        if count == 0 && !buffer.is_empty() {
            if self.read < self.part.size {
                return wrong("a part of the archive ends early");
            }
            if self.crc.sum() != self.part.crc {
                return wrong("a part of the archive fails its checksum");
            }
        }
        Ok(count)
    }
}
