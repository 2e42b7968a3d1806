//! `/metrics`: a node's figures for Prometheus.
//!
//! What happens often is counted where it happens, by the macros of `metrics`; what simply is (a generation, an offset, a
//! queue) is asked when somebody reads. Nothing here names a person, a resource or a client.

use std::sync::OnceLock;
use std::time::Duration;

use axum::Router;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use http::header;
use metrics::gauge;
use metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusHandle};
use service::clock::Clock as _;
use service::decisions::Decider;
use tokio_util::sync::CancellationToken;

use crate::node::stopped_within;
use crate::readiness::Readiness;

/// The text format of Prometheus.
const MEDIA_TYPE: &str = "text/plain; version=0.0.4; charset=utf-8";
/// Upper bounds of how long a decision takes, in seconds.
const SECONDS: [f64; 12] = [
    0.001, 0.0025, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 1.0, 2.0, 5.0,
];
/// Upper bounds of how many decisions a batch has.
const SIZES: [f64; 9] = [1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0, 128.0, 256.0];
/// How often what was counted is put into its buckets, so that it does not pile up where nobody reads.
const UPKEEP_EVERY: Duration = Duration::from_secs(5);
/// How long the database may take to be counted in.
const PATIENCE: Duration = Duration::from_secs(1);

/// The process's one recorder: the macros of `metrics` know no other place.
static RECORDER: OnceLock<Option<PrometheusHandle>> = OnceLock::new();

/// Begins to count in this process; whoever calls it again gets the same. None where it cannot, which is logged: no decision
/// depends on it.
pub fn recorder() -> Option<&'static PrometheusHandle> {
    RECORDER
        .get_or_init(|| {
            let built = PrometheusBuilder::new()
                .set_buckets_for_metric(Matcher::Full("spillway_decision_seconds".to_owned()), &SECONDS)
                .and_then(|builder| {
                    builder
                        .set_buckets_for_metric(Matcher::Full("spillway_batch_decisions".to_owned()), &SIZES)
                })
                .and_then(PrometheusBuilder::install_recorder);
            match built {
                Ok(handle) => Some(handle),
                Err(error) => {
                    tracing::error!(error = &error as &dyn std::error::Error, "nothing is counted");
                    None
                }
            }
        })
        .as_ref()
}

/// Puts what was counted into its buckets until the node stops.
pub async fn keep_up(stop: CancellationToken) {
    while !stopped_within(&stop, UPKEEP_EVERY).await {
        if let Some(handle) = recorder() {
            handle.run_upkeep();
        }
    }
}

/// What `/metrics` asks.
#[derive(Debug, Clone)]
pub struct Figures {
    /// Decides, and knows the service.
    pub decider: Decider,
    /// Whether decisions would be answered.
    pub readiness: Readiness,
}

/// The route. It is for the inside: a proxy in front of Spillway need not pass it on.
pub fn routes(figures: Figures) -> Router {
    Router::new().route("/metrics", get(read)).with_state(figures)
}

async fn read(State(figures): State<Figures>) -> Response {
    figures.ask().await;
    let text = recorder().map(PrometheusHandle::render).unwrap_or_default();
    ([(header::CONTENT_TYPE, MEDIA_TYPE)], text).into_response()
}

impl Figures {
    #[expect(clippy::cast_precision_loss, reason = "a figure for people")]
    async fn ask(&self) {
        let service = self.decider.service();
        let loaded = service.snapshots().current();
        gauge!("spillway_generation").set(loaded.generation().counter as f64);
        gauge!("spillway_snapshot_age_seconds").set(loaded.age().as_secs_f64());
        gauge!("spillway_decision_queue").set(self.decider.queued() as f64);
        if let Some(offset) = service.time().offset() {
            gauge!("spillway_clock_offset_seconds").set(offset.as_seconds_f64());
        }
        let pool = service.store().pool();
        let idle = pool.num_idle();
        gauge!("spillway_pool_connections", "state" => "idle").set(idle as f64);
        let used = usize::try_from(pool.size())
            .unwrap_or_default()
            .saturating_sub(idle);
        gauge!("spillway_pool_connections", "state" => "used").set(used as f64);
        let ready = self.readiness.reasons().await.is_empty();
        gauge!("spillway_ready").set(f64::from(u8::from(ready)));
        if ready {
            self.ask_database().await;
        }
    }

    #[expect(clippy::cast_precision_loss, reason = "a figure for people")]
    async fn ask_database(&self) {
        let service = self.decider.service();
        let pool = service.store().pool();
        let counted = tokio::time::timeout(PATIENCE, async {
            let pending = store::ledger_log::pending(pool).await?;
            Ok::<_, store::StoreError>((pending, store::deliveries::waiting(pool).await?))
        });
        match counted.await {
            Ok(Ok(((pending, oldest), waiting))) => {
                let lag = oldest.map_or(0.0, |oldest| {
                    (service.time().now() - oldest).as_seconds_f64().max(0.0)
                });
                gauge!("spillway_ledger_pending").set(pending as f64);
                gauge!("spillway_ledger_lag_seconds").set(lag);
                gauge!("spillway_deliveries", "state" => "waiting").set(waiting.waiting as f64);
                gauge!("spillway_deliveries", "state" => "dead").set(waiting.dead as f64);
            }
            Ok(Err(error)) => {
                tracing::warn!(
                    error = &error as &dyn std::error::Error,
                    "the database could not be counted in"
                );
            }
            Err(_) => tracing::warn!("the database was too slow to be counted in"),
        }
    }
}
