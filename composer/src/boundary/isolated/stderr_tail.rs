//! The end of what a component wrote to its standard error.

use std::collections::VecDeque;
use std::sync::Mutex;

use crate::sync::lock;

/// How many bytes are kept.
#[cfg(feature = "wasi")]
const KEPT: usize = 4 << 10;
/// How many lines of them are told.
const LINES: usize = 32;

/// The last bytes that a component wrote to its standard error. A panic's message is among
/// them.
#[derive(Default)]
pub(crate) struct StderrTail(Mutex<VecDeque<u8>>);

impl StderrTail {
    #[cfg(feature = "wasi")]
    pub(crate) fn write(&self, bytes: &[u8]) {
        let mut kept = lock(&self.0);
        let bytes = &bytes[bytes.len().saturating_sub(KEPT)..];
        let excess = (kept.len() + bytes.len()).saturating_sub(KEPT);
        kept.drain(..excess);
        kept.extend(bytes);
    }

    /// The last lines, without the empty ones around them.
    pub(crate) fn lines(&self) -> Vec<String> {
        let kept = lock(&self.0);
        let (head, tail) = kept.as_slices();
        let all = [head, tail].concat();
        let text = all.trim_ascii();
        if text.is_empty() {
            return Vec::new();
        }
        let lines: Vec<&[u8]> = text.split(|byte| *byte == b'\n').collect();
        let last = &lines[lines.len().saturating_sub(LINES)..];
        last.iter().map(|line| readable(line)).collect()
    }
}

/// Converts a line to text that has no effect on a terminal, and that cannot look like
/// another line of a log.
pub(crate) fn readable(line: &[u8]) -> String {
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

#[cfg(all(test, feature = "wasi"))]
mod tests {
    use super::{KEPT, LINES, StderrTail};

    #[test]
    fn the_last_lines_are_kept() {
        let tail = StderrTail::default();
        assert!(tail.lines().is_empty());
        tail.write(b"\n\n");
        assert!(tail.lines().is_empty());
        for line in 0..100 {
            tail.write(format!("line {line}\r\n").as_bytes());
        }
        let lines = tail.lines();
        assert_eq!(lines.len(), LINES);
        assert_eq!((&*lines[0], &*lines[LINES - 1]), ("line 68", "line 99"));
        tail.write(&[b'x'; 3 * KEPT]);
        assert_eq!(tail.lines(), ["x".repeat(KEPT)]);
        tail.write(b"\n\x1b[31mred\n");
        assert_eq!(tail.lines()[1], "\\u{1b}[31mred");
    }
}
