//! One serving process: what its parts share, how it starts and how it stops.

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use service::clock::Clock;
use service::ids::Ids;
use sqlx::PgPool;
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
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// Ids and secrets.
    pub ids: Arc<dyn Ids>,
    /// What connections to its listeners may do.
    pub connections: ConnectionLimits,
    /// Workers run here, so that their end is waited for.
    pub tasks: TaskTracker,
    /// Told to workers and listeners.
    pub stop: CancellationToken,
}

impl Node {
    /// A node that has started nothing yet.
    pub fn new(pool: PgPool, clock: Arc<dyn Clock>, ids: Arc<dyn Ids>) -> Self {
        Self {
            pool,
            clock,
            ids,
            connections: ConnectionLimits::default(),
            tasks: TaskTracker::new(),
            stop: CancellationToken::new(),
        }
    }

    /// Drops full buckets and expired sessions from time to time. Nothing depends on it but memory and disk.
    pub fn keep_house(&self, rate_limits: RateLimits) {
        let node = self.clone();
        self.tasks.spawn(async move {
            while !stopped_within(&node.stop, HOUSEKEEPING).await {
                rate_limits.sweep();
                match store::sessions::delete_expired(&node.pool, node.clock.now()).await {
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
        self.tasks.spawn(async move {
            connections::serve(listener, router, limits, tasks, stop.clone()).await;
            // One listener without the others is no node.
            stop.cancel();
        });
    }

    /// Waits for Ctrl-C or a terminate signal, or for a part to fail; then stops everything and waits for its end.
    pub async fn run_until_told(&self) {
        tokio::select! {
            () = told() => tracing::info!("stopping"),
            () = self.stop.cancelled() => tracing::error!("stopping because a part failed"),
        }
        self.stop.cancel();
        self.tasks.close();
        if tokio::time::timeout(LAST_REQUESTS, self.tasks.wait())
            .await
            .is_err()
        {
            tracing::warn!("some requests or workers did not end in time");
        }
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
