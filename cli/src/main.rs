//! The command `wasm-composer`.

use std::io::IsTerminal;
use std::process::ExitCode;

use clap::Parser;
use tracing_subscriber::filter::{LevelFilter, Targets};
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;
use tracing_subscriber::{Layer, Registry};
use wasm_composer::args::{Cli, Command, Format, PlanFormat};
use wasm_composer::call_tree::CallTree;
#[cfg(feature = "otlp")]
use wasm_composer::otlp::SpanExport;
#[cfg(feature = "otlp")]
use wasm_composer::signals::StopSignal;
use wasm_composer::{Exit, commands};

#[tokio::main]
async fn main() -> ExitCode {
    let cli = Cli::parse();
    let format = format_of(&cli.command);
    #[cfg(feature = "otlp")]
    let export = match cli.otlp.as_deref().map(SpanExport::to).transpose() {
        Ok(export) => export,
        Err(problem) => return ended(Err(problem.into()), format),
    };
    #[cfg(feature = "otlp")]
    let exported = export
        .as_ref()
        .map(|export| export.layer().with_filter(calls()).boxed());
    #[cfg(not(feature = "otlp"))]
    let exported = None;
    let layers = layers(cli.verbose, &cli.command, exported);
    tracing_subscriber::registry().with(layers).init();
    #[cfg(feature = "otlp")]
    let end = match export.is_some() && !matches!(cli.command, Command::Serve(_)) {
        true => until_a_signal(commands::execute(cli.command)).await,
        // A server ends by itself.
        false => commands::execute(cli.command).await,
    };
    #[cfg(not(feature = "otlp"))]
    let end = commands::execute(cli.command).await;
    #[cfg(feature = "otlp")]
    if let Some(export) = export
        && let Err(problem) = export.end().await
    {
        Exit::from(problem).report(Format::Text);
    }
    ended(end, format)
}

/// Carries out a command until the program is asked to end, so that it can do so in order.
#[cfg(feature = "otlp")]
async fn until_a_signal(command: impl Future<Output = Result<(), Exit>>) -> Result<(), Exit> {
    let Ok(mut stop) = StopSignal::new() else {
        return command.await;
    };
    tokio::select! {
        end = command => end,
        // As a shell tells it.
        signal = stop.next() => Err(Exit::Code(128 + signal)),
    }
}

fn ended(end: Result<(), Exit>, format: Format) -> ExitCode {
    match end {
        Ok(()) => ExitCode::SUCCESS,
        Err(end) => {
            end.report(format);
            ExitCode::from(end.code())
        }
    }
}

/// The spans of calls, and nothing else.
fn calls() -> Targets {
    Targets::new().with_target(composer::observe::TARGET, LevelFilter::INFO)
}

type EventLayer = Box<dyn Layer<Registry> + Send + Sync>;

/// What prints to standard error, beside what is exported: what components print, what happens
/// to them, and calls.
fn layers(verbose: u8, command: &Command, exported: Option<EventLayer>) -> Vec<EventLayer> {
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
    let colours = std::io::stderr().is_terminal() && std::env::var_os("NO_COLOR").is_none();
    let lines = tracing_subscriber::fmt::layer()
        .with_writer(std::io::stderr)
        .with_ansi(colours)
        .without_time()
        .with_target(false);
    let mut layers = vec![lines.with_filter(targets).boxed()];
    if verbose > 0 {
        layers.push(CallTree.with_filter(calls()).boxed());
    }
    layers.extend(exported);
    layers
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
