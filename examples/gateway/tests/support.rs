//! A gateway, an upstream and a client for a test.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use composer::runtime::PoolStatus;
use composer_gateway::demo::guest_file;
use composer_gateway::reload::Gateway;
use composer_gateway::server::Server;
use composer_gateway::upstream::Upstream;
use http_body_util::combinators::UnsyncBoxBody;
use http_body_util::{BodyExt, Full};
use hyper::body::{Bytes, Incoming};
use hyper::{HeaderMap, Request, Response, StatusCode};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use tempfile::TempDir;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use tokio::time::timeout;

/// A timeout that only a hang exceeds.
const AMPLE: Duration = Duration::from_secs(120);

pub(crate) async fn within<T>(test: impl Future<Output = T>) -> T {
    timeout(AMPLE, test).await.expect("it hangs")
}

/// The table of a filter, whose name is its guest's without `http-`.
pub(crate) fn filter(guest: &str, more: &str) -> String {
    let name = guest.trim_start_matches("http-");
    let file = guest_file(guest);
    let ample = ample(&["time-ms", "deadline-ms", "wait-ms"], more);
    format!(
        "[filters.{name}]\ncomponent = '{}'\n{ample}{more}\n",
        file.display()
    )
}

/// The table of a route; `UPSTREAM` stands for the upstream of the test.
pub(crate) fn route(path: &str, filters: &str, more: &str) -> String {
    let ample = ample(&["timeout-ms"], more);
    format!(
        "[[routes]]\npath = '{path}'\nupstream = 'http://UPSTREAM'\nfilters = [{filters}]\n\
         {ample}{more}\n"
    )
}

/// Sets these times so long that no machine is too slow for them, except those that
/// `more` sets.
fn ample(keys: &[&str], more: &str) -> String {
    let unsaid = keys.iter().filter(|key| !more.contains(**key));
    unsaid
        .map(|key| format!("{key} = {}\n", AMPLE.as_millis()))
        .collect()
}

/// The parts of a running test.
pub(crate) struct World {
    pub(crate) gateway: Arc<Gateway>,
    pub(crate) upstream: Upstream,
    pub(crate) address: SocketAddr,
    pub(crate) client: Client<HttpConnector, SentBody>,
    folder: TempDir,
    stop: oneshot::Sender<()>,
    server: JoinHandle<()>,
}

pub(crate) type SentBody = UnsyncBoxBody<Bytes, Infallible>;

impl World {
    pub(crate) async fn start(tables: &[String]) -> World {
        let upstream = Upstream::start().await.unwrap();
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("gateway.toml");
        write(&file, upstream.address(), tables);
        let gateway = Gateway::open(&file).await.unwrap();
        let server = Server::bind(gateway.clone()).await.unwrap();
        let address = server.address().unwrap();
        let (stop, stopped) = oneshot::channel();
        let server = tokio::spawn(server.run(async {
            let _ = stopped.await;
        }));
        World {
            gateway,
            upstream,
            address,
            client: Client::builder(TokioExecutor::new()).build_http(),
            folder,
            stop,
            server,
        }
    }

    pub(crate) fn file(&self) -> PathBuf {
        self.folder.path().join("gateway.toml")
    }

    pub(crate) fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Changes the file without reloading it.
    pub(crate) fn write(&self, tables: &[String]) {
        write(&self.file(), self.upstream.address(), tables);
    }

    pub(crate) fn uri(&self, target: &str) -> String {
        format!("http://{}{target}", self.address)
    }

    pub(crate) async fn get(&self, target: &str) -> Answer {
        self.send(Request::get(self.uri(target)).body(empty()).unwrap())
            .await
    }

    pub(crate) async fn post(&self, target: &str, body: impl Into<Bytes>) -> Answer {
        let body = Full::new(body.into()).boxed_unsync();
        self.send(Request::post(self.uri(target)).body(body).unwrap())
            .await
    }

    pub(crate) async fn send(&self, request: Request<SentBody>) -> Answer {
        let response = within(self.client.request(request)).await.unwrap();
        Answer::of(response).await.unwrap()
    }

    /// The state of a filter's instances.
    pub(crate) fn status(&self, filter: &str) -> PoolStatus {
        self.gateway.site().filter(filter).unwrap().status()
    }

    /// The number of instances of a filter that have failed so far.
    pub(crate) fn failed(&self, filter: &str) -> u64 {
        let status = self.status(filter);
        status.failed + status.crashed
    }

    /// The number of instances of a filter that are leased, or about to end.
    pub(crate) fn busy(&self, filter: &str) -> usize {
        let status = self.status(filter);
        status.leased + status.leaving
    }

    /// Stops the server, as a signal would.
    pub(crate) async fn stop(self) {
        drop(self.stop);
        within(self.server).await.unwrap();
    }
}

fn write(file: &Path, upstream: SocketAddr, tables: &[String]) {
    let text = format!("listen = '127.0.0.1:0'\n{}", tables.concat());
    let text = text.replace("UPSTREAM", &upstream.to_string());
    // The rename is atomic, so that a watch never sees half a file.
    let new = file.with_extension("new");
    std::fs::write(&new, text).unwrap();
    std::fs::rename(new, file).unwrap();
}

pub(crate) fn empty() -> SentBody {
    Full::default().boxed_unsync()
}

pub(crate) fn text(text: &'static str) -> SentBody {
    Full::new(Bytes::from_static(text.as_bytes())).boxed_unsync()
}

/// A response, read to its end.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: String,
}

impl Answer {
    pub(crate) async fn of(response: Response<Incoming>) -> Result<Answer, hyper::Error> {
        let (head, body) = response.into_parts();
        let body = within(body.collect()).await?.to_bytes();
        Ok(Answer {
            status: head.status,
            headers: head.headers,
            body: String::from_utf8_lossy(&body).into_owned(),
        })
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(|value| value.to_str().unwrap())
    }

    /// The value of a header that the upstream got.
    pub(crate) fn sent(&self, name: &str) -> Option<&str> {
        let line = |line: &'_ str| line.split_once(": ").is_some_and(|(n, _)| n == name);
        let line = self.body.lines().find(|l| line(l))?;
        line.split_once(": ").map(|(_, value)| value)
    }

    /// The body that the upstream got.
    pub(crate) fn echo(&self) -> &str {
        self.body.split_once("\n\n").unwrap().1
    }

    #[track_caller]
    pub(crate) fn is(&self, status: u16, body: &str) {
        assert_eq!(
            (self.status.as_u16(), &*self.body),
            (status, body),
            "{:?}",
            self.headers
        );
    }
}
