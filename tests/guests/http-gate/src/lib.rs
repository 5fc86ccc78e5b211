//! A middleware that lets requests with the right key pass.

use exports::wasi::http::incoming_handler::Guest;
use wasi::http::incoming_handler;
use wasi::http::types::{
    Fields, IncomingRequest, OutgoingBody, OutgoingResponse, ResponseOutparam,
};

wit_bindgen::generate!({
    path: "../../wit/wasi-http",
    world: "test:http/middleware-guest",
    generate_all,
});

struct Gate;

impl Guest for Gate {
    fn handle(request: IncomingRequest, response_out: ResponseOutparam) {
        let keys = request.headers().get("x-key");
        if keys.iter().any(|key| key == b"open sesame") {
            return incoming_handler::handle(request, response_out);
        }
        let response = OutgoingResponse::new(Fields::new());
        response.set_status_code(401).unwrap();
        let body = response.body().unwrap();
        ResponseOutparam::set(response_out, Ok(response));
        let stream = body.write().unwrap();
        let _ = stream.blocking_write_and_flush(b"a key is needed");
        drop(stream);
        let _ = OutgoingBody::finish(body, None);
    }
}

export!(Gate);
