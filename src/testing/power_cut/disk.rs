//! The simulated disk: what is certainly on it at a position of the log, and what only may be.

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};

use super::log::{Change, FileId, Log};
use super::luck::Luck;

const SECTOR: usize = 512;

/// How a file's unsynced writes fare, in sixteenths: so many arrive whole, and so many of the
/// others torn. A mood is drawn per file, because it is the extremes (nothing arrived, all of it
/// did, all but little) that a plain average over writes would hardly ever show.
const MOODS: [(u64, u64); 6] = [(0, 0), (16, 0), (8, 8), (1, 8), (14, 8), (0, 16)];

#[derive(Default)]
pub(super) struct Disk {
    position: usize,
    files: BTreeMap<FileId, FileOnDisk>,
    names: BTreeMap<PathBuf, Name>,
}

/// Content that a sync vouched for, and positions of the changes after it.
#[derive(Default)]
struct FileOnDisk {
    durable: Vec<u8>,
    pending: Vec<usize>,
}

/// The file that a name durably leads to, and what became of the name since, by position.
#[derive(Default)]
struct Name {
    durable: Option<FileId>,
    pending: Vec<(usize, Option<FileId>)>,
}

impl Disk {
    /// Takes in the log up to `position`.
    pub(super) fn go_to(&mut self, log: &Log, position: usize) -> io::Result<()> {
        if position > log.len() {
            return Err(io::Error::new(
                io::ErrorKind::InvalidInput,
                format!("cut at {position}, but the log ends at {}", log.len()),
            ));
        }
        if position < self.position {
            *self = Self::default();
        }
        while self.position < position {
            self.take_in(log, self.position);
            self.position += 1;
        }
        Ok(())
    }

    fn take_in(&mut self, log: &Log, at: usize) {
        match log.change(at) {
            Change::Found { file, content } => {
                let durable = FileOnDisk {
                    durable: content.clone(),
                    pending: Vec::new(),
                };
                self.files.insert(*file, durable);
                let name = Name {
                    durable: Some(*file),
                    pending: Vec::new(),
                };
                self.names.insert(log.path(*file).to_owned(), name);
            }
            Change::Created { file } => {
                self.files.insert(*file, FileOnDisk::default());
                self.rename(log.path(*file), at, Some(*file));
            }
            Change::Deleted { path } => self.rename(path, at, None),
            Change::Written { file, .. } | Change::Truncated { file, .. } => {
                if let Some(file) = self.files.get_mut(file) {
                    file.pending.push(at);
                }
            }
            Change::Synced { file, begun } => self.sync_file(log, *file, *begun),
            Change::FolderSynced { folder, begun } => self.sync_folder(folder, *begun),
        }
    }

    fn rename(&mut self, path: &Path, at: usize, file: Option<FileId>) {
        self.names.entry(path.to_owned()).or_default().pending.push((at, file));
    }

    fn sync_file(&mut self, log: &Log, file: FileId, begun: usize) {
        let Some(FileOnDisk { durable, pending }) = self.files.get_mut(&file) else {
            return;
        };
        let covered = pending.partition_point(|at| *at < begun);
        for at in pending.drain(..covered) {
            match log.change(at) {
                Change::Written { offset, bytes, .. } => put(durable, *offset, bytes),
                Change::Truncated { size, .. } => durable.resize(*size, 0),
                _ => {}
            }
        }
    }

    fn sync_folder(&mut self, folder: &Path, begun: usize) {
        for (path, name) in &mut self.names {
            if path.parent() == Some(folder) {
                let covered = name.pending.partition_point(|(at, _)| *at < begun);
                for (_, file) in name.pending.drain(..covered) {
                    let gone = std::mem::replace(&mut name.durable, file);
                    gone.map(|gone| self.files.remove(&gone));
                }
            }
        }
    }

    /// One of the disks that a power cut at this position may leave.
    pub(super) fn after_power_cut(&self, log: &Log, seed: u64) -> Vec<(PathBuf, Vec<u8>)> {
        let mut luck = Luck::new(seed ^ (self.position as u64).rotate_left(32));
        let mut disk = Vec::new();
        for (path, name) in &self.names {
            let arrived = luck.below(name.pending.len() + 1);
            let file = arrived.checked_sub(1).map_or(name.durable, |last| name.pending[last].1);
            if let Some(file) = file.and_then(|file| self.files.get(&file)) {
                disk.push((path.clone(), file.after_power_cut(log, &mut luck)));
            }
        }
        disk
    }
}

impl FileOnDisk {
    fn after_power_cut(&self, log: &Log, luck: &mut Luck) -> Vec<u8> {
        let (whole, torn) = MOODS[luck.below(MOODS.len())];
        let mut remains = Remains {
            content: self.durable.clone(),
            luck,
        };
        for at in &self.pending {
            let arrived = remains.luck.sixteenths(whole);
            match log.change(*at) {
                Change::Truncated { size, .. } if arrived => remains.content.resize(*size, 0),
                Change::Written { offset, bytes, .. } if arrived => remains.keep(*offset, bytes),
                Change::Written { offset, bytes, .. } if remains.luck.sixteenths(torn) => {
                    remains.tear(*offset, bytes);
                }
                Change::Written { offset, bytes, .. } => remains.lose(*offset, bytes.len()),
                _ => {}
            }
        }
        remains.content
    }
}

/// A file on the way through a power cut.
struct Remains<'a> {
    content: Vec<u8>,
    luck: &'a mut Luck,
}

impl Remains<'_> {
    fn keep(&mut self, offset: usize, bytes: &[u8]) {
        self.grow(offset);
        put(&mut self.content, offset, bytes);
    }

    fn lose(&mut self, offset: usize, length: usize) {
        if self.luck.coin() {
            self.grow(offset + length);
        }
    }

    fn tear(&mut self, offset: usize, bytes: &[u8]) {
        let mut rest = bytes;
        let mut at = offset;
        while !rest.is_empty() {
            let (sector, after) = rest.split_at(rest.len().min(SECTOR - at % SECTOR));
            match self.luck.below(4) {
                0 => self.lose(at, sector.len()),
                1 => self.tear_sector(at, sector),
                _ => self.keep(at, sector),
            }
            at += sector.len();
            rest = after;
        }
    }

    fn tear_sector(&mut self, offset: usize, sector: &[u8]) {
        let middle = self.luck.below(sector.len() + 1);
        if self.luck.coin() {
            self.keep(offset, &sector[..middle]);
        } else {
            self.keep(offset + middle, &sector[middle..]);
        }
    }

    /// A length that reached the disk ahead of the bytes.
    fn grow(&mut self, length: usize) {
        let before = self.content.len();
        if before < length {
            self.content.resize(length, 0);
            if self.luck.coin() {
                self.luck.fill(&mut self.content[before..]);
            }
        }
    }
}

fn put(content: &mut Vec<u8>, offset: usize, bytes: &[u8]) {
    let end = offset + bytes.len();
    if content.len() < end {
        content.resize(end, 0);
    }
    content[offset..end].copy_from_slice(bytes);
}
