//! A middleware that prints each request to its standard error, and passes it on.

use exports::wasi::http::incoming_handler::Guest;
use wasi::http::incoming_handler;
use wasi::http::types::{IncomingRequest, Method, ResponseOutparam};

wit_bindgen::generate!({
    path: "../../wit/wasi-http",
    world: "test:http/middleware-guest",
    generate_all,
});

struct Log;

impl Guest for Log {
    fn handle(request: IncomingRequest, response_out: ResponseOutparam) {
        let method = match request.method() {
            Method::Get => "GET".to_owned(),
            Method::Post => "POST".to_owned(),
            Method::Other(other) => other,
            other => format!("{other:?}"),
        };
        eprintln!("{method} {}", request.path_with_query().unwrap_or_default());
        incoming_handler::handle(request, response_out);
    }
}

export!(Log);
