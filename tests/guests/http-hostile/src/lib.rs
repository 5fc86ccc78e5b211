//! A filter that goes wrong on demand, in one phase of one request.
//!
//! A request says how by its query, `?wrong=spin` or
//! `?wrong=trap@response-body`; without a phase it is the request's head. The
//! configuration has words of the same kind, for `configure`, `health` and
//! `shutdown`: `trap@health`. What there is:
//!
//! * `spin`, `trap`, `memory`: never come back, end, take memory without end;
//!   in `request-bytes` and `response-bytes`, when it has read a piece of the body;
//! * `refuse`: say no, by an error or by a block;
//! * `status`, `header`, `line`, `location`, `many`, `huge`: answer what is no
//!   HTTP, or more than anybody wants;
//! * `stuck`, `endless`, `unsaid`: in `request-bytes` and `response-bytes`, read
//!   and write nothing any more, write without end, never say how the body ends;
//! * `early`: no fault, but a body that is over before the one that came is;
//! * `count`: no fault, but how many requests this instance has seen.

use exports::composer::http_filter::{filter, lifecycle};
use filter::{Allowance, Decision, Exchange, Header, HeaderOp, Onward, Phases, RedirectKind};
use filter::{Redirection, Reply, RequestBody, RequestBodyEnd, RequestHead};
use filter::{ResponseBody, ResponseBodyEnd, ResponseDecision, ResponseHead};
use std::cell::{Cell, RefCell};
use std::future::pending;
use std::hint::black_box;
use wit_bindgen::{StreamReader, StreamResult, StreamWriter, spawn_local};

wit_bindgen::generate!({
    path: "../../../wit/http-filter",
    world: "composer:http-filter/http-filter",
});

thread_local! {
    static CONFIG: RefCell<String> = const { RefCell::new(String::new()) };
    static SEEN: Cell<u32> = const { Cell::new(0) };
}

struct Hostile;

/// What goes wrong in this exchange.
struct Wrong {
    what: String,
    phase: String,
}

impl Wrong {
    fn of(target: &str) -> Wrong {
        let query = target.split_once('?').map_or("", |(_, query)| query);
        let wrong = query
            .split('&')
            .find_map(|pair| pair.strip_prefix("wrong="));
        let (what, phase) = match wrong.unwrap_or_default().split_once('@') {
            Some((what, phase)) => (what, phase),
            None => (wrong.unwrap_or_default(), "request-headers"),
        };
        Wrong {
            what: what.to_string(),
            phase: phase.to_string(),
        }
    }

    /// What to do in a phase that has only begun.
    fn later(&self, phase: &str) -> Option<String> {
        (self.phase == phase).then(|| self.what.clone())
    }

    /// What to do in a phase, if it comes back.
    fn at(&self, phase: &str) -> &str {
        if self.phase != phase {
            return "";
        }
        fail(&self.what);
        &self.what
    }
}

/// Does not come back from those that do not.
fn fail(what: &str) {
    match what {
        "spin" => loop {
            black_box(());
        },
        "trap" => core::arch::wasm32::unreachable(),
        "memory" => loop {
            black_box(vec![1u8; 65_536].leak());
        },
        _ => {}
    }
}

/// In a phase of its life: an error if it is to refuse.
fn live(phase: &str) -> Result<(), String> {
    let config = CONFIG.with_borrow(String::clone);
    for word in config.split_whitespace() {
        if let Some((what, at)) = word.split_once('@')
            && at == phase
        {
            fail(what);
            if what == "refuse" {
                return Err(format!("it was told to refuse to {phase}"));
            }
        }
    }
    Ok(())
}

fn header(name: &str, value: &str) -> Header {
    Header {
        name: name.to_string(),
        value: value.as_bytes().to_vec(),
    }
}

fn reply(what: &str) -> Reply {
    Reply {
        status: if what == "status" { 42 } else { 418 },
        headers: Vec::new(),
        body: match what {
            "huge" => vec![b'x'; 8 << 20],
            _ => b"refused\n".to_vec(),
        },
    }
}

