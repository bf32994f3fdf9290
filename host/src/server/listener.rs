//! One listener: connections with time limits, and a drain.

use std::time::Duration;

use axum::Router;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto::Builder;
use hyper_util::server::graceful::GracefulShutdown;
use hyper_util::service::TowerToHyperService;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinSet;

/// HTTP/2 streams that one connection may have at once.
const STREAMS: u32 = 256;

/// How connections are served.
#[derive(Clone, Copy)]
pub struct Listener {
    /// How long a request's headers may take.
    pub header_timeout: Duration,
    /// How long a connection may go on after the stop.
    pub drain: Duration,
}

impl Listener {
    /// Serves `router` until `stopped` closes, then lets what runs go on, for
    /// as long as the drain allows. The connections that are open even then.
    pub async fn serve(
        self,
        listener: TcpListener,
        router: Router,
        mut stopped: watch::Receiver<()>,
    ) -> JoinSet<()> {
        let mut builder = Builder::new(TokioExecutor::new());
        builder
            .http1()
            .timer(TokioTimer::new())
            .header_read_timeout(self.header_timeout);
        builder
            .http2()
            .timer(TokioTimer::new())
            .max_concurrent_streams(STREAMS)
            .keep_alive_interval(self.header_timeout);
        let graceful = GracefulShutdown::new();
        let service = TowerToHyperService::new(router);
        let mut connections = JoinSet::new();
        loop {
            let socket = tokio::select! {
                _ = stopped.changed() => break,
                Some(_) = connections.join_next() => continue,
                accepted = listener.accept() => accepted,
            };
            let Ok((socket, _)) = socket else {
                // Out of file descriptors, mostly: one more try at once would fail too.
                tokio::time::sleep(Duration::from_millis(50)).await;
                continue;
            };
            // Without it a small frame waits for an acknowledgement.
            let _ = socket.set_nodelay(true);
            let (builder, service) = (builder.clone(), service.clone());
            let (watcher, mut stopped) = (graceful.watcher(), stopped.clone());
            connections.spawn(async move {
                let mut first = [0];
                // Hyper counts the time of the headers from their first byte on.
                tokio::select! {
                    biased;
                    _ = socket.peek(&mut first) => {}
                    _ = stopped.changed() => return,
                    () = tokio::time::sleep(self.header_timeout) => return,
                }
                let connection = builder.serve_connection(TokioIo::new(socket), service);
                // A client that breaks off is no event of ours.
                let _ = watcher.watch(connection.into_owned()).await;
            });
        }
        drop(listener);
        if tokio::time::timeout(self.drain, graceful.shutdown())
            .await
            .is_err()
        {
            tracing::warn!("the drain limit is over; open connections are cut");
        }
        connections
    }
}

/// Listens for SIGTERM and SIGINT from now on; the future resolves on either.
pub fn termination() -> impl Future<Output = ()> {
    use tokio::signal::unix::{SignalKind, signal};
    let signals = signal(SignalKind::terminate())
        .and_then(|term| Ok((term, signal(SignalKind::interrupt())?)));
    async move {
        let Ok((mut term, mut int)) = signals else {
            // Without handlers the signals end the process themselves.
            return std::future::pending().await;
        };
        tokio::select! {
            _ = term.recv() => {}
            _ = int.recv() => {}
        }
    }
}
