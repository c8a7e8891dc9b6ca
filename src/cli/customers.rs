//! `proyecta customers …`

use std::{
    fs::{self, File, OpenOptions},
    io::{self, Seek, SeekFrom, Write},
    path::{Path, PathBuf},
    sync::{Arc, mpsc},
};

use serde::Deserialize;
use serde_json::json;

use super::{
    args::{Access, Customers, Output},
    database::{Database, Missing, wait},
    failure::{Failure, Outcome},
    place::Place,
    progress::Progress,
    terminal::{Terminal, harmless},
};
use crate::{
    engine::{Answered, Reply, Session, port::Watch},
    error::{Code, Error, Result},
    export::{self, Exported},
    import::{self, Upload},
    spreadsheet::{Format, Source},
};

/// Refused rows that are printed; JSON has them all.
const SHOWN_ERRORS: usize = 20;

/// `proyecta customers …`
pub fn customers(terminal: &Terminal, place: &Place, command: Customers) -> Outcome {
    match command {
        Customers::Import {
            file,
            update,
            dry_run,
            access,
            output,
        } => {
            let input = json!({ "onExisting": if update { "update" } else { "skip" }, "dryRun": dry_run });
            if !file.exists() {
                return Err(Failure::Failed(missing(&file)));
            }
            Database::with(place, Missing::Make, |database| {
                let session = database.session(&access)?;
                import_file(terminal, &session, file, &input.to_string(), output)
            })
        }
        Customers::Export { file, force, access } => export_file(terminal, place, &file, force, &access),
    }
}

fn missing(file: &Path) -> Error {
    Error::new(
        Code::FileInvalid,
        format!("there is no file {}: check the name", file.display()),
    )
}

