//! The service that answers requests with a component.

use std::convert::Infallible;
use std::error::Error as StdError;
use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use futures::FutureExt;
use futures::future::BoxFuture;
use http::uri::Scheme;
use http::{HeaderMap, Method, Request, Response, header};
use http_body::Body;
use http_body_util::BodyExt;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use wasmtime::component::ResourceTable;
use wasmtime_wasi_http::Error as WasiError;
use wasmtime_wasi_http::p2::bindings::http::types::{ErrorCode, Scheme as WasiScheme};
use wasmtime_wasi_http::p2::body::HyperOutgoingBody;
use wasmtime_wasi_http::p2::types::{HostIncomingRequest, HostResponseOutparam};

use crate::boundary::resources::ResourceHandle;
use crate::composition::{Composition, ExportFunc, Value};
use crate::error::{CallError, LookupError};
use crate::http::{HttpContext, HttpError, HttpHosts, ResponseBody};
#[cfg(feature = "runtime")]
use crate::runtime::{Lease, Pool};

/// The interface that a handler exports.
const HANDLER: &str = "wasi:http/incoming-handler";

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
    One(ExportFunc),
    #[cfg(feature = "runtime")]
    Pool(Pool),
}

/// What the handler answers.
type Answer = Result<http::Response<HyperOutgoingBody>, ErrorCode>;

impl HttpService {
    /// A service that calls one composition.
    ///
    /// # Errors
    ///
    /// [`LookupError`] if the composition exports no `wasi:http/incoming-handler`, or its
    /// requests are no resources of the host.
    pub fn new(composition: &Composition) -> Result<Self, LookupError> {
        Ok(HttpService {
            handlers: Handlers::One(composition.get_func(Some(HANDLER), "handle")?),
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
        let request = self.incoming(request)?;
        let (answer, answered) = oneshot::channel::<Answer>();
        let out = HostResponseOutparam {
            // The client may have left.
            send: Box::new(move |response| drop(answer.send(response))),
        };
        let lent = self.lend().await?;
        let component = lent.handle.site().component;
        let mut call = HandlerCall::new(lent, request, out);
        let answer = match answered.await {
            Ok(answer) => answer,
            // The handler has dropped the way to answer.
            Err(_) => {
                (&mut call).await?;
                return Err(HttpError::NoResponse { component });
            }
        };
        match answer {
            Ok(response) => Ok(response.map(|body| ResponseBody::of_component(body, call))),
            Err(code) => Err(HttpError::Answer { component, code }),
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

    /// The request as components know it.
    fn incoming<B>(&self, request: Request<B>) -> Result<HostIncomingRequest, HttpError>
    where
        B: Body<Data = Bytes> + Send + 'static,
        B::Error: Into<Box<dyn StdError + Send + Sync>>,
    {
        let body = |error: B::Error| WasiError::InternalError(Some(error.into().to_string()));
        let request = request.map(|content| content.map_err(body));
        let scheme = match self.scheme.as_str() {
            "http" => WasiScheme::Http,
            "https" => WasiScheme::Https,
            other => WasiScheme::Other(other.to_owned()),
        };
        let refused = |error: wasmtime::Error| HttpError::Request {
            reason: format!("{error:#}"),
        };
        // The value is made in a table, and is in none until a component has it.
        let mut table = ResourceTable::new();
        let made = HttpContext::new(HttpHosts::none())
            .view(&mut table)
            .new_incoming_request(scheme, request)
            .map_err(refused)?;
        table.delete(made).map_err(|error| refused(error.into()))
    }

    async fn lend(&self) -> Result<LentHandler, HttpError> {
        Ok(match &self.handlers {
            Handlers::One(handle) => LentHandler {
                handle: handle.clone(),
                #[cfg(feature = "runtime")]
                lease: None,
            },
            #[cfg(feature = "runtime")]
            Handlers::Pool(pool) => {
                let lease = pool.lease().await?;
                LentHandler {
                    handle: lease.get_func(Some(HANDLER), "handle")?,
                    lease: Some(lease),
                }
            }
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

/// A handler, for as long as a request needs it.
struct LentHandler {
    // It is dropped before the lease: a pool keeps only what no other handle can call.
    handle: ExportFunc,
    #[cfg(feature = "runtime")]
    lease: Option<Lease>,
}

/// A call of a handler, in a task of its own. Dropping this abandons it.
pub(super) struct HandlerCall(JoinHandle<Result<(), CallError>>);

impl HandlerCall {
    fn new(lent: LentHandler, request: HostIncomingRequest, out: HostResponseOutparam) -> Self {
        HandlerCall(tokio::spawn(async move {
            let args = [
                Value::Own(ResourceHandle::of_value(request)),
                Value::Own(ResourceHandle::of_value(out)),
            ];
            let LentHandler {
                handle,
                #[cfg(feature = "runtime")]
                lease,
            } = lent;
            let returned = handle.call_owned(args).await;
            drop(handle);
            #[cfg(feature = "runtime")]
            drop(lease);
            returned.map(drop)
        }))
    }
}

impl Future for HandlerCall {
    type Output = Result<(), CallError>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        // The task is aborted only when this is dropped, and does not panic.
        self.0.poll_unpin(cx).map(|ended| ended.unwrap_or(Ok(())))
    }
}

impl Drop for HandlerCall {
    fn drop(&mut self) {
        self.0.abort();
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
