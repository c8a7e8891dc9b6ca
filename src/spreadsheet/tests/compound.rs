//! Writes compound files and the records in them, for the tests of `.xls`.

const END: u32 = 0xFFFF_FFFE;
const FREE: u32 = 0xFFFF_FFFF;

#[derive(Default)]
struct Disk {
    sectors: Vec<u8>,
    fat: Vec<u32>,
}

impl Disk {
    fn add(&mut self, data: &[u8]) -> u32 {
        let start = self.fat.len() as u32;
        for chunk in data.chunks(512) {
            self.sectors.extend(chunk);
            self.sectors.resize(self.sectors.len().next_multiple_of(512), 0);
            self.fat.push(self.fat.len() as u32 + 1);
        }
        match self.fat.last_mut() {
            Some(last) if !data.is_empty() => *last = END,
            _ => return END,
        }
        start
    }
}

fn entry(name: &str, kind: u8, start: u32, size: usize) -> [u8; 128] {
    let mut entry = [0; 128];
    for (i, unit) in name.encode_utf16().enumerate() {
        entry[2 * i..2 * i + 2].copy_from_slice(&unit.to_le_bytes());
    }
    entry[64] = (name.encode_utf16().count() * 2 + 2) as u8;
    entry[66] = kind;
    entry[116..120].copy_from_slice(&start.to_le_bytes());
    entry[120..124].copy_from_slice(&(size as u32).to_le_bytes());
    entry
}

fn words(words: &[u32]) -> Vec<u8> {
    words.iter().flat_map(|w| w.to_le_bytes()).collect()
}

/// A compound file of these streams; short ones go to the mini stream.
pub(super) fn compound(streams: &[(&str, &[u8])]) -> Vec<u8> {
    let mut disk = Disk::default();
    let (mut mini, mut mini_fat) = (Vec::new(), Vec::new());
    let mut directory = Vec::new();
    for (name, data) in streams {
        let start = if data.len() >= 4096 {
            disk.add(data)
        } else {
            let start = mini_fat.len() as u32;
            for chunk in data.chunks(64) {
                mini.extend(chunk);
                mini.resize(mini.len().next_multiple_of(64), 0);
                mini_fat.push(mini_fat.len() as u32 + 1);
            }
            if let Some(last) = mini_fat.last_mut() {
                *last = END;
            }
            start
        };
        directory.push(entry(name, 2, start, data.len()));
    }
    let mini_start = disk.add(&mini);
    directory.insert(0, entry("Root Entry", 5, mini_start, mini.len()));
    let mini_fat_start = disk.add(&words(&mini_fat));
    let directory_start = disk.add(&directory.concat());
    let count = (disk.fat.len() + disk.fat.len() / 127 + 1).div_ceil(128);
    let first = disk.fat.len() as u32;
    disk.fat.resize(disk.fat.len() + count, 0xFFFF_FFFD);
    disk.fat.resize(count * 128, FREE);

    let mut file = vec![0; 76];
    file[..8].copy_from_slice(b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1");
    for (at, value) in [(24, 0x3E_u16), (26, 3), (28, 0xFFFE), (30, 9), (32, 6)] {
        file[at..at + 2].copy_from_slice(&value.to_le_bytes());
    }
    for (at, value) in [
        (44, count as u32),
        (48, directory_start),
        (56, 4096),
        (60, mini_fat_start),
        (64, 1),
        (68, END),
    ] {
        file[at..at + 4].copy_from_slice(&value.to_le_bytes());
    }
    let mut tables: Vec<u32> = (first..first + count as u32).collect();
    tables.resize(109, FREE);
    file.extend(words(&tables));
    file.extend(disk.sectors);
    file.extend(words(&disk.fat));
    file
}

/// A record of the workbook stream.
pub(super) fn record(kind: u16, data: &[u8]) -> Vec<u8> {
    [&kind.to_le_bytes()[..], &(data.len() as u16).to_le_bytes(), data].concat()
}

/// A workbook stream: globals, then one sheet with these records.
pub(super) fn book(version: u16, globals: &[u8], sheet: &[u8]) -> Vec<u8> {
    let bof = |kind: u16| {
        record(
            0x0809,
            &[version.to_le_bytes(), kind.to_le_bytes(), [0; 2], [0; 2]].concat(),
        )
    };
    let before = [&bof(5)[..], globals].concat();
    // Position, visible, work sheet, then the name "a".
    let name: &[u8] = if version == 0x0600 { &[1, 0, b'a'] } else { &[1, b'a'] };
    let position = (before.len() + 4 + 6 + name.len() + 4) as u32;
    let bound = record(0x0085, &[&position.to_le_bytes()[..], &[0, 0], name].concat());
    [
        &before[..],
        &bound,
        &record(0x000A, &[]),
        &bof(0x10),
        sheet,
        &record(0x000A, &[]),
    ]
    .concat()
}

/// Row, column and style, as most cells begin.
pub(super) fn cell(kind: u16, row: u16, column: u16, rest: &[u8]) -> Vec<u8> {
    record(
        kind,
        &[&row.to_le_bytes()[..], &column.to_le_bytes(), &[0, 0], rest].concat(),
    )
}

/// A `.xls` of one sheet in version 8.
pub(super) fn xls(globals: &[u8], sheet: &[u8]) -> Vec<u8> {
    compound(&[("Workbook", &book(0x0600, globals, sheet))])
}
