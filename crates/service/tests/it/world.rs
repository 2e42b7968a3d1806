//! The demo's organisation on an empty database, with everything that a story needs.

pub mod asking;
pub mod breaking;
pub mod incidents;
mod opting_out;
pub mod people;
mod records;
pub mod signalling;
pub mod telling;
pub mod voting;

pub use opting_out::{bypass, deployment_bypass, to_manual};
pub use people::outcome;

use chrono::{DateTime, TimeDelta, Utc};
use domain::id::CorrelationId;
use service::Service;
use service::caller::ClientCaller;
use service::clock::{Clock, ManualClock};
use service::decisions::Decider;
use service::directory::DirectoryFile;
use service::ids::{CountingIds, Ids, RandomIds};
use service::notices::{Reach, Seal};
use service::snapshot::Snapshots;
use service::time::Time;
use sqlx::PgPool;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use std::collections::BTreeMap;
use std::sync::Arc;
use store::Store;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

/// A Wednesday morning: the change freeze is far.
pub const START: &str = "2026-03-04T10:00:00Z";

/// How many connections a node has. Fewer than callers in the tests of concurrency, as in production.
const CONNECTIONS: u32 = 6;

pub struct World {
    pub service: Service,
    pub decider: Decider,
    pub clock: Arc<ManualClock>,
    /// The serving role, past the use cases: what the database itself refuses.
    pub app: PgPool,
    /// The owner, who can tamper.
    pub owner: PgPool,
    /// The client that may ask about everything and is trusted with `initiator` and `commit`.
    pub gateway: ClientCaller,
    /// A client that may ask about databases alone.
    pub psql: ClientCaller,
    pub directory: DirectoryFile,
    pub policy: BTreeMap<String, String>,
    ids: Arc<dyn Ids>,
    workers: JoinSet<()>,
}

pub fn correlation() -> CorrelationId {
    CorrelationId::from_uuid(sqlx::types::Uuid::from_u128(7))
}

impl World {
    /// The demo's organisation and policy in force, two clients registered.
    pub async fn start(pool: PgPoolOptions, options: PgConnectOptions) -> Self {
        Self::start_with(pool, options, |_| {}).await
    }

    /// The same with ids as random as in production.
    pub async fn start_random(pool: PgPoolOptions, options: PgConnectOptions) -> Self {
        Self::start_as(pool, options, Arc::new(RandomIds), |_| {}).await
    }

    /// The same with a directory that differs.
    pub async fn start_with(
        pool: PgPoolOptions,
        options: PgConnectOptions,
        change: impl FnOnce(&mut DirectoryFile),
    ) -> Self {
        Self::start_as(pool, options, Arc::new(CountingIds::default()), change).await
    }

    async fn start_as(
        pool: PgPoolOptions,
        options: PgConnectOptions,
        ids: Arc<dyn Ids>,
        change: impl FnOnce(&mut DirectoryFile),
    ) -> Self {
        let owner = PgPoolOptions::new()
            .max_connections(2)
            .connect_with(options.clone())
            .await
            .unwrap();
        // The role of the serving processes, whoever opens the connection.
        let serving = options.options([("role", "spillway_app")]);
        let app = pool
            .max_connections(CONNECTIONS)
            .connect_with(serving)
            .await
            .unwrap();
        let clock = Arc::new(ManualClock::at(START.parse::<DateTime<Utc>>().unwrap()));
        let service = node(&app, &clock, &ids).await;

        let mut directory: DirectoryFile =
            toml::from_str(include_str!("../../../../server/demo/directory.toml")).unwrap();
        change(&mut directory);
        service.import_directory(&directory, correlation()).await.unwrap();
        let policy = policy();
        service.publish_policy(&policy, correlation()).await.unwrap();
        let mut clients = Vec::new();
        for name in ["ci-gateway", "psql-gateway"] {
            let file = directory
                .clients
                .iter()
                .find(|client| client.name == name)
                .unwrap();
            let (id, _) = service.register_client(file, correlation()).await.unwrap();
            let client = Arc::clone(service.snapshots().current().client_by_id(id).unwrap());
            clients.push(ClientCaller {
                client,
                token: None,
                correlation: correlation(),
            });
        }
        let mut workers = JoinSet::new();
        let decider = deciding(&service, &mut workers).await;
        let (psql, gateway) = (clients.pop().unwrap(), clients.pop().unwrap());
        Self {
            service,
            decider,
            clock,
            app,
            owner,
            gateway,
            psql,
            directory,
            policy,
            ids,
            workers,
        }
    }

