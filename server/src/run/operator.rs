//! The use cases for a command that opens the database by itself.

use std::sync::Arc;

use domain::id::CorrelationId;
use service::Service;
use service::clock::SystemClock;
use service::ids::RandomIds;
use service::snapshot::Snapshots;
use service::time::Time;
use store::Store;

use super::RunError;
use crate::database::Database;

/// Reads the database's clock and the snapshot. Errors where this machine's clock is wrong by more than 250 ms once
/// something is to be changed.
pub(super) async fn service(database: &Database) -> Result<Service, RunError> {
    let store = Store::new(database.pool.clone());
    let time = Time::of_database(Arc::new(SystemClock));
    time.sample_once(&store).await?;
    let snapshots = Snapshots::start(store.clone(), time.clone()).await?;
    Ok(Service::new(store, time, Arc::new(RandomIds), snapshots))
}

/// The correlation of all that one run of a command does.
pub(super) fn correlation(service: &Service) -> CorrelationId {
    CorrelationId::from_uuid(service.ids().next(service.now()))
}
