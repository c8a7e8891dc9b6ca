//! Which encoding a text file has, and its text as a stream.

use std::io::{Read, Seek, SeekFrom};

use encoding_rs::{CoderResult, Decoder, EUC_KR, Encoding, UTF_8, UTF_16BE, UTF_16LE};

use super::{FileError, source::Input};

const BLOCK: usize = 64 * 1024;

/// What a first pass over the whole file found.
#[derive(Debug)]
pub(super) struct Found {
    pub(super) encoding: &'static Encoding,
    /// Bytes of the byte order mark.
    pub(super) mark: u64,
    /// Lines outside of quotation marks, where bytes can be counted.
    pub(super) lines: Option<u32>,
}

/// Finds the encoding: by the byte order mark, else UTF-8 when the whole file
/// is that, else CP949 when the whole file is that. A file may hold its first
/// Korean letter on the last line, so a look at the first block says nothing.
pub(super) fn find(input: &mut Input) -> Result<Found, FileError> {
    let mut head = Vec::with_capacity(3);
    input.seek(SeekFrom::Start(0))?;
    input.by_ref().take(3).read_to_end(&mut head)?;
    if let Some((encoding, mark)) = Encoding::for_bom(&head) {
        let mut found = Found {
            encoding,
            mark: mark as u64,
            lines: None,
        };
        if encoding == UTF_8 {
            found.lines = scan(input, UTF_8, found.mark)?.map(|pass| pass.lines);
            if found.lines.is_none() {
                return Err(FileError::UnknownEncoding);
            }
        }
        return Ok(found);
    }
    for encoding in [UTF_8, EUC_KR] {
        if let Some(pass) = scan(input, encoding, 0)? {
            return Ok(Found {
                encoding,
                mark: 0,
                lines: Some(pass.lines),
            });
        }
    }
    Err(FileError::UnknownEncoding)
}

struct Pass {
    lines: u32,
}

/// Reads everything in one encoding; None when a byte does not fit it. In both
/// encodings no byte of a longer character looks like a mark or a line feed.
fn scan(input: &mut Input, encoding: &'static Encoding, start: u64) -> Result<Option<Pass>, FileError> {
    input.seek(SeekFrom::Start(start))?;
    let mut decoder = encoding.new_decoder_without_bom_handling();
    let (mut block, mut text) = (vec![0; BLOCK], vec![0; BLOCK]);
    let (mut lines, mut quoted, mut open_line) = (0_u32, false, false);
    loop {
        let count = input.read(&mut block)?;
        let mut bytes = &block[..count];
        for byte in bytes {
            match byte {
                0 => {
                    return Err(FileError::NotATable { found: "binary data" });
                }
                b'"' => quoted = !quoted,
                b'\n' if !quoted => lines = lines.saturating_add(1),
                _ => {}
            }
        }
        loop {
            let (result, read, _) = decoder.decode_to_utf8_without_replacement(bytes, &mut text, count == 0);
            bytes = &bytes[read..];
            match result {
                encoding_rs::DecoderResult::InputEmpty => break,
                encoding_rs::DecoderResult::OutputFull => {}
                encoding_rs::DecoderResult::Malformed(..) => return Ok(None),
            }
        }
        match block[..count].last() {
            Some(byte) => open_line = *byte != b'\n',
            None => {
                return Ok(Some(Pass {
                    lines: lines.saturating_add(open_line.into()),
                }));
            }
        }
    }
}

/// The text of a file, block by block.
pub(super) struct TextStream {
    input: Input,
    decoder: Decoder,
    block: Vec<u8>,
    /// The bytes of `block` that are not decoded yet.
    rest: std::ops::Range<usize>,
    read: u64,
    size: u64,
    ended: bool,
}

impl TextStream {
    pub(super) fn new(mut input: Input, found: &Found, size: u64) -> Result<Self, FileError> {
        input.seek(SeekFrom::Start(found.mark))?;
        let decoder = found.encoding.new_decoder_without_bom_handling();
        Ok(Self {
            input,
            decoder,
            block: vec![0; BLOCK],
            rest: 0..0,
            read: found.mark,
            size,
            ended: false,
        })
    }

    /// Puts the next piece into `text`; false at the end of the file.
    pub(super) fn next(&mut self, text: &mut String) -> Result<bool, FileError> {
        text.clear();
        text.reserve(BLOCK);
        while text.is_empty() {
            if self.ended {
                return Ok(false);
            }
            if self.rest.is_empty() {
                let count = self.input.read(&mut self.block)?;
                self.rest = 0..count;
                self.read += count as u64;
            }
            let last = self.rest.is_empty();
            let (result, read, malformed) = self
                .decoder
                .decode_to_string(&self.block[self.rest.clone()], text, last);
            // Only UTF-16 can be malformed here: the others were read before.
            if malformed {
                return Err(FileError::UnknownEncoding);
            }
            self.rest.start += read;
            self.ended = last && result == CoderResult::InputEmpty;
        }
        Ok(true)
    }

    pub(super) fn fraction(&self) -> f32 {
        if self.size == 0 {
            1.0
        } else {
            (self.read as f64 / self.size as f64).min(1.0) as f32
        }
    }

    /// UTF-16 has zero bytes everywhere, so binary data shows only as text.
    pub(super) fn is_utf16(found: &Found) -> bool {
        found.encoding == UTF_16LE || found.encoding == UTF_16BE
    }
}
