//! The secret key that authenticates this program's compiled components.

use std::fmt;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Write};
use std::path::Path;

use crate::error::RuntimeError;
use crate::runtime::builder::random;

/// The secret key of a folder for compiled components: 32 bytes.
///
/// Anyone who has the key can make files for that folder which the program runs as its
/// own code. So the key must not lie in the folder, nor anywhere else that can be read or
/// written by those who can write to the folder.
///
/// ```
/// use composer::Runtime;
/// use composer::runtime::CacheKey;
///
/// # fn main() -> Result<(), composer::RuntimeError> {
/// # let folder = std::env::temp_dir().join(format!("composer-key-{}", std::process::id()));
/// # std::fs::create_dir_all(&folder).unwrap();
/// # let (keys, cache) = (folder.join("keys"), folder.join("cache"));
/// # std::fs::create_dir(&keys).unwrap();
/// // The file is made at the first start, for its owner alone.
/// let key = CacheKey::from_file(keys.join("components.key"))?;
/// let runtime = Runtime::builder().cache_folder(cache, key).build()?;
/// # drop(runtime);
/// # std::fs::remove_dir_all(&folder).unwrap();
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct CacheKey {
    bytes: [u8; 32],
    /// The file that holds the key, if there is one, with links resolved.
    pub(super) file: Option<std::path::PathBuf>,
}

impl CacheKey {
    /// A key that the embedder keeps. It should be random.
    pub fn from_bytes(bytes: [u8; 32]) -> Self {
        CacheKey { bytes, file: None }
    }

    /// A new random key. What is cached with it becomes useless once the key is gone, so
    /// this is for a folder that several runtimes of one process share.
    ///
    /// # Errors
    ///
    /// [`RuntimeError::Randomness`].
    pub fn generate() -> Result<Self, RuntimeError> {
        Ok(CacheKey::from_bytes(random()?))
    }

    /// The key in a file. If the file does not exist, it is made with a new key, and only
    /// its owner can read it. If several programs do so at once, all get the same key.
    /// The file's folder must exist.
    ///
    /// This blocks.
    ///
    /// # Errors
    ///
    /// [`RuntimeError::Key`], [`RuntimeError::NotAKey`], or on Unix
    /// [`RuntimeError::ExposedKey`] if users other than the owner can read the file or
    /// write to it.
    pub fn from_file(path: impl AsRef<Path>) -> Result<Self, RuntimeError> {
        let path = path.as_ref();
        let cannot = |error| RuntimeError::Key {
            path: path.to_owned(),
            error,
        };
        let file = match File::open(path) {
            Ok(file) => file,
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                make(path)?;
                File::open(path).map_err(cannot)?
            }
            Err(error) => return Err(cannot(error)),
        };
        let metadata = file.metadata().map_err(cannot)?;
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            let mode = metadata.permissions().mode() & 0o777;
            if mode & 0o077 != 0 {
                let path = path.to_owned();
                return Err(RuntimeError::ExposedKey { path, mode });
            }
        }
        let not_a_key = || RuntimeError::NotAKey {
            path: path.to_owned(),
            size: metadata.len(),
        };
        if !metadata.is_file() || metadata.len() != 32 {
            return Err(not_a_key());
        }
        let mut bytes = Vec::with_capacity(33);
        file.take(33).read_to_end(&mut bytes).map_err(cannot)?;
        Ok(CacheKey {
            bytes: bytes.try_into().map_err(|_| not_a_key())?,
            file: Some(path.canonicalize().map_err(cannot)?),
        })
    }

    pub(super) fn bytes(&self) -> &[u8; 32] {
        &self.bytes
    }
}

/// Makes a new key, unless another program makes one first. The file appears whole or
/// not at all.
fn make(path: &Path) -> Result<(), RuntimeError> {
    let cannot = |error| RuntimeError::Key {
        path: path.to_owned(),
        error,
    };
    let key: [u8; 32] = random()?;
    let own: [u8; 8] = random()?;
    let mut name = path.as_os_str().to_owned();
    name.push(format!(".{:016x}.tmp", u64::from_ne_bytes(own)));
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(&name).map_err(cannot)?;
    let made = file.write_all(&key).and_then(|()| file.sync_all());
    // A hard link is made, since renaming would replace a key that another program has
    // made first.
    let made = made.and_then(|()| fs::hard_link(&name, path));
    let _ = fs::remove_file(&name);
    match made {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => Err(cannot(error)),
        _ => Ok(()),
    }
}

/// Omits the secret.
impl fmt::Debug for CacheKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CacheKey")
            .field("file", &self.file)
            .finish_non_exhaustive()
    }
}
