//! Calls of a handler in version 0.3: `wasi:http/handler`.

use std::error::Error as StdError;
use std::mem;
use std::pin::Pin;
use std::sync::{LazyLock, Mutex};
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use http::uri::{Authority, Scheme};
use http::{HeaderMap, Method, Request, Response, header};
use http_body::{Body, Frame, SizeHint};
use http_body_util::BodyExt;
use tokio::sync::oneshot;
use wasmtime::component::ResourceTable;
use wasmtime::{Engine, Store};
use wasmtime_wasi_http::p3::{Request as WasiRequest, Response as WasiResponse};
use wasmtime_wasi_http::{
    Error as WasiError, FieldMap, WasiBody, WasiHttpCtxView, WasiHttpView, default_hooks,
};

use crate::boundary::resources::ResourceHandle;
use crate::composition::Value;
use crate::http::p3_bodies::from_outside;
use crate::http::service::LentHandler;
use crate::http::{HttpContext, HttpError, HttpHosts, ResponseBody};
use crate::sync::lock;

/// Answers one request.
pub(super) async fn handle<B>(
    lent: LentHandler,
    scheme: &Scheme,
    request: Request<B>,
) -> Result<Response<ResponseBody>, HttpError>
where
    B: Body<Data = Bytes> + Send + 'static,
    B::Error: Into<Box<dyn StdError + Send + Sync>>,
{
    let is_head = request.method() == Method::HEAD;
    let request = incoming(scheme, request)?;
    let component = lent.component();
    let args = [Value::Own(ResourceHandle::of_value(request))];
    match lent.call(args).await? {
        Some(Value::Result(Ok(Some(response)))) => {
            let Value::Own(response) = *response else {
                return Err(HttpError::NoResponse { component });
            };
            let response = response.into_host::<WasiResponse>();
            let response = response.map_err(|_| HttpError::NoResponse { component })?;
            let (sent, told) = oneshot::channel();
            let response = outgoing(response, async move {
                told.await.unwrap_or(Err(WasiError::ConnectionTerminated))
            })?;
            Ok(response.map(|body| {
                ResponseBody::of_p3(HandlerBody {
                    body,
                    is_head,
                    lent: Some(lent),
                    sent: Some(sent),
                })
            }))
        }
        Some(Value::Result(Err(Some(code)))) => Err(HttpError::Answer {
            component,
            code: code.to_string(),
        }),
        _ => Err(HttpError::NoResponse { component }),
    }
}

/// The request as components know it.
fn incoming<B>(scheme: &Scheme, request: Request<B>) -> Result<WasiRequest, HttpError>
where
    B: Body<Data = Bytes> + Send + 'static,
    B::Error: Into<Box<dyn StdError + Send + Sync>>,
{
    let (parts, body) = request.into_parts();
    let authority = match parts.uri.authority() {
        Some(authority) => authority.clone(),
        None => {
            let host = parts.headers.get(header::HOST);
            let host = host.map(|host| Authority::try_from(host.as_bytes()));
            let Some(Ok(authority)) = host else {
                return Err(HttpError::Request {
                    reason: "its header `host` is no authority".to_owned(),
                });
            };
            authority
        }
    };
    let failed = |error: B::Error| WasiError::InternalError(Some(error.into().to_string()));
    let (request, _) = WasiRequest::new(
        parts.method,
        Some(scheme.clone()),
        Some(authority),
        parts.uri.path_and_query().cloned(),
        FieldMap::new_immutable(default_hooks(), parts.headers),
        None,
        from_outside(body.map_err(failed).boxed_unsync()),
    );
    Ok(request)
}

/// The answer as servers know it. `sent` tells the component whether all of it was sent.
///
/// No component owns the answer by now, so its body is no stream of a store; the conversion
/// wants a store all the same.
fn outgoing(
    mut response: WasiResponse,
    sent: impl Future<Output = Result<(), WasiError>> + Send + 'static,
) -> Result<Response<WasiBody>, HttpError> {
    static STORE: LazyLock<Mutex<Store<NoComponent>>> = LazyLock::new(|| {
        let data = NoComponent {
            http: HttpContext::new(HttpHosts::none()),
            table: ResourceTable::new(),
        };
        Mutex::new(Store::new(&Engine::default(), data))
    });
    // What writes the body checks its length. An answer to HEAD has a length and no body.
    let none = FieldMap::new_immutable(default_hooks(), HeaderMap::new());
    let headers = mem::replace(&mut response.headers, none);
    let response = response.into_http(&mut *lock(&STORE), sent);
    let mut response = response.map_err(|error| HttpError::Body {
        reason: format!("{error:#}"),
    })?;
    *response.headers_mut() = headers.into();
    Ok(response)
}

/// The body of an answer. Its end completes the future that its component got when it made
/// the answer, and frees the handler.
pub(super) struct HandlerBody {
    body: WasiBody,
    /// Whether the request was one that wants no body.
    is_head: bool,
    lent: Option<LentHandler>,
    sent: Option<oneshot::Sender<Result<(), WasiError>>>,
}

impl HandlerBody {
    fn end(&mut self) {
        if let Some(sent) = self.sent.take() {
            // Components need not wait for this.
            let _ = sent.send(Ok(()));
        }
        self.lent = None;
    }
}

impl Body for HandlerBody {
    type Data = Bytes;
    type Error = WasiError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, WasiError>>> {
        let frame = ready!(Pin::new(&mut self.body).poll_frame(cx));
        if frame.is_none() {
            self.end();
        }
        Poll::Ready(frame)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

impl Drop for HandlerBody {
    fn drop(&mut self) {
        if self.is_head || self.body.is_end_stream() {
            self.end();
        }
    }
}

/// The data of a store in which no component runs.
struct NoComponent {
    http: HttpContext,
    table: ResourceTable,
}

impl WasiHttpView for NoComponent {
    fn http(&mut self) -> WasiHttpCtxView<'_> {
        self.http.view(&mut self.table)
    }
}
