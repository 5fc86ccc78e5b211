//! Loading, and the components that stay in memory.

use std::fs;

use composer::runtime::{ContentHash, Limits};
use composer::{LoadError, Runtime};
use futures::FutureExt;
use sha2::{Digest, Sha256};

use super::{ask, number};
use crate::support::guest_path;

#[tokio::test]
async fn the_same_bytes_are_compiled_once() {
    let runtime = Runtime::new().unwrap();
    let bytes = fs::read(guest_path("hostile")).unwrap();
    let loads = (0..20).map(|i| {
        let (runtime, bytes) = (runtime.clone(), bytes.clone());
        tokio::spawn(async move { runtime.load_bytes(format!("copy {i}"), bytes).await })
    });
    for load in loads.collect::<Vec<_>>() {
        let loaded = load.await.unwrap().unwrap();
        assert_eq!(loaded.hash(), ContentHash::of(&bytes));
        assert_eq!(loaded.size(), bytes.len() as u64);
    }
    runtime.load_file(guest_path("hostile")).await.unwrap();
    let statistics = runtime.statistics();
    assert_eq!((statistics.names, statistics.components), (21, 1));
    assert_eq!(statistics.compiled, 1);
    assert_eq!(statistics.compiled_bytes, bytes.len() as u64);
    assert!(statistics.memory_hits >= 1);
    assert!(statistics.compile_time.as_nanos() > 0);
}

#[test]
fn the_hash_is_sha_256() {
    let expected: [u8; 32] = Sha256::digest(b"abc").into();
    let hash = ContentHash::of(b"abc");
    assert_eq!(hash.as_bytes(), &expected);
    assert!(hash.to_string().starts_with("ba7816bf8f01cfea"));
}

#[tokio::test]
async fn a_name_is_given_to_something_else() {
    let runtime = Runtime::new().unwrap();
    let old = runtime.load_bytes("n", number(1)).await.unwrap();
    let new = runtime.load_bytes("n", number(2)).await.unwrap();
    assert_eq!((ask(&old).await, ask(&new).await), (1, 2));
    assert_eq!(ask(&runtime.find("n").unwrap()).await, 2);
    let statistics = runtime.statistics();
    assert_eq!((statistics.names, statistics.components), (1, 1));
}

#[tokio::test]
async fn listed_and_unloaded() {
    let runtime = Runtime::new().unwrap();
    for (name, n) in [("b", 1), ("a", 1), ("c", 2)] {
        runtime.load_bytes(name, number(n)).await.unwrap();
    }
    let names = |runtime: &Runtime| -> Vec<String> {
        runtime
            .loaded()
            .iter()
            .map(|c| c.name().to_owned())
            .collect()
    };
    assert_eq!(names(&runtime), ["a", "b", "c"]);
    assert_eq!(runtime.statistics().components, 2);

    let used = runtime.find("c").unwrap();
    assert!(runtime.unload("c"));
    assert!(!runtime.unload("c"));
    assert_eq!(runtime.statistics().components, 1);
    assert_eq!(ask(&used).await, 2);

    assert!(runtime.unload("a"));
    assert_eq!(names(&runtime), ["b"]);
    assert_eq!(runtime.statistics().components, 1);
    assert!(runtime.unload("b"));
    assert_eq!(runtime.statistics().components, 0);
    assert!(runtime.find("b").is_none());
}

#[tokio::test]
async fn what_cannot_be_compiled_is_not_kept() {
    let runtime = Runtime::new().unwrap();
    for _ in 0..2 {
        let error = runtime
            .load_bytes("bad", "(component (nonsense))")
            .await
            .unwrap_err();
        assert!(
            matches!(&error, LoadError::Invalid { origin, .. } if origin == "bad"),
            "{error}"
        );
    }
    let core_module = b"\0asm\x01\0\0\0".to_vec();
    let error = runtime.load_bytes("core", core_module).await.unwrap_err();
    assert!(matches!(error, LoadError::CoreModule { .. }), "{error}");
    let error = runtime.load_file("/nowhere/at.wasm").await.unwrap_err();
    assert!(error.to_string().contains("/nowhere/at.wasm"), "{error}");
    let statistics = runtime.statistics();
    assert_eq!((statistics.names, statistics.components), (0, 0));
    assert_eq!((statistics.failed, statistics.compiled), (4, 0));
}

