//! An organisation in a database, nodes that serve it, and opt-outs out of nothing.

use chrono::{TimeDelta, TimeZone as _, Utc};
use domain::approval::{Exclusions, Plan};
use domain::decision::Decision;
use domain::digest::Digest;
use domain::id::{CorrelationId, OptOutId};
use domain::name::{Capability, RuleId};
use domain::opt_out::{Direction, OptOut, OptOutState, PinnedRule};
use domain::principal::{PrincipalKind, PrincipalRef};
use domain::resource::ResourceRef;
use domain::scope::{Coverage, PrincipalSelector, ResourceSelector, Scope};
use domain::window::{Instant, Window};
use serde_json::value::RawValue;
use service::Service;
use service::caller::{ClientCaller, SentToken};
use service::clock::ManualClock;
use service::decisions::{Answered, Asked, Decider, Stop};
use service::directory::DirectoryFile;
use service::ids::{Ids as _, RandomIds};
use service::snapshot::{Announcements, Snapshots};
use service::time::Time;
use sqlx::PgPool;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use store::Store;
use store::generation::Generation;
use store::opt_outs::Stored;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

const TIERS: &str = include_str!("../../../../server/demo/policy/tiers.toml");
const SCENARIOS: &str = include_str!("../../../../server/demo/policy/scenarios.toml");
const SCHEMA: &str = include_str!("../../../../server/demo/policy/schema.cedarschema");
const ACCESS: &str = include_str!("../../../../server/demo/policy/rules/access.cedar");
const AUTOMATION: &str = include_str!("../../../../server/demo/policy/rules/automation.cedar");
const CLASSIFY: &str = include_str!("../../../../server/demo/policy/rules/classify.cedar");
const DIRECTORY: &str = include_str!("../../../../server/demo/directory.toml");

/// A Tuesday morning, outside of any change freeze.
pub fn morning() -> Instant {
    Utc.with_ymd_and_hms(2026, 11, 24, 10, 0, 0).unwrap()
}

pub fn policy_files() -> BTreeMap<String, String> {
    [
        ("tiers.toml", TIERS),
        ("scenarios.toml", SCENARIOS),
        ("schema.cedarschema", SCHEMA),
        ("rules/access.cedar", ACCESS),
        ("rules/automation.cedar", AUTOMATION),
        ("rules/classify.cedar", CLASSIFY),
    ]
    .into_iter()
    .map(|(path, text)| (path.to_owned(), text.to_owned()))
    .collect()
}

pub fn directory_file() -> DirectoryFile {
    toml::from_str(DIRECTORY).unwrap()
}

/// A database with the demo's policy, directory and one client.
pub struct World {
    pub owner: PgPool,
    pub clock: Arc<ManualClock>,
    pub token: Digest,
    pub options: PgConnectOptions,
    tasks: TaskTracker,
    stop: CancellationToken,
}

/// One node on it.
#[derive(Clone)]
pub struct Node {
    pub service: Service,
    pub decider: Decider,
    pub snapshots: Snapshots,
    token: Digest,
}

impl Drop for World {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}

impl World {
    /// Nothing in it but the schema.
    pub async fn empty(options: PgConnectOptions) -> Self {
        let owner = PgPoolOptions::new()
            .max_connections(3)
            .connect_with(options.clone())
            .await
            .unwrap();
        Self {
            owner,
            clock: Arc::new(ManualClock::at(morning())),
            token: Digest::of(b""),
            options,
            tasks: TaskTracker::new(),
            stop: CancellationToken::new(),
        }
    }

    pub async fn new(options: PgConnectOptions) -> Self {
        let mut world = Self::empty(options).await;
        let first = world.node(Announcements::Ignored).await;
        let file = directory_file();
        first
            .service
            .import_directory(&file, correlation())
            .await
            .unwrap();
        first
            .service
            .publish_policy(&policy_files(), correlation())
            .await
            .unwrap();
        let (_, token) = first
            .service
            .register_client(&file.clients[0], correlation())
            .await
            .unwrap();
        world.token = Digest::of(token.as_bytes());
        world
    }

    /// A node with connections of its own, as the role that serves.
    pub async fn node(&self, announcements: Announcements) -> Node {
        let time = Time::exact(self.clock.clone());
        self.node_by(time, self.options.clone(), announcements).await
    }

    /// The same, going by another clock, or reaching the database in another way.
    pub async fn node_by(&self, time: Time, options: PgConnectOptions, announcements: Announcements) -> Node {
        let serving = options.username("spillway_app");
        let pool = PgPoolOptions::new()
            .max_connections(6)
            .acquire_timeout(std::time::Duration::from_secs(3))
            .connect_with(serving)
            .await
            .unwrap();
        let store = Store::new(pool);
        let snapshots = Snapshots::start(store.clone(), time.clone()).await.unwrap();
        let service = Service::new(store, time, Arc::new(RandomIds), snapshots.clone());
        if announcements == Announcements::Heard {
            self.tasks
                .spawn(snapshots.clone().follow(announcements, self.stop.clone()));
        }
        let (decider, worker) = Decider::start(service.clone());
        self.tasks.spawn(worker.run(self.stop.clone()));
        Node {
            service,
            decider,
            snapshots,
            token: self.token,
        }
    }

    pub async fn count(&self, sql: &'static str) -> i64 {
        sqlx::query_scalar(sql).fetch_one(&self.owner).await.unwrap()
    }
}

