//! Lets through what is on its list, and blocks the rest.
//!
//! Its configuration has a line for each path that is allowed, with all below
//! it: `path /public`.

use exports::composer::http_filter::{filter, lifecycle};
use filter::{Allowance, Decision, Header, Reply, RequestHead, ResponseDecision};
use filter::{RequestBody, ResponseBody, ResponseHead};
use std::cell::RefCell;
use wit_bindgen::StreamReader;

wit_bindgen::generate!({
    path: "../../../wit/http-filter",
    world: "composer:http-filter/http-filter",
});

thread_local! {
    static PATHS: RefCell<Vec<String>> = const { RefCell::new(Vec::new()) };
}

struct Allow;

/// It never asks for more of an exchange.
enum Never {}

impl filter::GuestExchange for Never {
    async fn on_request_body(&self, _bytes: StreamReader<u8>) -> RequestBody {
        match *self {}
    }

    fn on_response_headers(&self, _head: ResponseHead) -> ResponseDecision {
        match *self {}
    }

    async fn on_response_body(&self, _bytes: StreamReader<u8>) -> ResponseBody {
        match *self {}
    }
}

impl filter::Guest for Allow {
    type Exchange = Never;

    fn on_request_headers(head: RequestHead) -> Decision {
        let path = head.target.split(['?', '#']).next().unwrap_or_default();
        if is_ambiguous(path) {
            return refuse(400, format!("not a plain path: {path}\n"));
        }
        if PATHS.with_borrow(|paths| paths.iter().any(|allowed| is_below(path, allowed))) {
            return Decision::Allow(Allowance {
                headers: Vec::new(),
                onward: None,
            });
        }
        refuse(403, format!("not on the list: {path}\n"))
    }
}

/// Whether the upstream may take it for another path than it looks like.
fn is_ambiguous(path: &str) -> bool {
    let lower = path.to_ascii_lowercase();
    path.split('/')
        .any(|segment| segment == "." || segment == "..")
        || ["%2e", "%2f", "%5c", "\\", "//"]
            .iter()
            .any(|bad| lower.contains(bad))
}

fn is_below(path: &str, allowed: &str) -> bool {
    match path.strip_prefix(allowed) {
        Some(rest) => rest.is_empty() || rest.starts_with('/') || allowed.ends_with('/'),
        None => false,
    }
}

fn refuse(status: u16, text: String) -> Decision {
    Decision::Block(Reply {
        status,
        headers: vec![Header {
            name: "content-type".to_string(),
            value: b"text/plain; charset=utf-8".to_vec(),
        }],
        body: text.into_bytes(),
    })
}

impl lifecycle::Guest for Allow {
    fn configure(config: String) -> Result<(), String> {
        let mut paths = Vec::new();
        for line in config
            .lines()
            .map(str::trim)
            .filter(|line| !line.is_empty())
        {
            match line.split_once(' ') {
                Some(("path", path)) if path.trim().starts_with('/') => {
                    paths.push(path.trim().to_string());
                }
                _ => return Err(format!("`{line}` is not `path /…`")),
            }
        }
        if paths.is_empty() {
            return Err("nothing is allowed: it needs a line `path /…`".to_string());
        }
        PATHS.set(paths);
        Ok(())
    }

    fn health() -> Result<(), String> {
        Ok(())
    }

    fn shutdown() {}
}

export!(Allow);
