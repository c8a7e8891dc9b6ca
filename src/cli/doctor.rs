//! `proyecta doctor`: what is well, what is not, and what to do about it.

use serde::Serialize;

use super::{
    args::Output,
    database::{Database, Missing, mode, refuse_missing, variable, wait},
    failure::{Failure, Outcome},
    place::Place,
    terminal::Terminal,
};
use crate::{
    domain::{
        api_key::{self, Mode},
        instant::Instant,
    },
    engine::{port::Clock, system::SystemClock, vault::Keys},
    error::Result,
    store::{migration, sqlite},
};

/// How a check came out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
enum Verdict {
    Ok,
    Warning,
    Failure,
}

impl Verdict {
    fn word(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Warning => "warning",
            Self::Failure => "failure",
        }
    }
}

#[derive(Serialize)]
struct Check {
    check: &'static str,
    verdict: Verdict,
    message: String,
}

fn ok(check: &'static str, message: impl Into<String>) -> Check {
    verdict(check, Verdict::Ok, message)
}

fn warning(check: &'static str, message: impl Into<String>) -> Check {
    verdict(check, Verdict::Warning, message)
}

fn verdict(check: &'static str, verdict: Verdict, message: impl Into<String>) -> Check {
    Check {
        check,
        verdict,
        message: message.into(),
    }
}

/// `proyecta doctor`. A database that is not there is not made, and one of an
/// older version is left as it is.
pub fn doctor(terminal: &Terminal, place: Result<Place>, output: Output) -> Outcome {
    let mut checks = Vec::new();
    let place = match place {
        Ok(place) => {
            checks.push(configuration(&place));
            Some(place)
        }
        Err(error) => {
            checks.push(verdict("configuration", Verdict::Failure, error.message()));
            None
        }
    };
    let newest = match &place {
        Some(place) => database(place, &mut checks),
        None => None,
    };
    checks.push(clock(SystemClock.now(), newest));
    checks.push(gateway());
    checks.push(warning(
        "mail",
        "not configured: this version sends no mail yet, so there is nothing to do",
    ));
    if output.json {
        terminal.json(&checks)?;
    } else {
        for check in &checks {
            let Check {
                check,
                verdict,
                message,
            } = check;
            terminal.line(&format!("{:<8} {check}: {message}", verdict.word()))?;
        }
    }
    if checks.iter().any(|check| check.verdict == Verdict::Failure) {
        return Err(Failure::Said);
    }
    Ok(())
}

/// Whether payment credentials could be kept.
fn gateway() -> Check {
    let Some(keys) = variable("PROYECTA_ENCRYPTION_KEY") else {
        return warning(
            "gateway",
            "test stores have the sandbox gateway, live stores none yet; PROYECTA_ENCRYPTION_KEY is not set, which a live store will need",
        );
    };
    match Keys::parse(&keys) {
        Ok(_) => ok(
            "gateway",
            "test stores have the sandbox gateway, live stores none yet; PROYECTA_ENCRYPTION_KEY is set",
        ),
        Err(error) => verdict(
            "gateway",
            Verdict::Failure,
            format!("PROYECTA_ENCRYPTION_KEY does not fit: {}", error.message()),
        ),
    }
}

fn configuration(place: &Place) -> Check {
    let named = format!("the database is {} ({})", place.shown(), place.named_by);
    if let Err(error) = mode() {
        return verdict("configuration", Verdict::Failure, error.message());
    }
    let Some(key) = variable("PROYECTA_API_KEY") else {
        return ok("configuration", format!("{named}; PROYECTA_API_KEY is not set"));
    };
    match api_key::mode_of(&key, mode().unwrap_or(Mode::Test)) {
        Ok(mode) => ok(
            "configuration",
            format!("{named}; PROYECTA_API_KEY is a {} key", mode.name()),
        ),
        Err(problem) => verdict(
            "configuration",
            Verdict::Failure,
            format!("PROYECTA_API_KEY {}", problem.message),
        ),
    }
}

