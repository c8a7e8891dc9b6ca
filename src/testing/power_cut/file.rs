//! The file half of the shim: each open file notes its writes, truncations and syncs and hands
//! everything to the real file, which lies behind it in the same piece of memory.

use std::ffi::{c_int, c_void};
use std::path::Path;
use std::ptr;
use std::sync::{Arc, Mutex};

use rusqlite::ffi;

use super::lock;
use super::log::{FileId, Log};
use super::vfs::Shim;

/// SQLite owns the memory and never runs a destructor: only plain data may lie here.
#[repr(C)]
#[derive(Clone, Copy)]
struct File {
    /// First, so that a pointer to it is a pointer to the file.
    base: ffi::sqlite3_file,
    shim: &'static Shim,
    /// None for a file that is not recorded.
    id: Option<FileId>,
    /// The real VFS syncs the folder together with the first sync of this file.
    folder_sync_due: bool,
}

const IO_ERROR: c_int = ffi::SQLITE_IOERR;

static METHODS: ffi::sqlite3_io_methods = ffi::sqlite3_io_methods {
    iVersion: 3,
    xClose: Some(close),
    xRead: Some(read),
    xWrite: Some(write),
    xTruncate: Some(truncate),
    xSync: Some(sync),
    xFileSize: Some(file_size),
    xLock: Some(take_lock),
    xUnlock: Some(release_lock),
    xCheckReservedLock: Some(check_reserved_lock),
    xFileControl: Some(file_control),
    xSectorSize: Some(sector_size),
    xDeviceCharacteristics: Some(device_characteristics),
    xShmMap: Some(shm_map),
    xShmLock: Some(shm_lock),
    xShmBarrier: Some(shm_barrier),
    xShmUnmap: Some(shm_unmap),
    xFetch: Some(fetch),
    xUnfetch: Some(unfetch),
};

/// What SQLite has to allocate for a file and the real one, which needs `real` bytes.
pub(super) fn size(real: c_int) -> c_int {
    // A few dozen bytes: the cast cannot cut anything off.
    size_of::<File>() as c_int + real
}

/// Databases, rollback journals and WALs; not the files that only serve a running process.
pub(super) fn outlives_the_process(flags: c_int) -> bool {
    let persistent = ffi::SQLITE_OPEN_MAIN_DB | journals();
    flags & persistent != 0 && flags & ffi::SQLITE_OPEN_DELETEONCLOSE == 0
}

const fn journals() -> c_int {
    ffi::SQLITE_OPEN_MAIN_JOURNAL | ffi::SQLITE_OPEN_SUPER_JOURNAL | ffi::SQLITE_OPEN_WAL
}

/// Makes the outer file, not open yet, and says where the real one goes.
///
/// # Safety
/// `file` must point to as many bytes as the shim's `szOsFile` says.
pub(super) unsafe fn prepare(file: *mut ffi::sqlite3_file, shim: &'static Shim) -> *mut ffi::sqlite3_file {
    let base = ffi::sqlite3_file { pMethods: ptr::null() };
    let outer = File {
        base,
        shim,
        id: None,
        folder_sync_due: false,
    };
    // SAFETY: the caller vouches for the room, which SQLite aligns to 8 bytes.
    unsafe {
        file.cast::<File>().write(outer);
        let real = real_of(file);
        (*real).pMethods = ptr::null();
        real
    }
}

/// Connects the outer file to the real one that was just opened, or not.
///
/// # Safety
/// `file` must have been prepared, and the real VFS been asked to open the real one.
pub(super) unsafe fn finish_open(file: *mut ffi::sqlite3_file, status: c_int) -> c_int {
    // SAFETY: as the caller vouches; methods that a VFS has set are valid.
    let methods = unsafe { (*real_of(file)).pMethods.as_ref() };
    let usable = methods.is_some_and(|methods| methods.iVersion >= 3);
    if status == ffi::SQLITE_OK && usable {
        // SAFETY: as the caller vouches.
        unsafe { (*file).pMethods = &raw const METHODS };
        return ffi::SQLITE_OK;
    }
    if methods.is_some() {
        // SAFETY: SQLite's contract: a file with methods has to be closed, opened or not.
        unsafe { close(file) };
    }
    if status == ffi::SQLITE_OK {
        ffi::SQLITE_CANTOPEN
    } else {
        status
    }
}

