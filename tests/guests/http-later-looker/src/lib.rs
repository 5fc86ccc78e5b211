//! Looks at requests that it is lent.

use exports::test::http_later::looks::Guest;
use wasi::http::types::Request;

wit_bindgen::generate!({
    path: "../../wit/wasi-http-later",
    world: "test:http-later/looker-guest",
    generate_all,
});

struct Looker;

impl Guest for Looker {
    fn look(request: &Request) -> u32 {
        request.get_path_with_query().unwrap_or_default().len() as u32
    }
}

export!(Looker);
