//! Handlers, middlewares and clients for WASI 0.3, whose bodies are streams.

use std::collections::VecDeque;

use composer::http::HttpHosts;
use composer::runtime::Pool;
use composer::wasi::WasiComponent;
use futures::stream::FuturesUnordered;
use futures::{FutureExt, StreamExt};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use super::*;
use crate::support::guest;

const LATER: &str = "wasi:http/handler";

async fn hello() -> SocketAddr {
    serve(HttpService::new(&alone("http-later").await).unwrap()).await
}

/// Two middlewares and a handler.
pub(super) async fn gates() -> Composer {
    let (gate, later) = (loaded("http-later-gate").await, loaded("http-later").await);
    let mut composer = Composer::new();
    composer
        .add(ComposableDescriptor::new("outer", gate.part()).with_import_hint(LATER, "inner"))
        .add(ComposableDescriptor::new("inner", gate.part()).with_import_hint(LATER, "later"))
        .add(ComposableDescriptor::new("later", later.part()))
        .with_export_hint(LATER, "outer");
    composer
}

#[tokio::test]
async fn answers() {
    let server = hello().await;
    for (path, answer) in [
        ("/hello", (200, "hello, world")),
        ("/other", (404, "no such page")),
        ("/error", (502, "Bad Gateway")),
        ("/count", (200, "0")),
    ] {
        let (status, text) = told(ask(server, get(path).body(empty()).unwrap()).await).await;
        assert_eq!((status, &*text), answer, "{path}");
    }
    let request = get("/headers").header("x-more", "1").header("x-more", "2");
    let (_, text) = told(ask(server, request.body(empty()).unwrap()).await).await;
    assert!(text.contains("x-more: 1\nx-more: 2\n"), "{text}");
    for path in ["/count", "/late"] {
        let body = Full::new(Bytes::from(vec![1; 1_000_000]));
        let (_, count) = told(ask(server, post(path).body(body).unwrap()).await).await;
        assert_eq!(count, "1000000");
    }
}

#[tokio::test]
async fn the_error_of_a_handler() {
    let service = HttpService::new(&alone("http-later").await).unwrap();
    let request = get("/error").body(empty()).unwrap();
    let error = service.handle(request).await.unwrap_err().to_string();
    assert!(error.contains("`handler`"), "{error}");
    assert!(error.contains("internal-error"), "{error}");
    assert!(error.contains("on purpose"), "{error}");
}

/// The future that a handler gets when it makes an answer.
#[tokio::test]
async fn a_handler_learns_whether_its_answer_was_sent() {
    let server = hello().await;
    let outcome = async || {
        let response = ask(server, get("/outcome").body(empty()).unwrap()).await;
        told(response).await.1
    };
    let (_, all) = told(ask(server, get("/large?300000").body(empty()).unwrap()).await).await;
    assert_eq!(all.len(), 300_000);
    assert_eq!(outcome().await, "Ok(())");
    // More than fits between the two, of which the client reads a part and leaves.
    let mut cut = ask(server, get("/large?300000000").body(empty()).unwrap()).await;
    assert!(cut.body_mut().frame().await.unwrap().is_ok());
    drop(cut);
    let outcome = outcome().await;
    assert!(
        outcome.contains("Err(ErrorCode::ConnectionTerminated"),
        "{outcome}"
    );
}

#[tokio::test]
async fn bodies_are_streamed() {
    let server = hello().await;
    is_streamed(server, "/echo").await;
    has_trailers(server, "/trailers").await;
}

async fn passes_and_refuses(server: SocketAddr, gates: usize) {
    let response = ask(server, get("/hello").body(empty()).unwrap()).await;
    assert_eq!(told(response).await, (401, "a key is needed".to_owned()));
    let request = get("/hello").header(KEY.0, KEY.1);
    let response = ask(server, request.body(empty()).unwrap()).await;
    let stamps = response.headers().get_all("x-gate").iter().count();
    assert_eq!(stamps, gates);
    assert_eq!(told(response).await, (200, "hello, world".to_owned()));
    // Passed on as it is by all, or by the first only.
    for asis in ["/asis".repeat(gates), "/asis".to_owned(), String::new()] {
        let body = Bytes::from(vec![3; 8 << 20]);
        let request = post(&format!("{asis}/echo")).body(Full::new(body.clone()));
        let response = ask(server, request.unwrap()).await;
        assert_eq!(response.status(), 200, "{asis}");
        let back = response.into_body().collect().await.unwrap().to_bytes();
        assert!(back == body, "{asis}");
        is_streamed(server, &format!("{asis}/echo")).await;
        has_trailers(server, &format!("{asis}/trailers")).await;
    }
}

