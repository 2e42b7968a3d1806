//! One serving process: what its parts share, how it starts and how it stops.

use std::sync::{Arc, OnceLock};
use std::time::Duration;

use axum::Router;
use service::clock::Clock;
use service::ids::Ids;
use service::time::Time;
use sqlx::PgPool;
use store::Store;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::connections::{self, ConnectionLimits};
use crate::http::rate_limit::RateLimits;

/// How long requests that are under way may take after the stop was asked for.
const LAST_REQUESTS: Duration = Duration::from_secs(20);

/// How often buckets and sessions that nobody needs are dropped.
const HOUSEKEEPING: Duration = Duration::from_secs(60);

/// What the parts of a process share.
#[derive(Debug, Clone)]
pub struct Node {
    /// Connections of the serving role.
    pub pool: PgPool,
    /// The time, to ask whether it is right.
    pub time: Time,
    /// The same, for what only reads it.
    pub clock: Arc<dyn Clock>,
    /// Ids and secrets.
    pub ids: Arc<dyn Ids>,
    /// What connections to its listeners may do.
    pub connections: ConnectionLimits,
    /// Workers run here, so that their end is waited for.
    pub tasks: TaskTracker,
    /// Told to workers and listeners.
    pub stop: CancellationToken,
    /// The first part that has failed.
    failed: Arc<OnceLock<PartFailed>>,
}

/// A worker or a listener that ended although nobody had told the node to stop.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("its part \"{0}\" has failed; the cause is in the log")]
pub struct PartFailed(pub &'static str);

impl Node {
    /// A node that has started nothing yet.
    pub fn new(pool: PgPool, time: Time, ids: Arc<dyn Ids>) -> Self {
        Self {
            pool,
            clock: Arc::new(time.clone()),
            time,
            ids,
            connections: ConnectionLimits::default(),
            tasks: TaskTracker::new(),
            stop: CancellationToken::new(),
            failed: Arc::default(),
        }
    }

    /// Runs a worker until the node stops. One that ends or panics before stops the node: without it, some decision would
    /// wait for ever or some record would lack its signature, and nobody would know.
    pub fn work(&self, part: &'static str, worker: impl Future<Output = ()> + Send + 'static) {
        let node = self.clone();
        let running = self.tasks.spawn(worker);
        let up = metrics::gauge!("spillway_worker_up", "worker" => part);
        up.set(1.0);
        self.tasks.spawn(async move {
            let ended = running.await;
            up.set(0.0);
            if let Err(error) = &ended {
                tracing::error!(
                    error = error as &dyn std::error::Error,
                    part,
                    "a worker has failed"
                );
            }
            if ended.is_err() || !node.stop.is_cancelled() {
                node.fail(part);
            }
        });
    }

    /// Stops the node because of a part of it.
    fn fail(&self, part: &'static str) {
        tracing::error!(part, "stopping because a part of this node has ended");
        let _ = self.failed.set(PartFailed(part));
        self.stop.cancel();
    }

    /// Reads the database's clock for the first time, and goes on until the node stops. Where that fails the node starts all
    /// the same, and answers that it is not ready.
    pub async fn keep_time(&self) {
        let store = Store::new(self.pool.clone());
        if let Err(error) = self.time.sample_once(&store).await {
            tracing::error!(
                error = &error as &dyn std::error::Error,
                "the database's clock cannot be read"
            );
        }
        self.work("clock", self.time.clone().keep(store, self.stop.clone()));
    }

    /// Drops full buckets and expired sessions from time to time. Nothing depends on it but memory and disk.
    pub fn keep_house(&self, rate_limits: RateLimits) {
        let node = self.clone();
        self.work("housekeeping", async move {
            while !stopped_within(&node.stop, HOUSEKEEPING).await {
                rate_limits.sweep();
                // Not while nobody knows what time it is: sessions would end that have not.
                let Ok(now) = node.time.checked() else { continue };
                match store::sessions::delete_expired(&node.pool, now).await {
                    Ok(count) => tracing::debug!(count, "dropped expired sessions"),
                    Err(error) => {
                        tracing::warn!(
                            error = &error as &dyn std::error::Error,
                            "expired sessions stay for now"
                        );
                    }
                }
            }
        });
    }

    /// Serves on a task until the node stops; requests that are under way are finished.
    pub fn serve(&self, listener: TcpListener, router: Router) {
        let (limits, tasks, stop) = (self.connections.clone(), self.tasks.clone(), self.stop.clone());
        // One listener without the others is no node.
        self.work("listener", async move {
            connections::serve(listener, router, limits, tasks, stop).await;
        });
    }

    /// Waits for Ctrl-C or a terminate signal, or for a part to fail; then stops everything and waits for its end. Errs where
    /// a part has failed.
    pub async fn run_until_told(&self) -> Result<(), PartFailed> {
        tokio::select! {
            () = told() => tracing::info!("stopping"),
            () = self.stop.cancelled() => {}
        }
        self.stop.cancel();
        self.tasks.close();
        if tokio::time::timeout(LAST_REQUESTS, self.tasks.wait())
            .await
            .is_err()
        {
            tracing::warn!("some requests or workers did not end in time");
        }
        self.failed.get().map_or(Ok(()), |failed| Err(*failed))
    }
}

/// Waits that long, or until the stop.
pub(crate) async fn stopped_within(stop: &CancellationToken, wait: Duration) -> bool {
    tokio::time::timeout(wait, stop.cancelled()).await.is_ok()
}

async fn told() {
    let interrupt = async {
        if let Err(error) = tokio::signal::ctrl_c().await {
            tracing::error!(error = &error as &dyn std::error::Error, "Ctrl-C cannot be heard");
            std::future::pending::<()>().await;
        }
    };
    #[cfg(unix)]
    let terminate = async {
        match tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate()) {
            Ok(mut signal) => {
                signal.recv().await;
            }
            Err(error) => {
                tracing::error!(
                    error = &error as &dyn std::error::Error,
                    "a terminate signal cannot be heard"
                );
                std::future::pending::<()>().await;
            }
        }
    };
    #[cfg(not(unix))]
    let terminate = std::future::pending::<()>();
    tokio::select! {
        () = interrupt => {}
        () = terminate => {}
    }
}
