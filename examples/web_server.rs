//! How does a web server keep typed handles in its state?
//!
//! The composition is a handle that is cheap to clone and can be used from any task, so it
//! is the state of an axum router as it is. A request is one call; what a component's
//! function returns as an error is an answer, and a call that failed is a fault of the
//! server.
//!
//! ```text
//! cargo run --example web_server [address]
//! ```
//!
//! With an address such as `127.0.0.1:8080` it serves until it is interrupted. Without one
//! it asks itself, and prints:
//!
//! ```text
//! GET /total/apple/3: 200 OK, 4.32 in EU
//! GET /total/unicorn/1: 404 Not Found, nothing is sold as unicorn
//! GET /total/apple/many: 400 Bad Request
//! ```

use std::time::Duration;

use anyhow::{Context, Result};
use axum::Router;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::routing::get;
use composer::Runtime;
use composer_examples::guest;
use http_body_util::{BodyExt, Empty};
use hyper_util::rt::TokioIo;
use tokio::net::{TcpListener, TcpStream};

composer::compose!({
    path: "../wit",
    composition: Shop,
    components: {
        catalog: "shop:catalog/catalog",
        tax: dyn "shop:tax/rates",
        till: "shop:till/till",
    },
    exports: ["shop:till/checkout"],
});

use shop::shop::till::checkout::{Line, Problem};

async fn total(
    State(shop): State<Shop>,
    Path((sku, quantity)): Path<(String, u32)>,
) -> (StatusCode, String) {
    let line = Line { sku, quantity };
    match shop.checkout().total([line]).await {
        Ok(Ok(receipt)) => {
            let (whole, cents) = (receipt.total / 100, receipt.total % 100);
            let text = format!("{whole}.{cents:02} in {}", receipt.region);
            (StatusCode::OK, text)
        }
        Ok(Err(Problem::UnknownSku(sku))) => {
            (StatusCode::NOT_FOUND, format!("nothing is sold as {sku}"))
        }
        Ok(Err(problem)) => (StatusCode::UNPROCESSABLE_ENTITY, format!("{problem:?}")),
        // The component is dead, for example. The message is not for strangers.
        Err(error) => {
            eprintln!("{error}");
            (StatusCode::SERVICE_UNAVAILABLE, String::new())
        }
    }
}

#[tokio::main]
async fn main() -> Result<()> {
    let runtime = Runtime::new()?;
    let shop = Shop::compose(ShopParts {
        catalog: guest(&runtime, "catalog").await?,
        tax: guest(&runtime, "tax-eu").await?,
        till: guest(&runtime, "till").await?,
    })
    .await?;
    let router = Router::new()
        .route("/total/{sku}/{quantity}", get(total))
        .with_state(shop.clone());

    let address = std::env::args().nth(1);
    let listener = TcpListener::bind(address.as_deref().unwrap_or("127.0.0.1:0")).await?;
    let bound = listener.local_addr()?;
    let ended = async move {
        if address.is_some() {
            println!("http://{bound}/total/apple/3");
            let _ = tokio::signal::ctrl_c().await;
        } else if let Err(error) = ask(bound).await {
            eprintln!("{error}");
        }
    };
    axum::serve(listener, router)
        .with_graceful_shutdown(ended)
        .await?;
    // Requests have been answered; the components get a second to end.
    shop.composition().shutdown(Duration::from_secs(1)).await;
    Ok(())
}

/// Makes some requests.
async fn ask(server: std::net::SocketAddr) -> Result<()> {
    for path in ["/total/apple/3", "/total/unicorn/1", "/total/apple/many"] {
        let stream = TokioIo::new(TcpStream::connect(server).await?);
        let (mut client, connection) = hyper::client::conn::http1::handshake(stream).await?;
        tokio::spawn(connection);
        let request = hyper::Request::get(path).header("host", "shop");
        let response = client
            .send_request(request.body(Empty::<hyper::body::Bytes>::new())?)
            .await?;
        let status = response.status();
        let body = response.into_body().collect().await?.to_bytes();
        let body = std::str::from_utf8(&body).context("the answer is text")?;
        match status.is_success() || status == StatusCode::NOT_FOUND {
            true => println!("GET {path}: {status}, {body}"),
            false => println!("GET {path}: {status}"),
        }
    }
    Ok(())
}
