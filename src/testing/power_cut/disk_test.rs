//! The simulated disk against hand-written logs: what must be there, and what must be possible.

use std::collections::BTreeSet;
use std::path::PathBuf;

use super::disk::Disk;
use super::log::Log;

type Files = Vec<(PathBuf, Vec<u8>)>;

/// All the disks that a few thousand seeds find at the end of the log.
fn disks(log: &Log) -> BTreeSet<Files> {
    let mut disk = Disk::default();
    assert!(disk.go_to(log, log.len()).is_ok());
    (0..4000).map(|seed| disk.after_power_cut(log, seed)).collect()
}

/// The contents that one file of the log can have.
fn contents(log: &Log) -> BTreeSet<Vec<u8>> {
    disks(log).into_iter().flatten().map(|(_, content)| content).collect()
}

fn database() -> PathBuf {
    PathBuf::from("/data/main.db")
}

#[test]
fn what_a_sync_covers_is_on_every_disk() {
    let mut log = Log::default();
    let file = log.found(database(), Vec::new());
    log.written(file, 0, b"first".to_vec());
    log.truncated(file, 3);
    let begun = log.len();
    log.synced(file, begun);
    assert_eq!(contents(&log), BTreeSet::from([b"fir".to_vec()]));
}

#[test]
fn a_write_during_a_sync_is_not_covered() {
    let mut log = Log::default();
    let file = log.found(database(), b"old".to_vec());
    let begun = log.len();
    log.written(file, 0, b"new".to_vec());
    log.synced(file, begun);
    let contents = contents(&log);
    assert!(contents.contains(b"old".as_slice()) && contents.contains(b"new".as_slice()));
}

#[test]
fn unsynced_writes_survive_in_any_combination_and_harm_no_other_byte() {
    let mut log = Log::default();
    let file = log.found(database(), vec![b'.'; 7]);
    log.written(file, 1, b"a".to_vec());
    log.written(file, 3, b"b".to_vec());
    log.written(file, 5, b"c".to_vec());
    let all = (0..8).map(|bits| {
        let letter = |bit: u8, letter| if bits & bit == 0 { b'.' } else { letter };
        vec![
            b'.',
            letter(1, b'a'),
            b'.',
            letter(2, b'b'),
            b'.',
            letter(4, b'c'),
            b'.',
        ]
    });
    assert_eq!(contents(&log), all.collect());
}

#[test]
fn a_torn_write_loses_sectors_and_ends_of_sectors() {
    let mut log = Log::default();
    let file = log.found(database(), vec![b'.'; 2000]);
    log.written(file, 100, vec![b'x'; 1800]);
    let contents = contents(&log);
    let arrived = |content: &Vec<u8>, at: usize| content[at] == b'x';
    assert!(
        contents
            .iter()
            .any(|c| arrived(c, 511) && !arrived(c, 512) && arrived(c, 1024))
    );
    assert!(
        contents
            .iter()
            .any(|c| arrived(c, 600) && !arrived(c, 900) && arrived(c, 1024))
    );
    assert!(
        contents
            .iter()
            .any(|c| !arrived(c, 600) && arrived(c, 900) && !arrived(c, 1024))
    );
    assert!(
        contents
            .iter()
            .all(|c| c.len() == 2000 && !arrived(c, 99) && !arrived(c, 1900))
    );
}

#[test]
fn a_file_may_have_grown_without_its_bytes() {
    let mut log = Log::default();
    let file = log.found(database(), b"head".to_vec());
    log.written(file, 4, b"tail".to_vec());
    let contents = contents(&log);
    assert!(contents.contains(b"head".as_slice()));
    assert!(contents.contains(b"headtail".as_slice()));
    assert!(contents.contains(b"head\0\0\0\0".as_slice()));
    let garbage = |c: &&Vec<u8>| c.len() == 8 && !c.ends_with(b"tail") && !c.ends_with(b"\0");
    assert!(contents.iter().any(|c| garbage(&c)));
    assert!(contents.iter().all(|c| c.starts_with(b"head")));
}

#[test]
fn a_new_name_needs_a_sync_of_its_folder() {
    let mut log = Log::default();
    let file = log.created(database());
    let begun = log.len();
    log.synced(file, begun);
    let missing = Vec::new();
    let there = vec![(database(), Vec::new())];
    assert_eq!(disks(&log), BTreeSet::from([missing, there.clone()]));
    log.folder_synced(&database(), begun);
    assert_eq!(disks(&log), BTreeSet::from([there]));
}

#[test]
fn a_deleted_file_may_come_back_until_its_folder_is_synced() {
    let mut log = Log::default();
    log.found(database(), b"old".to_vec());
    log.deleted(&database());
    let file = log.created(database());
    log.written(file, 0, b"n".to_vec());
    let begun = log.len();
    log.synced(file, begun);
    let lying_there = |content: &[u8]| vec![(database(), content.to_vec())];
    let any = BTreeSet::from([Vec::new(), lying_there(b"old"), lying_there(b"n")]);
    assert_eq!(disks(&log), any);
    let begun = log.len();
    log.folder_synced(&database(), begun);
    assert_eq!(disks(&log), BTreeSet::from([lying_there(b"n")]));
}

#[test]
fn the_same_seed_gives_the_same_disk_also_after_going_back() {
    let mut log = Log::default();
    let file = log.created(database());
    for step in 0..50 {
        log.written(file, step * 300, vec![step as u8; 700]);
    }
    let mut disk = Disk::default();
    assert!(disk.go_to(&log, 30).is_ok());
    let before: Vec<_> = (0..20).map(|seed| disk.after_power_cut(&log, seed)).collect();
    assert!(disk.go_to(&log, 50).is_ok() && disk.go_to(&log, 30).is_ok());
    let after: Vec<_> = (0..20).map(|seed| disk.after_power_cut(&log, seed)).collect();
    assert!(before == after);
    assert!(disk.go_to(&log, 52).is_err());
}
