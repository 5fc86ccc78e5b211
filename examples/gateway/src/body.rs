//! Bodies of requests and responses.

use std::error::Error;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use http_body_util::BodyExt;
use http_body_util::combinators::UnsyncBoxBody;
use hyper::body::{Body as HttpBody, Bytes, Frame, SizeHint};
use thiserror::Error as ThisError;
use tokio::sync::OwnedSemaphorePermit;
use tokio::time::{Instant, Sleep, sleep};

/// The reason why a body broke off.
pub type BodyError = Box<dyn Error + Send + Sync>;

/// Any body.
pub type Body = UnsyncBoxBody<Bytes, BodyError>;

/// The reason why the gateway breaks a body off.
#[derive(Debug, ThisError)]
pub enum Broken {
    /// A filter ended the body, or failed.
    #[error("a filter ended the body")]
    Filtered,
    /// Nothing arrived for too long.
    #[error("nothing came for {0:?}")]
    Silent(Duration),
}

/// A body that breaks off if nothing arrives for too long.
pub struct Timed {
    inner: Body,
    patience: Duration,
    sleep: Pin<Box<Sleep>>,
}

impl Timed {
    /// Wraps `inner`.
    pub fn body(inner: Body, patience: Duration) -> Body {
        Timed {
            inner,
            patience,
            sleep: Box::pin(sleep(patience)),
        }
        .boxed_unsync()
    }
}

impl HttpBody for Timed {
    type Data = Bytes;
    type Error = BodyError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BodyError>>> {
        if let Poll::Ready(frame) = Pin::new(&mut self.inner).poll_frame(cx) {
            let patience = self.patience;
            self.sleep.as_mut().reset(Instant::now() + patience);
            return Poll::Ready(frame);
        }
        ready!(self.sleep.as_mut().poll(cx));
        Poll::Ready(Some(Err(Box::new(Broken::Silent(self.patience)))))
    }

    fn is_end_stream(&self) -> bool {
        self.inner.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.inner.size_hint()
    }
}

/// A body that holds its request's ticket: the request leaves the gateway when the body
/// is dropped.
pub struct Ticketed {
    inner: Body,
    _ticket: OwnedSemaphorePermit,
}

impl Ticketed {
    /// Wraps `inner`.
    pub fn body(inner: Body, ticket: OwnedSemaphorePermit) -> Body {
        Ticketed {
            inner,
            _ticket: ticket,
        }
        .boxed_unsync()
    }
}

impl HttpBody for Ticketed {
    type Data = Bytes;
    type Error = BodyError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BodyError>>> {
        Pin::new(&mut self.inner).poll_frame(cx)
    }

    fn is_end_stream(&self) -> bool {
        self.inner.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.inner.size_hint()
    }
}
