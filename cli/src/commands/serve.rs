//! `serve`: a composition as an HTTP server.

use std::convert::Infallible;
use std::io;
use std::net::SocketAddr;
use std::pin::pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use composer::http::HttpService;
use composer::runtime::Pool;
use http_body_util::Full;
use hyper::body::{Bytes, Incoming};
use hyper::service::service_fn;
use hyper::{Request, Response, StatusCode};
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto;
use hyper_util::server::graceful::GracefulShutdown;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio::time::timeout;

use crate::app::{App, AppRuntime};
use crate::args::ServeArgs;
use crate::changes::Changes;
use crate::commands::as_written;
use crate::exit::{Exit, report};
use crate::problem::{Problem, Problems};

const HANDLERS: [&str; 2] = ["wasi:http/incoming-handler", "wasi:http/handler"];
/// The time that a client may take for a request's head, and stay idle between requests.
const PATIENCE: Duration = Duration::from_secs(30);
/// The longest head of a request, in bytes.
const HEAD: usize = 64 << 10;

pub(super) async fn serve(args: ServeArgs) -> Result<(), Exit> {
    let app = App::load(&args.app.app, &as_written).await?;
    let runtime = app.runtime.clone();
    let changes = args.watch.then(|| Changes::of(app.files()));
    let served = Arc::new(Served::new(pool(app, &args)?));
    let stop = stop_signal().map_err(|error| {
        Problem::new(format!("the signals of the end cannot be caught: {error}"))
    })?;
    let listener = bind(args.addr).await?;
    let health = match args.health {
        Some(address) => Some(bind(address).await?),
        None => None,
    };
    // Who waits for the server to be there reads this line.
    tracing::info!("serves at http://{}", address_of(&listener, args.addr));
    if let (Some(listener), Some(address)) = (health, args.health) {
        tracing::info!(
            "answers at http://{}/healthz",
            address_of(&listener, address)
        );
        tokio::spawn(answer_health(listener, served.clone()));
    }
    let server = Server {
        served: served.clone(),
        connections: Arc::new(Semaphore::new(
            args.connections.clamp(1, Semaphore::MAX_PERMITS),
        )),
        quiet: args.quiet,
    };
    let grace = args.grace;
    let follow = follow(changes, runtime.clone(), served.clone(), args);
    tokio::select! {
        () = server.accept(listener, stop, grace) => {}
        () = follow => {}
    }
    served.pool().close(grace).await;
    runtime.shutdown(grace).await;
    Ok(())
}

/// A pool of a composition that answers HTTP.
fn pool(app: App, args: &ServeArgs) -> Result<Pool, Problems> {
    let plan = app.composer.plan().map_err(|error| app.problems(error))?;
    if HANDLERS
        .iter()
        .all(|handler| plan.export_owner(handler).is_err())
    {
        let problem = match plan.export_owner(HANDLERS[0]) {
            Err(error) => Problem::said(error),
            Ok(_) => Problem::new("the composition serves no HTTP"),
        };
        let problem = problem.with_help("`serve` needs one of `wasi:http`'s handlers");
        return Err(problem.into());
    }
    let App {
        runtime, composer, ..
    } = app;
    let prepared = composer.prepare().map_err(Problem::said)?;
    let pool = runtime.pool(&prepared).max(args.max);
    let pool = pool.warm(args.warm.min(args.max)).build();
    pool.map_err(|error| Problem::said(error).into())
}

/// Serves what the files become.
async fn follow(
    changes: Option<Changes>,
    mut runtime: AppRuntime,
    served: Arc<Served>,
    args: ServeArgs,
) {
    let Some(mut changes) = changes else {
        return std::future::pending().await;
    };
    loop {
        let changed = changes.next().await;
        let changed: Vec<String> = changed
            .iter()
            .map(|file| file.display().to_string())
            .collect();
        let changed = changed.join(", ");
        let loaded = App::load_again(&args.app.app, &runtime, &as_written).await;
        let again = loaded.and_then(|app| {
            let (files, runtime) = (app.files(), app.runtime.clone());
            Ok((files, runtime, pool(app, &args)?))
        });
        match again {
            Ok((files, used, pool)) => {
                runtime = used;
                changes = Changes::of(files);
                let old = served.replace(pool);
                tracing::info!("serves what has changed: {changed}");
                tokio::spawn(async move { old.close(args.grace).await });
            }
            Err(problems) => {
                tracing::warn!("goes on as before, since there are mistakes: {changed}");
                report(&problems, args.format);
            }
        }
    }
}

/// What is served, which changes with its files.
struct Served(Mutex<Pool>);

impl Served {
    fn new(pool: Pool) -> Self {
        Served(Mutex::new(pool))
    }

