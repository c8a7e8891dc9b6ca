//! No acknowledged write is lost when the power goes, at whatever moment: a workload runs over
//! the recording VFS, and then every one of a few thousand disks that a power cut may have left
//! is opened and looked at. Modes that are known to lose or break data prove that the look is
//! sharp enough.

#![cfg(unix)]

#[path = "power_cut_engine.rs"]
mod engine;

use std::path::Path;
use std::sync::Mutex;
use std::time::Duration;

use proyecta::testing::power_cut::Recorder;
use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags, params};

/// How SQLite is set up in a trial, and how many disks are looked at.
struct Trial {
    name: &'static str,
    journal_mode: &'static str,
    synchronous: &'static str,
    page_size: usize,
    commits: u32,
    moments: usize,
    seeds: u64,
}

/// What a trial's disks held, counted.
#[derive(Debug, Default)]
struct Verdicts {
    whole: usize,
    /// Consistent, but an acknowledged commit is missing.
    lost: usize,
    /// Damaged, or not a state that ever was between two commits.
    broken: usize,
    /// The first disk of the last two kinds, to look for its cause.
    first: Option<String>,
}

enum Verdict {
    Whole,
    Lost(String),
    Broken(String),
}

#[test]
fn wal_with_full_sync_keeps_every_acknowledged_commit() {
    for page_size in [1024, 4096] {
        let name = if page_size == 1024 {
            "wal-full-1k"
        } else {
            "wal-full-4k"
        };
        let verdicts = Trial {
            name,
            page_size,
            commits: 200,
            moments: 600,
            seeds: 2,
            ..WAL_FULL
        }
        .run();
        assert_eq!((verdicts.lost, verdicts.broken), (0, 0), "{verdicts:?}");
    }
}

#[test]
fn wal_with_normal_sync_loses_commits_but_stays_consistent() {
    let verdicts = Trial {
        name: "wal-normal",
        synchronous: "normal",
        ..WAL_FULL
    }
    .run();
    assert!(verdicts.lost > 0 && verdicts.broken == 0, "{verdicts:?}");
}

#[test]
fn wal_without_sync_breaks() {
    let verdicts = Trial {
        name: "wal-off",
        synchronous: "off",
        ..WAL_FULL
    }
    .run();
    assert!(verdicts.lost > 0 && verdicts.broken > 0, "{verdicts:?}");
}

#[test]
fn a_rollback_journal_keeps_every_acknowledged_commit_when_its_deletion_is_synced() {
    let verdicts = Trial {
        name: "delete-extra",
        synchronous: "extra",
        ..DELETE_FULL
    }
    .run();
    assert_eq!((verdicts.lost, verdicts.broken), (0, 0), "{verdicts:?}");
}

#[test]
fn a_rollback_journal_that_comes_back_undoes_the_last_commit() {
    let verdicts = DELETE_FULL.run();
    assert!(verdicts.lost > 0 && verdicts.broken == 0, "{verdicts:?}");
}

const WAL_FULL: Trial = Trial {
    name: "wal-full",
    journal_mode: "wal",
    synchronous: "full",
    page_size: 1024,
    commits: 100,
    moments: 200,
    seeds: 1,
};

const DELETE_FULL: Trial = Trial {
    name: "delete-full",
    journal_mode: "delete",
    ..WAL_FULL
};

impl Trial {
    fn run(&self) -> Verdicts {
        let recorder = Recorder::register(&format!("power-cut-{}", self.name)).unwrap();
        let folder = tempfile::tempdir().unwrap();
        let acknowledged = self.work(&recorder, &folder.path().join("main.db"));
        let mut verdicts = Verdicts::default();
        let survey = recorder.survey(folder.path(), self.moments, self.seeds, |cut| {
            let promised = acknowledged.partition_point(|position| *position <= cut.position);
            let (kind, what) = match look_at(&cut.disk.join("main.db"), promised) {
                Verdict::Whole => {
                    verdicts.whole += 1;
                    return;
                }
                Verdict::Lost(what) => (&mut verdicts.lost, what),
                Verdict::Broken(what) => (&mut verdicts.broken, what),
            };
            *kind += 1;
            verdicts.first.get_or_insert(format!("{cut:?}: {what}"));
        });
        survey.unwrap();
        verdicts
    }

