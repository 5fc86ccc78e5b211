//! The readable end of a stream.

use std::fmt;
use std::marker::PhantomData;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use futures::Stream;
use tokio::io::{AsyncRead, ReadBuf};

use crate::boundary::streams::pipe::Pipe;
use crate::boundary::streams::read_end::ReadEnd;
use crate::composition::Value;
use crate::error::StreamError;
use crate::streams::item::ItemContext;
use crate::streams::{FromItem, item};

/// The readable end of a stream that a component writes, or the embedder itself.
///
/// It comes out of a call as [`Value::Stream`] or, with `compose!`, in the type of the
/// function's result; [`stream`](crate::stream()) makes one. It can be read, or passed to
/// a component whole: unread, or with what has not been read of it.
///
/// It is a [`Stream`] of `Result<T, StreamError>`. One of bytes is an [`AsyncRead`], too,
/// which is the faster way to read it. It ends cleanly if the writer has dropped its end;
/// that the writer died is an error.
///
/// # Back-pressure
///
/// The writer waits when the stream's buffer is full, so a slow reader does not make
/// memory grow. Nothing is written before the first read.
///
/// # Cancellation
///
/// Dropping the future of a read loses no item. Dropping the reader tells the writer at
/// its next write.
///
/// ```
/// use composer::{StreamReader, StreamWriter, stream};
/// use futures::{SinkExt, StreamExt};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), composer::StreamError> {
/// let (mut writer, mut reader): (StreamWriter<u32>, StreamReader<u32>) = stream();
/// let write = async move {
///     writer.send(7).await?;
///     writer.close().await
/// };
/// let (written, item) = tokio::join!(write, reader.next());
/// written?;
/// assert_eq!(item.transpose()?, Some(7));
/// assert!(reader.next().await.is_none());
/// # Ok(())
/// # }
/// ```
pub struct StreamReader<T = Value> {
    pub(crate) end: ReadEnd,
    context: ItemContext,
    /// The error that ended it, which is given out once.
    is_over: bool,
    items: PhantomData<fn() -> T>,
}

impl<T> StreamReader<T> {
    pub(crate) fn new(end: ReadEnd, context: ItemContext) -> Self {
        StreamReader {
            end,
            context,
            is_over: false,
            items: PhantomData,
        }
    }

    /// The same stream, with its items read as another type. An item that is not of that
    /// type is a [`StreamError::Type`] when it is read.
    ///
    /// ```
    /// # use composer::{StreamReader, Value};
    /// # fn bytes(values: StreamReader<Value>) -> impl tokio::io::AsyncRead {
    /// values.cast::<u8>()
    /// # }
    /// ```
    pub fn cast<U>(self) -> StreamReader<U> {
        StreamReader {
            end: self.end,
            context: self.context,
            is_over: self.is_over,
            items: PhantomData,
        }
    }

    fn pipe(&self) -> &Pipe {
        &self.end.pipe
    }
}

impl<T: FromItem> Stream for StreamReader<T> {
    type Item = Result<T, StreamError>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let me = &mut *self;
        if me.is_over {
            return Poll::Ready(None);
        }
        me.pipe().expect_any();
        match ready!(me.end.poll_front(cx)) {
            Some(Ok(())) => Poll::Ready(
                me.end
                    .take_item()
                    .map(|item| item::read(item?, &me.context)),
            ),
            Some(Err(error)) => {
                me.is_over = true;
                Poll::Ready(Some(Err(error)))
            }
            None => {
                me.is_over = true;
                Poll::Ready(None)
            }
        }
    }
}

/// Errors are [`std::io::Error`]s with the [`StreamError`] inside.
impl AsyncRead for StreamReader<u8> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<std::io::Result<()>> {
        let me = &mut *self;
        if me.is_over || buffer.remaining() == 0 {
            return Poll::Ready(Ok(()));
        }
        me.pipe().expect_any();
        match ready!(me.end.poll_front(cx)) {
            Some(Ok(())) => {
                let read = me.end.read_bytes(buffer.initialize_unfilled());
                if read == 0 {
                    let error = item::other_type::<u8>("items that are not bytes".to_owned());
                    return Poll::Ready(Err(std::io::Error::other(error)));
                }
                buffer.advance(read);
                Poll::Ready(Ok(()))
            }
            Some(Err(error)) => {
                me.is_over = true;
                Poll::Ready(Err(std::io::Error::other(error)))
            }
            None => {
                me.is_over = true;
                Poll::Ready(Ok(()))
            }
        }
    }
}

impl<T> fmt::Debug for StreamReader<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("StreamReader")
    }
}

/// Each reader is the only one of its stream.
impl<T> PartialEq for StreamReader<T> {
    fn eq(&self, other: &Self) -> bool {
        std::ptr::eq(self, other)
    }
}