/// Each engine for whom it suits.
#[tokio::test]
async fn with_the_engine_that_suits_it() {
    let runtime = Runtime::new().unwrap();
    let plain = runtime.load_bytes("plain", number(1)).await.unwrap();
    let waits = "(component (import \"f\" (func async)))";
    let waits = runtime.load_bytes("waits", waits).await.unwrap();
    assert!(!plain.component().engine().get_concurrency_support());
    assert!(waits.component().engine().get_concurrency_support());
}

#[tokio::test]
async fn a_folder() {
    let folder = tempfile::tempdir().unwrap();
    for n in 0..12u32 {
        fs::write(folder.path().join(format!("{n:02}.wasm")), number(n)).unwrap();
    }
    fs::write(folder.path().join("05.wasm"), "not a component").unwrap();
    fs::write(folder.path().join("readme.txt"), number(99)).unwrap();
    fs::create_dir(folder.path().join("more.wasm")).unwrap();
    let runtime = Runtime::new().unwrap();
    let mut seen = Vec::new();
    let loaded = runtime
        .load_folder(folder.path(), |progress| {
            assert_eq!((progress.done, progress.total), (seen.len() + 1, 12));
            seen.push((progress.path.to_owned(), progress.result.is_ok()));
        })
        .await
        .unwrap();
    assert_eq!(loaded.len(), 12);
    for (n, (path, result)) in (0u32..).zip(&loaded) {
        assert_eq!(path.file_name().unwrap(), &*format!("{n:02}.wasm"));
        assert!(seen.contains(&(path.clone(), n != 5)));
        match result {
            Ok(component) => assert_eq!(ask(component).await, n),
            Err(error) => assert!(
                n == 5 && matches!(error, LoadError::Invalid { .. }),
                "{error}"
            ),
        }
    }
    let error = runtime.load_folder("/nowhere", |_| ()).await.unwrap_err();
    assert!(matches!(error, LoadError::Read { .. }), "{error}");
}

/// Nobody waits for those that were given up.
#[tokio::test]
async fn loads_that_are_given_up() {
    let runtime = Runtime::new().unwrap();
    let bytes = fs::read(guest_path("hostile")).unwrap();
    for _ in 0..5 {
        let load = runtime.load_bytes("hostile", bytes.clone());
        futures::pin_mut!(load);
        // Other threads do it, which may even be done by now.
        let _ = futures::poll!(load.as_mut());
    }
    let loaded = runtime.load_bytes("hostile", bytes).await.unwrap();
    assert_eq!(runtime.loaded().len(), 1);
    drop(loaded);
}

#[test]
fn without_tokio() {
    let runtime = Runtime::builder()
        .limits(Limits::minimal())
        .build()
        .unwrap();
    let load = runtime.load_bytes("guest", "(component)");
    let error = load.now_or_never().unwrap().unwrap_err();
    assert!(
        matches!(&error, LoadError::NoRuntime { origin } if origin == "guest"),
        "{error}"
    );
}

/// A component keeps its runtime's engines, and nothing keeps the runtime.
#[tokio::test]
async fn nothing_is_left_of_a_runtime() {
    let runtime = Runtime::new().unwrap();
    let loaded = runtime.load_bytes("n", number(3)).await.unwrap();
    let engine = loaded.component().engine().weak();
    drop(runtime);
    assert_eq!(ask(&loaded).await, 3);
    drop(loaded);
    // A thread that ticks holds an engine for a moment.
    while engine.upgrade().is_some() {
        tokio::task::yield_now().await;
    }
}
