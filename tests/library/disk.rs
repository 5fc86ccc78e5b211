//! The cache on disk, and the checks before its files are trusted.

use std::fs;
use std::path::{Path, PathBuf};

use composer::runtime::{CacheKey, Limits};
use composer::{Runtime, RuntimeError};

use super::{ask, counts, number};
use crate::support::events::heard;

/// The bytes before the code in a file.
const HEAD: usize = 153;

fn key() -> CacheKey {
    CacheKey::from_bytes([7; 32])
}

fn open(folder: &Path) -> Runtime {
    Runtime::builder()
        .cache_folder(folder, key())
        .build()
        .unwrap()
}

/// The files that are kept in a folder.
fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).unwrap();
    let mut files: Vec<_> = entries.map(|entry| entry.unwrap().path()).collect();
    files.sort();
    files
}

/// A folder with one component in it that returns 5, and its file.
async fn kept() -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let runtime = open(folder.path());
    runtime.load_bytes("n", number(5)).await.unwrap();
    assert_eq!(counts(&runtime), (1, 0, 0));
    let [file] = &*files(folder.path()) else {
        panic!("{:?}", files(folder.path()));
    };
    (folder, file.clone())
}

/// That a file is refused, the component works all the same, and the file is
/// replaced by one that is believed.
async fn refused_and_replaced(folder: &Path, what: &str) {
    let runtime = open(folder);
    let loaded = runtime.load_bytes("n", number(5)).await.unwrap();
    assert_eq!(counts(&runtime), (1, 0, 1), "{what}");
    assert_eq!(ask(&loaded).await, 5, "{what}");
    let runtime = open(folder);
    let loaded = runtime.load_bytes("n", number(5)).await.unwrap();
    assert_eq!(counts(&runtime), (0, 1, 0), "{what}");
    assert_eq!(ask(&loaded).await, 5, "{what}");
}

#[tokio::test]
async fn compiled_once_for_all_runs() {
    let (folder, file) = kept().await;
    let before = fs::read(&file).unwrap();
    let runtime = open(folder.path());
    let loaded = runtime.load_bytes("another name", number(5)).await.unwrap();
    assert_eq!(counts(&runtime), (0, 1, 0));
    assert_eq!(ask(&loaded).await, 5);
    assert_eq!(fs::read(&file).unwrap(), before);
    // With the engine that suits it, whichever that is.
    let waits = "(component (import \"f\" (func async)))";
    for compiled in [1, 0] {
        let runtime = open(folder.path());
        let loaded = runtime.load_bytes("waits", waits).await.unwrap();
        assert!(loaded.component().engine().get_concurrency_support());
        assert_eq!(counts(&runtime), (compiled, 1 - compiled, 0));
    }
}

/// One bit at a time, in each part of the file and all over it.
#[tokio::test]
async fn a_flipped_bit() {
    let (folder, file) = kept().await;
    let whole = fs::read(&file).unwrap();
    let step = whole.len() / 40;
    let places = [
        0,
        15,
        16,
        47,
        48,
        79,
        80,
        111,
        112,
        113,
        120,
        121,
        152,
        153,
        154,
        whole.len() - 1,
    ];
    let places = places.into_iter().chain((0..whole.len()).step_by(step));
    for place in places {
        let mut changed = whole.clone();
        changed[place] ^= 1 << (place % 8);
        fs::write(&file, changed).unwrap();
        let runtime = open(folder.path());
        let loaded = runtime.load_bytes("n", number(5)).await.unwrap();
        assert_eq!(counts(&runtime), (1, 0, 1), "at {place}");
        assert_eq!(ask(&loaded).await, 5);
    }
    assert_eq!(files(folder.path()).len(), 1);
}

#[tokio::test]
async fn a_file_cut_short_or_longer() {
    let (folder, file) = kept().await;
    let whole = fs::read(&file).unwrap();
    let lengths = [
        0,
        1,
        16,
        48,
        112,
        152,
        153,
        200,
        whole.len() / 2,
        whole.len() - 1,
    ];
    for length in lengths {
        fs::write(&file, &whole[..length]).unwrap();
        refused_and_replaced(folder.path(), &format!("{length} bytes")).await;
    }
    fs::write(&file, [&*whole, &[0]].concat()).unwrap();
    refused_and_replaced(folder.path(), "longer").await;
    // Gigabytes of nothing, which take no room on disk, and would take it in memory.
    for head in [HEAD, 0] {
        fs::write(&file, &whole[..head]).unwrap();
        let sparse = fs::File::options().write(true).open(&file).unwrap();
        sparse.set_len(3 << 30).unwrap();
        refused_and_replaced(folder.path(), "huge").await;
    }
}

/// Files that are whole and ours, each under the other's name.
#[tokio::test]
async fn swapped_files() {
    let (folder, file) = kept().await;
    let runtime = open(folder.path());
    runtime.load_bytes("m", number(6)).await.unwrap();
    let all = files(folder.path());
    let other = all.iter().find(|path| **path != file).unwrap();
    let (a, b) = (fs::read(&file).unwrap(), fs::read(other).unwrap());
    fs::write(&file, b).unwrap();
    fs::write(other, a).unwrap();
    refused_and_replaced(folder.path(), "swapped").await;
}

#[tokio::test]
async fn another_key() {
    let (folder, _) = kept().await;
    let other = CacheKey::from_bytes([8; 32]);
    let runtime = Runtime::builder()
        .cache_folder(folder.path(), other)
        .build()
        .unwrap();
    let loaded = runtime.load_bytes("n", number(5)).await.unwrap();
    assert_eq!(counts(&runtime), (1, 0, 1));
    assert_eq!(ask(&loaded).await, 5);
    refused_and_replaced(folder.path(), "another key").await;
}

