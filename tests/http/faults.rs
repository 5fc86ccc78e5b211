//! Handlers and clients that do not behave.

use composer::runtime::{Pool, Reset};

use super::*;

async fn pool_of(composer: Composer) -> (SocketAddr, Pool) {
    let prepared = composer.prepare().unwrap();
    let pool = runtime()
        .pool(&prepared)
        .max(2)
        .reset(Reset::Keep)
        .build()
        .unwrap();
    (serve(HttpService::of_pool(pool.clone())).await, pool)
}

async fn hello() -> (SocketAddr, Pool) {
    let hello = loaded("http-hello").await;
    pool_of(chain(&[("hello", &hello)])).await
}

async fn is_served(server: SocketAddr) {
    let response = ask(server, get("/hello").body(empty()).unwrap()).await;
    assert_eq!(told(response).await, (200, "hello, world".to_owned()));
}

#[tokio::test]
async fn a_handler_without_an_answer() {
    let (server, _pool) = hello().await;
    let response = ask(server, get("/silent").body(empty()).unwrap()).await;
    assert_eq!(told(response).await.0, 500);
    is_served(server).await;
}

/// The answer breaks off: before its head has been sent, or within its body.
async fn is_cut(server: SocketAddr, path: &str) {
    let request = get(path).body(empty()).unwrap();
    if let Ok(response) = connect(server).await.send_request(request).await {
        assert_eq!(response.status(), 200);
        response.into_body().collect().await.unwrap_err();
    }
}

/// The client does not take half of a body for the whole.
#[tokio::test]
async fn a_handler_that_traps_in_its_answer() {
    let (server, _pool) = hello().await;
    is_cut(server, "/cut").await;
    is_served(server).await;
}

/// The same without a length, where the body would otherwise look whole.
#[tokio::test]
async fn a_handler_that_traps_in_an_answer_without_a_length() {
    let (server, _pool) = hello().await;
    is_cut(server, "/cut-open").await;
    is_served(server).await;
}

/// Its writes fail, and it ends.
#[tokio::test]
async fn a_client_that_leaves_before_the_end() {
    let (server, pool) = hello().await;
    for _ in 0..4 {
        let path = get("/large?1000000000");
        let mut response = ask(server, path.body(empty()).unwrap()).await;
        let first = response.body_mut().frame().await.unwrap().unwrap();
        assert!(!first.into_data().unwrap().is_empty());
        drop(response);
    }
    is_served(server).await;
    assert_eq!(pool.status().crashed, 0);
}

/// A handler that reads is told that there is no more to come.
#[tokio::test]
async fn a_client_that_leaves_within_its_request() {
    use tokio::io::AsyncWriteExt;
    let (server, _pool) = hello().await;
    for _ in 0..4 {
        let mut stream = TcpStream::connect(server).await.unwrap();
        let head = "POST /count HTTP/1.1\r\nhost: localhost\r\ncontent-length: 1000\r\n\r\nsome";
        stream.write_all(head.as_bytes()).await.unwrap();
        drop(stream);
    }
    is_served(server).await;
}

/// Other requests are served while one takes its time.
#[tokio::test]
async fn a_slow_client() {
    let (server, _pool) = hello().await;
    let response = ask(server, get("/large?1000000").body(empty()).unwrap()).await;
    let mut body = response.into_body();
    let mut bytes = 0;
    while let Some(frame) = body.frame().await {
        bytes += frame.unwrap().into_data().unwrap().len();
        is_served(server).await;
    }
    assert_eq!(bytes, 1_000_000);
}

/// A middleware that computes for ever is ended, and only its request is lost.
#[tokio::test]
async fn a_hostile_middleware() {
    let spins = wat::parse_str(SPINS).unwrap();
    let spins = runtime().load_bytes("spins", spins).await.unwrap();
    let hello = loaded("http-hello").await;
    let limits = Limits::default().with_time(Some(Duration::from_millis(50)));
    let mut composer = Composer::new();
    let part = spins.part().with_limits(limits).with_grants(Grants::none());
    composer
        .add(ComposableDescriptor::new("spins", part))
        .add(ComposableDescriptor::new("hello", hello.part()))
        .with_export_hint(HANDLER, "spins");
    let (server, _pool) = pool_of(composer).await;
    for _ in 0..3 {
        let response = ask(server, get("/hello").body(empty()).unwrap()).await;
        assert_eq!(told(response).await, (504, "Gateway Timeout".to_owned()));
    }
    let _: &Runtime = runtime();
}

/// A middleware that never calls the next one.
const SPINS: &str = r#"
(component
  (import "wasi:http/types@0.2.0" (instance $types
    (export "incoming-request" (type $request (sub resource)))
    (export "response-outparam" (type $out (sub resource)))))
  (alias export $types "incoming-request" (type $request))
  (alias export $types "response-outparam" (type $out))
  (import "wasi:http/incoming-handler@0.2.0" (instance $next
    (export "incoming-request" (type $request' (eq $request)))
    (export "response-outparam" (type $out' (eq $out)))
    (export "handle" (func (param "request" (own $request')) (param "response-out" (own $out'))))))
  (core module $code
    (func (export "handle") (param i32 i32) (loop $more (br $more))))
  (core instance $code (instantiate $code))
  (type $own-request (own $request))
  (type $own-out (own $out))
  (func $handle (param "request" $own-request) (param "response-out" $own-out)
    (canon lift (core func $code "handle")))
  (component $shown
    (import "incoming-request" (type $request (sub resource)))
    (import "response-outparam" (type $out (sub resource)))
    (import "handle" (func $handle (param "request" (own $request)) (param "response-out" (own $out))))
    (export $request' "incoming-request" (type $request))
    (export $out' "response-outparam" (type $out))
    (export "handle" (func $handle)
      (func (param "request" (own $request')) (param "response-out" (own $out')))))
  (instance $shown (instantiate $shown
    (with "incoming-request" (type $request))
    (with "response-outparam" (type $out))
    (with "handle" (func $handle))))
  (export "wasi:http/incoming-handler@0.2.0" (instance $shown)))
"#;
