//! The command line.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, Parser, Subcommand, ValueEnum};

use crate::manifest::settings::duration;
use crate::source::AppSource;

/// Composes WebAssembly components and runs the whole, each component in its own sandbox.
///
/// APP is what to compose: a `compose.toml` or a folder with one, a document in WAC, a folder
/// of components, or component files. Imports meet exports by themselves.
#[derive(Debug, Parser)]
#[command(
    name = "wasm-composer",
    version,
    max_term_width = 100,
    propagate_version = true
)]
pub struct Cli {
    #[command(subcommand)]
    pub command: Command,
    /// Shows what happens to the components, and each call with those that it causes and their
    /// times; twice for more.
    #[arg(short, long, global = true, action = clap::ArgAction::Count)]
    pub verbose: u8,
    /// Sends the spans of calls to the OpenTelemetry collector at this address, by OTLP over
    /// HTTP.
    #[cfg(feature = "otlp")]
    #[arg(long, global = true, value_name = "ADDR")]
    pub otlp: Option<String>,
}

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Shows how components fit together, or why they do not. Nothing is run.
    #[command(after_help = "Example:\n  wasm-composer plan catalog.wasm tax.wasm till.wasm")]
    Plan(PlanArgs),
    /// Shows what a component imports and exports, and what it needs to run.
    #[command(after_help = "Example:\n  wasm-composer inspect till.wasm")]
    Inspect(InspectArgs),
    /// Calls one exported function.
    ///
    /// Arguments and results are written in WAVE: 42, "text" in quotes, [1, 2],
    /// {name: "x", count: 3}, some(1), ok("fine").
    #[command(
        after_help = "Example:\n  wasm-composer call examples/shop 'shop:till/checkout#total' \
                      '[{sku: \"apple\", quantity: 3}]'"
    )]
    Call(CallArgs),
    /// Calls functions one after another in one running composition, resources among them.
    ///
    /// The lines come from the terminal, or from a file as standard input: then the exit code
    /// is 1 if there were mistakes, and 3 if a component failed.
    #[command(
        after_help = "Example:\n  echo 'c = new counter(1)\n  c.increment(2)' | \
                      wasm-composer repl counters.wasm"
    )]
    Repl(ReplArgs),
    /// Runs a command: a composition that exports `wasi:cli/run`.
    ///
    /// The component that exports it has this program's standard streams and the arguments;
    /// its exit code is this program's.
    #[command(after_help = "Example:\n  wasm-composer run tool.wasm -- --verbose input.txt")]
    Run(RunArgs),
    /// Serves HTTP: a composition that exports `wasi:http/incoming-handler`, or
    /// `wasi:http/handler` of WASI 0.3.
    ///
    /// Each request gets instances of its own. The end by SIGTERM or Ctrl-C is graceful.
    #[command(
        after_help = "Example:\n  wasm-composer serve examples/service --addr 127.0.0.1:8080"
    )]
    Serve(ServeArgs),
    /// Writes the whole composition as one component, for any host.
    #[command(after_help = "Example:\n  wasm-composer fuse examples/shop -o shop.wasm")]
    Fuse(FuseArgs),
    /// Measures one function, with each component in a store of its own and with all in one.
    ///
    /// The calls are made one after another, from outside; what the function calls in other
    /// components is where the two differ. In one store, nothing is granted and the limits are
    /// the default ones.
    #[command(
        after_help = "Example:\n  wasm-composer bench examples/shop 'shop:till/checkout#total' \
                      '[{sku: \"apple\", quantity: 3}]'"
    )]
    Bench(BenchArgs),
    /// Makes a small project: a component in Rust, its WIT, and a program that runs it.
    #[command(
        after_help = "Example:\n  wasm-composer new greeter && cd greeter && ./build.sh && \
                            cargo run"
    )]
    New(NewArgs),
    /// Prints the JSON Schema of `compose.toml`, by which editors complete it.
    Schema,
    /// Prints completions for a shell.
    #[command(after_help = "Example:\n  wasm-composer completions bash > \
                            ~/.local/share/bash-completion/completions/wasm-composer")]
    Completions {
        /// The shell.
        shell: clap_complete::Shell,
    },
    /// Writes manual pages into a folder.
    Man {
        /// The folder.
        folder: PathBuf,
    },
}

/// The composition.
#[derive(Args, Debug)]
pub struct App {
    /// A `compose.toml`, a `.wac`, a folder, or component files.
    #[arg(value_name = "APP", required = true)]
    pub app: Vec<PathBuf>,
    #[command(flatten)]
    pub fetch: FetchArgs,
}

impl App {
    /// Where it is.
    pub fn source(&self) -> AppSource {
        self.fetch.source(self.app.clone())
    }
}

/// What may be fetched.
#[derive(Args, Debug)]
pub struct FetchArgs {
    /// Fetches nothing: components from registries have to be in the lock file and in the
    /// cache.
    #[cfg(feature = "registry")]
    #[arg(long)]
    pub offline: bool,
}

impl FetchArgs {
    /// These files, or what they name.
    pub fn source(&self, paths: Vec<PathBuf>) -> AppSource {
        AppSource {
            paths,
            #[cfg(feature = "registry")]
            offline: self.offline,
            #[cfg(not(feature = "registry"))]
            offline: true,
        }
    }
}

