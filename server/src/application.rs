//! The use cases of a serving node, with their workers.

use std::sync::Arc;
use std::time::Duration;

use chrono::TimeDelta;
use service::decisions::Decider;
use service::notices::Reach;
use service::snapshot::{Announcements, Snapshots};
use service::{Service, ServiceError};
use store::Store;

use crate::metrics::{self, Figures};
use crate::node::Node;
use crate::readiness::Readiness;

/// How often what ended by itself is reported. No decision waits for it.
const REPORT_EVERY: Duration = Duration::from_secs(5);
/// How often bypasses are looked at that may be needless. They have a week to be answered for.
const NEEDLESS_EVERY: Duration = Duration::from_secs(300);
/// How often the months to come are looked at.
const PARTITIONS_EVERY: Duration = Duration::from_secs(6 * 3_600);
/// How often it is written when clients were last here.
const CLIENT_USES_EVERY: Duration = Duration::from_secs(60);
/// How often what clients asked out of their scope is recorded.
const OUT_OF_SCOPE_EVERY: Duration = Duration::from_secs(60);
/// How far ahead there are partitions for decisions.
const PARTITIONS_AHEAD: TimeDelta = TimeDelta::days(92);

/// What pages, forms and machine routes call.
#[derive(Debug, Clone)]
pub struct Application {
    /// All use cases but deciding.
    pub service: Service,
    /// Decides and records.
    pub decider: Decider,
    /// Whether decisions would be answered.
    pub readiness: Readiness,
}

impl Application {
    /// Reads the clock, loads the snapshot and starts the workers on the node. `reach` is what people can be reached by
    /// besides the pages.
    pub async fn start_reaching(node: &Node, reach: Reach) -> Result<Self, ServiceError> {
        metrics::recorder();
        node.work("metrics", metrics::keep_up(node.stop.clone()));
        node.keep_time().await;
        let store = Store::new(node.pool.clone());
        let now = node.clock.now();
        // Decisions in the default partition keep a month's from being made, and not from being found or answered.
        match store::decisions::make_partitions(store.pool(), now, now + PARTITIONS_AHEAD).await {
            Err(error @ store::StoreError::Database(_)) => return Err(error.into()),
            made => log_partitions(made),
        }
        let snapshots = Snapshots::start(store.clone(), node.time.clone()).await?;
        let service = Service::reaching(
            store,
            node.time.clone(),
            Arc::clone(&node.ids),
            snapshots.clone(),
            reach,
        );
        node.work(
            "snapshot",
            snapshots.clone().follow(Announcements::Heard, node.stop.clone()),
        );
        node.work(
            "next directory",
            snapshots.clone().prepare_ahead(node.stop.clone()),
        );
        let (decider, worker) = Decider::start(service.clone());
        node.work("decisions", worker.run(node.stop.clone()));
        let readiness = Readiness::new(service.clone(), decider.recorder().clone(), node.stop.clone());
        let application = Self {
            service,
            decider,
            readiness,
        };
        application.report_ends(node);
        application.ask_about_needless(node);
        application.make_partitions(node);
        application.store_client_uses(node);
        application.report_out_of_scope(node);
        Ok(application)
    }

    /// What `/readyz` and `/metrics` ask.
    pub fn figures(&self) -> Figures {
        Figures {
            decider: self.decider.clone(),
            readiness: self.readiness.clone(),
        }
    }

