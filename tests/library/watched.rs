//! A folder that is watched.

use std::fs;
use std::path::Path;
use std::time::Duration;

use composer::runtime::{FolderEvent, FolderWatch};
use composer::{LoadError, Runtime};

use super::{ask, number};

const OFTEN: Duration = Duration::from_millis(5);

/// Writes a file in one step.
fn put(folder: &Path, name: &str, text: &str) {
    let unfinished = folder.join("unfinished");
    fs::write(&unfinished, text).unwrap();
    fs::rename(unfinished, folder.join(name)).unwrap();
}

/// The next event as text, which shows what its component returns.
async fn next(watch: &mut FolderWatch) -> String {
    let name = |path: &Path| path.file_name().unwrap().to_string_lossy().into_owned();
    match watch.next().await {
        FolderEvent::Loaded { path, component } => {
            format!("loaded {} {}", name(&path), ask(&component).await)
        }
        FolderEvent::Changed { path, component } => {
            format!("changed {} {}", name(&path), ask(&component).await)
        }
        FolderEvent::Removed { path } => format!("removed {}", name(&path)),
        FolderEvent::Failed { path, error } => match error {
            LoadError::Invalid { .. } => format!("invalid {}", name(&path)),
            LoadError::Read { .. } => "unreadable".to_owned(),
            other => panic!("{other}"),
        },
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn what_happens_in_it() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    put(folder, "a.wasm", &number(1));
    put(folder, "b.wasm", "nonsense");
    put(folder, "c.txt", &number(3));
    let runtime = Runtime::new().unwrap();
    let mut watch = runtime.watch_folder(folder, OFTEN);
    assert_eq!(next(&mut watch).await, "loaded a.wasm 1");
    assert_eq!(next(&mut watch).await, "invalid b.wasm");

    put(folder, "a.wasm", &number(2));
    assert_eq!(next(&mut watch).await, "changed a.wasm 2");
    put(folder, "b.wasm", &number(4));
    assert_eq!(next(&mut watch).await, "loaded b.wasm 4");

    // What does not compile leaves what was there.
    put(folder, "b.wasm", "more nonsense");
    assert_eq!(next(&mut watch).await, "invalid b.wasm");
    let b = folder.join("b.wasm").display().to_string();
    assert_eq!(ask(&runtime.find(&b).unwrap()).await, 4);

    // The same content again is no event: the next one is of another file.
    put(folder, "a.wasm", &number(2));
    put(folder, "d.wasm", &number(5));
    assert_eq!(next(&mut watch).await, "loaded d.wasm 5");

    fs::remove_file(folder.join("a.wasm")).unwrap();
    assert_eq!(next(&mut watch).await, "removed a.wasm");
    let a = folder.join("a.wasm").display().to_string();
    assert!(runtime.find(&a).is_none());
    assert_eq!(runtime.loaded().len(), 2);
}

#[tokio::test]
async fn a_folder_that_comes_and_goes() {
    let above = tempfile::tempdir().unwrap();
    let folder = above.path().join("plugins");
    let runtime = Runtime::new().unwrap();
    let mut watch = runtime.watch_folder(&folder, OFTEN);
    assert_eq!(next(&mut watch).await, "unreadable");
    fs::create_dir(&folder).unwrap();
    put(&folder, "a.wasm", &number(1));
    assert_eq!(next(&mut watch).await, "loaded a.wasm 1");
    fs::remove_dir_all(&folder).unwrap();
    // Between two looks it may have been empty.
    let mut event = next(&mut watch).await;
    if event == "removed a.wasm" {
        event = next(&mut watch).await;
    }
    assert_eq!(event, "unreadable");
}

/// Whoever gives up waiting loses nothing.
#[tokio::test]
async fn waiting_that_is_given_up() {
    let folder = tempfile::tempdir().unwrap();
    for n in 0..5 {
        put(folder.path(), &format!("{n}.wasm"), &number(n));
    }
    let runtime = Runtime::new().unwrap();
    let mut watch = runtime.watch_folder(folder.path(), OFTEN);
    let mut seen = Vec::new();
    while seen.len() < 5 {
        tokio::select! {
            biased;
            event = watch.next() => match event {
                FolderEvent::Loaded { component, .. } => seen.push(ask(&component).await),
                other => panic!("{other:?}"),
            },
            () = tokio::task::yield_now() => {}
        }
    }
    assert_eq!(seen, [0, 1, 2, 3, 4]);
}
