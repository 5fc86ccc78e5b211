//! What the command line does.

mod bench;
mod call;
mod fuse;
mod inspect;
mod new;
mod plan;
mod repl;
mod run;
mod serve;

use std::io::{self, Write};
use std::time::Duration;

use clap::CommandFactory;
use composer::runtime::Grants;

use crate::args::{Cli, Command};
use crate::exit::Exit;
use crate::manifest::schema;
use crate::problem::Problem;
use crate::source::PartSettings;

/// The time that components have to end when a command has done its work.
const END: Duration = Duration::from_secs(2);

/// Carries out a command.
///
/// # Errors
///
/// The end of the program, if it is not a success.
pub async fn execute(command: Command) -> Result<(), Exit> {
    match command {
        Command::Plan(args) => plan::plan(args).await,
        Command::Inspect(args) => inspect::inspect(&args),
        Command::Call(args) => call::call(args).await,
        Command::Run(args) => run::run(args).await,
        Command::Serve(args) => serve::serve(args).await,
        Command::Fuse(args) => fuse::fuse(args).await,
        Command::Bench(args) => bench::bench(args).await,
        Command::Repl(args) => repl::repl(args).await,
        Command::New(args) => new::new(&args),
        Command::Schema => print(&format!("{:#}\n", schema())),
        Command::Completions { shell } => {
            let mut script = Vec::new();
            clap_complete::generate(shell, &mut Cli::command(), "wasm-composer", &mut script);
            print_bytes(&script)
        }
        Command::Man { folder } => {
            let written = clap_mangen::generate_to(Cli::command(), &folder);
            written.map_err(|error| {
                let message = format!(
                    "the pages cannot be written to `{}`: {error}",
                    folder.display()
                );
                Exit::from(Problem::new(message))
            })
        }
    }
}

/// Prints to standard output. A reader that has left is no mistake: the rest is left out.
fn print(text: &str) -> Result<(), Exit> {
    print_bytes(text.as_bytes())
}

fn print_bytes(bytes: &[u8]) -> Result<(), Exit> {
    let mut out = io::stdout().lock();
    match out.write_all(bytes).and_then(|()| out.flush()) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
            Err(Problem::new(format!("the output cannot be written: {error}")).into())
        }
        _ => Ok(()),
    }
}

/// Grants nothing beside what is written.
fn as_written(_: &str, settings: &PartSettings) -> Grants {
    settings.grants.clone()
}
