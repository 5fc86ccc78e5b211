//! A few requests that show the gateway at work, with an upstream of its own.

use std::error::Error;
use std::fmt::Write;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use http_body_util::{BodyExt, Full};
use hyper::Request;
use hyper::body::Bytes;
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use tokio::sync::oneshot;

use crate::reload::Gateway;
use crate::server::Server;
use crate::upstream::Upstream;

/// The component file of a test guest.
pub fn guest_file(name: &str) -> PathBuf {
    let guests = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/guests");
    guests.join(name).join(name).with_extension("wasm")
}

fn config(listen: SocketAddr, upstream: SocketAddr, greeting: &str) -> String {
    let [allow, token, rewrite, hostile] =
        ["http-allow", "http-token", "http-rewrite", "http-hostile"]
            .map(|name| guest_file(name).display().to_string());
    format!(
        r#"
listen = "{listen}"

[filters.allow]
component = '{allow}'
config = "path /shop"

[filters.token]
component = '{token}'
config = "token s3cret ada"

[filters.rewrite]
component = '{rewrite}'
config = """
redirect 308 /shop/old /shop/new
request set x-greeting {greeting}
response remove x-upstream
response replace s3cret ******
"""

[filters.hostile]
component = '{hostile}'
instances = 2

[[routes]]
path = "/"
upstream = "http://{upstream}"
filters = ["allow", "rewrite"]

[[routes]]
path = "/shop/orders"
upstream = "http://{upstream}"
filters = ["token", "rewrite"]

[[routes]]
path = "/hostile"
upstream = "http://{upstream}"
filters = ["hostile"]

[[routes]]
path = "/hostile/open"
upstream = "http://{upstream}"
filters = ["hostile"]
on-failure = "open"
"#
    )
}

/// The demo's gateway, with its upstream.
pub struct Demo {
    upstream: Upstream,
    gateway: Arc<Gateway>,
    /// What serves it.
    pub server: Server,
    listen: SocketAddr,
    folder: tempfile::TempDir,
}

impl Demo {
    /// Starts the upstream, and gets ready to serve at the address.
    ///
    /// # Errors
    ///
    /// Any error on the way, such as an address that is taken.
    pub async fn start(listen: SocketAddr) -> Result<Demo, Box<dyn Error>> {
        let upstream = Upstream::start().await?;
        let folder = tempfile::tempdir()?;
        let file = folder.path().join("gateway.toml");
        std::fs::write(&file, config(listen, upstream.address(), "hello"))?;
        let gateway = Gateway::open(&file).await?;
        let server = Server::bind(gateway.clone()).await?;
        Ok(Demo {
            upstream,
            gateway,
            server,
            listen,
            folder,
        })
    }
}

/// Runs the demo and prints the responses.
///
/// # Errors
///
/// Any error on the way.
pub async fn run() -> Result<(), Box<dyn Error>> {
    let Demo {
        upstream,
        gateway,
        server,
        listen,
        folder,
    } = Demo::start(SocketAddr::from(([127, 0, 0, 1], 0))).await?;
    let file = folder.path().join("gateway.toml");
    let address = server.address()?;
    let (stop, stopped) = oneshot::channel::<()>();
    let server = tokio::spawn(server.run(async {
        let _ = stopped.await;
    }));

    let visitor = Visitor {
        client: Client::builder(TokioExecutor::new()).build_http(),
        gateway: address,
    };
    visitor.ask("/shop/shoes", "").await?;
    visitor.ask("/cellar", "").await?;
    visitor.ask("/shop/old/hats?size=7", "").await?;
    visitor.ask("/shop/orders", "").await?;
    visitor.ask("/shop/orders", "s3cret").await?;
    visitor.ask("/hostile?wrong=spin", "").await?;
    visitor.ask("/hostile?wrong=memory", "").await?;
    visitor.ask("/hostile?wrong=line", "").await?;
    visitor.ask("/hostile/open?wrong=trap", "").await?;

    std::fs::write(&file, config(listen, upstream.address(), "good day"))?;
    println!("-- reloaded: generation {}", gateway.reload().await?);
    visitor.ask("/shop/shoes", "").await?;

    std::fs::write(&file, "listen = 80")?;
    if let Err(error) = gateway.reload().await {
        let text = error.to_string();
        println!(
            "-- not reloaded: {}",
            text.replace(&format!("{}", file.display()), "gateway.toml")
        );
    }
    visitor.ask("/shop/shoes", "").await?;

    drop(stop);
    server.await?;
    Ok(())
}

struct Visitor {
    client: Client<HttpConnector, Full<Bytes>>,
    gateway: SocketAddr,
}

impl Visitor {
    async fn ask(&self, target: &str, token: &str) -> Result<(), Box<dyn Error>> {
        let mut request = Request::get(format!("http://{}{target}", self.gateway));
        if !token.is_empty() {
            request = request.header("authorization", format!("Bearer {token}"));
        }
        let response = self.client.request(request.body(Full::default())?).await?;
        let who = if token.is_empty() {
            ""
        } else {
            " with a token"
        };
        let mut text = format!("{target}{who}\n  {}", response.status());
        for name in ["location", "www-authenticate", "x-upstream"] {
            if let Some(value) = response.headers().get(name) {
                write!(text, ", {name}: {}", value.to_str()?)?;
            }
        }
        println!("{text}");
        let body = response.into_body().collect().await?.to_bytes();
        let body = String::from_utf8_lossy(&body).into_owned();
        // Ports differ from run to run, so headers with ports are left out.
        let shown = body.lines().filter(|line| {
            !line.is_empty() && !line.starts_with("host:") && !line.starts_with("x-forwarded-host:")
        });
        for line in shown {
            println!("    {line}");
        }
        Ok(())
    }
}
