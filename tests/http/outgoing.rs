//! Requests that components send.

use composer::http::HttpHosts;

use super::*;

const ASKS: &str = "wasi:http/outgoing-handler";

/// A server that asks the one which a request names, if it is allowed to.
async fn client(allowed: HttpHosts) -> SocketAddr {
    let client = loaded("http-client").await;
    let grants = Grants::none().with_http_to(allowed);
    let mut composer = Composer::new();
    composer.add(ComposableDescriptor::new(
        "client",
        client.part().with_grants(grants),
    ));
    let composition = composer.compose().await.unwrap();
    serve(HttpService::new(&composition).unwrap()).await
}

async fn asked(client: SocketAddr, server: SocketAddr, path: &str) -> (u16, String) {
    let request = get(path).header("x-server", server.to_string());
    told(ask(client, request.body(empty()).unwrap()).await).await
}

async fn server() -> SocketAddr {
    serve(HttpService::new(&alone("http-hello").await).unwrap()).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn only_what_is_granted() {
    let server = server().await;
    let hello = (200, "hello, world".to_owned());
    let denied = (502, "ErrorCode::HttpRequestDenied".to_owned());
    let granted = client(HttpHosts::none().with(server.to_string())).await;
    assert_eq!(asked(granted, server, "/hello").await, hello);
    let other = client(HttpHosts::none().with("127.0.0.1")).await;
    assert_eq!(asked(other, server, "/hello").await, denied);
    let none = client(HttpHosts::none()).await;
    assert_eq!(asked(none, server, "/hello").await, denied);
    let all = client(HttpHosts::all()).await;
    assert_eq!(asked(all, server, "/hello").await, hello);
    let large = asked(granted, server, "/large?300000").await;
    assert_eq!(large.1.len(), 300_000);
}

/// A component between the one that asks and the program: only it has the grant.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn through_a_middleware() {
    let server = server().await;
    let (client, outgoing) = (loaded("http-client").await, loaded("http-outgoing").await);
    let grants = Grants::none().with_http_to(HttpHosts::none().with(server.to_string()));
    let mut composer = Composer::new();
    composer
        .add(ComposableDescriptor::new("client", client.part()).with_import_hint(ASKS, "outgoing"))
        .add(ComposableDescriptor::new(
            "outgoing",
            outgoing.part().with_grants(grants),
        ));
    let composition = composer.compose().await.unwrap();
    let client = serve(HttpService::new(&composition).unwrap()).await;
    let hello = (200, "hello, world".to_owned());
    assert_eq!(asked(client, server, "/hello").await, hello);
    let denied = (502, "ErrorCode::HttpRequestDenied".to_owned());
    assert_eq!(asked(client, server, "/secret/1").await, denied);
}
