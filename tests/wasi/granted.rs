//! Each possible grant, and its extent.

use std::fs;
use std::net::TcpListener;
use std::time::Duration;

use composer::wasi::{FsPerms, MemoryInputPipe, MemoryOutputPipe, WasiComponent};
use composer::{
    CallError, ComposableDescriptor, Composer, CompositionError, DeathCause, StartError, Value,
};
use wasmtime::StoreLimitsBuilder;
use wasmtime_wasi::sockets::SocketAddrUse;
use wasmtime_wasi::{Deterministic, HostWallClock};

use super::{Probe, nothing, number, ok, refused};
use crate::support::guest;

#[tokio::test]
async fn arguments_and_variables() {
    let probe = Probe::granted(|ctx| {
        ctx.args(&["probe", "-v"]).env("REGION", "eu");
    })
    .await;
    let args: [Value; 2] = ["probe".into(), "-v".into()];
    assert_eq!(probe.tries("arguments", []).await, args.into());
    let variables = probe.tries("variables", []).await;
    assert_eq!(
        variables,
        [Value::Tuple(vec!["REGION".into(), "eu".into()])].into()
    );
    // And nothing else.
    assert_eq!(probe.tries("folders", []).await, nothing());
}

#[tokio::test]
async fn a_folder_to_read() {
    let folder = tempfile::tempdir().unwrap();
    let open = folder.path().join("open");
    fs::create_dir(&open).unwrap();
    fs::write(open.join("note"), "for you").unwrap();
    fs::write(folder.path().join("secret"), "not for you").unwrap();
    #[cfg(unix)]
    std::os::unix::fs::symlink("../secret", open.join("link")).unwrap();

    let probe = Probe::granted(|ctx| {
        ctx.preopened_dir(&open, "/data", FsPerms::ReadOnly)
            .unwrap();
    })
    .await;
    let folders: [Value; 1] = ["/data".into()];
    assert_eq!(probe.tries("folders", []).await, folders.into());
    let note = ok(probe.tries("read", ["/data/note".into()]).await);
    assert_eq!(note, Some("for you".into()));

    for path in ["/data/../secret", "/data/link", "/secret"] {
        refused(probe.tries("read", [path.into()]).await);
    }
    for path in ["/data/note", "/data/new", "/data/../secret", "/data/link"] {
        refused(probe.tries("write", [path.into(), "mine".into()]).await);
    }
    assert_eq!(fs::read_to_string(open.join("note")).unwrap(), "for you");
    assert!(!open.join("new").exists());
}

#[tokio::test]
async fn a_folder_to_write() {
    let folder = tempfile::tempdir().unwrap();
    let probe = Probe::granted(|ctx| {
        ctx.preopened_dir(folder.path(), "/data", FsPerms::ReadWrite)
            .unwrap();
    })
    .await;
    let write = ["/data/new".into(), "mine".into()];
    ok(probe.tries("write", write).await);
    let new = fs::read_to_string(folder.path().join("new")).unwrap();
    assert_eq!(new, "mine");
}

#[tokio::test]
async fn the_network() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();

    // TCP alone is not enough: the address has to be allowed as well.
    let probe = Probe::granted(|ctx| {
        ctx.allow_tcp(true);
    })
    .await;
    let told = refused(probe.tries("connect", [port.into()]).await);
    assert_eq!(told, "access-denied");

    let probe = Probe::granted(|ctx| {
        // Whoever connects also binds to a port that the system chooses.
        ctx.allow_tcp(true)
            .socket_addr_check(move |address, wanted| {
                let allowed = match wanted {
                    SocketAddrUse::TcpBind => address.port() == 0,
                    SocketAddrUse::TcpConnect => address.port() == port,
                    _ => false,
                };
                Box::pin(async move { allowed })
            });
    })
    .await;
    ok(probe.tries("connect", [port.into()]).await);
    listener.accept().unwrap();
    let other = TcpListener::bind("127.0.0.1:0").unwrap();
    let other = other.local_addr().unwrap().port();
    let told = refused(probe.tries("connect", [other.into()]).await);
    assert_eq!(told, "access-denied");
    refused(probe.tries("bind", []).await);

    let probe = Probe::granted(|ctx| {
        ctx.allow_udp(true)
            .allow_ip_name_lookup(true)
            .inherit_network();
    })
    .await;
    ok(probe.tries("bind", []).await);
    ok(probe.tries("resolve", ["127.0.0.1".into()]).await);
    refused(probe.tries("connect", [port.into()]).await);
}

#[tokio::test]
async fn input_and_output() {
    let stdout = MemoryOutputPipe::new(1024);
    let stderr = MemoryOutputPipe::new(1024);
    let probe = Probe::granted(|ctx| {
        ctx.stdin(MemoryInputPipe::new("hello"))
            .stdout(stdout.clone())
            .stderr(stderr.clone());
    })
    .await;
    assert_eq!(ok(probe.tries("input", []).await), Some("hello".into()));
    ok(probe.tries("print", ["out".into()]).await);
    ok(probe.tries("complain", ["err".into()]).await);
    assert_eq!(stdout.contents(), "out\n");
    assert_eq!(stderr.contents(), "err\n");
}

#[tokio::test]
async fn other_clocks_and_randomness() {
    struct Long;

    impl HostWallClock for Long {
        fn resolution(&self) -> Duration {
            Duration::from_secs(1)
        }

        fn now(&self) -> Duration {
            Duration::from_secs(100)
        }
    }

    let probe = async || {
        Probe::granted(|ctx| {
            ctx.wall_clock(Long)
                .secure_random(Deterministic::new(vec![1, 2, 3]));
        })
        .await
    };
    let (one, two) = (probe().await, probe().await);
    assert_eq!(number(one.tries("now", []).await), 100);
    assert_eq!(one.tries("random", []).await, two.tries("random", []).await);
}

#[tokio::test]
async fn limits_of_the_store() {
    let part = WasiComponent::new(guest("wasi-probe")).with_store(|store| {
        let limits = StoreLimitsBuilder::new().memory_size(64 * 1024);
        store.data_mut().limits = limits.build();
        store.limiter(|state| &mut state.limits);
    });
    let mut composer = Composer::new();
    composer.add(ComposableDescriptor::new("probe", part));
    let error = composer.compose().await.err().unwrap();
    assert!(
        matches!(
            error,
            CompositionError::Start(StartError::Instantiate { .. })
        ),
        "{error}"
    );
}

#[tokio::test]
async fn a_component_that_exits_has_ended() {
    let probe = Probe::locked().await;
    let exit = probe.0.get_func(Some("test:wasi/probe"), "exit").unwrap();
    let CallError::Failed { death, .. } = exit.call_owned([3u8.into()]).await.unwrap_err() else {
        panic!();
    };
    // WASI 0.2 tells success from failure, and no more.
    assert!(matches!(death.cause, DeathCause::Exited(1)), "{death}");
    let error = exit.call_owned([0u8.into()]).await.unwrap_err();
    assert!(matches!(error, CallError::Dead { .. }), "{error}");
}
