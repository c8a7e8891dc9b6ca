//! Copies of a database in use, and rewriting one.

use std::{
    fs::{self, File},
    path::{Path, PathBuf},
};

use rusqlite::{
    Connection, OpenFlags,
    backup::{Backup, StepResult},
};

use super::{
    Location, Options,
    connection::{LOCK_WAIT, Purpose, create_private, locked, open_connection, translate},
};
use crate::{
    engine::port::{BackupProgress, Compacted},
    error::{Code, Error, Result},
};

/// Pages between two reports: four megabytes.
const STEP_PAGES: std::ffi::c_int = 1000;

/// Copies the database as it is when the copying starts. Whoever writes goes
/// on; the copy gets its name when it is whole.
pub(super) fn backup(options: &Options, target: &Path, progress: &mut dyn FnMut(BackupProgress)) -> Result<()> {
    file_of(options)?;
    let source = open_connection(options, Purpose::Read)?;
    let partial = Partial::new(target)?;
    copy(&source, &partial.0, progress)?;
    partial.publish(target)
}

fn copy(source: &Connection, partial: &Path, progress: &mut dyn FnMut(BackupProgress)) -> Result<()> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let mut copy = Connection::open_with_flags(partial, flags).map_err(translate)?;
    // A copy that breaks off is thrown away, and a whole one is synced at the end.
    copy.pragma_update(None, "synchronous", "off").map_err(translate)?;
    copy.pragma_update_and_check(None, "journal_mode", "off", |_| Ok(()))
        .map_err(translate)?;
    // One read transaction over all steps: without it every write of somebody
    // else would make the copy start again, and it would never end.
    source
        .execute_batch("begin; select count(*) from sqlite_schema;")
        .map_err(translate)?;
    {
        let backup = Backup::new(source, &mut copy).map_err(translate)?;
        loop {
            let step = backup.step(STEP_PAGES).map_err(translate)?;
            let at = backup.progress();
            let pages = |count: std::ffi::c_int| u64::try_from(count).unwrap_or(0);
            progress(BackupProgress {
                done: pages(at.pagecount - at.remaining),
                total: pages(at.pagecount),
            });
            match step {
                StepResult::Done => break,
                StepResult::Busy | StepResult::Locked => return Err(locked()),
                _ => {}
            }
        }
    }
    source.execute_batch("commit").map_err(translate)?;
    let whole: String = copy
        .query_row("pragma quick_check(1)", [], |row| row.get(0))
        .map_err(translate)?;
    if whole != "ok" {
        return Err(Error::new(
            Code::DatabaseCorrupt,
            "the database is damaged, so there is no copy: restore an older backup, or look at the disk",
        ));
    }
    copy.close().map_err(|(_, error)| translate(error))?;
    File::open(partial)
        .and_then(|file| file.sync_all())
        .map_err(|error| disk(&error))
}

/// Rewrites the file with what is in use, so that no page and no unused part
/// of a page keeps anything that was erased.
pub(super) fn compact(options: &Options) -> Result<Compacted> {
    let path = file_of(options)?;
    let size = || {
        fs::metadata(path)
            .map(|found| found.len())
            .map_err(|error| disk(&error))
    };
    let connection = open_connection(options, Purpose::Write)?;
    connection.busy_timeout(LOCK_WAIT).map_err(translate)?;
    // Everything the database holds passes through here: too much for memory.
    connection
        .pragma_update(None, "temp_store", "file")
        .map_err(translate)?;
    let before = size()?;
    connection.execute_batch("vacuum").map_err(translate)?;
    let busy: i64 = connection
        .query_row("pragma wal_checkpoint(truncate)", [], |row| row.get(0))
        .map_err(translate)?;
    if busy != 0 {
        return Err(Error::new(
            Code::DatabaseLocked,
            "another process still reads the old pages, so they are not all gone: run this again when it is done",
        ));
    }
    drop(connection);
    Ok(Compacted { before, after: size()? })
}

fn file_of(options: &Options) -> Result<&Path> {
    match &options.location {
        Location::File(path) => Ok(path),
        Location::Memory => Err(
            Error::new(Code::ConfigurationInvalid, "a database in memory has no file: name one").with_param("database"),
        ),
    }
}

/// A file that is not whole yet; removed unless it is published.
struct Partial(PathBuf);

impl Partial {
    fn new(target: &Path) -> Result<Self> {
        if target.symlink_metadata().is_ok() {
            return Err(taken());
        }
        let mut name = target
            .file_name()
            .ok_or_else(|| Error::invalid("file", "must be the name of a file"))?
            .to_owned();
        name.push(format!(".partial-{}", std::process::id()));
        let path = target.with_file_name(name);
        let _ = fs::remove_file(&path);
        create_private(&path).map_err(|error| match error.code() {
            Code::DatabaseNotFound => Error::new(
                Code::FileInvalid,
                "the folder of the new file does not exist: make it, or name another file",
            ),
            Code::DatabaseReadOnly => Error::new(
                Code::FileInvalid,
                "the folder of the new file cannot be written: give this user write permission, or name another file",
            ),
            _ => error,
        })?;
        Ok(Self(path))
    }

    /// Gives the file its name, unless somebody else has taken it meanwhile.
    fn publish(self, target: &Path) -> Result<()> {
        match fs::hard_link(&self.0, target) {
            Ok(()) => {}
            Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => return Err(taken()),
            // Not every file system has links.
            Err(_) if target.symlink_metadata().is_err() => {
                fs::rename(&self.0, target).map_err(|error| disk(&error))?;
            }
            Err(_) => return Err(taken()),
        }
        #[cfg(unix)]
        if let Some(folder) = target.parent() {
            let folder = if folder.as_os_str().is_empty() {
                Path::new(".")
            } else {
                folder
            };
            let _ = File::open(folder).and_then(|folder| folder.sync_all());
        }
        Ok(())
    }
}

impl Drop for Partial {
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.0);
    }
}

fn taken() -> Error {
    Error::new(
        Code::FileInvalid,
        "there is a file of that name already: remove it, or name another one",
    )
    .with_param("file")
}

fn disk(error: &std::io::Error) -> Error {
    match error.kind() {
        std::io::ErrorKind::StorageFull | std::io::ErrorKind::QuotaExceeded => Error::new(
            Code::DatabaseFull,
            "the disk has no room left for the new file: make room and try again",
        ),
        kind => Error::new(Code::DatabaseError, format!("the file system answered: {kind}")),
    }
}
