//! One of everything, and every use case by name: what the tables are made of.

mod clients;
mod command;
mod reads;
mod unattended;
mod unrecorded;
mod writes;

pub use clients::COMMANDS as OF_CLIENTS;
pub use command::Command;
pub use reads::COMMANDS as READS;
pub use unattended::COMMANDS as UNATTENDED;
pub use unrecorded::{COMMANDS as UNRECORDED, TABLES as UNRECORDED_TABLES};
pub use writes::COMMANDS as WRITES;

use crate::delegations::lending;
use crate::world::asking::{ask, submission};
use crate::world::breaking::{emergency, responder};
use crate::world::incidents::tool;
use crate::world::people::{administrator, approver};
use crate::world::signalling::{monitor, signal};
use crate::world::{World, bypass, to_manual};
use domain::approval::Verdict;
use domain::id::{
    AccessRequestId, BulkActId, DecisionId, DelegationId, DeliveryId, EndpointId, EventId, GrantId, NoticeId,
    OptOutId, PostReviewId,
};
use domain::notice::EndpointKind;
use domain::opt_out::SuspensionCause;
use domain::signal::Risk;
use serde_json::json;
use service::break_glass::EmergencyInput;
use service::bulk::BulkItem;
use service::caller::ClientCaller;
use service::decisions::{Answered, Decided, Stop};
use service::signals::Received;
use sqlx::{AssertSqlSafe, Executor as _};

/// A reason, wherever one is asked for.
const NO: &str = "Not like this";

/// Alice asked for all of it: for herself on the ledger, and as an opt-out for Hanna.
pub struct Scene {
    pub denial: DecisionId,
    pub request: AccessRequestId,
    pub grant: GrantId,
    pub pending: OptOutId,
    pub bypass: OptOutId,
    pub to_manual: OptOutId,
    /// A rule that it names is taken to have changed, and back.
    pub suspended: OptOutId,
    /// What Jonas was refused, on another team's service.
    pub refused: DecisionId,
    /// Jonas broke the glass on payments, which is nobody's of the table but an approver elsewhere's.
    pub review: PostReviewId,
    /// A monitoring tool signalled about Hanna.
    pub signal: OptOutId,
    pub event: EventId,
    pub endpoint: EndpointId,
    off: EndpointId,
    pub dead: DeliveryId,
    /// Noor lent her votes to Mara, neither of whom is in the table.
    pub delegation: DelegationId,
    /// Ravi rejected another of Alice's.
    pub act: BulkActId,
    /// Alice was told of something.
    pub notice: NoticeId,
    /// The gateway was refused a deployment, and has not filed a request about it.
    pub decided: Decided,
    pub monitor: ClientCaller,
    pub incident_tool: ClientCaller,
    /// A client that is one no more.
    pub revoked: ClientCaller,
}

