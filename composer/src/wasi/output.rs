//! The output of components, when the host takes it at once.

use std::io;
#[cfg(feature = "runtime")]
use std::io::Write;
use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use tokio::io::AsyncWrite;
use wasmtime_wasi::async_trait;
use wasmtime_wasi::cli::{IsTerminal, StdoutStream};
use wasmtime_wasi::p2::{OutputStream, Pollable, StreamResult};

use crate::boundary::isolated::instance::Instance;

/// The most bytes that are accepted at once; wasmtime's own streams use the same size.
const MAX_WRITE: usize = 64 << 10;

/// Takes what a component writes.
pub(crate) trait TakesOutput: Clone + Send + Sync + Unpin + 'static {
    fn take(&self, bytes: &[u8]);
}

/// A standard stream of a component that never makes it wait.
#[derive(Clone)]
pub(crate) struct ImmediateOutput<T>(pub(crate) T);

/// Keeps the last lines of a standard error, which the component's
/// [`Death`](crate::Death) tells.
#[derive(Clone, Copy)]
pub(crate) struct KeptStderr;

impl TakesOutput for KeptStderr {
    fn take(&self, bytes: &[u8]) {
        let _ = Instance::with_current(|instance| instance.incarnation.stderr.write(bytes));
    }
}

/// Shows a standard error on this program's own, and keeps its last lines.
#[cfg(feature = "runtime")]
#[derive(Clone, Copy)]
pub(crate) struct KeptAndShownStderr;

#[cfg(feature = "runtime")]
impl TakesOutput for KeptAndShownStderr {
    fn take(&self, bytes: &[u8]) {
        KeptStderr.take(bytes);
        // An error here could be shown only where it has just happened.
        let _ = io::stderr().write_all(bytes);
    }
}

impl<T: TakesOutput> IsTerminal for ImmediateOutput<T> {
    fn is_terminal(&self) -> bool {
        false
    }
}

impl<T: TakesOutput> StdoutStream for ImmediateOutput<T> {
    fn async_stream(&self) -> Box<dyn AsyncWrite + Send + Sync> {
        Box::new(self.clone())
    }

    fn p2_stream(&self) -> Box<dyn OutputStream> {
        Box::new(self.clone())
    }
}

impl<T: TakesOutput> OutputStream for ImmediateOutput<T> {
    fn write(&mut self, bytes: Bytes) -> StreamResult<()> {
        self.0.take(&bytes);
        Ok(())
    }

    fn flush(&mut self) -> StreamResult<()> {
        Ok(())
    }

    fn check_write(&mut self) -> StreamResult<usize> {
        Ok(MAX_WRITE)
    }
}

#[async_trait]
impl<T: TakesOutput> Pollable for ImmediateOutput<T> {
    async fn ready(&mut self) {}
}

impl<T: TakesOutput> AsyncWrite for ImmediateOutput<T> {
    fn poll_write(
        self: Pin<&mut Self>,
        _: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        self.0.take(bytes);
        Poll::Ready(Ok(bytes.len()))
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}
