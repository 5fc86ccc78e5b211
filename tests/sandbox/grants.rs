//! Each grant, tried without it and with it.

use std::fs;
use std::net::{SocketAddr, TcpListener, UdpSocket};
use std::time::{Duration, SystemTime};

use composer::runtime::{Clocks, Grants};
use composer::{ComposableDescriptor, Composer, CompositionError, StartError, Value};

use super::{Probe, nothing, number, ok, refused};
use crate::support::sandbox::loaded;

fn none() -> Grants {
    Grants::none()
}

#[tokio::test]
async fn variables() {
    assert!(std::env::vars().count() > 0);
    let probe = Probe::with(none()).await;
    assert_eq!(probe.tries("variables", []).await, nothing());
    let probe = Probe::with(none().with_env("REGION", "eu")).await;
    let expected = [Value::Tuple(vec!["REGION".into(), "eu".into()])];
    assert_eq!(probe.tries("variables", []).await, expected.into());
    assert_eq!(probe.tries("arguments", []).await, nothing());
}

#[tokio::test]
async fn arguments() {
    let probe = Probe::with(none()).await;
    assert_eq!(probe.tries("arguments", []).await, nothing());
    let probe = Probe::with(none().with_args(["probe", "-v"])).await;
    let expected: [Value; 2] = ["probe".into(), "-v".into()];
    assert_eq!(probe.tries("arguments", []).await, expected.into());
    assert_eq!(probe.tries("variables", []).await, nothing());
}

#[tokio::test]
async fn input() {
    let probe = Probe::with(none()).await;
    assert_eq!(ok(probe.tries("input", []).await), Some("".into()));
    let probe = Probe::with(none().with_input("hello")).await;
    assert_eq!(ok(probe.tries("input", []).await), Some("hello".into()));
}

/// A folder with a note in it, and a secret beside it.
fn folder() -> (tempfile::TempDir, std::path::PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let open = folder.path().join("open");
    fs::create_dir(&open).unwrap();
    fs::write(open.join("note"), "for you").unwrap();
    fs::write(folder.path().join("secret"), "not for you").unwrap();
    #[cfg(unix)]
    std::os::unix::fs::symlink("../secret", open.join("link")).unwrap();
    (folder, open)
}

#[tokio::test]
async fn a_folder_to_read() {
    let (_folder, open) = folder();
    let real = open.join("note");
    let probe = Probe::with(none()).await;
    assert_eq!(probe.tries("folders", []).await, nothing());
    for path in [real.to_str().unwrap(), "/data/note", ".", "/"] {
        refused(probe.tries("read", [path.into()]).await);
        refused(probe.tries("write", [path.into(), "mine".into()]).await);
    }
    let probe = Probe::with(none().with_folder_to_read(&open, "/data")).await;
    let note = ok(probe.tries("read", ["/data/note".into()]).await);
    assert_eq!(note, Some("for you".into()));
    for path in ["/data/../secret", "/data/link", "/secret"] {
        refused(probe.tries("read", [path.into()]).await);
    }
    for path in ["/data/note", "/data/new", "/data/link"] {
        refused(probe.tries("write", [path.into(), "mine".into()]).await);
    }
    assert_eq!(fs::read_to_string(real).unwrap(), "for you");
}

#[tokio::test]
async fn a_folder_to_write() {
    let (folder, open) = folder();
    let probe = Probe::with(none().with_folder_to_write(&open, "/data")).await;
    ok(probe
        .tries("write", ["/data/new".into(), "mine".into()])
        .await);
    assert_eq!(fs::read_to_string(open.join("new")).unwrap(), "mine");
    for path in ["/data/link", "/data/../secret"] {
        refused(probe.tries("write", [path.into(), "mine".into()]).await);
    }
    let secret = fs::read_to_string(folder.path().join("secret")).unwrap();
    assert_eq!(secret, "not for you");
}

#[tokio::test]
async fn a_folder_that_is_not_there() {
    let grants = none().with_folder_to_read("/nowhere/at/all", "/data");
    let mut composer = Composer::new();
    let part = loaded("wasi-probe").await.part().with_grants(grants);
    composer.add(ComposableDescriptor::new("probe", part));
    let error = composer.compose().await.err().unwrap();
    let CompositionError::Start(StartError::Store { component, .. }) = error else {
        panic!("{error}");
    };
    assert_eq!(component, "probe");
}