/// Looks at the database; gives the latest time that is written in it.
fn database(place: &Place, checks: &mut Vec<Check>) -> Option<Instant> {
    if refuse_missing(place).is_err() {
        checks.push(warning(
            "database",
            format!(
                "there is none at {} yet: `proyecta serve`, or the first call of the SDK, makes it",
                place.shown()
            ),
        ));
        return None;
    }
    match schema(place) {
        Ok(Some(applied)) if applied < migration::newest() => {
            checks.push(warning(
                "database",
                format!(
                    "it has schema {applied}, this version knows {}: `proyecta migrate` brings it there, as does the next start",
                    migration::newest()
                ),
            ));
            return None;
        }
        Ok(_) => {}
        Err(error) => {
            checks.push(verdict("database", Verdict::Failure, error.message()));
            return None;
        }
    }
    let looked = Database::open(place, Missing::Refuse).and_then(|database| {
        let seen = look(&database);
        database.close();
        seen
    });
    match looked {
        Ok((found, newest)) => {
            checks.extend(found);
            newest
        }
        Err(error) => {
            checks.push(verdict("database", Verdict::Failure, error.message()));
            None
        }
    }
}

/// The schema of a file, read without changing it.
fn schema(place: &Place) -> Result<Option<i64>> {
    match place.file() {
        Some(path) => sqlite::schema(&sqlite::Options::file(path)),
        None => Ok(None),
    }
}

fn look(database: &Database) -> Result<(Vec<Check>, Option<Instant>)> {
    let health = wait(|done| database.engine.health(done))?;
    let stores = wait(|done| database.engine.list_stores(done))?;
    let keys = wait(|done| database.engine.list_keys(None, done))?;
    let now = database.engine.now();
    let usable = keys
        .iter()
        .filter(|listed| listed.key.revoked_at.is_none() && listed.key.expires_at.is_none_or(|end| end > now))
        .count();
    let mut checks = vec![ok(
        "database",
        format!("{}, schema {}, writable", health.version, health.schema),
    )];
    let counted = format!("{} stores, {usable} usable keys of {}", stores.len(), keys.len());
    checks.push(if stores.is_empty() {
        warning(
            "keys",
            "no store yet: `proyecta serve` or `proyecta stores create` makes one",
        )
    } else if usable == 0 {
        warning(
            "keys",
            format!("{counted}: `proyecta keys create` makes one, which HTTP needs"),
        )
    } else {
        ok("keys", counted)
    });
    let written = stores
        .iter()
        .map(|store| store.updated_at)
        .chain(
            keys.iter()
                .filter_map(|listed| listed.key.last_used_at.or(Some(listed.key.created_at))),
        )
        .max();
    Ok((checks, written))
}

/// Seconds that a clock may be behind what was written before.
const BEHIND_SECONDS: i64 = 60;

/// When this was written: no clock is right that shows an earlier time.
const WRITTEN: Instant = Instant::from_micros(1_790_000_000_000_000);

fn clock(now: Instant, newest: Option<Instant>) -> Check {
    let shown = now.to_string();
    let behind = newest.is_some_and(|newest| newest.micros() - now.micros() > BEHIND_SECONDS * 1_000_000);
    if behind {
        return verdict(
            "clock",
            Verdict::Failure,
            format!("it says {shown}, and the database was written later than that: set the machine's clock"),
        );
    }
    if now < WRITTEN {
        return verdict(
            "clock",
            Verdict::Failure,
            format!("it says {shown}, which is long ago: set the machine's clock"),
        );
    }
    ok("clock", format!("{shown} UTC"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clock_that_went_back_is_noticed() {
        let now = Instant::parse("2027-03-01T12:00:00Z").expect("a time");
        let later = Instant::parse("2027-03-01T12:02:00Z").expect("a time");
        assert_eq!(clock(now, None).verdict, Verdict::Ok);
        assert_eq!(clock(later, Some(now)).verdict, Verdict::Ok);
        assert_eq!(clock(now, Some(later)).verdict, Verdict::Failure);
        assert_eq!(clock(Instant::from_micros(0), None).verdict, Verdict::Failure);
    }
}
