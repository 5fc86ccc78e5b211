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
use filter::ResponseHead;
use filter::{Allowance, Decision, Exchange, Header, HeaderOp, Onward, Phases, RedirectKind};
use filter::{Redirection, Reply, RequestChunk, RequestHead, ResponseChunk, ResponseDecision};
use rules::{Replace, Rules};
use std::cell::{Cell, RefCell};

mod rules;

wit_bindgen::generate!({
    path: "../../../wit/http-filter",
    world: "composer:http-filter/http-filter",
});

thread_local! {
    static RULES: RefCell<Rules> = RefCell::new(Rules::default());
}

struct Rewrite;

/// What it knows of one exchange.
struct State {
    request: Stream,
    response: Stream,
    /// Bytes of the request's body that are still allowed.
    room: Cell<Option<usize>>,
}

/// A body of which the last bytes may be the first of what is replaced.
struct Stream {
    rule: Option<Replace>,
    held: RefCell<Vec<u8>>,
}

impl Stream {
    fn new(rule: &Option<Replace>) -> Stream {
        Stream {
            rule: rule.clone(),
            held: RefCell::default(),
        }
    }

    /// The next piece, changed; `None` if it may go on as it is.
    fn next(&self, chunk: Vec<u8>, last: bool) -> Option<Vec<u8>> {
        let rule = self.rule.as_ref()?;
        let mut held = self.held.take();
        held.extend(chunk);
        let (done, rest) = rule.apply(held, last);
        self.held.replace(rest);
        Some(done)
    }
}

impl filter::GuestExchange for State {
    fn on_request_body(&self, chunk: Vec<u8>, last: bool) -> RequestChunk {
        if let Some(room) = self.room.get() {
            let Some(room) = room.checked_sub(chunk.len()) else {
                return RequestChunk::Block(Reply {
                    status: 413,
                    headers: Vec::new(),
                    body: b"the body is too long\n".to_vec(),
                });
            };
            self.room.set(Some(room));
        }
        match self.request.next(chunk, last) {
            Some(chunk) => RequestChunk::Replace(chunk),
            None => RequestChunk::Pass,
        }
    }

    fn on_response_headers(&self, _head: ResponseHead) -> ResponseDecision {
        ResponseDecision::Allow(RULES.with_borrow(|rules| rules.response.clone()))
    }

    fn on_response_body(&self, chunk: Vec<u8>, last: bool) -> ResponseChunk {
        match self.response.next(chunk, last) {
            Some(chunk) => ResponseChunk::Replace(chunk),
            None => ResponseChunk::Pass,
        }
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
                request: Stream::new(&self.request_body),
                response: Stream::new(&self.response_body),
                room: Cell::new(self.limit),
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
