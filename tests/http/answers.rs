//! What one handler answers to a client.

use http_body_util::BodyExt;

use super::*;

async fn hello() -> SocketAddr {
    serve(HttpService::new(&alone("http-hello").await).unwrap()).await
}

#[tokio::test]
async fn plain_answers() {
    let server = hello().await;
    let response = ask(server, get("/hello").body(empty()).unwrap()).await;
    assert_eq!(response.headers()["content-type"], "text/plain");
    assert_eq!(told(response).await, (200, "hello, world".to_owned()));
    let response = ask(server, get("/other").body(empty()).unwrap()).await;
    assert_eq!(told(response).await, (404, "no such page".to_owned()));
    let request = get("/headers").header("x-more", "1").header("x-more", "2");
    let (_, text) = told(ask(server, request.body(empty()).unwrap()).await).await;
    assert!(text.contains("x-more: 1\nx-more: 2\n"), "{text}");
}

#[tokio::test]
async fn requests_of_one_connection() {
    let mut client = connect(hello().await).await;
    for _ in 0..50 {
        client.ready().await.unwrap();
        let response = client
            .send_request(get("/hello").body(empty()).unwrap())
            .await;
        assert_eq!(told(response.unwrap()).await.1, "hello, world");
    }
}

#[tokio::test]
async fn bodies_are_streamed() {
    let server = hello().await;
    is_streamed(server, "/echo").await;
    has_trailers(server, "/trailers").await;
}

#[tokio::test]
async fn upgrades_are_refused() {
    let server = hello().await;
    let request = get("/hello")
        .header("connection", "upgrade")
        .header("upgrade", "websocket");
    let (status, text) = told(ask(server, request.body(empty()).unwrap()).await).await;
    assert_eq!(status, 501);
    assert!(text.contains("websocket"), "{text}");
    // An offer that the server may leave alone.
    let request = get("/hello").header("upgrade", "h2c");
    let (status, _) = told(ask(server, request.body(empty()).unwrap()).await).await;
    assert_eq!(status, 200);
}

#[tokio::test]
async fn a_service_of_tower() {
    let mut service = HttpService::new(&alone("http-hello").await).unwrap();
    let request = get("/hello").body(empty()).unwrap();
    let response = tower_service::Service::call(&mut service, request)
        .await
        .unwrap();
    let body = response.into_body().collect().await.unwrap().to_bytes();
    assert_eq!(body, "hello, world");
}

#[tokio::test]
async fn what_is_no_handler() {
    let text = HttpService::new(&alone("text-base").await)
        .unwrap_err()
        .to_string();
    assert!(text.contains(HANDLER), "{text}");
}
