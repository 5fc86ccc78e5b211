//! The filters of a route, one after the other.
//!
//! A request's head goes through all filters in order, and each sees the changes of those
//! before it. The filters that want to see more stay in the [`Passage`]: the request's body
//! flows through them in the same order, the response in reverse order.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use composer::{FutureReader, StreamError, StreamReader};
use hyper::http::{request, response};
use hyper::{Response, StatusCode};

use crate::body::Body;
use crate::config::OnFailure;
use crate::fault::Fault;
use crate::pool::{Lease, Pool};
use crate::verdict;
use crate::wit::{Decision, Exchange, Phases, RequestBodyEnd, ResponseBodyEnd, ResponseDecision};

/// The filters of a route.
pub struct Chain {
    /// In the order in which they see a request.
    pub filters: Vec<Arc<Pool>>,
    /// The settings that apply to them.
    pub terms: Terms,
}

/// The settings for the filters of a route.
#[derive(Clone, Copy, Debug)]
pub struct Terms {
    /// What to do when one fails.
    pub on_failure: OnFailure,
    /// The bytes of a body that are held for one.
    pub buffer_bytes: usize,
    /// The longest body that one may answer with.
    pub reply_bytes: usize,
}

/// The filters' decision about a request's head.
pub enum Passed {
    /// The request continues to the upstream.
    Onward(Passage),
    /// A filter answered it.
    Answer(Response<Body>),
}

/// The reason why a message does not continue.
pub enum Stop {
    /// A filter gave a response instead.
    Block(Box<Response<Body>>),
    /// A filter breaks the message off.
    Cut,
    /// A filter failed, and the route is closed.
    Fault(Fault),
}

impl Stop {
    /// The response that the client gets, if it can still get one.
    pub fn response(self) -> Option<Response<Body>> {
        match self {
            Stop::Block(response) => Some(*response),
            Stop::Cut => None,
            Stop::Fault(fault) => Some(failed(&fault)),
        }
    }
}

/// The response that a client gets when a filter fails. The details are only logged.
pub fn failed(fault: &Fault) -> Response<Body> {
    let (what, filter) = match fault {
        Fault::Busy { filter, .. } => ("is busy", filter),
        Fault::Resting { filter, .. } => ("rests after failures", filter),
        Fault::Start { filter, .. }
        | Fault::Refused { filter, .. }
        | Fault::Call { filter, .. }
        | Fault::Body { filter, .. }
        | Fault::Stuck { filter, .. }
        | Fault::Lease { filter, .. }
        | Fault::Nonsense { filter, .. } => ("failed", filter),
    };
    verdict::plain(
        StatusCode::SERVICE_UNAVAILABLE,
        &format!("the filter `{filter}` {what}"),
    )
}

impl Chain {
    /// Passes a request's head through the filters, and applies their changes.
    ///
    /// # Errors
    ///
    /// The [`Fault`] of a filter, if the route is closed.
    pub async fn request(
        &self,
        head: &mut request::Parts,
        authority: &str,
        client: &str,
    ) -> Result<Passed, Fault> {
        let mut links = Vec::new();
        for pool in &self.filters {
            match self.decide(pool, head, authority, client).await {
                Ok(Step::Next(link)) => links.extend(link),
                Ok(Step::Answer(response)) => return Ok(Passed::Answer(response)),
                Err(fault) => self.terms.skip(fault)?,
            }
        }
        Ok(Passed::Onward(Passage {
            links,
            terms: self.terms,
        }))
    }

    async fn decide(
        &self,
        pool: &Arc<Pool>,
        head: &mut request::Parts,
        authority: &str,
        client: &str,
    ) -> Result<Step, Fault> {
        const PHASE: &str = "on-request-headers";
        let lease = pool.lease().await?;
        let shown = verdict::request_head(head, authority, client);
        let decision = lease.exports().on_request_headers(shown);
        let limit = self.terms.reply_bytes;
        let wrong = |nonsense| lease.nonsense(PHASE, nonsense);
        match lease.call(decision).await? {
            Decision::Allow(allowance) => {
                let changes = verdict::changes(allowance.headers).map_err(wrong)?;
                changes.apply(&mut head.headers);
                Ok(Step::Next(allowance.onward.map(|onward| Link {
                    exchange: onward.exchange,
                    phases: onward.phases,
                    lost: AtomicBool::new(false),
                    lease,
                })))
            }
            Decision::Block(reply) => {
                Ok(Step::Answer(verdict::reply(reply, limit).map_err(wrong)?))
            }
            Decision::Redirect(to) => Ok(Step::Answer(verdict::redirect(to).map_err(wrong)?)),
        }
    }
}

enum Step {
    Next(Option<Link>),
    Answer(Response<Body>),
}

impl Terms {
    /// Continues without a filter, if the route allows it.
    fn skip(&self, fault: Fault) -> Result<(), Fault> {
        match self.on_failure {
            OnFailure::Closed => Err(fault),
            OnFailure::Open => {
                tracing::warn!(%fault, "a request goes on without a filter");
                Ok(())
            }
        }
    }
}

/// The body that is meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    /// The request's.
    Request,
    /// The response's.
    Response,
}

/// The filters that see more of an exchange than the request's head.
pub struct Passage {
    links: Vec<Link>,
    terms: Terms,
}