#[derive(Deserialize)]
struct Told {
    progress: f64,
    rows: u64,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Report {
    rows: u64,
    created: u64,
    updated: u64,
    unchanged: u64,
    failed: u64,
    dry_run: bool,
    errors: Vec<RowError>,
}

#[derive(Deserialize)]
struct RowError {
    row: u64,
    column: Option<String>,
    reason: String,
}

enum Message {
    Progress(String),
    Done(Result<Answered>),
}

fn import_file(terminal: &Terminal, session: &Arc<Session>, file: PathBuf, input: &str, output: Output) -> Outcome {
    let upload = Upload {
        source: Source::Path(file),
        temporary: None,
    };
    let (send, receive) = mpsc::channel();
    let finished = send.clone();
    import::import(
        session,
        upload,
        input,
        Arc::default(),
        Box::new(move |json| drop(send.send(Message::Progress(json)))),
        Reply::new(move |outcome| drop(finished.send(Message::Done(outcome)))),
    );
    let mut progress = Progress::new(terminal, "importing");
    let outcome = loop {
        match receive.recv() {
            Ok(Message::Progress(json)) => {
                if let Ok(told) = serde_json::from_str::<Told>(&json) {
                    progress.at(told.progress, &format!("{} rows", told.rows));
                }
            }
            Ok(Message::Done(outcome)) => break outcome,
            Err(_) => break Err(Error::internal("the import was never answered")),
        }
    };
    progress.finish();
    let Answered::Json(json) = outcome? else {
        return Err(Error::internal("an import answered with a file").into());
    };
    let report: Report =
        serde_json::from_str(&json).map_err(|error| Error::internal(format!("a report is no JSON: {error}")))?;
    if output.json {
        terminal.line(&json)?;
    } else {
        print(terminal, &report)?;
    }
    if report.failed == 0 { Ok(()) } else { Err(Failure::Said) }
}

fn print(terminal: &Terminal, report: &Report) -> Outcome {
    for error in report.errors.iter().take(SHOWN_ERRORS) {
        let column = error.column.as_deref().map(|title| format!(", {}", harmless(title)));
        terminal.say(&format!(
            "row {}{}: {}",
            error.row,
            column.unwrap_or_default(),
            harmless(&error.reason)
        ));
    }
    let left = report.failed.saturating_sub(SHOWN_ERRORS as u64);
    if left > 0 {
        terminal.say(&format!("and {left} more rows; --json lists up to 1000"));
    }
    let Report {
        rows,
        created,
        updated,
        unchanged,
        failed,
        ..
    } = report;
    let checked = if report.dry_run {
        ", nothing was changed (dry run)"
    } else {
        ""
    };
    terminal.line(&format!(
        "{rows} rows: {created} created, {updated} updated, {unchanged} unchanged, {failed} refused{checked}"
    ))
}

fn export_file(terminal: &Terminal, place: &Place, file: &Path, force: bool, access: &Access) -> Outcome {
    let to_stdout = file == Path::new("-");
    let format = if to_stdout {
        Some(Format::Csv)
    } else {
        file.to_str().and_then(Format::of_name)
    };
    let Some(format) = format else {
        return Err(Failure::Usage(
            "the file must end in .csv or .xlsx, or be - for CSV on standard output".to_owned(),
        ));
    };
    if !to_stdout && !force && file.symlink_metadata().is_ok() {
        return Err(Failure::Failed(Error::new(
            Code::FileInvalid,
            format!("there is a file {} already: --force replaces it", file.display()),
        )));
    }
    Database::with(place, Missing::Refuse, |database| {
        let session = database.session(access)?;
        let exported = if to_stdout {
            let options = export::Options { format, mark: false };
            let (exported, _) = write(terminal, &session, options, Unseekable(io::stdout()))?;
            exported
        } else {
            let options = export::Options { format, mark: true };
            let partial = Partial::new(file)?;
            let (exported, out) = write(terminal, &session, options, partial.open()?)?;
            out.sync_all().map_err(|error| unwritable(file, &error))?;
            fs::rename(&partial.0, file).map_err(|error| unwritable(file, &error))?;
            exported
        };
        terminal.say(&format!("{} customers", exported.rows));
        if exported.partly > 0 {
            terminal.say(&format!(
                "of {} of them not everything is in the file: delivery addresses, further recipients, countries of residence, attributes without a custom field, and metadata beyond 256 columns have no column",
                exported.partly
            ));
        }
        Ok(())
    })
}

fn write<W: Write + Seek + Send>(
    terminal: &Terminal,
    session: &Arc<Session>,
    options: export::Options,
    out: W,
) -> Outcome<(Exported, W)> {
    let total = wait(|done| session.count_customers(done))?.max(1);
    let mut progress = Progress::new(terminal, "exporting");
    let outcome = export::export(session, options, out, &Arc::new(Watch::default()), |rows| {
        progress.at(rows as f64 / total as f64, &format!("{rows} rows"));
    });
    progress.finish();
    Ok(outcome?)
}

fn unwritable(file: &Path, error: &io::Error) -> Error {
    Error::new(
        Code::FileInvalid,
        format!(
            "{} cannot be written ({}): check its folder and its permissions",
            file.display(),
            error.kind()
        ),
    )
}

/// The export before it is whole, readable by nobody else: it holds personal
/// data. Removed unless it gets its name.
struct Partial(PathBuf);

impl Partial {
    fn new(target: &Path) -> Result<Self> {
        let mut name = target
            .file_name()
            .ok_or_else(|| Error::new(Code::FileInvalid, "the file has no name: give one"))?
            .to_owned();
        name.push(format!(".partial-{}", std::process::id()));
        Ok(Self(target.with_file_name(name)))
    }

    fn open(&self) -> Result<File> {
        let mut open = OpenOptions::new();
        open.write(true).create(true).truncate(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut open, 0o600);
        open.open(&self.0).map_err(|error| unwritable(&self.0, &error))
    }
}

impl Drop for Partial {
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.0);
    }
}

/// Standard output, which nobody asks to go back.
struct Unseekable<W>(W);

impl<W: Write> Write for Unseekable<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }
}

impl<W> Seek for Unseekable<W> {
    fn seek(&mut self, _to: SeekFrom) -> io::Result<u64> {
        Err(io::ErrorKind::NotSeekable.into())
    }
}
