//! Connections: accepted, bounded, and ended.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::pin::pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use composer::Runtime;
use composer::http::{HttpService, ResponseBody};
use composer::runtime::Pool;
use http_body_util::Full;
use hyper::body::{Body, Bytes, Incoming};
use hyper::server::conn::{http1, http2};
use hyper::service::{Service, service_fn};
use hyper::{Request, Response, StatusCode};
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::{sleep, timeout};

/// The time that a client may take to begin, for a request's head, and between requests.
const PATIENCE: Duration = Duration::from_secs(30);
/// The longest head of a request, in bytes.
const HEAD: usize = 64 << 10;
/// The connections at once that ask for the health.
const HEALTH_CONNECTIONS: usize = 16;
/// What a client of HTTP/2 sends first.
const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

/// What is served, which changes with its files.
pub(crate) struct ServedComposition(Mutex<ServedPool>);

/// A pool with its runtime, without which its components would end.
#[derive(Clone)]
pub(crate) struct ServedPool {
    pub(crate) pool: Pool,
    pub(crate) runtime: Runtime,
}

impl ServedComposition {
    pub(crate) fn new(served: ServedPool) -> Self {
        ServedComposition(Mutex::new(served))
    }

    fn lock(&self) -> MutexGuard<'_, ServedPool> {
        // Nothing panics while it has the lock.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn pool(&self) -> Pool {
        self.lock().pool.clone()
    }

    pub(crate) fn runtime(&self) -> Runtime {
        self.lock().runtime.clone()
    }

    /// Returns what was served before.
    pub(crate) fn replace(&self, served: ServedPool) -> ServedPool {
        std::mem::replace(&mut *self.lock(), served)
    }
}

/// A server of HTTP/1 and HTTP/2.
#[derive(Clone)]
pub(crate) struct Server {
    served: Arc<ServedComposition>,
    connections: Arc<Semaphore>,
    ending: Arc<Mutex<Option<GracefulShutdown>>>,
    is_ending: Arc<AtomicBool>,
    quiet: bool,
}

impl Server {
    pub(crate) fn new(served: Arc<ServedComposition>, connections: usize, quiet: bool) -> Self {
        let connections = connections.clamp(1, Semaphore::MAX_PERMITS);
        Server {
            served,
            connections: Arc::new(Semaphore::new(connections)),
            ending: Arc::new(Mutex::new(Some(GracefulShutdown::new()))),
            is_ending: Arc::default(),
            quiet,
        }
    }

    /// Accepts connections until `stop` is ready.
    pub(crate) async fn accept(&self, listener: TcpListener, stop: impl Future<Output = ()>) {
        let mut stop = pin!(stop);
        loop {
            let accepted = tokio::select! {
                biased;
                () = &mut stop => break,
                accepted = accept(&listener, &self.connections) => accepted,
            };
            if let Some((stream, peer, permit)) = accepted {
                let server = self.clone();
                tokio::spawn(async move {
                    server.serve(stream, peer).await;
                    drop(permit);
                });
            }
        }
        self.is_ending.store(true, Ordering::Release);
    }

    /// Lets the requests that have begun end, and the connections with them.
    pub(crate) async fn end(&self) {
        let ending = self.ending();
        if let Some(ending) = ending {
            ending.shutdown().await;
        }
    }

    fn ending(&self) -> Option<GracefulShutdown> {
        let mut ending = self.ending.lock().unwrap_or_else(PoisonError::into_inner);
        ending.take()
    }

    async fn serve(&self, stream: TcpStream, peer: SocketAddr) {
        let server = self.clone();
        let service = service_fn(move |request| server.clone().answer(request, peer));
        let watcher = {
            let ending = self.ending.lock().unwrap_or_else(PoisonError::into_inner);
            ending.as_ref().map(GracefulShutdown::watcher)
        };
        let Some(watcher) = watcher else {
            return;
        };
        // Who says nothing is not waited for, neither now nor at the end.
        let Ok(Some(version)) = timeout(PATIENCE, version_of(&stream)).await else {
            return;
        };
        let io = TokioIo::new(stream);
        let ended = match version {
            Version::Http1 => watcher.watch(first(io, service)).await,
            Version::Http2 => {
                let mut http = http2::Builder::new(TokioExecutor::new());
                http.timer(TokioTimer::new())
                    .keep_alive_interval(PATIENCE)
                    .max_header_list_size(HEAD as u32);
                watcher.watch(http.serve_connection(io, service)).await
            }
        };
        // A client that leaves early is no fault of the server's.
        if let Err(error) = ended {
            tracing::debug!("a connection of {peer} broke off: {error}");
        }
    }

