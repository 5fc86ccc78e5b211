//! What takes long, shown while it goes on.

use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

/// Long work of several steps. A line on standard error says which one is under way, if that
/// is a terminal, and is gone when the work has ended.
pub(crate) struct ProgressLine {
    line: ProgressBar,
    steps: usize,
    begun: usize,
}

impl ProgressLine {
    /// Work of this many steps: with what the line begins. Nothing is shown in the background.
    pub(crate) fn new(doing: &str, steps: usize, in_background: bool) -> Self {
        // Where more is printed than mistakes, the lines would get into each other.
        let others = tracing::enabled!(target: "composer", tracing::Level::INFO);
        let target = match others || in_background {
            true => ProgressDrawTarget::hidden(),
            // Hidden, too, if it is no terminal.
            false => ProgressDrawTarget::stderr(),
        };
        let line = ProgressBar::with_draw_target(None, target);
        if let Ok(style) = ProgressStyle::with_template("{spinner} {prefix} {msg}") {
            line.set_style(style);
        }
        line.set_prefix(doing.to_owned());
        ProgressLine {
            line,
            steps,
            begun: 0,
        }
    }

    /// The next step begins.
    pub(crate) fn step(&mut self, what: &str) {
        self.begun += 1;
        let (begun, steps) = (self.begun, self.steps);
        self.line.set_message(match steps {
            0 | 1 => what.to_owned(),
            _ => format!("{what} ({begun} of {steps})"),
        });
        self.line.enable_steady_tick(Duration::from_millis(100));
    }
}

impl Drop for ProgressLine {
    fn drop(&mut self) {
        self.line.finish_and_clear();
    }
}
