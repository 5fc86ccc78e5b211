//! A composition of `compose!` that is served.

use composer::wasi::WasiComponent;

use super::*;
use crate::support::guest;

composer::compose!({
    path: "wit/wasi-http",
    composition: Served,
    components: {
        gate: "test:http/middleware-guest",
        hello: "test:http/handler-guest",
    },
    wasi: p2,
    exports: { "wasi:http/incoming-handler": gate },
});

#[tokio::test]
async fn a_typed_composition() {
    let served = Served::compose(ServedParts {
        gate: WasiComponent::new(guest("http-gate")),
        hello: WasiComponent::new(guest("http-hello")),
    });
    let served = served.await.unwrap();
    let server = serve(HttpService::new(served.composition()).unwrap()).await;
    let response = ask(server, get("/hello").body(empty()).unwrap()).await;
    assert_eq!(told(response).await, (401, "a key is needed".to_owned()));
    let request = get("/hello").header("x-key", "open sesame");
    let response = ask(server, request.body(empty()).unwrap()).await;
    assert_eq!(told(response).await, (200, "hello, world".to_owned()));
}
