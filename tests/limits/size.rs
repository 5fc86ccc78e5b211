//! The size of components to compile.

use std::fs::File;

use composer::{LoadError, Runtime};

#[tokio::test]
async fn bytes() {
    let runtime = Runtime::builder().max_component_size(12).build().unwrap();
    runtime.load_bytes("short", "(component)").await.unwrap();
    let error = runtime
        .load_bytes("upload", "(component   )")
        .await
        .unwrap_err();
    let LoadError::TooLarge {
        origin,
        size,
        limit,
    } = &error
    else {
        panic!("{error}");
    };
    assert_eq!((&**origin, *size, *limit), ("upload", 14, 12));
    assert_eq!(runtime.statistics().failed, 1);
}

/// Far more than there is memory for: it is not read.
#[tokio::test]
async fn a_file() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("huge.wasm");
    File::create(&path).unwrap().set_len(1 << 40).unwrap();
    let runtime = Runtime::new().unwrap();
    let error = runtime.load_file(&path).await.unwrap_err();
    assert!(
        error
            .to_string()
            .contains("huge.wasm has 1099511627776 bytes"),
        "{error}"
    );
    let LoadError::TooLarge { limit, .. } = error else {
        panic!("{error}");
    };
    assert_eq!(limit, 64 << 20);
}

/// A file without an end, and without a size.
#[cfg(unix)]
#[tokio::test]
async fn what_is_no_file() {
    let runtime = Runtime::new().unwrap();
    let error = runtime.load_file("/dev/zero").await.unwrap_err();
    assert!(matches!(error, LoadError::Read { .. }), "{error}");
}
