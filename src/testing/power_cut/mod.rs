//! What a disk may hold after the power went, for any moment of a test run.
//!
//! [`Recorder::register`] puts a SQLite VFS over the platform's own one. Everything passes
//! through it, locks and shared memory included, so that a database opened with
//! `file:…?vfs=NAME` works as always, from any number of connections and threads of this
//! process. On the way every change to a file is noted in a log.
//! [`Recorder::disk_after_power_cut`] then makes, for any position in that log, one of the many
//! disks that a power cut at that moment may leave behind. A seed chooses which: the same
//! position and seed always give the same disk.
//!
//! # The model
//!
//! It is as unkind as the assumptions allow that SQLite states in section 2 of
//! <https://sqlite.org/atomiccommit.html> and in <https://sqlite.org/psow.html>.
//!
//! Certain:
//! - What was written to a file before a sync of that file *began* is there once that sync has
//!   *returned*. The same goes for the file's length.
//! - A file's birth, and its deletion, is there once a sync of its folder that began after it
//!   has returned. SQLite's unix VFS syncs the folder when it first syncs a journal or WAL file
//!   that it opened for creating, and when it deletes with `sync_dir`. Nothing else does:
//!   syncing a new file does not make its name durable.
//! - Bytes that no unsynced write covers keep their value ("powersafe overwrite").
//! - What lay there when the VFS met a file for the first time is durable. Of an empty file that
//!   is not even the name: somebody may have made it just now.
//!
//! Everything else is up to the seed:
//! - Of the unsynced writes and truncations of a file any subset happens, in any order of
//!   reaching the disk: a late one may be there and an early one not.
//! - A write may be torn: each 512-byte sector of it is there, or not, or in part. The part is a
//!   beginning or an end of the sector, since SQLite takes sector writes to be linear, not atomic.
//! - A file may have grown by a write whose bytes did not arrive. Zeros or garbage lie there.
//! - Of the unsynced births and deletions of one name the last ones may be missing, so a
//!   deleted file may be back and a new one gone; names do not wait for each other.
//!
//! The VFS answers that the device promises nothing beyond this. `-shm` files are memory and do
//! not survive; temporary files are not recorded. Failed writes are not recorded either, nor is
//! what other processes or other VFSes do to the files.
//!
//! On macOS a plain `fsync` leaves the data in the drive's cache: there only a full sync
//! (`pragma fullfsync`) counts.

#![cfg(unix)]

mod disk;
#[cfg(test)]
mod disk_test;
mod file;
mod log;
mod luck;
mod vfs;

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fs::File;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use disk::Disk;
use log::Log;

/// Holds the log of one registered VFS. When it is dropped, the VFS stays usable and stops
/// recording, because SQLite may still have files open through it.
pub struct Recorder {
    vfs_name: String,
    log: Arc<Mutex<Log>>,
    /// The last disk asked for. Going forward from it is much faster than starting anew.
    disk: Mutex<Disk>,
}

impl Recorder {
    /// Makes a recording VFS known to SQLite as `vfs_name`, for `file:…?vfs=NAME` or
    /// `Connection::open_with_flags_and_vfs`. It does not become the default.
    ///
    /// # Errors
    /// When the name is taken or contains NUL, or when SQLite has no default VFS that knows
    /// shared memory.
    pub fn register(vfs_name: &str) -> io::Result<Self> {
        let log = Arc::new(Mutex::new(Log::default()));
        vfs::register(vfs_name, &log)?;
        Ok(Self {
            vfs_name: vfs_name.to_owned(),
            log,
            disk: Mutex::default(),
        })
    }

    /// The name given to [`Recorder::register`].
    pub fn vfs_name(&self) -> &str {
        &self.vfs_name
    }

    /// How many changes are in the log now. A caller notes it when a write was acknowledged: that
    /// write has to be on every disk cut here or later.
    pub fn position(&self) -> usize {
        lock(&self.log).len()
    }

    /// Writes into the new folder `into` what the disk may hold when the power goes after the
    /// first `cut` changes of the log. Files keep their names; their folders are not rebuilt.
    /// Asking for rising positions is fastest.
    ///
    /// # Errors
    /// When `into` exists already or cannot be written, when `cut` is beyond the log, or when
    /// two recorded files of different folders have the same name.
    pub fn disk_after_power_cut(&self, cut: usize, seed: u64, into: &Path) -> io::Result<()> {
        let files = self.files_after_power_cut(cut, seed)?;
        std::fs::create_dir(into)?;
        replace_files(into, &files)
    }

    /// Shows `look` the disks of `moments` power cuts, spread evenly over the log up to its end,
    /// `seeds` of them at each. The folder `scratch` must exist; nothing is left in it.
    ///
    /// # Errors
    /// As [`Recorder::disk_after_power_cut`].
    pub fn survey(
        &self,
        scratch: &Path,
        moments: usize,
        seeds: u64,
        mut look: impl FnMut(&PowerCut),
    ) -> io::Result<()> {
        let (end, disk) = (self.position(), scratch.join("disk"));
        std::fs::create_dir(&disk)?;
        let mut cut = PowerCut {
            position: 0,
            seed: 0,
            disk,
        };
        for moment in 1..=moments {
            cut.position = end * moment / moments;
            for seed in 0..seeds {
                cut.seed = seed;
                let files = self.files_after_power_cut(cut.position, seed)?;
                replace_files(&cut.disk, &files)?;
                look(&cut);
            }
        }
        std::fs::remove_dir_all(&cut.disk)
    }

    fn files_after_power_cut(&self, cut: usize, seed: u64) -> io::Result<Files> {
        let log = lock(&self.log);
        let mut disk = lock(&self.disk);
        disk.go_to(&log, cut)?;
        let mut files = Files::new();
        for (path, content) in disk.after_power_cut(&log, seed) {
            let name = path.file_name().unwrap_or_default().to_owned();
            if let Some(_other) = files.insert(name, content) {
                let same = format!("another recorded file is called like {}", path.display());
                return Err(io::Error::new(io::ErrorKind::AlreadyExists, same));
            }
        }
        Ok(files)
    }
}

/// Makes the folder hold these files and no others. Files are overwritten in place: deleting
/// thousands of them takes longer than all the rest.
fn replace_files(folder: &Path, files: &Files) -> io::Result<()> {
    for entry in std::fs::read_dir(folder)? {
        let entry = entry?;
        if !files.contains_key(&entry.file_name()) {
            std::fs::remove_file(entry.path())?;
        }
    }
    for (name, content) in files {
        let path = folder.join(name);
        let mut file = File::options().write(true).create(true).truncate(false).open(path)?;
        file.write_all(content)?;
        file.set_len(content.len() as u64)?;
    }
    Ok(())
}

type Files = BTreeMap<OsString, Vec<u8>>;

/// A disk that a power cut may have left, as [`Recorder::survey`] shows it.
#[derive(Debug)]
pub struct PowerCut {
    /// How much of the log had happened.
    pub position: usize,
    /// What chose this disk among those possible then.
    pub seed: u64,
    /// The folder with its files. The next disk takes its place.
    pub disk: PathBuf,
}

/// A panic elsewhere leaves log and disk whole: each change to them is a single step.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
