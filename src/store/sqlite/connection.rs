//! Opening a connection, and what SQLite's errors mean to a user.

use std::{fs::OpenOptions, path::Path, time::Duration};

use rusqlite::{Connection, ErrorCode, OpenFlags, config::DbConfig, ffi};

use super::{Location, Options};
use crate::error::{Code, Error, Result};

/// What a connection is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Purpose {
    /// The writer's, of which there is one.
    Write,
    /// Point reads on calling threads.
    PointRead,
    /// Anything that takes longer.
    Read,
}

/// How long a lock is waited for before the caller is told.
pub(super) const LOCK_WAIT: Duration = Duration::from_secs(5);

/// Pages in the log before they are copied into the database, 32 MB: a group
/// of renewals alone writes more than SQLite's thousand, and then every commit
/// would wait for three more syncs.
const CHECKPOINT_PAGES: i64 = 8000;

/// How many prepared statements a connection keeps.
const STATEMENTS: usize = 64;

pub(super) fn open_connection(options: &Options, purpose: Purpose) -> Result<Connection> {
    let mut flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = match &options.location {
        Location::Memory => Connection::open_in_memory_with_flags(flags | OpenFlags::SQLITE_OPEN_CREATE),
        Location::File(path) => {
            if purpose == Purpose::Write {
                create_private(path)?;
                flags |= OpenFlags::SQLITE_OPEN_CREATE;
            }
            match &options.vfs {
                Some(vfs) => Connection::open_with_flags_and_vfs(path, flags, vfs.as_str()),
                None => Connection::open_with_flags(path, flags),
            }
        }
    };
    let connection = connection.map_err(translate)?;
    connection.set_prepared_statement_cache_capacity(STATEMENTS);
    // Without permission to write SQLite opens the file for reading only.
    if purpose == Purpose::Write && connection.is_readonly("main").map_err(translate)? {
        return Err(read_only());
    }
    configure(&connection, options, purpose).map_err(translate)?;
    Ok(connection)
}

/// Makes the file with mode 0600 before SQLite would make it with another; it
/// gives the files beside it the same mode.
pub(super) fn create_private(path: &Path) -> Result<()> {
    let mut open = OpenOptions::new();
    open.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut open, 0o600);
    match open.open(path) {
        Ok(_) => Ok(()),
        Err(error) => match error.kind() {
            std::io::ErrorKind::AlreadyExists => Ok(()),
            std::io::ErrorKind::NotFound | std::io::ErrorKind::NotADirectory => Err(not_found()),
            std::io::ErrorKind::PermissionDenied | std::io::ErrorKind::ReadOnlyFilesystem => Err(read_only()),
            std::io::ErrorKind::StorageFull | std::io::ErrorKind::QuotaExceeded => Err(full()),
            kind => Err(Error::new(
                Code::DatabaseError,
                format!("the database file cannot be made: {kind}"),
            )),
        },
    }
}

fn configure(connection: &Connection, options: &Options, purpose: Purpose) -> rusqlite::Result<()> {
    // WAL needs locks for short moments only: when a file is opened, and when
    // its last user closes it.
    connection.busy_timeout(LOCK_WAIT)?;
    let cache_kib = match purpose {
        Purpose::PointRead => 2000,
        Purpose::Read => 8000,
        // What does not fit is written before its time: a group of renewals
        // touches thousands of pages.
        Purpose::Write => 32_000,
    };
    connection.pragma_update(None, "cache_size", -cache_kib)?;
    connection.pragma_update(None, "temp_store", "memory")?;
    connection.pragma_update(None, "trusted_schema", false)?;
    // Plans do not depend on values, so that a statement with `like` is not
    // compiled again for every text it is given.
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
    if purpose != Purpose::Write {
        connection.pragma_update(None, "query_only", true)?;
        // Whoever reads on a thread that must not wait goes elsewhere instead.
        let wait = if purpose == Purpose::PointRead {
            Duration::ZERO
        } else {
            LOCK_WAIT
        };
        return connection.busy_timeout(wait);
    }
    if options.location != Location::Memory {
        wait_while_busy(|| connection.pragma_update_and_check(None, "journal_mode", "wal", |_| Ok(())))?;
    }
    connection.pragma_update_and_check(None, "wal_autocheckpoint", CHECKPOINT_PAGES, |_| Ok(()))?;
    connection.pragma_update(None, "synchronous", "full")?;
    // What is erased is overwritten in its page, not only unlinked.
    connection.pragma_update(None, "secure_delete", "on")?;
    connection.pragma_update(None, "fullfsync", true)?;
    connection.pragma_update(None, "checkpoint_fullfsync", true)?;
    // From here on the writer waits for locks itself, so that it can answer
    // those whose time is up.
    connection.busy_timeout(Duration::ZERO)
}

/// Many processes may open a new file at the same moment; only one can turn
/// it to WAL.
fn wait_while_busy<T>(mut attempt: impl FnMut() -> rusqlite::Result<T>) -> rusqlite::Result<T> {
    for _ in 0..500 {
        match attempt() {
            Err(error) if is_busy(&error) => std::thread::sleep(Duration::from_millis(10)),
            outcome => return outcome,
        }
    }
    attempt()
}

/// Whether somebody else holds the lock.
pub(super) fn is_busy(error: &rusqlite::Error) -> bool {
    matches!(
        error.sqlite_error_code(),
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked)
    )
}

/// What an error of SQLite means to a user. Values never appear: SQLite's
/// messages name tables and columns only.
pub(super) fn translate(error: rusqlite::Error) -> Error {
    let Some(code) = error.sqlite_error_code() else {
        return Error::internal(format!("the database driver said: {error}"));
    };
    match code {
        ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked => locked(),
        ErrorCode::ReadOnly | ErrorCode::PermissionDenied => read_only(),
        ErrorCode::DiskFull => full(),
        ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase => Error::new(
            Code::DatabaseCorrupt,
            "the file is not a database or is damaged: check that `database` names the right file, or restore a backup",
        ),
        ErrorCode::CannotOpen => not_found(),
        ErrorCode::OperationInterrupted => Error::new(Code::Aborted, "the call was stopped"),
        _ => {
            let extended = error.sqlite_error().map_or(0, |inner| inner.extended_code);
            if extended == ffi::SQLITE_IOERR_SHMSIZE {
                return full();
            }
            if extended & 0xff == ffi::SQLITE_IOERR && last_error_is_full() {
                return full();
            }
            Error::new(
                Code::DatabaseError,
                format!("the database answered: {error} (code {extended})"),
            )
        }
    }
}

/// A write that the file system refused for lack of room comes as an I/O
/// error when a quota or a file size limit is what stopped it.
fn last_error_is_full() -> bool {
    let kind = std::io::Error::last_os_error().kind();
    matches!(
        kind,
        std::io::ErrorKind::StorageFull | std::io::ErrorKind::QuotaExceeded | std::io::ErrorKind::FileTooLarge
    )
}

pub(super) fn locked() -> Error {
    Error::new(
        Code::DatabaseLocked,
        "another process holds the database's lock; nothing was changed: try again, and if it lasts find the process with an open transaction",
    )
}

fn read_only() -> Error {
    Error::new(
        Code::DatabaseReadOnly,
        "the database file or its folder cannot be written: give this user write permission for both",
    )
}

fn full() -> Error {
    Error::new(
        Code::DatabaseFull,
        "the disk has no room left; nothing was changed and everything acknowledged before is safe: make room and try again",
    )
}

fn not_found() -> Error {
    Error::new(
        Code::DatabaseNotFound,
        "the database file cannot be opened: make its folder, check its permissions, or correct `database`",
    )
}