fn local(port: u16) -> SocketAddr {
    SocketAddr::from(([127, 0, 0, 1], port))
}

#[tokio::test]
async fn tcp() {
    let listener = TcpListener::bind(local(0)).unwrap();
    let other = TcpListener::bind(local(0)).unwrap();
    listener.set_nonblocking(true).unwrap();
    let port = listener.local_addr().unwrap().port();
    let address = local(port);
    // Neither without a grant, nor with one of something else.
    for grants in [
        none(),
        none().with_name_lookup(),
        none().with_tcp_at(address),
        none().with_tcp_to(other.local_addr().unwrap()),
        none().with_udp_to(address).with_udp_at(address),
    ] {
        refused(
            Probe::with(grants)
                .await
                .tries("connect", [port.into()])
                .await,
        );
    }
    listener.accept().unwrap_err();
    for grants in [none().with_tcp_to(address), none().with_network()] {
        ok(Probe::with(grants)
            .await
            .tries("connect", [port.into()])
            .await);
    }
}

#[tokio::test]
async fn udp() {
    let socket = UdpSocket::bind(local(0)).unwrap();
    let address = socket.local_addr().unwrap();
    for grants in [
        none(),
        none().with_tcp_to(address),
        none().with_udp_at(address),
    ] {
        refused(Probe::with(grants).await.tries("bind", []).await);
    }
    // The probe binds to any port.
    for grants in [
        none().with_udp_to(address),
        none().with_udp_at(local(0)),
        none().with_network(),
    ] {
        ok(Probe::with(grants).await.tries("bind", []).await);
    }
}

#[tokio::test]
async fn names() {
    let localhost = || ["127.0.0.1".into()];
    for grants in [none(), none().with_tcp_to(local(1)), none().with_network()] {
        refused(
            Probe::with(grants)
                .await
                .tries("resolve", localhost())
                .await,
        );
    }
    let probe = Probe::with(none().with_name_lookup()).await;
    ok(probe.tries("resolve", localhost()).await);
}

#[tokio::test]
async fn real_randomness() {
    let part = || async { loaded("wasi-probe").await.part().with_seed(1) };
    let mut seeded = Vec::new();
    let mut real = Vec::new();
    for _ in 0..2 {
        let probe = Probe::start("probe", part().await).await;
        seeded.push(number(probe.tries("random", []).await));
        let grants = none().with_real_randomness();
        let probe = Probe::start("probe", part().await.with_grants(grants)).await;
        real.push(number(probe.tries("random", []).await));
    }
    assert_eq!(seeded[0], seeded[1]);
    assert_ne!(real[0], real[1]);
    assert!(!real.contains(&seeded[0]));
}

fn seconds(time: SystemTime) -> u64 {
    time.duration_since(SystemTime::UNIX_EPOCH)
        .unwrap()
        .as_secs()
}

#[tokio::test]
async fn clocks() {
    for grants in [none(), none().with_clocks(Clocks::Precise)] {
        let probe = Probe::with(grants).await;
        let before = seconds(SystemTime::now());
        let then = number(probe.tries("now", []).await);
        assert!(before <= then && then <= seconds(SystemTime::now()));
        assert!(number(probe.tries("sleep", [5u32.into()]).await) >= 4);
    }
    let at = SystemTime::UNIX_EPOCH + Duration::from_secs(86_400);
    let probe = Probe::with(none().with_clocks(Clocks::Frozen(at))).await;
    for _ in 0..2 {
        assert_eq!(number(probe.tries("now", []).await), 86_400);
    }
    let probe = Probe::with(none().with_clocks(Clocks::Virtual(at))).await;
    assert_eq!(number(probe.tries("now", []).await), 86_400);
    // A month and a half, in no time.
    let slept = number(probe.tries("sleep", [4_000_000_000u32.into()]).await);
    assert_eq!(slept, 4_000_000_000);
    assert_eq!(number(probe.tries("now", []).await), 86_400 + 4_000_000);
}
