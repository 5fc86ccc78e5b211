//! A guest without any grant: it tries everything and gets nothing.

use std::net::TcpListener;
use std::time::SystemTime;

use super::{Probe, nothing, number, ok, refused};

#[tokio::test]
async fn there_are_no_arguments_and_no_variables() {
    assert!(std::env::vars().count() > 0);
    let probe = Probe::locked().await;
    assert_eq!(probe.tries("arguments", []).await, nothing());
    assert_eq!(probe.tries("variables", []).await, nothing());
}

#[tokio::test]
async fn no_file_can_be_reached() {
    let probe = Probe::locked().await;
    assert_eq!(probe.tries("folders", []).await, nothing());
    let here = std::env::current_exe().unwrap();
    let here = here.to_str().unwrap();
    for path in [here, "Cargo.toml", ".", "/", "../..", "/proc/self/environ"] {
        for (what, args) in [
            ("read", vec![path.into()]),
            ("write", vec![path.into(), "".into()]),
        ] {
            let told = refused(probe.tries(what, args).await);
            let expected = ["pre-opened file descriptor", "Capabilities insufficient"];
            assert!(
                expected.iter().any(|part| told.contains(part)),
                "{path}: {told}"
            );
        }
    }
}

#[tokio::test]
async fn there_is_no_network() {
    let probe = Probe::locked().await;
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.set_nonblocking(true).unwrap();
    let port = listener.local_addr().unwrap().port();
    let told = refused(probe.tries("connect", [port.into()]).await);
    assert_eq!(told, "access-denied");
    listener.accept().unwrap_err();
    let told = refused(probe.tries("bind", []).await);
    assert_eq!(told, "access-denied");
    let told = refused(probe.tries("resolve", ["localhost".into()]).await);
    assert_eq!(told, "permanent-resolver-failure");
}

#[tokio::test]
async fn the_standard_input_is_at_its_end() {
    let probe = Probe::locked().await;
    assert_eq!(ok(probe.tries("input", []).await), Some("".into()));
}

#[tokio::test]
async fn the_clocks_are_real() {
    let now = || {
        let since = SystemTime::UNIX_EPOCH.elapsed();
        since.unwrap().as_secs()
    };
    let probe = Probe::locked().await;
    let before = now();
    let then = number(probe.tries("now", []).await);
    assert!(before <= then && then <= now());
    assert!(number(probe.tries("sleep", [5u32.into()]).await) >= 5);
}

#[tokio::test]
async fn the_randomness_is_real() {
    let probe = Probe::locked().await;
    let another = Probe::locked().await;
    let one = number(probe.tries("random", []).await);
    assert_ne!(one, number(probe.tries("random", []).await));
    assert_ne!(one, number(another.tries("random", []).await));
}
