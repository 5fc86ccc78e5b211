//! HTTP that components serve and send, over sockets.

mod answers;
mod chains;
mod faults;
mod later;
mod memory;
mod outgoing;
mod typed;

use std::net::SocketAddr;
use std::time::Duration;

use bytes::Bytes;
use composer::http::HttpService;
use composer::runtime::{Grants, Limits, LoadedComponent};
use composer::{ComposableDescriptor, Composer, Composition, Runtime};
use http_body_util::{BodyExt, Full, StreamBody};
use hyper::body::{Frame, Incoming};
use hyper::client::conn::http1::SendRequest;
use hyper::{Request, Response};
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

use crate::support::sandbox::{loaded, runtime};

const HANDLER: &str = "wasi:http/incoming-handler";
/// What the gates ask for.
const KEY: (&str, &str) = ("x-key", "open sesame");

/// A server on a free port, for as long as the test runs.
async fn serve(service: HttpService) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        loop {
            let (stream, _) = listener.accept().await.unwrap();
            let service = service.clone();
            tokio::spawn(async move {
                // A client that leaves is no error of the server's.
                let _ = hyper::server::conn::http1::Builder::new()
                    .serve_connection(TokioIo::new(stream), service)
                    .await;
            });
        }
    });
    address
}

/// A connection of a client.
async fn connect<B>(to: SocketAddr) -> SendRequest<B>
where
    B: hyper::body::Body<Data = Bytes> + Send + 'static,
    B::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
{
    let stream = TcpStream::connect(to).await.unwrap();
    let (sender, connection) = hyper::client::conn::http1::handshake(TokioIo::new(stream))
        .await
        .unwrap();
    tokio::spawn(connection);
    sender
}

/// A request for a path.
fn get(path: &str) -> hyper::http::request::Builder {
    Request::get(path).header("host", "localhost")
}

fn empty() -> Full<Bytes> {
    Full::new(Bytes::new())
}

/// Sends one request on a connection of its own.
async fn ask(to: SocketAddr, request: Request<Full<Bytes>>) -> Response<Incoming> {
    connect(to).await.send_request(request).await.unwrap()
}

/// The status and the text of an answer.
async fn told(response: Response<Incoming>) -> (u16, String) {
    let status = response.status().as_u16();
    let body = response.into_body().collect().await.unwrap().to_bytes();
    (status, String::from_utf8(body.to_vec()).unwrap())
}

/// The composition of one handler.
async fn alone(guest: &str) -> Composition {
    let mut composer = Composer::new();
    let guest = loaded(guest).await;
    composer.add(ComposableDescriptor::new("handler", guest.part()));
    composer.compose().await.unwrap()
}

/// Handlers, each of which passes requests on to the next.
fn chain(handlers: &[(&str, &LoadedComponent)]) -> Composer {
    let mut composer = Composer::new();
    for (i, (name, guest)) in handlers.iter().enumerate() {
        let mut part = ComposableDescriptor::new(*name, guest.part());
        // A hint that changes nothing is a mistake.
        if let Some((next, _)) = handlers.get(i + 1).filter(|_| handlers.len() > 2) {
            part = part.with_import_hint(HANDLER, *next);
        }
        composer.add(part);
    }
    if handlers.len() > 1 {
        composer.with_export_hint(HANDLER, handlers[0].0);
    }
    composer
}

fn post(path: &str) -> hyper::http::request::Builder {
    let request = Request::post(path).header("host", "localhost");
    request.header(KEY.0, KEY.1)
}

/// A body whose pieces the test sends.
fn pieces() -> (
    tokio::sync::mpsc::Sender<Result<Frame<Bytes>, std::io::Error>>,
    impl hyper::body::Body<Data = Bytes, Error = std::io::Error> + Send,
) {
    let (pieces, body) = tokio::sync::mpsc::channel(1);
    let body = futures::stream::unfold(
        body,
        |mut body: tokio::sync::mpsc::Receiver<_>| async move { Some((body.recv().await?, body)) },
    );
    (pieces, StreamBody::new(Box::pin(body)))
}

/// The answer begins before the request has ended, through every component.
async fn is_streamed(server: SocketAddr, path: &str) {
    let (pieces, body) = pieces();
    let request = post(path).body(body).unwrap();
    let mut client = connect(server).await;
    let response = client.send_request(request);
    let send = async {
        let first = Frame::data(Bytes::from("first"));
        pieces.send(Ok(first)).await.unwrap();
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

async fn has_trailers(server: SocketAddr, path: &str) {
    let mut stream = TcpStream::connect(server).await.unwrap();
    let request = format!(
        "POST {path} HTTP/1.1\r\nhost: localhost\r\ntransfer-encoding: chunked\r\n\
         te: trailers\r\ntrailer: checksum\r\nconnection: close\r\n{}: {}\r\n\r\n\
         4\r\nbody\r\n0\r\nchecksum: 42\r\n\r\n",
        KEY.0, KEY.1
    );
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    assert!(answer.contains("4\r\nbody\r\n"), "{answer}");
    assert!(answer.ends_with("0\r\nchecksum: 42\r\n\r\n"), "{answer}");
}
