//! `customers.import`: from a file's rows to the engine's batches, and the
//! template that people fill in.
//!
//! Reading and writing overlap: while one batch is being written the next is
//! read and checked. Nothing grows with the file but counters.

mod report;
mod row;

use std::{
    path::PathBuf,
    sync::{Arc, mpsc},
};

use self::{report::Report, row::RowReader};
use crate::{
    domain::custom_field::FieldType,
    engine::{
        Answered, Reply, Session,
        import::{Draft, Headings, Policy, Seen},
        port::{CustomFieldRecord, Watch},
    },
    error::{Code, Error, Result},
    ops::{
        Op,
        customer::{CustomerImportParams, CustomerImportTemplateParams},
        param::OnExisting,
        read::Input,
    },
    spreadsheet::{self, FieldHeader, FieldKind, FileError, Limits, Locale, Source, Table},
};

/// Rows in one transaction: large enough to share its cost, small enough that
/// nobody who writes beside an import waits long.
const BATCH: usize = 500;
/// Batches between the reader and the writer.
const AHEAD: usize = 2;

/// The file to import.
pub struct Upload {
    /// Where its bytes are.
    pub source: Source,
    /// A temporary file to be removed at the end, whatever happens.
    pub temporary: Option<PathBuf>,
}

impl Drop for Upload {
    fn drop(&mut self) {
        if let Some(path) = self.temporary.take() {
            let _ = std::fs::remove_file(path);
        }
    }
}

/// Gets JSON that says how far an import has come.
pub type Progress = Box<dyn Fn(String) + Send>;

/// Imports a file; `reply` gets the report.
pub fn import(
    session: &Arc<Session>,
    upload: Upload,
    input: &str,
    watch: Arc<Watch>,
    progress: Progress,
    reply: Reply,
) {
    let policy = match session.permit(Op::CustomersImport).and_then(|()| read_policy(input)) {
        Ok(policy) => policy,
        Err(error) => return reply.send(Err(error)),
    };
    let (for_fields, for_work) = (Arc::clone(session), Arc::clone(session));
    for_fields.custom_fields(move |fields| match fields {
        Err(error) => reply.send(Err(error)),
        Ok(fields) => {
            // Without a thread the closure is dropped, and the reply says so.
            let threads = Arc::clone(&for_work);
            threads.spawn_thread(move || {
                let report = Report::new(policy);
                let run = Run {
                    session: for_work,
                    policy,
                    watch,
                    progress,
                    report,
                };
                reply.send(run.whole(upload, &fields).map(Answered::Json));
            });
        }
    });
}

/// Makes the `.xlsx` to fill in; `reply` gets its bytes.
pub fn template(session: &Arc<Session>, input: &str, reply: Reply) {
    let checked = parse(input).and_then(CustomerImportTemplateParams::read_input);
    if let Err(error) = checked {
        return reply.send(Err(error));
    }
    let blocking = Arc::clone(session);
    session.headings(move |headings| match headings {
        Err(error) => reply.send(Err(error)),
        Ok(Headings { fields, korean }) => blocking.spawn_blocking(move || {
            let fields: Vec<FieldHeader> = fields
                .iter()
                .filter(|field| field.definition.enabled)
                .map(header)
                .collect();
            let file = spreadsheet::template(&fields, if korean { Locale::Ko } else { Locale::En });
            reply.send(
                file.map(Answered::File)
                    .map_err(|error| Error::new(Code::FileInvalid, error.to_string())),
            );
        }),
    });
}

fn parse(input: &str) -> Result<serde_json::Value> {
    serde_json::from_str(input)
        .map_err(|error| Error::new(Code::ParameterInvalid, format!("the parameters are no JSON: {error}")))
}

fn read_policy(input: &str) -> Result<Policy> {
    let params = CustomerImportParams::read_input(parse(input)?)?;
    Ok(Policy {
        on_existing: params.on_existing.unwrap_or(OnExisting::Skip),
        dry_run: params.dry_run.unwrap_or(false),
    })
}

/// A custom field as the columns of a file know it.
pub(crate) fn header(field: &CustomFieldRecord) -> FieldHeader {
    let definition = &field.definition;
    FieldHeader {
        key: definition.key.clone(),
        label: definition.label.clone(),
        kind: match definition.kind {
            FieldType::Text => FieldKind::Text,
            FieldType::Email => FieldKind::Email,
            FieldType::Password => FieldKind::Password,
            FieldType::Phone => FieldKind::Phone,
            FieldType::Checkbox => FieldKind::Checkbox,
            FieldType::Dropdown => FieldKind::Dropdown,
            FieldType::Calendar => FieldKind::Calendar,
            FieldType::Number => FieldKind::Number,
            FieldType::Comment => FieldKind::Comment,
        },
        required: definition.required,
        choices: definition.choices.clone(),
    }
}

