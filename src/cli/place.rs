//! Which database is meant, as the SDK understands the same words.

use std::{
    fs,
    path::{Path, PathBuf},
};

use percent_encoding::percent_decode_str;

use crate::{
    error::{Code, Error, Result},
    store::postgres,
};

/// Where the data is, and how we came to it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// `postgres://…`, `:memory:`, or an absolute path.
    pub database: String,
    /// The folder to make for the default database.
    home: Option<PathBuf>,
    /// What named it.
    pub named_by: &'static str,
}

impl Place {
    /// From `--database` or its variable; nothing means the default of development.
    ///
    /// # Errors
    ///
    /// `configuration_invalid`; the value is never quoted, for it may hold a password.
    pub fn find(given: Option<&str>, folder: &Path, env: impl Fn(&str) -> Option<String>) -> Result<Self> {
        let set = |name: &str| env(name).filter(|value| !value.is_empty());
        let given = given.filter(|given| !given.is_empty()).map(str::to_owned);
        let (given, named_by) = match given {
            Some(given) => (Some(given), "--database or PROYECTA_DATABASE_URL"),
            None => (set("PROYECTA_DATABASE"), "PROYECTA_DATABASE"),
        };
        if let Some(given) = given {
            return Ok(Self {
                database: read(&given, folder)?,
                home: None,
                named_by,
            });
        }
        if set("NODE_ENV").as_deref() == Some("production") {
            return Err(wrong(
                "in production the database must be named: give --database, or set PROYECTA_DATABASE_URL",
            ));
        }
        let home = project(folder).join(".proyecta");
        Ok(Self {
            database: text(&home.join("proyecta.db"))?,
            home: Some(home),
            named_by: "the default of development",
        })
    }

    /// The file, for a database that is one.
    pub fn file(&self) -> Option<&Path> {
        let is_file = self.database != ":memory:" && !postgres::is_url(&self.database);
        is_file.then(|| Path::new(&self.database))
    }

    /// The name to show: a URL without user and password.
    pub fn shown(&self) -> String {
        match self.database.split_once("://") {
            Some((scheme, rest)) if self.file().is_none() => {
                let host = rest.rsplit_once('@').map_or(rest, |(_, host)| host);
                let host = host.split('?').next().unwrap_or(host);
                format!("{scheme}://{host}")
            }
            _ => self.database.clone(),
        }
    }

    /// Makes the folder of the default database, with a `.gitignore` of its
    /// own so that no database is ever committed.
    pub fn prepare(&self) -> Result<()> {
        let Some(home) = &self.home else {
            return Ok(());
        };
        let ignore = home.join(".gitignore");
        let made = fs::create_dir_all(home).and_then(|()| {
            if ignore.exists() {
                Ok(())
            } else {
                fs::write(&ignore, "*\n")
            }
        });
        made.map_err(|error| {
            let code = match error.kind() {
                std::io::ErrorKind::PermissionDenied | std::io::ErrorKind::ReadOnlyFilesystem => Code::DatabaseReadOnly,
                std::io::ErrorKind::StorageFull | std::io::ErrorKind::QuotaExceeded => Code::DatabaseFull,
                _ => Code::DatabaseNotFound,
            };
            Error::new(
                code,
                format!(
                    "the folder {} for the database cannot be made: name another place with --database",
                    home.display()
                ),
            )
        })
    }
}

/// The folder of the nearest package.json upwards, else the folder itself.
fn project(folder: &Path) -> PathBuf {
    folder
        .ancestors()
        .find(|folder| folder.join("package.json").exists())
        .unwrap_or(folder)
        .to_owned()
}

fn read(given: &str, folder: &Path) -> Result<String> {
    if given == ":memory:" || given == "file::memory:" {
        return Ok(":memory:".to_owned());
    }
    if given.contains('\0') {
        return Err(wrong("the database must be plain text"));
    }
    let Some(scheme) = scheme(given) else {
        return text(&folder.join(given));
    };
    match scheme.to_ascii_lowercase().as_str() {
        "file" => from_url(&given[5..], folder),
        "postgres" | "postgresql" => Ok(given.to_owned()),
        _ => Err(wrong(
            "the database has a scheme that is not known: it must be a file, or postgres://…",
        )),
    }
}