impl Scene {
    pub async fn set(world: &World) -> Self {
        let on_replica = ask(
            &world.decider,
            &world.gateway,
            "alice.meyer",
            "read",
            "database ledger-db-replica",
            json!({}),
        );
        let (granted, _) = world.files(submission(&on_replica.await)).await.unwrap();
        world.approves("ravi.patel", granted.id).await.unwrap();
        let denial = world.asks("alice.meyer", "read", "database ledger-db").await;
        let (request, _) = world.files(submission(&denial)).await.unwrap();
        let for_hanna = bypass("hanna.lindt", "read-needs-ticket", "database ledger-db");
        let pending = world.opts_out("alice.meyer", &for_hanna).await.unwrap();
        let standing = world.opts_out("alice.meyer", &for_hanna).await.unwrap();
        let strict = world
            .opts_out("alice.meyer", &to_manual("hanna.lindt"))
            .await
            .unwrap();
        let off = world.endpoint(EndpointKind::Teams, "").await;
        let petra = administrator("petra.lindqvist");
        world.service.disable_endpoint(&petra, off).await.unwrap();
        let endpoint = world.endpoint(EndpointKind::Webhook, "").await;
        let fallen = world.opts_out("alice.meyer", &for_hanna).await.unwrap();
        let rejected = world.opts_out("alice.meyer", &for_hanna).await.unwrap();
        let ravi = approver("ravi.patel");
        let rejected = [BulkItem::OptOut(rejected.id)];
        let act = world
            .service
            .decide_at_once(&ravi, Verdict::Deny, NO, &rejected)
            .await
            .unwrap();
        for id in [standing.id, strict.id, fallen.id] {
            world.agrees("noor.aziz", id).await.unwrap();
            world.agrees("omar.haddad", id).await.unwrap();
        }
        let broken = world
            .breaks_glass("jonas.weber", &emergency("jonas.weber"))
            .await
            .unwrap();
        world
            .service
            .revoke_opt_out(&responder("jonas.weber"), broken.id, "It is over.")
            .await
            .unwrap();
        let refused = world.asks("jonas.weber", "admin", "service search-prod").await;
        asked_whether_needed(world, standing.id).await;
        let lent = world
            .service
            .make_delegation(&approver("noor.aziz"), &lending(world, "mara.silva"))
            .await
            .unwrap();
        is_suspended(world, fallen.id).await;
        let dead = world.everything_is_refused().await[0];
        let edr = monitor(world, "edr").await;
        let said = signal(world, Risk::High, "hanna.lindt", "case-1");
        let Received::Opened(signalled) = world.service.signal(&edr, &said).await.unwrap() else {
            panic!("HIGH opens");
        };
        let signal = signalled.id;
        let event = store::events::about(&world.app, &request.id.to_string())
            .await
            .unwrap()[0]
            .id;
        // The to_manual applies to it.
        world.asks("hanna.lindt", "read", "database ledger-db").await;
        let incident_tool = tool(world, "pager").await;
        let revoked = monitor(world, "retired").await;
        world
            .service
            .revoke_client(&petra, revoked.client.id)
            .await
            .unwrap();
        let alice = "alice.meyer".parse().unwrap();
        let notice = store::notices::list(&world.app, &alice, None, 1).await.unwrap()[0].id;
        Self {
            act,
            notice,
            decided: decided(world).await,
            monitor: edr,
            incident_tool,
            revoked,
            denial: denial.id,
            refused: refused.id,
            request: request.id,
            grant: world.grant(granted.id).await.unwrap().id,
            pending: pending.id,
            bypass: standing.id,
            to_manual: strict.id,
            suspended: fallen.id,
            signal,
            review: world.review_of(broken.id).await.unwrap().id,
            event,
            endpoint,
            off,
            dead,
            delegation: lent.id,
        }
    }

    /// For what Jonas was refused.
    pub fn emergency_access(&self) -> EmergencyInput {
        EmergencyInput {
            decision: self.refused,
            confirmation: "search-prod".to_owned(),
            reason: "Search is down.".to_owned(),
            incident: "INC-4472".to_owned(),
            length_secs: None,
        }
    }
}

async fn decided(world: &World) -> Decided {
    let mut answers = world
        .decider
        .decide(&world.gateway, &[clients::deployment()], Stop::Never)
        .await
        .unwrap();
    match answers.pop() {
        Some(Answered::Decided(decided)) => *decided,
        other => panic!("{other:?}"),
    }
}

/// As the worker asks, without the fifty decisions that it takes.
async fn asked_whether_needed(world: &World, id: OptOutId) {
    let mut tx = world.service.begin().await.unwrap();
    let mut stored = store::opt_outs::for_update(&mut tx, id).await.unwrap().unwrap();
    let asked = stored.opt_out.clone().ask_whether_needed(world.now(), 0);
    stored.opt_out = asked.unwrap();
    store::opt_outs::update(&mut tx, &stored, true, world.now())
        .await
        .unwrap();
    tx.commit().await.unwrap();
}

/// As the worker suspends it.
async fn is_suspended(world: &World, id: OptOutId) {
    let mut tx = world.service.begin().await.unwrap();
    let mut stored = store::opt_outs::for_update(&mut tx, id).await.unwrap().unwrap();
    let cause = SuspensionCause::RuleChanged {
        rules: Default::default(),
    };
    stored.opt_out = stored.opt_out.suspend(cause, world.now(), 0).unwrap();
    store::opt_outs::update(&mut tx, &stored, true, world.now())
        .await
        .unwrap();
    tx.commit().await.unwrap();
}

/// Nothing can be recorded in this table from now on.
pub async fn breaks(world: &World, table: &str) {
    let sql = format!("ALTER TABLE {table} ADD CONSTRAINT nothing_is_recorded CHECK (false) NOT VALID");
    world.owner.execute(AssertSqlSafe(sql)).await.unwrap();
}

pub async fn mends(world: &World, table: &str) {
    let sql = format!("ALTER TABLE {table} DROP CONSTRAINT nothing_is_recorded");
    world.owner.execute(AssertSqlSafe(sql)).await.unwrap();
}

/// What is told where all went well up to the record.
pub const BROKEN: &str = "internal constraint nothing_is_recorded refused";
