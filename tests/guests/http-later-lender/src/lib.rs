//! A handler for WASI 0.3 that lends its request to another component.

use exports::wasi::http::handler::Guest;
use test::http_later::looks;
use wasi::http::types::{ErrorCode, Fields, Request, Response};

wit_bindgen::generate!({
    path: "../../wit/wasi-http-later",
    world: "test:http-later/lender-guest",
    generate_all,
});

struct Lender;

impl Guest for Lender {
    async fn handle(request: Request) -> Result<Response, ErrorCode> {
        looks::look(&request);
        let (_, trailers) = wit_future::new(|| Ok(None));
        let (response, _) = Response::new(Fields::new(), None, trailers);
        Ok(response)
    }
}

export!(Lender);
