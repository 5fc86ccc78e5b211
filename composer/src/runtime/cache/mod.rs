//! The cache of compiled components on disk.
//!
//! # Threat model
//!
//! A file here becomes machine code of this program, so it must be trusted as much as
//! the program itself. A file is used only if it was written by someone who has the
//! [`CacheKey`]. An attacker who can write to the folder but does not have the key can
//!
//! * make, change, truncate, swap and remove files. A file that was not written with the
//!   key for exactly these bytes, this version of wasmtime and these settings is noticed;
//!   then the component is compiled from its own bytes again, and the file is replaced;
//! * restore an older authentic file for the same bytes, version and settings, which
//!   does the same as the newer one;
//! * cost time, and fill the disk.
//!
//! There is no protection against an attacker who has the key, or can read the memory of
//! the program, or can change the program. The files are not secret: anyone who can read
//! the folder can read them.
//!
//! The head of a file is checked first, and at most as much is read after it as was once
//! written with that head. The code is read into memory, checked there, and used from
//! there, so changes on disk in the meantime have no effect.
//!
//! # Concurrent use
//!
//! A file is written under a unique name and then renamed, so a reader always sees a
//! whole file. A slower writer replaces a file with an equivalent one. A file that is
//! left under its unique name because a program was killed does no harm; a runtime that
//! finds it a day later removes it.

mod artefact;
mod hmac;
mod key;

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;

use wasmtime::component::Component;

pub use key::CacheKey;

use crate::error::RuntimeError;
use crate::load::engines::Engines;
use crate::runtime::ContentHash;
use crate::runtime::builder::random;

/// The end of the names of files that are not whole yet.
const UNFINISHED: &str = ".tmp";
/// The age at which such a file counts as abandoned.
const ABANDONED: Duration = Duration::from_secs(24 * 60 * 60);

/// A folder of compiled components.
pub(super) struct CacheFolder {
    folder: PathBuf,
    key: CacheKey,
}

/// The result of looking a component up in the folder.
pub(super) enum CacheLookup {
    Component(Component),
    /// There is a file, but it cannot be used.
    Rejected,
    Nothing,
}

impl CacheFolder {
    /// Opens a folder, and makes it if there is none.
    pub(super) fn open(folder: PathBuf, key: CacheKey) -> Result<Self, RuntimeError> {
        let cannot = |error| RuntimeError::CacheFolder {
            path: folder.clone(),
            error,
        };
        fs::create_dir_all(&folder).map_err(cannot)?;
        let folder = folder.canonicalize().map_err(cannot)?;
        if let Some(file) = key.file.as_ref().filter(|file| file.starts_with(&folder)) {
            return Err(RuntimeError::KeyInFolder { path: file.clone() });
        }
        remove_abandoned(&folder);
        Ok(CacheFolder { folder, key })
    }

    /// Looks up the component that was compiled from bytes with this hash.
    pub(super) fn find(&self, engines: &Engines, content: ContentHash) -> CacheLookup {
        let path = self.path(content);
        let (mut file, length) = match open(&path) {
            Ok(opened) => opened,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return CacheLookup::Nothing,
            Err(error) => {
                tracing::warn!(path = %path.display(), %error, "cannot read a compiled component");
                return CacheLookup::Rejected;
            }
        };
        match artefact::decode(&self.key, engines, content, length, &mut file) {
            Ok(component) => CacheLookup::Component(component),
            Err(refusal) => {
                tracing::warn!(
                    path = %path.display(),
                    reason = ?refusal,
                    "a compiled component is not used, and made anew"
                );
                CacheLookup::Rejected
            }
        }
    }

    /// Stores the component that was compiled from bytes with this hash, and returns
    /// whether that succeeded. If not, the next load compiles it again.
    pub(super) fn keep(
        &self,
        engines: &Engines,
        content: ContentHash,
        component: &Component,
    ) -> bool {
        let path = self.path(content);
        let file = artefact::encode(&self.key, engines, content, component);
        let kept = file
            .map_err(|error| format!("{error:#}"))
            .and_then(|file| replace(&path, &file).map_err(|error| error.to_string()));
        if let Err(error) = &kept {
            tracing::warn!(path = %path.display(), error, "cannot keep a compiled component");
        }
        kept.is_ok()
    }

    fn path(&self, content: ContentHash) -> PathBuf {
        self.folder.join(format!("{content}.code"))
    }
}

/// Opens a regular file, and returns it with its length. There might be a pipe in its
/// place, which would never end, or a link to something else.
fn open(path: &Path) -> io::Result<(File, u64)> {
    let other = || io::Error::new(io::ErrorKind::InvalidData, "it is not a file of ours");
    let mut options = OpenOptions::new();
    options.read(true);
    // Links are not followed, and opening a pipe does not wait for its other end.
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::custom_flags(
        &mut options,
        libc::O_NOFOLLOW | libc::O_NONBLOCK,
    );
    #[cfg(not(unix))]
    if !fs::symlink_metadata(path)?.is_file() {
        return Err(other());
    }
    let file = options.open(path)?;
    // The metadata is that of the opened file: the name may lead to another one by now.
    let metadata = file.metadata()?;
    match metadata.is_file() {
        true => Ok((file, metadata.len())),
        false => Err(other()),
    }
}

/// Replaces a file atomically.
fn replace(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let own: [u8; 8] = random().map_err(|error| io::Error::other(error.to_string()))?;
    let own = u64::from_ne_bytes(own);
    let unfinished = path.with_extension(format!("{own:016x}{UNFINISHED}"));
    // The file must be new, so that a link in its place is not followed.
    let mut file = OpenOptions::new()
        .write(true)
        .create_new(true)
        .open(&unfinished)?;
    let written = file.write_all(bytes).and_then(|()| {
        drop(file);
        fs::rename(&unfinished, path)
    });
    if written.is_err() {
        let _ = fs::remove_file(&unfinished);
    }
    written
}

/// Removes the unfinished files of programs that were killed. They are useless, and if
/// they cannot be removed they do no harm.
fn remove_abandoned(folder: &Path) {
    let Ok(entries) = fs::read_dir(folder) else {
        return;
    };
    for entry in entries.flatten() {
        let abandoned = entry.metadata().and_then(|metadata| metadata.modified());
        let abandoned = abandoned.ok().and_then(|modified| modified.elapsed().ok());
        let name = entry.file_name();
        if name.to_string_lossy().ends_with(UNFINISHED)
            && abandoned.is_some_and(|age| age > ABANDONED)
        {
            let _ = fs::remove_file(entry.path());
        }
    }
}
