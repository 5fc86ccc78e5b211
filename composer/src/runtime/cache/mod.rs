//! Compiled components on disk.
//!
//! # Against whom
//!
//! A file here becomes machine code of this program, so it is worth as much as
//! the program itself. It is believed only if it was written by somebody who has
//! the [`CacheKey`]. Who can write to the folder and does not have the key can
//!
//! * make, change, cut, swap and remove files: what is not exactly a file of ours
//!   for these bytes, this version of wasmtime and these settings is noticed, the
//!   component compiled from its own bytes again, and the file replaced;
//! * put back an older file of ours for the same bytes, version and settings,
//!   which does the same as the newer one;
//! * cost time, and fill the disk.
//!
//! Who has the key, or can read the memory of the program, or can change the
//! program, is not kept out. Nor is anything secret about the files: they can be
//! read by whoever can read the folder.
//!
//! The head of a file is checked first, and no more of it is read than what was
//! once written under that head. The code is read into memory, then checked, then
//! used from there: what happens to it on disk meanwhile changes nothing.
//!
//! # Several at once
//!
//! A file is written under a name of its own and then renamed, so whoever opens
//! one sees all of it. Who is slower replaces what is the same. What is left
//! under such a name when a program is killed is in nobody's way, and removed by
//! a runtime that finds it a day later.

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
/// When such a file is nobody's any more.
const ABANDONED: Duration = Duration::from_secs(24 * 60 * 60);

/// A folder of compiled components.
pub(super) struct CacheFolder {
    folder: PathBuf,
    key: CacheKey,
}

/// What a look into the folder has found.
pub(super) enum CacheLookup {
    Component(Component),
    /// There is a file, and it is not used.
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

    /// Looks for what was compiled from bytes with this hash.
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

    /// Keeps what was compiled from bytes with this hash, and says whether it
    /// could. Whoever loads it next compiles it again if not.
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

/// Opens a file, if it is one, and says how long it is. Somebody may have put a pipe
/// in its place, which would never end, or a link to something else.
fn open(path: &Path) -> io::Result<(File, u64)> {
    let other = || io::Error::new(io::ErrorKind::InvalidData, "it is not a file of ours");
    let mut options = OpenOptions::new();
    options.read(true);
    // A link is not followed, nor is anybody waited for at the other end of a pipe.
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
    // Of what was opened: under the name there may be something else by now.
    let metadata = file.metadata()?;
    match metadata.is_file() {
        true => Ok((file, metadata.len())),
        false => Err(other()),
    }
}

/// Puts a file in the place of another, in one step.
fn replace(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let own: [u8; 8] = random().map_err(|error| io::Error::other(error.to_string()))?;
    let own = u64::from_ne_bytes(own);
    let unfinished = path.with_extension(format!("{own:016x}{UNFINISHED}"));
    // Only a new file: what somebody else has put there is not followed.
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

/// Removes what programs left that were killed. It is no use to anybody, and if
/// it cannot be removed it is no harm either.
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
