//! A handler that asks the server which the header `x-server` names for the same path, and
//! sends back what that answers.

use exports::wasi::http::incoming_handler::Guest;
use wasi::http::outgoing_handler;
use wasi::http::types::{
    ErrorCode, Fields, IncomingRequest, IncomingResponse, OutgoingBody, OutgoingRequest,
    OutgoingResponse, ResponseOutparam, Scheme,
};
use wasi::io::streams::StreamError;

wit_bindgen::generate!({
    path: "../../wit/wasi-http",
    world: "test:http/client-guest",
    generate_all,
});

struct Client;

impl Guest for Client {
    fn handle(request: IncomingRequest, response_out: ResponseOutparam) {
        match ask(&request) {
            Ok(response) => pass_on(&response, response_out),
            Err(error) => {
                let response = OutgoingResponse::new(Fields::new());
                response.set_status_code(502).unwrap();
                let body = response.body().unwrap();
                ResponseOutparam::set(response_out, Ok(response));
                let stream = body.write().unwrap();
                let _ = stream.blocking_write_and_flush(format!("{error:?}").as_bytes());
                drop(stream);
                let _ = OutgoingBody::finish(body, None);
            }
        }
    }
}

fn ask(request: &IncomingRequest) -> Result<IncomingResponse, ErrorCode> {
    let server = request.headers().get("x-server").pop().unwrap_or_default();
    let asked = OutgoingRequest::new(Fields::new());
    asked.set_scheme(Some(&Scheme::Http)).unwrap();
    asked
        .set_authority(Some(&String::from_utf8_lossy(&server)))
        .unwrap();
    let path = request.path_with_query();
    asked.set_path_with_query(path.as_deref()).unwrap();
    let future = outgoing_handler::handle(asked, None)?;
    future.subscribe().block();
    future.get().unwrap().unwrap()
}

fn pass_on(from: &IncomingResponse, out: ResponseOutparam) {
    let response = OutgoingResponse::new(Fields::new());
    response.set_status_code(from.status()).unwrap();
    let body = response.body().unwrap();
    let output = body.write().unwrap();
    ResponseOutparam::set(out, Ok(response));
    let incoming = from.consume().unwrap();
    let input = incoming.stream().unwrap();
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

export!(Client);
