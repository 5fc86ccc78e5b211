//! The filters of a route, one after the other.
//!
//! A request's head goes through all filters in order, and each sees the changes of those
//! before it. The filters that want to see more stay in the [`Passage`]: pieces of the
//! request's body go through them in the same order, the response in reverse order.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use hyper::body::Bytes;
use hyper::http::{request, response};
use hyper::{Response, StatusCode};

use crate::body::Body;
use crate::config::OnFailure;
use crate::fault::Fault;
use crate::pool::{Lease, Pool};
use crate::verdict;
use crate::wit::{Decision, Exchange, Phases, RequestChunk, ResponseChunk, ResponseDecision};

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
    /// The longest piece of a body that one gets.
    pub chunk_bytes: usize,
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
struct Link {
    exchange: Exchange,
    phases: Phases,
    /// The filter failed, and the exchange continues without it.
    lost: AtomicBool,
    lease: Lease,
}

impl Passage {
    /// The longest piece of a body that filters get.
    pub fn chunk_bytes(&self) -> usize {
        self.terms.chunk_bytes
    }

    /// Whether a filter watches this body.
    pub fn watches(&self, way: Way) -> bool {
        self.links.iter().any(|link| link.watches(way))
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

    /// Passes a piece of a body through the filters.
    ///
    /// # Errors
    ///
    /// [`Stop`], if the body does not continue.
    pub async fn chunk(&self, way: Way, mut piece: Bytes, last: bool) -> Result<Bytes, Stop> {
        for index in 0..self.links.len() {
            let link = match way {
                Way::Request => &self.links[index],
                Way::Response => &self.links[self.links.len() - 1 - index],
            };
            if !link.watches(way) {
                continue;
            }
            match link.chunk(way, &piece, last, self.terms).await {
                Ok(Piece::Pass) => {}
                Ok(Piece::Replace(other)) => piece = other,
                Ok(Piece::Stop(stop)) => return Err(stop),
                Err(fault) => self.lose(link, fault)?,
            }
        }
        Ok(piece)
    }

    fn lose(&self, link: &Link, fault: Fault) -> Result<(), Stop> {
        self.terms.skip(fault).map_err(Stop::Fault)?;
        link.lost.store(true, Ordering::Release);
        Ok(())
    }
}

enum Piece {
    Pass,
    Replace(Bytes),
    Stop(Stop),
}

impl Link {
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

    async fn chunk(
        &self,
        way: Way,
        piece: &Bytes,
        last: bool,
        terms: Terms,
    ) -> Result<Piece, Fault> {
        let limit = terms.reply_bytes;
        match way {
            Way::Request => {
                const PHASE: &str = "on-request-body";
                let wrong = |nonsense| self.lease.nonsense(PHASE, nonsense);
                let call = self.exchange.on_request_body(&piece[..], last);
                Ok(match self.lease.call(call).await? {
                    RequestChunk::Pass => Piece::Pass,
                    RequestChunk::Replace(other) => replaced(other, limit).map_err(wrong)?,
                    RequestChunk::Block(reply) => {
                        let response = verdict::reply(reply, limit).map_err(wrong)?;
                        Piece::Stop(Stop::Block(Box::new(response)))
                    }
                })
            }
            Way::Response => {
                const PHASE: &str = "on-response-body";
                let wrong = |nonsense| self.lease.nonsense(PHASE, nonsense);
                let call = self.exchange.on_response_body(&piece[..], last);
                Ok(match self.lease.call(call).await? {
                    ResponseChunk::Pass => Piece::Pass,
                    ResponseChunk::Replace(other) => replaced(other, limit).map_err(wrong)?,
                    ResponseChunk::Cut => Piece::Stop(Stop::Cut),
                })
            }
        }
    }
}

fn replaced(other: Vec<u8>, limit: usize) -> Result<Piece, crate::fault::Nonsense> {
    verdict::size(other.len(), limit)?;
    Ok(Piece::Replace(Bytes::from(other)))
}
