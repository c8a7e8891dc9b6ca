//! The compound file: a file system of sectors, of which one stream is read.

use std::io::{self, Read, Seek, SeekFrom};

use crate::spreadsheet::{FileError, source::Input};

/// Sector numbers from here on are marks, not sectors.
const MARKS: u32 = 0xFFFF_FFFA;
const MINI: u64 = 64;

/// One stream of the file. Sectors are fetched when they are read.
pub(super) struct Stream {
    input: Input,
    /// Where each piece of the stream lies in the file.
    pieces: Vec<u64>,
    piece_size: u64,
    size: u64,
    at: u64,
}

/// A name in the directory, in lower case, with what it stands for.
struct Entry {
    name: String,
    kind: u8,
    start: u32,
    size: u64,
}

struct File {
    input: Input,
    size: u64,
    sector: u64,
    fat: Vec<u32>,
}

/// Opens the stream of the workbook.
pub(super) fn open(input: Input, size: u64) -> Result<Stream, FileError> {
    let mut file = File {
        input,
        size,
        sector: 512,
        fat: Vec::new(),
    };
    let header = file.header()?;
    let entries = file.directory(header.directory)?;
    let book = entries.iter().find(|e| e.kind == 2 && e.name == "workbook");
    let Some(book) = book.or_else(|| entries.iter().find(|e| e.kind == 2 && e.name == "book")) else {
        return Err(other(&entries));
    };
    if book.size >= header.mini_cutoff {
        let pieces = file.places(book.start, book.size)?;
        let piece_size = file.sector;
        return Ok(Stream {
            input: file.input,
            pieces,
            piece_size,
            size: book.size,
            at: 0,
        });
    }
    let root = entries
        .iter()
        .find(|e| e.kind == 5)
        .ok_or_else(|| FileError::damaged("compound file: no root"))?;
    let mini_stream = file.places(root.start, root.size)?;
    let mini_fat = file.table(header.mini_fat)?;
    let chain = chain(&mini_fat, book.start, book.size.div_ceil(MINI))?;
    let per_sector = file.sector / MINI;
    let place = |id: u32| {
        let sector = mini_stream.get((u64::from(id) / per_sector) as usize)?;
        Some(sector + u64::from(id) % per_sector * MINI)
    };
    let pieces = chain.into_iter().map(place).collect::<Option<Vec<_>>>();
    let pieces = pieces.ok_or_else(|| FileError::damaged("compound file: bad mini stream"))?;
    Ok(Stream {
        input: file.input,
        pieces,
        piece_size: MINI,
        size: book.size,
        at: 0,
    })
}

/// Why there is no workbook in the file.
fn other(entries: &[Entry]) -> FileError {
    let has = |name: &str| entries.iter().any(|e| e.name == name);
    if has("encryptedpackage") {
        FileError::Encrypted
    } else if has("worddocument") {
        FileError::NotATable {
            found: "a text document",
        }
    } else if has("powerpoint document") {
        FileError::NotATable {
            found: "a presentation",
        }
    } else if has("\u{5}hwpsummaryinformation") {
        FileError::NotATable {
            found: "a Hangul text document",
        }
    } else if has("__properties_version1.0") {
        FileError::NotATable {
            found: "an e-mail message",
        }
    } else {
        FileError::NotATable {
            found: "a compound file without a workbook",
        }
    }
}

struct Header {
    directory: u32,
    mini_fat: u32,
    mini_cutoff: u64,
}

impl File {
    /// Reads the header and the allocation table.
    fn header(&mut self) -> Result<Header, FileError> {
        let mut head = [0; 512];
        self.input.seek(SeekFrom::Start(0))?;
        self.input.read_exact(&mut head)?;
        self.sector = match u16_at(&head, 30) {
            9 => 512,
            12 => 4096,
            _ => return Err(FileError::damaged("compound file: bad sector size")),
        };
        let mut tables: Vec<u32> = (0..109)
            .map(|i| u32_at(&head, 76 + 4 * i))
            .filter(|id| *id < MARKS)
            .collect();
        let per_sector = self.sector as usize / 4;
        let mut next = u32_at(&head, 68);
        let mut left = self.sectors();
        while next < MARKS {
            left = left.checked_sub(1).ok_or_else(circle)?;
            let ids = self.words(next)?;
            tables.extend(ids[..per_sector - 1].iter().filter(|id| **id < MARKS));
            next = ids[per_sector - 1];
        }
        if tables.len() as u64 > self.sectors() {
            return Err(circle());
        }
        for id in tables {
            let words = self.words(id)?;
            self.fat.extend(words);
        }
        Ok(Header {
            directory: u32_at(&head, 48),
            mini_fat: u32_at(&head, 60),
            mini_cutoff: u64::from(u32_at(&head, 56)),
        })
    }

    /// No chain is longer than the file has sectors.
    fn sectors(&self) -> u64 {
        self.size / self.sector + 1
    }