    /// Commits one change after the other, with checkpoints of each kind in between, and
    /// answers where in the log each of them was acknowledged.
    fn work(&self, recorder: &Recorder, path: &Path) -> Vec<usize> {
        let mut connection = self.open(recorder, path);
        connection
            .execute_batch(
                "begin;
                 create table total (commits integer not null);
                 create table item (number integer primary key, text text not null);
                 create index item_by_text on item (text);
                 insert into total values (0);
                 commit;",
            )
            .unwrap();
        let mut acknowledged = Vec::new();
        for number in 1..=self.commits {
            let change = connection.transaction().unwrap();
            change.execute("update total set commits = ?1", [number]).unwrap();
            change
                .execute("insert into item values (?1, ?2)", params![number, text(number)])
                .unwrap();
            change.commit().unwrap();
            acknowledged.push(recorder.position());
            if number == self.commits / 2 {
                // The last one to close a database deletes its WAL.
                drop(connection);
                connection = self.open(recorder, path);
            }
            let checkpoint = match number {
                _ if number % 61 == 0 => "truncate",
                _ if number % 47 == 0 => "restart",
                _ if number % 23 == 0 => "passive",
                _ => continue,
            };
            let checkpoint = format!("pragma wal_checkpoint({checkpoint})");
            connection.query_row(&checkpoint, [], |_| Ok(())).unwrap();
        }
        acknowledged
    }

    fn open(&self, recorder: &Recorder, path: &Path) -> Connection {
        let flags = OpenFlags::default();
        let connection = Connection::open_with_flags_and_vfs(path, flags, recorder.vfs_name()).unwrap();
        let Self {
            journal_mode,
            synchronous,
            page_size,
            ..
        } = self;
        connection
            .execute_batch(&format!(
                "pragma page_size = {page_size}; pragma journal_mode = {journal_mode};
                 pragma synchronous = {synchronous}; pragma wal_autocheckpoint = 0;
                 pragma fullfsync = on; pragma checkpoint_fullfsync = on;"
            ))
            .unwrap();
        connection
    }
}

/// Long enough at times to need several pages, and different for each number.
fn text(number: u32) -> String {
    format!("{number:05} ").repeat(1 + number as usize * 7 % 90)
}

/// Opens the disk as the next start of the program would. The first `promised` commits must be
/// there, later ones may be, each as a whole and none without those before it.
fn look_at(path: &Path, promised: usize) -> Verdict {
    match commits_in(path) {
        Ok(commits) if commits >= promised => Verdict::Whole,
        Ok(commits) => Verdict::Lost(format!("{commits} of {promised} commits are left")),
        Err(what) => Verdict::Broken(what),
    }
}

fn commits_in(path: &Path) -> Result<usize, String> {
    let text_of = |error: rusqlite::Error| error.to_string();
    let connection = open_what_is_left(path)?;
    let one = |sql: &str| connection.query_row(sql, [], |row| row.get::<_, String>(0));
    if one("select count(*) || '' from sqlite_schema").map_err(text_of)? == "0" {
        return Ok(0);
    }
    let rows = "select number, text, (select commits from total) from item order by number";
    let mut rows = connection.prepare(rows).map_err(text_of)?;
    let rows = rows.query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)));
    let rows: Vec<(u32, String, u32)> = rows.and_then(Iterator::collect).map_err(text_of)?;
    for (index, (number, content, total)) in rows.iter().enumerate() {
        let in_place = *number as usize == index + 1 && *total as usize == rows.len();
        if !in_place || *content != text(*number) {
            return Err(format!("row {index} is {number} of {}, total {total}", rows.len()));
        }
    }
    Ok(rows.len())
}

