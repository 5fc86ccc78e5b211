//! The command `wasm-composer`.

use std::io::IsTerminal;
use std::process::ExitCode;

use clap::Parser;
use tracing_subscriber::Layer;
use tracing_subscriber::filter::{LevelFilter, Targets};
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;
use wasm_composer::args::{Cli, Command, Format, PlanFormat};
use wasm_composer::call_tree::CallTree;
use wasm_composer::commands;

#[tokio::main]
async fn main() -> ExitCode {
    let cli = Cli::parse();
    show_events(cli.verbose, &cli.command);
    let format = format_of(&cli.command);
    match commands::execute(cli.command).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(end) => {
            end.report(format);
            ExitCode::from(end.code())
        }
    }
}

/// Prints to standard error what components print and what happens to them.
fn show_events(verbose: u8, command: &Command) {
    let level = match verbose {
        // Elsewhere the end of the command says it.
        0 if matches!(command, Command::Serve(_)) => LevelFilter::WARN,
        0 => LevelFilter::ERROR,
        1 => LevelFilter::INFO,
        _ => LevelFilter::DEBUG,
    };
    // What a component prints is what its user waits for.
    let targets = Targets::new()
        .with_target("composer::guest", level.max(LevelFilter::INFO))
        .with_target("composer", level)
        .with_target("wasm_composer", level.max(LevelFilter::INFO));
    let calls = Targets::new().with_target(composer::observe::TARGET, LevelFilter::INFO);
    let colours = std::io::stderr().is_terminal() && std::env::var_os("NO_COLOR").is_none();
    let lines = tracing_subscriber::fmt::layer()
        .with_writer(std::io::stderr)
        .with_ansi(colours)
        .without_time()
        .with_target(false);
    tracing_subscriber::registry()
        .with(lines.with_filter(targets))
        .with((verbose > 0).then(|| CallTree.with_filter(calls)))
        .init();
}

/// The form of a command's errors.
fn format_of(command: &Command) -> Format {
    match command {
        Command::Plan(args) => match args.format {
            PlanFormat::Json => Format::Json,
            _ => Format::Text,
        },
        Command::Inspect(args) => args.format,
        Command::Call(args) => args.format,
        Command::Run(args) => args.format,
        Command::Serve(args) => args.format,
        Command::Fuse(args) => args.format,
        Command::Bench(args) => args.format,
        Command::Repl(args) => args.format,
        Command::New(args) => args.format,
        Command::Schema | Command::Completions { .. } | Command::Man { .. } => Format::Text,
    }
}
