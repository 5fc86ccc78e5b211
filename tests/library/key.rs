//! The key of a folder for compiled components.

use std::fs;

use composer::runtime::CacheKey;
use composer::{Runtime, RuntimeError};

use super::{counts, number};

#[tokio::test]
async fn a_file_that_is_made_at_the_first_start() {
    let folder = tempfile::tempdir().unwrap();
    let (path, cache) = (folder.path().join("key"), folder.path().join("cache"));
    for (compiled, found) in [(1, 0), (0, 1)] {
        let key = CacheKey::from_file(&path).unwrap();
        let runtime = Runtime::builder()
            .cache_folder(&cache, key)
            .build()
            .unwrap();
        runtime.load_bytes("n", number(1)).await.unwrap();
        assert_eq!(counts(&runtime), (compiled, found, 0));
    }
    assert_eq!(fs::read(&path).unwrap().len(), 32);
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode = fs::metadata(&path).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }
    // Nothing else is left beside it.
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 2);
}

/// Of many who make it at once all get the same.
#[test]
fn made_by_many_at_once() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("key");
    let make = |_| {
        let path = path.clone();
        std::thread::spawn(move || CacheKey::from_file(path).map(drop))
    };
    for made in (0..16).map(make).collect::<Vec<_>>() {
        made.join().unwrap().unwrap();
    }
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
}

#[test]
fn files_that_are_no_keys() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("key");
    drop(CacheKey::from_file(&path).unwrap());
    let whole = fs::read(&path).unwrap();
    for bytes in [&whole[..31], &[&*whole, b"\n"].concat()] {
        fs::write(&path, bytes).unwrap();
        let error = CacheKey::from_file(&path).unwrap_err();
        assert!(matches!(error, RuntimeError::NotAKey { .. }), "{error}");
    }
    let error = CacheKey::from_file(folder.path().join("no/such/key")).unwrap_err();
    assert!(matches!(error, RuntimeError::Key { .. }), "{error}");
}

#[cfg(unix)]
#[test]
fn a_key_that_others_can_read() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("key");
    drop(CacheKey::from_file(&path).unwrap());
    fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).unwrap();
    let error = CacheKey::from_file(&path).unwrap_err();
    assert!(
        matches!(error, RuntimeError::ExposedKey { mode: 0o640, .. }),
        "{error}"
    );
}

#[test]
fn a_key_in_the_folder_it_protects() {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir(folder.path().join("deeper")).unwrap();
    let key = CacheKey::from_file(folder.path().join("deeper/../deeper/key")).unwrap();
    let error = Runtime::builder()
        .cache_folder(folder.path(), key)
        .build()
        .unwrap_err();
    assert!(matches!(error, RuntimeError::KeyInFolder { .. }), "{error}");
}

#[test]
fn it_does_not_show() {
    let key = CacheKey::from_bytes([0xab; 32]);
    let shown = format!("{key:?}");
    assert!(!shown.contains("171") && !shown.contains("ab,"), "{shown}");
}
