//! Middlewares, each in a store of its own.

use composer::fused::{FusedComponents, FusedMember};
use composer::runtime::Pool;
use composer::wasi::WasiComponent;

use super::*;
use crate::support::{guest, guest_path};

/// Two middlewares, one in Rust and one in C, and a handler.
async fn gates() -> Composer {
    let (outer, inner) = (loaded("http-gate").await, loaded("http-gate-c").await);
    let hello = loaded("http-hello").await;
    chain(&[("outer", &outer), ("inner", &inner), ("hello", &hello)])
}

async fn passes_and_refuses(server: SocketAddr) {
    let response = ask(server, get("/hello").body(empty()).unwrap()).await;
    assert_eq!(told(response).await, (401, "a key is needed".to_owned()));
    let request = get("/hello").header(KEY.0, KEY.1);
    let response = ask(server, request.body(empty()).unwrap()).await;
    assert_eq!(told(response).await, (200, "hello, world".to_owned()));
    let body = Bytes::from(vec![3; 8 << 20]);
    let request = post("/echo");
    let response = ask(server, request.body(Full::new(body.clone())).unwrap()).await;
    let back = response.into_body().collect().await.unwrap().to_bytes();
    assert!(back == body);
}

#[tokio::test]
async fn of_isolated_components() {
    let composition = gates().await.compose().await.unwrap();
    passes_and_refuses(serve(HttpService::new(&composition).unwrap()).await).await;
}

#[tokio::test]
async fn of_components_with_plain_wasi() {
    let mut composer = Composer::new();
    let gate = WasiComponent::new(guest("http-gate"));
    composer
        .add(ComposableDescriptor::new("gate", gate))
        .add(ComposableDescriptor::new(
            "hello",
            WasiComponent::new(guest("http-hello")),
        ))
        .with_export_hint(HANDLER, "gate");
    let composition = composer.compose().await.unwrap();
    passes_and_refuses(serve(HttpService::new(&composition).unwrap()).await).await;
}

/// The same components as one, with the program's own linker.
#[tokio::test]
async fn of_a_fused_group() {
    use wasmtime::component::ResourceTable;
    use wasmtime_wasi::{WasiCtx, WasiCtxView, WasiView};
    use wasmtime_wasi_http::p2::types::{HostIncomingRequest, HostResponseOutparam};
    use wasmtime_wasi_http::{WasiHttpCtx, WasiHttpCtxView, WasiHttpView};

    #[derive(Default)]
    struct State {
        table: ResourceTable,
        ctx: WasiCtx,
        http: WasiHttpCtx,
    }

    impl WasiView for State {
        fn ctx(&mut self) -> WasiCtxView<'_> {
            WasiCtxView {
                ctx: &mut self.ctx,
                table: &mut self.table,
            }
        }
    }

    impl WasiHttpView for State {
        fn http(&mut self) -> WasiHttpCtxView<'_> {
            WasiHttpCtxView {
                ctx: &mut self.http,
                table: &mut self.table,
                hooks: Default::default(),
            }
        }
    }

    let engine = crate::support::engine();
    let mut linker = wasmtime::component::Linker::new(engine);
    wasmtime_wasi::p2::add_to_linker_async(&mut linker).unwrap();
    wasmtime_wasi_http::p2::add_only_http_to_linker_async(&mut linker).unwrap();
    let mut group = FusedComponents::new(linker, || wasmtime::Store::new(engine, State::default()));
    let member =
        |name: &str, guest: &str| FusedMember::from_file(engine, name, guest_path(guest)).unwrap();
    group
        .add(member("gate", "http-gate"))
        .add(member("hello", "http-hello"))
        .with_export_hint(HANDLER, "gate");
    group
        .with_moved_host_resource::<HostIncomingRequest>(|state| &mut state.table)
        .with_moved_host_resource::<HostResponseOutparam>(|state| &mut state.table);
    let mut composer = Composer::new();
    composer.add(ComposableDescriptor::new("group", group));
    let composition = composer.compose().await.unwrap();
    passes_and_refuses(serve(HttpService::new(&composition).unwrap()).await).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn many_at_once_from_a_pool() {
    let prepared = gates().await.prepare().unwrap();
    let pool: Pool = runtime().pool(&prepared).max(4).warm(2).build().unwrap();
    let server = serve(HttpService::of_pool(pool.clone())).await;
    let clients = (0..24).map(|client| async move {
        let mut connection = connect(server).await;
        for _ in 0..10 {
            let body = Bytes::from(vec![client; 10_000 + usize::from(client)]);
            let request = post("/echo");
            let request = request.body(Full::new(body.clone())).unwrap();
            connection.ready().await.unwrap();
            let response = connection.send_request(request).await.unwrap();
            assert_eq!(response.status(), 200);
            let back = response.into_body().collect().await.unwrap().to_bytes();
            assert!(back == body);
        }
    });
    futures::future::join_all(clients).await;
    let status = pool.status();
    assert_eq!(status.crashed, 0, "{status:?}");
}
