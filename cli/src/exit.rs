//! How the program ends.

use std::fmt;
use std::io::{self, Write};

use crate::args::Format;
use crate::problem::{Problem, Problems};

/// The end of a command.
///
/// | exit code | meaning |
/// |---:|---|
/// | 0 | it is done |
/// | 1 | the files are wrong, or the components do not fit together |
/// | 2 | the command line is wrong |
/// | 3 | a component failed while it ran |
/// | 130, 143 | it was asked to end, by Ctrl-C or SIGTERM |
/// | other | of `run` alone: the exit code of the program that was run |
#[derive(Debug)]
pub enum Exit {
    /// The files are wrong, or the components do not fit together.
    Wrong(Problems),
    /// A component failed while it ran.
    Failed(Problem),
    /// The program that was run ended with this code, or a signal ended it.
    Code(u8),
}

impl Exit {
    /// Says what is wrong: to people on standard error, and to programs on standard output.
    pub fn report(&self, format: Format) {
        match self {
            Exit::Wrong(problems) => report(problems, format),
            Exit::Failed(problem) => report(&problem.clone().into(), format),
            Exit::Code(_) => {}
        }
    }

    /// The failure of a component.
    pub fn failed(error: impl fmt::Display) -> Self {
        Exit::Failed(Problem::said(error))
    }

    /// The exit code.
    pub fn code(&self) -> u8 {
        match self {
            Exit::Wrong(_) => 1,
            Exit::Failed(_) => 3,
            Exit::Code(code) => *code,
        }
    }
}

/// Says what is wrong.
pub(crate) fn report(problems: &Problems, format: Format) {
    match format {
        // The reader may have left.
        Format::Json => {
            let _ = writeln!(io::stdout(), "{}", problems.to_json());
        }
        Format::Text => {
            // What is to be copied from a message stays on one line. The hook is set once.
            let _ = miette::set_hook(Box::new(|_| {
                Box::new(miette::MietteHandlerOpts::new().wrap_lines(false).build())
            }));
            for problem in problems.iter() {
                let _ = writeln!(io::stderr(), "{:?}", miette::Report::new(problem.clone()));
            }
        }
    }
}

impl From<Problems> for Exit {
    fn from(problems: Problems) -> Self {
        Exit::Wrong(problems)
    }
}

impl From<Problem> for Exit {
    fn from(problem: Problem) -> Self {
        Exit::Wrong(problem.into())
    }
}