/// Through SQLite's own VFS, and only when nothing in it is damaged.
fn open_what_is_left(path: &Path) -> Result<Connection, String> {
    let check = || -> rusqlite::Result<(Connection, String)> {
        let connection = Connection::open(path)?;
        // A look need not survive a power cut itself; without a last checkpoint it is twice as
        // fast.
        connection.execute_batch("pragma synchronous = off; pragma mmap_size = 8388608")?;
        connection.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true)?;
        let integrity = connection.query_row("pragma integrity_check", [], |row| row.get(0))?;
        Ok((connection, integrity))
    };
    match check() {
        Ok((connection, integrity)) if integrity == "ok" => Ok(connection),
        Ok((_, damage)) => Err(damage),
        Err(error) => Err(error.to_string()),
    }
}

#[test]
fn many_connections_at_once_keep_every_acknowledged_commit() {
    const WRITERS: u32 = 4;
    let recorder = Recorder::register("power-cut-many").unwrap();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("main.db");
    // Made without the recorder: it has to find what lies there already.
    let set_up = Connection::open(&path).unwrap();
    set_up
        .execute_batch(
            "pragma journal_mode = wal;
             create table item (writer integer not null, number integer not null, text text);
             insert into item values (4, 0, 'the first');",
        )
        .unwrap();
    drop(set_up);
    let first = (recorder.position(), (WRITERS, 0));
    let acknowledged = Mutex::new(vec![first]);
    std::thread::scope(|threads| {
        for writer in 0..WRITERS {
            let (recorder, path, acknowledged) = (&recorder, &path, &acknowledged);
            threads.spawn(move || {
                let connection = WAL_FULL.open(recorder, path);
                connection.busy_timeout(Duration::from_secs(60)).unwrap();
                connection.execute_batch("pragma wal_autocheckpoint = 10").unwrap();
                for number in 0..40 {
                    let row = params![writer, number, text(number)];
                    let insert = "insert into item values (?1, ?2, ?3)";
                    connection.execute(insert, row).unwrap();
                    let row = (recorder.position(), (writer, number));
                    acknowledged.lock().unwrap().push(row);
                }
            });
        }
    });
    let acknowledged = acknowledged.into_inner().unwrap();
    let survey = recorder.survey(folder.path(), 300, 1, |cut| {
        let connection =
            open_what_is_left(&cut.disk.join("main.db")).unwrap_or_else(|damage| panic!("{cut:?}: {damage}"));
        for (_, row) in acknowledged.iter().filter(|(at, _)| *at <= cut.position) {
            let sql = "select count(*) from item where (writer, number) = (?1, ?2)";
            let count = connection.query_row(sql, *row, |found| found.get(0));
            assert_eq!(count, Ok(1), "{cut:?}: {row:?}");
        }
    });
    survey.unwrap();
}

#[test]
fn a_recorder_says_what_it_cannot_do() {
    let recorder = Recorder::register("power-cut-refusals").unwrap();
    assert!(Recorder::register("power-cut-refusals").is_err());
    assert!(Recorder::register("power\0cut").is_err());
    let folder = tempfile::tempdir().unwrap();
    assert!(recorder.disk_after_power_cut(0, 1, folder.path()).is_err());
    assert!(
        recorder
            .disk_after_power_cut(1, 1, &folder.path().join("late"))
            .is_err()
    );
    for place in ["one", "other"] {
        let place = folder.path().join(place);
        std::fs::create_dir(&place).unwrap();
        drop(WAL_FULL.open(&recorder, &place.join("main.db")));
    }
    let end = recorder.position();
    assert!(
        recorder
            .disk_after_power_cut(end, 1, &folder.path().join("both"))
            .is_err()
    );
}

#[test]
fn a_database_outlives_its_recorder() {
    let recorder = Recorder::register("power-cut-dropped").unwrap();
    let folder = tempfile::tempdir().unwrap();
    let connection = WAL_FULL.open(&recorder, &folder.path().join("main.db"));
    drop(recorder);
    connection
        .execute_batch("create table item (number); insert into item values (1)")
        .unwrap();
    let count = connection.query_row("select count(*) from item", [], |row| row.get(0));
    assert_eq!(count, Ok(1));
}
