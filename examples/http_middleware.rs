//! How are HTTP middlewares chained, and served?
//!
//! Each of the three components has a store of its own: a log in Rust, a gate in C that asks
//! for a key, and a handler in Rust. A request goes through the first two to the third, whose answer the
//! client gets as it is written. The program serves them on a socket, and asks as a client
//! does.
//!
//! ```text
//! cargo run --example http_middleware
//! ```
//!
//! It prints:
//!
//! ```text
//! GET /hello: 401 Unauthorized, "a key is needed"
//! GET /hello with the key: 200 OK, "hello, world"
//! POST /echo with the key: 200 OK, 1048576 bytes came back
//! the log of the first component:
//! GET /hello
//! GET /hello
//! POST /echo
//! ```

use std::net::SocketAddr;

use anyhow::Result;
use composer::http::HttpService;
use composer::wasi::{MemoryOutputPipe, WasiComponent, WasiCtx};
use composer::{ComposableDescriptor, Composer, Engines};
use composer_examples::guest_file;
use http_body_util::{BodyExt, Full};
use hyper::body::Bytes;
use hyper::{Request, Response, StatusCode};
use hyper_util::rt::TokioIo;
use tokio::net::{TcpListener, TcpStream};

const HANDLER: &str = "wasi:http/incoming-handler";

#[tokio::main]
async fn main() -> Result<()> {
    let engines = Engines::new()?;
    let part = |name| {
        anyhow::Ok(WasiComponent::new(
            engines.load_component(guest_file(name))?,
        ))
    };
    let log = MemoryOutputPipe::new(1 << 16);
    let prints = WasiCtx::builder().stderr(log.clone()).build();

    let first = ComposableDescriptor::new("log", part("http-log")?.with_ctx(prints));
    let second = ComposableDescriptor::new("gate", part("http-gate-c")?);
    let mut composer = Composer::new();
    composer
        .add(first.with_import_hint(HANDLER, "gate"))
        .add(second.with_import_hint(HANDLER, "hello"))
        .add(ComposableDescriptor::new("hello", part("http-hello")?))
        .with_export_hint(HANDLER, "log");
    let composition = composer.compose().await?;
    let server = serve(HttpService::new(&composition)?).await?;

    let hello = || Request::get("/hello").header("host", "localhost");
    let (status, body) = ask(server, hello().body(Full::default())?).await?;
    println!("GET /hello: {status}, {:?}", String::from_utf8_lossy(&body));
    let request = hello().header("x-key", "open sesame");
    let (status, body) = ask(server, request.body(Full::default())?).await?;
    println!(
        "GET /hello with the key: {status}, {:?}",
        String::from_utf8_lossy(&body)
    );
    let request = Request::post("/echo")
        .header("host", "localhost")
        .header("x-key", "open sesame");
    let body = Full::new(Bytes::from(vec![b'x'; 1 << 20]));
    let (status, body) = ask(server, request.body(body)?).await?;
    println!(
        "POST /echo with the key: {status}, {} bytes came back",
        body.len()
    );
    println!("the log of the first component:");
    print!("{}", String::from_utf8_lossy(&log.contents()));
    Ok(())
}

/// Serves on a free port, with hyper.
async fn serve(service: HttpService) -> Result<SocketAddr> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let address = listener.local_addr()?;
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let service = service.clone();
            tokio::spawn(async move {
                let http = hyper::server::conn::http1::Builder::new();
                // A client that leaves early is no fault of the server's.
                let _ = http.serve_connection(TokioIo::new(stream), service).await;
            });
        }
    });
    Ok(address)
}

/// Sends one request, and waits for the whole answer.
async fn ask(server: SocketAddr, request: Request<Full<Bytes>>) -> Result<(StatusCode, Bytes)> {
    let stream = TcpStream::connect(server).await?;
    let io = TokioIo::new(stream);
    let (mut sender, connection) = hyper::client::conn::http1::handshake(io).await?;
    tokio::spawn(connection);
    let response: Response<_> = sender.send_request(request).await?;
    let status = response.status();
    Ok((status, response.into_body().collect().await?.to_bytes()))
}
