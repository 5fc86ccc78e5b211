//! What has been fetched.

use std::fs;
use std::path::PathBuf;

use composer::runtime::ContentHash;
use futures::StreamExt;
use wasm_pkg_client::caching::FileCache;
use wasm_pkg_client::{ContentDigest, ContentStream};

use crate::problem::Problem;
use crate::registry::{in_time, write_whole};

/// The largest component that is fetched, in bytes.
const LARGEST: usize = 1 << 30;

/// A folder with components, each under its digest.
pub(super) struct PackageCache {
    folder: PathBuf,
}

impl PackageCache {
    /// The cache of this user: beside that of the other tools for packages.
    pub(super) fn new() -> Result<Self, Problem> {
        let tools = FileCache::global_cache_path().ok_or_else(|| {
            Problem::new("this user has no folder for caches")
                .with_help("set `XDG_CACHE_HOME` or `HOME`")
        })?;
        Ok(PackageCache {
            folder: tools.with_file_name("wasm-composer").join("packages"),
        })
    }

    /// The file of a component, if it is there and nothing has changed it.
    pub(super) fn find(&self, digest: &ContentDigest) -> Option<PathBuf> {
        let file = self.file(digest);
        let bytes = fs::read(&file).ok()?;
        is_digest_of(digest, &bytes).then_some(file)
    }

    /// Keeps a component that comes in pieces, all of it or nothing.
    pub(super) async fn keep(
        &self,
        digest: &ContentDigest,
        mut pieces: ContentStream,
    ) -> Result<PathBuf, Problem> {
        let mut bytes = Vec::new();
        while let Some(piece) = in_time(pieces.next()).await? {
            bytes.extend(piece.map_err(|error| Problem::new(format!("{error:#}")))?);
            if bytes.len() > LARGEST {
                return Err(Problem::new(format!(
                    "it has more than {LARGEST} bytes, which is more than any component"
                )));
            }
        }
        if !is_digest_of(digest, &bytes) {
            return Err(Problem::new(format!(
                "what the registry sends is not what has the digest {digest}"
            )));
        }
        let file = self.file(digest);
        let folder = fs::create_dir_all(&self.folder);
        let written = folder.and_then(|()| write_whole(&file, &bytes));
        written.map_err(|error| {
            let folder = self.folder.display();
            Problem::new(format!("the cache `{folder}` cannot be written: {error}"))
        })?;
        Ok(file)
    }

    fn file(&self, digest: &ContentDigest) -> PathBuf {
        let name = digest.to_string().replace(':', "-");
        self.folder.join(format!("{name}.wasm"))
    }
}

fn is_digest_of(digest: &ContentDigest, bytes: &[u8]) -> bool {
    digest.to_string() == format!("sha256:{}", ContentHash::of(bytes))
}
