//! Connections: accepted, bounded, and ended.

use std::convert::Infallible;
use std::io;
use std::net::SocketAddr;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, watch};
use tokio::time::timeout;

use crate::proxy::handle;
use crate::reload::Gateway;

/// The time that a client may take for a request's head, and stay idle between requests.
const PATIENCE: Duration = Duration::from_secs(30);
/// The longest head of a request, in bytes.
const HEAD: usize = 64 << 10;

/// The server that accepts a gateway's connections.
pub struct Server {
    gateway: Arc<Gateway>,
    listener: TcpListener,
}

impl Server {
    /// Binds the address of the configuration.
    ///
    /// # Errors
    ///
    /// If the address cannot be bound.
    pub async fn bind(gateway: Arc<Gateway>) -> io::Result<Server> {
        let listener = TcpListener::bind(gateway.site().config.listen).await?;
        Ok(Server { gateway, listener })
    }

    /// The address, with the port that the system chose for port 0.
    ///
    /// # Errors
    ///
    /// If the system does not report it.
    pub fn address(&self) -> io::Result<SocketAddr> {
        self.listener.local_addr()
    }

    /// Serves until `stop` is ready, then accepts no more connections, lets the requests
    /// in flight finish, as long as the configuration says, and ends the filters.
    pub async fn run(self, stop: impl Future<Output = ()>) {
        let limits = self.gateway.site().config.limits.clone();
        let room = Arc::new(Semaphore::new(limits.max_connections as usize));
        let (stopping, _) = watch::channel(false);
        let mut stop = pin!(stop);
        loop {
            let accepted = tokio::select! {
                biased;
                () = &mut stop => break,
                accepted = self.accept(&room) => accepted,
            };
            match accepted {
                Ok((stream, peer, permit)) => {
                    let connection =
                        serve(self.gateway.clone(), stream, peer, stopping.subscribe());
                    tokio::spawn(async move {
                        connection.await;
                        drop(permit);
                    });
                }
                Err(error) => {
                    // Usually too many files are open, and some will be closed.
                    tracing::warn!(%error, "a connection could not be taken");
                    tokio::time::sleep(Duration::from_millis(10)).await;
                }
            }
        }
        drop(self.listener);
        stopping.send_replace(true);
        let all = room.acquire_many(limits.max_connections);
        let grace = Duration::from_millis(limits.drain_ms);
        if timeout(grace, all).await.is_err() {
            tracing::warn!("connections are cut off after {grace:?}");
        }
        self.gateway.shutdown().await;
    }

    async fn accept(
        &self,
        room: &Arc<Semaphore>,
    ) -> io::Result<(TcpStream, SocketAddr, tokio::sync::OwnedSemaphorePermit)> {
        let permit = room
            .clone()
            .acquire_owned()
            .await
            .map_err(io::Error::other)?;
        let (stream, peer) = self.listener.accept().await?;
        stream.set_nodelay(true)?;
        Ok((stream, peer, permit))
    }
}

async fn serve(
    gateway: Arc<Gateway>,
    stream: TcpStream,
    peer: SocketAddr,
    mut stopping: watch::Receiver<bool>,
) {
    let service = service_fn(|request| {
        let gateway = gateway.clone();
        async move { Ok::<_, Infallible>(handle(&gateway, peer.ip(), request).await) }
    });
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(PATIENCE)
        .max_buf_size(HEAD)
        .serve_connection(TokioIo::new(stream), service);
    let mut connection = pin!(connection);
    let stopped = async move {
        let _ = stopping.wait_for(|stopping| *stopping).await;
    };
    let ended = tokio::select! {
        ended = connection.as_mut() => Some(ended),
        () = stopped => None,
    };
    let ended = match ended {
        Some(ended) => ended,
        None => {
            connection.as_mut().graceful_shutdown();
            connection.await
        }
    };
    if let Err(error) = ended {
        tracing::debug!(%peer, %error, "a connection broke off");
    }
}