/// A filter in an exchange. Its state is dropped first; that frees its instance.
pub struct Link {
    exchange: Exchange,
    phases: Phases,
    /// The filter failed, and the exchange continues without it.
    lost: AtomicBool,
    lease: Lease,
}

/// A body that a filter passes on.
pub struct PassedBody {
    /// What goes on.
    pub bytes: StreamReader<u8>,
    /// How it ends.
    pub end: BodyEnd,
}

/// What a filter says when a body is over.
pub enum BodyEnd {
    /// Of a request.
    Request(FutureReader<RequestBodyEnd>),
    /// Of a response.
    Response(FutureReader<ResponseBodyEnd>),
}

impl Passage {
    /// The bytes of a body that are held for a filter.
    pub fn buffer_bytes(&self) -> usize {
        self.terms.buffer_bytes
    }

    /// Whether a filter watches this body.
    pub fn watches(&self, way: Way) -> bool {
        self.links.iter().any(|link| link.watches(way))
    }

    /// The filters that watch this body, in the order in which it flows through them.
    pub fn watching(&self, way: Way) -> Vec<&Link> {
        let links = self.links.iter().filter(|link| link.watches(way));
        match way {
            Way::Request => links.collect(),
            Way::Response => links.rev().collect(),
        }
    }

    /// Passes a response's head through the filters, and applies their changes.
    ///
    /// # Errors
    ///
    /// [`Stop`], if the response does not continue.
    pub async fn response(&self, head: &mut response::Parts) -> Result<(), Stop> {
        for link in self.links.iter().rev() {
            if !link.wants(Phases::RESPONSE_HEADERS) {
                continue;
            }
            match link.response(head, self.terms.reply_bytes).await {
                Ok(None) => {}
                Ok(Some(response)) => return Err(Stop::Block(Box::new(response))),
                Err(fault) => self.lose(link, fault)?,
            }
        }
        Ok(())
    }

    /// Gives a filter a body. `None` if it failed before it had any of it, and the route
    /// continues without it.
    ///
    /// # Errors
    ///
    /// [`Stop::Fault`].
    pub async fn body(
        &self,
        link: &Link,
        way: Way,
        bytes: StreamReader<u8>,
    ) -> Result<Option<PassedBody>, Stop> {
        match link.body(way, bytes).await {
            Ok(passed) => Ok(Some(passed)),
            Err(fault) => self.lose(link, fault).map(|()| None),
        }
    }

    /// Waits for what a filter says when a body is over.
    ///
    /// # Errors
    ///
    /// [`Stop`], unless nothing is missing.
    pub async fn end(&self, link: &Link, end: BodyEnd) -> Result<(), Stop> {
        let failed = |error: StreamError| Stop::Fault(link.lease.body(error.into()));
        match end {
            BodyEnd::Request(end) => match end.await.map_err(failed)? {
                RequestBodyEnd::Complete => Ok(()),
                RequestBodyEnd::Block(reply) => {
                    Err(match verdict::reply(reply, self.terms.reply_bytes) {
                        Ok(response) => Stop::Block(Box::new(response)),
                        Err(nonsense) => {
                            Stop::Fault(link.lease.nonsense("on-request-body", nonsense))
                        }
                    })
                }
            },
            BodyEnd::Response(end) => match end.await.map_err(failed)? {
                ResponseBodyEnd::Complete => Ok(()),
                ResponseBodyEnd::Cut => Err(Stop::Cut),
            },
        }
    }

    fn lose(&self, link: &Link, fault: Fault) -> Result<(), Stop> {
        self.terms.skip(fault).map_err(Stop::Fault)?;
        link.lost.store(true, Ordering::Release);
        Ok(())
    }
}

impl Link {
    /// The instance that serves it.
    pub fn lease(&self) -> &Lease {
        &self.lease
    }

    fn wants(&self, phase: Phases) -> bool {
        self.phases.contains(phase) && !self.lost.load(Ordering::Acquire)
    }

    fn watches(&self, way: Way) -> bool {
        self.wants(match way {
            Way::Request => Phases::REQUEST_BODY,
            Way::Response => Phases::RESPONSE_BODY,
        })
    }

    async fn response(
        &self,
        head: &mut response::Parts,
        limit: usize,
    ) -> Result<Option<Response<Body>>, Fault> {
        const PHASE: &str = "on-response-headers";
        let call = self
            .exchange
            .on_response_headers(verdict::response_head(head));
        let wrong = |nonsense| self.lease.nonsense(PHASE, nonsense);
        match self.lease.call(call).await? {
            ResponseDecision::Allow(ops) => {
                verdict::changes(ops)
                    .map_err(wrong)?
                    .apply(&mut head.headers);
                Ok(None)
            }
            ResponseDecision::Block(reply) => verdict::reply(reply, limit).map_err(wrong).map(Some),
        }
    }

    async fn body(&self, way: Way, bytes: StreamReader<u8>) -> Result<PassedBody, Fault> {
        Ok(match way {
            Way::Request => {
                let call = self.exchange.on_request_body(bytes);
                let passed = self.lease.call(call).await?;
                PassedBody {
                    bytes: passed.bytes,
                    end: BodyEnd::Request(passed.end),
                }
            }
            Way::Response => {
                let call = self.exchange.on_response_body(bytes);
                let passed = self.lease.call(call).await?;
                PassedBody {
                    bytes: passed.bytes,
                    end: BodyEnd::Response(passed.end),
                }
            }
        })
    }
}