impl Node {
    pub fn caller(&self) -> ClientCaller {
        let loaded = self.snapshots.current();
        ClientCaller {
            client: loaded.client(&self.token, self.service.now()).unwrap().clone(),
            token: Some(SentToken {
                sha256: self.token,
                at: self.service.now(),
            }),
            correlation: correlation(),
        }
    }

    /// Decides one question.
    pub async fn decide(&self, asked: &Asked) -> Decision {
        let mut answered = self
            .decider
            .decide(&self.caller(), std::slice::from_ref(asked), Stop::Never)
            .await
            .unwrap();
        match answered.remove(0) {
            Answered::Decided(decided) => decided.decision,
            Answered::OutOfScope(why) => panic!("{why}"),
        }
    }

    /// Puts an opt-out in force as an approved one, with the generation raised as a command does it.
    pub async fn put_in_force(&self, opt_out: OptOut) -> Stored {
        let stored = Stored {
            version: 1,
            plan: Plan { stages: Vec::new() },
            excluded: Exclusions::default(),
            policy_digest: self.snapshots.current().policy().unwrap().digest(),
            longest_secs: opt_out.window.length_secs(),
            uses: 0,
            scheduled: false,
            opt_out,
        };
        let mut tx = self.service.begin().await.unwrap();
        store::opt_outs::insert(&mut tx, &stored).await.unwrap();
        let generation = tx.raise_generation().await.unwrap();
        tx.commit().await.unwrap();
        self.snapshots.reach(generation).await.unwrap();
        stored
    }

    /// Ends one, as a revocation does it; answers the generation. This node does not reload.
    pub async fn revoke(&self, stored: &Stored) -> Generation {
        let mut ended = stored.clone();
        ended.opt_out.state = OptOutState::Revoked;
        let mut tx = self.service.begin().await.unwrap();
        store::opt_outs::update(&mut tx, &ended, false, morning())
            .await
            .unwrap();
        let generation = tx.raise_generation().await.unwrap();
        tx.commit().await.unwrap();
        generation
    }

    /// A bypass of `no-unattended-prod-deploy` for the payments pipeline on production.
    pub fn bypass(&self, max_uses: Option<u32>) -> OptOut {
        let loaded = self.snapshots.current();
        let policy = loaded.policy().unwrap();
        let rule: RuleId = "no-unattended-prod-deploy".parse().unwrap();
        let pinned = PinnedRule {
            id: rule.clone(),
            body_digest: policy.rule(&rule).unwrap().body_digest,
        };
        let critical = policy.strictest();
        OptOut {
            direction: Direction::Bypass,
            scope: Scope {
                principals: Some([PrincipalSelector::Id(pipeline())].into()),
                resources: Some([ResourceSelector::Id(production())].into()),
                capabilities: None,
                rules: [rule].into(),
            },
            coverage: Coverage {
                principals: Some([pipeline()].into()),
                resources: Some([production()].into()),
            },
            tier: critical.name.clone(),
            tier_rank: critical.rank,
            pinned: vec![pinned],
            max_uses,
            ..self.to_manual()
        }
    }

    /// Takes the payments pipeline out of the automation.
    pub fn to_manual(&self) -> OptOut {
        let now = self.service.now();
        let loaded = self.snapshots.current();
        let critical = loaded.policy().unwrap().strictest();
        OptOut {
            id: OptOutId::from_uuid(RandomIds.next(now)),
            revision: 1,
            direction: Direction::ToManual,
            scenario: "test".parse().unwrap(),
            title: "A test".to_owned(),
            reason: "Because this is a test.".to_owned(),
            ticket: None,
            requested_by: "jonas.weber".parse::<domain::name::PersonId>().unwrap().into(),
            break_glass: None,
            details: Default::default(),
            scope: Scope {
                principals: Some([PrincipalSelector::Id(pipeline())].into()),
                resources: None,
                capabilities: None,
                rules: BTreeSet::new(),
            },
            coverage: Coverage {
                principals: Some([pipeline()].into()),
                resources: None,
            },
            tier: critical.name.clone(),
            tier_rank: critical.rank,
            teams: BTreeSet::new(),
            pinned: Vec::new(),
            window: Window::new(now - TimeDelta::hours(1), now + TimeDelta::hours(8)).unwrap(),
            state: OptOutState::Approved,
            max_uses: None,
            requested_at: now,
            lapses_at: now + TimeDelta::hours(1),
            approved_at: Some(now),
            lineage: None,
            causes: Vec::new(),
            need: Default::default(),
            recurrence: None,
            zone: None,
            conditions: Default::default(),
        }
    }
}

pub fn correlation() -> CorrelationId {
    CorrelationId::from_uuid(RandomIds.next(morning()))
}

pub fn pipeline() -> PrincipalRef {
    PrincipalRef::new(PrincipalKind::Workload, "ci/payments").unwrap()
}

pub fn production() -> ResourceRef {
    ResourceRef::new("service", "payments-prod").unwrap()
}

/// The pipeline wants to deploy to this service.
pub fn deploy(service: &str) -> Asked {
    let request = format!(
        r#"{{"subject":{{"type":"workload","id":"ci/payments"}}, "action":{{"name":"deploy"}},"resource":{{"type":"service","id":"{service}"}}}}"#
    );
    Asked {
        principal: pipeline(),
        resource: ResourceRef::new("service", service).unwrap(),
        capability: Capability::new("deploy").unwrap(),
        context: BTreeMap::new(),
        properties: BTreeMap::new(),
        approval: None,
        request: RawValue::from_string(request).unwrap(),
    }
}
