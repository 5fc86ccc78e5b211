//! A handler for WASI 0.3 that sends each request on to the server in its header `x-to`.

use exports::wasi::http::handler::Guest;
use wasi::http::client;
use wasi::http::types::{ErrorCode, Fields, Request, Response, Scheme};

wit_bindgen::generate!({
    path: "../../wit/wasi-http-later",
    world: "test:http-later/client-guest",
    generate_all,
});

struct Client;

impl Guest for Client {
    async fn handle(request: Request) -> Result<Response, ErrorCode> {
        let to = request.get_headers().get("x-to").concat();
        let to = String::from_utf8(to).unwrap();
        let path = request.get_path_with_query();
        let (_, outcome) = wit_future::new(|| Ok(()));
        let (body, trailers) = Request::consume_body(request, outcome);
        let (request, _) = Request::new(Fields::new(), Some(body), trailers, None);
        request.set_path_with_query(path.as_deref()).unwrap();
        request.set_scheme(Some(&Scheme::Http)).unwrap();
        request.set_authority(Some(&to)).unwrap();
        client::send(request).await
    }
}

export!(Client);
