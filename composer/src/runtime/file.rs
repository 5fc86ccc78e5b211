//! Reads components from files, and lists those of a folder.

use std::ffi::OsStr;
use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use crate::error::LoadError;

/// Reads a file, unless it has more than `limit` bytes.
pub(super) fn read(path: &Path, limit: u64) -> Result<Vec<u8>, LoadError> {
    let cannot = |error| LoadError::Read {
        path: path.to_owned(),
        error,
    };
    let too_large = |size| LoadError::TooLarge {
        origin: path.display().to_string(),
        size,
        limit,
    };
    // Opening a pipe would wait for a writer.
    let metadata = fs::metadata(path).map_err(cannot)?;
    if !metadata.is_file() {
        let error = io::Error::new(io::ErrorKind::InvalidInput, "it is not a file");
        return Err(cannot(error));
    }
    if metadata.len() > limit {
        return Err(too_large(metadata.len()));
    }
    let mut bytes = Vec::with_capacity(usize::try_from(metadata.len()).unwrap_or(0));
    // The file may grow meanwhile.
    let file = File::open(path).map_err(cannot)?;
    let mut file = file.take(limit.saturating_add(1));
    file.read_to_end(&mut bytes).map_err(cannot)?;
    match bytes.len() as u64 {
        size if size > limit => Err(too_large(size)),
        _ => Ok(bytes),
    }
}

/// The files directly in a folder whose names end in `.wasm`, in the order of
/// their names.
pub(super) fn wasm_files(folder: &Path) -> Result<Vec<PathBuf>, LoadError> {
    let cannot = |error| LoadError::Read {
        path: folder.to_owned(),
        error,
    };
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).map_err(cannot)? {
        let path = entry.map_err(cannot)?.path();
        if path.extension() == Some(OsStr::new("wasm")) && path.is_file() {
            files.push(path);
        }
    }
    files.sort();
    Ok(files)
}
