//! Lets through who has a token, and tells the upstream who it is.
//!
//! Its configuration has a line for each token: `token SECRET USER`. The
//! upstream gets `x-user`, and neither the token nor an `x-user` of the client's.

use exports::composer::http_filter::{filter, lifecycle};
use filter::{Allowance, Decision, Header, HeaderOp, Reply, RequestHead, ResponseDecision};
use filter::{RequestBody, ResponseBody, ResponseHead};
use std::cell::RefCell;
use wit_bindgen::StreamReader;

wit_bindgen::generate!({
    path: "../../../wit/http-filter",
    world: "composer:http-filter/http-filter",
});

struct User {
    secret: Vec<u8>,
    name: String,
}

thread_local! {
    static USERS: RefCell<Vec<User>> = const { RefCell::new(Vec::new()) };
}

struct Token;

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

impl filter::Guest for Token {
    type Exchange = Never;

    fn on_request_headers(head: RequestHead) -> Decision {
        let mut given = head
            .headers
            .iter()
            .filter(|header| header.name == "authorization");
        // Two of them could mean two things to two programs.
        let (Some(header), None) = (given.next(), given.next()) else {
            return unauthorized("one bearer token is needed\n");
        };
        let Some(token) = bearer(&header.value) else {
            return unauthorized("one bearer token is needed\n");
        };
        let user = USERS.with_borrow(|users| {
            // All of them are compared, whichever it is.
            users
                .iter()
                .fold(None, |found, user| match equal(&user.secret, token) {
                    true => Some(user.name.clone()),
                    false => found,
                })
        });
        let Some(user) = user else {
            return unauthorized("this token is nobody's\n");
        };
        Decision::Allow(Allowance {
            headers: vec![
                HeaderOp::Remove("authorization".to_string()),
                HeaderOp::Set(Header {
                    name: "x-user".to_string(),
                    value: user.into_bytes(),
                }),
            ],
            onward: None,
        })
    }
}

fn bearer(value: &[u8]) -> Option<&[u8]> {
    let (scheme, token) = value.split_at_checked(7)?;
    scheme.eq_ignore_ascii_case(b"bearer ").then_some(token)
}

/// Takes as long whatever the first difference is.
fn equal(a: &[u8], b: &[u8]) -> bool {
    let differences = a.iter().zip(b).fold(0, |all, (a, b)| all | (a ^ b));
    a.len() == b.len() && std::hint::black_box(differences) == 0
}

fn unauthorized(text: &str) -> Decision {
    let header = |name: &str, value: &str| Header {
        name: name.to_string(),
        value: value.as_bytes().to_vec(),
    };
    Decision::Block(Reply {
        status: 401,
        headers: vec![
            header("www-authenticate", "Bearer"),
            header("content-type", "text/plain; charset=utf-8"),
        ],
        body: text.as_bytes().to_vec(),
    })
}

impl lifecycle::Guest for Token {
    fn configure(config: String) -> Result<(), String> {
        let mut users = Vec::new();
        for (number, line) in config.lines().enumerate() {
            let words: Vec<&str> = line.split_whitespace().collect();
            match words[..] {
                [] => {}
                ["token", secret, name] => users.push(User {
                    secret: secret.as_bytes().to_vec(),
                    name: name.to_string(),
                }),
                // The line may hold a secret.
                _ => return Err(format!("line {} is not `token SECRET USER`", number + 1)),
            }
        }
        if users.is_empty() {
            return Err("nobody has a token: it needs a line `token SECRET USER`".to_string());
        }
        USERS.set(users);
        Ok(())
    }

    fn health() -> Result<(), String> {
        Ok(())
    }

    fn shutdown() {
        USERS.set(Vec::new());
    }
}

export!(Token);
