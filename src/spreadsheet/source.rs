//! Where the bytes come from, and what kind of file they are.

use std::fs::File;
use std::io::{self, Cursor, Read, Seek, SeekFrom};
use std::path::PathBuf;
use std::sync::Arc;

use super::FileError;

/// A file to read: on disk, or already in memory.
#[derive(Debug)]
pub enum Source {
    /// A path. The file is read piece by piece and must not change meanwhile.
    Path(PathBuf),
    /// The bytes themselves.
    Bytes(Vec<u8>),
}

impl From<PathBuf> for Source {
    fn from(path: PathBuf) -> Self {
        Self::Path(path)
    }
}

impl From<Vec<u8>> for Source {
    fn from(bytes: Vec<u8>) -> Self {
        Self::Bytes(bytes)
    }
}

/// Asked again and again while a file is read: true stops the reading with
/// [`FileError::Stopped`].
pub type Stop = Arc<dyn Fn() -> bool + Send + Sync>;

/// An opened [`Source`].
pub(crate) struct Input {
    bytes: Bytes,
    stop: Option<Stop>,
}

enum Bytes {
    File(File),
    Memory(Cursor<Vec<u8>>),
}

impl Input {
    /// Opens the source and checks its size; returns the size too.
    pub(crate) fn open(source: Source, limit: u64, stop: Option<Stop>) -> Result<(Self, u64), FileError> {
        let (bytes, size) = match source {
            Source::Bytes(bytes) => {
                let size = bytes.len() as u64;
                (Bytes::Memory(Cursor::new(bytes)), size)
            }
            Source::Path(path) => {
                // Asked before opening: to open a pipe would wait for its writer.
                let unreadable = |reason: String| FileError::Unreadable { reason };
                let found = std::fs::metadata(&path).map_err(|e| unreadable(e.to_string()))?;
                if !found.is_file() {
                    return Err(unreadable("it is not a regular file".into()));
                }
                let file = File::open(&path).map_err(|e| unreadable(e.to_string()))?;
                (Bytes::File(file), found.len())
            }
        };
        match size {
            0 => Err(FileError::Empty),
            _ if size > limit => Err(FileError::TooLarge { limit }),
            _ => Ok((Self { bytes, stop }, size)),
        }
    }

    /// Fails when the reading is to stop. Reading asks by itself; who unpacks
    /// much from few bytes asks in between.
    pub(crate) fn check_stop(&self) -> io::Result<()> {
        match &self.stop {
            Some(stop) if stop() => Err(io::Error::new(STOPPED, "stopped")),
            _ => Ok(()),
        }
    }
}

/// How [`FileError::Stopped`] passes through readers that know other errors
/// only. Of the system's own errors it is told by their number.
pub(super) const STOPPED: io::ErrorKind = io::ErrorKind::TimedOut;

impl Read for Input {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.check_stop()?;
        match &mut self.bytes {
            Bytes::File(file) => file.read(buffer),
            Bytes::Memory(bytes) => bytes.read(buffer),
        }
    }
}

impl Seek for Input {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        match &mut self.bytes {
            Bytes::File(file) => file.seek(to),
            Bytes::Memory(bytes) => bytes.seek(to),
        }
    }
}

/// The container, by the first bytes: names and media types are often wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// A zip archive: `.xlsx`, or another document of that family.
    Zip,
    /// A compound file: `.xls`, or an `.xlsx` behind a password.
    Compound,
    /// No known binary format, so perhaps a `.csv`.
    Text,
}

/// Looks at the first bytes and goes back to the start.
pub(crate) fn kind(input: &mut Input) -> Result<Kind, FileError> {
    let mut head = Vec::with_capacity(1024);
    input.by_ref().take(1024).read_to_end(&mut head)?;
    input.seek(SeekFrom::Start(0))?;
    if head.starts_with(b"PK\x03\x04") {
        return Ok(Kind::Zip);
    }
    if head.starts_with(b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1") {
        return Ok(Kind::Compound);
    }
    if let Some((_, found)) = FOREIGN.iter().find(|(magic, _)| head.starts_with(magic)) {
        return Err(FileError::NotATable { found });
    }
    // A bare stream of the Excel versions before 5.
    if matches!(head.get(..2), Some([0x09, 0x00 | 0x02 | 0x04])) && head.get(3) == Some(&0) {
        return Err(FileError::Unsupported {
            format: "An Excel file older than version 5",
        });
    }
    markup(&head)?;
    Ok(Kind::Text)
}

const FOREIGN: [(&[u8], &str); 15] = [
    (b"PK\x05\x06", "an empty zip archive"),
    (b"%PDF", "a PDF document"),
    (b"\x89PNG", "a picture"),
    (b"\xFF\xD8\xFF", "a picture"),
    (b"GIF8", "a picture"),
    (b"BM\x00", "a picture"),
    (b"RIFF", "a media file"),
    (b"\x1F\x8B", "a gzip archive"),
    (b"7z\xBC\xAF\x27\x1C", "a 7z archive"),
    (b"Rar!", "a RAR archive"),
    (b"BZh", "a bzip2 archive"),
    (b"\xFD7zXZ\0", "an xz archive"),
    (b"{\\rtf", "an RTF document"),
    (b"SQLite format 3\0", "a database"),
    (b"\x7FELF", "a program"),
];

/// Programs like to send web pages and XML under the name of a spreadsheet.
fn markup(head: &[u8]) -> Result<(), FileError> {
    let text: String = String::from_utf8_lossy(head)
        .replace(['\0', '\u{feff}'], "")
        .to_lowercase();
    let text = text.trim_start_matches(|c: char| c.is_whitespace() || c == '\u{fffd}');
    let page = [
        "<!doctype html",
        "<html",
        "<table",
        "<head",
        "<meta",
        "<body",
        "<style",
        "<script",
        "<div",
    ];
    if page.iter().any(|tag| text.starts_with(tag)) {
        return Err(FileError::NotATable { found: "a web page" });
    }
    if text.starts_with("<?xml") {
        return Err(
            if text.contains("urn:schemas-microsoft-com:office:spreadsheet") || text.contains("excel.sheet") {
                FileError::Unsupported {
                    format: "\"XML Spreadsheet 2003\"",
                }
            } else {
                FileError::NotATable {
                    found: "an XML document",
                }
            },
        );
    }
    Ok(())
}
