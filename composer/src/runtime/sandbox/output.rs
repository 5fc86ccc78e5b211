//! The output of components, as events of `tracing`.

use std::io;
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll};

use bytes::Bytes;
use tokio::io::AsyncWrite;
use wasmtime_wasi::async_trait;
use wasmtime_wasi::cli::{IsTerminal, StdoutStream};
use wasmtime_wasi::p2::{OutputStream, Pollable, StreamResult};

use crate::sync::lock;

/// The most bytes of a line that make one event.
const MAX_LINE: usize = 8 << 10;
/// The most bytes that are accepted at once; wasmtime's own streams use the same size.
const MAX_WRITE: usize = 64 << 10;

#[derive(Clone, Copy)]
pub(super) enum StandardStream {
    Stdout,
    Stderr,
}

/// Accepts what a component prints, and emits an event for each line.
#[derive(Clone)]
pub(super) struct LinePrinter {
    lines: Arc<Mutex<LineBuffer>>,
}

/// A line that has not ended yet.
struct LineBuffer {
    component: String,
    stream: StandardStream,
    begun: Vec<u8>,
}

impl LinePrinter {
    pub(super) fn new(component: &str, stream: StandardStream) -> Self {
        let lines = LineBuffer {
            component: component.to_owned(),
            stream,
            begun: Vec::new(),
        };
        LinePrinter {
            lines: Arc::new(Mutex::new(lines)),
        }
    }
}

impl LineBuffer {
    fn print(&mut self, bytes: &[u8]) {
        for piece in bytes.split_inclusive(|byte| *byte == b'\n') {
            let (text, ends) = match piece {
                [text @ .., b'\n'] => (text, true),
                text => (text, false),
            };
            let mut text = text;
            while self.begun.len() + text.len() > MAX_LINE {
                let (now, later) = text.split_at(MAX_LINE - self.begun.len());
                self.begun.extend_from_slice(now);
                self.tell();
                text = later;
            }
            self.begun.extend_from_slice(text);
            if ends {
                self.tell();
            }
        }
    }

    fn tell(&mut self) {
        let line = readable(&self.begun);
        self.begun.clear();
        let component = &*self.component;
        match self.stream {
            StandardStream::Stdout => {
                tracing::info!(target: "composer::guest", component, stream = "stdout", "{line}");
            }
            StandardStream::Stderr => {
                tracing::warn!(target: "composer::guest", component, stream = "stderr", "{line}");
            }
        }
    }
}

/// Emits the rest of a last line without an end.
impl Drop for LineBuffer {
    fn drop(&mut self) {
        if !self.begun.is_empty() {
            self.tell();
        }
    }
}

/// Converts a line to text that has no effect on a terminal, and that cannot look like
/// another line of a log.
fn readable(line: &[u8]) -> String {
    let line = line.strip_suffix(b"\r").unwrap_or(line);
    let text = String::from_utf8_lossy(line);
    let mut readable = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\t' => readable.push(c),
            c if c.is_control() || ('\u{2028}'..='\u{202e}').contains(&c) => {
                readable.extend(c.escape_default());
            }
            c => readable.push(c),
        }
    }
    readable
}

impl IsTerminal for LinePrinter {
    fn is_terminal(&self) -> bool {
        false
    }
}

impl StdoutStream for LinePrinter {
    fn async_stream(&self) -> Box<dyn AsyncWrite + Send + Sync> {
        Box::new(self.clone())
    }

    fn p2_stream(&self) -> Box<dyn OutputStream> {
        Box::new(self.clone())
    }
}

impl OutputStream for LinePrinter {
    fn write(&mut self, bytes: Bytes) -> StreamResult<()> {
        lock(&self.lines).print(&bytes);
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
impl Pollable for LinePrinter {
    async fn ready(&mut self) {}
}

impl AsyncWrite for LinePrinter {
    fn poll_write(
        self: Pin<&mut Self>,
        _: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        lock(&self.lines).print(bytes);
        Poll::Ready(Ok(bytes.len()))
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}