/// How errors and answers are printed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// For people.
    #[default]
    Text,
    /// For programs.
    Json,
}

/// How a plan is printed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum PlanFormat {
    /// For people.
    #[default]
    Text,
    /// For programs, errors as well.
    Json,
    /// For Graphviz.
    Dot,
    /// For Markdown.
    Mermaid,
    /// A picture.
    Svg,
}

#[derive(Args, Debug)]
pub struct PlanArgs {
    #[command(flatten)]
    pub app: App,
    /// How it is printed.
    #[arg(long, value_enum, default_value_t)]
    pub format: PlanFormat,
}

#[derive(Args, Debug)]
pub struct InspectArgs {
    /// The component's file.
    pub component: PathBuf,
    /// How it is printed.
    #[arg(long, value_enum, default_value_t)]
    pub format: Format,
}

#[derive(Args, Debug)]
pub struct CallArgs {
    /// A `compose.toml`, a `.wac`, a folder, or a component file.
    #[arg(value_name = "APP")]
    pub app: PathBuf,
    /// The function: `namespace:package/interface#function`, or the name of one that is in no
    /// interface.
    pub function: String,
    /// Its arguments, in WAVE.
    #[arg(allow_negative_numbers = true)]
    pub arguments: Vec<String>,
    /// More component files of the composition.
    #[arg(long = "with", value_name = "FILE")]
    pub with: Vec<PathBuf>,
    #[command(flatten)]
    pub fetch: FetchArgs,
    /// How the result is printed.
    #[arg(long, value_enum, default_value_t)]
    pub format: Format,
}

#[derive(Args, Debug)]
pub struct RunArgs {
    #[command(flatten)]
    pub app: App,
    /// Follows the files: components that are rebuilt take the place of the earlier ones while
    /// the program runs, and it begins again if it is rebuilt itself. What no longer fits is
    /// refused while all goes on.
    #[arg(long)]
    pub watch: bool,
    /// The arguments of the program.
    #[arg(last = true)]
    pub arguments: Vec<String>,
    /// How errors are printed.
    #[arg(long, value_enum, default_value_t)]
    pub format: Format,
}

#[derive(Args, Debug)]
pub struct ServeArgs {
    #[command(flatten)]
    pub app: App,
    /// The address to serve at. Only programs on this machine reach it unless you name another, such as
    /// 0.0.0.0:8080 for every network.
    #[arg(long, default_value = "127.0.0.1:8080")]
    pub addr: SocketAddr,
    /// An address that answers `/healthz`: with 200 while requests are accepted, then with 503, and
    /// with figures in JSON.
    #[arg(long)]
    pub health: Option<SocketAddr>,
    /// The requests that are served at once; further ones wait.
    #[arg(long, default_value_t = 64)]
    pub max: usize,
    /// The instances that are ready before a request comes.
    #[arg(long, default_value_t = 1)]
    pub warm: usize,
    /// The connections at once; further ones wait to be accepted.
    #[arg(long, default_value_t = 1024)]
    pub connections: usize,
    /// The time that requests have to end when the server ends.
    #[arg(long, default_value = "10s", value_parser = duration)]
    pub grace: Duration,
    /// Follows the files: what is rebuilt is served from then on, and what no longer fits is
    /// refused while the earlier one goes on.
    #[arg(long)]
    pub watch: bool,
    /// Leaves out the line for each request.
    #[arg(long)]
    pub quiet: bool,
    /// How errors are printed.
    #[arg(long, value_enum, default_value_t)]
    pub format: Format,
}

#[derive(Args, Debug)]
pub struct FuseArgs {
    #[command(flatten)]
    pub app: App,
    /// The file to write.
    #[arg(short, long)]
    pub output: PathBuf,
    /// How errors are printed.
    #[arg(long, value_enum, default_value_t)]
    pub format: Format,
}

#[derive(Args, Debug)]
pub struct BenchArgs {
    /// A `compose.toml`, a `.wac`, a folder, or a component file.
    #[arg(value_name = "APP")]
    pub app: PathBuf,
    /// The function, as for `call`.
    pub function: String,
    /// Its arguments, in WAVE.
    #[arg(allow_negative_numbers = true)]
    pub arguments: Vec<String>,
    /// The time for each of the two.
    #[arg(long, default_value = "2s", value_parser = duration)]
    pub time: Duration,
    #[command(flatten)]
    pub fetch: FetchArgs,
    /// How the figures are printed.
    #[arg(long, value_enum, default_value_t)]
    pub format: Format,
}

#[derive(Args, Debug)]
pub struct NewArgs {
    /// The folder of the project, which is made; the last part of it is its name.
    #[arg(value_name = "NAME")]
    pub folder: PathBuf,
    /// The library in this folder, instead of the one in the registry.
    #[arg(long, value_name = "FOLDER")]
    pub library: Option<PathBuf>,
    /// How errors are printed.
    #[arg(long, value_enum, default_value_t)]
    pub format: Format,
}

#[derive(Args, Debug)]
pub struct ReplArgs {
    #[command(flatten)]
    pub app: App,
    /// How errors of the files are printed.
    #[arg(long, value_enum, default_value_t)]
    pub format: Format,
}