/// What wasmtime itself would take: a file of its own, by whoever can run it.
#[tokio::test]
async fn code_without_a_header() {
    let (folder, file) = kept().await;
    let runtime = Runtime::new().unwrap();
    let evil = runtime.load_bytes("evil", number(666)).await.unwrap();
    let code = evil.component().serialize().unwrap();
    fs::write(&file, &code).unwrap();
    refused_and_replaced(folder.path(), "bare code").await;
    // The same behind a header of ours.
    let mut forged = fs::read(&file).unwrap()[..HEAD].to_vec();
    forged.extend(code);
    fs::write(&file, forged).unwrap();
    refused_and_replaced(folder.path(), "code behind our header").await;
}

/// Code that was compiled for engines with other settings.
#[tokio::test]
async fn other_settings() {
    let (folder, _) = kept().await;
    let other = || {
        Runtime::builder()
            .limits(Limits::strict())
            .cache_folder(folder.path(), key())
            .build()
            .unwrap()
    };
    let runtime = other();
    let loaded = runtime.load_bytes("n", number(5)).await.unwrap();
    assert_eq!(counts(&runtime), (1, 0, 1));
    assert_eq!(ask(&loaded).await, 5);
    let runtime = other();
    runtime.load_bytes("n", number(5)).await.unwrap();
    assert_eq!(counts(&runtime), (0, 1, 0));
    refused_and_replaced(folder.path(), "back again").await;
}

#[cfg(unix)]
#[tokio::test]
async fn what_is_no_file() {
    let (folder, file) = kept().await;
    let elsewhere = tempfile::NamedTempFile::new().unwrap();
    fs::write(elsewhere.path(), "precious").unwrap();
    fs::remove_file(&file).unwrap();
    std::os::unix::fs::symlink(elsewhere.path(), &file).unwrap();
    refused_and_replaced(folder.path(), "a link").await;
    assert_eq!(fs::read_to_string(elsewhere.path()).unwrap(), "precious");
    // A pipe to which nobody writes.
    fs::remove_file(&file).unwrap();
    let made = std::process::Command::new("mkfifo").arg(&file).status();
    assert!(made.unwrap().success());
    refused_and_replaced(folder.path(), "a pipe").await;
    // A folder cannot be replaced by a file, but neither does it hurt.
    fs::remove_file(&file).unwrap();
    fs::create_dir(&file).unwrap();
    let runtime = open(folder.path());
    let loaded = runtime.load_bytes("n", number(5)).await.unwrap();
    assert_eq!(ask(&loaded).await, 5);
    assert_eq!(counts(&runtime), (1, 0, 1));
    assert_eq!(runtime.statistics().disk_failed, 1);
    assert_eq!(files(folder.path()).len(), 1);
}

/// What a program leaves that is killed while it writes.
#[tokio::test]
async fn a_file_that_was_never_finished() {
    let (folder, file) = kept().await;
    let whole = fs::read(&file).unwrap();
    let torn = file.with_extension("0123456789abcdef.tmp");
    fs::write(&torn, &whole[..whole.len() / 2]).unwrap();
    let runtime = open(folder.path());
    runtime.load_bytes("n", number(5)).await.unwrap();
    assert_eq!(counts(&runtime), (0, 1, 0));
    assert!(torn.exists());
    // Later it is nobody's.
    let long_ago = std::time::SystemTime::UNIX_EPOCH;
    let torn_file = fs::File::options().write(true).open(&torn).unwrap();
    torn_file.set_modified(long_ago).unwrap();
    open(folder.path());
    assert!(!torn.exists());
    assert!(file.exists());
}

#[tokio::test]
async fn a_folder_that_cannot_be_used() {
    let file = tempfile::NamedTempFile::new().unwrap();
    let below = file.path().join("cache");
    let error = Runtime::builder()
        .cache_folder(&below, key())
        .build()
        .unwrap_err();
    assert!(
        matches!(&error, RuntimeError::CacheFolder { path, .. } if *path == below),
        "{error}"
    );
}

/// The folder is removed under it.
#[tokio::test]
async fn a_folder_that_is_gone() {
    let folder = tempfile::tempdir().unwrap();
    let runtime = open(folder.path());
    folder.close().unwrap();
    let loaded = runtime.load_bytes("n", number(5)).await.unwrap();
    assert_eq!(ask(&loaded).await, 5);
    assert_eq!(runtime.statistics().disk_failed, 1);
}

/// Compiling is told before it begins; what is found is not compiled.
#[test]
fn compiling_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let tokio = tokio::runtime::Builder::new_current_thread()
        .build()
        .unwrap();
    let bytes = number(6);
    let load = || {
        let heard = heard(|| {
            let runtime = open(folder.path());
            tokio.block_on(async { runtime.load_bytes("six", bytes.clone()).await.unwrap() });
        });
        let told = heard
            .iter()
            .filter(|event| event.target.starts_with("composer::runtime"));
        let told = told.map(|event| event.fields.clone());
        told.collect::<Vec<_>>()
    };
    let told = load();
    let [begins, ends] = &told[..] else {
        panic!("{told:?}");
    };
    assert_eq!(begins["component"], "six");
    assert_eq!(begins["bytes"], bytes.len().to_string());
    assert!(
        begins["message"].contains("is being compiled"),
        "{begins:?}"
    );
    assert!(ends["message"].contains("was compiled"), "{ends:?}");
    assert!(ends.contains_key("ms"));
    assert!(load().is_empty());
}
