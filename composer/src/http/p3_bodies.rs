//! Bodies of `wasi:http` 0.3, which are streams of the store that writes them.
//!
//! A request or an answer that a component has made holds the readable end of a stream of
//! its store. When it leaves the store, the stream is connected to a body outside, which
//! the component's event loop fills as it is read. From then on it is like one that came
//! from outside.
//!
//! A body that a component only passes on is taken out of what wasmtime-wasi-http has
//! wrapped around it, and goes on as it came: however often it is passed on, it does not
//! get deeper, and only the component that writes it is watched.

use std::cell::RefCell;
use std::mem;
use std::pin::Pin;
use std::task::{Context, Poll, Waker, ready};

use bytes::Bytes;
use futures::FutureExt;
use http::uri::{Authority, PathAndQuery, Scheme};
use http::{HeaderMap, Method, header};
use http_body::{Body, Frame, SizeHint};
use http_body_util::{BodyExt, Empty};
use tokio::sync::oneshot;
use wasmtime::AsContextMut;
use wasmtime_wasi_http::p3::{Request, Response};
use wasmtime_wasi_http::{Error, FieldMap, WasiBody, WasiHttpView, default_hooks};

use crate::boundary::isolated::instance::Instance;
use crate::boundary::resources::host_table::HostSide;
use crate::boundary::streams::open_stream::OpenBody;
use crate::error::transfer::TransferError;

/// What became of a body, in the words of the one who reads it.
type Outcome = Pin<Box<dyn Future<Output = Result<(), Error>> + Send>>;

/// Connects the body of a request that leaves its store.
pub(super) fn detach_request<T: WasiHttpView + 'static>(
    mut side: HostSide<'_, T>,
    mut request: Request,
) -> Result<Request, TransferError> {
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
    let body = leaving(side.instance, request.into_body());
    let (request, processed) =
        Request::new(method, scheme, authority, path, headers, options, body);
    // The component that made the request may have stopped waiting for this.
    let _ = outcome.send(processed.boxed());
    Ok(request)
}

/// Connects the body of an answer that leaves its store.
pub(super) fn detach_response<T: WasiHttpView + 'static>(
    mut side: HostSide<'_, T>,
    response: Response,
) -> Result<Response, TransferError> {
    let headers = response.headers.clone();
    let (outcome, received) = outcome();
    let response = response.into_http(side.store.as_context_mut(), received)?;
    let response = response.map(|body| leaving(side.instance, body));
    let (mut response, processed) = Response::from_http(default_hooks(), response);
    response.headers = headers;
    // As for requests.
    let _ = outcome.send(processed.boxed());
    Ok(response)
}

/// A body that enters from outside.
pub(super) fn from_outside(body: WasiBody) -> WasiBody {
    let body = PassedBody {
        first: None,
        body,
        writer: None,
        connection: None,
    };
    MovingBody(Some(body)).boxed_unsync()
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
            // The reader has dropped the body.
            Err(_) => Ok(()),
        }
    };
    (sender, received)
}

/// A body on its way out of a store.
fn leaving(instance: &Instance, body: WasiBody) -> WasiBody {
    if body.is_end_stream() {
        return Empty::new().map_err(|never| match never {}).boxed_unsync();
    }
    let passed = match unwrapped(body) {
        Unwrapped::Passed(passed) => passed,
        Unwrapped::Begun(first, body) => PassedBody {
            first: Some(first),
            body,
            writer: None,
            connection: None,
        },
        Unwrapped::Quiet(body) => PassedBody {
            first: None,
            body,
            writer: Some(instance.open_body()),
            connection: None,
        },
    };
    MovingBody(Some(passed)).boxed_unsync()
}

/// A body that stands outside of stores.
struct MovingBody(Option<PassedBody>);

struct PassedBody {
    /// A frame that was taken before it was known whose body this is.
    first: Option<Result<Frame<Bytes>, Error>>,
    body: WasiBody,
    /// The component whose stream it is.
    writer: Option<OpenBody>,
    /// What was around it when it was first passed on: there wasmtime-wasi-http keeps the
    /// connection that a body comes from. Later layers keep nothing.
    connection: Option<WasiBody>,
}

/// What is inside of the wrappers around a body.
enum Unwrapped {
    Passed(PassedBody),
    /// A body of an embedder's own, which had a frame ready.
    Begun(Result<Frame<Bytes>, Error>, WasiBody),
    /// One without: that of a component, which has not been connected yet.
    Quiet(WasiBody),
}

thread_local! {
    /// Where a body puts what it has instead of a frame, while it is asked to.
    static TAKEN: RefCell<Taken> = const { RefCell::new(Taken::NotAsked) };
}

enum Taken {
    NotAsked,
    Asked,
    Given(Box<PassedBody>),
}

/// Takes a body out of its wrappers. All of them pass a poll on to what they wrap.
fn unwrapped(mut body: WasiBody) -> Unwrapped {
    TAKEN.set(Taken::Asked);
    let polled = Pin::new(&mut body).poll_frame(&mut Context::from_waker(Waker::noop()));
    match (TAKEN.replace(Taken::NotAsked), polled) {
        (Taken::Given(mut passed), _) => {
            passed.connection.get_or_insert(body);
            Unwrapped::Passed(*passed)
        }
        (_, Poll::Ready(Some(frame))) => Unwrapped::Begun(frame, body),
        (_, _) => Unwrapped::Quiet(body),
    }
}

impl PassedBody {
    /// The error of a body whose component is gone. wasmtime ends it as if it were whole.
    fn cut(&self) -> Option<Error> {
        let incarnation = self.writer.as_ref()?.incarnation();
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

impl Body for MovingBody {
    type Data = Bytes;
    type Error = Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Error>>> {
        let is_asked = TAKEN.with_borrow(|taken| matches!(taken, Taken::Asked));
        if is_asked && let Some(passed) = self.0.take() {
            TAKEN.set(Taken::Given(Box::new(passed)));
            return Poll::Pending;
        }
        let Some(passed) = &mut self.0 else {
            return Poll::Ready(None);
        };
        if let Some(first) = passed.first.take() {
            return Poll::Ready(Some(first));
        }
        let frame = ready!(Pin::new(&mut passed.body).poll_frame(cx));
        if let Some(Ok(frame)) = frame {
            return Poll::Ready(Some(Ok(frame)));
        }
        let cut = self.0.take().and_then(|passed| passed.cut());
        Poll::Ready(frame.or_else(|| cut.map(Err)))
    }

    fn is_end_stream(&self) -> bool {
        let Some(passed) = &self.0 else {
            return true;
        };
        passed.first.is_none() && passed.body.is_end_stream() && passed.cut().is_none()
    }

    fn size_hint(&self) -> SizeHint {
        match &self.0 {
            Some(PassedBody {
                first: None, body, ..
            }) => body.size_hint(),
            Some(_) => SizeHint::default(),
            None => SizeHint::with_exact(0),
        }
    }
}
