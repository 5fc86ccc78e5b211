//! The service that answers requests with a component.

use std::convert::Infallible;
use std::error::Error as StdError;
use std::fmt;
use std::task::{Context, Poll};

use bytes::Bytes;
use futures::FutureExt;
use futures::future::BoxFuture;
use http::uri::Scheme;
use http::{HeaderMap, Method, Request, Response, Uri, header};
use http_body::Body;

use crate::composition::{Composition, ExportFunc, Value};
use crate::error::{CallError, LookupError};
#[cfg(feature = "wasi-p3")]
use crate::http::p3_call;
use crate::http::{HttpError, ResponseBody, p2_call};
#[cfg(feature = "runtime")]
use crate::runtime::{Lease, Pool};

/// There are no leases without pools.
#[cfg(not(feature = "runtime"))]
type Lease = Infallible;

/// The interface that a handler exports, in version 0.2 of WASI.
const P2_HANDLER: &str = "wasi:http/incoming-handler";
/// The same in version 0.3.
#[cfg(feature = "wasi-p3")]
const P3_HANDLER: &str = "wasi:http/handler";

/// Answers HTTP requests with the handler that a composition exports.
///
/// It is a service of hyper's and of tower's, and cheap to clone. Requests are served at
/// once, as far as their component takes calls at once: a component that waits within a
/// request serves no other one meanwhile, so [a pool](HttpService::of_pool) is what
/// handlers that wait need.
///
/// # Cancellation
///
/// If a client leaves before it has its answer, the call is
/// [abandoned](crate::ExportFunc#cancellation).
#[derive(Clone)]
pub struct HttpService {
    handlers: Handlers,
    scheme: Scheme,
}

/// Where the handlers are.
#[derive(Clone)]
enum Handlers {
    One(Handler),
    #[cfg(feature = "runtime")]
    Pool(Pool),
}

/// The function that answers requests.
#[derive(Clone)]
struct Handler {
    func: ExportFunc,
    version: HandlerVersion,
}

/// The version of WASI that a handler has.
#[derive(Clone, Copy)]
enum HandlerVersion {
    P2,
    #[cfg(feature = "wasi-p3")]
    P3,
}

impl Handler {
    fn of(composition: &Composition) -> Result<Self, LookupError> {
        let earlier = composition.get_func(Some(P2_HANDLER), "handle");
        #[cfg(feature = "wasi-p3")]
        if earlier.is_err() {
            let version = HandlerVersion::P3;
            match composition.get_func(Some(P3_HANDLER), "handle") {
                Ok(func) => return Ok(Handler { func, version }),
                Err(error @ LookupError::Untransferable { .. }) => return Err(error),
                // It has neither, and the first is what most have.
                Err(_) => {}
            }
        }
        let version = HandlerVersion::P2;
        Ok(Handler {
            func: earlier?,
            version,
        })
    }
}

impl HttpService {
    /// A service that calls one composition.
    ///
    /// # Errors
    ///
    /// [`LookupError`] if the composition exports neither `wasi:http/incoming-handler` in
    /// version 0.2 nor, with the feature `wasi-p3`, `wasi:http/handler` in version 0.3, or
    /// if the requests are no resources of the host.
    pub fn new(composition: &Composition) -> Result<Self, LookupError> {
        Ok(HttpService {
            handlers: Handlers::One(Handler::of(composition)?),
            scheme: Scheme::HTTP,
        })
    }

    /// A service that calls a composition of a pool for each request. The composition goes
    /// back when the answer has been sent.
    #[cfg(feature = "runtime")]
    pub fn of_pool(pool: Pool) -> Self {
        HttpService {
            handlers: Handlers::Pool(pool),
            scheme: Scheme::HTTP,
        }
    }

    /// Sets the scheme that components see: `https` behind an end of TLS.
    #[must_use]
    pub fn with_scheme(mut self, scheme: Scheme) -> Self {
        self.scheme = scheme;
        self
    }

