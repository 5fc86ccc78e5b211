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
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::client::conn::http1::SendRequest;
use hyper::{Request, Response};
use hyper_util::rt::TokioIo;
use tokio::net::{TcpListener, TcpStream};

use crate::support::sandbox::{loaded, runtime};

const HANDLER: &str = "wasi:http/incoming-handler";

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
