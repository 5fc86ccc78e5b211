//! A handler of HTTP requests for WASI 0.3: `/hello` greets, `/echo` sends the body back as
//! it comes, `/count` tells how long it is, `/large` sends many bytes, `/trailers` ends with
//! those of the request, `/length` has a length and no body, `/error` answers with an
//! error, `/cut` traps in the middle of its body, `/late` waits for the whole body before it
//! answers, and `/outcome` tells how the last `/large` ended.

use std::cell::Cell;

use exports::wasi::http::handler::Guest;
use wasi::http::types::{ErrorCode, Fields, Request, Response};
use wit_bindgen::{FutureReader, StreamReader, spawn_local};

wit_bindgen::generate!({
    path: "../../wit/wasi-http-later",
    world: "test:http-later/handler-guest",
    generate_all,
});

type Trailers = Result<Option<Fields>, ErrorCode>;

thread_local! {
    /// Tells whether the last large answer was sent.
    static LARGE_SENT: Cell<Option<FutureReader<Result<(), ErrorCode>>>> = Cell::default();
}

struct Later;

impl Guest for Later {
    async fn handle(request: Request) -> Result<Response, ErrorCode> {
        let path = request.get_path_with_query().unwrap_or_default();
        let (path, query) = path.split_once('?').unwrap_or((&path, ""));
        Ok(match path {
            "/hello" => text(200, b"hello, world".to_vec()),
            "/echo" => {
                let (body, trailers) = consume(request);
                respond(200, &[], body, trailers)
            }
            "/count" => {
                let (body, _) = consume(request);
                let (mut writer, reader) = wit_stream::new();
                spawn_local(async move {
                    let count = count(body).await;
                    writer.write_all(count.to_string().into_bytes()).await;
                });
                respond(200, &[], reader, no_trailers())
            }
            "/late" => {
                let count = count(consume(request).0).await;
                text(200, count.to_string().into_bytes())
            }
            "/headers" => {
                let mut all = String::new();
                for (name, value) in request.get_headers().copy_all() {
                    all += &format!("{name}: {}\n", String::from_utf8_lossy(&value));
                }
                text(200, all.into_bytes())
            }
            "/large" => large(query.parse().unwrap_or(1 << 20)),
            "/outcome" => {
                let sent = LARGE_SENT.take().expect("there was none");
                text(200, format!("{:?}", sent.await).into_bytes())
            }
            "/trailers" => {
                let (body, trailers) = consume(request);
                respond(200, &[("trailer", "checksum")], body, trailers)
            }
            "/length" => {
                let fields = Fields::new();
                fields.append("content-length", b"100").unwrap();
                Response::new(fields, None, no_trailers()).0
            }
            "/error" => return Err(ErrorCode::InternalError(Some("on purpose".to_owned()))),
            "/cut" | "/cut-open" => {
                let length = [("content-length", "100")];
                let headers = if path == "/cut" { &length[..] } else { &[] };
                let (mut writer, reader) = wit_stream::new();
                spawn_local(async move {
                    writer.write_all(b"half".to_vec()).await;
                    panic!("in the middle of the body");
                });
                respond(200, headers, reader, no_trailers())
            }
            _ => text(404, b"no such page".to_vec()),
        })
    }
}

/// The body of a request, and what comes after it.
fn consume(request: Request) -> (StreamReader<u8>, FutureReader<Trailers>) {
    let (_, outcome) = wit_future::new(|| Ok(()));
    Request::consume_body(request, outcome)
}

async fn count(mut body: StreamReader<u8>) -> u64 {
    let mut bytes = 0;
    while let Some(_) = body.next().await {
        bytes += 1;
        let (_, some) = body.read(Vec::with_capacity(1 << 16)).await;
        bytes += some.len() as u64;
    }
    bytes
}

fn no_trailers() -> FutureReader<Trailers> {
    let (_, trailers) = wit_future::new(|| Ok(None));
    trailers
}

/// An answer with this body.
fn respond(
    status: u16,
    headers: &[(&str, &str)],
    body: StreamReader<u8>,
    trailers: FutureReader<Trailers>,
) -> Response {
    let fields = Fields::new();
    for (name, value) in headers {
        fields.append(name, value.as_bytes()).unwrap();
    }
    let (response, _) = Response::new(fields, Some(body), trailers);
    response.set_status_code(status).unwrap();
    response
}

fn text(status: u16, bytes: Vec<u8>) -> Response {
    let (mut writer, reader) = wit_stream::new();
    spawn_local(async move {
        writer.write_all(bytes).await;
    });
    respond(status, &[], reader, no_trailers())
}

fn large(bytes: u64) -> Response {
    let (mut writer, reader) = wit_stream::new();
    spawn_local(async move {
        let mut left = bytes;
        while left > 0 {
            let now = left.min(1 << 16);
            if !writer.write_all(vec![b'x'; now as usize]).await.is_empty() {
                return;
            }
            left -= now;
        }
    });
    let (response, sent) = Response::new(Fields::new(), Some(reader), no_trailers());
    LARGE_SENT.set(Some(sent));
    response
}

export!(Later);
