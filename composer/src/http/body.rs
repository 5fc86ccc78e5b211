//! The bodies of answers.

use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use futures::FutureExt;
use http_body::{Body, Frame, SizeHint};
use http_body_util::Full;
use wasmtime_wasi_http::Error as WasiError;
use wasmtime_wasi_http::p2::body::HyperOutgoingBody;

use crate::http::HttpError;
use crate::http::p2_call::HandlerCall;
#[cfg(feature = "wasi-p3")]
use crate::http::p3_call::HandlerBody;

/// The body of an answer, as the component writes it.
///
/// It ends when the component has finished it and, in version 0.2 of WASI, the handler has
/// returned. If the component fails in the middle, the body ends with [an error](HttpError), never as if it were
/// whole. Dropping it tells the component at its next write.
pub struct ResponseBody {
    content: BodyContent,
}

enum BodyContent {
    P2 {
        body: HyperOutgoingBody,
        /// The call that writes it; `None` once it has returned.
        call: Option<HandlerCall>,
    },
    #[cfg(feature = "wasi-p3")]
    P3(Box<HandlerBody>),
    /// An answer of the service's own.
    Text(Full<Bytes>),
}

impl ResponseBody {
    pub(super) fn of_p2(body: HyperOutgoingBody, call: HandlerCall) -> Self {
        ResponseBody {
            content: BodyContent::P2 {
                body,
                call: Some(call),
            },
        }
    }

    #[cfg(feature = "wasi-p3")]
    pub(super) fn of_p3(body: HandlerBody) -> Self {
        ResponseBody {
            content: BodyContent::P3(Box::new(body)),
        }
    }

    pub(super) fn of_text(text: impl Into<Bytes>) -> Self {
        ResponseBody {
            content: BodyContent::Text(Full::new(text.into())),
        }
    }
}

fn failed(error: WasiError) -> HttpError {
    HttpError::Body {
        reason: error.to_string(),
    }
}

impl Body for ResponseBody {
    type Data = Bytes;
    type Error = HttpError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, HttpError>>> {
        match &mut self.content {
            BodyContent::Text(text) => {
                let frame = ready!(Pin::new(text).poll_frame(cx));
                Poll::Ready(frame.map(|frame| frame.map_err(|never| match never {})))
            }
            #[cfg(feature = "wasi-p3")]
            BodyContent::P3(body) => {
                let frame = ready!(Pin::new(&mut **body).poll_frame(cx));
                Poll::Ready(frame.map(|frame| frame.map_err(failed)))
            }
            BodyContent::P2 { body, call } => {
                if let Some(frame) = ready!(Pin::new(body).poll_frame(cx)) {
                    return Poll::Ready(Some(frame.map_err(failed)));
                }
                // A body also ends, as if it were whole, when its component dies.
                let Some(running) = call else {
                    return Poll::Ready(None);
                };
                let returned = ready!(running.poll_unpin(cx));
                *call = None;
                Poll::Ready(returned.err().map(|error| Err(HttpError::Call(error))))
            }
        }
    }

    fn is_end_stream(&self) -> bool {
        match &self.content {
            // It ends with the call.
            BodyContent::P2 { .. } => false,
            #[cfg(feature = "wasi-p3")]
            BodyContent::P3(body) => body.is_end_stream(),
            BodyContent::Text(text) => text.is_end_stream(),
        }
    }

    fn size_hint(&self) -> SizeHint {
        match &self.content {
            BodyContent::P2 { body, .. } => body.size_hint(),
            #[cfg(feature = "wasi-p3")]
            BodyContent::P3(body) => body.size_hint(),
            BodyContent::Text(text) => text.size_hint(),
        }
    }
}

impl std::fmt::Debug for ResponseBody {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("ResponseBody")
    }
}
