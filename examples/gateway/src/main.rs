//! An HTTP gateway whose filters are components.
//!
//! ```text
//! cargo run -p composer-gateway -- gateway.toml    # serves until Ctrl-C
//! cargo run -p composer-gateway -- demo            # shows itself
//! cargo run -p composer-gateway -- --help
//! ```
//!
//! The demo prints:
//!
//! ```text
//! /shop/shoes
//!   200 OK
//!     GET /shop/shoes
//!     x-forwarded-for: 127.0.0.1
//!     x-forwarded-proto: http
//!     x-greeting: hello
//! /cellar
//!   403 Forbidden
//!     not on the list: /cellar
//! /shop/old/hats?size=7
//!   308 Permanent Redirect, location: /shop/new/hats?size=7
//! /shop/orders
//!   401 Unauthorized, www-authenticate: Bearer
//!     one bearer token is needed
//! /shop/orders with a token
//!   200 OK
//!     GET /shop/orders
//!     x-forwarded-for: 127.0.0.1
//!     x-forwarded-proto: http
//!     x-greeting: hello
//!     x-user: ada
//! /hostile?wrong=spin
//!   503 Service Unavailable
//!     the filter `hostile` failed
//! /hostile?wrong=memory
//!   503 Service Unavailable
//!     the filter `hostile` failed
//! /hostile?wrong=line
//!   503 Service Unavailable
//!     the filter `hostile` failed
//! /hostile/open?wrong=trap
//!   200 OK, x-upstream: echo
//!     GET /hostile/open?wrong=trap
//!     x-forwarded-for: 127.0.0.1
//!     x-forwarded-proto: http
//! -- reloaded: generation 2
//! /shop/shoes
//!   200 OK
//!     GET /shop/shoes
//!     x-forwarded-for: 127.0.0.1
//!     x-forwarded-proto: http
//!     x-greeting: good day
//! -- not reloaded: gateway.toml cannot be understood:
//! TOML parse error at line 1, column 10
//!   |
//! 1 | listen = 80
//!   |          ^^
//! invalid type: integer `80`, expected socket address
//! /shop/shoes
//!   200 OK
//!     GET /shop/shoes
//!     x-forwarded-for: 127.0.0.1
//!     x-forwarded-proto: http
//!     x-greeting: good day
//! ```

use std::error::Error;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;

use clap::{Arg, Command, value_parser};
use composer_gateway::demo;
use composer_gateway::reload::Gateway;
use composer_gateway::server::Server;

/// What the command line asks for.
enum GatewayTask {
    Serve(PathBuf),
    Demo,
    /// The demo's gateway, for requests of the user's own.
    ServeDemo(SocketAddr),
}

fn command() -> Command {
    Command::new("gateway")
        .about("An HTTP gateway whose filters are WebAssembly components")
        .after_help(
            "Examples:\n  \
             gateway gateway.toml                  serves until Ctrl-C, and follows the file\n  \
             gateway demo                          makes some requests, and shows the answers\n  \
             gateway demo --listen 127.0.0.1:8080  serves what the demo does, for your own\n\n\
             The keys of the file are in examples/gateway/src/config.rs.",
        )
        .arg_required_else_help(true)
        .args_conflicts_with_subcommands(true)
        .arg(
            Arg::new("file")
                .value_name("FILE")
                .value_parser(value_parser!(PathBuf))
                .help("The configuration to serve (TOML)"),
        )
        .subcommand(
            Command::new("demo")
                .about("Shows the gateway at work, with an upstream and filters of its own")
                .arg(
                    Arg::new("listen")
                        .long("listen")
                        .value_name("ADDRESS")
                        .value_parser(value_parser!(SocketAddr))
                        .help("Serve at this address until Ctrl-C, and make no requests"),
                ),
        )
}

fn task() -> GatewayTask {
    let mut matches = command().get_matches();
    if let Some((_, demo)) = matches.subcommand() {
        let listen = demo.get_one("listen");
        return listen.map_or(GatewayTask::Demo, |address| {
            GatewayTask::ServeDemo(*address)
        });
    }
    // Without arguments, clap shows the help.
    GatewayTask::Serve(matches.remove_one("file").unwrap_or_default())
}

#[tokio::main]
async fn main() -> ExitCode {
    let ran = match task() {
        GatewayTask::Demo => demo::run().await,
        GatewayTask::ServeDemo(address) => serve_demo(address).await,
        GatewayTask::Serve(file) => serve(&file).await,
    };
    match ran {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

/// Serves the file's configuration, and reloads it when it changes.
async fn serve(file: &Path) -> Result<(), Box<dyn Error>> {
    tracing_subscriber::fmt()
        .with_writer(std::io::stderr)
        .init();
    let gateway = Gateway::open(file).await?;
    let server = Server::bind(gateway.clone()).await?;
    tracing::info!("serving at {}", server.address()?);
    tokio::spawn(gateway.watch(Duration::from_millis(500)));
    server.run(interrupted()).await;
    Ok(())
}

async fn serve_demo(address: SocketAddr) -> Result<(), Box<dyn Error>> {
    let demo = demo::Demo::start(address).await?;
    println!("serving at http://{}", demo.server.address()?);
    demo.server.run(interrupted()).await;
    Ok(())
}

async fn interrupted() {
    if tokio::signal::ctrl_c().await.is_err() {
        std::future::pending::<()>().await;
    }
}