/// Notes that the file is there; from here on its changes are recorded.
///
/// # Safety
/// `file` must be open.
pub(super) unsafe fn record_open(
    file: *mut ffi::sqlite3_file,
    log: &mut Log,
    path: &Path,
    existed: bool,
    flags: c_int,
) -> c_int {
    let id = match log.file_at(path) {
        Some(known) if existed => known,
        // SAFETY: as the caller vouches.
        None if existed => match unsafe { content_of(file) } {
            // Whoever made it ahead of SQLite need not have synced the folder.
            Ok(content) if content.is_empty() => log.created(path.to_owned()),
            Ok(content) => log.found(path.to_owned(), content),
            Err(status) => {
                // SAFETY: as the caller vouches. SQLite must not see it as open any more.
                unsafe {
                    close(file);
                    (*file).pMethods = ptr::null();
                }
                return status;
            }
        },
        _ => log.created(path.to_owned()),
    };
    // SAFETY: as the caller vouches.
    let outer = unsafe { &mut *file.cast::<File>() };
    outer.id = Some(id);
    outer.folder_sync_due = flags & ffi::SQLITE_OPEN_CREATE != 0 && flags & journals() != 0;
    ffi::SQLITE_OK
}

/// Read through the open file: opening and closing another handle on it would drop every POSIX
/// lock that this process holds on it.
unsafe fn content_of(file: *mut ffi::sqlite3_file) -> Result<Vec<u8>, c_int> {
    const PIECE: usize = 1 << 20;
    let mut size = 0;
    // SAFETY: the caller gives an open file.
    let status = unsafe { file_size(file, &raw mut size) };
    if status != ffi::SQLITE_OK {
        return Err(status);
    }
    let mut content = vec![0; usize::try_from(size).map_err(|_| IO_ERROR)?];
    for (index, piece) in content.chunks_mut(PIECE).enumerate() {
        let (length, offset) = (piece.len() as c_int, (index * PIECE) as i64);
        // SAFETY: the caller gives an open file, and the piece has the length told.
        let status = unsafe { read(file, piece.as_mut_ptr().cast(), length, offset) };
        if status != ffi::SQLITE_OK {
            return Err(status);
        }
    }
    Ok(content)
}

/// # Safety
/// `file` must have been prepared.
unsafe fn real_of(file: *mut ffi::sqlite3_file) -> *mut ffi::sqlite3_file {
    // SAFETY: the real file follows the outer one in the same allocation; the size of the outer
    // one is a multiple of its alignment, 8.
    unsafe { file.cast::<File>().add(1).cast() }
}

/// The log, and this file in it, when it is recorded and somebody still wants to know.
unsafe fn recording(file: *mut ffi::sqlite3_file) -> Option<(Arc<Mutex<Log>>, FileId)> {
    // SAFETY: the caller gives a prepared file.
    let outer = unsafe { &*file.cast::<File>() };
    Some((outer.shim.log()?, outer.id?))
}

/// Calls the real file's method of that name.
macro_rules! real_file {
    ($file:ident.$method:ident($($argument:expr),*), else $missing:expr) => {{
        // SAFETY: SQLite calls methods of open files only, and with arguments that suit them.
        unsafe {
            let real = real_of($file);
            match (*(*real).pMethods).$method {
                Some(call) => call(real, $($argument),*),
                None => $missing,
            }
        }
    }};
}

/// Methods that hand everything on.
macro_rules! hand_on {
    ($($callback:ident => $method:ident($($name:ident: $kind:ty),*) $(-> $answer:ty, else $missing:expr)?;)*) => {$(
        unsafe extern "C" fn $callback(file: *mut ffi::sqlite3_file, $($name: $kind),*) $(-> $answer)? {
            real_file!(file.$method($($name),*), else { $($missing)? })
        }
    )*};
}

hand_on! {
    close => xClose() -> c_int, else ffi::SQLITE_OK;
    read => xRead(into: *mut c_void, length: c_int, offset: i64) -> c_int, else IO_ERROR;
    file_size => xFileSize(size: *mut i64) -> c_int, else IO_ERROR;
    take_lock => xLock(level: c_int) -> c_int, else IO_ERROR;
    release_lock => xUnlock(level: c_int) -> c_int, else IO_ERROR;
    check_reserved_lock => xCheckReservedLock(answer: *mut c_int) -> c_int, else IO_ERROR;
    sector_size => xSectorSize() -> c_int, else 0;
    shm_map => xShmMap(page: c_int, size: c_int, extend: c_int, at: *mut *mut c_void) -> c_int, else IO_ERROR;
    shm_lock => xShmLock(offset: c_int, count: c_int, flags: c_int) -> c_int, else IO_ERROR;
    shm_barrier => xShmBarrier();
    shm_unmap => xShmUnmap(delete: c_int) -> c_int, else IO_ERROR;
    unfetch => xUnfetch(offset: i64, at: *mut c_void) -> c_int, else ffi::SQLITE_OK;
}