    fn lock(&self) -> MutexGuard<'_, Pool> {
        // Nothing panics while it has the lock.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn pool(&self) -> Pool {
        self.lock().clone()
    }

    /// Returns the pool that was served before.
    fn replace(&self, pool: Pool) -> Pool {
        std::mem::replace(&mut *self.lock(), pool)
    }
}

async fn bind(address: SocketAddr) -> Result<TcpListener, Problem> {
    let bound = TcpListener::bind(address).await;
    bound.map_err(|error| Problem::new(format!("the address {address} cannot be used: {error}")))
}

/// The address, with the port that the system chose for port 0.
fn address_of(listener: &TcpListener, wanted: SocketAddr) -> SocketAddr {
    listener.local_addr().unwrap_or(wanted)
}

struct Server {
    served: Arc<Served>,
    connections: Arc<Semaphore>,
    quiet: bool,
}

impl Server {
    /// Accepts connections until `stop` is ready, and then lets requests end within `grace`.
    async fn accept(&self, listener: TcpListener, stop: impl Future<Output = ()>, grace: Duration) {
        let ending = GracefulShutdown::new();
        let mut stop = pin!(stop);
        loop {
            // The semaphore is never closed.
            let Ok(permit) = self.connections.clone().acquire_owned().await else {
                return;
            };
            let accepted = tokio::select! {
                biased;
                () = &mut stop => break,
                accepted = listener.accept() => accepted,
            };
            let (stream, peer) = match accepted {
                Ok(accepted) => accepted,
                Err(error) => {
                    // Usually too many files are open, and some will be closed.
                    tracing::warn!("a connection could not be taken: {error}");
                    tokio::time::sleep(Duration::from_millis(10)).await;
                    continue;
                }
            };
            self.serve(stream, peer, permit, &ending);
        }
        drop(listener);
        if timeout(grace, ending.shutdown()).await.is_err() {
            tracing::warn!("connections are cut off after {grace:?}");
        }
    }

    fn serve(
        &self,
        stream: TcpStream,
        peer: SocketAddr,
        permit: tokio::sync::OwnedSemaphorePermit,
        ending: &GracefulShutdown,
    ) {
        // It only makes answers faster.
        let _ = stream.set_nodelay(true);
        let (served, quiet) = (self.served.clone(), self.quiet);
        let service = service_fn(move |request| {
            answer(HttpService::of_pool(served.pool()), request, peer, quiet)
        });
        let mut http = auto::Builder::new(TokioExecutor::new());
        http.http1()
            .timer(TokioTimer::new())
            .header_read_timeout(PATIENCE)
            .max_buf_size(HEAD);
        http.http2()
            .timer(TokioTimer::new())
            .max_header_list_size(HEAD as u32);
        let connection = http
            .serve_connection(TokioIo::new(stream), service)
            .into_owned();
        let connection = ending.watch(connection);
        tokio::spawn(async move {
            // A client that leaves early is no fault of the server's.
            if let Err(error) = connection.await {
                tracing::debug!("a connection of {peer} broke off: {error}");
            }
            drop(permit);
        });
    }
}

async fn answer(
    mut service: HttpService,
    request: Request<Incoming>,
    peer: SocketAddr,
    quiet: bool,
) -> Result<Response<composer::http::ResponseBody>, Infallible> {
    let begun = Instant::now();
    let head = (!quiet).then(|| format!("{peer} {} {}", request.method(), request.uri()));
    let response = tower_service::Service::call(&mut service, request).await?;
    if let Some(head) = head {
        tracing::info!(
            "{head} {} {:?}",
            response.status().as_u16(),
            begun.elapsed()
        );
    }
    Ok(response)
}

/// Answers `/healthz`, as long as the pool can be asked.
async fn answer_health(listener: TcpListener, served: Arc<Served>) {
    while let Ok((stream, _)) = listener.accept().await {
        let served = served.clone();
        let service = service_fn(move |request: Request<Incoming>| {
            let status = match request.uri().path() {
                "/healthz" => StatusCode::OK,
                _ => StatusCode::NOT_FOUND,
            };
            let text = format!("{:?}\n", served.pool().status());
            let mut response = Response::new(Full::new(Bytes::from(text)));
            *response.status_mut() = status;
            async move { Ok::<_, Infallible>(response) }
        });
        let http = auto::Builder::new(TokioExecutor::new());
        tokio::spawn(async move {
            let _ = http.serve_connection(TokioIo::new(stream), service).await;
        });
    }
}

/// Ready when the program is asked to end.
#[cfg(unix)]
fn stop_signal() -> io::Result<impl Future<Output = ()>> {
    use tokio::signal::unix::{SignalKind, signal};

    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    Ok(async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
    })
}

/// Ready when the program is asked to end.
#[cfg(not(unix))]
fn stop_signal() -> io::Result<impl Future<Output = ()>> {
    Ok(async {
        // Without the signal it goes on.
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
    })
}
