//! A middleware between a component and the servers that it asks: it refuses paths that
//! begin with `/secret`, and passes all others on.

use exports::wasi::http::outgoing_handler::Guest;
use wasi::http::outgoing_handler;
use wasi::http::types::{ErrorCode, FutureIncomingResponse, OutgoingRequest, RequestOptions};

wit_bindgen::generate!({
    path: "../../wit/wasi-http",
    world: "test:http/outgoing-guest",
    generate_all,
});

struct Outgoing;

impl Guest for Outgoing {
    fn handle(
        request: OutgoingRequest,
        options: Option<RequestOptions>,
    ) -> Result<FutureIncomingResponse, ErrorCode> {
        let path = request.path_with_query().unwrap_or_default();
        if path.starts_with("/secret") {
            return Err(ErrorCode::HttpRequestDenied);
        }
        outgoing_handler::handle(request, options)
    }
}

export!(Outgoing);
