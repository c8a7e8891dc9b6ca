//! The log of everything that changed a file, in the order in which it happened.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

/// One file's content, whatever its name: a name that is deleted and created again leads to
/// another file.
pub(super) type FileId = usize;

/// One step in the life of the recorded files. `begun` of a sync is the length of the log when
/// it began: it vouches for changes before that, not for those that others made meanwhile.
pub(super) enum Change {
    /// A file that lay on the disk before it was first opened.
    Found {
        file: FileId,
        content: Vec<u8>,
    },
    Created {
        file: FileId,
    },
    Written {
        file: FileId,
        offset: usize,
        bytes: Vec<u8>,
    },
    Truncated {
        file: FileId,
        size: usize,
    },
    Synced {
        file: FileId,
        begun: usize,
    },
    Deleted {
        path: PathBuf,
    },
    FolderSynced {
        folder: PathBuf,
        begun: usize,
    },
}

#[derive(Default)]
pub(super) struct Log {
    changes: Vec<Change>,
    paths: Vec<PathBuf>,
    names: HashMap<PathBuf, FileId>,
}

impl Log {
    pub(super) fn len(&self) -> usize {
        self.changes.len()
    }

    pub(super) fn change(&self, position: usize) -> &Change {
        &self.changes[position]
    }

    /// Where the file lay when it was opened first.
    pub(super) fn path(&self, file: FileId) -> &Path {
        &self.paths[file]
    }

    /// The file that the name leads to now, if it was ever opened.
    pub(super) fn file_at(&self, path: &Path) -> Option<FileId> {
        self.names.get(path).copied()
    }

    pub(super) fn found(&mut self, path: PathBuf, content: Vec<u8>) -> FileId {
        let file = self.name(path);
        self.changes.push(Change::Found { file, content });
        file
    }

    pub(super) fn created(&mut self, path: PathBuf) -> FileId {
        let file = self.name(path);
        self.changes.push(Change::Created { file });
        file
    }

    pub(super) fn written(&mut self, file: FileId, offset: usize, bytes: Vec<u8>) {
        self.changes.push(Change::Written { file, offset, bytes });
    }

    pub(super) fn truncated(&mut self, file: FileId, size: usize) {
        self.changes.push(Change::Truncated { file, size });
    }

    pub(super) fn synced(&mut self, file: FileId, begun: usize) {
        self.changes.push(Change::Synced { file, begun });
    }

    pub(super) fn deleted(&mut self, path: &Path) {
        self.names.remove(path);
        self.changes.push(Change::Deleted { path: path.to_owned() });
    }

    pub(super) fn folder_synced(&mut self, path_inside: &Path, begun: usize) {
        if let Some(folder) = path_inside.parent() {
            self.changes.push(Change::FolderSynced {
                folder: folder.to_owned(),
                begun,
            });
        }
    }

    fn name(&mut self, path: PathBuf) -> FileId {
        let file = self.paths.len();
        self.names.insert(path.clone(), file);
        self.paths.push(path);
        file
    }
}
