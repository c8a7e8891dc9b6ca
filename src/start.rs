//! An engine with all that it has around it, from what names its database.

use std::{
    fs,
    io::{self, Read, Write},
    path::{Path, PathBuf},
    sync::{Arc, OnceLock},
    time::Duration,
};

use base64::{Engine as _, prelude::BASE64_STANDARD};
use tokio::runtime::{Builder, Handle, Runtime};
use zeroize::Zeroizing;

use crate::{
    engine::{
        Engine, Outside,
        port::{Clock, Ids},
        system::{SystemClock, SystemIds},
        vault::{Keys, MemoryKey, NoTestKey, TestKey, Vault},
    },
    error::{Code, Error, Result},
    gateway::BuiltIn,
    store::{self, postgres},
};

/// How long the sandbox gateway takes over an answer, in milliseconds: for
/// trying out how a program behaves while it waits, and for benchmarks.
const LATENCY: &str = "PROYECTA_SANDBOX_LATENCY";
/// The longest that makes sense: one minute.
const LATENCY_MAX_MS: u64 = 60_000;

/// Starts an engine on whatever database a text names. Waits for disk,
/// network and locks.
///
/// # Errors
///
/// `configuration_invalid`, and what the database has to say.
pub fn engine(
    database: &str,
    encryption_key: Option<&str>,
    blocking: Handle,
    runtime: impl Fn() -> Result<Handle> + Send + Sync + 'static,
) -> Result<Arc<Engine>> {
    let outside = outside(database, encryption_key, runtime)?;
    let store = store::open(database, SystemClock.now(), blocking.clone())?;
    Ok(Engine::new(
        store,
        Arc::new(SystemClock),
        Arc::new(SystemIds::default()),
        blocking,
        outside,
    ))
}

/// What an engine on such a database has around it.
///
/// # Errors
///
/// `configuration_invalid`.
pub fn outside(
    database: &str,
    encryption_key: Option<&str>,
    runtime: impl Fn() -> Result<Handle> + Send + Sync + 'static,
) -> Result<Outside> {
    let given = encryption_key.map(Keys::parse).transpose()?;
    let vault = if database == ":memory:" {
        let ids: Arc<dyn Ids> = Arc::new(SystemIds::default());
        Vault::new(given, MemoryKey(ids))
    } else if postgres::is_url(database) {
        Vault::new(given, NoTestKey)
    } else {
        Vault::new(given, KeyFile::beside(Path::new(database)))
    };
    Ok(Outside {
        gateways: Arc::new(BuiltIn {
            sandbox_latency: sandbox_latency()?,
        }),
        vault,
        runtime: Box::new(runtime),
    })
}

fn sandbox_latency() -> Result<Duration> {
    let Some(text) = std::env::var(LATENCY).ok().filter(|text| !text.is_empty()) else {
        return Ok(Duration::ZERO);
    };
    match text.parse() {
        Ok(millis) if millis <= LATENCY_MAX_MS => Ok(Duration::from_millis(millis)),
        _ => Err(Error::new(
            Code::ConfigurationInvalid,
            format!("{LATENCY} must be a whole number of milliseconds from 0 to {LATENCY_MAX_MS}"),
        )),
    }
}

/// A runtime of one thread for gateways, started at its first use: for
/// programs that have none of their own.
///
/// # Errors
///
/// `internal` when the operating system gives no more threads.
pub fn own_runtime() -> Result<Handle> {
    static RUNTIME: OnceLock<Option<Runtime>> = OnceLock::new();
    let runtime = RUNTIME.get_or_init(|| {
        Builder::new_multi_thread()
            .worker_threads(1)
            .max_blocking_threads(4)
            .thread_name("proyecta-gateway")
            .enable_all()
            .build()
            .ok()
    });
    runtime
        .as_ref()
        .map(|runtime| runtime.handle().clone())
        .ok_or_else(|| Error::internal("the operating system gives no more threads"))
}

/// A test store's key in a file beside its database: `.proyecta/key`.
struct KeyFile {
    path: PathBuf,
}

const KEY_BYTES: usize = 32;
/// No key file is longer.
const FILE_MAX: u64 = 256;

impl KeyFile {
    fn beside(database: &Path) -> Self {
        let folder = database.parent().unwrap_or(Path::new(""));
        let home = if folder.file_name().is_some_and(|name| name == ".proyecta") {
            folder.to_owned()
        } else {
            folder.join(".proyecta")
        };
        Self { path: home.join("key") }
    }

