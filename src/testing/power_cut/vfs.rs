//! The VFS half of the shim: opening and deleting files, and the rest handed to the real VFS.

use std::cell::UnsafeCell;
use std::ffi::{CStr, CString, OsStr, c_char, c_int, c_void};
use std::io;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;
use std::ptr;
use std::sync::{Arc, Mutex, Weak};

use rusqlite::ffi;

use super::file;
use super::lock;
use super::log::Log;

/// What SQLite sees as our VFS. It is never freed: SQLite and every open file may point to it
/// until the process ends.
#[repr(C)]
pub(super) struct Shim {
    /// First, so that a pointer to it is a pointer to the shim. SQLite writes to `pNext`.
    vfs: UnsafeCell<ffi::sqlite3_vfs>,
    real: *mut ffi::sqlite3_vfs,
    name: CString,
    /// Gone once the recorder is dropped.
    log: Weak<Mutex<Log>>,
}

/// Serialises the look-up of a name and its registration.
static REGISTRATION: Mutex<()> = Mutex::new(());

pub(super) fn register(name: &str, log: &Arc<Mutex<Log>>) -> io::Result<()> {
    let name = CString::new(name)?;
    let _alone = lock(&REGISTRATION);
    // SAFETY: the name is a C string; a registered VFS stays valid while it is registered, and
    // nobody unregisters the default one.
    let (taken, real) = unsafe {
        let taken = !ffi::sqlite3_vfs_find(name.as_ptr()).is_null();
        (taken, ffi::sqlite3_vfs_find(ptr::null()))
    };
    if taken {
        return Err(io::Error::new(
            io::ErrorKind::AlreadyExists,
            format!("a VFS named {} is registered already", name.to_string_lossy()),
        ));
    }
    if real.is_null() {
        return Err(io::Error::other("SQLite has no default VFS"));
    }
    let log = Arc::downgrade(log);
    let mut vfs = callbacks(real);
    vfs.zName = name.as_ptr();
    let shim: &'static Shim = Box::leak(Box::new(Shim {
        vfs: vfs.into(),
        real,
        name,
        log,
    }));
    // SAFETY: the shim is never freed, so the VFS and its name outlive their registration.
    let status = unsafe { ffi::sqlite3_vfs_register(shim.vfs.get(), 0) };
    if status == ffi::SQLITE_OK {
        Ok(())
    } else {
        Err(io::Error::other(format!("sqlite3_vfs_register answered {status}")))
    }
}

fn callbacks(real: *mut ffi::sqlite3_vfs) -> ffi::sqlite3_vfs {
    // SAFETY: `real` is SQLite's default VFS, valid for the life of the process.
    let real = unsafe { &*real };
    ffi::sqlite3_vfs {
        iVersion: real.iVersion.min(3),
        szOsFile: file::size(real.szOsFile),
        mxPathname: real.mxPathname,
        pNext: ptr::null_mut(),
        zName: ptr::null(),
        pAppData: ptr::null_mut(),
        xOpen: Some(open),
        xDelete: Some(delete),
        xAccess: real.xAccess.and(Some(access)),
        xFullPathname: real.xFullPathname.and(Some(full_pathname)),
        xDlOpen: real.xDlOpen.and(Some(dl_open)),
        xDlError: real.xDlError.and(Some(dl_error)),
        xDlSym: real.xDlSym.and(Some(dl_sym)),
        xDlClose: real.xDlClose.and(Some(dl_close)),
        xRandomness: real.xRandomness.and(Some(randomness)),
        xSleep: real.xSleep.and(Some(sleep)),
        xCurrentTime: real.xCurrentTime.and(Some(current_time)),
        xGetLastError: real.xGetLastError.and(Some(last_error)),
        xCurrentTimeInt64: real.xCurrentTimeInt64.and(Some(current_time_int64)),
        xSetSystemCall: real.xSetSystemCall.and(Some(set_system_call)),
        xGetSystemCall: real.xGetSystemCall.and(Some(get_system_call)),
        xNextSystemCall: real.xNextSystemCall.and(Some(next_system_call)),
    }
}

impl Shim {
    /// # Safety
    /// `vfs` must be one that `register` made.
    unsafe fn of(vfs: *mut ffi::sqlite3_vfs) -> &'static Self {
        // SAFETY: the VFS is the first field of a shim that is never freed, and the only one
        // that anybody writes to.
        unsafe { &*vfs.cast::<Self>() }
    }

    pub(super) fn log(&self) -> Option<Arc<Mutex<Log>>> {
        self.log.upgrade()
    }
}