#[tokio::test]
async fn a_chain() {
    let composition = gates().await.compose().await.unwrap();
    let server = serve(HttpService::new(&composition).unwrap()).await;
    passes_and_refuses(server, 2).await;
}

#[tokio::test]
async fn a_chain_with_plain_wasi() {
    let mut composer = Composer::new();
    composer
        .add(ComposableDescriptor::new(
            "gate",
            WasiComponent::new(guest("http-later-gate")),
        ))
        .add(ComposableDescriptor::new(
            "later",
            WasiComponent::new(guest("http-later")),
        ))
        .with_export_hint(LATER, "gate");
    let composition = composer.compose().await.unwrap();
    let server = serve(HttpService::new(&composition).unwrap()).await;
    passes_and_refuses(server, 1).await;
}

/// One instance of each component serves them all.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn many_at_once() {
    let composition = gates().await.compose().await.unwrap();
    let server = serve(HttpService::new(&composition).unwrap()).await;
    let clients = (0..24).map(|client| async move {
        let mut connection = connect(server).await;
        for _ in 0..5 {
            let body = Bytes::from(vec![client; 10_000 + usize::from(client)]);
            let request = post("/echo").body(Full::new(body.clone())).unwrap();
            connection.ready().await.unwrap();
            let response = connection.send_request(request).await.unwrap();
            assert_eq!(response.status(), 200);
            let back = response.into_body().collect().await.unwrap().to_bytes();
            assert!(back == body);
        }
    });
    futures::future::join_all(clients).await;
}

async fn pool() -> (SocketAddr, Pool) {
    let prepared = gates().await.prepare().unwrap();
    let pool = runtime().pool(&prepared).max(2).build().unwrap();
    (serve(HttpService::of_pool(pool.clone())).await, pool)
}

async fn is_served(server: SocketAddr) {
    let request = get("/hello").header(KEY.0, KEY.1);
    let response = ask(server, request.body(empty()).unwrap()).await;
    assert_eq!(told(response).await, (200, "hello, world".to_owned()));
}

/// The client does not take half of a body for the whole, with a length or without.
#[tokio::test]
async fn a_handler_that_traps_in_its_answer() {
    let (server, _pool) = pool().await;
    for path in ["/cut", "/cut-open", "/asis/asis/cut-open"] {
        let request = get(path).header(KEY.0, KEY.1).body(empty()).unwrap();
        // It may trap before the head of its answer has been sent.
        if let Ok(response) = connect(server).await.send_request(request).await
            && response.status() == 200
        {
            response.into_body().collect().await.unwrap_err();
        }
        is_served(server).await;
    }
}

