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

/// Serves the file's configuration, and reloads it when it changes.
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
