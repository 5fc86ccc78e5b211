//! A middleware for WASI 0.3 that lets requests with the right key pass, and stamps the
//! answers that come back. Under `/asis` it passes both on as they are; under `/again` it
//! sends a body to and fro, as many times as the query says.

use exports::wasi::http::handler::Guest;
use wasi::http::handler;
use wasi::http::types::{ErrorCode, Fields, Request, Response};
use wit_bindgen::spawn_local;

wit_bindgen::generate!({
    path: "../../wit/wasi-http-later",
    world: "test:http-later/middleware-guest",
    generate_all,
});

struct Gate;

impl Guest for Gate {
    async fn handle(request: Request) -> Result<Response, ErrorCode> {
        let keys = request.get_headers().get("x-key");
        if !keys.iter().any(|key| key == b"open sesame") {
            let (mut writer, reader) = wit_stream::new();
            spawn_local(async move {
                writer.write_all(b"a key is needed".to_vec()).await;
            });
            let (_, trailers) = wit_future::new(|| Ok(None));
            let (response, _) = Response::new(Fields::new(), Some(reader), trailers);
            response.set_status_code(401).unwrap();
            return Ok(response);
        }
        let path = request.get_path_with_query().unwrap_or_default();
        if let Some(rest) = path.strip_prefix("/asis") {
            request.set_path_with_query(Some(rest)).unwrap();
            return handler::handle(request).await;
        }
        if let Some(times) = path.strip_prefix("/again?") {
            return again(request, times.parse().unwrap()).await;
        }
        let response = handler::handle(request).await?;
        let status = response.get_status_code();
        let headers = response.get_headers().clone();
        let (_, outcome) = wit_future::new(|| Ok(()));
        let (body, trailers) = Response::consume_body(response, outcome);
        headers.append("x-gate", b"passed").unwrap();
        let (response, _) = Response::new(headers, Some(body), trailers);
        response.set_status_code(status).unwrap();
        Ok(response)
    }
}

/// Sends the body of a request to the next handler, and what comes back once more.
async fn again(request: Request, times: u32) -> Result<Response, ErrorCode> {
    let (_, outcome) = wit_future::new(|| Ok(()));
    let (mut body, mut trailers) = Request::consume_body(request, outcome);
    let mut times = times;
    loop {
        let (request, _) = Request::new(Fields::new(), Some(body), trailers, None);
        request.set_path_with_query(Some("/echo")).unwrap();
        let response = handler::handle(request).await?;
        if times == 0 {
            return Ok(response);
        }
        times -= 1;
        let (_, outcome) = wit_future::new(|| Ok(()));
        (body, trailers) = Response::consume_body(response, outcome);
    }
}

export!(Gate);
