//! `proyecta catalog …`: the catalogue as a file in version control.

mod args;
mod diff;
mod file;
mod kind;
mod plan;
mod print;
mod push;
mod step;
mod stored;
mod types;
mod written;

use std::{
    fs, io,
    path::{Path, PathBuf},
};

pub use self::args::Catalog;

use self::{
    diff::{Label, Line, Sign, changes},
    file::File,
    kind::Kind,
    stored::Stored,
};
use super::{
    args::Access,
    database::{Database, Missing},
    failure::{Failure, Outcome},
    place::Place,
    terminal::Terminal,
};
use crate::error::{Code, Error, Result};

/// `proyecta catalog …`; `exported` is what Node made of a module to push.
pub fn catalog(terminal: &Terminal, place: &Place, command: Catalog, exported: Option<&str>) -> Outcome {
    match command {
        Catalog::Push {
            file,
            yes,
            dry_run,
            prune,
            types,
            access,
        } => {
            let wanted = File::read(&file, exported)?;
            let options = push::Options { yes, dry_run, prune };
            Database::with(place, Missing::Make, |database| {
                let session = database.session(&access)?;
                push::push(terminal, &session, &wanted, options)?;
                match types {
                    Some(types) if !dry_run => write_types(&Stored::read(&session)?, &types),
                    _ => Ok(()),
                }
            })
        }
        Catalog::Pull {
            file,
            yes,
            types,
            access,
        } => {
            let stored = read(place, &access)?;
            pull(terminal, &stored, file, yes)?;
            types.map_or(Ok(()), |types| write_types(&stored, &types))
        }
        Catalog::Types { file, access } => {
            let stored = read(place, &access)?;
            match file {
                Some(file) => write_types(&stored, &file),
                None => terminal.text(&types::types(&stored)),
            }
        }
    }
}

fn read(place: &Place, access: &Access) -> Outcome<Stored> {
    Database::with(place, Missing::Refuse, |database| {
        Ok(Stored::read(&database.session(access)?)?)
    })
}

fn pull(terminal: &Terminal, stored: &Stored, file: Option<PathBuf>, yes: bool) -> Outcome {
    let content = written::written(stored);
    let text = print::print(&content);
    let Some(path) = file else {
        return terminal.text(&text);
    };
    if args::is_module(&path) {
        return Err(Failure::Usage(
            "pull writes JSON, which a module cannot take: name a .json file".to_owned(),
        ));
    }
    if path.exists() && !may_replace(terminal, &path, &File::of(content)?, yes)? {
        return Ok(());
    }
    write_file(&path, &text)?;
    terminal.say(&format!("wrote {}", path.display()));
    Ok(())
}

/// Shows what a file would lose and gain; false when that is nothing.
fn may_replace(terminal: &Terminal, path: &Path, after: &File, yes: bool) -> Outcome<bool> {
    let before = match file::json(path, None).and_then(File::of) {
        Ok(before) => before,
        // With a yes anything is replaced.
        Err(_) if yes => return Ok(true),
        Err(error) => {
            let message = format!("{}; --yes replaces it all the same", error.message());
            return Err(Failure::Failed(Error::new(error.code(), message)));
        }
    };
    let lines = file_lines(&before, after);
    if lines.is_empty() {
        terminal.say(&format!("{} says the same: nothing to do", path.display()));
        return Ok(false);
    }
    for line in &lines {
        terminal.line(&line.text(terminal.is_coloured()))?;
    }
    let question = format!("Replace {}?", path.display());
    agreed(terminal, &question, yes).map(|()| true)
}

/// What differs between two files, object by object.
fn file_lines(before: &File, after: &File) -> Vec<Line> {
    let find = |file: &File, kind: Kind, name: &str| {
        let found = file
            .entries
            .iter()
            .find(|entry| entry.kind == kind && entry.name == name);
        found.map(|entry| entry.whole())
    };
    let line = |sign, entry: &file::Entry, changes| {
        let label = Label {
            kind: entry.kind,
            name: entry.name.clone(),
            note: entry.product.as_ref().map(|of| format!(" of {of}")).unwrap_or_default(),
        };
        Line { sign, label, changes }
    };
    let mut lines = Vec::new();
    for entry in &after.entries {
        match find(before, entry.kind, &entry.name) {
            None => lines.push(line(Sign::New, entry, Vec::new())),
            Some(old) => {
                let changes = changes(&old, &entry.whole());
                if !changes.is_empty() {
                    lines.push(line(Sign::Changed, entry, changes));
                }
            }
        }
    }
    let gone = before
        .entries
        .iter()
        .filter(|entry| find(after, entry.kind, &entry.name).is_none());
    lines.extend(gone.map(|entry| line(Sign::Gone, entry, Vec::new())));
    lines
}

/// Asks, unless the answer was given.
fn agreed(terminal: &Terminal, question: &str, yes: bool) -> Outcome {
    if yes {
        return Ok(());
    }
    match terminal.confirm(question) {
        Some(true) => return Ok(()),
        Some(false) => terminal.say("nothing was changed"),
        None => terminal.say(
            "proyecta: nothing was changed, for there is no terminal to ask on: look at what is above, then give --yes",
        ),
    }
    Err(Failure::Said)
}

fn write_types(stored: &Stored, path: &Path) -> Outcome {
    match fs::read_to_string(path) {
        Ok(there) if !there.starts_with(types::HEAD) => Err(Failure::Failed(Error::new(
            Code::FileInvalid,
            format!(
                "{} is a file of somebody's own, which is not replaced: name another one",
                path.display()
            ),
        ))),
        _ => Ok(write_file(path, &types::types(stored))?),
    }
}

/// Writes a file as a whole or not at all; one that has this text is left alone.
fn write_file(path: &Path, text: &str) -> Result<()> {
    if fs::read(path).is_ok_and(|there| there == text.as_bytes()) {
        return Ok(());
    }
    let refused = |error: io::Error| {
        let message = format!(
            "{} cannot be written ({}): check its folder and its permissions",
            path.display(),
            error.kind()
        );
        Error::new(Code::FileInvalid, message)
    };
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(format!(".partial-{}", std::process::id()));
    let partial = path.with_file_name(name);
    fs::write(&partial, text)
        .and_then(|()| fs::rename(&partial, path))
        .map_err(|error| {
            let _ = fs::remove_file(&partial);
            refused(error)
        })
}