    fn place(&self, id: u32) -> u64 {
        (u64::from(id) + 1) * self.sector
    }

    fn words(&mut self, id: u32) -> Result<Vec<u32>, FileError> {
        let mut bytes = vec![0; self.sector as usize];
        self.input.seek(SeekFrom::Start(self.place(id)))?;
        self.input.read_exact(&mut bytes)?;
        Ok(bytes.chunks_exact(4).map(|c| u32_at(c, 0)).collect())
    }

    /// The sectors of a chain of known size.
    fn places(&self, start: u32, size: u64) -> Result<Vec<u64>, FileError> {
        if size > self.size {
            return Err(FileError::damaged("compound file: a stream is longer than the file"));
        }
        let ids = chain(&self.fat, start, size.div_ceil(self.sector))?;
        Ok(ids.into_iter().map(|id| self.place(id)).collect())
    }

    /// A whole chain of numbers.
    fn table(&mut self, start: u32) -> Result<Vec<u32>, FileError> {
        let mut table = Vec::new();
        for id in self.whole_chain(start)? {
            table.extend(self.words(id)?);
        }
        Ok(table)
    }

    fn whole_chain(&self, start: u32) -> Result<Vec<u32>, FileError> {
        let mut ids = Vec::new();
        let mut id = start;
        while id < MARKS {
            if ids.len() as u64 >= self.sectors() {
                return Err(circle());
            }
            ids.push(id);
            id = *self.fat.get(id as usize).ok_or_else(circle)?;
        }
        Ok(ids)
    }

    fn directory(&mut self, start: u32) -> Result<Vec<Entry>, FileError> {
        let mut entries = Vec::new();
        for id in self.whole_chain(start)? {
            let mut bytes = vec![0; self.sector as usize];
            self.input.seek(SeekFrom::Start(self.place(id)))?;
            self.input.read_exact(&mut bytes)?;
            entries.extend(
                bytes
                    .chunks_exact(128)
                    .filter(|c| c[66] != 0)
                    .map(|c| Entry::read(c, self.sector)),
            );
            if entries.len() > 100_000 {
                return Err(FileError::damaged("compound file: too many entries"));
            }
        }
        Ok(entries)
    }
}

impl Entry {
    fn read(bytes: &[u8], sector: u64) -> Self {
        let units = (0..32).map(|i| u16_at(bytes, 2 * i)).take_while(|u| *u != 0);
        let name: String = char::decode_utf16(units).map(|c| c.unwrap_or('?')).collect();
        let high = if sector == 512 {
            0
        } else {
            u64::from(u32_at(bytes, 124))
        };
        Self {
            name: name.to_lowercase(),
            kind: bytes[66],
            start: u32_at(bytes, 116),
            size: u64::from(u32_at(bytes, 120)) | high << 32,
        }
    }
}

/// Exactly `count` numbers of a chain.
fn chain(table: &[u32], start: u32, count: u64) -> Result<Vec<u32>, FileError> {
    if count > table.len() as u64 {
        return Err(FileError::damaged("compound file: a chain is too long"));
    }
    let mut ids = Vec::new();
    let mut id = start;
    for _ in 0..count {
        if id >= MARKS {
            return Err(FileError::damaged("compound file: a chain ends early"));
        }
        ids.push(id);
        id = *table.get(id as usize).ok_or_else(circle)?;
    }
    Ok(ids)
}

fn circle() -> FileError {
    FileError::damaged("compound file: a chain leads nowhere")
}

pub(super) fn u16_at(bytes: &[u8], at: usize) -> u16 {
    u16::from_le_bytes([bytes[at], bytes[at + 1]])
}

pub(super) fn u32_at(bytes: &[u8], at: usize) -> u32 {
    u32::from_le_bytes([bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3]])
}

impl Read for Stream {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let left = self.size.saturating_sub(self.at);
        let in_piece = self.at % self.piece_size;
        let ahead = self
            .pieces
            .get((self.at / self.piece_size) as usize..)
            .unwrap_or_default();
        let Some(piece) = ahead.first().filter(|_| left > 0) else {
            return Ok(0);
        };
        // Pieces that lie side by side are read at once.
        let beside = ahead
            .windows(2)
            .take(128)
            .take_while(|pair| pair[1] == pair[0] + self.piece_size)
            .count() as u64;
        let most = (self.piece_size * (beside + 1) - in_piece)
            .min(left)
            .min(buffer.len() as u64) as usize;
        self.input.seek(SeekFrom::Start(piece + in_piece))?;
        let count = self.input.read(&mut buffer[..most])?;
        self.at += count as u64;
        Ok(count)
    }
}

impl Seek for Stream {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        self.at = match to {
            SeekFrom::Start(at) => at,
            SeekFrom::Current(by) => self.at.saturating_add_signed(by),
            SeekFrom::End(by) => self.size.saturating_add_signed(by),
        };
        Ok(self.at)
    }
}
