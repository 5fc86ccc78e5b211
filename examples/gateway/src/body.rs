//! Bodies of requests and responses, through filters or past them.
//!
//! A body that filters watch goes through a task of its own, piece by piece: the task
//! takes the next piece when the last one has been passed on. So a slow side slows down
//! the other one, and at most one piece is buffered.

use std::error::Error;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use http_body_util::BodyExt;
use http_body_util::combinators::UnsyncBoxBody;
use hyper::Response;
use hyper::body::{Body as HttpBody, Bytes, Frame, SizeHint};
use thiserror::Error as ThisError;
use tokio::sync::{OwnedSemaphorePermit, mpsc, oneshot};
use tokio::task::AbortHandle;
use tokio::time::{Instant, Sleep, sleep};

use crate::chain::{Passage, Stop, Way};

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

/// Sends a body through the filters that watch it. If one of them blocks the request, its
/// response is sent to `blocked`.
pub fn watched(
    from: Body,
    passage: Arc<Passage>,
    way: Way,
    blocked: Option<oneshot::Sender<Response<Body>>>,
) -> Body {
    let (to, frames) = mpsc::channel(1);
    let task = tokio::spawn(pump(from, passage, way, blocked, to));
    Piped {
        frames,
        task: task.abort_handle(),
    }
    .boxed_unsync()
}

type Pipe = mpsc::Sender<Result<Frame<Bytes>, BodyError>>;

async fn pump(
    mut from: Body,
    passage: Arc<Passage>,
    way: Way,
    blocked: Option<oneshot::Sender<Response<Body>>>,
    to: Pipe,
) {
    match pump_all(&mut from, &passage, way, &to).await {
        Ok(()) => {}
        Err(Ended::Left) => {}
        Err(Ended::Broken(error)) => drop(to.send(Err(error)).await),
        Err(Ended::Stop(stop)) => {
            if let Stop::Fault(fault) = &stop {
                tracing::warn!(%fault, "a body broke off");
            }
            if let (Some(blocked), Some(response)) = (blocked, stop.response()) {
                // The receiver is gone if the upstream has answered by now.
                let _ = blocked.send(response);
            }
            let _ = to.send(Err(Box::new(Broken::Filtered))).await;
        }
    }
}

enum Ended {
    /// The reader of the body is gone.
    Left,
    Broken(BodyError),
    Stop(Stop),
}

impl From<Stop> for Ended {
    fn from(stop: Stop) -> Self {
        Ended::Stop(stop)
    }
}

async fn pump_all(from: &mut Body, passage: &Passage, way: Way, to: &Pipe) -> Result<(), Ended> {
    let mut trailers = None;
    let mut last = false;
    while let Some(frame) = from.frame().await {
        let frame = frame.map_err(Ended::Broken)?;
        let mut data = match frame.into_data() {
            Ok(data) => data,
            Err(frame) => {
                trailers = Some(frame);
                continue;
            }
        };
        while !data.is_empty() {
            let piece = data.split_to(data.len().min(passage.chunk_bytes()));
            last = data.is_empty() && from.is_end_stream();
            pass(passage.chunk(way, piece, last).await?, to).await?;
        }
    }
    if !last {
        pass(passage.chunk(way, Bytes::new(), true).await?, to).await?;
    }
    if let Some(trailers) = trailers {
        to.send(Ok(trailers)).await.map_err(|_| Ended::Left)?;
    }
    Ok(())
}

async fn pass(piece: Bytes, to: &Pipe) -> Result<(), Ended> {
    if piece.is_empty() {
        return Ok(());
    }
    let sent = to.send(Ok(Frame::data(piece))).await;
    sent.map_err(|_| Ended::Left)
}

/// The output of a pump task. Dropping it ends the task.
struct Piped {
    frames: mpsc::Receiver<Result<Frame<Bytes>, BodyError>>,
    task: AbortHandle,
}

impl HttpBody for Piped {
    type Data = Bytes;
    type Error = BodyError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BodyError>>> {
        self.frames.poll_recv(cx)
    }
}

impl Drop for Piped {
    fn drop(&mut self) {
        self.task.abort();
    }
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
