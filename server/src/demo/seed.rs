//! Fills a new demo: organisation, clients, history.

use std::sync::Arc;

use chrono::TimeDelta;
use domain::id::CorrelationId;
use domain::window::Instant;
use service::clock::ManualClock;
use service::ids::{Ids as _, RandomIds};
use service::in_force::Wanted;
use service::notices::Reach;
use service::snapshot::Snapshots;
use service::time::Time;
use service::{Service, ServiceError};
use sqlx::PgPool;
use store::Store;

use super::history::{self, HistoryError};
use super::{organisation, people};

/// The client whose token the demo shows.
pub const SHOWN_CLIENT: &str = "ci-gateway";

/// Why a demo could not be filled.
#[derive(Debug, thiserror::Error)]
pub enum SeedError {
    /// The embedded directory is none.
    #[error("the demo's directory cannot be read")]
    Directory(#[from] toml::de::Error),
    /// A use case refused.
    #[error("the demo could not be set up: {0:?}")]
    Service(#[from] ServiceError),
    /// The history could not be played.
    #[error("the demo's history could not be played")]
    History(#[from] HistoryError),
    /// The database refused.
    #[error("the database did not answer")]
    Store(#[from] store::StoreError),
    /// The directory names no client that the demo could show.
    #[error("the demo's directory has no client {SHOWN_CLIENT}")]
    NoClient,
}

/// Fills an empty database, up to `until`; returns the token of [`SHOWN_CLIENT`]. `reach` is what the demo runs with
/// afterwards. `progress` is told how many days are left.
pub async fn seed(
    pool: PgPool,
    issuer: &str,
    until: Instant,
    reach: Reach,
    progress: impl FnMut(i64),
) -> Result<String, SeedError> {
    let store = Store::new(pool);
    let begin = until - TimeDelta::days(history::DAYS + 1);
    store::decisions::make_partitions(store.pool(), begin, until + TimeDelta::days(92)).await?;
    let clock = Arc::new(ManualClock::at(begin));
    let time = Time::exact(clock.clone());
    let snapshots = Snapshots::start(store.clone(), time.clone()).await?;
    let service = Service::reaching(store, time, Arc::new(RandomIds), snapshots, reach);
    let correlation = CorrelationId::from_uuid(RandomIds.next(begin));

    let file = organisation::directory(issuer)?;
    let wanted = Wanted {
        directory: Some(&file),
        policy: Some(&organisation::policy()),
        accept: None,
    };
    service.put_in_force(wanted, correlation).await?;
    everybody_signs_in(&service, correlation).await?;
    let mut shown = None;
    for client in &file.clients {
        let (_, token) = service.register_client(client, correlation).await?;
        if client.name == SHOWN_CLIENT {
            shown = Some(token);
        }
    }
    history::play(&service, &clock, until, progress).await?;
    shown.ok_or(SeedError::NoClient)
}

/// So that it is known who can decide: nobody has the role of an approver before they have signed in.
async fn everybody_signs_in(service: &Service, correlation: CorrelationId) -> Result<(), ServiceError> {
    let loaded = service.snapshots().current();
    for (person, _) in loaded.directory().persons() {
        let caller = people::caller(person, correlation);
        service.record_sign_in(&caller, serde_json::json!({})).await?;
    }
    Ok(())
}
