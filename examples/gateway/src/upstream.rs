//! A small upstream to try the gateway with.
//!
//! It answers with the request: a line with method and target, a line for each header
//! sorted by name, an empty line, and the body as it arrives. Some paths do something
//! else: `/silent` never answers, `/broken` hangs up, `/status/204` answers with that
//! status and no body. A query that begins with `late` has it read the body first.

use std::convert::Infallible;
use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::{Context, Poll};

use http_body_util::{BodyExt, Empty, Full};
use hyper::body::{Body as HttpBody, Bytes, Frame, Incoming};
use hyper::http::HeaderValue;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Request, Response, StatusCode};
use hyper_util::rt::TokioIo;
use tokio::net::TcpListener;
use tokio::task::AbortHandle;

use crate::body::{Body, BodyError};

/// An upstream that runs until it is dropped.
pub struct Upstream {
    address: SocketAddr,
    seen: Arc<AtomicU64>,
    task: AbortHandle,
}

impl Upstream {
    /// Starts an upstream on a free port.
    ///
    /// # Errors
    ///
    /// If no port is free.
    pub async fn start() -> io::Result<Upstream> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let address = listener.local_addr()?;
        let seen = Arc::new(AtomicU64::new(0));
        let task = tokio::spawn(serve(listener, seen.clone()));
        Ok(Upstream {
            address,
            seen,
            task: task.abort_handle(),
        })
    }

    /// Its address.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The number of requests that it has received.
    pub fn seen(&self) -> u64 {
        self.seen.load(Ordering::Acquire)
    }
}

impl Drop for Upstream {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn serve(listener: TcpListener, seen: Arc<AtomicU64>) {
    while let Ok((stream, _)) = listener.accept().await {
        let _ = stream.set_nodelay(true);
        let seen = seen.clone();
        let service = service_fn(move |request| {
            seen.fetch_add(1, Ordering::AcqRel);
            answer(request)
        });
        let connection = http1::Builder::new().serve_connection(TokioIo::new(stream), service);
        tokio::spawn(async move {
            // An upstream ignores clients that hang up.
            let _ = connection.await;
        });
    }
}

async fn answer(request: Request<Incoming>) -> Result<Response<Body>, io::Error> {
    let path = request.uri().path().to_owned();
    if path == "/silent" {
        return std::future::pending().await;
    }
    if path == "/broken" {
        return Err(io::Error::other("hangs up"));
    }
    if let Some(status) = path.strip_prefix("/status/")
        && let Ok(status) = status.parse::<StatusCode>()
    {
        let body = Empty::new().map_err(|never: Infallible| match never {});
        let mut response = Response::new(body.boxed_unsync());
        *response.status_mut() = status;
        return Ok(response);
    }
    let mut lines: Vec<String> = request
        .headers()
        .iter()
        .map(|(name, value)| format!("{name}: {}\n", String::from_utf8_lossy(value.as_bytes())))
        .collect();
    lines.sort();
    let head = format!(
        "{} {}\n{}\n",
        request.method(),
        request.uri(),
        lines.concat()
    );
    let length = HttpBody::size_hint(request.body()).exact();
    let is_late = request
        .uri()
        .query()
        .is_some_and(|query| query.starts_with("late"));
    let mut body = request.into_body().map_err(BodyError::from).boxed_unsync();
    if is_late {
        let whole = body.collect().await.map_err(io::Error::other)?.to_bytes();
        body = Full::new(whole)
            .map_err(|never| match never {})
            .boxed_unsync();
    }
    let body = Echo {
        head: Some(Bytes::from(head.clone())),
        body,
    };
    let mut response = Response::new(body.boxed_unsync());
    if let Some(length) = length {
        let length = HeaderValue::from(head.len() as u64 + length);
        response.headers_mut().insert("content-length", length);
    }
    let headers = response.headers_mut();
    headers.insert("x-upstream", HeaderValue::from_static("echo"));
    Ok(response)
}

/// The request's head as text, and then its body as it arrives.
struct Echo {
    head: Option<Bytes>,
    body: Body,
}

impl HttpBody for Echo {
    type Data = Bytes;
    type Error = BodyError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BodyError>>> {
        if let Some(head) = self.head.take() {
            return Poll::Ready(Some(Ok(Frame::data(head))));
        }
        Pin::new(&mut self.body).poll_frame(cx)
    }
}