fn refused(error: &FileError) -> Error {
    Error::new(Code::FileInvalid, error.to_string())
        .with_param("file")
        .with_detail("reason", error.code())
}

type Fates = Vec<(i64, crate::engine::import::Fate)>;

struct Run {
    session: Arc<Session>,
    policy: Policy,
    watch: Arc<Watch>,
    progress: Progress,
    report: Report,
}

impl Run {
    fn whole(mut self, upload: Upload, fields: &[CustomFieldRecord]) -> Result<String> {
        let mut upload = upload;
        let source = std::mem::replace(&mut upload.source, Source::Bytes(Vec::new()));
        let watch = Arc::clone(&self.watch);
        let stop = Arc::new(move || watch.reason().is_some());
        let outcome = spreadsheet::open_until(source, &Limits::default(), stop)
            .map_err(|error| refused(&error))
            .and_then(|mut table| {
                let headers: Vec<FieldHeader> = fields.iter().map(header).collect();
                let rows = RowReader::new(&table, headers).map_err(|error| refused(&error))?;
                if self.policy.dry_run {
                    self.check(&mut table, &rows)
                } else {
                    self.write(&mut table, &rows)
                }
            });
        drop(upload);
        match (outcome, self.watch.reason()) {
            (Ok(()), _) => self.report.finished(),
            (Err(_), Some(reason)) => Err(self.report.so_far(reason)),
            (Err(error), None) => Err(self.report.so_far(error)),
        }
    }

    /// Writes batch after batch, reading ahead.
    fn write(&mut self, table: &mut Table, rows: &RowReader) -> Result<()> {
        let (send, receive) = mpsc::channel::<Result<Fates>>();
        let mut under_way = 0;
        let read = loop {
            let (drafts, end) = match self.next_batch(table, rows) {
                Ok(batch) => batch,
                Err(error) => break Err(error),
            };
            if !drafts.is_empty() {
                let send = send.clone();
                self.session
                    .import_batch(self.policy, drafts, &self.watch, move |fates| drop(send.send(fates)));
                under_way += 1;
            }
            while under_way > if end { 0 } else { AHEAD - 1 } {
                under_way -= 1;
                self.settle(&receive, table, rows)?;
            }
            if end {
                break Ok(());
            }
        };
        // A file that breaks off: what was read before it is still written.
        for _ in 0..under_way {
            self.settle(&receive, table, rows)?;
        }
        read
    }

    fn settle(&mut self, receive: &mpsc::Receiver<Result<Fates>>, table: &Table, rows: &RowReader) -> Result<()> {
        let fates = receive
            .recv()
            .map_err(|_| Error::internal("a batch was never answered"))??;
        self.count(fates, table, rows)
    }

    fn check(&mut self, table: &mut Table, rows: &RowReader) -> Result<()> {
        let mut seen = Seen::default();
        loop {
            let (drafts, end) = self.next_batch(table, rows)?;
            let (send, receive) = mpsc::channel();
            self.session
                .check_batch(self.policy, drafts, seen, &self.watch, move |outcome| {
                    drop(send.send(outcome))
                });
            let (back, fates) = receive
                .recv()
                .map_err(|_| Error::internal("a batch was never answered"))??;
            seen = back;
            self.count(fates, table, rows)?;
            if end {
                return Ok(());
            }
        }
    }

    fn count(&mut self, fates: Fates, table: &Table, rows: &RowReader) -> Result<()> {
        for (row, fate) in fates {
            self.report.count(row, fate, |error| rows.title_of(error));
        }
        (self.progress)(self.report.progress(table.progress())?);
        Ok(())
    }

    /// The next rows that could be read; refused ones go to the report.
    fn next_batch(&mut self, table: &mut Table, rows: &RowReader) -> Result<(Vec<Draft>, bool)> {
        let mut drafts = Vec::with_capacity(BATCH);
        while drafts.len() < BATCH {
            match table.next_row() {
                None => return Ok((drafts, true)),
                Some(Err(error)) => {
                    // Handed on as a batch of its own would be too late: what
                    // was read before the break counts.
                    if drafts.is_empty() {
                        return Err(refused(&error));
                    }
                    self.report.broken = Some(refused(&error));
                    return Ok((drafts, true));
                }
                Some(Ok(row)) => match rows.draft(&row, self.policy) {
                    Ok(draft) => drafts.push(draft),
                    Err((column, error)) => self.report.refuse(i64::from(row.number), column, &error),
                },
            }
        }
        Ok((drafts, false))
    }
}
