//! The output of components, as events of `tracing`.

use std::sync::{Arc, Mutex};

use crate::boundary::isolated::stderr_tail::readable;
use crate::sync::lock;
use crate::wasi::{KeptStderr, TakesOutput};

/// The most bytes of a line that make one event.
const MAX_LINE: usize = 8 << 10;

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

impl TakesOutput for LinePrinter {
    fn take(&self, bytes: &[u8]) {
        let mut lines = lock(&self.lines);
        if let StandardStream::Stderr = lines.stream {
            KeptStderr.take(bytes);
        }
        lines.print(bytes);
    }
}
