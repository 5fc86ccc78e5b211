//! Calls of a handler in version 0.2: `wasi:http/incoming-handler`.

use std::error::Error as StdError;
use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use futures::FutureExt;
use http::uri::Scheme;
use http::{Request, Response};
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
use crate::composition::Value;
use crate::error::CallError;
use crate::http::service::LentHandler;
use crate::http::{HttpContext, HttpError, HttpHosts, ResponseBody};

/// What the handler answers.
type Answer = Result<Response<HyperOutgoingBody>, ErrorCode>;

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
    let request = incoming(scheme, request)?;
    let (answer, answered) = oneshot::channel::<Answer>();
    let out = HostResponseOutparam {
        // The client may have left.
        send: Box::new(move |response| drop(answer.send(response))),
    };
    let component = lent.component();
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
        Ok(response) => Ok(response.map(|body| ResponseBody::of_p2(body, call))),
        Err(code) => Err(HttpError::Answer {
            component,
            code: format!("{code:?}"),
        }),
    }
}

/// The request as components know it.
fn incoming<B>(scheme: &Scheme, request: Request<B>) -> Result<HostIncomingRequest, HttpError>
where
    B: Body<Data = Bytes> + Send + 'static,
    B::Error: Into<Box<dyn StdError + Send + Sync>>,
{
    let body = |error: B::Error| WasiError::InternalError(Some(error.into().to_string()));
    let request = request.map(|content| content.map_err(body));
    let scheme = match scheme.as_str() {
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

/// A call of a handler, in a task of its own. Dropping this abandons it.
pub(super) struct HandlerCall(JoinHandle<Result<(), CallError>>);

impl HandlerCall {
    fn new(lent: LentHandler, request: HostIncomingRequest, out: HostResponseOutparam) -> Self {
        HandlerCall(tokio::spawn(async move {
            let args = [
                Value::Own(ResourceHandle::of_value(request)),
                Value::Own(ResourceHandle::of_value(out)),
            ];
            lent.call(args).await.map(drop)
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
