//! `repl`: a session in one running composition.

use std::io::{self, BufRead, IsTerminal};

use rustyline::DefaultEditor;
use rustyline::error::ReadlineError;

use crate::app::App;
use crate::args::{Format, ReplArgs};
use crate::commands::{END, as_written, print};
use crate::exit::Exit;
use crate::problem::Problem;
use crate::session::{FunctionLookup, Session};

const HELP: &str = "\
function(arguments)          a call; arguments are in WAVE, or names of resources
name = function(arguments)   keeps the resource that it returns
new resource(arguments)      a constructor
name.method(arguments)       a method of a resource that is kept
drop name                    gives a resource back
exports, plan, help, quit
";

pub(super) async fn repl(args: ReplArgs) -> Result<(), Exit> {
    let app = App::load(&args.app.source(), &as_written).await?;
    let plan = app.plan()?;
    let lookup = FunctionLookup::new(&app, plan);
    let composition = app.composer.compose().await;
    let composition = composition.map_err(Exit::failed)?;
    let mut session = Session::new(lookup, composition);
    let mut lines = InputLines::new()?;
    let mut worst = None;
    while let Some(line) = lines.next()? {
        match line.trim() {
            "quit" | "exit" => break,
            "help" => print(HELP)?,
            line => match session.execute(line).await {
                Ok(answer) => print(&answer)?,
                Err(end) => {
                    end.report(Format::Text);
                    // A failure of a component says more than a mistake in a line.
                    worst = worst.max(Some(end.code()));
                }
            },
        }
    }
    session.end(END).await;
    // Who runs a script wants to know.
    match worst {
        Some(code) if !lines.is_interactive() => Err(Exit::Code(code)),
        _ => Ok(()),
    }
}

/// The lines of a person at a terminal, or of a file.
enum InputLines {
    Terminal(Box<DefaultEditor>),
    File,
}

impl InputLines {
    fn new() -> Result<Self, Problem> {
        if !io::stdin().is_terminal() {
            return Ok(InputLines::File);
        }
        let editor = DefaultEditor::new()
            .map_err(|error| Problem::new(format!("the terminal cannot be read: {error}")))?;
        Ok(InputLines::Terminal(Box::new(editor)))
    }

    fn is_interactive(&self) -> bool {
        matches!(self, InputLines::Terminal(_))
    }

    /// The next line; `None` at the end.
    fn next(&mut self) -> Result<Option<String>, Problem> {
        let unread = |error: &dyn std::fmt::Display| {
            Problem::new(format!("the input cannot be read: {error}"))
        };
        match self {
            InputLines::Terminal(editor) => match editor.readline("> ") {
                Ok(line) => {
                    // Without a history it goes on.
                    let _ = editor.add_history_entry(&line);
                    Ok(Some(line))
                }
                Err(ReadlineError::Eof | ReadlineError::Interrupted) => Ok(None),
                Err(error) => Err(unread(&error)),
            },
            InputLines::File => {
                let mut line = String::new();
                match io::stdin().lock().read_line(&mut line) {
                    Ok(0) => Ok(None),
                    Ok(_) => Ok(Some(line)),
                    Err(error) => Err(unread(&error)),
                }
            }
        }
    }
}
