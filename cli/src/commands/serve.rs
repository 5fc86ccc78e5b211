//! `serve`: a composition as an HTTP server.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use tokio::net::TcpListener;
use tokio::time::{Instant, timeout_at};

use crate::app::{App, runtime_for};
use crate::args::ServeArgs;
use crate::changes::FollowedApp;
use crate::commands::as_written;
use crate::exit::Exit;
use crate::problem::{Problem, Problems};
use crate::server::{ServedComposition, ServedPool, Server};
use crate::signals::StopSignal;
use crate::source::DescribedComposition;

const HANDLERS: [&str; 2] = ["wasi:http/incoming-handler", "wasi:http/handler"];

pub(super) async fn serve(args: ServeArgs) -> Result<(), Exit> {
    let source = args.app.source();
    let (described, followed) = match args.watch {
        true => {
            let (described, followed) = FollowedApp::begin(source).await?;
            (described, Some(followed))
        }
        false => (DescribedComposition::read(&source).await?, None),
    };
    let runtime = runtime_for(&described)?;
    let app = App::load_beside(described, &runtime, &as_written).await?;
    let served = Arc::new(ServedComposition::new(pool(app, &args)?));
    let mut stop = StopSignal::new().map_err(|error| {
        Problem::new(format!("the signals of the end cannot be caught: {error}"))
    })?;
    let listener = bind(args.addr).await?;
    let health = match args.health {
        Some(address) => Some(bind(address).await?),
        None => None,
    };
    // Who waits for the server to be there reads this line.
    tracing::info!("serves at http://{}", address_of(&listener, args.addr));
    if let Some(address) = args.health {
        let address = health
            .as_ref()
            .map_or(address, |it| address_of(it, address));
        tracing::info!("answers at http://{address}/healthz");
    }
    let server = Server::new(served.clone(), args.connections, args.quiet);
    let health = health.map(|listener| tokio::spawn(server.clone().answer_health(listener)));
    let grace = args.grace;
    let follow = followed.map(|followed| tokio::spawn(follow(followed, served.clone(), args)));
    server
        .accept(listener, async {
            stop.next().await;
        })
        .await;
    // From here on, all together have the grace period, and a second signal ends it.
    let deadline = Instant::now() + grace;
    tokio::select! {
        () = end(&server, &served, deadline) => {}
        _ = stop.next() => tracing::warn!("ends at once"),
    }
    for task in follow.into_iter().chain(health) {
        task.abort();
    }
    Ok(())
}

/// Lets requests end, and then the components.
async fn end(server: &Server, served: &ServedComposition, deadline: Instant) {
    if timeout_at(deadline, server.end()).await.is_err() {
        tracing::warn!("connections are cut off");
    }
    let rest = deadline.saturating_duration_since(Instant::now());
    served
        .pool()
        .close(rest.max(Duration::from_millis(100)))
        .await;
}

async fn bind(address: SocketAddr) -> Result<TcpListener, Problem> {
    let bound = TcpListener::bind(address).await;
    bound.map_err(|error| Problem::new(format!("the address {address} cannot be used: {error}")))
}

/// The address, with the port that the system chose for port 0.
fn address_of(listener: &TcpListener, wanted: SocketAddr) -> SocketAddr {
    listener.local_addr().unwrap_or(wanted)
}

/// A pool of a composition that answers HTTP.
fn pool(app: App, args: &ServeArgs) -> Result<ServedPool, Problems> {
    let plan = app.plan()?;
    let is_missing = |handler: &str| plan.export_owner(handler).is_err();
    if HANDLERS.into_iter().all(is_missing) {
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
    let pool = pool.map_err(Problem::said)?;
    Ok(ServedPool { pool, runtime })
}

/// Serves what the files become.
async fn follow(mut followed: FollowedApp, served: Arc<ServedComposition>, args: ServeArgs) {
    let mut _earlier = None;
    loop {
        let (changed, described) = followed.next().await;
        let again = async {
            let app = App::load_beside(described?, &served.runtime(), &as_written).await?;
            pool(app, &args)
        };
        match again.await {
            Ok(again) => {
                // Requests that have the earlier pool, or wait for it, keep it until they end.
                let before = served.replace(again);
                drop(before.pool);
                // They may be in an earlier runtime, which stays until the next change.
                _earlier = Some(before.runtime);
                followed.accept();
                tracing::info!("serves what has changed: {changed}");
            }
            Err(problems) => followed.refuse(&changed, &problems.into(), args.format),
        }
    }
}
