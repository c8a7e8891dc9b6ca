//! What an import did, row by row.

use serde_json::json;

use crate::{
    engine::import::{Fate, Policy},
    error::{Code, Error, Result},
    ops::{
        answer::ImportWord,
        customer::{CustomerImport, CustomerImportError},
    },
};

/// Most refusals that a report lists; the rest is only counted.
const MAX_ERRORS: usize = 1000;

pub(super) struct Report {
    answer: CustomerImport,
    /// Why the file could not be read to its end.
    pub(super) broken: Option<Error>,
}

impl Report {
    pub(super) fn new(policy: Policy) -> Self {
        let answer = CustomerImport {
            object: ImportWord("customer_import"),
            dry_run: policy.dry_run,
            rows: 0,
            created: 0,
            updated: 0,
            unchanged: 0,
            failed: 0,
            errors: Vec::new(),
        };
        Self { answer, broken: None }
    }

    /// Counts a row; `title` finds the column that an error is about.
    pub(super) fn count(&mut self, row: i64, fate: Fate, title: impl FnOnce(&Error) -> Option<String>) {
        let counter = match fate {
            Fate::Created => &mut self.answer.created,
            Fate::Updated => &mut self.answer.updated,
            Fate::Unchanged => &mut self.answer.unchanged,
            Fate::Failed(error) => return self.refuse(row, title(&error), &error),
        };
        *counter += 1;
        self.answer.rows += 1;
    }

    pub(super) fn refuse(&mut self, row: i64, column: Option<String>, error: &Error) {
        self.answer.rows += 1;
        self.answer.failed += 1;
        if self.answer.errors.len() < MAX_ERRORS {
            self.answer.errors.push(CustomerImportError {
                row,
                column,
                code: error.code().name().to_owned(),
                reason: error.message().to_owned(),
            });
        }
    }

    pub(super) fn progress(&self, fraction: f32) -> Result<String> {
        let CustomerImport {
            rows,
            created,
            updated,
            unchanged,
            failed,
            ..
        } = self.answer;
        let progress = (f64::from(fraction) * 1000.0).round() / 1000.0;
        crate::engine::to_json(&json!({
            "progress": progress, "rows": rows, "created": created, "updated": updated, "unchanged": unchanged, "failed": failed,
        }))
    }

    /// The whole report, rows in the file's order.
    pub(super) fn finished(mut self) -> Result<String> {
        if let Some(broken) = self.broken.take() {
            return Err(self.so_far(broken));
        }
        self.answer.errors.sort_by_key(|error| error.row);
        crate::engine::to_json(&self.answer)
    }

    /// An error that also tells what went in before it.
    pub(super) fn so_far(&self, error: Error) -> Error {
        let CustomerImport {
            rows,
            created,
            updated,
            dry_run,
            ..
        } = self.answer;
        let written = created + updated;
        let error = if written == 0 || dry_run {
            error
        } else {
            let code = error.code();
            let what = if code == Code::Aborted || code == Code::Timeout {
                "the import was stopped".to_owned()
            } else {
                error.message().to_owned()
            };
            let param = error.param().map(str::to_owned);
            let told = Error::new(
                code,
                format!("{what}; {written} rows went in before: importing the file again goes on from there"),
            );
            match param {
                Some(param) => told.with_param(param),
                None => told,
            }
        };
        error
            .with_detail("rows", rows)
            .with_detail("created", created)
            .with_detail("updated", updated)
    }
}
