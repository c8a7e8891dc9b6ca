//! Many texts in little memory.

use super::FileError;

/// All texts end to end, and where each ends: a third of what as many separate
/// strings take, and nothing to free one by one.
#[derive(Default)]
pub(crate) struct Texts {
    text: String,
    ends: Vec<u32>,
}

/// 16 columns of different texts on a million rows.
const MAX_COUNT: usize = 16_000_000;
const MAX_BYTES: usize = 512 << 20;

impl Texts {
    /// Adds a text and returns its index.
    pub(crate) fn push(&mut self, text: &str) -> Result<u32, FileError> {
        if self.ends.len() >= MAX_COUNT || self.text.len() + text.len() > MAX_BYTES {
            return Err(FileError::InflatesTooFar {
                limit: MAX_BYTES as u64,
            });
        }
        self.text.push_str(text);
        // Both limits fit.
        self.ends.push(self.text.len() as u32);
        Ok(self.ends.len() as u32 - 1)
    }

    pub(crate) fn get(&self, index: usize) -> Option<&str> {
        let end = *self.ends.get(index)? as usize;
        let start = match index.checked_sub(1) {
            Some(before) => *self.ends.get(before)? as usize,
            None => 0,
        };
        self.text.get(start..end)
    }
}