    /// Another node on the same database: its own snapshot, its own writer.
    pub async fn another_node(&mut self) -> (Service, Decider) {
        let service = node(&self.app, &self.clock, &self.ids).await;
        let decider = deciding(&service, &mut self.workers).await;
        (service, decider)
    }

    /// A node that reaches people in another way.
    pub async fn node_reaching(&self, reach: Reach) -> Service {
        node_reaching(&self.app, &self.clock, &self.ids, reach).await
    }

    pub fn now(&self) -> DateTime<Utc> {
        self.clock.now()
    }

    pub fn minutes_pass(&self, minutes: i64) {
        self.clock.advance(TimeDelta::minutes(minutes));
    }

    pub fn hours_pass(&self, hours: i64) {
        self.clock.advance(TimeDelta::hours(hours));
    }

    /// Publishes the policy with one text replaced in one file.
    pub async fn policy_changes(&mut self, file: &str, from: &str, to: &str) {
        let text = self.policy.get_mut(file).unwrap();
        assert!(text.contains(from), "{file} does not say {from}");
        *text = text.replace(from, to);
        self.service
            .publish_policy(&self.policy, correlation())
            .await
            .unwrap();
    }

    /// Imports the directory, changed.
    pub async fn directory_changes(&mut self, change: impl FnOnce(&mut DirectoryFile)) {
        change(&mut self.directory);
        self.service
            .import_directory(&self.directory, correlation())
            .await
            .unwrap();
    }
}

/// Puts somebody into a group of a directory.
pub fn joins(directory: &mut DirectoryFile, group: &str, person: &str) {
    let group = directory.groups.get_mut(&group.parse().unwrap()).unwrap();
    group.members.push(person.to_owned());
}

/// Takes somebody out of a group of a directory.
pub fn leaves(directory: &mut DirectoryFile, group: &str, person: &str) {
    let group = directory.groups.get_mut(&group.parse().unwrap()).unwrap();
    group.members.retain(|member| member != person);
}

async fn node(app: &PgPool, clock: &Arc<ManualClock>, ids: &Arc<dyn Ids>) -> Service {
    let reach = Reach {
        mail: true,
        seal: Some(Seal::new(&[7; 32]).unwrap()),
        tickets: true,
    };
    node_reaching(app, clock, ids, reach).await
}

async fn node_reaching(app: &PgPool, clock: &Arc<ManualClock>, ids: &Arc<dyn Ids>, reach: Reach) -> Service {
    let store = Store::new(app.clone());
    let time = Time::exact(Arc::clone(clock) as Arc<dyn Clock>);
    let snapshots = Snapshots::start(store.clone(), time.clone()).await.unwrap();
    Service::reaching(store, time, Arc::clone(ids), snapshots, reach)
}

async fn deciding(service: &Service, workers: &mut JoinSet<()>) -> Decider {
    let (decider, worker) = Decider::start(service.clone());
    workers.spawn(worker.run(CancellationToken::new()));
    decider
}

fn policy() -> BTreeMap<String, String> {
    [
        (
            "tiers.toml",
            include_str!("../../../../server/demo/policy/tiers.toml"),
        ),
        (
            "scenarios.toml",
            include_str!("../../../../server/demo/policy/scenarios.toml"),
        ),
        (
            "schema.cedarschema",
            include_str!("../../../../server/demo/policy/schema.cedarschema"),
        ),
        (
            "rules/access.cedar",
            include_str!("../../../../server/demo/policy/rules/access.cedar"),
        ),
        (
            "rules/automation.cedar",
            include_str!("../../../../server/demo/policy/rules/automation.cedar"),
        ),
        (
            "rules/classify.cedar",
            include_str!("../../../../server/demo/policy/rules/classify.cedar"),
        ),
    ]
    .map(|(path, text)| (path.to_owned(), text.to_owned()))
    .into()
}
