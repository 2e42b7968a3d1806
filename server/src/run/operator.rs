//! Commands that open the database themselves.

use std::path::Path;
use std::sync::Arc;

use domain::id::CorrelationId;
use service::clock::SystemClock;
use service::ids::RandomIds;
use service::snapshot::Snapshots;
use service::time::Time;
use service::{Service, ServiceError};
use store::Store;

use super::{RunError, bootstrap, make_folder};
use crate::command::{Bootstrap, Clients, Opened, Sessions};
use crate::config;
use crate::database::Database;
use crate::operator::{Report, clients, sessions};

/// `spillway client`.
pub(super) async fn client(asked: &Clients) -> Result<(), RunError> {
    let opened = Operator::open(&asked.opened).await?;
    let mut report = Report::default();
    let done = clients::run(&opened.service, &asked.act, opened.correlation, &mut report).await;
    opened.close(done, &report).await
}

/// `spillway sessions`.
pub(super) async fn session(asked: &Sessions) -> Result<(), RunError> {
    let opened = Operator::open(&asked.opened).await?;
    let mut report = Report::default();
    let done = sessions::run(&opened.service, &asked.act, opened.correlation, &mut report).await;
    opened.close(done, &report).await
}

/// `spillway bootstrap`.
pub(super) async fn bootstrap(asked: &Bootstrap) -> Result<(), RunError> {
    let (policy, directory) = bootstrap::read(asked)?;
    let mut report = Report::default();
    let wanted = crate::operator::bootstrap::PutInForce {
        policy: &policy,
        directory: &directory,
        accept: asked.accept.iter().cloned().collect(),
        revoke_absent: asked.revoke_absent,
    };
    let database = Operator::database(&asked.opened).await?;
    let store = Store::new(database.pool.clone());
    let stands = crate::operator::bootstrap::stands(&store, &wanted, &mut report).await;
    if !matches!(stands, Ok(false)) {
        if !report.lines.is_empty() {
            println!("{}", report.print(asked.opened.json));
        }
        database.close().await?;
        return Ok(stands.map(|_| ())?);
    }
    let opened = Operator::over(database, asked.opened.json).await?;
    let done =
        crate::operator::bootstrap::run(&opened.service, &wanted, opened.correlation, &mut report).await;
    let refused = match &done {
        Err(ServiceError::Invalid(faults)) => Some(bootstrap::refusal(asked, faults)),
        _ => None,
    };
    let closed = opened.close(done, &report).await;
    match refused {
        Some(lines) => Err(RunError::Refused(lines)),
        None => closed,
    }
}

/// Reads the database's clock and the snapshot. Where this machine's clock is wrong by more than 250 ms, nothing can be
/// changed afterwards.
async fn service(database: &Database) -> Result<Service, ServiceError> {
    let store = Store::new(database.pool.clone());
    let time = Time::of_database(Arc::new(SystemClock));
    time.sample_once(&store).await?;
    let snapshots = Snapshots::start(store.clone(), time.clone()).await?;
    Ok(Service::new(store, time, Arc::new(RandomIds), snapshots))
}

/// An open database with the use cases over it.
struct Operator {
    database: Database,
    service: Service,
    correlation: CorrelationId,
    json: bool,
}

impl Operator {
    /// Opens the database that is named, else the private one that `spillway serve` starts below the same folder.
    async fn open(opened: &Opened) -> Result<Self, RunError> {
        Self::over(Self::database(opened).await?, opened.json).await
    }

    async fn database(opened: &Opened) -> Result<Database, RunError> {
        let storage = config::storage(opened.config.as_deref().map(Path::new), opened.data.clone())?;
        let database = match &storage.database_url {
            Some(url) => Database::named(url).await?,
            None => {
                make_folder(&storage.data)?;
                Database::private(&storage.data).await?
            }
        };
        Ok(database.refuse_demo().await?)
    }

    async fn over(database: Database, json: bool) -> Result<Self, RunError> {
        match service(&database).await {
            Ok(service) => Ok(Self {
                correlation: CorrelationId::from_uuid(service.ids().next(service.now())),
                service,
                database,
                json,
            }),
            Err(error) => {
                database.close().await?;
                Err(error.into())
            }
        }
    }

    /// Prints what was done, whatever came of it, and closes the database.
    async fn close(self, done: Result<(), ServiceError>, report: &Report) -> Result<(), RunError> {
        if !report.lines.is_empty() {
            println!("{}", report.print(self.json));
        }
        let closed = self.database.close().await;
        done?;
        Ok(closed?)
    }
}
