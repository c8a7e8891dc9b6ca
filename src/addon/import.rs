//! `customers.import` with its file, and the template.

use std::path::PathBuf;

use crate::{
    error::{Code, Error, Result},
    import::Upload,
    spreadsheet::Source,
};

/// The file of an import: a path (removed afterwards when it was made for this
/// import), or the bytes themselves.
pub(super) fn upload(path: Option<String>, bytes: Option<Vec<u8>>, remove_after: bool) -> Result<Upload> {
    match (path, bytes) {
        (Some(path), None) => {
            let path = PathBuf::from(path);
            let temporary = remove_after.then(|| path.clone());
            Ok(Upload {
                source: Source::Path(path),
                temporary,
            })
        }
        (None, Some(bytes)) => Ok(Upload {
            source: Source::Bytes(bytes),
            temporary: None,
        }),
        _ => Err(Error::new(Code::ParameterMissing, "file is required").with_param("file")),
    }
}
