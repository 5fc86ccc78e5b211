//! Both ends of a future.

use std::fmt;
use std::marker::PhantomData;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use crate::boundary::streams::pipe::Pipe;
use crate::boundary::streams::read_end::ReadEnd;
use crate::composition::Value;
use crate::error::StreamError;
use crate::streams::item::ItemContext;
use crate::streams::{FromItem, IntoItem, item};

/// Makes a future whose value the embedder writes. Its reader can be passed to a
/// component, as an argument or inside of one.
///
/// ```
/// use composer::{FutureReader, FutureWriter, future};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), composer::StreamError> {
/// let (writer, reader): (FutureWriter<String>, FutureReader<String>) = future();
/// let (written, value) = tokio::join!(writer.write("done".to_owned()), reader);
/// written?;
/// assert_eq!(value?, "done");
/// # Ok(())
/// # }
/// ```
pub fn future<T>() -> (FutureWriter<T>, FutureReader<T>) {
    let pipe = Pipe::of_embedder(0);
    let reader = FutureReader::new(ReadEnd::new(pipe.clone()), None);
    let writer = FutureWriter {
        pipe,
        items: PhantomData,
    };
    (writer, reader)
}

/// The readable end of a WIT `future`: a Rust future of its value.
///
/// It comes out of a call as [`Value::Future`] or, with `compose!`, in the type of the
/// function's result; [`future`] makes one. It can be awaited, or passed to a component.
/// Its writer cannot end it without a value, except by dying, which is an error.
///
/// # Cancellation
///
/// Dropping it tells the writer, if it has not been awaited before.
pub struct FutureReader<T = Value> {
    pub(crate) end: ReadEnd,
    context: ItemContext,
    value: PhantomData<fn() -> T>,
}

impl<T> FutureReader<T> {
    pub(crate) fn new(end: ReadEnd, context: ItemContext) -> Self {
        FutureReader {
            end,
            context,
            value: PhantomData,
        }
    }

    /// The same future, with its value read as another type. A value that is not of that
    /// type is a [`StreamError::Type`].
    pub fn cast<U>(self) -> FutureReader<U> {
        FutureReader::new(self.end, self.context)
    }
}

impl<T: FromItem> Future for FutureReader<T> {
    type Output = Result<T, StreamError>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let me = &mut *self;
        me.end.pipe.expect_any();
        Poll::Ready(match ready!(me.end.poll_front(cx)) {
            Some(Ok(())) => match me.end.take_item() {
                Some(Ok(value)) => item::read(value, &me.context),
                Some(Err(error)) => Err(error),
                None => Err(StreamError::NoValue),
            },
            Some(Err(error)) => Err(error),
            None => Err(StreamError::NoValue),
        })
    }
}

/// The writable end of a future of the embedder's.
///
/// A component that reads a future whose writer was dropped without a value ends: WIT
/// gives it no other way to learn of that.
pub struct FutureWriter<T = Value> {
    pipe: Arc<Pipe>,
    items: PhantomData<fn(T)>,
}

impl<T: IntoItem> FutureWriter<T> {
    /// Writes the value, once the reader has been passed to a component or is awaited.
    ///
    /// # Errors
    ///
    /// [`StreamError::ReaderGone`], or [`StreamError::Type`] if the component expects
    /// another type.
    ///
    /// # Cancellation
    ///
    /// Dropping the future drops the writer without a value.
    pub async fn write(self, value: T) -> Result<(), StreamError> {
        std::future::poll_fn(|cx| self.pipe.poll_expected(cx)).await;
        let chunk = item::chunk(value, &self.pipe)?;
        match self.pipe.push(chunk) {
            true => {
                self.pipe.end(None);
                Ok(())
            }
            false => Err(StreamError::ReaderGone),
        }
    }
}

impl<T> Drop for FutureWriter<T> {
    fn drop(&mut self) {
        // Only the first end counts.
        self.pipe.end(Some(StreamError::NoValue));
    }
}

impl<T> fmt::Debug for FutureReader<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("FutureReader")
    }
}

impl<T> fmt::Debug for FutureWriter<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("FutureWriter")
    }
}

/// Each reader is the only one of its future.
impl<T> PartialEq for FutureReader<T> {
    fn eq(&self, other: &Self) -> bool {
        std::ptr::eq(self, other)
    }
}
