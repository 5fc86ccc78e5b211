//! Translation between HTTP and the filters' types, with checks of the filters' answers.

use http_body_util::{BodyExt, Full};
use hyper::body::Bytes;
use hyper::header::{self, HeaderMap, HeaderName, HeaderValue};
use hyper::http::{request, response};
use hyper::{Response, StatusCode};

use crate::body::Body;
use crate::fault::Nonsense;
use crate::wit::{Header, HeaderOp, RedirectKind, Redirection, Reply, RequestHead, ResponseHead};

/// The most headers that one answer may change.
const HEADERS: usize = 100;

/// Headers that frame or route messages.
const RESERVED: [HeaderName; 9] = [
    header::CONTENT_LENGTH,
    header::TRANSFER_ENCODING,
    header::CONNECTION,
    header::HOST,
    header::TE,
    header::TRAILER,
    header::UPGRADE,
    header::EXPECT,
    header::PROXY_AUTHORIZATION,
];

/// A request's head for a filter.
pub fn request_head(head: &request::Parts, authority: &str, client: &str) -> RequestHead {
    let target = head
        .uri
        .path_and_query()
        .map_or("/", |target| target.as_str());
    RequestHead {
        method: head.method.as_str().to_owned(),
        target: target.to_owned(),
        authority: authority.to_owned(),
        client: client.to_owned(),
        headers: headers(&head.headers),
    }
}

/// A response's head for a filter.
pub fn response_head(head: &response::Parts) -> ResponseHead {
    ResponseHead {
        status: head.status.as_u16(),
        headers: headers(&head.headers),
    }
}

fn headers(headers: &HeaderMap) -> Vec<Header> {
    let header = |(name, value): (&HeaderName, &HeaderValue)| Header {
        name: name.as_str().to_owned(),
        value: value.as_bytes().to_vec(),
    };
    headers.iter().map(header).collect()
}

/// Checked changes to a head. None of them has been applied yet, so that a wrong answer
/// changes nothing.
pub struct Changes(Vec<Change>);

enum Change {
    Set(HeaderName, HeaderValue),
    Append(HeaderName, HeaderValue),
    Remove(HeaderName),
}

/// Checks changes.
///
/// # Errors
///
/// [`Nonsense`], if one of them is not valid for headers.
pub fn changes(ops: Vec<HeaderOp>) -> Result<Changes, Nonsense> {
    if ops.len() > HEADERS {
        return Err(Nonsense::Headers {
            found: ops.len(),
            limit: HEADERS,
        });
    }
    let change = |op| {
        Ok(match op {
            HeaderOp::Set(header) => {
                let (name, value) = checked(header)?;
                Change::Set(name, value)
            }
            HeaderOp::Append(header) => {
                let (name, value) = checked(header)?;
                Change::Append(name, value)
            }
            HeaderOp::Remove(name) => Change::Remove(checked_name(name)?),
        })
    };
    Ok(Changes(
        ops.into_iter().map(change).collect::<Result<_, _>>()?,
    ))
}

impl Changes {
    /// Applies the changes in order.
    pub fn apply(self, headers: &mut HeaderMap) {
        for change in self.0 {
            match change {
                Change::Set(name, value) => drop(headers.insert(name, value)),
                // A header beyond the capacity of the map is dropped.
                Change::Append(name, value) => drop(headers.try_append(name, value)),
                Change::Remove(name) => drop(headers.remove(name)),
            }
        }
    }
}

fn checked(header: Header) -> Result<(HeaderName, HeaderValue), Nonsense> {
    let value = HeaderValue::from_bytes(&header.value);
    let value = value.map_err(|_| Nonsense::Value(header.name.clone()))?;
    Ok((checked_name(header.name)?, value))
}

fn checked_name(name: String) -> Result<HeaderName, Nonsense> {
    match HeaderName::from_bytes(name.as_bytes()) {
        Ok(name) if RESERVED.contains(&name) => Err(Nonsense::Reserved(name.to_string())),
        Ok(name) => Ok(name),
        Err(_) => Err(Nonsense::Name(name)),
    }
}

/// The HTTP response for a filter's own reply.
///
/// # Errors
///
/// [`Nonsense`], if it is not a valid response.
pub fn reply(reply: Reply, limit: usize) -> Result<Response<Body>, Nonsense> {
    let status = StatusCode::from_u16(reply.status).ok();
    let status = status.filter(|status| (200..600).contains(&status.as_u16()));
    let status = status.ok_or(Nonsense::Status(reply.status))?;
    if reply.headers.len() > HEADERS {
        return Err(Nonsense::Headers {
            found: reply.headers.len(),
            limit: HEADERS,
        });
    }
    size(reply.body.len(), limit)?;
    let mut response = Response::new(full(reply.body));
    *response.status_mut() = status;
    for header in reply.headers {
        let (name, value) = checked(header)?;
        let _ = response.headers_mut().try_append(name, value);
    }
    Ok(response)
}

/// A response that sends the client elsewhere.
///
/// # Errors
///
/// [`Nonsense`], if the location is not valid.
pub fn redirect(redirection: Redirection) -> Result<Response<Body>, Nonsense> {
    let wrong = |_| Nonsense::Value("location".to_owned());
    let location = HeaderValue::from_str(&redirection.location).map_err(wrong)?;
    let mut response = Response::new(full(Vec::new()));
    *response.status_mut() = match redirection.kind {
        RedirectKind::MovedPermanently => StatusCode::MOVED_PERMANENTLY,
        RedirectKind::Found => StatusCode::FOUND,
        RedirectKind::SeeOther => StatusCode::SEE_OTHER,
        RedirectKind::Temporary => StatusCode::TEMPORARY_REDIRECT,
        RedirectKind::Permanent => StatusCode::PERMANENT_REDIRECT,
    };
    response.headers_mut().insert(header::LOCATION, location);
    Ok(response)
}

/// Checks that a size is within a limit.
///
/// # Errors
///
/// [`Nonsense::Size`].
pub fn size(found: usize, limit: usize) -> Result<(), Nonsense> {
    match found > limit {
        true => Err(Nonsense::Size { found, limit }),
        false => Ok(()),
    }
}

/// A response of the gateway's own.
pub fn plain(status: StatusCode, text: &str) -> Response<Body> {
    let mut response = Response::new(full(format!("{text}\n").into_bytes()));
    *response.status_mut() = status;
    let value = HeaderValue::from_static("text/plain; charset=utf-8");
    response.headers_mut().insert(header::CONTENT_TYPE, value);
    response
}

fn full(bytes: Vec<u8>) -> Body {
    Full::new(Bytes::from(bytes))
        .map_err(|never| match never {})
        .boxed_unsync()
}
