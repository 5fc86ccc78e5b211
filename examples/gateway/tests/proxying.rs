//! The proxy without any filter.

use hyper::Request;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::support::{World, empty, route, within};

async fn world(more: &str) -> World {
    World::start(&[route("/", "", more)]).await
}

#[tokio::test]
async fn the_upstream_hears_who_asked_and_nothing_of_the_connection() {
    let world = world("").await;
    let request = Request::get(world.uri("/a?b=c"))
        .header("connection", "x-private, keep-alive")
        .header("x-private", "1")
        .header("keep-alive", "timeout=5")
        .header("te", "trailers")
        .header("proxy-authorization", "Basic x")
        .header("upgrade", "websocket")
        .header("x-forwarded-for", "192.0.2.1")
        .header("x-kept", "yes");
    let answer = world.send(request.body(empty()).unwrap()).await;
    let mut lines: Vec<&str> = answer.body.lines().collect();
    lines.retain(|line| !line.is_empty());
    assert_eq!(
        lines,
        [
            "GET /a?b=c".to_owned(),
            format!("host: {}", world.upstream.address()),
            "x-forwarded-for: 192.0.2.1, 127.0.0.1".to_owned(),
            format!("x-forwarded-host: {}", world.address),
            "x-forwarded-proto: http".to_owned(),
            "x-kept: yes".to_owned(),
        ]
    );
    world.stop().await;
}

#[tokio::test]
async fn an_upstream_that_fails_is_a_bad_gateway() {
    let world = world("").await;
    world.get("/broken").await.is(502, "the upstream failed\n");
    world.write(&["[[routes]]\npath = '/'\nupstream = 'http://127.0.0.1:1'\n".to_owned()]);
    world.gateway.reload().await.unwrap();
    world.get("/").await.is(502, "the upstream failed\n");
    world.stop().await;
}

#[tokio::test]
async fn an_upstream_that_is_silent_times_out() {
    let world = world("timeout-ms = 50").await;
    world
        .get("/silent")
        .await
        .is(504, "the upstream took too long\n");
    world.stop().await;
}

/// Sends bytes on a connection of their own and reads until it closes.
async fn raw(world: &World, text: &str) -> String {
    within(async {
        let mut stream = TcpStream::connect(world.address).await.unwrap();
        stream.write_all(text.as_bytes()).await.unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.unwrap();
        answer
    })
    .await
}

#[tokio::test]
async fn requests_that_are_none() {
    let world = world("").await;
    let status = async |text: &str| raw(&world, text).await.lines().next().unwrap().to_owned();
    let one = "HTTP/1.1\r\nConnection: close\r\n";
    assert_eq!(
        status(&format!("GET / {one}\r\n")).await,
        "HTTP/1.1 400 Bad Request"
    );
    let two = format!("GET / {one}Host: a\r\nHost: b\r\n\r\n");
    assert_eq!(status(&two).await, "HTTP/1.1 400 Bad Request");
    let tunnel = format!("CONNECT a:1 {one}Host: a:1\r\n\r\n");
    assert_eq!(status(&tunnel).await, "HTTP/1.1 501 Not Implemented");
    assert_eq!(world.upstream.seen(), 0);
    let absolute = format!("GET http://a.example/x {one}Host: b\r\n\r\n");
    let answer = raw(&world, &absolute).await;
    assert!(answer.contains("GET /x\n"), "{answer}");
    assert!(answer.contains("x-forwarded-host: a.example\n"), "{answer}");
    world.stop().await;
}

#[tokio::test]
async fn too_many_requests_are_refused() {
    let limits = "[limits]\nmax-requests = 1\n".to_owned();
    let world = World::start(&[limits, route("/", "", "")]).await;
    let request = Request::get(world.uri("/silent")).body(empty()).unwrap();
    let held = tokio::spawn(world.client.request(request));
    while world.upstream.seen() == 0 {
        tokio::task::yield_now().await;
    }
    world.get("/").await.is(503, "too many requests at once\n");
    held.abort();
    let _ = held.await;
    world.stop().await;
}

#[tokio::test]
async fn the_end_waits_for_requests_under_way() {
    let limits = "[limits]\ndrain-ms = 600000\n".to_owned();
    let world = World::start(&[limits, route("/", "", "")]).await;
    let (to, from) = tokio::sync::mpsc::channel::<hyper::body::Bytes>(1);
    let body = http_body_util::StreamBody::new(futures::stream::unfold(from, async |mut from| {
        let piece = from.recv().await?;
        Some((Ok(hyper::body::Frame::data(piece)), from))
    }));
    let request = Request::post(world.uri("/"));
    let request = request
        .body(http_body_util::BodyExt::boxed_unsync(body))
        .unwrap();
    let response = within(world.client.request(request)).await.unwrap();
    let (gateway, address) = (world.gateway.clone(), world.address);
    let stopped = tokio::spawn(world.stop());
    // The server accepts no more connections.
    while TcpStream::connect(address).await.is_ok() {
        tokio::task::yield_now().await;
    }
    assert!(!stopped.is_finished() && !gateway.site().is_retired());
    to.send("the end".into()).await.unwrap();
    drop(to);
    let answer = crate::support::Answer::of(response).await.unwrap();
    assert_eq!(answer.echo(), "the end");
    within(stopped).await.unwrap();
    assert!(gateway.site().is_retired());
}