    /// Answers one request.
    ///
    /// # Errors
    ///
    /// [`HttpError`] if there is no answer. As a service of hyper's or tower's, the
    /// service answers with the error's [status](HttpError::status) instead.
    pub async fn handle<B>(&self, request: Request<B>) -> Result<Response<ResponseBody>, HttpError>
    where
        B: Body<Data = Bytes> + Send + 'static,
        B::Error: Into<Box<dyn StdError + Send + Sync>>,
    {
        refuse_upgrade(request.method(), request.headers())?;
        refuse_without_host(request.uri(), request.headers())?;
        let lent = self.lend().await?;
        match lent.version {
            HandlerVersion::P2 => p2_call::handle(lent, &self.scheme, request).await,
            #[cfg(feature = "wasi-p3")]
            HandlerVersion::P3 => p3_call::handle(lent, &self.scheme, request).await,
        }
    }

    /// The answer to a request, whatever happens.
    async fn answer<B>(&self, request: Request<B>) -> Response<ResponseBody>
    where
        B: Body<Data = Bytes> + Send + 'static,
        B::Error: Into<Box<dyn StdError + Send + Sync>>,
    {
        self.handle(request).await.unwrap_or_else(|error| {
            tracing::warn!(target: "composer::http", %error, "a request got no answer");
            let status = error.status();
            // What happened inside is nothing for the client.
            let text = match &error {
                HttpError::Upgrade { .. } | HttpError::Request { .. } => error.to_string(),
                _ => status.canonical_reason().unwrap_or_default().to_owned(),
            };
            let mut response = Response::new(ResponseBody::of_text(text));
            *response.status_mut() = status;
            response
        })
    }

    async fn lend(&self) -> Result<LentHandler, HttpError> {
        let (handler, lease) = match &self.handlers {
            Handlers::One(handler) => (handler.clone(), None),
            #[cfg(feature = "runtime")]
            Handlers::Pool(pool) => {
                let lease = pool.lease().await?;
                (Handler::of(&lease)?, Some(lease))
            }
        };
        Ok(LentHandler {
            func: handler.func,
            version: handler.version,
            _lease: lease,
        })
    }
}

/// Refuses what would make the connection one of another protocol.
fn refuse_upgrade(method: &Method, headers: &HeaderMap) -> Result<(), HttpError> {
    let wanted = match (method, headers.get(header::UPGRADE)) {
        (&Method::CONNECT, _) => "CONNECT".to_owned(),
        // An offer to go on in HTTP/2 can be left alone.
        (_, Some(protocol)) if !protocol.as_bytes().eq_ignore_ascii_case(b"h2c") => {
            String::from_utf8_lossy(protocol.as_bytes()).into_owned()
        }
        _ => return Ok(()),
    };
    Err(HttpError::Upgrade { wanted })
}

/// Refuses what does not say whom it asks.
fn refuse_without_host(uri: &Uri, headers: &HeaderMap) -> Result<(), HttpError> {
    match (uri.authority(), headers.get(header::HOST)) {
        (None, None) => Err(HttpError::Request {
            reason: "it has neither an authority nor a header `host`".to_owned(),
        }),
        _ => Ok(()),
    }
}

/// A handler, for as long as a request needs it.
pub(super) struct LentHandler {
    // It is dropped before the lease: a pool keeps only what no other handle can call.
    func: ExportFunc,
    version: HandlerVersion,
    _lease: Option<Lease>,
}

impl LentHandler {
    pub(super) async fn call<const N: usize>(
        &self,
        args: [Value; N],
    ) -> Result<Option<Value>, CallError> {
        self.func.call_owned(args).await
    }

    /// The name of the component that answers.
    pub(super) fn component(&self) -> String {
        self.func.site().component
    }
}

impl<B> hyper::service::Service<Request<B>> for HttpService
where
    B: Body<Data = Bytes> + Send + 'static,
    B::Error: Into<Box<dyn StdError + Send + Sync>>,
{
    type Response = Response<ResponseBody>;
    type Error = Infallible;
    type Future = BoxFuture<'static, Result<Self::Response, Infallible>>;

    fn call(&self, request: Request<B>) -> Self::Future {
        let service = self.clone();
        async move { Ok(service.answer(request).await) }.boxed()
    }
}

impl<B> tower_service::Service<Request<B>> for HttpService
where
    B: Body<Data = Bytes> + Send + 'static,
    B::Error: Into<Box<dyn StdError + Send + Sync>>,
{
    type Response = Response<ResponseBody>;
    type Error = Infallible;
    type Future = BoxFuture<'static, Result<Self::Response, Infallible>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<B>) -> Self::Future {
        hyper::service::Service::call(&*self, request)
    }
}

impl fmt::Debug for HttpService {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("HttpService")
    }
}
