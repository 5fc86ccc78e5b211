//! What one handler answers to a client.

use http_body_util::{BodyExt, StreamBody};
use hyper::body::Frame;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

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

/// The answer begins before the request has ended: nobody holds the body.
#[tokio::test]
async fn a_body_is_streamed() {
    let server = hello().await;
    let (pieces, body) = tokio::sync::mpsc::channel::<Result<Frame<Bytes>, std::io::Error>>(1);
    let body = futures::stream::unfold(
        body,
        |mut body| async move { Some((body.recv().await?, body)) },
    );
    let request = Request::post("/echo").header("host", "localhost");
    let request = request.body(StreamBody::new(Box::pin(body))).unwrap();
    let mut client = connect(server).await;
    let response = client.send_request(request);
    let send = async {
        pieces
            .send(Ok(Frame::data(Bytes::from("first"))))
            .await
            .unwrap();
    };
    let (response, ()) = tokio::join!(response, send);
    let mut answer = response.unwrap().into_body();
    let mut got = Vec::new();
    while got.len() < 5 {
        got.extend(answer.frame().await.unwrap().unwrap().into_data().unwrap());
    }
    assert_eq!(got, b"first");
    let piece = Bytes::from(vec![7; 64 << 10]);
    let send = async {
        for _ in 0..128 {
            pieces.send(Ok(Frame::data(piece.clone()))).await.unwrap();
        }
        drop(pieces);
    };
    let (rest, ()) = tokio::join!(answer.collect(), send);
    let rest = rest.unwrap().to_bytes();
    assert_eq!(rest.len(), 128 * (64 << 10));
    assert!(rest.iter().all(|byte| *byte == 7));
}

#[tokio::test]
async fn trailers() {
    let server = hello().await;
    let mut stream = TcpStream::connect(server).await.unwrap();
    let request = "POST /trailers HTTP/1.1\r\nhost: localhost\r\ntransfer-encoding: chunked\r\n\
                   te: trailers\r\ntrailer: checksum\r\nconnection: close\r\n\r\n\
                   4\r\nbody\r\n0\r\nchecksum: 42\r\n\r\n";
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    assert!(answer.contains("4\r\nbody\r\n"), "{answer}");
    assert!(answer.ends_with("0\r\nchecksum: 42\r\n\r\n"), "{answer}");
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