#[tokio::test]
async fn a_client_that_leaves() {
    let (server, pool) = pool().await;
    for _ in 0..4 {
        let request = get("/large?1000000000").header(KEY.0, KEY.1);
        let mut response = ask(server, request.body(empty()).unwrap()).await;
        let first = response.body_mut().frame().await.unwrap().unwrap();
        assert!(!first.into_data().unwrap().is_empty());
        drop(response);
        let mut stream = TcpStream::connect(server).await.unwrap();
        let head = "POST /late HTTP/1.1\r\nhost: localhost\r\nx-key: open sesame\r\n\
                    content-length: 1000\r\n\r\nsome";
        stream.write_all(head.as_bytes()).await.unwrap();
        drop(stream);
    }
    is_served(server).await;
    assert_eq!(pool.status().crashed, 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn only_what_is_granted() {
    let server = hello().await;
    let client = loaded("http-later-client").await;
    for (hosts, answer) in [
        (HttpHosts::none(), (502, "Bad Gateway")),
        (HttpHosts::none().with("127.0.0.1"), (502, "Bad Gateway")),
        (
            HttpHosts::none().with(server.to_string()),
            (200, "hello, world"),
        ),
    ] {
        let part = client.part();
        let part = part.with_grants(Grants::none().with_http_to(hosts));
        let mut composer = Composer::new();
        composer.add(ComposableDescriptor::new("client", part));
        let composition = composer.compose().await.unwrap();
        let client = serve(HttpService::new(&composition).unwrap()).await;
        let request = get("/hello").header("x-to", server.to_string());
        let response = ask(client, request.body(empty()).unwrap()).await;
        let (status, text) = told(response).await;
        assert_eq!((status, &*text), answer);
    }
}

/// A body that is passed on does not get deeper each time.
#[tokio::test]
async fn a_body_to_and_fro() {
    let (gate, later) = (loaded("http-later-gate").await, loaded("http-later").await);
    let limits = Limits::default().with_time(None).with_deadline(None);
    let mut composer = Composer::new();
    composer
        .add(ComposableDescriptor::new(
            "gate",
            gate.part().with_limits(limits.clone()),
        ))
        .add(ComposableDescriptor::new(
            "later",
            later.part().with_limits(limits),
        ))
        .with_export_hint(LATER, "gate");
    let composition = composer.compose().await.unwrap();
    let server = serve(HttpService::new(&composition).unwrap()).await;
    for body in [&b""[..], b"a body"] {
        let request = post("/again?5000").body(Full::new(Bytes::from(body)));
        let response = ask(server, request.unwrap()).await;
        assert_eq!(response.status(), 200);
        let back = response.into_body().collect().await.unwrap().to_bytes();
        assert_eq!(back, body);
    }
}

/// Clients that do not read hold back further requests, and end nobody.
#[tokio::test]
async fn answers_that_nobody_reads() {
    let later = loaded("http-later").await;
    // One call at a time, so that no more are taken in while there are fewer answers.
    let limits = Limits::default().with_streams(4).with_calls(1);
    let mut composer = Composer::new();
    composer.add(ComposableDescriptor::new(
        "later",
        later.part().with_limits(limits),
    ));
    let composition = composer.compose().await.unwrap();
    let service = HttpService::new(&composition).unwrap();
    let mut waiting = FuturesUnordered::new();
    for _ in 0..20 {
        let request = get("/large?1000000").body(empty()).unwrap();
        waiting.push(service.handle(request));
    }
    let mut unread = VecDeque::new();
    let (mut answered, mut most) = (0, 0);
    while answered < 20 {
        match waiting.next().now_or_never().flatten() {
            Some(response) => {
                unread.push_back(response.unwrap());
                answered += 1;
                most = most.max(unread.len());
            }
            None => {
                tokio::task::yield_now().await;
                // Once nothing more comes, a client reads what it has got.
                if unread.len() >= 4 {
                    let response = unread.pop_front().unwrap();
                    let body = response.into_body().collect().await.unwrap();
                    assert_eq!(body.to_bytes().len(), 1_000_000);
                }
            }
        }
    }
    assert!(most <= 4, "{most} are unread at once");
}

/// An answer to `HEAD` has a length, and none of it comes.
#[tokio::test]
async fn a_length_without_a_body() {
    for composition in [
        alone("http-later").await,
        gates().await.compose().await.unwrap(),
    ] {
        let service = HttpService::new(&composition).unwrap();
        let request = Request::head("/length")
            .header("host", "localhost")
            .header(KEY.0, KEY.1);
        let response = service
            .handle(request.body(empty()).unwrap())
            .await
            .unwrap();
        assert_eq!(response.headers()["content-length"], "100");
        let body = response.into_body().collect().await.unwrap().to_bytes();
        assert!(body.is_empty());
    }
}

/// A request may hold a stream of its store, so it is given away or kept.
#[tokio::test]
async fn a_request_is_not_lent() {
    let (lender, looker) = (
        loaded("http-later-lender").await,
        loaded("http-later-looker").await,
    );
    let mut composer = Composer::new();
    composer
        .add(ComposableDescriptor::new("lender", lender.part()))
        .add(ComposableDescriptor::new("looker", looker.part()));
    let composition = composer.compose().await.unwrap();
    let service = HttpService::new(&composition).unwrap();
    let request = get("/hello").body(empty()).unwrap();
    let error = service.handle(request).await.unwrap_err().to_string();
    assert!(error.contains("can be given away but not lent"), "{error}");
}

#[tokio::test]
async fn a_request_that_asks_nobody() {
    let (server, pool) = pool().await;
    let mut stream = TcpStream::connect(server).await.unwrap();
    stream
        .write_all(b"GET /hello HTTP/1.0\r\n\r\n")
        .await
        .unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    assert!(answer.starts_with("HTTP/1.0 400"), "{answer}");
    assert_eq!(pool.status().started, 0, "{:?}", pool.status());
}
