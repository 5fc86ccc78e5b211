//! An HTTP gateway whose filters are components.
//!
//! ```text
//! cargo run -p composer-gateway -- gateway.toml    # serves until Ctrl-C
//! cargo run -p composer-gateway -- demo            # shows itself
//! ```
//!
//! The demo prints:
//!
//! ```text
//! ```

use std::error::Error;
use std::process::ExitCode;
use std::time::Duration;

use composer_gateway::demo;
use composer_gateway::reload::Gateway;
use composer_gateway::server::Server;

#[tokio::main]
async fn main() -> ExitCode {
    let ran = match std::env::args().nth(1).as_deref() {
        Some("demo") => demo::run().await,
        Some(file) => {
            tracing_subscriber::fmt()
                .with_writer(std::io::stderr)
                .init();
            serve(file).await
        }
        None => Err("say which file to serve, or `demo`".into()),
    };
    match ran {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

/// Serves what a file says, and whatever it says later.
async fn serve(file: &str) -> Result<(), Box<dyn Error>> {
    let gateway = Gateway::open(file).await?;
    let server = Server::bind(gateway.clone()).await?;
    tracing::info!("serving at {}", server.address()?);
    tokio::spawn(gateway.watch(Duration::from_millis(500)));
    let stop = async {
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
    };
    server.run(stop).await;
    Ok(())
}
