//! The writable end of a stream.

use std::fmt;
use std::marker::PhantomData;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use futures::Sink;
use tokio::io::AsyncWrite;

use crate::boundary::streams::pipe::{Pipe, PipeRoom};
use crate::boundary::streams::read_end::ReadEnd;
use crate::composition::Value;
use crate::error::StreamError;
use crate::limits::DEFAULT_STREAM_BUFFER;
use crate::streams::{IntoItem, StreamReader, item};

/// Makes a stream that the embedder writes. Its reader can be passed to a component, as
/// an argument or inside of one.
///
/// With `compose!`, the type of the items is that of the function's parameter. Without
/// it, items are [`Value`]s, and each is checked against the type that the component
/// expects when it is written.
///
/// 256 KiB are held for the reader; [`stream_with_buffer`] takes another number.
pub fn stream<T>() -> (StreamWriter<T>, StreamReader<T>) {
    stream_with_buffer(DEFAULT_STREAM_BUFFER)
}

/// Like [`stream`], with room for this many bytes that were written and not yet read; one
/// item always has room.
///
/// ```
/// use futures::SinkExt;
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() {
/// let (mut writer, _reader) = composer::stream_with_buffer::<u8>(1024);
/// // The reader has not begun to read, so this waits.
/// let written = futures::poll!(writer.send(1));
/// assert!(written.is_pending());
/// # }
/// ```
pub fn stream_with_buffer<T>(bytes: usize) -> (StreamWriter<T>, StreamReader<T>) {
    // A writer is let in as long as half of it is free.
    let pipe = Pipe::of_embedder(bytes.max(2));
    let reader = StreamReader::new(ReadEnd::new(pipe.clone()), None);
    let writer = StreamWriter {
        pipe,
        items: PhantomData,
    };
    (writer, reader)
}

/// The writable end of a stream of the embedder's.
///
/// It is a [`Sink`] of items. One of bytes is an [`AsyncWrite`], too, which is the faster
/// way to write it. Writing waits until the reader has been passed to a component or is
/// read, and then while the stream's buffer is full. When the reader is gone, writing
/// fails with [`StreamError::ReaderGone`].
///
/// Dropping the writer ends the stream: the reader gets what was written, and then a clean
/// end.
pub struct StreamWriter<T = Value> {
    pipe: Arc<Pipe>,
    items: PhantomData<fn(T)>,
}

impl<T> StreamWriter<T> {
    fn poll_room(&self, cx: &mut Context<'_>) -> Poll<Result<usize, StreamError>> {
        ready!(self.pipe.poll_expected(cx));
        match ready!(self.pipe.poll_room(cx)) {
            PipeRoom::Free(room) => Poll::Ready(Ok(room)),
            PipeRoom::ReaderGone => Poll::Ready(Err(StreamError::ReaderGone)),
        }
    }
}

impl<T: IntoItem> Sink<T> for StreamWriter<T> {
    type Error = StreamError;

    fn poll_ready(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<(), StreamError>> {
        self.poll_room(cx).map_ok(|_| ())
    }

    fn start_send(self: Pin<&mut Self>, item: T) -> Result<(), StreamError> {
        let chunk = item::chunk(item, &self.pipe)?;
        match self.pipe.push(chunk) {
            true => Ok(()),
            false => Err(StreamError::ReaderGone),
        }
    }

    /// Ready at once: what was written is where its reader finds it.
    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Result<(), StreamError>> {
        Poll::Ready(Ok(()))
    }

    fn poll_close(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Result<(), StreamError>> {
        self.pipe.end(None);
        Poll::Ready(Ok(()))
    }
}

/// Errors are [`std::io::Error`]s with the [`StreamError`] inside; that the reader is gone
/// has the kind `BrokenPipe`.
impl AsyncWrite for StreamWriter<u8> {
    fn poll_write(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<std::io::Result<usize>> {
        let broken = |error| std::io::Error::new(std::io::ErrorKind::BrokenPipe, error);
        let room = ready!(self.poll_room(cx)).map_err(broken)?;
        let count = bytes.len().min(room);
        match self.pipe.push_bytes(&bytes[..count]) {
            true => Poll::Ready(Ok(count)),
            false => Poll::Ready(Err(broken(StreamError::ReaderGone))),
        }
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<std::io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<std::io::Result<()>> {
        self.pipe.end(None);
        Poll::Ready(Ok(()))
    }
}

impl<T> Drop for StreamWriter<T> {
    fn drop(&mut self) {
        self.pipe.end(None);
    }
}

impl<T> fmt::Debug for StreamWriter<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("StreamWriter")
    }
}
