//! A handler of HTTP requests: `/hello` greets, `/echo` sends the body back as it comes,
//! `/count` tells how long it is, `/large` sends many bytes, `/trailers` ends with trailers,
//! `/silent` never answers, `/cut` and `/cut-open` trap in the middle of their body.

use exports::wasi::http::incoming_handler::Guest;
use wasi::http::types::{
    Fields, IncomingBody, IncomingRequest, OutgoingBody, OutgoingResponse, ResponseOutparam,
};
use wasi::io::streams::StreamError;

wit_bindgen::generate!({
    path: "../../wit/wasi-http",
    world: "test:http/handler-guest",
    generate_all,
});

struct Hello;

impl Guest for Hello {
    fn handle(request: IncomingRequest, response_out: ResponseOutparam) {
        let path = request.path_with_query().unwrap_or_default();
        let (path, query) = path.split_once('?').unwrap_or((&path, ""));
        match path {
            "/hello" => {
                let body = respond(response_out, 200, &[("content-type", "text/plain")]);
                write(body, b"hello, world");
            }
            "/echo" => echo(&request, response_out),
            "/count" => {
                let bytes = count(&request);
                let body = respond(response_out, 200, &[]);
                write(body, bytes.to_string().as_bytes());
            }
            "/headers" => {
                let mut text = String::new();
                for (name, value) in request.headers().entries() {
                    text += &format!("{name}: {}\n", String::from_utf8_lossy(&value));
                }
                write(respond(response_out, 200, &[]), text.as_bytes());
            }
            "/large" => large(response_out, query.parse().unwrap_or(1 << 20)),
            "/trailers" => trailers(&request, response_out),
            "/silent" => drop(response_out),
            "/cut" | "/cut-open" => {
                let length = [("content-length", "100")];
                let headers = if path == "/cut" { &length[..] } else { &[] };
                let body = respond(response_out, 200, headers);
                let stream = body.write().unwrap();
                stream.blocking_write_and_flush(b"half").unwrap();
                panic!("in the middle of the body");
            }
            _ => write(respond(response_out, 404, &[]), b"no such page"),
        }
    }
}

/// Begins the answer.
fn respond(out: ResponseOutparam, status: u16, headers: &[(&str, &str)]) -> OutgoingBody {
    let fields = Fields::new();
    for (name, value) in headers {
        fields.append(name, value.as_bytes()).unwrap();
    }
    let response = OutgoingResponse::new(fields);
    response.set_status_code(status).unwrap();
    let body = response.body().unwrap();
    ResponseOutparam::set(out, Ok(response));
    body
}

/// Writes all of a body.
fn write(body: OutgoingBody, bytes: &[u8]) {
    let stream = body.write().unwrap();
    for piece in bytes.chunks(4096) {
        if stream.blocking_write_and_flush(piece).is_err() {
            return;
        }
    }
    drop(stream);
    let _ = OutgoingBody::finish(body, None);
}

fn echo(request: &IncomingRequest, out: ResponseOutparam) {
    let incoming = request.consume().unwrap();
    let input = incoming.stream().unwrap();
    let body = respond(out, 200, &[]);
    let output = body.write().unwrap();
    loop {
        match output.blocking_splice(&input, 1 << 16) {
            Ok(_) => {}
            Err(StreamError::Closed) => break,
            Err(_) => return,
        }
    }
    if output.blocking_flush().is_err() {
        return;
    }
    drop((input, output));
    drop(incoming);
    let _ = OutgoingBody::finish(body, None);
}

fn count(request: &IncomingRequest) -> u64 {
    let incoming = request.consume().unwrap();
    let input = incoming.stream().unwrap();
    let mut bytes = 0;
    while let Ok(some) = input.blocking_read(1 << 16) {
        bytes += some.len() as u64;
    }
    bytes
}

fn large(out: ResponseOutparam, bytes: u64) {
    let body = respond(out, 200, &[]);
    let stream = body.write().unwrap();
    let piece = [b'x'; 4096];
    let mut left = bytes;
    while left > 0 {
        let now = left.min(4096);
        if stream
            .blocking_write_and_flush(&piece[..now as usize])
            .is_err()
        {
            return;
        }
        left -= now;
    }
    drop(stream);
    let _ = OutgoingBody::finish(body, None);
}

/// Sends back the body, and the trailers of the request as trailers.
fn trailers(request: &IncomingRequest, out: ResponseOutparam) {
    let incoming = request.consume().unwrap();
    let input = incoming.stream().unwrap();
    let mut all = Vec::new();
    while let Ok(some) = input.blocking_read(1 << 16) {
        all.extend(some);
    }
    drop(input);
    let future = IncomingBody::finish(incoming);
    future.subscribe().block();
    let trailers = match future.get() {
        Some(Ok(Ok(trailers))) => trailers,
        _ => None,
    };
    let body = respond(out, 200, &[("trailer", "checksum")]);
    let stream = body.write().unwrap();
    stream.blocking_write_and_flush(&all).unwrap();
    drop(stream);
    let answer = Fields::new();
    let named = trailers
        .map(|fields| fields.get("checksum"))
        .unwrap_or_default();
    for value in named {
        answer.append("checksum", &value).unwrap();
    }
    let _ = OutgoingBody::finish(body, Some(answer));
}

export!(Hello);