    fn report_ends(&self, node: &Node) {
        let service = self.service.clone();
        let stop = node.stop.clone();
        node.work("ends", async move {
            let mut checked = None;
            while !crate::node::stopped_within(&stop, REPORT_EVERY).await {
                if let Err(error) = service.reopen_stages(&mut checked).await {
                    tracing::warn!(
                        error = &error as &dyn std::error::Error,
                        "stages could not be opened again yet"
                    );
                }
                if let Err(error) = service.report_ends().await {
                    tracing::warn!(
                        error = &error as &dyn std::error::Error,
                        "ends could not be reported yet"
                    );
                }
                if let Err(error) = service.escalate_silence().await {
                    tracing::warn!(
                        error = &error as &dyn std::error::Error,
                        "silence could not be escalated yet"
                    );
                }
                if let Err(error) = service.suspend_what_fell().await {
                    tracing::warn!(
                        error = &error as &dyn std::error::Error,
                        "what has fallen could not be suspended yet"
                    );
                }
                if let Err(error) = service.tell_times().await {
                    tracing::warn!(
                        error = &error as &dyn std::error::Error,
                        "what follows from the clock could not be told yet"
                    );
                }
            }
        });
    }

    /// Old drafts, acts, forms and step-ups go along with it: no decision depends on that.
    fn ask_about_needless(&self, node: &Node) {
        let service = self.service.clone();
        let stop = node.stop.clone();
        node.work("old drafts", async move {
            while !crate::node::stopped_within(&stop, NEEDLESS_EVERY).await {
                if let Err(error) = service.forget_old_drafts().await {
                    tracing::warn!(
                        error = &error as &dyn std::error::Error,
                        "old drafts stay for now"
                    );
                }
                if let Err(error) = service.forget_old_bulk_acts().await {
                    tracing::warn!(error = &error as &dyn std::error::Error, "old acts stay for now");
                }
                if let Err(error) = service.forget_old_forms().await {
                    tracing::warn!(error = &error as &dyn std::error::Error, "old forms stay for now");
                }
                if let Err(error) = service.forget_old_step_ups().await {
                    tracing::warn!(
                        error = &error as &dyn std::error::Error,
                        "old step-ups stay for now"
                    );
                }
                if let Err(error) = service.ask_about_needless().await {
                    tracing::warn!(
                        error = &error as &dyn std::error::Error,
                        "nobody could be asked yet about what is needless"
                    );
                }
            }
        });
    }

    fn store_client_uses(&self, node: &Node) {
        let service = self.service.clone();
        let stop = node.stop.clone();
        node.work("uses of clients", async move {
            loop {
                let stopped = crate::node::stopped_within(&stop, CLIENT_USES_EVERY).await;
                if let Err(error) = service.store_client_uses().await {
                    tracing::warn!(
                        error = &error as &dyn std::error::Error,
                        "the last uses of clients could not be written yet"
                    );
                }
                if stopped {
                    return;
                }
            }
        });
    }

    fn make_partitions(&self, node: &Node) {
        let service = self.service.clone();
        let stop = node.stop.clone();
        node.work("partitions", async move {
            loop {
                if let Err(error) = service.alarm_default_partition().await {
                    tracing::warn!(
                        error = &error as &dyn std::error::Error,
                        "the default partition could not be looked at yet"
                    );
                }
                if crate::node::stopped_within(&stop, PARTITIONS_EVERY).await {
                    return;
                }
                let now = service.now();
                log_partitions(
                    store::decisions::make_partitions(service.store().pool(), now, now + PARTITIONS_AHEAD)
                        .await,
                );
            }
        });
    }

    fn report_out_of_scope(&self, node: &Node) {
        let decider = self.decider.clone();
        let stop = node.stop.clone();
        node.work("questions out of scope", async move {
            loop {
                let stopping = crate::node::stopped_within(&stop, OUT_OF_SCOPE_EVERY).await;
                // At the stop too: what is only in memory would be lost.
                if let Err(error) = decider.report_out_of_scope().await {
                    tracing::warn!(
                        error = &error as &dyn std::error::Error,
                        "questions out of scope could not be recorded yet"
                    );
                }
                if stopping {
                    return;
                }
            }
        });
    }
}

fn log_partitions(made: Result<i32, store::StoreError>) {
    if let Err(error) = made {
        tracing::error!(
            error = &error as &dyn std::error::Error,
            "partitions could not be made"
        );
    }
}