unsafe extern "C" fn open(
    vfs: *mut ffi::sqlite3_vfs,
    name: *const c_char,
    into: *mut ffi::sqlite3_file,
    flags: c_int,
    flags_out: *mut c_int,
) -> c_int {
    // SAFETY: SQLite calls this for a shim that it has registered.
    let shim = unsafe { Shim::of(vfs) };
    // SAFETY: SQLite gives `into` with at least `szOsFile` bytes, that is room for both files.
    let real_file = unsafe { file::prepare(into, shim) };
    // A temporary file has no name; it dies with the process.
    let recorded = !name.is_null() && file::outlives_the_process(flags);
    let log = if recorded { shim.log() } else { None };
    let mut log = log.as_ref().map(|log| lock(log));
    // SAFETY: a name that is not null is a C string.
    let existed = recorded && unsafe { path_of(name) }.exists();
    // SAFETY: SQLite's default VFS is valid for the life of the process.
    let Some(real_open) = (unsafe { (*shim.real).xOpen }) else {
        return ffi::SQLITE_CANTOPEN;
    };
    // SAFETY: the arguments are SQLite's own, but for the VFS and the file, which belong together.
    // The name is handed on as the same pointer, because its URI parameters lie behind it.
    let status = unsafe { real_open(shim.real, name, real_file, flags, flags_out) };
    // SAFETY: the real VFS has just filled `real_file`, whether it could open it or not.
    let status = unsafe { file::finish_open(into, status) };
    if let (ffi::SQLITE_OK, Some(log)) = (status, log.as_mut()) {
        // SAFETY: as above, and the file is open.
        unsafe { file::record_open(into, log, path_of(name), existed, flags) }
    } else {
        status
    }
}

unsafe extern "C" fn delete(vfs: *mut ffi::sqlite3_vfs, name: *const c_char, sync_folder: c_int) -> c_int {
    // SAFETY: SQLite calls this for a shim that it has registered, with a C string.
    let (shim, path) = unsafe { (Shim::of(vfs), path_of(name)) };
    let log = shim.log();
    // Held through both steps, so that the sync vouches for this deletion too.
    let mut log = log.as_ref().map(|log| lock(log));
    // SAFETY: SQLite's default VFS is valid for the life of the process.
    let Some(real_delete) = (unsafe { (*shim.real).xDelete }) else {
        return ffi::SQLITE_IOERR;
    };
    // SAFETY: the arguments are SQLite's own, but for the VFS.
    let status = unsafe { real_delete(shim.real, name, sync_folder) };
    if let (ffi::SQLITE_OK, Some(log)) = (status, log.as_mut()) {
        log.deleted(path);
        if sync_folder != 0 {
            let begun = log.len();
            log.folder_synced(path, begun);
        }
    }
    status
}

/// # Safety
/// `name` must be a C string that lives for `'a`.
unsafe fn path_of<'a>(name: *const c_char) -> &'a Path {
    // SAFETY: as the caller vouches.
    let name = unsafe { CStr::from_ptr(name) };
    Path::new(OsStr::from_bytes(name.to_bytes()))
}

/// Callbacks that hand everything on. Each is registered only where the real VFS has one.
macro_rules! hand_on {
    ($($callback:ident => $real:ident($($name:ident: $kind:ty),*) $(-> $answer:ty, else $missing:expr)?;)*) => {$(
        unsafe extern "C" fn $callback(
            vfs: *mut ffi::sqlite3_vfs, $($name: $kind),*
        ) $(-> $answer)? {
            // SAFETY: SQLite calls this for a shim that it has registered, the real VFS is valid
            // for the life of the process, and the other arguments are SQLite's own.
            unsafe {
                let real = Shim::of(vfs).real;
                match (*real).$real {
                    Some(call) => call(real, $($name),*),
                    None => { $($missing)? }
                }
            }
        }
    )*};
}

/// A function of a loaded extension, as the bindings spell it.
type Symbol = Option<unsafe extern "C" fn(*mut ffi::sqlite3_vfs, *mut c_void, *const c_char)>;

hand_on! {
    access => xAccess(name: *const c_char, flags: c_int, answer: *mut c_int) -> c_int, else ffi::SQLITE_ERROR;
    full_pathname => xFullPathname(name: *const c_char, room: c_int, full: *mut c_char) -> c_int, else ffi::SQLITE_ERROR;
    dl_open => xDlOpen(name: *const c_char) -> *mut c_void, else ptr::null_mut();
    dl_error => xDlError(room: c_int, message: *mut c_char);
    dl_sym => xDlSym(library: *mut c_void, symbol: *const c_char) -> Symbol, else None;
    dl_close => xDlClose(library: *mut c_void);
    randomness => xRandomness(length: c_int, bytes: *mut c_char) -> c_int, else 0;
    sleep => xSleep(microseconds: c_int) -> c_int, else 0;
    current_time => xCurrentTime(days: *mut f64) -> c_int, else ffi::SQLITE_ERROR;
    last_error => xGetLastError(room: c_int, message: *mut c_char) -> c_int, else 0;
    current_time_int64 => xCurrentTimeInt64(milliseconds: *mut i64) -> c_int, else ffi::SQLITE_ERROR;
    set_system_call => xSetSystemCall(name: *const c_char, call: ffi::sqlite3_syscall_ptr) -> c_int, else ffi::SQLITE_NOTFOUND;
    get_system_call => xGetSystemCall(name: *const c_char) -> ffi::sqlite3_syscall_ptr, else None;
    next_system_call => xNextSystemCall(name: *const c_char) -> *const c_char, else ptr::null();
}