    fn read(&self) -> io::Result<Option<Zeroizing<[u8; KEY_BYTES]>>> {
        let mut text = Zeroizing::new(String::new());
        match fs::File::open(&self.path) {
            Ok(file) => file.take(FILE_MAX).read_to_string(&mut text)?,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(error),
        };
        let decoded = BASE64_STANDARD.decode(text.trim()).map(Zeroizing::new);
        let key = decoded.ok().and_then(|bytes| bytes.as_slice().try_into().ok());
        key.map(|key| Some(Zeroizing::new(key)))
            .ok_or_else(|| io::Error::new(io::ErrorKind::InvalidData, "it holds no key"))
    }

    /// Makes the file; when another process was faster, its key stays.
    fn make(&self) -> io::Result<()> {
        let home = self.path.parent().unwrap_or(Path::new(""));
        fs::create_dir_all(home)?;
        let ignore = home.join(".gitignore");
        if !ignore.exists() {
            fs::write(&ignore, "*\n")?;
        }
        let ids = SystemIds::default();
        let mut key = Zeroizing::new([0; KEY_BYTES]);
        ids.fill(&mut *key);
        let text = Zeroizing::new(format!("{}\n", BASE64_STANDARD.encode(*key)));
        // Written beside it first: nobody ever reads half a key.
        let written = home.join(format!("key.{:032x}", ids.uuid(SystemClock.now())));
        let placed = private_file(&written)
            .and_then(|mut file| {
                file.write_all(text.as_bytes())?;
                file.sync_all()
            })
            .and_then(|()| match fs::hard_link(&written, &self.path) {
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
                // Not every file system has links.
                Err(_) => fs::rename(&written, &self.path),
                Ok(()) => Ok(()),
            });
        match fs::remove_file(&written) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => placed.and(Err(error)),
            _ => placed,
        }
    }
}

impl TestKey for KeyFile {
    fn key(&self) -> Result<Option<Zeroizing<[u8; KEY_BYTES]>>> {
        let key = match self.read() {
            Ok(None) => self.make().and_then(|()| self.read()),
            read => read,
        };
        key.map_err(|error| {
            Error::new(
                Code::EncryptionKeyMissing,
                format!(
                    "the key file {} of this test store cannot be read or made ({error}): correct that, or set PROYECTA_ENCRYPTION_KEY",
                    self.path.display()
                ),
            )
            .with_param("encryptionKey")
        })
    }
}

/// A new file that only its owner may read.
fn private_file(path: &Path) -> io::Result<fs::File> {
    let mut options = fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt;
        options.mode(0o600);
    }
    options.open(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_made_once_and_is_private() {
        let folder = tempfile::tempdir().expect("a folder");
        let database = folder.path().join("a.db");
        let keys: Vec<_> = std::thread::scope(|scope| {
            let threads: Vec<_> = (0..8)
                .map(|_| scope.spawn(|| KeyFile::beside(&database).key().expect("a key").expect("a key")))
                .collect();
            threads
                .into_iter()
                .map(|thread| thread.join().expect("no panic"))
                .collect()
        });
        assert!(keys.iter().all(|key| **key == *keys[0]));
        let home = folder.path().join(".proyecta");
        let mut files: Vec<_> = fs::read_dir(&home)
            .expect("a folder")
            .map(|file| file.expect("a file").file_name())
            .collect();
        files.sort();
        assert_eq!(files, [".gitignore", "key"]);
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            let mode = fs::metadata(home.join("key")).expect("a file").permissions().mode();
            assert_eq!(mode & 0o777, 0o600);
        }
        // The default database lies in such a folder already.
        let inside = KeyFile::beside(&home.join("proyecta.db"));
        assert_eq!(*inside.key().expect("a key").expect("a key"), *keys[0]);
    }

    #[test]
    fn a_damaged_key_is_no_key() {
        let folder = tempfile::tempdir().expect("a folder");
        fs::create_dir(folder.path().join(".proyecta")).expect("a folder");
        fs::write(folder.path().join(".proyecta/key"), "short\n").expect("a file");
        let error = KeyFile::beside(&folder.path().join("a.db")).key().expect_err("no key");
        assert_eq!(error.code(), Code::EncryptionKeyMissing);
    }
}
