//! `proyecta migrate`, `backup` and `compact`.

use std::path::Path;

use super::{
    database::{Database, Missing, wait},
    failure::Outcome,
    place::Place,
    progress::Progress,
    terminal::Terminal,
};
use crate::store::sqlite;

/// `proyecta migrate`: opening applies what is missing.
pub fn migrate(terminal: &Terminal, place: &Place) -> Outcome {
    let before = place
        .file()
        .filter(|path| path.exists())
        .map(|path| sqlite::schema(&sqlite::Options::file(path)))
        .transpose()?
        .flatten();
    Database::with(place, Missing::Make, |database| {
        let health = wait(|done| database.engine.health(done))?;
        let line = match before {
            Some(before) if before == health.schema => format!("schema {before} is current: nothing to do"),
            Some(before) => format!("migrated from schema {before} to {}", health.schema),
            None => format!("schema {} is current", health.schema),
        };
        terminal.line(&line)
    })
}

/// `proyecta backup FILE`
pub fn backup(terminal: &Terminal, place: &Place, target: &Path) -> Outcome {
    Database::with(place, Missing::Refuse, |database| {
        let mut progress = Progress::new(terminal, "copying");
        let outcome = database.engine.backup(target, &mut |at| {
            progress.at(
                at.done as f64 / at.total.max(1) as f64,
                &format!("{} of {} pages", at.done, at.total),
            );
        });
        progress.finish();
        outcome?;
        terminal.line(&format!("copied {} to {}", place.shown(), target.display()))
    })
}

/// `proyecta compact`
pub fn compact(terminal: &Terminal, place: &Place) -> Outcome {
    Database::with(place, Missing::Refuse, |database| {
        let sizes = database.engine.compact()?;
        terminal.line(&format!(
            "rewrote {}: {} before, {} after",
            place.shown(),
            kibibytes(sizes.before),
            kibibytes(sizes.after)
        ))
    })
}

fn kibibytes(bytes: u64) -> String {
    format!("{} KiB", bytes.div_ceil(1024))
}
