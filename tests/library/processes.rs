//! Several processes that share one folder.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use composer::Runtime;
use composer::runtime::CacheKey;

use super::{ask, counts, number};

/// Tells the new process which folder to use.
const FOLDER: &str = "COMPOSER_TEST_CACHE";
const COMPONENTS: u32 = 6;

fn open(folder: &Path) -> Runtime {
    let key = CacheKey::from_file(folder.join("key")).unwrap();
    let cache = folder.join("cache");
    Runtime::builder().cache_folder(cache, key).build().unwrap()
}

/// What each of the processes does; by itself it does it in a folder of its own.
#[tokio::test]
async fn load_and_spoil() {
    let own = tempfile::tempdir().unwrap();
    let given = std::env::var_os(FOLDER).map(PathBuf::from);
    let folder = given.unwrap_or_else(|| own.path().to_owned());
    for round in 0..8usize {
        let runtime = open(&folder);
        for n in 0..COMPONENTS {
            let loaded = runtime.load_bytes(format!("{n}"), number(n)).await.unwrap();
            assert_eq!(ask(&loaded).await, n);
        }
        // The others find a file that is cut short, or none.
        let files = fs::read_dir(folder.join("cache")).unwrap();
        let mut files: Vec<_> = files.map(|file| file.unwrap().path()).collect();
        files.retain(|file| file.extension().is_some_and(|end| end == "code"));
        files.sort();
        let file = &files[round % files.len()];
        if round % 2 == 0 {
            let _ = fs::remove_file(file);
        } else if let Ok(file) = fs::File::options().write(true).open(file) {
            file.set_len(300).unwrap();
        }
    }
}

fn process(folder: &Path) -> Child {
    Command::new(std::env::current_exe().unwrap())
        .args(["library::processes::load_and_spoil", "--exact"])
        .env(FOLDER, folder)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap()
}

#[tokio::test]
async fn that_write_at_once() {
    let folder = tempfile::tempdir().unwrap();
    let processes: Vec<_> = (0..4).map(|_| process(folder.path())).collect();
    for process in processes {
        let output = process.wait_with_output().unwrap();
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        assert!(output.status.success(), "{text}");
        assert!(text.contains("1 passed"), "{text}");
    }
    // Whatever they left, it is put right, and nothing half written stays.
    for _ in 0..2 {
        let runtime = open(folder.path());
        for n in 0..COMPONENTS {
            let loaded = runtime.load_bytes(format!("{n}"), number(n)).await.unwrap();
            assert_eq!(ask(&loaded).await, n);
        }
    }
    let runtime = open(folder.path());
    for n in 0..COMPONENTS {
        runtime.load_bytes(format!("{n}"), number(n)).await.unwrap();
    }
    assert_eq!(counts(&runtime), (0, u64::from(COMPONENTS), 0));
    let left = fs::read_dir(folder.path().join("cache")).unwrap().count();
    assert_eq!(left, COMPONENTS as usize);
}
