//! Changes that every proxy makes to heads.

use std::net::IpAddr;

use hyper::header::{self, HeaderMap, HeaderName, HeaderValue};
use hyper::http::request;
use hyper::http::uri::Authority;

const KEEP_ALIVE: HeaderName = HeaderName::from_static("keep-alive");
const PROXY_CONNECTION: HeaderName = HeaderName::from_static("proxy-connection");
const FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");
const FORWARDED_HOST: HeaderName = HeaderName::from_static("x-forwarded-host");
const FORWARDED_PROTO: HeaderName = HeaderName::from_static("x-forwarded-proto");

/// Headers that concern one connection and not the message. The length of a body is not
/// among them: hyper handles framing, and drops headers that contradict it.
const HOP_BY_HOP: [HeaderName; 9] = [
    header::CONNECTION,
    KEEP_ALIVE,
    PROXY_CONNECTION,
    header::PROXY_AUTHENTICATE,
    header::PROXY_AUTHORIZATION,
    header::TE,
    header::TRAILER,
    header::TRANSFER_ENCODING,
    header::UPGRADE,
];

/// Removes the headers that concern one connection only, and those that `Connection`
/// names.
pub fn remove_hop_by_hop(headers: &mut HeaderMap) {
    let named: Vec<HeaderName> = headers
        .get_all(header::CONNECTION)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .filter_map(|name| name.trim().parse().ok())
        .collect();
    for name in named.iter().chain(&HOP_BY_HOP) {
        headers.remove(name);
    }
}

/// The host that a client asked for: that of an absolute target, or else of the only
/// `Host` header.
pub fn authority(head: &request::Parts) -> Option<String> {
    if let Some(authority) = head.uri.authority() {
        return Some(authority.to_string());
    }
    let mut hosts = head.headers.get_all(header::HOST).iter();
    match (hosts.next(), hosts.next()) {
        (Some(host), None) => {
            let host: Authority = host.to_str().ok()?.parse().ok()?;
            Some(host.to_string())
        }
        _ => None,
    }
}

/// Adds the client and the original host for the upstream.
pub fn forward(headers: &mut HeaderMap, client: IpAddr, authority: &str, upstream: &Authority) {
    // hyper has answered the client's `Expect` already.
    headers.remove(header::EXPECT);
    let before: Vec<&[u8]> = headers
        .get_all(FORWARDED_FOR)
        .iter()
        .map(HeaderValue::as_bytes)
        .collect();
    let mut value = before.join(&b", "[..]);
    if !value.is_empty() {
        value.extend(b", ");
    }
    value.extend(client.to_string().into_bytes());
    for (name, value) in [
        (FORWARDED_FOR, HeaderValue::from_bytes(&value)),
        (FORWARDED_HOST, HeaderValue::from_str(authority)),
        (FORWARDED_PROTO, Ok(HeaderValue::from_static("http"))),
        (header::HOST, HeaderValue::from_str(upstream.as_str())),
    ] {
        if let Ok(value) = value {
            headers.insert(name, value);
        }
    }
}