/// Without a page SQLite reads instead: its default when memory mapping is off.
unsafe extern "C" fn fetch(file: *mut ffi::sqlite3_file, offset: i64, length: c_int, at: *mut *mut c_void) -> c_int {
    // SAFETY: SQLite gives room for the answer.
    unsafe { *at = ptr::null_mut() };
    real_file!(file.xFetch(offset, length, at), else ffi::SQLITE_OK)
}

unsafe extern "C" fn write(file: *mut ffi::sqlite3_file, bytes: *const c_void, length: c_int, offset: i64) -> c_int {
    // SAFETY: SQLite calls methods of open files only.
    let recording = unsafe { recording(file) };
    // Held through the write, so that the log has the order of the disk.
    let log = recording.as_ref().map(|(log, id)| (lock(log), *id));
    let status = real_file!(file.xWrite(bytes, length, offset), else IO_ERROR);
    if let (ffi::SQLITE_OK, Some((mut log, id))) = (status, log) {
        // SAFETY: SQLite gives `length` bytes. Neither length nor offset is negative.
        let bytes = unsafe { std::slice::from_raw_parts(bytes.cast::<u8>(), length as usize) };
        log.written(id, offset as usize, bytes.to_vec());
    }
    status
}

unsafe extern "C" fn truncate(file: *mut ffi::sqlite3_file, size: i64) -> c_int {
    // SAFETY: SQLite calls methods of open files only.
    let recording = unsafe { recording(file) };
    let log = recording.as_ref().map(|(log, id)| (lock(log), *id));
    let status = real_file!(file.xTruncate(size), else IO_ERROR);
    if let (ffi::SQLITE_OK, Some((mut log, id))) = (status, log) {
        log.truncated(id, size as usize);
    }
    status
}

/// The log is free while the disk is busy: what others write meanwhile is not covered.
unsafe extern "C" fn sync(file: *mut ffi::sqlite3_file, flags: c_int) -> c_int {
    // SAFETY: SQLite calls methods of open files only.
    let recording = unsafe { recording(file) };
    let begun = recording.as_ref().map(|(log, _)| lock(log).len());
    let status = real_file!(file.xSync(flags), else IO_ERROR);
    if let (ffi::SQLITE_OK, Some((log, id)), Some(begun)) = (status, recording, begun) {
        let mut log = lock(&log);
        if reaches_the_platter(flags) {
            log.synced(id, begun);
        }
        // SAFETY: a file has one user at a time; this is still our call.
        let outer = unsafe { &mut *file.cast::<File>() };
        if std::mem::take(&mut outer.folder_sync_due) {
            let path = log.path(id).to_owned();
            log.folder_synced(&path, begun);
        }
    }
    status
}

const fn reaches_the_platter(flags: c_int) -> bool {
    !cfg!(target_os = "macos") || flags & 0x0f == ffi::SQLITE_SYNC_FULL
}

/// Hints that let the real VFS choose a file's length by itself are not for us: the log would
/// not know. SQLite takes this answer for a VFS that has no such thing.
unsafe extern "C" fn file_control(file: *mut ffi::sqlite3_file, operation: c_int, argument: *mut c_void) -> c_int {
    match operation {
        ffi::SQLITE_FCNTL_SIZE_HINT | ffi::SQLITE_FCNTL_CHUNK_SIZE => ffi::SQLITE_NOTFOUND,
        _ => real_file!(file.xFileControl(operation, argument), else ffi::SQLITE_NOTFOUND),
    }
}

/// Only what the model keeps is promised, whatever the real device can do.
unsafe extern "C" fn device_characteristics(file: *mut ffi::sqlite3_file) -> c_int {
    let kept = ffi::SQLITE_IOCAP_POWERSAFE_OVERWRITE | ffi::SQLITE_IOCAP_SUBPAGE_READ;
    real_file!(file.xDeviceCharacteristics(), else 0) & kept
}
