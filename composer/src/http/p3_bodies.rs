//! Bodies of `wasi:http` 0.3, which are streams of the store that writes them.
//!
//! A request or an answer that a component has made holds the readable end of a stream of
//! its store. When it leaves the store, the stream is connected to a body outside, which
//! the component's event loop fills as it is read. From then on it is like one that came
//! from outside.

use std::mem;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use futures::FutureExt;
use http::uri::{Authority, PathAndQuery, Scheme};
use http::{HeaderMap, Method, header};
use http_body::{Body, Frame, SizeHint};
use http_body_util::BodyExt;
use tokio::sync::oneshot;
use wasmtime::AsContextMut;
use wasmtime_wasi_http::p3::{Request, Response};
use wasmtime_wasi_http::{Error, FieldMap, WasiBody, WasiHttpView, default_hooks};

use crate::boundary::isolated::incarnation::Incarnation;
use crate::boundary::isolated::instance::Instance;
use crate::boundary::resources::host_table::HostSide;
use crate::boundary::streams::open_stream::OpenStream;
use crate::error::transfer::TransferError;

/// What became of a body, in the words of the one who reads it.
type Outcome = Pin<Box<dyn Future<Output = Result<(), Error>> + Send>>;

/// Connects the body of a request that leaves its store.
pub(super) fn detach_request<T: WasiHttpView + 'static>(
    mut side: HostSide<'_, T>,
    mut request: Request,
) -> Result<Request, TransferError> {
    let open = OpenBody::new(side.instance)?;
    // The rest of the request stays as it is, whatever it would be on a wire.
    let headers = content_length(&request.headers);
    let headers = mem::replace(&mut request.headers, headers);
    let method = mem::replace(&mut request.method, Method::GET);
    let scheme = request.scheme.replace(Scheme::HTTP);
    let localhost = Authority::from_static("localhost");
    let authority = request.authority.replace(localhost);
    let path = PathAndQuery::from_static("/");
    let path = request.path_with_query.replace(path);
    let options = request.options.take();
    let (outcome, received) = outcome();
    let (request, _) = request
        .into_http(side.store.as_context_mut(), received)
        .map_err(|error| TransferError::Store(error.into()))?;
    let body = open.watch(request.into_body());
    let (request, processed) =
        Request::new(method, scheme, authority, path, headers, options, body);
    // Who made the request may have stopped waiting for this.
    let _ = outcome.send(processed.boxed());
    Ok(request)
}

/// Connects the body of an answer that leaves its store.
pub(super) fn detach_response<T: WasiHttpView + 'static>(
    mut side: HostSide<'_, T>,
    response: Response,
) -> Result<Response, TransferError> {
    let headers = response.headers.clone();
    let open = OpenBody::new(side.instance)?;
    let (outcome, received) = outcome();
    let response = response.into_http(side.store.as_context_mut(), received)?;
    let response = response.map(|body| open.watch(body));
    let (mut response, processed) = Response::from_http(default_hooks(), response);
    response.headers = headers;
    // As for requests.
    let _ = outcome.send(processed.boxed());
    Ok(response)
}

/// The fields by which the length of a body is checked.
fn content_length(headers: &FieldMap) -> FieldMap {
    let mut only = HeaderMap::new();
    if let Some(length) = headers.get(header::CONTENT_LENGTH) {
        only.insert(header::CONTENT_LENGTH, length.clone());
    }
    FieldMap::new_immutable(default_hooks(), only)
}

/// A future that the other end of the channel supplies.
fn outcome() -> (
    oneshot::Sender<Outcome>,
    impl Future<Output = Result<(), Error>> + Send + 'static,
) {
    let (sender, receiver) = oneshot::channel::<Outcome>();
    let received = async move {
        match receiver.await {
            Ok(outcome) => outcome.await,
            // Nobody reads the body any more.
            Err(_) => Ok(()),
        }
    };
    (sender, received)
}

/// What a body needs of the store that fills it. It counts among the streams of the
/// component.
struct OpenBody {
    incarnation: Arc<Incarnation>,
    _stream: OpenStream,
}

/// A body that a store fills.
struct WatchedBody {
    body: WasiBody,
    /// `None` when the body has ended.
    open: Option<OpenBody>,
}

impl OpenBody {
    fn new(instance: &Instance) -> Result<Self, TransferError> {
        Ok(OpenBody {
            incarnation: instance.incarnation.clone(),
            _stream: instance.open_stream()?,
        })
    }

    fn watch(self, body: WasiBody) -> WasiBody {
        match body.is_end_stream() {
            true => body,
            false => {
                let open = Some(self);
                WatchedBody { body, open }.boxed_unsync()
            }
        }
    }

    /// The error of a body whose component is gone. wasmtime ends it as if it were whole.
    fn cut(&self) -> Option<Error> {
        let incarnation = &self.incarnation;
        if incarnation.is_running() {
            return None;
        }
        let reason = match incarnation.death() {
            Some(death) => death.to_string(),
            None => "it was stopped".to_owned(),
        };
        let name = incarnation.name();
        let text = format!("component `{name}`, which writes the body, is gone: {reason}");
        Some(Error::InternalError(Some(text)))
    }
}

impl Body for WatchedBody {
    type Data = Bytes;
    type Error = Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Error>>> {
        if self.open.is_none() {
            return Poll::Ready(None);
        }
        let frame = ready!(Pin::new(&mut self.body).poll_frame(cx));
        if let Some(Ok(frame)) = frame {
            return Poll::Ready(Some(Ok(frame)));
        }
        let cut = self.open.take().and_then(|open| open.cut());
        Poll::Ready(frame.or_else(|| cut.map(Err)))
    }

    fn is_end_stream(&self) -> bool {
        match &self.open {
            Some(open) => open.incarnation.is_running() && self.body.is_end_stream(),
            None => true,
        }
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
