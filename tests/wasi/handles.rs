//! Handles of WASI that go from one component to another.

use composer::runtime::Grants;
use composer::wasi::{FsPerms, MemoryOutputPipe, WasiComponent, WasiCtx};
use composer::{CallError, ComposableDescriptor, Composer, Composition, Value};
use tempfile::TempDir;

use crate::support::sandbox::loaded;
use crate::support::{call, guest};

const USES: &str = "test:handles/uses@0.1.0";

/// What the file says.
fn text() -> Vec<u8> {
    (0..100_000u32).map(|n| n as u8).collect()
}

fn folder() -> TempDir {
    let folder = TempDir::new().unwrap();
    std::fs::write(folder.path().join("text"), text()).unwrap();
    folder
}

/// The owner may read the folder and print; the user may do nothing.
async fn pair(folder: &TempDir) -> (Composition, MemoryOutputPipe) {
    let printed = MemoryOutputPipe::new(1 << 20);
    let mut ctx = WasiCtx::builder();
    ctx.stdout(printed.clone());
    ctx.preopened_dir(folder.path(), "/", FsPerms::ReadOnly)
        .unwrap();
    let owner = WasiComponent::new(guest("handles-owner")).with_ctx(ctx.build());
    let mut composer = Composer::new();
    composer.add(ComposableDescriptor::new("owner", owner));
    let user = WasiComponent::new(guest("handles-user"));
    composer.add(ComposableDescriptor::new("user", user));
    (composer.compose().await.unwrap(), printed)
}

fn bytes(result: Value) -> Vec<u8> {
    let Value::Result(Ok(Some(list))) = result else {
        panic!("{result}");
    };
    let Value::List(list) = *list else {
        panic!("{list}");
    };
    let byte = |value: &Value| match value {
        Value::U8(byte) => *byte,
        other => panic!("{other}"),
    };
    list.iter().map(byte).collect()
}

async fn uses(composition: &Composition) {
    let all = call(composition, USES, "all", ["text".into()]).await;
    assert!(bytes(all) == text());
    // Both read of one stream, which stays where it was left.
    for some in [1u64, 4096, 60_000] {
        let args = ["text".into(), some.into()];
        let all = call(composition, USES, "in-turns", args).await;
        assert!(bytes(all) == text());
    }
    let args = ["text".into(), 99_990u64.into()];
    let file = call(composition, USES, "file", args).await;
    let Value::Result(Ok(Some(file))) = file else {
        panic!("{file}");
    };
    let Value::Tuple(parts) = *file else {
        panic!("{file}");
    };
    assert_eq!(parts[..2], [Value::U64(100_000), Value::U64(100_000)]);
    let home = call(composition, USES, "boomerang", ["text".into()]).await;
    assert_eq!(home, Value::Result(Ok(Some(Box::new(Value::U64(100_000))))));
    let missing = call(composition, USES, "all", ["missing".into()]).await;
    assert!(matches!(missing, Value::Result(Err(_))), "{missing}");
}

#[tokio::test]
async fn files_and_streams() {
    let folder = folder();
    let (composition, printed) = pair(&folder).await;
    uses(&composition).await;
    call(&composition, USES, "print", ["a".into()]).await;
    call(&composition, USES, "print", ["b".into()]).await;
    assert_eq!(printed.contents(), "aaabbb");
}

/// The same with limits and grants.
#[tokio::test]
async fn of_sandboxed_components() {
    let folder = folder();
    let (owner, user) = (loaded("handles-owner").await, loaded("handles-user").await);
    let grants = Grants::none().with_folder_to_read(folder.path(), "/");
    let mut composer = Composer::new();
    composer.add(ComposableDescriptor::new(
        "owner",
        owner.part().with_grants(grants),
    ));
    composer.add(ComposableDescriptor::new("user", user.part()));
    uses(&composer.compose().await.unwrap()).await;
}

/// A folder that is being read.
#[tokio::test]
async fn a_directory_stream() {
    let folder = folder();
    std::fs::write(folder.path().join("more"), "").unwrap();
    let (composition, _) = pair(&folder).await;
    let names = call(&composition, USES, "names", []).await.to_string();
    for name in ["text", "more"] {
        assert!(names.contains(&format!("{name:?}")), "{names}");
    }
}

