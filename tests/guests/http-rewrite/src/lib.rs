//! Changes headers and bodies on their way, and sends clients elsewhere.
//!
//! Its configuration has a line for each of:
//!
//! ```text
//! redirect 308 /old /new            a path, and all below it
//! request set x-name some value     or `append`, or `remove x-name`
//! request replace this that         in the body, wherever its pieces begin
//! request limit 1000                bytes of body, or 413
//! response set x-name some value
//! response replace this that
//! ```

use exports::composer::http_filter::{filter, lifecycle};
use filter::{Allowance, Decision, Exchange, Header, HeaderOp, Onward, Phases, RedirectKind};
use filter::{Redirection, Reply, RequestBody, RequestBodyEnd, RequestHead};
use filter::{ResponseBody, ResponseBodyEnd, ResponseDecision, ResponseHead};
use rules::{Replace, Rules};
use std::cell::RefCell;
use wit_bindgen::{StreamReader, StreamResult, StreamWriter, spawn_local};

mod rules;

wit_bindgen::generate!({
    path: "../../../wit/http-filter",
    world: "composer:http-filter/http-filter",
});

thread_local! {
    static RULES: RefCell<Rules> = RefCell::new(Rules::default());
}

struct Rewrite;

/// What it knows of one exchange: what it does with the bodies.
struct State {
    request: Option<Replace>,
    response: Option<Replace>,
    /// Bytes that the request's body may have.
    limit: Option<usize>,
}

/// A body that is longer than it may be.
struct TooLong;

/// The most that is read of a body at once.
const PIECE: usize = 16_384;

/// Writes what is read, changed.
async fn rewrite(
    mut from: StreamReader<u8>,
    mut to: StreamWriter<u8>,
    rule: Option<Replace>,
    limit: Option<usize>,
) -> Result<(), TooLong> {
    let mut room = limit;
    // The last bytes, if they may be the first of what is replaced.
    let mut held = Vec::new();
    loop {
        let (result, piece) = from.read(Vec::with_capacity(PIECE)).await;
        let last = matches!(result, StreamResult::Dropped);
        if let Some(room) = &mut room {
            *room = room.checked_sub(piece.len()).ok_or(TooLong)?;
        }
        let piece = match &rule {
            None => piece,
            Some(rule) => {
                held.extend(piece);
                let (done, rest) = rule.apply(held, last);
                held = rest;
                done
            }
        };
        if !piece.is_empty() && !to.write_all(piece).await.is_empty() {
            // The reader has left.
            return Ok(());
        }
        if last {
            return Ok(());
        }
    }
}

impl filter::GuestExchange for State {
    async fn on_request_body(&self, from: StreamReader<u8>) -> RequestBody {
        let (to, bytes) = wit_stream::new();
        let (end, ended) = wit_future::new(|| RequestBodyEnd::Complete);
        let done = rewrite(from, to, self.request.clone(), self.limit);
        spawn_local(async move {
            let how = match done.await {
                Ok(()) => RequestBodyEnd::Complete,
                Err(TooLong) => RequestBodyEnd::Block(Reply {
                    status: 413,
                    headers: Vec::new(),
                    body: b"the body is too long\n".to_vec(),
                }),
            };
            let _ = end.write(how).await;
        });
        RequestBody { bytes, end: ended }
    }

    fn on_response_headers(&self, _head: ResponseHead) -> ResponseDecision {
        ResponseDecision::Allow(RULES.with_borrow(|rules| rules.response.clone()))
    }

    async fn on_response_body(&self, from: StreamReader<u8>) -> ResponseBody {
        let (to, bytes) = wit_stream::new();
        let (end, ended) = wit_future::new(|| ResponseBodyEnd::Complete);
        let done = rewrite(from, to, self.response.clone(), None);
        spawn_local(async move {
            let _ = done.await;
            let _ = end.write(ResponseBodyEnd::Complete).await;
        });
        ResponseBody { bytes, end: ended }
    }
}

impl filter::Guest for Rewrite {
    type Exchange = State;

    fn on_request_headers(head: RequestHead) -> Decision {
        RULES.with_borrow(|rules| {
            if let Some(redirection) = rules.redirection(&head.target) {
                return Decision::Redirect(redirection);
            }
            Decision::Allow(Allowance {
                headers: rules.request.clone(),
                onward: rules.onward(),
            })
        })
    }
}

impl Rules {
    fn onward(&self) -> Option<Onward> {
        let mut phases = Phases::empty();
        phases.set(
            Phases::REQUEST_BODY,
            self.limit.is_some() || self.request_body.is_some(),
        );
        phases.set(Phases::RESPONSE_HEADERS, !self.response.is_empty());
        phases.set(Phases::RESPONSE_BODY, self.response_body.is_some());
        if phases.is_empty() {
            return None;
        }
        Some(Onward {
            exchange: Exchange::new(State {
                request: self.request_body.clone(),
                response: self.response_body.clone(),
                limit: self.limit,
            }),
            phases,
        })
    }

    fn redirection(&self, target: &str) -> Option<Redirection> {
        let (path, query) = match target.find('?') {
            Some(at) => target.split_at(at),
            None => (target, ""),
        };
        self.redirects.iter().find_map(|redirect| {
            let rest = path.strip_prefix(&*redirect.from)?;
            (rest.is_empty() || rest.starts_with('/')).then(|| Redirection {
                kind: redirect.kind,
                location: format!("{}{rest}{query}", redirect.to),
            })
        })
    }
}

impl lifecycle::Guest for Rewrite {
    fn configure(config: String) -> Result<(), String> {
        RULES.set(config.parse()?);
        Ok(())
    }

    fn health() -> Result<(), String> {
        Ok(())
    }

    fn shutdown() {}
}

export!(Rewrite);