fn headers(what: &str) -> Vec<HeaderOp> {
    match what {
        "header" => vec![HeaderOp::Set(header("no header", "x"))],
        "line" => vec![HeaderOp::Set(header("x-two", "one\r\nx-lines: two"))],
        "many" => (0..100_000)
            .map(|_| HeaderOp::Append(header("x", "y")))
            .collect(),
        _ => Vec::new(),
    }
}

impl filter::GuestExchange for Wrong {
    async fn on_request_body(&self, from: StreamReader<u8>) -> RequestBody {
        let (end, ended) = wit_future::new(|| RequestBodyEnd::Complete);
        let how = match self.at("request-body") {
            what @ ("refuse" | "status") => RequestBodyEnd::Block(reply(what)),
            _ => RequestBodyEnd::Complete,
        };
        let say = async move { drop(end.write(how).await) };
        let bytes = pass_on(from, self.later("request-bytes"), say);
        RequestBody { bytes, end: ended }
    }

    fn on_response_headers(&self, _head: ResponseHead) -> ResponseDecision {
        match self.at("response-headers") {
            what @ ("refuse" | "status" | "huge") => ResponseDecision::Block(reply(what)),
            what => ResponseDecision::Allow(headers(what)),
        }
    }

    async fn on_response_body(&self, from: StreamReader<u8>) -> ResponseBody {
        let (end, ended) = wit_future::new(|| ResponseBodyEnd::Complete);
        let how = match self.at("response-body") {
            "refuse" => ResponseBodyEnd::Cut,
            _ => ResponseBodyEnd::Complete,
        };
        let say = async move { drop(end.write(how).await) };
        let bytes = pass_on(from, self.later("response-bytes"), say);
        ResponseBody { bytes, end: ended }
    }
}

/// Passes a body on, if `what` says nothing else, and then says how it ends.
fn pass_on(
    from: StreamReader<u8>,
    what: Option<String>,
    say: impl Future<Output = ()> + 'static,
) -> StreamReader<u8> {
    let Some(what) = what else {
        spawn_local(say);
        return from;
    };
    let (to, bytes) = wit_stream::new();
    spawn_local(async move {
        spoil(from, to, &what).await;
        say.await;
    });
    bytes
}

/// Passes a piece of a body on, and then goes wrong.
async fn spoil(mut from: StreamReader<u8>, mut to: StreamWriter<u8>, what: &str) {
    let (_, piece) = from.read(Vec::with_capacity(16_384)).await;
    to.write_all(piece).await;
    fail(what);
    match what {
        "stuck" => pending().await,
        "endless" => while to.write_all(vec![b'x'; 16_384]).await.is_empty() {},
        "early" => return,
        _ => {}
    }
    loop {
        let (result, piece) = from.read(Vec::with_capacity(16_384)).await;
        if !piece.is_empty() && !to.write_all(piece).await.is_empty() {
            return;
        }
        if let StreamResult::Dropped = result {
            break;
        }
    }
    if what == "unsaid" {
        drop(to);
        pending().await
    }
}

impl filter::Guest for Hostile {
    type Exchange = Wrong;

    fn on_request_headers(head: RequestHead) -> Decision {
        SEEN.set(SEEN.get() + 1);
        let wrong = Wrong::of(&head.target);
        match wrong.at("request-headers") {
            "count" => Decision::Block(Reply {
                status: 200,
                headers: Vec::new(),
                body: SEEN.get().to_string().into_bytes(),
            }),
            what @ ("refuse" | "status" | "huge") => Decision::Block(reply(what)),
            "location" => Decision::Redirect(Redirection {
                kind: RedirectKind::Found,
                location: "/here\r\nx-lines: two".to_string(),
            }),
            what => Decision::Allow(Allowance {
                headers: headers(what),
                onward: (wrong.phase != "request-headers").then(|| Onward {
                    exchange: Exchange::new(wrong),
                    phases: Phases::all(),
                }),
            }),
        }
    }
}

impl lifecycle::Guest for Hostile {
    fn configure(config: String) -> Result<(), String> {
        CONFIG.set(config);
        live("configure")
    }

    fn health() -> Result<(), String> {
        live("health")
    }

    fn shutdown() {
        let _ = live("shutdown");
    }
}

export!(Hostile);