/// With a socket goes what it stands for, and no other grant.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_socket() {
    use tokio::io::AsyncWriteExt;
    let mut ctx = WasiCtx::builder();
    ctx.inherit_network().allow_tcp(true);
    let owner = WasiComponent::new(guest("handles-owner")).with_ctx(ctx.build());
    let user = WasiComponent::new(guest("handles-user"));
    let mut composer = Composer::new();
    composer.add(ComposableDescriptor::new("owner", owner));
    composer.add(ComposableDescriptor::new("user", user));
    let composition = composer.compose().await.unwrap();
    let denied = call(&composition, USES, "bind", []).await;
    assert!(matches!(denied, Value::Result(Err(_))), "{denied}");
    let listens = call(&composition, USES, "listen", []).await;
    let Value::Result(Ok(Some(port))) = listens else {
        panic!("{listens}");
    };
    let Value::U16(port) = *port else {
        panic!("{port}");
    };
    let says = async {
        let address = ("127.0.0.1", port);
        let mut stream = tokio::net::TcpStream::connect(address).await.unwrap();
        stream.write_all(b"hello").await.unwrap();
    };
    let (heard, ()) = tokio::join!(call(&composition, USES, "hear", []), says);
    assert_eq!(bytes(heard), b"hello");
}

/// A stream that something still waits for stays where it is, and the error says why.
#[tokio::test]
async fn what_has_children_stays() {
    let folder = folder();
    let (composition, _) = pair(&folder).await;
    let func = composition.get_func(Some(USES), "watched").unwrap();
    let error = func.call_owned(["text".into()]).await.unwrap_err();
    assert!(matches!(error, CallError::Failed { .. }), "{error}");
    let text = error.to_string();
    assert!(text.contains("drop that first"), "{text}");
}

/// The embedder gets a stream, reads it, and gives it back.
#[tokio::test]
async fn at_the_embedders() {
    use wasmtime_wasi::p2::{DynInputStream, Pollable};
    let folder = folder();
    let (composition, _) = pair(&folder).await;
    let files = "test:handles/files@0.1.0";
    let read = call(&composition, files, "read", ["text".into()]).await;
    let Value::Result(Ok(Some(stream))) = read else {
        panic!("{read}");
    };
    let Value::Own(stream) = *stream else {
        panic!("{stream}");
    };
    let mut stream: DynInputStream = stream.into_host().unwrap();
    stream.ready().await;
    assert_eq!(stream.read(10).unwrap(), text()[..10]);
    drop(stream);

    let read = call(&composition, files, "read", ["text".into()]).await;
    let Value::Result(Ok(Some(stream))) = read else {
        panic!("{read}");
    };
    let Value::Own(stream) = *stream else {
        panic!("{stream}");
    };
    // Lent first, and then given away.
    let args = [stream.borrow().into(), 10u64.into()];
    let some = call(&composition, files, "take", args).await;
    assert_eq!(some, Value::from((0..10u8).collect::<Vec<_>>()));
    let rest = call(&composition, files, "drain", [stream.into()]).await;
    assert_eq!(rest, Value::U64(99_990));
}

/// What a pollable waits for is in its own store.
#[tokio::test]
async fn a_pollable_stays() {
    let gives = wat::parse_str(
        r#"(component
            (import "wasi:io/poll@0.2.0" (instance $poll
                (export "pollable" (type $pollable (sub resource)))))
            (alias export $poll "pollable" (type $pollable))
            (core module $m (func (export "f") (result i32) unreachable))
            (core instance $m (instantiate $m))
            (func $f (result (own $pollable)) (canon lift (core func $m "f")))
            (export "f" (func $f)))"#,
    )
    .unwrap();
    let takes = wat::parse_str(
        r#"(component
            (import "wasi:io/poll@0.2.0" (instance $poll
                (export "pollable" (type $pollable (sub resource)))))
            (alias export $poll "pollable" (type $pollable))
            (import "f" (func (result (own $pollable)))))"#,
    )
    .unwrap();
    let part = |bytes: &[u8]| {
        let component = wasmtime::component::Component::new(crate::support::engine(), bytes);
        WasiComponent::new(component.unwrap())
    };
    let mut composer = Composer::new();
    composer.add(ComposableDescriptor::new("gives", part(&gives)));
    composer.add(ComposableDescriptor::new("takes", part(&takes)));
    let text = composer.plan().unwrap_err().to_string();
    assert!(text.contains("`pollable`"), "{text}");
    assert!(text.contains("pass the stream that it waits for"), "{text}");
}