    async fn answer(
        self,
        request: Request<Incoming>,
        peer: SocketAddr,
    ) -> Result<Response<ResponseBody>, Infallible> {
        let begun = Instant::now();
        let head = (!self.quiet).then(|| format!("{peer} {} {}", request.method(), request.uri()));
        let mut service = HttpService::of_pool(self.served.pool());
        let response = tower_service::Service::call(&mut service, request).await?;
        if let Some(head) = head {
            let status = response.status().as_u16();
            tracing::info!("{head} {status} {:?}", begun.elapsed());
        }
        Ok(response)
    }

    /// Answers `/healthz`: 200 while requests are accepted, and 503 once the server ends.
    pub(crate) async fn answer_health(self, listener: TcpListener) {
        let connections = Arc::new(Semaphore::new(HEALTH_CONNECTIONS));
        loop {
            let Some((stream, _, permit)) = accept(&listener, &connections).await else {
                continue;
            };
            let server = self.clone();
            tokio::spawn(async move {
                let service = service_fn(move |request: Request<Incoming>| {
                    let answer = server.health(request.uri().path());
                    async move { Ok::<_, Infallible>(answer) }
                });
                let _ = timeout(PATIENCE, first(TokioIo::new(stream), service)).await;
                drop(permit);
            });
        }
    }

    fn health(&self, path: &str) -> Response<Full<Bytes>> {
        if path != "/healthz" {
            return with_status(Response::default(), StatusCode::NOT_FOUND);
        }
        let is_ending = self.is_ending.load(Ordering::Acquire);
        let pool = self.served.pool().status();
        let body = serde_json::json!({
            "serves": !is_ending,
            "instances": {
                "idle": pool.idle,
                "leased": pool.leased,
                "starting": pool.starting,
                "leaving": pool.leaving,
                "started": pool.started,
                "failed": pool.failed,
                "crashed": pool.crashed,
            },
            "requests": { "waiting": pool.waiting },
        });
        let response = Response::new(Full::new(Bytes::from(format!("{body}\n"))));
        match is_ending {
            true => with_status(response, StatusCode::SERVICE_UNAVAILABLE),
            false => response,
        }
    }
}

fn with_status<B>(mut response: Response<B>, status: StatusCode) -> Response<B> {
    *response.status_mut() = status;
    response
}

/// The next connection; `None` if it could not be taken.
async fn accept(
    listener: &TcpListener,
    connections: &Arc<Semaphore>,
) -> Option<(TcpStream, SocketAddr, OwnedSemaphorePermit)> {
    // The semaphore is never closed.
    let permit = connections.clone().acquire_owned().await.ok()?;
    match listener.accept().await {
        Ok((stream, peer)) => {
            // It only makes answers faster.
            let _ = stream.set_nodelay(true);
            Some((stream, peer, permit))
        }
        Err(error) => {
            // Usually too many files are open, and some will be closed.
            tracing::warn!("a connection could not be taken: {error}");
            sleep(Duration::from_millis(10)).await;
            None
        }
    }
}

/// A connection of HTTP/1.
fn first<S, B>(io: TokioIo<TcpStream>, service: S) -> http1::Connection<TokioIo<TcpStream>, S>
where
    S: Service<Request<Incoming>, Response = Response<B>, Error = Infallible>,
    B: Body + 'static,
    B::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
{
    http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(PATIENCE)
        .max_buf_size(HEAD)
        .serve_connection(io, service)
}

enum Version {
    Http1,
    Http2,
}

/// The version that a client begins with; `None` if it has left.
async fn version_of(stream: &TcpStream) -> Option<Version> {
    let mut begun = [0; PREFACE.len()];
    loop {
        let length = stream.peek(&mut begun).await.ok()?;
        if length == 0 {
            return None;
        }
        if begun[..length] != PREFACE[..length] {
            return Some(Version::Http1);
        }
        if length == PREFACE.len() {
            return Some(Version::Http2);
        }
        // What is there already does not wake anyone again.
        sleep(Duration::from_millis(5)).await;
    }
}