/// Two letters at least: a single one is a drive.
fn scheme(given: &str) -> Option<&str> {
    let (scheme, _) = given.split_once(':')?;
    let mut bytes = scheme.bytes();
    let fits = bytes.next()?.is_ascii_alphabetic()
        && scheme.len() > 1
        && bytes.all(|byte| byte.is_ascii_alphanumeric() || b"+.-".contains(&byte));
    fits.then_some(scheme)
}

fn from_url(rest: &str, folder: &Path) -> Result<String> {
    if rest.contains(['?', '#']) {
        return Err(wrong("the database must not have parameters after the file name"));
    }
    let path = match rest.strip_prefix("//") {
        None => rest,
        Some(local) => local.strip_prefix("localhost").unwrap_or(local),
    };
    let named = rest.starts_with("//") && !path.starts_with('/');
    let path = percent_decode_str(path).decode_utf8().unwrap_or_default();
    if named || path.is_empty() || path.contains('\0') {
        return Err(wrong(
            "the database must be the URL of a file on this machine, such as file:./data/proyecta.db",
        ));
    }
    text(&folder.join(&*path))
}

fn text(path: &Path) -> Result<String> {
    path.to_str()
        .map(str::to_owned)
        .ok_or_else(|| wrong("the path of the database must be text in UTF-8"))
}

fn wrong(message: &str) -> Error {
    Error::new(Code::ConfigurationInvalid, message).with_param("database")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn find(given: Option<&str>, folder: &Path, env: &[(&str, &str)]) -> Result<Place> {
        Place::find(given, folder, |name| {
            let found = env.iter().find(|(known, _)| *known == name);
            found.map(|(_, value)| (*value).to_owned())
        })
    }

    #[test]
    fn the_words_of_the_sdk() {
        let folder = Path::new("/srv/app");
        for (given, database) in [
            ("data/a.db", "/srv/app/data/a.db"),
            ("/tmp/a.db", "/tmp/a.db"),
            ("file:a.db", "/srv/app/a.db"),
            ("file:///tmp/a%20b.db", "/tmp/a b.db"),
            ("file://localhost/tmp/a.db", "/tmp/a.db"),
            ("file::memory:", ":memory:"),
            ("postgres://me:pw@db/x", "postgres://me:pw@db/x"),
        ] {
            assert_eq!(
                find(Some(given), folder, &[])
                    .map(|place| place.database)
                    .ok()
                    .as_deref(),
                Some(database)
            );
        }
        for bad in [
            "mysql://me:pw@db/x",
            "file:",
            "file:a.db?mode=ro",
            "file://elsewhere/a.db",
        ] {
            let error = find(Some(bad), folder, &[]).expect_err(bad);
            assert_eq!(error.code(), Code::ConfigurationInvalid);
            assert!(!error.message().contains("pw"));
        }
    }

    #[test]
    fn the_default_is_beside_the_nearest_package_and_never_in_production() {
        let folder = tempfile::tempdir().expect("a folder");
        let deep = folder.path().join("src/deep");
        fs::create_dir_all(&deep).expect("folders");
        fs::write(folder.path().join("package.json"), "{}").expect("a file");
        let place = find(None, &deep, &[]).expect("a place");
        assert_eq!(
            place.file(),
            Some(folder.path().join(".proyecta/proyecta.db").as_path())
        );
        place.prepare().expect("a folder");
        assert_eq!(
            fs::read_to_string(folder.path().join(".proyecta/.gitignore"))
                .ok()
                .as_deref(),
            Some("*\n")
        );
        assert!(find(None, &deep, &[("NODE_ENV", "production")]).is_err());
        assert!(
            find(
                None,
                &deep,
                &[("PROYECTA_DATABASE", "a.db"), ("NODE_ENV", "production")]
            )
            .is_ok()
        );
    }

    #[test]
    fn passwords_are_not_shown() {
        let shown = |given| find(Some(given), Path::new("/"), &[]).map(|place| place.shown()).ok();
        assert_eq!(
            shown("postgres://me:p@ss@db:5432/x?password=pw"),
            Some("postgres://db:5432/x".into())
        );
        assert_eq!(shown("/tmp/a@b://c.db"), Some("/tmp/a@b://c.db".into()));
    }
}
