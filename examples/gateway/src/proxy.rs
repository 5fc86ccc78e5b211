//! The path of a request: in, through the filters, to the upstream, and back.

use std::net::IpAddr;
use std::sync::Arc;

use http_body_util::BodyExt;
use hyper::body::{Body as _, Incoming};
use hyper::header;
use hyper::http::request;
use hyper::{Method, Request, Response, StatusCode, Uri, Version};
use tokio::sync::oneshot;
use tokio::time::timeout;

use crate::body::{Body, BodyError, Ticketed, Timed};
use crate::chain::{Passage, Passed, Stop, Way, failed};
use crate::filtered::filtered;
use crate::headers::{authority, forward, remove_hop_by_hop};
use crate::reload::Gateway;
use crate::site::{Route, Site};
use crate::verdict::plain;

/// Answers a request.
pub async fn handle(
    gateway: &Gateway,
    client: IpAddr,
    request: Request<Incoming>,
) -> Response<Body> {
    let (site, ticket) = loop {
        let site = gateway.site();
        match site.admit() {
            Some(ticket) => break (site, ticket),
            // The site was replaced after the lookup.
            None if !Arc::ptr_eq(&site, &gateway.site()) => {}
            None if site.is_retired() => {
                return plain(
                    StatusCode::SERVICE_UNAVAILABLE,
                    "the gateway is shutting down",
                );
            }
            None => return plain(StatusCode::SERVICE_UNAVAILABLE, "too many requests at once"),
        }
    };
    let response = answer(gateway, &site, client, request).await;
    response.map(|body| Ticketed::body(body, ticket))
}

async fn answer(
    gateway: &Gateway,
    site: &Site,
    client: IpAddr,
    request: Request<Incoming>,
) -> Response<Body> {
    let (mut head, body) = request.into_parts();
    if head.method == Method::CONNECT {
        return plain(StatusCode::NOT_IMPLEMENTED, "no tunnels here");
    }
    let Some(authority) = authority(&head) else {
        return plain(StatusCode::BAD_REQUEST, "a request needs one host");
    };
    let Some(route) = site.route(head.uri.path()) else {
        return plain(StatusCode::NOT_FOUND, "no route goes there");
    };
    remove_hop_by_hop(&mut head.headers);
    let visitor = client.to_string();
    let passed = route.chain.request(&mut head, &authority, &visitor);
    let passage = match passed.await {
        Ok(Passed::Onward(passage)) => Arc::new(passage),
        Ok(Passed::Answer(response)) => return response,
        Err(fault) => {
            tracing::warn!(path = head.uri.path(), %fault, "a request was not let through");
            return failed(&fault);
        }
    };
    forward(&mut head.headers, client, &authority, &route.upstream);
    let is_head = head.method == Method::HEAD;
    match send(gateway, route, head, body, &passage).await {
        Ok(response) => back(response, route, is_head, &passage).await,
        Err(response) => *response,
    }
}

/// Gets the upstream's response; the error is the response to send instead.
async fn send(
    gateway: &Gateway,
    route: &Route,
    mut head: request::Parts,
    body: Incoming,
    passage: &Arc<Passage>,
) -> Result<Response<Incoming>, Box<Response<Body>>> {
    let target = head.uri.path_and_query().cloned();
    head.uri = Uri::builder()
        .scheme("http")
        .authority(route.upstream.clone())
        .path_and_query(target.map_or_else(|| "/".to_owned(), |target| target.to_string()))
        .build()
        .map_err(|_| Box::new(plain(StatusCode::BAD_REQUEST, "not a path")))?;
    head.version = Version::HTTP_11;

    let (block, mut blocked) = oneshot::channel();
    let is_watched = passage.watches(Way::Request) && !body.is_end_stream();
    let mut body = body.map_err(BodyError::from).boxed_unsync();
    if is_watched {
        // The filters may change the length.
        head.headers.remove(header::CONTENT_LENGTH);
        body = filtered(body, passage.clone(), Way::Request, Some(block));
    } else {
        drop(block);
    }

    let request = gateway.client().request(Request::from_parts(head, body));
    let sent = timeout(route.timeout, request);
    let response = tokio::select! {
        biased;
        response = told(&mut blocked) => return Err(Box::new(response)),
        sent = sent => sent,
    };
    match response {
        Ok(Ok(response)) => Ok(response),
        Ok(Err(error)) => {
            // A filter that blocks the body makes the request to the upstream fail, too.
            if let Ok(response) = blocked.try_recv() {
                return Err(Box::new(response));
            }
            tracing::warn!(upstream = %route.upstream, %error, "an upstream failed");
            Err(Box::new(plain(
                StatusCode::BAD_GATEWAY,
                "the upstream failed",
            )))
        }
        Err(_) => {
            tracing::warn!(upstream = %route.upstream, "an upstream took too long");
            Err(Box::new(plain(
                StatusCode::GATEWAY_TIMEOUT,
                "the upstream took too long",
            )))
        }
    }
}

/// Waits for the response of a filter that blocks the body, forever if none does.
async fn told(blocked: &mut oneshot::Receiver<Response<Body>>) -> Response<Body> {
    match blocked.await {
        Ok(response) => response,
        Err(_) => std::future::pending().await,
    }
}

/// Sends the upstream's response back.
async fn back(
    response: Response<Incoming>,
    route: &Route,
    is_head: bool,
    passage: &Arc<Passage>,
) -> Response<Body> {
    let (mut head, body) = response.into_parts();
    remove_hop_by_hop(&mut head.headers);
    head.version = Version::HTTP_11;
    if let Err(stop) = passage.response(&mut head).await {
        if let Stop::Fault(fault) = &stop {
            tracing::warn!(%fault, "a response was not let through");
        }
        let cut = || plain(StatusCode::BAD_GATEWAY, "a filter cut the response off");
        return stop.response().unwrap_or_else(cut);
    }
    let no_body = is_head
        || head.status.is_informational()
        || matches!(
            head.status,
            StatusCode::NO_CONTENT | StatusCode::NOT_MODIFIED
        );
    let ends = body.is_end_stream();
    let mut body = Timed::body(body.map_err(BodyError::from).boxed_unsync(), route.timeout);
    if passage.watches(Way::Response) {
        if !no_body && !ends {
            body = filtered(body, passage.clone(), Way::Response, None);
        }
        if !ends || is_head {
            head.headers.remove(header::CONTENT_LENGTH);
        }
    }
    Response::from_parts(head, body)
}
